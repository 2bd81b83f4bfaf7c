//! The development proxy's one method, CONNECT, to Meta's three names alone: what a client may ask, and what it is told.
use super::NAMES;
use suki_types::limits;

/// The port of HTTPS: no other leads here.
const PORT: &str = "443";

/// Why a request is not carried out, in words for the person behind the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    status: u16,
    /// The first sentence. It stands in the status line too, since clients of a proxy show nothing else.
    reason: String,
    advice: String,
}

impl Refusal {
    fn new(status: u16, reason: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { status, reason: reason.into(), advice: advice.into() }
    }

    /// As it is sent. The connection ends after it.
    pub fn answer(&self) -> String {
        let body = format!("{}. {}\n", self.reason, self.advice);
        format!(
            "HTTP/1.1 {} {}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.status,
            self.reason,
            body.len()
        )
    }
}

/// What is sent when a tunnel is open.
pub const OPEN: &str = "HTTP/1.1 200 Connection established\r\n\r\n";

/// How many bytes the head of a request has, when all of it is there.
pub fn head_length(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}

/// The refusal of a head that does not end.
pub fn too_long() -> Refusal {
    let advice = format!("The head of a request to this proxy has at most {} bytes.", limits::PROXY_HEAD_BYTES);
    Refusal::new(431, "The request's head is too long", advice)
}

/// Reads the head of a request: whether a tunnel may be opened.
///
/// # Errors
/// The refusal, when it is no CONNECT to one of the names.
pub fn check(head: &[u8]) -> Result<(), Refusal> {
    let mut headers = [httparse::EMPTY_HEADER; limits::PROXY_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let whole = request.parse(head).is_ok_and(|parsed| parsed.is_complete());
    let (true, Some(method), Some(target)) = (whole, request.method, request.path) else {
        let advice = format!("It takes CONNECT {}:{PORT} with at most {} header lines, or TLS.", NAMES[0], limits::PROXY_HEADERS);
        return Err(Refusal::new(400, "This is not a request that the development proxy can read", advice));
    };
    if method != "CONNECT" {
        let advice = format!(
            "Set HTTPS_PROXY to this address, or let {} point here and ask https://{}. In the clear the server answers at its own address alone.",
            NAMES.join(", "),
            NAMES[0]
        );
        return Err(Refusal::new(400, "This port speaks TLS, and CONNECT as a proxy", advice));
    }
    let (host, port) = target.rsplit_once(':').unwrap_or((target, ""));
    if port == PORT && NAMES.iter().any(|name| name.eq_ignore_ascii_case(host)) {
        return Ok(());
    }
    let reason = format!("Suki's development proxy leads to {} alone, on port {PORT}", NAMES.join(", "));
    Err(Refusal::new(403, reason, "Let other addresses go around it: NO_PROXY=localhost,127.0.0.1,example.com."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(head: &str) -> Refusal {
        check(head.as_bytes()).expect_err(head)
    }

    #[test]
    fn it_leads_to_metas_names_alone() {
        for target in ["graph.facebook.com:443", "api.facebook.com:443", "lookaside.fbsbx.com:443", "Graph.Facebook.com:443"] {
            let head = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nProxy-Authorization: Basic eA==\r\n\r\n");
            assert_eq!(check(head.as_bytes()), Ok(()), "{target}");
        }
        for target in [
            "example.com:443",
            "www.facebook.com:443",
            "graph.facebook.com.example.com:443",
            "xgraph.facebook.com:443",
            "graph.facebook.com:80",
            "graph.facebook.com:4430",
            "graph.facebook.com",
            "graph.facebook.com:443:443",
            "127.0.0.1:443",
            "[::1]:443",
            ":443",
        ] {
            let refusal = refused(&format!("CONNECT {target} HTTP/1.1\r\n\r\n"));
            assert_eq!(refusal.status, 403, "{target}");
            let answer = refusal.answer();
            let first =
                "HTTP/1.1 403 Suki's development proxy leads to graph.facebook.com, api.facebook.com, lookaside.fbsbx.com alone, on port 443\r\n";
            assert!(answer.starts_with(first) && answer.contains("NO_PROXY="), "{answer}");
        }
    }

    #[test]
    fn everything_else_is_refused_in_words() {
        for (head, status) in [
            ("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 400),
            ("GET http://graph.facebook.com/ HTTP/1.1\r\n\r\n", 400),
            ("POST / HTTP/1.0\r\n\r\n", 400),
            ("CONNECT graph.facebook.com:443\r\n\r\n", 400),
            ("CONNECT  HTTP/1.1\r\n\r\n", 400),
            ("\u{1}\u{2}\r\n\r\n", 400),
            ("CONNECT graph.facebook.com:443 HTTP/1.1\r\nBroken\r\n\r\n", 400),
        ] {
            assert_eq!(refused(head).status, status, "{head:?}");
        }
        let many = format!("CONNECT graph.facebook.com:443 HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(limits::PROXY_HEADERS + 1));
        assert_eq!(refused(&many).status, 400);
        let answer = too_long().answer();
        assert!(answer.starts_with("HTTP/1.1 431 The request's head is too long\r\n") && answer.ends_with("at most 8192 bytes.\n"), "{answer}");
    }

    #[test]
    fn a_head_ends_with_an_empty_line() {
        assert_eq!(head_length(b"CONNECT a:443 HTTP/1.1\r\n\r\n\x16"), Some(26));
        for part in ["", "CONNECT a:443 HTTP/1.1\r\n", "\r\n\r", "\n\n"] {
            assert_eq!(head_length(part.as_bytes()), None, "{part:?}");
        }
    }
}
