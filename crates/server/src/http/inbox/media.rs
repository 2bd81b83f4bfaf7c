//! Files: operators upload them, send them, and see those of every message.
use super::{Signed, chats};
use crate::http::{
    file,
    problem::{Body as Json, Checked, Refusal},
};
use axum::{
    body::Body,
    extract::{Path, Query},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::StreamExt as _;
use serde::Deserialize;
use serde_json::{Value, json};
use suki_cloud_api::ObjectId;
use suki_endpoint::{
    Error,
    media::{File, Source, kind_of},
    send::{Outgoing, What},
};
use suki_protocol::{http::Base64, pb::content::Body as Content};
use suki_types::{ConversationId, MessageId};

/// What is uploaded.
#[derive(Deserialize)]
pub struct Upload {
    /// Its media type.
    #[serde(rename = "type")]
    media_type: String,
    /// What it is called.
    #[serde(default)]
    name: String,
}

fn shown(file: &File) -> Value {
    let (width, height) = file.size();
    json!({
        "id": file.id, "kind": kind_of(&file.media_type).as_str(), "media_type": file.media_type, "bytes": file.bytes, "filename": file.filename,
        "width": width, "height": height, "preview": Base64(file.preview().to_vec()),
    })
}

/// `POST /media?type=TYPE&name=NAME`: the bytes, as they come.
pub async fn upload(
    Signed(signed): Signed,
    Checked(Query(query)): Checked<Query<Upload>>,
    headers: HeaderMap,
    body: Body,
) -> Result<impl IntoResponse, Refusal> {
    // A page of another origin cannot send this type without asking.
    if headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind != "application/octet-stream") {
        let detail = "Send the bytes with Content-Type: application/octet-stream, and the file's own type as the parameter type.";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_bytes", "The body has to be bytes.", detail));
    }
    let mut intake = signed.business.begin_upload().await?;
    let mut body = body.into_data_stream();
    while let Some(piece) = body.next().await {
        let cut_off = |_| Refusal::new(StatusCode::BAD_REQUEST, "cut_off", "The upload was cut off.", "Nothing was stored; send the file again.");
        intake.push(&piece.map_err(cut_off)?).await?;
    }
    let file = signed.business.upload(intake.finish().await?, &query.media_type, &query.name).await?;
    Ok((StatusCode::CREATED, axum::Json(shown(&file))))
}

/// A file to send.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewFile {
    id: MessageId,
    media: ObjectId,
    #[serde(default)]
    caption: String,
    #[serde(default)]
    voice: bool,
    reply_to: Option<MessageId>,
}

/// `POST /chats/{chat}/media`
pub async fn send(
    Signed(signed): Signed,
    Checked(Path(chat)): Checked<Path<ConversationId>>,
    Json(new): Json<NewFile>,
) -> Result<impl IntoResponse, Refusal> {
    chats::must_take_free_text(&signed, chat, new.id).await?;
    let file = signed.business.file(new.media).await?.ok_or(Error::NotFound("file"))?;
    let mut media = signed.business.media_for_send(Source::Id(new.media), kind_of(&file.media_type)).await?;
    media.caption = new.caption;
    media.voice = new.voice && media.kind == "audio";
    let what = What::Rich(Box::new(Content::Media(media)));
    let out = Outgoing::of_operator(signed.operator.id, new.id, chat, what, new.reply_to);
    let message = signed.business.send(out).await?;
    Ok((StatusCode::CREATED, axum::Json(message)))
}

/// `GET /media/{id}`: a file that was uploaded and can still be sent.
pub async fn uploaded(
    Signed(signed): Signed,
    Checked(Path(id)): Checked<Path<ObjectId>>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let found = signed.business.media(id).await?;
    Ok(file::give(&signed.business, found, &method, &headers).await?)
}

/// `GET /messages/{message}/files/{place}`: a file of a message, as long as the message is there.
pub async fn of_message(
    Signed(signed): Signed,
    Checked(Path((message, place))): Checked<Path<(MessageId, usize)>>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let found = signed.business.file_of(message, place).await?;
    Ok(file::give(&signed.business, found, &method, &headers).await?)
}
