//! Devices of one conversation on different nodes: nodes are networks over one PostgreSQL database, on one clock that stands until it is moved.
use crate::world::{Device, World, receipt};
use std::{sync::Arc, time::Duration};
use suki_bus::{Bus, Counters, Health, Hub, InProcess, Nats, testing::NatsServer};
use suki_network::Config;
use suki_protocol::pb::{self, EntryKind, client_frame::Body as Ask};
use suki_store::{Db, StoreError, testing};
use suki_types::{ConversationId, Env, NodeId};
use tokio::{task::JoinHandle, time::timeout};

/// A shop on one node and its customer on another.
struct Two {
    shop: Device,
    ana: Device,
    conversation: ConversationId,
    one: Node,
    two: Node,
}

struct Node {
    id: NodeId,
    world: World,
    bus: Arc<dyn Bus>,
}

impl Two {
    async fn over(env: &Env, [one, two]: [Arc<dyn Bus>; 2]) -> Self {
        let mut worlds = World::nodes(env, vec![one.clone(), two.clone()]).await.into_iter();
        let mut node = |bus: Arc<dyn Bus>| Node { id: bus.node().expect("it is a node"), world: worlds.next().expect("a world each"), bus };
        let (one, two) = (node(one), node(two));
        let mut shop = one.world.shop("kape").await;
        let mut ana = two.world.guest("kape").await;
        let conversation = one.world.join(&mut shop, &mut ana).await;
        let mut both = Self { shop, ana, conversation, one, two };
        // The shop may answer.
        let first = both.says_something().await;
        assert_eq!(message(&mut both.shop).await, first);
        both
    }

    /// Without a broker: what is lost is lost at once.
    async fn on_a_hub() -> (Hub, Self) {
        let (env, hub) = (Env::for_tests(1), Hub::default());
        let (one, two) = (hub.join(NodeId::new(&env)), hub.join(NodeId::new(&env)));
        (hub, Self::over(&env, [one, two]).await)
    }

    /// A message of the customer, and nothing else of it than that it is there.
    async fn says_something(&mut self) -> Vec<u8> {
        let (id, message) = self.ana.text(self.conversation, 1);
        self.ana.accepted(message).await;
        id.to_vec()
    }

    async fn is_answered(&mut self) -> Vec<u8> {
        let (id, message) = self.shop.text(self.conversation, 1);
        self.shop.accepted(message).await;
        id.to_vec()
    }

    fn advance(&self, millis: i64) {
        self.one.world.advance(millis);
    }
}

impl Node {
    /// Lets it look after what the bus lost.
    fn keep_up(&self) -> JoinHandle<()> {
        let network = self.world.network.clone();
        tokio::spawn(async move { network.keep_up().await })
    }

    async fn becomes(&self, what: impl FnMut(&Health) -> bool) {
        let mut health = self.bus.health().expect("it is a node");
        timeout(Duration::from_secs(20), health.wait_for(what)).await.expect("it happens in time").expect("the bus is there");
    }

    fn found(&self) -> u64 {
        self.world.network.found_by_asking()
    }

    fn counters(&self) -> Counters {
        self.bus.counters()
    }
}

/// The next message of a device's log; what else stands before it is passed over.
async fn message(device: &mut Device) -> Vec<u8> {
    loop {
        let entry = device.entry().await;
        if entry.kind() == EntryKind::Message {
            return entry.message_id;
        }
    }
}

async fn ends(device: &mut Device) {
    while device.pump().await {}
}

