//! The inbox API, as the business app uses it.
use serde_json::{Value, json};
use suki_endpoint::operators::Role;
use suki_testkit::{Browser, Customer, Pace, Shop, World, shop::message_id, wait};

const DAY: i64 = 24 * 3_600_000;

async fn in_conversation(seed: u64) -> (World, Shop, Customer) {
    let (world, shop) = World::with_shop(seed).await;
    let ana = Customer::named(&world, &shop, "Ana Reyes").await;
    ana.says("May kape pa ba?").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    (world, shop, ana)
}

/// The chat as a list shows it.
async fn chat(world: &World, browser: &Browser) -> Value {
    browser.get(world, "/chats").await.expect(200)["data"][0].clone()
}

#[tokio::test]
async fn a_sign_in_link_works_once_and_for_a_day() {
    let (world, shop) = World::with_shop(501).await;
    let secret = shop.sign_in_secret(&world, &shop.owner).await;
    let browser = Browser::sign_in(&world, &json!({"token": secret})).await;
    assert_eq!((&browser.me["operator"]["name"], &browser.me["operator"]["role"]), (&json!("Olga Owner"), &json!("owner")));
    assert_eq!(browser.me["business"]["customer_link"], "http://suki.test/c/kape");
    assert_eq!(browser.get(&world, "/me").await.expect(200), browser.me);
    for token in [secret.as_str(), "", "nonsense"] {
        assert_eq!(Browser::try_sign_in(&world, &json!({"token": token})).await.problem(), (401, "unauthorized".into()));
    }
    let late = shop.sign_in_secret(&world, &shop.owner).await;
    world.advance(DAY);
    assert_eq!(Browser::try_sign_in(&world, &json!({"token": late})).await.problem(), (401, "unauthorized".into()));
    // The session goes on, is kept alive by use, ends when it is not used, and when the operator says so.
    for _ in 0..3 {
        world.advance(12 * DAY);
        browser.get(&world, "/me").await.expect(200);
    }
    let other = shop.owner(&world).await;
    assert_eq!(other.post(&world, "/sign-out", &json!({})).await.status, 204);
    assert_eq!(other.get(&world, "/me").await.problem(), (401, "unauthorized".into()));
    world.advance(14 * DAY);
    assert_eq!(browser.get(&world, "/me").await.problem(), (401, "unauthorized".into()));
    let nobody = Browser { cookie: String::new(), me: Value::Null };
    for path in ["/me", "/operators", "/chats", "/chats/x", "/live"] {
        assert_eq!(nobody.get(&world, path).await.problem().0, 401, "{path}");
    }
}

#[tokio::test]
async fn a_password_has_rules_and_lets_in() {
    let (world, shop) = World::with_shop(502).await;
    let browser = shop.owner(&world).await;
    let with = |password: &str| json!({"email": "owner@kape.example", "password": password});
    assert_eq!(Browser::try_sign_in(&world, &with("")).await.problem().0, 401);
    for wrong in ["too short".to_owned(), "x".repeat(257)] {
        assert_eq!(browser.post(&world, "/password", &json!({"password": wrong})).await.problem(), (422, "invalid".into()));
    }
    assert_eq!(browser.post(&world, "/password", &json!({"password": "barako at tsokolate"})).await.status, 204);
    let signed = Browser::sign_in(&world, &json!({"email": " Owner@Kape.example ", "password": "barako at tsokolate"})).await;
    assert_eq!(signed.me["operator"]["has_password"], true);
    for (body, status) in [
        (json!({"password": "another long one"}), 403),
        (json!({"password": "another long one", "current": "wrong"}), 403),
        (json!({"password": "another long one", "current": "barako at tsokolate"}), 204),
    ] {
        assert_eq!(browser.post(&world, "/password", &body).await.status.as_u16(), status);
    }
    for wrong in [with("barako at tsokolate"), json!({"email": "nobody@kape.example", "password": "another long one"})] {
        assert_eq!(Browser::try_sign_in(&world, &wrong).await.problem(), (401, "unauthorized".into()));
    }
    // After ten tries in a quarter of an hour even the right one has to wait.
    let mut tries = 0;
    while Browser::try_sign_in(&world, &with("guess guess guess")).await.problem().0 == 401 {
        tries += 1;
        assert!(tries <= 10);
    }
    assert_eq!(Browser::try_sign_in(&world, &with("another long one")).await.problem(), (429, "rate_limited".into()));
    world.advance(15 * 60_000);
    Browser::sign_in(&world, &with("another long one")).await;
}

