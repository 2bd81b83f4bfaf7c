//! One entry of the log: first decrypted, in memory; then its effects stored, in a unit.
use crate::{
    Business, Error,
    agent::{Slots, Told},
    analytics,
    commerce::orders,
    consent, contacts, customer_groups,
    exchange::Asked,
    groups::{self, Slot},
    identity,
    live::{LiveEvent, SharedChat, message_event},
    media::received,
    messages::{self, NewMessage, Sent, Side, Via},
    notices::{self, Notice},
    offered, phones,
    reactions::{self, NewReaction},
    status, webhooks,
};
use prost::Message as _;
use std::{collections::hash_map::Entry, sync::Arc};
use suki_e2ee::{Received, content};
use suki_protocol::pb::{self, content::Body};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, ConversationId, DeviceId, MessageId, Timestamp};

/// What an entry does to the store.
pub(crate) enum Effect {
    /// The customer wrote.
    Text { chat: ConversationId, sender: AccountId, message: Box<NewMessage>, sender_name: String },
    /// What became of messages of the business.
    Receipt { chat: ConversationId, receipt: pb::Receipt },
    /// The network made or changed a conversation.
    Opened { conversation: pb::Conversation, at: Timestamp },
    /// A device of the customer comes or goes.
    Change { chat: Option<ConversationId>, account: AccountId, device: DeviceId, adds: bool, at: Timestamp },
    /// Messages of the business that nobody fetched in time.
    Expired { chat: ConversationId, ids: Vec<Vec<u8>>, participant: Option<AccountId>, at: Timestamp },
    /// The customer reacted to a message.
    Reacted { chat: ConversationId, sender: AccountId, reaction: NewReaction, sender_name: String },
    /// The customer's device asks what is no message.
    Asked(Asked),
    /// The network has something to say.
    Notice(Notice),
    /// The group is not at hand: it has to be joined anew.
    LostGroup { chat: ConversationId },
}

/// Decrypts an entry. What cannot be read is logged and skipped, since it will never be readable and nothing after it may wait.
///
/// # Errors
/// Only when the store fails.
pub(crate) async fn read(business: &Arc<Business>, entry: &pb::Entry, slots: &mut Slots, effects: &mut Vec<Effect>) -> Result<(), Error> {
    let at = Timestamp::from_millis(entry.at);
    let chat = ConversationId::try_from(&entry.conversation[..]);
    match entry.kind() {
        pb::EntryKind::Message | pb::EntryKind::Commit => {
            let Ok(chat) = chat else { return Ok(()) };
            let slot = match slots.entry(chat) {
                Entry::Occupied(taken) => taken.into_mut(),
                Entry::Vacant(place) => place.insert(business.slot(chat).await?),
            };
            effects.extend(decrypt(business, entry, chat, at, slot));
        }
        pb::EntryKind::Receipt => {
            if let (Ok(chat), Ok(receipt)) = (chat, pb::Receipt::decode(&entry.payload[..])) {
                effects.push(Effect::Receipt { chat, receipt });
            }
        }
        pb::EntryKind::Event => effects.extend(pb::Event::decode(&entry.payload[..]).ok().and_then(|event| event_effect(event, entry))),
        pb::EntryKind::Welcome | pb::EntryKind::Unspecified => {}
    }
    Ok(())
}

fn decrypt(business: &Business, entry: &pb::Entry, chat: ConversationId, at: Timestamp, slot: &mut Slot) -> Option<Effect> {
    let policy = slot.policy(business).ok()?;
    let Some(group) = slot.group.as_mut() else { return Some(Effect::LostGroup { chat }) };
    match group.receive(&business.device, &entry.payload, &policy) {
        Ok(Received::Commit { epoch, .. }) => {
            let group_info = group.group_info(&business.device).ok()?;
            slot.publish = Some(pb::PublishGroupInfo { conversation: chat.to_vec(), epoch, group_info });
            None
        }
        Ok(received) => effect_of(chat, at, received),
        Err(suki_e2ee::Error::WrongEpoch { message, group }) if message > group => Some(Effect::LostGroup { chat }),
        Err(error) => {
            tracing::warn!(business = %business.id(), %chat, seq = entry.seq, %error, "an entry cannot be decrypted");
            None
        }
    }
}

