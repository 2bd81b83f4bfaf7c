//! `GET` or `POST /oauth/access_token`: an app's own token for its id and secret, a token for a code, or one that ends later for one that ends soon.
use super::{BodyKind, Described, Handle, On, Open, Operation, Reply, Scope, Verb, api_error, schema};
use serde_json::json;
use suki_cloud_api::{
    ApiError, Code,
    oauth::{self, Client, Grant},
    token::Credential,
};
use suki_endpoint::{Error, apps::Caller};

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
    let grants = ["client_credentials", "authorization_code", "fb_exchange_token"];
    let secret = || json!({"type": "string", "maxLength": 1024});
    Described {
        summary: "Get an access token",
        description: "Gives an app its own token for its id and secret (client_credentials); a token for a code that an owner made for the app, once \
                      (code); or a token that ends later for one that ends (fb_exchange_token).",
        query: vec![
            schema::required("client_id", schema::id("The app"), "The app's id"),
            schema::required("client_secret", secret(), "The app's secret"),
            schema::parameter("grant_type", schema::word(&grants, "What is given"), "What is given; may be absent"),
            schema::parameter("code", secret(), "The code"),
            schema::parameter("redirect_uri", json!({"type": "string"}), "The address the code was made for"),
            schema::parameter("fb_exchange_token", secret(), "The token that ends"),
        ],
        request: None,
        response: schema::object(
            &["access_token", "token_type"],
            [
                ("access_token", schema::text("The token")),
                ("token_type", json!({"type": "string", "const": "bearer"})),
                ("expires_in", schema::integer("In how many seconds it ends; absent when it does not")),
            ],
        ),
        errors: &[Code::Unknown, Code::TooManyCalls, Code::InvalidParameter],
    }
}

async fn answer(open: &Open) -> Result<Reply, ApiError> {
    let (client, grant) = oauth::parse(&open.params)?;
    let app = app(open, &client).await?;
    let answer = match grant {
        Grant::Client => oauth::granted(&oauth::app_token(&client), None),
        Grant::Code { code, redirect_uri } => {
            let token = open.endpoint.redeem_code(&app, &code, redirect_uri).await.map_err(|error| api_error(&error))?;
            oauth::granted(&token, None)
        }
        Grant::Exchange(token) => {
            let (token, expires_in) = open.endpoint.exchange_token(&app, &token).await.map_err(|error| api_error(&error))?;
            oauth::granted(&token, expires_in)
        }
    };
    Ok(answer.into())
}

/// The app whose secret this is. Who guesses is told to wait after some tries; the right secret is never refused.
async fn app(open: &Open, client: &Client) -> Result<Caller, ApiError> {
    let shown = Credential::App { app: client.app, secret: client.secret.clone() };
    match open.endpoint.caller(&shown, None).await {
        Ok(app) => Ok(app),
        Err(Error::Unauthorized(_)) => {
            open.faces.throttle_guess(client.app, open.endpoint.env().now())?;
            Err(oauth::wrong_secret())
        }
        Err(error) => Err(api_error(&error)),
    }
}
