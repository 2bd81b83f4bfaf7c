//! Tiers (R104, R105): how many customers a business may write to first within a rolling period, and what moves that limit up or down.
use super::{Cause, Facts, Grade, What, quality::Judgement};
use crate::{Length, policy::section::section};
use std::fmt;
use suki_types::Timestamp;

section! {
    /// How many customers a business may write to first, and what moves that limit (R104, R105).
    pub struct Tiers in "tiers" {
        /// The steps: different customers written to outside their windows within `period`, rising. Every business begins at the first.
        pub limits: Vec<u32> = in (1, 8),
        /// Whether the step above the last has no limit.
        pub unlimited: bool,
        /// The rolling length within which a customer counts once.
        pub period: Length = in ("1h", "30d"),
        /// Whether a business that the platform has checked (level 2) goes from the first step to the second at once.
        pub rise_by_verification: bool,
        /// From the first step to the second: so many different customers to whom such a message was delivered. 0: as from any other step.
        pub first_rise_customers: u32 = in (0, 1_000_000),
        /// Within how many days these are counted.
        pub first_rise_within: Length = in ("1d", "30d"),
        /// From any other step to the next: the share of the limit that was used, in customers to whom such a message was delivered, in percent.
        pub rise_used_percent: u32 = in (1, 100),
        /// Within how many days these are counted.
        pub rise_within: Length = in ("1d", "30d"),
        /// The lowest quality with which counting customers raises the limit.
        pub rise_quality: Grade,
        /// For how long the quality is red before the limit falls by one step; it falls again after as long.
        pub fall_after: Length = in ("1m", "30d"),
        /// How long after something happened a business is looked at again at the latest.
        pub review_every: Length = in ("1m", "24h"),
        /// With how many customers within `period` a business without limit gets the higher rate of messages a second, its quality being yellow or better.
        pub throughput_customers: u32 = in (0, 1_000_000_000),
    }
    check fits;
}

fn fits(tiers: &Tiers) -> Result<(), (&'static str, String)> {
    if tiers.limits[0] == 0 || tiers.limits.windows(2).any(|pair| pair[0] >= pair[1]) {
        return Err(("limits", "the steps rise from 1 or more: each is larger than the one before".into()));
    }
    if tiers.rise_quality == Grade::Unknown {
        return Err(("rise_quality", "write \"green\", \"yellow\" or \"red\": an unknown quality raises nothing".into()));
    }
    Ok(())
}

/// The most customers a business may write to first within the policy's period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limit(Option<u32>);

impl Limit {
    /// No limit.
    pub const UNLIMITED: Self = Self(None);

    /// So many customers.
    pub const fn of(customers: u32) -> Self {
        Self(Some(customers))
    }
    /// So many customers; `None` without a limit.
    pub const fn customers(self) -> Option<u32> {
        self.0
    }
    /// As rows and programs have it: -1 without a limit.
    pub const fn code(self) -> i64 {
        match self.0 {
            Some(customers) => customers as i64,
            None => -1,
        }
    }
    /// What [`Limit::code`] wrote; anything negative is unlimited, and more than a `u32` holds is its largest.
    pub fn from_code(code: i64) -> Self {
        Self((code >= 0).then(|| u32::try_from(code).unwrap_or(u32::MAX)))
    }
}

impl PartialOrd for Limit {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Unlimited is above all.
impl Ord for Limit {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.0.is_none(), self.0).cmp(&(other.0.is_none(), other.0))
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(customers) => write!(f, "{customers}"),
            None => f.write_str("unlimited"),
        }
    }
}

