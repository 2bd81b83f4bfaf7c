//! The OpenAPI 3.1 document of everything this server has, at `/openapi.json` and as `docs/openapi.json`. It is made of the operations themselves;
//! a test fails when the file is stale.
//!
//! | module | subject |
//! |---|---|
//! | [`graph`] | the Cloud API, from its table of operations |
//! | [`answers`] | what an operation of the Cloud API may answer |
//! | [`faces`] | the other faces, from the lists that their routers are made of |
//! | [`notation`] | JSON Schema from types as the API's pages write them |
//! | [`parts`] | what operations share: securities, errors, headers, the places in paths |
mod answers;
mod faces;
mod graph;
mod notation;
mod parts;

use axum::{
    Json,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

const DESCRIPTION: &str = "\
Everything a Suki server has, by faces. The **Cloud API** is for programs: what is written for the WhatsApp Cloud API runs against it unchanged. Any \
version may stand before its paths, such as `/v23.0`, or none; parameters may stand in the query, in JSON, in a form or in multipart fields. The others \
are for Suki's own apps and tools: the **Inbox** and the **Console** for people who are signed in, the **Sandbox** for trying things out, the **Network** \
for devices.\n\n\
Several kinds of objects are called by their bare id. Since one path can stand in this document once only, a path that several have ends with `#` and the \
kind of object: the part from `#` on is no part of the address.";

static DOCUMENT: LazyLock<Value> = LazyLock::new(document);

/// `GET /openapi.json`.
pub async fn get() -> Response {
    let mut response = Json(&*DOCUMENT).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// The whole document.
pub fn document() -> Value {
    let mut paths = Paths::default();
    graph::describe(&mut paths);
    let groups = faces::describe(&mut paths);
    let mut tags = graph::tags();
    tags.extend(groups.iter().flat_map(|group| &group.tags).map(|tag| json!({ "name": tag })));
    let of_faces = groups.iter().map(|group| json!({"name": group.face, "tags": group.tags}));
    let of_graph = json!({"name": graph::FACE, "tags": graph::tag_names()});
    let mut components = parts::components();
    for (name, schema) in faces::schemas() {
        components["schemas"][name] = schema;
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Suki",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "license": {"name": env!("CARGO_PKG_LICENSE"), "identifier": env!("CARGO_PKG_LICENSE")},
        },
        "servers": [{"url": "/", "description": "The server that gave you this document"}],
        "tags": tags,
        "x-tagGroups": std::iter::once(of_graph).chain(of_faces).collect::<Vec<_>>(),
        "paths": paths.0,
        "components": components,
    })
}

/// The paths that were described so far.
#[derive(Default)]
struct Paths(Map<String, Value>);

impl Paths {
    /// Adds an operation; `method` is in lower case.
    fn add(&mut self, path: &str, method: &str, operation: Value) {
        self.0.entry(path).or_insert_with(|| json!({}))[method] = operation;
    }
}
