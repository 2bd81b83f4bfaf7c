//! The network alone behind sockets, in a process of its own: `bench relay-server FOLDER CUSTOMERS SHOPS`. Customers, shops and their conversations are made
//! first; who they are stands in the folder, for the load.
#[path = "../../../../network/examples/devices/mod.rs"]
mod devices;

use crate::Outcome;
use axum::{Router, extract::ws::WebSocketUpgrade, routing::get};
pub use devices::mls;
use std::{fmt::Write as _, fs, path::Path, sync::Arc};
use suki_network::{Config, Network};
use suki_store::{Db, SqliteOptions};
use tokio::net::TcpListener;

/// The file that names the devices: a line each with its key, its id and its conversation, the shops first.
pub const DEVICES: &str = "devices";

/// Serves until the process is killed; its address is the first line it prints.
pub async fn serve(folder: &Path, customers: usize, shops: usize) -> Outcome<()> {
    let db = Db::open_sqlite(&folder.join("network.db"), SqliteOptions::default())?;
    let policy = suki_rules::Policy::shipped("meta-2026").ok_or("no such policy")?;
    let config = Config { requests_per_second: (100_000_000, 100_000_000), guests_per_hour: u32::MAX, ..Config::default() };
    let env = suki_server::world::env();
    let network = Network::open(db, [7; 32], Arc::new(policy), env.clone(), config).await?;
    let mut open = Vec::new();
    for number in 0..shops {
        open.push(devices::shop(&network, &env, number).await);
    }
    let (mut list, mut guests) = (String::new(), Vec::new());
    for number in 0..customers {
        guests.push(devices::customer(&network, &env, &mut open[number % shops], number % shops).await);
    }
    for (device, conversation) in open.iter().map(|shop| (shop, [0; 16])).chain(guests.iter().map(|(guest, id)| (guest, *id.as_bytes()))) {
        let key = device.key.to_pkcs8v1()?;
        writeln!(list, "{} {} {}", hex::encode(key.as_ref()), hex::encode(device.registered.device.as_bytes()), hex::encode(conversation))?;
    }
    fs::write(folder.join(DEVICES), list)?;
    drop((open, guests));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let socket = move |upgrade: WebSocketUpgrade| {
        let network = network.clone();
        async move { suki_server::http::socket::speak(network, upgrade, || false) }
    };
    axum::serve(suki_server::http::tune(listener), Router::new().route("/v1/socket", get(socket))).await?;
    Ok(())
}
