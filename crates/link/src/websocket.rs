//! Connections over WebSocket: one binary message a frame.
use crate::dial::{Dial, DialError, Dialing, Wire};
use futures_util::{Sink, SinkExt as _, Stream, StreamExt as _};
use prost::Message as _;
use suki_protocol::pb;
use suki_types::limits;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::{self, Message, protocol::WebSocketConfig};

/// Frames that wait between the socket and the link.
const WAITING: usize = 32;

/// Dials a network's socket.
#[derive(Debug, Clone)]
pub struct WebSocketDial {
    url: String,
}

/// The socket's address of a network at this base address: `https://example.org` has `wss://example.org/v1/socket`.
///
/// # Errors
/// When the address begins with none of `http://`, `https://`, `ws://` and `wss://`.
pub fn socket_url(base: &str) -> Result<String, DialError> {
    let base = base.trim_end_matches('/');
    let url = match base.split_once("://") {
        Some(("http" | "ws", rest)) => format!("ws://{rest}"),
        Some(("https" | "wss", rest)) => format!("wss://{rest}"),
        _ => return Err(DialError(format!("{base} is no address of a network: it begins with http:// or https://"))),
    };
    Ok(if url.ends_with("/v1/socket") { url } else { format!("{url}/v1/socket") })
}

impl WebSocketDial {
    /// Dials the network at this address: a base address as in [`socket_url`], or the socket's own.
    ///
    /// # Errors
    /// When it is no such address.
    pub fn new(address: &str) -> Result<Self, DialError> {
        Ok(Self { url: socket_url(address)? })
    }
}

impl Dial for WebSocketDial {
    fn dial(&self) -> Dialing {
        let url = self.url.clone();
        Box::pin(async move {
            let mut config = WebSocketConfig::default();
            config.read_buffer_size = 4096;
            config.write_buffer_size = 4096;
            config.max_message_size = Some(limits::FRAME_BYTES);
            config.max_frame_size = Some(limits::FRAME_BYTES);
            let connecting = tokio_tungstenite::connect_async_with_config(url, Some(config), true);
            let (socket, _) = connecting.await.map_err(|error| DialError(error.to_string()))?;
            let (sink, stream) = socket.split();
            let (out, to_send) = mpsc::channel(WAITING);
            let (received, incoming) = mpsc::channel(WAITING);
            tokio::spawn(write(sink, to_send));
            tokio::spawn(read(stream, received));
            Ok(Wire { out, incoming })
        })
    }
}

/// Writes what is there, then flushes once.
async fn write<S>(mut sink: S, mut frames: mpsc::Receiver<pb::ClientFrame>)
where
    S: Sink<Message, Error = tungstenite::Error> + Unpin,
{
    while let Some(frame) = frames.recv().await {
        let mut next = Some(frame);
        while let Some(frame) = next {
            if sink.feed(Message::Binary(frame.encode_to_vec().into())).await.is_err() {
                return;
            }
            next = frames.try_recv().ok();
        }
        if sink.flush().await.is_err() {
            return;
        }
    }
    // The link is gone: a polite end, if the other side still listens.
    drop(sink.close().await);
}

/// Ends when the socket does, or sends what is no frame.
async fn read<S>(mut stream: S, frames: mpsc::Sender<pb::ServerFrame>)
where
    S: Stream<Item = Result<Message, tungstenite::Error>> + Unpin,
{
    loop {
        let message = tokio::select! {
            message = stream.next() => message,
            () = frames.closed() => return,
        };
        match message {
            Some(Ok(Message::Binary(bytes))) => {
                let Ok(frame) = pb::ServerFrame::decode(bytes) else { return };
                if frames.send(frame).await.is_err() {
                    return;
                }
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(_) | Err(_)) | None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_address_leads_to_its_socket() {
        for (base, socket) in [
            ("http://127.0.0.1:8080", "ws://127.0.0.1:8080/v1/socket"),
            ("https://suki.example/", "wss://suki.example/v1/socket"),
            ("wss://suki.example/v1/socket", "wss://suki.example/v1/socket"),
        ] {
            assert_eq!(socket_url(base).as_deref(), Ok(socket));
        }
        assert!(socket_url("suki.example").is_err());
        assert!(socket_url("ftp://suki.example").is_err());
    }
}
