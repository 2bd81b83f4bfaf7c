//! What nodes share: a pair of PostgreSQL servers, and NATS.
use super::world::{NATS, POSTGRES, run};
use crate::server::until;
use std::{
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::{
    net::TcpStream,
    process::{Child, Command},
};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/postgres");

/// A primary and a standby with synchronous replication.
pub struct Postgres {
    folder: PathBuf,
    /// Names both.
    pub url: String,
}

impl Postgres {
    /// Starts both in a folder that everybody may look into.
    pub async fn start(folder: &Path) -> Self {
        let [a, b] = POSTGRES.map(|host| format!("{host}:5432"));
        let url = run(SCRIPT, &["pair", &folder.display().to_string(), &a, &b]).await;
        Self { folder: folder.to_owned(), url }
    }

    /// The primary loses its power; the standby becomes the primary.
    pub async fn fail_over(&self) {
        run(SCRIPT, &["fail", &self.folder.display().to_string()]).await;
    }

    /// The one without power comes back as a standby and has everything.
    pub async fn mend(&self) {
        run(SCRIPT, &["mend", &self.folder.display().to_string()]).await;
    }

    /// Stops both, as far as they run.
    pub async fn end(&self) {
        run(SCRIPT, &["end", &self.folder.display().to_string()]).await;
    }
}

/// One server of the bus, or a cluster of three.
pub struct Nats {
    servers: Vec<Option<Child>>,
    folder: PathBuf,
}

impl Nats {
    /// Starts so many: 1 or 3.
    pub async fn start(folder: &Path, count: usize) -> Self {
        let mut nats = Self { servers: (0..count).map(|_| None).collect(), folder: folder.to_owned() };
        for number in 0..count {
            nats.start_one(number).await;
        }
        nats
    }

    /// Where nodes reach them.
    pub fn url(&self) -> String {
        NATS[..self.servers.len()].iter().map(|host| format!("nats://{host}:4222")).collect::<Vec<_>>().join(",")
    }

    /// Starts one that does not run, and waits until it takes connections.
    pub async fn start_one(&mut self, number: usize) {
        let host = NATS[number];
        let log = self.folder.join(format!("nats{number}.log"));
        let mut command = Command::new("nats-server");
        command.args(["--addr", host, "--port", "4222", "--log"]).arg(log);
        if self.servers.len() > 1 {
            let routes = NATS[..self.servers.len()].iter().map(|host| format!("nats://{host}:6222")).collect::<Vec<_>>().join(",");
            command.args(["--cluster_name", "suki", "--cluster", &format!("nats://{host}:6222"), "--routes", &routes]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        self.servers[number] = Some(command.spawn().expect("nats-server is there; scripts/ensure-test-tools installs it"));
        until("nats-server", async || TcpStream::connect((host, 4222)).await.ok()).await;
    }

    /// `kill -9` of one.
    pub async fn kill(&mut self, number: usize) {
        let mut server = self.servers[number].take().expect("it runs");
        server.start_kill().expect("it runs");
        server.wait().await.expect("it ends");
    }
}
