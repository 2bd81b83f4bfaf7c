//! Pauses between attempts: doubled each time, and of random length, so that devices that were cut off together do not come back together.
use suki_types::Env;

const FIRST_MILLIS: i64 = 100;

/// How long to wait before the next attempt.
#[derive(Debug)]
pub(crate) struct Backoff {
    longest_millis: i64,
    failures: u32,
}

impl Backoff {
    /// Pauses of so many milliseconds at most.
    pub fn new(longest_millis: i64) -> Self {
        Self { longest_millis, failures: 0 }
    }

    /// It worked: the next pause is a short one again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// It did not; between half and all of the pause that it is now, in milliseconds.
    pub fn next(&mut self, env: &Env) -> i64 {
        let pause = FIRST_MILLIS.saturating_mul(1 << self.failures.min(16)).min(self.longest_millis);
        self.failures += 1;
        let random = i64::from(u16::from_le_bytes(env.random()));
        pause / 2 + pause / 2 * random / i64::from(u16::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit_and_differ() {
        let env = Env::for_tests(1);
        let mut backoff = Backoff::new(30_000);
        let pauses: Vec<i64> = (0..40).map(|_| backoff.next(&env)).collect();
        assert!((50..=100).contains(&pauses[0]), "{pauses:?}");
        assert!(pauses[20..].iter().all(|pause| (15_000..=30_000).contains(pause)), "{pauses:?}");
        assert!(pauses[20..].windows(2).any(|pair| pair[0] != pair[1]));
        backoff.reset();
        assert!(backoff.next(&env) <= 100);
    }
}