/// Both ways, by wakes alone: nobody asks the store for what is new, since the clock stands. Each message once and in the order of its sender, and its
/// receipt comes back over the bus, too.
#[tokio::test(flavor = "multi_thread")]
async fn messages_cross_nodes_by_wakes() {
    let (_hub, mut two) = Two::on_a_hub().await;
    let (mut said, mut answered) = (Vec::new(), Vec::new());
    // As many as a shop may send at once.
    for _ in 0..40 {
        said.push(two.says_something().await);
        answered.push(two.is_answered().await);
    }
    for (said, answered) in said.into_iter().zip(answered) {
        assert_eq!(message(&mut two.shop).await, said);
        assert_eq!(message(&mut two.ana).await, answered);
    }
    let last = two.is_answered().await;
    let entry = two.ana.entry().await;
    assert_eq!(entry.message_id, last);
    two.ana.ack(entry.seq).await;
    let told = loop {
        let entry = two.shop.entry().await;
        if entry.kind() == EntryKind::Receipt {
            let receipt = receipt(&entry);
            if receipt.message_ids.contains(&last) {
                break receipt;
            }
        }
    };
    assert_eq!(told.status(), pb::ReceiptStatus::Delivered);
    for node in [&two.one, &two.two] {
        let counters = node.counters();
        assert!(counters.received >= 40 && counters.dropped == 0, "{counters:?}");
        assert_eq!(node.found(), 0);
    }
}

/// Typing goes from node to node and is stored nowhere; so does the end of a device that its account has removed.
#[tokio::test(flavor = "multi_thread")]
async fn typing_and_removal_cross_nodes() {
    let (_hub, mut two) = Two::on_a_hub().await;
    let conversation = two.conversation.to_vec();
    for on in [true, false] {
        two.ana.done(Ask::Typing(pb::Typing { conversation: conversation.clone(), on, ..pb::Typing::default() })).await;
        while two.shop.typing.is_empty() {
            assert!(two.shop.pump().await);
        }
        let typing = two.shop.typing.pop_front().expect("it is there");
        assert_eq!((typing.on, typing.from_account), (on, two.ana.registered.account.to_vec()));
    }
    let mut phone = two.one.world.sibling(&mut two.ana).await;
    let device = phone.registered.device.to_vec();
    two.ana.done(Ask::RemoveDevice(pb::RemoveDevice { device })).await;
    ends(&mut phone).await;
}

/// A device that goes to another node is replaced on the first, and nothing of its log is lost or doubled; back again, what the first change caused does
/// not end the new connection.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_moves_between_nodes() {
    let (_hub, mut two) = Two::on_a_hub().await;
    for round in 0..6 {
        let waiting = two.is_answered().await;
        let node = if round % 2 == 0 { &two.one } else { &two.two };
        let mut again = Device::log_in(&node.world, two.ana.take_key(), two.ana.registered.clone()).await;
        ends(&mut two.ana).await;
        loop {
            // Nothing was acknowledged, so that the log comes from its beginning.
            if message(&mut again).await == waiting {
                break;
            }
        }
        let (id, text) = two.shop.text(two.conversation, 1);
        two.shop.accepted(text).await;
        assert_eq!(message(&mut again).await, id.to_vec());
        two.ana = again;
    }
    // The word of an earlier change comes late: the store says that the device is here.
    two.one.bus.publish(Some(two.two.id), two.ana.registered.device, suki_bus::Wake::Replaced);
    let last = two.is_answered().await;
    assert_eq!(message(&mut two.ana).await, last);
}

