//! What a case is: a request that succeeds, one that is malformed, and what has to be there before. Both are checked against the document: the request and
//! the answer by their schemas, the refusal by its status and code.
use super::{described, stage::Stage};
use axum::http::Method;
use futures_util::future::LocalBoxFuture;
use serde_json::Value;
use suki_testkit::{Answer, World};

/// A case of an operation.
pub struct Case {
    /// The operation.
    pub name: &'static str,
    before: Option<for<'a> fn(&'a mut Stage<'_>) -> LocalBoxFuture<'a, ()>>,
    success: Option<fn(&Stage<'_>) -> Ask>,
    refusal: Refusal,
    malformed: fn(&Stage<'_>) -> Ask,
}

/// How a malformed request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// With a code of the Cloud API.
    Graph(i64),
}

impl From<i64> for Refusal {
    fn from(code: i64) -> Self {
        Self::Graph(code)
    }
}

/// A case: what succeeds, and how what is malformed is refused.
pub fn case(name: &'static str, success: fn(&Stage<'_>) -> Ask, refusal: impl Into<Refusal>, malformed: fn(&Stage<'_>) -> Ask) -> Case {
    Case { name, before: None, success: Some(success), refusal: refusal.into(), malformed }
}

/// A case of an operation that this server always refuses, and says so.
pub fn refused(name: &'static str, refusal: impl Into<Refusal>, request: fn(&Stage<'_>) -> Ask) -> Case {
    Case { name, before: None, success: None, refusal: refusal.into(), malformed: request }
}

impl Case {
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
}

/// A request with the shop's token and nothing else.
pub fn ask() -> Ask {
    Ask { query: String::new(), headers: Vec::new(), body: None, json: None, path: None, bare: false }
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

    async fn send(self, stage: &Stage<'_>, method: Method, address: &str) -> Answer {
        let mut path = self.path.unwrap_or_else(|| stage.fill(address));
        if !self.query.is_empty() {
            path = format!("{path}?{}", self.query);
        }
        let mut call = stage.world.call(method, &path);
        if !self.bare {
            call = call.bearer(&stage.shop.token);
        }
        for (name, value) in &self.headers {
            call = call.header(name, value);
        }
        if let Some((kind, bytes)) = self.body {
            call = call.bytes(&kind, bytes);
        }
        call.send().await
    }
}

/// Plays cases, each with a shop of its own.
///
/// # Panics
/// When some do not do what they say, or what the document says; all of them are named.
pub async fn run(seed: u64, cases: Vec<Case>) {
    let world = World::new(seed).await;
    let mut faults = Vec::new();
    for (number, case) in cases.into_iter().enumerate() {
        let mut stage = Stage::new(&world, &format!("shop{number}")).await;
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
    let mut faults = Vec::new();
    let refused = (case.malformed)(stage).send(stage, operation.method(), operation.address()).await;
    let Refusal::Graph(code) = case.refusal;
    if refused.status.is_success() {
        return vec!["its malformed request is none: it succeeds".into()];
    }
    let (status, is, _) = refused.graph_error();
    if is != code {
        faults.push(format!("malformed, it is refused with {is} and not with {code}: {}", refused.json()));
    }
    if !operation.has_code(status, is) {
        faults.push(format!("its description does not name the code {is} (status {status}) among its errors"));
    }
    faults.extend(operation.faults(status, &refused.json()));
    let Some(success) = case.success else { return faults };
    let asked = success(stage);
    if let Some(body) = &asked.json {
        faults.extend(operation.faults_of_request(body).into_iter().map(|fault| format!("its request is not as described: {fault}")));
    }
    let answer = asked.send(stage, operation.method(), operation.address()).await;
    if !answer.status.is_success() {
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
