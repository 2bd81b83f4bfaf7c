//! The team.
use super::Signed;
use crate::http::{
    Faces,
    problem::{Body, Checked, Refusal},
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse,
};
use serde::Deserialize;
use serde_json::{Value, json};
use suki_endpoint::operators::Role;
use suki_types::OperatorId;

/// `GET /operators`
pub async fn list(Signed(signed): Signed) -> Result<Json<Value>, Refusal> {
    Ok(Json(json!({ "data": signed.business.operators().await? })))
}

/// A colleague to be added.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewOperator {
    name: String,
    email: String,
    role: Role,
}

/// `POST /operators`
pub async fn add(State(faces): State<Faces>, Signed(signed): Signed, Body(new): Body<NewOperator>) -> Result<impl IntoResponse, Refusal> {
    let operator = signed.business.add_operator(Some(&signed.operator), &new.name, &new.email, new.role).await?;
    let secret = signed.business.create_sign_in(Some(&signed.operator), operator.id).await?;
    Ok((StatusCode::CREATED, Json(json!({ "operator": operator, "sign_in_link": faces.sign_in_link(&secret) }))))
}

/// `POST /operators/{id}/sign-in-link`
pub async fn sign_in_link(
    State(faces): State<Faces>,
    Signed(signed): Signed,
    Checked(Path(id)): Checked<Path<OperatorId>>,
    Body(_): Body<Value>,
) -> Result<Json<Value>, Refusal> {
    let secret = signed.business.create_sign_in(Some(&signed.operator), id).await?;
    Ok(Json(json!({ "sign_in_link": faces.sign_in_link(&secret) })))
}

/// `DELETE /operators/{id}`
pub async fn remove(Signed(signed): Signed, Checked(Path(id)): Checked<Path<OperatorId>>) -> Result<StatusCode, Refusal> {
    signed.business.remove_operator(&signed.operator, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
