//! Signing in and out, and who one is.
use super::{COOKIE, Secret, Signed, console};
use crate::http::{
    Faces,
    problem::{Body, Refusal},
};
use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{AppendHeaders, IntoResponse},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use suki_network::{
    console::{Console, Operator, operators::Duty},
    review::CaseKind,
};
use suki_types::limits;

/// What a one-time link carries.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    token: String,
}

/// Who is signed in, what he may do, and what he chooses from.
fn view(console: &Console, operator: &Operator) -> Value {
    let duties: Vec<&str> = Duty::ALL.into_iter().filter(|duty| operator.role.may(*duty)).map(Duty::as_str).collect();
    let reasons: Map<String, Value> = CaseKind::ALL.into_iter().map(|kind| (kind.as_str().into(), json!(kind.reasons(console.policy())))).collect();
    json!({ "operator": operator, "duties": duties, "reasons": reasons, "policy": console.policy().name, "now": console.time() })
}

fn set_cookie(faces: &Faces, secret: &str, seconds: i64) -> AppendHeaders<[(header::HeaderName, HeaderValue); 1]> {
    let secure = if faces.public_url.starts_with("https:") { "; Secure" } else { "" };
    let text = format!("{COOKIE}={secret}; Path=/console; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
    AppendHeaders([(header::SET_COOKIE, HeaderValue::from_str(&text).expect("a secret is hexadecimal"))])
}

/// `POST /sign-in`
pub async fn sign_in(State(faces): State<Faces>, Body(request): Body<SignIn>) -> Result<impl IntoResponse, Refusal> {
    let console = console(&faces)?;
    let (operator, secret) = console.sign_in(&request.token).await?;
    Ok((set_cookie(&faces, &secret, limits::CONSOLE_SESSION_MILLIS / 1000), Json(view(&console, &operator))))
}

/// `POST /sign-out`
pub async fn sign_out(State(faces): State<Faces>, Secret(secret): Secret, Body(_): Body<Value>) -> Result<impl IntoResponse, Refusal> {
    if let Some(secret) = secret {
        console(&faces)?.sign_out(&secret).await?;
    }
    Ok((StatusCode::NO_CONTENT, set_cookie(&faces, "", 0)))
}

/// `GET /me`
pub async fn me(signed: Signed) -> Json<Value> {
    Json(view(&signed.console, &signed.operator))
}
