//! What devices show of templates, as vectors that the renderer in TypeScript reads, too: both have to show the same.
//! `SUKI_WRITE_DOCS=1 cargo test -p suki-protocol --test golden` writes them anew.
use prost::Message as _;
use serde_json::{Value, json};
use std::path::Path;
use suki_protocol::{
    http::Base64,
    pb::{self, template_parameter::Value as Filled},
    template::{Component, Rendered, RenderedButton, RenderedHeader, SenderWords, render},
};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/templates.json");

fn parameter(name: &str, value: Filled) -> pb::TemplateParameter {
    pb::TemplateParameter { name: name.into(), value: Some(value) }
}

fn text(words: &str) -> pb::TemplateParameter {
    parameter("", Filled::Text(words.into()))
}

fn button(index: u32, kind: &str, value: &str) -> pb::TemplateButton {
    pb::TemplateButton { index, kind: kind.into(), parameters: vec![value.into()] }
}

fn whole() -> (Value, pb::Template) {
    let components = json!([
        {"type": "HEADER", "format": "TEXT", "text": "Order {{1}}"},
        {"type": "BODY", "text": "Kumusta {{1}}! Pay {{2}} by {{3}}. {single} braces stay, {{ 1 }} too."},
        {"type": "FOOTER", "text": "Aling Nena"},
        {"type": "BUTTONS", "buttons": [
            {"type": "QUICK_REPLY", "text": "On my way"}, {"type": "QUICK_REPLY", "text": "Later"},
            {"type": "URL", "text": "Track", "url": "https://example.org/o/{{1}}"},
            {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+6328555"}, {"type": "COPY_CODE"},
        ]},
    ]);
    let currency = pb::Currency { code: "PHP".into(), amount_1000: 1_240_000, fallback: "P1,240".into() };
    let date = pb::DateTime { at: 1_767_225_600, fallback: "New Year".into(), date_only: true };
    let sent = pb::Template {
        header: vec![text("2127")],
        body: vec![text("Ana {{2}}"), parameter("", Filled::Currency(currency)), parameter("", Filled::DateTime(date))],
        buttons: vec![button(1, "quick_reply", "LATER"), button(2, "url", "2127"), button(4, "copy_code", "BOX20")],
        ..Default::default()
    };
    (components, sent)
}

fn carousel() -> (Value, pb::Template) {
    let card = |text: &str| json!({"components": [{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": text}]});
    let components = json!([
        {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Ends soon", "has_expiration": true}},
        {"type": "BODY", "text": "Hello {{first_name}}"}, {"type": "CAROUSEL", "cards": [card("Box {{1}}"), card("Cake")]},
    ]);
    let picture = |link: &str| {
        let media = pb::TemplateMedia { kind: "image".into(), link: link.into(), ..Default::default() };
        parameter("", Filled::Media(media))
    };
    let cards = vec![
        pb::TemplateCard { header: vec![picture("https://example.org/1.png")], body: vec![text("A")], buttons: vec![] },
        pb::TemplateCard { header: vec![picture("https://example.org/2.png")], body: vec![], buttons: vec![] },
    ];
    let body = vec![parameter("first_name", Filled::Text("Ana".into()))];
    (components, pb::Template { body, cards, offer_expires_at: 1_767_225_600_000, ..Default::default() })
}

/// What does not fit: both renderers refuse it.
fn refused() -> Vec<(Value, pb::Template)> {
    let body = |text: &str| json!([{"type": "BODY", "text": text}]);
    let place = pb::TemplateLocation { latitude: 14.5, longitude: 121.0, name: "Shop".into(), address: String::new() };
    let location = parameter("", Filled::Location(place));
    vec![
        (body("Hello {{1}} and {{2}}"), pb::Template { body: vec![text("Ana")], ..Default::default() }),
        (body("Hello {{name}}"), pb::Template { body: vec![text("Ana")], ..Default::default() }),
        (body("Hello {{1"), pb::Template::default()),
        (body("At {{1}}"), pb::Template { body: vec![location.clone()], ..Default::default() }),
        (json!([{"type": "HEADER", "format": "IMAGE"}]), pb::Template { header: vec![location], ..Default::default() }),
        (json!([{"type": "CAROUSEL", "cards": [{"components": []}]}]), pb::Template::default()),
    ]
}

fn header(header: Option<&RenderedHeader>) -> Value {
    match header {
        None => Value::Null,
        Some(RenderedHeader::Text(text)) => json!({"type": "text", "text": text}),
        Some(RenderedHeader::Media(media)) => json!({"type": "media", "kind": media.kind, "link": media.link, "filename": media.filename}),
        Some(RenderedHeader::Location(at)) => {
            json!({"type": "location", "latitude": at.latitude, "longitude": at.longitude, "name": at.name, "address": at.address})
        }
        Some(RenderedHeader::Product(product)) => json!({"type": "product", "product": product}),
    }
}

fn buttons(buttons: &[RenderedButton]) -> Vec<Value> {
    buttons.iter().map(|one| json!({"kind": one.kind.as_str(), "label": one.label, "value": one.value})).collect()
}

fn shown(rendered: &Rendered) -> Value {
    let cards =
        rendered.cards.iter().map(|card| json!({"header": header(card.header.as_ref()), "body": card.body, "buttons": buttons(&card.buttons)}));
    json!({
        "header": header(rendered.header.as_ref()),
        "body": rendered.body,
        "footer": rendered.footer.as_deref().unwrap_or_default(),
        "offer": rendered.offer.as_ref().map(|(text, until)| json!({"text": text, "until": until})),
        "buttons": buttons(&rendered.buttons),
        "cards": cards.collect::<Vec<_>>(),
    })
}

#[test]
fn both_renderers_have_the_same_vectors() {
    let cases = [whole(), carousel()].into_iter().chain(refused());
    let vectors: Vec<Value> = cases
        .map(|(components, sent)| {
            let parts: Vec<Component> = serde_json::from_value(components.clone()).expect("they are components");
            let rendered = render(&parts, &sent, &SenderWords).ok();
            json!({"components": components, "sent": Base64(sent.encode_to_vec()), "shown": rendered.as_ref().map(shown)})
        })
        .collect();
    assert_eq!(vectors.iter().filter(|one| one["shown"].is_null()).count(), refused().len(), "what does not fit is refused, and nothing else");
    let text = serde_json::to_string_pretty(&vectors).expect("they are JSON") + "\n";
    if std::env::var_os("SUKI_WRITE_DOCS").is_some() {
        std::fs::write(FILE, &text).expect("the file can be written");
    }
    let kept = std::fs::read_to_string(Path::new(FILE)).unwrap_or_default();
    assert!(kept == text, "{FILE} is stale: SUKI_WRITE_DOCS=1 cargo test -p suki-protocol --test golden writes it anew");
}
