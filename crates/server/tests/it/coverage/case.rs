//! What a case is: a request that succeeds, one that is malformed, and what has to be there before. Both are checked against the document: the request and
//! the answer by their schemas, the refusal by its status and code.
use super::{
    described::{self, Operation},
    face,
    stage::Stage,
};
use axum::http::Method;
use futures_util::future::LocalBoxFuture;
use serde_json::Value;
use suki_testkit::{Answer, Shop, World};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Error, client::IntoClientRequest as _},
};

/// A case of an operation.
pub struct Case {
    /// The operation.
    pub name: &'static str,
    otherwise: Option<u16>,
    before: Option<for<'a> fn(&'a mut Stage<'_>) -> LocalBoxFuture<'a, ()>>,
    success: Option<fn(&Stage<'_>) -> Ask>,
    malformed: Malformed,
}

/// A malformed request.
enum Malformed {
    /// Of the Cloud API, and the code it is refused with.
    Graph(fn(&Stage<'_>) -> Ask, i64),
    /// Of another face: what its description asks for is sent as something else.
    ByDescription,
}

/// A case of the Cloud API: what succeeds, and by which code what is malformed is refused.
pub fn case(name: &'static str, success: fn(&Stage<'_>) -> Ask, code: i64, malformed: fn(&Stage<'_>) -> Ask) -> Case {
    Case { name, otherwise: None, before: None, success: Some(success), malformed: Malformed::Graph(malformed, code) }
}

/// A case of an operation of the Cloud API that this server always refuses, and says so.
pub fn refused(name: &'static str, code: i64, request: fn(&Stage<'_>) -> Ask) -> Case {
    Case { name, otherwise: None, before: None, success: None, malformed: Malformed::Graph(request, code) }
}

/// A case of another face: what succeeds. Who may not call it, and what is malformed, follow from its description.
pub fn told(name: &'static str, success: fn(&Stage<'_>) -> Ask) -> Case {
    Case { name, otherwise: None, before: None, success: Some(success), malformed: Malformed::ByDescription }
}

impl Case {
    /// A face's operation whose success needs what a test of its own has to bring about: here it is refused, with this status.
    pub fn otherwise(self, status: u16) -> Self {
        Self { otherwise: Some(status), ..self }
    }

    /// With what has to be there before.
    pub fn after(self, before: for<'a> fn(&'a mut Stage<'_>) -> LocalBoxFuture<'a, ()>) -> Self {
        Self { before: Some(before), ..self }
    }
}

/// A request to the case's operation.
pub struct Ask {
    query: String,
    headers: Vec<(&'static str, String)>,
    body: Option<(String, Vec<u8>)>,
    json: Option<Value>,
    path: Option<String>,
    bare: bool,
    upgrade: bool,
}

/// A request with the shop's token and nothing else.
pub fn ask() -> Ask {
    Ask { query: String::new(), headers: Vec::new(), body: None, json: None, path: None, bare: false, upgrade: false }
}

/// A request whose body ends before it is JSON.
pub fn broken() -> Ask {
    ask().bytes("application/json", b"{\"a\":".to_vec())
}

impl Ask {
    /// With a query.
    pub fn query(self, query: impl Into<String>) -> Self {
        Self { query: query.into(), ..self }
    }

    /// With other fields of the answer than it asks for.
    fn selecting(self, fields: &str) -> Self {
        let kept = self.query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("fields="));
        let query = kept.map(str::to_owned).chain([format!("fields={fields}")]).collect::<Vec<_>>().join("&");
        Self { query, ..self }
    }

    /// With a JSON body.
    pub fn json(self, body: Value) -> Self {
        let bytes = body.to_string().into_bytes();
        Self { json: Some(body), body: Some(("application/json".into(), bytes)), ..self }
    }

    /// With a body of another kind.
    pub fn bytes(self, kind: &str, bytes: Vec<u8>) -> Self {
        Self { body: Some((kind.to_owned(), bytes)), ..self }
    }

    /// With the fields of a form, and a file as `file`: its name, type and bytes.
    pub fn multipart(self, fields: &[(&str, &str)], file: Option<(&str, &str, &[u8])>) -> Self {
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend(format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes());
        }
        if let Some((name, kind, bytes)) = file {
            let head = format!("--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: {kind}\r\n\r\n");
            body.extend([head.as_bytes(), bytes, b"\r\n"].concat());
        }
        body.extend(b"--X--\r\n");
        self.bytes("multipart/form-data; boundary=X", body)
    }

    /// With a header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With another address than the document's.
    pub fn path(self, path: impl Into<String>) -> Self {
        Self { path: Some(path.into()), ..self }
    }

    /// With no token.
    pub fn bare(self) -> Self {
        Self { bare: true, ..self }
    }

    /// As a WebSocket that is to be opened.
    pub fn upgrade(self) -> Self {
        Self { upgrade: true, ..self }
    }

