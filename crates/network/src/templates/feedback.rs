//! What customers make of a template: counts by day, the quality they add up to, and the pauses that follow (R105, R107).
use super::{
    judge,
    rows::{self, Change, Held},
    tell,
};
use crate::{
    Network,
    audit::{self, Actor},
    int,
    operations::call::Wakes,
    refusal::Refusal,
    statistics::{self, Counts, Subject},
};
use suki_protocol::template::{Quality, Status};
use suki_rules::template::{
    lifecycle::{self, Pause},
    quality,
};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, Timestamp};

const DAY_MILLIS: i64 = 86_400_000;

fn day(at: Timestamp) -> i64 {
    at.millis().div_euclid(DAY_MILLIS)
}

/// Counts messages of a template that were read. The next run of the jobs rates it.
///
/// # Errors
/// When the store fails.
pub(crate) fn read(tx: &mut Tx<'_>, business: AccountId, template: u64, count: u64, now: Timestamp) -> Result<(), StoreError> {
    add(tx, (business, template), (count, 0), now)
}

/// A customer has blocked or reported the business: it counts against the template that it sent him last, if that was not too long ago, and once in
/// the time that the quality is judged by, so that nobody weighs more by doing it again.
///
/// # Errors
/// When the store fails, or the endpoint's log is full.
pub(crate) fn against(network: &Network, tx: &mut Tx<'_>, business: AccountId, customer: AccountId, now: Timestamp) -> Result<Wakes, Refusal> {
    let since = quality::since(network.policy(), now);
    let last = tx.query_opt(
        "SELECT m.template FROM account_conversation a JOIN message m ON m.conversation = a.conversation \
         WHERE a.account = ?1 AND a.other = ?2 AND m.of_business = 1 AND m.template > 0 AND m.at > ?3 ORDER BY m.at DESC LIMIT 1",
        &[(&business).into(), (&customer).into(), since.into()],
        |row| row.get::<u64>(0),
    )?;
    let Some(template) = last else { return Ok(Wakes::new()) };
    let first = tx.execute(
        "INSERT INTO template_against (business, id, customer, at) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (business, id, customer) DO UPDATE SET at = excluded.at WHERE template_against.at <= ?5",
        &[(&business).into(), int(template), (&customer).into(), now.into(), since.into()],
    )?;
    if first == 0 {
        return Ok(Wakes::new());
    }
    add(tx, (business, template), (0, 1), now)?;
    if let Some(held) = rows::load(tx, business, template)? {
        let subject = Subject { category: held.category.number(), template, country: String::new() };
        statistics::count(tx, business, &subject, Counts { against: 1, ..Counts::default() }, now)?;
    }
    rate(network, tx, (business, template), now)
}

fn add(tx: &mut Tx<'_>, (business, template): (AccountId, u64), (reads, against): (u64, u64), now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO template_feedback (business, id, day, reads, against) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (business, id, day) \
         DO UPDATE SET reads = template_feedback.reads + excluded.reads, against = template_feedback.against + excluded.against, changed = 1",
        &[(&business).into(), int(template), day(now).into(), int(reads), int(against)],
    )?;
    Ok(())
}

/// Rates a template by what was counted, and pauses it when customers do not want it.
pub(super) fn rate(network: &Network, tx: &mut Tx<'_>, (business, template): (AccountId, u64), now: Timestamp) -> Result<Wakes, Refusal> {
    let key = [(&business).into(), int(template)];
    tx.execute("UPDATE template_feedback SET changed = 0 WHERE business = ?1 AND id = ?2 AND changed = 1", &key)?;
    let Some(mut held) = rows::load(tx, business, template)? else {
        tx.execute("DELETE FROM template_feedback WHERE business = ?1 AND id = ?2", &key)?;
        return Ok(Wakes::new());
    };
    let counted = counted(tx, &held, quality::since(network.policy(), now))?;
    let rated = quality::quality(network.policy(), counted);
    let mut wakes = set_quality(network, tx, &mut held, rated, now)?;
    if rated == Quality::Red && held.status == Status::Approved {
        wakes.extend(pause(network, tx, &mut held, counted, now)?);
    }
    Ok(wakes)
}

fn counted(tx: &mut Tx<'_>, held: &Held, since: Timestamp) -> Result<quality::Feedback, StoreError> {
    tx.query_one(
        "SELECT CAST(COALESCE(SUM(reads), 0) AS BIGINT), CAST(COALESCE(SUM(against), 0) AS BIGINT) FROM template_feedback \
         WHERE business = ?1 AND id = ?2 AND day >= ?3",
        &[(&held.business).into(), int(held.id), day(since).into()],
        |row| Ok(quality::Feedback { reads: row.get(0)?, against: row.get(1)? }),
    )
}

fn set_quality(network: &Network, tx: &mut Tx<'_>, held: &mut Held, rated: Quality, now: Timestamp) -> Result<Wakes, Refusal> {
    if rated == held.quality {
        return Ok(Wakes::new());
    }
    let previous = std::mem::replace(&mut held.quality, rated);
    held.quality_at = now;
    rows::update(tx, held)?;
    tell::quality(network, tx, held, previous, now)
}

/// What was counted so far counts no more.
pub(super) fn start_anew(network: &Network, tx: &mut Tx<'_>, held: &mut Held, rated: Quality, now: Timestamp) -> Result<Wakes, Refusal> {
    tx.execute("DELETE FROM template_feedback WHERE business = ?1 AND id = ?2", &[(&held.business).into(), int(held.id)])?;
    set_quality(network, tx, held, rated, now)
}

fn pause(network: &Network, tx: &mut Tx<'_>, held: &mut Held, counted: quality::Feedback, now: Timestamp) -> Result<Wakes, Refusal> {
    let found = format!("{} customers blocked or reported the business after it; {} messages of it were read.", counted.against, counted.reads);
    let (status, change, action) = match lifecycle::pause(network.policy(), held.pauses, now) {
        Pause::Until(until) => {
            held.paused_until = until;
            held.pauses += 1;
            held.explanation = format!("{found} It is paused: write it to those who want it, or edit it.");
            (Status::Paused, Change::Paused, "template.paused")
        }
        Pause::Disable => {
            held.explanation =
                format!("{found} It was paused {} times before and cannot be sent any more: appeal, or write another one.", held.pauses);
            (Status::Disabled, Change::Disabled, "template.disabled")
        }
    };
    held.status = status;
    rows::note(tx, held, change, now)?;
    audit::record(tx, now, Actor::System, action, &format!("{} {}", held.business, held.subject()), &found)?;
    judge::store(network, tx, held, Status::Approved, now)
}
