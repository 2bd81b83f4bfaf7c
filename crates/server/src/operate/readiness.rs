//! Whether the server can do its work: each part of it says how it stands, for load balancers and for people.
use crate::world;
use futures_util::future::{BoxFuture, join_all};
use parking_lot::Mutex;
use serde::Serialize;
use std::{fmt, sync::Arc};
use suki_types::{Env, Timestamp, limits};

/// How a part stands. Texts name no secret: anybody may read them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It does its work.
    Ok,
    /// It does its work more slowly, or in another way; requests should still come here.
    Degraded(String),
    /// It cannot do its work; requests should go elsewhere.
    Failing(String),
}

impl Standing {
    /// Fine or failing with this reason.
    pub fn of<E: fmt::Display>(outcome: Result<(), E>) -> Self {
        outcome.map_or_else(|error| Self::Failing(error.to_string()), |()| Self::Ok)
    }

    const fn word(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Degraded(_) => "degraded",
            Self::Failing(_) => "failing",
        }
    }
}

type Ask = Arc<dyn Fn() -> BoxFuture<'static, Standing> + Send + Sync>;

/// A part of the server.
#[derive(Clone)]
pub struct Part {
    name: &'static str,
    ask: Ask,
}

impl Part {
    /// A part, and how it is asked. Asking is cheap, and happens once a second at most.
    pub fn new<F: Future<Output = Standing> + Send + 'static>(name: &'static str, ask: impl Fn() -> F + Send + Sync + 'static) -> Self {
        Self { name, ask: Arc::new(move || Box::pin(ask())) }
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Part({})", self.name)
    }
}

/// How one part stood when it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Its name.
    pub name: &'static str,
    /// `ok`, `degraded` or `failing`.
    pub state: &'static str,
    /// Why it is not `ok`; empty when it is.
    pub reason: String,
    /// How many milliseconds its answer took.
    pub millis: i64,
}

/// How the whole stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether requests should come here.
    pub ready: bool,
    /// Whether the server is about to end.
    pub draining: bool,
    /// Part by part.
    pub parts: Vec<Told>,
}

/// All parts. A cheap handle.
#[derive(Clone)]
pub struct Readiness(Arc<Inner>);

struct Inner {
    parts: Vec<Part>,
    env: Env,
    known: Mutex<Option<(Timestamp, Vec<Told>)>>,
}

impl Readiness {
    /// Of these parts, in the time of the world outside.
    pub fn new(parts: Vec<Part>) -> Self {
        Self::in_world(parts, world::env())
    }

    fn in_world(parts: Vec<Part>, env: Env) -> Self {
        Self(Arc::new(Inner { parts, env, known: Mutex::new(None) }))
    }

    /// Asks all parts at once; what was told a moment ago is told again, so that nobody can keep the stores busy by asking.
    pub async fn report(&self, draining: bool) -> Report {
        let parts = self.parts().await;
        Report { ready: !draining && parts.iter().all(|part| part.state != "failing"), draining, parts }
    }

    async fn parts(&self) -> Vec<Told> {
        let now = self.0.env.now();
        if let Some((at, told)) = &*self.0.known.lock()
            && (0..limits::READINESS_MILLIS).contains(&now.since(*at))
        {
            return told.clone();
        }
        let told = join_all(self.0.parts.iter().map(|part| self.ask(part))).await;
        *self.0.known.lock() = Some((now, told.clone()));
        told
    }

    async fn ask(&self, part: &Part) -> Told {
        let env = &self.0.env;
        let began = env.now();
        let standing = tokio::select! {
            standing = (part.ask)() => standing,
            () = env.clock.wait_until(began.plus_millis(limits::READINESS_PATIENCE_MILLIS)) => {
                Standing::Failing(format!("it did not answer within {} seconds", limits::READINESS_PATIENCE_MILLIS / 1000))
            }
        };
        let state = standing.word();
        let reason = match standing {
            Standing::Ok => String::new(),
            Standing::Degraded(reason) | Standing::Failing(reason) => reason,
        };
        Told { name: part.name, state, reason, millis: env.now().since(began) }
    }
}

impl fmt::Debug for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0.parts).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn states(report: &Report) -> Vec<(&str, &str)> {
        report.parts.iter().map(|part| (part.name, part.state)).collect()
    }

    #[tokio::test]
    async fn every_part_is_named_and_only_one_that_fails_sends_requests_elsewhere() {
        let slower = Part::new("bus", async || Standing::Degraded("messages are fetched every second".into()));
        let parts = vec![Part::new("store", async || Standing::Ok), slower];
        let readiness = Readiness::in_world(parts.clone(), Env::for_tests(1));
        let report = readiness.report(false).await;
        assert!(report.ready, "{report:?}");
        assert_eq!(states(&report), [("store", "ok"), ("bus", "degraded")]);
        assert!(!readiness.report(true).await.ready, "a server that is about to end takes no requests");

        let failing = Part::new("files", async || Standing::of(Err::<(), _>("the bucket is not there")));
        let report = Readiness::in_world([parts, vec![failing]].concat(), Env::for_tests(1)).report(false).await;
        assert!(!report.ready);
        assert_eq!((report.parts[2].state, report.parts[2].reason.as_str()), ("failing", "the bucket is not there"));
    }

    #[tokio::test]
    async fn parts_are_asked_once_a_second_however_often_somebody_asks() {
        let (asked, env) = (Arc::new(AtomicUsize::new(0)), Env::for_tests(1));
        let counted = asked.clone();
        let part = Part::new("store", move || {
            counted.fetch_add(1, Ordering::Relaxed);
            async { Standing::Ok }
        });
        let readiness = Readiness::in_world(vec![part], env.clone());
        for _ in 0..10 {
            readiness.report(false).await;
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        env.manual_clock().advance(limits::READINESS_MILLIS);
        readiness.report(false).await;
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn a_part_that_hangs_fails() {
        let env = Env::for_tests(1);
        let readiness = Readiness::in_world(vec![Part::new("store", std::future::pending)], env.clone());
        let asking = tokio::spawn(async move { readiness.report(false).await });
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        env.manual_clock().advance(limits::READINESS_PATIENCE_MILLIS);
        let report = asking.await.expect("no panic");
        assert_eq!((report.ready, report.parts[0].reason.as_str()), (false, "it did not answer within 5 seconds"));
    }
}
