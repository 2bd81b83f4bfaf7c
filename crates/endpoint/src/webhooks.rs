//! What programs are told: one change a delivery, built and stored in the unit that caused it.
use crate::{
    Business, Error,
    contacts::{self, Contact},
    customer_groups,
    hooks::{self, Event, Hook},
    identity,
    inbound::{self, Found},
    messages::{Failure, Message, Side, Status},
    money,
    reactions::NewReaction,
    status::Tracked,
};
use serde_json::Value;
use suki_cloud_api::{
    ObjectId, wamid,
    webhook::{self as wire, ErrorItem, Notification, Progress, Source},
    webhook_message::{Body, Reaction, System},
};
use suki_store::Tx;
use suki_types::{AccountId, ConversationId, MessageId, Timestamp};

/// The field of everything about messages (Cloud API, section 3c).
pub const MESSAGES_FIELD: &str = "messages";

/// From this version on statuses name no conversation.
const WITHOUT_CONVERSATIONS: u8 = 24;

/// The lane of what belongs to no chat.
pub(crate) const NO_CHAT: ConversationId = ConversationId::from_bytes([0; 16]);

/// A delivery that was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queued {
    /// Whose.
    pub business: AccountId,
    /// For whom.
    pub hook: ObjectId,
}

/// A step of a message.
pub(crate) struct StatusChange<'a> {
    pub message: &'a Tracked,
    pub status: Status,
    pub at: Timestamp,
    pub error: Option<&'a Failure>,
}

/// Whether anybody is told of what a customer writes in a chat.
pub(crate) fn wants_inbound(business: &Business, kind: &str, message: MessageId, chat: ConversationId) -> bool {
    business.hooks.is_wanted(&Event { field: MESSAGES_FIELD, kind, is_status: false, message: Some(message), chat })
}

/// A message of the customer.
///
/// # Errors
/// When the store fails.
pub(crate) fn inbound(business: &Business, tx: &mut Tx<'_>, contact: &Contact, message: &Message) -> Result<Vec<Queued>, Error> {
    let group = match message.author {
        Some(_) => customer_groups::group_id(tx, business.id(), message.chat)?,
        None => String::new(),
    };
    let event = Event { field: MESSAGES_FIELD, kind: message.sent.kind(), is_status: false, message: Some(message.id), chat: message.chat };
    let file = match suki_protocol::content::media_kind(message.kind) {
        Some(_) => business.received_file(tx, message.id)?.map(|(file, url)| Found { id: file.id.to_string(), url: Some(url) }),
        None => None,
    };
    let identity = identity::told(business, tx, contact.id)?;
    enqueue(business, tx, &event, |_| {
        let (contact, source) = (wire::Contact { identity_key_hash: identity.clone(), ..card(contact) }, source(business));
        let reply_to = message.reply_to.as_ref().map(|quote| {
            let customer = contact.wa_id.clone().unwrap_or_else(|| contact.user_id.clone());
            let author = if quote.from == Side::Business { source.phone.digits().to_owned() } else { customer };
            (wamid::encode(quote.id), author)
        });
        let mut told = inbound::told(&contact, message, reply_to, file.clone());
        told.group_id = (!group.is_empty()).then(|| group.clone());
        Some(source.message(contact, told))
    })
}

/// A customer's reaction, or that he took it back.
///
/// # Errors
/// When the store fails.
pub(crate) fn reaction(
    business: &Business,
    tx: &mut Tx<'_>,
    contact: &Contact,
    chat: ConversationId,
    in_group: bool,
    reaction: &NewReaction,
) -> Result<Vec<Queued>, Error> {
    let group = if in_group { Some(customer_groups::group_id(tx, business.id(), chat)?) } else { None };
    let event = Event { field: MESSAGES_FIELD, kind: "reaction", is_status: false, message: Some(reaction.target), chat };
    let identity = identity::told(business, tx, contact.id)?;
    enqueue(business, tx, &event, |_| {
        let contact = wire::Contact { identity_key_hash: identity.clone(), ..card(contact) };
        let emoji = Some(reaction.emoji.clone()).filter(|emoji| !emoji.is_empty());
        let body = Body { reaction: Some(Reaction { message_id: wamid::encode(reaction.target), emoji }), ..Body::default() };
        let mut told = wire::Message::new(&contact, wamid::encode(reaction.id), reaction.at, "reaction", body, None);
        told.group_id.clone_from(&group);
        Some(source(business).message(contact, told))
    })
}

