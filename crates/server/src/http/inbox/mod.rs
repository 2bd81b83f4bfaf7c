//! The inbox API, as `docs/INBOX-API.md` says. One file per group of operations, all of them in [`list`]; who is signed in is found here.
mod apps;
mod businesses;
mod catalog;
mod chats;
mod consent;
pub mod list;
mod live;
mod media;
mod money;
mod operators;
mod say;
mod session;
mod standing;
mod statistics;
mod templates;
mod trust;
mod webhooks;

use super::{Faces, problem::Refusal, route};
use axum::{
    Router,
    extract::FromRequestParts,
    http::{StatusCode, header, request::Parts},
    routing::any,
};
use suki_endpoint::{Endpoint, operators::SignedIn};

/// The name of the session's cookie.
const COOKIE: &str = "suki_session";

/// All operations below `/inbox/api`.
pub fn routes() -> Router<Faces> {
    // Not as the fallback: the business app's pages, which stand beside these calls, would answer in its place.
    route::router(list::all()).route("/{*path}", any(unknown)).method_not_allowed_fallback(wrong_method)
}

async fn wrong_method() -> Refusal {
    let detail = "The calls and their methods are listed in docs/INBOX-API.md.";
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", "This call has another method.", detail)
}

async fn unknown() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "not_found", "There is no such call.", "The calls are listed in docs/INBOX-API.md.")
}

fn endpoint(faces: &Faces) -> Result<&Endpoint, Refusal> {
    let nowhere = || Refusal::new(StatusCode::NOT_FOUND, "no_endpoint", "No inbox here.", "This process runs the network alone (--role network).");
    faces.endpoint.as_ref().ok_or_else(nowhere)
}

/// The secret in the session's cookie.
pub(super) fn cookie(parts: &Parts) -> Option<String> {
    let all = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';')).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE && value.len() <= 128).then(|| value.to_owned())
    })
}

/// The operator who asks.
pub struct Signed(pub SignedIn);

impl FromRequestParts<Faces> for Signed {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, faces: &Faces) -> Result<Self, Refusal> {
        let secret = cookie(parts).unwrap_or_default();
        Ok(Self(endpoint(faces)?.session(&secret).await?))
    }
}

/// The secret of the session that asks, if there is one.
pub struct Secret(pub Option<String>);

impl FromRequestParts<Faces> for Secret {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Faces) -> Result<Self, Self::Rejection> {
        Ok(Self(cookie(parts)))
    }
}
