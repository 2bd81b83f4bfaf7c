//! A unit of work without its types, so that units of all kinds stand in one queue.
use crate::{error::StoreError, tx::Tx};
use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};
use tokio::sync::oneshot;

/// What a thread that owns a connection runs.
pub(crate) trait Unit: Send {
    /// Runs it, anew if it ran before. True when its changes are to be kept.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Answers whoever waits: with what the last run returned, or with the failure of the whole group. All of the group get the failure, those
    /// that returned an error too, since that error may rest on what was not stored.
    fn answer(self: Box<Self>, failure: Option<StoreError>);
}

/// What a unit of work will have returned. It may be awaited later, or dropped: the unit runs all the same.
#[must_use = "the unit runs anyway, but only this says whether it was stored"]
pub struct Answer<R, E> {
    waiting: oneshot::Receiver<Result<R, E>>,
    /// In a test: a yes does not arrive.
    #[cfg(feature = "testing")]
    is_lost: bool,
}

#[cfg(feature = "testing")]
impl<R, E> Answer<R, E> {
    /// From now on a yes does not arrive, if this is said: what the unit did is stored all the same.
    pub(crate) fn lost_if(mut self, is_lost: bool) -> Self {
        self.is_lost = is_lost;
        self
    }
}

impl<R, E: From<StoreError>> Future for Answer<R, E> {
    type Output = Result<R, E>;
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = Pin::new(&mut self.waiting).poll(context).map(|answer| answer.unwrap_or_else(|_| Err(StoreError::Closed.into())));
        #[cfg(feature = "testing")]
        if self.is_lost {
            return answer.map(|answer| answer.and_then(|_| Err(StoreError::InDoubt("a test".into()).into())));
        }
        answer
    }
}

struct Call<F, R, E> {
    unit: F,
    outcome: Option<Result<R, E>>,
    answer: oneshot::Sender<Result<R, E>>,
}

/// A unit for the queue, and what its caller holds.
pub(crate) fn call<R, E, F>(unit: F) -> (Box<dyn Unit>, Answer<R, E>)
where
    R: Send + 'static,
    E: From<StoreError> + Send + 'static,
    F: FnMut(&mut Tx<'_>) -> Result<R, E> + Send + 'static,
{
    let (answer, waiting) = oneshot::channel();
    let waits = Answer {
        waiting,
        #[cfg(feature = "testing")]
        is_lost: false,
    };
    (Box::new(Call { unit, outcome: None, answer }), waits)
}

impl<R, E, F> Unit for Call<F, R, E>
where
    R: Send,
    E: From<StoreError> + Send,
    F: FnMut(&mut Tx<'_>) -> Result<R, E> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let unit = &mut self.unit;
        let ran = catch_unwind(AssertUnwindSafe(|| unit(tx))).unwrap_or_else(|_| Err(StoreError::Panicked.into()));
        let outcome = match (ran, tx.failure()) {
            (Ok(_), Some(error)) => Err(error.clone().into()),
            (ran, _) => ran,
        };
        let keep = outcome.is_ok();
        self.outcome = Some(outcome);
        keep
    }

    fn answer(self: Box<Self>, failure: Option<StoreError>) {
        let result = match (failure, self.outcome) {
            (Some(error), _) => Err(error.into()),
            (None, Some(outcome)) => outcome,
            (None, None) => Err(StoreError::Closed.into()),
        };
        // Whoever asked may have stopped waiting; the unit is stored all the same.
        drop(self.answer.send(result));
    }
}
