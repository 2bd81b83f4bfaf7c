//! What a customer's device asks the business that is no message, and the answer: a page of the catalogue, a screen of a form (`pb::Exchange`). Nothing of
//! it is stored; a question that is lost, or comes too late, is asked again by who still wants to know.
use crate::{Business, Error, commerce::pages, control, flows};
use serde_json::{Value, json};
use std::sync::Arc;
use suki_protocol::pb::{self, content::Body};
use suki_types::{AccountId, ConversationId, Timestamp, limits};

/// A question.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Where it was asked.
    pub chat: ConversationId,
    /// Who asks.
    pub customer: AccountId,
    /// Its id, 16 bytes: the answer has the same.
    pub id: Vec<u8>,
    /// What is asked: it names the shape of `json`.
    pub kind: String,
    /// The question itself, at most 48 KiB.
    pub json: Vec<u8>,
    /// When the network took it.
    pub at: Timestamp,
}

impl Asked {
    /// Reads it from a content; none when it is an answer, which only businesses give.
    pub fn read(chat: ConversationId, customer: AccountId, at: Timestamp, exchange: &pb::Exchange) -> Option<Self> {
        let (id, kind, json) = (exchange.id.clone(), exchange.kind.clone(), exchange.json.clone());
        (!exchange.answer).then_some(Self { chat, customer, id, kind, json, at })
    }

    /// The question as JSON.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is no object.
    pub fn question(&self) -> Result<Value, Error> {
        serde_json::from_slice(&self.json).ok().filter(Value::is_object).ok_or_else(|| Error::Invalid("The question is no JSON object".into()))
    }
}

/// Answers questions, each beside everything else.
pub(crate) fn begin(business: &Arc<Business>, asked: Vec<Asked>) {
    for one in asked {
        let own = business.clone();
        business.spawn(async move {
            let Ok(_turn) = own.questions.acquire().await else { return };
            let late_at = one.at.plus_millis(limits::EXCHANGE_MILLIS);
            let now = own.env().now();
            if now >= late_at {
                tracing::debug!(business = %own.id(), chat = %one.chat, "a question is too old: who asked has stopped waiting");
                return;
            }
            let answered = tokio::select! {
                answered = answer(&own, &one) => answered,
                () = own.env().clock.wait_until(late_at) => return,
            };
            if let Err(error) = give(&own, &one, answered).await {
                tracing::warn!(business = %own.id(), chat = %one.chat, %error, "a question could not be answered");
            }
        });
    }
}

/// The answer, by what is asked.
async fn answer(business: &Arc<Business>, asked: &Asked) -> Result<Value, Error> {
    match asked.kind.as_str() {
        "catalog" => pages::answer(business, asked).await,
        "flow" => flows::exchange::answer(business, asked).await,
        _ => Err(Error::Invalid("This shop knows no such question: it may run an older version".into())),
    }
}

/// Sends the answer, or in its place `{"error"}` with words for the person.
async fn give(business: &Arc<Business>, asked: &Asked, answered: Result<Value, Error>) -> Result<(), Error> {
    let refusal = |words: String| json!({ "error": words });
    let answer = answered.unwrap_or_else(|error| refusal(words(business, &error)));
    let mut json = answer.to_string().into_bytes();
    if json.len() > limits::CONTENT_JSON_BYTES {
        json = refusal("The shop's answer is too long to be sent".into()).to_string().into_bytes();
    }
    let mut slot = business.slot(asked.chat).await?;
    let body = Body::Exchange(pb::Exchange { id: asked.id.clone(), kind: asked.kind.clone(), answer: true, json });
    control::send(business, asked.chat, &mut slot, body).await
}

/// Why there is no answer, for a person.
fn words(business: &Business, error: &Error) -> String {
    match error {
        Error::Refused(refused) => refused.details.clone(),
        Error::Invalid(text) => text.clone(),
        Error::NotFound(what) => format!("There is no such {what}"),
        other => {
            tracing::warn!(business = %business.id(), error = %other, "a question could not be answered");
            "The shop cannot answer at the moment; try again shortly".into()
        }
    }
}
