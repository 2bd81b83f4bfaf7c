//! The people of the console.
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
use suki_network::console::Role;
use suki_types::OperatorId;

/// `GET /operators`
pub async fn list(signed: Signed) -> Result<Json<Value>, Refusal> {
    Ok(Json(json!({ "data": signed.console.operators(&signed.operator).await? })))
}

/// A colleague to be added.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewOperator {
    name: String,
    role: Role,
}

/// `POST /operators`
pub async fn add(signed: Signed, State(faces): State<Faces>, Body(new): Body<NewOperator>) -> Result<impl IntoResponse, Refusal> {
    let operator = signed.console.add_operator(&signed.operator, &new.name, new.role).await?;
    let secret = signed.console.create_sign_in(&signed.operator, operator.id).await?;
    Ok((StatusCode::CREATED, Json(json!({ "operator": operator, "sign_in_link": faces.console_link(&secret) }))))
}

/// `POST /operators/{id}/sign-in-link`
pub async fn sign_in_link(
    signed: Signed,
    State(faces): State<Faces>,
    Checked(Path(id)): Checked<Path<OperatorId>>,
    Body(_): Body<Value>,
) -> Result<Json<Value>, Refusal> {
    let secret = signed.console.create_sign_in(&signed.operator, id).await?;
    Ok(Json(json!({ "sign_in_link": faces.console_link(&secret) })))
}

/// `DELETE /operators/{id}`
pub async fn remove(signed: Signed, Checked(Path(id)): Checked<Path<OperatorId>>) -> Result<StatusCode, Refusal> {
    signed.console.remove_operator(&signed.operator, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
