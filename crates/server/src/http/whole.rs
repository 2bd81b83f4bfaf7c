//! A request that has begun is done to its end, also when whoever asked is gone. Only the end of the process cuts it; the next start then sends what was stored.
//!
//! A handler that were dropped half way would leave what it has stored without what follows from it: a message in the outbox that nobody sends until the next
//! reconnect, after all those that were written later.
use axum::{
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use std::panic::resume_unwind;
use tracing::Instrument as _;

/// Lets the handler go on without its connection.
pub async fn to_its_end(request: Request, next: Next) -> Response {
    match tokio::spawn(next.run(request).in_current_span()).await {
        Ok(response) => response,
        Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
        // The process ends.
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
