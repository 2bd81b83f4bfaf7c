//! A session over a socket of binary messages, one frame each. The server's WebSocket handler calls [`run`].
use crate::Session;
use bytes::Bytes;
use futures_util::{Sink, SinkExt as _, Stream, StreamExt as _};
use prost::Message as _;
use std::{fmt, future::poll_fn, pin::pin, task::Poll};
use suki_protocol::pb;
use suki_types::{Env, limits};

/// A device has so long to take what is sent to it, in milliseconds; then the connection is dropped.
const WRITE_MILLIS: i64 = 30_000;
/// How many frames go out before the socket is flushed; fewer when they are large, so that a device on a slow line takes them in time.
const FRAMES_PER_FLUSH: usize = 32;

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The device went away.
    ByDevice,
    /// The session was closed: replaced, removed, silent for too long.
    ByNetwork,
    /// The device sent what is no frame, or a frame that is too large.
    BadFrame,
    /// The device does not read.
    NotReading,
}

enum Next {
    Received(Option<Bytes>),
    ToSend(Option<pb::ServerFrame>),
}

/// Speaks frames over the socket until either side ends it. The socket is dropped afterwards; the caller may close it politely.
///
/// One future, without channels or buffers of its own, so that an idle connection costs little.
pub async fn run<S, E>(session: Session, socket: &mut S, env: &Env) -> Ended
where
    S: Stream<Item = Result<Bytes, E>> + Sink<Bytes, Error = E> + Unpin,
    E: fmt::Debug,
{
    loop {
        match next(&session, socket).await {
            Next::Received(None) => return Ended::ByDevice,
            Next::Received(Some(bytes)) => {
                if bytes.len() > limits::FRAME_BYTES {
                    return Ended::BadFrame;
                }
                let Ok(frame) = pb::ClientFrame::decode(bytes) else { return Ended::BadFrame };
                if session.receive(frame).is_err() {
                    return Ended::ByNetwork;
                }
            }
            Next::ToSend(None) => return Ended::ByNetwork,
            Next::ToSend(Some(frame)) => {
                if let Some(ended) = Box::pin(send(&session, socket, frame, env)).await {
                    return ended;
                }
            }
        }
    }
}

/// Whatever comes first. Sending goes first, so that a device that floods does not starve its own answers.
async fn next<S, E>(session: &Session, socket: &mut S) -> Next
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    let mut outgoing = pin!(session.next());
    poll_fn(|context| {
        if let Poll::Ready(frame) = outgoing.as_mut().poll(context) {
            return Poll::Ready(Next::ToSend(frame));
        }
        // A broken socket and a closed one are the same: the device connects again.
        socket.poll_next_unpin(context).map(|message| Next::Received(message.and_then(Result::ok)))
    })
    .await
}

/// Writes a frame and those that wait behind it, flushes once.
async fn send<S, E>(session: &Session, socket: &mut S, first: pb::ServerFrame, env: &Env) -> Option<Ended>
where
    S: Sink<Bytes, Error = E> + Unpin,
{
    let writing = async {
        let mut frame = Some(first);
        let (mut count, mut bytes) = (0, 0);
        while let Some(ready) = frame {
            let encoded = Bytes::from(ready.encode_to_vec());
            (count, bytes) = (count + 1, bytes + encoded.len());
            socket.feed(encoded).await.map_err(|_| Ended::ByDevice)?;
            frame = if count < FRAMES_PER_FLUSH && bytes < limits::PUSH_BYTES { session.try_next() } else { None };
        }
        socket.flush().await.map_err(|_| Ended::ByDevice)
    };
    let mut writing = pin!(writing);
    // Most writes are done at once; only one that waits gets an alarm clock.
    let mut alarm = None;
    poll_fn(|context| {
        if let Poll::Ready(written) = writing.as_mut().poll(context) {
            return Poll::Ready(written.err());
        }
        let alarm = alarm.get_or_insert_with(|| env.clock.wait_until(env.now().plus_millis(WRITE_MILLIS)));
        alarm.as_mut().poll(context).map(|()| Some(Ended::NotReading))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io,
        pin::Pin,
        sync::Arc,
        task::{Context, Waker},
    };

    /// A socket that gives nothing and takes nothing.
    struct Stuck;

    impl Stream for Stuck {
        type Item = Result<Bytes, io::Error>;
        fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            Poll::Pending
        }
    }

    impl Sink<Bytes> for Stuck {
        type Error = io::Error;
        fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
            Poll::Ready(Ok(()))
        }
        fn start_send(self: Pin<&mut Self>, _: Bytes) -> Result<(), io::Error> {
            Ok(())
        }
        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
            Poll::Pending
        }
        fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
            Poll::Pending
        }
    }

    #[tokio::test]
    async fn a_device_that_does_not_read_is_dropped_in_time_and_an_idle_one_is_small() {
        let env = Env::for_tests(1);
        let (_folder, db) = suki_store::testing::store();
        let policy = Arc::new(suki_rules::Policy::shipped("meta-2026").expect("it is shipped"));
        let network = crate::Network::open(db, [1; 32], policy, env.clone(), crate::Config::default()).await.expect("the network opens");
        let mut socket = Stuck;
        let running = run(network.open_session(), &mut socket, &env);
        let size = size_of_val(&running);
        assert!(size <= 512, "{size} bytes for each connection, idle ones too");
        let mut running = pin!(running);
        let mut context = Context::from_waker(Waker::noop());
        assert!(running.as_mut().poll(&mut context).is_pending());
        env.manual_clock().advance(WRITE_MILLIS);
        assert_eq!(running.as_mut().poll(&mut context), Poll::Ready(Ended::NotReading));
    }
}
