//! What an operation of the Cloud API may answer: its success, and its refusals by status with the codes of each.
use super::super::graph::operation::{Described, Handle, On, Operation, Scope};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use suki_cloud_api::Code;

/// The answers, by status.
pub fn of(operation: &Operation, told: &Described) -> Value {
    let mut answers = Map::new();
    let is_file = told.response.get("contentMediaType").is_some();
    let kind = if is_file { "*/*" } else { "application/json" };
    answers.insert("200".into(), success("Done", kind, &told.response));
    for (status, codes) in refusals(operation, told) {
        answers.insert(status.to_string(), refusal(&codes));
    }
    if is_file {
        answers.insert("206".into(), success("The part that Range asks for", kind, &told.response));
        answers.insert("404".into(), json!({"description": "There is no such file, or the address is over"}));
        answers.insert("416".into(), json!({"description": "The file does not have what Range asks for"}));
    }
    answers.into()
}

fn success(description: &str, kind: &str, schema: &Value) -> Value {
    let header = |name: &str| json!({"$ref": format!("#/components/headers/{name}")});
    json!({
        "description": description,
        "headers": {"facebook-api-version": header("version"), "x-fb-trace-id": header("trace")},
        "content": {kind: {"schema": schema}},
    })
}

/// Its own codes and those that every operation has.
fn refusals(operation: &Operation, told: &Described) -> BTreeMap<u16, Vec<Code>> {
    let mut codes = told.errors.to_vec();
    codes.extend([Code::InvalidParameter, Code::ServiceDown, Code::SomethingWentWrong]);
    if matches!(operation.handle, Handle::Caller(_)) {
        // An app's secret may be guessed ten times.
        codes.extend([Code::TokenRequired, Code::InvalidToken, Code::TooManyCalls]);
        match operation.scope {
            Scope::None => (),
            Scope::Messaging => codes.push(Code::PermissionDenied),
            _ => codes.push(Code::ApiPermission),
        }
        let counted = !matches!(operation.scope, Scope::Messaging | Scope::AppToken | Scope::None);
        if counted && !matches!(operation.on, On::App | On::Root) {
            codes.push(Code::AccountRateLimit);
        }
    }
    codes.sort_by_key(|code| code.number());
    codes.dedup();
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in codes {
        by_status.entry(code.http_status()).or_default().push(code);
    }
    by_status
}

fn refusal(codes: &[Code]) -> Value {
    let words: Vec<String> = codes.iter().map(|code| format!("{} {}", code.number(), code.title())).collect();
    let reference = |code: &Code| (code.number().to_string(), json!({"$ref": format!("#/components/examples/code_{}", code.number())}));
    let examples: Map<String, Value> = codes.iter().map(reference).collect();
    json!({
        "description": format!("Refused: {}", words.join("; ")),
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/GraphError"}, "examples": examples}},
    })
}
