//! Time and randomness of the world outside: the only place that asks the system for them.
use aws_lc_rs::rand;
use std::{sync::Arc, time::Duration};
use suki_types::{Clock, Entropy, Env, Timestamp, Wait};

/// The system's clock.
#[derive(Debug)]
struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else takes as an argument")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else takes as an argument")]
    fn wait_until(&self, at: Timestamp) -> Wait {
        let millis = at.since(self.now()).max(0);
        Box::pin(tokio::time::sleep(Duration::from_millis(millis.unsigned_abs())))
    }
}

/// The system's randomness.
#[derive(Debug)]
struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, out: &mut [u8]) {
        rand::fill(out).expect("a system without randomness cannot keep a secret, so nothing may go on");
    }
}

/// The world outside.
pub fn env() -> Env {
    Env::new(Arc::new(SystemClock), Arc::new(SystemEntropy))
}
