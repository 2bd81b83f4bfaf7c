//! The Cloud API: a path item for each place of its table, a tag for each kind of object.
use super::{
    super::graph::{
        operation::{BodyKind, Described, Handle, On, Operation, Parameter, Scope, Stands},
        operations,
    },
    Paths, answers, parts,
};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// The face's name.
pub const FACE: &str = "Cloud API";

/// Every kind of object, in the order in which a reader wants them.
const KINDS: [(On, &str); 12] = [
    (On::PhoneNumber, "A business's number: messages, media, profile, settings, groups, links."),
    (On::Account, "A WhatsApp Business Account: templates, numbers, subscriptions, figures."),
    (On::Template, "A message template."),
    (On::Media, "A file that was uploaded or that a customer sent."),
    (On::Group, "A group of several customers."),
    (On::Flow, "A flow: screens that a customer fills in."),
    (On::Catalog, "A catalogue of products."),
    (On::Product, "A product of a catalogue."),
    (On::App, "A program: where its webhooks go, uploads in pieces."),
    (On::Upload, "An upload in pieces."),
    (On::Business, "The business that everything belongs to."),
    (On::Root, "What is called on no object: tokens, batches, files by their address."),
];

fn tag(on: On) -> String {
    format!("{FACE}: {}", on.words())
}

fn used() -> impl Iterator<Item = (On, &'static str)> {
    KINDS.into_iter().filter(|(on, _)| operations::ALL.iter().any(|operation| operation.on == *on))
}

/// The tags, with what they say.
pub fn tags() -> Vec<Value> {
    used().map(|(on, description)| json!({"name": tag(on), "description": description})).collect()
}

/// The tags' names.
pub fn tag_names() -> Vec<String> {
    used().map(|(on, _)| tag(on)).collect()
}

/// Describes every operation.
pub fn describe(paths: &mut Paths) {
    let mut kinds: HashMap<String, Vec<On>> = HashMap::new();
    for operation in operations::ALL {
        let kinds = kinds.entry(without_names(&operation.path())).or_default();
        if !kinds.contains(&operation.on) {
            kinds.push(operation.on);
        }
    }
    for operation in operations::ALL {
        let mut path = operation.path();
        if kinds.get(&without_names(&path)).is_some_and(|kinds| kinds.len() > 1) {
            path = format!("{path}#{}", operation.on.words().replace(' ', "_"));
        }
        paths.add(&path, &operation.method.word().to_ascii_lowercase(), one(operation));
    }
}

/// A path as OpenAPI compares paths: what a place in it is called makes no difference.
fn without_names(path: &str) -> String {
    let plain = |part: &str| if part.starts_with('{') { "{}".to_owned() } else { part.to_owned() };
    path.split('/').map(plain).collect::<Vec<_>>().join("/")
}

fn one(operation: &Operation) -> Value {
    let told = (operation.describe)();
    let mut parameters: Vec<Value> = parts::places(&operation.path()).collect();
    parameters.extend(told.query.iter().map(parameter));
    let mut described = json!({
        "operationId": operation.name,
        "tags": [tag(operation.on)],
        "summary": told.summary,
        "description": description(operation, &told),
        "parameters": parameters,
        "security": security(operation),
        "responses": answers::of(operation, &told),
    });
    if let Some(schema) = &told.request {
        described["requestBody"] = body(operation, schema);
    }
    described
}

fn description(operation: &Operation, told: &Described) -> String {
    match operation.scope {
        Scope::None => told.description.to_owned(),
        Scope::AppToken => format!("{}\n\nTakes the app's own token, or one with whatsapp_business_management.", told.description),
        scope => format!("{}\n\nNeeds a token with {}.", told.description, permission(scope)),
    }
}

const fn permission(scope: Scope) -> &'static str {
    match scope {
        Scope::Messaging => "whatsapp_business_messaging",
        Scope::BusinessManagement => "business_management",
        Scope::Management | Scope::AppToken => "whatsapp_business_management",
        Scope::None => "",
    }
}

fn parameter(parameter: &Parameter) -> Value {
    let place = match parameter.stands {
        Stands::Query => "query",
        Stands::Header => "header",
    };
    json!({
        "name": parameter.name,
        "in": place,
        "description": parameter.description,
        "required": parameter.required,
        "schema": parameter.schema,
    })
}

fn security(operation: &Operation) -> Value {
    let needed: Vec<&str> = Some(permission(operation.scope)).filter(|words| !words.is_empty()).into_iter().collect();
    match (&operation.handle, operation.scope) {
        (Handle::Anyone(_), _) => json!([]),
        (Handle::Caller(_), Scope::AppToken | Scope::None) => json!([{"token": needed}, {"tokenInQuery": needed}, {"appToken": []}]),
        (Handle::Caller(_), _) => json!([{"token": needed}, {"tokenInQuery": needed}]),
    }
}

/// How a body may be written. What is read as parameters may be JSON or a form; a file among them needs multipart.
fn body(operation: &Operation, schema: &Value) -> Value {
    let fields = schema.get("properties").and_then(Value::as_object);
    let is_file = |schema: &Value| schema.get("contentMediaType").is_some();
    let mut content = Map::new();
    if is_file(schema) {
        content.insert("application/octet-stream".into(), json!({"schema": schema}));
    } else if operation.body == BodyKind::Upload {
        content.insert("multipart/form-data".into(), json!({"schema": schema}));
    } else {
        content.insert("application/json".into(), json!({"schema": schema}));
        content.insert("application/x-www-form-urlencoded".into(), json!({"schema": schema, "encoding": encoding(fields)}));
        if fields.is_some_and(|fields| fields.values().any(is_file)) {
            content.insert("multipart/form-data".into(), json!({"schema": schema, "encoding": encoding(fields)}));
        }
    }
    let needs_one = is_file(schema) || schema.get("required").and_then(Value::as_array).is_some_and(|names| !names.is_empty());
    json!({"content": content, "required": needs_one})
}

/// What is no plain value stands in a form as JSON.
fn encoding(fields: Option<&Map<String, Value>>) -> Value {
    let is_composed = |schema: &Value| schema["type"] == "object" || schema["type"] == "array";
    let composed = fields.into_iter().flatten().filter(|(_, schema)| is_composed(schema));
    composed.map(|(name, _)| (name.clone(), json!({"contentType": "application/json"}))).collect::<Map<_, _>>().into()
}
