//! Wake-ups: "something is new for this device", from whoever stored it to whoever holds the device's connection, on whatever node.
//!
//! The truth is in the store. A wake may be lost, doubled or late: the connection reads its log from the watermark and finds what it missed. So
//! the contract ([`Bus`]) asks for nothing but a best effort, and fits a message broker between nodes ([`Nats`]) as well as a table in this process
//! ([`InProcess`]). One subject a node and a table from devices to connections in it: a subscription for each device would cost more than its socket.
//! Beside it stands the [`Outbox`], the bounded queue of one connection.
#[cfg(feature = "conformance")]
pub mod conformance;
mod health;
mod in_process;
mod nats;
mod outbox;
mod table;
#[cfg(feature = "testing")]
pub mod testing;

pub use health::{Counters, Health};
pub use in_process::{Hub, InProcess};
pub use nats::{Address, AddressError, FRAME_BYTES, Nats};
pub use outbox::{Outbox, Pushed};

use std::{fmt, sync::Arc};
use suki_protocol::pb;
use suki_types::{DeviceId, NodeId};
use tokio::sync::watch;

/// What is new for a device.
#[derive(Debug, Clone, PartialEq)]
pub enum Wake {
    /// Its log has grown up to and including this sequence number.
    Appended {
        /// The log's last sequence number.
        last: u64,
        /// The new entries themselves, oldest first and without a gap up to `last`, where the bus can carry them; empty otherwise. A connection
        /// that has everything before them need not read the store.
        fresh: Vec<pb::Entry>,
    },
    /// The store says that its log reaches so far: found by asking, where a wake may have been lost.
    Stored {
        /// The log's last sequence number.
        last: u64,
    },
    /// Somebody types. Not stored anywhere.
    Typing(pb::Typing),
    /// The device was removed from its account: its connection ends.
    Removed,
    /// The device has logged in on another node: the connection here is the old one, unless it has come back meanwhile.
    Replaced,
}

/// Who holds a device's connection. Called on the publisher's thread, so it may lock briefly and must not block.
pub trait Listener: Send + Sync {
    /// Something is new.
    fn wake(&self, wake: Wake);
    /// The same device has connected again to this node; this connection is the old one.
    fn replaced(&self);
}

/// Carries wakes from publishers to the connections of this node, and to other nodes.
pub trait Bus: Send + Sync + fmt::Debug {
    /// This node, when there may be others; `None` in a process that is alone.
    fn node(&self) -> Option<NodeId>;
    /// Tells whoever holds the device's connection: on `node`, or on this one when none is named. Loss is allowed, waiting is not.
    fn publish(&self, node: Option<NodeId>, device: DeviceId, wake: Wake);
    /// This node holds the device's connection from now on. An earlier listener of the same device is told that it was replaced.
    fn subscribe(&self, device: DeviceId, listener: Arc<dyn Listener>);
    /// This node's connection of the device is gone. Does nothing when another listener has taken its place.
    fn unsubscribe(&self, device: DeviceId, listener: &Arc<dyn Listener>);
    /// Whether this node holds a connection of the device.
    fn is_here(&self, device: DeviceId) -> bool;
    /// The devices whose connections this node holds, in no order.
    fn devices(&self) -> Vec<DeviceId>;
    /// How it stands with the way to other nodes, to be watched; `None` where there are none. While it is not healthy, and after each loss, only the
    /// store knows what is new.
    fn health(&self) -> Option<watch::Receiver<Health>>;
    /// What was carried and lost since the start.
    fn counters(&self) -> Counters;

    /// Whether wakes reach other nodes, as far as this one knows; always so where there are none.
    fn is_healthy(&self) -> bool {
        self.health().is_none_or(|health| health.borrow().healthy)
    }
}
