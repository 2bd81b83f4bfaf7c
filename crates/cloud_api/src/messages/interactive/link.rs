//! A button that opens a page, and what asks for a place.
use super::named;
use crate::{
    ApiError,
    messages::{
        bounds::{object, required},
        file::web_address,
    },
    params::Object,
};

/// A button that opens a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What stands on it: at most 20 characters.
    pub text: String,
    /// The page's address, at most 2,000 characters.
    pub url: String,
}

const LABEL_CHARS: usize = 20;
const URL_CHARS: usize = 2000;

/// `{"name": "cta_url", "parameters": {display_text, url}}`.
pub(super) fn link(action: &Object<'_>) -> Result<Link, ApiError> {
    action.only(&["name", "parameters"])?;
    named(action, "cta_url")?;
    let given = object(action, "parameters")?;
    given.only(&["display_text", "url"])?;
    let url = required(&given, "url", URL_CHARS)?;
    let Some(url) = web_address(&url) else {
        return Err(ApiError::invalid_value(format!("{} must be an address that begins with https:// or http://", given.path("url"))));
    };
    Ok(Link { text: required(&given, "display_text", LABEL_CHARS)?, url: url.into() })
}

/// `{"name": "send_location"}`. Some clients repeat the body below `parameters`: it is not read.
pub(super) fn location_request(action: &Object<'_>) -> Result<(), ApiError> {
    action.only(&["name", "parameters"])?;
    named(action, "send_location")
}
