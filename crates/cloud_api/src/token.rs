//! Who asks: a token in the header, the query or the form; an app token is `APPID|SECRET` (section 2.1, row 2).
use crate::{ApiError, ObjectId, Params};
use std::fmt;

/// A text that is never shown: a token or an app's secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
    /// The text itself, for hashing and comparing; never for a log.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What a request shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// A token made for somebody.
    Token(Secret),
    /// An app in its own name.
    App {
        /// The app.
        app: ObjectId,
        /// What it says its secret is.
        secret: Secret,
    },
}

/// A token is at most this long.
const MAX_BYTES: usize = 1024;

/// Finds the credential. The parameter `access_token` wins over the header: programs set the header once and name another token where they
/// need one.
///
/// # Errors
/// 104 when there is none, 190 when it is none that this server could have given.
pub fn find(authorization: Option<&str>, params: &Params) -> Result<Credential, ApiError> {
    let from_header = authorization.map(bearer).transpose();
    let text = match params.text("access_token") {
        Some(text) => text.into_owned(),
        None => from_header?.ok_or_else(ApiError::no_token)?,
    };
    read(text.trim())
}

fn bearer(header: &str) -> Result<String, ApiError> {
    let (scheme, token) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
    // "OAuth" is what the Graph API's upload calls say.
    if !scheme.eq_ignore_ascii_case("bearer") && !scheme.eq_ignore_ascii_case("oauth") {
        return Err(ApiError::no_token());
    }
    if token.trim().is_empty() { Err(ApiError::no_token()) } else { Ok(token.trim().to_owned()) }
}

/// What a text shows: a token, or `APPID|SECRET`.
///
/// # Errors
/// 190 when it is none that this server could have given.
pub fn read(text: &str) -> Result<Credential, ApiError> {
    if text.is_empty() || text.len() > MAX_BYTES || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ApiError::invalid_token());
    }
    let Some((app, secret)) = text.split_once('|') else { return Ok(Credential::Token(Secret::new(text))) };
    let app = app.parse().map_err(|_| ApiError::invalid_token())?;
    Ok(Credential::App { app, secret: Secret::new(secret) })
}

/// The names of parameters whose values may be logged; every other may hold a token, a phone number or a text.
const LOGGABLE: [&str; 12] =
    ["after", "before", "fields", "format", "grant_type", "granularity", "hub.mode", "limit", "messaging_product", "object", "sort", "summary"];

/// A query for the log: every name, but only the values of parameters that cannot hold a secret.
pub fn redact_query(query: &str) -> String {
    let mut shown = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()).take(50) {
        let name: String = name.chars().take(50).collect();
        let value: String = if LOGGABLE.contains(&name.as_str()) { value.chars().take(200).collect() } else { "***".into() };
        shown.append_pair(&name, &value);
    }
    shown.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(query: &str) -> Params {
        Params::from_query(query).expect("a query")
    }

    fn token(text: &str) -> Credential {
        Credential::Token(Secret::new(text))
    }

    #[test]
    fn it_is_found_wherever_it_stands() {
        assert_eq!(find(Some("Bearer EAAx"), &params("")), Ok(token("EAAx")));
        assert_eq!(find(Some("  bearer   EAAx "), &params("")), Ok(token("EAAx")));
        assert_eq!(find(Some("OAuth EAAx"), &params("")), Ok(token("EAAx")));
        assert_eq!(find(None, &params("access_token=EAAx")), Ok(token("EAAx")));
        let app = Credential::App { app: "77".parse().expect("an id"), secret: Secret::new("s3cret") };
        assert_eq!(find(Some("Bearer EAAx"), &params("access_token=77%7Cs3cret")), Ok(app));
        assert_eq!(find(Some("Basic eDp5"), &params("access_token=EAAx")), Ok(token("EAAx")));
    }

    #[test]
    fn what_is_none_is_refused() {
        for header in [None, Some(""), Some("Bearer"), Some("Bearer  "), Some("Basic eDp5")] {
            assert_eq!(find(header, &params("")).map_err(|error| error.code.number()), Err(104), "{header:?}");
        }
        for text in ["x y", "a|b", "|", "é", &"x".repeat(MAX_BYTES + 1)] {
            assert_eq!(find(Some(&format!("Bearer {text}")), &params("")).map_err(|error| error.code.number()), Err(190), "{text}");
        }
    }

    #[test]
    fn nothing_secret_is_shown() {
        let query = "access_token=EAAx&fields=id%2Cname&to=639171234567&client_secret=s3cret&hub.verify_token=v";
        assert_eq!(redact_query(query), "access_token=***&fields=id%2Cname&to=***&client_secret=***&hub.verify_token=***");
        assert!(!format!("{:?}", token("EAAx")).contains("EAAx"));
    }
}
