//! How a connection is made.
use std::{future::Future, pin::Pin, sync::Arc};
use suki_protocol::pb;
use tokio::sync::mpsc;

/// A connection: frames out, frames in. It is over when either channel is closed.
#[derive(Debug)]
pub struct Wire {
    /// To the network.
    pub out: mpsc::Sender<pb::ClientFrame>,
    /// From the network.
    pub incoming: mpsc::Receiver<pb::ServerFrame>,
}

/// Why no connection was made, for the log and the user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the network cannot be reached: {0}")]
pub struct DialError(pub String);

/// A connection that is being made.
pub type Dialing = Pin<Box<dyn Future<Output = Result<Wire, DialError>> + Send>>;

/// Makes connections, one after the other.
pub trait Dial: Send + Sync {
    /// Makes one.
    fn dial(&self) -> Dialing;

    /// How long the pause between two attempts is at most after so long without a connection, both in milliseconds: half a minute, since devices that were cut
    /// off are many.
    fn longest_pause_millis(&self, _away_millis: i64) -> i64 {
        30_000
    }
}

/// The connections of another dial, tried for more often: for businesses, which are fewer than devices, and whose people wait. In the first minute, in which
/// servers are replaced, each two seconds.
pub struct Eager(pub Arc<dyn Dial>);

impl Dial for Eager {
    fn dial(&self) -> Dialing {
        self.0.dial()
    }

    fn longest_pause_millis(&self, away_millis: i64) -> i64 {
        if away_millis < 60_000 { 2_000 } else { 10_000 }
    }
}

/// Connections within this process: the function gives a fresh pair of channels, such as `Network::connect`.
#[derive(Debug)]
pub struct Local<F>(pub F);

impl<F> Dial for Local<F>
where
    F: Fn() -> (mpsc::Sender<pb::ClientFrame>, mpsc::Receiver<pb::ServerFrame>) + Send + Sync,
{
    fn dial(&self) -> Dialing {
        let (out, incoming) = (self.0)();
        Box::pin(std::future::ready(Ok(Wire { out, incoming })))
    }
}
