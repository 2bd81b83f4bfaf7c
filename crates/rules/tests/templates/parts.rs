//! Name, language, life; header, body and footer with their variables.
use crate::{body, draft, filled, fine, only, wrong};
use serde_json::{Value, json};
use suki_template::{Category, Draft, ParameterFormat};

fn plain() -> Draft {
    draft("UTILITY", json!([body("Your order is ready.")]))
}

fn header(header: Value) -> Draft {
    draft("UTILITY", json!([header, body("Your order is ready.")]))
}

fn with_body(text: &str) -> Draft {
    draft("UTILITY", json!([filled(text)]))
}

/// R83: a template has a name, a language and a category.
#[test]
fn names_have_512_small_letters_digits_and_underscores_at_most() {
    for (name, number) in [("a", 0), ("order_2_ready", 0), ("", 2_388_043), ("Order", 100), ("order-ready", 100), ("заказ", 100), ("a b", 100)] {
        let draft = Draft { name: name.into(), ..plain() };
        if number == 0 { fine(&draft) } else { only(&draft, number, "name") }
    }
    fine(&Draft { name: "x".repeat(512), ..plain() });
    only(&Draft { name: "x".repeat(513), ..plain() }, 2_388_040, "name");
}

#[test]
fn languages_are_those_of_the_policy() {
    for language in ["en", "en_US", "fil", "bn", "ru", "ar", "pl", "pt_BR"] {
        fine(&Draft { language: language.into(), ..plain() });
    }
    for language in ["", "EN", "en-US", "english", "tlh", "en_us"] {
        only(&Draft { language: language.into(), ..plain() }, 100, "language");
    }
}

#[test]
fn a_message_is_worth_delivering_for_as_long_as_its_category_allows() {
    for (category, from, to) in [(Category::Utility, 30, 43_200), (Category::Marketing, 43_200, 2_592_000)] {
        let draft = |seconds| Draft { category, message_send_ttl_seconds: Some(seconds), ..plain() };
        for seconds in [from, to, -1] {
            fine(&draft(seconds));
        }
        for seconds in [from - 1, to + 1, 0, -2] {
            only(&draft(seconds), 100, "message_send_ttl_seconds");
        }
    }
}

#[test]
fn every_template_has_one_body() {
    only(&draft("UTILITY", json!([{"type": "FOOTER", "text": "Kape shop"}])), 2_388_043, "components");
    only(&draft("UTILITY", json!([body("One."), body("Two.")])), 100, "components[1]");
    only(&draft("UTILITY", json!([{"type": "BODY"}])), 2_388_043, "components[0].text");
}

#[test]
fn a_body_has_1024_characters_and_few_line_breaks() {
    fine(&draft("UTILITY", json!([body(&"é".repeat(1024))])));
    only(&draft("UTILITY", json!([body(&"é".repeat(1025))])), 2_388_040, "components[0].text");
    fine(&draft("UTILITY", json!([body("One.\n\nTwo.")])));
    only(&draft("UTILITY", json!([body("One.\n\n\nTwo.")])), 2_388_072, "components[0].text");
    for text in ["One.\tTwo.", "One.     Two.", "One.\u{7}"] {
        only(&draft("UTILITY", json!([body(text)])), 2_388_072, "components[0].text");
    }
    fine(&draft("UTILITY", json!([body("One.    Two.")])));
}

#[test]
fn a_header_text_has_60_characters_and_one_variable() {
    let text = |text: &str| header(json!({"type": "HEADER", "format": "TEXT", "text": text, "example": {"header_text": ["7"]}}));
    fine(&text(&"x".repeat(60)));
    only(&text(&"x".repeat(61)), 2_388_040, "components[0].text");
    fine(&text("Order {{1}}"));
    for odd in ["Order {{1}} of {{2}}", "*Order*", "_Order_", "Order\nready", "Order {{1"] {
        let found = wrong(&text(odd));
        assert_eq!(found[0], (2_388_047, "components[0].text".into()), "{odd}: {found:?}");
    }
    only(&header(json!({"type": "HEADER", "format": "TEXT"})), 2_388_043, "components[0].text");
    let named = json!({"type": "HEADER", "format": "TEXT", "text": "Order {{order_id}}",
        "example": {"header_text_named_params": [{"param_name": "order_id", "example": "7"}]}});
    fine(&header(named));
}

/// R86: audio in a template is refused; R78: images and other files are not.
#[test]
fn a_file_needs_an_example_and_audio_is_refused() {
    for format in ["IMAGE", "VIDEO", "DOCUMENT", "GIF"] {
        fine(&header(json!({"type": "HEADER", "format": format, "example": {"header_handle": ["4::aW"]}})));
        only(&header(json!({"type": "HEADER", "format": format})), 2_388_043, "components[0].example");
    }
    fine(&header(json!({"type": "HEADER", "format": "LOCATION"})));
    only(&header(json!({"type": "HEADER", "format": "AUDIO", "example": {"header_handle": ["4::aW"]}})), 2_388_047, "components[0].format");
    only(&header(json!({"type": "HEADER", "format": "PRODUCT"})), 2_388_047, "components[0].format");
}

#[test]
fn a_footer_has_60_characters_and_no_variables() {
    let footer = |text: &str| draft("UTILITY", json!([body("Your order is ready."), {"type": "FOOTER", "text": text}]));
    fine(&footer(&"x".repeat(60)));
    only(&footer(&"x".repeat(61)), 2_388_040, "components[1].text");
    only(&footer(""), 2_388_043, "components[1].text");
    only(&footer("Shop {{1}}"), 2_388_073, "components[1].text");
    only(&footer("One\nTwo"), 2_388_073, "components[1].text");
    let minutes = json!([body("Your order is ready."), {"type": "FOOTER", "text": "Bye", "code_expiration_minutes": 5}]);
    only(&draft("UTILITY", minutes), 2_388_073, "components[1]");
}

