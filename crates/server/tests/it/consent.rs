//! Consent as programs and operators see it: the contact's marks, recording and exporting, the webhook, the block list (R4 to R11, users.md feature 7).
use axum::http::Method;
use serde_json::{Value, json};
use suki_endpoint::operators::Role;
use suki_protocol::calls::relation::Choice;
use suki_testkit::{Answer, Browser, Customer, Pace, Shop, World, wait};

const WORDING: &str = "Yes, send me offers by message";

async fn in_conversation(seed: u64) -> (World, Shop, Customer, Browser) {
    let (world, shop) = World::with_shop(seed).await;
    let fields = "messages,user_preferences";
    let body = json!({"object": "whatsapp_business_account", "callback_url": shop.callback, "verify_token": "verify-me", "fields": fields});
    shop.graph(&world, Method::POST, &format!("/v23.0/{}/subscriptions", shop.app_id), Some(&body)).await.expect(200);
    let ana = Customer::named(&world, &shop, "Ana Reyes").await;
    ana.says("May kape pa ba?").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    let browser = shop.owner(&world).await;
    (world, shop, ana, browser)
}

/// The contact as the inbox shows him, once his marks are as wanted.
async fn contact(world: &World, browser: &Browser, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    wait::until(&world.env, what, || async {
        let chats = browser.get(world, "/chats").await.expect(200);
        let contact = chats["data"][0]["contact"].clone();
        wanted(&contact["consent"]).then_some(contact)
    })
    .await
}

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.clone()).expect("it is text")
}

#[tokio::test]
async fn a_stop_shows_at_the_contact_and_tells_the_programs() {
    let (world, shop, ana, browser) = in_conversation(901).await;
    ana.client.stop(shop.id, true).await.expect("it is set");
    let contact = contact(&world, &browser, "the mark", |consent| consent["stopped_at"].is_i64()).await;
    assert_eq!(contact["consent"]["given_at"], Value::Null);
    let taken = world.receiver.wait(Pace::Slow, &shop.callback, 2).await;
    let change = &taken[1].json()["entry"][0]["changes"][0];
    assert_eq!(change["field"], "user_preferences");
    let preference = &change["value"]["user_preferences"][0];
    assert_eq!(
        (&preference["value"], &preference["category"], &preference["wa_id"]),
        (&json!("stop"), &json!("marketing_messages"), &json!(ana.phone))
    );
    assert!(preference["timestamp"].is_i64() && change["value"]["metadata"]["phone_number_id"] == json!(shop.phone_number_id));
    ana.client.stop(shop.id, false).await.expect("it is set");
    let taken = world.receiver.wait(Pace::Slow, &shop.callback, 3).await;
    assert_eq!(taken[2].json()["entry"][0]["changes"][0]["value"]["user_preferences"][0]["value"], "resume");
}

#[tokio::test]
async fn the_endpoint_reads_along_for_devices_that_do_not_know_the_words() {
    let (world, shop, ana, browser) = in_conversation(902).await;
    ana.says("إيقاف").await;
    contact(&world, &browser, "the mark", |consent| consent["stopped_at"].is_i64()).await;
    let relation = ana.client.relation(shop.id).await.expect("it is known");
    assert!(relation.stopped_at.is_some() && relation.events[0].how == "word");
    world.until_stored("nothing waits", "SELECT count(*) FROM contact_consent WHERE word_at > 0", |count| count == 0).await;
}

/// Past one machine: what comes first after a start, as on another node, is read with the words that were known before.
#[tokio::test]
async fn a_stop_that_was_written_while_the_endpoint_was_away_is_read() {
    let (world, shop, ana, _) = in_conversation(905).await;
    world.until_stored("the words", "SELECT count(*) FROM setting WHERE subject = 'stop_words'", |count| count == 1).await;
    world.stop_endpoint().await;
    ana.says("إيقاف").await;
    world.start_endpoint().await;
    let browser = shop.owner(&world).await;
    contact(&world, &browser, "the mark", |consent| consent["stopped_at"].is_i64()).await;
}

#[tokio::test]
async fn r7_r21_what_a_customer_chose_shows_but_never_a_block() {
    let (world, shop, ana, browser) = in_conversation(903).await;
    ana.client.set_choice(shop.id, Choice::Important).await.expect("it is set");
    ana.client.save(shop.id, true).await.expect("it is set");
    let contact = contact(&world, &browser, "the marks", |consent| consent["important_only"] == true && consent["saved"] == true).await;
    ana.client.block(shop.id, true).await.expect("it is set");
    let path = format!("/contacts/{}/consent", contact["id"].as_str().expect("an id"));
    let consent = browser.get(&world, &path).await.expect(200).to_string();
    assert!(!consent.contains("block") && consent.contains("\"saved\":true"), "{consent}");
}

