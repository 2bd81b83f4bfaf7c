//! What a customer says beyond words, each with a call of its own.
use crate::{Client, ClientError, worker::Command};
use suki_protocol::pb::{self, content::Body};
use suki_types::{ConversationId, MessageId};

impl Client {
    /// Shows a place.
    ///
    /// # Errors
    /// When it is none on earth, or the conversation is unknown.
    pub async fn send_location(&self, conversation: ConversationId, location: pb::Location) -> Result<MessageId, ClientError> {
        self.say(conversation, Body::Location(location), None).await
    }

    /// Shows people.
    ///
    /// # Errors
    /// When there are none or too many, or the conversation is unknown.
    pub async fn send_contacts(&self, conversation: ConversationId, cards: Vec<pb::ContactCard>) -> Result<MessageId, ClientError> {
        self.say(conversation, Body::Contacts(pb::Contacts { cards }), None).await
    }

    /// Orders. The prices are those that the business's products had when they were shown; the business compares them with what holds.
    ///
    /// # Errors
    /// When the order is empty or too long, or the conversation is unknown.
    pub async fn order(&self, conversation: ConversationId, order: pb::Order) -> Result<MessageId, ClientError> {
        self.say(conversation, Body::Order(order), None).await
    }

    /// Answers a form of the business: `json` is an object with what was filled in.
    ///
    /// # Errors
    /// When the answer is too long, or the conversation is unknown.
    pub async fn fill_in(&self, conversation: ConversationId, form: MessageId, json: &str) -> Result<MessageId, ClientError> {
        let reply = pb::InteractiveReply { kind: "nfm_reply".into(), name: "flow".into(), json: json.into(), ..Default::default() };
        self.say(conversation, Body::InteractiveReply(reply), Some(form)).await
    }

    /// Puts an emoji on a message in the place of the former one; "" takes it back.
    ///
    /// # Errors
    /// When the emoji is too long, or the conversation or message unknown.
    pub async fn react(&self, conversation: ConversationId, message: MessageId, emoji: &str) -> Result<MessageId, ClientError> {
        if self.thread(conversation).await?.message(message).is_none() {
            return Err(ClientError::Unknown);
        }
        let reaction = pb::Reaction { message_id: message.to_vec(), emoji: emoji.into() };
        self.say(conversation, Body::Reaction(reaction), None).await
    }

    /// Tells the business that a message of its own, which is spoken, was listened to; it was seen then, too.
    ///
    /// # Errors
    /// When the conversation or message is unknown.
    pub async fn play(&self, conversation: ConversationId, message: MessageId) -> Result<(), ClientError> {
        self.ask(|answer| Command::Play(conversation, message, answer)).await?
    }

    async fn say(&self, conversation: ConversationId, body: Body, reply_to: Option<MessageId>) -> Result<MessageId, ClientError> {
        self.send(conversation, pb::Content { body: Some(body), ..Default::default() }, reply_to).await
    }
}
