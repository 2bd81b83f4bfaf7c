//! How it stands with a bus, and what it has done.
use std::sync::atomic::{AtomicU64, Ordering};

/// How it stands with the way to other nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Health {
    /// Wakes reach other nodes, and theirs this one, as far as this one knows.
    pub healthy: bool,
    /// How often wakes for this node were lost so that it knows of it; each time it should ask the store.
    pub losses: u64,
}

/// What a bus has done since it was made. Wakes within this node are not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Wakes for other nodes that were taken in.
    pub published: u64,
    /// Wakes from other nodes.
    pub received: u64,
    /// Wakes for other nodes that were not sent, since the bus was away or too many waited.
    pub dropped: u64,
    /// Frames that came and could not be read.
    pub malformed: u64,
    /// How often the connection to the broker was made again.
    pub reconnects: u64,
    /// Bytes that wait to be sent, now.
    pub waiting: u64,
}

/// The counters while they count.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub published: AtomicU64,
    pub received: AtomicU64,
    pub dropped: AtomicU64,
    pub malformed: AtomicU64,
    pub connects: AtomicU64,
}

impl Tally {
    pub(crate) fn read(&self, waiting: usize) -> Counters {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counters {
            published: read(&self.published),
            received: read(&self.received),
            dropped: read(&self.dropped),
            malformed: read(&self.malformed),
            reconnects: read(&self.connects).saturating_sub(1),
            waiting: u64::try_from(waiting).unwrap_or(u64::MAX),
        }
    }
}

pub(crate) fn add(counter: &AtomicU64, more: u64) {
    counter.fetch_add(more, Ordering::Relaxed);
}
