//! How fast the relay is without sockets and without encryption.
//!
//! ```sh
//! cargo run --release -p suki-network --example relay -- [customers] [shops] [messages]
//! cargo run --release -p suki-network --example relay -- growth [conversations …]
//! ```
//! Each customer sends and waits until the network has accepted; the shops acknowledge what they get, the customers their receipts. Prints the rate,
//! the time from sending to the shop's receiving, processor time and disk a message, and what an idle connection costs. With `growth`, what a message costs
//! as conversations become many (`growth.rs`). The store is SQLite in this folder, or PostgreSQL at the address in SUKI_DATABASE.
#![allow(clippy::print_stdout, clippy::disallowed_methods, clippy::unwrap_used, reason = "it measures, and it is no part of the product")]

#[path = "../devices/mod.rs"]
mod devices;
mod growth;
mod place;

use devices::{Device, cpu_seconds, customer, mls, shop};
use parking_lot::Mutex;
use prost::Message as _;
use std::{collections::HashMap, sync::Arc, time::Instant};
use suki_protocol::pb::{self, EntryKind, client_frame::Body as Ask, server_frame::Body as Told};
use suki_types::{ConversationId, Env, MessageId};

fn resident_bytes() -> f64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() * 4096.0
}

/// Takes entries in and acknowledges them; tells when a message came.
async fn receive(mut device: Device, sent: Arc<Mutex<HashMap<Vec<u8>, Instant>>>, latencies: Arc<Mutex<Vec<u32>>>, mut left: usize) {
    while left > 0 {
        let frame = device.session.next().await.unwrap();
        let Some(Told::Entries(entries)) = frame.body else { continue };
        let now = Instant::now();
        for entry in entries.entries.iter().filter(|entry| entry.kind() == EntryKind::Message) {
            let at = sent.lock().remove(&entry.message_id).unwrap();
            latencies.lock().push(now.duration_since(at).as_micros() as u32);
            left -= 1;
        }
        device.send(Ask::Ack(pb::Ack { seq: entries.entries.last().unwrap().seq }));
    }
}

/// Sends one after the other, and acknowledges the receipts as they come.
async fn send(mut device: Device, conversation: ConversationId, env: Env, sent: Arc<Mutex<HashMap<Vec<u8>, Instant>>>, messages: usize) {
    for _ in 0..messages {
        let id = MessageId::new(&env).to_vec();
        let header = pb::Header { message_id: id.clone(), kind: 1, commitment: vec![0; 32], ..Default::default() };
        let mls_message = mls(conversation, 1, 1, &header.encode_to_vec());
        sent.lock().insert(id, Instant::now());
        let request = device.send(Ask::Submit(pb::Submit { mls_message }));
        let mut accepted = false;
        while !accepted {
            let frame = device.session.next().await.unwrap();
            accepted = frame.request == request;
            match frame.body {
                Some(Told::Accepted(_)) => {}
                Some(Told::Entries(entries)) => {
                    device.send(Ask::Ack(pb::Ack { seq: entries.entries.last().unwrap().seq }));
                }
                Some(Told::Done(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

#[tokio::main]
async fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "growth") {
        let sizes: Vec<u64> = arguments.drain(1..).map(|size| size.parse().unwrap()).collect();
        return growth::run(if sizes.is_empty() { &growth::SIZES } else { &sizes }).await;
    }
    rates(&arguments.iter().map(|argument| argument.parse().unwrap()).collect::<Vec<_>>()).await;
}

async fn rates(arguments: &[usize]) {
    let [customers, shops, messages] = [0, 1, 2].map(|place| arguments.get(place).copied().unwrap_or([1000, 50, 100_000][place]));
    let env = Env::for_tests(1);
    let place = place::Place::new();
    let (db, network) = place.open(&env).await;
    let mut all_shops = Vec::new();
    for number in 0..shops {
        all_shops.push(shop(&network, &env, number).await);
    }
    let before = resident_bytes();
    let start = Instant::now();
    let mut all_customers = Vec::new();
    for number in 0..customers {
        all_customers.push(customer(&network, &env, &mut all_shops[number % shops], number % shops).await);
    }
    println!("{customers} customers registered, logged in and joined: {:.0}/s", customers as f64 / start.elapsed().as_secs_f64());
    println!("resident memory a connection, with what tests hold of it: {:.0} bytes", (resident_bytes() - before) / customers as f64);
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let again: Vec<_> = all_customers
        .into_iter()
        .map(|(device, conversation)| {
            let network = network.clone();
            tokio::spawn(async move { (Device::log_in(&network, device.key, device.registered).await, conversation) })
        })
        .collect();
    let mut all_customers = Vec::new();
    for device in again {
        all_customers.push(device.await.unwrap());
    }
    let (took, cpu, count) = (start.elapsed().as_secs_f64(), cpu_seconds() - cpu, customers as f64);
    println!("{:.0} log-ins/s; {:.2} ms CPU each, with the device's signature", count / took, cpu / count * 1000.0);
    let disk = db.size_on_disk().await.unwrap();
    let (sent, latencies) = (Arc::default(), Arc::new(Mutex::new(Vec::new())));
    let each = messages / customers;
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let mut tasks = Vec::new();
    for (number, device) in all_shops.into_iter().enumerate() {
        let share = (number..customers).step_by(shops).count() * each;
        tasks.push(tokio::spawn(receive(device, Arc::clone(&sent), latencies.clone(), share)));
    }
    for (device, conversation) in all_customers {
        tasks.push(tokio::spawn(send(device, conversation, env.clone(), sent.clone(), each)));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let (took, cpu, count) = (start.elapsed().as_secs_f64(), cpu_seconds() - cpu, (each * customers) as f64);
    let mut latencies = std::mem::take(&mut *latencies.lock());
    latencies.sort_unstable();
    let at = |share: f64| f64::from(latencies[(latencies.len() as f64 * share) as usize]) / 1000.0;
    println!("{:.0} messages/s; p50 {:.2} ms, p99 {:.2} ms; {:.1} s CPU per 100,000", count / took, at(0.5), at(0.99), cpu / count * 100_000.0);
    println!("{:.0} bytes of disk a message", (db.size_on_disk().await.unwrap() - disk) as f64 / count);
}