/// What is lost with NATS is found by asking the store, and when it is back wakes arrive again, by themselves.
#[tokio::test(flavor = "multi_thread")]
async fn without_nats_messages_come_by_asking_and_with_it_by_wakes_again() {
    let (env, server) = (Env::for_tests(1), NatsServer::start());
    let mut buses: Vec<Arc<dyn Bus>> = Vec::new();
    for _ in 0..2 {
        buses.push(Arc::new(Nats::connect(&server.address(), NodeId::new(&env), env.clone()).await.expect("the client takes the address")));
    }
    for bus in &buses {
        let mut health = bus.health().expect("it is a node");
        timeout(Duration::from_secs(20), health.wait_for(|health| health.healthy)).await.expect("in time").expect("the bus is there");
    }
    let mut two = Two::over(&env, [buses[0].clone(), buses[1].clone()]).await;
    let first = two.says_something().await;
    assert_eq!(message(&mut two.shop).await, first);
    assert_eq!((two.one.found(), two.two.found()), (0, 0));
    let _looking = [two.one.keep_up(), two.two.keep_up()];
    for round in 1..=2 {
        server.stop();
        two.one.becomes(|health| !health.healthy).await;
        two.two.becomes(|health| !health.healthy).await;
        let lost = [two.says_something().await, two.is_answered().await];
        assert!(two.one.counters().dropped > 0 && two.two.counters().dropped > 0);
        two.advance(3_000);
        assert_eq!([message(&mut two.shop).await, message(&mut two.ana).await], lost);
        assert_eq!((two.one.found(), two.two.found()), (round, round));
        server.start_again();
        two.one.becomes(|health| health.healthy).await;
        two.two.becomes(|health| health.healthy).await;
        let said = two.says_something().await;
        assert_eq!(message(&mut two.shop).await, said);
        assert_eq!(two.one.found(), round, "it came by its wake");
    }
}

/// The bus may be away from one node alone, which can tell nobody over it: it says so in the store, for as long as it lasts, and the others ask.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_cut_off_from_the_bus_says_so_in_the_store() {
    let (hub, mut two) = Two::on_a_hub().await;
    let _looking = [two.one.keep_up(), two.two.keep_up()];
    let (cut, whole) = (two.one.id, two.two.world.db.clone());
    for away in [true, false, true] {
        if away {
            hub.cut(cut)
        } else {
            hub.mend(cut)
        }
        let is_told = async {
            while said_to_be_away(&whole).await.contains(&cut) != away {
                slowly(&two.one.world.env).await;
            }
        };
        timeout(Duration::from_secs(20), is_told).await.expect("the store knows");
        let sent = two.is_answered().await;
        two.advance(2_000);
        assert_eq!(message(&mut two.ana).await, sent);
        assert!(two.two.bus.is_healthy());
    }
    assert!(two.two.found() > 0);
}

/// Lets half a second pass, so slowly that no look at the store takes the eight seconds after which a node gives it up.
async fn slowly(env: &Env) {
    env.manual_clock().advance(500);
    let _ = timeout(Duration::from_millis(50), std::future::pending::<()>()).await;
}

async fn said_to_be_away(db: &Db) -> Vec<NodeId> {
    let read = db.read(|tx| tx.query("SELECT node FROM bus_away WHERE place = 0", &[], |row| row.get(0)));
    read.await.map_err(|error: StoreError| error).expect("the store answers")
}

/// Faults, a failover: a unit whose answer is lost in its commit is stored and wakes nobody. Its node says so to the others, and all look each second for a while.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_unit_of_unknown_outcome_every_node_looks_often() {
    let (_hub, mut two) = Two::on_a_hub().await;
    let _looking = [two.one.keep_up(), two.two.keep_up()];
    let (doubtful, db) = (two.two.id, two.one.world.db.clone());
    assert!(!said_to_be_away(&db).await.contains(&doubtful));
    two.two.world.db.lose_answers(true);
    let (id, text) = two.ana.text(two.conversation, 1);
    two.ana.refused_as(text, pb::RefusalCode::Unavailable).await;
    two.two.world.db.lose_answers(false);
    let began = two.one.world.env.now();
    let is_told = |wanted: bool| {
        let (db, env) = (db.clone(), two.one.world.env.clone());
        async move {
            let becomes = async {
                while said_to_be_away(&db).await.contains(&doubtful) != wanted {
                    slowly(&env).await;
                }
            };
            timeout(Duration::from_secs(30), becomes).await.expect("the store knows");
        }
    };
    is_told(true).await;
    two.advance(2_000);
    assert_eq!(message(&mut two.shop).await, id.to_vec());
    assert_eq!(two.one.found(), 1);
    is_told(false).await;
    assert!(two.one.world.env.now().since(began) >= 50_000, "for about a minute");
}

