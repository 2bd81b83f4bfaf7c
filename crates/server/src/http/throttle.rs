//! How often one name may be tried: ten times in a quarter of an hour.
use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    sync::Mutex,
};
use suki_types::Timestamp;

const TRIES: u32 = 10;
const WINDOW_MILLIS: i64 = 15 * 60_000;
/// How many names are remembered; when there are more, the oldest windows are forgotten.
const NAMES: usize = 10_000;

/// Counts tries by name.
#[derive(Default)]
pub struct Throttle {
    hasher: RandomState,
    tries: Mutex<HashMap<u64, (u32, Timestamp)>>,
}

impl Throttle {
    /// Counts a try.
    ///
    /// # Errors
    /// In how many seconds the next one is allowed.
    pub fn enter(&self, name: &str, now: Timestamp) -> Result<(), i64> {
        let mut tries = self.tries.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if tries.len() >= NAMES {
            tries.retain(|_, (_, since)| now.since(*since) < WINDOW_MILLIS);
        }
        if tries.len() >= NAMES {
            tries.clear();
        }
        let entry = tries.entry(self.hasher.hash_one(name)).or_insert((0, now));
        if now.since(entry.1) >= WINDOW_MILLIS {
            *entry = (0, now);
        }
        if entry.0 >= TRIES {
            return Err((WINDOW_MILLIS - now.since(entry.1)) / 1000 + 1);
        }
        entry.0 += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_try_waits_for_the_window_to_end() {
        let (throttle, now) = (Throttle::default(), Timestamp::from_millis(0));
        assert!((0..TRIES).all(|_| throttle.enter("a@b.c", now).is_ok()));
        assert_eq!(throttle.enter("a@b.c", now.plus_seconds(1)), Err(900));
        assert_eq!(throttle.enter("other@b.c", now), Ok(()));
        assert_eq!(throttle.enter("a@b.c", now.plus_millis(WINDOW_MILLIS)), Ok(()));
    }
}
