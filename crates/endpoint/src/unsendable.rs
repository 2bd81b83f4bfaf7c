//! Messages that are taken and cannot go: a program is told so by a status, as with Meta, since the request itself was right.
use crate::{
    Business, Error,
    agent::Told,
    live::message_event,
    messages::{self, Failure, Message},
    send::{self, Outgoing},
    status,
};
use std::sync::Arc;
use suki_store::StoreError;
use suki_types::{ConversationId, MessageId};

impl Business {
    /// Stores a message that failed already, and tells why.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a chat that is not this business's; [`Error::TooFast`] when it writes faster than it may; when the store fails.
    pub async fn send_in_vain(self: &Arc<Self>, out: Outgoing, failure: Failure) -> Result<Message, Error> {
        let now = self.env().now();
        if let Some(rules) = self.rules() {
            self.pace.take(&rules, out.chat, now)?;
        }
        let own = self.clone();
        let (message, told) = self
            .db()
            .write(move |tx| {
                let mut told = Told::default();
                send::insert(tx, &own, &out, now)?;
                told.live.extend(message_event(own.live(), tx, own.id(), out.chat, out.id)?);
                status::fail(&own, tx, out.chat, out.id, failure.clone(), now, &mut told)?;
                let message = messages::get(tx, own.id(), out.id)?.ok_or(StoreError::NotFound)?;
                Ok::<_, Error>((message, told))
            })
            .await?;
        self.common().dispatcher().notify(told.queued);
        told.live.into_iter().for_each(|event| self.live().tell(event));
        Ok(message)
    }

    /// The message a program wants to quote, if this chat has it: what is not known any more is not quoted, as with Meta, and the answer goes without.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn quotable(&self, chat: ConversationId, message: Option<MessageId>) -> Result<Option<MessageId>, Error> {
        let (business, Some(message)) = (self.id(), message) else { return Ok(None) };
        let place = self.db().read(move |tx| Ok::<_, Error>(messages::ord_of(tx, business, chat, message)?)).await?;
        Ok(place.map(|_| message))
    }
}
