//! The smallest relay: a request's body is appended durably, answered, pushed over a socket, and acknowledged with a watermark. No accounts, rules,
//! receipts or second devices: what the engine, the sockets and HTTP cost alone.
use crate::Outcome;
use axum::{
    Router,
    extract::{
        Path as Place, State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use bytes::Bytes;
use parking_lot::Mutex;
use std::{collections::HashMap, path::Path, sync::Arc};
use suki_store::{
    Db, SqliteOptions, StoreError,
    log::{self, NewEntry},
};
use suki_types::{ConversationId, DeviceId, Timestamp};
use tokio::{net::TcpListener, sync::mpsc};

/// Who is connected.
type Connected = Arc<Mutex<HashMap<u64, mpsc::UnboundedSender<Bytes>>>>;

#[derive(Clone)]
struct Relay {
    db: Db,
    connected: Connected,
}

/// Serves until the process is killed; its address is the first line it prints.
pub async fn serve(folder: &Path) -> Outcome<()> {
    let db = Db::open_sqlite(&folder.join("prototype.db"), SqliteOptions::default())?;
    db.migrate(&log::migrations())?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let router = Router::new().route("/send/{to}", post(send)).route("/socket/{number}", get(socket));
    let relay = Relay { db, connected: Connected::default() };
    axum::serve(suki_server::http::tune(listener), router.with_state(relay)).await?;
    Ok(())
}

fn device(number: u64) -> DeviceId {
    // Scattered, as ids are.
    DeviceId::from_bytes(u128::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835).to_be_bytes())
}

async fn send(State(relay): State<Relay>, Place(to): Place<u64>, body: Bytes) -> StatusCode {
    let payload = body.clone();
    let stored: Result<u64, StoreError> = relay.db.write(move |tx| append(tx, device(to), &payload)).await;
    let Ok(seq) = stored else { return StatusCode::SERVICE_UNAVAILABLE };
    if let Some(outbox) = relay.connected.lock().get(&to) {
        // Whoever went away reads it from the log when he comes back.
        drop(outbox.send([&seq.to_be_bytes()[..], &body].concat().into()));
    }
    StatusCode::OK
}

fn append(tx: &mut suki_store::Tx<'_>, device: DeviceId, payload: &[u8]) -> Result<u64, StoreError> {
    let (at, conversation) = (Timestamp::from_millis(1_767_225_600_000), ConversationId::from_bytes([3; 16]));
    let entry = NewEntry { device, at, kind: 1, conversation, message_id: &[5; 16], from_device: Some(device), payload };
    Ok(log::append(tx, &[entry])?.get(0).map_or(0, |place| place.seq))
}

async fn socket(State(relay): State<Relay>, Place(number): Place<u64>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.read_buffer_size(1024).write_buffer_size(4096).on_upgrade(move |socket| connection(relay, number, socket))
}

async fn connection(relay: Relay, number: u64, mut socket: WebSocket) {
    let (outbox, mut waiting) = mpsc::unbounded_channel();
    relay.connected.lock().insert(number, outbox);
    loop {
        tokio::select! {
            Some(bytes) = waiting.recv() => if socket.send(Message::Binary(bytes)).await.is_err() { return },
            received = socket.recv() => {
                let Some(Ok(Message::Binary(seq))) = received else { return };
                let Ok(seq) = seq[..].try_into().map(u64::from_be_bytes) else { return };
                // A lost acknowledgement comes again with the next.
                drop(relay.db.write(move |tx| log::acknowledge(tx, device(number), seq)));
            }
        }
    }
}
