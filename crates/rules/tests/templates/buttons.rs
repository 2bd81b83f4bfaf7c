//! Buttons (R78): how many of which kind, in which order, and what each says.
use crate::{body, draft, fine, only, wrong};
use serde_json::{Value, json};
use suki_template::Draft;

const AT: &str = "components[1].buttons";

fn with(buttons: Vec<Value>) -> Draft {
    draft("MARKETING", json!([body("Choose what you like."), {"type": "BUTTONS", "buttons": buttons}]))
}

fn reply(number: usize) -> Value {
    json!({"type": "QUICK_REPLY", "text": format!("Choice {number}")})
}

fn url(text: &str, url: &str) -> Value {
    json!({"type": "URL", "text": text, "url": url, "example": ["7"]})
}

fn phone(text: &str) -> Value {
    json!({"type": "PHONE_NUMBER", "text": text, "phone_number": "+639171234567"})
}

#[test]
fn ten_buttons_together() {
    fine(&with((0..10).map(reply).collect()));
    let eleven = wrong(&with((0..11).map(reply).collect()));
    assert_eq!(eleven, [(100, AT.to_owned()), (100, AT.to_owned())], "too many together, and too many quick replies");
    only(&with(vec![]), 2_388_043, AT);
}

#[test]
fn each_kind_has_its_most() {
    let a = "https://shop.example/a";
    fine(&with(vec![url("A", a), url("B", a), phone("C"), json!({"type": "COPY_CODE", "text": "D", "example": "X1"})]));
    only(&with(vec![url("A", a), url("B", a), url("C", a)]), 100, AT);
    only(&with(vec![phone("A"), phone("B")]), 100, AT);
    only(&with(vec![json!({"type": "COPY_CODE", "text": "A", "example": "X"}), json!({"type": "COPY_CODE", "text": "B", "example": "X"})]), 100, AT);
    for kind in ["CATALOG", "MPM", "SPM", "VOICE_CALL", "REQUEST_CONTACT_INFO"] {
        fine(&with(vec![json!({"type": kind, "text": "A"})]));
        only(&with(vec![json!({"type": kind, "text": "A"}), json!({"type": kind, "text": "B"})]), 100, AT);
    }
    only(&with(vec![json!({"type": "OTP", "otp_type": "COPY_CODE", "text": "A"})]), 100, AT);
}

#[test]
fn quick_replies_stand_together() {
    let a = "https://shop.example/a";
    fine(&with(vec![reply(1), reply(2), url("A", a), phone("B")]));
    fine(&with(vec![url("A", a), phone("B"), reply(1), reply(2)]));
    only(&with(vec![reply(1), url("A", a), reply(2)]), 100, AT);
    only(&with(vec![url("A", a), reply(1), phone("B")]), 100, AT);
}

#[test]
fn a_label_has_25_characters_and_is_said_once() {
    let label = |text: &str| with(vec![json!({"type": "QUICK_REPLY", "text": text})]);
    fine(&label(&"é".repeat(25)));
    only(&label(&"é".repeat(26)), 2_388_040, "components[1].buttons[0].text");
    only(&label(""), 2_388_043, "components[1].buttons[0].text");
    only(&label("Yes {{1}}"), 100, "components[1].buttons[0].text");
    only(&label("Yes\nNo"), 100, "components[1].buttons[0].text");
    only(&with(vec![reply(1), reply(1)]), 100, "components[1].buttons[1].text");
}

#[test]
fn an_address_is_one_and_ends_in_its_variable() {
    let at = "components[1].buttons[0].url";
    let address = |address: &str| with(vec![url("Go", address)]);
    for good in ["https://shop.example", "http://shop.example/a?b=1", "HTTPS://shop.example/{{1}}", "https://shop.example/?order={{1}}"] {
        fine(&address(good));
    }
    for bad in [
        "shop.example",
        "ftp://shop.example",
        "https://",
        "https://{{1}}",
        "https://shop.example{{1}}",
        "https://shop.example/{{1}}/edit",
        "https://shop.example/{{1}}{{2}}",
        "https://shop.example/a b",
        "https://shop.example/{{1}",
        "https://bank.example@thief.example",
        "https:///shop.example",
        "https:shop.example",
        "https://shop.example\\@thief.example",
    ] {
        only(&address(bad), 100, at);
    }
    let long = |length: usize| address(&format!("https://shop.example/{}", "a".repeat(length - 21)));
    fine(&long(2000));
    only(&long(2001), 2_388_040, at);
    only(&with(vec![json!({"type": "URL", "text": "Go", "url": "https://shop.example/{{1}}"})]), 2_388_043, at);
}

#[test]
fn a_phone_number_has_20_characters() {
    let number = |number: &str| with(vec![json!({"type": "PHONE_NUMBER", "text": "Call", "phone_number": number})]);
    let at = "components[1].buttons[0].phone_number";
    fine(&number("16467043595"));
    fine(&number("+63 (917) 123-45-678"));
    only(&number("+63 (917) 123-45-6789"), 2_388_040, at);
    only(&number("call me now"), 100, at);
    assert_eq!(wrong(&number(""))[0], (2_388_043, at.into()));
}

#[test]
fn a_coupon_has_20_characters_and_an_example() {
    let coupon = |code: &str| with(vec![json!({"type": "COPY_CODE", "example": code})]);
    fine(&coupon(&"x".repeat(20)));
    only(&coupon(&"x".repeat(21)), 2_388_040, "components[1].buttons[0].example");
    only(&with(vec![json!({"type": "COPY_CODE"})]), 2_388_043, "components[1].buttons[0].example");
}

#[test]
fn a_flow_is_named_once() {
    let flow = |more: Value| {
        let mut button = json!({"type": "FLOW", "text": "Open", "flow_action": "navigate", "navigate_screen": "A"});
        button.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        with(vec![button])
    };
    for one in [json!({"flow_id": "1"}), json!({"flow_name": "a"}), json!({"flow_json": "{}"})] {
        fine(&flow(one));
    }
    only(&flow(json!({})), 2_388_043, "components[1].buttons[0]");
    only(&flow(json!({"flow_id": "1", "flow_name": "a"})), 2_388_043, "components[1].buttons[0]");
}
