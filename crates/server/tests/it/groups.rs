//! Groups of several customers (Cloud API, section 3a, "Groups"), as programs, operators and customers use them.
use axum::http::Method;
use serde_json::{Value, json};
use suki_client::{Author, Event, Status};
use suki_cloud_api::wamid;
use suki_store::StoreError;
use suki_testkit::{Browser, Customer, Delivery, Pace, Shop, World};
use suki_types::MessageId;

const FIELDS: &str = "messages,group_lifecycle_update,group_participants_update,group_settings_update";

/// A shop that hears of groups.
async fn with_shop(seed: u64) -> (World, Shop) {
    let (world, shop) = World::with_shop(seed).await;
    let body = json!({"object": "whatsapp_business_account", "callback_url": shop.callback, "verify_token": suki_testkit::receiver::VERIFY_TOKEN, "fields": FIELDS});
    shop.graph(&world, Method::POST, &format!("/v23.0/{}/subscriptions", shop.app_id), Some(&body)).await.expect(200);
    (world, shop)
}

/// What was told of a kind of change in groups.
fn told_of(world: &World, shop: &Shop, kind: &str) -> Vec<Value> {
    let one = |delivery: &Delivery| delivery.json()["entry"][0]["changes"][0]["value"]["groups"][0].clone();
    world.receiver.taken(&shop.callback).iter().map(one).filter(|group| group["type"] == kind).collect()
}

async fn told(world: &World, shop: &Shop, kind: &str, count: usize) -> Vec<Value> {
    let check = || Some(told_of(world, shop, kind)).filter(|all| all.len() >= count);
    world.receiver.wait_for(Pace::Slow, &format!("{count} of {kind}"), check).await
}

/// Until programs were told that somebody said this.
async fn said(world: &World, shop: &Shop, text: &str) {
    let is_said = |delivery: &Delivery| delivery.json()["entry"][0]["changes"][0]["value"]["messages"][0]["text"]["body"] == text;
    let there = || world.receiver.taken(&shop.callback).iter().any(is_said).then_some(());
    world.receiver.wait_for(Pace::Slow, text, there).await;
}

/// Where the inbox has the group's messages.
async fn messages_in(world: &World, browser: &Browser) -> String {
    let chats = browser.get(world, "/chats").await.expect(200);
    let chat = chats["data"].as_array().expect("chats").iter().find(|chat| chat["contact"]["name"] == "Ana's wedding").expect("the group").clone();
    format!("/chats/{}/messages", chat["id"].as_str().expect("an id"))
}

/// Makes a group; its id and its invitation.
async fn make(world: &World, shop: &Shop, mode: &str) -> (String, String) {
    let body = json!({"messaging_product": "whatsapp", "subject": "Ana's wedding", "description": "Cakes", "join_approval_mode": mode});
    let answer = shop.graph(world, Method::POST, &format!("/v23.0/{}/groups", shop.phone_number_id), Some(&body)).await.expect(200);
    let made = told(world, shop, "group_create", 1).await.remove(0);
    assert_eq!((&made["request_id"], &made["subject"], &made["join_approval_mode"]), (&answer["request_id"], &json!("Ana's wedding"), &json!(mode)));
    (made["group_id"].as_str().expect("an id").to_owned(), made["invite_link"].as_str().expect("a link").to_owned())
}

/// A customer of the shop who follows the invitation and is in the group.
async fn comes(world: &World, shop: &Shop, name: &str, link: &str) -> Customer {
    let mut customer = Customer::named(world, shop, name).await;
    let joined = customer.client.join_group(link).await.expect("he may come");
    while customer.chat != joined.group {
        customer.chat = customer.joined().await;
    }
    customer
}

async fn group(world: &World, shop: &Shop, method: Method, path: &str, body: Option<&Value>) -> suki_testkit::Answer {
    shop.graph(world, method, &format!("/v23.0/{path}"), body).await
}

