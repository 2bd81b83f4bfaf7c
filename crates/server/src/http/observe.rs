//! What is seen of every request from outside: a name that the log, the answer and a refusal share, and how often and how long.
use super::{Faces, console, inbox, network_routes, route::Route, sandbox, server_routes};
use crate::{operate::traces, world::Stopwatch};
use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method},
    middleware::Next,
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use metrics::{counter, histogram};
use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};
use suki_types::Env;
use tracing::Instrument as _;

/// The header that names a request in its answer.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a request is known by. It travels with the request.
#[derive(Debug, Clone)]
pub struct Seen(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    id: String,
    operation: OnceLock<&'static str>,
}

impl Seen {
    /// A new name.
    fn new(env: &Env) -> Self {
        Self(Arc::new(Inner { id: name(env), operation: OnceLock::new() }))
    }

    /// Its name in the log.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// The operation that it turned out to ask for.
    pub fn is(&self, operation: &'static str) {
        // Who was first knows best.
        self.0.operation.get_or_init(|| operation);
    }
}

/// A new name for a request: nobody can foresee it, so nobody can name another's.
pub fn name(env: &Env) -> String {
    let mut bytes = [0; 9];
    env.entropy.fill(&mut bytes);
    format!("A{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// What a path stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Known {
    face: &'static str,
    operation: &'static str,
}

/// Sees requests.
#[derive(Debug)]
pub struct Observer {
    env: Env,
    known: HashMap<String, Vec<(Method, Known)>>,
}

impl Observer {
    /// Of these faces.
    pub fn new(faces: &Faces) -> Self {
        let mut known: HashMap<String, Vec<(Method, Known)>> = HashMap::new();
        let mut add = |face: &'static str, prefix: &str, routes: Vec<Route>| {
            for route in routes {
                let path = if route.path == "/" { prefix.to_owned() } else { format!("{prefix}{}", route.path) };
                known.entry(path).or_default().push((route.method, Known { face, operation: route.name }));
            }
        };
        add("server", "", server_routes());
        add("network", "/v1", network_routes());
        add("inbox", "/inbox/api", inbox::list::all());
        add("sandbox", "/sandbox/api", sandbox::list());
        add("console", "/console/api", console::list());
        Self { env: faces.env(), known }
    }

    fn place(&self, request: &Request) -> Known {
        let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
        let Some(path) = request.extensions().get::<MatchedPath>() else {
            return Known { face: face_of(request.uri().path()), operation: "none" };
        };
        match self.known.get(path.as_str()) {
            Some(routes) => {
                let found = routes.iter().find(|(one, _)| one == method).map(|(_, known)| *known);
                found.or_else(|| Some(Known { operation: "none", ..routes.first()?.1 })).unwrap_or(Known { face: "server", operation: "none" })
            }
            None if path.as_str() == "/" && method != Method::GET => Known { face: "cloud_api", operation: "none" },
            None => Known { face: "web", operation: "web" },
        }
    }
}

/// The face of a path that no route has.
fn face_of(path: &str) -> &'static str {
    let faces = [("/v1/", "network"), ("/inbox/", "inbox"), ("/console/", "console"), ("/sandbox/", "sandbox")];
    // Everything else is the Cloud API's.
    faces.into_iter().find(|(prefix, _)| path.starts_with(prefix)).map_or("cloud_api", |(_, face)| face)
}

/// Names a request, and counts it.
pub async fn observe(State(observer): State<Arc<Observer>>, mut request: Request, next: Next) -> Response {
    let watch = Stopwatch::start();
    let Known { face, operation } = observer.place(&request);
    let seen = Seen::new(&observer.env);
    request.extensions_mut().insert(seen.clone());
    let span = tracing::info_span!("request", id = seen.id(), face);
    traces::follow(&span, request.headers());
    let mut response = next.run(request).instrument(span).await;
    let operation = seen.0.operation.get().copied().unwrap_or(operation);
    let class = match response.status().as_u16() {
        ..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        500.. => "5xx",
    };
    counter!("suki_requests_total", "face" => face, "operation" => operation, "class" => class).increment(1);
    histogram!("suki_request_seconds", "face" => face, "operation" => operation).record(watch.elapsed().as_secs_f64());
    if let Ok(value) = HeaderValue::from_str(seen.id()) {
        // What another node answered has that node's name for it.
        response.headers_mut().entry(REQUEST_ID).or_insert(value);
    }
    response
}
