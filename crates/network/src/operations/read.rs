//! A person has seen the conversation up to a message, or listened to one that is spoken.
use super::{conversation_id, message_id, refused, write};
use crate::{
    Network,
    append::Draft,
    consent, progress,
    refusal::{Outcome, Refusal},
    rows::{self, Caller, Known, Room},
    session::Answer,
    standing,
};
use prost::Message as _;
use suki_protocol::pb::{self, EntryKind, ReceiptStatus};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, ConversationId, MessageId, Timestamp};

pub(super) fn read(network: &Network, caller: Caller, body: &pb::Read) -> Answer {
    let ids = conversation_id(&body.conversation).and_then(|conversation| Ok((conversation, message_id(&body.message_id)?)));
    let (conversation, message) = match ids {
        Ok(ids) => ids,
        Err(refusal) => return refused(refusal),
    };
    let own = network.clone();
    let status = if body.played { ReceiptStatus::Played } else { ReceiptStatus::Read };
    write(network, move |tx| mark(&own, tx, &caller, conversation, message, status))
}

fn mark(
    network: &Network,
    tx: &mut Tx<'_>,
    caller: &Caller,
    conversation: ConversationId,
    message: MessageId,
    status: ReceiptStatus,
) -> Result<Outcome, Refusal> {
    let room = rows::room(tx, conversation, caller)?;
    room.must_be_member(caller)?;
    let of_business = room.side(caller)?;
    let known = rows::message(tx, conversation, message)?
        .ok_or_else(|| Refusal::unknown("The conversation has no message of this id; only a message that was received can be read"))?;
    if is_own(tx, &room, caller, &known)? {
        return Err(Refusal::forbidden("This message was sent by the account itself; name the newest message of the other side that was shown"));
    }
    // In a group each customer has a row of his own.
    let seat = room.seat(caller.account).map(|seat| seat.id);
    let is_news = note(tx, seat.unwrap_or(conversation), of_business, known.at)?;
    // What was read long ago may be listened to now.
    if !is_news && status != ReceiptStatus::Played {
        return Ok(Outcome::done(Vec::new()));
    }
    if is_news && !of_business {
        standing::read(tx, room.business, caller.account)?;
        progress::read(tx, room.business, seat.unwrap_or(conversation), known.at, network.now())?;
    }
    // What one has read the other does not learn any more (R9).
    if consent::is_blocked(tx, room.business, room.customer)? {
        return Ok(Outcome::done(Vec::new()));
    }
    let at = network.now();
    let account = seat.map_or_else(Vec::new, |_| caller.account.to_vec());
    let receipt = pb::Receipt { status: status.into(), message_ids: vec![message.to_vec()], at: at.millis(), account }.encode_to_vec();
    // Customers of a group do not learn what the others have read.
    let own = if seat.is_some() { rows::devices_of(tx, caller.account)? } else { Vec::new() };
    let drafts: Vec<_> = room
        .others(caller)
        .filter(|member| seat.is_none() || member.of_business || own.contains(&member.device))
        .map(|member| Draft {
            device: member.device,
            kind: EntryKind::Receipt,
            conversation,
            message_id: &[],
            from_device: Some(caller.device),
            payload: &receipt,
        })
        .collect();
    Ok(Outcome::done(network.append(tx, at, &drafts)?))
}

/// Whether the account itself has sent a message.
fn is_own(tx: &mut Tx<'_>, room: &Room, caller: &Caller, known: &Known) -> Result<bool, StoreError> {
    let same_side = known.of_business == (caller.account == room.business);
    if !same_side || room.seats.is_none() || known.of_business {
        return Ok(same_side);
    }
    let sql = "SELECT account FROM device WHERE device = ?1";
    Ok(tx.query_opt(sql, &[(&known.device).into()], |row| row.get::<AccountId>(0))? == Some(caller.account))
}

/// Notes what a side has read; false when it had read further.
fn note(tx: &mut Tx<'_>, row: ConversationId, of_business: bool, at: Timestamp) -> Result<bool, StoreError> {
    let update = if of_business {
        "UPDATE conversation SET business_read = ?2 WHERE conversation = ?1 AND business_read <= ?2"
    } else {
        "UPDATE conversation SET customer_read = ?2 WHERE conversation = ?1 AND customer_read <= ?2"
    };
    Ok(tx.execute(update, &[(&row).into(), at.into()])? > 0)
}
