use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

/// A flow of two screens, as a business would write it.
fn cake() -> Value {
    json!({
        "version": "7.1",
        "screens": [
            {"id": "CAKE", "title": "Your cake", "data": {}, "layout": {"type": "SingleColumnLayout", "children": [
                {"type": "TextHeading", "text": "A cake for whom?"},
                {"type": "Form", "name": "form", "children": [
                    {"type": "TextInput", "name": "name", "label": "Name on the cake", "required": true, "max-chars": 20},
                    {"type": "Dropdown", "name": "size", "label": "Size", "data-source": [{"id": "10", "title": "For ten"}]},
                    {"type": "Footer", "label": "Next", "on-click-action": {"name": "navigate", "next": {"type": "screen", "name": "WORDS"},
                        "payload": {"name": "${form.name}", "size": "${form.size}"}}},
                ]},
            ]}},
            {"id": "WORDS", "terminal": true, "data": {"name": {"type": "string", "__example__": "Ana"}, "size": {"type": "string", "__example__": "10"}},
             "layout": {"type": "SingleColumnLayout", "children": [
                {"type": "TextBody", "text": "`'For ' ${data.name} ', ' ${screen.CAKE.form.size}`"},
                {"type": "Footer", "label": "Send", "on-click-action": {"name": "complete", "payload": {"name": "${data.name}"}}},
            ]}},
        ],
    })
}

fn told(flow: &Value) -> Vec<(String, String)> {
    check(&flow.to_string()).problems.into_iter().map(|problem| (problem.error, problem.path)).collect()
}

#[test]
fn a_flow_that_is_whole_has_no_problems() {
    let outline = check(&cake().to_string());
    assert_eq!(outline.problems, []);
    assert_eq!((outline.json_version.as_str(), outline.screens), ("7.1", vec!["CAKE".to_owned(), "WORDS".to_owned()]));
}

#[test]
fn it_begins_with_the_screen_that_none_leads_to() {
    let mut flow = cake();
    flow["screens"].as_array_mut().expect("screens").reverse();
    flow["data_api_version"] = "3.0".into();
    flow["routing_model"] = json!({"CAKE": ["WORDS"], "WORDS": []});
    let outline = check(&flow.to_string());
    assert_eq!((outline.problems, outline.screens), (vec![], vec!["CAKE".to_owned(), "WORDS".to_owned()]));
    assert_eq!(outline.data_api_version, "3.0");
}

#[test]
fn each_mistake_is_told_with_its_place() {
    let screen = "$root/screens/0";
    let words = "$root/screens/1/layout/children";
    type Break = fn(&mut Value);
    let cases: [(Break, &str, String); 22] = [
        (|flow| flow["version"] = "1.0".into(), "INVALID_PROPERTY_VALUE", "$root".into()),
        (|flow| flow["colour"] = "red".into(), "INVALID_PROPERTY", "$root".into()),
        (|flow| flow["data_api_version"] = "3.0".into(), "MISSING_REQUIRED_PROPERTY", "$root".into()),
        (|flow| flow["screens"] = json!([]), "INVALID_PROPERTY_VALUE", "$root/screens".into()),
        (|flow| flow["screens"][0]["id"] = "A-1".into(), "INVALID_PROPERTY_VALUE", screen.into()),
        (|flow| flow["screens"][1]["id"] = "CAKE".into(), "DUPLICATE_SCREEN_ID", "$root/screens/1".into()),
        (|flow| flow["screens"][1]["terminal"] = false.into(), "MISSING_TERMINAL_SCREEN", "$root/screens".into()),
        (|flow| flow["screens"][1]["terminal"] = "yes".into(), "INVALID_PROPERTY_TYPE", "$root/screens/1".into()),
        (|flow| flow["screens"][1]["data"]["name"] = json!({"type": "string"}), "MISSING_REQUIRED_PROPERTY", "$root/screens/1/data/name".into()),
        (|flow| flow["screens"][0]["layout"]["type"] = "Grid".into(), "INVALID_PROPERTY_VALUE", format!("{screen}/layout")),
        (
            |flow| flow["screens"][0]["layout"]["children"][0]["type"] = "Marquee".into(),
            "INVALID_PROPERTY_VALUE",
            format!("{screen}/layout/children/0"),
        ),
        (|flow| flow["screens"][0]["layout"]["children"][0]["blink"] = true.into(), "INVALID_PROPERTY", format!("{screen}/layout/children/0")),
        (
            |flow| flow["screens"][0]["layout"]["children"][0]["text"] = "x".repeat(81).into(),
            "INVALID_PROPERTY_VALUE",
            format!("{screen}/layout/children/0"),
        ),
        (|flow| flow["screens"][1]["layout"]["children"][1]["label"] = Value::Null, "INVALID_PROPERTY_TYPE", format!("{words}/1")),
        (|flow| flow["screens"][1]["layout"]["children"][0]["text"] = "${data.age}".into(), "INVALID_DYNAMIC_DATA", format!("{words}/0/text")),
        (|flow| flow["screens"][1]["layout"]["children"][0]["text"] = "${form.name}".into(), "INVALID_DYNAMIC_DATA", format!("{words}/0/text")),
        (|flow| flow["screens"][1]["layout"]["children"][0]["text"] = "${data.name".into(), "INVALID_DYNAMIC_DATA", format!("{words}/0/text")),
        (
            |flow| flow["screens"][1]["layout"]["children"][1]["on-click-action"]["name"] = "navigate".into(),
            "MISSING_REQUIRED_PROPERTY",
            format!("{words}/1/on-click-action"),
        ),
        (
            |flow| flow["screens"][1]["layout"]["children"][1]["on-click-action"]["name"] = "data_exchange".into(),
            "MISSING_DATA_API_VERSION",
            format!("{words}/1/on-click-action"),
        ),
        (
            |flow| flow["screens"][1]["layout"]["children"][1]["on-click-action"]["name"] = "explode".into(),
            "INVALID_PROPERTY_VALUE",
            format!("{words}/1/on-click-action"),
        ),
        (
            |flow| {
                flow["routing_model"] = json!({"CAKE": ["WORDS"], "WORDS": ["CAKE"]});
            },
            "INVALID_ROUTING_MODEL",
            "$root/routing_model".into(),
        ),
        (|flow| flow["routing_model"] = json!({"CAKE": ["PIE"]}), "INVALID_ROUTING_MODEL", "$root/routing_model".into()),
    ];
    for (place, (spoil, error, path)) in cases.into_iter().enumerate() {
        let mut flow = cake();
        spoil(&mut flow);
        assert!(told(&flow).contains(&(error.to_owned(), path.clone())), "{place}: {error} at {path}, not {:?}", told(&flow));
    }
}

