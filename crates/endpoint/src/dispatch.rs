//! Deliveries of webhooks (Cloud API, section 3g): signed over the exact bytes, in order per app and conversation and never two of them at once, tried
//! again for seven days. A receiver that is down or slow holds up its own deliveries and nobody else's.
use crate::{
    Error,
    business::object_id,
    vault::Vault,
    webhooks::{NO_CHAT, Queued},
};
use parking_lot::Mutex;
use std::{
    collections::{HashMap, VecDeque},
    future::Future,
    pin::Pin,
    sync::Arc,
};
use suki_cloud_api::{ObjectId, signature};
use suki_store::{Db, StoreError, Tx};
use suki_types::{AccountId, ConversationId, Env, Timestamp, limits};
use tokio::sync::Semaphore;

/// How many deliveries to one app are under way at once.
const UNDER_WAY_PER_APP: usize = 64;
/// How many bodies of one lane are kept in memory; further ones are read from the store when it is their turn.
const BODIES_PER_LANE: usize = 16;
/// The longest wait between two tries, in milliseconds.
const LONGEST_WAIT_MILLIS: i64 = 3_600_000;

/// How long to wait before something that the store did not take is tried again, in milliseconds.
const STORE_RETRY_MILLIS: i64 = 1_000;

/// An HTTP answer: status and body (at most 64 KiB of it), or why there was none, in words without secrets.
pub type HttpAnswer = Pin<Box<dyn Future<Output = Result<(u16, Vec<u8>), String>> + Send>>;

