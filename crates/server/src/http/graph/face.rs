//! What every answer of the Cloud API has: the version that answered, a trace that refusals name too, leave for browsers to read it, and the shape
//! of a refusal.
//!
//! Browsers may call from any page: a token is shown in each request and never kept in a cookie, so a page can do no more than its own token allows.
use super::{
    super::{
        Faces,
        forward::{self, Moved, Routed},
        observe::{self, Seen},
    },
    dispatch,
    operation::Reply,
    usage,
};
use axum::{
    Json,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use suki_cloud_api::{
    ApiError,
    path::{self, DEFAULT_VERSION},
};

/// Says which version answered.
const VERSION: HeaderName = HeaderName::from_static("facebook-api-version");
/// What the server's log knows the request by; in a refusal it is `fbtrace_id`.
const TRACE: HeaderName = HeaderName::from_static("x-fb-trace-id");
/// What a page may read beside the body.
const EXPOSED: &str = "facebook-api-version, x-fb-trace-id, x-app-usage, x-business-use-case-usage, retry-after, content-range, content-disposition";
/// What a page may send.
const METHODS: &str = "GET, HEAD, POST, DELETE, OPTIONS";
/// For how many seconds a browser may remember that.
const PREFLIGHT_SECONDS: &str = "86400";

/// Every request that is no other face's.
pub async fn graph(State(faces): State<Faces>, request: Request) -> Response {
    let head = request.method() == Method::HEAD;
    let request = match forward::program(&faces, request).await {
        Routed::Here(request) => request,
        // It has everything already.
        Routed::Answered(response) => return response,
    };
    let sent_on = request.extensions().get().copied();
    let version = path::parse(request.uri().path()).version.unwrap_or(DEFAULT_VERSION).to_string();
    let trace = request.extensions().get::<Seen>().map_or_else(|| trace(&faces), |seen| seen.id().to_owned());
    let mut told = HeaderMap::new();
    let mut response = if request.method() == Method::OPTIONS {
        preflight(request.headers())
    } else {
        match dispatch::perform(&faces, request, &mut told).await {
            Ok(Reply::Json(value)) => Json(value).into_response(),
            Ok(Reply::Response(response)) => response,
            Err(error) => refuse(&error, &trace),
        }
    };
    let headers = response.headers_mut();
    headers.extend(told);
    for (name, value) in [(VERSION, version), (TRACE, trace)] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    }
    forward::answered(sent_on, if head { response.map(|_| Body::empty()) } else { response })
}

/// A browser asks beforehand what a page may do.
fn preflight(asked: &HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
    headers.insert(header::ALLOW, HeaderValue::from_static(METHODS));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(PREFLIGHT_SECONDS));
    if let Some(names) = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
    }
    response
}

/// A new name for a request that came with another one.
pub fn trace(faces: &Faces) -> String {
    observe::name(&faces.env())
}

/// A refusal that goes out as it is.
pub fn refused(faces: &Faces, error: &ApiError) -> Response {
    let trace = trace(faces);
    let mut response = refuse(error, &trace);
    if let Ok(value) = HeaderValue::try_from(trace) {
        response.headers_mut().insert(TRACE, value);
    }
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

fn refuse(error: &ApiError, trace: &str) -> Response {
    tracing::debug!(trace, code = error.code.number(), "a request to the Cloud API was refused");
    let status = StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(error.body(trace))).into_response();
    usage::retry_after(error, response.headers_mut());
    if error.is_moved {
        response.extensions_mut().insert(Moved);
    }
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("OAuth"));
    }
    response
}
