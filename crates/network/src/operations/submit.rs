//! A message: admitted by the rules, durable in every addressed device's log, then answered.
use super::{accepted, refused, write};
use crate::{
    Network,
    append::Draft,
    int,
    refusal::{Outcome, Refusal},
    rows::{self, Caller, Room},
    session::Answer,
};
use suki_protocol::{
    mls::{self, ContentType},
    pb::{self, EntryKind, MessageKind, RefusalCode},
};
use suki_rules::{Decision, Direction, Facts, Kind};
use suki_store::Tx;
use suki_types::{ConversationId, MessageId, Timestamp, limits};

/// What the cleartext of a message says.
#[derive(Clone, Copy)]
struct Envelope {
    conversation: ConversationId,
    epoch: u64,
    id: MessageId,
    kind: MessageKind,
}

/// How many epochs back a message may have been encrypted: members keep the keys of so many.
const PAST_EPOCHS: u64 = 2;

pub(super) fn submit(network: &Network, caller: Caller, body: pb::Submit) -> Answer {
    let envelope = match envelope(&body.mls_message) {
        Ok(envelope) => envelope,
        Err(refusal) => return refused(refusal),
    };
    let own = network.clone();
    write(network, move |tx| accept(&own, tx, &caller, envelope, &body.mls_message))
}

fn envelope(message: &[u8]) -> Result<Envelope, Refusal> {
    if message.len() > limits::MESSAGE_BYTES {
        return Err(Refusal::too_large("The message", message.len(), limits::MESSAGE_BYTES));
    }
    let clear = mls::cleartext(message)?;
    if clear.content_type != ContentType::Application {
        return Err(Refusal::malformed("Submit takes application messages; a commit goes with Commit"));
    }
    let header = mls::header(clear.authenticated_data)?;
    Ok(Envelope { conversation: clear.conversation, epoch: clear.epoch, id: header.message_id, kind: header.kind })
}

fn accept(network: &Network, tx: &mut Tx<'_>, caller: &Caller, envelope: Envelope, bytes: &[u8]) -> Result<Outcome, Refusal> {
    let room = rows::room(tx, envelope.conversation, caller)?;
    let from_business = room.side(caller)?;
    let now = network.now();
    // Its name first: what is refused below is taken back with the whole unit.
    let stored = tx.execute(
        "INSERT INTO message (conversation, message_id, device, of_business, epoch, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT (conversation, message_id) DO NOTHING",
        &[(&envelope.conversation).into(), (&envelope.id).into(), (&caller.device).into(), from_business.into(), int(envelope.epoch), now.into()],
    )?;
    if stored == 0 {
        return tried_again(tx, caller, envelope);
    }
    room.must_be_member(caller)?;
    check_epoch(&room, envelope.epoch)?;
    let moved = admit(network, &room, from_business, envelope.kind, now)?;
    if let Some(until) = moved {
        tx.execute("UPDATE conversation SET window_until = ?2 WHERE conversation = ?1", &[(&room.id).into(), until.into()])?;
    }
    // What devices tell each other from the endpoint is for the customer's devices alone.
    let control = envelope.kind == MessageKind::Control;
    let drafts: Vec<_> = room
        .others(caller)
        .filter(|member| !control || !member.of_business)
        .map(|member| Draft {
            device: member.device,
            kind: EntryKind::Message,
            conversation: envelope.conversation,
            message_id: envelope.id.as_bytes(),
            from_device: Some(caller.device),
            payload: bytes,
        })
        .collect();
    let wakes = network.append(tx, now, &drafts)?;
    Ok(Outcome { body: accepted(envelope.id.as_bytes(), now, envelope.epoch), wakes })
}

/// The first answer, whatever has changed since.
fn tried_again(tx: &mut Tx<'_>, caller: &Caller, envelope: Envelope) -> Result<Outcome, Refusal> {
    match rows::message(tx, envelope.conversation, envelope.id)? {
        Some(known) if known.device == caller.device => Ok(Outcome::quiet(accepted(envelope.id.as_bytes(), known.at, known.epoch))),
        _ => {
            let text = "Another device has sent a message with this id; a message's id is made once and never shared";
            Err(Refusal::new(RefusalCode::Conflict, text))
        }
    }
}

fn check_epoch(room: &Room, epoch: u64) -> Result<(), Refusal> {
    if epoch > room.epoch {
        let text = format!("The message was encrypted for epoch {epoch}, the conversation is in epoch {}: commit first", room.epoch);
        return Err(Refusal::malformed(text));
    }
    if epoch + PAST_EPOCHS < room.epoch {
        let text = format!("Epoch {epoch} is too old, the conversation is in epoch {}: read the log, encrypt again", room.epoch);
        return Err(Refusal::epoch(RefusalCode::StaleEpoch, room.epoch, text));
    }
    Ok(())
}

/// Asks the rules; the window's new end if it moves.
fn admit(network: &Network, room: &Room, from_business: bool, kind: MessageKind, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
    let kind = match (kind, from_business) {
        (MessageKind::Session, _) => Kind::Session,
        (MessageKind::Reaction, _) => Kind::Reaction,
        (MessageKind::Template, true) => Kind::Template,
        (MessageKind::Control, true) => Kind::Control,
        (MessageKind::Template | MessageKind::Control, false) => {
            return Err(Refusal::forbidden("Templates and control messages come from businesses; a person sends free text and reactions"));
        }
        (MessageKind::Unspecified, _) => return Err(Refusal::malformed("The header names no kind of message")),
    };
    let direction = if from_business { Direction::ToCustomer } else { Direction::ToBusiness };
    let facts = Facts { direction, kind, window_until: room.window_until };
    match suki_rules::admit(network.policy(), &facts, now) {
        Decision::Admit { window_until } => Ok(window_until),
        Decision::Refuse(refusal) => Err(Refusal::rule(refusal)),
    }
}
