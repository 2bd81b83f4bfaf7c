//! Whether the server can be reached: what the connections of one store know of it together.
//!
//! A server that is cut off is found out by silence, and each try to connect takes as long as the address has hosts. If every thread waited for that by itself,
//! and again for each group, whoever asks would wait many times as long as it takes to know.
use crate::error::StoreError;
use parking_lot::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is known of the server.
#[derive(Debug, Default)]
pub(super) struct Reach {
    /// Whoever tried last has not reached it.
    away: AtomicBool,
    /// Held by one that tries.
    trying: Mutex<()>,
}

impl Reach {
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
