//! `GET` and `POST /P/settings`: calls, changed identities, encrypted payloads, where data is kept.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema};
use serde_json::json;
use suki_cloud_api::{
    ApiError, Code,
    number::settings::{self, Settings},
    responses,
};

/// `GET /P/settings`.
pub const GET: Operation = Operation {
    name: "settings.get",
    method: Verb::Get,
    on: On::PhoneNumber,
    edge: "settings",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe: describe_get,
    handle: Handle::Caller(|call| Box::pin(get(call))),
};

/// `POST /P/settings`.
pub const CHANGE: Operation = Operation {
    name: "settings.change",
    method: Verb::Post,
    describe: describe_change,
    handle: Handle::Caller(|call| Box::pin(change(call))),
    ..GET
};

fn describe_get() -> Described {
    let status = |words: &[&str]| schema::object(&["status"], [("status", schema::word(words, "Whether it is on"))]);
    let mut calling = status(&["DISABLED"]);
    calling["properties"]["call_icon_visibility"] = schema::word(&["DISABLE_ALL"], "Where customers see that they may call");
    calling["properties"]["callback_permission_status"] = schema::word(&["DISABLED"], "Whether customers may be asked to be called back");
    calling["properties"]["ip_addresses"] = json!({"type": "object"});
    let identity = schema::object(&["enable_identity_key_check"], [("enable_identity_key_check", json!({"type": "boolean"}))]);
    Described {
        summary: "Read a number's settings",
        description: "Calls and encrypted payloads are off, since this server has neither.",
        query: Vec::new(),
        request: None,
        response: schema::object(
            &["calling", "user_identity_change", "payload_encryption", "storage_configuration"],
            [
                ("calling", calling),
                ("user_identity_change", identity),
                ("payload_encryption", status(&["DISABLED"])),
                ("storage_configuration", status(&["DEFAULT"])),
            ],
        ),
        errors: &[],
    }
}

fn describe_change() -> Described {
    let status = schema::object(&["status"], [("status", schema::word(&["ENABLED", "DISABLED"], "Whether it is to be on"))]);
    let identity = schema::object(&[], [("enable_identity_key_check", schema::boolean("Whether changed keys of customers are told of"))]);
    Described {
        summary: "Change a number's settings",
        description: "What is absent stays. Calls cannot be switched on, nor can encrypted payloads and storage in one country: messages are encrypted \
                      from end to end, and data lies on the owner's own server.",
        query: Vec::new(),
        request: Some(schema::object(
            &[],
            [
                ("calling", status.clone()),
                ("user_identity_change", identity),
                ("payload_encryption", status),
                ("storage_configuration", schema::object(&[], [("status", schema::word(&["DEFAULT"], "Where data is kept"))])),
            ],
        )),
        response: schema::success(),
        errors: &[Code::InvalidParameter, Code::MissingParameter, Code::CallingCannotEnable],
    }
}

async fn get(call: &Call) -> Result<Reply, ApiError> {
    let settings: Settings = call.business.setting().await.map_err(|error| api_error(&error))?;
    Ok(settings::answer(&settings).into())
}

async fn change(call: &Call) -> Result<Reply, ApiError> {
    let change = settings::change(&call.params)?;
    call.business.change_number_settings(change).await.map_err(|error| api_error(&error))?;
    Ok(responses::success().into())
}