    /// Sends it, with a header that says who asks.
    pub async fn send(&self, stage: &Stage<'_>, operation: Operation, who: Option<&(&'static str, String)>) -> Answer {
        let mut path = self.path.clone().unwrap_or_else(|| stage.fill(operation.address()));
        if !self.query.is_empty() {
            path = format!("{path}?{}", self.query);
        }
        if self.upgrade {
            return socket(stage.world, &path, who).await;
        }
        let mut call = stage.world.call(operation.method(), &path);
        if let Some((name, value)) = who.filter(|_| !self.bare) {
            call = call.header(name, value);
        }
        for (name, value) in &self.headers {
            call = call.header(name, value);
        }
        if let Some((kind, bytes)) = &self.body {
            call = call.bytes(kind, bytes.clone());
        }
        call.send().await
    }
}

/// Asks for a WebSocket over a connection of its own, which ends with the answer.
async fn socket(world: &World, path: &str, who: Option<&(&'static str, String)>) -> Answer {
    let at = world.listen().await;
    let mut request = format!("ws://{at}{path}").into_client_request().expect("an address");
    if let Some((name, value)) = who {
        request.headers_mut().insert(*name, value.parse().expect("a header"));
    }
    match connect_async(request).await {
        Ok((_, opened)) => Answer { status: opened.status(), headers: opened.headers().clone(), body: Vec::new() },
        Err(Error::Http(refused)) => {
            let (parts, body) = refused.into_parts();
            Answer { status: parts.status, headers: parts.headers, body: body.unwrap_or_default() }
        }
        Err(error) => panic!("{error}"),
    }
}

/// Plays cases, each with a shop of its own.
///
/// # Panics
/// When some do not do what they say, or what the document says; all of them are named.
pub async fn run(seed: u64, cases: Vec<Case>) {
    let world = World::new(seed).await;
    let other = Shop::open(&world, "other").await.owner(&world).await;
    let mut faults = Vec::new();
    for (number, case) in cases.into_iter().enumerate() {
        let mut stage = Stage::new(&world, &format!("shop{number}")).await.beside(&other);
        if let Some(before) = case.before {
            before(&mut stage).await;
        }
        let found = play(&stage, &case).await;
        faults.extend(found.into_iter().map(|fault| format!("{}: {fault}", case.name)));
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// What is wrong with a case.
async fn play(stage: &Stage<'_>, case: &Case) -> Vec<String> {
    let Some(operation) = described::find(case.name) else { return vec!["there is no such operation".into()] };
    let token = ("authorization", format!("Bearer {}", stage.shop.token));
    match (&case.malformed, case.success) {
        (Malformed::Graph(malformed, code), success) => {
            let refused = malformed(stage).send(stage, operation, Some(&token)).await;
            let mut faults = graph_refusal(operation, &refused, *code);
            if let Some(success) = success {
                faults.extend(succeeds(stage, operation, &success(stage), Some(&token)).await);
                if operation.selects() && operation.method() == Method::GET {
                    let nothing = success(stage).selecting("nothing_that_is_known");
                    let found = succeeds(stage, operation, &nothing, Some(&token)).await;
                    faults.extend(found.into_iter().map(|fault| format!("asked for a field that there is not, {fault}")));
                }
            }
            faults
        }
        (Malformed::ByDescription, Some(success)) => face::play(stage, operation, &success(stage), case.otherwise).await,
        (Malformed::ByDescription, None) => Vec::new(),
    }
}

fn graph_refusal(operation: Operation, refused: &Answer, code: i64) -> Vec<String> {
    if refused.status.is_success() {
        return vec!["its malformed request is none: it succeeds".into()];
    }
    let (status, is, _) = refused.graph_error();
    let mut faults = operation.faults(status, &refused.json());
    if is != code {
        faults.push(format!("malformed, it is refused with {is} and not with {code}: {}", refused.json()));
    }
    if !operation.has_code(status, is) {
        faults.push(format!("its description does not name the code {is} (status {status}) among its errors"));
    }
    faults
}

/// What is wrong with a request that should succeed, and with its answer.
pub async fn succeeds(stage: &Stage<'_>, operation: Operation, asked: &Ask, who: Option<&(&'static str, String)>) -> Vec<String> {
    let mut faults = Vec::new();
    if let Some(body) = &asked.json {
        faults.extend(operation.faults_of_request(body).into_iter().map(|fault| format!("its request is not as described: {fault}")));
    }
    let answer = asked.send(stage, operation, who).await;
    if answer.status.is_client_error() || answer.status.is_server_error() {
        faults.push(format!("it fails: {} {}", answer.status, String::from_utf8_lossy(&answer.body)));
        return faults;
    }
    let value = if is_json(&answer) { answer.json() } else { Value::Null };
    let found = operation.faults(answer.status.as_u16(), &value);
    faults.extend(found.into_iter().map(|fault| format!("its answer is not as described: {fault}: {value}")));
    faults
}

fn is_json(answer: &Answer) -> bool {
    let kind = answer.headers.get("content-type").and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/json"))
}