fn to_group(id: &str, text: &str) -> Value {
    json!({"messaging_product": "whatsapp", "recipient_type": "group", "to": id, "type": "text", "text": {"body": text}})
}

/// The statuses of a message, each with the participant's user id.
fn statuses(world: &World, shop: &Shop, id: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for delivery in world.receiver.taken(&shop.callback) {
        let value = delivery.json()["entry"][0]["changes"][0]["value"].clone();
        for status in value["statuses"].as_array().into_iter().flatten().filter(|status| status["id"] == id) {
            assert_eq!(status["recipient_type"], "group");
            let who = status["recipient_participant_user_id"].as_str().expect("a participant").to_owned();
            assert!(value["contacts"].as_array().expect("contacts").iter().any(|contact| contact["user_id"] == who.as_str()), "{value}");
            all.push((who, status["status"].as_str().expect("a status").to_owned()));
        }
    }
    all
}

/// Three customers and the business: everybody reads what everybody writes, encrypted once; programs are told who wrote and how far it came with whom.
#[tokio::test]
async fn a_group_of_three_talks_with_the_shop() {
    let (world, shop) = with_shop(601).await;
    let (id, link) = make(&world, &shop, "auto_approve").await;
    assert!(link.contains("/g/"), "{link}");
    assert_eq!(shop.messages(&world, &to_group(&id, "Anybody?")).await.graph_error(), (400, 131_020, 0));
    let mut ana = comes(&world, &shop, "Ana", &link).await;
    let mut ben = comes(&world, &shop, "Ben", &link).await;
    let mut cora = comes(&world, &shop, "Cora", &link).await;
    let added = told(&world, &shop, "group_add_participants", 3).await;
    assert_eq!((&added[0]["added_participants"][0]["wa_id"], &added[0]["reason"]), (&json!(ana.phone), &json!("invite_link")));

    let asked = ana.says("Which cake?").await;
    for other in [&mut ben, &mut cora] {
        let heard = other.hears().await;
        assert_eq!((heard.text.as_str(), heard.id), ("Which cake?", asked));
        let Author::Participant(who) = heard.author else { panic!("{heard:?}") };
        let thread = other.client.thread(other.chat).await.expect("it is known").group.expect("a group");
        assert_eq!((thread.name(who), thread.subject.as_str()), (Some("Ana"), "Ana's wedding"));
    }
    let inbound = world
        .receiver
        .wait_for(Pace::Slow, "her words", || {
            let all = world.receiver.taken(&shop.callback);
            all.iter().map(Delivery::json).find(|body| body["entry"][0]["changes"][0]["value"]["messages"][0]["id"] == wamid::encode(asked))
        })
        .await;
    let value = &inbound["entry"][0]["changes"][0]["value"];
    assert_eq!((&value["messages"][0]["group_id"], &value["messages"][0]["from"]), (&json!(id), &json!(ana.phone)));
    assert_eq!(value["contacts"][0]["profile"]["name"], "Ana");

    let accepted = shop.messages(&world, &to_group(&id, "Ube or mango")).await.expect(200);
    assert_eq!((&accepted["messages"][0]["group_id"], &accepted["contacts"][0]["input"]), (&json!(id), &json!(id)));
    let sent = accepted["messages"][0]["id"].as_str().expect("a wamid").to_owned();
    for other in [&mut ana, &mut ben, &mut cora] {
        let heard = other.wait("the answer", |event| match event {
            Event::Message(_, message) if message.author == Author::Business => Some(message),
            _ => None,
        });
        let heard = heard.await;
        assert_eq!((heard.text.as_str(), wamid::encode(heard.id)), ("Ube or mango", sent.clone()));
        other.reads(heard.id).await;
    }
    let all = world.receiver.wait_for(Pace::Slow, "nine statuses", || Some(statuses(&world, &shop, &sent)).filter(|all| all.len() >= 9)).await;
    let participants: std::collections::BTreeSet<&str> = all.iter().map(|(who, _)| who.as_str()).collect();
    assert_eq!(participants.len(), 3);
    for one in participants {
        let steps: Vec<&str> = all.iter().filter(|(who, _)| who == one).map(|(_, status)| status.as_str()).collect();
        assert_eq!(steps, ["sent", "delivered", "read"]);
    }
    // Meta tells the first step of all participants in one delivery, and what it costs for a group.
    let first = world
        .receiver
        .taken(&shop.callback)
        .iter()
        .map(Delivery::json)
        .find(|body| body["entry"][0]["changes"][0]["value"]["statuses"][0]["id"] == sent.as_str());
    let first = first.expect("a delivery")["entry"][0]["changes"][0]["value"]["statuses"].clone();
    assert_eq!((first.as_array().expect("statuses").len(), &first[0]["pricing"]["category"]), (3, &json!("group_service")));
    assert_eq!(first[0]["recipient_id"], id.as_str());
    // The shop has read what Ana asked.
    let read = json!({"messaging_product": "whatsapp", "status": "read", "message_id": wamid::encode(asked)});
    shop.messages(&world, &read).await.expect(200);
    ana.status(asked, Status::Read).await;
    // In the inbox the group is a chat with the group's name, and each message has its author.
    let browser = shop.owner(&world).await;
    let page = browser.get(&world, &messages_in(&world, &browser).await).await.expect(200);
    assert_eq!((&page["data"][0]["author"]["name"], &page["data"][1]["author"]), (&json!("Ana"), &Value::Null));
    assert_eq!(page["data"][1]["status"], "read");
}

