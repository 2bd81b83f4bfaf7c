//! The faces beside the Cloud API, from the lists that their routers are made of.
use super::{
    super::{
        console, inbox, network_routes,
        route::{Body, Content, Route, Told},
        sandbox, server_routes,
    },
    Paths, notation, parts,
};
use serde_json::{Map, Value, json};

/// A face.
struct Face {
    /// Its name; its types have it before their own.
    name: &'static str,
    /// What stands before its paths.
    prefix: &'static str,
    /// Its types, as [`notation`] reads them.
    types: &'static str,
    /// How a caller shows who he is; "" where nobody does.
    security: &'static str,
    /// Statuses that any of its operations may be refused with.
    refusals: &'static [u16],
    routes: Vec<Route>,
}

const SANDBOX_TYPES: &str = include_str!("../sandbox.d.ts");
const NETWORK_TYPES: &str = include_str!("../network.d.ts");
const INBOX_PAGE: &str = include_str!("../../../../../docs/INBOX-API.md");
const CONSOLE_TYPES: &str = include_str!("../../../../../web/packages/console-api/src/types.ts");

fn all() -> [Face; 5] {
    let signed = &[401, 403, 404, 500, 503, 507];
    [
        Face {
            name: "Inbox",
            prefix: "/inbox/api",
            types: notation::block(INBOX_PAGE),
            security: "operatorSession",
            // 422 wherever the network is asked: its rules refuse.
            refusals: &[401, 403, 404, 422, 500, 503, 507],
            routes: inbox::list::all(),
        },
        Face { name: "Console", prefix: "/console/api", types: CONSOLE_TYPES, security: "consoleSession", refusals: signed, routes: console::list() },
        Face {
            name: "Sandbox",
            prefix: "/sandbox/api",
            types: SANDBOX_TYPES,
            security: "sandboxToken",
            refusals: &[401, 403, 404, 409, 422, 500, 507],
            routes: sandbox::list(),
        },
        Face { name: "Network", prefix: "/v1", types: NETWORK_TYPES, security: "", refusals: &[404, 500, 503, 507], routes: network_routes() },
        Face { name: "Server", prefix: "", types: "", security: "", refusals: &[], routes: server_routes() },
    ]
}

/// The face's name and its tags.
pub struct Group {
    /// The face.
    pub face: &'static str,
    /// Its tags, in the order of its routes.
    pub tags: Vec<String>,
}

/// Describes every operation, and says which tags there are.
pub fn describe(paths: &mut Paths) -> Vec<Group> {
    all().into_iter().map(|face| group(&face, paths)).collect()
}

fn group(face: &Face, paths: &mut Paths) -> Group {
    let mut tags: Vec<String> = Vec::new();
    for route in &face.routes {
        let tag = tag(face, route);
        // What stands at the root of a face has the face's path, without a slash at its end.
        let path = if route.path == "/" { face.prefix.to_owned() } else { format!("{}{}", face.prefix, route.path) };
        paths.add(&path, &route.method.as_str().to_ascii_lowercase(), one(face, route, &tag));
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    Group { face: face.name, tags }
}

fn tag(face: &Face, route: &Route) -> String {
    let about = route.name.split('.').nth(1).unwrap_or_default();
    format!("{}: {}", face.name, about.replace('_', " "))
}

/// The types of all faces.
pub fn schemas() -> Map<String, Value> {
    let mut all_types = Map::new();
    for face in all() {
        all_types.extend(notation::types(face.types, face.name));
    }
    all_types
}

fn one(face: &Face, route: &Route, tag: &str) -> Value {
    let told = &route.told;
    let mut parameters: Vec<Value> = parts::places(route.path).collect();
    for (place, fields) in [("query", told.query), ("header", told.headers)] {
        let fields = notation::fields(fields, face.name).into_iter();
        parameters.extend(fields.map(|(name, optional, schema)| json!({"name": name, "in": place, "required": !optional, "schema": schema})));
    }
    let security = if told.open || face.security.is_empty() { json!([]) } else { json!([{face.security: []}]) };
    let mut described = json!({
        "operationId": route.name,
        "tags": [tag],
        "summary": told.summary,
        "description": told.description,
        "parameters": parameters,
        "security": security,
        "responses": answers(face, route),
    });
    if !told.roles.is_empty() {
        described["x-roles"] = json!(told.roles);
    }
    if let Some(body) = body(face, told) {
        described["requestBody"] = body;
    }
    described
}

fn body(face: &Face, told: &Told) -> Option<Value> {
    let content: Map<String, Value> = match told.body {
        Body::None => return None,
        Body::Json(kind) => Map::from_iter([("application/json".into(), json!({"schema": notation::one(kind, face.name)}))]),
        Body::Bytes(kinds) => kinds.iter().map(|kind| ((*kind).into(), json!({"schema": bytes(kind)}))).collect(),
    };
    Some(json!({"content": content, "required": true}))
}

fn bytes(kind: &str) -> Value {
    json!({"type": "string", "contentMediaType": kind})
}

fn answers(face: &Face, route: &Route) -> Value {
    let mut answers = Map::new();
    for status in refusals(face, route) {
        let content = json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}});
        answers.insert(status.to_string(), json!({"description": words(status), "content": content}));
    }
    for (status, content) in &route.told.answers {
        let mut answer = json!({"description": words(*status)});
        match content {
            Content::Nothing => (),
            Content::Json(kind) => answer["content"] = json!({"application/json": {"schema": notation::one(kind, face.name)}}),
            Content::Bytes(kind) => answer["content"] = json!({*kind: {"schema": bytes(kind)}}),
        }
        // One operation may answer in several forms.
        match (answers.get_mut(&status.to_string()), answer["content"].as_object()) {
            (Some(before), Some(more)) if before["content"].is_object() && *status < 300 => {
                before["content"].as_object_mut().into_iter().for_each(|before| before.extend(more.clone()));
            }
            _ => drop(answers.insert(status.to_string(), answer)),
        }
    }
    answers.into()
}

/// What it may be refused with: by its face, by what it takes, and by itself.
fn refusals(face: &Face, route: &Route) -> Vec<u16> {
    let told = &route.told;
    let mut all = face.refusals.to_vec();
    if told.open {
        all.retain(|status| *status != 401 && *status != 403);
    }
    if !told.query.is_empty() {
        all.push(400);
    }
    match told.body {
        Body::None => (),
        Body::Json(_) | Body::Bytes(_) => all.extend([400, 413, 415, 422]),
    }
    all.extend(told.refusals);
    all
}

const fn words(status: u16) -> &'static str {
    match status {
        200 => "Done",
        201 => "Made",
        202 => "Taken; it is done next",
        204 => "Done; there is nothing to say",
        206 => "The part that Range asks for",
        101 => "The connection is a WebSocket from here on",
        307 => "Where it leads",
        400 => "The request cannot be read",
        401 => "Nobody is signed in, or the token is not known",
        403 => "The caller may not do this",
        404 => "There is no such thing",
        409 => "It contradicts what is stored",
        413 => "The body is too large",
        415 => "The body is of another media type",
        416 => "The file does not have what Range asks for",
        422 => "The request is not allowed as it is",
        426 => "It is a WebSocket: ask for an upgrade",
        429 => "Too many at once, or too many tries",
        502 => "Another server did not do its part",
        503 => "Not possible at the moment",
        507 => "The server's disk is full",
        _ => "Something went wrong here",
    }
}
