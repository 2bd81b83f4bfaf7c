//! What programs post to `/P/messages`, and what they are told.
use serde_json::{Value, json};
use suki_cloud_api::{
    ApiError, Params,
    messages::{Outbound, Recipient, Request, What, parse},
    wamid,
};
use suki_types::{MessageId, Phone};

fn ask(body: &Value) -> Result<Request, ApiError> {
    let mut params = Params::default();
    params.merge_body(Some("application/json"), body.to_string().as_bytes())?;
    parse(&params)
}

fn sent(body: &Value) -> Outbound {
    match ask(body) {
        Ok(Request::Send(sent)) => *sent,
        other => panic!("{body} must be a message, and is {other:?}"),
    }
}

fn words(body: &str, preview_url: bool) -> What {
    What::Text { body: body.into(), preview_url }
}

fn earlier() -> MessageId {
    MessageId::from_bytes([7; 16])
}

/// The smallest text, with some of its fields replaced; `null` takes one away.
fn with(changes: Value) -> Value {
    let mut body = json!({"messaging_product": "whatsapp", "to": "+999 00 000-0001", "type": "text", "text": {"body": "Kumusta po!"}});
    for (key, value) in changes.as_object().expect("an object") {
        body[key] = value.clone();
    }
    body
}

#[test]
fn a_text_in_full() {
    let given = sent(&with(json!({
        "recipient_type": "individual",
        "text": {"body": "Opo, bukas kami.", "preview_url": true},
        "context": {"message_id": wamid::encode(earlier())},
        "biz_opaque_callback_data": "order 12",
        "recipient_identity_key_hash": "abc",
    })));
    assert_eq!(
        given,
        Outbound {
            to: Recipient::Phone(Phone::test(1)),
            input: "+999 00 000-0001".into(),
            what: words("Opo, bukas kami.", true),
            reply_to: Some(earlier()),
            callback_data: Some("order 12".into()),
            identity_key_hash: Some("abc".into()),
        }
    );
}

#[test]
fn lenient_forms_are_read() {
    let plain = sent(&with(json!({})));
    assert!(plain.what == words("Kumusta po!", false) && plain.reply_to.is_none() && plain.callback_data.is_none());
    // No type beside a text; null beside it; enumerations in any case; preview_url in the wrong place.
    for changes in [
        json!({"type": null}),
        json!({"context": null, "recipient_type": null}),
        json!({"type": "TEXT", "messaging_product": "WhatsApp", "recipient_type": "Individual"}),
        json!({"preview_url": false}),
    ] {
        assert_eq!(sent(&with(changes.clone())), plain, "{changes}");
    }
    let number = sent(&with(json!({"to": 999_000_000_001_u64})));
    assert_eq!((number.to, number.input.as_str()), (Recipient::Phone(Phone::test(1)), "999000000001"));
    let user = sent(&with(json!({"to": null, "recipient": "ZZ.A1B2"})));
    assert_eq!((user.to, user.input.as_str()), (Recipient::User("ZZ.A1B2".into()), "ZZ.A1B2"));
    let both = sent(&with(json!({"recipient": "ZZ.A1B2"})));
    assert_eq!(both.to, Recipient::Phone(Phone::test(1)), "to wins over recipient");
    assert_eq!(sent(&with(json!({"to": "PH.ENT.A1"}))).to, Recipient::User("PH.ENT.A1".into()));
}

#[test]
fn a_form_and_a_query_carry_the_same_message() {
    let form = "messaging_product=whatsapp&to=%2B999%2000%20000-0001&type=text&text=%7B%22body%22%3A%22Kumusta%20po!%22%7D";
    let query = Params::from_query(form).expect("a query");
    let mut body = Params::default();
    body.merge_body(Some("application/x-www-form-urlencoded"), form.as_bytes()).expect("a form");
    for params in [query, body] {
        assert_eq!(parse(&params), Ok(Request::Send(Box::new(sent(&with(json!({})))))));
    }
}

