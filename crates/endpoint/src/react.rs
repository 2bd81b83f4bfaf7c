//! Reactions of the business: each is a message of its own on its way to the customer, with statuses of its own, and stands in the chat on the message it
//! is about. What is under way is kept until a device has it, it was refused, or nobody fetched it in time.
use crate::{
    Business, Error,
    agent::Told,
    groups::{self, Slot},
    live::message_event,
    messages::{Failure, Side, Status},
    outbox::Kind,
    reactions::{self, NewReaction},
    status::{self, Tracked},
    webhooks::{self, StatusChange},
};
use std::sync::Arc;
use suki_cloud_api::ObjectId;
use suki_e2ee::content::HeaderParts;
use suki_protocol::pb;
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, ConversationId, MessageId, Timestamp, limits};

/// An emoji that the business puts on a message.
#[derive(Debug, Clone)]
pub struct Reacting {
    /// The id of the message it goes as.
    pub id: MessageId,
    /// The chat.
    pub chat: ConversationId,
    /// The message it stands on.
    pub message: MessageId,
    /// The emoji; "" takes an earlier one back.
    pub emoji: String,
    /// The app that sent it.
    pub app: Option<ObjectId>,
    /// Comes back in its statuses.
    pub callback_data: String,
}

/// What a program is told of a reaction that stands on nothing (Cloud API, section 3d: 131009 on reactions is asynchronous).
const NO_TARGET: i32 = 131_009;

impl Business {
    /// Takes a reaction: when this returns it is durable and on its way, or a status with 131009 is: for a message that is not of this chat, is a reaction
    /// itself, or is older than 30 days.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a chat that is not this business's; [`Error::TooFast`] when it writes faster than it may; when the store fails.
    pub async fn react(self: &Arc<Self>, ask: Reacting) -> Result<(), Error> {
        let now = self.env().now();
        if let Some(rules) = self.rules() {
            self.pace.take(&rules, ask.chat, now)?;
        }
        if !self.takes_reaction(ask.chat, ask.message).await? {
            return self.refuse(ask, now).await;
        }
        let mut slot = self.slot(ask.chat).await?;
        // Without a group, or behind a message that waits for its file, it is sealed later.
        let waits = slot.group.is_none() || self.files.is_blocked(ask.chat);
        let payload = if waits { Ok(Vec::new()) } else { self.seal(&mut slot, &ask) };
        let stored = match payload {
            Ok(payload) => self.store_reaction(&mut slot, &ask, payload).await,
            Err(error) => Err(error),
        };
        if stored.is_err() {
            // The group in memory is ahead of the store.
            slot.forget();
        }
        stored
    }

