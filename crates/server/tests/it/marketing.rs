//! Marketing over the Cloud API's own interface for it (section 3a, priority 3; codes of section 3d).
use axum::http::Method;
use serde_json::{Value, json};
use suki_testkit::{Answer, Customer, Pace, Shop, World};

async fn template(world: &World, shop: &Shop, name: &str, category: &str, parts: Value) -> Value {
    let template = json!({"name": name, "language": "en_US", "category": category, "components": parts});
    shop.graph(world, Method::POST, &format!("/v23.0/{}/message_templates", shop.waba_id), Some(&template)).await.expect(200)
}

fn body(text: &str) -> Value {
    json!([{"type": "BODY", "text": text}])
}

fn message(to: &str, name: &str) -> Value {
    json!({"messaging_product": "whatsapp", "recipient_type": "individual", "to": to, "type": "template",
           "template": {"name": name, "language": {"code": "en_US"}}})
}

async fn post(world: &World, shop: &Shop, edge: &str, body: &Value) -> Answer {
    shop.graph(world, Method::POST, &format!("/v23.0/{}/{edge}", shop.phone_number_id), Some(body)).await
}

/// A shop with a marketing and a utility template, and a customer who wrote.
async fn ready(seed: u64) -> (World, Shop, Customer) {
    let (world, shop) = World::with_shop(seed).await;
    assert_eq!(template(&world, &shop, "sale", "MARKETING", body("This week every cake of ours costs half its price.")).await["status"], "APPROVED");
    assert_eq!(template(&world, &shop, "ready", "UTILITY", body("Your order is ready.")).await["status"], "APPROVED");
    let ana = Customer::named(&world, &shop, "Ana").await;
    ana.says("May kape pa ba?").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    (world, shop, ana)
}

#[tokio::test]
async fn a_marketing_template_arrives_and_its_price_says_by_which_way_it_went() {
    let (world, shop, mut ana) = ready(1310).await;
    let mut sale = message(&ana.phone, "sale");
    sale["product_policy"] = "STRICT".into();
    sale["message_activity_sharing"] = false.into();
    sale["biz_opaque_callback_data"] = "week 7".into();
    let taken = post(&world, &shop, "marketing_messages", &sale).await.expect(200);
    assert_eq!((&taken["messages"][0]["message_status"], &taken["contacts"][0]["input"]), (&json!("accepted"), &json!(ana.phone)));
    assert!(ana.hears().await.text.contains("every cake of ours"));
    let wamid = taken["messages"][0]["id"].clone();
    let told = world
        .receiver
        .wait_for(Pace::Slow, "its price", || {
            let statuses = world.receiver.taken(&shop.callback).into_iter().map(|one| one.change()["statuses"][0].clone());
            statuses.into_iter().find(|status| status["id"] == wamid && status["pricing"].is_object())
        })
        .await;
    assert_eq!((&told["pricing"]["category"], &told["biz_opaque_callback_data"]), (&json!("marketing_lite"), &json!("week 7")));
    // The same template by the common way is plain marketing.
    let plain = post(&world, &shop, "messages", &message(&ana.phone, "sale")).await.expect(200)["messages"][0]["id"].clone();
    let told = world
        .receiver
        .wait_for(Pace::Slow, "the other's price", || {
            let statuses = world.receiver.taken(&shop.callback).into_iter().map(|one| one.change()["statuses"][0].clone());
            statuses.into_iter().find(|status| status["id"] == plain && status["pricing"].is_object())
        })
        .await;
    assert_eq!(told["pricing"]["category"], "marketing");
}

#[tokio::test]
async fn what_is_no_marketing_does_not_go_this_way() {
    let (world, shop, ana) = ready(1311).await;
    let doubtful = json!([
        {"type": "BODY", "text": "Tonight our kitchen serves every soup of the house at half its price."},
        {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "See them", "url": "https://bit.ly/soup"}]},
    ]);
    assert_eq!(template(&world, &shop, "night_offer", "MARKETING", doubtful).await["status"], "PENDING");
    let text = json!({"messaging_product": "whatsapp", "to": ana.phone, "type": "text", "text": {"body": "Sale"}});
    let mut maybe = message(&ana.phone, "sale");
    maybe["product_policy"] = "MAYBE".into();
    let unnamed = json!({"messaging_product": "whatsapp", "to": ana.phone, "type": "template", "template": {"language": {"code": "en_US"}}});
    for (wrong, refusal) in [
        (text, (400, 131_055, 0)),
        (message(&ana.phone, "ready"), (400, 134_100, 0)),
        (message(&ana.phone, "night_offer"), (400, 134_101, 0)),
        (message(&ana.phone, "nothing"), (404, 132_001, 0)),
        (maybe, (400, 100, 0)),
        (unnamed, (400, 131_008, 0)),
    ] {
        assert_eq!(post(&world, &shop, "marketing_messages", &wrong).await.graph_error(), refusal, "{wrong}");
    }
    assert_eq!(world.count("SELECT count(*) FROM message WHERE from_business = 1").await, 0, "nothing of it was stored");
}

#[tokio::test]
async fn an_account_may_keep_marketing_to_its_own_way() {
    let (world, shop, ana) = ready(1312).await;
    let account = format!("/v23.0/{}", shop.waba_id);
    let only = json!({"disable_marketing_messages_on_cloud_api": true});
    shop.graph(&world, Method::POST, &account, Some(&only)).await.expect(200);
    assert_eq!(post(&world, &shop, "messages", &message(&ana.phone, "sale")).await.graph_error(), (400, 131_063, 0));
    post(&world, &shop, "messages", &message(&ana.phone, "ready")).await.expect(200);
    post(&world, &shop, "marketing_messages", &message(&ana.phone, "sale")).await.expect(200);
    shop.graph(&world, Method::POST, &account, Some(&json!({"disable_marketing_messages_on_cloud_api": false}))).await.expect(200);
    post(&world, &shop, "messages", &message(&ana.phone, "sale")).await.expect(200);
}
