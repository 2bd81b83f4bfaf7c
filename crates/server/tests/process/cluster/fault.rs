//! What goes wrong: each fault is put in place while the load runs, and taken away again.
use super::{
    node::Node,
    services,
    stage::Cluster,
    world::{FRONT, NATS, POSTGRES},
};

/// A fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// `kill -9` of this node, which stays away for a while.
    KillNode(usize),
    /// `kill -9` of this node, which is started again at once, as a supervisor does.
    KillAndRestart(usize),
    /// Nothing passes between this node and the bus.
    CutFromNats(usize),
    /// Nothing passes between this node and the database servers.
    CutFromPostgres(usize),
    /// Nothing passes between this node and the proxy before it; it reaches everything else.
    CutFromClients(usize),
    /// The primary loses its power; the standby takes its place.
    FailOver,
    /// One of the bus's servers is killed.
    LoseNats(usize),
    /// Not a byte more fits into this node's data folder.
    FillDisk(usize),
    /// Not a byte more fits on the primary's disk: data, log and all.
    FillDatabase,
    /// This node's clock is five minutes ahead at its start, then five minutes behind while it runs.
    MoveClock(usize),
}

impl Fault {
    /// All of them, in the order of a whole run.
    pub const ALL: [Self; 12] = [
        Self::KillNode(0),
        Self::KillNode(1),
        Self::KillNode(2),
        Self::KillAndRestart(1),
        Self::CutFromNats(0),
        Self::LoseNats(0),
        Self::CutFromPostgres(2),
        Self::FailOver,
        Self::FillDisk(2),
        Self::MoveClock(1),
        Self::CutFromClients(0),
        Self::FillDatabase,
    ];

    /// Those that tell the most, for every run of the tests.
    pub const SHORT: [Self; 4] = [Self::CutFromNats(0), Self::FailOver, Self::CutFromPostgres(1), Self::KillNode(2)];

    /// How it is chosen and reported.
    pub fn name(self) -> String {
        match self {
            Self::KillNode(node) => format!("kill-node-{node}"),
            Self::KillAndRestart(node) => format!("kill-and-restart-node-{node}"),
            Self::CutFromNats(node) => format!("cut-node-{node}-from-nats"),
            Self::CutFromPostgres(node) => format!("cut-node-{node}-from-postgres"),
            Self::CutFromClients(node) => format!("cut-node-{node}-from-clients"),
            Self::FailOver => "postgres-fails-over".to_owned(),
            Self::LoseNats(server) => format!("nats-of-three-loses-{server}"),
            Self::FillDisk(node) => format!("disk-full-on-node-{node}"),
            Self::FillDatabase => "disk-full-on-postgres".to_owned(),
            Self::MoveClock(node) => format!("clock-of-node-{node}-5-minutes-off"),
        }
    }

    /// Whether people and programs are to be served while it lasts. Nobody can store anything in a full database; that it takes nothing it cannot keep, and goes
    /// on when it has room again, is what is looked at.
    pub fn is_survived(self) -> bool {
        self != Self::FillDatabase
    }

    /// Puts it in place.
    pub async fn inject(self, cluster: &mut Cluster) {
        match self {
            Self::KillNode(node) => cluster.nodes[node].kill().await,
            Self::KillAndRestart(node) => {
                cluster.nodes[node].kill().await;
                cluster.nodes[node].start_again().await;
            }
            Self::CutFromNats(node) => cluster.nodes[node].place.cut(&NATS).await,
            Self::CutFromPostgres(node) => cluster.nodes[node].place.cut(&POSTGRES).await,
            Self::CutFromClients(node) => cluster.nodes[node].place.cut(&[FRONT]).await,
            Self::FailOver => cluster.postgres.fail_over().await,
            Self::LoseNats(server) => cluster.nats.kill(server).await,
            Self::FillDisk(node) => services::fill(&cluster.nodes[node].data().join("filler")),
            Self::FillDatabase => cluster.postgres.fill(),
            Self::MoveClock(node) => {
                let node = &mut cluster.nodes[node];
                node.kill().await;
                set_clock(node, "+300");
                node.behind = with_own_clock(node);
                node.start_again().await;
                set_clock(node, "-300");
            }
        }
    }

    /// Takes it away.
    pub async fn heal(self, cluster: &mut Cluster) {
        match self {
            Self::KillNode(node) => cluster.nodes[node].start_again().await,
            Self::KillAndRestart(_) => {}
            Self::CutFromNats(node) | Self::CutFromPostgres(node) | Self::CutFromClients(node) => cluster.nodes[node].place.join().await,
            Self::FailOver => cluster.postgres.mend().await,
            Self::LoseNats(server) => cluster.nats.start_one(server).await,
            Self::FillDisk(node) => std::fs::remove_file(cluster.nodes[node].data().join("filler")).expect("it is there"),
            Self::FillDatabase => cluster.postgres.make_room().await,
            Self::MoveClock(node) => set_clock(&cluster.nodes[node], "+0"),
        }
    }
}

/// What its clock is off by stands in a file that the library which fakes it reads again every second.
fn set_clock(node: &Node, seconds: &str) {
    std::fs::write(clock_file(node), seconds).expect("it can be written");
}

fn clock_file(node: &Node) -> std::path::PathBuf {
    node.data().with_extension("clock")
}

fn with_own_clock(node: &Node) -> Vec<String> {
    let folders = std::fs::read_dir("/usr/lib").expect("a system has libraries").flatten().map(|entry| entry.path());
    let library = folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1")).find(|library| library.exists());
    let library = library.expect("libfaketime is there; scripts/ensure-test-tools installs it");
    let file = format!("FAKETIME_TIMESTAMP_FILE={}", clock_file(node).display());
    let preload = format!("LD_PRELOAD={}", library.display());
    // Only what a clock on the wall shows is off: time passes as it does elsewhere.
    vec!["env".into(), preload, file, "FAKETIME_CACHE_DURATION=1".into(), "FAKETIME_DONT_FAKE_MONOTONIC=1".into(), "DONT_FAKE_MONOTONIC=1".into()]
}
