//! The OpenAPI document: `docs/openapi.json` is not stale, `/openapi.json` is the same, and what it says fits together.
//! `SUKI_WRITE_DOCS=1 cargo test -p suki-server --test it openapi` writes the file anew.
use axum::http::Method;
use serde_json::Value;
use std::{collections::HashSet, path::Path};
use suki_server::http::{graph::operations, openapi};
use suki_testkit::World;

const HOW: &str = "SUKI_WRITE_DOCS=1 cargo test -p suki-server --test it openapi";
const METHODS: [&str; 6] = ["get", "put", "post", "delete", "patch", "head"];

/// Path, method and description of every operation.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let mut all = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().expect("a path item") {
            all.push((path.as_str(), method.as_str(), operation));
        }
    }
    all
}

#[test]
fn the_file_is_not_stale() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let text = format!("{:#}\n", openapi::document());
    if std::env::var_os("SUKI_WRITE_DOCS").is_some() {
        std::fs::write(&path, &text).expect("it can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == text, "docs/openapi.json is stale: {HOW}");
}

#[tokio::test]
async fn the_server_tells_it() {
    let world = World::new(850).await;
    let told = world.call(Method::GET, "/openapi.json").send().await.expect(200);
    assert_eq!(told, openapi::document());
}

#[test]
fn it_has_every_operation_of_the_cloud_api() {
    let document = openapi::document();
    let told: HashSet<&str> = operations(&document).into_iter().filter_map(|(_, _, operation)| operation["operationId"].as_str()).collect();
    for operation in operations::ALL {
        assert!(told.contains(operation.name), "{}", operation.name);
    }
}

/// No two paths are the same but for the names in them, which OpenAPI forbids; each place of a path is a parameter.
#[test]
fn paths_are_told_apart_and_their_places_described() {
    let document = openapi::document();
    let mut plain = HashSet::new();
    for path in document["paths"].as_object().expect("paths").keys() {
        let same = path.split('/').map(|part| if let Some((_, rest)) = part.split_once('}') { format!("{{}}{rest}") } else { part.to_owned() });
        assert!(plain.insert(same.collect::<Vec<_>>()), "{path} stands there twice");
    }
    for (path, method, operation) in operations(&document) {
        assert!(METHODS.contains(&method), "{path}: {method}");
        let parameters = operation["parameters"].as_array().expect("parameters");
        let mut names = HashSet::new();
        for parameter in parameters {
            assert!(names.insert((parameter["in"].as_str(), parameter["name"].as_str())), "{method} {path}: {parameter} stands there twice");
        }
        let address = path.split('#').next().expect("a part");
        for name in address.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
            assert!(names.contains(&(Some("path"), Some(name))), "{method} {path}: {name} is not described");
        }
    }
}

/// Whatever is referred to is there, every schema is one, and every tag is explained.
#[test]
fn what_it_refers_to_is_there() {
    let document = openapi::document();
    let tags: HashSet<&str> = document["tags"].as_array().expect("tags").iter().filter_map(|tag| tag["name"].as_str()).collect();
    let mut ids = HashSet::new();
    for (path, method, operation) in operations(&document) {
        assert!(ids.insert(operation["operationId"].as_str().expect("a name")), "{method} {path}");
        assert!(operation["summary"].is_string() && operation["description"].is_string(), "{method} {path}");
        for tag in operation["tags"].as_array().expect("tags") {
            assert!(tags.contains(tag.as_str().expect("a tag")), "{method} {path}: {tag}");
        }
        for answer in operation["responses"].as_object().expect("answers").values() {
            assert!(answer["description"].as_str().is_some_and(|text| !text.is_empty()), "{method} {path}");
        }
    }
    refers(&document, &document);
}

fn refers(document: &Value, value: &Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                let pointer = reference.strip_prefix('#').expect("it is in this document");
                assert!(document.pointer(pointer).is_some(), "{reference}");
            }
            fields.values().for_each(|value| refers(document, value));
        }
        Value::Array(items) => items.iter().for_each(|value| refers(document, value)),
        _ => (),
    }
}
