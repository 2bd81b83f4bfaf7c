//! Templates from end to end: made over the Cloud API, approved by the network, filled in, and read in the customer's language (R78 to R85, R87).
use axum::http::Method;
use serde_json::{Value, json};
use suki_client::{Author, Event, Message, Options, What};
use suki_testkit::{Answer, Customer, Pace, Shop, World};

/// An order's news: one variable in the header, two in the body, a button with an address.
fn order(language: &str, body: &str) -> Value {
    json!({
        "name": "order_news", "language": language, "category": "UTILITY",
        "components": [
            {"type": "HEADER", "format": "TEXT", "text": "Order {{1}}", "example": {"header_text": ["A-7"]}},
            {"type": "BODY", "text": body, "example": {"body_text": [["Ana", "Friday"]]}},
            {"type": "FOOTER", "text": "Kape at Tinapay"},
            {"type": "BUTTONS", "buttons": [
                {"type": "URL", "text": "Track", "url": "https://kape.example/orders/{{1}}", "example": ["https://kape.example/orders/A-7"]},
                {"type": "QUICK_REPLY", "text": "Thanks"},
            ]},
        ],
    })
}

const ENGLISH: &str = "Hello {{1}}, your order is ready for you and leaves our shop on {{2}} in the morning.";

async fn create(world: &World, shop: &Shop, template: &Value) -> Answer {
    shop.graph(world, Method::POST, &format!("/v23.0/{}/message_templates", shop.waba_id), Some(template)).await
}

async fn list(world: &World, shop: &Shop, query: &str) -> Value {
    shop.graph(world, Method::GET, &format!("/v23.0/{}/message_templates{query}", shop.waba_id), None).await.expect(200)
}

/// What a program sends of it.
fn send(to: &str, language: Value, components: Value) -> Value {
    json!({"messaging_product": "whatsapp", "to": to, "type": "template",
           "template": {"name": "order_news", "language": language, "components": components}})
}

fn filled() -> Value {
    json!([
        {"type": "header", "parameters": [{"type": "text", "text": "A-7"}]},
        {"type": "body", "parameters": [{"type": "text", "text": "Ana"}, {"type": "text", "text": "Friday"}]},
        {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "A-7"}]},
    ])
}

/// A customer who wrote to the shop.
async fn customer(world: &World, shop: &Shop) -> Customer {
    let ana = Customer::named(world, shop, "Ana").await;
    ana.says("May kape pa ba?").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    ana
}