    /// Whether an emoji may be put on a message: it is of this chat, no reaction itself, and not older than 30 days.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn takes_reaction(&self, chat: ConversationId, message: MessageId) -> Result<bool, Error> {
        let (business, now) = (self.id(), self.env().now());
        let written = self.db().read(move |tx| Ok::<_, Error>(written_at(tx, business, chat, message)?)).await?;
        Ok(written.is_some_and(|at| now.since(at) <= limits::REACTION_MILLIS))
    }

    fn seal(&self, slot: &mut Slot, ask: &Reacting) -> Result<Vec<u8>, Error> {
        let (content, parts) = content(ask.id, ask.message, &ask.emoji, self.env().now());
        let sealed = suki_e2ee::content::seal(&content, &parts, &*self.env().entropy)?;
        let group = slot.group.as_mut().ok_or(Error::NotFound("group"))?;
        Ok(group.encrypt(&self.device, &sealed.header, &sealed.plaintext)?)
    }

    async fn store_reaction(self: &Arc<Self>, slot: &mut Slot, ask: &Reacting, payload: Vec<u8>) -> Result<(), Error> {
        let now = self.env().now();
        let saved = if slot.group.is_some() { Some(self.export(ask.chat, slot)?) } else { None };
        let (own, taken, bytes, seq) = (self.clone(), ask.clone(), payload.clone(), self.outbox.next_seq());
        let event = self
            .db()
            .write(move |tx| {
                let id = own.id();
                insert(tx, id, &taken)?;
                reactions::store(tx, id, taken.chat, &of_business(taken.id, taken.message, taken.emoji.clone(), now))?;
                if let Some(saved) = &saved {
                    groups::save(tx, id, taken.chat, saved)?;
                }
                own.outbox.insert(tx, seq, taken.chat, taken.id, Kind::Reaction, &bytes)?;
                message_event(own.live(), tx, id, taken.chat, taken.message)
            })
            .await?;
        if !payload.is_empty() {
            self.outbox.queue(seq, ask.chat, ask.id, Kind::Reaction, payload);
        }
        event.into_iter().for_each(|event| self.live().tell(event));
        Ok(())
    }

    async fn refuse(self: &Arc<Self>, ask: Reacting, now: Timestamp) -> Result<(), Error> {
        let detail = "The message to react to is not of this chat, is a reaction itself, or is older than 30 days; react to another one";
        let (own, failure) = (self.clone(), Failure::new(NO_TARGET, detail));
        let told = self
            .db()
            .write(move |tx| {
                let mut told = Told::default();
                let message = Tracked {
                    id: ask.id,
                    ord: 0,
                    status: Status::Pending,
                    app: ask.app.map(ObjectId::number),
                    callback_data: ask.callback_data.clone(),
                    price: String::new(),
                    operator: None,
                    is_audio: false,
                    identity: None,
                };
                let change = StatusChange { message: &message, status: Status::Failed, at: now, error: Some(&failure) };
                told.queued.extend(webhooks::status(&own, tx, ask.chat, &change)?);
                Ok::<_, Error>(told)
            })
            .await?;
        self.common().dispatcher().notify(told.queued);
        Ok(())
    }
}

/// When a message of a chat was written.
fn written_at(tx: &mut Tx<'_>, business: AccountId, chat: ConversationId, message: MessageId) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT at FROM message WHERE business = ?1 AND id = ?2 AND chat = ?3";
    tx.query_opt(sql, &[(&business).into(), (&message).into(), (&chat).into()], |row| row.get(0))
}

fn insert(tx: &mut Tx<'_>, business: AccountId, ask: &Reacting) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO reaction_sent (business, id, chat, message, emoji, status, app, callback_data, price) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, '')",
        &[
            (&business).into(),
            (&ask.id).into(),
            (&ask.chat).into(),
            (&ask.message).into(),
            ask.emoji.as_str().into(),
            ask.app.map(ObjectId::number).into(),
            ask.callback_data.as_str().into(),
        ],
    )?;
    Ok(())
}

fn of_business(id: MessageId, target: MessageId, emoji: String, at: Timestamp) -> NewReaction {
    NewReaction { id, target, from: Side::Business, emoji, at }
}

fn content(id: MessageId, message: MessageId, emoji: &str, at: Timestamp) -> (pb::Content, HeaderParts) {
    let reaction = pb::Reaction { message_id: message.to_vec(), emoji: emoji.to_owned() };
    let content = pb::Content { body: Some(pb::content::Body::Reaction(reaction)), ..Default::default() };
    (content, HeaderParts { kind: pb::MessageKind::Reaction, ..HeaderParts::session(id, at) })
}

/// A stored reaction as it is sealed, in the epoch the group is in now. None when it is not under way any more.
///
/// # Errors
/// When the store fails.
pub(crate) fn stored(tx: &mut Tx<'_>, business: AccountId, id: MessageId, at: Timestamp) -> Result<Option<(pb::Content, HeaderParts)>, StoreError> {
    let sql = "SELECT message, emoji FROM reaction_sent WHERE business = ?1 AND id = ?2";
    let found = tx.query_opt(sql, &[(&business).into(), (&id).into()], |row| Ok((row.get::<MessageId>(0)?, row.get::<String>(1)?)))?;
    Ok(found.map(|(message, emoji)| content(id, message, &emoji, at)))
}

