//! Warnings, restrictions and bans (R63, R107): each strike is one rung of the policy's ladder, and the ladder begins with a warning.
use super::{Cause, Facts, Grade, What, quality::Judgement};
use crate::{
    Length,
    policy::section::{Shape, choice, section},
};
use std::{fmt, str::FromStr};
use suki_types::Timestamp;

section! {
    /// Warnings, restrictions and bans (R63, R107).
    pub struct Bans in "bans" {
        /// What each strike brings, one after the other; the last stays. It begins with a warning. `outreach 3d`: for three days nobody is written to
        /// first; `messages 7d`: for seven days nobody is written to at all; `ban`: for ever.
        pub ladder: Vec<Rung> = in (1, 16),
        /// For how long a strike counts.
        pub remembered: Length = in ("1d", "3650d"),
        /// While the cause lasts, the next strike comes so long after the last.
        pub again_after: Length = in ("1h", "365d"),
        /// Bulk mail: when so many customers were reached in the days of `quality.within`, counted once a day, and hardly anybody read, that is a strike.
        /// 0: never.
        pub bulk_customers: u32 = in (0, 1_000_000_000),
        /// Fewer readers than so many percent are hardly anybody.
        pub bulk_read_percent: u32 = in (0, 100),
        /// For how long a measure can be appealed. A ban for ever always can.
        pub appeal_within: Length = in ("1d", "3650d"),
    }
    check fits;
}

fn fits(bans: &Bans) -> Result<(), (&'static str, String)> {
    if bans.ladder.first() != Some(&Rung::Warning) {
        return Err(("ladder", "it begins with \"warning\": nobody is restricted who was not warned".into()));
    }
    Ok(())
}

choice! {
    /// What a restriction forbids.
    pub enum Restriction {
        /// Writing to a customer first, outside his window.
        Outreach = "outreach",
        /// Writing to anybody, answers included.
        Messages = "messages",
    }
}

impl Restriction {
    /// What [`Restriction::word`] wrote.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Outreach, Self::Messages].into_iter().find(|kind| kind.word() == word)
    }
}

/// A rung of the ladder: `warning`, `outreach 1d`, `messages 7d` or `ban`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rung {
    /// Nothing is forbidden yet.
    Warning,
    /// Something is forbidden for a while.
    Restriction(Restriction, Length),
    /// Everything is forbidden, for ever.
    Ban,
}

/// Why a text is no rung.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no rung: write \"warning\", \"outreach 3d\" (nobody is written to first), \"messages 7d\" (nobody is written to) or \"ban\"")]
pub struct RungError(String);

impl FromStr for Rung {
    type Err = RungError;
    fn from_str(text: &str) -> Result<Self, RungError> {
        let wrong = || RungError(text.chars().take(40).collect());
        let kind = |kind, length: &str| Ok(Self::Restriction(kind, length.parse().map_err(|_| wrong())?));
        match text.split_once(' ') {
            None if text == "warning" => Ok(Self::Warning),
            None if text == "ban" => Ok(Self::Ban),
            Some(("outreach", length)) => kind(Restriction::Outreach, length),
            Some(("messages", length)) => kind(Restriction::Messages, length),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Rung {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Warning => f.write_str("warning"),
            Self::Restriction(kind, length) => write!(f, "{} {}", kind.word(), length.short()),
            Self::Ban => f.write_str("ban"),
        }
    }
}

impl Shape for Rung {
    fn shape() -> String {
        "`warning`, `outreach 3d`, `messages 7d` or `ban`".into()
    }
}

impl<'de> serde::Deserialize<'de> for Rung {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A measure against a business, as its history has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// When it was taken.
    pub at: Timestamp,
    /// Why.
    pub cause: Cause,
    /// What it is.
    pub what: Penalty,
    /// Taken back, by an appeal or by the platform.
    pub lifted: bool,
}

/// What a measure does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Penalty {
    /// Says that something has to change.
    Warning,
    /// Forbids something until a time.
    Restriction(Restriction, Timestamp),
    /// Forbids everything until a time; `None` is for ever.
    Ban(Option<Timestamp>),
}

