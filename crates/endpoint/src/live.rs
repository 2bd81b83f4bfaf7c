//! What operators see at once: events after every commit, told to each open inbox in its own words.
use crate::{
    Business, Error,
    chats::{self, Chat},
    messages::{Failure, Message, OperatorName, Status},
};
use parking_lot::RwLock;
use serde_json::{Value, json};
use std::{collections::HashMap, sync::Arc};
use suki_protocol::calls::{announcement::Announcement, standing::StandingChanged, trust::TrustStatus};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, ConversationId, MessageId, OperatorId, Timestamp};
use tokio::sync::broadcast;

/// How many events an open inbox may lag behind before it is told to read again.
const LAG: usize = 256;

/// A chat as every operator needs it: the same for all but the unread count.
#[derive(Debug, Clone)]
pub struct SharedChat {
    chat: Chat,
    seen: HashMap<OperatorId, i64>,
}

impl SharedChat {
    /// Reads a chat and what each operator has seen of it.
    ///
    /// # Errors
    /// When there is no such chat or the store fails.
    pub fn read(tx: &mut Tx<'_>, business: AccountId, chat: ConversationId) -> Result<Self, Error> {
        let nobody = OperatorId::from_bytes([0; 16]);
        let seen = chats::seen_by(tx, business, chat)?.into_iter().collect();
        Ok(Self { chat: chats::get(tx, business, chat, nobody)?, seen })
    }

    fn for_operator(&self, operator: OperatorId) -> Chat {
        let seen = self.seen.get(&operator).copied().unwrap_or(0);
        Chat { unread: (self.chat.incoming - seen).max(0), ..self.chat.clone() }
    }
}

/// Something that happened.
#[derive(Debug, Clone)]
pub enum LiveEvent {
    /// A message is new, or has changed.
    Message(Box<SharedChat>, Box<Message>),
    /// Messages of the business came further.
    Status {
        /// Their chat.
        chat: ConversationId,
        /// Which.
        ids: Vec<MessageId>,
        /// How far.
        status: Status,
        /// When.
        at: Timestamp,
        /// Why, if they failed.
        error: Option<Failure>,
    },
    /// A chat is new, or its window or name has changed.
    Chat(Box<SharedChat>),
    /// A chat's window ends soon, and its customer waits for an answer (R97).
    WindowWarning(Box<SharedChat>),
    /// An operator has read a chat.
    Read {
        /// Who; only he is told.
        operator: OperatorId,
        /// Which.
        chat: ConversationId,
        /// What he has not seen yet.
        unread: i64,
    },
    /// What the network knows of the business has changed.
    Trust(Box<TrustStatus>),
    /// The platform announces something.
    Announcement(Box<Announcement>),
    /// Somebody writes, or has stopped.
    Typing {
        /// Where.
        chat: ConversationId,
        /// Which operator; none: the customer.
        operator: Option<OperatorName>,
        /// Whether he writes.
        on: bool,
    },
    /// The business's standing with the platform has changed.
    Standing(Box<StandingChanged>),
}

impl LiveEvent {
    /// What this operator's inbox is told; none if it is not for him.
    pub fn for_operator(&self, me: OperatorId) -> Option<Value> {
        Some(match self {
            Self::Message(chat, message) => json!({"type": "message", "chat": chat.for_operator(me), "message": message}),
            Self::Status { chat, ids, status, at, error } => {
                json!({"type": "status", "chat": chat, "ids": ids, "status": status, "at": at, "error": error})
            }
            Self::Chat(chat) => json!({"type": "chat", "chat": chat.for_operator(me)}),
            Self::WindowWarning(chat) => json!({"type": "window_warning", "chat": chat.for_operator(me)}),
            Self::Read { operator, .. } if *operator != me => return None,
            Self::Read { chat, unread, .. } => json!({"type": "read", "chat": chat, "unread": unread}),
            Self::Trust(status) => json!({"type": "trust", "status": status}),
            Self::Announcement(announcement) => json!({"type": "announcement", "announcement": announcement}),
            Self::Typing { operator: Some(operator), .. } if operator.id == me => return None,
            Self::Typing { chat, operator, on } => {
                let who = if operator.is_some() { "operator" } else { "customer" };
                json!({"type": "typing", "chat": chat, "who": who, "operator": operator, "on": on})
            }
            Self::Standing(changed) => json!({"type": "standing", "what": changed.what, "now": changed.now}),
        })
    }
}

impl Business {
    /// What happens from now on; whoever reads what is stored once this returns misses nothing between the two. Events are made only while somebody looks, so
    /// that units under way may have made none: they are waited for.
    pub async fn watch(&self) -> broadcast::Receiver<Arc<LiveEvent>> {
        let events = self.live().watch();
        // Units of a business are stored one after the other. If this one cannot be, nor can the ones before it, and what is stored can be read all the same.
        if let Err(error) = self.db().write(|_| Ok::<_, Error>(())).await {
            tracing::debug!(business = %self.id(), %error, "an inbox opens while nothing can be stored");
        }
        events
    }
}

/// The open inboxes of one business; none once the business has stopped here.
#[derive(Debug)]
pub struct Live(RwLock<Option<broadcast::Sender<Arc<LiveEvent>>>>);

impl Default for Live {
    fn default() -> Self {
        Self(RwLock::new(Some(broadcast::Sender::new(LAG))))
    }
}

impl Live {
    /// Whether anybody looks: if not, events need not be made.
    pub fn is_watched(&self) -> bool {
        self.0.read().as_ref().is_some_and(|inboxes| inboxes.receiver_count() > 0)
    }

    /// Tells all open inboxes. Only what is committed may be told.
    pub fn tell(&self, event: LiveEvent) {
        if let Some(inboxes) = &*self.0.read() {
            // An error says that nobody listens, which is no fault.
            let _ = inboxes.send(Arc::new(event));
        }
    }

    /// Once the business has stopped here it says that it is closed.
    fn watch(&self) -> broadcast::Receiver<Arc<LiveEvent>> {
        self.0.read().as_ref().map_or_else(|| broadcast::Sender::new(1).subscribe(), broadcast::Sender::subscribe)
    }

    /// Tells every open inbox to read everything again: something may have happened that it was not told.
    pub(crate) fn again(&self) {
        if let Some(inboxes) = &mut *self.0.write() {
            *inboxes = broadcast::Sender::new(LAG);
        }
    }

    /// A unit failed. If its outcome is unknown, open inboxes may have missed what it stored.
    pub(crate) fn doubt(&self, error: &Error) {
        if matches!(error, Error::Store(StoreError::InDoubt(_))) {
            self.again();
        }
    }

    /// Tells every open inbox that nothing more is told here.
    pub(crate) fn end(&self) {
        self.0.write().take();
    }
}

/// The event for a message that was stored in this unit; none while nobody looks.
///
/// # Errors
/// When the store fails.
pub fn message_event(live: &Live, tx: &mut Tx<'_>, business: AccountId, chat: ConversationId, id: MessageId) -> Result<Option<LiveEvent>, Error> {
    if !live.is_watched() {
        return Ok(None);
    }
    let message = crate::messages::get(tx, business, id)?.ok_or(StoreError::NotFound)?;
    Ok(Some(LiveEvent::Message(Box::new(SharedChat::read(tx, business, chat)?), Box::new(message))))
}