#[tokio::test]
async fn r11_a_consent_is_recorded_refused_with_its_reason_exported_and_revoked() {
    let (world, shop, ana, browser) = in_conversation(904).await;
    let chats = browser.get(&world, "/chats").await.expect(200);
    let path = format!("/contacts/{}/consent", chats["data"][0]["contact"]["id"].as_str().expect("an id"));
    let refused = browser.post(&world, &path, &json!({"wording": "Yes"})).await;
    assert_eq!(refused.status.as_u16(), 422, "{refused:?}");
    assert!(refused.json()["detail"].as_str().is_some_and(|detail| detail.contains("10 to 2000")), "{refused:?}");
    let body = json!({"wording": WORDING, "how": "paper form", "form": "counter", "evidence": "folder 12, \"A\""});
    let consent = browser.post(&world, &path, &body).await.expect(200);
    assert!(consent["state"]["consent_at"].is_i64());
    let elsewhere = json!({"phone": "+63 917 123 4567", "wording": WORDING});
    assert_eq!(browser.post(&world, "/consents", &elsewhere).await.expect(200)["customer"], Value::Null);
    assert_eq!(browser.get(&world, &path).await.expect(200)["events"][0]["form"], "counter");

    let csv = browser.get(&world, "/consents.csv").await;
    assert_eq!((csv.status.as_u16(), csv.headers["content-type"].to_str().ok()), (200, Some("text/csv; charset=utf-8")));
    let file = text(&csv);
    assert_eq!(file.lines().count(), 3, "{file}");
    assert!(file.contains(&ana.phone) && file.contains("639171234567") && file.contains("\"folder 12, \"\"A\"\"\""), "{file}");
    let lines = text(&browser.get(&world, "/consents.jsonl").await);
    assert!(lines.lines().all(|line| serde_json::from_str::<Value>(line).is_ok_and(|line| line["wording"] == WORDING)), "{lines}");

    let revoked = browser.delete(&world, &format!("{path}?reason=by%20letter")).await.expect(200);
    assert_eq!((&revoked["state"]["consent_at"], &revoked["events"][0]["evidence"]), (&Value::Null, &json!("by letter")));

    let luis = shop.hire(&world, "Luis", Role::Operator).await;
    let luis = shop.browser(&world, &luis).await;
    assert_eq!(luis.get(&world, "/consents.csv").await.problem(), (403, "forbidden".into()));

    ana.client.withdraw_consent(shop.id).await.expect("it is taken back");
    let again = browser.post(&world, &path, &body).await;
    assert!(again.json()["detail"].as_str().is_some_and(|detail| detail.contains("only he")), "{again:?}");
    let nobody = browser.get(&world, "/contacts/acc_00000000000000000000000000000000/consent").await;
    assert_eq!(nobody.status.as_u16(), 404);
}

#[tokio::test]
async fn block_users_is_a_list_that_clients_know() {
    let (world, shop, ana, _) = in_conversation(905).await;
    let path = format!("/v23.0/{}/block_users", shop.phone_number_id);
    let body = json!({"messaging_product": "whatsapp", "block_users": [{"user": ana.phone}, {"user": "+1 555 000 0000"}]});
    let added = shop.graph(&world, Method::POST, &path, Some(&body)).await.expect(200);
    assert_eq!(added["block_users"]["added_users"][0]["wa_id"], ana.phone);
    assert_eq!(added["block_users"]["failed_users"][0]["errors"][0]["code"], 131_026);
    let list = shop.graph(&world, Method::GET, &path, None).await.expect(200);
    assert_eq!(list["data"], json!([{"messaging_product": "whatsapp", "input": ana.phone, "wa_id": ana.phone}]));
    assert!(list["paging"]["cursors"]["after"].is_string());
    let body = json!({"messaging_product": "whatsapp", "block_users": [{"user": ana.phone}]});
    let removed = shop.graph(&world, Method::DELETE, &path, Some(&body)).await.expect(200);
    assert_eq!(removed["block_users"]["removed_users"][0]["input"], ana.phone);
    assert_eq!(shop.graph(&world, Method::GET, &path, None).await.expect(200)["data"], json!([]));
    let none = shop.graph(&world, Method::POST, &path, Some(&json!({}))).await;
    assert_eq!(none.json()["error"]["code"], 131_008);
}

#[tokio::test]
async fn r10_a_program_cannot_write_first_to_who_has_not_agreed() {
    let (world, shop, _, browser) = in_conversation(906).await;
    let other = Shop::open(&world, "tindahan").await;
    let ben = Customer::guest(&world, &other).await;
    let text = json!({"messaging_product": "whatsapp", "to": ben.phone, "type": "text", "text": {"body": "Buy!"}});
    let refused = shop.messages(&world, &text).await;
    assert_eq!(refused.json()["error"]["code"], 131_026);
    let details = refused.json()["error"]["error_data"]["details"].to_string();
    assert!(details.contains("write first") && details.contains("record the consent"), "{details}");
    browser.post(&world, "/consents", &json!({"phone": ben.phone, "wording": WORDING})).await.expect(200);
    // He agreed: there is a chat now, and only the window stands in the way of free text.
    let accepted = shop.messages(&world, &text).await;
    assert_eq!(accepted.status.as_u16(), 200, "{accepted:?}");
    let relation = ben.client.relation(shop.id).await.expect("it is known");
    assert!(relation.opened_by_business);
}
