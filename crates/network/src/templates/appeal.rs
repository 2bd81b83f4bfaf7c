//! A business asks for another look at its template, or that a paused one may be sent again.
use super::{
    judge, own, refuse,
    rows::{self, Change},
};
use crate::{
    Network,
    audit::{self, Actor},
    operations::call::Wakes,
    refusal::Refusal,
    rows::Caller,
};
use suki_protocol::{
    calls::templates::{Appeal, Stored, Unpause},
    template::{Quality, Status},
};
use suki_rules::template::lifecycle;
use suki_store::Tx;
use suki_types::{Timestamp, limits};

/// Puts the template before a person, who did not decide about it before.
pub(super) fn appeal(network: &Network, tx: &mut Tx<'_>, caller: &Caller, asked: &Appeal) -> Result<(Stored, Wakes), Refusal> {
    let now = network.now();
    let mut held = own(tx, caller, asked.id)?;
    let length = asked.text.trim().chars().count();
    if !(1..=limits::APPEAL_CHARS).contains(&length) {
        let message = format!("An appeal has {length} characters; 1 to {} are allowed: say why the decision was wrong", limits::APPEAL_CHARS);
        return Err(Refusal::malformed(message));
    }
    let appeals = rows::times(tx, &held, Change::Appealed, lifecycle::changes_since(now))?;
    lifecycle::may_appeal(network.policy(), held.status, &appeals, now).map_err(|problem| refuse(&[problem]))?;
    let findings = suki_rules::template::moderate(network.policy(), &held.draft()).findings;
    held.case = Some(judge::open_case(tx, &held, &findings, Some(asked.text.trim()), now)?);
    let previous = held.status;
    held.before = Some(previous);
    held.status = Status::InAppeal;
    rows::note(tx, &held, Change::Appealed, now)?;
    let subject = format!("{} {}", held.business, held.subject());
    audit::record(tx, now, Actor::Business(held.business), "template.appealed", &subject, previous.as_str())?;
    let wakes = judge::store(network, tx, &mut held, previous, now)?;
    Ok((Stored { template: held.shown(), limits: network.policy().template_parts.filled() }, wakes))
}

/// Ends a pause, where its time is over or the policy lets a business end it.
pub(super) fn unpause(network: &Network, tx: &mut Tx<'_>, caller: &Caller, asked: &Unpause) -> Result<(Stored, Wakes), Refusal> {
    let now = network.now();
    let mut held = own(tx, caller, asked.id)?;
    lifecycle::may_unpause(network.policy(), held.status, held.paused_until, now).map_err(|problem| refuse(&[problem]))?;
    let wakes = send_again(network, tx, &mut held, now)?;
    Ok((Stored { template: held.shown(), limits: network.policy().template_parts.filled() }, wakes))
}

/// The template can be sent again, and is rated anew from now on.
pub(super) fn send_again(network: &Network, tx: &mut Tx<'_>, held: &mut rows::Held, now: Timestamp) -> Result<Wakes, Refusal> {
    let previous = std::mem::replace(&mut held.status, Status::Approved);
    held.paused_until = Timestamp::from_millis(0);
    held.explanation = String::new();
    held.before = None;
    let mut wakes = super::feedback::start_anew(network, tx, held, Quality::Unknown, now)?;
    rows::note(tx, held, Change::SentAgain, now)?;
    wakes.extend(judge::store(network, tx, held, previous, now)?);
    Ok(wakes)
}
