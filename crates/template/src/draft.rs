//! A template as a business proposes it, and the words for what becomes of it.
use crate::{Component, choice::choice};
use serde::{Deserialize, Serialize};

choice! {
    /// What a template is for: it decides who may get it and what it costs.
    pub enum Category {
        /// Offers, news, invitations.
        Marketing = "MARKETING",
        /// What the customer asked for or waits for.
        Utility = "UTILITY",
        /// A one-time code.
        Authentication = "AUTHENTICATION",
    }
}

choice! {
    /// How variables are called.
    pub enum ParameterFormat {
        /// `{{1}}`, `{{2}}`.
        Positional = "POSITIONAL",
        /// `{{first_name}}`.
        Named = "NAMED",
    }
}

choice! {
    /// Where a template stands in its life.
    pub enum Status {
        /// Waits for a decision.
        Pending = "PENDING",
        /// Can be sent.
        Approved = "APPROVED",
        /// Cannot be sent, and why is said.
        Rejected = "REJECTED",
        /// Cannot be sent for some hours: customers did not want it.
        Paused = "PAUSED",
        /// Cannot be sent any more.
        Disabled = "DISABLED",
        /// A decision about it is being looked at again.
        InAppeal = "IN_APPEAL",
        /// Is no more.
        Deleted = "DELETED",
    }
}

choice! {
    /// What customers made of a template.
    pub enum Quality {
        /// Too few have seen it.
        Unknown = "UNKNOWN",
        /// They want it.
        Green = "GREEN",
        /// Some do not want it.
        Yellow = "YELLOW",
        /// Many do not want it.
        Red = "RED",
    }
}

choice! {
    /// Why a template was rejected.
    pub enum Reason {
        /// It was not.
        None = "NONE",
        /// It offends, or sells what cannot be sold here.
        AbusiveContent = "ABUSIVE_CONTENT",
        /// It is of another category than it says.
        IncorrectCategory = "INCORRECT_CATEGORY",
        /// Its parts are not in order.
        InvalidFormat = "INVALID_FORMAT",
        /// It advertises where it may not.
        Promotional = "PROMOTIONAL",
        /// It deceives.
        Scam = "SCAM",
        /// Its name, language and text do not belong together.
        TagContentMismatch = "TAG_CONTENT_MISMATCH",
        /// Its category is not open to this business.
        CategoryNotAvailable = "CATEGORY_NOT_AVAILABLE",
    }
}

impl Status {
    /// The number under which the network stores it, from 1.
    pub const fn number(self) -> i64 {
        self as i64 + 1
    }

    /// The status of this number.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.number() == number)
    }
}

impl Category {
    /// The number under which the network stores it, from 1.
    pub const fn number(self) -> i64 {
        self as i64 + 1
    }

    /// The category of this number.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.iter().copied().find(|category| category.number() == number)
    }
}

impl Quality {
    /// The number under which the network stores it, from 0.
    pub const fn number(self) -> i64 {
        self as i64
    }

    /// The quality of this number.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.iter().copied().find(|quality| quality.number() == number)
    }
}

/// A template as a business proposes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// What programs call it; one template a name and language.
    pub name: String,
    /// Its language, such as `en_US` or `fil`.
    pub language: String,
    /// What it is for.
    pub category: Category,
    /// How its variables are called; from the texts when it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameter_format: Option<ParameterFormat>,
    /// Its parts.
    pub components: Vec<Component>,
    /// For how many seconds a message of it is worth delivering; −1 for as long as any message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_send_ttl_seconds: Option<i64>,
    /// Whether the platform may correct the category instead of rejecting the template. True when it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_category_change: Option<bool>,
}

impl Draft {
    /// How its variables are called: as it says, else by whether any has a name.
    pub fn parameters(&self) -> ParameterFormat {
        self.parameter_format.unwrap_or_else(|| {
            let texts = texts(&self.components);
            let named = texts.iter().flat_map(|text| crate::variables(text)).any(|name| !name.bytes().all(|byte| byte.is_ascii_digit()));
            if named { ParameterFormat::Named } else { ParameterFormat::Positional }
        })
    }
}

/// The texts of header and body, the cards' too.
fn texts(components: &[Component]) -> Vec<&str> {
    let mut found = Vec::new();
    for component in components {
        match component {
            Component::Header(header) => found.extend(header.text.as_deref()),
            Component::Body(body) => found.extend(body.text.as_deref()),
            Component::Carousel(carousel) => carousel.cards.iter().for_each(|card| found.extend(texts(&card.components))),
            Component::Footer(_) | Component::Buttons(_) | Component::LimitedTimeOffer(_) => {}
        }
    }
    found
}

/// How long texts may be once their variables are filled in, in characters. The network's policy has the figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextLimits {
    /// A header's text.
    pub header: usize,
    /// A body.
    pub body: usize,
    /// The body of a template with an offer.
    pub offer_body: usize,
    /// The body of a card.
    pub card_body: usize,
    /// A button's address.
    pub url: usize,
    /// What a quick reply sends back.
    pub payload: usize,
    /// A coupon's code.
    pub coupon: usize,
    /// A one-time code.
    pub otp: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn how_variables_are_called_is_seen_from_the_texts() {
        let draft = |text: &str| -> Draft {
            let given = json!({"name": "a", "language": "en", "category": "utility", "components": [{"type": "BODY", "text": text}]});
            serde_json::from_value(given).expect("it is read")
        };
        assert_eq!(draft("Hello {{1}}, bye").parameters(), ParameterFormat::Positional);
        assert_eq!(draft("Hello {{first_name}}, bye").parameters(), ParameterFormat::Named);
        assert_eq!(draft("Hello").parameters(), ParameterFormat::Positional);
    }

    #[test]
    fn numbers_give_the_status_back() {
        assert!(Status::ALL.iter().all(|status| Status::from_number(status.number()) == Some(*status)));
        assert_eq!((Status::Pending.number(), Status::Deleted.number(), Status::from_number(0)), (1, 7, None));
        assert!(Quality::ALL.iter().all(|quality| Quality::from_number(quality.number()) == Some(*quality)));
    }
}
