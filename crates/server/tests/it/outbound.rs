//! Every type of message a program may send, from its request to what the customer's device got (Cloud API, sections 3b and 3d).
use serde_json::{Value, json};
use suki_client::{Event, Message, What};
use suki_cloud_api::wamid;
use suki_protocol::content;
use suki_testkit::{Customer, Pace, Shop, World};
use suki_types::{Env, MessageId};

/// A shop and a customer who has written.
async fn in_conversation(seed: u64) -> (World, Shop, Customer) {
    let (world, shop) = World::with_shop(seed).await;
    let ana = Customer::named(&world, &shop, "Ana").await;
    ana.says("May kape pa ba?").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    (world, shop, ana)
}

fn request(to: &str, kind: &str, object: &Value) -> Value {
    json!({"messaging_product": "whatsapp", "to": to, "type": kind, kind: object})
}

/// What a device shows of a message that is more than words, as JSON.
fn shown(message: &Message) -> Value {
    let What::Rich(rich) = &message.what else { panic!("{message:?} is plain") };
    content::shown(&rich.body().expect("it says something")).expect("it is shown")
}

fn reply(id: &str, title: &str) -> Value {
    json!({"type": "reply", "reply": {"id": id, "title": title}})
}

/// Each type with what it is called, and what the device must have got of it: a pointer into the content, and the value there.
fn interactive() -> Vec<(Value, &'static str, Value)> {
    let body = |kind: &str, action: Value| json!({"type": kind, "body": {"text": "Kape?"}, "footer": {"text": "Salamat"}, "action": action});
    let order = json!({"reference_id": "A-7", "currency": "PHP", "type": "physical-goods", "total_amount": {"value": 150, "offset": 100},
        "order": {"status": "pending", "items": [{"name": "Ube", "amount": {"value": 150, "offset": 100}, "quantity": 1}]}});
    vec![
        (body("button", json!({"buttons": [reply("b1", "Oo"), reply("b2", "Hindi")]})), "/action/buttons/buttons/1/id", json!("b2")),
        (
            body(
                "list",
                json!({"button": "Menu", "sections": [{"title": "Hot", "rows": [{"id": "r1", "title": "Barako", "description": "Strong"}]}]}),
            ),
            "/action/list/sections/0/rows/0",
            json!({"id": "r1", "title": "Barako", "description": "Strong"}),
        ),
        (
            body("cta_url", json!({"name": "cta_url", "parameters": {"display_text": "Menu", "url": "https://kape.example/menu"}})),
            "/action/link",
            json!({"text": "Menu", "url": "https://kape.example/menu"}),
        ),
        (body("location_request_message", json!({"name": "send_location"})), "/action/location_request", json!({})),
        (
            body("address_message", json!({"name": "address_message", "parameters": {"country": "IN", "values": {"city": "Pune"}}})),
            "/action/address/country",
            json!("IN"),
        ),
        (body("order_details", json!({"name": "review_and_pay", "parameters": order})), "/action/payment/reference_id", json!("A-7")),
        (
            body("order_status", json!({"name": "review_order", "parameters": {"reference_id": "A-7", "order": {"status": "shipped"}}})),
            "/action/payment/status_only",
            json!(true),
        ),
    ]
}

