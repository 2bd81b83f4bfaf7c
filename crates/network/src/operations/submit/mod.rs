//! A message: admitted by the rules, durable in every addressed device's log, then answered.
mod group;

use super::{call::Wakes, refused, write};
use crate::{
    Network,
    admission::{self, Claim},
    append::Draft,
    consent, int,
    money::{self, Admitted, Payer},
    refusal::{Outcome, Refusal},
    rows::{self, Caller, Room},
    session::Answer,
    statistics,
};
use suki_protocol::{
    mls::{self, ContentType},
    pb::{self, AccountKind, EntryKind, MessageKind, RefusalCode, server_frame},
};
use suki_rules::{Effects, Kind};
use suki_store::{StoreError, Tx};
use suki_types::{ConversationId, MessageId, Timestamp, limits};

/// What the cleartext of a message says.
struct Envelope {
    conversation: ConversationId,
    epoch: u64,
    id: MessageId,
    claim: Claim,
    commitment: Vec<u8>,
}

/// How many epochs back a message may have been encrypted: members keep the keys of so many.
const PAST_EPOCHS: u64 = 2;

pub(super) fn submit(network: &Network, caller: Caller, body: pb::Submit) -> Answer {
    let envelope = match envelope(&caller, &body.mls_message).and_then(|envelope| paced(network, &caller, envelope)) {
        Ok(envelope) => envelope,
        Err(refusal) => return refused(refusal),
    };
    let own = network.clone();
    write(network, move |tx| accept(&own, tx, &caller, &envelope, &body.mls_message))
}

fn envelope(caller: &Caller, message: &[u8]) -> Result<Envelope, Refusal> {
    if message.len() > limits::MESSAGE_BYTES {
        return Err(Refusal::too_large("The message", message.len(), limits::MESSAGE_BYTES));
    }
    let clear = mls::cleartext(message)?;
    if clear.content_type != ContentType::Application {
        return Err(Refusal::malformed("Submit takes application messages; a commit goes with Commit"));
    }
    let header = mls::header(clear.authenticated_data)?;
    let claim = Claim::read(&header, caller.kind)?;
    Ok(Envelope { conversation: clear.conversation, epoch: clear.epoch, id: header.message_id, claim, commitment: header.raw.commitment })
}

/// An error when a business writes faster than it may.
fn paced(network: &Network, caller: &Caller, envelope: Envelope) -> Result<Envelope, Refusal> {
    if caller.kind == AccountKind::Business && envelope.claim.kind != Kind::Control {
        network.pace().take(network.policy(), caller.account, network.now()).map_err(Refusal::too_fast)?;
    }
    Ok(envelope)
}

fn accept(network: &Network, tx: &mut Tx<'_>, caller: &Caller, envelope: &Envelope, bytes: &[u8]) -> Result<Outcome, Refusal> {
    let room = rows::room(tx, envelope.conversation, caller)?;
    let from_business = room.side(caller)?;
    let now = network.now();
    // Its name first: what is refused below is taken back with the whole unit. What goes to a group is counted with each participant.
    let category = if room.seats.is_some() { 0 } else { envelope.claim.category(from_business) };
    if !store(tx, caller, envelope, envelope.conversation, from_business, category, now)? {
        return tried_again(network, tx, caller, envelope, &room);
    }
    room.must_be_member(caller)?;
    check_epoch(&room, envelope.epoch)?;
    if room.seats.is_some() {
        return group::accept(network, tx, caller, &room, envelope, bytes, now);
    }
    let control = envelope.claim.kind == Kind::Control;
    if !control || !from_business {
        consent::check_block_list(&room, from_business)?;
    }
    let (effects, payer) = admission::admit(network, tx, &room, from_business, &envelope.claim, now)?;
    let (price, mut wakes) = count(network, tx, &room, envelope, &effects, payer, now)?;
    // What the endpoint tells devices is for the customer's alone, and what they ask for the endpoint alone.
    let drafts: Vec<_> = room
        .others(caller)
        .filter(|member| !control || member.of_business != from_business)
        .map(|member| Draft {
            device: member.device,
            kind: EntryKind::Message,
            conversation: envelope.conversation,
            message_id: envelope.id.as_bytes(),
            from_device: Some(caller.device),
            payload: bytes,
        })
        .collect();
    wakes.extend(network.append(tx, now, &drafts)?);
    Ok(Outcome { body: taken(envelope, now, envelope.epoch, effects.chat.window_until, price), wakes })
}

