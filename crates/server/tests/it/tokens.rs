//! Tokens as owners make them and programs use them: permissions, proofs, codes, and what can be asked of them.
use aws_lc_rs::hmac;
use axum::http::Method;
use serde_json::{Value, json};
use suki_endpoint::operators::Role;
use suki_testkit::{Answer, Browser, Shop, World};

const MESSAGING: &str = "whatsapp_business_messaging";
const MANAGEMENT: &str = "whatsapp_business_management";

async fn made(world: &World, shop: &Shop, owner: &Browser, body: Value) -> String {
    let made = owner.post(world, &format!("/apps/{}/tokens", shop.app_id), &body).await.expect(201);
    made["access_token"].as_str().expect("a token").to_owned()
}

async fn debug(world: &World, shop: &Shop, token: &str) -> Value {
    let path = format!("/v23.0/debug_token?input_token={token}&access_token={}%7C{}", shop.app_id, shop.app_secret);
    world.call(Method::GET, &path).send().await.expect(200)["data"].clone()
}

fn proof(secret: &str, token: &str) -> String {
    hex::encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), token.as_bytes()))
}

#[tokio::test]
async fn an_owner_makes_lists_and_revokes_tokens() {
    let (world, shop) = World::with_shop(831).await;
    let owner = shop.owner(&world).await;
    let until = world.env.now().plus_seconds(3600);
    let token = made(&world, &shop, &owner, json!({"name": "Till", "permissions": [MESSAGING], "expires_at": until})).await;
    let list = owner.get(&world, &format!("/apps/{}/tokens", shop.app_id)).await.expect(200);
    let listed = list["data"].as_array().expect("a list").iter().find(|one| one["name"] == "Till").expect("it is listed").clone();
    assert_eq!((&listed["permissions"], &listed["expires_at"]), (&json!([MESSAGING]), &json!(until)));
    assert!(!list.to_string().contains(&token) && !list.to_string().contains(&shop.token), "a token is shown once");
    let id = listed["id"].as_str().expect("an id");
    world.call(Method::GET, &format!("/debug_token?input_token={token}")).bearer(&token).send().await.expect(200);
    let path = format!("/apps/{}/tokens/{id}", shop.app_id);
    assert_eq!(owner.delete(&world, &path).await.status.as_u16(), 204);
    assert_eq!(owner.delete(&world, &path).await.problem(), (404, "not_found".into()));
    assert_eq!(world.call(Method::GET, &format!("/{}", shop.waba_id)).bearer(&token).send().await.graph_error(), (401, 190, 467));
    for (body, problem) in [
        (json!({"permissions": []}), 422),
        (json!({"permissions": ["email"]}), 422),
        (json!({"permissions": [MESSAGING], "expires_at": 1}), 422),
        (json!({"permissions": [MESSAGING], "name": "x".repeat(76)}), 422),
        (json!({}), 400),
    ] {
        assert_eq!(owner.post(&world, &format!("/apps/{}/tokens", shop.app_id), &body).await.problem().0, problem, "{body}");
    }
}

#[tokio::test]
async fn apps_and_tokens_are_the_owners_alone() {
    let (world, shop) = World::with_shop(832).await;
    let other = Shop::open(&world, "tinapay").await;
    let admin = shop.hire(&world, "Ben", Role::Admin).await;
    let (owner, admin) = (shop.owner(&world).await, shop.browser(&world, &admin).await);
    let body = json!({"permissions": [MESSAGING]});
    let (own, foreign) = (format!("/apps/{}/tokens", shop.app_id), format!("/apps/{}/tokens", other.app_id));
    assert_eq!(admin.get(&world, "/apps").await.problem(), (403, "forbidden".into()));
    assert_eq!(admin.post(&world, &own, &body).await.problem(), (403, "forbidden".into()));
    for answer in [
        owner.get(&world, &foreign).await,
        owner.post(&world, &foreign, &body).await,
        owner.delete(&world, &format!("{foreign}/0123456789abcdef")).await,
        owner.post(&world, &format!("/apps/{}", other.app_id), &json!({"proof_required": true})).await,
        owner.post(&world, &format!("/apps/{}/codes", other.app_id), &body).await,
    ] {
        assert_eq!(answer.problem(), (404, "not_found".into()));
    }
    let new = owner.post(&world, "/apps", &json!({"name": " Kiosk "})).await.expect(201);
    let app_token = format!("{}|{}", new["id"].as_str().expect("an id"), new["secret"].as_str().expect("a secret"));
    let told = world.call(Method::GET, &format!("/{}", new["id"].as_str().expect("an id"))).bearer(&app_token).send().await.expect(200);
    assert_eq!(told["name"], "Kiosk");
    assert_eq!(owner.get(&world, "/apps").await.expect(200)["data"].as_array().map(Vec::len), Some(2));
    assert_eq!(owner.post(&world, "/apps", &json!({"name": " "})).await.problem().0, 422);
}

