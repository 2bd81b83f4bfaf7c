//! A request to another node, and its answer.
use super::{NOT_HERE, mark};
use axum::{
    body::Body,
    extract::OriginalUri,
    http::{HeaderMap, HeaderName, StatusCode, header, request::Parts},
    response::Response,
};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use std::time::Duration;

/// How long a connection to another node may take.
const CONNECT: Duration = Duration::from_secs(2);
/// How long what was sent may stay unanswered by the other machine before the connection is taken for dead.
const SILENCE: Duration = Duration::from_secs(15);

/// What came of sending a request on.
pub(super) enum Sent {
    /// This answer.
    Answered(Response),
    /// Nothing was done: the node does not answer at all, or says that the business is not there.
    NotThere,
    /// It is not known whether it was done.
    Broken,
}

/// What talks to other nodes: by no proxy, and following nothing.
pub(super) fn client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT)
        .tcp_nodelay(true)
        .tcp_keepalive(SILENCE / 3)
        .tcp_user_timeout(SILENCE)
        .build()
}

/// What is between two neighbours and goes no further (RFC 9110, section 7.6.1).
const HOP_BY_HOP: [HeaderName; 8] = [
    header::CONNECTION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("keep-alive"),
];

/// Takes off a message what goes no further; what asks for a socket, or grants one, stays.
fn without_hops(headers: &HeaderMap, is_upgrade: bool) -> HeaderMap {
    let stays = |name: &HeaderName| is_upgrade && (*name == header::CONNECTION || *name == header::UPGRADE);
    let mut left = headers.clone();
    HOP_BY_HOP.iter().filter(|name| !stays(name)).for_each(|name| drop(left.remove(name)));
    // It is answered by whoever reads the body, which is this node.
    left.remove(header::EXPECT);
    left
}

/// Sends a request on. Of its parts only what can be used once is taken.
pub(super) async fn send(http: &reqwest::Client, address: &str, parts: &mut Parts, body: reqwest::Body, mark: &str) -> Sent {
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let is_upgrade = parts.headers.contains_key(header::UPGRADE);
    let headers = without_hops(&parts.headers, is_upgrade);
    let request = http.request(parts.method.clone(), format!("{address}{path}")).headers(headers).header(mark::HEADER, mark).body(body);
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) if error.is_connect() => return Sent::NotThere,
        Err(error) => {
            tracing::debug!(error = %error.without_url(), "another node did not answer");
            return Sent::Broken;
        }
    };
    if answer.headers().contains_key(NOT_HERE) {
        return Sent::NotThere;
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = answer.status();
    *response.headers_mut() = without_hops(answer.headers(), answer.status() == StatusCode::SWITCHING_PROTOCOLS);
    if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
        *response.body_mut() = Body::from_stream(answer.bytes_stream());
    } else if let Some(own) = parts.extensions.remove::<OnUpgrade>() {
        tokio::spawn(join(own, answer));
    } else {
        return Sent::Broken;
    }
    Sent::Answered(response)
}

/// Joins the two ends of a socket until one of them closes.
async fn join(own: OnUpgrade, other: reqwest::Response) {
    let (Ok(own), Ok(mut other)) = tokio::join!(own, other.upgrade()) else { return };
    // How it ended is for the ends to say.
    let _ = tokio::io::copy_bidirectional(&mut TokioIo::new(own), &mut other).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_between_neighbours_goes_no_further() {
        let headers: HeaderMap =
            [("connection", "upgrade"), ("upgrade", "websocket"), ("te", "trailers"), ("host", "suki.test"), ("range", "bytes=1-")]
                .into_iter()
                .map(|(name, value)| (HeaderName::from_static(name), value.parse().expect("a header")))
                .collect();
        let names = |headers: HeaderMap| {
            let mut names: Vec<String> = headers.keys().map(ToString::to_string).collect();
            names.sort();
            names
        };
        assert_eq!(names(without_hops(&headers, false)), ["host", "range"]);
        assert_eq!(names(without_hops(&headers, true)), ["connection", "host", "range", "upgrade"]);
    }
}
