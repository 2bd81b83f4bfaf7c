//! Measures Suki from outside, beside the limits of the machine it runs on: `bench PATH-TO-SUKI REPORT [PART …]`. `scripts/bench` builds and calls it.
//! With the names of parts (see [`PARTS`]) only those are measured, for whoever looks for what a change is worth.
//!
//! The server is the release binary in a process of its own; customers are headless devices in this one. The limits of the machine are measured
//! between the runs of the product, so that both meet the same neighbours.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    missing_docs,
    reason = "it measures from outside with the machine's own clock, and it is no part of the product"
)]
mod campaign;
mod cloud;
mod devices;
mod http;
mod idle;
mod letters;
mod machine;
mod relay;
mod report;
mod server;

use http::{CLIENTS, MANY_CLIENTS};
use letters::Letter;
use report::Report;
use std::{
    error::Error,
    path::{Path, PathBuf},
    pin::Pin,
    time::Duration,
};

pub type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// What can be measured alone.
const PARTS: [&str; 10] = ["limits", "idle", "incoming", "text", "template", "picture", "campaign", "relay", "sockets", "webhooks"];

/// Devices that are connected while messages are measured.
const DEVICES: usize = 1000;
/// Devices that are connected and idle.
const IDLE: usize = 10_000;
/// Customers of the campaign.
const CAMPAIGN: usize = 5_000;
/// How long the machine's limits are measured each time, and the product.
const LIMIT_TIME: Duration = Duration::from_millis(1500);
const RUN_TIME: Duration = Duration::from_secs(6);

/// Messages a second that one number may send on the highest tier (Cloud API, section 3e, Throughput).
const HIGHEST_TIER: f64 = 1000.0;

/// What the latencies of a run were, in milliseconds.
pub struct Latencies {
    pub p50: f64,
    pub p99: f64,
}

impl Latencies {
    pub fn of(mut all: Vec<Duration>) -> Self {
        all.sort_unstable();
        let at = |share: usize| all.get((all.len() * share / 100).min(all.len().saturating_sub(1))).map_or(0.0, |one| one.as_secs_f64() * 1000.0);
        Self { p50: at(50), p99: at(99) }
    }
}

/// A run of the product.
pub struct Run {
    pub count: f64,
    pub per_second: f64,
    pub latencies: Latencies,
    /// The server's processor time for 100,000 messages, in seconds.
    pub cpu_100k: f64,
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1).collect::<Vec<_>>().into_iter();
    let suki = arguments.next().ok_or(USAGE)?;
    if let Some(server) = servers(&suki, &mut arguments.clone()) {
        return server.await;
    }
    let target = PathBuf::from(arguments.next().ok_or(USAGE)?);
    let parts = Parts::read(arguments.collect())?;
    let folder = std::env::temp_dir().join(format!("suki-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let measured = measure(&PathBuf::from(suki), &folder, &parts).await;
    std::fs::remove_dir_all(&folder)?;
    std::fs::write(&target, measured?.to_string())?;
    println!("written: {}", target.display());
    Ok(())
}

/// The servers to compare with: this program in a process of its own.
fn servers(name: &str, arguments: &mut impl Iterator<Item = String>) -> Option<Pin<Box<dyn Future<Output = Outcome<()>>>>> {
    let (folder, mut number) = (arguments.next().map(PathBuf::from), || arguments.next().and_then(|text| text.parse().ok()));
    Some(match (name, folder) {
        ("echo", _) => Box::pin(http::echo()),
        ("prototype-server", Some(folder)) => Box::pin(async move { relay::serve_prototype(&folder).await }),
        ("relay-server", Some(folder)) => {
            let (customers, shops) = (number()?, number()?);
            Box::pin(async move { relay::serve_network(&folder, customers, shops).await })
        }
        _ => return None,
    })
}

const USAGE: &str = "usage: bench PATH-TO-SUKI REPORT [PART …]";

/// What is measured: all, or what was named.
struct Parts(Vec<String>);

impl Parts {
    fn read(named: Vec<String>) -> Outcome<Self> {
        match named.iter().find(|name| !PARTS.contains(&name.as_str())) {
            Some(unknown) => Err(format!("{unknown} is no part; there are {}", PARTS.join(", ")).into()),
            None => Ok(Self(named)),
        }
    }

    fn has(&self, part: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|named| named == part)
    }

    fn any(&self, parts: &[&str]) -> bool {
        parts.iter().any(|part| self.has(part))
    }
}

