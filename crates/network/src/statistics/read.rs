//! Reading counters: whole months and days as they were summed up, half hours for the rest.
use super::Counts;
use crate::period::Level;
use suki_store::{Row, StoreError, Tx, Value};
use suki_types::{AccountId, Country, Timestamp};

/// The most rows one read takes: a busy year by country and template.
pub(super) const MAX_ROWS: i64 = 200_000;

/// One row of counters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Counted {
    pub at: Timestamp,
    pub category: i64,
    pub template: u64,
    pub country: String,
    pub counts: Counts,
}

/// A stretch of time and the level whose rows cover it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub level: Level,
    pub from: Timestamp,
    pub to: Timestamp,
}

/// Until when days and months were summed up; both 0 before the first time.
pub(super) fn rolled(tx: &mut Tx<'_>, business: AccountId) -> Result<(Timestamp, Timestamp), StoreError> {
    let sql = "SELECT days_until, months_until FROM statistic_rolled WHERE business = ?1";
    let found = tx.query_opt(sql, &[(&business).into()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.unwrap_or_default())
}

/// How the time from `from` on and before `to` is covered by the coarsest rows there are, none finer than `finest` where it can be helped.
pub(super) fn cover(from: Timestamp, to: Timestamp, coarsest: Level, (days_until, months_until): (Timestamp, Timestamp)) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut at = from;
    while at < to {
        let fits = |level: Level, until: Timestamp| {
            let next = level.next(at);
            (level <= coarsest && level.start(at) == at && next <= to && next <= until).then_some((level, next))
        };
        let month = fits(Level::Month, months_until);
        let (level, next) = month.or_else(|| fits(Level::Day, days_until)).unwrap_or_else(|| {
            // Half hours up to the next day: they lie together.
            (Level::HalfHour, Level::Day.next(at).min(to))
        });
        match stretches.last_mut() {
            Some(last) if last.level == level => last.to = next,
            _ => stretches.push(Stretch { level, from: at, to: next }),
        }
        at = next;
    }
    stretches
}

/// The rows of a stretch.
pub(super) fn rows(tx: &mut Tx<'_>, business: AccountId, stretch: Stretch) -> Result<Vec<Counted>, StoreError> {
    tx.query(
        "SELECT at, category, template, country, sent, delivered, read, received, replied, visited, against FROM statistic \
         WHERE business = ?1 AND level = ?2 AND at >= ?3 AND at < ?4 ORDER BY at, category, template, country LIMIT ?5",
        &[(&business).into(), (stretch.level as i64).into(), stretch.from.into(), stretch.to.into(), Value::Int(MAX_ROWS)],
        counted,
    )
}

fn counted(row: &Row<'_>) -> Result<Counted, StoreError> {
    let counts = Counts {
        sent: row.get(4)?,
        delivered: row.get(5)?,
        read: row.get(6)?,
        received: row.get(7)?,
        replied: row.get(8)?,
        visited: row.get(9)?,
        against: row.get(10)?,
    };
    Ok(Counted { at: row.get(0)?, category: row.get(1)?, template: row.get(2)?, country: row.get(3)?, counts })
}

/// How many messages of a category went to a country.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sent {
    pub category: i64,
    pub country: Country,
    pub count: u64,
}

/// What a business has sent since a moment, by category and country.
///
/// # Errors
/// When the store refuses.
pub(crate) fn sent_since(tx: &mut Tx<'_>, business: AccountId, since: Timestamp) -> Result<Vec<Sent>, StoreError> {
    tx.query(
        "SELECT category, country, CAST(SUM(sent) AS BIGINT) FROM statistic WHERE business = ?1 AND level = 0 AND at >= ?2 GROUP BY category, country",
        &[(&business).into(), Level::HalfHour.start(since).into()],
        |row| {
            let country = row.get::<String>(1)?.parse().unwrap_or(Country::UNKNOWN);
            Ok(Sent { category: row.get(0)?, country, count: row.get(2)? })
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::period::{DAY, HALF_HOUR, month};

    fn at(text: &str) -> Timestamp {
        month(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn a_year_is_covered_by_months_and_the_days_of_the_last() {
        let now = at("2026-11").plus_millis(20 * DAY + 5 * HALF_HOUR);
        let rolled = (at("2026-11").plus_millis(20 * DAY), at("2026-11"));
        let from = at("2025-11").plus_millis(20 * DAY);
        let covered = cover(from, now, Level::Month, rolled);
        let expected = [
            (Level::Day, from, at("2025-12")),
            (Level::Month, at("2025-12"), at("2026-11")),
            (Level::Day, at("2026-11"), at("2026-11").plus_millis(20 * DAY)),
            (Level::HalfHour, at("2026-11").plus_millis(20 * DAY), now),
        ];
        assert_eq!(covered, expected.map(|(level, from, to)| Stretch { level, from, to }));
    }

    #[test]
    fn nothing_that_was_not_summed_up_is_taken_for_summed_up() {
        let (from, to) = (at("2026-01"), at("2026-03"));
        let zero = Timestamp::default();
        assert_eq!(cover(from, to, Level::Month, (zero, zero)), [Stretch { level: Level::HalfHour, from, to }]);
        let day = from.plus_millis(DAY);
        let expected = [Stretch { level: Level::Day, from, to: day }, Stretch { level: Level::HalfHour, from: day, to }];
        assert_eq!(cover(from, to, Level::Month, (day, zero)), expected);
        assert_eq!(cover(from, to, Level::HalfHour, (to, to)), [Stretch { level: Level::HalfHour, from, to }]);
        assert_eq!(cover(from, from, Level::Month, (to, to)), []);
    }
}
