//! The task that keeps the connection up, and what it shares with the handles.
use crate::{
    Identity, LinkError,
    backoff::Backoff,
    dial::{Dial, Wire},
    inbox::{self, Inbox, LinkEvent, Sink},
    silence::{Due, Silence},
};
use parking_lot::Mutex;
use std::{collections::HashMap, future::Future, sync::Arc};
use suki_bus::{Outbox, Pushed};
use suki_protocol::{
    log_in_bytes,
    pb::{self, RefusalCode, client_frame, server_frame},
};
use suki_types::{Env, Timestamp, limits};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};

/// Requests of the link's own (log-in, acknowledgement, ping) have these places beside the callers'.
const OWN_REQUESTS: usize = 8;
/// So many of them may be acknowledgements.
const ACKS_UNDER_WAY: usize = 4;
/// A connection is made in this time or given up, and so is a log-in.
const DIAL_MILLIS: i64 = 20_000;
/// So long after the link began, or broke, is waited for its next connection, in milliseconds: the network's server may only have been replaced.
const PATIENCE_MILLIS: i64 = 5_000;

type Waiting = oneshot::Sender<Result<server_frame::Body, LinkError>>;

pub(crate) struct Shared {
    identity: Identity,
    env: Env,
    inbox: Sink,
    places: Arc<Semaphore>,
    stopped: watch::Sender<bool>,
    reach: watch::Sender<Reach>,
    state: Mutex<State>,
}

/// Whether the device is logged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Connected,
    /// Not since then.
    Away(Timestamp),
}

#[derive(Default)]
struct State {
    /// The queue of the connection that is logged in.
    queue: Option<Arc<Outbox<pb::ClientFrame>>>,
    waiting: HashMap<u32, (Waiting, OwnedSemaphorePermit)>,
    next_request: u32,
    ack_wanted: u64,
    ack_told: u64,
    ack_requests: Vec<u32>,
}

/// Why a connection is over.
enum Over {
    /// It broke or was closed.
    Broken(String),
    /// The receiver of entries does not keep up.
    Overfull,
    /// The network refuses the device.
    Refused(pb::Refused),
    /// Nobody needs it any more.
    Stopped,
}

impl Shared {
    pub fn new(identity: Identity, env: Env) -> (Arc<Self>, Inbox) {
        let (sink, inbox) = inbox::pair();
        let reach = watch::Sender::new(Reach::Away(env.now()));
        let shared = Self {
            identity,
            env,
            inbox: sink,
            places: Arc::new(Semaphore::new(limits::REQUESTS_UNDER_WAY - OWN_REQUESTS)),
            stopped: watch::Sender::new(false),
            reach,
            state: Mutex::default(),
        };
        (Arc::new(shared), inbox)
    }

    pub fn stop(&self) {
        self.stopped.send_replace(true);
    }

    pub fn is_connected(&self) -> bool {
        self.state.lock().queue.is_some()
    }

    /// For how long there has been no connection, in milliseconds.
    fn away_millis(&self) -> i64 {
        match *self.reach.borrow() {
            Reach::Connected => 0,
            Reach::Away(since) => self.env.now().since(since),
        }
    }

    /// Waits for a connection, if there is none and the link has not been without one for long.
    pub async fn settled(&self) {
        let (mut reach, mut stopped) = (self.reach.subscribe(), self.stopped.subscribe());
        let Reach::Away(since) = *reach.borrow_and_update() else { return };
        let late = self.env.clock.wait_until(since.plus_millis(PATIENCE_MILLIS));
        tokio::select! {
            _ = reach.wait_for(|reach| *reach == Reach::Connected) => {}
            _ = stopped.wait_for(|stopped| *stopped) => {}
            () = late => {}
        }
    }

    pub fn request(self: Arc<Self>, body: client_frame::Body) -> impl Future<Output = Result<server_frame::Body, LinkError>> + Send + use<> {
        // With a place free the frame is queued here and now; places are given in turn, so nobody who waits is overtaken.
        let started = match self.places.clone().try_acquire_owned() {
            Ok(place) => Ok(self.send(body, place)),
            Err(_) => Err(body),
        };
        async move {
            let waiting = match started {
                Ok(waiting) => waiting,
                Err(body) => {
                    let place = self.places.clone().acquire_owned().await.map_err(|_| LinkError::Ended)?;
                    self.send(body, place)
                }
            };
            waiting?.await.unwrap_or(Err(LinkError::Ended))
        }
    }

