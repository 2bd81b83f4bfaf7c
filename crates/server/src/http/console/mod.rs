//! The API of the platform's console, as `docs/CONSOLE-API.md` says. Who may call what stands in one table: [`operations()`].
mod actions;
mod announcements;
mod audit;
mod businesses;
mod cases;
mod documents;
mod operations;
mod operators;
mod policy;
mod rate_cards;
mod session;

use super::{
    Faces,
    problem::Refusal,
    route::{self, Route},
};
use axum::{
    Router,
    extract::FromRequestParts,
    http::{StatusCode, header, request::Parts},
    routing::any,
};
pub use operations::{Operation, operations};
use suki_network::console::{Console, ConsoleError, Operator, operators::Duty};
use suki_store::StoreError;

/// The name of the session's cookie.
const COOKIE: &str = "suki_console";

/// All operations, without who may call them.
pub fn list() -> Vec<Route> {
    operations().into_iter().map(|operation| operation.route).collect()
}

/// All operations below `/console/api`.
pub fn routes() -> Router<Faces> {
    // Not as the fallback: the console's pages, which stand beside these calls, would answer in its place.
    route::router(list()).route("/{*path}", any(unknown)).method_not_allowed_fallback(wrong_method)
}

async fn wrong_method() -> Refusal {
    let detail = "The calls and their methods are listed in docs/CONSOLE-API.md.";
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", "This call has another method.", detail)
}

async fn unknown() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "not_found", "There is no such call.", "The calls are listed in docs/CONSOLE-API.md.")
}

fn console(faces: &Faces) -> Result<Console, Refusal> {
    faces.network.as_ref().map(suki_network::Network::console).ok_or_else(super::no_network)
}

/// The secret in the session's cookie.
fn cookie(parts: &Parts) -> Option<String> {
    let all = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';')).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE && value.len() <= 128).then(|| value.to_owned())
    })
}

/// Who asks. His role includes the operation's work.
pub struct Signed {
    /// The console.
    pub console: Console,
    /// The operator.
    pub operator: Operator,
}

impl FromRequestParts<Faces> for Signed {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, faces: &Faces) -> Result<Self, Refusal> {
        let console = console(faces)?;
        let operator = console.session(&cookie(parts).unwrap_or_default()).await?;
        match parts.extensions.get::<Duty>() {
            Some(duty) => operator.must(*duty)?,
            None => return Err(ConsoleError::Forbidden("this operation is nobody's work".into()).into()),
        }
        Ok(Self { console, operator })
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

impl From<ConsoleError> for Refusal {
    fn from(error: ConsoleError) -> Self {
        let (status, code, title) = match &error {
            ConsoleError::NotFound(_) => (StatusCode::NOT_FOUND, "not_found", "There is no such thing."),
            ConsoleError::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid", "The request is not allowed as it is."),
            ConsoleError::Conflict(_) | ConsoleError::Refused(_) => (StatusCode::CONFLICT, "conflict", "The request contradicts what is stored."),
            ConsoleError::Forbidden(_) => (StatusCode::FORBIDDEN, "forbidden", "You may not do this."),
            ConsoleError::Unauthorized(_) => (StatusCode::UNAUTHORIZED, "unauthorized", "Sign in first."),
            ConsoleError::Store(StoreError::Full | StoreError::ReadOnly) => {
                (StatusCode::INSUFFICIENT_STORAGE, "storage_full", "The server cannot store anything at the moment.")
            }
            ConsoleError::Store(error) if error.is_temporary() => (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not possible at the moment."),
            ConsoleError::Store(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong here."),
        };
        let detail = match &error {
            ConsoleError::Store(_) => {
                tracing::error!(%error, "a request of the console failed");
                "Nothing was stored. Try again; if it stays, the server's log says more.".into()
            }
            other => other.to_string(),
        };
        Self::new(status, code, title, detail)
    }
}
