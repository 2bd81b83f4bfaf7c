//! What holds for every template: whatever a program sends, the answer is a refusal or a template; and a template that passes can be filled in with its
//! own examples and shows nothing but its text with them.
use crate::policy;
use proptest::prelude::*;
use serde_json::{Value, json};
use suki_protocol::{
    pb::{self, template_parameter::Value as Sent},
    template::{SenderWords, check, render},
};
use suki_rules::template::{moderate, validate, written_out};
use suki_template::{Button, Component, Draft, Shape, variables};

/// A word, a variable, or what goes wrong around variables.
fn scrap() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[a-zа-яঅ-হ]{1,8}",
        3 => (1_u8..4).prop_map(|number| format!("{{{{{number}}}}}")),
        1 => prop::sample::select(vec!["{{name}}", "{{", "}}", "{{}}", "\n", "  ", "*", "{{1}} {{2}}", "é", "🙂"]).prop_map(str::to_owned),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(scrap(), 0..14).prop_map(|scraps| scraps.join(" "))
}

/// With an example for each numbered variable, mostly.
fn example(text: &str, honest: bool, header: bool) -> Value {
    let values: Vec<&str> = variables(text).iter().map(|_| "seven").take(if honest { 9 } else { 1 }).collect();
    match (values.is_empty(), header) {
        (true, _) => json!({}),
        (_, true) => json!({"header_text": values}),
        (_, false) => json!({"body_text": [values]}),
    }
}

fn button() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[a-z]{0,30}".prop_map(|text| json!({"type": "QUICK_REPLY", "text": text})),
        ("[a-z]{1,10}", prop::sample::select(vec!["", "{{1}}", "{{1}}/x"]))
            .prop_map(|(text, end)| json!({"type": "url", "text": text, "url": format!("https://shop.example/{end}"), "example": "7"})),
        "[0-9+]{3,24}".prop_map(|number| json!({"type": "PHONE_NUMBER", "text": "Call", "phone_number": number})),
        "[A-Z]{0,24}".prop_map(|code| json!({"type": "COPY_CODE", "example": code})),
    ]
}

fn draft() -> impl Strategy<Value = Value> {
    let parts = (prop::option::of(text()), text(), prop::option::of(text()), prop::collection::vec(button(), 0..4), any::<bool>());
    (prop::sample::select(vec!["UTILITY", "marketing"]), parts).prop_map(|(category, (header, body, footer, buttons, honest))| {
        let mut components = vec![json!({"type": "body", "text": body, "example": example(&body, honest, false)})];
        if let Some(header) = header {
            components.push(json!({"type": "HEADER", "format": "text", "text": header, "example": example(&header, honest, true)}));
        }
        if let Some(footer) = footer {
            components.push(json!({"type": "FOOTER", "text": footer}));
        }
        if !buttons.is_empty() {
            components.push(json!({"type": "BUTTONS", "buttons": buttons}));
        }
        json!({"name": "made_up", "language": "en", "category": category, "components": components})
    })
}

fn parameters(text: &str) -> Vec<pb::TemplateParameter> {
    let value = pb::TemplateParameter { name: String::new(), value: Some(Sent::Text("seven".into())) };
    vec![value; variables(text).len()]
}

/// A message with the template's own examples.
fn own_examples(components: &[Component]) -> pb::Template {
    let header = Component::header(components).and_then(|header| header.text.as_deref()).unwrap_or_default();
    let body = Component::body(components).and_then(|body| body.text.as_deref()).unwrap_or_default();
    let buttons = Component::buttons(components).iter().zip(0..).filter_map(|(button, index)| {
        let (kind, parameter) = match button {
            Button::Url { url, .. } if !variables(url).is_empty() => ("url", "7"),
            Button::CopyCode { .. } => ("copy_code", "CODE"),
            _ => return None,
        };
        Some(pb::TemplateButton { index, kind: kind.into(), parameters: vec![parameter.into()] })
    });
    pb::Template { header: parameters(header), body: parameters(body), buttons: buttons.collect(), ..Default::default() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_passes_can_be_filled_in_with_its_own_examples(given in draft()) {
        let draft: Draft = serde_json::from_value(given).expect("the generator writes drafts");
        let policy = policy("meta-2026");
        let opinion = moderate(&policy, &draft);
        prop_assert!(opinion.findings.iter().all(|finding| !finding.is_empty()));
        if validate(&policy, &draft).is_err() {
            return Ok(());
        }
        let components = written_out(&draft);
        let again: Vec<Component> = serde_json::from_str(&serde_json::to_string(&components).expect("JSON")).expect("it is read again");
        prop_assert_eq!(Shape::of(&again), Shape::of(&components));
        prop_assert_eq!(&again, &components);
        let sent = own_examples(&components);
        prop_assert_eq!(check(&components, draft.parameters(), &sent, &policy.template_parts.filled()), Ok(()));
        let shown = render(&components, &sent, &SenderWords).expect("it is rendered");
        prop_assert!(!shown.text().contains("{{"), "{}", shown.text());
        let body = Component::body(&components).and_then(|body| body.text.as_deref()).expect("it has a body");
        let expected = variables(body).iter().fold(body.to_owned(), |text, name| text.replace(&format!("{{{{{name}}}}}"), "seven"));
        prop_assert_eq!(shown.body, expected);
        // A message with one parameter less never passes.
        if !sent.body.is_empty() {
            let mut less = sent.clone();
            less.body.pop();
            prop_assert!(check(&components, draft.parameters(), &less, &policy.template_parts.filled()).is_err());
            prop_assert!(render(&components, &less, &SenderWords).is_err());
        }
    }

    #[test]
    fn any_json_is_answered(text in "\\PC{0,200}", category in "[A-Za-z]{0,16}", kind in "[A-Za-z_]{0,12}") {
        let given = json!({"name": text, "language": text, "category": category, "components": [{"type": kind, "text": text, "format": kind}]});
        if let Ok(draft) = serde_json::from_value::<Draft>(given) {
            let _ = (validate(&policy("classic"), &draft).is_ok(), moderate(&policy("classic"), &draft));
        }
        let bodies = json!([{"type": "BODY", "text": text}]);
        let draft: Draft = serde_json::from_value(json!({"name": "a", "language": "en", "category": "UTILITY", "components": bodies})).expect("a draft");
        let _ = validate(&policy("classic"), &draft);
        let _ = render(&draft.components, &pb::Template::default(), &SenderWords);
    }
}
