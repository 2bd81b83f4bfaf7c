//! The bounded queue of one connection: 64 bytes while it is empty, where a channel would keep a block of slots for each idle connection.
use parking_lot::Mutex;
use std::{
    collections::VecDeque,
    future::poll_fn,
    task::{Context, Poll, Waker},
};

/// What became of an item that was pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushed {
    /// It waits for the reader.
    Queued,
    /// The queue is full: the reader does not read. The item was dropped.
    Full,
    /// The connection is closed. The item was dropped.
    Closed,
}

/// A queue with one reader and any number of writers.
#[derive(Debug)]
pub struct Outbox<T> {
    state: Mutex<State<T>>,
    capacity: usize,
}

#[derive(Debug)]
struct State<T> {
    items: VecDeque<T>,
    reader: Option<Waker>,
    closed: bool,
}

/// What a queue may keep allocated once it is empty, in items.
const KEPT: usize = 4;

impl<T> Outbox<T> {
    /// An empty queue that holds at most `capacity` items.
    pub fn new(capacity: usize) -> Self {
        Self { state: Mutex::new(State { items: VecDeque::new(), reader: None, closed: false }), capacity }
    }

    /// Appends an item and wakes the reader.
    pub fn push(&self, item: T) -> Pushed {
        let mut state = self.state.lock();
        if state.closed {
            return Pushed::Closed;
        }
        if state.items.len() >= self.capacity {
            return Pushed::Full;
        }
        state.items.push_back(item);
        Self::wake(state);
        Pushed::Queued
    }

    /// Appends an item, or lets `merge` put it into the newest one that still waits. `merge` gives the item back when it does not fit there.
    pub fn push_or_merge(&self, item: T, merge: impl FnOnce(&mut T, T) -> Option<T>) -> Pushed {
        let mut state = self.state.lock();
        if state.closed {
            return Pushed::Closed;
        }
        let rest = match state.items.back_mut() {
            Some(newest) => merge(newest, item),
            None => Some(item),
        };
        if let Some(item) = rest {
            if state.items.len() >= self.capacity {
                return Pushed::Full;
            }
            state.items.push_back(item);
        }
        Self::wake(state);
        Pushed::Queued
    }

    /// Wakes the reader though nothing was pushed: it has a reason of its own to look.
    pub fn nudge(&self) {
        Self::wake(self.state.lock());
    }

    /// Nothing is taken in any more; the reader still gets what waits, then `None`.
    pub fn close(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        Self::wake(state);
    }

    /// Whether [`Outbox::close`] was called.
    pub fn is_closed(&self) -> bool {
        self.state.lock().closed
    }

    /// How many items wait.
    pub fn len(&self) -> usize {
        self.state.lock().items.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The oldest item, if one waits.
    pub fn try_next(&self) -> Option<T> {
        Self::take(&mut self.state.lock())
    }

    /// The oldest item, `None` when closed and empty. Pending also when `idle` says that nothing has to be done meanwhile; when it answers
    /// `true` the reader gets `Some(None)` at once and looks after its own affairs.
    pub async fn next_or(&self, mut idle: impl FnMut() -> bool) -> Option<Option<T>> {
        poll_fn(|context| self.poll(context, &mut idle)).await
    }

    /// The oldest item, `None` when closed and empty.
    pub async fn next(&self) -> Option<T> {
        self.next_or(|| false).await.flatten()
    }

    fn poll(&self, context: &mut Context<'_>, idle: &mut impl FnMut() -> bool) -> Poll<Option<Option<T>>> {
        let mut state = self.state.lock();
        if let Some(item) = Self::take(&mut state) {
            return Poll::Ready(Some(Some(item)));
        }
        if state.closed {
            return Poll::Ready(None);
        }
        if !state.reader.as_ref().is_some_and(|reader| reader.will_wake(context.waker())) {
            state.reader = Some(context.waker().clone());
        }
        drop(state);
        // After the waker is in place: a nudge between the look and the wait is not lost.
        if idle() { Poll::Ready(Some(None)) } else { Poll::Pending }
    }

    fn take(state: &mut State<T>) -> Option<T> {
        let item = state.items.pop_front();
        if state.items.is_empty() && state.items.capacity() > KEPT {
            state.items = VecDeque::new();
        }
        item
    }

    fn wake(mut state: parking_lot::MutexGuard<'_, State<T>>) {
        let reader = state.reader.take();
        drop(state);
        if let Some(reader) = reader {
            reader.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[tokio::test]
    async fn items_come_in_order_and_the_end_comes_last() {
        let outbox = Arc::new(Outbox::new(10));
        let reader = tokio::spawn({
            let outbox = outbox.clone();
            async move {
                let mut seen = Vec::new();
                while let Some(item) = outbox.next().await {
                    seen.push(item);
                }
                seen
            }
        });
        tokio::task::yield_now().await;
        (0..5).for_each(|item| assert_eq!(outbox.push(item), Pushed::Queued));
        outbox.close();
        assert_eq!(outbox.push(9), Pushed::Closed);
        assert_eq!(reader.await.expect("the reader ends"), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn a_reader_that_does_not_read_costs_no_more_than_the_capacity() {
        let outbox = Outbox::new(2);
        assert_eq!([outbox.push(1), outbox.push(2), outbox.push(3)], [Pushed::Queued, Pushed::Queued, Pushed::Full]);
        assert_eq!(outbox.push_or_merge(3, |_, item| Some(item)), Pushed::Full);
        assert_eq!(
            outbox.push_or_merge(3, |newest, item| {
                *newest += item;
                None
            }),
            Pushed::Queued
        );
        assert_eq!([outbox.try_next(), outbox.try_next(), outbox.try_next()], [Some(1), Some(5), None]);
    }

    #[tokio::test]
    async fn a_nudge_makes_the_reader_look_after_its_own_affairs() {
        let outbox: Outbox<u8> = Outbox::new(2);
        let mut looks = 0;
        let answer = outbox
            .next_or(|| {
                looks += 1;
                if looks == 1 {
                    outbox.nudge()
                };
                looks == 2
            })
            .await;
        assert_eq!((answer, looks), (Some(None), 2));
    }
}
