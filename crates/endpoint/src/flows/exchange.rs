//! What a customer's device asks while a form is open: the endpoint asks the business's server, and gives the device the screen that it answers with.
use super::{Flow, row, server::Failure};
use crate::{Business, Error, exchange::Asked};
use parking_lot::Mutex;
use serde_json::Value;
use std::{collections::HashMap, sync::Arc};
use suki_cloud_api::flows::{
    Status,
    channel::{self, Question, Unusable},
};
use suki_types::{ConversationId, Timestamp};

const MINUTE_MILLIS: i64 = 60_000;

/// How many questions each conversation has put in this minute.
#[derive(Debug, Default)]
pub(crate) struct Pace(Mutex<(i64, HashMap<ConversationId, u32>)>);

impl Pace {
    /// Whether one more may be put.
    fn take(&self, chat: ConversationId, most: u32, now: Timestamp) -> bool {
        let mut counted = self.0.lock();
        let minute = now.millis() / MINUTE_MILLIS;
        if counted.0 != minute {
            *counted = (minute, HashMap::new());
        }
        let count = counted.1.entry(chat).or_default();
        *count = count.saturating_add(1);
        *count <= most
    }
}

fn cannot(words: &str) -> Error {
    Error::Invalid(words.into())
}

/// Answers a device's question of the kind `flow`.
///
/// # Errors
/// [`Error::Invalid`] and [`Error::NotFound`] with words for the person; when the store fails.
pub(crate) async fn answer(business: &Arc<Business>, asked: &Asked) -> Result<Value, Error> {
    let question = channel::question(&asked.json).ok_or_else(|| cannot("This is no question about a form"))?;
    let rules = business.flow_rules()?;
    if !business.flow_pace.take(asked.chat, rules.questions_per_minute, business.env().now()) {
        return Err(cannot("That was too fast. Try again in a minute"));
    }
    let flow = business.flow(question.flow).await.map_err(|_| Error::NotFound("form"))?;
    may_ask(business, &flow, asked.chat).await?;
    let version = flow.outline.data_api_version.clone();
    let began = business.env().now();
    let said = business.ask_server(&flow, &channel::payload(&question, &version)).await?;
    let taken = u64::try_from(business.env().now().since(began)).unwrap_or_default();
    let shown = said.and_then(|said| {
        channel::answer(&question, &flow.outline.screens, &said).map_err(|why| {
            complain(business, &flow, &question, why);
            Failure::Unusable
        })
    });
    super::health::note(business, &flow, shown.as_ref().err(), taken).await?;
    Ok(shown.unwrap_or_else(|failure| channel::cannot_go_on(&failure.words())))
}

async fn may_ask(business: &Business, flow: &Flow, chat: ConversationId) -> Result<(), Error> {
    if flow.outline.data_api_version.is_empty() || flow.server().is_empty() {
        return Err(cannot("This form has nobody to ask"));
    }
    match flow.status {
        Status::Published | Status::Throttled => Ok(()),
        Status::Deprecated => Err(cannot("The shop has taken this form back")),
        Status::Blocked => Err(cannot("This form does not work at the moment. Write to the shop instead")),
        Status::Draft => {
            let (id, business_id) = (flow.id, business.id());
            let tests = business.db().read(move |tx| Ok::<_, Error>(row::is_tester(tx, business_id, id, &chat)?)).await?;
            if tests { Ok(()) } else { Err(Error::NotFound("form")) }
        }
    }
}

/// Tells the server what was wrong with its answer, beside everything else.
fn complain(business: &Arc<Business>, flow: &Flow, question: &Question, why: Unusable) {
    let payload = channel::failed(question, &flow.outline.data_api_version, why.word(), why.words());
    let (own, flow) = (business.clone(), flow.clone());
    business.spawn(async move {
        if let Err(error) = own.ask_server(&flow, &payload).await {
            tracing::debug!(business = %own.id(), flow = %flow.id, %error, "a flow's server could not be told of its mistake");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_asks_so_often_a_minute() {
        let (pace, one, other) = (Pace::default(), ConversationId::from_bytes([1; 16]), ConversationId::from_bytes([2; 16]));
        let now = Timestamp::from_millis(60_000);
        assert_eq!((0..5).filter(|_| pace.take(one, 3, now)).count(), 3);
        assert!(pace.take(other, 3, now) && !pace.take(one, 3, now.plus_millis(59_999)));
        assert!(pace.take(one, 3, now.plus_millis(60_000)));
    }
}
