//! What the network says unasked, in its order.
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use suki_protocol::pb;
use tokio::sync::{Notify, mpsc};

/// Something happened.
#[derive(Debug, Clone, PartialEq)]
pub enum LinkEvent {
    /// The device is logged in: requests go out, entries after `acked` follow.
    Connected(pb::LoggedIn),
    /// Entries of the device's log, oldest first. After a reconnect some may come a second time.
    Entries(Vec<pb::Entry>),
    /// Somebody types.
    Typing(pb::Typing),
    /// The connection is gone; it will be made again.
    Disconnected,
    /// The network does not let the device in. Unless it was removed, the link goes on trying.
    LogInRefused {
        /// What the network said.
        refused: pb::Refused,
        /// The device does not belong to its account any more: the link has ended.
        removed: bool,
    },
}

/// When so many bytes wait for a receiver that does not keep up, the link disconnects until they are taken.
const MOST_BYTES: usize = 32 * 1024 * 1024;

#[derive(Debug, Default)]
pub(crate) struct Level {
    bytes: AtomicUsize,
    emptied: Notify,
}

/// The receiver's end. Events wait here without holding up answers, so that the receiver may ask while it works on one.
#[derive(Debug)]
pub struct Inbox {
    events: mpsc::UnboundedReceiver<LinkEvent>,
    level: Arc<Level>,
}

/// The link's end.
#[derive(Debug)]
pub(crate) struct Sink {
    events: mpsc::UnboundedSender<LinkEvent>,
    level: Arc<Level>,
}

pub(crate) fn pair() -> (Sink, Inbox) {
    let (sender, events) = mpsc::unbounded_channel();
    let level = Arc::new(Level::default());
    (Sink { events: sender, level: level.clone() }, Inbox { events, level })
}

fn size(event: &LinkEvent) -> usize {
    match event {
        LinkEvent::Entries(entries) => entries.iter().map(|entry| entry.payload.len() + size_of::<pb::Entry>() + 64).sum(),
        _ => size_of::<LinkEvent>(),
    }
}

impl Inbox {
    /// The next event; `None` when the link has ended.
    pub async fn next(&mut self) -> Option<LinkEvent> {
        let event = self.events.recv().await?;
        Some(self.taken(event))
    }

    /// An event that waits already.
    pub fn try_next(&mut self) -> Option<LinkEvent> {
        let event = self.events.try_recv().ok()?;
        Some(self.taken(event))
    }

    fn taken(&self, event: LinkEvent) -> LinkEvent {
        let bytes = size(&event);
        if self.level.bytes.fetch_sub(bytes, Ordering::AcqRel) == bytes {
            self.level.emptied.notify_one();
        }
        event
    }
}

impl Sink {
    /// False when too much waits: the connection has to pause.
    pub fn put(&self, event: LinkEvent) -> bool {
        let bytes = size(&event);
        let before = self.level.bytes.fetch_add(bytes, Ordering::AcqRel);
        if self.events.send(event).is_err() {
            // A receiver that is gone needs no events, and holds up nobody.
            self.level.bytes.store(0, Ordering::Release);
            return true;
        }
        before + bytes <= MOST_BYTES
    }

    /// Waits until the receiver has taken everything.
    pub async fn emptied(&self) {
        while self.level.bytes.load(Ordering::Acquire) > 0 {
            self.level.emptied.notified().await;
        }
    }
}
