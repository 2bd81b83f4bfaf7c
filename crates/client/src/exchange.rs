//! What a device asks a business that is no message: a page of its catalogue, a screen of a form.
use crate::{Client, ClientError, worker::Command};
use serde_json::Value;
use suki_types::{ConversationId, limits};

impl Client {
    /// Asks the business's endpoint and waits for its answer, at most 30 seconds of the device's clock. `kind` names the shapes of question and answer:
    /// `catalog`, `flow`. An answer with `error` says in words why there is no other.
    ///
    /// # Errors
    /// [`ClientError::Unanswered`] when no answer comes; when the question breaks a limit or the conversation is unknown.
    pub async fn exchange(&self, conversation: ConversationId, kind: &str, question: &Value) -> Result<Value, ClientError> {
        let (kind, json) = (kind.to_owned(), question.to_string().into_bytes());
        let late = self.env.clock.wait_until(self.env.now().plus_millis(limits::EXCHANGE_MILLIS));
        let answer = self.ask(|answer| Command::Exchange { conversation, kind, json, answer });
        tokio::select! {
            answered = answer => serde_json::from_slice(&answered??).map_err(|_| ClientError::Content("answer")),
            () = late => Err(ClientError::Unanswered),
        }
    }
}