fn effect_of(chat: ConversationId, at: Timestamp, received: Received) -> Option<Effect> {
    let Received::Application { sender, header, plaintext } = received else { return None };
    let (header, content) = match content::open(&header, &plaintext) {
        Ok(opened) => opened,
        Err(error) => {
            tracing::warn!(%chat, %error, "a message is not what its header says");
            return None;
        }
    };
    let sent = match &content.body {
        Some(Body::Reaction(reaction)) => {
            let (target, emoji) = (MessageId::try_from(&reaction.message_id[..]).ok()?, reaction.emoji.clone());
            let reaction = NewReaction { id: header.message_id, target, from: Side::Customer, emoji, at };
            return Some(Effect::Reacted { chat, sender: sender.account, reaction, sender_name: content.sender_name });
        }
        Some(Body::Exchange(exchange)) => return Asked::read(chat, sender.account, at, exchange).map(Effect::Asked),
        // Only businesses offer things to press.
        Some(Body::Interactive(_)) => return None,
        Some(_) => Sent::of(&content)?,
        None => Sent::Rich { kind: messages::UNSUPPORTED, content: Vec::new() },
    };
    let text = content.body.as_ref().map(suki_protocol::content::words).unwrap_or_default();
    let preview_url = matches!(&content.body, Some(Body::Text(text)) if text.preview_url);
    let message = NewMessage {
        id: header.message_id,
        from: Side::Customer,
        text,
        sent,
        template: None,
        preview_url,
        reply_to: MessageId::try_from(&content.reply_to[..]).ok(),
        at,
        operator: None,
        via: Via::Customer,
        app: None,
        callback_data: String::new(),
    };
    Some(Effect::Text { chat, sender: sender.account, message: Box::new(message), sender_name: content.sender_name })
}

fn event_effect(event: pb::Event, entry: &pb::Entry) -> Option<Effect> {
    let at = Timestamp::from_millis(entry.at);
    match event.body? {
        pb::event::Body::ConversationOpened(conversation) => Some(Effect::Opened { conversation, at }),
        pb::event::Body::DeviceAdded(one) => change(entry, &one.account, &one.device, true),
        pb::event::Body::DeviceRemoved(one) => change(entry, &one.account, &one.device, false),
        pb::event::Body::MessageExpired(expired) => {
            let chat = ConversationId::try_from(&entry.conversation[..]).ok()?;
            Some(Effect::Expired { chat, ids: expired.message_ids, participant: AccountId::try_from(&expired.account[..]).ok(), at })
        }
        pb::event::Body::Notice(notice) => {
            let chat = ConversationId::try_from(&entry.conversation[..]).ok().filter(|chat| chat.as_bytes() != &[0; 16]);
            Some(Effect::Notice(Notice { kind: notice.kind, json: notice.json, chat, at }))
        }
    }
}

fn change(entry: &pb::Entry, account: &[u8], device: &[u8], adds: bool) -> Option<Effect> {
    let chat = ConversationId::try_from(&entry.conversation[..]).ok();
    let at = Timestamp::from_millis(entry.at);
    Some(Effect::Change { chat, account: AccountId::try_from(account).ok()?, device: DeviceId::try_from(device).ok()?, adds, at })
}

