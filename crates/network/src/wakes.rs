//! Whom to wake once a unit is committed, and with what: the place of an entry may be known only then.
use crate::{Network, refusal::Refusal};
use parking_lot::Mutex;
use std::collections::HashSet;
use suki_bus::Wake;
use suki_protocol::pb;
use suki_store::{
    StoreError, Tx,
    log::{self, Places},
};
use suki_types::{DeviceId, NodeId, Timestamp, limits};

/// Whom a unit wakes.
pub(crate) type Wakes = Vec<(DeviceId, Due)>;

/// What a device is woken with.
#[derive(Debug, Clone)]
pub(crate) enum Due {
    /// Its log has grown by the entry at this index of what was appended.
    Appended {
        places: Places,
        index: usize,
        /// The entry itself but for its place, where somebody here waits for it.
        fresh: Option<Box<pb::Entry>>,
    },
    /// What has no place, and the node that has the device's connection, if it is another.
    Now(Option<NodeId>, Wake),
}

/// How many full logs are remembered; what is forgotten is noticed again with the next entry.
const FULL_LOGS: usize = 65_536;

/// The devices whose logs were found full after an entry was appended: before the next one they are asked whether they still are.
#[derive(Debug, Default)]
pub(crate) struct FullLogs(Mutex<HashSet<DeviceId>>);

impl FullLogs {
    fn note(&self, device: DeviceId) {
        let mut full = self.0.lock();
        if full.len() >= FULL_LOGS
            && let Some(one) = full.iter().next().copied()
        {
            full.remove(&one);
        }
        full.insert(device);
    }
}

impl Network {
    /// Wakes whom a unit named, once it is committed.
    pub(crate) fn wake(&self, wakes: Wakes) {
        for (device, due) in wakes {
            if let Some((node, wake)) = self.what_is_due(device, due) {
                self.bus().publish(node, device, wake);
            }
        }
    }

    /// What is told to a device at once and stands in no log.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn signal(&self, tx: &mut Tx<'_>, device: DeviceId, wake: Wake) -> Result<(DeviceId, Due), StoreError> {
        let may_be_elsewhere = self.bus().node().is_some() && !self.bus().is_here(device);
        let node = if may_be_elsewhere { log::node(tx, device)? } else { None };
        Ok((device, Due::Now(node, wake)))
    }

    /// The wake, and the node that has the device's connection as far as the store says.
    fn what_is_due(&self, device: DeviceId, due: Due) -> Option<(Option<NodeId>, Wake)> {
        match due {
            Due::Now(node, wake) => Some((node, wake)),
            Due::Appended { places, index, fresh } => {
                let place = places.get(index)?;
                if place.seq - place.acked.min(place.seq) > limits::LOG_ENTRIES_PER_DEVICE {
                    self.0.full_logs.note(device);
                }
                let fresh = fresh.map(|entry| pb::Entry { seq: place.seq, ..*entry });
                Some((place.node, Wake::Appended { last: place.seq, fresh: fresh.into_iter().collect() }))
            }
        }
    }

    /// Refuses what is for a device whose log was found full and still is.
    ///
    /// # Errors
    /// [`Refusal::rate_limited`] when it is.
    pub(crate) fn refuse_full_log(&self, tx: &mut Tx<'_>, device: DeviceId, now: Timestamp) -> Result<(), Refusal> {
        if !self.0.full_logs.0.lock().contains(&device) {
            return Ok(());
        }
        let waiting = waiting(tx, device)?;
        // What is refused now was appended before the limit was noticed.
        if waiting >= limits::LOG_ENTRIES_PER_DEVICE {
            return Err(full(waiting, now));
        }
        self.0.full_logs.0.lock().remove(&device);
        Ok(())
    }
}

fn waiting(tx: &mut Tx<'_>, device: DeviceId) -> Result<u64, StoreError> {
    Ok(log::mailbox(tx, device)?.map_or(0, |mailbox| mailbox.last.saturating_sub(mailbox.acked)))
}

/// So many entries wait for a device that no more are taken for it.
pub(crate) fn full(waiting: u64, now: Timestamp) -> Refusal {
    Refusal::rate_limited(
        format!("A receiving device has not fetched {waiting} entries; at most {} may wait, try again later", limits::LOG_ENTRIES_PER_DEVICE),
        now.plus_millis(60_000),
    )
}
