//! How the business stands with the platform.
use super::Signed;
use crate::http::problem::{Body, Refusal};
use axum::{Json, http::StatusCode};
use serde::Deserialize;
use suki_endpoint::operators::Role;
use suki_protocol::calls::standing::Standing;

/// `GET /standing`
pub async fn get(Signed(signed): Signed) -> Result<Json<Standing>, Refusal> {
    Ok(Json(signed.business.standing().await?))
}

/// An appeal.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAppeal {
    what: i64,
    text: String,
}

/// `POST /standing/appeals`
pub async fn appeal(Signed(signed): Signed, Body(new): Body<NewAppeal>) -> Result<StatusCode, Refusal> {
    if signed.operator.role == Role::Operator {
        let detail = "Owners and administrators appeal; ask one of them.";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "forbidden", "You may not do this.", detail));
    }
    signed.business.appeal(new.what, new.text).await?;
    Ok(StatusCode::CREATED)
}