/// What somebody says while a message of the business waits to leave is read before that message is; of the message itself it is told later, and once.
#[tokio::test]
async fn a_message_that_leaves_late_is_read_all_the_same() {
    let (world, shop) = with_shop(606).await;
    let (id, link) = make(&world, &shop, "auto_approve").await;
    let ana = comes(&world, &shop, "Ana", &link).await;
    let mut ben = comes(&world, &shop, "Ben", &link).await;
    ana.says("Hello").await;
    assert_eq!(ben.hears().await.text, "Hello");
    said(&world, &shop, "Hello").await;
    let late = MessageId::new(&world.env);
    let network = world.network();
    network.db().fail_writes_by(Some(late.as_bytes()));
    let browser = shop.owner(&world).await;
    let path = messages_in(&world, &browser).await;
    browser.post(&world, &path, &json!({"id": late.to_string(), "text": "Ube or mango"})).await.expect(201);
    let asked = ana.says("Anybody?").await;
    assert_eq!(ben.hears().await.id, asked);
    ben.reads(asked).await;
    ben.says("I am").await;
    said(&world, &shop, "I am").await;
    assert_eq!(statuses(&world, &shop, &wamid::encode(late)), [], "it has not left");
    network.db().fail_writes_by(None);
    world.advance(5_000);
    assert_eq!(ben.hears().await.id, late);
    ben.reads(late).await;
    let read = |wamid: &str| statuses(&world, &shop, wamid).iter().any(|(_, status)| status == "read").then_some(());
    world.receiver.wait_for(Pace::Slow, "that he has read it", || read(&wamid::encode(late))).await;
    let last = shop.messages(&world, &to_group(&id, "Or both")).await.expect(200)["messages"][0]["id"].as_str().expect("a wamid").to_owned();
    let heard = ben.hears().await;
    ben.reads(heard.id).await;
    world.receiver.wait_for(Pace::Slow, "what comes after", || read(&last)).await;
    let steps = statuses(&world, &shop, &wamid::encode(late)).into_iter().filter(|(_, status)| status == "read").count();
    assert_eq!(steps, 1);
}

