//! Connections whose handshake is done. Handshakes happen beside each other and each has its time, so that who is slow holds up nobody.
use super::{Tls, shared::Answers};
use axum::serve::Listener;
use std::{io, net::SocketAddr, sync::Arc};
use suki_types::{Env, limits};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
    task::JoinHandle,
};
use tokio_rustls::{LazyConfigAcceptor, rustls::server::Acceptor, server::TlsStream};

/// A listener that speaks TLS. Dropping it closes the address; what was let in stays.
#[derive(Debug)]
pub struct TlsListener {
    address: SocketAddr,
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    accepting: JoinHandle<()>,
}

impl TlsListener {
    /// Speaks TLS on this listener.
    ///
    /// # Errors
    /// When the system does not say where it listens.
    pub fn new(listener: TcpListener, tls: Tls, env: Env) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (done, ready) = mpsc::channel(limits::TLS_HANDSHAKES);
        let accepting = tokio::spawn(accept(listener, tls, env, done));
        Ok(Self { address, ready, accepting })
    }
}

impl Drop for TlsListener {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(mut listener: TcpListener, tls: Tls, env: Env, done: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>) {
    let places = Arc::new(Semaphore::new(limits::TLS_HANDSHAKES));
    loop {
        // Nothing closes the semaphore.
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let (stream, from) = Listener::accept(&mut listener).await;
        let (tls, env, done) = (tls.clone(), env.clone(), done.clone());
        tokio::spawn(async move {
            let _place = place;
            drop(stream.set_nodelay(true));
            let end = env.now().plus_millis(limits::TLS_HANDSHAKE_MILLIS);
            let shaken = tokio::select! {
                shaken = shake(stream, &tls) => shaken,
                () = env.clock.wait_until(end) => Err(io::ErrorKind::TimedOut.into()),
            };
            match shaken {
                // Where nobody takes it any more the server ends.
                Ok(Some(stream)) => drop(done.send((stream, from)).await),
                Ok(None) => tracing::info!("an authority has asked whether a name is this server's, and was answered"),
                Err(error) => tracing::debug!(%error, "a client's handshake failed"),
            }
        });
    }
}

/// Shakes hands; none when that was all, as with an authority that looks at what it is shown.
async fn shake(stream: TcpStream, tls: &Tls) -> io::Result<Option<TlsStream<TcpStream>>> {
    let begun = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
    let asked = tls.answers.as_ref().zip(Answers::asked(&begun.client_hello()));
    let Some((answers, name)) = asked else { return begun.into_stream(tls.config.clone()).await.map(Some) };
    let config = answers.config(name).await.map_err(io::Error::other)?;
    begun.into_stream(config).await.map(|_| None)
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            // The task that accepts ends with this listener, and not before.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}
