//! `GET`, `POST`, `DELETE /A/subscriptions`: where an app's events go.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema};
use serde_json::json;
use suki_cloud_api::{ApiError, Code, responses, subscriptions};
use url::Url;

/// `GET /A/subscriptions`.
pub const LIST: Operation = Operation {
    name: "subscriptions.list",
    method: Verb::Get,
    on: On::App,
    edge: "subscriptions",
    scope: Scope::AppToken,
    body: BodyKind::Params,
    describe: describe_list,
    handle: Handle::Caller(|call| Box::pin(list(call))),
};

/// `POST /A/subscriptions`.
pub const SUBSCRIBE: Operation = Operation {
    name: "subscriptions.subscribe",
    method: Verb::Post,
    describe: describe_subscribe,
    handle: Handle::Caller(|call| Box::pin(subscribe(call))),
    ..LIST
};

/// `DELETE /A/subscriptions`.
pub const UNSUBSCRIBE: Operation = Operation {
    name: "subscriptions.unsubscribe",
    method: Verb::Delete,
    describe: describe_unsubscribe,
    handle: Handle::Caller(|call| Box::pin(unsubscribe(call))),
    ..LIST
};

fn describe_list() -> Described {
    let field = schema::object(&["name", "version"], [("name", schema::text("The field")), ("version", schema::text("The version it is told in"))]);
    let subscription = schema::object(
        &["object", "callback_url", "active", "fields"],
        [
            ("object", json!({"type": "string", "const": subscriptions::OBJECT})),
            ("callback_url", schema::text("Where events go")),
            ("active", json!({"type": "boolean"})),
            ("fields", schema::array(field)),
        ],
    );
    Described {
        summary: "Read where an app's events go",
        description: "An app has one subscription or none.",
        query: Vec::new(),
        request: None,
        response: schema::page(subscription),
        errors: &[],
    }
}

fn describe_subscribe() -> Described {
    let object = json!({"type": "string", "const": subscriptions::OBJECT});
    Described {
        summary: "Say where an app's events go",
        description: "The address is asked to echo a challenge during the call, which fails if it does not. Without fields those that are subscribed \
                      stay, or all become so.",
        query: Vec::new(),
        request: Some(schema::object(
            &["object", "callback_url", "verify_token"],
            [
                ("object", object),
                ("callback_url", json!({"type": "string", "format": "uri"})),
                ("verify_token", json!({"type": "string", "maxLength": 512})),
                ("fields", schema::text("Names with commas between them")),
            ],
        )),
        response: schema::success(),
        errors: &[Code::InvalidParameter, Code::CallbackVerification],
    }
}

fn describe_unsubscribe() -> Described {
    Described {
        summary: "Tell an app of events no more",
        description: "Of the fields that are named, or of all.",
        query: vec![
            schema::parameter("object", json!({"type": "string"}), "whatsapp_business_account"),
            schema::parameter("fields", json!({"type": "string"}), "Names with commas between them"),
        ],
        request: None,
        response: schema::success(),
        errors: &[Code::InvalidParameter],
    }
}

/// An app sees to its own subscriptions, not to those of another app of the same business.
fn own(call: &Call) -> Result<(), ApiError> {
    if call.id == call.app { Ok(()) } else { Err(ApiError::no_object(call.method.word(), &call.id.to_string())) }
}

async fn subscribe(call: &Call) -> Result<Reply, ApiError> {
    own(call)?;
    let request = subscriptions::subscribe(&call.params)?;
    call.business.subscribe(call.app, request, call.version).await.map_err(|error| api_error(&error))?;
    Ok(responses::success().into())
}

async fn unsubscribe(call: &Call) -> Result<Reply, ApiError> {
    own(call)?;
    let fields = subscriptions::unsubscribe(&call.params)?;
    call.business.unsubscribe(call.app, fields).await.map_err(|error| api_error(&error))?;
    Ok(responses::success().into())
}

async fn list(call: &Call) -> Result<Reply, ApiError> {
    own(call)?;
    let stored = call.business.subscriptions(call.app).await.map_err(|error| api_error(&error))?;
    let first = stored.first().and_then(|one| Some((Url::parse(&one.callback_url).ok()?, one.fields.split(',').collect::<Vec<_>>())));
    let version = stored.first().map_or(call.version, |one| one.version);
    Ok(subscriptions::list(first.as_ref().map(|(url, fields)| (url, &fields[..])), version).into())
}
