//! What moves: written into the row that admission reads and into the history, recorded, and told to the business.
use super::facts;
use crate::{
    Network,
    audit::{self, Actor},
    operations::call::Wakes,
    refusal::Refusal,
    rows,
};
use suki_protocol::calls::standing::{Ban, Entry, Restriction as WireRestriction, StandingChanged, Summary};
use suki_rules::{
    Policy,
    standing::{Cause, FOR_EVER, Facts, Grade, InForce, Limit, Penalty, What, ban},
};
use suki_store::{StoreError, Tx, log};
use suki_types::{AccountId, DeviceId, Timestamp, limits};

/// Something that moves, who moved it, and what the business is told.
pub(super) struct Moved {
    pub what: What,
    pub cause: Cause,
    pub reason: String,
    pub by: Actor,
}

/// Does it: row, history, audit log, notice.
pub(super) fn apply(network: &Network, tx: &mut Tx<'_>, business: AccountId, moved: &Moved, now: Timestamp) -> Result<Wakes, Refusal> {
    write_row(tx, business, moved.what, now)?;
    let id = insert(tx, business, moved, now)?;
    let force = refold(tx, business, now)?;
    record(tx, business, id, moved, now)?;
    tell(network, tx, business, id, force, now)
}

fn write_row(tx: &mut Tx<'_>, business: AccountId, what: What, now: Timestamp) -> Result<(), StoreError> {
    let business = (&business).into();
    match what {
        What::Quality { to, .. } => {
            tx.execute("UPDATE standing SET quality = ?2, grade_since = ?3 WHERE business = ?1", &[business, to.code().into(), now.into()])?
        }
        What::Tier { to, .. } => tx.execute(
            "UPDATE standing SET tier_limit = ?2, limit_since = ?3, reached_since = 0 WHERE business = ?1",
            &[business, to.code().into(), now.into()],
        )?,
        What::Throughput { high } => tx.execute("UPDATE standing SET high_throughput = ?2 WHERE business = ?1", &[business, high.into()])?,
        What::Measure(Penalty::Warning) => tx.execute("UPDATE standing SET warned_at = ?2 WHERE business = ?1", &[business, now.into()])?,
        // What is in force follows from the history.
        What::Measure(_) | What::RestrictionEnded | What::BanEnded => 0,
    };
    Ok(())
}

/// How the history calls it: kind, before, now.
fn words(what: What) -> (&'static str, String, String) {
    let limit = |limit: Limit| limit.code().to_string();
    match what {
        What::Quality { from, to } => ("quality", from.word().into(), to.word().into()),
        What::Tier { from, to } => ("tier", limit(from), limit(to)),
        What::Throughput { high: true } => ("throughput", "normal".into(), "high".into()),
        What::Throughput { high: false } => ("throughput", "high".into(), "normal".into()),
        What::Measure(Penalty::Warning) => ("warning", String::new(), String::new()),
        What::Measure(Penalty::Restriction(kind, _)) => ("restriction", String::new(), kind.word().into()),
        What::Measure(Penalty::Ban(_)) => ("ban", String::new(), String::new()),
        What::RestrictionEnded => ("restriction_ended", String::new(), String::new()),
        What::BanEnded => ("ban_ended", String::new(), String::new()),
    }
}

/// Appends to the history; the entry's number.
fn insert(tx: &mut Tx<'_>, business: AccountId, moved: &Moved, now: Timestamp) -> Result<i64, StoreError> {
    let (kind, from, to) = words(moved.what);
    let until = match moved.what {
        What::Measure(Penalty::Restriction(_, until) | Penalty::Ban(Some(until))) => until,
        What::Measure(Penalty::Ban(None)) => FOR_EVER,
        _ => Timestamp::default(),
    };
    let row = [kind, moved.cause.word(), &from, &to];
    append(tx, business, now, row, until, &moved.reason)
}

/// Appends an entry: kind, cause, before, now.
pub(super) fn append(
    tx: &mut Tx<'_>,
    business: AccountId,
    now: Timestamp,
    [kind, cause, from, to]: [&str; 4],
    until: Timestamp,
    reason: &str,
) -> Result<i64, StoreError> {
    let sql = "SELECT COALESCE(MAX(id), 0) + 1 FROM standing_entry WHERE business = ?1";
    let id: i64 = tx.query_one(sql, &[(&business).into()], |row| row.get(0))?;
    tx.execute(
        "INSERT INTO standing_entry (business, id, at, kind, cause, from_word, to_word, until, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        &[(&business).into(), id.into(), now.into(), kind.into(), cause.into(), from.into(), to.into(), until.into(), reason.into()],
    )?;
    Ok(id)
}

