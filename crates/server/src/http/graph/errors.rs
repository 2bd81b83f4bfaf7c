//! The endpoint's errors in the Cloud API's words.
use suki_cloud_api::{ApiError, Code};
use suki_endpoint::Error;
use suki_link::LinkError;
use suki_store::StoreError;

/// The business is on its way from one node to another.
pub fn elsewhere() -> ApiError {
    ApiError::new(Code::ServiceDown, "This business is on its way from one node to another; nothing was stored; try again in a moment").retry_after(1)
}

/// Whoever was asked in turn did not answer.
pub fn unsure() -> ApiError {
    ApiError::new(Code::ServiceDown, "The answer was lost on its way, so it is not known whether this was done: look, then try again")
}

/// The one place where they are turned.
pub fn api_error(error: &Error) -> ApiError {
    match error {
        Error::Callback(error) | Error::Refused(error) => error.clone(),
        Error::Expired => ApiError::expired_token(),
        Error::Unauthorized(_) => ApiError::invalid_token(),
        Error::NotFound("customer") => ApiError::new(
            Code::from_number(131_026).unwrap_or(Code::Unknown),
            "This number or user id belongs to no customer of this business. A customer becomes one by opening the business's link",
        ),
        Error::NotFound(what) => ApiError::invalid_value(format!("there is no such {what}")),
        Error::WindowClosed { .. } => ApiError::from_number(
            131_047,
            "The customer service window is closed; it opens again when the customer writes, and until then only an approved template passes",
        ),
        Error::TooFast { cloud_api_code, text, .. } => ApiError::from_number(*cloud_api_code, text.clone()),
        Error::Invalid(text) | Error::Conflict(text) => ApiError::invalid_parameter(text.clone()),
        Error::Forbidden(text) => ApiError::new(Code::PermissionDenied, text.clone()),
        Error::Unavailable(_) | Error::Link(LinkError::Away) => {
            ApiError::new(Code::ServiceDown, "Not possible at the moment; nothing was stored; try again")
        }
        Error::Link(_) | Error::Answer(_) => unsure(),
        Error::Elsewhere(_) => elsewhere().moved(),
        Error::Store(StoreError::NotOwner) => elsewhere(),
        Error::Store(StoreError::Full | StoreError::ReadOnly) => {
            ApiError::new(Code::ServiceDown, "The server's disk is full or read-only; nothing was stored; try again later")
        }
        Error::Store(error @ StoreError::InDoubt(_)) => {
            tracing::error!(%error, "it is not known whether a request to the Cloud API was stored");
            unsure()
        }
        Error::Store(error) if error.is_temporary() => {
            tracing::error!(%error, "a request to the Cloud API was not stored");
            ApiError::new(Code::ServiceDown, "The server cannot store anything at the moment; try again later")
        }
        Error::Store(_) | Error::Group(_) | Error::Internal(_) => {
            tracing::error!(%error, "a request to the Cloud API failed");
            ApiError::new(Code::SomethingWentWrong, "Nothing was stored; try again, and if it stays look into the server's log")
        }
    }
}
