//! The OpenAPI document as the cases need it: an operation with its place, its schemas and its codes.
use super::schema;
use axum::http::Method;
use serde_json::Value;
use std::sync::LazyLock;
use suki_server::http::openapi;

static DOCUMENT: LazyLock<Value> = LazyLock::new(openapi::document);

/// An operation.
#[derive(Clone, Copy)]
pub struct Operation {
    path: &'static str,
    method: &'static str,
    told: &'static Value,
}

/// All operations.
pub fn all() -> impl Iterator<Item = Operation> {
    let items = DOCUMENT["paths"].as_object().into_iter().flatten();
    items.flat_map(|(path, item)| item.as_object().into_iter().flatten().map(move |(method, told)| Operation { path, method, told }))
}

/// The operation with this name.
pub fn find(name: &str) -> Option<Operation> {
    all().find(|operation| operation.name() == name)
}

impl Operation {
    /// Its name.
    pub fn name(self) -> &'static str {
        self.told["operationId"].as_str().expect("a name")
    }

    /// Its method.
    pub fn method(self) -> Method {
        self.method.to_uppercase().parse().expect("a method")
    }

    /// Its address, with the names of what stands in it.
    pub fn address(self) -> &'static str {
        self.path.split('#').next().unwrap_or_default()
    }

    /// What to do about it when it has no case.
    pub fn missing(self) -> String {
        format!("{} ({} {}): add case(\"{0}\", …) to the file of its object in tests/it/coverage/", self.name(), self.method(), self.path)
    }

    /// What is wrong with an answer of this status: it is not described, or not as it is.
    pub fn faults(self, status: u16, answer: &Value) -> Vec<String> {
        let told = &self.told["responses"][status.to_string()];
        if told.is_null() {
            return vec![format!("the document does not have the status {status}")];
        }
        let mut faults = Vec::new();
        if let Some(schema) = told["content"]["application/json"].get("schema") {
            faults.extend(violations(schema, answer));
            if status < 300 {
                undescribed(schema, answer, "", &mut faults);
            }
        }
        faults
    }

    /// What is wrong with a request's JSON.
    pub fn faults_of_request(self, body: &Value) -> Vec<String> {
        let content = &self.told["requestBody"]["content"];
        content["application/json"].get("schema").map(|schema| violations(schema, body)).unwrap_or_default()
    }

    /// Whether the document has this code of the Cloud API among the refusals of this status.
    pub fn has_code(self, status: u16, code: i64) -> bool {
        self.told["responses"][status.to_string()]["content"]["application/json"]["examples"].get(code.to_string()).is_some()
    }
}

/// Where a value is not as its schema says.
fn violations(schema: &Value, value: &Value) -> Vec<String> {
    schema::violations(&DOCUMENT, schema, value)
}

/// Fields that are there and not in the schema.
fn undescribed(schema: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            let Some(known) = schema.get("properties").and_then(Value::as_object).filter(|known| !known.is_empty()) else { return };
            for (name, value) in fields {
                match known.get(name) {
                    Some(schema) => undescribed(schema, value, &format!("{place}/{name}"), faults),
                    None => faults.push(format!("{place}/{name} is not described")),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| undescribed(&schema["items"], item, place, faults)),
        _ => (),
    }
}
