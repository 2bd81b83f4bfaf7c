//! `GET` or `POST /oauth/access_token`: an app's own token for its id and secret.
use super::api_error;
use axum::http::Method;
use serde_json::Value;
use suki_cloud_api::{ApiError, Params, oauth, token::Credential};
use suki_endpoint::{Endpoint, Error};

pub async fn answer(endpoint: &Endpoint, method: &Method, params: &Params) -> Result<Value, ApiError> {
    if method != Method::GET && method != Method::POST {
        return Err(ApiError::unknown_path(method.as_str(), "/oauth/access_token"));
    }
    let credentials = oauth::parse(params)?;
    let shown = Credential::App { app: credentials.app, secret: credentials.secret.clone() };
    match endpoint.caller(&shown).await {
        Ok(_) => Ok(oauth::granted(&credentials)),
        Err(Error::Unauthorized(_)) => Err(oauth::wrong_secret()),
        Err(error) => Err(api_error(&error)),
    }
}
