//! Pushing a device's log to its connection: fresh entries as they come while it is caught up, from the store when it is not.
use super::{Shared, Stage};
use crate::{append::wire_entry, operations::Seen};
use std::sync::{Arc, Weak, atomic::Ordering};
use suki_bus::{Listener, Pushed, Wake};
use suki_protocol::pb::{self, EntryKind, server_frame::Body};
use suki_store::{StoreError, Tx, log};
use suki_types::{DeviceId, NodeId, limits};

/// How far the push has come.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Everything up to here was pushed.
    pub pushed: u64,
    /// The last message of what was pushed.
    pub last_message: u64,
    /// Everything up to here was acknowledged before, as far as this connection knows.
    pub acked: u64,
    /// The log is known to reach this far.
    pub known: u64,
    /// The store has to be asked: the log may reach further than is known.
    pub look: bool,
    /// It is being asked.
    pub looking: bool,
    /// The store has to be asked, too, whether the device was removed: before it was subscribed nobody told this connection.
    pub doubted: bool,
}

/// When so many frames wait, entries stay in the store until the device has read some.
const WAITING_PUSHES: usize = 64;
/// The most bytes of entries that are read from the store at once, to be pushed in several frames.
const READ_BYTES: usize = 256 * 1024;

impl Listener for Shared {
    fn wake(&self, wake: Wake) {
        match wake {
            Wake::Appended { last, fresh } => self.appended(last, fresh),
            Wake::Stored { last } => {
                if self.state.lock().progress.known < last {
                    self.network.0.found.fetch_add(1, Ordering::Relaxed);
                }
                self.appended(last, Vec::new());
            }
            Wake::Typing(typing) => {
                // A signal of a moment: worth nothing to a connection that is behind.
                if self.outbox.len() < WAITING_PUSHES {
                    self.outbox.push(pb::ServerFrame { request: 0, body: Some(Body::Typing(typing)) });
                }
            }
            Wake::Removed => self.outbox.close(),
            Wake::Replaced => self.look_where_it_is(),
        }
    }

    fn replaced(&self) {
        self.outbox.close();
    }
}

impl Shared {
    /// Whether its log holds, or may hold, what it was not pushed.
    pub(super) fn is_behind(&self) -> bool {
        let state = self.state.lock();
        let progress = &state.progress;
        matches!(state.stage, Stage::Open { .. }) && !progress.looking && (progress.look || progress.pushed < progress.known)
    }

    /// What this connection knows of its log up to `seq`, which is about to be acknowledged.
    pub(super) fn seen(&self, seq: u64) -> Seen {
        let progress = &mut self.state.lock().progress;
        let acked = progress.acked;
        progress.acked = acked.max(seq.min(progress.pushed));
        Seen { acked, last_message: (seq <= progress.pushed).then_some(progress.last_message) }
    }

    /// Another node says that it has the device now. By the time this is heard the device may have come back, so the store decides.
    fn look_where_it_is(&self) {
        let device = match &self.state.lock().stage {
            Stage::Open { caller, .. } => caller.device,
            _ => return,
        };
        let own = self.network.bus().node();
        let reading = self.network.db().read(move |tx| log::node(tx, device));
        let (network, number) = (self.network.clone(), self.number);
        tokio::spawn(async move {
            let node: Result<Option<NodeId>, StoreError> = reading.await;
            // Where the store does not answer, the next look of the node finds it.
            if node.is_ok_and(|node| node != own) {
                let session = network.0.sessions.lock().get(&number).and_then(Weak::upgrade);
                session.inspect(Self::end);
            }
        });
    }

    fn appended(&self, last: u64, fresh: Vec<pb::Entry>) {
        let mut state = self.state.lock();
        let progress = &mut state.progress;
        if last <= progress.pushed {
            return;
        }
        progress.known = progress.known.max(last);
        let follows = fresh.first().is_some_and(|entry| entry.seq == progress.pushed + 1);
        if !follows || progress.look || progress.looking || self.outbox.len() >= WAITING_PUSHES {
            drop(state);
            return self.outbox.nudge();
        }
        progress.pushed = last;
        progress.last_message = last_message(&fresh).unwrap_or(progress.last_message);
        // Still under the lock, so that entries enter the queue in the order of the log.
        let frame = pb::ServerFrame { request: 0, body: Some(Body::Entries(pb::Entries { entries: fresh })) };
        if self.outbox.push_or_merge(frame, merge) == Pushed::Full {
            self.outbox.close();
        }
    }

