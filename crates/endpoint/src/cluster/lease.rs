//! How long this node may go on without having been heard: whoever has not told that it lives for so long must take its businesses for taken over.
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use suki_types::Timestamp;
use tokio::sync::Notify;

/// A lease that holds until it is not renewed. Clones are the same one.
#[derive(Debug, Clone)]
pub(crate) struct Lease(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    until: AtomicI64,
    doubted: Notify,
}

impl Lease {
    /// One that never ends, for who shares with nobody.
    pub fn endless() -> Self {
        Self(Arc::new(Inner { until: AtomicI64::new(i64::MAX), doubted: Notify::new() }))
    }

    /// One that has to be renewed before it holds.
    pub fn none() -> Self {
        Self(Arc::new(Inner { until: AtomicI64::new(i64::MIN), doubted: Notify::new() }))
    }

    /// Whether it holds. What others would do as well is begun only as long as it does.
    pub fn holds(&self, now: Timestamp) -> bool {
        now.millis() < self.0.until.load(Ordering::Acquire)
    }

    /// It holds until then.
    pub fn renew(&self, until: Timestamp) {
        self.0.until.store(until.millis(), Ordering::Release);
    }

    /// The store says that something is another node's: who keeps the lease looks at once.
    pub fn doubt(&self) {
        self.0.doubted.notify_one();
    }

    /// Until somebody doubts.
    pub async fn doubted(&self) {
        self.0.doubted.notified().await;
    }
}