/// How webhooks leave. The implementation refuses private addresses where they are not allowed, and gives up after ten seconds.
pub trait Http: Send + Sync {
    /// Fetches a URL.
    fn get(&self, url: &str) -> HttpAnswer;
    /// Posts JSON.
    fn post(&self, url: &str, headers: Vec<(&'static str, String)>, body: Arc<Vec<u8>>) -> HttpAnswer;
}

/// An app and a conversation: what is delivered in order.
type Lane = (AccountId, ObjectId, ConversationId);
/// What waits in a lane: places, and bodies as far as they are kept.
type Waiting = VecDeque<(i64, Option<Arc<Vec<u8>>>)>;

/// The dispatcher of one endpoint. A cheap handle.
#[derive(Clone)]
pub struct Dispatcher(Arc<Inner>);

struct Inner {
    db: Db,
    vault: Vault,
    env: Env,
    http: Arc<dyn Http>,
    lanes: Mutex<HashMap<Lane, Waiting>>,
    apps: Mutex<HashMap<(AccountId, ObjectId), Arc<Semaphore>>>,
}

impl Dispatcher {
    /// A dispatcher with nothing to do yet.
    pub fn new(db: Db, vault: Vault, env: Env, http: Arc<dyn Http>) -> Self {
        Self(Arc::new(Inner { db, vault, env, http, lanes: Mutex::default(), apps: Mutex::default() }))
    }

    /// How webhooks leave.
    pub fn http(&self) -> &Arc<dyn Http> {
        &self.0.http
    }

    /// Takes up what was stored before this process began.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn resume(&self) -> Result<(), Error> {
        let mut after = (AccountId::from_bytes([0; 16]), 0_i64);
        loop {
            let page = self
                .0
                .db
                .read(move |tx| {
                    let sql = "SELECT business, seq, app, chat FROM delivery WHERE (business, seq) > (?1, ?2) ORDER BY business, seq LIMIT 1000";
                    Ok::<_, Error>(tx.query(sql, &[(&after.0).into(), after.1.into()], |row| {
                        Ok((row.get::<AccountId>(0)?, row.get::<i64>(1)?, object_id(row.get(2)?)?, row.get::<ConversationId>(3)?))
                    })?)
                })
                .await?;
            let Some((business, seq, ..)) = page.last() else { return Ok(()) };
            after = (*business, *seq);
            page.into_iter().for_each(|(business, seq, app, chat)| self.enter((business, app, chat), seq, None));
        }
    }

    /// Takes up deliveries that were just stored.
    pub fn notify(&self, queued: Vec<Queued>) {
        queued.into_iter().for_each(|one| self.enter((one.business, one.app, one.chat), one.seq, Some(one.body)));
    }

    fn enter(&self, lane: Lane, seq: i64, body: Option<Arc<Vec<u8>>>) {
        let mut lanes = self.0.lanes.lock();
        let is_new = !lanes.contains_key(&lane);
        let waiting = lanes.entry(lane).or_default();
        let body = if waiting.len() < BODIES_PER_LANE { body } else { None };
        waiting.push_back((seq, body));
        drop(lanes);
        if is_new {
            tokio::spawn(run(self.0.clone(), lane));
        }
    }
}

/// Delivers a lane until it is empty.
async fn run(inner: Arc<Inner>, lane: Lane) {
    loop {
        let next = {
            let mut lanes = inner.lanes.lock();
            match lanes.get_mut(&lane).and_then(VecDeque::pop_front) {
                Some(next) => next,
                None => {
                    lanes.remove(&lane);
                    return;
                }
            }
        };
        deliver(&inner, lane, next.0, next.1).await;
    }
}

/// What is stored of a delivery.
struct Stored {
    seq: i64,
    body: Option<Vec<u8>>,
    created_at: Timestamp,
    attempts: i64,
    next_at: Timestamp,
    target: Option<Target>,
}

/// Where a delivery goes, and what signs it.
struct Target {
    url: String,
    secret_sealed: Vec<u8>,
}

/// Delivers a lane up to a place. Two writers may tell of their deliveries in another order than they stored them; the store knows the right one.
async fn deliver(inner: &Arc<Inner>, lane: Lane, up_to: i64, mut body: Option<Arc<Vec<u8>>>) {
    loop {
        let with_body = body.is_none();
        let mut stored = match inner.db.read(move |tx| Ok::<_, Error>(first(tx, lane, up_to, with_body)?)).await {
            Ok(Some(stored)) => stored,
            Ok(None) => return,
            Err(error) => {
                tracing::error!(%error, "cannot read a webhook delivery");
                pause(inner).await;
                continue;
            }
        };
        let Some(target) = stored.target.take() else {
            // Nobody is subscribed any more.
            forget(inner, lane, stored.seq).await;
            continue;
        };
        inner.env.clock.wait_until(stored.next_at).await;
        let at_hand = if stored.seq == up_to { body.take() } else { None };
        let bytes = at_hand.or(stored.body.take().map(Arc::new)).unwrap_or_default();
        match attempt(inner, lane, &target, bytes).await {
            Ok(()) => forget(inner, lane, stored.seq).await,
            Err(reason) => not_taken(inner, lane, &stored, &reason).await,
        }
    }
}

async fn not_taken(inner: &Inner, lane: Lane, stored: &Stored, reason: &str) {
    let (seq, attempts) = (stored.seq, stored.attempts + 1);
    tracing::info!(business = %lane.0, app = %lane.1, seq, attempts, reason, "a webhook was not taken");
    let next_at = inner.env.now().plus_millis(wait_millis(attempts));
    if next_at.since(stored.created_at) > limits::WEBHOOK_RETRY_MILLIS {
        tracing::warn!(business = %lane.0, app = %lane.1, seq, attempts, "a webhook was given up after seven days");
        return forget(inner, lane, seq).await;
    }
    note_attempt(inner, lane, seq, attempts, next_at).await;
}

/// Before something that the store did not take is tried again.
async fn pause(inner: &Inner) {
    inner.env.clock.wait_until(inner.env.now().plus_millis(STORE_RETRY_MILLIS)).await;
}

/// How long to wait after so many tries: at once after the first, then 2 s, doubled each time up to an hour.
fn wait_millis(attempts: i64) -> i64 {
    match attempts {
        1 => 0,
        n => (1_000_i64 << (n - 1).min(12)).min(LONGEST_WAIT_MILLIS),
    }
}

async fn attempt(inner: &Inner, lane: Lane, target: &Target, body: Arc<Vec<u8>>) -> Result<(), String> {
    let semaphore = inner.apps.lock().entry((lane.0, lane.1)).or_insert_with(|| Arc::new(Semaphore::new(UNDER_WAY_PER_APP))).clone();
    let _permit = semaphore.acquire_owned().await.map_err(|error| error.to_string())?;
    let secret = inner.vault.open_app_secret(lane.1, &target.secret_sealed).map_err(|error| error.to_string())?;
    let headers = vec![(signature::HEADER, signature::sign(&secret, &body))];
    match inner.http.post(&target.url, headers, body).await? {
        (200, _) => Ok(()),
        (status, _) => Err(format!("the receiver answered {status}")),
    }
}

/// The first delivery of a lane that waits, up to a place. The body of the one at that place is left out if it is at hand.
fn first(tx: &mut Tx<'_>, lane: Lane, up_to: i64, with_body: bool) -> Result<Option<Stored>, StoreError> {
    let sql = "SELECT d.seq, CASE WHEN d.seq = ?5 THEN NULL ELSE d.body END, d.created_at, d.attempts, d.next_at,
            w.app, CASE WHEN d.chat = ?6 THEN s.callback_url ELSE coalesce(w.override_callback_uri, s.callback_url) END, a.secret_sealed
         FROM delivery d
         JOIN app a ON a.business = d.business AND a.id = d.app
         LEFT JOIN waba_app w ON w.business = d.business AND w.app = d.app
         LEFT JOIN subscription s ON s.business = d.business AND s.app = d.app AND s.object = 'whatsapp_business_account'
         WHERE d.business = ?1 AND d.app = ?2 AND d.chat = ?3 AND d.seq <= ?4
         ORDER BY d.seq LIMIT 1";
    // Places begin at 1.
    let at_hand = if with_body { 0 } else { up_to };
    // Only messages go to an address of their own; what is said of the account goes to the app's.
    let params = [(&lane.0).into(), lane.1.number().into(), (&lane.2).into(), up_to.into(), at_hand.into(), (&NO_CHAT).into()];
    tx.query_opt(sql, &params, |row| {
        let subscribed: Option<i64> = row.get(5)?;
        let url: Option<String> = row.get(6)?;
        let secret_sealed: Vec<u8> = row.get(7)?;
        let target = subscribed.and(url).map(|url| Target { url, secret_sealed });
        Ok(Stored { seq: row.get(0)?, body: row.get(1)?, created_at: row.get(2)?, attempts: row.get(3)?, next_at: row.get(4)?, target })
    })
}

/// Removes a delivery. Its lane waits for that: what follows may not go out before it is certain that this one will not come again.
async fn forget(inner: &Inner, lane: Lane, seq: i64) {
    let sql = "DELETE FROM delivery WHERE business = ?1 AND seq = ?2";
    loop {
        match inner.db.write(move |tx| Ok::<_, Error>(tx.execute(sql, &[(&lane.0).into(), seq.into()])?)).await {
            Ok(_) => return,
            Err(error) => {
                tracing::error!(%error, "cannot note that a webhook was delivered; the next ones of its conversation wait");
                pause(inner).await;
            }
        }
    }
}

async fn note_attempt(inner: &Inner, lane: Lane, seq: i64, attempts: i64, next_at: Timestamp) {
    let sql = "UPDATE delivery SET attempts = ?3, next_at = ?4 WHERE business = ?1 AND seq = ?2";
    let params = move |tx: &mut Tx<'_>| Ok::<_, Error>(tx.execute(sql, &[(&lane.0).into(), seq.into(), attempts.into(), next_at.into()])?);
    if let Err(error) = inner.db.write(params).await {
        tracing::error!(%error, "cannot note that a webhook was tried");
        inner.env.clock.wait_until(next_at).await;
        pause(inner).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_retry_is_at_once_and_the_waits_grow_to_an_hour() {
        assert_eq!([1, 2, 3, 4].map(wait_millis), [0, 2_000, 4_000, 8_000]);
        assert_eq!(wait_millis(13), LONGEST_WAIT_MILLIS);
        assert_eq!(wait_millis(500), LONGEST_WAIT_MILLIS);
    }
}
