//! A device's connection to the network, kept up: it logs in, sends requests in their order and hands out their answers, gives out what the
//! network pushes, and connects again with growing pauses when it breaks.
//!
//! A request without a connection fails with [`LinkError::Away`], one under way when it breaks with [`LinkError::Disconnected`]: the caller asks again after the next
//! [`LinkEvent::Connected`], which is safe since every request is idempotent. Entries may come again after a reconnect: from the watermark that was
//! acknowledged, so the receiver passes over what it has by `seq`.
mod backoff;
mod call;
mod dial;
mod driver;
mod files;
mod inbox;
mod silence;
mod websocket;

pub use call::CallError;
pub use dial::{Dial, DialError, Dialing, Eager, Local, Wire};
pub use files::{Carrier, FileName, FileStream, HttpCarrier, MoveError};
pub use inbox::{Inbox, LinkEvent};
pub use websocket::{WebSocketDial, socket_url};

use driver::Shared;
use std::{fmt, future::Future, sync::Arc};
use suki_protocol::pb::{client_frame, server_frame};
use suki_types::{DeviceId, Env};

/// Signs with the device's Ed25519 key.
pub type Signer = Arc<dyn Fn(&[u8]) -> Vec<u8> + Send + Sync>;

/// Who connects.
#[derive(Clone)]
pub struct Identity {
    /// The device.
    pub device: DeviceId,
    /// Its key.
    pub signer: Signer,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({})", self.device)
    }
}

/// Why a request has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// There is no connection: nothing was asked.
    #[error("not connected to the network; ask again when connected")]
    Away,
    /// The connection broke before the answer came. The request may have been done: ask again when connected, it is idempotent.
    #[error("the connection to the network broke before it answered; ask again when connected")]
    Disconnected,
    /// The link has ended: it was dropped, or the device was removed from its account.
    #[error("the link has ended")]
    Ended,
}

/// A handle on the connection. Clones share it; it ends when the last is dropped.
#[derive(Clone)]
pub struct Link(Arc<Handle>);

struct Handle(Arc<Shared>);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl Link {
    /// Connects and stays connected. Has to be called within a Tokio runtime.
    pub fn start(dial: Arc<dyn Dial>, identity: Identity, env: Env) -> (Self, Inbox) {
        let (shared, inbox) = Shared::new(identity, env);
        tokio::spawn(driver::run(shared.clone(), dial));
        (Self(Arc::new(Handle(shared))), inbox)
    }

    /// Asks and waits for the answer, which may be a refusal. Requests go out in the order of the calls of this function, not of the polls of
    /// its futures, as long as no more than the protocol allows are under way; beyond that a call waits its turn when polled.
    ///
    /// # Errors
    /// When the connection is not there or breaks.
    pub fn request(&self, body: client_frame::Body) -> impl Future<Output = Result<server_frame::Body, LinkError>> + Send + use<> {
        self.0.0.clone().request(body)
    }

    /// Asks without waiting for the answer: for what is worth nothing later, such as typing. Without a connection nothing happens.
    pub fn tell(&self, body: client_frame::Body) {
        self.0.0.tell(body);
    }

    /// Tells the network that everything up to and including `seq` is durable here. Several calls may become one; it is told again after a reconnect.
    pub fn ack(&self, seq: u64) {
        self.0.0.ack(seq);
    }

    /// Ends the connection for all who share it, without waiting for the last handle.
    pub fn stop(&self) {
        self.0.0.stop();
    }

    /// Whether the device is logged in.
    pub fn is_connected(&self) -> bool {
        self.0.0.is_connected()
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Link({})", if self.is_connected() { "connected" } else { "not connected" })
    }
}
