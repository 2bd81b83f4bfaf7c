//! A message of the business, a text or a template: stored, encrypted and queued in one unit, so that whoever is told it was taken can rely on it.
use crate::{
    Business, Error, content, flows,
    groups::{self, Slot},
    live::message_event,
    media::{self, prepare},
    messages::{self, Message, NewMessage, Sent, Side, Via},
    outbox::Kind,
    templates::Filled,
};
use prost::Message as _;
use std::sync::Arc;
use suki_cloud_api::ObjectId;
use suki_protocol::pb;
use suki_store::StoreError;
use suki_types::{ConversationId, MessageId, OperatorId, Timestamp, limits};

/// The category of a marketing template that goes over the Cloud API's `marketing_messages`, as it is stored and as its header says it in small letters.
const MARKETING_LITE: &str = "MARKETING_LITE";

/// What is sent.
#[derive(Debug, Clone)]
pub enum What {
    /// A text.
    Text {
        /// 1 to 4,096 characters.
        body: String,
        /// Whether the customer's device may show a preview of its first link.
        preview_url: bool,
    },
    /// An approved template, filled in and checked.
    Template(Box<Filled>),
    /// Anything else, such as a file or a place: within the limits of [`suki_protocol::content::check`].
    Rich(Box<pb::content::Body>),
}

/// A message that the business wants to send.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Its id; sending the same id again sends nothing and gives the first one back.
    pub id: MessageId,
    /// The chat.
    pub chat: ConversationId,
    /// What is sent.
    pub what: What,
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

impl Outgoing {
    /// A message that an operator writes in the inbox.
    pub fn of_operator(operator: OperatorId, id: MessageId, chat: ConversationId, what: What, reply_to: Option<MessageId>) -> Self {
        Self { id, chat, what, reply_to, operator: Some(operator), via: Via::Inbox, app: None, callback_data: String::new() }
    }
}

