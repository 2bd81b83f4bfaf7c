//! Conversations that a business begins (R10, R11).
use super::{Call, Told, consent::Who};
use serde::{Deserialize, Serialize};
use suki_types::{AccountId, ConversationId};

/// A business begins a conversation: only with a customer who agreed or wrote before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenConversation {
    /// With whom.
    pub who: Who,
}

impl Call for OpenConversation {
    const NAME: &'static str = "conversation.open";
    type Answer = Opened;
}

/// The conversation; the endpoint also gets the event from which it makes the group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// Its id.
    pub conversation: ConversationId,
    /// The customer.
    pub customer: AccountId,
    /// Whether it existed before.
    pub existed: bool,
}

/// A business whose programs greet learns that a customer has opened the chat, for the first time and by himself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConversationEntered {
    /// The customer.
    pub customer: AccountId,
}

impl Told for ConversationEntered {
    const KIND: &'static str = "conversation.entered";
}
