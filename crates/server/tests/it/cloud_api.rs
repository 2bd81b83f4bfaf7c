//! The Cloud API's first operations, as programs use them.
use axum::http::Method;
use serde_json::{Value, json};
use suki_client::{Author, Event, Status};
use suki_cloud_api::wamid;
use suki_testkit::{Customer, Mode, Pace, Shop, World, shop::message_id, wait};
use suki_types::Timestamp;

/// What of the receipts and messages is told, in order.
fn told(deliveries: &[suki_testkit::Delivery]) -> Vec<String> {
    deliveries.iter().map(suki_testkit::Delivery::tells).collect()
}

/// A shop and a customer who has written.
async fn in_conversation(seed: u64) -> (World, Shop, Customer) {
    let (world, shop) = World::with_shop(seed).await;
    let ana = Customer::named(&world, &shop, "Ana").await;
    ana.says("May kape pa ba?").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    (world, shop, ana)
}

#[tokio::test]
async fn r91_r112_a_text_goes_out_and_its_statuses_come_back_signed_and_in_order() {
    let (world, shop, mut ana) = in_conversation(101).await;
    let body = json!({
        "messaging_product": "whatsapp", "recipient_type": "individual", "to": format!("+{}", ana.phone), "type": "text",
        "text": {"body": "Oo, meron pa.", "preview_url": false}, "biz_opaque_callback_data": "order-7",
    });
    let accepted = shop.messages(&world, &body).await.expect(200);
    assert_eq!(accepted["messaging_product"], "whatsapp");
    assert_eq!((&accepted["contacts"][0]["input"], &accepted["contacts"][0]["wa_id"]), (&json!(format!("+{}", ana.phone)), &json!(ana.phone)));
    assert_eq!(accepted["messages"][0]["message_status"], "accepted");
    let id = accepted["messages"][0]["id"].as_str().expect("a wamid").to_owned();
    let heard = ana.hears().await;
    assert_eq!((heard.text.as_str(), wamid::encode(heard.id)), ("Oo, meron pa.", id.clone()));
    ana.reads(heard.id).await;
    let deliveries = world.receiver.wait(Pace::Slow, &shop.callback, 4).await;
    assert_eq!(told(&deliveries), ["text:May kape pa ba?", &format!("sent:{id}"), &format!("delivered:{id}"), &format!("read:{id}")]);
    for delivery in &deliveries {
        assert!(delivery.is_signed_by(&shop.app_secret) && !delivery.is_signed_by("another secret"));
        let body = delivery.json();
        assert_eq!((&body["object"], &body["entry"][0]["id"]), (&json!("whatsapp_business_account"), &json!(shop.waba_id)));
        assert_eq!(body["entry"][0]["changes"][0]["field"], "messages");
        assert_eq!(delivery.change()["metadata"]["phone_number_id"], shop.phone_number_id.as_str());
    }
    for status in deliveries[1..].iter().map(|delivery| delivery.change()["statuses"][0].clone()) {
        assert_eq!((&status["recipient_id"], &status["biz_opaque_callback_data"]), (&json!(ana.phone), &json!("order-7")));
    }
}

#[tokio::test]
async fn r2_a_customers_text_arrives_with_his_name_and_what_it_answers() {
    let (world, shop, mut ana) = in_conversation(102).await;
    let id = shop.say(&world, &ana.phone, "Ilan po?").await;
    let heard = ana.hears().await;
    let answer = ana.replies(heard.id, "Dalawa \u{2615}").await;
    let message = world
        .receiver
        .wait_for(Pace::Slow, "the answer", || world.receiver.taken(&shop.callback).into_iter().find(|one| one.tells().starts_with("text:Dalawa")))
        .await;
    let value = message.change();
    assert_eq!(value["contacts"][0]["profile"]["name"], "Ana");
    let message = &value["messages"][0];
    assert_eq!((&message["from"], &message["type"], &message["id"]), (&json!(ana.phone), &json!("text"), &json!(wamid::encode(answer))));
    assert_eq!(message["text"]["body"], "Dalawa \u{2615}");
    assert_eq!((&message["context"]["id"], &message["context"]["from"]), (&json!(id), &json!(shop.phone)));
}

