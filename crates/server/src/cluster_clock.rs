//! The clock of many nodes: the database's. Each node measures how far its own counter of time is from it, and follows without ever going back, so that a
//! node whose own clock is minutes off does no harm.
use parking_lot::Mutex;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use suki_store::{Db, StoreError};
use suki_types::{Clock, Timestamp, Wait};

/// How often the distance is measured, in milliseconds.
const MEASURE_MILLIS: i64 = 10_000;
/// Of so many measurements the one counts whose answer came quickest.
const ROUND_TRIPS: usize = 3;
/// While a clock is ahead it runs slower by one part in so many.
const SLOWER_BY: i64 = 10;

/// A clock that follows a reference and never goes back. All figures are milliseconds; `ticks` are those of a counter that knows no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Steering {
    /// What the reference is ahead of the ticks, as it was measured.
    wanted: i64,
    /// What the time that is told was ahead of the ticks at `since`.
    told: i64,
    since: i64,
}

impl Steering {
    fn new(wanted: i64, ticks: i64) -> Self {
        Self { wanted, told: wanted, since: ticks }
    }

    /// What is to be added to the ticks. What is ahead of the reference comes back to it little by little.
    fn offset(&self, ticks: i64) -> i64 {
        let passed = (ticks - self.since).max(0);
        (self.told - passed / SLOWER_BY).max(self.wanted)
    }

    /// Takes a measurement in: what is behind the reference is there at once.
    fn measured(&mut self, wanted: i64, ticks: i64) {
        let told = self.offset(ticks).max(wanted);
        *self = Self { wanted, told, since: ticks };
    }
}

/// What the reference is ahead of the ticks, by a question asked at `asked` ticks and answered at `answered` with `reference`: it was read halfway.
fn distance(asked: i64, answered: i64, reference: i64) -> i64 {
    reference - (asked + (answered - asked) / 2)
}

/// The database's time, as this node knows it. Clones are the same clock.
#[derive(Debug, Clone)]
pub struct ClusterClock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    started: Instant,
    steering: Mutex<Steering>,
}

impl ClusterClock {
    /// Asks the database for its time.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn of(db: &Db) -> Result<Self, StoreError> {
        let started = started();
        let ticks = || millis(started.elapsed());
        let wanted = measure(db, ticks).await?;
        Ok(Self(Arc::new(Inner { started, steering: Mutex::new(Steering::new(wanted, ticks())) })))
    }

    /// Follows the database's time until the process ends.
    pub async fn follow(self, db: Db) {
        loop {
            self.wait_until(self.now().plus_millis(MEASURE_MILLIS)).await;
            match measure(&db, || self.ticks()).await {
                Ok(wanted) => self.0.steering.lock().measured(wanted, self.ticks()),
                // It goes on as it is: the counter is good for as long as that lasts.
                Err(error) => tracing::debug!(%error, "the database's time is not known at the moment"),
            }
        }
    }

    fn ticks(&self) -> i64 {
        millis(self.0.started.elapsed())
    }
}

impl Clock for ClusterClock {
    fn now(&self) -> Timestamp {
        let ticks = self.ticks();
        Timestamp::from_millis(ticks + self.0.steering.lock().offset(ticks))
    }

    #[expect(clippy::disallowed_methods, reason = "this is a clock that everything else takes as an argument")]
    fn wait_until(&self, at: Timestamp) -> Wait {
        let clock = self.clone();
        Box::pin(async move {
            // It may run slower than the timer does.
            loop {
                let left = at.since(clock.now());
                if left <= 0 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(left.unsigned_abs())).await;
            }
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the counter of a clock that everything else takes as an argument")]
fn started() -> Instant {
    Instant::now()
}

fn millis(passed: Duration) -> i64 {
    i64::try_from(passed.as_millis()).unwrap_or(i64::MAX)
}

/// Measures how far the database's time is ahead of the ticks.
async fn measure(db: &Db, ticks: impl Fn() -> i64) -> Result<i64, StoreError> {
    let mut best: Option<(i64, i64)> = None;
    for _ in 0..ROUND_TRIPS {
        let asked = ticks();
        let sql = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";
        let reference: i64 = db.read(move |tx| tx.query_one::<i64>(sql, &[], |row| row.get(0))).await?;
        let answered = ticks();
        let took = answered - asked;
        if best.is_none_or(|(quickest, _)| took < quickest) {
            best = Some((took, distance(asked, answered, reference)));
        }
    }
    Ok(best.map_or(0, |(_, distance)| distance))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_was_read_halfway() {
        assert_eq!(distance(100, 140, 5_120), 5_000);
    }

    #[test]
    fn it_goes_forward_at_once_and_comes_back_slowly() {
        let mut steering = Steering::new(1_000, 0);
        assert_eq!((steering.offset(0), steering.offset(1_000_000)), (1_000, 1_000));
        // The reference is five minutes ahead: so is the clock.
        steering.measured(301_000, 10_000);
        assert_eq!(steering.offset(10_000), 301_000);
        // Another server has taken the database over, whose clock is a second behind the former's.
        steering.measured(300_000, 20_000);
        assert_eq!(
            (steering.offset(20_000), steering.offset(25_000), steering.offset(30_000), steering.offset(60_000)),
            (301_000, 300_500, 300_000, 300_000)
        );
    }

    #[test]
    fn it_never_goes_back_whatever_is_measured() {
        let mut steering = Steering::new(0, 0);
        let mut before = i64::MIN;
        for ticks in 0..20_000 {
            if ticks % 100 == 0 {
                // Up and down by half a minute.
                steering.measured((ticks / 100 * 7_919) % 60_000 - 30_000, ticks);
            }
            let now = ticks + steering.offset(ticks);
            assert!(now >= before, "{now} after {before}");
            before = now;
        }
    }
}
