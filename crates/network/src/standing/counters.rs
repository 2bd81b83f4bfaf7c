//! What customers do with what a business sends, counted by the day. A customer counts once a day in each column, so that nobody weighs more by
//! receiving more.
use super::{due, due_at_once};
use suki_rules::{Policy, standing::day_of};
use suki_store::{StoreError, Tx, Value};
use suki_types::{AccountId, Timestamp};

/// What a customer says of a business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Feedback {
    /// He blocked it.
    Block,
    /// He reported it.
    Report,
}

/// A customer's device has acknowledged messages of a business; the newest of them was accepted at `newest`.
pub(crate) fn delivered(
    policy: &Policy,
    tx: &mut Tx<'_>,
    business: AccountId,
    customer: AccountId,
    newest: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    let today = day_of(now);
    if is_counted(tx, business, customer, newest, today)? {
        return Ok(());
    }
    let first_today = tx.execute(
        "INSERT INTO standing_customer (business, customer, touched_day, delivered_day) VALUES (?1, ?2, ?3, ?3) \
         ON CONFLICT (business, customer) DO UPDATE SET touched_day = ?3, delivered_day = ?3 WHERE standing_customer.delivered_day < ?3",
        &[(&business).into(), (&customer).into(), today.into()],
    )?;
    if first_today > 0 {
        tx.execute(
            "INSERT INTO standing_day (business, day, delivered) VALUES (?1, ?2, 1) \
             ON CONFLICT (business, day) DO UPDATE SET delivered = standing_day.delivered + 1",
            &[(&business).into(), today.into()],
        )?;
        due(tx, business, now.plus_millis(policy.tiers.review_every.millis()))?;
    }
    reached(tx, business, customer, newest, now)
}

/// Whether a customer counts today already, and as reached if he has to: all but the first of a day's messages find that.
fn is_counted(tx: &mut Tx<'_>, business: AccountId, customer: AccountId, newest: Timestamp, today: i64) -> Result<bool, StoreError> {
    let counted = tx.query_opt(
        "SELECT s.delivered_day, s.reached_at, o.at FROM standing_customer s \
         LEFT JOIN outreach o ON o.business = s.business AND o.customer = s.customer WHERE s.business = ?1 AND s.customer = ?2",
        &[(&business).into(), (&customer).into()],
        |row| {
            let (day, reached, written) = (row.get::<i64>(0)?, row.get::<Timestamp>(1)?, row.get::<Option<Timestamp>>(2)?);
            Ok(day >= today && written.is_none_or(|written| written > newest || reached >= written))
        },
    )?;
    Ok(counted.unwrap_or_default())
}

/// Counts the customer as reached if what has arrived includes the message with which the business wrote to him first. It does as long as he counts
/// as such a customer; who is away for longer is not counted.
fn reached(tx: &mut Tx<'_>, business: AccountId, customer: AccountId, newest: Timestamp, now: Timestamp) -> Result<(), StoreError> {
    let found = tx.query_opt(
        "SELECT o.at, COALESCE(s.reached_at, 0) FROM outreach o LEFT JOIN standing_customer s ON s.business = ?1 AND s.customer = ?2 \
         WHERE o.business = ?1 AND o.customer = ?2",
        &[(&business).into(), (&customer).into()],
        |row| Ok((row.get::<Timestamp>(0)?, row.get::<Timestamp>(1)?)),
    )?;
    let Some((written, before)) = found.filter(|(at, _)| *at <= newest) else { return Ok(()) };
    if before >= written {
        return Ok(());
    }
    tx.execute(
        "UPDATE standing_customer SET reached_at = ?3 WHERE business = ?1 AND customer = ?2",
        &[(&business).into(), (&customer).into(), now.into()],
    )?;
    tx.execute(
        "UPDATE standing_day SET reached = reached - 1 WHERE business = ?1 AND day = ?2 AND reached > 0",
        &[(&business).into(), day_of(before).into()],
    )?;
    tx.execute(
        "INSERT INTO standing_day (business, day, reached) VALUES (?1, ?2, 1) \
         ON CONFLICT (business, day) DO UPDATE SET reached = standing_day.reached + 1",
        &[(&business).into(), day_of(now).into()],
    )?;
    tx.execute(
        "UPDATE standing SET reached_since = reached_since + 1 WHERE business = ?1 AND limit_since > ?2",
        &[(&business).into(), before.into()],
    )?;
    Ok(())
}

/// A customer has read what the business sent. It counts for the day on which it was delivered.
pub(crate) fn read(tx: &mut Tx<'_>, business: AccountId, customer: AccountId) -> Result<(), StoreError> {
    let day = tx.query_opt(
        "UPDATE standing_customer SET read_day = delivered_day WHERE business = ?1 AND customer = ?2 AND read_day < delivered_day \
         RETURNING delivered_day",
        &[(&business).into(), (&customer).into()],
        |row| row.get::<i64>(0),
    )?;
    if let Some(day) = day {
        tx.execute("UPDATE standing_day SET read = read + 1 WHERE business = ?1 AND day = ?2", &[(&business).into(), day.into()])?;
    }
    Ok(())
}

/// A customer has blocked or reported a business; the next run of the jobs looks at it.
///
/// It counts once within the days that the quality is judged by, and only of a customer who received something from the business.
pub(crate) fn feedback(
    policy: &Policy,
    tx: &mut Tx<'_>,
    business: AccountId,
    customer: AccountId,
    feedback: Feedback,
    now: Timestamp,
) -> Result<(), StoreError> {
    let today = day_of(now);
    let not_since = Value::Int(today - policy.quality.within.days());
    let (mark, count) = match feedback {
        Feedback::Block => (
            "UPDATE standing_customer SET blocked_day = ?3, touched_day = ?3 WHERE business = ?1 AND customer = ?2 AND delivered_day > 0 \
             AND blocked_day <= ?4",
            "INSERT INTO standing_day (business, day, blocked) VALUES (?1, ?2, 1) \
             ON CONFLICT (business, day) DO UPDATE SET blocked = standing_day.blocked + 1",
        ),
        Feedback::Report => (
            "UPDATE standing_customer SET reported_day = ?3, touched_day = ?3 WHERE business = ?1 AND customer = ?2 AND delivered_day > 0 \
             AND reported_day <= ?4",
            "INSERT INTO standing_day (business, day, reported) VALUES (?1, ?2, 1) \
             ON CONFLICT (business, day) DO UPDATE SET reported = standing_day.reported + 1",
        ),
    };
    if tx.execute(mark, &[(&business).into(), (&customer).into(), today.into(), not_since])? == 0 {
        return Ok(());
    }
    tx.execute(count, &[(&business).into(), today.into()])?;
    due_at_once(tx, business)
}

/// A report was found wrong: it does not count against the business any more.
pub(crate) fn report_dismissed(tx: &mut Tx<'_>, business: AccountId, customer: AccountId) -> Result<(), StoreError> {
    let both = [(&business).into(), (&customer).into()];
    let sql = "SELECT reported_day FROM standing_customer WHERE business = ?1 AND customer = ?2 AND reported_day > 0";
    let Some(day) = tx.query_opt(sql, &both, |row| row.get::<i64>(0))? else { return Ok(()) };
    tx.execute("UPDATE standing_customer SET reported_day = 0 WHERE business = ?1 AND customer = ?2", &both)?;
    tx.execute(
        "UPDATE standing_day SET reported = reported - 1 WHERE business = ?1 AND day = ?2 AND reported > 0",
        &[(&business).into(), day.into()],
    )?;
    due_at_once(tx, business)
}
