//! `GET /debug_token`: what a token is good for. An app asks about its own tokens, with its own token or one of theirs.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema};
use serde_json::json;
use suki_cloud_api::{
    ApiError, Code,
    debug_token::{self, Known, User},
};
use suki_endpoint::{Error, apps::Caller};

/// `GET /debug_token`.
pub const OPERATION: Operation = Operation {
    name: "debug_token.get",
    method: Verb::Get,
    on: On::Root,
    edge: "debug_token",
    scope: Scope::None,
    body: BodyKind::Params,
    describe,
    handle: Handle::Caller(|call| Box::pin(answer(call))),
};

fn describe() -> Described {
    let granular =
        schema::object(&["scope"], [("scope", schema::text("A permission")), ("target_ids", schema::array(schema::id("What it is good for")))]);
    let data = schema::object(
        &["is_valid", "scopes"],
        [
            ("app_id", schema::id("The app it was given to")),
            ("application", schema::text("What the app is called")),
            ("type", schema::word(&["SYSTEM_USER", "APP"], "Whose it is")),
            ("is_valid", json!({"type": "boolean"})),
            ("issued_at", schema::integer("When it was made, in seconds since 1970")),
            ("expires_at", schema::integer("When it ends, in seconds since 1970; 0: it does not")),
            ("data_access_expires_at", schema::integer("Always 0")),
            ("scopes", schema::array(schema::text("A permission"))),
            ("granular_scopes", schema::array(granular)),
            ("user_id", schema::text("The system user it was made for")),
            (
                "error",
                schema::object(
                    &["code"],
                    [("code", schema::integer("190")), ("subcode", schema::integer("463 or 467")), ("message", schema::text("Why it is not good"))],
                ),
            ),
        ],
    );
    Described {
        summary: "Ask what a token is good for",
        description: "Of a token that is none, was revoked, or belongs to another business, the answer is that it is not valid.",
        query: vec![schema::required("input_token", json!({"type": "string"}), "The token that is asked about")],
        request: None,
        response: schema::object(&["data"], [("data", data)]),
        errors: &[Code::InvalidParameter],
    }
}

async fn answer(call: &Call) -> Result<Reply, ApiError> {
    let asked = debug_token::asked(&call.params)?;
    let found: Caller = match call.endpoint.inspect(&asked).await {
        Ok(found) if found.business.id() == call.business.id() => found,
        Ok(_) | Err(Error::Unauthorized(_)) => return Ok(debug_token::unknown().into()),
        Err(error) => return Err(api_error(&error)),
    };
    if found.app != call.app {
        let details = "The App_id in the input_token did not match the Viewing App: ask with that app's own token";
        return Err(ApiError::invalid_parameter(details));
    }
    let application = call.business.app_name(found.app).await.map_err(|error| api_error(&error))?;
    let user = found.grant.map(|grant| User {
        id: found.business.system_user(),
        permissions: grant.permissions,
        issued_at: grant.created_at,
        expires_at: grant.expires_at,
    });
    let known = Known { app: found.app, application: &application, account: found.business.record().waba_id, user };
    Ok(debug_token::known(&known, call.endpoint.env().now()).into())
}