impl Business {
    /// Takes a message: when this returns it is durable, encrypted and on its way. The network decides whether it may go; a refusal comes as a status.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a text that is empty or too long, a content that breaks its limits, or an answer to a message of another chat; [`Error::NotFound`] for a chat that is not
    /// this business's; [`Error::Conflict`] when the id is taken by another message; [`Error::TooFast`] when it writes faster than
    /// it may; [`Error::Unavailable`] when the disk is full.
    pub async fn send(self: &Arc<Self>, out: Outgoing) -> Result<Message, Error> {
        match &out.what {
            What::Text { body, .. } => check_text(body)?,
            What::Rich(body) => check_rich(body)?,
            What::Template(_) => {}
        }
        if let Some(rules) = self.rules() {
            self.pace.take(&rules, out.chat, self.env().now())?;
        }
        let mut slot = self.slot(out.chat).await?;
        let mut body = out.what.body();
        // Whether it has a file that is not on the network yet.
        let awaits = media::awaits(&mut body);
        let payload = match slot.group.as_mut() {
            // What comes after a message that waits for a file waits, too.
            _ if awaits || self.files.is_blocked(out.chat) => Vec::new(),
            None => Vec::new(),
            Some(_) => match self.encrypt(&mut slot, &out, body) {
                Ok(payload) => payload,
                Err(error) => {
                    slot.forget();
                    return Err(error);
                }
            },
        };
        let (chat, id) = (out.chat, out.id);
        let stored = self.store(&mut slot, out, awaits, payload.clone()).await;
        if !matches!(stored, Ok(Stored { fresh: true, .. })) {
            // Not stored, or stored before: the group in memory is ahead of the store.
            slot.forget();
        }
        if let Err(error @ Error::Store(_)) = &stored {
            self.live().doubt(error);
            if self.is_connected() {
                self.outbox.look_again();
            }
        }
        let stored = stored?;
        if stored.fresh {
            if awaits {
                self.files.block(chat);
                prepare::begin(self, chat, id);
            }
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

    fn encrypt(&self, slot: &mut Slot, out: &Outgoing, body: pb::content::Body) -> Result<Vec<u8>, Error> {
        let now = self.env().now();
        let reply_to = out.reply_to.map(|id| id.to_vec()).unwrap_or_default();
        let plain = pb::Content { body: Some(body), reply_to, ..Default::default() };
        let sealed = suki_e2ee::content::seal(&plain, &content::header(out.id, &out.what.sent(), now)?, &*self.env().entropy)?;
        let group = slot.group.as_mut().ok_or(Error::NotFound("group"))?;
        Ok(group.encrypt(&self.device, &sealed.header, &sealed.plaintext)?)
    }

    async fn store(self: &Arc<Self>, slot: &mut Slot, out: Outgoing, awaits: bool, payload: Vec<u8>) -> Result<Stored, Error> {
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
                    let same = message.chat == out.chat && message.from == Side::Business && out.what.is(&message);
                    let taken = || Error::Conflict("this message id is taken by another message; make a new one".into());
                    return same.then_some(Stored { message, seq, fresh: false, event: None }).ok_or_else(taken);
                }
                if let Some(quoted) = out.reply_to
                    && messages::ord_of(tx, id, out.chat, quoted)?.is_none()
                {
                    return Err(Error::Invalid("the message to reply to is not of this chat".into()));
                }
                let message = insert(tx, &own, &out, now)?;
                if let What::Rich(body) = &out.what {
                    flows::send::admit_draft(&own, tx, out.chat, body)?;
                }
                if awaits {
                    prepare::wait(tx, id, out.chat, out.id)?;
                }
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

impl What {
    fn body(&self) -> pb::content::Body {
        match self {
            Self::Text { body, preview_url } => pb::content::Body::Text(pb::Text { body: body.clone(), preview_url: *preview_url }),
            Self::Template(filled) => pb::content::Body::Template(filled.sent.clone()),
            Self::Rich(body) => (**body).clone(),
        }
    }

    fn sent(&self) -> Sent {
        match self {
            Self::Text { .. } => Sent::Text,
            Self::Template(filled) => Sent::Template {
                template_id: filled.template_id.clone(),
                category: if filled.lite { MARKETING_LITE.into() } else { filled.shown.category.clone() },
                content: filled.sent.encode_to_vec(),
            },
            Self::Rich(body) => Sent::of(&pb::Content { body: Some((**body).clone()), ..Default::default() }).unwrap_or_default(),
        }
    }

    /// Whether a stored message says the same.
    fn is(&self, message: &Message) -> bool {
        match self {
            Self::Text { body, .. } => message.sent == Sent::Text && message.text == *body,
            Self::Template(_) | Self::Rich(_) => media::same_but_files(&message.sent, &self.sent()),
        }
    }
}

struct Stored {
    message: Message,
    seq: i64,
    fresh: bool,
    event: Option<crate::live::LiveEvent>,
}

/// Stores a message of the business at the end of its chat.
///
/// # Errors
/// When the store fails; [`Error::NotFound`] for a chat that is not this business's.
pub(crate) fn insert(tx: &mut suki_store::Tx<'_>, business: &Business, out: &Outgoing, now: Timestamp) -> Result<Message, Error> {
    let (text, preview_url, template) = match &out.what {
        What::Text { body, preview_url } => (body.clone(), *preview_url, None),
        What::Template(filled) => (filled.text.clone(), false, Some(filled.shown.clone())),
        What::Rich(body) => (suki_protocol::content::words(body), false, None),
    };
    let new = NewMessage {
        id: out.id,
        from: Side::Business,
        text,
        sent: out.what.sent(),
        template,
        preview_url,
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

fn check_rich(body: &pb::content::Body) -> Result<(), Error> {
    let of_business = !matches!(body, pb::content::Body::InteractiveReply(_) | pb::content::Body::ButtonReply(_) | pb::content::Body::Order(_));
    if !of_business || suki_protocol::content::message_kind(body) != pb::MessageKind::Session {
        return Err(Error::Invalid("this is nothing that a business sends as a message".into()));
    }
    suki_protocol::content::check(body).map_err(|what| Error::Invalid(format!("the message's {what} is empty, too long, or not of its form")))
}

fn check_text(text: &str) -> Result<(), Error> {
    let count = text.chars().count();
    if text.trim().is_empty() || count > limits::TEXT_CHARS {
        return Err(Error::Invalid(format!("a text has 1 to {} characters, not {count}; longer ones have to be split", limits::TEXT_CHARS)));
    }
    Ok(())
}
