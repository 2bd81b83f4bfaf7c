//! Periods of bills and statistics: half hours, days and months of UTC, each known by its first millisecond.
use jiff::civil::Date;
use suki_types::Timestamp;

/// Half an hour in milliseconds.
pub(crate) const HALF_HOUR: i64 = 30 * 60_000;
/// A day in milliseconds.
pub(crate) const DAY: i64 = 24 * 3_600_000;

/// How long a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Level {
    HalfHour = 0,
    Day = 1,
    Month = 2,
}

impl Level {
    /// The beginning of the period that holds `at`.
    pub fn start(self, at: Timestamp) -> Timestamp {
        match self {
            Self::HalfHour => floor(at, HALF_HOUR),
            Self::Day => floor(at, DAY),
            Self::Month => first_of_month(at),
        }
    }

    /// The beginning of the next period.
    pub fn next(self, at: Timestamp) -> Timestamp {
        match self {
            Self::HalfHour => self.start(at).plus_millis(HALF_HOUR),
            Self::Day => self.start(at).plus_millis(DAY),
            // A month and three days after its first day always lies in the next.
            Self::Month => self.start(first_of_month(at).plus_millis(34 * DAY)),
        }
    }
}

fn floor(at: Timestamp, length: i64) -> Timestamp {
    Timestamp::from_millis(at.millis().div_euclid(length) * length)
}

fn first_of_month(at: Timestamp) -> Timestamp {
    millis_of(date(at).first_of_month())
}

/// The day of UTC. What lies outside of the years that a calendar has is its first or last day.
fn date(at: Timestamp) -> Date {
    let days = jiff::Span::new().try_days(at.millis().div_euclid(DAY)).ok();
    let far = if at.millis() < 0 { Date::MIN } else { Date::MAX };
    days.and_then(|days| jiff::civil::date(1970, 1, 1).checked_add(days).ok()).unwrap_or(far)
}

fn millis_of(date: Date) -> Timestamp {
    let days = date.since(jiff::civil::date(1970, 1, 1)).map_or(0, |span| i64::from(span.get_days()));
    Timestamp::from_millis(days * DAY)
}

/// The month as people and the Cloud API write it: `2026-11`.
pub(crate) fn month_name(at: Timestamp) -> String {
    let date = date(at);
    format!("{:04}-{:02}", date.year(), date.month())
}

/// The day as people write it: `2026-11-21`.
pub(crate) fn day_name(at: Timestamp) -> String {
    date(at).to_string()
}

/// The beginning of a month that is written `2026-11`; `None` when it is not written so, or lies outside of the years 2000 to 2999.
pub(crate) fn month(text: &str) -> Option<Timestamp> {
    let (year, month) = text.split_once('-')?;
    let number = |text: &str, length: usize| (text.len() == length && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten();
    let (year, month): (i16, i16) = (number(year, 4)?, number(month, 2)?);
    (2000..3000).contains(&year).then_some(())?;
    Date::new(year, i8::try_from(month).ok()?, 1).ok().map(millis_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        month(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn a_month_ends_where_the_next_begins() {
        for (this, next) in [("2026-01", "2026-02"), ("2026-02", "2026-03"), ("2028-02", "2028-03"), ("2026-12", "2027-01")] {
            let last = at(next).plus_millis(-1);
            assert_eq!((Level::Month.start(last), Level::Month.next(last)), (at(this), at(next)));
            assert_eq!((Level::Month.next(at(this)), month_name(last).as_str()), (at(next), this));
            assert_eq!(Level::Month.start(at(next)), at(next));
        }
        assert_eq!(at("2026-01").millis(), 1_767_225_600_000);
        for text in ["", "2026", "2026-1", "2026-13", "2026-00", "1999-12", "3000-01", "+026-01", "2026-01-01", "२०२६-०१"] {
            assert_eq!(month(text), None, "{text}");
        }
    }

    #[test]
    fn days_and_half_hours_are_of_utc() {
        let at = at("2026-11").plus_millis(20 * DAY + 45 * 60_000);
        assert_eq!(day_name(at), "2026-11-21");
        assert_eq!(at.since(Level::HalfHour.start(at)), 15 * 60_000);
        assert_eq!((Level::HalfHour.next(at).since(at), Level::Day.next(at).since(Level::Day.start(at))), (15 * 60_000, DAY));
        assert_eq!(Level::Day.start(Timestamp::from_millis(-1)).millis(), -DAY);
    }
}