#[tokio::test]
async fn r113_each_role_may_what_it_may() {
    let (world, shop) = World::with_shop(503).await;
    let owner = shop.owner(&world).await;
    let (adam, otto) = (shop.hire(&world, "Adam", Role::Admin).await, shop.hire(&world, "Otto", Role::Operator).await);
    let (admin, operator) = (shop.browser(&world, &adam).await, shop.browser(&world, &otto).await);
    let new = |name: &str, role: &str| json!({"name": name, "email": format!("{name}@kape.example"), "role": role});
    assert_eq!(operator.post(&world, "/operators", &new("x", "operator")).await.problem(), (403, "forbidden".into()));
    assert_eq!(operator.delete(&world, &format!("/operators/{}", adam.id)).await.problem().0, 403);
    assert_eq!(operator.post(&world, &format!("/operators/{}/sign-in-link", adam.id), &json!({})).await.problem().0, 403);
    assert_eq!(admin.post(&world, "/operators", &new("x", "owner")).await.problem().0, 403);
    assert_eq!(admin.delete(&world, &format!("/operators/{}", shop.owner.id)).await.problem().0, 403);
    assert_eq!(admin.post(&world, &format!("/operators/{}/sign-in-link", shop.owner.id), &json!({})).await.problem().0, 403);
    let added = admin.post(&world, "/operators", &new("Nina", "operator")).await.expect(201);
    assert_eq!(admin.post(&world, "/operators", &new("NINA", "operator")).await.problem(), (409, "conflict".into()));
    let link = added["sign_in_link"].as_str().expect("a link");
    let secret = link.strip_prefix("http://suki.test/inbox/#sign-in=").expect("the inbox's address");
    let nina = Browser::sign_in(&world, &json!({"token": secret})).await;
    assert_eq!(nina.me["operator"], added["operator"]);
    assert_eq!(owner.delete(&world, &format!("/operators/{}", shop.owner.id)).await.problem(), (409, "conflict".into()));
    let listed = owner.get(&world, "/operators").await.expect(200);
    let mut roles: Vec<&str> = listed["data"].as_array().expect("a list").iter().map(|one| one["role"].as_str().expect("a role")).collect();
    // Who came in the same millisecond stands in the order of the ids.
    roles.sort_unstable();
    assert_eq!(roles, ["admin", "operator", "operator", "owner"]);
}

#[tokio::test]
async fn who_is_removed_is_out_at_once_and_his_messages_keep_his_name() {
    let (world, shop, ana) = in_conversation(504).await;
    let owner = shop.owner(&world).await;
    let otto = shop.hire(&world, "Otto", Role::Operator).await;
    let browser = shop.browser(&world, &otto).await;
    let unused = shop.sign_in_secret(&world, &otto).await;
    let path = format!("/chats/{}/messages", ana.chat);
    browser.post(&world, &path, &json!({"id": message_id(&world), "text": "from Otto"})).await.expect(201);
    assert_eq!(owner.delete(&world, &format!("/operators/{}", otto.id)).await.status, 204);
    assert_eq!(browser.get(&world, "/me").await.problem().0, 401);
    assert_eq!(Browser::try_sign_in(&world, &json!({"token": unused})).await.problem().0, 401);
    assert_eq!(owner.delete(&world, &format!("/operators/{}", otto.id)).await.problem().0, 404);
    let message = shop.sees(&world, &owner, &ana.chat.to_string(), "from Otto").await;
    assert_eq!((&message["operator"]["name"], &message["via"]), (&json!("Otto"), &json!("inbox")));
    // His address is free again.
    let again = json!({"name": "Otto II", "email": "otto@kape.example", "role": "operator"});
    owner.post(&world, "/operators", &again).await.expect(201);
}

