//! What programs are told: one change a delivery, built and stored in the unit that caused it.
use crate::{
    Business, Error,
    business::object_id,
    contacts::{self, Contact},
    messages::{Failure, Message, Sent, Side, Status},
    money,
    status::Tracked,
};
use parking_lot::RwLock;
use serde_json::Value;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use suki_cloud_api::{
    ObjectId, wamid,
    webhook::{self as wire, ErrorItem, Notification, Progress, Source},
};
use suki_store::{Db, StoreError, Tx};
use suki_types::{AccountId, ConversationId, Timestamp};

/// The field of everything about messages (Cloud API, section 3c).
pub const MESSAGES_FIELD: &str = "messages";

/// The lane of what belongs to no chat.
pub(crate) const NO_CHAT: ConversationId = ConversationId::from_bytes([0; 16]);

/// An app that wants to know of a business's events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Which.
    pub app: ObjectId,
    /// The fields it subscribed to.
    fields: Vec<String>,
    /// Whether this business's messages go to an address of their own: then they do without a subscription.
    is_overridden: bool,
}

impl Hook {
    fn wants(&self, field: &str, of_messages: bool) -> bool {
        (of_messages && self.is_overridden) || self.fields.iter().any(|one| one == field)
    }
}

/// The apps that are told, kept in memory since every message asks for them.
#[derive(Debug)]
pub struct Hooks {
    business: AccountId,
    apps: RwLock<Arc<Vec<Hook>>>,
    last_seq: AtomicI64,
}

impl Hooks {
    /// Reads the subscriptions of a business.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn load(db: &Db, business: AccountId) -> Result<Self, Error> {
        let (apps, last) = db
            .read(move |tx| {
                let sql = "SELECT coalesce(max(seq), 0) FROM delivery WHERE business = ?1";
                let last = tx.query_one(sql, &[(&business).into()], |row| row.get::<i64>(0))?;
                Ok::<_, Error>((read(tx, business)?, last))
            })
            .await?;
        Ok(Self { business, apps: RwLock::new(Arc::new(apps)), last_seq: AtomicI64::new(last) })
    }

    /// Reads the subscriptions again, after a change of them was committed.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn reload(&self, db: &Db) -> Result<(), Error> {
        let business = self.business;
        let apps = db.read(move |tx| Ok::<_, Error>(read(tx, business)?)).await?;
        *self.apps.write() = Arc::new(apps);
        Ok(())
    }

    /// Whether any app is told of messages.
    pub(crate) fn is_any(&self) -> bool {
        self.apps.read().iter().any(|hook| hook.wants(MESSAGES_FIELD, true))
    }

    fn apps(&self) -> Arc<Vec<Hook>> {
        self.apps.read().clone()
    }
}

fn read(tx: &mut Tx<'_>, business: AccountId) -> Result<Vec<Hook>, StoreError> {
    // The gate has two leaves: the app subscribes to the field, and to the account (Cloud API, section 3g).
    let sql = "SELECT w.app, s.fields, w.override_callback_uri FROM waba_app w LEFT JOIN subscription s
         ON s.business = w.business AND s.app = w.app AND s.object = 'whatsapp_business_account'
         WHERE w.business = ?1 ORDER BY w.app";
    tx.query(sql, &[(&business).into()], |row| {
        let fields = row.get::<Option<String>>(1)?.unwrap_or_default();
        Ok(Hook {
            app: object_id(row.get(0)?)?,
            fields: fields.split(',').filter(|field| !field.is_empty()).map(str::to_owned).collect(),
            is_overridden: row.get::<Option<String>>(2)?.is_some(),
        })
    })
}

/// A delivery that was stored.
#[derive(Debug, Clone)]
pub struct Queued {
    /// Whose.
    pub business: AccountId,
    /// For which app.
    pub app: ObjectId,
    /// About which conversation.
    pub chat: ConversationId,
    /// Its place.
    pub seq: i64,
    /// What is sent: the exact bytes that are signed.
    pub body: Arc<Vec<u8>>,
}

/// A step of a message.
pub(crate) struct StatusChange<'a> {
    pub message: &'a Tracked,
    pub status: Status,
    pub at: Timestamp,
    pub error: Option<&'a Failure>,
}

/// A message of the customer.
///
/// # Errors
/// When the store fails.
pub(crate) fn inbound(business: &Business, tx: &mut Tx<'_>, contact: &Contact, message: &Message) -> Result<Vec<Queued>, Error> {
    enqueue(business, tx, message.chat, message.at, |_| {
        let (contact, source) = (card(contact), source(business));
        let reply_to = message.reply_to.as_ref().map(|quote| {
            let customer = contact.wa_id.clone().unwrap_or_else(|| contact.user_id.clone());
            let author = if quote.from == Side::Business { source.phone.digits().to_owned() } else { customer };
            (wamid::encode(quote.id), author)
        });
        let (id, text) = (message.wamid.clone(), message.text.clone());
        let told = match &message.sent {
            Sent::Button { payload } => wire::Message::button(&contact, id, message.at, wire::Button { payload: payload.clone(), text }, reply_to),
            _ => wire::Message::text(&contact, id, message.at, text, reply_to),
        };
        Some(source.message(contact, told))
    })
}

