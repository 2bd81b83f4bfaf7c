//! Questions to a business that wait for their answers.
use super::Worker;
use crate::ClientError;
use std::collections::HashMap;
use suki_protocol::pb::{self, content::Body};
use suki_types::ConversationId;
use tokio::sync::oneshot;

/// By the question's id.
pub(crate) type Waiting = HashMap<Vec<u8>, oneshot::Sender<Result<Vec<u8>, ClientError>>>;

impl Worker {
    pub(super) fn exchange(
        &mut self,
        conversation: ConversationId,
        kind: String,
        json: Vec<u8>,
        whom: oneshot::Sender<Result<Vec<u8>, ClientError>>,
    ) {
        // Who has stopped waiting is forgotten with the next question.
        self.questions.retain(|_, waiting| !waiting.is_closed());
        let id = self.env.random::<16>().to_vec();
        let exchange = pb::Exchange { id: id.clone(), kind, answer: false, json };
        let content = pb::Content { body: Some(Body::Exchange(exchange)), ..Default::default() };
        match self.write(conversation, content, None) {
            Ok(_) => drop(self.questions.insert(id, whom)),
            Err(error) => drop(whom.send(Err(error))),
        }
    }

    /// Gives an answer to who waits for it.
    pub(super) fn exchanged(&mut self, exchange: &pb::Exchange) {
        if let Some(whom) = self.questions.remove(&exchange.id) {
            drop(whom.send(Ok(exchange.json.clone())));
        }
    }
}
