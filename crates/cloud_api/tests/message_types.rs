//! Every type of message a program may send, with its limits and the code of each mistake (Cloud API, section 3b), and every request example of Meta's own
//! description.
use serde_json::{Value, json};
use suki_cloud_api::{
    ApiError, Params,
    messages::{Action, CardHeader, FileKind, FlowName, Header, Interactive, Request, What, parse},
    templates::sent::MediaFile,
    wamid,
};
use suki_types::MessageId;

fn ask(body: &Value) -> Result<What, ApiError> {
    let mut params = Params::default();
    params.merge_body(Some("application/json"), body.to_string().as_bytes())?;
    match parse(&params)? {
        Request::Send(sent) => Ok(sent.what),
        Request::Read { .. } => panic!("{body} must be a message"),
    }
}

/// A message of this type with this object.
fn message(kind: &str, object: &Value) -> Value {
    json!({"messaging_product": "whatsapp", "to": "999000000001", "type": kind, kind: object})
}

fn read(kind: &str, object: &Value) -> What {
    ask(&message(kind, object)).unwrap_or_else(|error| panic!("{kind} {object}: {error}"))
}

fn refused(kind: &str, object: &Value, code: i32, says: &str) {
    let error = ask(&message(kind, object)).expect_err(says);
    assert_eq!(error.code.number(), code, "{kind} {object}: {error}");
    assert!(error.details.contains(says), "{kind} {object}: {error}");
}

fn interactive(object: &Value) -> Interactive {
    match read("interactive", object) {
        What::Interactive(read) => *read,
        other => panic!("{other:?}"),
    }
}

/// An interactive message with some of its fields replaced; `null` takes one away.
fn with(base: &Value, changes: &Value) -> Value {
    let mut changed = base.clone();
    for (pointer, value) in changes.as_object().expect("an object") {
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        let parent = changed.pointer_mut(parent).expect("its parent");
        match key.parse::<usize>() {
            Ok(place) => parent[place] = value.clone(),
            Err(_) => parent[key] = value.clone(),
        }
    }
    changed
}

fn words(count: usize) -> String {
    "x".repeat(count)
}

#[test]
fn files_come_by_id_or_by_link() {
    for kind in FileKind::ALL {
        for (file, place) in [
            (json!({"id": "1037543291543636"}), MediaFile::Id("1037543291543636".parse().expect("an id"))),
            (json!({"id": 1_037_543_291_543_636_u64}), MediaFile::Id("1037543291543636".parse().expect("an id"))),
            (json!({"link": "https://kape.example/a"}), MediaFile::Link("https://kape.example/a".parse().expect("an address"))),
        ] {
            let What::File(read) = read(kind.as_str(), &file) else { panic!("{kind:?}") };
            assert_eq!((read.kind, read.place, read.voice), (kind, place, false));
        }
        refused(kind.as_str(), &json!({}), 131_008, "link is required");
        refused(kind.as_str(), &json!({"link": "http(s)://a"}), 100, "must be an address");
        refused(kind.as_str(), &json!({"link": "ftp://a.example/b"}), 100, "must be an address");
        refused(kind.as_str(), &json!({"link": format!("https://a.example/{}", words(2048))}), 100, "at most 2048");
        refused(kind.as_str(), &json!({"id": "<ID>"}), 100, "id: an object's id is");
        refused(kind.as_str(), &json!({"id": "1", "link": "https://a.example"}), 100, "exclude each other");
        refused(kind.as_str(), &json!({"id": "1", "colour": "red"}), 100, "unexpected key");
    }
    let What::File(voice) = read("audio", &json!({"id": "1", "voice": true})) else { panic!("a file") };
    assert!(voice.voice);
    let What::File(bill) = read("document", &json!({"id": "1", "caption": "Bill", "filename": "bill.pdf"})) else { panic!("a file") };
    assert_eq!((bill.caption.as_str(), bill.filename.as_str()), ("Bill", "bill.pdf"));
    refused("image", &json!({"id": "1", "caption": words(1025)}), 100, "at most 1024");
    refused("audio", &json!({"id": "1", "caption": "Song"}), 100, "unexpected key \"caption\"");
}

