//! `GET`, `POST`, `DELETE /FLOW`: one flow.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, account, api_error, flows, schema};
use serde_json::{Value, json};
use suki_cloud_api::{
    ApiError, Code,
    account::ACCOUNT_DEFAULT,
    fields::{self, Field, Selector},
    flows::{node, request},
    responses,
};
use suki_endpoint::flows::{Flow, What};

/// `GET /FLOW`.
pub const GET: Operation = Operation {
    name: "flow.get",
    method: Verb::Get,
    on: On::Flow,
    edge: "",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe: describe_get,
    handle: Handle::Caller(|call| Box::pin(get(call))),
};

/// `POST /FLOW`.
pub const CHANGE: Operation =
    Operation { name: "flow.change", method: Verb::Post, describe: describe_change, handle: Handle::Caller(|call| Box::pin(change(call))), ..GET };

/// `DELETE /FLOW`.
pub const DELETE: Operation =
    Operation { name: "flow.delete", method: Verb::Delete, describe: describe_delete, handle: Handle::Caller(|call| Box::pin(delete(call))), ..GET };

/// A flow as it is told of.
pub fn described() -> Value {
    schema::node([
        ("name", schema::text("What it is called")),
        ("status", schema::word(&["DRAFT", "PUBLISHED", "DEPRECATED", "BLOCKED", "THROTTLED"], "Where it stands")),
        ("categories", schema::array(json!({"type": "string"}))),
        ("validation_errors", flows::validation_errors()),
        ("json_version", schema::text("The version of its JSON")),
        ("data_api_version", schema::text("The version in which it asks the business's server")),
        ("endpoint_uri", schema::text("Where that server is")),
        ("data_channel_uri", schema::text("The same, under its former name")),
        ("updated_at", schema::text("When it last changed")),
        (
            "preview",
            schema::object(
                &["preview_url", "expires_at"],
                [("preview_url", schema::text("Shows its screens")), ("expires_at", schema::text("Until when"))],
            ),
        ),
        ("whatsapp_business_account", json!({"type": "object"})),
        ("application", json!({"type": "object"})),
        ("health_status", json!({"type": "object"})),
    ])
}

fn describe_get() -> Described {
    Described {
        summary: "Read a flow",
        description: "Without fields the answer has id, name, status, categories and validation_errors. preview.invalidate(true) makes a new address of its \
                      preview, and the former one is over.",
        query: vec![schema::fields()],
        request: None,
        response: described(),
        errors: &[Code::InvalidParameter],
    }
}

fn describe_change() -> Described {
    let request = schema::object(
        &[],
        [
            ("name", json!({"type": "string", "minLength": 1, "maxLength": 200})),
            ("categories", flows::categories()),
            ("endpoint_uri", schema::text("Where the business's server is; empty takes it away")),
            ("application_id", schema::text("The app whose secret signs what that server is asked")),
        ],
    );
    Described {
        summary: "Change a flow",
        description: "Name and categories change while it is a draft, its server and app until it is deprecated.",
        query: Vec::new(),
        request: Some(request),
        response: schema::success(),
        errors: &[Code::InvalidParameter, Code::FlowCannotUpdate],
    }
}

fn describe_delete() -> Described {
    Described {
        summary: "Delete a draft",
        description: "What was published is not deleted but deprecated.",
        query: Vec::new(),
        request: None,
        response: schema::success(),
        errors: &[Code::FlowCannotDelete],
    }
}

/// A flow's node; what costs a question of its own only when it is asked for.
///
/// # Errors
/// When the store fails, or the selector cannot be read.
pub async fn node_of(call: &Call, flow: &Flow) -> Result<Value, ApiError> {
    let mut node = node::Flow {
        id: flow.id,
        name: &flow.name,
        status: flow.status,
        categories: &flow.categories,
        problems: &flow.outline.problems,
        json_version: &flow.outline.json_version,
        data_api_version: &flow.outline.data_api_version,
        endpoint: flow.server(),
        updated_at: flow.updated_at,
    }
    .node();
    let asked = Selector::parse(&call.params.text("fields").unwrap_or_default())?;
    for field in &asked.0 {
        if let Some(value) = costly(call, flow, field).await? {
            node[field.name.as_str()] = value;
        }
    }
    Ok(node)
}

async fn costly(call: &Call, flow: &Flow, field: &Field) -> Result<Option<Value>, ApiError> {
    let business = &call.business;
    Ok(Some(match field.name.as_str() {
        "preview" => {
            let anew = field.modifier("invalidate").is_some_and(|said| said.eq_ignore_ascii_case("true"));
            let origin = call.origin.files(&call.faces);
            let made = business.flow_address(origin, flow.id, What::Preview, anew).await.map_err(|error| api_error(&error))?;
            node::preview(&made.0, made.1)
        }
        "application" => {
            let name = business.app_name(flow.app).await.map_err(|error| api_error(&error))?;
            json!({"id": flow.app, "name": name, "link": format!("{}/{}", call.origin.api(&call.faces), flow.app)})
        }
        "whatsapp_business_account" => fields::select(None, &ACCOUNT_DEFAULT, &account::node(call).await?)?,
        "health_status" => {
            let record = business.record();
            let number = business.standing_for_programs().await.health(record.phone_number_id, record.waba_id);
            node::health(flow.id, flow.status, !flow.outline.problems.is_empty(), &number)
        }
        _ => return Ok(None),
    }))
}

async fn get(call: &Call) -> Result<Reply, ApiError> {
    let flow = call.business.flow(call.id).await.map_err(|error| api_error(&error))?;
    let node = node_of(call, &flow).await?;
    Ok(fields::select(call.params.text("fields").as_deref(), &node::DEFAULT, &node)?.into())
}

async fn change(call: &Call) -> Result<Reply, ApiError> {
    call.business.change_flow(call.id, request::change(&call.params)?).await.map_err(|error| api_error(&error))?;
    Ok(responses::success().into())
}

async fn delete(call: &Call) -> Result<Reply, ApiError> {
    call.business.delete_flow(call.id).await.map_err(|error| api_error(&error))?;
    Ok(responses::success().into())
}
