//! What a group of units writes to the log at its end, on PostgreSQL: everything at once, in the order of the devices. So groups never wait for each other
//! in a circle, and a busy mailbox is locked for as long as the last statement and the commit take.
use super::{Acknowledged, Connected, NewEntry, Places};
use std::collections::HashSet;
use suki_types::{ConversationId, DeviceId, NodeId, Timestamp};

/// An entry that waits.
pub(super) struct Late {
    pub device: DeviceId,
    pub at: Timestamp,
    pub kind: i32,
    pub conversation: ConversationId,
    pub message_id: Vec<u8>,
    pub from_device: Option<DeviceId>,
    pub payload: Vec<u8>,
    pub places: Places,
    /// Which of the places is its own.
    pub index: usize,
}

/// A watermark that moves.
pub(super) struct Moved {
    pub device: DeviceId,
    pub by: Acknowledged,
}

/// A connection that a node has taken.
pub(super) struct Taken {
    pub device: DeviceId,
    pub node: NodeId,
    pub connected: Connected,
}

/// What waits for the end of the transaction.
#[derive(Default)]
pub(super) struct Changes {
    pub entries: Vec<Late>,
    pub moves: Vec<Moved>,
    pub taken: Vec<Taken>,
}

impl Changes {
    fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.moves.is_empty() && self.taken.is_empty()
    }

    fn lengths(&self) -> [usize; 3] {
        [self.entries.len(), self.moves.len(), self.taken.len()]
    }

    fn truncate(&mut self, [entries, moves, taken]: [usize; 3]) {
        self.entries.truncate(entries);
        self.moves.truncate(moves);
        self.taken.truncate(taken);
    }
}

/// What the units of a group want written at its end.
#[derive(Default)]
pub(crate) struct Deferred {
    waiting: Changes,
    /// How much of it is of earlier units.
    earlier: [usize; 3],
    /// What was written while the running unit runs, since it wanted to see it, and how much of that is of earlier units: they get it back when the
    /// unit, and with it what was written, is rolled back.
    written: Option<(Changes, [usize; 3])>,
    /// Every device that something waits for, and perhaps some more.
    devices: HashSet<DeviceId>,
    /// Every device whose watermark moves, and perhaps some more.
    moving: HashSet<DeviceId>,
    /// Whether anything was to be written since the transaction began.
    used: bool,
    /// Whether an attempt before found something else than what it was told.
    doubts: bool,
}

impl Deferred {
    /// Forgets what an attempt before left, and says whether there was something. An attempt that is not the first believes nothing that it can read.
    pub(crate) fn begin(&mut self, first: bool) -> bool {
        std::mem::replace(self, Self { doubts: !first, ..Self::default() }).used
    }

    /// Whether a watermark may be taken to stand there without being read.
    pub(super) fn believes(&self, device: DeviceId, was: u64) -> bool {
        !self.doubts && !self.concerns(device) && self.moved(device).is_none_or(|now| now == was)
    }

    pub(crate) fn unit_begins(&mut self) {
        self.earlier = self.waiting.lengths();
        self.written = None;
    }

    pub(crate) fn unit_is_rolled_back(&mut self) {
        let Some((mut written, earlier)) = self.written.take() else { return self.waiting.truncate(self.earlier) };
        written.truncate(earlier);
        self.waiting = written;
        let Self { waiting, devices, moving, .. } = self;
        devices.extend(waiting.entries.iter().map(|late| late.device).chain(waiting.taken.iter().map(|taken| taken.device)));
        moving.extend(waiting.moves.iter().map(|moved| moved.device));
    }

    pub(super) fn append(&mut self, entries: &[NewEntry<'_>]) -> Places {
        let places = Places::unknown(entries.len());
        self.used = true;
        self.waiting.entries.extend(entries.iter().enumerate().map(|(index, entry)| Late {
            device: entry.device,
            at: entry.at,
            kind: entry.kind,
            conversation: entry.conversation,
            message_id: entry.message_id.to_vec(),
            from_device: entry.from_device,
            payload: entry.payload.to_vec(),
            places: places.clone(),
            index,
        }));
        self.devices.extend(entries.iter().map(|entry| entry.device));
        places
    }

    pub(super) fn acknowledge(&mut self, device: DeviceId, by: Acknowledged) {
        self.used = true;
        self.waiting.moves.push(Moved { device, by });
        self.moving.insert(device);
    }

    pub(super) fn connect(&mut self, device: DeviceId, node: NodeId) -> Connected {
        let connected = Connected::default();
        self.used = true;
        self.waiting.taken.push(Taken { device, node, connected: connected.clone() });
        self.devices.insert(device);
        connected
    }

    /// Whether an entry or a connection of this device waits. It may say so when none does (any more).
    pub(super) fn concerns(&self, device: DeviceId) -> bool {
        self.devices.contains(&device)
    }

    /// Where the device's watermark will stand, if it moves.
    pub(super) fn moved(&self, device: DeviceId) -> Option<u64> {
        if !self.moving.contains(&device) {
            return None;
        }
        self.waiting.moves.iter().rev().find(|moved| moved.device == device).map(|moved| moved.by.now)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Hands over what waits, to be written now; nothing waits from then on.
    pub(super) fn take(&mut self) -> Changes {
        self.devices.clear();
        self.moving.clear();
        std::mem::take(&mut self.waiting)
    }

    /// Keeps what was written while a unit runs, until it ends.
    pub(super) fn keep(&mut self, mut changes: Changes) {
        match &mut self.written {
            // All that came since is the running unit's.
            Some((written, _)) => {
                written.entries.append(&mut changes.entries);
                written.moves.append(&mut changes.moves);
                written.taken.append(&mut changes.taken);
            }
            None => self.written = Some((changes, self.earlier)),
        }
        self.earlier = [0; 3];
    }
}
