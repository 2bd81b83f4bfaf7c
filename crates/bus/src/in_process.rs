//! The bus of one process: a table from devices to their connections.
use crate::{Bus, Listener, Wake};
use parking_lot::RwLock;
use std::{collections::HashMap, fmt, sync::Arc};
use suki_types::DeviceId;

const SHARDS: usize = 16;
type Shard = RwLock<HashMap<DeviceId, Arc<dyn Listener>>>;

/// A bus within this process. It loses nothing, and wakes carry their entries.
#[derive(Default)]
pub struct InProcess([Shard; SHARDS]);

impl InProcess {
    /// A bus nobody listens on yet.
    pub fn new() -> Self {
        Self::default()
    }

    // The last bytes of an id are random, so that they spread evenly.
    fn shard(&self, device: DeviceId) -> &Shard {
        &self.0[usize::from(device.as_bytes()[15]) % SHARDS]
    }

    /// How many devices are connected.
    pub fn connected(&self) -> usize {
        self.0.iter().map(|shard| shard.read().len()).sum()
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InProcess({} connected)", self.connected())
    }
}

impl Bus for InProcess {
    fn publish(&self, device: DeviceId, wake: Wake) {
        // The lock is gone before the listener runs, so that a listener may subscribe or unsubscribe.
        let listener = self.shard(device).read().get(&device).cloned();
        if let Some(listener) = listener {
            listener.wake(wake);
        }
    }

    fn subscribe(&self, device: DeviceId, listener: Arc<dyn Listener>) {
        let old = self.shard(device).write().insert(device, listener);
        if let Some(old) = old {
            old.replaced();
        }
    }

    fn unsubscribe(&self, device: DeviceId, listener: &Arc<dyn Listener>) {
        let mut shard = self.shard(device).write();
        if shard.get(&device).is_some_and(|held| Arc::ptr_eq(held, listener)) {
            shard.remove(&device);
        }
    }

    fn is_here(&self, device: DeviceId) -> bool {
        self.shard(device).read().contains_key(&device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parking_lot::Mutex;
    use suki_types::Env;

    #[derive(Default)]
    struct Heard(Mutex<Vec<String>>);
    impl Listener for Heard {
        fn wake(&self, wake: Wake) {
            self.0.lock().push(match wake {
                Wake::Appended { last, .. } => format!("{last}"),
                Wake::Typing(_) => "typing".into(),
                Wake::Removed => "removed".into(),
            });
        }
        fn replaced(&self) {
            self.0.lock().push("replaced".into());
        }
    }

    #[test]
    fn a_wake_reaches_the_newest_connection_alone() {
        let bus = InProcess::new();
        let device = DeviceId::new(&Env::for_tests(1));
        let (old, new) = (Arc::new(Heard::default()), Arc::new(Heard::default()));
        let (old_listener, new_listener): (Arc<dyn Listener>, Arc<dyn Listener>) = (old.clone(), new.clone());
        bus.publish(device, Wake::Removed);
        bus.subscribe(device, old_listener.clone());
        bus.publish(device, Wake::Appended { last: 1, fresh: Vec::new() });
        bus.subscribe(device, new_listener.clone());
        bus.unsubscribe(device, &old_listener);
        bus.publish(device, Wake::Appended { last: 2, fresh: Vec::new() });
        assert_eq!(*old.0.lock(), ["1", "replaced"]);
        assert_eq!(*new.0.lock(), ["2"]);
        assert!(bus.is_here(device));
        bus.unsubscribe(device, &new_listener);
        assert_eq!(bus.connected(), 0);
    }
}
