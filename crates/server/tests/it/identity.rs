//! Who customers and businesses are to each other (Cloud API, sections 3a "Usernames" and 3c; issue 4 "Identity in 2026's form").
use axum::http::Method;
use serde_json::{Value, json};
use suki_cloud_api::wamid;
use suki_testkit::{Customer, Delivery, Pace, Shop, World, receiver::VERIFY_TOKEN};
use suki_types::{MessageId, Phone};

const FIELDS: &str = "messages,business_username_update,user_id_update";
const DAY_MILLIS: i64 = 86_400_000;

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

/// What programs were told of a customer's message.
async fn heard(world: &World, shop: &Shop, id: MessageId) -> Value {
    let wamid = wamid::encode(id);
    let of = |delivery: &Delivery| Some(delivery.change()).filter(|value| value["messages"][0]["id"] == wamid.as_str());
    world.receiver.wait_for(Pace::Slow, "his message", || world.receiver.taken(&shop.callback).iter().find_map(of)).await
}

/// What programs were told of a kind of system message, once there are so many.
async fn systems(world: &World, shop: &Shop, kind: &str, count: usize) -> Vec<Value> {
    let of = |delivery: Delivery| Some(delivery.change()).filter(|value| value["messages"][0]["system"]["type"] == kind);
    let check = || {
        let all: Vec<Value> = world.receiver.taken(&shop.callback).into_iter().filter_map(of).collect();
        (all.len() >= count).then_some(all)
    };
    world.receiver.wait_for(Pace::Slow, &format!("{count} of {kind}"), check).await
}

/// What became of a message at last.
async fn became(world: &World, shop: &Shop, id: &Value, status: &str) -> Value {
    let of = |delivery: &Delivery| {
        let value = delivery.change();
        Some(value).filter(|value| value["statuses"][0]["id"] == *id && value["statuses"][0]["status"] == status)
    };
    world.receiver.wait_for(Pace::Slow, status, || world.receiver.taken(&shop.callback).iter().find_map(of)).await
}

fn text(body: &str) -> Value {
    json!({"messaging_product": "whatsapp", "type": "text", "text": {"body": body}})
}

fn to(mut message: Value, field: &str, whom: &str) -> Value {
    message[field] = whom.into();
    message
}

/// Section 3c: phone fields are left out when a customer has a username and his number was not seen in 30 days; everything else goes on.
#[tokio::test]
async fn a_number_behind_a_username_shows_for_thirty_days_after_it_was_seen() {
    let (world, shop) = with_shop(1602).await;
    let ana = Customer::named(&world, &shop, "Ana").await;
    let first = heard(&world, &shop, ana.says("Magandang umaga").await).await;
    assert_eq!((&first["messages"][0]["from"], &first["contacts"][0]["wa_id"]), (&json!(ana.phone), &json!(ana.phone)));
    let user_id = first["contacts"][0]["user_id"].as_str().expect("a user id").to_owned();
    ana.client.set_username("ana.cruz").await.expect("it is free");
    let seen = heard(&world, &shop, ana.says("I have a username").await).await;
    assert_eq!((&seen["contacts"][0]["profile"]["username"], &seen["messages"][0]["from"]), (&json!("ana.cruz"), &json!(ana.phone)));

    world.advance(30 * DAY_MILLIS);
    let hidden = heard(&world, &shop, ana.says("It is me again").await).await;
    let (message, contact) = (&hidden["messages"][0], &hidden["contacts"][0]);
    assert_eq!((message.get("from"), contact.get("wa_id")), (None, None), "{hidden}");
    assert_eq!((&message["from_user_id"], &contact["user_id"]), (&json!(user_id), &json!(user_id)));
    assert_eq!(contact["profile"], json!({"name": "Ana", "username": "ana.cruz"}));
    let browser = shop.owner(&world).await;
    let chat = browser.get(&world, "/chats").await.expect(200)["data"][0].clone();
    assert_eq!((&chat["contact"]["phone"], &chat["contact"]["username"]), (&Value::Null, &json!("ana.cruz")));
    let tried = browser.get(&world, &format!("/chats?q={}", &ana.phone[6..])).await.expect(200);
    assert_eq!(tried["data"], json!([]), "a hidden number is not found by a part of it");

    // By user id: no number comes back, nor with the statuses.
    let answer = shop.messages(&world, &to(text("Kumusta"), "recipient", &user_id)).await.expect(200);
    assert_eq!(answer["contacts"], json!([{"input": user_id, "user_id": user_id}]));
    let sent = became(&world, &shop, &answer["messages"][0]["id"], "sent").await;
    let status = &sent["statuses"][0];
    assert_eq!((status.get("recipient_id"), &status["recipient_user_id"], sent["contacts"][0].get("wa_id")), (None, &json!(user_id), None));
    let block = json!({"messaging_product": "whatsapp", "block_users": [{"user_id": user_id}]});
    let blocked = post(&world, &shop, "/block_users", &block).await.expect(200);
    let added = &blocked["block_users"]["added_users"][0];
    assert_eq!((&added["user_id"], added["wa_id"].as_str()), (&json!(user_id), None), "{blocked}");
    let path = format!("/v23.0/{}/block_users", shop.phone_number_id);
    shop.graph(&world, Method::DELETE, &path, Some(&block)).await.expect(200);

    // Whoever knows the number writes to it, and sees it again.
    let answer = shop.messages(&world, &to(text("By number"), "to", &ana.phone)).await.expect(200);
    assert_eq!(answer["contacts"][0]["wa_id"], json!(ana.phone));
    let again = heard(&world, &shop, ana.says("You have my number").await).await;
    assert_eq!(again["messages"][0]["from"], json!(ana.phone));
}