#[tokio::test]
async fn a_token_says_what_it_is_good_for() {
    let (world, shop) = World::with_shop(833).await;
    let other = Shop::open(&world, "tinapay").await;
    let owner = shop.owner(&world).await;
    let until = world.env.now().plus_seconds(3600);
    let token = made(&world, &shop, &owner, json!({"permissions": [MESSAGING, MANAGEMENT], "expires_at": until})).await;
    let told = debug(&world, &shop, &token).await;
    assert_eq!((&told["app_id"], &told["application"], &told["is_valid"]), (&json!(shop.app_id), &json!("Till"), &json!(true)));
    assert_eq!((&told["scopes"], &told["expires_at"]), (&json!([MESSAGING, MANAGEMENT]), &json!(until.millis() / 1000)));
    assert_eq!(told["granular_scopes"][1], json!({"scope": MANAGEMENT, "target_ids": [shop.waba_id]}));
    assert!(told["user_id"].as_str().is_some_and(|id| id.len() == 15));
    let app = debug(&world, &shop, &format!("{}%7C{}", shop.app_id, shop.app_secret)).await;
    assert_eq!((&app["type"], &app["is_valid"]), (&json!("APP"), &json!(true)));
    for foreign in ["EAAnobody", &other.token] {
        let told = debug(&world, &shop, foreign).await;
        assert_eq!((&told["is_valid"], &told["error"]["code"], &told["app_id"]), (&json!(false), &json!(190), &Value::Null));
    }
    world.advance(3_600_000);
    let ended = debug(&world, &shop, &token).await;
    assert_eq!((&ended["is_valid"], &ended["error"]["subcode"]), (&json!(false), &json!(463)));
    assert_eq!(shop.graph(&world, Method::GET, "/debug_token", None).await.graph_error(), (400, 100, 0));
}

#[tokio::test]
async fn a_code_gives_a_token_once_to_its_app() {
    let (world, shop) = World::with_shop(834).await;
    let owner = shop.owner(&world).await;
    let exchange = async |code: &str, more: &str| -> Answer {
        let path = format!("/v23.0/oauth/access_token?client_id={}&client_secret={}&code={code}{more}", shop.app_id, shop.app_secret);
        world.call(Method::GET, &path).send().await
    };
    let code = async |body: Value| {
        let made = owner.post(&world, &format!("/apps/{}/codes", shop.app_id), &body).await.expect(201);
        (made["code"].as_str().expect("a code").to_owned(), made["expires_at"].as_i64().expect("a time"))
    };
    let (first, until) = code(json!({"permissions": [MESSAGING], "redirect_uri": "https://a.example/"})).await;
    assert_eq!(until - world.env.now().millis(), 600_000);
    assert_eq!(exchange(&first, "").await.graph_error(), (400, 100, 36_008));
    let granted = exchange(&first, "&redirect_uri=https%3A%2F%2Fa.example%2F").await.expect(200);
    let token = granted["access_token"].as_str().expect("a token");
    assert_eq!((&granted["token_type"], debug(&world, &shop, token).await["scopes"].clone()), (&json!("bearer"), json!([MESSAGING])));
    assert_eq!(exchange(&first, "&redirect_uri=https%3A%2F%2Fa.example%2F").await.graph_error(), (400, 100, 36_009));
    assert_eq!(exchange("unknown", "").await.graph_error(), (400, 100, 36_007));
    let new = owner.post(&world, "/apps", &json!({"name": "Kiosk"})).await.expect(201);
    let (second, _) = code(json!({"permissions": [MESSAGING]})).await;
    let path = format!(
        "/oauth/access_token?client_id={}&client_secret={}&code={second}",
        new["id"].as_str().expect("an id"),
        new["secret"].as_str().expect("a secret")
    );
    assert_eq!(world.call(Method::GET, &path).send().await.graph_error(), (400, 100, 36_007), "another app's code is none");
    world.advance(600_000);
    assert_eq!(exchange(&second, "").await.graph_error(), (400, 100, 36_007));
}

