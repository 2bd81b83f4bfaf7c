//! What programs receive, byte for byte, and that it is read back.
use proptest::prelude::*;
use serde_json::{Value, json};
use suki_cloud_api::{
    signature,
    webhook::{Contact, Conversation, ErrorItem, MAX_BYTES, Message, Notification, Origin, Profile, Progress, Source, Status},
};
use suki_types::{Phone, Timestamp};

fn source() -> Source {
    Source { account: "419561257915477".parse().expect("an id"), phone_number: "106540352242922".parse().expect("an id"), phone: Phone::test(0) }
}

fn contact() -> Contact {
    let profile = Profile { name: "Luz".into(), username: None };
    Contact { profile, wa_id: Some("999000000001".into()), user_id: "ZZ.A1".into(), identity_key_hash: None }
}

fn at() -> Timestamp {
    Timestamp::from_millis(1_767_225_600_999)
}

fn value(notification: &Notification) -> Value {
    let all: Value = serde_json::from_slice(&notification.to_bytes()).expect("it is JSON");
    assert_eq!(all["object"], "whatsapp_business_account");
    let [entry] = all["entry"].as_array().expect("entries").as_slice() else { panic!("one entry a delivery") };
    assert_eq!(entry["id"], "419561257915477");
    let [change] = entry["changes"].as_array().expect("changes").as_slice() else { panic!("one change a delivery") };
    assert_eq!(change["field"], "messages");
    change["value"].clone()
}

#[test]
fn a_customers_text() {
    let message = Message::text(&contact(), "wamid.B".into(), at(), "Bukas po?".into(), Some(("wamid.A".into(), "999000000000".into())));
    assert_eq!(
        value(&source().message(contact(), message)),
        json!({
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "999000000000", "phone_number_id": "106540352242922"},
            "contacts": [{"profile": {"name": "Luz"}, "wa_id": "999000000001", "user_id": "ZZ.A1"}],
            "messages": [{
                "context": {"from": "999000000000", "id": "wamid.A"},
                "from": "999000000001",
                "from_user_id": "ZZ.A1",
                "id": "wamid.B",
                "timestamp": "1767225600",
                "type": "text",
                "text": {"body": "Bukas po?"},
            }],
        })
    );
}

#[test]
fn a_customer_without_a_number_has_a_user_id() {
    let guest = Contact { wa_id: None, ..contact() };
    let value = value(&source().message(guest.clone(), Message::text(&guest, "wamid.B".into(), at(), "Hi".into(), None)));
    assert_eq!(value["contacts"], json!([{"profile": {"name": "Luz"}, "user_id": "ZZ.A1"}]));
    assert_eq!((value["messages"][0].get("from"), &value["messages"][0]["from_user_id"]), (None, &json!("ZZ.A1")));
    assert_eq!(value["messages"][0].get("context"), None);
}

#[test]
fn every_status() {
    let free = json!({"billable": false, "pricing_model": "PMP", "type": "free_customer_service", "category": "service"});
    for (progress, name, pricing) in [
        (Progress::Sent, "sent", Some(&free)),
        (Progress::Delivered, "delivered", Some(&free)),
        (Progress::Read, "read", None),
        (Progress::Failed, "failed", None),
    ] {
        let status = Status { biz_opaque_callback_data: Some("order 12".into()), ..Status::new(&contact(), "wamid.A".into(), progress, at()) };
        let value = value(&source().status(contact(), status));
        assert_eq!(value["contacts"][0]["user_id"], "ZZ.A1");
        let status = &value["statuses"][0];
        assert_eq!((&status["status"], status.get("pricing")), (&json!(name), pricing));
        assert_eq!((&status["id"], &status["timestamp"], &status["recipient_id"]), (&json!("wamid.A"), &json!("1767225600"), &json!("999000000001")));
        assert_eq!(status["biz_opaque_callback_data"], "order 12");
        assert_eq!((status.get("errors"), status.get("conversation"), value.get("messages")), (None, None, None));
    }
}

#[test]
fn a_failure_says_why_and_a_conversation_when_it_ends() {
    let conversation = Conversation { id: "c".into(), expiration_timestamp: Some(at()), origin: Origin { kind: "service".into() } };
    let status = Status {
        conversation: Some(conversation),
        errors: vec![ErrorItem::new(131_026, "Nobody fetched it within 30 days.")],
        ..Status::new(&contact(), "wamid.A".into(), Progress::Failed, at())
    };
    let value = value(&source().status(contact(), status));
    assert_eq!(
        value["statuses"][0]["errors"],
        json!([{"code": 131_026, "title": "Message undeliverable", "message": "Message undeliverable",
                "error_data": {"details": "Nobody fetched it within 30 days."}}])
    );
    assert_eq!(value["statuses"][0]["conversation"], json!({"id": "c", "expiration_timestamp": "1767225600", "origin": {"type": "service"}}));
}

