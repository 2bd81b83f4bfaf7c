//! A change of a conversation's group: one commit an epoch wins, and everybody learns of it in the same order.
use super::{WireFormat, accepted, check_handshake, conversation_id, device_id, group_info, refused, write};
use crate::{
    Network,
    append::Draft,
    int,
    refusal::{Outcome, Refusal},
    rows::{self, Caller, Room},
    session::Answer,
    wakes::Wakes,
};
use suki_protocol::{
    mls::{self, ContentType},
    pb::{self, EntryKind, RefusalCode},
};
use suki_store::{StoreError, Tx};
use suki_types::{CommitId, ConversationId, DeviceId, Timestamp, limits};

/// A commit whose form is right.
struct Change {
    conversation: ConversationId,
    id: CommitId,
    external: bool,
    welcomes: Vec<(DeviceId, Vec<u8>)>,
    removed: Vec<DeviceId>,
    body: pb::Commit,
}

pub(super) fn commit(network: &Network, caller: Caller, body: pb::Commit) -> Answer {
    let change = match change(body) {
        Ok(change) => change,
        Err(refusal) => return refused(refusal),
    };
    let own = network.clone();
    write(network, move |tx| apply(&own, tx, &caller, &change))
}

fn change(mut body: pb::Commit) -> Result<Change, Refusal> {
    let conversation = conversation_id(&body.conversation)?;
    let id = CommitId::try_from(&body.commit_id[..]).map_err(|_| Refusal::malformed("A commit's id has 16 bytes"))?;
    if body.mls_message.len() > limits::HANDSHAKE_BYTES {
        return Err(Refusal::too_large("The commit", body.mls_message.len(), limits::HANDSHAKE_BYTES));
    }
    let clear = mls::cleartext(&body.mls_message)?;
    if clear.content_type != ContentType::Commit || clear.conversation != conversation || clear.epoch != body.epoch {
        return Err(Refusal::malformed("The MLS message is not a commit of the conversation and epoch that the frame names"));
    }
    let external = clear.external;
    if body.welcomes.len() > limits::DEVICES_PER_GROUP || body.removed.len() > limits::DEVICES_PER_GROUP {
        return Err(Refusal::malformed(format!("A commit adds or removes at most {} devices", limits::DEVICES_PER_GROUP)));
    }
    if external && !body.welcomes.is_empty() {
        return Err(Refusal::malformed("An external commit adds the device that makes it and nobody else"));
    }
    let mut welcomes = Vec::with_capacity(body.welcomes.len());
    for welcome in std::mem::take(&mut body.welcomes) {
        check_handshake("A Welcome", &welcome.mls_message, WireFormat::Welcome)?;
        welcomes.push((device_id(&welcome.device)?, welcome.mls_message));
    }
    let removed = body.removed.iter().map(|device| device_id(device)).collect::<Result<_, _>>()?;
    if !body.group_info.is_empty() {
        check_handshake("The group info", &body.group_info, WireFormat::GroupInfo)?;
    }
    Ok(Change { conversation, id, external, welcomes, removed, body })
}

fn apply(network: &Network, tx: &mut Tx<'_>, caller: &Caller, change: &Change) -> Result<Outcome, Refusal> {
    let room = rows::room(tx, change.conversation, caller)?;
    if let Some(outcome) = tried_again(tx, caller, change)? {
        return Ok(outcome);
    }
    if change.body.epoch != room.epoch {
        let text = format!("The conversation is in epoch {}, not {}: read the log, then try again", room.epoch, change.body.epoch);
        return Err(Refusal::epoch(RefusalCode::EpochConflict, room.epoch, text));
    }
    check_committer(tx, &room, caller, change)?;
    let now = network.now();
    let epoch = room.epoch + 1;
    tx.execute(
        "INSERT INTO group_commit (conversation, epoch, commit_id, device, at) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[(&room.id).into(), int(room.epoch), (&change.id).into(), (&caller.device).into(), now.into()],
    )?;
    tx.execute("UPDATE conversation SET epoch = ?2 WHERE conversation = ?1", &[(&room.id).into(), int(epoch)])?;
    let wakes = tell(network, tx, &room, caller, change, now)?;
    let of_business = room.side(caller)?;
    change_members(tx, &room, caller, of_business, change)?;
    if !change.body.group_info.is_empty() {
        group_info::store(tx, room.id, epoch, &change.body.group_info)?;
    }
    Ok(Outcome { body: accepted(change.id.as_bytes(), now, epoch), wakes })
}