#[test]
fn places_people_and_reactions() {
    let What::Location(place) = read("location", &json!({"latitude": "14.5995", "longitude": 120.9842, "name": "Kape"})) else { panic!("a place") };
    assert_eq!((place.latitude, place.longitude, place.name.as_str(), place.address.as_str()), (14.5995, 120.9842, "Kape", ""));
    refused("location", &json!({"latitude": 1}), 131_008, "location.longitude is required");
    refused("location", &json!({"latitude": 91, "longitude": 0}), 131_009, "between -90 and 90");
    refused("location", &json!({"latitude": "north", "longitude": 0}), 100, "must be a number");
    let ana = json!({"name": {"formatted_name": "Ana Cruz", "first_name": "Ana"}, "phones": [{"phone": "+63 917", "type": "CELL", "wa_id": "63917"}],
                     "org": {"company": "Kape"}, "birthday": "1990-08-18", "emails": [{"email": "ana@kape.example"}]});
    let What::Contacts(people) = read("contacts", &json!([ana])) else { panic!("people") };
    let phone = &people[0].phones[0];
    assert_eq!((people[0].formatted_name.as_str(), phone.wa_id.as_str(), people[0].company.as_str()), ("Ana Cruz", "63917", "Kape"));
    refused("contacts", &json!([]), 131_009, "contacts has 0 items; 1 to 257 are allowed");
    refused("contacts", &json!(vec![ana.clone(); 258]), 131_009, "contacts has 258 items");
    refused("contacts", &json!([{"name": {"first_name": "Ana"}}]), 131_008, "contacts[0].name.formatted_name is required");
    refused("contacts", &json!([with(&ana, &json!({"/birthday": "18.8.1990"}))]), 131_009, "YYYY-MM-DD");
    let on = wamid::encode(MessageId::from_bytes([7; 16]));
    for emoji in ["👍", "❤️", "👨‍👩‍👧‍👦", "🇵🇭", "1️⃣", "ℹ️", "🅰️", "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}", ""]
    {
        let What::Reaction(reaction) = read("reaction", &json!({"message_id": on, "emoji": emoji})) else { panic!("a reaction") };
        assert_eq!(reaction.emoji, emoji);
    }
    for text in ["ok", "salamat", "好", "👍 👍", "ñ"] {
        refused("reaction", &json!({"message_id": on, "emoji": text}), 131_009, "must be one emoji");
    }
    refused("reaction", &json!({"message_id": on}), 131_008, "reaction.emoji is required");
    refused("reaction", &json!({"emoji": "👍"}), 131_008, "reaction.message_id is required");
    refused("reaction", &json!({"message_id": "wamid.HBgLM...", "emoji": "👍"}), 131_009, "it is not an id that this server gave");
}

fn buttons() -> Value {
    let reply = |id: &str| json!({"type": "reply", "reply": {"id": id, "title": format!("Cup {id}")}});
    json!({"type": "button", "header": {"type": "text", "text": "Menu"}, "body": {"text": "Which?"}, "footer": {"text": "Kape"},
           "action": {"buttons": [reply("1"), reply("2"), reply("3")]}})
}

#[test]
fn buttons_have_one_to_three_and_twenty_letters() {
    let read = interactive(&buttons());
    assert_eq!((read.header, read.body.as_str(), read.footer.as_str()), (Some(Header::Text("Menu".into())), "Which?", "Kape"));
    let Action::Buttons(replies) = read.action else { panic!("buttons") };
    assert_eq!(replies.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["1", "2", "3"]);
    let picture = json!({"/header": {"type": "IMAGE", "image": {"id": 7}}, "/type": "Button"});
    assert!(matches!(interactive(&with(&buttons(), &picture)).header, Some(Header::File(file)) if file.kind == FileKind::Image));
    let first = "/action/buttons/0/reply";
    for (changes, code, says) in [
        (json!({"/type": null}), 131_008, "interactive.type is required"),
        (json!({"/type": "poll"}), 131_009, "interactive.type must be one of button, list"),
        (json!({"/type": "call_permission_request"}), 138_000, "carries no calls"),
        (json!({"/type": "voice_call"}), 138_000, "carries no calls"),
        (json!({"/body": null}), 131_008, "interactive.body.text is required"),
        (json!({"/body": {"text": words(1025)}}), 131_009, "interactive.body.text has 1025 characters; at most 1024"),
        (json!({"/footer": {"text": words(61)}}), 131_009, "at most 60"),
        (json!({"/header/text": words(61)}), 131_009, "at most 60"),
        (json!({"/header/type": "sticker"}), 131_009, "must be one of text, image, video, document"),
        (json!({"/header": {"type": "image", "image": {"id": "1", "caption": "no"}}}), 100, "a header has no caption"),
        (json!({"/action": null}), 131_008, "interactive.action is required"),
        (json!({"/action/buttons": []}), 131_009, "has 0 items; 1 to 3 are allowed"),
        (json!({"/action/buttons": [1]}), 100, "must be an object"),
        (json!({format!("{first}/title"): words(21)}), 131_009, "at most 20"),
        (json!({format!("{first}/title"): ""}), 131_008, "reply.title is required"),
        (json!({format!("{first}/id"): words(257)}), 131_009, "at most 256"),
        (json!({format!("{first}/id"): "2"}), 131_009, "two of them have the same id"),
    ] {
        refused("interactive", &with(&buttons(), &changes), code, says);
    }
}