#[test]
fn a_footer_that_leads_nowhere_and_one_that_is_missing() {
    let mut flow = cake();
    flow["screens"][0]["layout"]["children"][1]["children"][2]["on-click-action"]["next"]["name"] = "PIE".into();
    assert_eq!(told(&flow)[0].0, "INVALID_NAVIGATE_ACTION_NEXT_SCREEN_NAME");
    let mut flow = cake();
    flow["screens"][1]["layout"]["children"].as_array_mut().expect("children").pop();
    assert_eq!(told(&flow), [("MISSING_FOOTER".to_owned(), "$root/screens/1/layout".to_owned())]);
}

#[test]
fn versions_have_what_they_have() {
    let mut flow = cake();
    flow["version"] = "3.0".into();
    flow["screens"][1]["layout"]["children"][0] = json!({"type": "RichText", "text": "x"});
    flow["screens"][0]["layout"]["children"][1]["children"][0]["init-value"] = "Ana".into();
    let told = told(&flow);
    assert_eq!(told.len(), 2, "{told:?}");
    let moved = json!({"type": "TextInput", "name": "late", "label": "Late"});
    flow["screens"][0]["layout"]["children"].as_array_mut().expect("children").push(moved);
    assert!(check(&flow.to_string()).problems.iter().any(|problem| problem.error == "INVALID_COMPONENT_PLACE"));
}

#[test]
fn a_place_is_the_line_and_the_columns_of_what_is_wrong() {
    let text = "{\n  \"version\": \"7.1\",\n  \"colour\": 1,\n  \"screens\": 7\n}";
    let problems = check(text).problems;
    assert_eq!(problems.len(), 2, "{problems:?}");
    let (first, second) = (&problems[0], &problems[1]);
    assert_eq!((first.line_start, first.column_start, first.column_end), (3, 3, 10));
    assert_eq!((second.line_start, second.column_start, second.column_end), (4, 14, 14));
    assert_eq!(first.message, "The property \"colour\" cannot be specified at \"$root\".");
    assert_eq!(first.told()["pointers"][0]["path"], "$root");
    assert_eq!(check("{").problems[0].error, "INVALID_JSON");
    assert_eq!(check("[]").problems[0].error, "INVALID_PROPERTY_TYPE");
}

proptest! {
    /// Whatever a file says, it is read to its end.
    #[test]
    fn no_file_panics(cut in 0usize..900, put in "[a-z{}\\[\\]\",:$0-9 ]{0,12}") {
        let text = cake().to_string();
        let cut = cut.min(text.len());
        prop_assume!(text.is_char_boundary(cut));
        let spoilt = format!("{}{put}{}", &text[..cut], &text[cut..]);
        prop_assert!(check(&spoilt).problems.len() <= PROBLEMS);
    }
}
