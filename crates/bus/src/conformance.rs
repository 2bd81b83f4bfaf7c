//! The suite that every bus passes, with two nodes. A new bus is made known by one line of [`conformance_suite!`](crate::conformance_suite) in a test.
#![allow(clippy::unwrap_used, reason = "the suite is a test, compiled as a library so that every bus can be given to it")]
use crate::{Bus, Counters, FRAME_BYTES, Hub, Listener, Nats, Wake, testing::NatsServer};
use std::{fmt, future::Future, sync::Arc, time::Duration};
use suki_protocol::pb::{Entry, Typing};
use suki_types::{Clock, DeviceId, Env, NodeId, Timestamp, Wait};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

/// Two nodes of one cluster, and a way to trouble what is between them.
pub struct Subject {
    env: Env,
    one: Node,
    two: Node,
    between: Between,
}

struct Node {
    id: NodeId,
    bus: Arc<dyn Bus>,
}

enum Between {
    Hub(Hub),
    Nats(NatsServer),
}

impl Subject {
    /// Two nodes of one process.
    pub async fn hub() -> Self {
        let (env, hub) = (env(), Hub::default());
        let node = |id: NodeId| Node { id, bus: hub.join(id) };
        Self { one: node(NodeId::new(&env)), two: node(NodeId::new(&env)), env, between: Between::Hub(hub) }
    }

    /// Two nodes over a NATS server of their own.
    pub async fn nats() -> Self {
        let (env, server) = (env(), NatsServer::start());
        let (one, two) = (nats_node(&env, &server).await, nats_node(&env, &server).await);
        let subject = Self { env, one, two, between: Between::Nats(server) };
        subject.becomes(true).await;
        subject
    }

    fn device(&self) -> DeviceId {
        DeviceId::new(&self.env)
    }

    fn stop(&self) {
        match &self.between {
            Between::Hub(hub) => [self.one.id, self.two.id].into_iter().for_each(|node| hub.cut(node)),
            Between::Nats(server) => server.stop(),
        }
    }

    fn start(&self) {
        match &self.between {
            Between::Hub(hub) => [self.one.id, self.two.id].into_iter().for_each(|node| hub.mend(node)),
            Between::Nats(server) => server.start_again(),
        }
    }

    /// Waits until both nodes say so.
    async fn becomes(&self, healthy: bool) {
        for node in [&self.one, &self.two] {
            let mut health = node.bus.health().expect("a node of a cluster knows how it stands");
            within(health.wait_for(|health| health.healthy == healthy)).await.expect("the bus is there");
            assert_eq!(node.bus.is_healthy(), healthy);
        }
    }
}

async fn nats_node(env: &Env, server: &NatsServer) -> Node {
    let id = NodeId::new(env);
    let bus = Nats::connect(&server.address(), id, env.clone()).await.expect("the client takes the address");
    Node { id, bus: Arc::new(bus) }
}

/// The bus waits on the clock for nothing that these cases wait for, but it has to go.
#[derive(Debug)]
struct RunningClock(suki_types::ManualClock);

impl Clock for RunningClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
    fn wait_until(&self, at: Timestamp) -> Wait {
        let wait = u64::try_from(at.since(self.now())).unwrap_or(0);
        Box::pin(async move {
            // Nobody answers: what is waited for is the end of the time.
            let (_nobody, never) = oneshot::channel::<()>();
            let _ = timeout(Duration::from_millis(wait), never).await;
        })
    }
}

fn env() -> Env {
    let seeded = Env::for_tests(7);
    Env::new(Arc::new(RunningClock(suki_types::ManualClock::new(seeded.now()))), seeded.entropy)
}

async fn within<F: Future>(what: F) -> F::Output {
    timeout(Duration::from_secs(20), what).await.expect("it happens in time")
}

/// What a connection was told.
#[derive(Debug, PartialEq)]
enum Told {
    Wake(Wake),
    Replaced,
}

struct Connection(mpsc::UnboundedSender<Told>);

impl Listener for Connection {
    fn wake(&self, wake: Wake) {
        let _ = self.0.send(Told::Wake(wake));
    }
    fn replaced(&self) {
        let _ = self.0.send(Told::Replaced);
    }
}

