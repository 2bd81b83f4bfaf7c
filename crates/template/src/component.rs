//! The parts of a template.
use crate::{
    Button,
    choice::{capital_type, choice},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::Value;

/// One part of a template. Each kind stands at most once in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE", remote = "Self")]
pub enum Component {
    /// What stands above the text.
    Header(Header),
    /// The text.
    Body(Body),
    /// The small text below.
    Footer(Footer),
    /// What can be pressed.
    Buttons(Buttons),
    /// Cards side by side.
    Carousel(Carousel),
    /// An offer that ends.
    LimitedTimeOffer(LimitedTimeOffer),
}

impl Serialize for Component {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, s)
    }
}

impl<'de> Deserialize<'de> for Component {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let mut value = Value::deserialize(d)?;
        capital_type(&mut value);
        Self::deserialize(value).map_err(D::Error::custom)
    }
}

impl Component {
    /// Its kind, as on the wire.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Header(_) => "HEADER",
            Self::Body(_) => "BODY",
            Self::Footer(_) => "FOOTER",
            Self::Buttons(_) => "BUTTONS",
            Self::Carousel(_) => "CAROUSEL",
            Self::LimitedTimeOffer(_) => "LIMITED_TIME_OFFER",
        }
    }

    /// The header among the components, if there is one.
    pub fn header(components: &[Self]) -> Option<&Header> {
        components.iter().find_map(|component| if let Self::Header(header) = component { Some(header) } else { None })
    }

    /// The body among the components, if there is one.
    pub fn body(components: &[Self]) -> Option<&Body> {
        components.iter().find_map(|component| if let Self::Body(body) = component { Some(body) } else { None })
    }

    /// The footer among the components, if there is one.
    pub fn footer(components: &[Self]) -> Option<&Footer> {
        components.iter().find_map(|component| if let Self::Footer(footer) = component { Some(footer) } else { None })
    }

    /// All buttons among the components, in order.
    pub fn buttons(components: &[Self]) -> &[Button] {
        components.iter().find_map(|component| if let Self::Buttons(buttons) = component { Some(&buttons.buttons[..]) } else { None }).unwrap_or(&[])
    }

    /// The carousel's cards, in order; none without a carousel.
    pub fn cards(components: &[Self]) -> &[Card] {
        components.iter().find_map(|component| if let Self::Carousel(carousel) = component { Some(&carousel.cards[..]) } else { None }).unwrap_or(&[])
    }

    /// The offer among the components, if there is one.
    pub fn offer(components: &[Self]) -> Option<&Offer> {
        components.iter().find_map(|component| match component {
            Self::LimitedTimeOffer(offer) => Some(&offer.limited_time_offer),
            _ => None,
        })
    }
}

choice! {
    /// What a header is.
    pub enum Format {
        /// A line of text with at most one variable.
        Text = "TEXT",
        /// A picture.
        Image = "IMAGE",
        /// A film.
        Video = "VIDEO",
        /// A file.
        Document = "DOCUMENT",
        /// A short film that repeats.
        Gif = "GIF",
        /// A place.
        Location = "LOCATION",
        /// A product of the catalogue.
        Product = "PRODUCT",
        /// Sound: known so that it can be refused with its reason (R86).
        Audio = "AUDIO",
    }
}

impl Format {
    /// Whether a file fills it.
    pub const fn is_media(self) -> bool {
        matches!(self, Self::Image | Self::Video | Self::Document | Self::Gif)
    }
}

/// What stands above the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// What it is.
    pub format: Format,
    /// Its text, of format TEXT.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What may stand for its variable or its file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<Example>,
}

/// The text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Body {
    /// What it says. In a draft of category AUTHENTICATION there is none: the platform's own text takes its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What may stand for its variables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<Example>,
    /// Whether the text of a one-time code warns against telling it to anybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub add_security_recommendation: Option<bool>,
}

/// The small text below.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Footer {
    /// What it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// For how many minutes a one-time code holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_expiration_minutes: Option<u32>,
}

