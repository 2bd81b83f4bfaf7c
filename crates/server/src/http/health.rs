//! `GET /healthz`: whether the server can do its work.
use super::Faces;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use suki_endpoint::Error;

/// 200 and `ok` when the stores answer, 503 otherwise.
pub async fn healthz(State(faces): State<Faces>) -> Response {
    let endpoint = match &faces.endpoint {
        Some(endpoint) => endpoint.db().read(|tx| Ok::<_, Error>(tx.query_one("SELECT 1", &[], |row| row.get::<i64>(0))?)).await.is_ok(),
        None => true,
    };
    let network = match &faces.network {
        Some(network) => network.is_healthy().await,
        None => true,
    };
    if endpoint && network {
        return (StatusCode::OK, "ok").into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer").into_response()
}
