//! Measures Suki from outside, beside the limits of the machine it runs on: `bench PATH-TO-SUKI REPORT`. `scripts/bench` builds and calls it.
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
mod cloud;
mod devices;
mod http;
mod idle;
mod letters;
mod machine;
mod report;
mod server;

use letters::Letter;
use report::Report;
use std::{error::Error, path::PathBuf, time::Duration};

pub type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Devices that are connected while messages are measured.
const DEVICES: usize = 1000;
/// Devices that are connected and idle.
const IDLE: usize = 10_000;
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
    let mut arguments = std::env::args().skip(1);
    let suki = arguments.next().ok_or("usage: bench PATH-TO-SUKI REPORT")?;
    if suki == "echo" {
        return http::echo().await;
    }
    let target = PathBuf::from(arguments.next().ok_or("usage: bench PATH-TO-SUKI REPORT")?);
    let folder = std::env::temp_dir().join(format!("suki-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let measured = measure(&PathBuf::from(suki), &folder).await;
    std::fs::remove_dir_all(&folder)?;
    std::fs::write(&target, measured?.to_string())?;
    println!("written: {}", target.display());
    Ok(())
}

/// Sends of one kind: as many as go, half of that, and as many as one number may send on its highest tier.
async fn sends(crowd: Vec<devices::Customer>, server: &server::Server, letter: &Letter, report: &mut Report) -> Outcome<Vec<devices::Customer>> {
    let name = letter.name();
    let (crowd, sent, delivered) = cloud::saturate(crowd, server, letter, RUN_TIME).await?;
    let half = sent.per_second / 2.0;
    report.sends.push((format!("{name}, saturated"), sent, delivered));
    let (crowd, sent, delivered) = cloud::at_rate(crowd, server, letter, half, RUN_TIME).await?;
    report.sends.push((format!("{name}, at half that load"), sent, delivered));
    let (crowd, sent, delivered) = cloud::at_rate(crowd, server, letter, HIGHEST_TIER, RUN_TIME).await?;
    report.sends.push((format!("{name}, at 1,000 a second"), sent, delivered));
    Ok(crowd)
}

async fn measure(suki: &std::path::Path, folder: &std::path::Path) -> Outcome<Report> {
    let mut report = Report { devices: DEVICES, ..Report::default() };
    report.limits.push(machine::measure(folder, LIMIT_TIME).await?);
    idle::measure(suki, &folder.join("idle"), IDLE, &mut report).await?;
    report.limits.push(machine::measure(folder, LIMIT_TIME).await?);
    let data = folder.join("busy");
    let server = server::Server::start(suki, &data).await?;
    let crowd = devices::join(&server, DEVICES, &mut report).await?;
    let before = server.disk().await?;
    let (crowd, run) = devices::saturate(crowd, &server, RUN_TIME).await?;
    let half = run.per_second / 2.0;
    let after = server.disk().await?;
    report.incoming_messages = run.count;
    report.disk = Some((before, after));
    report.incoming = Some(run);
    report.limits.push(machine::measure(folder, LIMIT_TIME).await?);
    let (crowd, run) = devices::at_rate(crowd, &server, half, RUN_TIME).await?;
    report.incoming_half = Some(run);
    let mut crowd = crowd;
    for letter in Letter::each(&server).await? {
        crowd = sends(crowd, &server, &letter, &mut report).await?;
        report.limits.push(machine::measure(folder, LIMIT_TIME).await?);
    }
    report.groups = server.group_bytes().await?;
    drop(crowd);
    server.stop().await?;
    report.relay = machine::relay(folder).await?;
    report.webhooks = machine::webhooks(folder).await?;
    Ok(report)
}
