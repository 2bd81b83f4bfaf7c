//! `GET` or `POST /oauth/access_token`: an app's own token for its id and secret.
use crate::{ApiError, ObjectId, Params, token::Secret};
use serde_json::{Value, json};

/// What the request shows; the caller compares the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCredentials {
    /// The app.
    pub app: ObjectId,
    /// What it says its secret is.
    pub secret: Secret,
}

/// Reads the request. The grant type may be absent.
///
/// # Errors
/// 100 when the grant is another, or the id or the secret is missing or cannot be one.
pub fn parse(params: &Params) -> Result<ClientCredentials, ApiError> {
    let grant = params.text("grant_type");
    if grant.is_some_and(|grant| !grant.eq_ignore_ascii_case("client_credentials")) || params.text("code").is_some() {
        return Err(ApiError::invalid_parameter("this server gives tokens for grant_type=client_credentials only: send client_id and client_secret"));
    }
    let required = |name: &str| params.text(name).ok_or_else(|| ApiError::invalid_parameter(format!("the parameter {name} is required")));
    let app = required("client_id")?;
    let secret = required("client_secret")?;
    if secret.len() > 256 {
        return Err(wrong_secret());
    }
    let app = app.parse().map_err(|error| ApiError::invalid_parameter(format!("client_id: {error}")))?;
    Ok(ClientCredentials { app, secret: Secret::new(secret) })
}

/// There is no such app, or its secret is another; which of them is not said.
pub fn wrong_secret() -> ApiError {
    ApiError::invalid_parameter("client_id and client_secret do not belong together: check both")
}

/// The answer: the app's token.
pub fn granted(credentials: &ClientCredentials) -> Value {
    json!({"access_token": format!("{}|{}", credentials.app, credentials.secret.expose()), "token_type": "bearer"})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<ClientCredentials, ApiError> {
        parse(&Params::from_query(query).expect("a query"))
    }

    #[test]
    fn the_token_is_one_that_requests_may_carry() {
        let credentials = read("grant_type=client_credentials&client_id=77&client_secret=s3cret").expect("it is one");
        assert_eq!(granted(&credentials), json!({"access_token": "77|s3cret", "token_type": "bearer"}));
        let found = crate::token::find(Some("Bearer 77|s3cret"), &Params::default());
        assert_eq!(found, Ok(crate::token::Credential::App { app: credentials.app, secret: credentials.secret }));
    }

    #[test]
    fn other_grants_and_missing_parts_are_refused() {
        for query in [
            "grant_type=fb_exchange_token&client_id=77&client_secret=s",
            "client_id=77&client_secret=s&code=c",
            "client_id=77",
            "client_secret=s",
            "client_id=x&client_secret=s",
        ] {
            assert_eq!(read(query).map_err(|error| error.code.number()), Err(100), "{query}");
        }
        assert!(read(&format!("client_id=77&client_secret={}", "s".repeat(257))).is_err());
    }
}
