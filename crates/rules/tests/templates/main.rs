//! Golden cases of templates (R78, R83 to R88, R108), both profiles, at the boundary of every limit; each refusal with its exact code.
mod authentication;
mod buttons;
mod carousel;
mod lifecycle;
mod moderation;
mod parts;
mod properties;

use serde_json::{Value, json};
use std::sync::LazyLock;
use suki_rules::{Policy, template::validate};
use suki_template::Draft;

/// The shipped policies.
pub const PROFILES: [&str; 2] = ["meta-2026", "classic"];

static SHIPPED: LazyLock<[Policy; 2]> = LazyLock::new(|| PROFILES.map(|profile| Policy::shipped(profile).expect("it is shipped")));

/// A shipped policy.
pub fn policy(profile: &str) -> Policy {
    SHIPPED.iter().find(|policy| policy.name == profile).expect("it is shipped").clone()
}

/// A draft with a good name and language.
pub fn draft(category: &str, components: Value) -> Draft {
    let given = json!({"name": "order_ready", "language": "en_US", "category": category, "components": components});
    serde_json::from_value(given).expect("the test's draft is one")
}

/// The numbers and places of what is wrong, the same under both profiles.
pub fn wrong(draft: &Draft) -> Vec<(i32, String)> {
    let [meta, classic] = PROFILES.map(|profile| match validate(&policy(profile), draft) {
        Ok(()) => Vec::new(),
        Err(problems) => {
            assert!(problems.iter().all(|problem| !problem.message.is_empty() && problem.code == 100));
            problems.into_iter().map(|problem| (problem.number(), problem.field)).collect()
        }
    });
    assert_eq!(meta, classic);
    meta
}

/// Nothing is wrong.
pub fn fine(draft: &Draft) {
    assert_eq!(wrong(draft), [], "{draft:?}");
}

/// Exactly one thing is wrong.
pub fn only(draft: &Draft, number: i32, field: &str) {
    assert_eq!(wrong(draft), [(number, field.to_owned())], "{draft:?}");
}

/// A body without variables.
pub fn body(text: &str) -> Value {
    json!({"type": "BODY", "text": text})
}

/// With an example for every variable of a text with numbered ones.
pub fn filled(text: &str) -> Value {
    let values: Vec<&str> = suki_template::variables(text).iter().map(|_| "example").collect();
    json!({"type": "BODY", "text": text, "example": {"body_text": [values]}})
}