#[test]
fn an_error_of_its_own() {
    let value = value(&source().error(ErrorItem::new(7, "x")));
    assert_eq!((&value["errors"][0]["code"], value.get("contacts")), (&json!(131_000), None));
}

#[test]
fn all_but_ascii_is_escaped_in_utf_16() {
    let message = Message::text(&contact(), "wamid.B".into(), at(), "Año \"ñ\"\n\u{7f}🏪/".into(), None);
    let bytes = source().message(contact(), message).to_bytes();
    let text = String::from_utf8(bytes.clone()).expect("ASCII");
    assert!(text.contains(r#"{"body":"A\u00f1o \"\u00f1\"\n\u{7f}\ud83c\udfea/"}"#.replace(r"\u{7f}", "\u{7f}").as_str()), "{text}");
    let header = signature::sign("secret", &bytes);
    assert!(signature::verify("secret", &bytes, &header));
    assert!(!signature::verify("secret", &bytes[1..], &header));
}

#[test]
fn deliveries_of_others_are_read_and_what_is_unknown_is_ignored() {
    let other = json!({"object": "whatsapp_business_account", "entry": [{"id": "7", "time": 5, "changes": [
        {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": {"display_phone_number": "1", "phone_number_id": "8"},
            "contacts": [{"profile": {}, "wa_id": "2"}],
            "messages": [{"from": "2", "id": "wamid.C", "timestamp": "9", "type": "image", "image": {"id": "5"}, "context": {"forwarded": true}}]}},
        {"field": "account_update", "value": {"event": "VERIFIED_ACCOUNT"}},
    ]}]});
    let read = Notification::from_bytes(other.to_string().as_bytes()).expect("it is one");
    let message = &read.entry[0].changes[0].value.messages[0];
    assert_eq!((message.kind.as_str(), message.body.text.as_ref(), message.timestamp.millis()), ("image", None, 9_000));
    assert_eq!(read.entry[0].changes[1].field, "account_update");
}

#[test]
fn what_is_no_delivery_is_refused() {
    for (bytes, says) in [
        (b"{".to_vec(), "line 1, column 1"),
        (b"[]".to_vec(), "no notification"),
        (b"{\"object\": \"\xff\"}".to_vec(), "no notification"),
        (br#"{"object": "page", "entry": [{"id": 7, "changes": []}]}"#.to_vec(), "no notification"),
        (vec![b' '; MAX_BYTES + 1], "at most 3145728"),
    ] {
        let error = Notification::from_bytes(&bytes).expect_err(says);
        assert!(error.code.number() == 100 && error.details.contains(says), "{error}");
    }
}

proptest! {
    #[test]
    fn what_is_built_is_read_back(body in "\\PC{0,200}", name in "\\PC{0,75}", quoted: bool, phone: bool, seconds in 0i64..4_000_000_000) {
        let contact = Contact { profile: Profile { name, username: None }, wa_id: phone.then(|| "999000000001".into()), user_id: "ZZ.A1".into(), identity_key_hash: None };
        let at = Timestamp::from_millis(seconds * 1000);
        let reply_to = quoted.then(|| ("wamid.A".to_owned(), "999000000000".to_owned()));
        let sent = source().message(contact.clone(), Message::text(&contact, "wamid.B".into(), at, body, reply_to));
        let bytes = sent.to_bytes();
        prop_assert!(bytes.is_ascii());
        prop_assert_eq!(Notification::from_bytes(&bytes).expect("it is one"), sent);
    }
}

#[test]
fn what_is_told_of_the_account_has_the_time_and_no_number() {
    let bytes = source().account_event("account_update", &json!({"event": "VERIFIED_ACCOUNT", "note": "é"}), at());
    assert!(bytes.is_ascii());
    let told: Value = serde_json::from_slice(&bytes).expect("it is JSON");
    let change = json!({"value": {"event": "VERIFIED_ACCOUNT", "note": "é"}, "field": "account_update"});
    let entry = json!({"id": "419561257915477", "time": 1_767_225_600, "changes": [change]});
    assert_eq!(told, json!({"object": "whatsapp_business_account", "entry": [entry]}));
    let told: Value = serde_json::from_slice(&source().event("user_preferences", json!({"user_preferences": []}))).expect("it is JSON");
    let change = &told["entry"][0]["changes"][0];
    assert_eq!((&change["field"], &change["value"]["messaging_product"]), (&json!("user_preferences"), &json!("whatsapp")));
    assert_eq!(change["value"]["metadata"]["phone_number_id"], "106540352242922");
}
