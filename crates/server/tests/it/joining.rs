//! A business joins a running endpoint, with a code that the network's operator gave out.
use axum::http::Method;
use serde_json::{Value, json};
use suki_testkit::{Answer, Browser, World};

async fn code(world: &World) -> String {
    let network = world.network();
    world.inside(async move { network.create_enrolment().await.expect("an enrolment") }).await
}

fn joining(world: &World, enrolment: &str) -> Value {
    json!({
        "enrolment": enrolment, "consent": world.endpoint().vault().consent(enrolment), "name": "Kape ni Cora", "about": "Coffee", "slug": "kape-ni-cora", "phone": "+63 917 123 4567",
        "owner": {"name": "Cora Cruz", "email": "Cora@kape.example"}, "terms_version": 1,
    })
}

async fn join(world: &World, body: &Value) -> Answer {
    world.call(Method::POST, "/inbox/api/businesses").json(body).send().await
}

#[tokio::test]
async fn a_business_joins_and_its_owner_signs_in() {
    let world = World::new(2_101).await;
    let made = join(&world, &joining(&world, &code(&world).await)).await.expect(201);
    let (page, token) = made["sign_in_link"].as_str().and_then(|link| link.split_once("#sign-in=")).expect("a link");
    assert!(page.ends_with("/inbox/"), "{page}");
    let owner = Browser::sign_in(&world, &json!({ "token": token })).await;
    let (operator, business) = (&owner.me["operator"], &owner.me["business"]);
    assert_eq!((&operator["name"], &operator["email"], &operator["role"]), (&json!("Cora Cruz"), &json!("cora@kape.example"), &json!("owner")));
    assert_eq!((&business["id"], &business["slug"], &business["customer_link"]), (&made["id"], &json!("kape-ni-cora"), &made["customer_link"]));
    // It is the network's, and its link leads to it.
    let card = world.call(Method::GET, "/v1/links/kape-ni-cora").send().await.expect(200);
    assert_eq!((&card["name"], &card["business"]), (&json!("Kape ni Cora"), &made["id"]));
    assert!(owner.get(&world, "/operators").await.expect(200)["data"].as_array().is_some_and(|all| all.len() == 1));
}

#[tokio::test]
async fn who_is_not_let_in_is_told_why_and_may_try_again() {
    let world = World::new(2_102).await;
    let good = code(&world).await;
    let with = |name: &str, value: Value| {
        let mut body = joining(&world, &good);
        body[name] = value;
        body
    };
    for (body, status, says) in [
        (joining(&world, "NOBODYKNOWSTHISCODEATALL"), 403, "wrong or has expired"),
        (with("consent", json!("00")), 403, "suki business create"),
        (with("consent", joining(&world, "ANOTHERCODE")["consent"].clone()), 403, "consent is not"),
        (with("terms_version", json!(7)), 422, "accept version 1"),
        (with("slug", json!("A")), 422, "slug has 3 to 40"),
        (with("name", json!("")), 422, "This name cannot be used"),
        (with("name", json!("K".repeat(300))), 422, "name has 300 characters"),
        (with("owner", json!({"name": "Cora", "email": "nowhere"})), 422, "name@example.com"),
        (with("owner", json!({"name": " ", "email": "cora@kape.example"})), 422, "a name has 1 to"),
        (with("phone", json!("12")), 400, "phone"),
        (with("role", json!("admin")), 400, "role"),
    ] {
        let answer = join(&world, &body).await;
        let problem = answer.problem();
        assert_eq!(problem.0, status, "{body}: {problem:?}");
        let words = format!("{} {}", answer.json()["title"], answer.json()["detail"]);
        assert!(words.contains(says), "{words}");
    }
    // None of these has used the code up.
    let made = join(&world, &with("slug", json!("kape"))).await.expect(201);
    let again = join(&world, &with("slug", json!("kape"))).await.expect(201);
    assert_eq!(made["id"], again["id"], "who asks again gets the same");
    assert_eq!(world.count("SELECT count(*) FROM business").await, 1);
    let mut taken = joining(&world, &code(&world).await);
    taken["slug"] = json!("kape");
    assert_eq!(join(&world, &taken).await.problem().0, 409);
}

/// What was registered at the network and not stored here is gone on with by the same code.
#[tokio::test]
async fn a_business_that_could_not_be_stored_joins_with_the_same_code() {
    let world = World::shared(2_103).await;
    let body = joining(&world, &code(&world).await);
    let db = world.endpoint().db().clone();
    db.fail_writes_by(Some(b"cora@kape.example"));
    assert_eq!(join(&world, &body).await.problem().0, 503);
    assert_eq!(world.count("SELECT count(*) FROM business").await, 0);
    db.fail_writes_by(None);
    let made = join(&world, &body).await.expect(201);
    let card = world.call(Method::GET, "/v1/links/kape-ni-cora").send().await.expect(200);
    assert_eq!(card["business"], made["id"]);
}