/// Sends of one kind: as many as go, half of that, and as many as one number may send on its highest tier. Of texts also what more clients get.
async fn sends(crowd: Vec<devices::Customer>, server: &server::Server, letter: &Letter, report: &mut Report) -> Outcome<Vec<devices::Customer>> {
    let name = letter.name();
    let (mut crowd, sent, delivered) = cloud::saturate(crowd, server, letter, CLIENTS, RUN_TIME).await?;
    let half = sent.per_second / 2.0;
    report.sends.push((format!("{name}, saturated"), sent, delivered));
    if matches!(letter, Letter::Text) {
        let (back, sent, delivered) = cloud::saturate(crowd, server, letter, MANY_CLIENTS, RUN_TIME).await?;
        report.sends.push((format!("{name}, saturated by {MANY_CLIENTS} clients"), sent, delivered));
        crowd = back;
    }
    let (crowd, sent, delivered) = cloud::at_rate(crowd, server, letter, half, RUN_TIME).await?;
    report.sends.push((format!("{name}, at half that load"), sent, delivered));
    let (crowd, sent, delivered) = cloud::at_rate(crowd, server, letter, HIGHEST_TIER, RUN_TIME).await?;
    report.sends.push((format!("{name}, at 1,000 a second"), sent, delivered));
    Ok(crowd)
}

async fn measure(suki: &Path, folder: &Path, parts: &Parts) -> Outcome<Report> {
    let mut report = Report { devices: DEVICES, ..Report::default() };
    limits(folder, parts, &mut report).await?;
    if parts.has("idle") {
        idle::measure(suki, &folder.join("idle"), IDLE, &mut report).await?;
        limits(folder, parts, &mut report).await?;
    }
    if parts.any(&["incoming", "text", "template", "picture"]) {
        messages(suki, folder, parts, &mut report).await?;
    }
    if parts.has("campaign") {
        report.campaign = Some(campaign::measure(suki, &folder.join("campaign"), CAMPAIGN).await?);
    }
    if parts.has("relay") {
        report.relay = machine::relay(folder).await?;
    }
    if parts.has("sockets") {
        report.sockets = relay::measure(folder, RUN_TIME).await?;
        limits(folder, parts, &mut report).await?;
    }
    if parts.has("webhooks") {
        report.webhooks = machine::webhooks(folder).await?;
    }
    Ok(report)
}

async fn limits(folder: &Path, parts: &Parts, report: &mut Report) -> Outcome<()> {
    if parts.has("limits") {
        report.limits.push(machine::measure(folder, LIMIT_TIME).await?);
    }
    Ok(())
}

/// What customers write, and what programs send them.
async fn messages(suki: &Path, folder: &Path, parts: &Parts, report: &mut Report) -> Outcome<()> {
    let server = server::Server::start(suki, &folder.join("busy")).await?;
    let mut crowd = devices::join(&server, DEVICES, report).await?;
    if parts.has("incoming") {
        let before = server.disk().await?;
        let (back, run) = devices::saturate(crowd, &server, RUN_TIME).await?;
        let half = run.per_second / 2.0;
        let after = server.disk().await?;
        report.incoming_messages = run.count;
        report.disk = Some((before, after));
        report.incoming = Some(run);
        limits(folder, parts, report).await?;
        let (back, run) = devices::at_rate(back, &server, half, RUN_TIME).await?;
        report.incoming_half = Some(run);
        crowd = back;
    }
    for letter in Letter::each(&server).await?.into_iter().filter(|letter| parts.has(letter.name())) {
        crowd = sends(crowd, &server, &letter, report).await?;
        limits(folder, parts, report).await?;
    }
    report.groups = server.group_bytes().await?;
    drop(crowd);
    server.stop().await
}
