//! What a store counts, for whoever collects it. Without a collector it costs a few branches a group.
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use std::time::{Duration, Instant};

/// The counters of one store. Made when it is opened: a collector that comes later sees nothing of it.
#[derive(Clone)]
pub(crate) struct Meter {
    store: &'static str,
    units: Counter,
    group_units: Histogram,
    group_seconds: Histogram,
    waiting: Gauge,
    reruns: Counter,
    errors: Counter,
}

impl Meter {
    /// For a store of this name: a word of the program, such as the plane's.
    pub(crate) fn new(store: &'static str) -> Self {
        Self {
            store,
            units: counter!("suki_store_units_total", "store" => store),
            group_units: histogram!("suki_store_group_units", "store" => store),
            group_seconds: histogram!("suki_store_group_seconds", "store" => store),
            waiting: gauge!("suki_store_waiting", "store" => store),
            reruns: counter!("suki_store_reruns_total", "store" => store),
            errors: counter!("suki_store_errors_total", "store" => store),
        }
    }

    /// Runs a group of so many units, behind which so many wait, and counts it.
    pub(crate) fn group<T>(&self, units: usize, waiting: usize, run: impl FnOnce() -> T) -> T {
        if units == 0 {
            return run();
        }
        let began = Stopwatch::start();
        let done = tracing::debug_span!("commit", store = self.store, units).in_scope(run);
        self.units.increment(units as u64);
        self.group_units.record(units as f64);
        self.group_seconds.record(began.elapsed().as_secs_f64());
        self.waiting.set(waiting as f64);
        done
    }

    /// A group ran again, since others were in its way or one of its units was rolled back.
    pub(crate) fn rerun(&self) {
        self.reruns.increment(1);
    }

    /// A group failed as a whole.
    pub(crate) fn failed(&self) {
        self.errors.increment(1);
    }
}

/// Measures how long something takes; nothing that is stored or decided depends on it.
struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "how long a commit took is told and changes nothing, so no test's clock has to move it")]
    fn start() -> Self {
        Self(Instant::now())
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
