//! A clock that runs like the system's and can be moved on.
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use suki_types::{Clock, Timestamp, Wait};
use tokio::sync::watch;

/// The system's time and what it was moved on by. Every timer of the process waits on it, and so is carried along.
#[derive(Debug, Clone)]
pub struct SandboxClock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    outside: Arc<dyn Clock>,
    moved: AtomicI64,
    changed: watch::Sender<()>,
}

impl SandboxClock {
    /// `outside` is the clock it runs with, `moved` the milliseconds it has been moved on already.
    pub fn new(outside: Arc<dyn Clock>, moved: i64) -> Self {
        Self(Arc::new(Inner { outside, moved: AtomicI64::new(moved), changed: watch::channel(()).0 }))
    }

    /// How far it was moved on in all, in milliseconds.
    pub fn moved(&self) -> i64 {
        self.0.moved.load(Ordering::Relaxed)
    }

    /// Moves it on; everybody who waits looks again. A clock never goes back: what is negative moves nothing.
    pub fn advance(&self, millis: i64) {
        self.0.moved.fetch_add(millis.max(0), Ordering::Relaxed);
        self.0.changed.send_replace(());
    }
}

impl Clock for SandboxClock {
    fn now(&self) -> Timestamp {
        self.0.outside.now().plus_millis(self.moved())
    }

    fn wait_until(&self, at: Timestamp) -> Wait {
        let clock = self.clone();
        let mut changed = self.0.changed.subscribe();
        Box::pin(async move {
            while clock.now() < at {
                let outside = at.plus_millis(-clock.moved());
                tokio::select! {
                    () = clock.0.outside.wait_until(outside) => {}
                    // The sender lives as long as the clock, which is held here.
                    _ = changed.changed() => {}
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use suki_types::Env;

    #[tokio::test]
    async fn moving_it_carries_every_timer() {
        let env = Env::for_tests(1);
        let clock = SandboxClock::new(env.clock.clone(), 1000);
        assert_eq!(clock.now().since(env.now()), 1000);
        let day = clock.now().plus_millis(86_400_000);
        let waiting = tokio::spawn(clock.wait_until(day));
        clock.advance(86_399_999);
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        clock.advance(-5);
        assert_eq!(clock.moved(), 1000 + 86_399_999, "it never goes back");
        clock.advance(1);
        waiting.await.expect("it ends");
        // And it goes on with the world outside.
        let later = tokio::spawn(clock.wait_until(clock.now().plus_millis(500)));
        tokio::task::yield_now().await;
        env.manual_clock().advance(500);
        later.await.expect("it ends");
    }
}
