//! An account's devices: link codes, the list, removal, and telling businesses of a new one.
use super::{device_id, read_only, refused, write};
use crate::{
    Network,
    append::NO_CONVERSATION,
    codes, int,
    refusal::{Outcome, Refusal},
    rows::{self, Caller},
    session::Answer,
    wakes::Wakes,
};
use suki_bus::Wake;
use suki_protocol::pb::{self, event, server_frame::Body};
use suki_store::{StoreError, Tx, log};
use suki_types::{AccountId, ConversationId, DeviceId, NodeId, Timestamp, limits};

/// How many conversations are looked at in one query.
const PAGE: u64 = 256;

pub(super) fn make_link_code(network: &Network, caller: Caller) -> Answer {
    if caller.kind != pb::AccountKind::Person {
        return refused(Refusal::forbidden("Link codes add devices to a person's account; a business has one endpoint"));
    }
    let code = codes::link_code(network.env());
    let hash = network.hash_code("link", &codes::canonical(&code));
    let expires_at = network.now().plus_millis(limits::LINK_CODE_MILLIS);
    write(network, move |tx| {
        tx.execute(
            "INSERT INTO link_code (code, account, expires_at) VALUES (?1, ?2, ?3)",
            &[(&hash).into(), (&caller.account).into(), expires_at.into()],
        )?;
        Ok(Outcome::quiet(Body::LinkCode(pb::LinkCode { code: code.clone(), expires_at: expires_at.millis() })))
    })
}

pub(super) fn list(network: &Network, caller: Caller) -> Answer {
    read_only(network, move |tx| {
        let devices = tx.query(
            "SELECT a.device, a.added_at, d.signature_key, a.name FROM account_device a JOIN device d ON d.device = a.device \
             WHERE a.account = ?1 ORDER BY a.device LIMIT ?2",
            &[(&caller.account).into(), int(limits::DEVICES_PER_ACCOUNT as u64)],
            |row| {
                let id: DeviceId = row.get(0)?;
                let added_at: Timestamp = row.get(1)?;
                let current = id == caller.device;
                Ok(pb::Device { id: id.to_vec(), added_at: added_at.millis(), signature_key: row.get(2)?, current, name: row.get(3)? })
            },
        )?;
        Ok(Outcome::quiet(Body::Devices(pb::Devices { devices })))
    })
}

pub(super) fn remove(network: &Network, caller: Caller, body: &pb::RemoveDevice) -> Answer {
    let device = match device_id(&body.device) {
        Ok(device) => device,
        Err(refusal) => return refused(refusal),
    };
    let own = network.clone();
    write(network, move |tx| take_out(&own, tx, &caller, device))
}

fn take_out(network: &Network, tx: &mut Tx<'_>, caller: &Caller, device: DeviceId) -> Result<Outcome, Refusal> {
    let mut siblings = rows::devices_of(tx, caller.account)?;
    if !siblings.contains(&device) {
        return Err(Refusal::forbidden("This account has no device of this id"));
    }
    siblings.retain(|sibling| *sibling != device);
    if siblings.is_empty() && caller.kind != pb::AccountKind::Person {
        return Err(Refusal::forbidden("A business's last endpoint cannot be removed: nobody could read its messages any more"));
    }
    tx.execute("UPDATE device SET removed_at = ?2 WHERE device = ?1", &[(&device).into(), network.now().into()])?;
    tx.execute("DELETE FROM account_device WHERE account = ?1 AND device = ?2", &[(&caller.account).into(), (&device).into()])?;
    tx.execute("DELETE FROM key_package WHERE device = ?1", &[(&device).into()])?;
    // Nobody will fetch its log; the next purge takes it, and no sender hears that it has read anything.
    if let Some(mailbox) = log::mailbox(tx, device)? {
        log::acknowledge(tx, device, mailbox.last)?;
    }
    let gone = event::Body::DeviceRemoved(pb::DeviceRemoved { account: caller.account.to_vec(), device: device.to_vec() });
    let mut wakes = network.append_event(tx, siblings, NO_CONVERSATION, gone.clone())?;
    for (others, conversation) in conversations(tx, caller.account)? {
        tx.execute("DELETE FROM member WHERE conversation = ?1 AND device = ?2", &[(&conversation).into(), (&device).into()])?;
        let endpoints = rows::devices_of(tx, others)?;
        wakes.extend(network.append_event(tx, endpoints, conversation, gone.clone())?);
    }
    wakes.push(network.signal(tx, device, Wake::Removed)?);
    if let Some(nowhere) = network.bus().node().map(|_| NodeId::from_bytes([0; 16])) {
        // Should the signal be lost, the node that has the connection finds by the store that it is its no more.
        log::connected(tx, device, nowhere)?;
    }
    Ok(Outcome::done(wakes))
}

/// All conversations of an account with the other side's account; of a group that is the business's. For a person: a business has more than fit, and removes no device this way.
fn conversations(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<(AccountId, ConversationId)>, StoreError> {
    let mut all: Vec<(AccountId, ConversationId)> = Vec::new();
    let mut after = [0; 16];
    loop {
        let page: Vec<(AccountId, ConversationId, AccountId)> = tx.query(
            "SELECT CASE WHEN c.business = a.account THEN a.other ELSE c.business END, a.conversation, a.other \
             FROM account_conversation a JOIN conversation c ON c.conversation = a.conversation \
             WHERE a.account = ?1 AND a.other > ?2 ORDER BY a.other LIMIT ?3",
            &[(&account).into(), (&after).into(), int(PAGE)],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        let last = (page.len() as u64) < PAGE;
        after = page.last().map_or(after, |(.., other)| *other.as_bytes());
        all.extend(page.into_iter().map(|(others, conversation, _)| (others, conversation)));
        if last {
            return Ok(all);
        }
    }
}

/// At its first key packages a person's device becomes known to the endpoints of his conversations: only now can they add it.
pub(crate) fn announce(network: &Network, tx: &mut Tx<'_>, caller: &Caller) -> Result<Wakes, Refusal> {
    let first = tx.execute("UPDATE device SET announced = 1 WHERE device = ?1 AND announced = 0", &[(&caller.device).into()])?;
    if first == 0 || caller.kind != pb::AccountKind::Person {
        return Ok(Vec::new());
    }
    let added = event::Body::DeviceAdded(pb::DeviceAdded { account: caller.account.to_vec(), device: caller.device.to_vec() });
    let mut wakes = Vec::new();
    for (other, conversation) in conversations(tx, caller.account)? {
        let endpoints = rows::devices_of(tx, other)?;
        wakes.extend(network.append_event(tx, endpoints, conversation, added.clone())?);
    }
    Ok(wakes)
}
