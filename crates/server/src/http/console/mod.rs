//! The API of the platform's console, as `docs/CONSOLE-API.md` says. Who may call what stands in one table: [`operations`].
mod actions;
mod announcements;
mod audit;
mod businesses;
mod cases;
mod documents;
mod operators;
mod policy;
mod rate_cards;
mod session;

use super::{Faces, problem::Refusal};
use axum::{
    Extension, Router,
    extract::FromRequestParts,
    http::{Method, StatusCode, header, request::Parts},
    routing::{self, MethodRouter, any},
};
use suki_network::console::{Console, ConsoleError, Operator, operators::Duty};
use suki_store::StoreError;

/// The name of the session's cookie.
const COOKIE: &str = "suki_console";

/// An operation of the console: how it is called, and what kind of work it is; none is open to whoever has no session.
pub struct Operation {
    /// The method.
    pub method: Method,
    /// The path below `/console/api`.
    pub path: &'static str,
    /// The work.
    pub duty: Option<Duty>,
    handler: MethodRouter<Faces>,
}

fn get<T: 'static, H: axum::handler::Handler<T, Faces>>(path: &'static str, duty: Duty, handler: H) -> Operation {
    // The duty travels with the request, so that nobody is let in where it was forgotten.
    Operation { method: Method::GET, path, duty: Some(duty), handler: routing::get(handler).layer(Extension(duty)) }
}

fn post<T: 'static, H: axum::handler::Handler<T, Faces>>(path: &'static str, duty: Duty, handler: H) -> Operation {
    Operation { method: Method::POST, path, duty: Some(duty), handler: routing::post(handler).layer(Extension(duty)) }
}

fn delete<T: 'static, H: axum::handler::Handler<T, Faces>>(path: &'static str, duty: Duty, handler: H) -> Operation {
    Operation { method: Method::DELETE, path, duty: Some(duty), handler: routing::delete(handler).layer(Extension(duty)) }
}

fn open<T: 'static, H: axum::handler::Handler<T, Faces>>(path: &'static str, handler: H) -> Operation {
    Operation { method: Method::POST, path, duty: None, handler: routing::post(handler) }
}

/// Every operation there is.
pub fn operations() -> Vec<Operation> {
    vec![
        open("/sign-in", session::sign_in),
        open("/sign-out", session::sign_out),
        get("/me", Duty::Look, session::me),
        get("/operators", Duty::Look, operators::list),
        post("/operators", Duty::Team, operators::add),
        post("/operators/{id}/sign-in-link", Duty::Team, operators::sign_in_link),
        delete("/operators/{id}", Duty::Team, operators::remove),
        get("/queues", Duty::Decide, cases::queues),
        get("/cases", Duty::Decide, cases::list),
        get("/cases/{id}", Duty::Decide, cases::get),
        post("/cases/{id}/claim", Duty::Decide, cases::claim),
        post("/cases/{id}/release", Duty::Decide, cases::release),
        post("/cases/{id}/decide", Duty::Decide, cases::decide),
        get("/businesses", Duty::Look, businesses::list),
        get("/businesses/{id}", Duty::Look, businesses::get),
        post("/businesses/{id}/measures", Duty::Sanction, actions::measure),
        post("/businesses/{id}/measures/{number}/lift", Duty::Sanction, actions::lift),
        post("/businesses/{id}/level", Duty::Sanction, actions::level),
        post("/businesses/{id}/templates/{template}/disable", Duty::Sanction, actions::disable_template),
        post("/businesses/{id}/templates/{template}/recategorise", Duty::Sanction, actions::recategorise_template),
        get("/businesses/{id}/documents/{number}", Duty::Decide, documents::get),
        get("/rate-cards", Duty::Money, rate_cards::list),
        post("/rate-cards", Duty::Money, rate_cards::post),
        get("/announcements", Duty::Look, announcements::list),
        post("/announcements", Duty::Announce, announcements::post),
        get("/audit", Duty::Look, audit::list),
        get("/audit/verify", Duty::Look, audit::verify),
        get("/policy", Duty::Look, policy::get),
    ]
}

/// All operations below `/console/api`.
pub fn routes() -> Router<Faces> {
    let all = operations().into_iter().fold(Router::new(), |router, operation| router.route(operation.path, operation.handler));
    // Not as the fallback: the console's pages, which stand beside these calls, would answer in its place.
    all.route("/{*path}", any(unknown)).method_not_allowed_fallback(wrong_method)
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