#[tokio::test]
async fn reading_and_typing_reach_the_customer() {
    let (world, shop, mut ana) = in_conversation(103).await;
    let id = ana.says("Hello?").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 2).await;
    let body = json!({"messaging_product": "whatsapp", "status": "read", "message_id": wamid::encode(id), "typing_indicator": {"type": "text"}});
    assert_eq!(shop.messages(&world, &body).await.expect(200), json!({"success": true}));
    let (mut read, mut typing) = (false, false);
    ana.wait("read and typing", |event| {
        read |= matches!(event, Event::Status(_, one, Status::Read) if one == id);
        typing |= matches!(event, Event::Typing(_, true));
        (read && typing).then_some(())
    })
    .await;
    let foreign = json!({"messaging_product": "whatsapp", "status": "read", "message_id": wamid::encode(suki_types::MessageId::new(&world.env))});
    assert_eq!(shop.messages(&world, &foreign).await.graph_error(), (400, 131_009, 0));
}

#[tokio::test]
async fn who_is_no_customer_cannot_be_written_to() {
    let (world, shop, _ana) = in_conversation(104).await;
    let to = |to: &str| json!({"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": "hi"}});
    assert_eq!(shop.messages(&world, &to("639171234567")).await.graph_error(), (400, 131_026, 0));
    assert_eq!(shop.messages(&world, &to("ZZ.ABCDEF")).await.graph_error(), (400, 131_026, 0));
    assert_eq!(shop.messages(&world, &to(&shop.phone)).await.graph_error(), (400, 131_021, 0));
    assert_eq!(world.count("SELECT count(*) FROM message WHERE from_business = 1").await, 0);
}

#[tokio::test]
async fn r10_who_never_wrote_is_not_written_to() {
    let (world, shop) = World::with_shop(105).await;
    let ana = Customer::guest(&world, &shop).await;
    let id = shop.say(&world, &ana.phone, "Buy now!").await;
    let deliveries = world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    assert_eq!(told(&deliveries), [format!("failed:{id}")]);
    assert_eq!(deliveries[0].change()["statuses"][0]["errors"][0]["code"], 131_047);
    assert_eq!(ana.texts().await, [""; 0]);
}

#[tokio::test]
async fn r94_r96_the_window_closes_24_hours_after_the_customers_last_message() {
    let (world, shop, mut ana) = in_conversation(106).await;
    let browser = shop.owner(&world).await;
    let chat = browser.get(&world, "/chats").await.expect(200)["data"][0].clone();
    let until = Timestamp::from_millis(chat["window_until"].as_i64().expect("an open window"));
    assert_eq!(until.since(Timestamp::from_millis(chat["last"]["at"].as_i64().expect("a time"))), 24 * 3_600_000);
    world.advance(until.since(world.env.now()) - 1_000);
    let last = shop.say(&world, &ana.phone, "In time").await;
    let heard = ana.wait_at(Pace::Still, "the text", |event| match event {
        Event::Message(_, message) if message.author == Author::Business => Some(message.text),
        _ => None,
    });
    assert_eq!(heard.await, "In time");
    let sent = world
        .receiver
        .wait_for(Pace::Still, "sent", || world.receiver.taken(&shop.callback).into_iter().find(|one| one.tells() == format!("sent:{last}")));
    sent.await;
    // What the business says renews nothing (R96 as of 2026).
    world.advance(2_000);
    let late = shop.say(&world, &ana.phone, "Too late").await;
    let failed = world
        .receiver
        .wait_for(Pace::Slow, "failed", || world.receiver.taken(&shop.callback).into_iter().find(|one| one.tells() == format!("failed:{late}")))
        .await;
    let error = failed.change()["statuses"][0]["errors"][0].clone();
    assert_eq!(error["code"], 131_047);
    assert!(!world.receiver.taken(&shop.callback).iter().any(|one| one.tells() == format!("sent:{late}")));
    ana.says("Still there?").await;
    wait::until(&world.env, "an open window", || async {
        let chat = browser.get(&world, "/chats").await.json()["data"][0].clone();
        (chat["last"]["text"] == "Still there?").then_some(())
    })
    .await;
    shop.say(&world, &ana.phone, "Yes").await;
    let mut texts = Vec::new();
    ana.wait("the answer", |event| {
        if let Event::Message(_, message) = event {
            texts.push(message.text);
        }
        texts.iter().any(|text| text == "Yes").then_some(())
    })
    .await;
    assert!(!ana.texts().await.contains(&"Too late".to_owned()));
}

