//! TLS for development: programs that have `graph.facebook.com` written into them run against this server unchanged.
//!
//! One port of the loopback speaks TLS as Meta's three names, under an authority that this data folder alone has, and is a proxy (CONNECT) that leads to
//! those names and nowhere else, so that no hosts file has to be changed. Behind it are the same faces as on the server's own address.
//!
//! | module | subject |
//! |---|---|
//! | [`authority`] | the authority and its leaf |
//! | [`proxy`] | what may be asked of the proxy |
//! | [`door`] | a connection until its first request |
pub mod authority;
pub mod door;
pub mod proxy;

use crate::cli::{Failure, Role, Serve};
use authority::Authority;
use axum::Router;
use door::Door;
use hyper_util::rt::TokioTimer;
use serde::{Deserialize, Serialize};
use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use suki_types::{Env, limits};
use tokio::net::TcpListener;
use tokio_rustls::rustls::ServerConfig;

/// The hosts that programs for the WhatsApp Cloud API have written into them (Cloud API, section 2).
pub const NAMES: [&str; 3] = ["graph.facebook.com", "api.facebook.com", "lookaside.fbsbx.com"];
/// Where it listens when nothing is said.
pub const ADDRESS: &str = "127.0.0.1:8443";

/// What a client has to know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Place {
    /// The proxy's address.
    pub proxy: String,
    /// The full path of the authority's certificate.
    pub certificate: PathBuf,
}

impl Place {
    /// The two lines for a shell that make an unchanged client come here.
    pub fn lines(&self) -> [String; 2] {
        let proxy = &self.proxy;
        let path = format!("'{}'", self.certificate.display().to_string().replace('\'', r"'\''"));
        [
            format!("export HTTPS_PROXY={proxy} https_proxy={proxy} NODE_USE_ENV_PROXY=1"),
            format!("export SSL_CERT_FILE={path} REQUESTS_CA_BUNDLE={path} CURL_CA_BUNDLE={path} NODE_EXTRA_CA_CERTS={path}"),
        ]
    }
}

/// The development TLS of a server that starts.
pub struct DevTls {
    listener: TcpListener,
    authority: Arc<Authority>,
    env: Env,
}

/// Takes the address that `--dev-tls` names. Done before anything is made for a server that cannot start.
///
/// # Errors
/// When the server may be reached from elsewhere, has no Cloud API, or the address is taken.
pub async fn listen(serve: &Serve) -> Result<Option<TcpListener>, Failure> {
    let Some(address) = serve.dev_tls else { return Ok(None) };
    if serve.role == Role::Network {
        return Err("--dev-tls serves the Cloud API, and --role network has none: give it to the endpoint".into());
    }
    for (option, address) in [("--dev-tls", address), ("--listen", serve.listen)] {
        if !address.ip().is_loopback() {
            let text = format!(
                "with --dev-tls the server pretends to be {}, so it is for this machine alone: {option} has to be a loopback address, as 127.0.0.1:{}, not {address}. \
                 For TLS that others reach put a proxy with a certificate of your own in front, and leave --dev-tls away",
                NAMES[0],
                address.port()
            );
            return Err(text.into());
        }
    }
    Ok(Some(TcpListener::bind(address).await.map_err(|error| format!("--dev-tls cannot listen on {address}: {error}"))?))
}

impl DevTls {
    /// With the authority of a data folder. `env` is the world outside, in a sandbox, too: certificates are checked by programs whose clocks nobody moves.
    ///
    /// # Errors
    /// As [`Authority::open`].
    pub fn open(listener: TcpListener, data: &Path, env: Env) -> Result<Self, Failure> {
        Ok(Self { listener, authority: Arc::new(Authority::open(data, env.clone())?), env })
    }

    /// What a client has to know.
    ///
    /// # Errors
    /// When the system does not say where it listens.
    pub fn place(&self) -> io::Result<Place> {
        Ok(Place { proxy: format!("http://{}", self.listener.local_addr()?), certificate: self.authority.certificate().to_owned() })
    }

    /// Serves until it is dropped.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub async fn serve(self, router: Router) -> Result<(), Failure> {
        self.serve_with(router, Duration::from_millis(limits::DEV_TLS_PATIENCE_MILLIS.unsigned_abs())).await
    }

    /// `patience` is how long a client may take for the head of a request.
    async fn serve_with(self, router: Router, patience: Duration) -> Result<(), Failure> {
        let door = Door::new(server_config(self.authority)?, self.env);
        let mut server = axum_server::Server::<SocketAddr>::from_listener(self.listener).acceptor(door);
        let http = server.http_builder();
        http.http1().timer(TokioTimer::new()).header_read_timeout(patience).max_buf_size(limits::DEV_TLS_HEAD_BYTES);
        http.http2().timer(TokioTimer::new()).keep_alive_interval(patience).max_header_list_size(limits::DEV_TLS_HEAD_BYTES as u32);
        Ok(server.serve(router.into_make_service()).await?)
    }
}

/// TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1.
fn server_config(authority: Arc<Authority>) -> Result<ServerConfig, Failure> {
    let config = ServerConfig::builder_with_provider(authority::crypto()).with_safe_default_protocol_versions()?;
    let mut config = config.with_no_client_auth().with_cert_resolver(authority);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// A client that trusts the authority at this path, in this world's time.
#[cfg(test)]
fn client_config(authority: &Path, env: &Env) -> tokio_rustls::rustls::ClientConfig {
    use tokio_rustls::rustls::{
        ClientConfig, RootCertStore,
        pki_types::{CertificateDer, UnixTime, pem::PemObject as _},
        time_provider::TimeProvider,
    };

    #[derive(Debug)]
    struct Time(Env);
    impl TimeProvider for Time {
        fn current_time(&self) -> Option<UnixTime> {
            Some(UnixTime::since_unix_epoch(Duration::from_secs(self.0.now().seconds().unsigned_abs())))
        }
    }
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority).expect("it is a certificate")).expect("it is an authority");
    let config = ClientConfig::builder_with_details(authority::crypto(), Arc::new(Time(env.clone())));
    config.with_safe_default_protocol_versions().expect("they are there").with_root_certificates(roots).with_no_client_auth()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::origin::Origin;
    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpStream,
    };
    use tokio_rustls::{TlsConnector, client::TlsStream, rustls::pki_types::ServerName};

    /// A client's connection to a development TLS whose only page says by which address it was asked.
    async fn connect(folder: &Path, patience: Duration) -> TlsStream<TcpStream> {
        let env = Env::for_tests(1);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let dev_tls = DevTls::open(listener, folder, env.clone()).expect("it opens");
        let place = dev_tls.place().expect("it listens");
        let router = Router::new().route("/", get(async |origin: Origin| format!("{origin:?}")));
        tokio::spawn(async move { dev_tls.serve_with(router, patience).await.map_err(|error| error.to_string()) });
        let stream = TcpStream::connect(place.proxy.trim_start_matches("http://")).await.expect("it listens");
        let client = TlsConnector::from(Arc::new(client_config(&place.certificate, &env)));
        client.connect(ServerName::try_from(NAMES[0]).expect("it is a name"), stream).await.expect("the leaf is trusted")
    }

    async fn said(stream: &mut TlsStream<TcpStream>) -> String {
        let mut bytes = Vec::new();
        // Whoever is sent away does not always hear a farewell.
        stream.read_to_end(&mut bytes).await.ok();
        String::from_utf8(bytes).expect("it is text")
    }

    #[tokio::test]
    async fn requests_know_that_they_came_by_metas_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut stream = connect(folder.path(), Duration::from_secs(60)).await;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: graph.facebook.com\r\nConnection: close\r\n\r\n").await.expect("it is read");
        let answer = said(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nMeta"), "{answer}");
    }

    #[tokio::test]
    async fn a_head_that_does_not_end_is_cut_off_by_time_and_by_length() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut slow = connect(folder.path(), Duration::from_millis(20)).await;
        slow.write_all(b"GET / HTTP/1.1\r\nHost: gra").await.expect("it is read");
        assert!(!said(&mut slow).await.contains("200"), "it ended without an answer");

        let mut long = connect(folder.path(), Duration::from_secs(60)).await;
        let head = format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}", "x".repeat(limits::DEV_TLS_HEAD_BYTES));
        long.write_all(head.as_bytes()).await.expect("it is read");
        let answer = said(&mut long).await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }

    #[test]
    fn two_lines_are_all_a_client_needs() {
        let place = Place { proxy: "http://127.0.0.1:8443".into(), certificate: "/srv/it's/dev-tls.pem".into() };
        let [proxy, trust] = place.lines();
        assert_eq!(proxy, "export HTTPS_PROXY=http://127.0.0.1:8443 https_proxy=http://127.0.0.1:8443 NODE_USE_ENV_PROXY=1");
        assert!(trust.starts_with("export SSL_CERT_FILE='/srv/it'\\''s/dev-tls.pem' REQUESTS_CA_BUNDLE='"), "{trust}");
        assert!(!proxy.contains('\n') && !trust.contains('\n'));
    }
}