impl Tiers {
    /// The steps from the lowest to the highest.
    pub fn steps(&self) -> impl DoubleEndedIterator<Item = Limit> {
        self.limits.iter().copied().map(Limit::of).chain(self.unlimited.then_some(Limit::UNLIMITED))
    }
    /// Where every business begins.
    pub fn first(&self) -> Limit {
        self.steps().next().unwrap_or(Limit::of(0))
    }
    /// The highest step that is not above `limit`: what a limit from another policy becomes under this one.
    pub fn nearest(&self, limit: Limit) -> Limit {
        self.steps().rev().find(|step| *step <= limit).unwrap_or(self.first())
    }
    /// The step above; `None` at the top.
    pub fn above(&self, limit: Limit) -> Option<Limit> {
        self.steps().find(|step| *step > limit)
    }
    /// The step below; `None` at the bottom.
    pub fn below(&self, limit: Limit) -> Option<Limit> {
        self.steps().rev().find(|step| *step < limit)
    }
}

/// One way to the next step, and how far it has been gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The platform checks the business.
    Verification,
    /// So many different customers reached within the length, at the quality that a rise needs.
    Customers {
        /// How many are needed.
        need: u32,
        /// How many there are.
        have: u32,
        /// Within this length of time, counted in whole days.
        within: Length,
    },
}

/// What a rise needs now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// The step above.
    pub to: Limit,
    /// Any one of these is enough.
    pub ways: Vec<Way>,
    /// The lowest quality with which counting customers is enough.
    pub quality: Grade,
}

/// What would raise the limit; `None` at the top.
pub fn next(tiers: &Tiers, facts: &Facts, now: Timestamp) -> Option<Next> {
    let at = tiers.nearest(facts.limit);
    let to = tiers.above(at)?;
    let first = at == tiers.first();
    let mut ways = Vec::new();
    if first && tiers.rise_by_verification {
        ways.push(Way::Verification);
    }
    let (need, within) = match tiers.first_rise_customers {
        customers if first && customers > 0 => (customers, tiers.first_rise_within),
        // Half of 3 is 2: less than half is not enough.
        _ => (u32::try_from((at.code().max(0) as u64 * u64::from(tiers.rise_used_percent)).div_ceil(100)).unwrap_or(u32::MAX), tiers.rise_within),
    };
    ways.push(Way::Customers { need, have: facts.reached(within, now), within });
    Some(Next { to, ways, quality: tiers.rise_quality })
}

/// Where the tier moves, with its cause; at most one step.
pub(super) fn moved(tiers: &Tiers, facts: &Facts, judged: &Judgement, red_since: Option<Timestamp>, now: Timestamp) -> Option<(What, Cause)> {
    let at = tiers.nearest(facts.limit);
    if at != facts.limit {
        return Some((What::Tier { from: facts.limit, to: at }, Cause::Policy));
    }
    if let Some(since) = red_since {
        let long_enough = now.since(since.max(facts.limit_since)) >= tiers.fall_after.millis();
        let below = tiers.below(at).filter(|_| long_enough)?;
        return Some((What::Tier { from: at, to: below }, Cause::RedQuality));
    }
    let next = next(tiers, facts, now)?;
    let good = judged.grade.allows(next.quality);
    let cause = next.ways.iter().find_map(|way| match *way {
        Way::Verification => facts.verified.then_some(Cause::Verified),
        Way::Customers { need, have, .. } => (good && have >= need).then_some(Cause::Reached),
    })?;
    Some((What::Tier { from: at, to: next.to }, cause))
}

/// Whether the number gets the higher rate of messages a second, when that changes (R106).
pub(super) fn throughput(tiers: &Tiers, facts: &Facts, limit: Limit, judged: &Judgement) -> Option<(What, Cause)> {
    let red = judged.grade == Grade::Red;
    let crowd = facts.unique_now >= tiers.throughput_customers && judged.grade.allows(Grade::Yellow);
    // Once given it stays until the tier falls or the quality is red: the crowd of one day does not come every day.
    let high = limit == Limit::UNLIMITED && !red && (facts.high_throughput || crowd);
    let cause = match high {
        true => Cause::Reached,
        false if red => Cause::RedQuality,
        false => Cause::TierFell,
    };
    (high != facts.high_throughput).then_some((What::Throughput { high }, cause))
}