/// A customer has opened the chat for the first time.
///
/// # Errors
/// When the store fails.
pub(crate) fn welcome(business: &Business, tx: &mut Tx<'_>, chat: ConversationId, contact: &Contact, at: Timestamp) -> Result<Vec<Queued>, Error> {
    let id = MessageId::new(business.env());
    let event = Event { field: MESSAGES_FIELD, kind: "request_welcome", is_status: false, message: Some(id), chat };
    let contact = card(contact);
    let message = wire::Message::new(&contact, wamid::encode(id), at, "request_welcome", Body::default(), None);
    enqueue(business, tx, &event, |_| Some(source(business).message(contact.clone(), message.clone())))
}

/// Something has changed about a customer himself. `contact` is how he was known until now.
///
/// # Errors
/// When the store fails.
pub(crate) fn system(
    business: &Business,
    tx: &mut Tx<'_>,
    chat: ConversationId,
    contact: &Contact,
    system: System,
    at: Timestamp,
) -> Result<Vec<Queued>, Error> {
    let id = MessageId::new(business.env());
    let event = Event { field: MESSAGES_FIELD, kind: "system", is_status: false, message: Some(id), chat };
    let body = Body { system: Some(system), ..Body::default() };
    let message = wire::Message::new(&card(contact), wamid::encode(id), at, "system", body, None);
    enqueue(business, tx, &event, |_| Some(source(business).system(message.clone())))
}

/// A step of a message of the business.
///
/// # Errors
/// When the store fails.
pub(crate) fn status(business: &Business, tx: &mut Tx<'_>, chat: ConversationId, change: &StatusChange<'_>) -> Result<Vec<Queued>, Error> {
    let Some(progress) = change.status.told() else { return Ok(Vec::new()) };
    let (kind, message) = (progress.word(), Some(change.message.id));
    let event = Event { field: MESSAGES_FIELD, kind, is_status: true, message, chat };
    if !business.hooks.is_wanted(&event) {
        return Ok(Vec::new());
    }
    let known = business.sight(contact_of(tx, business.id(), chat)?);
    // A message to a group that went to nobody in it.
    let group = match customer_groups::is_group(chat, known.id) {
        true => Some(customer_groups::group_id(tx, business.id(), chat)?),
        false => None,
    };
    let contact = card(&known);
    enqueue(business, tx, &event, |hook| {
        let mut status = wire::Status::new(&contact, wamid::encode(change.message.id), progress, change.at);
        if let Some(group) = &group {
            status = customer_groups::whole(status, group.clone(), &known);
        }
        status.recipient_identity_key_hash.clone_from(&change.message.identity);
        // The callback data belongs to the app that sent the message.
        let own = hook.may_know_what_is_of(change.message.app) && !change.message.callback_data.is_empty();
        status.biz_opaque_callback_data = own.then(|| change.message.callback_data.clone());
        if let (Some(said), Some(known)) = (&mut status.pricing, money::pricing(&change.message.price)) {
            *said = known;
        }
        status.conversation = status.pricing.as_ref().and_then(|pricing| counted(business, hook, change, pricing));
        status.errors.extend(change.error.map(|failure| ErrorItem::new(failure.code, &*failure.detail)));
        Some(source(business).status(contact.clone(), status))
    })
}

/// The conversation that a message counts in: up to version 23 one of its own, later only where advertisements led to it (section 3c).
fn counted(business: &Business, hook: &Hook, change: &StatusChange<'_>, pricing: &wire::Pricing) -> Option<wire::Conversation> {
    if hook.version() >= WITHOUT_CONVERSATIONS && pricing.kind != "free_entry_point" {
        return None;
    }
    let ends = change.at.plus_millis(business.window().millis);
    Some(wire::Conversation {
        id: hex::encode(change.message.id.as_bytes()),
        expiration_timestamp: (change.status == Status::Sent).then_some(ends),
        origin: wire::Origin { kind: pricing.category.clone() },
    })
}

