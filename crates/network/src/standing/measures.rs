//! Warnings, restrictions and bans: strikes, what the platform's people do, and appeals.
use super::{
    due_at_once,
    facts::{self, Known},
    moves::{self, Moved},
};
use crate::{
    Network,
    audit::{self, Actor},
    operations::call::Wakes,
    refusal::Refusal,
    review::{Case, Decision},
};
use suki_protocol::pb::RefusalCode;
use suki_rules::{
    Length,
    standing::{Cause, Penalty, Restriction, What, ban},
};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, OperatorId, Timestamp};

/// What the platform's people do to a standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Take a measure.
    Take(MeasureKind),
    /// Take the measure with this number back.
    Lift(i64),
}

/// A measure to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeasureKind {
    /// A warning.
    Warning,
    /// Forbids something for a length of time.
    Restriction(Restriction, Length),
    /// Forbids everything for a length of time, or for ever.
    Ban(Option<Length>),
}

/// Begins the subject of a case about a measure; its number follows.
const SUBJECT: &str = "measure ";

/// The subject of the case in which a measure is appealed.
pub(super) fn subject(id: i64) -> String {
    format!("{SUBJECT}{id}")
}

/// A customer's report was found right: a strike, the next rung of the policy's ladder. `reason` is shown to the business. What was reported before the
/// last measure has been answered by it.
///
/// # Errors
/// When the store fails.
pub(crate) fn report_upheld(
    network: &Network,
    tx: &mut Tx<'_>,
    business: AccountId,
    cause: Cause,
    reported_at: Timestamp,
    reason: &str,
    now: Timestamp,
) -> Result<Wakes, Refusal> {
    let measures: Vec<_> = facts::measures(tx, business)?.into_iter().map(|known| known.measure).collect();
    if measures.iter().any(|measure| !measure.lifted && measure.at >= reported_at) {
        return Ok(Wakes::new());
    }
    let what = What::Measure(ban::strike(&network.policy().bans, &measures, now));
    let wakes = moves::apply(network, tx, business, &Moved { what, cause, reason: reason.to_owned(), by: Actor::System }, now)?;
    due_at_once(tx, business)?;
    Ok(wakes)
}

/// What an operator of the console decides about a business, with the reason that the business is shown (R44).
///
/// # Errors
/// When there is no such business or measure, or it is taken back already; when the store fails.
pub(crate) fn act(
    network: &Network,
    tx: &mut Tx<'_>,
    by: OperatorId,
    business: AccountId,
    action: Action,
    reason: &str,
    now: Timestamp,
) -> Result<Wakes, Refusal> {
    let sql = "SELECT tier_limit FROM standing WHERE business = ?1";
    if tx.query_opt(sql, &[(&business).into()], |row| row.get::<i64>(0))?.is_none() {
        return Err(Refusal::unknown("There is no business of this id"));
    }
    let by = Actor::Console(by);
    let end = |length: Length| now.plus_millis(length.millis());
    let wakes = match action {
        Action::Take(kind) => {
            let what = match kind {
                MeasureKind::Warning => Penalty::Warning,
                MeasureKind::Restriction(kind, length) => Penalty::Restriction(kind, end(length)),
                MeasureKind::Ban(length) => Penalty::Ban(length.map(end)),
            };
            let moved = Moved { what: What::Measure(what), cause: Cause::Operator, reason: reason.to_owned(), by };
            moves::apply(network, tx, business, &moved, now)?
        }
        Action::Lift(id) => {
            let known = facts::measure_of(tx, business, id)?.ok_or_else(|| Refusal::unknown("The business has no measure of this number"))?;
            if known.measure.lifted {
                return Err(Refusal::new(RefusalCode::Conflict, "The measure is taken back already"));
            }
            lift(network, tx, business, known, by, reason, now)?
        }
    };
    due_at_once(tx, business)?;
    Ok(wakes)
}

/// Takes a measure back: it forbids nothing any more, and the next strike is not counted after it.
fn lift(network: &Network, tx: &mut Tx<'_>, business: AccountId, known: Known, by: Actor, reason: &str, now: Timestamp) -> Result<Wakes, Refusal> {
    let key = [(&business).into(), known.id.into(), now.into()];
    tx.execute("UPDATE standing_entry SET lifted_at = ?3 WHERE business = ?1 AND id = ?2", &key)?;
    let what = match known.measure.what {
        Penalty::Warning => {
            audit::record(tx, now, by, "standing.warning_lifted", &business.to_string(), &format!("entry {}: {reason}", known.id))?;
            let row = ["warning_lifted", Cause::Operator.word(), "", ""];
            let id = moves::append(tx, business, now, row, Timestamp::default(), reason)?;
            let force = moves::refold(tx, business, now)?;
            return moves::tell(network, tx, business, id, force, now);
        }
        Penalty::Restriction(..) => What::RestrictionEnded,
        Penalty::Ban(_) => What::BanEnded,
    };
    moves::apply(network, tx, business, &Moved { what, cause: Cause::Operator, reason: reason.to_owned(), by }, now)
}

/// An appeal is decided: granted, the measure is taken back; refused, it stands.
///
/// # Errors
/// When the case is about no measure; when the store fails.
pub(crate) fn decided(network: &Network, tx: &mut Tx<'_>, case: &Case, decision: &Decision, now: Timestamp) -> Result<Wakes, Refusal> {
    let id = case.subject.strip_prefix(SUBJECT).and_then(|id| id.parse::<i64>().ok());
    let known = id.map(|id| facts::measure_of(tx, case.business, id)).transpose()?.flatten();
    let known = known.ok_or_else(|| Refusal::unknown("The case is about no measure of this business"))?;
    let by = case.decided.as_ref().map_or(Actor::System, |decided| Actor::Console(decided.by));
    answer(tx, case.business, known.id, decision.approve)?;
    let wakes = if decision.approve && !known.measure.lifted {
        lift(network, tx, case.business, known, by, &decision.reason, now)?
    } else {
        refuse(network, tx, case.business, &decision.reason, now)?
    };
    due_at_once(tx, case.business)?;
    Ok(wakes)
}

fn answer(tx: &mut Tx<'_>, business: AccountId, id: i64, granted: bool) -> Result<(), StoreError> {
    let state: i64 = if granted { 2 } else { 3 };
    tx.execute("UPDATE standing_entry SET appeal = ?3 WHERE business = ?1 AND id = ?2", &[(&business).into(), id.into(), state.into()])?;
    Ok(())
}

fn refuse(network: &Network, tx: &mut Tx<'_>, business: AccountId, reason: &str, now: Timestamp) -> Result<Wakes, Refusal> {
    let row = ["appeal_refused", Cause::Operator.word(), "", ""];
    let id = moves::append(tx, business, now, row, Timestamp::default(), reason)?;
    let force = moves::refold(tx, business, now)?;
    moves::tell(network, tx, business, id, force, now)
}
