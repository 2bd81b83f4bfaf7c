//! What operators send beside texts, templates and files: a place, and an emoji on a message.
use super::{Signed, chats};
use crate::http::problem::{Body, Checked, Refusal};
use axum::{Json, extract::Path, http::StatusCode, response::IntoResponse};
use serde::Deserialize;
use suki_cloud_api::messages::is_emoji;
use suki_endpoint::{
    Error,
    react::Reacting,
    send::{Outgoing, What},
};
use suki_protocol::pb::{self, content::Body as Content};
use suki_types::{ConversationId, MessageId};

/// A place to send.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPlace {
    id: MessageId,
    latitude: f64,
    longitude: f64,
    #[serde(default)]
    name: String,
    #[serde(default)]
    address: String,
    reply_to: Option<MessageId>,
}

/// `POST /chats/{chat}/location`
pub async fn place(
    Signed(signed): Signed,
    Checked(Path(chat)): Checked<Path<ConversationId>>,
    Body(new): Body<NewPlace>,
) -> Result<impl IntoResponse, Refusal> {
    chats::must_take_free_text(&signed, chat, new.id).await?;
    let place = pb::Location { latitude: new.latitude, longitude: new.longitude, name: new.name, address: new.address, url: String::new() };
    let what = What::Rich(Box::new(Content::Location(place)));
    let out = Outgoing::of_operator(signed.operator.id, new.id, chat, what, new.reply_to);
    let message = signed.business.send(out).await?;
    Ok((StatusCode::CREATED, Json(message)))
}

/// An emoji to put on a message.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewReaction {
    id: MessageId,
    message: MessageId,
    emoji: String,
}

/// `POST /chats/{chat}/reactions`
pub async fn react(
    Signed(signed): Signed,
    Checked(Path(chat)): Checked<Path<ConversationId>>,
    Body(new): Body<NewReaction>,
) -> Result<StatusCode, Refusal> {
    if !new.emoji.is_empty() && !is_emoji(&new.emoji) {
        return Err(Error::Invalid("emoji: send one emoji, or an empty text to take yours back".into()).into());
    }
    chats::must_take_free_text(&signed, chat, new.id).await?;
    if !signed.business.takes_reaction(chat, new.message).await? {
        let detail = "message: it is not of this chat, is a reaction itself, or is older than 30 days; react to another one";
        return Err(Error::Invalid(detail.into()).into());
    }
    let (id, message, emoji) = (new.id, new.message, new.emoji);
    signed.business.react(Reacting { id, chat, message, emoji, app: None, callback_data: String::new() }).await?;
    Ok(StatusCode::NO_CONTENT)
}
