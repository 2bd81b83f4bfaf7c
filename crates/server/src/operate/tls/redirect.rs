//! From http to https: whoever comes without TLS is told the other address, whatever he asked for.
use crate::cli::Failure;
use axum::{
    Router,
    extract::State,
    http::Uri,
    response::{IntoResponse as _, Redirect, Response},
};
use std::{net::SocketAddr, sync::Arc};
use tokio::net::TcpListener;

/// Leads from this address to the server's own for as long as the process runs.
///
/// # Errors
/// When the address is taken.
pub async fn start(address: SocketAddr, url: &str) -> Result<(), Failure> {
    let listener = TcpListener::bind(address).await.map_err(|error| format!("--tls-redirect cannot listen on {address}: {error}"))?;
    let router = router(url);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(())
}

/// The address is the server's own and never one that the request names.
fn router(url: &str) -> Router {
    let base: Arc<str> = url.trim_end_matches('/').into();
    Router::new().fallback(lead).with_state(base)
}

async fn lead(State(base): State<Arc<str>>, uri: Uri) -> Response {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    Redirect::permanent(&format!("{base}{path}")).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{body::Body, http::Request};
    use tower::ServiceExt as _;

    #[tokio::test]
    async fn everything_leads_to_the_servers_own_address() {
        for (asked, led) in [("/c/nena?x=1", "https://chat.example.com/c/nena?x=1"), ("/", "https://chat.example.com/")] {
            let request = Request::builder().uri(asked).header("host", "evil.example").body(Body::empty()).expect("a request");
            let answer = router("https://chat.example.com/").oneshot(request).await.expect("it answers");
            assert_eq!(answer.status(), 308);
            assert_eq!(answer.headers()["location"], led);
        }
    }
}
