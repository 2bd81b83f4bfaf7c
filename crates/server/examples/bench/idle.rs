//! Start-up, memory and log-ins: what a server costs before anybody writes.
use crate::{Outcome, http::Connection, report::Report, server::Server};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use suki_link::{Dial as _, WebSocketDial, Wire};
use suki_protocol::{
    http::{Base64, RegisterGuest, Registered},
    log_in_bytes,
    pb::{self, client_frame::Body as Ask, server_frame::Body as Told},
};
use tokio::{sync::Semaphore, task::JoinSet};

/// How many devices register and log in at once.
const AT_ONCE: usize = 64;
const STARTS: usize = 5;

/// What a device logs in with.
pub struct Identity {
    pub key: Ed25519KeyPair,
    pub device: Vec<u8>,
}

pub async fn measure(suki: &Path, data: &Path, devices: usize, report: &mut Report) -> Outcome<()> {
    Server::start(suki, data).await?.stop().await?;
    let mut starts = Vec::new();
    for _ in 1..STARTS {
        let server = Server::start(suki, data).await?;
        starts.push(server.started_in);
        server.stop().await?;
    }
    let server = Server::start(suki, data).await?;
    starts.push(server.started_in);
    starts.sort_unstable();
    report.start = starts[STARTS / 2];
    tokio::time::sleep(Duration::from_secs(1)).await;
    report.idle_bytes = server.resident()?;
    println!("start {:.0} ms, idle {:.1} MiB", report.start.as_secs_f64() * 1000.0, report.idle_bytes as f64 / 1_048_576.0);
    let guests = register(&server, devices).await?;
    let before = server.resident()?;
    let (start, cpu) = (Instant::now(), server.cpu());
    let wires = log_in(&server, guests).await?;
    let count = wires.len() as f64;
    report.log_ins = count / start.elapsed().as_secs_f64();
    report.log_in_cpu = (server.cpu() - cpu) / count * 1000.0;
    tokio::time::sleep(Duration::from_secs(1)).await;
    report.connections = wires.len();
    report.connection_bytes = server.resident()?.saturating_sub(before) as f64 / count;
    println!("{:.0} log-ins/s, {:.2} ms each; {:.0} bytes a connection", report.log_ins, report.log_in_cpu, report.connection_bytes);
    drop(wires);
    server.stop().await
}

async fn register(server: &Server, devices: usize) -> Outcome<Vec<Identity>> {
    let mut tasks = JoinSet::new();
    for number in 0..AT_ONCE {
        let (address, slug) = (server.address.clone(), server.slug.clone());
        tasks.spawn(async move {
            let env = suki_server::world::env();
            let mut connection = Connection::open(&address).await?;
            let mut guests = Vec::new();
            for _ in (number..devices).step_by(AT_ONCE) {
                let key = Ed25519KeyPair::from_seed_unchecked(&env.random::<32>())?;
                let signature_key = Base64(key.public_key().as_ref().to_vec());
                let body = serde_json::to_string(&RegisterGuest { slug: slug.clone(), signature_key, device_name: String::new() })?;
                let (status, answer) = connection.post("/v1/guests", "", &body).await?;
                if status != 200 {
                    return Err(format!("a guest was refused: {}", String::from_utf8_lossy(&answer)).into());
                }
                let registered: Registered = serde_json::from_slice(&answer)?;
                guests.push(Identity { key, device: registered.device.to_vec() });
            }
            Outcome::Ok(guests)
        });
    }
    let mut guests = Vec::new();
    while let Some(task) = tasks.join_next().await {
        guests.extend(task??);
    }
    Ok(guests)
}

async fn log_in(server: &Server, guests: Vec<Identity>) -> Outcome<Vec<Wire>> {
    let (places, dial) = (Arc::new(Semaphore::new(AT_ONCE)), WebSocketDial::new(&server.url())?);
    let mut tasks = JoinSet::new();
    for guest in guests {
        let (places, dial) = (places.clone(), dial.clone());
        tasks.spawn(async move {
            let _place = places.acquire_owned().await?;
            tokio::time::timeout(Duration::from_secs(20), log_in_one(&dial, &guest)).await?
        });
    }
    let mut wires = Vec::new();
    while let Some(task) = tasks.join_next().await {
        wires.push(task??);
    }
    Ok(wires)
}

/// Connects a device and logs it in.
pub async fn log_in_one(dial: &WebSocketDial, guest: &Identity) -> Outcome<Wire> {
    let mut wire = dial.dial().await?;
    let Some(Told::Challenge(challenge)) = wire.incoming.recv().await.and_then(|frame| frame.body) else { return Err("no challenge".into()) };
    let device = guest.device.clone();
    let signature = guest.key.sign(&log_in_bytes(&challenge.nonce, &device)).as_ref().to_vec();
    wire.out.send(pb::ClientFrame { request: 1, body: Some(Ask::LogIn(pb::LogIn { device, signature })) }).await?;
    match wire.incoming.recv().await.and_then(|frame| frame.body) {
        Some(Told::LoggedIn(_)) => Ok(wire),
        other => Err(format!("not logged in: {other:?}").into()),
    }
}
