//! A message to a group: one ciphertext, and each participant asked for, priced and counted for himself.
use super::{Envelope, store, wire_kind};
use crate::{
    Network, admission,
    append::Draft,
    money::{self, Admitted},
    operations::call::Wakes,
    refusal::{Outcome, Refusal},
    rows::{Caller, Known, Room},
    statistics,
};
use prost::Message as _;
use std::collections::BTreeSet;
use suki_protocol::pb::{self, EntryKind, RefusalCode, server_frame};
use suki_rules::{Category, Chat, Kind, groups};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, DeviceId, Timestamp};

/// The message's name is stored, and its epoch is right.
pub(super) fn accept(
    network: &Network,
    tx: &mut Tx<'_>,
    caller: &Caller,
    room: &Room,
    envelope: &Envelope,
    bytes: &[u8],
    now: Timestamp,
) -> Result<Outcome, Refusal> {
    let sent = match (room.side(caller)?, envelope.claim.kind) {
        (false, Kind::Control) => {
            return Err(Refusal::malformed("A device asks a business in their own conversation: in a group everybody would see the answer"));
        }
        (false, _) => from_customer(network, tx, caller, room, envelope, now)?,
        (true, Kind::Control) => Sent { chat: room.chat, to: room.customers().into_iter().collect(), recipients: Vec::new(), wakes: Wakes::new() },
        (true, _) => from_business(network, tx, caller, room, envelope, now)?,
    };
    admission::move_group(tx, room, &sent.chat)?;
    let mut wakes = sent.wakes;
    wakes.extend(deliver(network, tx, caller, room, envelope, &sent.to, bytes, now)?);
    Ok(Outcome { body: taken(envelope, now, envelope.epoch, sent.chat.window_until, sent.recipients), wakes })
}

/// What becomes of a message.
struct Sent {
    /// Where the group stands after it.
    chat: Chat,
    /// The customers it goes to.
    to: BTreeSet<AccountId>,
    recipients: Vec<pb::Recipient>,
    wakes: Wakes,
}

fn from_customer(network: &Network, tx: &mut Tx<'_>, caller: &Caller, room: &Room, envelope: &Envelope, now: Timestamp) -> Result<Sent, Refusal> {
    let effects = admission::from_participant(network, room, &envelope.claim, now)?;
    if envelope.claim.kind == Kind::Session {
        let answers = room.chat.business_wrote_at > room.chat.customer_wrote_at;
        statistics::received(tx, room.business, room.seat(caller.account).and_then(|seat| seat.terms.country), answers, now)?;
    }
    Ok(Sent { chat: effects.chat, to: room.customers().into_iter().collect(), recipients: Vec::new(), wakes: Wakes::new() })
}

/// The same for every participant. When all of them are left out, the message is refused for the reason of the first.
fn from_business(network: &Network, tx: &mut Tx<'_>, caller: &Caller, room: &Room, envelope: &Envelope, now: Timestamp) -> Result<Sent, Refusal> {
    let seats = room.seats.as_deref().unwrap_or_default();
    let category = envelope.claim.template.as_ref().map_or(Category::Service, |template| template.category);
    groups::check_message(network.policy(), seats.len(), category).map_err(Refusal::rule)?;
    let mut sent = Sent { chat: room.chat, to: BTreeSet::new(), recipients: Vec::new(), wakes: Wakes::new() };
    let mut first = None;
    for seat in seats {
        let place = Room { id: seat.id, customer: seat.account, terms: seat.terms, members: Vec::new(), seats: None, ..room.clone() };
        let recipient = match to_seat(network, tx, caller, &place, envelope, now) {
            Ok((chat, price, wakes)) => {
                sent.chat = chat;
                sent.to.insert(seat.account);
                sent.wakes.extend(wakes);
                pb::Recipient { account: seat.account.to_vec(), price, refused: None }
            }
            Err(Refusal(refused)) if refused.code() == RefusalCode::Rule => {
                note_refusal(tx, &place, envelope, &refused, now)?;
                first.get_or_insert_with(|| refused.clone());
                pb::Recipient { account: seat.account.to_vec(), price: None, refused: Some(refused) }
            }
            Err(other) => return Err(other),
        };
        sent.recipients.push(recipient);
    }
    match first {
        Some(refused) if sent.to.is_empty() => Err(Refusal(refused)),
        _ => Ok(sent),
    }
}