impl Penalty {
    /// Whether it still forbids something. It ends at its time, not after it.
    pub fn is_in_force(self, now: Timestamp) -> bool {
        match self {
            Self::Warning => false,
            Self::Restriction(_, until) | Self::Ban(Some(until)) => now < until,
            Self::Ban(None) => true,
        }
    }
}

/// What is forbidden to a business now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InForce {
    /// The strongest restriction and its end.
    pub restriction: Option<(Restriction, Timestamp)>,
    /// The longest ban: its end, the largest time for one for ever, and why.
    pub ban: Option<(Timestamp, Cause)>,
}

/// For ever.
pub const FOR_EVER: Timestamp = Timestamp::from_millis(i64::MAX);

/// What of the measures is in force at `now`.
pub fn in_force(measures: &[Measure], now: Timestamp) -> InForce {
    let mut force = InForce::default();
    for measure in measures.iter().filter(|measure| !measure.lifted && measure.what.is_in_force(now)) {
        match measure.what {
            Penalty::Warning => {}
            Penalty::Restriction(kind, until) => force.restriction = force.restriction.max(Some((kind, until))),
            Penalty::Ban(until) => {
                let until = until.unwrap_or(FOR_EVER);
                if force.ban.is_none_or(|(longest, _)| longest < until) {
                    force.ban = Some((until, measure.cause));
                }
            }
        }
    }
    force
}

/// The measure that a strike for `cause` brings at `now`: the rung after those of the strikes that are still remembered.
pub fn strike(bans: &Bans, measures: &[Measure], now: Timestamp) -> Penalty {
    let remembered = measures.iter().filter(|measure| counts(bans, measure, now)).count();
    match bans.ladder.get(remembered).or(bans.ladder.last()) {
        Some(Rung::Restriction(kind, length)) => Penalty::Restriction(*kind, now.plus_millis(length.millis())),
        Some(Rung::Ban) => Penalty::Ban(None),
        Some(Rung::Warning) | None => Penalty::Warning,
    }
}

/// Whether a measure is a strike that the next one is counted after.
fn counts(bans: &Bans, measure: &Measure, now: Timestamp) -> bool {
    !measure.lifted && now.since(measure.at) < bans.remembered.millis()
}

/// The strike that the figures call for, if any.
pub(super) fn due(bans: &Bans, facts: &Facts, judged: &Judgement, now: Timestamp) -> Option<(What, Cause)> {
    let cause = match judged.grade {
        Grade::Red => Cause::RedQuality,
        _ if is_unread_bulk(bans, judged) => Cause::Bulk,
        _ => return None,
    };
    // The last strike was for the same days; even one that an appeal took back is not repeated at once.
    let last = facts.measures.iter().map(|measure| measure.at).max();
    if last.is_some_and(|last| now.since(last) < bans.again_after.millis()) {
        return None;
    }
    Some((What::Measure(strike(bans, &facts.measures, now)), cause))
}

/// Much bulk mail that hardly anybody reads (R63).
fn is_unread_bulk(bans: &Bans, judged: &Judgement) -> bool {
    let read = u64::from(judged.read) * 100;
    bans.bulk_customers > 0 && judged.delivered >= bans.bulk_customers && read < u64::from(judged.delivered) * u64::from(bans.bulk_read_percent)
}

/// Why a measure cannot be appealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAppeal {
    /// It is taken back already.
    Lifted,
    /// It was taken too long ago; until this time it could be appealed.
    TooLate(Timestamp),
}

/// Until when a measure can be appealed.
pub fn appeal_until(bans: &Bans, measure: &Measure) -> Timestamp {
    measure.at.plus_millis(bans.appeal_within.millis())
}

/// Whether a measure can be appealed at `now`: within the policy's length, and as long as it stands. A ban for ever can always be.
///
/// # Errors
/// Why not.
pub fn may_appeal(bans: &Bans, measure: &Measure, now: Timestamp) -> Result<(), NoAppeal> {
    if measure.lifted {
        return Err(NoAppeal::Lifted);
    }
    let until = appeal_until(bans, measure);
    if now < until || measure.what == Penalty::Ban(None) {
        return Ok(());
    }
    Err(NoAppeal::TooLate(until))
}