/// What was delivered before it is stored whom a message goes to is told once it is.
#[tokio::test]
async fn receipts_of_participants_wait_for_what_they_are_of() {
    let (world, shop) = with_shop(607).await;
    let (id, link) = make(&world, &shop, "auto_approve").await;
    let mut ana = comes(&world, &shop, "Ana", &link).await;
    ana.says("Hello").await;
    said(&world, &shop, "Hello").await;
    let say =
        async |text: &str| shop.messages(&world, &to_group(&id, text)).await.expect(200)["messages"][0]["id"].as_str().expect("a wamid").to_owned();
    let first = say("Ube or mango").await;
    assert_eq!(ana.hears().await.text, "Ube or mango");
    let steps = |wamid: &str| statuses(&world, &shop, wamid).into_iter().map(|(_, status)| status).collect::<Vec<_>>();
    world.receiver.wait_for(Pace::Slow, "its delivery", || (steps(&first) == ["sent", "delivered"]).then_some(())).await;
    let db = world.endpoint().db().clone();
    let price: Result<String, StoreError> = db.read(|tx| tx.query_one("SELECT max(price) FROM message_recipient", &[], |row| row.get(0))).await;
    let price = price.expect("the store answers");
    assert_ne!(price, "");
    db.fail_writes_by(Some(price.as_bytes()));
    let second = say("Or both").await;
    let heard = ana.hears().await;
    ana.reads(heard.id).await;
    world.until_stored("both receipts", "SELECT count(*) FROM early_receipt", |count| count == 2).await;
    assert_eq!(steps(&second), Vec::<String>::new());
    db.fail_writes_by(None);
    world.receiver.wait_for(Pace::Slow, "that she has read it", || (steps(&second) == ["sent", "delivered", "read"]).then_some(())).await;
}

/// Who leaves, or is taken out, hears nothing of what is written after; who comes later reads nothing of what was written before.
#[tokio::test]
async fn members_come_and_go_and_the_keys_follow() {
    let (world, shop) = with_shop(602).await;
    let (id, link) = make(&world, &shop, "auto_approve").await;
    let ana = comes(&world, &shop, "Ana", &link).await;
    let mut ben = comes(&world, &shop, "Ben", &link).await;
    ana.says("Before").await;
    assert_eq!(ben.hears().await.text, "Before");
    let number = ben.client.safety_number(ben.chat).await.expect("it is known");
    ben.client.leave_group(ben.chat).await.expect("he may leave");
    let left = ben.chat;
    ben.wait("that he is out", |event| (event == Event::Left(left)).then_some(())).await;
    let gone = told(&world, &shop, "group_remove_participants", 1).await.remove(0);
    assert_eq!((&gone["removed_participants"][0]["wa_id"], &gone["initiated_by"]), (&json!(ben.phone), &json!("participant")));
    let mut cora = comes(&world, &shop, "Cora", &link).await;
    assert_ne!(ana.client.safety_number(ana.chat).await.expect("it is known"), number, "the group has changed");
    ana.says("After").await;
    assert_eq!(cora.hears().await.text, "After");
    assert_eq!(cora.texts().await, ["After"], "she reads nothing of before");
    assert_eq!(ben.texts().await, ["Before"], "and he nothing of after");

    let user = json!({"messaging_product": "whatsapp", "participants": [{"user": cora.phone}, {"user": ben.phone}]});
    let removed = group(&world, &shop, Method::DELETE, &format!("{id}/participants"), Some(&user)).await.expect(200);
    assert_eq!(
        (&removed["removed_participants"][0]["input"], &removed["failed_participants"][0]["errors"][0]["code"]),
        (&json!(cora.phone), &json!(131_212))
    );
    let group_of_cora = cora.chat;
    cora.wait("that she is out", |event| (event == Event::Left(group_of_cora)).then_some(())).await;
    let gone = told(&world, &shop, "group_remove_participants", 2).await.remove(1);
    assert_eq!((&gone["request_id"], &gone["initiated_by"]), (&removed["request_id"], &json!("business")));
    // Who blocks the shop is out of its groups, and does not come back before he has ended that.
    ana.client.block(shop.id, true).await.expect("he may");
    told(&world, &shop, "group_remove_participants", 3).await;
    assert_eq!(shop.messages(&world, &to_group(&id, "Hello?")).await.graph_error(), (400, 131_020, 0));
    assert!(ana.client.join_group(&link).await.is_err());
}

