//! `GET`, `POST`, `DELETE /W/subscribed_apps`: which apps are told of a business account's events.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema};
use serde_json::{Value, json};
use suki_cloud_api::{
    ApiError, Code, responses,
    subscriptions::{self, SubscribedApp},
};
use url::Url;

/// `GET /W/subscribed_apps`.
pub const LIST: Operation = Operation {
    name: "subscribed_apps.list",
    method: Verb::Get,
    on: On::Account,
    edge: "subscribed_apps",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe: describe_list,
    handle: Handle::Caller(|call| Box::pin(list(call))),
};

/// `POST /W/subscribed_apps`.
pub const SUBSCRIBE: Operation = Operation {
    name: "subscribed_apps.subscribe",
    method: Verb::Post,
    describe: describe_subscribe,
    handle: Handle::Caller(|call| Box::pin(subscribe(call))),
    ..LIST
};

/// `DELETE /W/subscribed_apps`.
pub const UNSUBSCRIBE: Operation = Operation {
    name: "subscribed_apps.unsubscribe",
    method: Verb::Delete,
    describe: describe_unsubscribe,
    handle: Handle::Caller(|call| Box::pin(unsubscribe(call))),
    ..LIST
};

fn describe_list() -> Described {
    let data = schema::object(
        &["id", "name", "link"],
        [("id", schema::id("The app")), ("name", schema::text("Its name")), ("link", schema::text("Where it is"))],
    );
    let app = schema::object(
        &["whatsapp_business_api_data"],
        [
            ("whatsapp_business_api_data", data),
            ("override_callback_uri", schema::text("Where this account's events go instead of the app's own address")),
        ],
    );
    Described {
        summary: "List the apps that are told of an account's events",
        description: "All of them come on one page.",
        query: Vec::new(),
        request: None,
        response: schema::page(app),
        errors: &[],
    }
}

fn describe_subscribe() -> Described {
    Described {
        summary: "Tell an app of an account's events",
        description: "The app is the one of the token. With override_callback_uri its events go there, once that address has echoed a challenge; \
                      without it they go to the app's own address again.",
        query: Vec::new(),
        request: Some(schema::object(
            &[],
            [
                ("override_callback_uri", json!({"type": "string", "format": "uri", "maxLength": 200})),
                ("verify_token", schema::text("What the address compares")),
            ],
        )),
        response: schema::success(),
        errors: &[Code::InvalidParameter, Code::CallbackVerification],
    }
}

fn describe_unsubscribe() -> Described {
    Described {
        summary: "Tell an app no more of an account's events",
        description: "The app is the one of the token.",
        query: Vec::new(),
        request: None,
        response: schema::success(),
        errors: &[],
    }
}

async fn subscribe(call: &Call) -> Result<Reply, ApiError> {
    let overriding = subscriptions::subscribe_app(&call.params)?;
    call.business.subscribe_app(call.app, overriding).await.map_err(|error| api_error(&error))?;
    Ok(responses::success().into())
}

async fn unsubscribe(call: &Call) -> Result<Reply, ApiError> {
    call.business.unsubscribe_app(call.app).await.map_err(|error| api_error(&error))?;
    Ok(responses::success().into())
}

async fn list(call: &Call) -> Result<Reply, ApiError> {
    Ok(all(call).await?.into())
}

/// All of them, as a list.
///
/// # Errors
/// When the store fails.
pub async fn all(call: &Call) -> Result<Value, ApiError> {
    let stored = call.business.subscribed_apps().await.map_err(|error| api_error(&error))?;
    let parsed: Vec<(_, Option<Url>)> =
        stored.iter().map(|one| (one, one.override_callback_uri.as_deref().and_then(|uri| Url::parse(uri).ok()))).collect();
    let apps: Vec<SubscribedApp<'_>> = parsed
        .iter()
        .map(|(one, uri)| SubscribedApp { id: one.app, name: &one.name, link: &call.faces.public_url, override_callback: uri.as_ref() })
        .collect();
    Ok(subscriptions::list_apps(&apps))
}
