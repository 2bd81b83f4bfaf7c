//! Deliveries of webhooks (Cloud API, section 3g): signed over the exact bytes, in order per receiver and conversation and never two of them at once,
//! tried again for seven days. A receiver that is down or slow holds up its own deliveries and nobody else's.
//!
//! | module | subject |
//! |---|---|
//! | `pump` | one task a receiver that has something waiting: which deliveries are next |
//! | `health` | how much a receiver is given at once, and when it is asked again after it failed |
//! | `attempt` | one try and what becomes of it |
//! | `queue` | what waits and what was tried, in the store |
//! | `prune` | the log's old end |
//!
//! The store is the truth and memory a window on it: a receiver that is down costs a task and a probe now and then, however much waits for it.
mod attempt;
mod health;
mod prune;
mod pump;
mod queue;
#[cfg(test)]
mod tests;

use crate::{Error, vault::Vault, webhooks::Queued};
use health::Health;
use parking_lot::Mutex;
pub(crate) use queue::receivers;
use std::{
    collections::HashMap,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};
use suki_cloud_api::{ObjectId, signature};
use suki_store::Db;
use suki_types::{AccountId, Env, Timestamp, limits};
use tokio::sync::{Notify, Semaphore};

/// How long to wait before something that the store did not take is tried again, in milliseconds.
const STORE_RETRY_MILLIS: i64 = 1_000;
/// After how many new deliveries the log's old end is looked at, between the hours.
const PRUNED_EVERY: usize = 20_000;

/// An HTTP answer: status and body (at most 64 KiB of it), or why there was none, in words without secrets.
pub type HttpAnswer = Pin<Box<dyn Future<Output = Result<(u16, Vec<u8>), String>> + Send>>;

/// How webhooks leave. The implementation refuses private addresses where they are not allowed, and gives up after ten seconds.
pub trait Http: Send + Sync {
    /// Fetches a URL.
    fn get(&self, url: &str) -> HttpAnswer;
    /// Posts JSON.
    fn post(&self, url: &str, headers: Vec<(&'static str, String)>, body: Arc<Vec<u8>>) -> HttpAnswer;
    /// How many posts may be under way at once.
    fn sockets(&self) -> usize {
        limits::WEBHOOK_SOCKETS
    }
}

/// A business and one whom it tells.
type Receiver = (AccountId, ObjectId);

/// How a receiver fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Failing {
    /// When the first of the tries was made that all failed since.
    pub since: Timestamp,
    /// How many they are.
    pub failures: u32,
    /// When it is asked again at the latest.
    pub next_at: Timestamp,
}

/// The dispatcher of one endpoint. A cheap handle.
#[derive(Clone)]
pub struct Dispatcher(Arc<Inner>);

struct Inner {
    db: Db,
    vault: Vault,
    env: Env,
    http: Arc<dyn Http>,
    /// The pumps that run.
    pumps: Mutex<HashMap<Receiver, Arc<Signal>>>,
    health: Mutex<HashMap<Receiver, Health>>,
    /// Sockets for receivers that answer promptly: nobody else takes them.
    prompt: Arc<Semaphore>,
    /// Sockets for all others.
    slow: Arc<Semaphore>,
    stored: AtomicUsize,
    prune: Notify,
}

/// What a pump is told from outside.
#[derive(Default)]
struct Signal {
    /// There may be something new in the store.
    more: AtomicBool,
    /// Where its deliveries go may have changed.
    changed: AtomicBool,
    wake: Notify,
}

impl Signal {
    fn ring(&self, flag: &AtomicBool) {
        flag.store(true, Ordering::Release);
        self.wake.notify_one();
    }
}

impl Dispatcher {
    /// A dispatcher with nothing to do yet.
    pub fn new(db: Db, vault: Vault, env: Env, http: Arc<dyn Http>) -> Self {
        let slow = http.sockets() / 4;
        let prompt = http.sockets() - slow;
        Self(Arc::new(Inner {
            db,
            vault,
            env,
            http,
            pumps: Mutex::default(),
            health: Mutex::default(),
            prompt: Arc::new(Semaphore::new(prompt)),
            slow: Arc::new(Semaphore::new(slow.max(1))),
            stored: AtomicUsize::new(0),
            prune: Notify::new(),
        }))
    }

    /// How webhooks leave.
    pub fn http(&self) -> &Arc<dyn Http> {
        &self.0.http
    }

    /// Takes up what was stored before this process began, and from then on keeps the log within its limits.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn resume(&self, businesses: Vec<AccountId>) -> Result<(), Error> {
        for business in businesses {
            let (waiting, failing) = self.0.db.read(move |tx| Ok::<_, Error>((receivers(tx, business)?, queue::failing(tx, business)?))).await?;
            let known = failing.into_iter().map(|(hook, failing)| ((business, hook), Health::failing(failing)));
            self.0.health.lock().extend(known);
            waiting.into_iter().for_each(|hook| self.wake((business, hook), |signal| &signal.more));
        }
        tokio::spawn(prune::hourly(self.0.clone()));
        Ok(())
    }

    /// Takes up deliveries that were just stored.
    pub fn notify(&self, mut queued: Vec<Queued>) {
        if self.0.stored.fetch_add(queued.len(), Ordering::Relaxed) + queued.len() >= PRUNED_EVERY {
            self.0.stored.store(0, Ordering::Relaxed);
            self.0.prune.notify_one();
        }
        queued.dedup();
        queued.into_iter().for_each(|one| self.wake((one.business, one.hook), |signal| &signal.more));
    }

    /// Where a receiver's deliveries go was changed, or whether they go anywhere: it is asked at once, even if it failed before.
    pub fn changed(&self, business: AccountId, hook: ObjectId) {
        self.wake((business, hook), |signal| &signal.changed);
    }

    /// How a receiver fails; none while it does not.
    pub fn failing(&self, business: AccountId, hook: ObjectId) -> Option<Failing> {
        self.0.health.lock().get(&(business, hook)).and_then(Health::told)
    }

    /// The header that signs a body to a receiver at the moment; none when it is told nothing any more.
    ///
    /// # Errors
    /// When the store fails, or the secret was sealed under another key.
    pub async fn signature(&self, business: AccountId, hook: ObjectId, body: &[u8]) -> Result<Option<String>, Error> {
        let target = self.0.db.read(move |tx| Ok::<_, Error>(queue::target(tx, (business, hook))?)).await?;
        target.map(|target| Ok(signature::sign(&target.secret(&self.0.vault)?, body))).transpose()
    }

    fn wake(&self, receiver: Receiver, flag: fn(&Signal) -> &AtomicBool) {
        let mut pumps = self.0.pumps.lock();
        if let Some(signal) = pumps.get(&receiver) {
            return signal.ring(flag(signal));
        }
        let signal = Arc::new(Signal::default());
        signal.ring(flag(&signal));
        pumps.insert(receiver, signal.clone());
        drop(pumps);
        tokio::spawn(pump::run(self.0.clone(), receiver, signal));
    }
}

impl Inner {
    /// Before something that the store did not take is tried again.
    async fn pause(&self) {
        self.env.clock.wait_until(self.env.now().plus_millis(STORE_RETRY_MILLIS)).await;
    }
}
