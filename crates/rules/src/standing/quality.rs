//! Quality (R105): what customers make of a business, from their blocks, reports and reads of the last days; the newest weigh most.
use super::day_of;
use crate::{
    Length,
    policy::section::{choice, section},
};
use suki_types::Timestamp;

section! {
    /// How good customers find a business (R105). Points are counted per 1,000 customers reached; a customer counts once a day.
    pub struct QualityFigures in "quality" {
        /// The days that count, today included.
        pub within: Length = in ("1d", "30d"),
        /// After how many days what happened counts half.
        pub half_life: Length = in ("1d", "30d"),
        /// With fewer customers reached in these days the quality is unknown.
        pub minimum_sample: u32 = in (1, 1_000_000),
        /// Points of a customer who blocks the business.
        pub block_points: u32 = in (0, 10_000),
        /// Points of a customer who reports it.
        pub report_points: u32 = in (0, 10_000),
        /// Points of a customer who received something and read nothing.
        pub unread_points: u32 = in (0, 10_000),
        /// From so many points on the quality is yellow.
        pub yellow_points: u32 = in (1, 1_000_000),
        /// From so many points on it is red.
        pub red_points: u32 = in (1, 1_000_000),
        /// By how many percent the points have to fall below a bound before the quality is better again.
        pub margin_percent: u32 = in (0, 90),
    }
    check fits;
}

fn fits(quality: &QualityFigures) -> Result<(), (&'static str, String)> {
    if quality.red_points <= quality.yellow_points {
        return Err(("red_points", format!("red begins above yellow: more than yellow_points = {} is allowed", quality.yellow_points)));
    }
    Ok(())
}

choice! {
    /// How customers find a business.
    pub enum Grade {
        /// Too few customers were reached to say.
        Unknown = "unknown",
        /// Good.
        Green = "green",
        /// Some do not want it.
        Yellow = "yellow",
        /// Many do not want it.
        Red = "red",
    }
}

impl Grade {
    /// As rows have it: 0 unknown, 1 green, 2 yellow, 3 red.
    pub const fn code(self) -> i64 {
        self as i64
    }
    /// What [`Grade::code`] wrote; anything else is unknown.
    pub const fn from_code(code: i64) -> Self {
        match code {
            1 => Self::Green,
            2 => Self::Yellow,
            3 => Self::Red,
            _ => Self::Unknown,
        }
    }
    /// Whether it is known and at least as good as `worst`.
    pub fn allows(self, worst: Self) -> bool {
        self != Self::Unknown && self <= worst
    }
}

/// What happened on one day, in UTC. A customer counts once a day for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Day {
    /// Days since 1970 began.
    pub day: i64,
    /// Customers who received something.
    pub delivered: u32,
    /// Customers who read something.
    pub read: u32,
    /// Customers who blocked the business.
    pub blocked: u32,
    /// Customers who reported it.
    pub reported: u32,
    /// Customers written to first whose newest such message was delivered on this day.
    pub reached: u32,
}

/// A quality with the figures behind it: plain sums over the days that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judgement {
    /// The quality.
    pub grade: Grade,
    /// Points per 1,000 customers, weighted by age; more is worse.
    pub points: u32,
    /// Customers reached, once a day each.
    pub delivered: u32,
    /// Of them who read.
    pub read: u32,
    /// Blocks.
    pub blocked: u32,
    /// Reports.
    pub reported: u32,
}

/// Full weight; it halves with each half-life.
const FULL_WEIGHT: u64 = 1 << 32;

/// The quality at `now`, when it was `was` before: a grade is left for a better one only with a margin, so that it does not flutter.
pub fn judge(figures: &QualityFigures, days: &[Day], was: Grade, now: Timestamp) -> Judgement {
    let today = day_of(now);
    let mut sums = Judgement { grade: Grade::Unknown, points: 0, delivered: 0, read: 0, blocked: 0, reported: 0 };
    let (mut bad, mut weights) = (0u128, 0u128);
    for day in days {
        let age = today.saturating_sub(day.day);
        if !(0..figures.within.days()).contains(&age) {
            continue;
        }
        let weight = u128::from(FULL_WEIGHT.checked_shr(u32::try_from(age / figures.half_life.days()).unwrap_or(u32::MAX)).unwrap_or(0));
        sums.delivered = sums.delivered.saturating_add(day.delivered);
        sums.read = sums.read.saturating_add(day.read);
        sums.blocked = sums.blocked.saturating_add(day.blocked);
        sums.reported = sums.reported.saturating_add(day.reported);
        bad += weight * points_of(figures, day);
        weights += weight * u128::from(day.delivered);
    }
    if sums.delivered < figures.minimum_sample || weights == 0 {
        return sums;
    }
    sums.points = u32::try_from(bad * 1000 / weights).unwrap_or(u32::MAX);
    sums.grade = grade(figures, sums.points, was);
    sums
}

fn points_of(figures: &QualityFigures, day: &Day) -> u128 {
    let times = |count: u32, points: u32| u128::from(count) * u128::from(points);
    times(day.blocked, figures.block_points)
        + times(day.reported, figures.report_points)
        + times(day.delivered.saturating_sub(day.read), figures.unread_points)
}

fn grade(figures: &QualityFigures, points: u32, was: Grade) -> Grade {
    // Where one leaves a grade for a better one.
    let left = |bound: u32| u32::try_from(u64::from(bound) * u64::from(100 - figures.margin_percent) / 100).unwrap_or(bound);
    let red = if was == Grade::Red { left(figures.red_points) } else { figures.red_points };
    let yellow = if was >= Grade::Yellow { left(figures.yellow_points) } else { figures.yellow_points };
    match points {
        points if points >= red => Grade::Red,
        points if points >= yellow => Grade::Yellow,
        _ => Grade::Green,
    }
}