/// A group through all its operations: read, changed, its invitation, its requests, listed, deleted.
#[tokio::test]
async fn a_groups_life_over_the_cloud_api() {
    let (world, shop) = with_shop(603).await;
    let (id, link) = make(&world, &shop, "approval_required").await;
    let info = group(&world, &shop, Method::GET, &id, None).await.expect(200);
    assert_eq!((&info["id"], &info["subject"], &info["total_participant_count"]), (&json!(id), &json!("Ana's wedding"), &json!(0)));
    assert_eq!((&info["join_approval_mode"], &info["suspended"]), (&json!("approval_required"), &json!(false)));
    let some = group(&world, &shop, Method::GET, &format!("{id}?fields=subject,nonsense"), None).await.expect(200);
    assert_eq!(some, json!({"id": id, "subject": "Ana's wedding"}));

    let mut ana = Customer::named(&world, &shop, "Ana").await;
    let ben = Customer::named(&world, &shop, "Ben").await;
    for customer in [&ana, &ben] {
        customer.client.join_group(&link).await.expect("he may ask");
        // Who asked first stands first.
        world.advance(1);
    }
    let asked = told(&world, &shop, "group_join_request_created", 2).await;
    let requests = group(&world, &shop, Method::GET, &format!("{id}/join_requests"), None).await.expect(200);
    assert_eq!((&requests["data"][0]["wa_id"], &requests["data"][0]["join_request_id"]), (&json!(ana.phone), &asked[0]["join_request_id"]));
    let answer = |request: &Value| json!({"messaging_product": "whatsapp", "join_requests": [request]});
    let approved = group(&world, &shop, Method::POST, &format!("{id}/join_requests"), Some(&answer(&asked[0]["join_request_id"]))).await.expect(200);
    assert_eq!(approved["approved_join_requests"][0], asked[0]["join_request_id"]);
    let added = told(&world, &shop, "group_add_participants", 1).await;
    assert_eq!(added[0]["request_id"], approved["request_id"]);
    ana.joined().await;
    let rejected =
        group(&world, &shop, Method::DELETE, &format!("{id}/join_requests"), Some(&answer(&asked[1]["join_request_id"]))).await.expect(200);
    assert_eq!(rejected["rejected_join_requests"][0], asked[1]["join_request_id"]);
    let again = group(&world, &shop, Method::POST, &format!("{id}/join_requests"), Some(&answer(&asked[1]["join_request_id"]))).await;
    assert_eq!(again.graph_error(), (400, 131_213, 0));

    let named = json!({"messaging_product": "whatsapp", "subject": "Wedding, June", "description": ""});
    let changed = group(&world, &shop, Method::POST, &id, Some(&named)).await.expect(200);
    let settings = told(&world, &shop, "group_settings_update", 1).await.remove(0);
    assert_eq!((&settings["request_id"], &settings["group_subject"]["text"]), (&changed["request_id"], &json!("Wedding, June")));
    let info = group(&world, &shop, Method::GET, &id, None).await.expect(200);
    assert_eq!((&info["subject"], &info["participants"][0]["wa_id"]), (&json!("Wedding, June"), &json!(ana.phone)));
    let long = json!({"messaging_product": "whatsapp", "subject": "x".repeat(129)});
    assert_eq!(group(&world, &shop, Method::POST, &id, Some(&long)).await.graph_error(), (400, 100, 0));

    let kept = group(&world, &shop, Method::GET, &format!("{id}/invite_link"), None).await.expect(200);
    assert_eq!(kept["invite_link"], link.as_str());
    let reset = group(&world, &shop, Method::POST, &format!("{id}/invite_link"), Some(&json!({"messaging_product": "whatsapp"}))).await.expect(200);
    assert_ne!(reset["invite_link"], link.as_str());
    assert!(ben.client.preview_group(&link).await.is_err(), "the old one holds no longer");
    let added = group(&world, &shop, Method::POST, &format!("{id}/participants"), Some(&json!({"messaging_product": "whatsapp"}))).await;
    assert_eq!(added.graph_error(), (400, 131_055, 0));

    let listed = shop.graph(&world, Method::GET, &format!("/v23.0/{}/groups?limit=1", shop.phone_number_id), None).await.expect(200);
    assert_eq!((&listed["data"]["groups"][0]["id"], &listed["paging"].get("next")), (&json!(id), &None));
    let deleted = group(&world, &shop, Method::DELETE, &id, None).await.expect(200);
    assert_eq!(deleted["success"], true);
    let over = told(&world, &shop, "group_delete", 1).await.remove(0);
    assert_eq!(over["request_id"], deleted["request_id"]);
    assert_eq!(group(&world, &shop, Method::GET, &id, None).await.graph_error(), (400, 100, 33));
    assert_eq!(shop.messages(&world, &to_group(&id, "Hello?")).await.graph_error(), (400, 131_041, 0));
    assert_eq!(shop.messages(&world, &to_group("no group", "Hello?")).await.graph_error(), (400, 131_041, 0));
}

