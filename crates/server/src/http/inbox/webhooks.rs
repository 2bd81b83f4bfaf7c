//! Who is told of events, what was told, and telling it again. For owners: bodies of messages stand in the log.
use super::Signed;
use crate::http::problem::{Body, Checked, Refusal};
use axum::{
    Json,
    extract::{FromRequestParts, Path, Query},
    http::{StatusCode, request::Parts},
    response::IntoResponse,
};
use serde::Deserialize;
use serde_json::{Value, json};
use suki_cloud_api::{ObjectId, subscriptions::FIELDS};
use suki_endpoint::{
    Error,
    operators::{Role, SignedIn},
    webhook_endpoints::{Change, NewEndpoint, Shown},
    webhook_log::{Detail, Page, Search},
    webhook_replay::{Replay, Replayed},
};

/// The owner who asks.
pub struct Owner(SignedIn);

impl FromRequestParts<crate::http::Faces> for Owner {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, faces: &crate::http::Faces) -> Result<Self, Refusal> {
        let Signed(signed) = Signed::from_request_parts(parts, faces).await?;
        if signed.operator.role == Role::Owner {
            return Ok(Self(signed));
        }
        Err(Error::Forbidden("only an owner of the business sees its webhooks".into()).into())
    }
}

/// `GET /webhooks`
pub async fn list(Owner(signed): Owner) -> Result<Json<Value>, Refusal> {
    Ok(Json(json!({ "data": signed.business.webhooks().await?, "fields": FIELDS[..] })))
}

/// `POST /webhooks`
pub async fn add(Owner(signed): Owner, Body(new): Body<NewEndpoint>) -> Result<impl IntoResponse, Refusal> {
    Ok((StatusCode::CREATED, Json(signed.business.add_webhook(new).await?)))
}

/// `GET /webhooks/{id}`
pub async fn get(Owner(signed): Owner, Checked(Path(id)): Checked<Path<ObjectId>>) -> Result<Json<Shown>, Refusal> {
    Ok(Json(signed.business.webhook(id).await?))
}

/// `POST /webhooks/{id}`
pub async fn change(Owner(signed): Owner, Checked(Path(id)): Checked<Path<ObjectId>>, Body(change): Body<Change>) -> Result<Json<Shown>, Refusal> {
    Ok(Json(signed.business.change_webhook(id, change).await?))
}

/// `DELETE /webhooks/{id}`
pub async fn remove(Owner(signed): Owner, Checked(Path(id)): Checked<Path<ObjectId>>) -> Result<StatusCode, Refusal> {
    signed.business.remove_webhook(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which field's sample.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    field: String,
}

/// `POST /webhooks/{id}/test`
pub async fn test(Owner(signed): Owner, Checked(Path(id)): Checked<Path<ObjectId>>, Body(test): Body<Test>) -> Result<impl IntoResponse, Refusal> {
    let seq = signed.business.test_webhook(id, &test.field).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "seq": seq }))))
}

/// `POST /webhooks/{id}/replay`
pub async fn replay(
    Owner(signed): Owner,
    Checked(Path(id)): Checked<Path<ObjectId>>,
    Body(what): Body<Replay>,
) -> Result<(StatusCode, Json<Replayed>), Refusal> {
    Ok((StatusCode::ACCEPTED, Json(signed.business.replay_webhooks(id, what).await?)))
}

/// `GET /webhooks/log`
pub async fn log(Owner(signed): Owner, Checked(Query(search)): Checked<Query<Search>>) -> Result<Json<Page>, Refusal> {
    Ok(Json(signed.business.webhook_log(search).await?))
}

/// `GET /webhooks/log/{seq}`
pub async fn delivery(Owner(signed): Owner, Checked(Path(seq)): Checked<Path<i64>>) -> Result<Json<Detail>, Refusal> {
    Ok(Json(signed.business.webhook_delivery(seq).await?))
}