struct Heard {
    listener: Arc<dyn Listener>,
    told: mpsc::UnboundedReceiver<Told>,
}

impl Heard {
    async fn next(&mut self) -> Told {
        within(self.told.recv()).await.expect("the connection is there")
    }
    async fn last(&mut self) -> u64 {
        match self.next().await {
            Told::Wake(Wake::Appended { last, .. }) => last,
            other => panic!("{other:?} is not an entry"),
        }
    }
}

impl fmt::Debug for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Heard({})", self.told.len())
    }
}

impl Node {
    fn connect(&self, device: DeviceId) -> Heard {
        let (sender, told) = mpsc::unbounded_channel();
        let listener: Arc<dyn Listener> = Arc::new(Connection(sender));
        self.bus.subscribe(device, listener.clone());
        Heard { listener, told }
    }
    fn counters(&self) -> Counters {
        self.bus.counters()
    }
}

fn appended(last: u64) -> Wake {
    Wake::Appended { last, fresh: Vec::new() }
}

fn with_entry(last: u64, bytes: usize) -> Wake {
    Wake::Appended { last, fresh: vec![Entry { seq: last, at: 5, payload: vec![7; bytes], ..Entry::default() }] }
}

macro_rules! cases {
    ($($case:ident)*) => {
        /// Makes a test of each case; the argument makes a [`Subject`](crate::conformance::Subject).
        #[macro_export]
        macro_rules! conformance_suite {
            ($subject:path) => {$(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    $crate::conformance::$case($subject().await).await;
                }
            )*};
        }
    };
}

cases! {
    a_wake_reaches_the_newest_connection_alone
    a_device_that_is_nowhere_disturbs_nobody
    every_kind_of_wake_crosses
    entries_travel_while_they_are_small
    wakes_of_one_device_keep_their_order
    a_flood_neither_blocks_nor_grows_without_bound
    a_node_that_went_away_disturbs_nobody
    a_bus_that_was_away_heals_by_itself
}

/// Whether it was published here or on the other node; an old connection is told once, and its end takes nothing from the new one.
pub async fn a_wake_reaches_the_newest_connection_alone(subject: Subject) {
    let Subject { one, two, .. } = &subject;
    let device = subject.device();
    let mut old = one.connect(device);
    one.bus.publish(None, device, appended(1));
    assert_eq!(old.last().await, 1);
    two.bus.publish(Some(one.id), device, appended(2));
    assert_eq!(old.last().await, 2);
    let mut new = one.connect(device);
    assert_eq!(old.next().await, Told::Replaced);
    one.bus.unsubscribe(device, &old.listener);
    one.bus.publish(Some(one.id), device, appended(3));
    assert_eq!(new.last().await, 3);
    two.bus.publish(Some(one.id), device, appended(4));
    assert_eq!(new.last().await, 4);
    assert!(old.told.is_empty() && one.bus.is_here(device) && !two.bus.is_here(device));
    assert_eq!((one.bus.devices(), two.bus.devices()), (vec![device], vec![]));
    one.bus.unsubscribe(device, &new.listener);
    assert!(!one.bus.is_here(device));
}

/// A wake for a device that no node holds is nothing, and what comes behind it arrives.
pub async fn a_device_that_is_nowhere_disturbs_nobody(subject: Subject) {
    let Subject { one, two, .. } = &subject;
    let (here, nowhere) = (subject.device(), subject.device());
    let mut heard = one.connect(here);
    for bus in [&one.bus, &two.bus] {
        bus.publish(Some(one.id), nowhere, Wake::Removed);
        bus.publish(None, nowhere, Wake::Removed);
        bus.publish(Some(one.id), here, appended(1));
        assert_eq!(heard.last().await, 1);
    }
}

/// What is said to a device on the other node arrives as it was said.
pub async fn every_kind_of_wake_crosses(subject: Subject) {
    let Subject { one, two, .. } = &subject;
    let device = subject.device();
    let mut heard = one.connect(device);
    let typing = Typing { conversation: vec![1; 16], on: true, from_account: vec![2; 16] };
    for wake in [appended(u64::MAX), with_entry(9, 400), Wake::Typing(typing), Wake::Replaced, Wake::Removed] {
        two.bus.publish(Some(one.id), device, wake.clone());
        assert_eq!(heard.next().await, Told::Wake(wake));
    }
    assert_eq!((two.counters().published, one.counters().received), (5, 5));
}