#[tokio::test]
async fn the_token_may_stand_anywhere_and_the_version_may_be_any_or_none() {
    let (world, shop, ana) = in_conversation(107).await;
    let number = &shop.phone_number_id;
    for version in ["", "/v2.0", "/v17.0", "/v23.0", "/v99.0"] {
        let path = format!("{version}/{number}");
        assert_eq!(world.call(Method::GET, &path).bearer(&shop.token).send().await.expect(200)["id"], number.as_str(), "{path}");
        let query = format!("{path}?access_token={}", shop.token);
        assert_eq!(world.call(Method::GET, &query).send().await.expect(200)["id"], number.as_str());
    }
    let form = format!("messaging_product=whatsapp&to={}&type=text&text=%7B%22body%22%3A%22hi%22%7D&access_token={}", ana.phone, shop.token);
    let answer = world.call(Method::POST, &format!("/{number}/messages")).bytes("application/x-www-form-urlencoded", form.into_bytes()).send().await;
    assert_eq!(answer.expect(200)["messages"][0]["message_status"], "accepted");
    let (app_token, app) = (format!("{}|{}", shop.app_id, shop.app_secret), &shop.app_id);
    assert_eq!(world.call(Method::GET, &format!("/{app}")).bearer(&app_token).send().await.expect(200)["id"], app.as_str());
}

#[tokio::test]
async fn tokens_that_hold_no_more_are_refused() {
    let (world, shop) = World::with_shop(108).await;
    let path = format!("/v23.0/{}", shop.phone_number_id);
    let (business, app) = (shop.business(&world), shop.app_id.parse().expect("an id"));
    let until = world.env.now().plus_seconds(60);
    let (short, revoked) = world
        .inside(async move {
            let short = business.create_token(app, Some(until)).await.expect("a token");
            let revoked = business.create_token(app, None).await.expect("a token");
            business.revoke_token(&revoked).await.expect("it is revoked");
            (short, revoked)
        })
        .await;
    world.call(Method::GET, &path).bearer(&short).send().await.expect(200);
    world.advance(60_000);
    for (token, refusal) in [
        (short.as_str(), (401, 190, 463)),
        (&revoked, (401, 190, 467)),
        ("EAAnobody", (401, 190, 467)),
        ("1|2", (401, 190, 467)),
        (&format!("{}|wrong", shop.app_id), (401, 190, 467)),
    ] {
        let answer = world.call(Method::GET, &path).bearer(token).send().await;
        assert_eq!(answer.graph_error(), refusal, "{token}");
        assert!(answer.headers.contains_key("www-authenticate"));
        assert!(!String::from_utf8_lossy(&answer.body).contains(token) || token.len() < 4, "a token is never shown");
    }
    assert_eq!(world.call(Method::GET, &path).send().await.graph_error(), (401, 104, 0));
    assert_eq!(world.call(Method::GET, &path).header("Authorization", "Basic eDp5").send().await.graph_error(), (401, 104, 0));
}

#[tokio::test]
async fn a_phone_number_says_what_it_is_asked() {
    let (world, shop) = World::with_shop(109).await;
    let path = format!("/v23.0/{}", shop.phone_number_id);
    let all = shop.graph(&world, Method::GET, &path, None).await.expect(200);
    assert_eq!((&all["verified_name"], &all["id"]), (&json!("Shop kape"), &json!(shop.phone_number_id)));
    assert_eq!(all["webhook_configuration"]["application"], shop.callback.as_str());
    let some = shop.graph(&world, Method::GET, &format!("{path}?fields=display_phone_number,account_mode,nonsense"), None).await.expect(200);
    assert_eq!(some, json!({"id": shop.phone_number_id, "display_phone_number": format!("+{}", shop.phone), "account_mode": "SANDBOX"}));
    for (id, name) in [(&shop.waba_id, "Shop kape"), (&shop.app_id, "Till")] {
        let node = shop.graph(&world, Method::GET, &format!("/{id}"), None).await.expect(200);
        assert_eq!((&node["id"], &node["name"]), (&json!(id), &json!(name)));
    }
    assert_eq!(shop.graph(&world, Method::DELETE, &path, None).await.graph_error().1, 100);
    assert_eq!(shop.graph(&world, Method::GET, &format!("{path}/nothing"), None).await.graph_error().1, 100);
}

