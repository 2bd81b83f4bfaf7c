//! A person has seen the conversation up to a message.
use super::{conversation_id, message_id, refused, write};
use crate::{
    Network,
    append::Draft,
    consent, progress,
    refusal::{Outcome, Refusal},
    rows::{self, Caller},
    session::Answer,
    standing,
};
use prost::Message as _;
use suki_protocol::pb::{self, EntryKind, ReceiptStatus};
use suki_store::Tx;
use suki_types::{ConversationId, MessageId};

pub(super) fn read(network: &Network, caller: Caller, body: &pb::Read) -> Answer {
    let ids = conversation_id(&body.conversation).and_then(|conversation| Ok((conversation, message_id(&body.message_id)?)));
    let (conversation, message) = match ids {
        Ok(ids) => ids,
        Err(refusal) => return refused(refusal),
    };
    let own = network.clone();
    write(network, move |tx| mark(&own, tx, &caller, conversation, message))
}

fn mark(network: &Network, tx: &mut Tx<'_>, caller: &Caller, conversation: ConversationId, message: MessageId) -> Result<Outcome, Refusal> {
    let room = rows::room(tx, conversation, caller)?;
    room.must_be_member(caller)?;
    let of_business = room.side(caller)?;
    let known = rows::message(tx, conversation, message)?
        .ok_or_else(|| Refusal::unknown("The conversation has no message of this id; only a message that was received can be read"))?;
    if known.of_business == of_business {
        return Err(Refusal::forbidden("This message was sent by the account itself; name the newest message of the other side that was shown"));
    }
    let before = if of_business { room.business_read } else { room.customer_read };
    if known.at < before {
        return Ok(Outcome::done(Vec::new()));
    }
    let update = if of_business {
        "UPDATE conversation SET business_read = ?2 WHERE conversation = ?1"
    } else {
        "UPDATE conversation SET customer_read = ?2 WHERE conversation = ?1"
    };
    tx.execute(update, &[(&conversation).into(), known.at.into()])?;
    if !of_business {
        standing::read(tx, room.business, room.customer)?;
        progress::read(tx, room.business, conversation, known.at, network.now())?;
    }
    // What one has read the other does not learn any more (R9).
    if consent::is_blocked(tx, room.business, room.customer)? {
        return Ok(Outcome::done(Vec::new()));
    }
    let at = network.now();
    let receipt = pb::Receipt { status: ReceiptStatus::Read.into(), message_ids: vec![message.to_vec()], at: at.millis() }.encode_to_vec();
    let drafts: Vec<_> = room
        .others(caller)
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
