//! Who may write into a group. A customer's message opens the group's one window. Of a business's message each participant is asked for himself: whom it
//! may not go to is left out, and it goes to the others.
use super::{Claim, effects, facts};
use crate::{Network, money::Payer, refusal::Refusal, rows::Room};
use suki_protocol::pb::RefusalCode;
use suki_rules::{Chat, Decision, Direction, Effects};
use suki_store::{StoreError, Tx};
use suki_types::Timestamp;

/// A participant writes: everybody may, as long as he is in the group.
///
/// # Errors
/// What the rules refuse.
pub(crate) fn from_participant(network: &Network, room: &Room, claim: &Claim, now: Timestamp) -> Result<Effects, Refusal> {
    let facts = facts::of_conversation(room, Direction::ToBusiness, claim, false);
    match suki_rules::admit(network.policy(), &facts, now) {
        Decision::Admit(effects) => Ok(effects),
        Decision::Refuse(refusal) => Err(Refusal::rule(refusal)),
    }
}

/// Asks the rules about a business's message to one participant. `seat` is his place with the group's window. Nothing is left behind of a refusal.
///
/// # Errors
/// A refusal by a rule, for which he is left out; any other, and what the store refuses, is the whole message's.
pub(crate) fn admit_seat(
    network: &Network,
    tx: &mut Tx<'_>,
    seat: &Room,
    claim: &Claim,
    now: Timestamp,
) -> Result<(Effects, Option<Payer>), Refusal> {
    let (mut facts, of_business) = facts::of_business(network, tx, seat, claim, now)?;
    // He came into the group himself: what he allows is decided by his choices, and by leaving.
    facts.relation.wrote = true;
    let effects = match suki_rules::admit(network.policy(), &facts, now) {
        Decision::Admit(effects) => effects,
        Decision::Refuse(refusal) => return Err(Refusal::rule(refusal)),
    };
    let counted = effects::count(network.policy(), tx, seat, &effects, of_business.map(|(row, _)| row), now);
    if let Err(Refusal(refused)) = &counted
        && refused.code() == RefusalCode::Rule
    {
        effects::uncount_marketing(tx, seat.customer)?;
    }
    counted?;
    Ok((effects, of_business.map(|(_, payer)| payer)))
}

/// Stores where a group stands after a message.
///
/// # Errors
/// When the store fails.
pub(crate) fn move_group(tx: &mut Tx<'_>, room: &Room, chat: &Chat) -> Result<(), StoreError> {
    effects::move_on(tx, room, chat)
}
