//! Sealed files between a device, or an endpoint, and the network (`suki_protocol::calls::blob`).
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, future::BoxFuture, stream::BoxStream};
use reqwest::{Body, Client, Response, StatusCode, header};
use std::{io, time::Duration};
use suki_protocol::{calls::blob, http::Problem};

/// A file's name on the network: 32 bytes.
pub type FileName = [u8; 32];
/// Bytes as they come.
pub type FileStream = BoxStream<'static, io::Result<Bytes>>;

/// How long a silent network is waited for.
const SILENCE: Duration = Duration::from_secs(30);

/// Why a file did not move.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoveError {
    /// It is not there, or not any more.
    #[error("the network has no such file any more")]
    Gone,
    /// It is refused, and would be again.
    #[error("{0}")]
    Refused(String),
    /// It may move later.
    #[error("{0}")]
    Later(String),
}

/// Moves sealed files: in this process, or over HTTP.
pub trait Carrier: Send + Sync {
    /// Puts as many sealed bytes as were announced under the name that was given for them.
    fn put(&self, name: FileName, token: String, bytes: u64, sealed: FileStream) -> BoxFuture<'static, Result<(), MoveError>>;
    /// The sealed bytes of a file.
    fn get(&self, name: FileName) -> BoxFuture<'static, Result<FileStream, MoveError>>;
}

/// Over HTTP.
#[derive(Debug, Clone)]
pub struct HttpCarrier {
    http: Client,
    server: String,
}

impl HttpCarrier {
    /// To and from the network at this base address.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(server: &str) -> Result<Self, reqwest::Error> {
        let http = Client::builder().connect_timeout(SILENCE).read_timeout(SILENCE).redirect(reqwest::redirect::Policy::none()).build()?;
        Ok(Self { http, server: server.trim_end_matches('/').to_owned() })
    }

    fn url(&self, name: &FileName) -> String {
        format!("{}{}", self.server, blob::path(name))
    }
}

impl Carrier for HttpCarrier {
    fn put(&self, name: FileName, token: String, bytes: u64, sealed: FileStream) -> BoxFuture<'static, Result<(), MoveError>> {
        let request = self.http.put(self.url(&name)).bearer_auth(token).header(header::CONTENT_LENGTH, bytes).body(Body::wrap_stream(sealed));
        Box::pin(async move { answered(request.send().await.map_err(later)?).await.map(drop) })
    }

    fn get(&self, name: FileName) -> BoxFuture<'static, Result<FileStream, MoveError>> {
        let request = self.http.get(self.url(&name));
        Box::pin(async move {
            let response = answered(request.send().await.map_err(later)?).await?;
            Ok(response.bytes_stream().map_err(|_| io::Error::from(io::ErrorKind::UnexpectedEof)).boxed())
        })
    }
}

/// Without the address: a file's name opens it to whoever has the key.
fn later(error: reqwest::Error) -> MoveError {
    let what = if error.is_timeout() { "it was silent for too long" } else { "the connection failed" };
    MoveError::Later(format!("the network cannot be reached: {what}"))
}

async fn answered(response: Response) -> Result<Response, MoveError> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    if status == StatusCode::NOT_FOUND {
        return Err(MoveError::Gone);
    }
    let detail = response.json::<Problem>().await.map_or_else(|_| format!("the network answers with status {status}"), |problem| problem.detail);
    // A full disk may have room again.
    let again = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::FORBIDDEN;
    Err(if again { MoveError::Later(detail) } else { MoveError::Refused(detail) })
}
