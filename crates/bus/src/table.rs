//! The routing table of one node: from devices to their connections.
use crate::{Listener, Wake};
use parking_lot::RwLock;
use std::{collections::HashMap, sync::Arc};
use suki_types::DeviceId;

const SHARDS: usize = 16;
type Shard = RwLock<HashMap<DeviceId, Arc<dyn Listener>>>;

/// Which connection of this node is a device's.
#[derive(Default)]
pub(crate) struct Table([Shard; SHARDS]);

impl Table {
    // The last bytes of an id are random, so that they spread evenly.
    fn shard(&self, device: DeviceId) -> &Shard {
        &self.0[usize::from(device.as_bytes()[15]) % SHARDS]
    }

    pub(crate) fn deliver(&self, device: DeviceId, wake: Wake) {
        // The lock is gone before the listener runs, so that a listener may subscribe or unsubscribe.
        let listener = self.shard(device).read().get(&device).cloned();
        if let Some(listener) = listener {
            listener.wake(wake);
        }
    }

    pub(crate) fn subscribe(&self, device: DeviceId, listener: Arc<dyn Listener>) {
        let old = self.shard(device).write().insert(device, listener);
        if let Some(old) = old {
            old.replaced();
        }
    }

    pub(crate) fn unsubscribe(&self, device: DeviceId, listener: &Arc<dyn Listener>) {
        let mut shard = self.shard(device).write();
        if shard.get(&device).is_some_and(|held| Arc::ptr_eq(held, listener)) {
            shard.remove(&device);
        }
    }

    pub(crate) fn is_here(&self, device: DeviceId) -> bool {
        self.shard(device).read().contains_key(&device)
    }

    pub(crate) fn devices(&self) -> Vec<DeviceId> {
        self.0.iter().flat_map(|shard| shard.read().keys().copied().collect::<Vec<_>>()).collect()
    }

    pub(crate) fn connected(&self) -> usize {
        self.0.iter().map(|shard| shard.read().len()).sum()
    }
}
