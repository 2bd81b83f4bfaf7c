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
mod metrics;
mod prune;
mod pump;
mod queue;
#[cfg(test)]
mod tests;

use crate::{Error, cluster::Lease, tasks::Tasks, vault::Vault, webhooks::Queued};
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
/// How long what is under way may take when its business leaves, in milliseconds.
const END_MILLIS: i64 = 2_000;
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
    lease: Lease,
    /// The businesses whose webhooks leave here.
    held: Mutex<HashMap<AccountId, Arc<Held>>>,
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

/// A business whose webhooks leave here.
struct Held {
    /// Where its deliveries are, written as long as they are this node's to write.
    db: Db,
    pumps: Tasks,
    /// Nothing new leaves.
    closing: AtomicBool,
    /// A pump has ended.
    ended: Notify,
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
    /// A dispatcher with nothing to do yet, which shares with nobody.
    pub fn new(db: Db, vault: Vault, env: Env, http: Arc<dyn Http>) -> Self {
        Self::leased(db, vault, env, http, Lease::endless())
    }

    /// A dispatcher with nothing to do yet. Nothing leaves while the lease does not hold.
    pub(crate) fn leased(db: Db, vault: Vault, env: Env, http: Arc<dyn Http>, lease: Lease) -> Self {
        let slow = http.sockets() / 4;
        let prompt = http.sockets() - slow;
        Self(Arc::new(Inner {
            db,
            vault,
            env,
            http,
            lease,
            held: Mutex::default(),
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

    /// Keeps the logs of the businesses within their limits, for as long as it is polled.
    pub(crate) fn keep_house(&self) -> impl Future<Output = ()> + Send + use<> {
        prune::hourly(self.0.clone())
    }

    /// Lets all businesses go wherever their deliveries are, and waits for nothing.
    pub(crate) fn let_go(&self) {
        let held = std::mem::take(&mut *self.0.held.lock());
        held.values().for_each(|held| held.pumps.let_go());
    }

    /// Takes a business up, with what of it was stored before it came here.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn begin(&self, business: AccountId, db: Db) -> Result<(), Error> {
        let (waiting, failing) = db.read(move |tx| Ok::<_, Error>((receivers(tx, business)?, queue::failing(tx, business)?))).await?;
        let known = failing.into_iter().map(|(hook, failing)| ((business, hook), Health::failing(failing)));
        self.0.health.lock().extend(known);
        let held = Held { db, pumps: Tasks::default(), closing: AtomicBool::new(false), ended: Notify::new() };
        self.0.held.lock().insert(business, Arc::new(held));
        waiting.into_iter().for_each(|hook| self.wake((business, hook), |signal| &signal.more));
        Ok(())
    }

    /// Takes up what was stored of a business that is here, and of which nobody was told.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn look_again(&self, business: AccountId) -> Result<(), Error> {
        let waiting = self.0.db.read(move |tx| Ok::<_, Error>(receivers(tx, business)?)).await?;
        waiting.into_iter().for_each(|hook| self.wake((business, hook), |signal| &signal.more));
        Ok(())
    }

    /// Lets a business go: what is under way may end in its time, and nothing follows it.
    pub(crate) async fn end(&self, business: AccountId) {
        let Some(held) = self.0.held.lock().remove(&business) else { return };
        held.closing.store(true, Ordering::Release);
        self.signals(Some(business)).into_iter().for_each(|signal| signal.wake.notify_one());
        let quiet = async {
            while !self.signals(Some(business)).is_empty() {
                held.ended.notified().await;
            }
        };
        let late = self.0.env.clock.wait_until(self.0.env.now().plus_millis(END_MILLIS));
        tokio::select! { () = quiet => {} () = late => {} }
        held.pumps.end().await;
        self.0.pumps.lock().retain(|receiver, _| receiver.0 != business);
        self.0.health.lock().retain(|receiver, _| receiver.0 != business);
    }

    /// How many pumps run for a business.
    pub(crate) fn pumps(&self, business: AccountId) -> usize {
        self.0.held.lock().get(&business).map_or(0, |held| held.pumps.count())
    }

    /// The lease holds again: what could not leave does.
    pub(crate) fn go_on(&self) {
        self.signals(None).into_iter().for_each(|signal| signal.wake.notify_one());
    }

    fn signals(&self, of: Option<AccountId>) -> Vec<Arc<Signal>> {
        let pumps = self.0.pumps.lock();
        pumps.iter().filter(|(receiver, _)| of.is_none_or(|business| receiver.0 == business)).map(|(_, signal)| signal.clone()).collect()
    }

    /// Takes up deliveries that were just stored.
    pub fn notify(&self, mut queued: Vec<Queued>) {
        metrics::queued(queued.len());
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

    /// How many receivers fail at the moment.
    pub fn failing_receivers(&self) -> usize {
        self.0.health.lock().values().filter(|health| health.told().is_some()).count()
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
        // What is stored of a business that has gone elsewhere leaves there.
        let Some(held) = self.0.held.lock().get(&receiver.0).cloned() else { return };
        let mut pumps = self.0.pumps.lock();
        if let Some(signal) = pumps.get(&receiver) {
            return signal.ring(flag(signal));
        }
        let signal = Arc::new(Signal::default());
        signal.ring(flag(&signal));
        pumps.insert(receiver, signal.clone());
        drop(pumps);
        held.pumps.spawn(pump::run(self.0.clone(), held.clone(), receiver, signal));
    }
}

impl Inner {
    /// Before something that the store did not take is tried again.
    async fn pause(&self) {
        self.env.clock.wait_until(self.env.now().plus_millis(STORE_RETRY_MILLIS)).await;
    }
}

impl Held {
    /// Whether a try may begin.
    fn is_open(&self, inner: &Inner) -> bool {
        !self.closing.load(Ordering::Acquire) && inner.lease.holds(inner.env.now())
    }
}
