//! Who customers and businesses are to each other (Cloud API, sections 3a "Usernames" and 3c; issue 4 "Identity in 2026's form").
use axum::http::Method;
use serde_json::{Value, json};
use suki_testkit::{Customer, Delivery, Pace, Shop, World, receiver::VERIFY_TOKEN};

const FIELDS: &str = "messages,business_username_update";

/// A shop that hears of all that concerns identity.
async fn with_shop(seed: u64) -> (World, Shop) {
    let (world, shop) = World::with_shop(seed).await;
    let body = json!({"object": "whatsapp_business_account", "callback_url": shop.callback, "verify_token": VERIFY_TOKEN, "fields": FIELDS});
    shop.graph(&world, Method::POST, &format!("/v23.0/{}/subscriptions", shop.app_id), Some(&body)).await.expect(200);
    (world, shop)
}

async fn get(world: &World, shop: &Shop, edge: &str) -> Value {
    shop.graph(world, Method::GET, &format!("/v23.0/{}{edge}", shop.phone_number_id), None).await.expect(200)
}

async fn post(world: &World, shop: &Shop, edge: &str, body: &Value) -> suki_testkit::Answer {
    shop.graph(world, Method::POST, &format!("/v23.0/{}{edge}", shop.phone_number_id), Some(body)).await
}

/// The values that came on a field, once there are so many.
async fn told(world: &World, shop: &Shop, field: &str, count: usize) -> Vec<Value> {
    let on_field = |delivery: Delivery| {
        let change = delivery.json()["entry"][0]["changes"][0].clone();
        (change["field"] == field).then(|| change["value"].clone())
    };
    let check = || {
        let all: Vec<Value> = world.receiver.taken(&shop.callback).into_iter().filter_map(on_field).collect();
        (all.len() >= count).then_some(all)
    };
    world.receiver.wait_for(Pace::Slow, &format!("{count} of {field}"), check).await
}

/// Section 3a "Usernames", codes 147001 and 147002, field `business_username_update`.
#[tokio::test]
async fn a_business_takes_a_username_and_gives_it_up() {
    let (world, shop) = with_shop(1601).await;
    let edge = "/username";
    assert_eq!(get(&world, &shop, edge).await, json!({"username": "", "status": "none"}));
    let suggested = get(&world, &shop, "/username_suggestions").await;
    let suggested = suggested["data"][0]["username_suggestions"].as_array().expect("names").clone();
    assert!(suggested.contains(&json!("shop_kape")), "{suggested:?}");

    let ana = Customer::guest(&world, &shop).await;
    ana.client.set_username("shop_kape").await.expect("it is free");
    let taken = post(&world, &shop, edge, &json!({"username": "shop_kape"})).await;
    assert_eq!(taken.graph_error(), (400, 147_001, 0));
    let left = get(&world, &shop, "/username_suggestions").await;
    assert!(!left["data"][0]["username_suggestions"].as_array().expect("names").contains(&json!("shop_kape")), "{left}");
    for (wrong, code) in [("www.kape", 147_001), ("k", 147_001), ("", 131_008)] {
        assert_eq!(post(&world, &shop, edge, &json!({"username": wrong})).await.graph_error(), (400, code, 0), "{wrong}");
    }

    assert_eq!(post(&world, &shop, edge, &json!({"username": "Kape.Ana"})).await.expect(200), json!({"status": "approved"}));
    assert_eq!(get(&world, &shop, edge).await, json!({"username": "kape.ana", "status": "approved"}));
    let node = get(&world, &shop, "?fields=username").await;
    assert_eq!(node, json!({"id": shop.phone_number_id, "username": "kape.ana"}));
    // The same again changes nothing, and nobody is told; the number's own node takes one, too.
    post(&world, &shop, edge, &json!({"username": "kape.ana"})).await.expect(200);
    post(&world, &shop, "", &json!({"username": "kape_ana"})).await.expect(200);
    let path = format!("/v23.0/{}/username", shop.phone_number_id);
    for _ in 0..2 {
        assert_eq!(shop.graph(&world, Method::DELETE, &path, None).await.expect(200), json!({"success": true}));
    }
    assert_eq!(get(&world, &shop, edge).await["status"], "none");
    let changes = told(&world, &shop, "business_username_update", 3).await;
    let changes: Vec<_> = changes.iter().map(|one| (one["username"].as_str(), one["status"].as_str())).collect();
    assert_eq!(changes, [(Some("kape.ana"), Some("approved")), (Some("kape_ana"), Some("approved")), (None, Some("deleted"))]);
    // What it gave up is anybody's.
    assert_eq!(ana.client.set_username("kape.ana").await.expect("it is free").as_deref(), Some("kape.ana"));
}