#[tokio::test]
async fn r83_r84_r87_a_template_is_made_listed_changed_and_removed_over_the_api() {
    let (world, shop) = World::with_shop(701).await;
    let made = create(&world, &shop, &order("en_US", ENGLISH)).await.expect(200);
    assert_eq!((&made["status"], &made["category"]), (&json!("APPROVED"), &json!("UTILITY")));
    let id = made["id"].as_str().expect("an id of digits").to_owned();
    let all = list(&world, &shop, "").await;
    let one = &all["data"][0];
    // What clients build their objects from (section 2.1, row 7).
    assert_eq!((&one["id"], &one["name"], &one["language"]), (&json!(id), &json!("order_news"), &json!("en_US")));
    assert_eq!((&one["parameter_format"], &one["status"], &one["category"]), (&json!("POSITIONAL"), &json!("APPROVED"), &json!("UTILITY")));
    assert_eq!(one["components"][1]["text"], ENGLISH);
    assert!(all["paging"]["cursors"]["after"].is_string() && all["paging"].get("next").is_none());
    let path = format!("/v23.0/{id}");
    let node = shop.graph(&world, Method::GET, &format!("{path}?fields=quality_score,rejected_reason"), None).await.expect(200);
    assert_eq!(node, json!({"id": id, "quality_score": {"score": "UNKNOWN", "date": 0}, "rejected_reason": "NONE"}));
    let fil = create(&world, &shop, &order("fil", "Kumusta {{1}}, handa na ang iyong order at aalis ito sa tindahan sa {{2}} ng umaga.")).await;
    assert_eq!(fil.expect(200)["status"], "APPROVED");
    let page = list(&world, &shop, "?limit=1&fields=name&summary=total_count,message_template_limit").await;
    assert_eq!((page["data"].as_array().map(Vec::len), &page["summary"]["total_count"]), (Some(1), &json!(2)));
    let next = page["paging"]["next"].as_str().expect("a second page").split_once("/message_templates").expect("its path").1.to_owned();
    assert_eq!(list(&world, &shop, &next).await["data"].as_array().map(Vec::len), Some(1));
    for (query, count) in
        [("?language=fil", 1), ("?status=REJECTED", 0), ("?name=order", 2), ("?name_or_content=handa", 1), ("?category=marketing", 0)]
    {
        assert_eq!(list(&world, &shop, query).await["data"].as_array().map(Vec::len), Some(count), "{query}");
    }
    let same = shop.graph(&world, Method::POST, &path, Some(&json!({"components": order("en_US", ENGLISH)["components"]}))).await;
    assert_eq!(same.expect(200)["success"], true);
    let gone = format!("/v23.0/{}/message_templates?name=order_news&hsm_id={id}", shop.waba_id);
    assert_eq!(shop.graph(&world, Method::DELETE, &gone, None).await.expect(200), json!({"success": true}));
    assert_eq!(shop.graph(&world, Method::GET, &path, None).await.graph_error(), (400, 100, 33));
    assert_eq!(list(&world, &shop, "").await["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn r83_what_is_no_template_is_refused_with_the_reason() {
    let (world, shop) = World::with_shop(702).await;
    let with = |change: fn(&mut Value)| {
        let mut template = order("en_US", ENGLISH);
        change(&mut template);
        template
    };
    for (template, subcode, says) in [
        (with(|one| one["name"] = "Order News".into()), None, "name"),
        (with(|one| one["category"] = "NEWS".into()), None, "MARKETING"),
        (with(|one| one["components"][1]["text"] = "{{1}} is ready on {{2}} in the morning, so come and fetch it soon.".into()), Some(2_388_299), ""),
        (with(|one| one["components"][2]["text"] = "x".repeat(61).into()), None, "60"),
    ] {
        let answer = create(&world, &shop, &template).await;
        let (status, code, sub) = answer.graph_error();
        assert_eq!((status, code), (400, 100), "{}", answer.json());
        assert!(subcode.is_none_or(|subcode| subcode == sub), "{}", answer.json());
        let details = answer.json()["error"]["error_data"]["details"].as_str().expect("details").to_owned();
        assert!(details.contains(says), "{details}");
    }
    assert_eq!(list(&world, &shop, "").await, json!({"data": []}));
}

#[tokio::test]
async fn r85_what_does_not_fit_its_template_is_refused_at_once() {
    let (world, shop) = World::with_shop(703).await;
    let ana = customer(&world, &shop).await;
    create(&world, &shop, &order("en_US", ENGLISH)).await.expect(200);
    let english = json!({"code": "en_US"});
    let refused = async |language: Value, components: Value| {
        let answer = shop.messages(&world, &send(&ana.phone, language, components)).await;
        let body = answer.json();
        (answer.status.as_u16(), body["error"]["code"].clone(), body["error"]["message"].clone(), body["error"]["error_data"].clone())
    };
    let (status, code, message, data) = refused(json!({"code": "pl"}), filled()).await;
    assert_eq!((status, code, message), (404, json!(132_001), json!("(#132001) Template does not exist")));
    let missing = "template name (order_news) does not exist in pl: create it in this language and wait until it is approved, or send one that is \
                   listed as approved";
    assert_eq!(data, json!({"messaging_product": "whatsapp", "details": missing}));
    let mut few = filled();
    few[1]["parameters"] = json!([{"type": "text", "text": "Ana"}]);
    let (status, code, message, data) = refused(english.clone(), few).await;
    assert_eq!((status, code, message), (400, json!(132_000), json!("(#132000) Template parameter count mismatch")));
    assert_eq!(data["details"], "body: the template has 2 parameters, and 1 were sent");
    let mut picture = filled();
    picture[1]["parameters"][1] = json!({"type": "image", "image": {"link": "https://kape.example/a.png"}});
    let (status, code, message, data) = refused(english.clone(), picture).await;
    assert_eq!((status, code, message), (400, json!(132_012), json!("(#132012) Template parameter format mismatch")));
    assert_eq!(data["details"], "body.parameters[1]: text, currency or date_time can stand in a text, and image was sent");
    let mut long = filled();
    long[1]["parameters"][0]["text"] = "x".repeat(1024).into();
    assert_eq!(refused(english.clone(), long).await.1, 132_005);
    assert_eq!(world.count("SELECT count(*) FROM message WHERE from_business = 1").await, 0, "nothing of it was stored");
    let accepted = shop.messages(&world, &send(&ana.phone, english, filled())).await.expect(200);
    assert_eq!(accepted["messages"][0]["message_status"], "accepted");
}

const POLISH: &str = "Witaj {{1}}, twoje zamówienie jest gotowe i opuszcza nasz sklep w {{2}} z samego rana.";

/// A customer who reads this language and wrote to the shop.
async fn reader(world: &World, shop: &Shop, language: &str) -> Customer {
    let options = Options { name: "Ana".into(), language: language.into(), ..Options::light() };
    let customer = Customer::with(world, shop, options).await;
    customer.says("May kape pa ba?").await;
    let browser = shop.owner(world).await;
    shop.sees(world, &browser, &customer.chat.to_string(), "May kape pa ba?").await;
    customer
}

async fn sees(customer: &mut Customer) -> Message {
    customer
        .wait("a message of the shop", |event| match event {
            Event::Message(_, message) if message.author == Author::Business => Some(message),
            _ => None,
        })
        .await
}

fn in_money() -> Value {
    let mut parts = filled();
    parts[1]["parameters"][1] = json!({"type": "date_time", "date_time": {"fallback_value": "Nov 22", "timestamp": 1_795_305_600}});
    parts
}

#[tokio::test]
async fn r79_r85_outside_the_window_each_customer_reads_the_template_in_his_language() {
    let (world, shop) = World::with_shop(704).await;
    let (mut ana, mut ola) = (reader(&world, &shop, "en_US").await, reader(&world, &shop, "pl").await);
    create(&world, &shop, &order("en_US", ENGLISH)).await.expect(200);
    create(&world, &shop, &order("pl", POLISH)).await.expect(200);
    // Free text may not be sent any more; an approved template may.
    world.advance(25 * 3_600_000);
    let fallback = json!({"code": "en_US", "policy": "fallback"});
    for customer in [&ana, &ola] {
        shop.messages(&world, &send(&customer.phone, fallback.clone(), in_money())).await.expect(200);
    }
    let english = sees(&mut ana).await;
    let text =
        "Order A-7\nHello Ana, your order is ready for you and leaves our shop on November 22, 2026 at 12:00 AM in the morning.\nKape at Tinapay";
    assert_eq!(english.text.replace('\u{202f}', " "), text);
    let polish = sees(&mut ola).await;
    assert!(polish.text.contains("Witaj Ana, twoje zamówienie") && polish.text.contains("22 listopada 2026"), "{}", polish.text);
    let What::Template(shown) = &polish.what else { panic!("{polish:?}") };
    assert_eq!((shown.language.as_str(), shown.buttons[0].value.as_str()), ("pl", "https://kape.example/orders/A-7"));
    let exact = json!({"code": "en_US", "policy": "deterministic"});
    shop.messages(&world, &send(&ola.phone, exact, filled())).await.expect(200);
    assert!(sees(&mut ola).await.text.contains("Hello Ana"), "deterministic is exactly the language that was sent");
    // The inbox shows what the sender's customer reads.
    let browser = shop.owner(&world).await;
    let page = browser.get(&world, &format!("/chats/{}/messages", ana.chat)).await.expect(200);
    let stored = page["data"].as_array().and_then(|all| all.last()).expect("a message").clone();
    assert_eq!((&stored["type"], &stored["template"]["header"]), (&json!("template"), &json!({"type": "text", "text": "Order A-7"})));
    assert_eq!(stored["template"]["footer"], "Kape at Tinapay");
}

#[tokio::test]
async fn r78_a_pressed_button_comes_back_as_what_the_business_put_behind_it() {
    let (world, shop) = World::with_shop(705).await;
    let mut ana = reader(&world, &shop, "en").await;
    create(&world, &shop, &order("en_US", ENGLISH)).await.expect(200);
    let mut parts = filled();
    let reply = json!({"type": "button", "sub_type": "quick_reply", "index": 1, "parameters": [{"type": "payload", "payload": "thanks-7"}]});
    parts.as_array_mut().expect("a list").push(reply);
    let sent = shop.messages(&world, &send(&ana.phone, json!({"code": "en_US"}), parts)).await.expect(200);
    let message = sees(&mut ana).await;
    ana.client.press(ana.chat, message.id, 1).await.expect("it can be pressed");
    assert!(ana.client.press(ana.chat, message.id, 0).await.is_err(), "an address is opened, not answered with");
    let pressed = |delivery: &suki_testkit::Delivery| Some(delivery.change()["messages"][0].clone()).filter(|message| message["type"] == "button");
    let told = world.receiver.wait_for(Pace::Slow, "the press", || world.receiver.taken(&shop.callback).iter().find_map(pressed)).await;
    assert_eq!(told["button"], json!({"payload": "thanks-7", "text": "Thanks"}));
    assert_eq!((&told["context"]["id"], told.get("text")), (&sent["messages"][0]["id"], None));
}

#[tokio::test]
async fn r80_a_device_that_joins_later_and_one_that_was_offline_read_the_template_too() {
    let (world, shop) = World::with_shop(706).await;
    let mut ana = reader(&world, &shop, "pl").await;
    ana.client.go_offline().await.expect("it runs");
    create(&world, &shop, &order("en_US", ENGLISH)).await.expect(200);
    shop.messages(&world, &send(&ana.phone, json!({"code": "en_US"}), filled())).await.expect(200);
    ana.client.go_online().await.expect("it runs");
    let text = sees(&mut ana).await.text;
    assert!(text.contains("Hello Ana"), "{text}");
    let mut tablet = ana.second_device(&world).await;
    assert_eq!(sees(&mut tablet).await.text, text);
}

#[tokio::test]
async fn r78_r87_an_operator_previews_a_template_and_sends_it() {
    let (world, shop) = World::with_shop(707).await;
    let mut ana = reader(&world, &shop, "en").await;
    let browser = shop.owner(&world).await;
    let made = browser.post(&world, "/templates", &order("en_US", ENGLISH)).await.expect(201);
    let id = made["id"].as_u64().expect("an id");
    let found = browser.get(&world, "/templates?q=order&language=en_US&status=APPROVED").await.expect(200);
    assert_eq!((found["data"][0]["id"].as_u64(), &found["next"], &found["total"]), (Some(id), &Value::Null, &json!(1)));
    let preview = browser.post(&world, &format!("/templates/{id}/preview"), &json!({"components": filled()})).await.expect(200);
    assert_eq!((&preview["shown"]["header"]["text"], &preview["shown"]["footer"]), (&json!("Order A-7"), &json!("Kape at Tinapay")));
    assert_eq!(preview["characters"]["body"], preview["shown"]["body"].as_str().expect("a body").chars().count());
    let few = browser.post(&world, &format!("/templates/{id}/preview"), &json!({"components": []})).await;
    assert_eq!(few.problem(), (422, "rule_132000".to_owned()));
    world.advance(25 * 3_600_000);
    let body = json!({"id": suki_testkit::shop::message_id(&world), "template": id, "components": filled()});
    let sent = browser.post(&world, &format!("/chats/{}/template", ana.chat), &body).await.expect(201);
    assert_eq!((&sent["type"], &sent["template"]["body"]), (&json!("template"), &preview["shown"]["body"]));
    assert_eq!(sees(&mut ana).await.text, preview["text"].as_str().expect("a text"));
    let clerk = shop.hire(&world, "Carla", suki_endpoint::operators::Role::Operator).await;
    let clerk = shop.browser(&world, &clerk).await;
    assert_eq!(clerk.delete(&world, &format!("/templates/{id}")).await.problem(), (403, "forbidden".to_owned()));
    assert_eq!(browser.delete(&world, &format!("/templates/{id}")).await.status, 204);
    assert_eq!(browser.get(&world, &format!("/templates/{id}")).await.problem().0, 404);
}

#[tokio::test]
async fn r84_programs_are_told_what_becomes_of_a_template() {
    let (world, shop) = World::with_shop(708).await;
    let fields = "messages,message_template_status_update";
    let body = json!({"object": "whatsapp_business_account", "callback_url": shop.callback, "verify_token": "verify-me", "fields": fields});
    shop.graph(&world, Method::POST, &format!("/v23.0/{}/subscriptions", shop.app_id), Some(&body)).await.expect(200);
    let made = create(&world, &shop, &order("en_US", ENGLISH)).await.expect(200);
    let told = world.receiver.wait(Pace::Slow, &shop.callback, 1).await.remove(0);
    assert!(told.is_signed_by(&shop.app_secret));
    let entry = told.json()["entry"][0].clone();
    assert!(entry["time"].is_i64() && entry["id"] == shop.waba_id.as_str(), "{entry}");
    assert_eq!(entry["changes"][0]["field"], "message_template_status_update");
    let value = told.change();
    assert_eq!((&value["event"], &value["reason"], &value["message_template_category"]), (&json!("APPROVED"), &json!("NONE"), &json!("UTILITY")));
    assert_eq!(value["message_template_id"].as_u64().map(|id| id.to_string()).as_deref(), made["id"].as_str(), "a number, and the same");
    assert_eq!((&value["message_template_name"], &value["message_template_language"]), (&json!("order_news"), &json!("en_US")));
    assert_eq!(value.get("messaging_product"), None);
}
