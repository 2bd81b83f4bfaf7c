//! Waiting that ends: for an event, never for a time.
use std::{future::Future, time::Duration};
use suki_types::Env;

/// How long a test waits for anything, in real time.
const LONGEST: Duration = Duration::from_secs(60);
/// How long nothing has to happen until the clock is moved.
const QUIET: Duration = Duration::from_millis(20);
/// How far it is moved then, in milliseconds.
const STEP_MILLIS: i64 = 250;

/// What the clock does while a test waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// It goes on slowly whenever nothing happens.
    Slow,
    /// It stands.
    Still,
}

/// Waits for a future.
///
/// # Panics
/// When it takes longer than a minute; `what` is said then.
pub async fn bounded<T>(env: &Env, pace: Pace, what: &str, future: impl Future<Output = T>) -> T {
    let moving = async {
        loop {
            match pace {
                Pace::Still => std::future::pending::<()>().await,
                Pace::Slow => {
                    tokio::time::timeout(QUIET, std::future::pending::<()>()).await.ok();
                    env.manual_clock().advance(STEP_MILLIS);
                }
            }
        }
    };
    tokio::select! {
        biased;
        found = tokio::time::timeout(LONGEST, future) => found.unwrap_or_else(|_| panic!("waited in vain for {what}")),
        () = moving => unreachable!("it never ends"),
    }
}

/// Asks again and again until there is an answer, for what announces itself nowhere.
///
/// # Panics
/// As [`bounded`].
pub async fn until<T, F: Future<Output = Option<T>>>(env: &Env, what: &str, mut ask: impl FnMut() -> F) -> T {
    bounded(env, Pace::Slow, what, async {
        loop {
            if let Some(found) = ask().await {
                return found;
            }
            tokio::time::timeout(QUIET, std::future::pending::<()>()).await.ok();
        }
    })
    .await
}