/// An entry too large for a frame stays in the store, and its place is told all the same.
pub async fn entries_travel_while_they_are_small(subject: Subject) {
    let Subject { one, two, .. } = &subject;
    let device = subject.device();
    let mut heard = one.connect(device);
    two.bus.publish(Some(one.id), device, with_entry(1, 1024));
    assert_eq!(heard.next().await, Told::Wake(with_entry(1, 1024)));
    two.bus.publish(Some(one.id), device, with_entry(2, FRAME_BYTES));
    assert_eq!(heard.last().await, 2);
    assert_eq!(two.counters().dropped, 0);
}

/// Of one publisher, over frames of many sizes.
pub async fn wakes_of_one_device_keep_their_order(subject: Subject) {
    let Subject { one, two, .. } = &subject;
    let (device, other) = (subject.device(), subject.device());
    let (mut heard, mut beside) = (one.connect(device), one.connect(other));
    for last in 1..=1000 {
        two.bus.publish(Some(one.id), device, with_entry(last, usize::try_from(last * 7919 % 3000).unwrap()));
        two.bus.publish(Some(one.id), other, appended(last));
    }
    for last in 1..=1000 {
        assert_eq!((heard.last().await, beside.last().await), (last, last));
    }
}

/// A broker that takes nothing in costs its publishers neither time nor memory, and the node that lost wakes is told that it did.
pub async fn a_flood_neither_blocks_nor_grows_without_bound(subject: Subject) {
    const FLOOD: u64 = 1_200;
    let Subject { one, two, .. } = &subject;
    let device = subject.device();
    let mut heard = one.connect(device);
    if let Between::Nats(server) = &subject.between {
        server.pause();
    }
    for last in 1..=FLOOD {
        two.bus.publish(Some(one.id), device, with_entry(last, FRAME_BYTES - 200));
    }
    let flooded = two.counters();
    assert_eq!(flooded.published, FLOOD);
    assert!(flooded.waiting <= 16 * 1024 * 1024, "{} bytes wait", flooded.waiting);
    if let Between::Nats(server) = &subject.between {
        assert!(flooded.dropped > FLOOD / 4, "{flooded:?}");
        server.go_on();
        let mut health = one.bus.health().unwrap();
        within(health.wait_for(|health| health.losses > 0)).await.unwrap();
    }
    subject.becomes(true).await;
    two.bus.publish(Some(one.id), device, Wake::Removed);
    while heard.next().await != Told::Wake(Wake::Removed) {}
}

/// What is sent to a node that no longer is goes nowhere, and others hear what is meant for them.
pub async fn a_node_that_went_away_disturbs_nobody(subject: Subject) {
    let Subject { one, two, .. } = &subject;
    let device = subject.device();
    let gone = NodeId::new(&subject.env);
    let mut heard = one.connect(device);
    for last in 1..=100 {
        two.bus.publish(Some(gone), device, appended(last));
        two.bus.publish(Some(one.id), device, appended(last));
        assert_eq!(heard.last().await, last);
    }
    assert!(two.bus.is_healthy() && two.counters().dropped == 0);
}

/// While it is away it says so, loses what is published and waits for nobody; when it is back wakes arrive again, and none from before.
pub async fn a_bus_that_was_away_heals_by_itself(subject: Subject) {
    let Subject { one, two, .. } = &subject;
    let device = subject.device();
    let mut heard = one.connect(device);
    for round in 1..=2 {
        subject.stop();
        subject.becomes(false).await;
        one.bus.publish(None, device, appended(10 * round));
        assert_eq!(heard.last().await, 10 * round, "within a node nothing changes");
        two.bus.publish(Some(one.id), device, appended(10 * round + 1));
        assert_eq!(two.counters().dropped, round);
        subject.start();
        subject.becomes(true).await;
        two.bus.publish(Some(one.id), device, appended(10 * round + 2));
        assert_eq!(heard.last().await, 10 * round + 2);
        assert_eq!(two.counters().reconnects, round);
    }
}