fn list() -> Value {
    let row = |id: usize| json!({"id": id.to_string(), "title": "Cup", "description": "Hot"});
    json!({"type": "list", "body": {"text": "Which?"}, "action": {"button": "Menu", "sections": [
        {"title": "Hot", "rows": [row(1), row(2), row(3), row(4), row(5)]}, {"title": "Cold", "rows": [row(6), row(7), row(8), row(9), row(10)]}]}})
}

#[test]
fn lists_have_ten_rows_in_all() {
    let Action::List(read) = interactive(&list()).action else { panic!("a list") };
    assert_eq!((read.button.as_str(), read.sections.len(), read.sections[1].rows[4].id.as_str()), ("Menu", 2, "10"));
    assert_eq!(interactive(&with(&list(), &json!({"/body/text": words(4096)}))).body.len(), 4096);
    let row = "/action/sections/0/rows/0";
    for (changes, code, says) in [
        (json!({"/body/text": words(4097)}), 131_009, "at most 4096"),
        (json!({"/header": {"type": "image", "image": {"id": "1"}}}), 131_009, "header.type must be one of text"),
        (json!({"/action/button": words(21)}), 131_009, "at most 20"),
        (json!({"/action/button": null}), 131_008, "button is required"),
        (json!({"/action/sections/0/title": null}), 131_008, "sections[0].title is required"),
        (json!({"/action/sections/0/title": words(25)}), 131_009, "at most 24"),
        (json!({"/action/sections/0/rows": []}), 131_009, "1 to 10 are allowed"),
        (json!({format!("{row}/id"): "10"}), 131_009, "the same id"),
        (json!({format!("{row}/id"): words(201)}), 131_009, "at most 200"),
        (json!({format!("{row}/title"): words(25)}), 131_009, "at most 24"),
        (json!({format!("{row}/description"): words(73)}), 131_009, "at most 72"),
        (json!({"/action/sections": vec![json!({"title": "A", "rows": [{"id": "1", "title": "A"}]}); 11]}), 131_009, "has 11 items"),
    ] {
        refused("interactive", &with(&list(), &changes), code, says);
    }
    let mut eleven = list();
    eleven["action"]["sections"][0]["rows"].as_array_mut().expect("rows").push(json!({"id": "11", "title": "Cup"}));
    refused("interactive", &eleven, 131_009, "has 11 items; 1 to 10 are allowed");
}