/// A group is its business's own.
#[tokio::test]
async fn another_businesss_group_does_not_exist() {
    let (world, shop) = with_shop(604).await;
    let (id, _) = make(&world, &shop, "auto_approve").await;
    let other = Shop::open(&world, "tinapay").await;
    let nothing = json!({"messaging_product": "whatsapp"});
    for (method, path) in [
        (Method::GET, id.clone()),
        (Method::POST, id.clone()),
        (Method::DELETE, id.clone()),
        (Method::GET, format!("{id}/invite_link")),
        (Method::GET, format!("{id}/join_requests")),
        (Method::DELETE, format!("{id}/participants")),
    ] {
        let body = (method != Method::GET).then_some(&nothing);
        assert_eq!(group(&world, &other, method, &path, body).await.graph_error(), (400, 100, 33), "{path}");
    }
    assert_eq!(other.messages(&world, &to_group(&id, "Hello?")).await.graph_error(), (400, 131_041, 0));
    let create = format!("/v23.0/{}/groups", other.phone_number_id);
    assert_eq!(shop.graph(&world, Method::POST, &create, Some(&nothing)).await.graph_error(), (400, 100, 33));
    assert_eq!(group(&world, &shop, Method::GET, &format!("{id}/messages"), None).await.status.as_u16(), 400);
}

/// The endpoint stops right after the network has taken somebody in: when it comes back it commits what is noted, and he reads and writes.
#[tokio::test]
async fn an_endpoint_that_was_away_lets_in_who_has_come_meanwhile() {
    let (world, shop) = with_shop(605).await;
    let (id, link) = make(&world, &shop, "auto_approve").await;
    let mut ana = comes(&world, &shop, "Ana", &link).await;
    let mut ben = Customer::named(&world, &shop, "Ben").await;
    world.stop_endpoint().await;
    let joined = ben.client.join_group(&link).await.expect("the network takes him in");
    ana.says("Is anybody there?").await;
    world.start_endpoint().await;
    while ben.chat != joined.group {
        ben.chat = ben.joined().await;
    }
    ben.says("I am").await;
    assert_eq!(
        ana.wait("his words", |event| match event {
            Event::Message(_, message) if message.text == "I am" => Some(message.author),
            _ => None,
        })
        .await,
        Author::Participant(ben.client.credentials().account)
    );
    let info = group(&world, &shop, Method::GET, &id, None).await.expect(200);
    assert_eq!(info["total_participant_count"], 2);
}
