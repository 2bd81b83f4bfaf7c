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

    /// The way by which a caller shows who he is; none where nobody does.
    pub fn security(self) -> Option<&'static str> {
        self.told["security"][0].as_object().and_then(|way| way.keys().next()).map(String::as_str)
    }

    /// The roles that may call it; none where all may.
    pub fn roles(self) -> Vec<&'static str> {
        self.told["x-roles"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Whether it has a place in its path, which names something of somebody's.
    pub fn names_something(self) -> bool {
        self.address().contains('{')
    }

    /// Whether it has a status.
    pub fn has_status(self, status: u16) -> bool {
        self.told["responses"].get(status.to_string()).is_some()
    }

    /// The media types of its body.
    pub fn bodies(self) -> Vec<&'static str> {
        self.told["requestBody"]["content"].as_object().into_iter().flatten().map(|(kind, _)| kind.as_str()).collect()
    }

    /// A whole number of its query, and whether it is there at all.
    pub fn number(self) -> Option<&'static str> {
        let fits = |one: &&Value| one["in"] == "query" && one["schema"]["type"] == "integer";
        self.told["parameters"].as_array()?.iter().find(fits)?["name"].as_str()
    }

    /// Whether its caller chooses the fields of the answer.
    pub fn selects(self) -> bool {
        self.told["parameters"].as_array().into_iter().flatten().any(|one| one["name"] == "fields")
    }

    /// Whether something of its query must be there.
    pub fn needs_query(self) -> bool {
        self.told["parameters"].as_array().into_iter().flatten().any(|one| one["in"] == "query" && one["required"] == true)
    }

    /// What is wrong with an answer of this status: it is not described, or not as it is.
    pub fn faults(self, status: u16, answer: &Value) -> Vec<String> {
        let told = &self.told["responses"][status.to_string()];
        if told.is_null() {
            return vec![format!("the document does not have the status {status}")];
        }
        let mut faults = Vec::new();
        let content = &told["content"];
        let kind = if content.get("application/problem+json").is_some() { "application/problem+json" } else { "application/json" };
        if let Some(schema) = content[kind].get("schema").filter(|_| !answer.is_null()) {
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
    if let Some(schema) = schema["$ref"].as_str().and_then(|name| DOCUMENT.pointer(name.trim_start_matches('#'))) {
        return undescribed(schema, value, place, faults);
    }
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