/// Stores what an entry does.
///
/// # Errors
/// When the store fails.
pub(crate) fn apply(business: &Business, tx: &mut Tx<'_>, effect: &Effect, told: &mut Told) -> Result<(), Error> {
    match effect {
        Effect::Text { chat, sender, message, sender_name } => text(business, tx, *chat, *sender, message, sender_name, told),
        Effect::Receipt { chat, receipt } => match AccountId::try_from(&receipt.account[..]) {
            Ok(participant) => customer_groups::receipt(business, tx, *chat, participant, receipt, told),
            Err(_) => status::receipt(business, tx, *chat, receipt, told),
        },
        Effect::Opened { conversation, at } => opened(business, tx, conversation, *at, told),
        Effect::Change { chat, account, device, adds, at } => {
            let chat = match chat.filter(|chat| chat.as_bytes() != &[0; 16]) {
                Some(chat) if contact_of(tx, business.id(), chat)?.is_some() => Some(chat),
                _ => chat_of_contact(tx, business.id(), *account)?,
            };
            if let Some(chat) = chat {
                groups::note_change(tx, business.id(), chat, *device, *adds)?;
                identity::changed(business, tx, (chat, *at), *account, (*device, *adds), told)?;
                told.changes = true;
            }
            Ok(())
        }
        Effect::Reacted { chat, sender, reaction, sender_name } => reacted(business, tx, *chat, *sender, reaction, sender_name, told),
        Effect::Asked(asked) => {
            // In a group everybody would see the answer.
            if contact_of(tx, business.id(), asked.chat)? == Some(asked.customer) {
                told.asked.push(asked.clone());
            }
            Ok(())
        }
        Effect::Notice(notice) => notices::apply(business, tx, notice, told),
        Effect::Expired { chat, ids, participant: Some(who), at } => customer_groups::expired(business, tx, *chat, *who, ids, *at, told),
        Effect::Expired { chat, ids, participant: None, at } => status::expired(business, tx, *chat, ids, *at, told),
        Effect::LostGroup { chat } => {
            tracing::warn!(business = %business.id(), %chat, "a message came for a group whose state is lost; joining it anew");
            groups::note_change(tx, business.id(), *chat, business.record().device, true)?;
            told.changes = true;
            Ok(())
        }
    }
}

fn chat_of_contact(tx: &mut Tx<'_>, business: AccountId, contact: AccountId) -> Result<Option<ConversationId>, StoreError> {
    let sql = "SELECT id FROM chat WHERE business = ?1 AND contact = ?2";
    tx.query_opt(sql, &[(&business).into(), (&contact).into()], |row| row.get(0))
}

fn contact_of(tx: &mut Tx<'_>, business: AccountId, chat: ConversationId) -> Result<Option<AccountId>, StoreError> {
    let sql = "SELECT contact FROM chat WHERE business = ?1 AND id = ?2";
    tx.query_opt(sql, &[(&business).into(), (&chat).into()], |row| row.get(0))
}

fn text(
    business: &Business,
    tx: &mut Tx<'_>,
    chat: ConversationId,
    sender: AccountId,
    message: &NewMessage,
    sender_name: &str,
    told: &mut Told,
) -> Result<(), Error> {
    let id = business.id();
    if messages::exists(tx, id, message.id)? {
        return Ok(());
    }
    let Some((contact, in_group)) = writer(business, tx, chat, (sender, sender_name), message.at)? else { return Ok(()) };
    let answered = match message.reply_to {
        Some(answered) => messages::get(tx, id, answered)?.filter(|answered| answered.chat == chat),
        None => None,
    };
    let Some(message) = &offered::checked(message.clone(), answered.as_ref()) else {
        tracing::warn!(business = %id, %chat, "an answer came to what was never asked; it says nothing else and is left out");
        return Ok(());
    };
    let most = business.rules().map_or(u32::MAX, |rules| rules.commerce.quantity);
    let Some(message) = &orders::checked(tx, id, most, message.clone())? else { return Ok(()) };
    if in_group {
        customer_groups::set_author(tx, id, message.id, sender)?;
    } else {
        // What is said in a group is said to all of it, and stops nothing between two.
        consent::read_along(business, tx, contact, &message.text, message.at, told)?;
    }
    let until = message.at.plus_millis(business.window().millis);
    tx.execute(
        "UPDATE chat SET window_until = ?3 WHERE business = ?1 AND id = ?2 AND (window_until IS NULL OR window_until < ?3)",
        &[(&id).into(), (&chat).into(), until.into()],
    )?;
    messages::insert(tx, id, chat, message)?;
    if let Some((template, button)) = offered::pressed(message, answered.as_ref()) {
        analytics::clicked(tx, id, template, &button, message.at)?;
    }
    told.files |= received::store_of(business, tx, message)?;
    if webhooks::wants_inbound(business, message.sent.kind(), message.id, chat) {
        let stored = messages::get(tx, id, message.id)?.ok_or(StoreError::NotFound)?;
        let contact = business.sight(contacts::get(tx, id, contact)?);
        told.queued.extend(webhooks::inbound(business, tx, &contact, &stored)?);
    }
    told.live.extend(message_event(business.live(), tx, id, chat, message.id)?);
    Ok(())
}

