//! `GET` and `POST /W/flows`: an account's flows, forms of several screens.
use super::{
    BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error,
    flow::{self, described},
    schema,
};
use serde_json::{Value, json};
use suki_cloud_api::{
    ApiError, Code,
    flows::{Category, node, request},
    listing,
};

/// `GET /W/flows`.
pub const LIST: Operation = Operation {
    name: "flows.list",
    method: Verb::Get,
    on: On::Account,
    edge: "flows",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe: describe_list,
    handle: Handle::Caller(|call| Box::pin(list(call))),
};

/// `POST /W/flows`.
pub const CREATE: Operation =
    Operation { name: "flows.create", method: Verb::Post, describe: describe_create, handle: Handle::Caller(|call| Box::pin(create(call))), ..LIST };

/// What a flow is for.
pub fn categories() -> Value {
    let words: Vec<&str> = Category::ALL.iter().map(|one| one.word()).collect();
    json!({"type": ["array", "string"], "items": {"type": "string"}, "description": format!("What it is for: one or several of {}; a form writes them as JSON or between commas", words.join(", "))})
}

/// `validation_errors`.
pub fn validation_errors() -> Value {
    let place = || schema::integer("Counted from 1");
    schema::array(schema::object(
        &["error", "error_type", "message", "line_start", "line_end", "column_start", "column_end"],
        [
            ("error", schema::text("What is wrong, in a word")),
            ("error_type", schema::word(&["JSON_SCHEMA_ERROR", "FLOW_JSON_ERROR"], "Whether the shape is wrong, or what is said")),
            ("message", schema::text("The same in a sentence")),
            ("line_start", place()),
            ("line_end", place()),
            ("column_start", place()),
            ("column_end", place()),
            ("pointers", schema::array(json!({"type": "object"}))),
        ],
    ))
}

fn describe_list() -> Described {
    let mut query = vec![schema::fields()];
    query.extend(schema::paging());
    Described {
        summary: "List an account's flows",
        description: "The newest first, at most 100 a page; without fields each has id, name, status, categories and validation_errors.",
        query,
        request: None,
        response: schema::page(described()),
        errors: &[Code::InvalidParameter],
    }
}

fn describe_create() -> Described {
    let request = schema::object(
        &["name"],
        [
            ("name", json!({"type": "string", "minLength": 1, "maxLength": 200, "description": "What it is called; customers do not see it"})),
            ("categories", categories()),
            ("endpoint_uri", schema::text("Where the business's server is that the flow asks")),
            ("clone_flow_id", schema::text("The flow it begins as a copy of")),
            ("flow_json", json!({"type": ["string", "object"], "description": "Its screens, as Flow JSON"})),
            ("publish", schema::boolean("Publish it at once, if its JSON is right")),
        ],
    );
    Described {
        summary: "Make a flow",
        description: "A draft, or with publish and right JSON a published one. What is wrong with its JSON is answered and kept, and hinders publishing alone.",
        query: Vec::new(),
        request: Some(request),
        response: schema::object(
            &["id", "success", "validation_errors"],
            [("id", schema::id("The flow")), ("success", json!({"type": "boolean"})), ("validation_errors", validation_errors())],
        ),
        errors: &[Code::InvalidParameter],
    }
}

async fn list(call: &Call) -> Result<Reply, ApiError> {
    let flows = call.business.flows().await.map_err(|error| api_error(&error))?;
    let mut nodes = Vec::with_capacity(flows.len());
    for one in &flows {
        nodes.push(flow::node_of(call, one).await?);
    }
    Ok(listing::page(&nodes, &node::DEFAULT, &[], &call.address("flows"), &call.params)?.into())
}

async fn create(call: &Call) -> Result<Reply, ApiError> {
    let new = request::create(&call.params)?;
    let made = call.business.create_flow(call.app, new).await.map_err(|error| api_error(&error))?;
    Ok(json!({"id": made.id, "success": true, "validation_errors": node::problems(&made.outline.problems)}).into())
}