/// A customer who has a username before his number was ever seen is known by that alone.
#[tokio::test]
async fn a_number_that_was_never_seen_stays_behind_the_username() {
    let (world, shop) = with_shop(1603).await;
    let other = Shop::open(&world, "tinapay").await;
    let mut ana = Customer::guest(&world, &other).await;
    ana.client.set_username("ana_c").await.expect("it is free");
    ana.chat = ana.client.open(shop.id).await.expect("it opens");
    ana.joined().await;
    let told = heard(&world, &shop, ana.says("Hello").await).await;
    assert_eq!((told["messages"][0].get("from"), &told["contacts"][0]["profile"]["username"]), (None, &json!("ana_c")));
    // Who moves to another number is known by another user id, and the number is not told.
    ana.client.change_number(&Phone::test(7_000_001), "").await.expect("it is free");
    let system = systems(&world, &shop, "user_changed_user_id", 1).await.remove(0);
    let message = &system["messages"][0];
    assert_eq!((system.get("contacts"), message.get("from"), message["system"].get("wa_id")), (None, None, None), "{system}");
    assert_ne!(message["system"]["user_id"], told["contacts"][0]["user_id"]);
}

/// Section 3c `system`, and the field `user_id_update`.
#[tokio::test]
async fn a_customer_takes_another_number_and_stays_who_he_is() {
    let (world, shop) = with_shop(1604).await;
    let mut ana = Customer::named(&world, &shop, "Ana").await;
    let first = heard(&world, &shop, ana.says("Hello").await).await;
    let former = first["contacts"][0]["user_id"].as_str().expect("a user id").to_owned();
    let number = Phone::test(7_000_002);
    ana.client.change_number(&number, "").await.expect("it is free");
    let system = systems(&world, &shop, "user_changed_number", 1).await.remove(0);
    let message = &system["messages"][0];
    assert_eq!((system.get("contacts"), &message["from"], &message["type"]), (None, &json!(ana.phone), &json!("system")));
    let user_id = message["system"]["user_id"].as_str().expect("a user id").to_owned();
    let body = format!("Ana changed from {} to {}", ana.phone, number.digits());
    assert_eq!(message["system"], json!({"type": "user_changed_number", "body": body, "wa_id": number.digits(), "user_id": user_id}));
    let update = told(&world, &shop, "user_id_update", 1).await.remove(0);
    assert_eq!(update["user_id_update"][0]["user_id"], json!({"previous": former, "current": user_id}));
    assert_eq!((&update["contacts"][0]["wa_id"], &update["user_id_update"][0]["wa_id"]), (&json!(number.digits()), &json!(number.digits())));
    // The same again is nothing new, and the number is nobody else's to take.
    ana.client.change_number(&number, "").await.expect("it is his");
    let ben = Customer::guest(&world, &shop).await;
    assert!(ben.client.change_number(&number, "").await.is_err());
    // By the number, by the user id, and by the one that he had.
    for (field, whom) in [("to", number.digits()), ("recipient", user_id.as_str()), ("recipient", former.as_str())] {
        let answer = shop.messages(&world, &to(text(whom), field, whom)).await.expect(200);
        assert_eq!(answer["contacts"][0]["user_id"], json!(user_id));
        assert_eq!(ana.hears().await.text, whom);
    }
    let gone = shop.messages(&world, &to(text("Anybody?"), "to", &ana.phone)).await;
    assert_eq!(gone.graph_error().1, 131_026, "his former number is nobody's");
    let told = heard(&world, &shop, ana.says("The same person").await).await;
    assert_eq!((&told["messages"][0]["from"], &told["contacts"][0]["user_id"]), (&json!(number.digits()), &json!(user_id)));
    assert_eq!(systems(&world, &shop, "user_changed_number", 1).await.len(), 1);
}

