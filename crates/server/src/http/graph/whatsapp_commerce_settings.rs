//! `GET` and `POST /P/whatsapp_commerce_settings`: whether customers see a catalogue and have a cart.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema};
use serde_json::json;
use suki_cloud_api::{
    ApiError, Code,
    number::commerce::{self, Commerce},
    responses,
};

/// `GET /P/whatsapp_commerce_settings`.
pub const GET: Operation = Operation {
    name: "commerce_settings.get",
    method: Verb::Get,
    on: On::PhoneNumber,
    edge: "whatsapp_commerce_settings",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe: describe_get,
    handle: Handle::Caller(|call| Box::pin(get(call))),
};

/// `POST /P/whatsapp_commerce_settings`.
pub const CHANGE: Operation = Operation {
    name: "commerce_settings.change",
    method: Verb::Post,
    describe: describe_change,
    handle: Handle::Caller(|call| Box::pin(change(call))),
    ..GET
};

fn describe_get() -> Described {
    let settings = schema::node([("is_cart_enabled", json!({"type": "boolean"})), ("is_catalog_visible", json!({"type": "boolean"}))]);
    Described {
        summary: "Read whether customers see a catalog and have a cart",
        description: "The id is the number's.",
        query: vec![schema::fields()],
        request: None,
        response: schema::object(&["data"], [("data", schema::array(settings))]),
        errors: &[],
    }
}

fn describe_change() -> Described {
    Described {
        summary: "Say whether customers see a catalog and have a cart",
        description: "What is absent stays. Both may stand in the query.",
        query: Vec::new(),
        request: Some(schema::object(
            &[],
            [
                ("is_cart_enabled", schema::boolean("Whether products go into a cart; true at first")),
                ("is_catalog_visible", schema::boolean("Whether the catalog stands at the business's name; false at first")),
            ],
        )),
        response: schema::success(),
        errors: &[Code::InvalidParameter],
    }
}

async fn get(call: &Call) -> Result<Reply, ApiError> {
    let commerce: Commerce = call.business.setting().await.map_err(|error| api_error(&error))?;
    Ok(commerce::answer(call.id, &commerce, &call.params)?.into())
}

async fn change(call: &Call) -> Result<Reply, ApiError> {
    let change = commerce::change(&call.params)?;
    call.business.change_setting(change).await.map_err(|error| api_error(&error))?;
    Ok(responses::success().into())
}
