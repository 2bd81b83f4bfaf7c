//! Carousels (R78): two to ten cards that are alike.
use crate::{body, draft, fine, only, wrong};
use serde_json::{Value, json};
use suki_template::Draft;

const AT: &str = "components[1].cards";

fn card(text: &str) -> Value {
    json!({"components": [
        {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::aW"]}},
        {"type": "BODY", "text": text},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Take it"}, {"type": "URL", "text": "See it", "url": "https://shop.example/a"}]},
    ]})
}

fn with(cards: Vec<Value>) -> Draft {
    draft("MARKETING", json!([body("Look what is new."), {"type": "CAROUSEL", "cards": cards}]))
}

#[test]
fn two_to_ten_cards() {
    for count in [2, 10] {
        fine(&with(vec![card("Nice"); count]));
    }
    for count in [0, 1, 11] {
        only(&with(vec![card("Nice"); count]), 100, AT);
    }
}

#[test]
fn a_card_has_160_characters_a_picture_and_two_buttons() {
    fine(&with(vec![card(&"x".repeat(160)), card("Nice")]));
    only(&with(vec![card("Nice"), card(&"x".repeat(161))]), 2_388_040, "components[1].cards[1].components[1].text");
    let mut three = card("Nice");
    three["components"][2]["buttons"].as_array_mut().expect("buttons").push(json!({"type": "QUICK_REPLY", "text": "Later"}));
    let found = wrong(&with(vec![three.clone(), three.clone()]));
    assert!(found.contains(&(100, "components[1].cards[0].components[2].buttons".into())), "{found:?}");
    let mut bare = card("Nice");
    bare["components"].as_array_mut().expect("parts").remove(0);
    assert_eq!(wrong(&with(vec![bare.clone(), bare])).len(), 2, "no header");
    let mut text = card("Nice");
    text["components"][0] = json!({"type": "HEADER", "format": "TEXT", "text": "A"});
    assert_eq!(wrong(&with(vec![text.clone(), text]))[0], (2_388_047, "components[1].cards[0].components[0].format".into()));
}

#[test]
fn cards_are_alike() {
    let mut other = card("Nice");
    other["components"][0]["format"] = "VIDEO".into();
    only(&with(vec![card("Nice"), other]), 100, "components[1].cards[1]");
    let mut other = card("Nice");
    other["components"][2]["buttons"].as_array_mut().expect("buttons").reverse();
    only(&with(vec![card("Nice"), other]), 100, "components[1].cards[1]");
    let mut other = card("Nice");
    other["components"].as_array_mut().expect("parts").remove(1);
    only(&with(vec![card("Nice"), other]), 100, "components[1].cards[1]");
}

#[test]
fn nothing_but_a_body_stands_beside_it() {
    let cards = json!({"type": "CAROUSEL", "cards": [card("A"), card("B")]});
    for odd in [
        json!({"type": "HEADER", "format": "LOCATION"}),
        json!({"type": "FOOTER", "text": "Bye"}),
        json!({"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Yes"}]}),
    ] {
        only(&draft("MARKETING", json!([body("Look."), cards, odd])), 100, "components");
    }
    let mut footed = card("Nice");
    footed["components"].as_array_mut().expect("parts").push(json!({"type": "FOOTER", "text": "Bye"}));
    assert_eq!(wrong(&with(vec![footed.clone(), footed])).len(), 2);
}