#[test]
fn variables_stand_inside_and_are_numbered_without_gaps() {
    fine(&with_body("Hello {{1}}, order {{2}} is ready now."));
    for text in ["{{1}}, your order is ready.", "Your order is ready, {{1}}", "  {{1}} it is ready.", "Your order is ready, {{1}} \n"] {
        only(&with_body(text), 2_388_299, "components[0].text");
    }
    for text in ["Hello {{2}}, it is ready.", "Hello {{1}}, order {{3}} is ready now.", "Hello {{0}}, it is ready.", "Hello {{01}}, it is ready."] {
        only(&with_body(text), 2_388_072, "components[0].text");
    }
    for text in ["Hello {{1}, it is ready.", "Hello {{}}, it is ready.", "Hello {{Na me}}, it is ready.", "Hello }} there."] {
        only(&with_body(text), 2_388_072, "components[0].text");
    }
}

#[test]
fn a_body_has_two_words_for_each_variable() {
    fine(&with_body("Hello {{1}} dear {{2}}, we thank you."));
    fine(&with_body("Hi {{1}}, welcome!"));
    only(&with_body("Hello {{1}}!"), 2_388_293, "components[0].text");
    only(&with_body("Hello {{1}} {{2}} {{3}} {{4}} thanks."), 2_388_293, "components[0].text");
}

#[test]
fn every_variable_has_an_example() {
    let with = |example: Value| draft("UTILITY", json!([{"type": "BODY", "text": "Hello {{1}}, order {{2}} is ready now.", "example": example}]));
    fine(&with(json!({"body_text": [["Ana", "7"]]})));
    fine(&with(json!({"body_text": ["Ana", "7"]})));
    for example in [json!({}), json!({"body_text": [["Ana"]]}), json!({"body_text": [["Ana", "7", "8"]]}), json!({"body_text": [["Ana", " "]]})] {
        only(&with(example), 2_388_043, "components[0].text");
    }
    only(&draft("UTILITY", json!([body("Hello {{1}}, it is ready.")])), 2_388_043, "components[0].text");
}

#[test]
fn named_variables_have_names_and_examples() {
    let with = |text: &str, names: &[&str], format: Option<ParameterFormat>| {
        let examples: Vec<Value> = names.iter().map(|name| json!({"param_name": name, "example": "x"})).collect();
        let part = json!({"type": "BODY", "text": text, "example": {"body_text_named_params": examples}});
        Draft { parameter_format: format, ..draft("UTILITY", json!([part])) }
    };
    let text = "Hello {{first_name}}, order {{id}} is ready now.";
    fine(&with(text, &["first_name", "id"], None));
    fine(&with(text, &["id", "first_name"], Some(ParameterFormat::Named)));
    only(&with(text, &["first_name"], Some(ParameterFormat::Named)), 2_388_043, "components[0].text");
    only(&with(text, &["first_name", "id"], Some(ParameterFormat::Positional)), 2_388_072, "components[0].text");
    only(&with("Hello {{1}}, it is ready.", &["1"], Some(ParameterFormat::Named)), 2_388_072, "components[0].text");
}

#[test]
fn a_limited_time_offer_stands_with_its_buttons_and_without_a_footer() {
    let offer = |text: &str, ends: bool| json!({"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": text, "has_expiration": ends}});
    let buttons = json!({"type": "BUTTONS", "buttons": [
        {"type": "COPY_CODE", "example": "SALE25"},
        {"type": "URL", "text": "Shop", "url": "https://shop.example/sale"},
    ]});
    let of = |components: Value| draft("MARKETING", components);
    fine(&of(json!([offer("Ends tonight", true), body(&"x".repeat(600)), buttons])));
    only(&of(json!([offer("Ends tonight", true), body(&"x".repeat(601)), buttons])), 2_388_040, "components[1].text");
    fine(&of(json!([offer(&"x".repeat(16), true), body("Buy now."), buttons])));
    only(&of(json!([offer(&"x".repeat(17), true), body("Buy now."), buttons])), 2_388_040, "components[0].limited_time_offer.text");
    only(&of(json!([offer("Ends", true), body("Buy now."), buttons, {"type": "FOOTER", "text": "Bye"}])), 2_388_073, "components");
    let url = json!({"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Shop", "url": "https://shop.example/sale"}]});
    fine(&of(json!([offer("Great price", false), body("Buy now."), url])));
    only(&of(json!([offer("Ends", true), body("Buy now."), url])), 2_388_043, "components");
    only(&draft("UTILITY", json!([offer("Ends", true), body("Buy now."), buttons])), 100, "category");
    let titled = json!([{"type": "HEADER", "format": "TEXT", "text": "Sale"}, offer("Ends", true), body("Buy now."), buttons]);
    only(&of(titled), 2_388_047, "components");
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let draft = Draft { name: "Bad Name".into(), language: "xx".into(), ..draft("UTILITY", json!([body("{{1}}"), {"type": "FOOTER", "text": ""}])) };
    let fields: Vec<String> = wrong(&draft).into_iter().map(|(_, field)| field).collect();
    for field in ["name", "language", "components[0].text", "components[1].text"] {
        assert!(fields.iter().any(|found| found == field), "{field}: {fields:?}");
    }
}