/// What can be pressed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Buttons {
    /// From above to below.
    #[serde(default)]
    pub buttons: Vec<Button>,
}

/// Cards side by side.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Carousel {
    /// In order.
    #[serde(default)]
    pub cards: Vec<Card>,
}

/// One card of a carousel.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Card {
    /// Its header, body and buttons.
    #[serde(default)]
    pub components: Vec<Component>,
}

/// An offer that ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitedTimeOffer {
    /// The offer.
    pub limited_time_offer: Offer,
}

/// What an offer says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Its line of text.
    pub text: String,
    /// Whether the message says when it ends.
    #[serde(default)]
    pub has_expiration: bool,
}

/// What may stand for variables and files, for whoever reviews the template.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Example {
    /// For the variable of a header, when it is a number.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    pub header_text: Vec<String>,
    /// For the variable of a header, when it has a name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub header_text_named_params: Vec<NamedExample>,
    /// For the variables of a body that are numbers: one or more rows with a value each.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "rows")]
    pub body_text: Vec<Vec<String>>,
    /// For the variables of a body that have names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub body_text_named_params: Vec<NamedExample>,
    /// An uploaded file.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    pub header_handle: Vec<String>,
}

/// What may stand for a variable with a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedExample {
    /// The variable.
    pub param_name: String,
    /// Its value.
    pub example: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl From<OneOrMany> for Vec<String> {
    fn from(given: OneOrMany) -> Self {
        match given {
            OneOrMany::One(one) => vec![one],
            OneOrMany::Many(many) => many,
        }
    }
}

/// Reads one text or a list of texts.
pub(crate) fn one_or_many<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<String>, D::Error> {
    Ok(Option::<OneOrMany>::deserialize(d)?.map(Vec::from).unwrap_or_default())
}

/// Reads rows of texts; a list of texts is one row.
fn rows<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<Vec<String>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Rows {
        Many(Vec<Vec<String>>),
        One(Vec<String>),
    }
    Ok(match Option::<Rows>::deserialize(d)? {
        None => Vec::new(),
        Some(Rows::Many(rows)) => rows,
        Some(Rows::One(row)) => vec![row],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn parts_are_read_in_any_case_and_written_in_capitals() {
        let given = json!([
            {"type": "header", "format": "image", "example": {"header_handle": "4::aW"}},
            {"type": "Body", "text": "Hello {{1}}", "example": {"body_text": ["Ana"]}},
            {"type": "BUTTONS", "buttons": [{"type": "quick_reply", "text": "Yes"}], "surprise": 1},
        ]);
        let components: Vec<Component> = serde_json::from_value(given).expect("they are read");
        assert_eq!(Component::header(&components).map(|header| header.format), Some(Format::Image));
        assert_eq!(
            serde_json::to_value(&components).expect("they are written"),
            json!([
                {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::aW"]}},
                {"type": "BODY", "text": "Hello {{1}}", "example": {"body_text": [["Ana"]]}},
                {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Yes"}]},
            ])
        );
    }

    #[test]
    fn a_carousel_and_an_offer_are_read() {
        let given = json!([
            {"type": "limited_time_offer", "limited_time_offer": {"text": "Ends soon", "has_expiration": true}},
            {"type": "carousel", "cards": [{"components": [{"type": "body", "text": "A"}]}, {"components": []}]},
        ]);
        let components: Vec<Component> = serde_json::from_value(given).expect("they are read");
        assert!(Component::offer(&components).is_some_and(|offer| offer.has_expiration));
        assert_eq!(Component::cards(&components).len(), 2);
    }

    #[test]
    fn what_is_unknown_is_named_with_what_is_allowed() {
        for (given, says) in [
            (json!({"type": "SIDEBAR"}), "expected one of"),
            (json!({"type": "HEADER", "format": "SMELL"}), "TEXT, IMAGE"),
            (json!({"format": "TEXT"}), "missing field `type`"),
            (json!({"type": "BUTTONS", "buttons": [{"type": "LEVER"}]}), "LEVER"),
        ] {
            let error = serde_json::from_value::<Component>(given).expect_err("it is unknown").to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
