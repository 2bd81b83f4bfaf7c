//! The policy's figures of money, and the test tariffs that come with the program.
use super::{RateCard, import_rates, import_tiers};
use crate::{
    Length,
    policy::section::{Shape, choice, section},
};
use suki_types::{Country, Currency};

choice! {
    /// What is charged.
    pub enum Model {
        /// Every message by itself.
        PerMessage = "per-message",
        /// A conversation of a category: all messages of the category while it lasts.
        PerConversation = "per-conversation",
        /// Every message by itself, and one that begins a dialogue dearer than an answer (R101).
        ByInitiator = "by-initiator",
    }
}

choice! {
    /// When a message is charged.
    pub enum ChargedOn {
        /// When it has reached a device; what is never delivered costs nothing.
        Delivered = "delivered",
        /// When the network has accepted it.
        Accepted = "accepted",
    }
}

section! {
    /// What messages cost (R95, R98 to R103). Rates stand in rate cards: CSV files that the platform's operator imports.
    pub struct Price in "price" {
        /// What is charged.
        pub model: Model,
        /// The currency of bills and rate cards, by its ISO 4217 code.
        pub currency: Currency,
        /// The test tariff that comes with the program and holds until the operator imports a rate card.
        pub rates: String = in (1, 64),
        /// How long before it takes effect a rate card has to be imported.
        pub notice: Length = in ("10m", "365d"),
        /// When a message is charged.
        pub charged_on: ChargedOn,
        /// Whether free text in the open window costs nothing (R95); otherwise it costs the card's `Service` rate.
        pub free_text_free: bool,
        /// Whether a utility template in the open window costs nothing (R95).
        pub utility_in_window_free: bool,
        /// Whether everything costs nothing while the free entry window is open (R95).
        pub entry_free: bool,
        /// In percent of the rate: what a message costs that begins a dialogue, under the model by-initiator (R101).
        pub start_percent: u32 = in (100, 1000),
        /// Whether marketing templates that are sent over the Cloud API's `marketing_messages` are a category of their own on the bill, `marketing_lite`;
        /// they cost the same.
        pub marketing_lite: bool,
        /// How long a conversation lasts under the model per-conversation.
        pub conversation: Length = in ("1h", "7d"),
        /// How many messages (or conversations) of the category service are free in a calendar month, before the first is charged.
        pub free_service: u64 = in (0, 1_000_000_000),
        /// A business is small as long as it has sent at most so many messages in the last 30 days, and a small business never pays (R99); 0: all pay.
        pub small_messages: u64 = in (0, 1_000_000_000),
        /// In percent of the rate: what a business pays that is not checked (R100).
        pub plain_percent: u32 = in (1, 1000),
        /// In percent of the rate: what a checked business pays (R100).
        pub checked_percent: u32 = in (1, 1000),
        /// In percent of the rate: what a confirmed business pays (R100).
        pub confirmed_percent: u32 = in (1, 1000),
        /// Countries where authentication templates from abroad are priced apart.
        pub international: Vec<Country> = in (0, 250),
        /// A business's authentication templates to such a country cost that price once more than so many went there in the last 30 days.
        pub international_from: u64 = in (0, 1_000_000_000),
    }
    check check;
}

impl Shape for Currency {
    fn shape() -> String {
        "currency such as `USD`".into()
    }
}

impl Shape for Country {
    fn shape() -> String {
        "country such as `PH`".into()
    }
}

/// A test tariff that comes with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShippedRates {
    /// How a policy names it.
    pub name: &'static str,
    /// What the rates are in.
    pub currency: &'static str,
    /// The rates.
    pub rates: &'static str,
    /// The volume tiers.
    pub tiers: &'static str,
}

/// The test tariffs that come with the program.
pub const SHIPPED_RATES: [ShippedRates; 2] = [
    ShippedRates {
        name: "meta-2026",
        currency: "USD",
        rates: include_str!("../../../../policies/rates/meta-2026.csv"),
        tiers: include_str!("../../../../policies/rates/meta-2026-tiers.csv"),
    },
    ShippedRates {
        name: "classic",
        currency: "RUB",
        rates: include_str!("../../../../policies/rates/classic.csv"),
        tiers: include_str!("../../../../policies/rates/classic-tiers.csv"),
    },
];

/// The test tariff of this name as a rate card; `None` when there is none.
pub fn shipped_card(name: &str) -> Option<RateCard> {
    let shipped = SHIPPED_RATES.into_iter().find(|shipped| shipped.name == name)?;
    let currency = shipped.currency.parse().expect("the tests read every shipped tariff");
    let card = import_rates(shipped.rates, currency).expect("the tests read every shipped tariff");
    Some(import_tiers(card, shipped.tiers).expect("the tests read every shipped tariff"))
}

fn check(price: &Price) -> Result<(), (&'static str, String)> {
    let names = SHIPPED_RATES.map(|shipped| format!("\"{}\" ({})", shipped.name, shipped.currency)).join(", ");
    match SHIPPED_RATES.into_iter().find(|shipped| shipped.name == price.rates) {
        Some(shipped) if shipped.currency == price.currency.code() => Ok(()),
        Some(shipped) => {
            Err(("rates", format!("this tariff is in {}, and currency says {}: the tariffs are {names}", shipped.currency, price.currency)))
        }
        None => Err(("rates", format!("no tariff of this name comes with the program: there are {names}"))),
    }
}