fn tried_again(tx: &mut Tx<'_>, caller: &Caller, change: &Change) -> Result<Option<Outcome>, Refusal> {
    let known = tx.query_opt(
        "SELECT epoch, device, at FROM group_commit WHERE conversation = ?1 AND commit_id = ?2",
        &[(&change.conversation).into(), (&change.id).into()],
        |row| Ok((row.get::<u64>(0)?, row.get::<DeviceId>(1)?, row.get::<Timestamp>(2)?)),
    )?;
    match known {
        None => Ok(None),
        Some((epoch, device, at)) if device == caller.device => Ok(Some(Outcome::quiet(accepted(change.id.as_bytes(), at, epoch + 1)))),
        Some(_) => Err(Refusal::new(RefusalCode::Conflict, "Another device has made a commit with this id; a commit's id is made once")),
    }
}

/// The business's endpoint commits from within the group; anybody of the conversation may come back from outside.
fn check_committer(tx: &mut Tx<'_>, room: &Room, caller: &Caller, change: &Change) -> Result<(), Refusal> {
    let of_business = room.side(caller)?;
    if change.external {
        if room.epoch == 0 {
            return Err(Refusal::forbidden("The business's endpoint has not made the group yet: wait for a Welcome"));
        }
        if change.removed.iter().any(|device| *device != caller.device) {
            return Err(Refusal::forbidden("An external commit removes the device's own old place in the group and nobody else's"));
        }
        return Ok(());
    }
    if !of_business {
        return Err(Refusal::forbidden("A customer's device changes the group only by an external commit that brings itself back"));
    }
    if room.epoch != 0 {
        room.must_be_member(caller)?;
    }
    let mut people = rows::devices_of(tx, room.business)?;
    for customer in room.customers() {
        people.extend(rows::devices_of(tx, customer)?);
    }
    match change.welcomes.iter().all(|(device, _)| people.contains(device)) {
        true => Ok(()),
        false => {
            Err(Refusal::forbidden("A Welcome is for a device that belongs to neither side of the conversation any more: claim key packages again"))
        }
    }
}

/// A Welcome to who is added, the commit to everybody else who is or was in the group.
fn tell(network: &Network, tx: &mut Tx<'_>, room: &Room, caller: &Caller, change: &Change, now: Timestamp) -> Result<Wakes, Refusal> {
    let draft = |device, kind, payload| Draft {
        device,
        kind,
        conversation: room.id,
        message_id: change.id.as_bytes(),
        from_device: Some(caller.device),
        payload,
    };
    let added = |device: DeviceId| change.welcomes.iter().any(|(welcomed, _)| *welcomed == device);
    let mut drafts: Vec<Draft<'_>> = room
        .others(caller)
        .filter(|member| !added(member.device))
        .map(|member| draft(member.device, EntryKind::Commit, &change.body.mls_message[..]))
        .collect();
    drafts.extend(change.welcomes.iter().map(|(device, welcome)| draft(*device, EntryKind::Welcome, &welcome[..])));
    network.append(tx, now, &drafts)
}

fn change_members(tx: &mut Tx<'_>, room: &Room, caller: &Caller, of_business: bool, change: &Change) -> Result<(), Refusal> {
    for device in &change.removed {
        tx.execute("DELETE FROM member WHERE conversation = ?1 AND device = ?2", &[(&room.id).into(), device.into()])?;
    }
    insert_member(tx, room.id, caller.device, of_business)?;
    for (device, _) in &change.welcomes {
        let account: suki_types::AccountId = tx.query_one("SELECT account FROM device WHERE device = ?1", &[device.into()], |row| row.get(0))?;
        insert_member(tx, room.id, *device, account == room.business)?;
    }
    Ok(())
}

fn insert_member(tx: &mut Tx<'_>, conversation: ConversationId, device: DeviceId, of_business: bool) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO member (conversation, device, of_business) VALUES (?1, ?2, ?3) ON CONFLICT (conversation, device) DO NOTHING",
        &[(&conversation).into(), (&device).into(), of_business.into()],
    )?;
    Ok(())
}
