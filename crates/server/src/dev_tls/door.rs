//! What happens on a connection before HTTP: a tunnel is opened for a client that takes this for its proxy, then TLS begins, then the first request.
//! Every step has its time, and every head its length.
use super::proxy;
use crate::http::origin::Origin;
use axum::{Extension, middleware::AddExtension};
use axum_server::accept::Accept;
use std::{future::Future, io, pin::Pin, sync::Arc};
use suki_types::{Env, limits};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig, server::TlsStream};
use tower::Layer as _;

/// The first byte of TLS: a record of a handshake.
const HANDSHAKE: u8 = 0x16;
/// How many bytes of a refused request are read after the answer, so that the answer is not lost with them.
const REFUSED_BYTES: u64 = 64 * 1024;

/// What HTTP is spoken over: what was read too much of lies in the buffers.
pub type Inside<I> = BufReader<TlsStream<BufReader<I>>>;

/// Lets connections in.
#[derive(Clone)]
pub struct Door {
    tls: TlsAcceptor,
    env: Env,
    places: Arc<Semaphore>,
}

impl Door {
    /// A door to this TLS.
    pub fn new(tls: ServerConfig, env: Env) -> Self {
        Self { tls: Arc::new(tls).into(), env, places: Arc::new(Semaphore::new(limits::DEV_TLS_CONNECTIONS)) }
    }

    /// Lets a connection in; returns when its first request begins.
    ///
    /// # Errors
    /// When the client is refused or too slow, or does not speak TLS.
    pub async fn enter<I: AsyncRead + AsyncWrite + Unpin>(&self, stream: I) -> io::Result<Inside<I>> {
        let mut stream = BufReader::with_capacity(limits::PROXY_HEAD_BYTES, stream);
        self.in_time(tunnel(&mut stream)).await?;
        let mut stream = BufReader::new(self.in_time(self.tls.accept(stream)).await?);
        self.in_time(first_byte(&mut stream)).await?;
        Ok(stream)
    }

