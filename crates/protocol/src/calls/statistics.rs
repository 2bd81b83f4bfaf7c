//! Counters of what the network relayed (R64, R65, R93).
use super::Call;
use serde::{Deserialize, Serialize};
use suki_types::{Country, Timestamp};

/// Asks for a business's counters. At most 1,200 points are answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetStatistics {
    /// From the period of this moment on.
    pub from: Timestamp,
    /// Before the period of this moment.
    pub to: Timestamp,
    /// How long a point's period is.
    pub granularity: Granularity,
    /// What the counters are told apart by.
    #[serde(default)]
    pub by: Vec<Dimension>,
    /// What counts; without, everything.
    #[serde(default)]
    pub of: Counted,
}

/// Which messages count; an empty list lets all pass.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counted {
    /// What they are.
    #[serde(default)]
    pub kinds: Vec<Kind>,
    /// The customers' countries.
    #[serde(default)]
    pub countries: Vec<Country>,
    /// The templates' ids; 0 of what is none.
    #[serde(default)]
    pub templates: Vec<u64>,
}

/// What a message is to statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A template.
    Template,
    /// What else the business writes.
    Other,
    /// What customers write; openings of links count with it.
    Received,
}

/// How long a point's period is, of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Granularity {
    /// Half an hour; kept for 90 days.
    HalfHour,
    /// A day.
    Day,
    /// A month.
    Month,
    /// One point for all.
    Total,
}

/// What counters are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// marketing, utility, authentication, service; received messages have none.
    Category,
    /// A template.
    Template,
    /// The customers' country.
    Country,
}

impl Call for GetStatistics {
    const NAME: &'static str = "stats.get";
    type Answer = Statistics;
}

/// A business's counters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statistics {
    /// In the order of time. A period without anything has no point.
    pub points: Vec<Point>,
}

/// What happened in a period.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// The period's first millisecond.
    pub at: Timestamp,
    /// Empty when not asked for, and of received messages.
    #[serde(default)]
    pub category: String,
    /// 0 when not asked for, and of messages that are no template.
    #[serde(default)]
    pub template: u64,
    /// Empty when not asked for; `ZZ` for an unknown one.
    #[serde(default)]
    pub country: String,
    /// How much of each.
    pub counts: Counts,
}

/// Counters. Each counts what happened in the period, whenever the message was sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Messages of the business that were accepted.
    pub sent: u64,
    /// Messages of the business that reached a device.
    pub delivered: u64,
    /// Messages of the business that were shown to a person.
    pub read: u64,
    /// Messages of customers.
    pub received: u64,
    /// Of these, how many came after the business had written.
    pub replied: u64,
    /// How often the business's link was opened. Told apart by nothing.
    #[serde(default)]
    pub visited: u64,
    /// Customers who blocked or reported the business after a template. Told apart by templates and their categories alone.
    #[serde(default)]
    pub against: u64,
}
