//! What a message has to bring to fill a template: two languages with the same shape can stand for each other.
use crate::{Button, ButtonKind, Component, Format, component::Card, variables};

/// The variables, files and buttons of a template, without its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    header: Option<(Format, Vec<String>)>,
    body: Vec<String>,
    buttons: Vec<(ButtonKind, bool)>,
    offer_ends: Option<bool>,
    cards: Vec<Shape>,
}

impl Shape {
    /// Of these parts.
    pub fn of(components: &[Component]) -> Self {
        let header = Component::header(components);
        let body = Component::body(components).and_then(|body| body.text.as_deref()).unwrap_or_default();
        Self {
            header: header.map(|header| (header.format, names(header.text.as_deref().unwrap_or_default()))).filter(|header| !is_words(header)),
            body: names(body),
            buttons: Component::buttons(components).iter().map(|button| (button.kind(), is_open(button))).collect(),
            offer_ends: Component::offer(components).map(|offer| offer.has_expiration),
            cards: Component::cards(components).iter().map(|Card { components }| Self::of(components)).collect(),
        }
    }
}

/// Whether a header asks for nothing: a message cannot tell it from no header.
fn is_words((format, names): &(Format, Vec<String>)) -> bool {
    *format == Format::Text && names.is_empty()
}

fn names(text: &str) -> Vec<String> {
    let mut names: Vec<String> = variables(text).into_iter().map(str::to_owned).collect();
    names.sort_unstable();
    names
}

fn is_open(button: &Button) -> bool {
    matches!(button, Button::Url { url, .. } if !variables(url).is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shape(header: &str, body: &str, url: &str) -> Shape {
        let parts = json!([
            {"type": "HEADER", "format": "TEXT", "text": header},
            {"type": "BODY", "text": body},
            {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Go", "url": url}]},
        ]);
        Shape::of(&serde_json::from_value::<Vec<Component>>(parts).expect("they are read"))
    }

    #[test]
    fn words_may_differ_and_variables_may_not() {
        let english = shape("Hello", "Order {{1}} costs {{2}} now", "https://a.example/{{1}}");
        assert_eq!(english, shape("Kumusta", "{{2}} ang halaga ng {{1}}", "https://b.example/{{1}}"));
        assert_ne!(english, shape("Hello {{1}}", "Order {{1}} costs {{2}} now", "https://a.example/{{1}}"));
        assert_ne!(english, shape("Hello", "Order {{1}} is ready", "https://a.example/{{1}}"));
        assert_ne!(english, shape("Hello", "Order {{1}} costs {{2}} now", "https://a.example/"));
        let bare: Vec<Component> = serde_json::from_value(json!([{"type": "BODY", "text": "Hello"}])).expect("they are read");
        let titled: Vec<Component> =
            serde_json::from_value(json!([{"type": "HEADER", "format": "TEXT", "text": "A"}, {"type": "BODY", "text": "Hello"}]))
                .expect("they are read");
        assert_eq!(Shape::of(&bare), Shape::of(&titled));
    }
}
