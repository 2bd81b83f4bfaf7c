//! A rate card: what a message of each category costs in each market, and from which volume on it costs less.
use super::Category;
use std::collections::BTreeMap;
use suki_types::{Amount, Country, Currency, Market};

/// What a row of a card prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rate {
    /// A message of this category.
    Of(Category),
    /// An answer after the window has closed, where the policy lets it pass (R98).
    LateReply,
    /// What a short message costs there: a late reply has to be dearer (R98).
    Sms,
}

/// One market's prices.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rates(pub(super) BTreeMap<Rate, Amount>);

/// A slice of a month's volume in one market and category: messages number `from` + 1 to `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tier {
    /// So many messages came before it.
    pub from: u64,
    /// The last message's number; `None` for the highest slice.
    pub to: Option<u64>,
    /// What each message of the slice costs.
    pub rate: Amount,
}

impl Tier {
    /// As the Cloud API writes a slice: `0:25000`, the highest `250000:MAX`.
    pub fn range(&self) -> String {
        self.to.map_or_else(|| format!("{}:MAX", self.from), |to| format!("{}:{to}", self.from))
    }
}

/// The prices of all markets in one currency. Every card has a row for [`suki_types::market::Region::Other`], so that every country has a price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateCard {
    pub(super) currency: Currency,
    pub(super) markets: BTreeMap<Market, Rates>,
    pub(super) tiers: BTreeMap<(Market, Category), Vec<Tier>>,
}

impl RateCard {
    /// What its amounts are in.
    pub const fn currency(&self) -> Currency {
        self.currency
    }
    /// The row that prices a country: its own, else its region's, else the one for all others.
    pub fn market_of(&self, country: Country) -> Market {
        let candidates = Market::candidates(country);
        candidates.into_iter().find(|market| self.markets.contains_key(market)).unwrap_or(candidates[2])
    }
    /// A market's price, without its volume tiers; `None` where the card says `n/a` or has no such column.
    pub fn rate(&self, market: Market, rate: Rate) -> Option<Amount> {
        self.markets.get(&market)?.0.get(&rate).copied()
    }
    /// The slices of a market and category, lowest first; none when its price does not depend on the volume.
    pub fn tiers(&self, market: Market, category: Category) -> &[Tier] {
        self.tiers.get(&(market, category)).map_or(&[], Vec::as_slice)
    }
    /// The slice that the message after `volume` others belongs to.
    pub fn tier(&self, market: Market, category: Category, volume: u64) -> Option<Tier> {
        self.tiers(market, category).iter().copied().find(|tier| volume >= tier.from && tier.to.is_none_or(|to| volume < to))
    }
    /// Every market that has a row.
    pub fn markets(&self) -> impl Iterator<Item = Market> {
        self.markets.keys().copied()
    }
}
