//! Chats and their messages.
use super::Signed;
use crate::http::problem::{Body, Checked, Refusal};
use axum::{
    Json,
    extract::{Path, Query},
    http::StatusCode,
    response::IntoResponse,
};
use serde::Deserialize;
use serde_json::{Value, json};
use suki_endpoint::{
    Error,
    chats::{self, Chat, Cursor},
    messages::{self, OperatorName},
    operators::SignedIn,
    rules::takes_free_text,
    send::{Outgoing, What},
};
use suki_types::{ConversationId, MessageId};

/// How many of a list are given when nothing is said, and at most.
const PAGE: usize = 50;
const LARGEST_PAGE: usize = 200;

fn page_size(limit: Option<usize>) -> usize {
    limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE)
}

/// Which chats.
#[derive(Deserialize)]
pub struct ListChats {
    limit: Option<usize>,
    before: Option<String>,
    #[serde(default)]
    q: String,
}

/// `GET /chats`
pub async fn list(Signed(signed): Signed, Checked(Query(query)): Checked<Query<ListChats>>) -> Result<Json<Value>, Refusal> {
    let (business, operator, limit) = (signed.business.id(), signed.operator.id, page_size(query.limit));
    let before = query.before.as_deref().map(Cursor::decode).transpose()?;
    let search: String = query.q.trim().chars().take(100).collect();
    let (chats, next) = signed.business.db().read(move |tx| Ok::<_, Error>(chats::page(tx, business, operator, before, &search, limit)?)).await?;
    Ok(Json(json!({ "data": chats, "next": next.map(Cursor::encode) })))
}

/// `GET /chats/{chat}`
pub async fn get(Signed(signed): Signed, Checked(Path(chat)): Checked<Path<ConversationId>>) -> Result<Json<Chat>, Refusal> {
    let (business, operator) = (signed.business.id(), signed.operator.id);
    Ok(Json(signed.business.db().read(move |tx| chats::get(tx, business, chat, operator)).await?))
}

/// Which messages.
#[derive(Deserialize)]
pub struct ListMessages {
    limit: Option<usize>,
    before: Option<MessageId>,
}

/// `GET /chats/{chat}/messages`
pub async fn messages(
    Signed(signed): Signed,
    Checked(Path(chat)): Checked<Path<ConversationId>>,
    Checked(Query(query)): Checked<Query<ListMessages>>,
) -> Result<Json<Value>, Refusal> {
    let (business, operator, limit) = (signed.business.id(), signed.operator.id, page_size(query.limit));
    let (data, more) = signed
        .business
        .db()
        .read(move |tx| {
            chats::get(tx, business, chat, operator)?;
            Ok::<_, Error>(messages::page(tx, business, chat, query.before, limit)?)
        })
        .await?;
    Ok(Json(json!({ "data": data, "more": more })))
}

/// An error when the window of a chat is closed. The network decides; but a person is told at once, before his message stands in the chat as failed. What is
/// stored already was sent in time: whoever asks again only wants to know.
pub(super) async fn must_take_free_text(signed: &SignedIn, chat: ConversationId, id: MessageId) -> Result<(), Refusal> {
    let (business, operator) = (signed.business.id(), signed.operator.id);
    let (found, is_known) = signed
        .business
        .db()
        .read(move |tx| Ok::<_, Error>((chats::get(tx, business, chat, operator)?, messages::get(tx, business, id)?.is_some())))
        .await?;
    let now = signed.business.env().now();
    if !is_known && !takes_free_text(signed.business.rules().as_deref(), found.window_until, found.waits(), now) {
        return Err(Error::WindowClosed { closed_at: found.window_until }.into());
    }
    Ok(())
}

/// A text to send.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    id: MessageId,
    text: String,
    reply_to: Option<MessageId>,
}

/// `POST /chats/{chat}/messages`
pub async fn send(
    Signed(signed): Signed,
    Checked(Path(chat)): Checked<Path<ConversationId>>,
    Body(new): Body<NewMessage>,
) -> Result<impl IntoResponse, Refusal> {
    must_take_free_text(&signed, chat, new.id).await?;
    let what = What::Text { body: new.text, preview_url: false };
    let out = Outgoing::of_operator(signed.operator.id, new.id, chat, what, new.reply_to);
    let message = signed.business.send(out).await?;
    Ok((StatusCode::CREATED, Json(message)))
}

/// How far a chat was read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadUpTo {
    up_to: MessageId,
}

/// `POST /chats/{chat}/read`
pub async fn read(
    Signed(signed): Signed,
    Checked(Path(chat)): Checked<Path<ConversationId>>,
    Body(request): Body<ReadUpTo>,
) -> Result<StatusCode, Refusal> {
    signed.business.mark_read(chat, Some(signed.operator.id), request.up_to).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether the operator writes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Typing {
    on: bool,
}

/// `POST /chats/{chat}/typing`
pub async fn typing(
    Signed(signed): Signed,
    Checked(Path(chat)): Checked<Path<ConversationId>>,
    Body(request): Body<Typing>,
) -> Result<StatusCode, Refusal> {
    let operator = OperatorName { id: signed.operator.id, name: signed.operator.name };
    signed.business.typing(chat, Some(operator), request.on).await?;
    Ok(StatusCode::NO_CONTENT)
}
