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
};
use suki_protocol::template::{Quality, Status};
use suki_rules::template::{
    lifecycle::{self, Pause},
    quality,
};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, Timestamp};

/// What a customer did with a message of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(dead_code, reason = "receipts, blocks and reports name them")]
pub(crate) enum Feedback {
    /// He read it.
    Read,
    /// He blocked or reported the business after it.
    Against,
}

const DAY_MILLIS: i64 = 86_400_000;

/// Counts what a customer did. Reads are rated by the next run of the jobs; what is against the template, at once.
///
/// # Errors
/// When the store fails, or the endpoint's log is full.
#[allow(dead_code, reason = "receipts, blocks and reports call it")]
pub(crate) fn feedback(
    network: &Network,
    tx: &mut Tx<'_>,
    (business, template): (AccountId, u64),
    kind: Feedback,
    now: Timestamp,
) -> Result<Wakes, Refusal> {
    let (reads, against) = match kind {
        Feedback::Read => (1_i64, 0_i64),
        Feedback::Against => (0, 1),
    };
    tx.execute(
        "INSERT INTO template_feedback (business, id, day, reads, against) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (business, id, day) \
         DO UPDATE SET reads = template_feedback.reads + excluded.reads, against = template_feedback.against + excluded.against, changed = 1",
        &[(&business).into(), int(template), now.millis().div_euclid(DAY_MILLIS).into(), reads.into(), against.into()],
    )?;
    match kind {
        Feedback::Read => Ok(Wakes::new()),
        Feedback::Against => rate(network, tx, (business, template), now),
    }
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
        &[(&held.business).into(), int(held.id), since.millis().div_euclid(DAY_MILLIS).into()],
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
    let found = format!("{} customers blocked or reported the business after it, of {} who read it.", counted.against, counted.reads);
    let (status, change, action) = match lifecycle::pause(network.policy(), held.pauses, now) {
        Pause::Until(until) => {
            held.paused_until = until;
            held.pauses += 1;
            held.explanation = format!("{found} It is paused for now: write it to those who want it, or edit it.");
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