    /// Reads on from where the push stands. In a task of its own: the reader of the outbox may go away and come back at any time.
    pub(super) fn catch_up(self: &Arc<Self>) {
        let Some(Look { device, after, known, doubted }) = self.look() else { return };
        let reading = self.network.db().read(move |tx| {
            let is_gone = doubted && is_removed(tx, device)?;
            Ok(if is_gone { None } else { Some(log::fetch(tx, device, after, limits::ENTRIES_PER_PUSH)?) })
        });
        let shared = self.clone();
        tokio::spawn(async move {
            let stored: Result<Option<Vec<log::StoredEntry>>, StoreError> = reading.await;
            match stored {
                Ok(Some(stored)) => shared.caught_up(stored, after, known),
                // Between its log-in and its subscription.
                Ok(None) => shared.outbox.close(),
                Err(error) => {
                    // The device connects again, with its back-off.
                    tracing::error!(%error, "a device's log cannot be read");
                    shared.outbox.close();
                }
            }
        });
    }

    fn caught_up(&self, stored: Vec<log::StoredEntry>, after: u64, known: u64) {
        let all = stored.len() < limits::ENTRIES_PER_PUSH;
        let (entries, cut) = as_many_as_fit(stored);
        let mut state = self.state.lock();
        let progress = &mut state.progress;
        progress.looking = false;
        let last = entries.last().map_or(after, |entry| entry.seq);
        progress.last_message = last_message(&entries).unwrap_or(progress.last_message);
        // What is known and not there has expired.
        progress.pushed = if all && !cut { last.max(known) } else { last };
        progress.known = progress.known.max(progress.pushed);
        progress.look |= cut || !all;
        if entries.is_empty() {
            drop(state);
            return self.outbox.nudge();
        }
        for entries in pushes(entries) {
            let frame = pb::ServerFrame { request: 0, body: Some(Body::Entries(entries)) };
            if self.outbox.push(frame) == Pushed::Full {
                self.outbox.close();
            }
        }
    }

    fn look(&self) -> Option<Look> {
        let mut state = self.state.lock();
        let Stage::Open { caller, .. } = &state.stage else { return None };
        let device = caller.device;
        let progress = &mut state.progress;
        progress.look = false;
        progress.looking = true;
        let doubted = std::mem::take(&mut progress.doubted);
        Some(Look { device, after: progress.pushed, known: progress.known, doubted })
    }
}

/// What the store is asked.
struct Look {
    device: DeviceId,
    after: u64,
    known: u64,
    doubted: bool,
}

fn is_removed(tx: &mut Tx<'_>, device: DeviceId) -> Result<bool, StoreError> {
    let there = tx.query_opt("SELECT 1 FROM device WHERE device = ?1 AND removed_at = 0", &[(&device).into()], |row| row.get::<i64>(0))?;
    Ok(there.is_none())
}

fn last_message(entries: &[pb::Entry]) -> Option<u64> {
    entries.iter().rev().find(|entry| entry.kind() == EntryKind::Message).map(|entry| entry.seq)
}

/// What an entry adds to a frame, with all that names it.
fn bytes(entry: &pb::Entry) -> usize {
    entry.payload.len() + 128
}

/// Entries that came one after the other share a frame while it waits.
fn merge(newest: &mut pb::ServerFrame, item: pb::ServerFrame) -> Option<pb::ServerFrame> {
    let (Some(Body::Entries(waiting)), Some(Body::Entries(fresh))) = (&mut newest.body, &item.body) else { return Some(item) };
    let all = waiting.entries.iter().chain(&fresh.entries);
    if waiting.entries.len() + fresh.entries.len() > limits::ENTRIES_PER_PUSH || all.map(bytes).sum::<usize>() > limits::PUSH_BYTES {
        return Some(item);
    }
    if let Some(Body::Entries(fresh)) = item.body {
        waiting.entries.extend(fresh.entries);
    }
    None
}

/// As much of what was stored as is taken in at once, and whether there is more.
fn as_many_as_fit(stored: Vec<log::StoredEntry>) -> (Vec<pb::Entry>, bool) {
    let mut all = 0;
    let mut entries = Vec::with_capacity(stored.len());
    for entry in stored {
        let entry = wire_entry(entry);
        all += bytes(&entry);
        if all > READ_BYTES && !entries.is_empty() {
            return (entries, true);
        }
        entries.push(entry);
    }
    (entries, false)
}

/// Entries in their order, shared out among frames.
fn pushes(entries: Vec<pb::Entry>) -> Vec<pb::Entries> {
    let (mut pushes, mut all) = (vec![pb::Entries::default()], 0);
    for entry in entries {
        all += bytes(&entry);
        if all > limits::PUSH_BYTES && pushes.last().is_some_and(|last| !last.entries.is_empty()) {
            all = bytes(&entry);
            pushes.push(pb::Entries::default());
        }
        if let Some(last) = pushes.last_mut() {
            last.entries.push(entry);
        }
    }
    pushes
}
