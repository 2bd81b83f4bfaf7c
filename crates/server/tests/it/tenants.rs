//! Two shops on one server: what belongs to one does not exist for the other.
use axum::http::Method;
use serde_json::json;
use suki_testkit::{Customer, Pace, Shop, World};

#[tokio::test]
async fn another_tenants_ids_do_not_exist_for_a_program() {
    let (world, shop) = World::with_shop(201).await;
    let other = Shop::open(&world, "tinapay").await;
    let ana = Customer::guest(&world, &other).await;
    ana.says("hello").await;
    world.receiver.wait(Pace::Slow, &other.callback, 1).await;
    let text = json!({"messaging_product": "whatsapp", "to": ana.phone, "type": "text", "text": {"body": "hi"}});
    let none = json!({});
    for (method, path, body) in [
        (Method::GET, format!("/{}", other.phone_number_id), None),
        (Method::GET, format!("/{}", other.waba_id), None),
        (Method::GET, format!("/{}", other.app_id), None),
        (Method::POST, format!("/v23.0/{}/messages", other.phone_number_id), Some(&text)),
        (Method::GET, format!("/v23.0/{}/subscribed_apps", other.waba_id), None),
        (Method::POST, format!("/v23.0/{}/subscribed_apps", other.waba_id), Some(&none)),
        (Method::DELETE, format!("/v23.0/{}/subscribed_apps", other.waba_id), None),
        (Method::GET, format!("/v23.0/{}/subscriptions", other.app_id), None),
        (Method::DELETE, format!("/v23.0/{}/subscriptions", other.app_id), None),
        (Method::GET, "/123456789012345".into(), None),
        (Method::GET, "/v23.0/you".into(), None),
    ] {
        assert_eq!(shop.graph(&world, method, &path, body).await.graph_error(), (400, 100, 33), "{path}");
    }
    // Somebody else's customer is nobody's number here, and what he wrote is no message here.
    assert_eq!(shop.messages(&world, &text).await.graph_error(), (400, 131_026, 0));
    let id = world.receiver.taken(&other.callback)[0].change()["messages"][0]["id"].clone();
    let read = json!({"messaging_product": "whatsapp", "status": "read", "message_id": id});
    assert_eq!(shop.messages(&world, &read).await.graph_error(), (400, 131_009, 0));
    // A node of one's own with another's edge.
    let wrong = shop.graph(&world, Method::POST, &format!("/{}/messages", shop.waba_id), Some(&text)).await;
    assert_eq!(wrong.graph_error(), (400, 100, 0));
    assert_eq!(world.count("SELECT count(*) FROM message WHERE from_business = 1").await, 0);
}

#[tokio::test]
async fn another_tenants_chats_and_colleagues_do_not_exist_for_an_operator() {
    let (world, shop) = World::with_shop(202).await;
    let other = Shop::open(&world, "tinapay").await;
    let ana = Customer::guest(&world, &other).await;
    ana.says("hello").await;
    world.receiver.wait(Pace::Slow, &other.callback, 1).await;
    let browser = shop.owner(&world).await;
    let theirs = other.owner(&world).await;
    let chat = ana.chat.to_string();
    let page = theirs.get(&world, &format!("/chats/{chat}/messages")).await.expect(200);
    let message = page["data"][0]["id"].clone();
    let id = suki_testkit::shop::message_id(&world);
    assert_eq!(browser.get(&world, "/chats").await.expect(200), json!({"data": [], "next": null}));
    for path in [format!("/chats/{chat}"), format!("/chats/{chat}/messages")] {
        assert_eq!(browser.get(&world, &path).await.problem(), (404, "not_found".into()), "{path}");
    }
    for (path, body) in [
        (format!("/chats/{chat}/messages"), json!({"id": id, "text": "hi"})),
        (format!("/chats/{chat}/read"), json!({"up_to": message})),
        (format!("/chats/{chat}/typing"), json!({"on": true})),
        (format!("/operators/{}/sign-in-link", other.owner.id), json!({})),
    ] {
        assert_eq!(browser.post(&world, &path, &body).await.problem(), (404, "not_found".into()), "{path}");
    }
    assert_eq!(browser.delete(&world, &format!("/operators/{}", other.owner.id)).await.problem(), (404, "not_found".into()));
    assert_eq!(theirs.get(&world, "/operators").await.expect(200)["data"].as_array().map(Vec::len), Some(1));
}