/// Counts the message, and prices what a business sends.
fn count(
    network: &Network,
    tx: &mut Tx<'_>,
    room: &Room,
    envelope: &Envelope,
    effects: &Effects,
    payer: Option<Payer>,
    now: Timestamp,
) -> Result<(Option<pb::Price>, Wakes), Refusal> {
    let chat = &room.chat;
    let (Some(category), Some(payer)) = (effects.category, payer) else {
        if envelope.claim.kind == Kind::Session && payer.is_none() {
            let answers = chat.business_wrote_at > chat.customer_wrote_at;
            statistics::received(tx, room.business, room.terms.country, answers, now)?;
        }
        return Ok((None, Vec::new()));
    };
    let sent = Admitted {
        room,
        message: envelope.id,
        template: envelope.claim.template_id(),
        category,
        lite: envelope.claim.is_lite(),
        window_open: chat.window_until.is_some_and(|until| now < until),
        entry_open: effects.free_entry,
        late: effects.late,
        payer,
    };
    let (price, wakes) = money::admitted(network, tx, &sent, now)?;
    Ok((Some(price), wakes))
}

/// Stores the message's name and what it says it is; false when its name is there already.
fn store(
    tx: &mut Tx<'_>,
    caller: &Caller,
    envelope: &Envelope,
    conversation: ConversationId,
    from_business: bool,
    category: i64,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let stored = tx.execute(
        "INSERT INTO message (conversation, message_id, device, of_business, epoch, at, commitment, kind, template, category) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (conversation, message_id) DO NOTHING",
        &[
            (&conversation).into(),
            (&envelope.id).into(),
            (&caller.device).into(),
            from_business.into(),
            int(envelope.epoch),
            now.into(),
            (&envelope.commitment).into(),
            i64::from(i32::from(wire_kind(envelope.claim.kind))).into(),
            int(envelope.claim.template_id()),
            category.into(),
        ],
    )?;
    Ok(stored != 0)
}

/// A message's kind as the wire and the tables number it.
fn wire_kind(kind: Kind) -> MessageKind {
    match kind {
        Kind::Session => MessageKind::Session,
        Kind::Template => MessageKind::Template,
        Kind::Reaction => MessageKind::Reaction,
        Kind::Control => MessageKind::Control,
    }
}

fn taken(envelope: &Envelope, at: Timestamp, epoch: u64, window_until: Option<Timestamp>, price: Option<pb::Price>) -> server_frame::Body {
    let window_until = window_until.map_or(0, Timestamp::millis);
    server_frame::Body::Accepted(pb::Accepted {
        message_id: envelope.id.to_vec(),
        at: at.millis(),
        epoch,
        window_until,
        price,
        recipients: Vec::new(),
    })
}

/// The first answer, whatever has changed since.
fn tried_again(network: &Network, tx: &mut Tx<'_>, caller: &Caller, envelope: &Envelope, room: &Room) -> Result<Outcome, Refusal> {
    match rows::message(tx, envelope.conversation, envelope.id)? {
        Some(known) if known.device == caller.device && room.seats.is_some() => group::answered(network, tx, envelope, room, known),
        Some(known) if known.device == caller.device => {
            let price = money::known(network, tx, envelope.conversation, envelope.id)?;
            Ok(Outcome::quiet(taken(envelope, known.at, known.epoch, room.chat.window_until, price)))
        }
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
