//! Templates: the list, what can be done with one, a preview of what the customer will see, and sending one.
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
use suki_cloud_api::{
    Params,
    templates::{list, sent},
};
use suki_endpoint::{
    Business, Error, chats,
    operators::{Operator, Role},
    send::{Outgoing, What},
    templates::Filled,
};
use suki_protocol::{
    calls::templates::{Edit, Template},
    template::{Category, Component, Draft},
};
use suki_types::{ConversationId, MessageId};

/// Which templates; words as the Cloud API takes them.
#[derive(Deserialize)]
pub struct ListTemplates {
    #[serde(default)]
    q: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    status: String,
    limit: Option<u32>,
    after: Option<u64>,
}

/// `GET /templates`
pub async fn list(Signed(signed): Signed, Checked(Query(query)): Checked<Query<ListTemplates>>) -> Result<Json<Value>, Refusal> {
    let mut params = Params::default();
    let limit = query.limit.unwrap_or(50).to_string();
    let pairs =
        [("name_or_content", &query.q), ("language", &query.language), ("category", &query.category), ("status", &query.status), ("limit", &limit)];
    params.merge_pairs(pairs).map_err(Error::Refused)?;
    let mut wanted = list::wanted(&params).map_err(Error::Refused)?;
    wanted.page.after = query.after;
    let page = signed.business.templates(wanted).await?;
    let next = page.templates.last().filter(|_| page.more_after).map(|last| last.id);
    Ok(Json(json!({ "data": page.templates, "next": next, "total": page.total, "allowed": page.allowed })))
}

/// `GET /templates/{id}`
pub async fn get(Signed(signed): Signed, Checked(Path(id)): Checked<Path<u64>>) -> Result<Json<Template>, Refusal> {
    Ok(Json(signed.business.template(id).await?))
}

/// `POST /templates`
pub async fn create(Signed(signed): Signed, Body(draft): Body<Draft>) -> Result<impl IntoResponse, Refusal> {
    may_manage(&signed.operator)?;
    Ok((StatusCode::CREATED, Json(signed.business.create_template(draft).await?)))
}

/// A change; what is not named stays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    components: Option<Vec<Component>>,
    category: Option<Category>,
    message_send_ttl_seconds: Option<i64>,
}

/// `POST /templates/{id}`
pub async fn edit(Signed(signed): Signed, Checked(Path(id)): Checked<Path<u64>>, Body(change): Body<Change>) -> Result<Json<Template>, Refusal> {
    may_manage(&signed.operator)?;
    let Change { components, category, message_send_ttl_seconds } = change;
    Ok(Json(signed.business.edit_template(Edit { id, components, category, message_send_ttl_seconds }).await?))
}

/// `DELETE /templates/{id}`
pub async fn remove(Signed(signed): Signed, Checked(Path(id)): Checked<Path<u64>>) -> Result<StatusCode, Refusal> {
    may_manage(&signed.operator)?;
    let template = signed.business.template(id).await?;
    signed.business.delete_template(template.name, Some(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Why a decision should be another.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Why {
    text: String,
}

/// `POST /templates/{id}/appeal`
pub async fn appeal(Signed(signed): Signed, Checked(Path(id)): Checked<Path<u64>>, Body(why): Body<Why>) -> Result<Json<Template>, Refusal> {
    may_manage(&signed.operator)?;
    Ok(Json(signed.business.appeal_template(id, why.text).await?))
}

/// `POST /templates/{id}/unpause`
pub async fn unpause(Signed(signed): Signed, Checked(Path(id)): Checked<Path<u64>>) -> Result<Json<Template>, Refusal> {
    may_manage(&signed.operator)?;
    Ok(Json(signed.business.unpause_template(id).await?))
}

fn may_manage(operator: &Operator) -> Result<(), Refusal> {
    match operator.role {
        Role::Operator => Err(Error::Forbidden("Owners and administrators make and change templates; ask one of them.".into()).into()),
        _ => Ok(()),
    }
}

/// What fills a template: `components` as the Cloud API takes them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filling {
    #[serde(default)]
    components: Value,
    #[serde(default)]
    reader_language: bool,
}

/// `POST /templates/{id}/preview`
pub async fn preview(Signed(signed): Signed, Checked(Path(id)): Checked<Path<u64>>, Body(filling): Body<Filling>) -> Result<Json<Value>, Refusal> {
    let filled = fill(&signed.business, id, &filling).await?;
    let characters = json!({ "body": filled.shown.body.chars().count(), "text": filled.text.chars().count() });
    Ok(Json(json!({ "shown": filled.shown, "text": filled.text, "characters": characters })))
}

/// A template to send.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewTemplate {
    id: MessageId,
    template: u64,
    #[serde(default)]
    components: Value,
    #[serde(default)]
    reader_language: bool,
    reply_to: Option<MessageId>,
}

/// `POST /chats/{chat}/template`
pub async fn send(
    Signed(signed): Signed,
    Checked(Path(chat)): Checked<Path<ConversationId>>,
    Body(new): Body<NewTemplate>,
) -> Result<impl IntoResponse, Refusal> {
    let (business, operator) = (signed.business.id(), signed.operator.id);
    signed.business.db().read(move |tx| chats::get(tx, business, chat, operator)).await?;
    let filling = Filling { components: new.components, reader_language: new.reader_language };
    let filled = fill(&signed.business, new.template, &filling).await?;
    let out = Outgoing::of_operator(operator, new.id, chat, What::Template(Box::new(filled)), new.reply_to);
    Ok((StatusCode::CREATED, Json(signed.business.send(out).await?)))
}

/// Through the Cloud API's own reading, so that both faces allow the same.
async fn fill(business: &Business, id: u64, filling: &Filling) -> Result<Filled, Refusal> {
    let template = business.template(id).await?;
    let policy = if filling.reader_language { "fallback" } else { "deterministic" };
    let given =
        json!({"template": {"name": template.name, "language": {"code": template.language, "policy": policy}, "components": filling.components}});
    let mut params = Params::default();
    params.merge_body(None, given.to_string().as_bytes()).map_err(Error::Refused)?;
    let read = params.root().object("template").and_then(|object| object.map(|object| sent::parse(&object)).transpose());
    let read = read.map_err(Error::Refused)?.ok_or(Error::NotFound("template"))?;
    Ok(business.fill(&read).await?)
}
