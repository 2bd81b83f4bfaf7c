//! A message of the business: stored, encrypted and queued in one unit, so that whoever is told it was taken can rely on it.
use crate::{
    Business, Error,
    groups::{self, Slot},
    live::message_event,
    messages::{self, Message, NewMessage, Side, Via},
    outbox::Kind,
};
use std::sync::Arc;
use suki_cloud_api::ObjectId;
use suki_e2ee::content::{self, HeaderParts};
use suki_protocol::pb;
use suki_store::StoreError;
use suki_types::{ConversationId, MessageId, OperatorId, Timestamp, limits};

/// A text that the business wants to send.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Its id; sending the same id again sends nothing and gives the first one back.
    pub id: MessageId,
    /// The chat.
    pub chat: ConversationId,
    /// 1 to 4,096 characters.
    pub text: String,
    /// Whether the customer's device may show a preview of its first link.
    pub preview_url: bool,
    /// The message it answers, of the same chat.
    pub reply_to: Option<MessageId>,
    /// The operator who wrote it.
    pub operator: Option<OperatorId>,
    /// By what it came.
    pub via: Via,
    /// The app that sent it.
    pub app: Option<ObjectId>,
    /// Comes back in its statuses.
    pub callback_data: String,
}

impl Business {
    /// Takes a text: when this returns it is durable, encrypted and on its way. The network decides whether it may go; a refusal comes as a status.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a text that is empty or too long, or an answer to a message of another chat; [`Error::NotFound`] for a chat that is not
    /// this business's; [`Error::Conflict`] when the id is taken by another message; [`Error::Unavailable`] when the disk is full.
    pub async fn send(self: &Arc<Self>, out: Outgoing) -> Result<Message, Error> {
        check_text(&out.text)?;
        let mut slot = self.slot(out.chat).await?;
        let payload = match slot.group.as_mut() {
            None => Vec::new(),
            Some(_) => match self.encrypt(&mut slot, &out) {
                Ok(payload) => payload,
                Err(error) => {
                    slot.forget();
                    return Err(error);
                }
            },
        };
        let (chat, id) = (out.chat, out.id);
        let stored = self.store(&mut slot, out, payload.clone()).await;
        if !matches!(stored, Ok(Stored { fresh: true, .. })) {
            // Not stored, or stored before: the group in memory is ahead of the store.
            slot.forget();
        }
        let stored = stored?;
        if stored.fresh {
            // While the slot is held, so that the messages of a chat are queued in the order in which they were encrypted.
            if !payload.is_empty() {
                self.outbox.queue(stored.seq, chat, id, Kind::Message, payload);
            }
            if let Some(event) = stored.event {
                self.live().tell(event);
            }
        }
        Ok(stored.message)
    }

    fn encrypt(&self, slot: &mut Slot, out: &Outgoing) -> Result<Vec<u8>, Error> {
        let body = pb::content::Body::Text(pb::Text { body: out.text.clone(), preview_url: out.preview_url });
        let reply_to = out.reply_to.map(|id| id.to_vec()).unwrap_or_default();
        let plain = pb::Content { body: Some(body), reply_to, sender_name: String::new() };
        let sealed = content::seal(&plain, &HeaderParts::session(out.id, self.env().now()), &*self.env().entropy)?;
        let group = slot.group.as_mut().ok_or(Error::NotFound("group"))?;
        Ok(group.encrypt(&self.device, &sealed.header, &sealed.plaintext)?)
    }

    async fn store(self: &Arc<Self>, slot: &mut Slot, out: Outgoing, payload: Vec<u8>) -> Result<Stored, Error> {
        let saved = if slot.group.is_some() { Some(self.export(out.chat, slot)?) } else { None };
        let seq = self.outbox.next_seq();
        let own = self.clone();
        let now = self.env().now();
        self.db()
            .write(move |tx| {
                let id = own.id();
                if messages::exists(tx, id, out.id)?
                    && let Some(message) = messages::get(tx, id, out.id)?
                {
                    let same = message.chat == out.chat && message.text == out.text && message.from == Side::Business;
                    let taken = || Error::Conflict("this message id is taken by another message; make a new one".into());
                    return same.then_some(Stored { message, seq, fresh: false, event: None }).ok_or_else(taken);
                }
                if let Some(quoted) = out.reply_to
                    && messages::ord_of(tx, id, out.chat, quoted)?.is_none()
                {
                    return Err(Error::Invalid("the message to reply to is not of this chat".into()));
                }
                let message = insert(tx, &own, &out, now)?;
                if let Some(saved) = &saved {
                    groups::save(tx, id, out.chat, saved)?;
                }
                own.outbox.insert(tx, seq, out.chat, out.id, Kind::Message, &payload)?;
                let event = message_event(own.live(), tx, id, out.chat, out.id)?;
                Ok(Stored { message, seq, fresh: true, event })
            })
            .await
    }
}

struct Stored {
    message: Message,
    seq: i64,
    fresh: bool,
    event: Option<crate::live::LiveEvent>,
}

fn insert(tx: &mut suki_store::Tx<'_>, business: &Business, out: &Outgoing, now: Timestamp) -> Result<Message, Error> {
    let new = NewMessage {
        id: out.id,
        from: Side::Business,
        text: out.text.clone(),
        preview_url: out.preview_url,
        reply_to: out.reply_to,
        at: now,
        operator: out.operator,
        via: out.via,
        app: out.app,
        callback_data: out.callback_data.clone(),
    };
    let order = messages::insert(tx, business.id(), out.chat, &new).map_err(|error| match error {
        StoreError::NotFound => Error::NotFound("chat"),
        other => other.into(),
    })?;
    match new.stored(out.chat, order) {
        Some(message) => Ok(message),
        None => Ok(messages::get(tx, business.id(), out.id)?.ok_or(StoreError::NotFound)?),
    }
}

fn check_text(text: &str) -> Result<(), Error> {
    let count = text.chars().count();
    if text.trim().is_empty() || count > limits::TEXT_CHARS {
        return Err(Error::Invalid(format!("a text has 1 to {} characters, not {count}; longer ones have to be split", limits::TEXT_CHARS)));
    }
    Ok(())
}
