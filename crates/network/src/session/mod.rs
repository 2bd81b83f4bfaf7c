//! A connection: frames in, frames out.
mod log_in;
mod push;
mod turn;

use crate::{
    Network,
    buckets::{Bucket, REFILL_MILLIS},
    metrics,
    refusal::{Outcome, Refusal},
    rows::Caller,
};
use parking_lot::Mutex;
use push::Progress;
use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
};
use suki_bus::{Listener, Outbox, Pushed};
use suki_protocol::pb::{self, RefusalCode, client_frame, server_frame};
use suki_types::{Timestamp, limits};

/// A request's work. Its unit of the store is queued already; waiting for it, or not, changes nothing.
pub(crate) type Answer = Pin<Box<dyn Future<Output = Result<Outcome, Refusal>> + Send>>;

/// The connection is over: nothing more is taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection is closed")]
pub struct Closed;

/// One connection. Dropping it ends it; what it has queued in the store is done all the same.
pub struct Session(Arc<Shared>);

pub(crate) struct Shared {
    network: Network,
    number: u64,
    outbox: Outbox<pb::ServerFrame>,
    state: Mutex<State>,
    under_way: AtomicUsize,
    last_heard: AtomicI64,
}

struct State {
    nonce: [u8; 32],
    stage: Stage,
    progress: Progress,
    line: turn::Line,
}

enum Stage {
    Challenged { failures: u32 },
    Checking { failures: u32 },
    Open { caller: Caller, bucket: Bucket },
}

/// How many answers may wait for a connection that does not read, its pushes included.
const WAITING: usize = 2 * limits::REQUESTS_UNDER_WAY;
/// A connection that says nothing for so long is taken for dead. Devices ping every 45 seconds.
pub(crate) const SILENCE_MILLIS: i64 = 150_000;
/// A connection has to log in within this time.
pub(crate) const LOG_IN_MILLIS: i64 = 15_000;

impl Session {
    pub(crate) fn open(network: &Network) -> Self {
        let nonce: [u8; 32] = network.env().random();
        let number = network.0.next_session.fetch_add(1, Ordering::Relaxed);
        let shared = Arc::new(Shared {
            network: network.clone(),
            number,
            outbox: Outbox::new(WAITING),
            state: Mutex::new(State { nonce, stage: Stage::Challenged { failures: 0 }, progress: Progress::default(), line: None }),
            under_way: AtomicUsize::new(0),
            last_heard: AtomicI64::new(network.env().now().millis()),
        });
        network.0.sessions.lock().insert(number, Arc::downgrade(&shared));
        let challenge = server_frame::Body::Challenge(pb::Challenge { nonce: nonce.to_vec() });
        shared.outbox.push(pb::ServerFrame { request: 0, body: Some(challenge) });
        Self(shared)
    }

    /// Takes a frame in. Its work is queued when this returns, its answer comes through [`Session::next`].
    ///
    /// # Errors
    /// When the connection is closed.
    pub fn receive(&self, frame: pb::ClientFrame) -> Result<(), Closed> {
        let shared = &self.0;
        if shared.outbox.is_closed() {
            return Err(Closed);
        }
        let now = shared.network.env().now();
        shared.last_heard.store(now.millis(), Ordering::Relaxed);
        let request = frame.request;
        let under_way = shared.under_way.fetch_add(1, Ordering::Relaxed);
        if under_way >= limits::REQUESTS_UNDER_WAY {
            let most = limits::REQUESTS_UNDER_WAY;
            let text = format!("{under_way} requests of this connection are under way; at most {most} may be: wait for answers");
            shared.refuse(request, Refusal::rate_limited(text, now));
            return Ok(());
        }
        if request == 0 {
            shared.refuse(request, Refusal::malformed("A frame needs a request number other than 0"));
            return Ok(());
        }
        match frame.body {
            None => shared.refuse(request, Refusal::malformed("A frame needs a body that this server knows")),
            Some(client_frame::Body::LogIn(body)) => shared.log_in(request, body),
            Some(body) => match shared.caller(now) {
                Ok(caller) => shared.in_turn(request, caller, body),
                Err(refusal) => shared.refuse(request, refusal),
            },
        }
        Ok(())
    }

