//! Files behind links that programs name: fetched from public addresses alone. A redirect is an address like any other and is checked like one; a name is
//! resolved once, by the guard, and what it found is what is connected to. Who reads the bytes counts them and looks at the clock.
use crate::outgoing::{Guard, reason};
use futures_util::{StreamExt as _, TryStreamExt as _, future::BoxFuture};
use reqwest::{Client, Response, StatusCode, header, redirect::Policy};
use std::{sync::Arc, time::Duration};
use suki_endpoint::media::{Linked, Links};
use suki_store::StoreError;

/// How many redirects are followed.
const REDIRECTS: usize = 3;
/// How long a silent server is waited for.
const SILENCE: Duration = Duration::from_secs(10);

/// The client for links.
#[derive(Clone)]
pub struct LinkClient {
    guard: Guard,
    client: Client,
}

impl LinkClient {
    /// A client that reaches public addresses, and the loopback only if `loopback` is set: in the demo and the sandbox.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(loopback: bool) -> Result<Self, reqwest::Error> {
        let guard = Guard::new(loopback);
        let client = Client::builder()
            .redirect(Policy::none())
            .connect_timeout(SILENCE)
            .read_timeout(SILENCE)
            .no_proxy()
            .user_agent(concat!("suki/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(guard))
            .build()?;
        Ok(Self { guard, client })
    }

    async fn follow(&self, url: &str) -> Result<Response, String> {
        let mut url = self.guard.check(url)?;
        for _ in 0..=REDIRECTS {
            let response = self.client.get(url.clone()).send().await.map_err(|error| reason(&error))?;
            if !response.status().is_redirection() {
                return Ok(response);
            }
            let to = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok()).ok_or("the link redirects to nowhere")?;
            let to = url.join(to).map_err(|_| "the link redirects to what is no address")?;
            url = self.guard.check(to.as_str())?;
        }
        Err(format!("the link redirects more than {REDIRECTS} times"))
    }
}

impl Links for LinkClient {
    fn fetch(&self, url: &str) -> BoxFuture<'static, Result<Linked, String>> {
        let (own, url) = (self.clone(), url.to_owned());
        Box::pin(async move {
            let response = own.follow(&url).await?;
            if response.status() != StatusCode::OK {
                return Err(format!("the link answers with status {}", response.status().as_u16()));
            }
            let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
            let (media_type, filename) = (text(header::CONTENT_TYPE), filename(&text(header::CONTENT_DISPOSITION)));
            let bytes = response.content_length();
            let body = response.bytes_stream().map_err(|error| StoreError::Unavailable(reason(&error))).boxed();
            Ok(Linked { media_type, filename, bytes, body })
        })
    }
}

/// What a `Content-Disposition` calls the file; "" if nothing.
fn filename(disposition: &str) -> String {
    let parameter = disposition.split(';').find_map(|part| part.trim().strip_prefix("filename="));
    parameter.unwrap_or_default().trim_matches('"').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{
        Router,
        http::StatusCode as Status,
        response::{IntoResponse as _, Redirect},
        routing::get,
    };
    use tokio::net::TcpListener;

    async fn serve(router: Router) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{at}")
    }

    fn routes() -> Router {
        Router::new()
            .route(
                "/file",
                get(|| async {
                    ([("content-type", "image/png"), ("content-disposition", "attachment; filename=\"a b.png\"")], "bytes").into_response()
                }),
            )
            .route("/one", get(|| async { Redirect::temporary("/file") }))
            .route("/three", get(|| async { Redirect::permanent("/two") }))
            .route("/two", get(|| async { Redirect::to("/one") }))
            .route("/four", get(|| async { Redirect::to("/three") }))
            .route("/loop", get(|| async { Redirect::to("/loop") }))
            .route("/private", get(|| async { Redirect::to("http://10.0.0.1/secret") }))
            .route("/metadata", get(|| async { Redirect::to("http://169.254.169.254/latest") }))
            .route("/local", get(|| async { Redirect::to("file:///etc/passwd") }))
            .route("/gone", get(|| async { Status::GONE }))
    }

    #[tokio::test]
    async fn three_redirects_are_followed_and_each_is_checked() {
        let (server, client) = (serve(routes()).await, LinkClient::new(true).expect("TLS is built in"));
        for path in ["/file", "/one", "/three"] {
            let Linked { media_type, filename, bytes, body } = client.fetch(&format!("{server}{path}")).await.expect("it is fetched");
            let pieces: Vec<bytes::Bytes> = body.try_collect().await.expect("all of it");
            assert_eq!(
                (media_type.as_str(), filename.as_str(), bytes, pieces.concat()),
                ("image/png", "a b.png", Some(5), b"bytes".to_vec()),
                "{path}"
            );
        }
        for (path, reason) in [
            ("/four", "more than 3 times"),
            ("/loop", "more than 3 times"),
            ("/private", "private or local"),
            ("/metadata", "private or local"),
            ("/local", "not http or https"),
            ("/gone", "status 410"),
        ] {
            let error = client.fetch(&format!("{server}{path}")).await.err().expect(path);
            assert!(error.contains(reason) && !error.contains("10.0.0.1"), "{path}: {error}");
        }
    }

    /// A name that leads here is refused when it is resolved, which is when the address is taken that is connected to: what it says later is not asked.
    #[tokio::test]
    async fn names_that_lead_here_are_refused() {
        let server = serve(routes()).await;
        let port = server.rsplit(':').next().expect("a port");
        let strict = LinkClient::new(false).expect("TLS is built in");
        for url in [format!("http://localhost:{port}/file"), format!("{server}/file"), "http://[::1]/".to_owned()] {
            let error = strict.fetch(&url).await.err().expect("it is refused");
            assert!(error.contains("private or local"), "{url}: {error}");
        }
    }
}