#[tokio::test]
async fn every_type_without_a_file_reaches_the_device() {
    let (world, shop, mut ana) = in_conversation(901).await;
    let place = json!({"latitude": "14.5995", "longitude": 120.9842, "name": "Kape at Tinapay", "address": "Manila"});
    let person = json!([{"name": {"formatted_name": "Ben Reyes"}, "phones": [{"phone": "+63 917 123 4567", "type": "CELL", "wa_id": "639171234567"}],
                         "org": {"company": "Panaderia"}}]);
    let mut sent = vec![
        ("location", place, "/latitude", json!(14.5995), "Kape at Tinapay\nManila"),
        ("contacts", person, "/cards/0/phones/0/wa_id", json!("639171234567"), "Ben Reyes"),
    ];
    sent.extend(interactive().into_iter().map(|(object, pointer, value)| ("interactive", object, pointer, value, "Kape?\nSalamat")));
    for (kind, object, pointer, value, words) in sent {
        let accepted = shop.messages(&world, &request(&ana.phone, kind, &object)).await.expect(200);
        let heard = ana.hears().await;
        assert_eq!(accepted["messages"][0]["id"], wamid::encode(heard.id).as_str());
        let got = shown(&heard);
        assert_eq!((got.pointer(pointer), heard.text.as_str()), (Some(&value), words), "{object}: {got}");
    }
    // The inbox shows the same, in the Cloud API's words for each kind.
    let browser = shop.owner(&world).await;
    let page = browser.get(&world, &format!("/chats/{}/messages?limit=50", ana.chat)).await.expect(200);
    let kinds: Vec<&str> = page["data"].as_array().expect("a list").iter().filter_map(|one| one["type"].as_str()).collect();
    assert_eq!(kinds[..4], ["text", "location", "contacts", "interactive"]);
    assert_eq!(page["data"][3]["content"]["action"]["buttons"]["buttons"][0]["title"], "Oo");
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_at_once_and_leaves_nothing() {
    let (world, shop, ana) = in_conversation(902).await;
    let before = world.count("SELECT count(*) FROM message").await;
    let body = |kind: &str, action: Value| json!({"type": kind, "body": {"text": "Kape?"}, "action": action});
    let product = |place: usize| json!({"card_index": place, "type": "product", "action": {"catalog_id": "7", "product_retailer_id": "ube"}});
    let many: Vec<Value> = (0..257).map(|_| json!({"name": {"formatted_name": "x".repeat(900)}})).collect();
    for (kind, object, code, says) in [
        ("interactive", json!({"type": "product", "action": {"catalog_id": "7", "product_retailer_id": "ube"}}), 131_009, "catalogue 7"),
        ("interactive", body("catalog_message", json!({"name": "catalog_message"})), 131_009, "no catalogue is connected"),
        ("interactive", body("carousel", json!({"cards": [product(0), product(1)]})), 131_009, "catalogue 7"),
        ("interactive", body("flow", json!({"name": "flow", "parameters": {"flow_id": "7", "flow_cta": "Book"}})), 131_009, "no flow of the id 7"),
        ("interactive", body("call_permission_request", json!({"name": "call_permission_request"})), 138_000, "no calls"),
        ("contacts", json!(many), 100, "bytes without its files"),
        ("order", json!({}), 131_051, "order"),
    ] {
        let answer = shop.messages(&world, &request(&ana.phone, kind, &object)).await;
        assert_eq!((answer.graph_error().0, answer.graph_error().1), (400, code), "{}", answer.json());
        let details = answer.json()["error"]["error_data"]["details"].as_str().expect("details").to_owned();
        assert!(details.contains(says), "{details}");
    }
    assert_eq!(world.count("SELECT count(*) FROM message").await, before);
}

#[tokio::test]
async fn what_is_quoted_and_not_known_any_more_is_not_quoted() {
    let (world, shop, mut ana) = in_conversation(903).await;
    let id = ana.says("Ilan po?").await;
    shop.sees(&world, &shop.owner(&world).await, &ana.chat.to_string(), "Ilan po?").await;
    let unknown = MessageId::new(&Env::for_tests(1));
    for (quoted, reply_to) in [(id, Some(id)), (unknown, None)] {
        let mut ask = request(&ana.phone, "location", &json!({"latitude": 14, "longitude": 121}));
        ask["context"] = json!({"message_id": wamid::encode(quoted)});
        shop.messages(&world, &ask).await.expect(200);
        assert_eq!(ana.hears().await.reply_to, reply_to);
    }
}

#[tokio::test]
async fn an_identity_that_is_not_the_customers_fails_afterwards() {
    let (world, shop, ana) = in_conversation(904).await;
    let mut ask = request(&ana.phone, "text", &json!({"body": "For your eyes only"}));
    ask["recipient_identity_key_hash"] = "DF2lS5v2W6x=".into();
    ask["biz_opaque_callback_data"] = "secret-7".into();
    let accepted = shop.messages(&world, &ask).await.expect(200);
    let deliveries = world.receiver.wait(Pace::Slow, &shop.callback, 2).await;
    let status = deliveries[1].change()["statuses"][0].clone();
    assert_eq!((&status["id"], &status["status"]), (&accepted["messages"][0]["id"], &json!("failed")));
    assert_eq!((&status["errors"][0]["code"], &status["biz_opaque_callback_data"]), (&json!(137_000), &json!("secret-7")));
    assert_eq!(status["errors"][0]["title"], "Identity key hash mismatch");
    // It never left: what comes next is all the device hears.
    let mut ana = ana;
    shop.say(&world, &ana.phone, "Kumusta po").await;
    assert_eq!(ana.hears().await.text, "Kumusta po");
}

/// The statuses of a message, in order, with the codes of those that failed.
async fn statuses(world: &World, shop: &Shop, id: &Value, last: &str) -> Vec<Value> {
    let told = || -> Vec<Value> {
        let all = world.receiver.taken(&shop.callback).into_iter().map(|one| one.change()["statuses"][0].clone());
        all.filter(|one| one["id"] == *id).collect()
    };
    let done = || Some(told()).filter(|told| told.last().is_some_and(|status| status["status"] == last));
    world.receiver.wait_for(Pace::Slow, last, done).await
}

#[tokio::test]
async fn a_reaction_stands_on_its_message_until_it_is_taken_back() {
    let (world, shop, mut ana) = in_conversation(905).await;
    let id = ana.says("Ang sarap!").await;
    let browser = shop.owner(&world).await;
    shop.sees(&world, &browser, &ana.chat.to_string(), "Ang sarap!").await;
    for emoji in ["❤️", "👍", ""] {
        let mut ask = request(&ana.phone, "reaction", &json!({"message_id": wamid::encode(id), "emoji": emoji}));
        ask["biz_opaque_callback_data"] = "mood".into();
        let accepted = shop.messages(&world, &ask).await.expect(200);
        let reaction = ana
            .wait("the reaction", |event| match event {
                Event::Reacted(_, on, reaction) if on == id => Some(reaction),
                _ => None,
            })
            .await;
        assert_eq!((reaction.of_business, reaction.emoji.as_str()), (true, emoji));
        let told = statuses(&world, &shop, &accepted["messages"][0]["id"], "delivered").await;
        let words: Vec<&str> = told.iter().filter_map(|one| one["status"].as_str()).collect();
        assert_eq!((words, &told[0]["biz_opaque_callback_data"]), (vec!["sent", "delivered"], &json!("mood")));
        let page = browser.get(&world, &format!("/chats/{}/messages?limit=50", ana.chat)).await.expect(200);
        let message = page["data"].as_array().expect("a list").iter().find(|one| one["id"] == id.to_string().as_str()).expect("the message");
        let shown: Vec<&str> = message["reactions"].as_array().expect("a list").iter().filter_map(|one| one["emoji"].as_str()).collect();
        assert_eq!(shown, if emoji.is_empty() { vec![] } else { vec![emoji] });
    }
    assert_eq!(world.count("SELECT count(*) FROM reaction_sent").await, 0, "nothing is under way any more");
    assert_eq!(world.count("SELECT count(*) FROM message WHERE from_business = 1").await, 0, "a reaction is no message of the chat");
}

#[tokio::test]
async fn a_reaction_on_nothing_fails_afterwards() {
    let (world, shop, ana) = in_conversation(906).await;
    let id = ana.says("Ang sarap!").await;
    shop.sees(&world, &shop.owner(&world).await, &ana.chat.to_string(), "Ang sarap!").await;
    let on = |message: &str| request(&ana.phone, "reaction", &json!({"message_id": message, "emoji": "👍"}));
    let unknown = shop.messages(&world, &on(&wamid::encode(MessageId::new(&Env::for_tests(1))))).await.expect(200);
    let first = shop.messages(&world, &on(&wamid::encode(id))).await.expect(200);
    let first = first["messages"][0]["id"].as_str().expect("a wamid").to_owned();
    let itself = shop.messages(&world, &on(&first)).await.expect(200);
    for accepted in [unknown, itself] {
        let told = statuses(&world, &shop, &accepted["messages"][0]["id"], "failed").await;
        assert_eq!((told.len(), &told[0]["errors"][0]["code"]), (1, &json!(131_009)), "{told:?}");
    }
    // Outside the window a reaction is refused by the rules, and taken off the message again.
    statuses(&world, &shop, &json!(first), "delivered").await;
    world.advance(25 * 3_600_000);
    let late = shop.messages(&world, &request(&ana.phone, "reaction", &json!({"message_id": wamid::encode(id), "emoji": "🙏"}))).await.expect(200);
    let told = statuses(&world, &shop, &late["messages"][0]["id"], "failed").await;
    assert_eq!(told[0]["errors"][0]["code"], 131_047, "{told:?}");
    assert_eq!(world.count("SELECT count(*) FROM message_reaction WHERE from_business = 1 AND emoji <> ''").await, 0);
    // On what is older than 30 days, nobody reacts.
    world.advance(31 * 24 * 3_600_000);
    let old = shop.messages(&world, &on(&wamid::encode(id))).await.expect(200);
    assert_eq!(statuses(&world, &shop, &old["messages"][0]["id"], "failed").await[0]["errors"][0]["code"], 131_009);
}
