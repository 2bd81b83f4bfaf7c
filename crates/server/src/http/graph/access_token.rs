//! `GET` or `POST /oauth/access_token`: an app's own token for its id and secret.
use super::{BodyKind, Described, Handle, On, Open, Operation, Reply, Scope, Verb, api_error, schema};
use serde_json::json;
use suki_cloud_api::{ApiError, Code, oauth, token::Credential};
use suki_endpoint::Error;

/// `GET /oauth/access_token`.
pub const GET: Operation = Operation {
    name: "access_token.get",
    method: Verb::Get,
    on: On::Root,
    edge: "oauth/access_token",
    scope: Scope::None,
    body: BodyKind::Params,
    describe,
    handle: Handle::Anyone(|open| Box::pin(answer(open))),
};

/// `POST /oauth/access_token`.
pub const POST: Operation = Operation { name: "access_token.create", method: Verb::Post, ..GET };

fn describe() -> Described {
    Described {
        summary: "Get an access token",
        description: "Gives an app its own token for its id and secret (client_credentials).",
        query: vec![
            schema::required("client_id", schema::id("The app"), "The app's id"),
            schema::required("client_secret", json!({"type": "string", "maxLength": 256}), "The app's secret"),
            schema::parameter("grant_type", schema::word(&["client_credentials"], "What is asked for"), "What is asked for; may be absent"),
        ],
        request: None,
        response: schema::object(
            &["access_token", "token_type"],
            [("access_token", schema::text("The token")), ("token_type", json!({"type": "string", "const": "bearer"}))],
        ),
        errors: &[Code::InvalidParameter],
    }
}

async fn answer(open: &Open) -> Result<Reply, ApiError> {
    let credentials = oauth::parse(&open.params)?;
    let shown = Credential::App { app: credentials.app, secret: credentials.secret.clone() };
    match open.endpoint.caller(&shown).await {
        Ok(_) => Ok(oauth::granted(&credentials).into()),
        Err(Error::Unauthorized(_)) => Err(oauth::wrong_secret()),
        Err(error) => Err(api_error(&error)),
    }
}
