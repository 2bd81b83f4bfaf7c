//! A plane on a runtime of its own: what it started ends with it, as in a process that is killed.
use parking_lot::RwLock;
use std::{future::Future, sync::Arc, time::Duration};
use tokio::{
    runtime::{Builder, Runtime},
    task::JoinSet,
};

/// How long its threads may take to end.
const END: Duration = Duration::from_secs(30);

pub(crate) struct Plane<T>(Arc<RwLock<Option<(Runtime, T)>>>);

impl<T> Clone for Plane<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Clone + Send + Sync + 'static> Plane<T> {
    pub fn new() -> Self {
        Self(Arc::new(RwLock::new(None)))
    }

    pub async fn start(&self, open: impl Future<Output = T> + Send + 'static) {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime can be made");
        let value = runtime.spawn(open).await.expect("the plane opens");
        *self.0.write() = Some((runtime, value));
    }

    pub async fn stop(&self) {
        let Some((runtime, value)) = self.0.write().take() else { return };
        drop(value);
        // Its tasks end wherever they wait, as a killed process's do.
        tokio::task::spawn_blocking(move || runtime.shutdown_timeout(END)).await.expect("the runtime ends");
    }

    pub fn get(&self) -> T {
        self.0.read().as_ref().map(|(_, value)| value.clone()).expect("the plane runs")
    }

    /// Calls a function within the plane's runtime; none while it is stopped.
    pub fn within<R>(&self, call: impl FnOnce(&T) -> R) -> Option<R> {
        let plane = self.0.read();
        let (runtime, value) = plane.as_ref()?;
        let _inside = runtime.enter();
        Some(call(value))
    }

    /// Runs a future within the plane's runtime; it ends when this does.
    pub async fn run<R: Send + 'static>(&self, future: impl Future<Output = R> + Send + 'static) -> R {
        let handle = self.0.read().as_ref().map(|(runtime, _)| runtime.handle().clone()).expect("the plane runs");
        // A set ends what is in it with itself.
        let mut task = JoinSet::new();
        task.spawn_on(future, &handle);
        task.join_next().await.expect("it is there").expect("it does not panic")
    }
}

impl<T> Drop for Plane<T> {
    fn drop(&mut self) {
        if Arc::strong_count(&self.0) == 1
            && let Some((runtime, _)) = self.0.write().take()
        {
            runtime.shutdown_background();
        }
    }
}
