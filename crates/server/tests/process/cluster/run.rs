//! A fault under load: how long until everybody is served again, and whether anything was lost or came twice.
use super::{
    fault::Fault,
    load::{Load, Mark},
    stage::Cluster,
};
use crate::server::{pause, world};
use suki_types::Timestamp;

/// The longest that any fault may keep anybody waiting.
const PATIENCE_MILLIS: i64 = 150_000;

/// Who was served last is told when it took so long.
const NOTEWORTHY_MILLIS: i64 = 15_000;

/// What a fault did. Times are in milliseconds.
pub struct Row {
    pub fault: Fault,
    /// From the fault to the first acknowledgement, in any chat, of a message written after it; none where nobody can be served.
    pub first: Option<i64>,
    /// From the fault until both sides of every chat were served, while the fault lasted.
    pub all: Option<i64>,
    /// From the end of the fault until everything that waited had arrived.
    pub caught_up: i64,
    /// How many messages of people and of programs were checked since the cluster began.
    pub checked: (usize, usize),
}

impl Row {
    /// As a line of the table.
    pub fn line(&self) -> String {
        let seconds = |millis: Option<i64>| millis.map_or("–".to_owned(), |millis| format!("{:.1}", millis as f64 / 1000.0));
        let (first, all, caught_up) = (seconds(self.first), seconds(self.all), seconds(Some(self.caught_up)));
        format!("| {} | {first} | {all} | {caught_up} | {} + {} | 0 | 0 |", self.fault.name(), self.checked.0, self.checked.1)
    }
}

/// Runs one fault; fails when anything acknowledged is lost, doubled, out of order or unreadable, or somebody is not served.
pub async fn run(cluster: &mut Cluster, fault: Fault) -> Row {
    let started = now();
    cluster.until_shared_out().await;
    let shared_out = now();
    let load = Load::start(&cluster.chats);
    let marks = mark(cluster);
    served(cluster, &marks, &format!("the load before {}", fault.name())).await;
    let begun = now();
    fault.inject(cluster).await;
    let marks = mark(cluster);
    let (mut first, mut all) = (None, None);
    if fault.is_survived() {
        first = Some(first_served(cluster, &marks).await.since(begun));
        all = Some(served(cluster, &marks, &fault.name()).await.since(begun));
    } else {
        refused(cluster, &marks).await;
    }
    fault.heal(cluster).await;
    let healed = now();
    let marks = mark(cluster);
    served(cluster, &marks, &format!("everybody after {}", fault.name())).await;
    load.stop().await;
    let caught_up = caught_up(cluster, fault).await.since(healed);
    let checked = cluster.check().await;
    cluster.pass_files().await;
    let row = Row { fault, first, all, caught_up, checked };
    eprintln!("{}", row.line());
    let seconds = |from: Timestamp, to: Timestamp| to.since(from) as f64 / 1000.0;
    eprintln!("  {:.1} s in all, {:.1} of them until every node had a shop", seconds(started, now()), seconds(started, shared_out));
    row
}

fn now() -> Timestamp {
    world().now()
}

fn mark(cluster: &Cluster) -> Vec<Mark> {
    cluster.chats.iter().map(|chat| chat.mark()).collect()
}

async fn first_served(cluster: &Cluster, marks: &[Mark]) -> Timestamp {
    let begun = now();
    loop {
        if cluster.chats.iter().zip(marks).any(|(chat, &mark)| chat.hears_people(mark) || chat.hears_programs(mark)) {
            return now();
        }
        assert!(now().since(begun) < PATIENCE_MILLIS, "nobody is served\n{}", tails(cluster));
        pause(5).await;
    }
}

/// Waits until both sides of every chat have been served.
async fn served(cluster: &Cluster, marks: &[Mark], during: &str) -> Timestamp {
    let (begun, mut last) = (now(), Vec::new());
    loop {
        let waiting: Vec<String> = (cluster.chats.iter().zip(marks).enumerate())
            .filter_map(|(number, (chat, &mark))| match (chat.hears_people(mark), chat.hears_programs(mark)) {
                (true, true) => None,
                (people, programs) => {
                    Some(format!("chat {number} of shop {}: person served {people} ({}), program served {programs}", chat.shop, chat.standing(mark)))
                }
            })
            .collect();
        if waiting.is_empty() {
            if now().since(begun) >= NOTEWORTHY_MILLIS {
                eprintln!("  {during}: the last to be served, after {:.1} s: {last:#?}", now().since(begun) as f64 / 1000.0);
            }
            return now();
        }
        assert!(now().since(begun) < PATIENCE_MILLIS, "{during}: not everybody is served: {waiting:#?}\n{}", tails(cluster));
        last = waiting;
        pause(20).await;
    }
}

/// Waits until some program of every shop was told to come again.
async fn refused(cluster: &Cluster, marks: &[Mark]) {
    let begun = now();
    while !cluster.chats.iter().zip(marks).all(|(chat, &mark)| chat.refuses_programs(mark)) {
        assert!(now().since(begun) < PATIENCE_MILLIS, "the fault reaches nobody\n{}", tails(cluster));
        pause(20).await;
    }
}

/// Waits until nothing waits anywhere.
async fn caught_up(cluster: &Cluster, fault: Fault) -> Timestamp {
    let begun = now();
    for chat in &cluster.chats {
        while !chat.is_caught_up(&cluster.programs[chat.shop]).await {
            assert!(now().since(begun) < PATIENCE_MILLIS, "{}: a chat of shop {} is not caught up\n{}", fault.name(), chat.shop, tails(cluster));
            pause(50).await;
        }
    }
    now()
}

/// The ends of the nodes' logs, for whoever has to find out why.
fn tails(cluster: &Cluster) -> String {
    let tail = |number: usize, log: String| {
        let lines: Vec<&str> = log.lines().collect();
        format!("node {number}:\n{}\n", lines[lines.len().saturating_sub(40)..].join("\n"))
    };
    cluster.nodes.iter().map(|node| tail(node.number, node.log_text())).collect()
}