    async fn in_time<T>(&self, step: impl Future<Output = io::Result<T>>) -> io::Result<T> {
        let end = self.env.now().plus_millis(limits::DEV_TLS_PATIENCE_MILLIS);
        tokio::select! {
            done = step => done,
            () = self.env.clock.wait_until(end) => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

/// How a connection holds its place: requests of it carry the place, and it is free again when the connection and all of them have ended.
type Held<S> = AddExtension<AddExtension<S, Origin>, Arc<OwnedSemaphorePermit>>;

impl<S: Send + 'static> Accept<TcpStream, S> for Door {
    type Stream = Inside<TcpStream>;
    type Service = Held<S>;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let door = self.clone();
        Box::pin(async move {
            let place = door.places.clone().try_acquire_owned().map_err(io::Error::other)?;
            stream.set_nodelay(true)?;
            let stream = door.enter(stream).await.inspect_err(|error| tracing::debug!(%error, "a client of the development TLS was not let in"))?;
            Ok((stream, Extension(Arc::new(place)).layer(Extension(Origin::Meta).layer(service))))
        })
    }
}

async fn first_byte<I: AsyncRead + Unpin>(stream: &mut BufReader<I>) -> io::Result<u8> {
    stream.fill_buf().await?.first().copied().ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// Opens a tunnel, if the client asks for one; when this returns TLS begins.
async fn tunnel<I: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<I>) -> io::Result<()> {
    if first_byte(stream).await? == HANDSHAKE {
        return Ok(());
    }
    let refusal = match head(stream).await?.map_or_else(|| Err(proxy::too_long()), |head| proxy::check(&head)) {
        Ok(()) => {
            stream.write_all(proxy::OPEN.as_bytes()).await?;
            return stream.flush().await;
        }
        Err(refusal) => refusal,
    };
    stream.write_all(refusal.answer().as_bytes()).await?;
    stream.shutdown().await?;
    tokio::io::copy(&mut stream.take(REFUSED_BYTES), &mut tokio::io::sink()).await?;
    Err(io::Error::new(io::ErrorKind::PermissionDenied, "the proxy refused it"))
}

/// The head of a request, and nothing of what comes after it; `None` when it is too long.
async fn head<I: AsyncRead + Unpin>(stream: &mut BufReader<I>) -> io::Result<Option<Vec<u8>>> {
    let mut head = Vec::new();
    while head.len() < limits::PROXY_HEAD_BYTES {
        let before = head.len();
        first_byte(stream).await?;
        head.extend_from_slice(stream.buffer());
        // The end may have begun with the last three bytes of before.
        let from = before.saturating_sub(3);
        if let Some(length) = proxy::head_length(&head[from..]) {
            head.truncate(from + length);
            stream.consume(head.len() - before);
            return Ok((head.len() <= limits::PROXY_HEAD_BYTES).then_some(head));
        }
        stream.consume(head.len() - before);
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dev_tls::{authority::Authority, client_config, server_config};
    use tokio::io::DuplexStream;
    use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};

    struct Scene {
        env: Env,
        door: Door,
        client: TlsConnector,
        _folder: tempfile::TempDir,
    }

    fn scene() -> Scene {
        let (folder, env) = (tempfile::tempdir().expect("a folder"), Env::for_tests(1));
        let authority = Arc::new(Authority::open(folder.path(), env.clone()).expect("it opens"));
        let client = TlsConnector::from(Arc::new(client_config(authority.certificate(), &env)));
        let door = Door::new(server_config(authority).expect("it is made"), env.clone());
        Scene { env, door, client, _folder: folder }
    }

    impl Scene {
        /// A connection, and what becomes of it.
        fn connect(&self) -> (DuplexStream, tokio::task::JoinHandle<io::Result<Inside<DuplexStream>>>) {
            let (near, far) = tokio::io::duplex(1024);
            let door = self.door.clone();
            (near, tokio::spawn(async move { door.enter(far).await }))
        }

        async fn shake_hands(&self, stream: DuplexStream) -> tokio_rustls::client::TlsStream<DuplexStream> {
            let name = ServerName::try_from("graph.facebook.com").expect("it is a name");
            self.client.connect(name, stream).await.expect("the leaf is trusted")
        }
    }

    async fn said(mut stream: impl AsyncRead + Unpin) -> String {
        let mut text = String::new();
        stream.read_to_string(&mut text).await.expect("it is text");
        text
    }

    #[tokio::test]
    async fn tls_begins_at_once_or_through_a_tunnel() {
        let scene = scene();
        for tunnel in [false, true] {
            let (mut near, inside) = scene.connect();
            if tunnel {
                near.write_all(b"CONNECT graph.facebook.com:443 HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("it is read");
                let mut answer = vec![0; proxy::OPEN.len()];
                near.read_exact(&mut answer).await.expect("it answers");
                assert_eq!(answer, proxy::OPEN.as_bytes());
            }
            let mut client = scene.shake_hands(near).await;
            client.write_all(b"GET / HTTP/1.1\r\n\r\n").await.expect("it is read");
            client.shutdown().await.expect("it ends");
            let inside = inside.await.expect("no panic").expect("it is let in");
            assert_eq!(said(inside).await, "GET / HTTP/1.1\r\n\r\n", "nothing is lost: {tunnel}");
        }
    }

    #[tokio::test]
    async fn a_client_that_does_not_wait_for_the_tunnel_loses_nothing() {
        let scene = scene();
        let (mut near, inside) = scene.connect();
        // The head comes in pieces, and TLS right behind it.
        for piece in ["CONNECT graph.facebook.com:443 HTTP/1.1\r", "\n\r", "\n"] {
            near.write_all(piece.as_bytes()).await.expect("it is read");
            tokio::task::yield_now().await;
        }
        let mut near = tokio::io::join(tokio::io::empty(), near);
        let mut hello = vec![HANDSHAKE, 3, 1, 0, 4];
        hello.extend([1, 0, 0, 0]);
        near.write_all(&hello).await.expect("it is read");
        drop(near);
        let error = inside.await.expect("no panic").expect_err("that is no client hello");
        assert_ne!(error.kind(), io::ErrorKind::PermissionDenied, "it came as far as TLS: {error}");
    }

    #[tokio::test]
    async fn other_hosts_and_clear_text_are_refused_in_words() {
        let scene = scene();
        for (head, status) in [
            ("CONNECT example.com:443 HTTP/1.1\r\n\r\n".to_owned(), 403),
            ("GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(), 400),
            ("POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody".to_owned(), 400),
            (format!("CONNECT graph.facebook.com:443 HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(limits::PROXY_HEAD_BYTES)), 431),
            ("x".repeat(limits::PROXY_HEAD_BYTES + 1), 431),
        ] {
            let (near, inside) = scene.connect();
            let (reader, mut writer) = tokio::io::split(near);
            let (answer, ()) = tokio::join!(said(reader), async {
                writer.write_all(head.as_bytes()).await.expect("it is read");
                writer.shutdown().await.expect("it ends");
            });
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
            assert_eq!(inside.await.expect("no panic").expect_err("refused").kind(), io::ErrorKind::PermissionDenied);
        }
    }

    #[tokio::test]
    async fn whoever_is_slow_is_sent_away() {
        let scene = scene();
        let too_late = async |inside: tokio::task::JoinHandle<io::Result<Inside<DuplexStream>>>| {
            // The connection has to wait before the time can pass.
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            scene.env.manual_clock().advance(limits::DEV_TLS_PATIENCE_MILLIS);
            assert_eq!(inside.await.expect("no panic").expect_err("too late").kind(), io::ErrorKind::TimedOut);
        };
        let (_silent, inside) = scene.connect();
        too_late(inside).await;
        for part in [&b"CONNECT graph.facebook.com:443 HTTP/1.1\r\n"[..], &[HANDSHAKE, 3, 1][..], b"CONNECT graph.facebook.com:443 HTTP/1.1\r\n\r\n"]
        {
            let (mut slow, inside) = scene.connect();
            slow.write_all(part).await.expect("it is read");
            too_late(inside).await;
        }
        let (near, inside) = scene.connect();
        let _idle = scene.shake_hands(near).await;
        too_late(inside).await;
    }
}
