//! One try and what becomes of it.
use super::{
    Held, Inner, Receiver, metrics,
    queue::{self, Item, Target, Tried},
};
use std::sync::Arc;
use suki_cloud_api::signature;
use suki_store::{StoreError, Tx};
use suki_types::{Timestamp, limits};
use tracing::Instrument as _;

/// What came of a try. It is told after it was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The receiver took it, after so many milliseconds.
    Taken(i64),
    /// It did not; the delivery waits until then.
    Waits(Timestamp),
    /// It did not, and the delivery's seven days are over.
    GivenUp,
    /// Nothing was tried: nobody is to be told any more.
    Dropped,
}

/// How a try is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// To a receiver that answers promptly.
    Prompt,
    /// To one that does not, or whose answers are not known yet.
    Slow,
    /// To one that is down: it asks whether it is back. That it is not says nothing of this delivery.
    Question,
}

/// Tries a delivery once.
pub(super) async fn deliver(inner: Arc<Inner>, held: Arc<Held>, receiver: Receiver, target: Arc<Target>, item: Item, kind: Kind) -> Outcome {
    let (business, seq) = (receiver.0, item.seq);
    let Some(url) = target.url(&item.field) else {
        until_stored(&inner, &held, move |tx| queue::drop_one(tx, business, seq)).await;
        return Outcome::Dropped;
    };
    let sockets = if kind == Kind::Prompt { &inner.prompt } else { &inner.slow };
    // A closed semaphore cannot be: nothing closes it.
    let _socket = sockets.acquire().await.ok();
    let span = tracing::info_span!("webhook", attempt = item.attempts + 1);
    let mut tried = attempt(&inner, &target, url, &item).instrument(span).await;
    metrics::tried(&tried);
    if tried.http_status == 200 {
        let millis = tried.took_millis;
        until_stored(&inner, &held, move |tx| queue::taken(tx, business, seq, &tried)).await;
        return Outcome::Taken(millis);
    }
    let attempts = tried.attempt;
    tracing::info!(%business, hook = %receiver.1, seq, attempts, reason = tried.reason, "a webhook was not taken");
    tried.refusals += i64::from(kind != Kind::Question);
    let wait = if kind == Kind::Question { 0 } else { wait_millis(tried.refusals) };
    let next_at = inner.env.now().plus_millis(wait);
    let next_at = (next_at.since(item.created_at) <= limits::WEBHOOK_RETRY_MILLIS).then_some(next_at);
    if next_at.is_none() {
        metrics::given_up();
        tracing::warn!(%business, hook = %receiver.1, seq, attempts, "a webhook was given up after seven days");
    }
    until_stored(&inner, &held, move |tx| queue::not_taken(tx, business, seq, &tried, next_at)).await;
    next_at.map_or(Outcome::GivenUp, Outcome::Waits)
}

async fn attempt(inner: &Inner, target: &Target, url: &str, item: &Item) -> Tried {
    let at = inner.env.now();
    let answer = match headers(inner, target, item) {
        Ok(headers) => inner.http.post(url, headers, item.body.clone()).await,
        Err(error) => Err(error.to_string()),
    };
    let (http_status, answer, reason) = match answer {
        Ok((200, body)) => (200, body, String::new()),
        Ok((status, body)) => (status, body, format!("the receiver answered {status}; only 200 means that it has taken it")),
        Err(reason) => (0, Vec::new(), reason),
    };
    Tried { attempt: item.attempts + 1, refusals: item.refusals, at, http_status, took_millis: inner.env.now().since(at), answer, reason }
}

fn headers(inner: &Inner, target: &Target, item: &Item) -> Result<Vec<(&'static str, String)>, crate::Error> {
    let secret = target.secret(&inner.vault)?;
    Ok(vec![(signature::HEADER, signature::sign(&secret, &item.body)), (signature::LEGACY_HEADER, signature::sign_legacy(&secret, &item.body))])
}

/// Stores what came of a try. The lane waits for that: what follows may not go out before it is certain that this one will not come again.
pub(super) async fn until_stored(inner: &Inner, held: &Held, unit: impl FnMut(&mut Tx<'_>) -> Result<(), StoreError> + Clone + Send + 'static) {
    loop {
        match held.db.write(unit.clone()).await {
            Ok(()) => return,
            Err(error) => {
                if error == StoreError::NotOwner {
                    inner.lease.doubt();
                }
                tracing::error!(%error, "cannot note what came of a webhook; the next ones of its conversation wait");
                inner.pause().await;
            }
        }
    }
}

/// How long to wait after so many tries: at once after the first, then 2 s, doubled each time up to an hour.
fn wait_millis(attempts: i64) -> i64 {
    match attempts {
        1 => 0,
        n => (1_000_i64 << (n - 1).min(12)).min(limits::WEBHOOK_LONGEST_WAIT_MILLIS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_retry_is_at_once_and_the_waits_grow_to_an_hour() {
        assert_eq!([1, 2, 3, 4].map(wait_millis), [0, 2_000, 4_000, 8_000]);
        assert_eq!(wait_millis(13), limits::WEBHOOK_LONGEST_WAIT_MILLIS);
        assert_eq!(wait_millis(500), limits::WEBHOOK_LONGEST_WAIT_MILLIS);
    }
}
