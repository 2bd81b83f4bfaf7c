//! The tasks of one business: all that goes on beside its requests, and ends with it.
use parking_lot::Mutex;
use std::future::Future;
use tokio::task::JoinSet;

/// Tasks that end together.
#[derive(Debug)]
pub(crate) struct Tasks(Mutex<Option<JoinSet<()>>>);

impl Default for Tasks {
    fn default() -> Self {
        Self(Mutex::new(Some(JoinSet::new())))
    }
}

impl Tasks {
    /// Starts one. Once they were ended none starts any more.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if let Some(running) = self.0.lock().as_mut() {
            // What is over takes no place.
            while running.try_join_next().is_some() {}
            running.spawn(task);
        }
    }

    /// How many run.
    pub fn count(&self) -> usize {
        let mut running = self.0.lock();
        let Some(running) = running.as_mut() else { return 0 };
        while running.try_join_next().is_some() {}
        running.len()
    }

    /// Ends them wherever they wait, and waits for none.
    pub fn let_go(&self) {
        let running = self.0.lock().take();
        // Whoever drops the set ends what is in it.
        drop(running);
    }

    /// Ends them wherever they wait, as the end of the process would, and returns when none runs any more. No task of theirs may call it.
    pub async fn end(&self) {
        let running = self.0.lock().take();
        if let Some(mut running) = running {
            running.shutdown().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{future::pending, sync::Arc};

    #[tokio::test]
    async fn they_end_wherever_they_wait_and_none_starts_after_that() {
        let (tasks, held) = (Tasks::default(), Arc::new(()));
        for _ in 0..3 {
            let held = held.clone();
            tasks.spawn(async move {
                pending::<()>().await;
                drop(held);
            });
        }
        assert_eq!((tasks.count(), Arc::strong_count(&held)), (3, 4));
        tasks.end().await;
        assert_eq!((tasks.count(), Arc::strong_count(&held)), (0, 1));
        let late = held.clone();
        tasks.spawn(async move { drop(late) });
        assert_eq!((tasks.count(), Arc::strong_count(&held)), (0, 1));
    }

    #[tokio::test]
    async fn what_is_over_takes_no_place() {
        let tasks = Tasks::default();
        for _ in 0..100 {
            tasks.spawn(async {});
            tokio::task::yield_now().await;
        }
        tokio::task::yield_now().await;
        assert_eq!(tasks.count(), 0);
    }
}
