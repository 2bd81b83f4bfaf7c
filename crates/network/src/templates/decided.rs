//! A person's decision about a template, new, edited or appealed for.
use super::{
    appeal::send_again,
    judge,
    rows::{self, Held},
};
use crate::{
    Network,
    operations::call::Wakes,
    refusal::Refusal,
    review::{Case, Decision},
};
use suki_protocol::template::{Category, Reason, Status};
use suki_store::Tx;
use suki_types::Timestamp;

/// Draws the consequences, in the unit of the decision. A decision about a template that is no more, or that nothing is to be decided about any more,
/// has none.
pub(crate) fn decided(network: &Network, tx: &mut Tx<'_>, case: &Case, decision: &Decision, now: Timestamp) -> Result<Wakes, Refusal> {
    let Ok(id) = case.subject.parse() else { return Err(Refusal::malformed("The case's subject is no template's id")) };
    let Some(mut held) = rows::load(tx, case.business, id)? else { return Ok(Wakes::new()) };
    if held.case != Some(case.id) {
        return Ok(Wakes::new());
    }
    let reason: Option<Reason> = decision.code.as_deref().and_then(|code| code.parse().ok());
    match (held.status, held.before) {
        (Status::Pending, _) | (Status::InAppeal, Some(Status::Rejected)) => text(network, tx, &mut held, (decision, reason), now),
        (Status::InAppeal, _) if decision.approve => {
            // The pause or ban was wrong: it does not count.
            held.pauses = held.pauses.saturating_sub(1);
            send_again(network, tx, &mut held, now)
        }
        (Status::InAppeal, before) => {
            let stays = before.unwrap_or(Status::Disabled);
            if stays == Status::Paused && held.paused_until <= now {
                return send_again(network, tx, &mut held, now);
            }
            held.status = stays;
            held.before = None;
            held.explanation = decision.reason.trim().to_owned();
            judge::store(network, tx, &mut held, Status::InAppeal, now)
        }
        _ => Ok(Wakes::new()),
    }
}

/// What was proposed is approved, with the right category, or rejected.
fn text(
    network: &Network,
    tx: &mut Tx<'_>,
    held: &mut Held,
    (decision, reason): (&Decision, Option<Reason>),
    now: Timestamp,
) -> Result<Wakes, Refusal> {
    let previous = held.status;
    if !decision.approve {
        let reason = reason.unwrap_or(Reason::AbusiveContent);
        return judge::reject(network, tx, held, (reason, decision.reason.trim().to_owned()), (previous, now));
    }
    // Approved, and not as what it says it is.
    let corrected = if reason == Some(Reason::IncorrectCategory) && held.category == Category::Utility { Category::Marketing } else { held.category };
    let mut wakes = judge::correct(network, tx, held, corrected, now)?;
    wakes.extend(judge::approve(network, tx, held, previous, now)?);
    Ok(wakes)
}
