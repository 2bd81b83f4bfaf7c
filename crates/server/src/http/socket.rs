//! `GET /v1/socket`: a device's connection, frames of `suki.proto` in binary messages.
use super::{Faces, no_network, problem::Refusal};
use axum::{
    extract::{
        State,
        ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade},
    },
    http::StatusCode,
    response::Response,
};
use bytes::Bytes;
use futures_util::{Sink, Stream};
use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};
use suki_network::{Network, socket::Ended};
use suki_types::limits;

/// Frames that leave together share a write up to so many bytes. Nothing is allocated before there is something to write.
const WRITE_BYTES: usize = 4096;

/// `GET /v1/socket`.
pub async fn socket(State(faces): State<Faces>, upgrade: WebSocketUpgrade) -> Result<Response, Refusal> {
    let network = faces.network.clone().ok_or_else(no_network)?;
    if faces.drain.has_begun() {
        let detail = "Another server takes the connection; try again.";
        return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "draining", "This server is about to end.", detail));
    }
    Ok(speak(network, upgrade, move || faces.drain.has_begun()))
}

/// Speaks with a device once the connection is upgraded; one that the network ends while the server drains is told to come back. Small buffers: an idle
/// connection is a few kilobytes, and a nation is idle most of the time.
pub fn speak(network: Network, upgrade: WebSocketUpgrade, is_draining: impl FnOnce() -> bool + Send + 'static) -> Response {
    let upgrade = upgrade
        .read_buffer_size(1024)
        .write_buffer_size(WRITE_BYTES)
        .max_write_buffer_size(4 * limits::FRAME_BYTES)
        .max_message_size(limits::FRAME_BYTES)
        .max_frame_size(limits::FRAME_BYTES);
    upgrade.on_upgrade(move |socket| {
        let session = network.open_session();
        let env = network.env().clone();
        async move {
            let mut socket = Binary(socket);
            let ended = suki_network::socket::run(session, &mut socket, &env).await;
            tracing::debug!(?ended, "a device's connection ended");
            if ended == Ended::ByNetwork && is_draining() {
                socket.farewell().await;
            }
        }
    })
}

/// The binary messages of a socket; a text message ends it.
struct Binary(WebSocket);

/// The connection's end as RFC 6455 and its registry number it: the server starts again, so the device may come back, here or elsewhere.
const SERVICE_RESTART: u16 = 1012;

impl Binary {
    /// Tells the device to come back.
    async fn farewell(&mut self) {
        let close = CloseFrame { code: SERVICE_RESTART, reason: "come back".into() };
        // It may be gone already.
        drop(self.0.send(Message::Close(Some(close))).await);
    }
}

impl Stream for Binary {
    type Item = Result<Bytes, io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            return Poll::Ready(match ready!(Pin::new(&mut self.0).poll_next(context)) {
                Some(Ok(Message::Binary(bytes))) => Some(Ok(bytes)),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                Some(Ok(Message::Text(_) | Message::Close(_))) | None => None,
                Some(Err(error)) => Some(Err(io::Error::other(error))),
            });
        }
    }
}

impl Sink<Bytes> for Binary {
    type Error = io::Error;

    fn poll_ready(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Pin::new(&mut self.0).poll_ready(context).map_err(io::Error::other)
    }

    fn start_send(mut self: Pin<&mut Self>, bytes: Bytes) -> Result<(), io::Error> {
        Pin::new(&mut self.0).start_send(Message::Binary(bytes)).map_err(io::Error::other)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Pin::new(&mut self.0).poll_flush(context).map_err(io::Error::other)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Pin::new(&mut self.0).poll_close(context).map_err(io::Error::other)
    }
}