/// Faults, a failover: what a primary has shown that died by pieces may be in no log any more, so that each device is asked anew how far it is.
#[tokio::test(flavor = "multi_thread")]
async fn when_another_server_has_taken_over_connections_end() {
    let (_hub, mut two) = Two::on_a_hub().await;
    let _looking = two.one.keep_up();
    // A look that finds nothing comes first: what the node knows from its start is no turn.
    two.advance(3_000);
    let said = two.says_something().await;
    assert_eq!(message(&mut two.shop).await, said);
    two.one.world.db.turn();
    two.advance(3_000);
    ends(&mut two.shop).await;
    let mut again = Device::log_in(&two.one.world, two.shop.take_key(), two.shop.registered.clone()).await;
    let sent = two.says_something().await;
    while message(&mut again).await != sent {}
}

/// The word that a device has moved may be lost with the bus: the node that had it finds out.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_moved_unheard_is_let_go() {
    let (hub, mut two) = Two::on_a_hub().await;
    hub.cut(two.two.id);
    let _again = Device::log_in(&two.one.world, two.ana.take_key(), two.ana.registered.clone()).await;
    let _looking = two.two.keep_up();
    two.advance(3_000);
    ends(&mut two.ana).await;
}

/// Nodes that share a database and were given no bus find each other's messages all the same.
#[tokio::test(flavor = "multi_thread")]
async fn nodes_without_a_bus_ask_the_store() {
    let env = Env::for_tests(1);
    let alone = || -> Arc<dyn Bus> { Arc::new(InProcess::without_others(NodeId::new(&env))) };
    let mut worlds = World::nodes(&env, vec![alone(), alone()]).await;
    let (two, one) = (worlds.pop().expect("the second"), worlds.pop().expect("the first"));
    let looking: Vec<_> =
        [&one, &two].map(|world| world.network.clone()).into_iter().map(|network| tokio::spawn(async move { network.keep_up().await })).collect();
    let moving = tokio::spawn({
        let env = env.clone();
        async move {
            loop {
                slowly(&env).await;
            }
        }
    });
    let mut shop = one.shop("kape").await;
    let mut ana = two.guest("kape").await;
    let conversation = one.join(&mut shop, &mut ana).await;
    let (id, text) = ana.text(conversation, 1);
    ana.accepted(text).await;
    assert_eq!(message(&mut shop).await, id.to_vec());
    moving.abort();
    looking.iter().for_each(JoinHandle::abort);
}

/// A node that its store has not answered for eight seconds can do nothing for the devices connected to it: they are let go and find a node that can.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_without_its_store_lets_its_connections_go() {
    let env = Env::for_tests(1);
    let (folder, hub) = (tempfile::tempdir().expect("a folder"), Hub::default());
    let path = folder.path().to_owned();
    let start = move || testing::start_postgres(&path, Some(std::process::id()));
    let url = tokio::task::spawn_blocking(start).await.expect("it starts");
    let bus: Arc<dyn Bus> = hub.join(NodeId::new(&env));
    let world = World::nodes_at(&url, &env, &Config { test_numbers: true, ..Config::default() }, vec![bus]).await.pop().expect("a node");
    // What they were to be pushed they have: nothing of theirs is being read.
    let (mut shop, _ana, _) = world.pair().await;
    let network = world.network.clone();
    let looking = tokio::spawn(async move { network.keep_up().await });
    let path = folder.path().to_owned();
    tokio::task::spawn_blocking(move || testing::stop_postgres(&path)).await.expect("it stops");
    let began = env.now();
    let moving = tokio::spawn({
        let env = env.clone();
        async move {
            loop {
                env.manual_clock().advance(1_000);
                let _ = timeout(Duration::from_millis(50), std::future::pending::<()>()).await;
            }
        }
    });
    ends(&mut shop).await;
    assert!(env.now().since(began) >= 8_000, "after {} ms", env.now().since(began));
    moving.abort();
    looking.abort();
}