#[tokio::test]
async fn a_token_that_ends_is_exchanged_for_one_that_ends_later() {
    let (world, shop) = World::with_shop(835).await;
    let owner = shop.owner(&world).await;
    let exchange = async |token: &str| {
        let form = format!("grant_type=fb_exchange_token&client_id={}&client_secret={}&fb_exchange_token={token}", shop.app_id, shop.app_secret);
        world.call(Method::POST, "/v23.0/oauth/access_token").bytes("application/x-www-form-urlencoded", form.into_bytes()).send().await
    };
    let short = made(&world, &shop, &owner, json!({"permissions": [MESSAGING], "expires_at": world.env.now().plus_seconds(60)})).await;
    let long = exchange(&short).await.expect(200);
    assert_eq!(long["expires_in"], 60 * 24 * 3600);
    let token = long["access_token"].as_str().expect("a token");
    world.advance(60_000);
    assert_eq!(debug(&world, &shop, token).await["is_valid"], true);
    assert_eq!(exchange(&short).await.graph_error(), (401, 190, 463));
    assert_eq!(exchange("EAAnobody").await.graph_error(), (401, 190, 467));
    assert_eq!(exchange(&shop.token).await.expect(200)["access_token"], shop.token.as_str(), "what does not end stays as it is");
}

#[tokio::test]
async fn a_proof_is_checked_when_it_is_given_and_when_the_app_demands_it() {
    let (world, shop) = World::with_shop(836).await;
    let owner = shop.owner(&world).await;
    let path = |proof: &str| format!("/v23.0/{}?appsecret_proof={proof}", shop.phone_number_id);
    let right = proof(&shop.app_secret, &shop.token);
    shop.graph(&world, Method::GET, &path(&right), None).await.expect(200);
    for wrong in [proof("another", &shop.token), proof(&shop.app_secret, "another"), "zz".into()] {
        let answer = shop.graph(&world, Method::GET, &path(&wrong), None).await;
        assert_eq!(answer.graph_error(), (400, 100, 0));
        assert_eq!(answer.json()["error"]["message"], "Invalid appsecret_proof provided in the API argument");
    }
    let settings = format!("/apps/{}", shop.app_id);
    assert_eq!(owner.post(&world, &settings, &json!({"proof_required": true})).await.status.as_u16(), 204);
    let plain = format!("/v23.0/{}", shop.phone_number_id);
    let refused = shop.graph(&world, Method::GET, &plain, None).await;
    assert_eq!(refused.graph_error(), (400, 100, 0));
    assert_eq!(refused.json()["error"]["message"], "API calls from the server require an appsecret_proof argument");
    shop.graph(&world, Method::GET, &path(&right), None).await.expect(200);
    assert_eq!(owner.post(&world, &settings, &json!({"proof_required": false})).await.status.as_u16(), 204);
    shop.graph(&world, Method::GET, &plain, None).await.expect(200);
}

#[tokio::test]
async fn who_guesses_an_apps_secret_is_told_to_wait() {
    let (world, shop) = World::with_shop(837).await;
    let path = |secret: &str| format!("/oauth/access_token?client_id={}&client_secret={secret}", shop.app_id);
    for _ in 0..10 {
        assert_eq!(world.call(Method::GET, &path("guess")).send().await.graph_error(), (400, 1, 0));
    }
    let waiting = world.call(Method::GET, &path("guess")).send().await;
    assert_eq!(waiting.graph_error(), (400, 4, 0));
    assert!(waiting.headers.contains_key("retry-after"));
    world.call(Method::GET, &path(&shop.app_secret)).send().await.expect(200);
}