/// Who writes in a chat, and whether it is a group's; notes what he calls himself. In a group it is whose leaf has signed.
fn writer(
    business: &Business,
    tx: &mut Tx<'_>,
    chat: ConversationId,
    (sender, sender_name): (AccountId, &str),
    at: Timestamp,
) -> Result<Option<(AccountId, bool)>, StoreError> {
    let id = business.id();
    let Some(contact) = contact_of(tx, id, chat)? else {
        tracing::warn!(business = %id, %chat, "a message came for a chat that is not known");
        return Ok(None);
    };
    let in_group = customer_groups::is_group(chat, contact);
    let contact = if in_group { sender } else { contact };
    contacts::rename(tx, id, contact, sender_name)?;
    phones::wrote(business, tx, contact, at)?;
    Ok(Some((contact, in_group)))
}

fn reacted(
    business: &Business,
    tx: &mut Tx<'_>,
    chat: ConversationId,
    sender: AccountId,
    reaction: &NewReaction,
    sender_name: &str,
    told: &mut Told,
) -> Result<(), Error> {
    let id = business.id();
    let Some((contact, in_group)) = writer(business, tx, chat, (sender, sender_name), reaction.at)? else { return Ok(()) };
    let is_new = reactions::store(tx, id, chat, reaction)?;
    // Of a group's customers the inbox shows the newest reaction; programs are told of each.
    let is_anothers = in_group && messages::ord_of(tx, id, chat, reaction.target)?.is_some();
    if !is_new && !is_anothers {
        return Ok(());
    }
    if webhooks::wants_inbound(business, "reaction", reaction.target, chat) {
        let contact = business.sight(contacts::get(tx, id, contact)?);
        told.queued.extend(webhooks::reaction(business, tx, &contact, chat, in_group, reaction)?);
    }
    told.live.extend(message_event(business.live(), tx, id, chat, reaction.target)?);
    Ok(())
}

fn opened(business: &Business, tx: &mut Tx<'_>, conversation: &pb::Conversation, at: Timestamp, told: &mut Told) -> Result<(), Error> {
    let id = business.id();
    let (Ok(chat), Ok(customer)) = (ConversationId::try_from(&conversation.id[..]), AccountId::try_from(&conversation.customer[..])) else {
        return Ok(());
    };
    let user_id = contacts::user_id(business.common().vault(), id, customer);
    contacts::ensure(tx, id, customer, &user_id, &conversation.customer_phone, at)?;
    let until = (conversation.window_until > 0).then(|| Timestamp::from_millis(conversation.window_until));
    tx.execute(
        "INSERT INTO chat (business, id, contact, window_until, incoming, last_ord, updated_at) VALUES (?1, ?2, ?3, ?4, 0, 0, ?5)
         ON CONFLICT (business, id) DO NOTHING",
        &[(&id).into(), (&chat).into(), (&customer).into(), until.into(), at.into()],
    )?;
    for device in conversation.customer_devices.iter().filter_map(|bytes| DeviceId::try_from(&bytes[..]).ok()) {
        groups::note_change(tx, id, chat, device, true)?;
        identity::note(tx, id, customer, device, true)?;
    }
    told.changes = true;
    if business.live().is_watched() {
        told.live.push(LiveEvent::Chat(Box::new(SharedChat::read(tx, id, chat)?)));
    }
    Ok(())
}