fn under_way(tx: &mut Tx<'_>, business: AccountId, chat: ConversationId, id: MessageId) -> Result<Option<Tracked>, StoreError> {
    let sql = "SELECT status, app, callback_data, price FROM reaction_sent WHERE business = ?1 AND id = ?2 AND chat = ?3";
    tx.query_opt(sql, &[(&business).into(), (&id).into(), (&chat).into()], |row| {
        let status = Status::from_stored(row.get(0)?)?;
        Ok(Tracked {
            id,
            ord: 0,
            status,
            app: row.get(1)?,
            callback_data: row.get(2)?,
            price: row.get(3)?,
            is_audio: false,
            operator: None,
            identity: None,
        })
    })
}

/// A reaction has come further: the network has it, or a device.
///
/// # Errors
/// When the store fails.
pub(crate) fn advance(
    business: &Business,
    tx: &mut Tx<'_>,
    chat: ConversationId,
    id: MessageId,
    (to, at, price): (Status, Timestamp, Option<&str>),
    told: &mut Told,
) -> Result<(), Error> {
    let Some(mut message) = under_way(tx, business.id(), chat, id)?.filter(|message| message.status < to) else { return Ok(()) };
    if let Some(price) = price {
        price.clone_into(&mut message.price);
    }
    for step in status::steps(message.status, to.min(Status::Delivered)) {
        told.queued.extend(webhooks::status(business, tx, chat, &StatusChange { message: &message, status: step, at, error: None })?);
    }
    if to >= Status::Delivered {
        return forget(tx, business.id(), id);
    }
    let sql = "UPDATE reaction_sent SET status = ?3, price = ?4 WHERE business = ?1 AND id = ?2";
    tx.execute(sql, &[(&business.id()).into(), (&id).into(), (to as i64).into(), message.price.as_str().into()])?;
    Ok(())
}

/// A reaction was refused, or nobody fetched it in time.
///
/// # Errors
/// When the store fails.
pub(crate) fn fail(
    business: &Business,
    tx: &mut Tx<'_>,
    chat: ConversationId,
    id: MessageId,
    (failure, at): (&Failure, Timestamp),
    told: &mut Told,
) -> Result<(), Error> {
    let Some(message) = under_way(tx, business.id(), chat, id)? else { return Ok(()) };
    told.queued.extend(webhooks::status(business, tx, chat, &StatusChange { message: &message, status: Status::Failed, at, error: Some(failure) })?);
    take_back(business, tx, chat, id, at, told)?;
    forget(tx, business.id(), id)
}

/// What the customer will not see, the inbox does not show either; unless the business has chosen another emoji since.
fn take_back(business: &Business, tx: &mut Tx<'_>, chat: ConversationId, id: MessageId, at: Timestamp, told: &mut Told) -> Result<(), Error> {
    let shown = tx.query_opt(
        "SELECT s.message FROM reaction_sent s
         JOIN message_reaction r ON r.business = s.business AND r.message = s.message AND r.from_business = 1 AND r.id = s.id
         WHERE s.business = ?1 AND s.id = ?2",
        &[(&business.id()).into(), (&id).into()],
        |row| row.get::<MessageId>(0),
    )?;
    let Some(target) = shown else { return Ok(()) };
    if reactions::store(tx, business.id(), chat, &of_business(id, target, String::new(), at))? {
        told.live.extend(message_event(business.live(), tx, business.id(), chat, target)?);
    }
    Ok(())
}

fn forget(tx: &mut Tx<'_>, business: AccountId, id: MessageId) -> Result<(), Error> {
    tx.execute("DELETE FROM reaction_sent WHERE business = ?1 AND id = ?2", &[(&business).into(), (&id).into()])?;
    Ok(())
}