#[tokio::test]
async fn an_app_subscribes_only_where_its_challenge_comes_back() {
    let (world, shop) = World::with_shop(110).await;
    let path = format!("/v23.0/{}/subscriptions", shop.app_id);
    let before = shop.graph(&world, Method::GET, &path, None).await.expect(200);
    assert_eq!(before["data"][0]["callback_url"], shop.callback.as_str());
    assert_eq!(before["data"][0]["fields"], json!([{"name": "messages", "version": "v23.0"}]));
    let other = "https://other.example/hook";
    let body = |token: &str| json!({"object": "whatsapp_business_account", "callback_url": other, "verify_token": token});
    for (mode, token) in [(Mode::Answers(500), "verify-me"), (Mode::Down, "verify-me"), (Mode::Takes, "wrong")] {
        world.receiver.set(other, mode);
        assert_eq!(shop.graph(&world, Method::POST, &path, Some(&body(token))).await.graph_error().1, 2200, "{mode:?}");
    }
    assert_eq!(shop.graph(&world, Method::GET, &path, None).await.expect(200), before);
    assert_eq!(shop.graph(&world, Method::POST, &path, Some(&body("verify-me"))).await.expect(200), json!({"success": true}));
    let after = shop.graph(&world, Method::GET, &path, None).await.expect(200);
    assert_eq!((&after["data"][0]["callback_url"], &after["data"][0]["fields"]), (&json!(other), &before["data"][0]["fields"]));
    shop.graph(&world, Method::DELETE, &path, None).await.expect(200);
    assert_eq!(shop.graph(&world, Method::GET, &path, None).await.expect(200), json!({"data": []}));
}

#[tokio::test]
async fn an_account_names_the_apps_that_are_told() {
    let (world, shop) = World::with_shop(111).await;
    let path = format!("/v23.0/{}/subscribed_apps", shop.waba_id);
    let names =
        |list: &Value| list["data"].as_array().expect("a list").iter().map(|app| app["whatsapp_business_api_data"]["id"].clone()).collect::<Vec<_>>();
    assert_eq!(names(&shop.graph(&world, Method::GET, &path, None).await.expect(200)), [json!(shop.app_id)]);
    let failing = "https://failing.example/hook";
    world.receiver.set(failing, Mode::Answers(404));
    let body = json!({"override_callback_uri": failing, "verify_token": "verify-me"});
    assert_eq!(shop.graph(&world, Method::POST, &path, Some(&body)).await.graph_error().1, 2200);
    assert_eq!(shop.graph(&world, Method::DELETE, &path, None).await.expect(200), json!({"success": true}));
    assert_eq!(names(&shop.graph(&world, Method::GET, &path, None).await.expect(200)), [json!(null); 0]);
    let ana = Customer::guest(&world, &shop).await;
    ana.says("anybody?").await;
    let browser = shop.owner(&world).await;
    shop.sees(&world, &browser, &ana.chat.to_string(), "anybody?").await;
    assert_eq!(world.count("SELECT count(*) FROM delivery").await, 0);
    assert!(world.receiver.attempts().is_empty());
}

#[tokio::test]
async fn an_app_gets_its_token_for_its_secret() {
    let (world, shop) = World::with_shop(112).await;
    let path = |secret: &str| format!("/v23.0/oauth/access_token?grant_type=client_credentials&client_id={}&client_secret={secret}", shop.app_id);
    let granted = world.call(Method::GET, &path(&shop.app_secret)).send().await.expect(200);
    assert_eq!(granted["token_type"], "bearer");
    let token = granted["access_token"].as_str().expect("a token");
    world.call(Method::GET, &format!("/{}", shop.app_id)).bearer(token).send().await.expect(200);
    assert_eq!(world.call(Method::GET, &path("wrong")).send().await.graph_error(), (400, 1, 0));
    assert_eq!(world.call(Method::GET, "/oauth/access_token").send().await.graph_error(), (400, 100, 0));
}

/// R106: who writes too fast is answered so, with the code; nothing of it is stored.
#[tokio::test]
async fn r106_rates_are_answers_and_not_statuses() {
    let (world, shop) = World::with_shop(760).await;
    let ana = Customer::named(&world, &shop, "Ana").await;
    ana.says("hello").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    wait::until(&world.env, "the rules of the network", || async { shop.business(&world).rules() }).await;
    let body = json!({"messaging_product": "whatsapp", "to": ana.phone, "type": "text", "text": {"body": "hi"}});
    for _ in 0..45 {
        shop.messages(&world, &body).await.expect(200);
    }
    assert_eq!(shop.messages(&world, &body).await.graph_error().1, 131_056);
    let browser = shop.owner(&world).await;
    let path = format!("/chats/{}/messages", ana.chat);
    let by_hand = browser.post(&world, &path, &json!({"id": message_id(&world), "text": "hi"})).await;
    assert_eq!(by_hand.problem(), (429, "too_fast".into()));
    let stored = browser.get(&world, &format!("{path}?limit=200")).await.expect(200)["data"].as_array().expect("messages").len();
    assert_eq!(stored, 46);
    world.advance(6_000);
    shop.messages(&world, &body).await.expect(200);
}
