//! How long a message takes from a connection on one node to a connection on another, beside the same on one node and beside NATS alone, in one run:
//! `cargo run --release -p suki-network --example nodes -- [messages a second] [seconds] [customers] [idle]`.
//!
//! Two networks in this process over one PostgreSQL database and one nats-server, both started for it. Then what it costs to ask the store, once, for
//! `idle` devices that have nothing new.
#![allow(clippy::print_stdout, clippy::disallowed_methods, clippy::unwrap_used, reason = "it measures, and it is no part of the product")]
mod devices;

use devices::{Device, cpu_seconds, customer, mls, shop};
use futures_util::StreamExt as _;
use parking_lot::Mutex;
use prost::Message as _;
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};
use suki_bus::{Bus, Listener, Nats, Outbox, Wake, testing::NatsServer};
use suki_network::{Config, Network};
use suki_protocol::pb::{self, Entry, EntryKind, client_frame::Body as Ask, server_frame::Body as Told};
use suki_store::{Db, StoreError, log, testing};
use suki_types::{DeviceId, Env, MessageId, NodeId};
use tokio::time::MissedTickBehavior;

#[derive(Clone, Copy)]
struct Load {
    a_second: u64,
    seconds: u64,
}

/// Latencies in microseconds.
fn print(name: &str, mut micros: Vec<u64>, cpu: f64) {
    micros.sort_unstable();
    let at = |share: f64| micros[(micros.len() as f64 * share) as usize] as f64 / 1000.0;
    let each = cpu / micros.len() as f64 * 1e6;
    println!("{name:<52} p50 {:>6.2} ms   p99 {:>6.2} ms   max {:>6.1} ms   CPU {each:>5.0} µs each", at(0.5), at(0.99), at(1.0 - f64::EPSILON));
}

