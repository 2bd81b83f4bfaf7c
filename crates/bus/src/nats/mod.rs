//! The bus between nodes: NATS core, one connection and one subject a node.
//!
//! A publisher only puts a wake into a bounded queue ([`outgoing`]); one task sends what waits, batched by node, and another hands what comes to the
//! table of this node. A third asks the broker each second to carry a frame from this node to itself: a connection that is open and carries nothing
//! is no connection. Whoever can publish on the broker can wake devices and hand entries to them, so it belongs to the nodes alone.
mod address;
mod frame;
mod outgoing;

pub use address::{Address, AddressError};
pub use frame::FRAME_BYTES;

use crate::{
    Bus, Counters, Health, Listener, Wake,
    health::{Tally, add},
    table::Table,
};
use async_nats::{Client, ConnectOptions, Event, Subscriber};
use futures_util::StreamExt as _;
use outgoing::Outgoing;
use parking_lot::Mutex;
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use suki_types::{DeviceId, Env, NodeId};
use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
};

/// Time between two questions of a node to itself.
const PROBE_MILLIS: i64 = 1_000;
/// After so many questions without an answer the bus is away.
const UNANSWERED: u64 = 3;
/// How many messages from the broker may wait for this node's table.
const RECEIVED_WAITING: usize = 1024;
/// How many messages the client holds beside our own queue.
const CLIENT_WAITING: usize = 64;
/// The longest wait between two attempts to connect.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The bus of a node that finds others through NATS.
pub struct Nats {
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

struct Shared {
    node: NodeId,
    table: Table,
    tally: Tally,
    outgoing: Outgoing,
    health: watch::Sender<Health>,
    connected: AtomicBool,
    came_back: Notify,
    /// The newest question, and the newest that was answered.
    asked: AtomicU64,
    heard: AtomicU64,
    told: Mutex<Told>,
}

/// What the log says of the bus, once for each change, and why it may be away.
#[derive(Default)]
struct Told {
    healthy: Option<bool>,
    problem: String,
}

impl Nats {
    /// The bus of `node` over the broker at `address`. It is there at once and healthy when the broker answers; for ever it tries again.
    ///
    /// # Errors
    /// When the client refuses the address or a certificate's file.
    pub async fn connect(address: &Address, node: NodeId, env: Env) -> Result<Self, async_nats::Error> {
        let shared = Arc::new(Shared::new(node));
        let told = shared.clone();
        let options = ConnectOptions::new()
            .name(format!("suki {node}"))
            .retry_on_initial_connect()
            .max_reconnects(None)
            .reconnect_delay_callback(move |attempts| pause(node, attempts))
            .connection_timeout(Duration::from_secs(3))
            .ping_interval(Duration::from_secs(2))
            .client_capacity(CLIENT_WAITING)
            .subscription_capacity(RECEIVED_WAITING)
            .event_callback(move |event| {
                let told = told.clone();
                async move { told.event(&event) }
            });
        let client = address.apply(options).connect(address.servers()).await?;
        let subscription = client.subscribe(subject(node)).await?;
        tracing::info!(%address, %node, "the bus is NATS");
        let tasks = vec![
            tokio::spawn(shared.clone().send(client.clone())),
            tokio::spawn(shared.clone().receive(subscription)),
            tokio::spawn(shared.clone().ask(client, env)),
        ];
        Ok(Self { shared, tasks })
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl fmt::Debug for Nats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nats({}, {} connected)", self.shared.node, self.shared.table.connected())
    }
}

/// Where a node listens.
fn subject(node: NodeId) -> String {
    let mut subject = String::from("suki.node.");
    for byte in node.as_bytes() {
        subject.push_str(&format!("{byte:02x}"));
    }
    subject
}

/// How long to wait before an attempt: at once, then twice as long each time. Nodes differ, so that a broker that comes back does not meet all at once.
fn pause(node: NodeId, attempts: usize) -> Duration {
    let Some(doublings) = attempts.checked_sub(2) else { return Duration::ZERO };
    let times = 2_u32.saturating_pow(u32::try_from(doublings).unwrap_or(u32::MAX));
    let pause = Duration::from_millis(10).saturating_mul(times).min(LONGEST_PAUSE);
    pause + Duration::from_millis(u64::from(node.as_bytes()[15]))
}

impl Shared {
    fn new(node: NodeId) -> Self {
        Self {
            node,
            table: Table::default(),
            tally: Tally::default(),
            outgoing: Outgoing::default(),
            health: watch::Sender::new(Health::default()),
            connected: AtomicBool::new(false),
            came_back: Notify::new(),
            asked: AtomicU64::new(0),
            heard: AtomicU64::new(0),
            told: Mutex::default(),
        }
    }

    fn event(&self, event: &Event) {
        match event {
            Event::Connected => {
                self.connected.store(true, Ordering::Relaxed);
                add(&self.tally.connects, 1);
                // Whether it carries anything is asked at once.
                self.came_back.notify_one();
            }
            Event::Disconnected | Event::Closed => {
                self.connected.store(false, Ordering::Relaxed);
                self.away(&event.to_string());
            }
            Event::SlowConsumer(_) => self.lost(),
            Event::ServerError(_) | Event::ClientError(_) => self.told.lock().problem = event.to_string(),
            Event::LameDuckMode | Event::Draining => {}
        }
    }

