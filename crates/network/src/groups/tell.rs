//! Who learns that something has changed in a group.
use super::rows;
use crate::{Network, operations::call::Wakes, refusal::Refusal, rows as people};
use suki_protocol::{
    calls::groups::{Change, GroupChanged},
    pb,
};
use suki_store::Tx;
use suki_types::{AccountId, ConversationId};

/// The business's endpoint: it changes the MLS group, and tells programs.
pub(super) fn business(
    network: &Network,
    tx: &mut Tx<'_>,
    business: AccountId,
    group: ConversationId,
    tag: &str,
    change: Change,
) -> Result<Wakes, Refusal> {
    let told = GroupChanged { group, at: network.now(), tag: tag.to_owned(), change };
    let devices = people::devices_of(tx, business)?;
    network.append_notice(tx, devices, Some(group), &told)
}

/// Every customer in it: what it is called and who is in it now.
pub(super) fn everybody(network: &Network, tx: &mut Tx<'_>, group: ConversationId) -> Result<Wakes, Refusal> {
    let Some(shown) = people::conversation(network, tx, group)? else { return Ok(Wakes::new()) };
    let mut devices = Vec::new();
    for seat in rows::seats(tx, group)? {
        devices.extend(people::devices_of(tx, seat.account)?);
    }
    network.append_event(tx, devices, group, pb::event::Body::ConversationOpened(shown))
}