fn to_seat(
    network: &Network,
    tx: &mut Tx<'_>,
    caller: &Caller,
    place: &Room,
    envelope: &Envelope,
    now: Timestamp,
) -> Result<(Chat, Option<pb::Price>, Wakes), Refusal> {
    let (effects, payer) = admission::admit_seat(network, tx, place, &envelope.claim, now)?;
    store(tx, caller, envelope, place.id, true, envelope.claim.category(true), now)?;
    let (Some(category), Some(payer)) = (effects.category, payer) else { return Ok((effects.chat, None, Wakes::new())) };
    let sent = Admitted {
        room: place,
        message: envelope.id,
        template: envelope.claim.template_id(),
        category,
        lite: envelope.claim.is_lite(),
        window_open: place.chat.window_until.is_some_and(|until| now < until),
        entry_open: effects.free_entry,
        late: effects.late,
        payer,
    };
    let (price, wakes) = money::admitted(network, tx, &sent, now)?;
    Ok((effects.chat, Some(price), wakes))
}

fn note_refusal(tx: &mut Tx<'_>, place: &Room, envelope: &Envelope, refused: &pb::Refused, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO group_refusal (conversation, message_id, at, refused) VALUES (?1, ?2, ?3, ?4)",
        &[(&place.id).into(), (&envelope.id).into(), now.into(), (&refused.encode_to_vec()).into()],
    )?;
    Ok(())
}

/// Into the logs of the customers it goes to, and of the business. What devices tell each other from the endpoint is for the customers alone.
#[expect(clippy::too_many_arguments, reason = "who sends what to whom, and when")]
fn deliver(
    network: &Network,
    tx: &mut Tx<'_>,
    caller: &Caller,
    room: &Room,
    envelope: &Envelope,
    to: &BTreeSet<AccountId>,
    bytes: &[u8],
    now: Timestamp,
) -> Result<Wakes, Refusal> {
    let members = tx.query(
        "SELECT m.device, d.account FROM member m JOIN device d ON d.device = m.device WHERE m.conversation = ?1",
        &[(&room.id).into()],
        |row| Ok((row.get::<DeviceId>(0)?, row.get::<AccountId>(1)?)),
    )?;
    let control = envelope.claim.kind == Kind::Control;
    let drafts: Vec<_> = members
        .iter()
        .filter(|(device, _)| *device != caller.device)
        .filter(|(_, account)| if *account == room.business { !control } else { to.contains(account) })
        .map(|(device, _)| Draft {
            device: *device,
            kind: EntryKind::Message,
            conversation: room.id,
            message_id: envelope.id.as_bytes(),
            from_device: Some(caller.device),
            payload: bytes,
        })
        .collect();
    network.append(tx, now, &drafts)
}

fn taken(envelope: &Envelope, at: Timestamp, epoch: u64, window_until: Option<Timestamp>, recipients: Vec<pb::Recipient>) -> server_frame::Body {
    let window_until = window_until.map_or(0, Timestamp::millis);
    server_frame::Body::Accepted(pb::Accepted { message_id: envelope.id.to_vec(), at: at.millis(), epoch, window_until, price: None, recipients })
}

/// The first answer once more. Who has left since is not named any more.
pub(super) fn answered(network: &Network, tx: &mut Tx<'_>, envelope: &Envelope, room: &Room, known: Known) -> Result<Outcome, Refusal> {
    let mut recipients = Vec::new();
    let of_business = known.of_business && wire_kind(envelope.claim.kind) != pb::MessageKind::Control;
    for seat in room.seats.iter().flatten().filter(|_| of_business) {
        let sql = "SELECT refused FROM group_refusal WHERE conversation = ?1 AND message_id = ?2";
        let refused = tx.query_opt(sql, &[(&seat.id).into(), (&envelope.id).into()], |row| row.get::<Vec<u8>>(0))?;
        let refused = refused.and_then(|bytes| pb::Refused::decode(&bytes[..]).ok());
        let price = money::known(network, tx, seat.id, envelope.id)?;
        if refused.is_some() || price.is_some() {
            recipients.push(pb::Recipient { account: seat.account.to_vec(), price, refused });
        }
    }
    Ok(Outcome::quiet(taken(envelope, known.at, known.epoch, room.chat.window_until, recipients)))
}