    /// Sends what waits, for ever.
    async fn send(self: Arc<Self>, client: Client) {
        loop {
            let (node, frame) = self.outgoing.next().await;
            if client.publish(subject(node), frame.bytes.into()).await.is_err() {
                add(&self.tally.dropped, frame.wakes);
            }
        }
    }

    /// Hands what comes to this node's connections, for ever.
    async fn receive(self: Arc<Self>, mut subscription: Subscriber) {
        while let Some(message) = subscription.next().await {
            match frame::decode(message.payload) {
                Some(received) => self.received(received),
                None => add(&self.tally.malformed, 1),
            }
        }
    }

    fn received(&self, received: frame::Received) {
        add(&self.tally.received, received.wakes.len() as u64);
        for (device, wake) in received.wakes {
            self.table.deliver(device, wake);
        }
        if received.lost {
            self.lost();
        }
        if let Some(number) = received.probe {
            self.heard.fetch_max(number, Ordering::Relaxed);
            if self.is_answered() && self.connected.load(Ordering::Relaxed) {
                self.back();
            }
        }
    }

    /// Asks itself each second, and at once when the connection was made anew.
    async fn ask(self: Arc<Self>, client: Client, env: Env) {
        loop {
            let number = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
            let next = env.now().plus_millis(PROBE_MILLIS);
            if self.connected.load(Ordering::Relaxed) {
                // While the client takes nothing in, the question waits no longer than for the next one.
                tokio::select! {
                    _ = client.publish(subject(self.node), frame::probe(number)) => {}
                    () = env.clock.wait_until(next) => {}
                }
            }
            if !self.is_answered() {
                self.away("it carries nothing");
            }
            tokio::select! {
                () = env.clock.wait_until(next) => {}
                () = self.came_back.notified() => {}
            }
        }
    }

    fn is_answered(&self) -> bool {
        self.asked.load(Ordering::Relaxed) - self.heard.load(Ordering::Relaxed) <= UNANSWERED
    }

    fn lost(&self) {
        self.health.send_modify(|health| health.losses += 1);
    }

    fn back(&self) {
        self.health.send_if_modified(|health| !std::mem::replace(&mut health.healthy, true));
        let mut told = self.told.lock();
        if told.healthy.replace(true) != Some(true) {
            tracing::info!("the bus carries wake-ups between nodes");
        }
    }

    fn away(&self, why: &str) {
        // What waits would come late, and has been found in the store by then.
        add(&self.tally.dropped, self.outgoing.clear());
        self.health.send_if_modified(|health| std::mem::replace(&mut health.healthy, false));
        let mut told = self.told.lock();
        if told.healthy.replace(false) != Some(false) {
            let problem = std::mem::take(&mut told.problem);
            tracing::warn!(why, problem, "the bus is away: until it is back, what happens on other nodes is found by asking the store");
        }
    }
}

impl Bus for Nats {
    fn node(&self) -> Option<NodeId> {
        Some(self.shared.node)
    }

    fn publish(&self, node: Option<NodeId>, device: DeviceId, wake: Wake) {
        let shared = &self.shared;
        let Some(node) = node.filter(|node| *node != shared.node) else { return shared.table.deliver(device, wake) };
        add(&shared.tally.published, 1);
        let is_taken = shared.connected.load(Ordering::Relaxed) && shared.outgoing.push(node, &frame::encode(device, wake));
        if !is_taken {
            add(&shared.tally.dropped, 1);
        }
    }

    fn subscribe(&self, device: DeviceId, listener: Arc<dyn Listener>) {
        self.shared.table.subscribe(device, listener);
    }

    fn unsubscribe(&self, device: DeviceId, listener: &Arc<dyn Listener>) {
        self.shared.table.unsubscribe(device, listener);
    }

    fn is_here(&self, device: DeviceId) -> bool {
        self.shared.table.is_here(device)
    }

    fn devices(&self) -> Vec<DeviceId> {
        self.shared.table.devices()
    }

    fn health(&self) -> Option<watch::Receiver<Health>> {
        Some(self.shared.health.subscribe())
    }

    fn counters(&self) -> Counters {
        self.shared.tally.read(self.shared.outgoing.waiting())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_slow_down_and_never_end() {
        let node = NodeId::from_bytes([3; 16]);
        let pauses: Vec<u128> = [1, 2, 3, 6, 60, usize::MAX].map(|attempts| pause(node, attempts).as_millis()).to_vec();
        assert_eq!(pauses, [0, 13, 23, 163, 2003, 2003]);
    }

    #[test]
    fn a_node_has_one_subject() {
        assert_eq!(subject(NodeId::from_bytes([0xa5; 16])), format!("suki.node.{}", "a5".repeat(16)));
    }
}
