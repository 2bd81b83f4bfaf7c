//! Pauses between attempts: doubled each time, and of random length, so that devices that were cut off together do not come back together.
use suki_types::Env;

const FIRST_MILLIS: i64 = 100;

/// How long to wait before the next attempt.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// It worked: the next pause is a short one again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// It did not; between half and all of the pause that it is now, in milliseconds, which is no more than `longest_millis`.
    pub fn next(&mut self, env: &Env, longest_millis: i64) -> i64 {
        let pause = FIRST_MILLIS.saturating_mul(1 << self.failures.min(16)).min(longest_millis);
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
        let mut backoff = Backoff::default();
        let pauses: Vec<i64> = (0..40).map(|_| backoff.next(&env, 30_000)).collect();
        assert!((50..=100).contains(&pauses[0]), "{pauses:?}");
        assert!(pauses[20..].iter().all(|pause| (15_000..=30_000).contains(pause)), "{pauses:?}");
        assert!(pauses[20..].windows(2).any(|pair| pair[0] != pair[1]));
        backoff.reset();
        assert!(backoff.next(&env, 30_000) <= 100);
    }
}
