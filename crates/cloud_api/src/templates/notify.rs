//! What programs are told of templates: the values of the four webhook fields (section 3c).
use serde_json::{Value, json};
use suki_template::{Button, Category, Component, Quality};
use suki_types::Timestamp;

/// The field of a template's status.
pub const STATUS_FIELD: &str = "message_template_status_update";
/// The field of a template's quality.
pub const QUALITY_FIELD: &str = "message_template_quality_update";
/// The field of a template's text.
pub const COMPONENTS_FIELD: &str = "message_template_components_update";
/// The field of a template's category.
pub const CATEGORY_FIELD: &str = "template_category_update";

/// Which template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named<'a> {
    /// Its id: a number in webhooks, at most 2^53.
    pub id: u64,
    /// Its name.
    pub name: &'a str,
    /// Its language.
    pub language: &'a str,
}

impl Named<'_> {
    fn value(&self) -> Value {
        json!({"message_template_id": self.id, "message_template_name": self.name, "message_template_language": self.language})
    }
}

/// What became of a template.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatusChange<'a> {
    /// `APPROVED`, `REJECTED`, `PAUSED` …
    pub event: &'a str,
    /// What it is for.
    pub category: &'a str,
    /// Why: a word such as `INVALID_FORMAT`; "" for `NONE`.
    pub reason: &'a str,
    /// The same in a sentence, and what would help; "" when there is nothing to say.
    pub explanation: &'a str,
    /// Which of several steps it is, such as `FIRST_PAUSE`; "" when there are none.
    pub step: &'a str,
    /// When it was or will be disabled.
    pub disabled_at: Option<Timestamp>,
}

/// The value of [`STATUS_FIELD`].
pub fn status(template: Named<'_>, change: &StatusChange<'_>) -> Value {
    let mut value = template.value();
    value["event"] = change.event.into();
    value["message_template_category"] = change.category.into();
    // A deletion has no reason, not even the reason NONE.
    value["reason"] = match change {
        StatusChange { event: "DELETED" | "PENDING_DELETION", .. } => Value::Null,
        StatusChange { reason: "", .. } => "NONE".into(),
        StatusChange { reason, .. } => (*reason).into(),
    };
    if change.event == "REJECTED" && !change.explanation.is_empty() {
        value["rejection_info"] = json!({"reason": change.explanation, "recommendation": "Change what is named, and send the template again."});
    }
    if !change.step.is_empty() {
        value["other_info"] = json!({"title": change.step, "description": change.explanation});
    }
    if let Some(at) = change.disabled_at {
        value["disable_info"] = json!({"disable_date": at.seconds().to_string()});
    }
    value
}

/// The value of [`QUALITY_FIELD`].
pub fn quality(template: Named<'_>, before: Quality, now: Quality) -> Value {
    let mut value = template.value();
    value["previous_quality_score"] = before.as_str().into();
    value["new_quality_score"] = now.as_str().into();
    value
}

/// The value of [`CATEGORY_FIELD`]: it has changed, or, with a time, it will.
pub fn category(template: Named<'_>, before: Category, after: Category, at: Option<Timestamp>) -> Value {
    let mut value = template.value();
    match at {
        None => {
            value["previous_category"] = before.as_str().into();
            value["new_category"] = after.as_str().into();
        }
        Some(at) => {
            value["new_category"] = before.as_str().into();
            value["correct_category"] = after.as_str().into();
            value["category_update_timestamp"] = at.seconds().into();
        }
    }
    value
}

/// The value of [`COMPONENTS_FIELD`].
pub fn components(template: Named<'_>, parts: &[Component]) -> Value {
    let mut value = template.value();
    value["message_template_element"] = Component::body(parts).and_then(|body| body.text.as_deref()).unwrap_or_default().into();
    if let Some(title) = Component::header(parts).and_then(|header| header.text.as_deref()) {
        value["message_template_title"] = title.into();
    }
    if let Some(footer) = Component::footer(parts).and_then(|footer| footer.text.as_deref()) {
        value["message_template_footer"] = footer.into();
    }
    let buttons: Vec<Value> = Component::buttons(parts).iter().map(button).collect();
    if !buttons.is_empty() {
        value["message_template_buttons"] = buttons.into();
    }
    value
}

fn button(button: &Button) -> Value {
    let mut told =
        json!({"message_template_button_type": button.kind().as_str(), "message_template_button_text": button.label().unwrap_or_default()});
    match button {
        Button::Url { url, .. } => told["message_template_button_url"] = url.as_str().into(),
        Button::PhoneNumber { phone_number, .. } => told["message_template_button_phone_number"] = phone_number.as_str().into(),
        _ => {}
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: Named<'_> = Named { id: 77, name: "order", language: "en_US" };

    #[test]
    fn a_status_has_its_reason_and_what_belongs_to_it() {
        let approved = status(ORDER, &StatusChange { event: "APPROVED", category: "UTILITY", ..StatusChange::default() });
        assert_eq!(
            approved,
            json!({"event": "APPROVED", "message_template_id": 77, "message_template_name": "order", "message_template_language": "en_US",
                   "message_template_category": "UTILITY", "reason": "NONE"})
        );
        let change = StatusChange { event: "REJECTED", category: "UTILITY", reason: "INVALID_FORMAT", explanation: "why", ..StatusChange::default() };
        assert_eq!(
            (&status(ORDER, &change)["reason"], &status(ORDER, &change)["rejection_info"]["reason"]),
            (&json!("INVALID_FORMAT"), &json!("why"))
        );
        let change = StatusChange { event: "PAUSED", step: "FIRST_PAUSE", explanation: "why", ..StatusChange::default() };
        assert_eq!(status(ORDER, &change)["other_info"], json!({"title": "FIRST_PAUSE", "description": "why"}));
        let change = StatusChange { event: "DISABLED", disabled_at: Some(Timestamp::from_millis(5_000)), ..StatusChange::default() };
        assert_eq!(status(ORDER, &change)["disable_info"], json!({"disable_date": "5"}));
        assert_eq!(status(ORDER, &StatusChange { event: "DELETED", ..StatusChange::default() })["reason"], Value::Null);
    }

    #[test]
    fn a_category_has_changed_or_will() {
        let done = category(ORDER, Category::Utility, Category::Marketing, None);
        assert_eq!((&done["previous_category"], &done["new_category"]), (&json!("UTILITY"), &json!("MARKETING")));
        let coming = category(ORDER, Category::Utility, Category::Marketing, Some(Timestamp::from_millis(5_000)));
        assert_eq!((&coming["new_category"], &coming["correct_category"]), (&json!("UTILITY"), &json!("MARKETING")));
        assert_eq!(coming["category_update_timestamp"], 5);
        assert_eq!(quality(ORDER, Quality::Green, Quality::Red)["new_quality_score"], "RED");
    }

    #[test]
    fn a_text_is_told_with_its_buttons() {
        let parts: Vec<Component> = serde_json::from_value(json!([
            {"type": "HEADER", "format": "TEXT", "text": "Hi"}, {"type": "BODY", "text": "Bye"}, {"type": "FOOTER", "text": "Foot"},
            {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Open", "url": "https://a.example"}]},
        ]))
        .expect("parts");
        let told = components(ORDER, &parts);
        assert_eq!((&told["message_template_title"], &told["message_template_element"]), (&json!("Hi"), &json!("Bye")));
        assert_eq!(told["message_template_buttons"][0]["message_template_button_url"], "https://a.example");
    }
}