/// Calls with the number of each message at its time.
async fn paced<F: Future<Output = ()>>(load: Load, mut send: impl FnMut(u64) -> F) {
    let mut ticks = tokio::time::interval(Duration::from_millis(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let (total, mut sent, mut ticked) = (load.a_second * load.seconds, 0, 0);
    while sent < total {
        ticks.tick().await;
        ticked += 1;
        while sent < (ticked * load.a_second / 1000).min(total) {
            send(sent).await;
            sent += 1;
        }
    }
}

async fn bare(server: &NatsServer, load: Load) {
    let (publisher, reader) = (async_nats::connect(server.url()).await.unwrap(), async_nats::connect(server.url()).await.unwrap());
    let mut subscription = reader.subscribe("bench").await.unwrap();
    reader.flush().await.unwrap();
    let start = Instant::now();
    let total = load.a_second * load.seconds;
    let reading = tokio::spawn(async move {
        let mut micros = Vec::new();
        while (micros.len() as u64) < total {
            let message = subscription.next().await.unwrap();
            let sent = u64::from_le_bytes(message.payload[..8].try_into().unwrap());
            micros.push(start.elapsed().as_micros() as u64 - sent);
        }
        micros
    });
    let cpu = cpu_seconds();
    paced(load, |_| {
        let mut payload = vec![7; 400];
        payload[..8].copy_from_slice(&(start.elapsed().as_micros() as u64).to_le_bytes());
        let publisher = publisher.clone();
        async move { publisher.publish("bench", payload.into()).await.unwrap() }
    })
    .await;
    print("NATS alone, publish to subscriber", reading.await.unwrap(), cpu_seconds() - cpu);
}

/// As a connection takes wakes: into its outbox, which a task reads that would write to the socket.
struct Connection(Outbox<u64>);

impl Listener for Connection {
    fn wake(&self, wake: Wake) {
        let Wake::Appended { fresh, .. } = wake else { return };
        self.0.push(fresh[0].at as u64);
    }
    fn replaced(&self) {}
}

async fn healthy(bus: &Nats) {
    bus.health().unwrap().wait_for(|health| health.healthy).await.unwrap();
}

async fn bus(server: &NatsServer, env: &Env, load: Load) {
    let device = DeviceId::new(env);
    let one = Nats::connect(&server.address(), NodeId::new(env), env.clone()).await.unwrap();
    let two = Nats::connect(&server.address(), NodeId::new(env), env.clone()).await.unwrap();
    healthy(&one).await;
    healthy(&two).await;
    let connection = Arc::new(Connection(Outbox::new(1_000_000)));
    two.subscribe(device, connection.clone());
    let start = Instant::now();
    let total = load.a_second * load.seconds;
    let reading = tokio::spawn(async move {
        let mut micros = Vec::new();
        while (micros.len() as u64) < total {
            let sent = connection.0.next().await.unwrap();
            micros.push(start.elapsed().as_micros() as u64 - sent);
        }
        micros
    });
    let cpu = cpu_seconds();
    paced(load, |number| {
        let entry = Entry { seq: number, at: start.elapsed().as_micros() as i64, payload: vec![7; 340], ..Entry::default() };
        one.publish(two.node(), device, Wake::Appended { last: number, fresh: vec![entry] });
        std::future::ready(())
    })
    .await;
    print("the bus, publish to a connection's outbox", reading.await.unwrap(), cpu_seconds() - cpu);
}

/// One shop with its connection on `there`, its customers on `here`.
async fn messages(name: &str, here: &Network, there: &Network, env: &Env, load: Load, customers: usize, number: usize) {
    let mut shop = shop(there, env, number).await;
    let mut senders = Vec::new();
    for _ in 0..customers {
        let (device, conversation) = customer(here, env, &mut shop, number).await;
        senders.push((device.session.clone(), conversation));
        tokio::spawn(drain(device));
    }
    let sent: Arc<Mutex<HashMap<Vec<u8>, Instant>>> = Arc::default();
    let total = (load.a_second * load.seconds) as usize;
    let (known, cpu) = (sent.clone(), cpu_seconds());
    let reading = tokio::spawn(receive(shop, known, total));
    let mut request = 1_000_000;
    paced(load, |number| {
        let (session, conversation) = &senders[number as usize % senders.len()];
        let id = MessageId::new(env).to_vec();
        let header = pb::Header { message_id: id.clone(), kind: 1, commitment: vec![0; 32], ..Default::default() };
        let submit = Ask::Submit(pb::Submit { mls_message: mls(*conversation, 1, 1, &header.encode_to_vec()) });
        sent.lock().insert(id, Instant::now());
        request += 1;
        session.receive(pb::ClientFrame { request, body: Some(submit) }).unwrap();
        std::future::ready(())
    })
    .await;
    print(name, reading.await.unwrap(), cpu_seconds() - cpu);
}

async fn receive(mut shop: Device, sent: Arc<Mutex<HashMap<Vec<u8>, Instant>>>, total: usize) -> Vec<u64> {
    let mut micros = Vec::new();
    while micros.len() < total {
        let Some(Told::Entries(entries)) = shop.session.next().await.unwrap().body else { continue };
        for entry in entries.entries.iter().filter(|entry| entry.kind() == EntryKind::Message) {
            micros.push(sent.lock().remove(&entry.message_id).unwrap().elapsed().as_micros() as u64);
        }
        shop.send(Ask::Ack(pb::Ack { seq: entries.entries.last().unwrap().seq }));
    }
    micros
}

/// Takes in what a customer is told, and acknowledges it.
async fn drain(mut device: Device) {
    while let Some(frame) = device.session.next().await {
        if let Some(Told::Entries(entries)) = frame.body {
            device.send(Ask::Ack(pb::Ack { seq: entries.entries.last().unwrap().seq }));
        }
    }
}

/// What one look at the store costs for devices that are connected and have nothing new.
async fn idle(db: &Db, env: &Env, count: usize) {
    let node = NodeId::new(env);
    let devices: Vec<DeviceId> = (0..count).map(|_| DeviceId::new(env)).collect();
    let noted: Vec<_> = devices.iter().copied().map(|device| db.keyed_many(&[]).write(move |tx| log::connected(tx, device, node))).collect();
    for answer in noted {
        let answer: Result<_, StoreError> = answer.await;
        answer.unwrap();
    }
    let (rounds, start, cpu) = (10, Instant::now(), cpu_seconds());
    for _ in 0..rounds {
        for page in devices.chunks(1000) {
            let page = page.to_vec();
            let found: Result<_, StoreError> = db.read(move |tx| log::reaches(tx, &page)).await;
            assert_eq!(found.unwrap().len(), 1000.min(count));
        }
    }
    let each = |seconds: f64| seconds / f64::from(rounds) * 1000.0;
    println!(
        "{count} idle devices, one look at the store: {:.1} ms, {:.1} ms CPU on this side",
        each(start.elapsed().as_secs_f64()),
        each(cpu_seconds() - cpu)
    );
}

async fn node(server: &NatsServer, options: &suki_store::PostgresOptions, env: &Env) -> (Network, Db) {
    let options = options.clone();
    let db = tokio::task::spawn_blocking(move || Db::open_postgres(testing::postgres_url(), options).unwrap()).await.unwrap();
    let bus = Nats::connect(&server.address(), NodeId::new(env), env.clone()).await.unwrap();
    healthy(&bus).await;
    let policy = Arc::new(suki_rules::Policy::shipped("meta-2026").unwrap());
    let fast = (100_000_000, 100_000_000);
    let config = Config { requests_per_second: fast, guests_per_hour: u32::MAX, bus: Arc::new(bus), ..Config::default() };
    (Network::open(db.clone(), [7; 32], policy, env.clone(), config).await.unwrap(), db)
}

#[tokio::main]
async fn main() {
    let arguments: Vec<u64> = std::env::args().skip(1).map(|argument| argument.parse().unwrap()).collect();
    let [a_second, seconds, customers, devices] = [0, 1, 2, 3].map(|place| arguments.get(place).copied().unwrap_or([2000, 5, 200, 10_000][place]));
    let load = Load { a_second, seconds };
    let (env, server) = (Env::for_tests(1), NatsServer::start());
    println!("{a_second} messages a second of 400 bytes, {seconds} s");
    bare(&server, load).await;
    bus(&server, &env, load).await;
    let options = tokio::task::spawn_blocking(testing::postgres_options).await.unwrap();
    let ((one, db), (two, _)) = (node(&server, &options, &env).await, node(&server, &options, &env).await);
    let customers = customers as usize;
    messages("submit to the shop's connection on the same node", &one, &one, &env, load, customers, 1).await;
    messages("submit to the shop's connection on another node", &one, &two, &env, load, customers, 2).await;
    idle(&db, &env, devices as usize).await;
}
