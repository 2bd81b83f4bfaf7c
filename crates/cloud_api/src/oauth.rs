//! `GET` or `POST /oauth/access_token`: a token for an app's id and secret, for a code, or for a token that ends soon.
use crate::{ApiError, Code, ObjectId, Params, token::Secret};
use serde_json::{Value, json};

/// An app and what the request says its secret is; the caller compares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The app.
    pub app: ObjectId,
    /// What it says its secret is.
    pub secret: Secret,
}

/// What is given for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// Nothing else: the app's own token.
    Client,
    /// A code that an owner was given for the app, once.
    Code {
        /// The code.
        code: Secret,
        /// Where the owner was to be sent with it; "" when the code names no address.
        redirect_uri: String,
    },
    /// A token that ends, for one that ends later.
    Exchange(Secret),
}

/// The most bytes of a secret, a code or a token.
const MAX_BYTES: usize = 1024;
/// Of code 100: a code never was, or its time is over.
const SUBCODE_CODE: i32 = 36_007;
/// Of code 100: a code belongs to another address.
const SUBCODE_REDIRECT: i32 = 36_008;
/// Of code 100: a code was used.
const SUBCODE_USED: i32 = 36_009;

/// Reads the request. The grant type may be absent.
///
/// # Errors
/// 100 when the grant is another, or the id, the secret or what is given is missing or cannot be one.
pub fn parse(params: &Params) -> Result<(Client, Grant), ApiError> {
    let required = |name: &str| params.text(name).ok_or_else(|| ApiError::invalid_parameter(format!("the parameter {name} is required")));
    let grant = params.text("grant_type").map(|grant| grant.to_ascii_lowercase());
    let app = required("client_id")?;
    let secret = required("client_secret")?;
    if secret.len() > MAX_BYTES {
        return Err(wrong_secret());
    }
    let app = app.parse().map_err(|error| ApiError::invalid_parameter(format!("client_id: {error}")))?;
    let client = Client { app, secret: Secret::new(secret) };
    let secret = |name: &str| match required(name) {
        Ok(text) if text.len() > MAX_BYTES => Err(ApiError::invalid_parameter(format!("{name} is none that this server gave"))),
        other => other.map(Secret::new),
    };
    let grant = match grant.as_deref() {
        Some("fb_exchange_token") => Grant::Exchange(secret("fb_exchange_token")?),
        Some("authorization_code") => code(secret("code")?, params),
        None if params.text("code").is_some() => code(secret("code")?, params),
        None | Some("client_credentials") => Grant::Client,
        Some(_) => {
            let details = "grant_type is client_credentials, authorization_code or fb_exchange_token";
            return Err(ApiError::invalid_parameter(details));
        }
    };
    Ok((client, grant))
}

fn code(code: Secret, params: &Params) -> Grant {
    Grant::Code { code, redirect_uri: params.text("redirect_uri").map(|text| text.into_owned()).unwrap_or_default() }
}

/// There is no such app, or its secret is another; which of them is not said.
pub fn wrong_secret() -> ApiError {
    let details = "client_id and client_secret do not belong together: check both";
    ApiError::new(Code::Unknown, details).saying("Error validating client secret.")
}

/// What is wrong with a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeFault {
    /// It never was one of this app's, or its ten minutes are over.
    Unknown,
    /// It was used before.
    Used,
    /// It was made for another address.
    Redirect,
}

/// A code that gives no token.
pub fn wrong_code(fault: CodeFault) -> ApiError {
    let (subcode, message) = match fault {
        CodeFault::Unknown => (SUBCODE_CODE, "This authorization code is not valid, or has expired."),
        CodeFault::Used => (SUBCODE_USED, "This authorization code has been used."),
        CodeFault::Redirect => (
            SUBCODE_REDIRECT,
            "Error validating verification code. Please make sure your redirect_uri is identical to the one the code was made for.",
        ),
    };
    ApiError::with_subcode(subcode, "An owner makes a new code for the app; each gives a token once, and holds for minutes").saying(message)
}

/// The app's own token.
pub fn app_token(client: &Client) -> String {
    format!("{}|{}", client.app, client.secret.expose())
}

/// The answer. `expires_in` is in seconds; none for a token that does not end.
pub fn granted(token: &str, expires_in: Option<i64>) -> Value {
    let mut answer = json!({"access_token": token, "token_type": "bearer"});
    if let Some(seconds) = expires_in {
        answer["expires_in"] = seconds.into();
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<(Client, Grant), ApiError> {
        parse(&Params::from_query(query).expect("a query"))
    }

    #[test]
    fn the_token_is_one_that_requests_may_carry() {
        let (client, grant) = read("grant_type=client_credentials&client_id=77&client_secret=s3cret").expect("it is one");
        assert_eq!((grant, app_token(&client).as_str()), (Grant::Client, "77|s3cret"));
        let found = crate::token::find(Some("Bearer 77|s3cret"), &Params::default());
        assert_eq!(found, Ok(crate::token::Credential::App { app: client.app, secret: client.secret }));
        assert_eq!(granted("T", Some(60)), json!({"access_token": "T", "token_type": "bearer", "expires_in": 60}));
        assert_eq!(granted("T", None), json!({"access_token": "T", "token_type": "bearer"}));
    }

    #[test]
    fn a_code_and_a_token_are_given_in_exchange() {
        let grant = |query: &str| read(&format!("client_id=77&client_secret=s&{query}")).map(|(_, grant)| grant);
        let code = |redirect: &str| Ok(Grant::Code { code: Secret::new("c"), redirect_uri: redirect.into() });
        assert_eq!(grant("code=c"), code(""));
        assert_eq!(grant("grant_type=authorization_code&code=c&redirect_uri=https%3A%2F%2Fa.example%2F"), code("https://a.example/"));
        assert_eq!(grant("grant_type=fb_exchange_token&fb_exchange_token=EAAx"), Ok(Grant::Exchange(Secret::new("EAAx"))));
        assert_eq!((wrong_code(CodeFault::Used).subcode, wrong_code(CodeFault::Unknown).http_status()), (36_009, 400));
    }

    #[test]
    fn other_grants_and_missing_parts_are_refused() {
        for query in [
            "grant_type=password&client_id=77&client_secret=s",
            "grant_type=fb_exchange_token&client_id=77&client_secret=s",
            "grant_type=authorization_code&client_id=77&client_secret=s",
            "client_id=77",
            "client_secret=s",
            "client_id=x&client_secret=s",
        ] {
            assert_eq!(read(query).map_err(|error| error.code.number()), Err(100), "{query}");
        }
        let long = "s".repeat(MAX_BYTES + 1);
        assert_eq!(read(&format!("client_id=77&client_secret={long}")), Err(wrong_secret()));
        assert!(read(&format!("client_id=77&client_secret=s&code={long}")).is_err());
    }
}
