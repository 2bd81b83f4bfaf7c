//! Several nodes over PostgreSQL and NATS, and everything that may happen to them, under load.
//!
//! | module | subject |
//! |---|---|
//! | [`world`] | a network of its own, whose cables can be cut |
//! | [`services`] | the pair of PostgreSQL servers, NATS, and the bucket for files |
//! | [`node`], [`front`] | the nodes, and the proxy before them |
//! | [`shops`], [`load`], [`files`] | who writes to whom, and the files they exchange |
//! | [`stage`] | all of it together |
//! | [`fault`], [`run`], [`table`] | what goes wrong, how long that keeps whom waiting, and where it is written down |
//! | [`scaling`] | what one, two and three nodes carry |
mod fault;
mod files;
mod front;
mod load;
mod node;
mod run;
mod scaling;
mod services;
mod shops;
mod stage;
mod table;
mod world;

use fault::Fault;
use run::Row;
use stage::{Cluster, Size};

/// Nothing acknowledged is lost, nothing is shown twice, the order is kept: cut from the bus, after a failover, cut from the database, killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "scripts/test-whole runs it, alone"]
async fn the_most_telling_faults() {
    if world::enter("cluster::the_most_telling_faults").await {
        let mut cluster = Cluster::start(Size { nodes: 3, nats: 1, shops: 3, people: 1, files: true, small_disks: false, cap: None }).await;
        for fault in Fault::SHORT {
            run::run(&mut cluster, fault).await;
        }
        cluster.end().await;
    }
}

/// `make faults`; FAULTS names some of them, separated by commas or spaces.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "make faults runs it"]
async fn all_faults() {
    if world::enter("cluster::all_faults").await {
        let mut rows = Vec::new();
        // Such disks are memory, which is quicker than a database's disk: the others are tried without.
        for small_disks in [false, true] {
            let chosen: Vec<Fault> = table::chosen().into_iter().filter(|fault| (*fault == Fault::FillDatabase) == small_disks).collect();
            if !chosen.is_empty() {
                rows.extend(stage::alone(move || tried(chosen, small_disks)).await);
            }
        }
        table::write(&rows);
    }
}

/// What each of these did, one after the other in one cluster.
async fn tried(faults: Vec<Fault>, small_disks: bool) -> Vec<Row> {
    let mut cluster = Cluster::start(Size { nodes: 3, nats: 3, shops: 3, people: 3, files: true, small_disks, cap: None }).await;
    let mut rows = Vec::new();
    for fault in faults {
        rows.push(run::run(&mut cluster, fault).await);
    }
    cluster.end().await;
    rows
}

/// `make scaling`; CAP says how many percent of a processor each node has.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "make scaling runs it"]
async fn scaling() {
    if world::enter("cluster::scaling").await {
        scaling::run().await;
    }
}