    fn send(
        &self,
        body: client_frame::Body,
        place: OwnedSemaphorePermit,
    ) -> Result<oneshot::Receiver<Result<server_frame::Body, LinkError>>, LinkError> {
        if *self.stopped.borrow() {
            return Err(LinkError::Ended);
        }
        let mut state = self.state.lock();
        let queue = state.queue.clone().ok_or(LinkError::Away)?;
        // What was acknowledged before this request is told before it: a message is delivered before it is read.
        state.tell_ack(ACKS_UNDER_WAY);
        let request = state.number();
        if queue.push(pb::ClientFrame { request, body: Some(body) }) != Pushed::Queued {
            return Err(LinkError::Away);
        }
        let (sender, receiver) = oneshot::channel();
        state.waiting.insert(request, (sender, place));
        Ok(receiver)
    }

    pub fn tell(&self, body: client_frame::Body) {
        let Ok(place) = self.places.clone().try_acquire_owned() else { return };
        // Its answer has nobody to go to; the place is kept until it comes.
        drop(self.send(body, place));
    }

    pub fn ack(&self, seq: u64) {
        let mut state = self.state.lock();
        state.ack_wanted = state.ack_wanted.max(seq);
        state.tell_ack(1);
    }

    fn connected(&self, queue: &Arc<Outbox<pb::ClientFrame>>, logged_in: pb::LoggedIn) {
        let mut state = self.state.lock();
        state.queue = Some(queue.clone());
        state.ack_told = logged_in.acked;
        state.ack_requests.clear();
        // In the inbox before any request can go out because of it.
        self.inbox.put(LinkEvent::Connected(logged_in));
        state.tell_ack(1);
        self.reach.send_replace(Reach::Connected);
    }

    fn disconnected(&self) -> bool {
        let mut state = self.state.lock();
        let was = state.queue.take().is_some();
        if was {
            self.reach.send_replace(Reach::Away(self.env.now()));
        }
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        for (waiting, _place) in waiting.into_values() {
            drop(waiting.send(Err(LinkError::Disconnected)));
        }
        was
    }

    fn answered(&self, request: u32, body: server_frame::Body) {
        let mut state = self.state.lock();
        if let Some(place) = state.ack_requests.iter().position(|ack| *ack == request) {
            state.ack_requests.swap_remove(place);
            if let server_frame::Body::Refused(refused) = &body {
                tracing::warn!(code = refused.code, "an acknowledgement was refused");
                return;
            }
            return state.tell_ack(1);
        }
        let waiting = state.waiting.remove(&request);
        drop(state);
        if let Some((waiting, _place)) = waiting {
            // Whoever asked may have stopped waiting.
            drop(waiting.send(Ok(body)));
        }
    }
}

impl State {
    fn number(&mut self) -> u32 {
        self.next_request = self.next_request.checked_add(1).unwrap_or(1);
        self.next_request
    }

    /// Unless so many acknowledgements are under way: those that come meanwhile become the next one.
    fn tell_ack(&mut self, most: usize) {
        let Some(queue) = self.queue.clone() else { return };
        if self.ack_requests.len() >= most || self.ack_wanted <= self.ack_told {
            return;
        }
        let request = self.number();
        let body = client_frame::Body::Ack(pb::Ack { seq: self.ack_wanted });
        if queue.push(pb::ClientFrame { request, body: Some(body) }) == Pushed::Queued {
            self.ack_requests.push(request);
            self.ack_told = self.ack_wanted;
        }
    }
}

/// Connects again and again until nobody needs the link.
pub(crate) async fn run(shared: Arc<Shared>, dial: Arc<dyn Dial>) {
    let (mut backoff, mut refusal) = (Backoff::default(), None);
    let mut stopped = shared.stopped.subscribe();
    loop {
        let over = tokio::select! {
            over = connection(&shared, &*dial, &mut backoff) => over,
            _ = stopped.wait_for(|stopped| *stopped) => Over::Stopped,
        };
        let was_connected = shared.disconnected();
        if was_connected {
            refusal = None;
        }
        let mut removed = false;
        match over {
            Over::Stopped => return,
            Over::Broken(reason) => {
                tracing::debug!(%reason, "the link is down");
                if was_connected {
                    shared.inbox.put(LinkEvent::Disconnected);
                }
            }
            Over::Overfull => {
                tracing::warn!("the link pauses: more has come than was taken");
                shared.inbox.put(LinkEvent::Disconnected);
                shared.inbox.emptied().await;
            }
            Over::Refused(refused) => {
                removed = refused.code() == RefusalCode::Unknown;
                // Said once, however often it is tried.
                if refusal.as_ref() != Some(&refused) {
                    shared.inbox.put(LinkEvent::LogInRefused { refused: refused.clone(), removed });
                }
                refusal = Some(refused);
            }
        }
        if removed {
            shared.stop();
            return;
        }
        let pause = backoff.next(&shared.env, dial.longest_pause_millis(shared.away_millis()));
        let wait = shared.env.clock.wait_until(shared.env.now().plus_millis(pause));
        tokio::select! {
            () = wait => {}
            _ = stopped.wait_for(|stopped| *stopped) => return,
        }
    }
}

