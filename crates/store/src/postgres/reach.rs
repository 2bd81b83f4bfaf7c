//! Whether the server can be reached: what the connections of one store know of it together.
//!
//! A server that is cut off is found out by silence, and each try to connect takes as long as the address has hosts. If every thread waited for that by itself,
//! and again for each group, whoever asks would wait many times as long as it takes to know.
use crate::error::StoreError;
use parking_lot::Mutex;
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

/// What is known of the server.
#[derive(Debug, Default)]
pub(super) struct Reach {
    /// Whoever tried last has not reached it.
    away: AtomicBool,
    /// Held by one that tries.
    trying: Mutex<()>,
    /// Which timeline the server was on that was reached last.
    timeline: Mutex<Option<i64>>,
    turns: Turns,
}

/// How often another server took the place of the one before. Clones are the same one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Turns(Arc<AtomicU64>);

impl Turns {
    pub(crate) fn count(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    pub(crate) fn note(&self) {
        self.0.fetch_add(1, Ordering::Release);
    }
}

impl Reach {
    /// Of a store that has not reached its server yet.
    pub(super) fn new(turns: Turns) -> Self {
        Self { turns, ..Self::default() }
    }

    /// A server on this timeline was reached. A standby that takes over begins a new one: what the former primary showed last it may not have.
    pub(super) fn found(&self, timeline: i64) {
        let before = self.timeline.lock().replace(timeline);
        if let Some(before) = before.filter(|before| *before != timeline) {
            tracing::warn!(before, timeline, "another PostgreSQL server has taken over: what was read from the one before is not relied on");
            self.turns.note();
        }
    }

    /// How often another server has taken the place of the one before.
    pub(super) fn turns(&self) -> u64 {
        self.turns.count()
    }

    /// Connects; while the server is away, only one tries at a time, and everybody else is refused at once.
    pub(super) fn connect<T>(&self, open: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        let held = self.trying.try_lock();
        if held.is_none() && self.away.load(Ordering::Acquire) {
            return Err(StoreError::Unavailable("PostgreSQL cannot be reached; it is tried again".into()));
        }
        let opened = open();
        self.away.store(opened.is_err(), Ordering::Release);
        opened
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn away() -> StoreError {
        StoreError::Unavailable("a test".into())
    }

    #[test]
    fn another_timeline_is_another_server() {
        let turns = Turns::default();
        let reach = Reach::new(turns.clone());
        let counted = [1, 1, 2, 2, 2, 4].map(|timeline| {
            reach.found(timeline);
            turns.count()
        });
        assert_eq!(counted, [0, 0, 1, 1, 1, 2]);
    }

    #[test]
    fn while_the_server_is_away_one_tries_and_the_others_do_not_wait() {
        let reach = Reach::default();
        // Not known yet to be away: everybody tries.
        let both = reach.connect(|| Ok((1, reach.connect(|| Ok(2)))));
        assert_eq!(both, Ok((1, Ok(2))));
        assert_eq!(reach.connect(|| Err::<(), _>(away())), Err(away()));
        let mut others = 0;
        let tried = reach.connect(|| {
            let other = reach.connect(|| {
                others += 1;
                Ok(())
            });
            assert!(matches!(other, Err(StoreError::Unavailable(_))), "{other:?}");
            Err::<(), _>(away())
        });
        assert_eq!((tried, others), (Err(away()), 0));
        // It is back, and everybody may try again.
        assert_eq!(reach.connect(|| Ok(())), Ok(()));
        assert_eq!(reach.connect(|| Ok(reach.connect(|| Ok(())))), Ok(Ok(())));
    }
}
