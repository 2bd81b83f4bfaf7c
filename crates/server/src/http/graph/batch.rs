//! `POST /`: several requests in one. They are done one after the other, each as if it had come by itself; what one refuses is its own answer.
use super::{
    super::forward::{self, Routed},
    BodyKind, Described, Handle, On, Open, Operation, Reply, Scope, Verb, dispatch, face, schema,
};
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, Uri, header},
};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use suki_cloud_api::{
    ApiError, Code,
    batch::{self, Item},
    path,
};
use suki_types::limits;

/// `POST /`.
pub const OPERATION: Operation = Operation {
    name: "batch.send",
    method: Verb::Post,
    on: On::Root,
    edge: "",
    scope: Scope::None,
    body: BodyKind::Params,
    describe,
    handle: Handle::Anyone(|open| Box::pin(answer(open))),
};

fn describe() -> Described {
    let item = schema::object(
        &["relative_url"],
        [
            ("method", schema::word(&["GET", "POST", "DELETE"], "The method; GET when it is absent")),
            ("relative_url", schema::text("The path with its query; {result=NAME:$.PATH} stands for what another answered")),
            ("body", schema::text("The parameters as a form, or JSON")),
            ("name", schema::text("What others refer to it by")),
            ("attached_files", schema::text("The names of the form's files that go with it, joined by commas")),
            ("depends_on", schema::text("The one that must have succeeded")),
            ("omit_response_on_success", schema::boolean("Whether its answer is left out once others made use of it; true when absent")),
        ],
    );
    let header = schema::object(&["name", "value"], [("name", schema::text("Its name")), ("value", schema::text("Its value"))]);
    let one = schema::object(
        &["code", "body"],
        [("code", schema::integer("The status")), ("headers", schema::array(header)), ("body", schema::text("The body, as text"))],
    );
    Described {
        summary: "Send several requests in one",
        description: "At most 50, done in order. Each is authorized by its own access_token, or by the batch's where it has none. Files travel in the \
                      batch's own form, of at most 6 MiB with all that stands in it; larger ones are uploaded by themselves.",
        query: Vec::new(),
        request: Some(schema::object(
            &["batch"],
            [
                ("batch", json!({"type": ["array", "string"], "items": item, "maxItems": batch::MOST})),
                ("include_headers", schema::boolean("Whether answers carry headers; true when absent")),
            ],
        )),
        response: schema::array(json!({"anyOf": [one, {"type": "null"}]})),
        errors: &[Code::InvalidParameter],
    }
}

async fn answer(open: &Open) -> Result<Reply, ApiError> {
    let batch = batch::parse(&open.params)?;
    let authorization = authorization(open)?;
    let used: BTreeSet<String> = batch.items.iter().flat_map(|item| item.needs().into_iter().map(str::to_owned)).collect();
    let (mut answers, mut done): (Vec<Value>, HashMap<String, Value>) = Default::default();
    for item in &batch.items {
        if item.needs().into_iter().any(|name| !done.contains_key(name)) {
            // What it waits for failed, so it is not done; Meta answers null as well.
            answers.push(Value::Null);
            continue;
        }
        let made = item.fill(&done).and_then(|(url, body)| request(open, item, &url, carried(open, item, body)?, authorization.as_ref()));
        let told = match made {
            Ok(request) => perform(open, request).await,
            Err(error) => Told::refused(open, &error),
        };
        let succeeded = told.status < 400;
        if succeeded && !item.name.is_empty() {
            done.insert(item.name.clone(), serde_json::from_str(&told.body).unwrap_or_default());
        }
        let omitted = succeeded && item.omit_on_success && used.contains(&item.name);
        let headers = batch.include_headers.then_some(&told.headers[..]);
        answers.push(if omitted { Value::Null } else { batch::answer(told.status, headers, &told.body) });
    }
    Ok(Value::Array(answers).into())
}

/// The batch's own token, for those that bring none. Where it has none either, each refuses for itself.
fn authorization(open: &Open) -> Result<Option<HeaderValue>, ApiError> {
    match open.params.text("access_token") {
        Some(token) => HeaderValue::try_from(format!("Bearer {token}")).map(Some).map_err(|_| ApiError::invalid_token()),
        None => Ok(open.headers.get(header::AUTHORIZATION).cloned()),
    }
}

