//! What a message costs (R95, R98 to R103): the model and its figures come from the policy, the rates from a rate card.
//!
//! [`quote`] is the one place where a price is made: what is shown before sending, what is reserved at admission and what is booked at delivery are
//! the same [`Quote`].
mod card;
mod import;
mod model;
mod quote;

pub use card::{Rate, RateCard, Rates, Tier};
pub use import::{CardError, CellError, MAX_CARD_BYTES, import_rates, import_tiers};
pub use model::{ChargedOn, Model, Price, SHIPPED_RATES, ShippedRates, shipped_card};
pub use quote::{Counters, OpenConversations, PriceFacts, PricingType, Quote, counters, quote};

/// What a message is to the bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// A template that promotes.
    Marketing = 1,
    /// A template about something the customer did or has.
    Utility = 2,
    /// A template with a one-time code.
    Authentication = 3,
    /// Free text and all else that is no template.
    Service = 4,
    /// An authentication template to a country that is priced apart when it comes from abroad.
    AuthenticationInternational = 5,
    /// A template that promotes and was sent over the Cloud API's `marketing_messages`. It costs what [`Category::Marketing`] costs.
    MarketingLite = 6,
}

impl Category {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 6] =
        [Self::Marketing, Self::Utility, Self::Authentication, Self::Service, Self::AuthenticationInternational, Self::MarketingLite];

    /// As the Cloud API writes it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Marketing => "marketing",
            Self::Utility => "utility",
            Self::Authentication => "authentication",
            Self::Service => "service",
            Self::AuthenticationInternational => "authentication-international",
            Self::MarketingLite => "marketing_lite",
        }
    }
    /// The number it is stored under.
    pub const fn number(self) -> i64 {
        self as i64
    }
    /// What is stored under a number.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.number() == number)
    }
    /// By the Cloud API's word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.word() == word)
    }
}
