//! Requests to the faces, answered in memory.
use crate::{
    World,
    wait::{Pace, bounded},
};
use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON; null when it is empty.
    ///
    /// # Panics
    /// When it is neither.
    pub fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The JSON of an answer with this status.
    ///
    /// # Panics
    /// When the status is another one.
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.body));
        self.json()
    }

    /// The status, code and subcode of a Graph error, whose body has all that clients read.
    ///
    /// # Panics
    /// When it is none.
    pub fn graph_error(&self) -> (u16, i64, i64) {
        let error = &self.json()["error"];
        for name in ["message", "type", "fbtrace_id"] {
            assert!(error[name].as_str().is_some_and(|text| !text.is_empty()), "{name}: {error}");
        }
        assert!(error["error_data"]["details"].as_str().is_some_and(|text| !text.is_empty()), "details: {error}");
        (self.status.as_u16(), error["code"].as_i64().expect("a code"), error["error_subcode"].as_i64().unwrap_or(0))
    }

    /// The status and code of a problem of the inbox API.
    ///
    /// # Panics
    /// When it is none.
    pub fn problem(&self) -> (u16, String) {
        let kind = self.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        assert_eq!(kind, Some("application/problem+json"), "{} {}", self.status, String::from_utf8_lossy(&self.body));
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        for name in ["title", "detail"] {
            assert!(problem[name].as_str().is_some_and(|text| !text.is_empty()), "{problem}");
        }
        (self.status.as_u16(), problem["code"].as_str().expect("a code").to_owned())
    }
}

/// A request that is being put together.
pub struct Call<'a> {
    world: &'a World,
    request: axum::http::request::Builder,
    body: Vec<u8>,
}

impl<'a> Call<'a> {
    pub(crate) fn new(world: &'a World, method: Method, path: &str) -> Self {
        Self { world, request: Request::builder().method(method).uri(path), body: Vec::new() }
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// With a token.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.bytes("application/json", body.to_string().into_bytes())
    }

    /// With these bytes.
    #[must_use]
    pub fn bytes(mut self, kind: &str, body: Vec<u8>) -> Self {
        self.body = body;
        self.header("Content-Type", kind)
    }

    /// Sends it.
    ///
    /// # Panics
    /// When it is no request, or is not answered within a minute.
    pub async fn send(self) -> Answer {
        let request = self.request.body(Body::from(self.body)).expect("it is a request");
        let (what, router) = (format!("{} {}", request.method(), request.uri()), self.world.router());
        let answering = self.world.inside(async move {
            let response = router.oneshot(request).await.expect("a router never fails");
            let (parts, body) = response.into_parts();
            let body = to_bytes(body, usize::MAX).await.expect("the body is read").to_vec();
            Answer { status: parts.status, headers: parts.headers, body }
        });
        // One that waits for a clock that stands fails alone, and not by the end of all tests.
        bounded(&self.world.env, Pace::Still, &what, answering).await
    }
}

/// An operator's browser, signed in.
#[derive(Debug, Clone)]
pub struct Browser {
    /// The cookie it sends.
    pub cookie: String,
    /// What signing in answered.
    pub me: Value,
}

impl Browser {
    /// Asks to sign in.
    pub async fn try_sign_in(world: &World, with: &Value) -> Answer {
        world.call(Method::POST, "/inbox/api/sign-in").json(with).send().await
    }

    /// Signs in.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn sign_in(world: &World, with: &Value) -> Self {
        let answer = Self::try_sign_in(world, with).await;
        let me = answer.expect(200);
        let cookie = answer.headers.get(header::SET_COOKIE).and_then(|value| value.to_str().ok()).expect("a cookie");
        let cookie = cookie.split(';').next().expect("a pair").to_owned();
        Self { cookie, me }
    }

    /// `GET` below `/inbox/api`.
    pub async fn get(&self, world: &World, path: &str) -> Answer {
        self.call(world, Method::GET, path).send().await
    }

    /// `POST` below `/inbox/api`.
    pub async fn post(&self, world: &World, path: &str, body: &Value) -> Answer {
        self.call(world, Method::POST, path).json(body).send().await
    }

    /// `DELETE` below `/inbox/api`.
    pub async fn delete(&self, world: &World, path: &str) -> Answer {
        self.call(world, Method::DELETE, path).json(&json!({})).send().await
    }

    fn call<'a>(&self, world: &'a World, method: Method, path: &str) -> Call<'a> {
        world.call(method, &format!("/inbox/api{path}")).header("Cookie", &self.cookie)
    }
}
