//! What a unit learns of its changes to the log when they are committed.
use parking_lot::Mutex;
use std::sync::Arc;
use suki_types::NodeId;

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its place in its device's log.
    pub seq: u64,
    /// All up to and including this place was acknowledged by then.
    pub acked: u64,
    /// The node that has the device's connection, or had it last; none before the first, and on SQLite.
    pub node: Option<NodeId>,
}

/// Where entries stand. On PostgreSQL it is known once their unit is committed: a group's entries are written together, at its end.
#[derive(Debug, Clone)]
pub struct Places(Arc<Mutex<Vec<Option<Place>>>>);

impl Places {
    pub(super) fn unknown(count: usize) -> Self {
        Self(Arc::new(Mutex::new(vec![None; count])))
    }

    pub(super) fn known(places: impl Iterator<Item = Place>) -> Self {
        Self(Arc::new(Mutex::new(places.map(Some).collect())))
    }

    pub(super) fn set(&self, index: usize, place: Place) {
        if let Some(unset) = self.0.lock().get_mut(index) {
            *unset = Some(place);
        }
    }

    /// Where the entry at this index of what was appended stands; none before its unit is committed, and without such an entry.
    pub fn get(&self, index: usize) -> Option<Place> {
        self.0.lock().get(index).copied().flatten()
    }

    /// How many entries were appended.
    pub fn len(&self) -> usize {
        self.0.lock().len()
    }

    /// Whether nothing was appended.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All places in the order of the entries; none before their unit is committed.
    pub fn all(&self) -> Option<Vec<Place>> {
        self.0.lock().iter().copied().collect()
    }
}

/// Which node had a device's connection before; known once the unit is committed.
#[derive(Debug, Clone, Default)]
pub struct Connected(Arc<Mutex<Option<NodeId>>>);

impl Connected {
    pub(super) fn set(&self, before: Option<NodeId>) {
        *self.0.lock() = before;
    }

    /// The node that had the device's connection before this one, if it was another; none before the unit is committed.
    pub fn before(&self) -> Option<NodeId> {
        *self.0.lock()
    }
}