async fn connection(shared: &Arc<Shared>, dial: &dyn Dial, backoff: &mut Backoff) -> Over {
    let late = shared.env.clock.wait_until(shared.env.now().plus_millis(DIAL_MILLIS));
    let dialled = tokio::select! {
        dialled = dial.dial() => dialled.map_err(|error| error.to_string()),
        () = late => Err(format!("no connection was made in {} s", DIAL_MILLIS / 1000)),
    };
    let mut wire = match dialled {
        Ok(wire) => wire,
        Err(reason) => return Over::Broken(reason),
    };
    let logged_in = match log_in(shared, &mut wire).await {
        Ok(logged_in) => logged_in,
        Err(over) => return over,
    };
    backoff.reset();
    let queue = Arc::new(Outbox::new(limits::REQUESTS_UNDER_WAY));
    shared.connected(&queue, logged_in);
    let over = exchange(shared, &mut wire, &queue).await;
    queue.close();
    over
}

async fn log_in(shared: &Shared, wire: &mut Wire) -> Result<pb::LoggedIn, Over> {
    let broken = |text: &str| Over::Broken(text.to_owned());
    // In time, or the other end is no network of ours.
    let mut late = shared.env.clock.wait_until(shared.env.now().plus_millis(DIAL_MILLIS));
    let mut receive = async || {
        tokio::select! {
            frame = wire.incoming.recv() => frame.and_then(|frame| frame.body).ok_or_else(|| broken("the network closed the connection")),
            () = &mut late => Err(broken("the network did not answer in time")),
        }
    };
    let server_frame::Body::Challenge(challenge) = receive().await? else { return Err(broken("the network did not begin with a challenge")) };
    let device = shared.identity.device.to_vec();
    let signature = (shared.identity.signer)(&log_in_bytes(&challenge.nonce, &device));
    let request = shared.state.lock().number();
    let body = client_frame::Body::LogIn(pb::LogIn { device, signature });
    let sent = wire.out.send(pb::ClientFrame { request, body: Some(body) }).await;
    sent.map_err(|_| broken("the network closed the connection"))?;
    match receive().await? {
        server_frame::Body::LoggedIn(logged_in) => Ok(logged_in),
        server_frame::Body::Refused(refused) => Err(Over::Refused(refused)),
        _ => Err(broken("the network answered a log-in with something else")),
    }
}

async fn exchange(shared: &Shared, wire: &mut Wire, queue: &Outbox<pb::ClientFrame>) -> Over {
    let mut next: Option<pb::ClientFrame> = None;
    let mut silence = Silence::new(&shared.env);
    loop {
        // Reading goes on while a frame waits to go out: two ends that both wait for the other to read would wait for ever.
        tokio::select! {
            frame = wire.incoming.recv() => {
                let Some(frame) = frame else { return Over::Broken("the connection was closed".into()) };
                silence.heard();
                if !take_in(shared, frame) {
                    return Over::Overfull;
                }
            }
            place = wire.out.reserve(), if next.is_some() => match (place, next.take()) {
                (Ok(place), Some(frame)) => {
                    place.send(frame);
                    silence.sent();
                }
                _ => return Over::Broken("the connection was closed".into()),
            },
            frame = queue.next(), if next.is_none() => next = frame,
            due = silence.due() => match due {
                Due::Ping => {
                    let request = shared.state.lock().number();
                    queue.push(pb::ClientFrame { request, body: Some(client_frame::Body::Ping(pb::Ping {})) });
                }
                Due::Gone if !wire.incoming.is_empty() => {}
                Due::Gone => return Over::Broken("nothing was heard of the network for too long".into()),
            },
        }
    }
}

/// False when the receiver does not keep up.
fn take_in(shared: &Shared, frame: pb::ServerFrame) -> bool {
    match frame.body {
        Some(server_frame::Body::Entries(entries)) => shared.inbox.put(LinkEvent::Entries(entries.entries)),
        Some(server_frame::Body::Typing(typing)) if frame.request == 0 => shared.inbox.put(LinkEvent::Typing(typing)),
        Some(body) => {
            shared.answered(frame.request, body);
            true
        }
        None => true,
    }
}
