//! Asking the Cloud API as a client does, and looking at what comes back.
use super::{
    scenario::{Call, Token},
    stage::{Broken, Done, Stage},
};
use axum::http::Method;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};
use suki_server::http::graph::{
    operation::{On, Operation, Verb},
    operations,
};
use suki_testkit::{Answer, world::URL};
use url::form_urlencoded;

/// What parts of a form are told apart by.
const BOUNDARY: &str = "------------------------a-scenario";

/// Asks, and remembers what the answer was.
///
/// # Errors
/// Why the answer is not what is expected.
pub async fn ask(stage: &mut Stage<'_>, call: &Call) -> Result<(), Broken> {
    let (method, path) = call.call.split_once(' ').ok_or("a call is a method and a path")?;
    stage.done = Done { operation: operation(method, path).map_or("", |operation| operation.name).into(), ..Done::default() };
    let answer = send(stage, call, method, path).await?;
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    stage.done.status = answer.status.as_u16();
    stage.done.code = body["error"]["code"].as_i64().unwrap_or(0);
    let expected = (call.status.unwrap_or(200), call.code.unwrap_or(0));
    if (stage.done.status, stage.done.code) != expected {
        return Err(format!("{} was answered with {} instead of {expected:?}: {body}", call.call, stage.done.status));
    }
    if let Some(pointer) = call.has.iter().find(|pointer| body.pointer(pointer).is_none()) {
        return Err(format!("{}: there is no {pointer} in {body}", call.call));
    }
    for (pointer, value) in &call.is {
        let value = stage.known.value(value)?;
        if body.pointer(pointer) != Some(&value) {
            return Err(format!("{}: at {pointer} there is no {value} in {body}", call.call));
        }
    }
    stage.keep(&body, &call.keep)
}

async fn send(stage: &Stage<'_>, call: &Call, method: &str, path: &str) -> Result<Answer, Broken> {
    let method: Method = method.parse().map_err(|_| format!("{method} is no method"))?;
    let path = stage.known.text(path)?;
    let path = path.strip_prefix(URL).unwrap_or(&path);
    let mut request = stage.world.call(method, path);
    let known = |name: &str| stage.known.get(name).unwrap_or_default().to_owned();
    request = match call.token {
        Token::Own => request.bearer(&known("token")),
        Token::App => request.bearer(&format!("{}|{}", known("app"), known("app_secret"))),
        Token::Oauth => request.header("Authorization", &format!("OAuth {}", known("token"))),
        Token::None => request,
    };
    for (name, value) in &call.headers {
        request = request.header(name, &stage.known.text(value)?);
    }
    if let Some(json) = &call.json {
        request = request.json(&stage.known.value(json)?);
    } else if let Some(form) = &call.form {
        request = request.bytes("application/x-www-form-urlencoded", encoded(&stage.known.fields(form)?));
    } else if let Some(parts) = &call.multipart {
        request = request.bytes(&format!("multipart/form-data; boundary={BOUNDARY}"), multipart(&stage.known.fields(parts)?)?);
    } else if let Some(bytes) = &call.bytes {
        let bytes = STANDARD.decode(stage.known.text(bytes)?).map_err(|error| format!("no base64: {error}"))?;
        request = request.bytes("application/octet-stream", bytes);
    }
    Ok(request.send().await)
}

/// As text in a form: what is no text is JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

fn encoded(form: &Map<String, Value>) -> Vec<u8> {
    let pairs = form.iter().map(|(name, value)| (name, plain(value)));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes()
}

fn multipart(parts: &Map<String, Value>) -> Result<Vec<u8>, Broken> {
    let mut body = Vec::new();
    for (name, value) in parts {
        let (head, bytes) = match value.get("base64").and_then(Value::as_str) {
            Some(bytes) => {
                let text = |field: &str| value[field].as_str().unwrap_or_default();
                let head = format!("; filename=\"{}\"\r\nContent-Type: {}", text("filename"), text("media_type"));
                (head, STANDARD.decode(bytes).map_err(|error| format!("no base64: {error}"))?)
            }
            None => (String::new(), plain(value).into_bytes()),
        };
        body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{head}\r\n\r\n").into_bytes());
        body.extend(bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    Ok(body)
}

/// The operation that a path as scenarios write it leads to.
fn operation(method: &str, path: &str) -> Option<&'static Operation> {
    let path = path.split('?').next().unwrap_or_default().trim_start_matches('/');
    let path = match path.split_once('/') {
        Some((version, rest)) if version.starts_with('v') && version[1..].starts_with(|c: char| c.is_ascii_digit()) => rest,
        _ => path,
    };
    let (object, edge) = path.split_once('/').unwrap_or((path, ""));
    let (on, edge) = match kind(object) {
        Some(On::Root) => (On::Root, "whatsapp_business/attachments"),
        Some(on) => (on, edge),
        None => (On::Root, path),
    };
    let (edge, item) = if on == On::Root { (edge, "") } else { edge.split_once('/').unwrap_or((edge, "")) };
    let is_method = |verb: Verb| verb.word() == method;
    operations::ALL.iter().find(|one| is_method(one.method) && one.on == on && one.is_at(edge, item))
}

/// What scenarios call objects of each kind.
fn kind(object: &str) -> Option<On> {
    Some(match object.strip_prefix("${")?.strip_suffix('}')? {
        "number" => On::PhoneNumber,
        "account" => On::Account,
        "app" => On::App,
        "business" => On::Business,
        "image" | "video" | "audio" | "document" | "sticker" | "media" => On::Media,
        "template" => On::Template,
        "flow" | "draft_flow" => On::Flow,
        "group" => On::Group,
        "catalog" => On::Catalog,
        "product" => On::Product,
        "upload" => On::Upload,
        "url" => On::Root,
        _ => return None,
    })
}
