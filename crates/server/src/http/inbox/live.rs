//! `GET /live`: what happens, as it happens.
use super::{Secret, Signed};
use crate::http::{Faces, problem::Refusal};
use axum::{
    extract::{
        State,
        ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade},
    },
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use serde_json::{Value, json};
use suki_endpoint::{Error, operators::SignedIn};
use tokio::sync::broadcast::error::RecvError;

/// Every so many milliseconds an open inbox is asked whether it is still there, and whether its operator still may look.
const PING_MILLIS: i64 = 30_000;

/// `GET /live`
pub async fn live(
    State(faces): State<Faces>,
    Signed(signed): Signed,
    Secret(secret): Secret,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Refusal> {
    // A browser sends the cookie with a socket that any page opens: only our own pages may.
    if let Some(origin) = headers.get(header::ORIGIN) {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let own = origin.to_str().is_ok_and(|origin| origin.split_once("://").is_some_and(|(_, from)| from == host));
        if !own {
            let detail = "Only pages of this server may open it.";
            return Err(Refusal::new(StatusCode::FORBIDDEN, "foreign_origin", "The socket was opened by another site.", detail));
        }
    }
    let upgrade = upgrade.read_buffer_size(1024).write_buffer_size(0).max_message_size(4096);
    Ok(upgrade.on_upgrade(move |socket| run(faces, signed, secret.unwrap_or_default(), socket)))
}

async fn run(faces: Faces, signed: SignedIn, secret: String, mut socket: WebSocket) {
    let mut events = signed.business.watch().await;
    let env = signed.business.env().clone();
    if send(&mut socket, &json!({"type": "hello", "now": env.now()})).await.is_err() {
        return;
    }
    let mut ping_at = env.now().plus_millis(PING_MILLIS);
    loop {
        tokio::select! {
            event = events.recv() => match event {
                Ok(event) => {
                    if let Some(text) = event.for_operator(signed.operator.id)
                        && send(&mut socket, &text).await.is_err()
                    {
                        return;
                    }
                }
                // It fell behind: closing makes the app read everything again.
                Err(RecvError::Lagged(_) | RecvError::Closed) => return close(socket, 1012, "read again").await,
            },
            received = socket.recv() => match received {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => {}
            },
            () = faces.drain.begun() => return close(socket, 1012, "come back").await,
            () = env.clock.wait_until(ping_at) => {
                ping_at = env.now().plus_millis(PING_MILLIS);
                if !still_may_look(&faces, &secret).await {
                    return close(socket, 4401, "signed out").await;
                }
                if socket.send(Message::Ping(Vec::new().into())).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Whether the session goes on: he may have signed out, or been removed. A store that fails for a moment ends nothing.
async fn still_may_look(faces: &Faces, secret: &str) -> bool {
    let Some(endpoint) = &faces.endpoint else { return false };
    !matches!(endpoint.session(secret).await, Err(Error::Unauthorized(_)))
}

async fn send(socket: &mut WebSocket, event: &Value) -> Result<(), axum::Error> {
    socket.send(Message::Text(event.to_string().into())).await
}

async fn close(mut socket: WebSocket, code: u16, reason: &'static str) {
    // The other side may be gone already.
    let _ = socket.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await;
}
