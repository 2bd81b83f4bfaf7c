//! Summing up: days out of half hours and months out of days, once they are over; and forgetting half hours that are old.
use super::read;
use crate::{
    Network, money,
    period::{DAY, Level},
};
use std::sync::atomic::Ordering;
use suki_store::{Answer, StoreError, Tx, Value};
use suki_types::{AccountId, Timestamp, limits};

/// How many businesses are summed up at once.
const BUSINESSES_AT_ONCE: i64 = 50;
/// How many days one business's unit sums up at most: a server that was away for long catches up over several runs.
const DAYS_PER_UNIT: usize = 40;
/// For how long half hours are kept, in milliseconds.
const HALF_HOURS_KEPT: i64 = limits::HALF_HOURS_DAYS * DAY;
/// How many old rows one unit forgets.
const FORGOTTEN_PER_UNIT: i64 = 500;

impl Network {
    /// Sums up the days and months that are over. Doing it again changes nothing.
    pub(crate) async fn roll_statistics(&self, now: Timestamp) -> Result<(), StoreError> {
        let today = Level::Day.start(now);
        if self.statistics_rolled_until().load(Ordering::Relaxed) >= today.millis() {
            return Ok(());
        }
        let half_hours = today.plus_millis(-HALF_HOURS_KEPT);
        let kept = Kept { half_hours, charges: money::CHARGES.rows_before(self.db(), half_hours) };
        let mut after = Vec::new();
        let mut behind = false;
        loop {
            let page = std::mem::take(&mut after);
            let page: Vec<AccountId> = self.db().read(move |tx| some(tx, &page)).await?;
            // All are queued before the first is waited for, so that they share commits.
            let rolling: Vec<Answer<bool, StoreError>> = page
                .iter()
                .map(|business| (*business, self.of(*business)))
                .map(|(id, of)| of.db().write(move |tx| roll(tx, id, today, kept)))
                .collect();
            for rolled in rolling {
                behind |= !rolled.await?;
            }
            match page.last() {
                Some(last) if page.len() as i64 == BUSINESSES_AT_ONCE => after = last.to_vec(),
                _ => break,
            }
        }
        if !behind {
            money::CHARGES.keep(self.db(), now, half_hours).await?;
            self.statistics_rolled_until().store(today.millis(), Ordering::Relaxed);
        }
        Ok(())
    }
}

/// A page of businesses.
fn some(tx: &mut Tx<'_>, after: &[u8]) -> Result<Vec<AccountId>, StoreError> {
    tx.query("SELECT account FROM business WHERE account > ?1 ORDER BY account LIMIT ?2", &[after.into(), Value::Int(BUSINESSES_AT_ONCE)], |row| {
        row.get(0)
    })
}

/// Since when rows are kept.
#[derive(Debug, Clone, Copy)]
struct Kept {
    half_hours: Timestamp,
    charges: Timestamp,
}

/// Sums up one business's days and months that are over before `today`, and forgets what is old; whether nothing is left.
fn roll(tx: &mut Tx<'_>, business: AccountId, today: Timestamp, kept: Kept) -> Result<bool, StoreError> {
    let (days_until, months_until) = read::rolled(tx, business)?;
    let mut day = match days_until.millis() {
        0 => first_day(tx, business)?.unwrap_or(today),
        _ => days_until,
    };
    let mut month = if months_until.millis() == 0 { Level::Month.start(day) } else { months_until };
    for _ in 0..DAYS_PER_UNIT {
        if day >= today {
            break;
        }
        let next = Level::Day.next(day);
        sum_up(tx, business, Level::HalfHour, Level::Day, day, next)?;
        day = next;
    }
    while Level::Month.next(month) <= day {
        let next = Level::Month.next(month);
        sum_up(tx, business, Level::Day, Level::Month, month, next)?;
        month = next;
    }
    tx.execute(
        "INSERT INTO statistic_rolled (business, days_until, months_until) VALUES (?1, ?2, ?3) \
         ON CONFLICT (business) DO UPDATE SET days_until = ?2, months_until = ?3",
        &[(&business).into(), day.into(), month.into()],
    )?;
    let forgotten = [forget(tx, business, kept.half_hours)?, money::forget_charges(tx, business, kept.charges, FORGOTTEN_PER_UNIT)?];
    Ok(day >= today && forgotten.iter().all(|rows| *rows < FORGOTTEN_PER_UNIT as u64))
}

/// The first day that has half hours.
fn first_day(tx: &mut Tx<'_>, business: AccountId) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT at FROM statistic WHERE business = ?1 AND level = 0 ORDER BY at LIMIT 1";
    Ok(tx.query_opt(sql, &[(&business).into()], |row| row.get(0))?.map(|at| Level::Day.start(at)))
}

fn sum_up(tx: &mut Tx<'_>, business: AccountId, of: Level, to: Level, from: Timestamp, until: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO statistic (business, level, at, category, template, country, sent, delivered, read, received, replied, visited, against) \
         SELECT business, CAST(?2 AS BIGINT), CAST(?3 AS BIGINT), category, template, country, SUM(sent), SUM(delivered), SUM(read), SUM(received), \
           SUM(replied), SUM(visited), SUM(against) FROM statistic \
         WHERE business = ?1 AND level = ?4 AND at >= ?3 AND at < ?5 GROUP BY business, category, template, country \
         ON CONFLICT (business, level, at, category, template, country) DO UPDATE SET sent = excluded.sent, delivered = excluded.delivered, \
           read = excluded.read, received = excluded.received, replied = excluded.replied, visited = excluded.visited, \
           against = excluded.against",
        &[(&business).into(), (to as i64).into(), from.into(), (of as i64).into(), until.into()],
    )?;
    Ok(())
}

/// Forgets some old half hours, and says how many rows they had; their days stay.
fn forget(tx: &mut Tx<'_>, business: AccountId, before: Timestamp) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM statistic WHERE business = ?1 AND level = 0 AND at < (SELECT COALESCE(MAX(at), 0) FROM \
         (SELECT at FROM statistic WHERE business = ?1 AND level = 0 AND at < ?2 ORDER BY at LIMIT ?3) old) + 1",
        &[(&business).into(), before.into(), Value::Int(FORGOTTEN_PER_UNIT)],
    )
}
