//! What one, two and three nodes carry when each has the same small part of a processor: the shape of scaling, on one machine.
use super::{
    load::Chat,
    node::Cap,
    stage::{self, Cluster, Size},
};
use crate::server::world;
use std::{fs, sync::Arc};
use suki_client::Status;
use tokio::process::Command;

/// How much of one processor a node has, in percent; CAP says otherwise.
const PERCENT: u32 = 20;
/// How long each count of nodes is measured.
const MILLIS: i64 = 20_000;
/// What runs before it is measured, until connections, caches and pools are as they stay.
const WARM_MILLIS: i64 = 5_000;

/// What so many nodes did.
struct Figures {
    nodes: usize,
    per_second: f64,
    /// Processor time of all nodes, and of the database, for a message, in microseconds.
    cpu: (f64, f64),
    /// In milliseconds.
    p50: i64,
    p99: i64,
}

/// Measures and prints the table.
pub async fn run() {
    let percent = std::env::var("CAP").map_or(PERCENT, |cap| cap.parse().expect("CAP is a number of percent"));
    // The nodes have the first processor, everything else the others; with one processor they share it.
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    if processors > 1 {
        let (here, others) = (std::process::id().to_string(), format!("1-{}", processors - 1));
        let pinned = Command::new("taskset").args(["--all-tasks", "--pid", "--cpu-list", &others, &here]).output().await;
        assert!(pinned.expect("util-linux has taskset").status.success(), "this process cannot be pinned to {others}");
    }
    let mut all = Vec::new();
    for nodes in 1..=3 {
        all.push(stage::alone(move || with(nodes, Cap { processor: 0, percent })).await);
    }
    eprintln!("\nEach node has {percent} % of one processor; 24 people in 6 shops write, and write again when the shop has it.\n");
    eprintln!(
        "| nodes | messages/s | of one node | CPU of nodes, µs/message | CPU of PostgreSQL, µs/message | p50 ms | p99 ms |\n|---|---|---|---|---|---|---|"
    );
    for one in &all {
        let Figures { nodes, per_second, cpu: (own, database), p50, p99 } = one;
        eprintln!("| {nodes} | {per_second:.0} | {:.2} | {own:.0} | {database:.0} | {p50} | {p99} |", per_second / all[0].per_second);
    }
}

/// What so many nodes do.
async fn with(nodes: usize, cap: Cap) -> Figures {
    let cluster = Cluster::start(Size { nodes, nats: 1, shops: 6, people: 4, files: false, small_disks: false, cap: Some(cap) }).await;
    cluster.until_shared_out().await;
    let figures = measure(&cluster).await;
    cluster.end().await;
    for number in 0..nodes {
        fs::remove_dir(Cap::group(number)).expect("nobody is in it any more");
    }
    figures
}

async fn measure(cluster: &Cluster) -> Figures {
    saturate(&cluster.chats, WARM_MILLIS).await;
    let before = (nodes_cpu(cluster), database_cpu());
    let (mut latencies, took) = saturate(&cluster.chats, MILLIS).await;
    let after = (nodes_cpu(cluster), database_cpu());
    assert!(latencies.len() > 100, "too few messages to say anything: {}", latencies.len());
    latencies.sort_unstable();
    let count = latencies.len() as f64;
    let at = |part: usize| latencies[latencies.len() * part / 100];
    let cpu = ((after.0 - before.0) * 1e6 / count, (after.1 - before.1) * 1e6 / count);
    Figures { nodes: cluster.nodes.len(), per_second: count * 1000.0 / took as f64, cpu, p50: at(50), p99: at(99) }
}

/// Everybody writes, waits until the shop has it, and writes again. Gives how long each message took, and how long all of it.
async fn saturate(chats: &[Arc<Chat>], millis: i64) -> (Vec<i64>, i64) {
    let env = world();
    let begun = env.now();
    let people = chats.iter().map(|chat| {
        let (chat, env) = (chat.clone(), env.clone());
        tokio::spawn(async move {
            let mut latencies = Vec::new();
            while env.now().since(begun) < millis {
                let before = env.now();
                let id = chat.customer.say("Do you have fresh pandesal this morning, and how much is a dozen?").await;
                chat.customer.until_status(id, Status::Delivered).await;
                latencies.push(env.now().since(before));
            }
            latencies
        })
    });
    let mut all = Vec::new();
    for person in people.collect::<Vec<_>>() {
        all.extend(person.await.expect("it writes to the end"));
    }
    (all, env.now().since(begun))
}

fn nodes_cpu(cluster: &Cluster) -> f64 {
    cluster.nodes.iter().map(|node| cpu_seconds(&node.pid().to_string())).sum()
}

/// Of all the processes of this world that are PostgreSQL's.
fn database_cpu() -> f64 {
    let processes = fs::read_dir("/proc").expect("Linux has it").flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let servers = processes.filter(|pid| fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "postgres"));
    servers.map(|pid| cpu_seconds(&pid)).sum()
}

/// Processor time a process has taken, in seconds: the kernel counts hundredths.
fn cpu_seconds(pid: &str) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
    (ticks(11) + ticks(12)) / 100.0
}