/// Section 3c `identity_key_hash` and `customer_identity_changed`; code 137000.
#[tokio::test]
async fn who_asks_for_it_is_told_of_other_keys() {
    let (world, shop) = with_shop(1605).await;
    let mut ana = Customer::named(&world, &shop, "Ana").await;
    let plain = heard(&world, &shop, ana.says("Hello").await).await;
    assert_eq!(plain["contacts"][0].get("identity_key_hash"), None);
    post(&world, &shop, "/settings", &json!({"user_identity_change": {"enable_identity_key_check": true}})).await.expect(200);
    let hash = heard(&world, &shop, ana.says("Hello again").await).await["contacts"][0]["identity_key_hash"].clone();
    assert_eq!(hash.as_str().map(str::len), Some(12), "{hash}");

    let number = ana.phone.clone();
    let ask = |hash: &Value| {
        let mut ask = to(text("For your keys"), "to", &number);
        ask["recipient_identity_key_hash"] = hash.clone();
        ask
    };
    let answer = shop.messages(&world, &ask(&hash)).await.expect(200);
    let sent = became(&world, &shop, &answer["messages"][0]["id"], "delivered").await;
    assert_eq!(sent["statuses"][0]["recipient_identity_key_hash"], hash);
    assert_eq!(ana.hears().await.text, "For your keys");

    let tablet = ana.second_device(&world).await;
    let system = systems(&world, &shop, "customer_identity_changed", 1).await.remove(0);
    let told = &system["messages"][0]["system"];
    assert_eq!((&told["wa_id"], &told["body"]), (&json!(ana.phone), &json!("Ana has another set of devices")));
    assert_ne!(told["identity"], hash);
    let answer = shop.messages(&world, &ask(&hash)).await.expect(200);
    let failed = became(&world, &shop, &answer["messages"][0]["id"], "failed").await;
    assert_eq!(failed["statuses"][0]["errors"][0]["code"], 137_000);
    shop.messages(&world, &ask(&told["identity"])).await.expect(200);
    assert_eq!(ana.hears().await.text, "For your keys");
    drop(tablet);
}

/// Codes 131062 and 131063.
#[tokio::test]
async fn codes_go_to_numbers_and_marketing_goes_where_the_account_says() {
    let (world, shop) = with_shop(1606).await;
    let ana = Customer::guest(&world, &shop).await;
    let user_id = heard(&world, &shop, ana.says("Hello").await).await["contacts"][0]["user_id"].as_str().expect("a user id").to_owned();
    let create = async |template: Value| {
        shop.graph(&world, Method::POST, &format!("/v23.0/{}/message_templates", shop.waba_id), Some(&template)).await.expect(200)
    };
    let otp =
        json!([{"type": "BODY", "add_security_recommendation": true}, {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE"}]}]);
    create(json!({"name": "sign_in", "language": "en_US", "category": "AUTHENTICATION", "components": otp})).await;
    create(json!({"name": "sale", "language": "en_US", "category": "MARKETING",
        "components": [{"type": "BODY", "text": "Everything in our shop costs half this week, come and see."}]}))
    .await;
    let send = |name: &str, components: Value| json!({"messaging_product": "whatsapp", "type": "template", "template": {"name": name, "language": {"code": "en_US"}, "components": components}});
    let code = json!([{"type": "body", "parameters": [{"type": "text", "text": "123456"}]},
        {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "123456"}]}]);
    let refused = shop.messages(&world, &to(send("sign_in", code.clone()), "recipient", &user_id)).await;
    assert_eq!(refused.graph_error(), (400, 131_062, 0));
    shop.messages(&world, &to(send("sign_in", code), "to", &ana.phone)).await.expect(200);
    shop.messages(&world, &to(send("sale", json!([])), "recipient", &user_id)).await.expect(200);
    let account = format!("/v23.0/{}", shop.waba_id);
    shop.graph(&world, Method::POST, &account, Some(&json!({"disable_marketing_messages_on_cloud_api": true}))).await.expect(200);
    assert_eq!(shop.messages(&world, &to(send("sale", json!([])), "to", &ana.phone)).await.graph_error(), (400, 131_063, 0));
}

/// Section 3c `conversation`: up to version 23 each message counts in one of its own, later versions are told of none.
#[tokio::test]
async fn who_subscribed_in_an_older_version_is_told_of_conversations() {
    let (world, shop) = with_shop(1607).await;
    let ana = Customer::guest(&world, &shop).await;
    heard(&world, &shop, ana.says("Hello").await).await;
    let sent = async |text: &str| {
        let id = json!(shop.say(&world, &ana.phone, text).await);
        became(&world, &shop, &id, "sent").await["statuses"][0]["conversation"].clone()
    };
    let (first, second) = (sent("One").await, sent("Two").await);
    assert_eq!((&first["origin"]["type"], first["expiration_timestamp"].is_string()), (&json!("service"), true), "{first}");
    assert!(first["id"].is_string() && first["id"] != second["id"]);
    let body = json!({"object": "whatsapp_business_account", "callback_url": shop.callback, "verify_token": VERIFY_TOKEN, "fields": FIELDS});
    let path = format!("{}/subscriptions", shop.app_id);
    shop.graph(&world, Method::POST, &format!("/v24.0/{path}"), Some(&body)).await.expect(200);
    let listed = shop.graph(&world, Method::GET, &format!("/v23.0/{path}"), None).await.expect(200);
    assert_eq!(listed["data"][0]["fields"][0]["version"], "v24.0");
    assert_eq!(sent("Three").await, Value::Null);
}
