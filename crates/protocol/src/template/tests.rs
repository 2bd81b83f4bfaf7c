//! R78, R79: what is sent must fit the approved text, and only that text is shown.
use super::*;
use crate::pb::{self, template_parameter::Value};
use serde_json::json;

const LIMITS: TextLimits = TextLimits { header: 60, body: 1024, offer_body: 600, card_body: 160, url: 2000, payload: 128, coupon: 20, otp: 15 };

fn components(json: serde_json::Value) -> Vec<Component> {
    serde_json::from_value(json).expect("the test's template is one")
}

fn order() -> Vec<Component> {
    components(json!([
        {"type": "HEADER", "format": "TEXT", "text": "Order {{1}}"},
        {"type": "BODY", "text": "Hello {{1}}, you paid {{2}} on {{3}}. Thanks, {{1}}!"},
        {"type": "FOOTER", "text": "Kape shop"},
        {"type": "BUTTONS", "buttons": [
            {"type": "QUICK_REPLY", "text": "Fine"},
            {"type": "URL", "text": "Track", "url": "https://kape.example/o/{{1}}"},
            {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+639171234567"},
        ]},
    ]))
}

fn parameter(value: Value) -> pb::TemplateParameter {
    pb::TemplateParameter { name: String::new(), value: Some(value) }
}

fn text(text: &str) -> pb::TemplateParameter {
    parameter(Value::Text(text.into()))
}

fn money() -> pb::TemplateParameter {
    parameter(Value::Currency(pb::Currency { code: "PHP".into(), amount_1000: 150_500, fallback: "PHP 150.50".into() }))
}

fn day() -> pb::TemplateParameter {
    parameter(Value::DateTime(pb::DateTime { at: 86_400, fallback: "2 Jan 1970".into(), date_only: true }))
}

fn media(kind: &str) -> pb::TemplateParameter {
    parameter(Value::Media(pb::TemplateMedia { kind: kind.into(), ..Default::default() }))
}

fn button(index: u32, kind: &str, parameters: &[&str]) -> pb::TemplateButton {
    pb::TemplateButton { index, kind: kind.into(), parameters: parameters.iter().map(|one| (*one).to_owned()).collect() }
}

fn sent() -> pb::Template {
    pb::Template {
        header: vec![text("77")],
        body: vec![text("Ana"), money(), day()],
        buttons: vec![button(1, "url", &["77?a=1"])],
        ..Default::default()
    }
}

/// The code of what does not fit, and its place.
fn wrong(components: &[Component], format: ParameterFormat, sent: &pb::Template) -> (i32, String) {
    let mismatch = check(components, format, sent, &LIMITS).expect_err("it does not fit");
    assert!(!mismatch.problem.is_empty());
    (mismatch.code, mismatch.place)
}

fn with(change: impl FnOnce(&mut pb::Template)) -> (i32, String) {
    let mut sent = sent();
    change(&mut sent);
    wrong(&order(), ParameterFormat::Positional, &sent)
}

struct Polish;

impl Locale for Polish {
    fn currency(&self, code: &str, amount_1000: i64) -> Option<String> {
        Some(format!("{},{:02} {code}", amount_1000 / 1000, amount_1000 % 1000 / 10))
    }
    fn date_time(&self, _: i64, date_only: bool) -> Option<String> {
        date_only.then(|| "2 sty 1970".into())
    }
}

#[test]
fn what_fits_is_rendered_in_the_senders_and_in_the_readers_way() {
    assert_eq!(check(&order(), ParameterFormat::Positional, &sent(), &LIMITS), Ok(()));
    let own = render(&order(), &sent(), &SenderWords).expect("it is rendered");
    assert_eq!(own.text(), "Order 77\nHello Ana, you paid PHP 150.50 on 2 Jan 1970. Thanks, Ana!\nKape shop");
    assert_eq!(
        own.buttons.iter().map(|button| button.value.as_str()).collect::<Vec<_>>(),
        ["Fine", "https://kape.example/o/77?a=1", "+639171234567"]
    );
    let read = render(&order(), &sent(), &Polish).expect("it is rendered");
    assert_eq!(read.body, "Hello Ana, you paid 150,50 PHP on 2 sty 1970. Thanks, Ana!");
}

#[test]
fn a_parameter_is_never_read_as_a_template() {
    let mut sent = sent();
    sent.body[0] = text("{{2}} {{1}}");
    assert!(render(&order(), &sent, &SenderWords).expect("it is rendered").body.starts_with("Hello {{2}} {{1}}, you paid"));
}

#[test]
fn counts_are_132000() {
    assert_eq!(with(|sent| drop(sent.body.pop())), (132_000, "body".into()));
    assert_eq!(with(|sent| sent.body.push(text("x"))), (132_000, "body".into()));
    assert_eq!(with(|sent| sent.header.clear()), (132_000, "header".into()));
    let plain = components(json!([{"type": "BODY", "text": "Hello"}]));
    assert_eq!(check(&plain, ParameterFormat::Positional, &pb::Template::default(), &LIMITS), Ok(()));
    let extra = pb::Template { header: vec![text("x")], ..Default::default() };
    assert_eq!(wrong(&plain, ParameterFormat::Positional, &extra), (132_000, "header".into()));
}

#[test]
fn formats_are_132012() {
    assert_eq!(with(|sent| sent.body[0] = media("image")), (132_012, "body.parameters[0]".into()));
    assert_eq!(with(|sent| sent.body[0].name = "first".into()), (132_012, "body".into()));
    assert_eq!(with(|sent| sent.buttons[0].kind = "quick_reply".into()), (132_012, "buttons[1]".into()));
    for (format, fits) in [("IMAGE", "image"), ("VIDEO", "video"), ("DOCUMENT", "document"), ("GIF", "video")] {
        let template = components(json!([{"type": "HEADER", "format": format}, {"type": "BODY", "text": "Hello"}]));
        let with = |header: Vec<pb::TemplateParameter>| pb::Template { header, ..Default::default() };
        assert_eq!(check(&template, ParameterFormat::Positional, &with(vec![media(fits)]), &LIMITS), Ok(()));
        assert!(render(&template, &with(vec![media(fits)]), &SenderWords).is_ok());
        for header in [vec![], vec![text("x")], vec![media("audio")]] {
            assert_eq!(wrong(&template, ParameterFormat::Positional, &with(header)), (132_012, "header".into()), "{format}");
        }
    }
}

#[test]
fn names_must_be_the_templates() {
    let template = components(json!([{"type": "BODY", "text": "Hello {{first_name}}, order {{number}} is ready."}]));
    let named = |name: &str, value: &str| pb::TemplateParameter { name: name.into(), ..text(value) };
    let body = |body: Vec<pb::TemplateParameter>| pb::Template { body, ..Default::default() };
    let right = body(vec![named("number", "7"), named("first_name", "Ana")]);
    assert_eq!(check(&template, ParameterFormat::Named, &right, &LIMITS), Ok(()));
    assert_eq!(render(&template, &right, &SenderWords).expect("it is rendered").body, "Hello Ana, order 7 is ready.");
    let bare = body(vec![text("Ana"), text("7")]);
    assert_eq!(wrong(&template, ParameterFormat::Named, &bare), (132_012, "body".into()));
    let other = body(vec![named("first_name", "Ana"), named("total", "7")]);
    assert_eq!(wrong(&template, ParameterFormat::Named, &other), (132_000, "body".into()));
    assert!(render(&template, &other, &SenderWords).is_err());
}

#[test]
fn a_text_that_is_too_long_is_132005_at_one_character_more() {
    let template = components(json!([{"type": "BODY", "text": "Hello {{1}}!"}]));
    let sent = |length: usize| pb::Template { body: vec![text(&"é".repeat(length))], ..Default::default() };
    assert_eq!(check(&template, ParameterFormat::Positional, &sent(1024 - 7), &LIMITS), Ok(()));
    assert_eq!(wrong(&template, ParameterFormat::Positional, &sent(1024 - 6)), (132_005, "body".into()));
    assert_eq!(with(|sent| sent.header[0] = text(&"x".repeat(55))), (132_005, "header".into()));
    let fixed = "https://kape.example/o/".len();
    assert_eq!(with(|sent| sent.buttons[0].parameters[0] = "x".repeat(2001 - fixed)), (132_005, "buttons[1]".into()));
    let mut longest = self::sent();
    longest.buttons[0].parameters[0] = "x".repeat(2000 - fixed);
    assert_eq!(check(&order(), ParameterFormat::Positional, &longest, &LIMITS), Ok(()));
}

#[test]
fn what_cannot_stand_in_a_text_is_132018() {
    for words in ["a\nb", "a\tb", "a     b"] {
        assert_eq!(with(|sent| sent.body[0] = text(words)), (132_018, "body.parameters[0]".into()), "{words:?}");
    }
    let mut spaced = sent();
    spaced.body[0] = text("a    b");
    assert_eq!(check(&order(), ParameterFormat::Positional, &spaced, &LIMITS), Ok(()));
    assert_eq!(with(|sent| sent.body[0] = text("")), (131_008, "body.parameters[0]".into()));
    assert_eq!(with(|sent| sent.buttons.push(button(7, "url", &[]))), (132_018, "buttons[7]".into()));
    assert_eq!(with(|sent| sent.buttons.push(button(1, "url", &["x"]))), (132_018, "buttons[1]".into()));
    assert_eq!(with(|sent| sent.buttons.push(button(0, "quick_reply", &[&"x".repeat(129)]))), (132_018, "buttons[0]".into()));
    assert_eq!(with(|sent| sent.offer_expires_at = 1), (132_018, "limited_time_offer".into()));
}

#[test]
fn a_button_that_needs_a_parameter_is_131008_without() {
    assert_eq!(with(|sent| sent.buttons.clear()), (131_008, "buttons[1]".into()));
    assert_eq!(with(|sent| sent.buttons[0].parameters = vec![String::new()]), (131_008, "buttons[1]".into()));
    let code = components(json!([
        {"type": "BODY", "text": "Your code is {{1}}."},
        {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE", "text": "Copy"}]},
    ]));
    let sent = |otp: &str| pb::Template { body: vec![text("123456")], buttons: vec![button(0, "URL", &[otp])], ..Default::default() };
    assert_eq!(check(&code, ParameterFormat::Positional, &sent(&"1".repeat(15)), &LIMITS), Ok(()));
    assert_eq!(wrong(&code, ParameterFormat::Positional, &sent(&"1".repeat(16))), (132_018, "buttons[0]".into()));
}

#[test]
fn cards_are_counted_and_checked_each() {
    let card = json!({"components": [
        {"type": "HEADER", "format": "IMAGE"},
        {"type": "BODY", "text": "Only {{1}}!"},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Take"}]},
    ]});
    let template = components(json!([{"type": "BODY", "text": "Look"}, {"type": "CAROUSEL", "cards": [card, card]}]));
    let card = pb::TemplateCard { header: vec![media("image")], body: vec![text("5 pesos")], buttons: vec![] };
    let mut sent = pb::Template { cards: vec![card.clone(), card], ..Default::default() };
    assert_eq!(check(&template, ParameterFormat::Positional, &sent, &LIMITS), Ok(()));
    let rendered = render(&template, &sent, &SenderWords).expect("it is rendered");
    assert_eq!((rendered.cards.len(), rendered.cards[1].body.as_str()), (2, "Only 5 pesos!"));
    sent.cards[1].body[0] = text(&"x".repeat(155));
    assert_eq!(wrong(&template, ParameterFormat::Positional, &sent), (132_005, "carousel.cards[1].body".into()));
    sent.cards.pop();
    assert_eq!(wrong(&template, ParameterFormat::Positional, &sent), (132_000, "carousel".into()));
    assert!(render(&template, &sent, &SenderWords).is_err());
}

#[test]
fn an_offer_that_ends_says_when() {
    let template = components(json!([
        {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Ends soon", "has_expiration": true}},
        {"type": "BODY", "text": "Buy {{1}}!"},
        {"type": "BUTTONS", "buttons": [{"type": "COPY_CODE", "text": "Copy", "example": "A1"}]},
    ]));
    let mut sent = pb::Template { body: vec![text("now")], buttons: vec![button(0, "copy_code", &["SALE"])], ..Default::default() };
    assert_eq!(wrong(&template, ParameterFormat::Positional, &sent), (131_008, "limited_time_offer".into()));
    sent.offer_expires_at = 9;
    assert_eq!(check(&template, ParameterFormat::Positional, &sent, &LIMITS), Ok(()));
    assert_eq!(render(&template, &sent, &SenderWords).expect("it is rendered").offer, Some(("Ends soon".into(), 9)));
    sent.body[0] = text(&"x".repeat(596));
    assert_eq!(wrong(&template, ParameterFormat::Positional, &sent), (132_005, "body".into()));
    sent.body[0] = text("now");
    sent.buttons[0].parameters[0] = "x".repeat(21);
    assert_eq!(wrong(&template, ParameterFormat::Positional, &sent), (132_018, "buttons[0]".into()));
}
