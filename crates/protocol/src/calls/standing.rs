//! Standing: what a business may do, by how customers take it (R63, R104 to R107).
use super::{Call, Done, Told};
use serde::{Deserialize, Serialize};
use suki_types::Timestamp;

/// A business asks for its standing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetStanding {}

impl Call for GetStanding {
    const NAME: &'static str = "standing.get";
    type Answer = Standing;
}

/// A business says why a measure against it is wrong. A person of the platform decides; what he decides comes as [`StandingChanged`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appeal {
    /// The [`Entry::id`] of a warning, a restriction or a ban.
    pub what: i64,
    /// Why it is wrong: 1 to [`suki_types::limits::APPEAL_CHARS`] characters.
    pub text: String,
}

impl Call for Appeal {
    const NAME: &'static str = "standing.appeal";
    type Answer = Done;
}

/// A business's standing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// What is in force now.
    pub now: Summary,
    /// Since when the limit is that.
    pub limit_since: Timestamp,
    /// Customers written to first in the last [`Standing::period_millis`].
    pub used: u32,
    /// How long a customer counts, in milliseconds.
    pub period_millis: i64,
    /// The figures behind the quality.
    pub figures: Figures,
    /// What raises the limit; none at the top.
    pub next: Option<Next>,
    /// What has happened, newest first, at most 100.
    pub history: Vec<Entry>,
}

/// What is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The most customers who may be written to first in the tier's period; none without a limit.
    pub limit: Option<u32>,
    /// `unknown`, `green`, `yellow` or `red`.
    pub quality: String,
    /// Whether the number has the higher rate of messages a second.
    pub high_throughput: bool,
    /// What is restricted.
    pub restriction: Option<Restriction>,
    /// The ban.
    pub ban: Option<Ban>,
}

/// A restriction in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restriction {
    /// `outreach`: nobody may be written to first; `messages`: nobody may be written to.
    pub kind: String,
    /// When it ends.
    pub until: Timestamp,
}

/// A ban in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ban {
    /// When it ends; none: never.
    pub until: Option<Timestamp>,
    /// Why, as [`Entry::cause`].
    pub cause: String,
}

/// The figures behind a quality, over the days that count. A customer counts once a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Points per 1,000 customers; more is worse, 0 while the quality is unknown.
    pub points: u32,
    /// From so many points on it is yellow.
    pub yellow_points: u32,
    /// From so many points on it is red.
    pub red_points: u32,
    /// Customers reached.
    pub delivered: u32,
    /// With fewer of them the quality is unknown.
    pub minimum_sample: u32,
    /// Customers who read.
    pub read: u32,
    /// Customers who blocked the business.
    pub blocked: u32,
    /// Customers who reported it.
    pub reported: u32,
    /// The days that count, in milliseconds.
    pub within_millis: i64,
}

/// What raises the limit: any one of the ways.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Next {
    /// The limit then; none: unlimited.
    pub limit: Option<u32>,
    /// Whether being checked by the platform is enough.
    pub by_verification: bool,
    /// So many different customers reached …
    pub customers: u32,
    /// … of whom there are so many …
    pub have: u32,
    /// … within so many milliseconds, counted in whole days …
    pub within_millis: i64,
    /// … at this quality or better.
    pub quality: String,
}

/// Something that happened to a standing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number with this business.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// `quality`, `tier`, `throughput`, `warning`, `restriction`, `ban`, `warning_lifted`, `restriction_ended`, `ban_ended` or `appeal_refused`.
    pub kind: String,
    /// Why: `verified`, `customers_reached`, `feedback`, `small_sample`, `red_quality`, `unread_bulk`, `policy`, `tier_fell`, `time`, `report_upheld`,
    /// `prohibited_goods` or `operator`.
    pub cause: String,
    /// Before: a quality, a limit (-1: unlimited), `high` or `normal`; what a restriction forbids. "" where there is none.
    #[serde(default)]
    pub from: String,
    /// Now, as `from`.
    #[serde(default)]
    pub to: String,
    /// When a restriction or a ban ends; none for a ban: never.
    pub until: Option<Timestamp>,
    /// In words, for the business.
    pub reason: String,
    /// When it was taken back; none while it stands.
    pub lifted_at: Option<Timestamp>,
    /// Until when it can be appealed; none when it cannot.
    pub appeal_until: Option<Timestamp>,
    /// `none`, `open`, `granted` or `refused`.
    pub appeal: String,
}

/// To the business's endpoint: its standing has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingChanged {
    /// What has happened.
    pub what: Entry,
    /// What is in force since.
    pub now: Summary,
}

impl Told for StandingChanged {
    const KIND: &'static str = "standing.changed";
}