    /// The next frame for the device; `None` when the connection is over.
    pub async fn next(&self) -> Option<pb::ServerFrame> {
        let shared = &self.0;
        loop {
            match shared.outbox.next_or(|| shared.is_behind()).await? {
                None => shared.catch_up(),
                Some(frame) => return Some(shared.leaving(frame)),
            }
        }
    }

    /// A frame that can leave without waiting, so that several can share one write.
    pub fn try_next(&self) -> Option<pb::ServerFrame> {
        self.0.outbox.try_next().map(|frame| self.0.leaving(frame))
    }

    /// Ends the connection; [`Session::next`] still gives what was answered, then `None`.
    pub fn close(&self) {
        self.0.end();
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.0.end();
        self.0.network.0.sessions.lock().remove(&self.0.number);
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({})", self.0.number)
    }
}

impl Shared {
    /// Who is logged in, and a token of his bucket.
    fn caller(&self, now: Timestamp) -> Result<Caller, Refusal> {
        let mut state = self.state.lock();
        let Stage::Open { caller, bucket } = &mut state.stage else {
            return Err(Refusal::new(RefusalCode::NotLoggedIn, "Log in first: sign the challenge with the device's key"));
        };
        let capacity = self.network.capacity(caller.kind);
        match bucket.take(capacity, REFILL_MILLIS, now) {
            Ok(()) => Ok(*caller),
            Err(next) => {
                let text = format!("This device asks too fast: {} requests a second are allowed over {} s", capacity / 10, REFILL_MILLIS / 1000);
                Err(Refusal::rate_limited(text, next))
            }
        }
    }

    /// Waits for the work elsewhere, so that whoever must be woken is woken even when this connection is gone.
    fn work(self: &Arc<Self>, request: u32, kind: &'static str, answer: Answer) {
        let shared = self.clone();
        tokio::spawn(async move {
            let answer = answer.await;
            metrics::answered(kind, &answer);
            match answer {
                Ok(outcome) => {
                    shared.network.wake(outcome.wakes);
                    shared.answer(request, outcome.body);
                }
                Err(refusal) => shared.refuse(request, refusal),
            }
        });
    }

    fn answer(self: &Arc<Self>, request: u32, body: server_frame::Body) {
        self.push(pb::ServerFrame { request, body: Some(body) });
    }

    fn refuse(self: &Arc<Self>, request: u32, refusal: Refusal) {
        self.answer(request, server_frame::Body::Refused(refusal.0));
    }

    /// A connection that does not read is dropped, not buffered without end.
    fn push(self: &Arc<Self>, frame: pb::ServerFrame) {
        if self.outbox.push(frame) == Pushed::Full {
            self.end();
        }
    }

    fn leaving(&self, frame: pb::ServerFrame) -> pb::ServerFrame {
        // What the network sends unasked was never under way; a refused frame without a number was.
        if frame.request != 0 || matches!(frame.body, Some(server_frame::Body::Refused(_))) {
            self.under_way.fetch_sub(1, Ordering::Relaxed);
        }
        frame
    }

    pub(crate) fn end(self: &Arc<Self>) {
        self.outbox.close();
        let stage = std::mem::replace(&mut self.state.lock().stage, Stage::Challenged { failures: u32::MAX });
        if let Stage::Open { caller, bucket } = stage {
            let listener: Arc<dyn Listener> = self.clone();
            self.network.bus().unsubscribe(caller.device, &listener);
            self.network.0.buckets.leave(caller.device, bucket);
        }
    }

    /// Ends the connection when nothing was heard for too long.
    pub(crate) fn end_if_silent(self: &Arc<Self>, now: Timestamp) {
        let heard = Timestamp::from_millis(self.last_heard.load(Ordering::Relaxed));
        let open = matches!(self.state.lock().stage, Stage::Open { .. });
        if now.since(heard) > if open { SILENCE_MILLIS } else { LOG_IN_MILLIS } {
            self.end();
        }
    }
}

impl Network {
    /// How many requests a device may make in [`REFILL_MILLIS`].
    fn capacity(&self, kind: pb::AccountKind) -> u32 {
        let (person, endpoint) = self.config().requests_per_second;
        let a_second = if kind == pb::AccountKind::Person { person } else { endpoint };
        a_second.saturating_mul(10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_small() {
        let size = size_of::<Shared>();
        assert!(size <= 320, "{size} bytes for each connection, idle ones too");
    }
}