#[tokio::test]
async fn chats_are_listed_searched_and_paged() {
    let (world, shop) = World::with_shop(505).await;
    let browser = shop.owner(&world).await;
    let mut phones = Vec::new();
    for (count, name) in ["Ana Reyes", "ÉMILE 100%", "Ben_Cruz"].into_iter().enumerate() {
        let customer = Customer::named(&world, &shop, name).await;
        customer.says(&format!("hello from {name}")).await;
        world.receiver.wait(Pace::Slow, &shop.callback, count + 1).await;
        world.advance(1_000);
        phones.push(customer.phone.clone());
    }
    let names = |page: &Value| {
        page["data"].as_array().expect("a list").iter().map(|one| one["contact"]["name"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    let all = browser.get(&world, "/chats").await.expect(200);
    assert_eq!(names(&all), ["Ben_Cruz", "ÉMILE 100%", "Ana Reyes"]);
    assert_eq!(all["next"], Value::Null);
    assert_eq!(all["data"][0]["last"]["text"], "hello from Ben_Cruz");
    for (query, found) in
        [("reyes", "Ana Reyes"), ("%C3%A9mile", "ÉMILE 100%"), ("100%25", "ÉMILE 100%"), ("n_c", "Ben_Cruz"), (&phones[2][..], "Ben_Cruz")]
    {
        assert_eq!(names(&browser.get(&world, &format!("/chats?q={query}")).await.expect(200)), [found], "{query}");
    }
    assert_eq!(names(&browser.get(&world, "/chats?q=zzz").await.expect(200)), [""; 0]);
    let (mut paged, mut next) = (Vec::new(), String::new());
    loop {
        let page = browser.get(&world, &format!("/chats?limit=1{next}")).await.expect(200);
        paged.extend(names(&page));
        let Some(cursor) = page["next"].as_str() else { break };
        next = format!("&before={cursor}");
    }
    assert_eq!(paged, names(&all));
}

#[tokio::test]
async fn messages_are_paged_oldest_first() {
    let (world, shop, ana) = in_conversation(506).await;
    let browser = shop.owner(&world).await;
    let path = format!("/chats/{}/messages", ana.chat);
    for number in 1..=5 {
        browser.post(&world, &path, &json!({"id": message_id(&world), "text": format!("text {number}")})).await.expect(201);
    }
    let texts = |page: &Value| {
        page["data"].as_array().expect("a list").iter().map(|one| one["text"].as_str().expect("a text").to_owned()).collect::<Vec<_>>()
    };
    let newest = browser.get(&world, &format!("{path}?limit=4")).await.expect(200);
    assert_eq!((texts(&newest), &newest["more"]), ((2..=5).map(|number| format!("text {number}")).collect(), &json!(true)));
    let before = newest["data"][0]["id"].as_str().expect("an id");
    let older = browser.get(&world, &format!("{path}?limit=4&before={before}")).await.expect(200);
    assert_eq!((texts(&older), &older["more"]), (vec!["May kape pa ba?".to_owned(), "text 1".to_owned()], &json!(false)));
}

#[tokio::test]
async fn r94_the_same_id_sends_once_and_a_closed_window_is_told_before() {
    let (world, shop, mut ana) = in_conversation(507).await;
    let browser = shop.owner(&world).await;
    let path = format!("/chats/{}/messages", ana.chat);
    let first = browser.get(&world, &path).await.expect(200)["data"][0].clone();
    let text = json!({"id": message_id(&world), "text": "Oo, meron pa.", "reply_to": first["id"]});
    let sent = browser.post(&world, &path, &text).await.expect(201);
    assert_eq!((&sent["reply_to"]["text"], &sent["from"], &sent["status"]), (&json!("May kape pa ba?"), &json!("business"), &json!("pending")));
    assert_eq!(browser.post(&world, &path, &text).await.expect(201)["id"], sent["id"]);
    let other = json!({"id": text["id"], "text": "something else"});
    assert_eq!(browser.post(&world, &path, &other).await.problem(), (409, "conflict".into()));
    let elsewhere = json!({"id": message_id(&world), "text": "hi", "reply_to": message_id(&world)});
    assert_eq!(browser.post(&world, &path, &elsewhere).await.problem(), (422, "invalid".into()));
    assert_eq!(ana.hears().await.text, "Oo, meron pa.");
    world.advance(DAY + 1_000);
    let late = json!({"id": message_id(&world), "text": "too late"});
    assert_eq!(browser.post(&world, &path, &late).await.problem(), (409, "window_closed".into()));
    // The app that had no answer asks again after the window has closed: its message was taken, and that is what it is told.
    let again = browser.post(&world, &path, &text).await.expect(201);
    assert_eq!((&again["id"], &again["order"], &again["text"]), (&sent["id"], &sent["order"], &sent["text"]));
    assert_eq!(browser.post(&world, &path, &other).await.problem(), (409, "conflict".into()));
    assert_eq!(world.count("SELECT count(*) FROM message WHERE from_business = 1").await, 1);
    assert_eq!(ana.texts().await, ["May kape pa ba?", "Oo, meron pa."]);
}

#[tokio::test]
async fn each_operator_counts_what_he_has_not_seen() {
    let (world, shop, ana) = in_conversation(508).await;
    let owner = shop.owner(&world).await;
    let otto = shop.hire(&world, "Otto", Role::Operator).await;
    let other = shop.browser(&world, &otto).await;
    ana.says("two").await;
    ana.says("three").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 3).await;
    assert_eq!((&chat(&world, &owner).await["unread"], &chat(&world, &other).await["unread"]), (&json!(3), &json!(3)));
    let page = owner.get(&world, &format!("/chats/{}/messages", ana.chat)).await.expect(200);
    let path = format!("/chats/{}/read", ana.chat);
    let up_to = |place: usize| json!({"up_to": page["data"][place]["id"]});
    assert_eq!(owner.post(&world, &path, &up_to(1)).await.status, 204);
    assert_eq!((&chat(&world, &owner).await["unread"], &chat(&world, &other).await["unread"]), (&json!(1), &json!(3)));
    // Never back.
    assert_eq!(owner.post(&world, &path, &up_to(0)).await.status, 204);
    assert_eq!(chat(&world, &owner).await["unread"], 1);
    assert_eq!(other.post(&world, &path, &up_to(2)).await.status, 204);
    wait::until(&world.env, "nothing unread", || async { (chat(&world, &other).await["unread"] == 0).then_some(()) }).await;
}

/// R90: 25, and the refusal says so.
#[tokio::test]
async fn r90_the_26th_operator_is_refused_with_the_figure() {
    let (world, shop) = World::with_shop(560).await;
    wait::until(&world.env, "the rules of the network", || async { shop.business(&world).rules() }).await;
    let owner = shop.owner(&world).await;
    let hire = async |number: usize| {
        let body = json!({"name": format!("Colleague {number}"), "email": format!("c{number}@kape.example"), "role": "operator"});
        owner.post(&world, "/operators", &body).await
    };
    let already = owner.get(&world, "/operators").await.expect(200)["data"].as_array().expect("operators").len();
    for number in already..25 {
        hire(number).await.expect(201);
    }
    let refused = hire(25).await;
    assert_eq!(refused.problem(), (409, "conflict".into()));
    let detail = refused.json()["detail"].to_string();
    assert!(detail.contains("25 are allowed") && detail.contains("staff.most"), "{detail}");
    // A place that becomes free can be taken.
    let all = owner.get(&world, "/operators").await.expect(200);
    let colleague = all["data"].as_array().expect("operators").iter().find(|one| one["role"] != "owner").expect("a colleague");
    let gone = colleague["id"].as_str().expect("an id").to_owned();
    assert_eq!(owner.delete(&world, &format!("/operators/{gone}")).await.status, 204);
    hire(25).await.expect(201);
}