#[test]
fn reading_and_typing() {
    let read = json!({"messaging_product": "whatsapp", "status": "read", "message_id": wamid::encode(earlier())});
    assert_eq!(ask(&read), Ok(Request::Read { message: earlier(), typing: false }));
    let mut typing = read.clone();
    typing["typing_indicator"] = json!({"type": "text"});
    assert_eq!(ask(&typing), Ok(Request::Read { message: earlier(), typing: true }));
    for (key, value, code) in [
        ("status", json!("delivered"), 100),
        ("status", json!(1), 100),
        ("status", Value::Null, 131_008),
        ("message_id", Value::Null, 131_008),
        ("message_id", json!("wamid.other"), 131_009),
        ("typing_indicator", json!({"type": "audio"}), 100),
        ("typing_indicator", json!({}), 131_008),
        ("typing_indicator", json!("text"), 100),
    ] {
        let mut wrong = typing.clone();
        wrong[key] = value;
        assert_eq!(ask(&wrong).map_err(|error| error.code.number()), Err(code), "{wrong}");
    }
}

#[test]
fn every_refusal_has_its_code_and_names_the_field() {
    for (changes, code, says) in [
        (json!({"messaging_product": null}), 131_008, "messaging_product is required"),
        (json!({"messaging_product": "messenger"}), 100, "messaging_product must be whatsapp"),
        (json!({"to": null}), 131_008, "to is required"),
        (json!({"to": ""}), 131_008, "to is required"),
        (json!({"to": ["999000000001"]}), 100, "to must be a string, not an array"),
        (json!({"to": "12345"}), 131_009, "to: a phone number is 7 to 15 digits"),
        (json!({"to": "zz.A1"}), 131_009, "to: a phone number"),
        (json!({"recipient_type": "group"}), 131_041, "to: this is no group's id"),
        (json!({"recipient_type": "crowd"}), 131_009, "recipient_type must be individual"),
        (json!({"text": null}), 131_008, "text is required"),
        (json!({"text": "Kumusta"}), 100, "text must be an object, not a string"),
        (json!({"text": {}}), 131_008, "text.body is required"),
        (json!({"text": {"body": " \n\t"}}), 131_008, "text.body is required"),
        (json!({"text": {"body": 7}}), 100, "text.body must be a string, not a number"),
        (json!({"text": {"body": "a".repeat(4097)}}), 100, "text.body has 4097 characters; at most 4096"),
        (json!({"text": {"body": "a", "preview_url": 1}}), 100, "text.preview_url must be true or false"),
        (json!({"text": {"body": "a", "colour": "red"}}), 100, "unexpected key \"colour\" in text"),
        (json!({"context": {}}), 131_008, "context.message_id is required"),
        (json!({"context": "x"}), 100, "context must be an object"),
        (json!({"context": {"message_id": "wamid.X"}}), 131_009, "context.message_id: it is not an id that this server gave"),
        (json!({"biz_opaque_callback_data": "a".repeat(513)}), 100, "has 513 characters; at most 512"),
        (json!({"type": "order"}), 131_051, "messages of type order cannot be sent; supported are text"),
        (json!({"type": null, "text": null, "sticker": {}}), 131_008, "sticker.link is required"),
        (json!({"type": null, "text": null}), 131_008, "type is required"),
        (json!({"type": "Template", "template": {}}), 131_008, "template.name is required"),
        (json!({"type": "template"}), 131_008, "template is required"),
        (json!({"type": "hologram"}), 100, "type \"hologram\" is unknown; supported are text"),
        (json!({"type": ["text"]}), 100, "type must be a string, not an array"),
        (json!({"frobnicate": 1}), 100, "unexpected key \"frobnicate\" in the request"),
    ] {
        let error = ask(&with(changes.clone())).expect_err(says);
        assert_eq!(error.code.number(), code, "{changes}: {error}");
        assert!(error.details.contains(says), "{changes}: {error}");
        assert!(!error.to_string().contains("12345"), "no number is repeated: {error}");
    }
}

#[test]
fn four_thousand_and_ninety_six_characters_pass_whatever_their_bytes() {
    let body = "🏪".repeat(4096);
    assert_eq!(sent(&with(json!({"text": {"body": body}}))).what, words(&body, false));
    assert_eq!(sent(&with(json!({"biz_opaque_callback_data": "é".repeat(512)}))).callback_data, Some("é".repeat(512)));
}