#[test]
fn links_places_and_flows() {
    let link = json!({"type": "cta_url", "body": {"text": "Look"},
                      "action": {"name": "cta_url", "parameters": {"display_text": "Menu", "url": "https://kape.example/menu"}}});
    assert!(matches!(interactive(&link).action, Action::Link(link) if link.url == "https://kape.example/menu"));
    for (changes, code, says) in [
        (json!({"/action/name": "flow"}), 131_009, "name must be one of cta_url"),
        (json!({"/action/name": null}), 131_008, "name is required"),
        (json!({"/action/parameters/url": "javascript:alert(1)"}), 131_009, "begins with https://"),
        (json!({"/action/parameters/display_text": words(21)}), 131_009, "at most 20"),
    ] {
        refused("interactive", &with(&link, &changes), code, says);
    }
    let place = json!({"type": "location_request_message", "body": {"text": "Where?"}, "action": {"name": "send_location"}});
    assert_eq!(interactive(&place).action, Action::LocationRequest);
    refused("interactive", &with(&place, &json!({"/header": {"type": "text", "text": "A"}})), 131_009, "has no header");
    let flow = json!({"type": "flow", "body": {"text": "Book"}, "action": {"name": "flow", "parameters": {
        "flow_message_version": 3, "flow_id": 77, "flow_cta": "Book", "mode": "DRAFT", "flow_action": "navigate",
        "flow_action_payload": {"screen": "DAY", "data": {"day": "Friday"}}}}});
    let Action::Flow(call) = interactive(&flow).action else { panic!("a flow") };
    assert_eq!((&call.flow, call.token.as_str(), call.draft), (&FlowName::Id("77".parse().expect("an id")), "unused", true));
    assert_eq!((call.exchange, call.screen.as_str(), call.data.as_str()), (false, "DAY", r#"{"day":"Friday"}"#));
    let parameters = "/action/parameters";
    for (changes, code, says) in [
        (json!({format!("{parameters}/flow_message_version"): "2"}), 131_009, "must be 3"),
        (json!({format!("{parameters}/flow_id"): null}), 131_008, "flow_id is required"),
        (json!({format!("{parameters}/flow_name"): "booking"}), 100, "exclude each other"),
        (json!({format!("{parameters}/flow_cta"): null}), 131_008, "flow_cta is required"),
        (json!({format!("{parameters}/mode"): "test"}), 131_009, "must be one of draft, published"),
        (json!({format!("{parameters}/flow_action_payload/data"): "text"}), 100, "data must be an object"),
    ] {
        refused("interactive", &with(&flow, &changes), code, says);
    }
}

#[test]
fn products_and_catalogues() {
    let product = json!({"type": "product", "action": {"catalog_id": "146265584024623", "product_retailer_id": "ube"}});
    assert!(matches!(interactive(&product).action, Action::Product { product, .. } if product == "ube"));
    refused("interactive", &with(&product, &json!({"/header": {"type": "text", "text": "A"}})), 131_009, "has no header");
    refused("interactive", &with(&product, &json!({"/action/catalog_id": null})), 131_008, "catalog_id is required");
    let item = json!({"product_retailer_id": "ube"});
    let list = json!({"type": "product_list", "header": {"type": "text", "text": "Cakes"}, "body": {"text": "Which?"},
                      "action": {"catalog_id": 7, "sections": [{"title": "A", "product_items": [item]}, {"title": "B", "product_items": [item]}]}});
    assert!(matches!(interactive(&list).action, Action::Products(list) if list.sections.len() == 2));
    for (changes, code, says) in [
        (json!({"/header": null}), 131_008, "interactive.header is required"),
        (json!({"/header": {"type": "<HEADER_TYPE>", "text": "A"}}), 131_009, "header.type must be one of text"),
        (json!({"/action/sections/0/product_items": vec![item.clone(); 30]}), 131_009, "has 31 items; 1 to 30 are allowed"),
        (json!({"/action/sections/1/title": ""}), 131_008, "sections[1].title is required"),
    ] {
        refused("interactive", &with(&list, &changes), code, says);
    }
    let catalog = json!({"type": "catalog_message", "body": {"text": "All"}, "action": {"name": "catalog_message"}});
    assert_eq!(interactive(&catalog).action, Action::Catalog { thumbnail: None });
}

#[test]
fn cards_are_alike() {
    let card = |place: usize| {
        json!({"card_index": place, "type": "cta_url", "header": {"type": "image", "image": {"link": "https://kape.example/a.png"}}, "body": {"text": "Ube"},
               "action": {"name": "cta_url", "parameters": {"display_text": "Buy", "url": "https://kape.example"}}})
    };
    let cards = json!({"type": "carousel", "body": {"text": "Cakes"}, "action": {"cards": [card(1), card(0)]}});
    let Action::Carousel(read) = interactive(&cards).action else { panic!("cards") };
    assert!(read.len() == 2 && matches!(&read[0].header, CardHeader::File(file) if file.kind == FileKind::Image));
    let video = json!({"type": "video", "video": {"id": "1"}});
    let quick = json!({"buttons": [{"type": "quick_reply", "quick_reply": {"id": "a", "title": "A"}}]});
    let product = json!({"card_index": 0, "type": "product", "action": {"catalog_id": "7", "product_retailer_id": "ube"}});
    for (changes, code, says) in [
        (json!({"/action/cards": [card(0)]}), 131_009, "has 1 items; 2 to 10 are allowed"),
        (json!({"/action/cards/0/card_index": 0}), 131_009, "count from 0 without a gap"),
        (json!({"/action/cards/0/header": video}), 131_009, "the same kind of header"),
        (json!({"/action/cards/0/action": quick}), 131_009, "the same kind of header"),
        (json!({"/action/cards/1": product}), 131_009, "the same kind of header"),
        (json!({"/action/cards/0/body/text": words(161)}), 131_009, "at most 160"),
        (json!({"/action/cards/0/body/text": "a\nb\nc\nd"}), 131_009, "3 line breaks"),
        (json!({"/footer": {"text": "A"}}), 131_009, "has no footer"),
        (json!({"/header": {"type": "text", "text": "A"}}), 131_009, "has no header"),
    ] {
        refused("interactive", &with(&cards, &changes), code, says);
    }
    let mut two = json!({"type": "carousel", "body": {"text": "Cakes"}, "action": {"cards": [product.clone(), product]}});
    two["action"]["cards"][1]["card_index"] = "1".into();
    assert!(matches!(interactive(&two).action, Action::Carousel(cards) if cards.len() == 2));
}

#[test]
fn addresses_and_orders() {
    let address = json!({"type": "address_message", "body": {"text": "Where to?"},
                         "action": {"name": "address_message", "parameters": {"country": "in", "values": {"name": "Ana"}}}});
    assert!(matches!(interactive(&address).action, Action::Address(ask) if ask.country == "IN" && ask.values.contains("Ana")));
    refused("interactive", &with(&address, &json!({"/action/parameters/country": "India"})), 131_009, "two letters");
    let order = json!({"type": "order_status", "body": {"text": "On its way"},
                       "action": {"name": "review_order", "parameters": {"reference_id": "A-7", "order": {"status": "shipped"}}}});
    assert!(matches!(interactive(&order).action, Action::Payment(order) if order.status_only && order.reference_id == "A-7"));
    refused("interactive", &with(&order, &json!({"/action/parameters/order/status": "lost"})), 131_009, "must be one of pending");
    refused("interactive", &with(&order, &json!({"/action/parameters/reference_id": null})), 131_008, "reference_id is required");
}

/// Examples that cannot be accepted as they stand: their ids, links and words are placeholders in angle brackets. The code and the field they are
/// refused for; every other one has to be read.
const REFUSED: [(&str, i32, &str); 2] = [("by URL", 100, "must be an address"), ("by ID", 100, "an object's id is")];

#[test]
fn every_request_example_is_read_or_refused_for_its_placeholders() {
    let examples: Value = serde_json::from_str(include_str!("examples/messages.json")).expect("JSON");
    let examples = examples["requests"].as_object().expect("an object");
    assert_eq!(examples.len(), 50, "all of the description's");
    let mut read = 0;
    for (name, example) in examples {
        let mut request = example.clone();
        if request.get("to").is_some_and(|to| to.as_str().is_some_and(|to| to.contains("{{"))) {
            request["to"] = "16505551234".into();
        }
        let mut params = Params::default();
        params.merge_body(Some("application/json"), request.to_string().as_bytes()).expect("JSON");
        let text = request.to_string();
        match parse(&params) {
            Ok(_) => read += 1,
            Err(error) => {
                let expected = match name.as_str() {
                    _ if error.details.contains("it is not an id that this server gave") => Some((131_009, "")),
                    _ if text.contains("{{Flow-ID}}") => Some((131_009, "flow_id: an object's id")),
                    _ if text.contains("<HEADER_TYPE>") => Some((131_009, "header.type must be one of text")),
                    _ if text.contains("the-image-url") => Some((100, "must be an address")),
                    name => REFUSED.iter().find(|(part, ..)| name.contains(part)).map(|(_, code, says)| (*code, *says)),
                };
                let (code, says) = expected.unwrap_or_else(|| panic!("{name} is refused: {error}"));
                assert_eq!(error.code.number(), code, "{name}: {error}");
                assert!(error.details.contains(says), "{name}: {error}");
            }
        }
    }
    assert!(read > 0);
}
