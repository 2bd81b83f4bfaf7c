//! The queue between callers and the threads that own connections.
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;

/// A bounded queue that many put into and some take groups from, in order.
pub(crate) struct Queue<T> {
    limit: usize,
    state: Mutex<State<T>>,
    filled: Condvar,
}

struct State<T> {
    waiting: VecDeque<T>,
    closed: bool,
}

/// Why something was not queued.
pub(crate) enum Refused {
    Overfull,
    Closed,
}

impl<T> Queue<T> {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, state: Mutex::new(State { waiting: VecDeque::new(), closed: false }), filled: Condvar::new() }
    }

    /// Puts an item at the end; hands it back when the queue is full or closed.
    pub(crate) fn put(&self, item: T) -> Result<(), (Refused, T)> {
        let mut state = self.state.lock();
        if state.closed {
            return Err((Refused::Closed, item));
        }
        if state.waiting.len() >= self.limit {
            return Err((Refused::Overfull, item));
        }
        state.waiting.push_back(item);
        drop(state);
        self.filled.notify_one();
        Ok(())
    }

    /// Waits until something is there and takes up to `most` of it; `None` when the queue is closed and empty.
    pub(crate) fn take(&self, most: usize) -> Option<Vec<T>> {
        let mut state = self.state.lock();
        while state.waiting.is_empty() {
            if state.closed {
                return None;
            }
            self.filled.wait(&mut state);
        }
        let count = most.min(state.waiting.len());
        Some(state.waiting.drain(..count).collect())
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.state.lock().waiting.len()
    }

    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// Takes no more; what is queued is still handed out.
    pub(crate) fn close(&self) {
        self.state.lock().closed = true;
        self.filled.notify_all();
    }

    /// Takes no more and drops what is queued.
    pub(crate) fn abandon(&self) {
        self.close();
        let dropped = std::mem::take(&mut self.state.lock().waiting);
        drop(dropped);
    }
}