/// Writes into the row what of the history is in force.
pub(super) fn refold(tx: &mut Tx<'_>, business: AccountId, now: Timestamp) -> Result<InForce, StoreError> {
    let measures: Vec<_> = facts::measures(tx, business)?.into_iter().map(|known| known.measure).collect();
    let force = ban::in_force(&measures, now);
    let (kind, restricted) = force.restriction.map_or(("", Timestamp::default()), |(kind, until)| (kind.word(), until));
    let (banned, code) = force.ban.map_or((Timestamp::default(), ""), |(until, cause)| (until, cause.word()));
    tx.execute(
        "UPDATE standing SET restricted_until = ?2, restricted_kind = ?3, banned_until = ?4, ban_code = ?5 WHERE business = ?1",
        &[(&business).into(), restricted.into(), kind.into(), banned.into(), code.into()],
    )?;
    Ok(force)
}

fn record(tx: &mut Tx<'_>, business: AccountId, id: i64, moved: &Moved, now: Timestamp) -> Result<(), StoreError> {
    let (kind, from, to) = words(moved.what);
    let detail = format!("entry {id}, cause {}, from {from:?} to {to:?}: {}", moved.cause.word(), moved.reason);
    audit::record(tx, now, moved.by, &format!("standing.{kind}"), &business.to_string(), &detail)
}

/// Tells the business's endpoint about an entry of its history.
pub(super) fn tell(network: &Network, tx: &mut Tx<'_>, business: AccountId, id: i64, force: InForce, now: Timestamp) -> Result<Wakes, Refusal> {
    let Some(facts) = facts::load(network.policy(), tx, business, now)? else { return Ok(Wakes::new()) };
    let what = entry(network.policy(), tx, business, id)?;
    let told = StandingChanged { what, now: summary(&Facts { force, ..facts }, now) };
    let devices = with_room(tx, business)?;
    network.append_notice(tx, devices, None, &told)
}

/// The devices of an account whose logs are not full: a measure does not wait for an endpoint that is away, which finds it in its history later.
fn with_room(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<DeviceId>, StoreError> {
    let mut devices = Vec::new();
    for device in rows::devices_of(tx, account)? {
        let waiting = log::mailbox(tx, device)?.map_or(0, |mailbox| mailbox.last.saturating_sub(mailbox.acked));
        if waiting < limits::LOG_ENTRIES_PER_DEVICE {
            devices.push(device);
        }
    }
    Ok(devices)
}

/// What is in force at `now`, as the business is told.
pub(super) fn summary(facts: &Facts, now: Timestamp) -> Summary {
    let restriction = facts.force.restriction.filter(|(_, until)| now < *until);
    let ban = facts.force.ban.filter(|(until, _)| now < *until || *until == FOR_EVER);
    Summary {
        limit: facts.limit.customers(),
        quality: Grade::word(facts.grade).to_owned(),
        high_throughput: facts.high_throughput,
        restriction: restriction.map(|(kind, until)| WireRestriction { kind: kind.word().to_owned(), until }),
        ban: ban.map(|(until, cause)| Ban { until: (until != FOR_EVER).then_some(until), cause: cause.word().to_owned() }),
    }
}

fn entry(policy: &Policy, tx: &mut Tx<'_>, business: AccountId, id: i64) -> Result<Entry, StoreError> {
    let sql = "SELECT id, at, kind, cause, from_word, to_word, until, reason, lifted_at, appeal FROM standing_entry WHERE business = ?1 AND id = ?2";
    tx.query_one(sql, &[(&business).into(), id.into()], |row| entry_of(policy, row))
}

/// An entry of the history, out of a row of all its columns in the order of [`Entry`].
pub(super) fn entry_of(policy: &Policy, row: &suki_store::Row<'_>) -> Result<Entry, StoreError> {
    let some = |at: Timestamp| (at != Timestamp::default()).then_some(at);
    let (at, kind, until): (Timestamp, String, Timestamp) = (row.get(1)?, row.get(2)?, row.get(6)?);
    let lifted_at = some(row.get(8)?);
    let appeal: i64 = row.get(9)?;
    let can_be_appealed = matches!(kind.as_str(), "warning" | "restriction" | "ban") && lifted_at.is_none() && appeal == 0;
    let appeal_until = if kind == "ban" && until == FOR_EVER { FOR_EVER } else { at.plus_millis(policy.bans.appeal_within.millis()) };
    Ok(Entry {
        id: row.get(0)?,
        at,
        kind,
        cause: row.get(3)?,
        from: row.get(4)?,
        to: row.get(5)?,
        until: some(until).filter(|until| *until != FOR_EVER),
        reason: row.get(7)?,
        lifted_at,
        appeal_until: can_be_appealed.then_some(appeal_until),
        appeal: ["none", "open", "granted", "refused"].get(usize::try_from(appeal).unwrap_or(0)).copied().unwrap_or("none").to_owned(),
    })
}
