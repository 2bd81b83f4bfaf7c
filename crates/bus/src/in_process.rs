//! The bus of one process: a table from devices to their connections, and a hub between several of them for tests of several nodes in one process.
use crate::{
    Bus, Counters, Health, Listener, Wake,
    health::{Tally, add},
    table::Table,
};
use parking_lot::RwLock;
use std::{collections::HashMap, fmt, sync::Arc};
use suki_types::{DeviceId, NodeId};
use tokio::sync::watch;

/// A bus within this process. It loses nothing, and wakes carry their entries.
#[derive(Default)]
pub struct InProcess {
    table: Arc<Table>,
    hub: Option<(NodeId, Hub)>,
    tally: Arc<Tally>,
}

/// Several nodes of one process, as a broker would connect them. A node that was cut off loses what is sent to it and by it.
#[derive(Clone, Default)]
pub struct Hub(Arc<RwLock<HashMap<NodeId, Member>>>);

struct Member {
    table: Arc<Table>,
    tally: Arc<Tally>,
    health: watch::Sender<Health>,
}

impl InProcess {
    /// A bus nobody listens on yet, in a process that is alone.
    pub fn new() -> Self {
        Self::default()
    }

    /// The bus of a node that shares a store with others and has no way to them: it is never healthy, so that the store is asked instead.
    pub fn without_others(node: NodeId) -> Self {
        let hub = Hub::default();
        let bus = Self { hub: Some((node, hub.clone())), ..Self::default() };
        hub.add(node, &bus, false);
        bus
    }

    /// How many devices are connected.
    pub fn connected(&self) -> usize {
        self.table.connected()
    }
}

impl Hub {
    /// The bus of a node that joins.
    pub fn join(&self, node: NodeId) -> Arc<InProcess> {
        let bus = InProcess { hub: Some((node, self.clone())), ..InProcess::default() };
        self.add(node, &bus, true);
        Arc::new(bus)
    }

    fn add(&self, node: NodeId, bus: &InProcess, healthy: bool) {
        let health = watch::Sender::new(Health { healthy, losses: 0 });
        self.0.write().insert(node, Member { table: bus.table.clone(), tally: bus.tally.clone(), health });
    }

    /// Cuts a node off: wakes to it and from it are lost until [`Hub::mend`], and it knows so.
    pub fn cut(&self, node: NodeId) {
        self.set(node, false);
    }

    /// Connects a node again.
    pub fn mend(&self, node: NodeId) {
        self.set(node, true);
    }

    fn set(&self, node: NodeId, healthy: bool) {
        if let Some(member) = self.0.read().get(&node) {
            let changed = member.health.send_if_modified(|health| std::mem::replace(&mut health.healthy, healthy) != healthy);
            if changed && healthy {
                add(&member.tally.connects, 1);
            }
        }
    }

    /// Whether it went out; the lock is gone before the listener runs.
    fn send(&self, from: NodeId, to: NodeId, device: DeviceId, wake: Wake) -> bool {
        let table = {
            let members = self.0.read();
            let is_healthy = |node: NodeId| members.get(&node).is_some_and(|member| member.health.borrow().healthy);
            if !is_healthy(from) {
                return false;
            }
            let Some(member) = members.get(&to).filter(|_| is_healthy(to)) else { return true };
            add(&member.tally.received, 1);
            member.table.clone()
        };
        table.deliver(device, wake);
        true
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InProcess({} connected)", self.connected())
    }
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hub({} nodes)", self.0.read().len())
    }
}

impl Bus for InProcess {
    fn node(&self) -> Option<NodeId> {
        self.hub.as_ref().map(|(node, _)| *node)
    }

    fn publish(&self, node: Option<NodeId>, device: DeviceId, wake: Wake) {
        match (&self.hub, node) {
            (Some((own, hub)), Some(node)) if node != *own => {
                add(&self.tally.published, 1);
                if !hub.send(*own, node, device, wake) {
                    add(&self.tally.dropped, 1);
                }
            }
            _ => self.table.deliver(device, wake),
        }
    }

    fn subscribe(&self, device: DeviceId, listener: Arc<dyn Listener>) {
        self.table.subscribe(device, listener);
    }

    fn unsubscribe(&self, device: DeviceId, listener: &Arc<dyn Listener>) {
        self.table.unsubscribe(device, listener);
    }

    fn is_here(&self, device: DeviceId) -> bool {
        self.table.is_here(device)
    }

    fn devices(&self) -> Vec<DeviceId> {
        self.table.devices()
    }

    fn health(&self) -> Option<watch::Receiver<Health>> {
        let (node, hub) = self.hub.as_ref()?;
        hub.0.read().get(node).map(|member| member.health.subscribe())
    }

    fn counters(&self) -> Counters {
        let counters = self.tally.read(0);
        // A member is connected when it joins, so that each mending is a reconnect.
        Counters { reconnects: self.tally.connects.load(std::sync::atomic::Ordering::Relaxed), ..counters }
    }
}
