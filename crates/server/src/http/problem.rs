//! Refusals as `application/problem+json` (RFC 9457), for the messenger's and the inbox's own calls. One mapping from each crate's errors.
use super::forward::Moved;
use axum::{
    Json,
    extract::{
        FromRequest, FromRequestParts, Request,
        rejection::{JsonRejection, PathRejection, QueryRejection},
    },
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::de::DeserializeOwned;
use std::fmt;
use suki_endpoint::Error;
use suki_link::LinkError;
use suki_network::registration::RegistrationError;
use suki_protocol::http::Problem;
use suki_store::StoreError;

/// A refusal that is an answer.
#[derive(Debug)]
pub struct Refusal {
    problem: Problem,
    done: Done,
}

/// How much of what was asked for was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    /// Nothing, as far as the words do not say otherwise.
    Nothing,
    /// Nothing, since another node has the business by now.
    NothingHere,
    /// That is not known.
    Unknown,
}

impl Refusal {
    /// A refusal with its words.
    pub fn new(status: StatusCode, code: &str, title: &str, detail: impl Into<String>) -> Self {
        Problem { code: code.into(), title: title.into(), detail: detail.into(), status: status.as_u16() }.into()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.problem.title, self.problem.detail)
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self { problem, done: Done::Nothing }
    }
}

impl Refusal {
    /// A refusal by a rule: its code is the Cloud API's number, since that is what names the rule.
    fn of_rule(refused: &suki_cloud_api::ApiError) -> Self {
        let number = if refused.subcode > 0 { refused.subcode } else { refused.code.number() };
        let title = suki_cloud_api::Code::from_number(number).unwrap_or(refused.code).title();
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, &format!("rule_{number}"), title, refused.details.clone())
    }
}

impl Refusal {
    /// Whoever was asked in turn did not answer.
    pub fn unsure() -> Self {
        let detail = "The answer was lost on its way, so it is not known whether this was done. Look, then try again.";
        let refusal = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not possible at the moment.", detail);
        Self { done: Done::Unknown, ..refusal }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self.problem)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::SERVICE_UNAVAILABLE && self.done != Done::Unknown {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if self.done == Done::NothingHere {
            response.extensions_mut().insert(Moved);
        }
        response
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        if matches!(error, Error::Store(StoreError::InDoubt(_)) | Error::Link(LinkError::Disconnected | LinkError::Ended)) {
            tracing::error!(%error, "it is not known whether a request was done");
            return Self::unsure();
        }
        let (status, code, title) = match &error {
            Error::NotFound(_) => (StatusCode::NOT_FOUND, "not_found", "There is no such thing."),
            Error::WindowClosed { .. } => (StatusCode::CONFLICT, "window_closed", "The customer service window is closed."),
            Error::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid", "The request is not allowed as it is."),
            Error::Conflict(_) => (StatusCode::CONFLICT, "conflict", "The request contradicts what is stored."),
            Error::Forbidden(_) => (StatusCode::FORBIDDEN, "forbidden", "You may not do this."),
            Error::Unauthorized(_) => (StatusCode::UNAUTHORIZED, "unauthorized", "Sign in first."),
            Error::TooFast { .. } => (StatusCode::TOO_MANY_REQUESTS, "too_fast", "Too many messages at once."),
            Error::Expired => (StatusCode::UNAUTHORIZED, "unauthorized", "Sign in first."),
            Error::Callback(_) => (StatusCode::BAD_GATEWAY, "callback", "The callback address did not do its part."),
            Error::Refused(refused) => return Self::of_rule(refused),
            Error::Elsewhere(_) | Error::Store(StoreError::NotOwner) => {
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not possible at the moment.")
            }
            Error::Unavailable(_) | Error::Link(_) | Error::Answer(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not possible at the moment.")
            }
            Error::Store(StoreError::Full | StoreError::ReadOnly) => {
                (StatusCode::INSUFFICIENT_STORAGE, "storage_full", "The server cannot store anything at the moment.")
            }
            Error::Store(error) if error.is_temporary() => (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not possible at the moment."),
            Error::Store(_) | Error::Group(_) | Error::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong here."),
        };
        let detail = match &error {
            Error::WindowClosed { closed_at: Some(_) } => {
                "The window that the customer's message opened is over. It opens again when he writes; until then only an approved template passes."
                    .into()
            }
            Error::WindowClosed { closed_at: None } => {
                "The customer has not written yet, and a business may not write first. The window opens when the customer writes.".into()
            }
            Error::Store(StoreError::Full | StoreError::ReadOnly) => {
                "Its disk is full or read-only. Nothing was stored. Try again later; the owner of the server has to make room.".into()
            }
            Error::Store(StoreError::NotOwner) => "Another node serves this business by now, and nothing was stored. Try again in a moment.".into(),
            Error::Store(stored) if stored.is_temporary() => {
                tracing::error!(%error, "a request was not stored");
                "The server cannot store anything at the moment. Try again later; the server's log says more.".into()
            }
            Error::Store(_) | Error::Group(_) | Error::Internal(_) => {
                tracing::error!(%error, "a request failed");
                "Nothing was stored. Try again; if it stays, the server's log says more.".into()
            }
            other => other.to_string(),
        };
        let done = if matches!(error, Error::Elsewhere(_)) { Done::NothingHere } else { Done::Nothing };
        Self { done, ..Self::new(status, code, title, detail) }
    }
}

impl From<RegistrationError> for Refusal {
    fn from(error: RegistrationError) -> Self {
        error.problem().into()
    }
}

/// A JSON body of at most 1 MiB; what is wrong with it is answered as a problem.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(Refusal::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not_json",
                "The body has to be JSON.",
                "Send it with Content-Type: application/json.",
            )),
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The body is too large.", "A JSON body has at most 1 MiB."))
            }
            Err(rejection) => Err(Refusal::new(StatusCode::BAD_REQUEST, "malformed", "The body cannot be read.", rejection.body_text())),
        }
    }
}

/// Parts of the path or the query; what is wrong with them is answered as a problem.
pub struct Checked<T>(pub T);

impl<T, S> FromRequestParts<S> for Checked<axum::extract::Path<T>>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        axum::extract::Path::<T>::from_request_parts(parts, state)
            .await
            .map(Self)
            .map_err(|rejection: PathRejection| Refusal::new(StatusCode::NOT_FOUND, "not_found", "There is no such thing.", rejection.body_text()))
    }
}

impl<T, S> FromRequestParts<S> for Checked<axum::extract::Query<T>>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        axum::extract::Query::<T>::from_request_parts(parts, state).await.map(Self).map_err(|rejection: QueryRejection| {
            Refusal::new(StatusCode::BAD_REQUEST, "malformed", "The query cannot be read.", rejection.body_text())
        })
    }
}
