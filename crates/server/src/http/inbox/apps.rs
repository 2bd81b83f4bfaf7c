//! The business's programs: its apps, their tokens, and codes for them. Owners alone see to these.
use super::Signed;
use crate::http::problem::{Body, Checked, Refusal};
use axum::{Json, extract::Path, http::StatusCode, response::IntoResponse};
use serde::Deserialize;
use serde_json::{Value, json};
use suki_cloud_api::{ObjectId, permission::Permissions};
use suki_endpoint::{
    operators::{Role, SignedIn},
    tokens::NewToken,
};
use suki_types::Timestamp;

/// The owner who asks.
fn owner(signed: SignedIn) -> Result<SignedIn, Refusal> {
    if signed.operator.role == Role::Owner {
        return Ok(signed);
    }
    Err(Refusal::new(StatusCode::FORBIDDEN, "forbidden", "You may not do this.", "Owners see to apps and their tokens; ask one of them."))
}

/// `GET /apps`
pub async fn list(Signed(signed): Signed) -> Result<Json<Value>, Refusal> {
    let signed = owner(signed)?;
    Ok(Json(json!({ "data": signed.business.apps().await? })))
}

/// An app to be made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewApp {
    name: String,
}

/// `POST /apps`
pub async fn add(Signed(signed): Signed, Body(new): Body<NewApp>) -> Result<impl IntoResponse, Refusal> {
    let made = owner(signed)?.business.add_app(&new.name).await?;
    Ok((StatusCode::CREATED, Json(json!({ "id": made.id, "name": new.name.trim(), "secret": made.secret }))))
}

/// What of an app is changed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    proof_required: bool,
}

/// `POST /apps/{id}`
pub async fn change(Signed(signed): Signed, Checked(Path(app)): Checked<Path<ObjectId>>, Body(change): Body<Change>) -> Result<StatusCode, Refusal> {
    owner(signed)?.business.require_proof(app, change.proof_required).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /apps/{id}/tokens`
pub async fn tokens(Signed(signed): Signed, Checked(Path(app)): Checked<Path<ObjectId>>) -> Result<Json<Value>, Refusal> {
    let signed = owner(signed)?;
    signed.business.app_name(app).await?;
    let tokens: Vec<_> = signed.business.tokens().await?.into_iter().filter(|token| token.app == app).collect();
    Ok(Json(json!({ "data": tokens })))
}

/// A token to be made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    #[serde(default)]
    name: String,
    permissions: Vec<String>,
    expires_at: Option<Timestamp>,
}

/// `POST /apps/{id}/tokens`
pub async fn grant(
    Signed(signed): Signed,
    Checked(Path(app)): Checked<Path<ObjectId>>,
    Body(new): Body<Wanted>,
) -> Result<impl IntoResponse, Refusal> {
    let new = NewToken { name: new.name.trim().to_owned(), permissions: permissions(&new.permissions)?, expires_at: new.expires_at };
    let token = owner(signed)?.business.grant(app, new).await?;
    Ok((StatusCode::CREATED, Json(json!({ "access_token": token }))))
}

/// `DELETE /apps/{id}/tokens/{token}`
pub async fn revoke(Signed(signed): Signed, Checked(Path((app, token))): Checked<Path<(ObjectId, String)>>) -> Result<StatusCode, Refusal> {
    owner(signed)?.business.revoke_token_with_id(app, &token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A code to be made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedCode {
    permissions: Vec<String>,
    #[serde(default)]
    redirect_uri: String,
}

/// `POST /apps/{id}/codes`
pub async fn code(
    Signed(signed): Signed,
    Checked(Path(app)): Checked<Path<ObjectId>>,
    Body(new): Body<WantedCode>,
) -> Result<impl IntoResponse, Refusal> {
    let permissions = permissions(&new.permissions)?;
    let (code, expires_at) = owner(signed)?.business.create_login_code(app, permissions, new.redirect_uri).await?;
    Ok((StatusCode::CREATED, Json(json!({ "code": code, "expires_at": expires_at }))))
}

fn permissions(words: &[String]) -> Result<Permissions, Refusal> {
    Permissions::read(words.iter().map(String::as_str)).map_err(|error| suki_endpoint::Error::Invalid(error.to_string()).into())
}
