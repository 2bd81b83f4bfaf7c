//! Time and randomness as arguments: the sandbox moves the clock, and a failing test fails again with the same seed.
use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

/// Milliseconds since the beginning of 1970, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The time this many milliseconds after 1970 began.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }
    /// Milliseconds since 1970.
    pub const fn millis(self) -> i64 {
        self.0
    }
    /// Whole seconds since 1970, as the Cloud API writes times.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }
    /// As ISO 8601 in UTC with milliseconds, `2026-01-01T00:00:00.000Z`: for files that people read.
    pub fn utc(self) -> String {
        let (day, millis) = (self.0.div_euclid(86_400_000), self.0.rem_euclid(86_400_000));
        // The proleptic Gregorian calendar with years that begin in March, so that the leap day is the last (H. Hinnant, "chrono-compatible
        // low-level date algorithms").
        let day = day + 719_468;
        let (era, day_of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march = (5 * day_of_year + 2) / 153;
        let (day, month) = (day_of_year - (153 * march + 2) / 5 + 1, if march < 10 { march + 3 } else { march - 9 });
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let (hour, minute, second) = (millis / 3_600_000, millis / 60_000 % 60, millis / 1_000 % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", millis % 1_000)
    }
    /// This much later; the last representable time if there is none.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }
    /// This many seconds later.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_millis(seconds.saturating_mul(1000))
    }
    /// How many milliseconds lie between `earlier` and this; negative if this is earlier.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// A wait for a moment of a clock.
pub type Wait = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where the time comes from.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The time now.
    fn now(&self) -> Timestamp;
    /// Resolves when `now()` has reached `at`.
    fn wait_until(&self, at: Timestamp) -> Wait;
}

/// Where randomness comes from.
pub trait Entropy: Send + Sync + fmt::Debug {
    /// Fills `out` with bytes nobody can foresee (in tests: bytes that follow from the seed).
    fn fill(&self, out: &mut [u8]);
}

/// Time and randomness, handed to whatever needs them.
#[derive(Clone, Debug)]
pub struct Env {
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The randomness.
    pub entropy: Arc<dyn Entropy>,
    manual: Option<Arc<ManualClock>>,
}

impl Env {
    /// The world outside.
    pub fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { clock, entropy, manual: None }
    }

    /// A world whose clock stands at 2026-01-01 until it is moved, and whose randomness follows from `seed`.
    pub fn for_tests(seed: u64) -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_767_225_600_000)));
        Self { clock: clock.clone(), entropy: Arc::new(SeededEntropy::new(seed)), manual: Some(clock) }
    }

    /// The clock of a world made by [`Env::for_tests`].
    ///
    /// # Panics
    /// In any other world.
    pub fn manual_clock(&self) -> &ManualClock {
        self.manual.as_deref().expect("only a test world has a clock that can be moved")
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// So many random bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }
}

/// A clock that moves only when told to.
#[derive(Debug)]
pub struct ManualClock(Arc<Mutex<ManualState>>);

#[derive(Debug)]
struct ManualState {
    now: Timestamp,
    waiting: Vec<(Timestamp, Waker)>,
}

impl ManualClock {
    /// A clock that stands at `now`.
    pub fn new(now: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(ManualState { now, waiting: Vec::new() })))
    }

    /// Moves the clock on and wakes whoever waited for a moment that has come.
    pub fn advance(&self, millis: i64) {
        let mut state = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        state.now = state.now.plus_millis(millis);
        let now = state.now;
        let (due, waiting) = std::mem::take(&mut state.waiting).into_iter().partition(|(at, _)| *at <= now);
        state.waiting = waiting;
        drop(state);
        let due: Vec<(Timestamp, Waker)> = due;
        due.into_iter().for_each(|(_, waker)| waker.wake());
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).now
    }
    fn wait_until(&self, at: Timestamp) -> Wait {
        Box::pin(ManualWait { clock: self.0.clone(), at })
    }
}

struct ManualWait {
    clock: Arc<Mutex<ManualState>>,
    at: Timestamp,
}

impl Future for ManualWait {
    type Output = ();
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.clock.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if state.now >= self.at {
            return Poll::Ready(());
        }
        state.waiting.push((self.at, context.waker().clone()));
        Poll::Pending
    }
}

/// Randomness that follows from a seed: SplitMix64. For tests alone, since anybody can foresee it.
#[derive(Debug)]
pub struct SeededEntropy(Mutex<u64>);

impl SeededEntropy {
    /// The same bytes for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, out: &mut [u8]) {
        let mut state = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        for chunk in out.chunks_mut(8) {
            *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut word = *state;
            word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            word ^= word >> 31;
            chunk.copy_from_slice(&word.to_le_bytes()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_iso_8601() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_767_225_600_000, "2026-01-01T00:00:00.000Z"),
            (4_107_542_399_001, "2100-02-28T23:59:59.001Z"),
        ] {
            assert_eq!(Timestamp::from_millis(millis).utc(), text);
        }
    }
}
