//! Wake-ups: "something is new for this device", from whoever stored it to whoever holds the device's connection.
//!
//! The truth is in the store. A wake may be lost, doubled or late: the connection reads its log from the watermark and finds what it missed. So
//! the contract ([`Bus`]) asks for nothing but a best effort, and fits a message broker between nodes as well as a table in this process.
//! Beside it stands the [`Outbox`], the bounded queue of one connection.
mod in_process;
mod outbox;

pub use in_process::InProcess;
pub use outbox::{Outbox, Pushed};

use std::{fmt, sync::Arc};
use suki_protocol::pb;
use suki_types::DeviceId;

/// What is new for a device.
#[derive(Debug, Clone)]
pub enum Wake {
    /// Its log has grown up to and including this sequence number.
    Appended {
        /// The log's last sequence number.
        last: u64,
        /// The new entries themselves, oldest first and without a gap up to `last`, where the bus can carry them; empty otherwise. A connection
        /// that has everything before them need not read the store.
        fresh: Vec<pb::Entry>,
    },
    /// Somebody types. Not stored anywhere.
    Typing(pb::Typing),
    /// The device was removed from its account: its connection ends.
    Removed,
}

/// Who holds a device's connection. Called on the publisher's thread, so it may lock briefly and must not block.
pub trait Listener: Send + Sync {
    /// Something is new.
    fn wake(&self, wake: Wake);
    /// The same device has connected again; this connection is the old one.
    fn replaced(&self);
}

/// Carries wakes from publishers to the connections of this node.
pub trait Bus: Send + Sync + fmt::Debug {
    /// Tells whoever holds the device's connection, on whatever node. Loss is allowed, waiting is not.
    fn publish(&self, device: DeviceId, wake: Wake);
    /// This node holds the device's connection from now on. An earlier listener of the same device is told that it was replaced.
    fn subscribe(&self, device: DeviceId, listener: Arc<dyn Listener>);
    /// This node's connection of the device is gone. Does nothing when another listener has taken its place.
    fn unsubscribe(&self, device: DeviceId, listener: &Arc<dyn Listener>);
    /// Whether this node holds a connection of the device.
    fn is_here(&self, device: DeviceId) -> bool;
}
