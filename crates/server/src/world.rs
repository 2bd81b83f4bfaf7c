//! Time and randomness of the world outside: the only place that asks the system for them.
use crate::sandbox::{Record, SandboxClock};
use aws_lc_rs::rand;
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
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
    with_clock(clock())
}

/// The world of a data folder: a sandbox's clock is ahead of the world's by what it was moved.
///
/// # Errors
/// When the folder is a sandbox's and its record cannot be read.
pub fn of_folder(folder: &Path) -> std::io::Result<Env> {
    if !Record::is_there(folder) {
        return Ok(env());
    }
    let moved = Record::load(folder)?.moved_millis;
    Ok(moved_on(clock(), moved).1)
}

/// The system's clock, for who shares a time with nobody.
pub fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

/// The world outside with another clock.
pub fn with_clock(clock: Arc<dyn Clock>) -> Env {
    Env::new(clock, Arc::new(SystemEntropy))
}

/// A world whose clock runs with `outside`, can be moved on, and was by so many milliseconds.
pub fn moved_on(outside: Arc<dyn Clock>, millis: i64) -> (SandboxClock, Env) {
    let clock = SandboxClock::new(outside, millis);
    (clock.clone(), with_clock(Arc::new(clock)))
}

/// Measures how long something takes, for figures; nothing that is stored or decided depends on it.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Begins now.
    #[expect(clippy::disallowed_methods, reason = "how long something took is told and changes nothing, so no test's clock has to move it")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// How long it was since.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
