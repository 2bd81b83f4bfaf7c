//! What the network tells of a group, in the order in which it happened: the chat and its people are stored, the change of the MLS group is noted, and
//! programs are told, in one unit.
use super::{nobody, store, tell};
use crate::{
    Business, Error,
    agent::Told,
    contacts, groups, identity,
    live::{LiveEvent, SharedChat},
    notices::Notice,
};
use suki_protocol::calls::{
    Told as _,
    groups::{Change, GroupChanged, Participant},
};
use suki_store::Tx;

/// Stores what a notice of a group does.
///
/// # Errors
/// When the store fails.
pub(crate) fn apply(business: &Business, tx: &mut Tx<'_>, notice: &Notice, told: &mut Told) -> Result<(), Error> {
    if notice.kind != GroupChanged::KIND {
        return Ok(());
    }
    let Ok(changed) = serde_json::from_slice::<GroupChanged>(&notice.json) else {
        tracing::warn!(business = %business.id(), "a change of a group cannot be read: the network is of another version");
        return Ok(());
    };
    let (id, chat, at) = (business.id(), changed.group, changed.at);
    let subject = if let Change::Created { subject, .. } = &changed.change { subject } else { "" };
    let graph = store::ensure(business, tx, chat, subject, at)?;
    match &changed.change {
        Change::Settings { subject: Some(subject), .. } => drop(contacts::name(tx, id, nobody(chat), subject)?),
        Change::Joined { participants } => {
            participants.iter().try_for_each(|who| store::enter(business, tx, chat, who, at))?;
            follow(business, tx, &changed, participants, true, told)?;
        }
        Change::Left { participants, .. } => {
            participants.iter().try_for_each(|who| store::leave(tx, id, chat, who.account))?;
            follow(business, tx, &changed, participants, false, told)?;
        }
        Change::Deleted => store::end(tx, id, chat, at)?,
        Change::Created { .. } | Change::Settings { .. } | Change::Requested { .. } | Change::Withdrawn { .. } => {}
    }
    told.queued.extend(tell::changed(business, tx, graph, &changed)?);
    if business.live().is_watched() {
        told.live.push(LiveEvent::Chat(Box::new(SharedChat::read(tx, id, chat)?)));
    }
    Ok(())
}

/// Notes that the MLS group is to be changed: whoever came can read from then on, whoever went cannot any more.
fn follow(
    business: &Business,
    tx: &mut Tx<'_>,
    changed: &GroupChanged,
    participants: &[Participant],
    adds: bool,
    told: &mut Told,
) -> Result<(), Error> {
    for (who, device) in participants.iter().flat_map(|who| who.devices.iter().map(move |device| (who, device))) {
        groups::note_change(tx, business.id(), changed.group, *device, adds)?;
        // Who leaves keeps his devices.
        if adds {
            identity::note(tx, business.id(), who.account, *device, true)?;
        }
    }
    told.changes = true;
    Ok(())
}
