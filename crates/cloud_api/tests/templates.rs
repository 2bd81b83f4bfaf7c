//! What fills a template, as programs write it (section 3b), and what they are told when they write something else.
use serde_json::{Value, json};
use suki_cloud_api::{
    ApiError, Params,
    messages::{Request, What, parse},
    templates::sent::{ButtonParameters, Card, MediaFile, MediaKind, Parameter, ParameterValue, SentTemplate},
};

fn ask(template: &Value) -> Result<SentTemplate, ApiError> {
    let body = json!({"messaging_product": "whatsapp", "to": "+999000000001", "type": "template", "template": template});
    let mut params = Params::default();
    params.merge_body(None, body.to_string().as_bytes())?;
    match parse(&params)? {
        Request::Send(sent) => match sent.what {
            What::Template(template) => Ok(template),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn with(components: Value) -> Value {
    json!({"name": "order", "language": {"code": "en_US"}, "components": components})
}

fn text(words: &str) -> Parameter {
    Parameter { name: None, value: ParameterValue::Text(words.into()) }
}

#[test]
fn the_smallest_one_has_a_name_and_a_language() {
    let read = ask(&json!({"name": "hello_world", "language": {"code": "en_US"}})).expect("it is one");
    assert_eq!((read.name.as_str(), read.language.as_str(), read.reader_language), ("hello_world", "en_US", false));
    assert!(read.header.is_empty() && read.body.is_empty() && read.buttons.is_empty() && read.cards.is_empty());
    let policy = |policy: &str| ask(&json!({"name": "a", "language": {"code": "en", "policy": policy}})).map(|read| read.reader_language);
    assert_eq!((policy("deterministic"), policy("Fallback")), (Ok(false), Ok(true)));
}

#[test]
fn every_kind_of_parameter_is_read() {
    let read = ask(&with(json!([
        {"type": "HEADER", "parameters": [{"type": "document", "document": {"link": "https://a.example/b.pdf", "filename": "b.pdf"}}]},
        {"type": "body", "parameters": [
            {"type": "text", "text": "Ana", "parameter_name": "first_name"},
            {"type": "currency", "currency": {"fallback_value": "$100.99", "code": "usd", "amount_1000": 100_990}},
            {"type": "date_time", "date_time": {"fallback_value": "February 25, 1977", "timestamp": 225_676_800}},
            {"type": "date_time", "date_time": {"fallback_value": "soon", "year": 1977, "month": 2}},
        ]},
    ])))
    .expect("it is one");
    let MediaFile::Link(link) = (match &read.header[0].value {
        ParameterValue::Media { kind: MediaKind::Document, file, filename } if filename.as_deref() == Some("b.pdf") => file.clone(),
        other => panic!("{other:?}"),
    }) else {
        panic!("a link")
    };
    assert_eq!(link.as_str(), "https://a.example/b.pdf");
    assert_eq!(read.body[0], Parameter { name: Some("first_name".into()), value: ParameterValue::Text("Ana".into()) });
    let money = ParameterValue::Currency { code: "USD".into(), amount_1000: 100_990, fallback: "$100.99".into() };
    assert_eq!(read.body[1].value, money);
    assert_eq!(read.body[2].value, ParameterValue::DateTime { at: Some(225_676_800), fallback: "February 25, 1977".into() });
    assert_eq!(read.body[3].value, ParameterValue::DateTime { at: None, fallback: "soon".into() });
}

#[test]
fn headers_take_files_by_id_and_places() {
    let header = |parameter: Value| ask(&with(json!([{"type": "header", "parameters": [parameter]}]))).expect("it is one").header.remove(0).value;
    assert_eq!(
        header(json!({"type": "image", "image": {"id": "2871834006348767"}})),
        ParameterValue::Media { kind: MediaKind::Image, file: MediaFile::Id("2871834006348767".parse().expect("an id")), filename: None }
    );
    let place = json!({"type": "location", "location": {"latitude": "14.5995", "longitude": 120.9842, "name": "Kape", "address": "Manila"}});
    let there = ParameterValue::Location { latitude: 14.5995, longitude: 120.9842, name: "Kape".into(), address: "Manila".into() };
    assert_eq!(header(place), there);
    let product = json!({"type": "product", "product": {"product_retailer_id": "sku-1", "catalog_id": "7"}});
    assert_eq!(header(product), ParameterValue::Product("sku-1".into()));
}

#[test]
fn buttons_offers_and_cards_are_read_with_an_index_of_either_type() {
    let read = ask(&with(json!([
        {"type": "button", "sub_type": "QUICK_REPLY", "index": "0", "parameters": [{"type": "payload", "payload": "yes"}]},
        {"type": "button", "sub_type": "url", "index": 1, "parameters": [{"type": "text", "text": "promo"}]},
        {"type": "button", "sub_type": "copy_code", "index": 2, "parameters": [{"type": "coupon_code", "coupon_code": "25OFF"}]},
        {"type": "button", "sub_type": "flow", "index": 3, "parameters": [{"type": "action", "action": {"flow_token": "t"}}]},
        {"type": "limited_time_offer", "parameters": [{"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": "1767225600000"}}]},
        {"type": "carousel", "cards": [
            {"card_index": 1, "components": [{"type": "body", "parameters": [{"type": "text", "text": "B"}]}]},
            {"card_index": 0, "components": [
                {"type": "body", "parameters": [{"type": "text", "text": "A"}]},
                {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "a"}]},
            ]},
        ]},
    ])))
    .expect("it is one");
    let button = |index, kind: &str, one: &str| ButtonParameters { index, kind: kind.into(), parameters: vec![one.into()] };
    let buttons =
        [button(0, "quick_reply", "yes"), button(1, "url", "promo"), button(2, "copy_code", "25OFF"), button(3, "flow", r#"{"flow_token":"t"}"#)];
    assert_eq!((&read.buttons[..], read.offer_expires_at), (&buttons[..], Some(1_767_225_600_000)));
    let first = Card { body: vec![text("A")], buttons: vec![button(0, "url", "a")], ..Card::default() };
    assert_eq!(read.cards, [first, Card { body: vec![text("B")], ..Card::default() }]);
}

#[test]
fn every_refusal_has_its_code_and_names_the_field() {
    let header = |parameter: Value| with(json!([{"type": "header", "parameters": [parameter]}]));
    let button = |button: Value| with(json!([button]));
    for (template, code, says) in [
        (json!({"language": {"code": "en"}}), 131_008, "template.name is required"),
        (json!({"name": "a"}), 131_008, "template.language is required"),
        (json!({"name": "a", "language": {}}), 131_008, "template.language.code is required"),
        (json!({"name": "a", "language": "en"}), 100, "template.language must be an object"),
        (json!({"name": "a", "language": {"code": "en", "policy": "any"}}), 131_009, "policy must be deterministic"),
        (json!({"name": "a".repeat(513), "language": {"code": "en"}}), 100, "template.name has 513 characters"),
        (with(json!([{"type": "footer"}])), 100, "template.components[0].type must be header, body"),
        (with(json!([{"type": "body"}, {"type": "BODY"}])), 100, "template.components[1].type: there is a second"),
        (with(json!([{"type": "body", "parameters": [{"type": "text"}]}])), 131_008, "components[0].parameters[0].text is required"),
        (with(json!(vec![json!({"type": "button"}); 21])), 100, "has 21 items; at most 20"),
        (header(json!({"type": "audio", "audio": {"link": "https://a.example/a.mp3"}})), 100, "type must be text, currency"),
        (header(json!({"type": "image", "image": {}})), 131_008, "image.link is required"),
        (header(json!({"type": "image", "image": {"link": "ftp://a.example"}})), 100, "must be an address that begins with https://"),
        (header(json!({"type": "image", "image": {"id": "x"}})), 100, "image.id"),
        (header(json!({"type": "image", "image": {"id": "7", "link": "https://a.example"}})), 100, "exclude each other"),
        (header(json!({"type": "currency", "currency": {"fallback_value": "1", "code": "EURO", "amount_1000": 1}})), 100, "at most 3"),
        (header(json!({"type": "currency", "currency": {"fallback_value": "1", "code": "E1R", "amount_1000": 1}})), 131_009, "three letters"),
        (header(json!({"type": "currency", "currency": {"fallback_value": "1", "code": "EUR"}})), 131_008, "amount_1000 is required"),
        (header(json!({"type": "location", "location": {"latitude": 91, "longitude": 0}})), 131_009, "latitude must be between -90 and 90"),
        (button(json!({"type": "button", "sub_type": "lever", "index": 0})), 100, "sub_type must be one of quick_reply"),
        (button(json!({"type": "button", "sub_type": "url"})), 131_008, "index is required"),
        (button(json!({"type": "button", "sub_type": "url", "index": 10})), 131_009, "index must be 0 to 9"),
        (button(json!({"type": "carousel", "cards": [{"card_index": 1, "components": []}]})), 131_009, "count from 0 without a gap"),
        (button(json!({"type": "limited_time_offer", "parameters": []})), 131_008, "parameters is required"),
    ] {
        let error = ask(&template).expect_err(says);
        assert_eq!(error.code.number(), code, "{template}: {error}");
        assert!(error.details.contains(says), "{says}: {error}");
    }
}