/// The body of a request and its type: its parameters as a form, with the files that it names.
fn carried(open: &Open, item: &Item, body: String) -> Result<(String, Vec<u8>), ApiError> {
    if item.attached.is_empty() {
        return Ok(("application/x-www-form-urlencoded".into(), body.into_bytes()));
    }
    let boundary = format!("suki-{}", face::trace(&open.faces));
    let mut form = Vec::new();
    for (name, value) in batch::fields(&body) {
        let name = quoted(&name);
        form.extend_from_slice(format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes());
    }
    for named in &item.attached {
        let missing = || ApiError::invalid_parameter("attached_files names a file that the batch's form does not have");
        let file = open.files.iter().find(|file| file.field == *named).ok_or_else(missing)?;
        let kind = if file.content_type.is_empty() { "application/octet-stream" } else { &file.content_type };
        let (field, name) = (quoted(&file.field), quoted(&file.file_name));
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: {}\r\n\r\n",
            quoted(kind)
        );
        form.extend_from_slice(head.as_bytes());
        form.extend_from_slice(&file.bytes);
        form.extend_from_slice(b"\r\n");
    }
    form.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok((format!("multipart/form-data; boundary={boundary}"), form))
}

/// A text as it may stand in a header of a form.
fn quoted(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && *c != '"').collect()
}

fn request(open: &Open, item: &Item, url: &str, (kind, body): (String, Vec<u8>), authorization: Option<&HeaderValue>) -> Result<Request, ApiError> {
    let wrong = || ApiError::invalid_parameter("relative_url is no path with a query");
    let path = url.split('?').next().unwrap_or_default();
    let versioned = path::parse(path).version.is_some();
    let url = if versioned { format!("/{url}") } else { format!("/{}/{url}", open.version) };
    let uri: Uri = url.parse().map_err(|_| wrong())?;
    if path::parse(uri.path()).target == path::Target::Root("") {
        return Err(ApiError::invalid_parameter("a batch cannot be part of a batch"));
    }
    let method = item.method.parse::<Method>().map_err(|_| wrong())?;
    let mut request = Request::builder().method(method).uri(uri).header(header::CONTENT_TYPE, kind);
    if let Some(authorization) = authorization {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    if let Some(host) = open.headers.get(header::HOST) {
        request = request.header(header::HOST, host);
    }
    request.body(Body::from(body)).map_err(|_| wrong())
}

/// What one was answered.
struct Told {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Told {
    fn refused(open: &Open, error: &ApiError) -> Self {
        let body = error.body(&face::trace(&open.faces)).to_string();
        Self { status: error.http_status(), headers: headers(&HeaderMap::new()), body }
    }
}

async fn perform(open: &Open, request: Request) -> Told {
    let mut told = HeaderMap::new();
    // Boxed, since what is done here may be anything, a batch excepted.
    let reply = match Box::pin(forward::program(&open.faces, request)).await {
        Routed::Here(request) => Box::pin(dispatch::perform(&open.faces, request, &mut told)).await,
        // Its token is of another business than the batch's, which runs elsewhere.
        Routed::Answered(response) => Ok(Reply::Response(response)),
    };
    match reply {
        Ok(Reply::Json(value)) => Told { status: 200, headers: headers(&told), body: value.to_string() },
        Ok(Reply::Response(response)) => {
            let (parts, body) = response.into_parts();
            told.extend(parts.headers);
            let text = to_bytes(body, limits::JSON_BYTES).await.ok().and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
            match text {
                Some(body) => Told { status: parts.status.as_u16(), headers: headers(&told), body },
                None => Told::refused(open, &ApiError::invalid_parameter("what this answers does not fit into a batch: ask for it by itself")),
            }
        }
        Err(error) => Told { headers: headers(&told), ..Told::refused(open, &error) },
    }
}

fn headers(told: &HeaderMap) -> Vec<(String, String)> {
    let text = |(name, value): (&header::HeaderName, &HeaderValue)| Some((name.to_string(), value.to_str().ok()?.to_owned()));
    let json = (header::CONTENT_TYPE.to_string(), "application/json".to_owned());
    let own = told.contains_key(header::CONTENT_TYPE);
    told.iter().filter_map(text).chain((!own).then_some(json)).collect()
}
