//! The inbox API, as `docs/INBOX-API.md` says. One file per group of operations; who is signed in is found here.
mod apps;
mod catalog;
mod chats;
mod consent;
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

use super::{Faces, problem::Refusal};
use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRequestParts},
    http::{StatusCode, header, request::Parts},
    routing::{any, delete, get, post},
};
use suki_endpoint::{Endpoint, operators::SignedIn};
use suki_types::limits;

/// The name of the session's cookie.
const COOKIE: &str = "suki_session";

/// All operations below `/inbox/api`.
pub fn routes() -> Router<Faces> {
    Router::new()
        .route("/sign-in", post(session::sign_in))
        .route("/sign-out", post(session::sign_out))
        .route("/me", get(session::me))
        .route("/password", post(session::set_password))
        .route("/operators", get(operators::list).post(operators::add))
        .route("/operators/{id}", delete(operators::remove))
        .route("/operators/{id}/sign-in-link", post(operators::sign_in_link))
        .route("/chats", get(chats::list))
        .route("/chats/{chat}", get(chats::get))
        .route("/chats/{chat}/messages", get(chats::messages).post(chats::send))
        .route("/chats/{chat}/read", post(chats::read))
        .route("/chats/{chat}/typing", post(chats::typing))
        .route("/chats/{chat}/template", post(templates::send))
        .route("/chats/{chat}/media", post(media::send))
        .route("/chats/{chat}/location", post(say::place))
        .route("/chats/{chat}/reactions", post(say::react))
        .route("/media", post(media::upload))
        .route("/media/{id}", get(media::uploaded))
        .route("/messages/{message}/files/{place}", get(media::of_message))
        .route("/templates", get(templates::list).post(templates::create))
        .route("/templates/{id}", get(templates::get).post(templates::edit).delete(templates::remove))
        .route("/templates/{id}/appeal", post(templates::appeal))
        .route("/templates/{id}/unpause", post(templates::unpause))
        .route("/templates/{id}/preview", post(templates::preview))
        .route("/standing", get(standing::get))
        .route("/standing/appeals", post(standing::appeal))
        .route("/contacts/{id}/consent", get(consent::get).post(consent::record).delete(consent::revoke))
        .route("/consents", post(consent::record_phone))
        .route("/consents.csv", get(consent::csv))
        .route("/consents.jsonl", get(consent::jsonl))
        .route("/price", get(money::price))
        .route("/rate-card", get(money::rate_card))
        .route("/bill/{month}", get(money::bill))
        .route("/statistics", get(statistics::get))
        .route("/statistics/team", get(statistics::team))
        .route("/live", get(live::live))
        .merge(trust_routes())
        .merge(webhook_routes())
        .merge(app_routes())
        .merge(catalog_routes())
        // Not as the fallback: the business app's pages, which stand beside these calls, would answer in its place.
        .route("/{*path}", any(unknown))
        .method_not_allowed_fallback(wrong_method)
}

/// The business before the network.
fn trust_routes() -> Router<Faces> {
    Router::new()
        .route("/trust", get(trust::status))
        .route("/trust/withdraw", post(trust::withdraw))
        .route("/trust/appeal", post(trust::appeal))
        .route("/terms", get(trust::terms).post(trust::accept_terms))
        .route("/name", post(trust::request_name))
        .route("/name/check", post(trust::check_name))
        .route("/number", post(trust::verify_number))
        .route("/number/code", post(trust::number_code))
        .route("/documents", post(trust::upload).layer(DefaultBodyLimit::max(limits::DOCUMENT_BYTES)))
        .route("/verification", post(trust::verify))
        .route("/announcements", get(trust::announcements))
}

/// Who is told of events, and the log of it.
fn webhook_routes() -> Router<Faces> {
    Router::new()
        .route("/webhooks", get(webhooks::list).post(webhooks::add))
        .route("/webhooks/log", get(webhooks::log))
        .route("/webhooks/log/{seq}", get(webhooks::delivery))
        .route("/webhooks/{id}", get(webhooks::get).post(webhooks::change).delete(webhooks::remove))
        .route("/webhooks/{id}/test", post(webhooks::test))
        .route("/webhooks/{id}/replay", post(webhooks::replay))
}

/// The business's programs.
fn app_routes() -> Router<Faces> {
    Router::new()
        .route("/apps", get(apps::list).post(apps::add))
        .route("/apps/{id}", post(apps::change))
        .route("/apps/{id}/tokens", get(apps::tokens).post(apps::grant))
        .route("/apps/{id}/tokens/{token}", delete(apps::revoke))
        .route("/apps/{id}/codes", post(apps::code))
}

/// What the business sells.
fn catalog_routes() -> Router<Faces> {
    Router::new()
        .route("/catalogs", get(catalog::list).post(catalog::create))
        .route("/catalogs/settings", post(catalog::set))
        .route("/catalogs/{id}", post(catalog::change).delete(catalog::remove))
        .route("/catalogs/{id}/products", get(catalog::products).post(catalog::add))
        .route("/products/{id}", get(catalog::product).post(catalog::edit).delete(catalog::take))
        .route("/products/{id}/picture", get(catalog::picture))
        .route("/chats/{chat}/products", post(catalog::send))
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
fn cookie(parts: &Parts) -> Option<String> {
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