/// A step of a message of the business.
///
/// # Errors
/// When the store fails.
pub(crate) fn status(business: &Business, tx: &mut Tx<'_>, chat: ConversationId, change: &StatusChange<'_>) -> Result<Vec<Queued>, Error> {
    let progress = match change.status {
        Status::Pending => return Ok(Vec::new()),
        Status::Sent => Progress::Sent,
        Status::Delivered => Progress::Delivered,
        Status::Read => Progress::Read,
        Status::Failed => Progress::Failed,
    };
    if !business.hooks.is_any() {
        return Ok(Vec::new());
    }
    let contact = card(&contact_of(tx, business.id(), chat)?);
    enqueue(business, tx, chat, change.at, |app| {
        let mut status = wire::Status::new(&contact, wamid::encode(change.message.id), progress, change.at);
        // The callback data belongs to the app that sent the message.
        let own = change.message.app == Some(app.number()) && !change.message.callback_data.is_empty();
        status.biz_opaque_callback_data = own.then(|| change.message.callback_data.clone());
        if let (Some(said), Some(known)) = (&mut status.pricing, money::pricing(&change.message.price)) {
            *said = known;
        }
        status.errors.extend(change.error.map(|failure| ErrorItem::new(failure.code, &*failure.detail)));
        Some(source(business).status(contact.clone(), status))
    })
}

/// Something of the account itself, for the apps that subscribed to its field.
///
/// # Errors
/// When the store fails.
pub(crate) fn account(business: &Business, tx: &mut Tx<'_>, field: &str, value: &Value, at: Timestamp) -> Result<Vec<Queued>, Error> {
    let hooks = business.hooks.apps();
    if !hooks.iter().any(|hook| hook.wants(field, false)) {
        return Ok(Vec::new());
    }
    let body = source(business).account_event(field, value, at);
    enqueue_bytes(business, tx, NO_CHAT, at, |hook| hook.wants(field, false).then(|| body.clone()))
}

/// Something of the messages' family with a field of its own, such as `user_preferences`; `value` is what [`Source::event`] takes.
///
/// # Errors
/// When the store fails.
pub(crate) fn chat_event(
    business: &Business,
    tx: &mut Tx<'_>,
    chat: ConversationId,
    field: &str,
    value: &Value,
    at: Timestamp,
) -> Result<Vec<Queued>, Error> {
    enqueue_bytes(business, tx, chat, at, |hook| hook.wants(field, false).then(|| source(business).event(field, value.clone())))
}

fn contact_of(tx: &mut Tx<'_>, business: AccountId, chat: ConversationId) -> Result<Contact, Error> {
    let contact: AccountId =
        tx.query_one("SELECT contact FROM chat WHERE business = ?1 AND id = ?2", &[(&business).into(), (&chat).into()], |row| row.get(0))?;
    Ok(contacts::get(tx, business, contact)?)
}

fn source(business: &Business) -> Source {
    let record = business.record();
    Source { account: record.waba_id, phone_number: record.phone_number_id, phone: record.phone.clone() }
}

pub(crate) fn card(contact: &Contact) -> wire::Contact {
    let profile = wire::Profile { name: contact.name.clone(), username: contact.username.clone() };
    wire::Contact { profile, wa_id: contact.phone.clone(), user_id: contact.user_id.clone() }
}

fn enqueue(
    business: &Business,
    tx: &mut Tx<'_>,
    chat: ConversationId,
    at: Timestamp,
    mut build: impl FnMut(ObjectId) -> Option<Notification>,
) -> Result<Vec<Queued>, Error> {
    enqueue_bytes(business, tx, chat, at, |hook| {
        let notification = if hook.wants(MESSAGES_FIELD, true) { build(hook.app) } else { None };
        notification.map(|notification| notification.to_bytes())
    })
}

fn enqueue_bytes(
    business: &Business,
    tx: &mut Tx<'_>,
    chat: ConversationId,
    at: Timestamp,
    mut build: impl FnMut(&Hook) -> Option<Vec<u8>>,
) -> Result<Vec<Queued>, Error> {
    let mut queued = Vec::new();
    for hook in business.hooks.apps().iter() {
        let Some(body) = build(hook) else { continue };
        let seq = business.hooks.last_seq.fetch_add(1, Ordering::Relaxed) + 1;
        tx.execute(
            "INSERT INTO delivery (business, seq, app, chat, body, created_at, attempts, next_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?6)",
            &[(&business.id()).into(), seq.into(), hook.app.number().into(), (&chat).into(), (&body).into(), at.into()],
        )?;
        queued.push(Queued { business: business.id(), app: hook.app, chat, seq, body: Arc::new(body) });
    }
    Ok(queued)
}
