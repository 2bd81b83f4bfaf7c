//! What operations share: securities, errors, headers, and the places in paths.
use super::super::graph::{operation::On, operations};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use suki_cloud_api::{ApiError, Code, path::DEFAULT_VERSION};

/// What stands in examples where a server would name its own trace.
const TRACE: &str = "AbCdEfGhIjKlM";

/// The components of the document.
pub fn components() -> Value {
    json!({
        "securitySchemes": securities(),
        "schemas": {"GraphError": graph_error(), "Problem": problem()},
        "examples": examples(),
        "headers": headers(),
    })
}

fn securities() -> Value {
    json!({
        "token": {"type": "http", "scheme": "bearer", "description":
            "An access token, as Authorization: Bearer TOKEN. An operation names the permissions that the token must have."},
        "tokenInQuery": {"type": "apiKey", "in": "query", "name": "access_token", "description": "The same token as a parameter."},
        "appToken": {"type": "http", "scheme": "bearer", "description": "The app's own token: APP_ID|APP_SECRET."},
        "operatorSession": {"type": "apiKey", "in": "cookie", "name": "suki_session", "description": "An operator who signed in to the inbox."},
        "consoleSession": {"type": "apiKey", "in": "cookie", "name": "suki_console", "description": "An operator who signed in to the console."},
        "sandboxToken": {"type": "http", "scheme": "bearer", "description": "The sandbox's secret; suki env prints it as SUKI_SANDBOX_TOKEN."},
    })
}

fn graph_error() -> Value {
    let text = |description: &str| json!({"type": "string", "description": description});
    json!({
        "type": "object",
        "description": "A refusal of the Cloud API.",
        "required": ["error"],
        "properties": {"error": {
            "type": "object",
            "required": ["message", "type", "code", "error_data", "fbtrace_id"],
            "properties": {
                "message": text("The code with its title"),
                "type": text("The exception's name, as clients of the Graph API know it"),
                "code": {"type": "integer", "description": "What kind of refusal it is"},
                "error_subcode": {"type": "integer", "description": "Narrows some codes down"},
                "error_data": {
                    "type": "object",
                    "required": ["messaging_product", "details"],
                    "properties": {
                        "messaging_product": {"type": "string", "const": "whatsapp"},
                        "details": text("What was wrong, what is allowed, what to do"),
                    },
                },
                "fbtrace_id": text("What the server's log knows the request by"),
            },
        }},
    })
}

fn problem() -> Value {
    let text = |description: &str| json!({"type": "string", "description": description});
    let place = json!({"type": "object", "description": "A place of a file that is wrong"});
    json!({
        "type": "object",
        "description": "A refusal of the other faces (RFC 9457).",
        "required": ["code", "title", "detail", "status"],
        "properties": {
            "code": text("A short name of the kind of problem, for programs"),
            "title": text("One sentence: what was wrong"),
            "detail": text("What is allowed and what to do"),
            "status": {"type": "integer", "description": "The HTTP status"},
            "errors": {"type": "array", "items": place},
        },
    })
}

/// A refusal for each code that an operation names.
fn examples() -> Value {
    let shared = [Code::TokenRequired, Code::InvalidToken, Code::InvalidParameter, Code::TooManyCalls, Code::PermissionDenied, Code::ApiPermission];
    let named = operations::ALL.iter().flat_map(|operation| (operation.describe)().errors.iter().copied());
    let platform = [Code::AccountRateLimit, Code::ServiceDown, Code::SomethingWentWrong];
    let numbers: BTreeSet<i32> = named.chain(shared).chain(platform).map(Code::number).collect();
    let example = |number: i32| (format!("code_{number}"), json!({"summary": title(number), "value": error(number).body(TRACE)}));
    numbers.into_iter().map(example).collect::<Map<_, _>>().into()
}

fn title(number: i32) -> &'static str {
    Code::from_number(number).map_or("", Code::title)
}

fn error(number: i32) -> ApiError {
    match Code::from_number(number) {
        Some(Code::TokenRequired) => ApiError::no_token(),
        Some(Code::InvalidToken) => ApiError::expired_token(),
        Some(Code::InvalidParameter) => ApiError::no_object("GET", "106540352242922"),
        Some(code) => ApiError::new(code, code.title()),
        None => ApiError::from_number(number, ""),
    }
}

fn headers() -> Value {
    json!({
        "version": {"description": "The version that answered", "schema": {"type": "string", "examples": [DEFAULT_VERSION.to_string()]}},
        "trace": {"description": "What the server's log knows the request by", "schema": {"type": "string"}},
    })
}

/// The places in a path, as parameters.
pub fn places(path: &str) -> impl Iterator<Item = Value> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names.map(|name| json!({"name": name, "in": "path", "required": true, "schema": place(name)}))
}

fn place(name: &str) -> Value {
    let decimal = || json!({"type": "string", "pattern": "^[1-9][0-9]{0,15}$"});
    let named = |on: On| on.place().trim_matches(['{', '}']) == name;
    if named(On::Upload) {
        json!({"type": "string", "pattern": "^upload:[!-~]{1,500}$"})
    } else if named(On::Group) {
        // Base64 of `capi_group:` and a number.
        json!({"type": "string", "pattern": "^Y2FwaV9ncm91cD[A-Za-z0-9_-]{2,24}$"})
    } else if !name.ends_with("_id") {
        json!({"type": "string", "pattern": "^[A-Za-z0-9_.=+-]{1,64}$"})
    } else {
        decimal()
    }
}
