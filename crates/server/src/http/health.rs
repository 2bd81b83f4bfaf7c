//! `GET /healthz` and `GET /readyz`: whether the server runs, and whether requests should come to it.
use super::Faces;
use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};

/// 200 and `ok`, whatever its stores and neighbours do: whoever restarts what does not answer here would only make things worse by asking for more.
pub async fn healthz() -> &'static str {
    "ok"
}

/// 200 when requests should come here, 503 otherwise; each part is named with how it stands.
pub async fn readyz(State(faces): State<Faces>) -> Response {
    let report = faces.readiness.report(faces.drain.has_begun()).await;
    let status = if report.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let mut response = (status, Json(report)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