/// How far a message to a group came with some of its participants. `build` makes the contacts and their statuses for each who is told.
///
/// # Errors
/// When the store fails.
pub(crate) fn group_statuses(
    business: &Business,
    tx: &mut Tx<'_>,
    chat: ConversationId,
    message: MessageId,
    progress: Progress,
    mut build: impl FnMut(&Hook) -> (Vec<wire::Contact>, Vec<wire::Status>),
) -> Result<Vec<Queued>, Error> {
    let event = Event { field: MESSAGES_FIELD, kind: progress.word(), is_status: true, message: Some(message), chat };
    enqueue(business, tx, &event, |hook| {
        let (contacts, statuses) = build(hook);
        Some(source(business).statuses(contacts, statuses))
    })
}

/// Something of the account itself, for the apps that subscribed to its field.
///
/// # Errors
/// When the store fails.
pub(crate) fn account(business: &Business, tx: &mut Tx<'_>, field: &str, value: &Value, at: Timestamp) -> Result<Vec<Queued>, Error> {
    let event = Event { field, kind: "", is_status: false, message: None, chat: NO_CHAT };
    enqueue_bytes(business, tx, &event, |_| Some(source(business).account_event(field, value, at)))
}

/// Something of the messages' family with a field of its own, such as `user_preferences`; `value` is what [`Source::event`] takes.
///
/// # Errors
/// When the store fails.
pub(crate) fn chat_event(business: &Business, tx: &mut Tx<'_>, chat: ConversationId, field: &str, value: &Value) -> Result<Vec<Queued>, Error> {
    let event = Event { field, kind: "", is_status: false, message: None, chat };
    enqueue_bytes(business, tx, &event, |_| Some(source(business).event(field, value.clone())))
}

fn contact_of(tx: &mut Tx<'_>, business: AccountId, chat: ConversationId) -> Result<Contact, Error> {
    let contact: AccountId =
        tx.query_one("SELECT contact FROM chat WHERE business = ?1 AND id = ?2", &[(&business).into(), (&chat).into()], |row| row.get(0))?;
    Ok(contacts::get(tx, business, contact)?)
}

pub(crate) fn source(business: &Business) -> Source {
    let record = business.record();
    Source { account: record.waba_id, phone_number: record.phone_number_id, phone: record.phone.clone() }
}

pub(crate) fn card(contact: &Contact) -> wire::Contact {
    let profile = wire::Profile { name: contact.name.clone(), username: contact.username.clone() };
    wire::Contact { profile, wa_id: contact.phone.clone(), user_id: contact.user_id.clone(), identity_key_hash: None }
}

fn enqueue(
    business: &Business,
    tx: &mut Tx<'_>,
    event: &Event<'_>,
    mut build: impl FnMut(&Hook) -> Option<Notification>,
) -> Result<Vec<Queued>, Error> {
    enqueue_bytes(business, tx, event, |hook| build(hook).map(|notification| notification.to_bytes()))
}

/// Stores what each hook that wants an event is told of it: the exact bytes that are signed and sent.
fn enqueue_bytes(
    business: &Business,
    tx: &mut Tx<'_>,
    event: &Event<'_>,
    mut build: impl FnMut(&Hook) -> Option<Vec<u8>>,
) -> Result<Vec<Queued>, Error> {
    let mut queued = Vec::new();
    for hook in business.hooks.all().iter().filter(|hook| hook.wants(event)) {
        let Some(body) = build(hook) else { continue };
        hooks::store(tx, business, hook.id, event, &hooks::Delivery { body: &body, origin: hooks::Origin::Live, replay_of: 0 })?;
        queued.push(Queued { business: business.id(), hook: hook.id });
    }
    Ok(queued)
}
