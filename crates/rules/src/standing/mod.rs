//! Standing (R63, R104 to R107): what a business may do, by how customers take it: tiers, quality, warnings, restrictions and bans.
//!
//! [`review`] looks at everything at once and says what moves, each with its cause. Nothing else moves a tier, a quality or a throughput.
pub mod ban;
pub mod quality;
pub mod tier;
mod words;

pub use ban::{Bans, FOR_EVER, InForce, Measure, NoAppeal, Penalty, Restriction, Rung, RungError};
pub use quality::{Day, Grade, Judgement, QualityFigures};
pub use tier::{Limit, Next, Tiers, Way};
pub use words::explain;

use crate::{Length, Policy};
use suki_types::Timestamp;

/// What is known of a business's standing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The limit in force.
    pub limit: Limit,
    /// Since when.
    pub limit_since: Timestamp,
    /// Whether the platform has checked the business (level 2 or 3).
    pub verified: bool,
    /// Customers reached since the limit last moved.
    pub reached_since_move: u32,
    /// Customers written to first in the last period of the tier.
    pub unique_now: u32,
    /// The quality as it was last judged.
    pub grade: Grade,
    /// Since when it is that.
    pub grade_since: Timestamp,
    /// Whether the number has the higher rate of messages a second.
    pub high_throughput: bool,
    /// The last days, in any order; a day without anything may be missing.
    pub days: Vec<Day>,
    /// All measures that are remembered or in force.
    pub measures: Vec<Measure>,
    /// What was in force when it was last looked at.
    pub force: InForce,
}

impl Facts {
    /// Different customers reached within the last whole days of `within`, today included, and since the limit last moved.
    pub fn reached(&self, within: Length, now: Timestamp) -> u32 {
        let today = day_of(now);
        let days = self.days.iter().filter(|day| (0..within.days()).contains(&today.saturating_sub(day.day)));
        // A customer counts on the day on which he was reached last, so that the sum counts each once.
        let all = days.fold(0u32, |sum, day| sum.saturating_add(day.reached));
        all.min(self.reached_since_move)
    }
}

/// What moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The quality.
    Quality {
        /// Before.
        from: Grade,
        /// Now.
        to: Grade,
    },
    /// The limit of customers written to first.
    Tier {
        /// Before.
        from: Limit,
        /// Now.
        to: Limit,
    },
    /// The rate of messages a second.
    Throughput {
        /// Whether it is the higher one now.
        high: bool,
    },
    /// A measure is taken.
    Measure(Penalty),
    /// A restriction is over.
    RestrictionEnded,
    /// A ban is over.
    BanEnded,
}

/// Why something moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// The platform has checked the business.
    Verified,
    /// Enough customers were reached, at good quality.
    Reached,
    /// Blocks, reports and messages nobody reads.
    Feedback,
    /// Too few customers were reached to say.
    SmallSample,
    /// The quality is red.
    RedQuality,
    /// Much bulk mail that hardly anybody reads.
    Bulk,
    /// The policy's figures are others now.
    Policy,
    /// The limit of customers fell.
    TierFell,
    /// Its time is over.
    Time,
    /// A report by a customer was found right.
    Report,
    /// Goods or services that are prohibited.
    Goods,
    /// The platform's people decided.
    Operator,
}

impl Cause {
    const ALL: [Self; 12] = [
        Self::Verified,
        Self::Reached,
        Self::Feedback,
        Self::SmallSample,
        Self::RedQuality,
        Self::Bulk,
        Self::Policy,
        Self::TierFell,
        Self::Time,
        Self::Report,
        Self::Goods,
        Self::Operator,
    ];

    /// For programs and rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Reached => "customers_reached",
            Self::Feedback => "feedback",
            Self::SmallSample => "small_sample",
            Self::RedQuality => "red_quality",
            Self::Bulk => "unread_bulk",
            Self::Policy => "policy",
            Self::TierFell => "tier_fell",
            Self::Time => "time",
            Self::Report => "report_upheld",
            Self::Goods => "prohibited_goods",
            Self::Operator => "operator",
        }
    }
    /// What [`Cause::word`] wrote.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.word() == word)
    }
}

/// Something that moves, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// What moves.
    pub what: What,
    /// Why.
    pub cause: Cause,
}

/// What a review finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// What moves, in order.
    pub moves: Vec<Move>,
    /// The quality with the figures behind it.
    pub judged: Judgement,
}

/// What moves at `now`. The same facts with the moves applied move nothing more at the same time.
pub fn review(policy: &Policy, facts: &Facts, now: Timestamp) -> Review {
    let judged = quality::judge(&policy.quality, &facts.days, facts.grade, now);
    let force = ban::in_force(&facts.measures, now);
    let mut moves = ended(facts, &force);
    let mut red_since = (judged.grade == Grade::Red).then_some(facts.grade_since);
    if judged.grade != facts.grade {
        let cause = if judged.grade == Grade::Unknown { Cause::SmallSample } else { Cause::Feedback };
        moves.push((What::Quality { from: facts.grade, to: judged.grade }, cause));
        red_since = red_since.map(|_| now);
    }
    if force.ban.is_none() {
        moves.extend(ban::due(&policy.bans, facts, &judged, now));
        let tier = tier::moved(&policy.tiers, facts, &judged, red_since, now);
        let limit = match tier {
            Some((What::Tier { to, .. }, _)) => to,
            _ => facts.limit,
        };
        moves.extend(tier);
        moves.extend(tier::throughput(&policy.tiers, facts, limit, &judged));
    }
    Review { moves: moves.into_iter().map(|(what, cause)| Move { what, cause }).collect(), judged }
}

/// What was in force and is not any more.
fn ended(facts: &Facts, force: &InForce) -> Vec<(What, Cause)> {
    let mut moves = Vec::new();
    if facts.force.restriction.is_some() && force.restriction.is_none() {
        moves.push((What::RestrictionEnded, Cause::Time));
    }
    if facts.force.ban.is_some() && force.ban.is_none() {
        moves.push((What::BanEnded, Cause::Time));
    }
    moves
}

/// The day of a time, in UTC: days since 1970 began.
pub fn day_of(at: Timestamp) -> i64 {
    at.millis().div_euclid(DAY_MILLIS)
}

pub(crate) const DAY_MILLIS: i64 = 86_400_000;
