//! What nodes share: a pair of PostgreSQL servers, NATS, and a bucket for files.
use super::world::{NATS, POSTGRES, S3, run};
use crate::server::until;
use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::{
    net::TcpStream,
    process::{Child, Command},
};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/postgres");
const S3_SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/s3");

/// A primary and a standby with synchronous replication.
pub struct Postgres {
    folder: PathBuf,
    /// Names both.
    pub url: String,
}

impl Postgres {
    /// Starts both in a folder that everybody may look into; each on a disk of its own that can be filled, if that is wanted.
    pub async fn start(folder: &Path, small_disks: bool) -> Self {
        if small_disks {
            for of in ["a", "b"] {
                let place = folder.join(of).display().to_string();
                run("mkdir", &["--parents", &place]).await;
                run("mount", &["-t", "tmpfs", "-o", "size=1g", "none", &place]).await;
            }
        }
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

    /// Writes into the primary's disk until not a byte more fits.
    pub fn fill(&self) {
        fill(&self.filler());
    }

    /// Makes room again, and starts the primary if that was too much for it.
    pub async fn make_room(&self) {
        std::fs::remove_file(self.filler()).expect("it is there");
        run(SCRIPT, &["wake", &self.folder.display().to_string()]).await;
    }

    fn filler(&self) -> PathBuf {
        let primary = std::fs::read_to_string(self.folder.join("primary")).expect("one of them is the primary");
        self.folder.join(primary.trim()).join("filler")
    }

    /// Stops both, as far as they run.
    pub async fn end(&self) {
        run(SCRIPT, &["end", &self.folder.display().to_string()]).await;
    }
}

/// Makes a file as large as the disk lets it become.
pub fn fill(path: &Path) {
    let mut filler = File::create(path).expect("a file can be made");
    for size in [1 << 20, 65_536, 4_096, 1] {
        while filler.write(&vec![0; size]).is_ok() {}
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

    /// Ends all that run.
    pub async fn end(&mut self) {
        for number in 0..self.servers.len() {
            if self.servers[number].is_some() {
                self.kill(number).await;
            }
        }
    }

    /// `kill -9` of one.
    pub async fn kill(&mut self, number: usize) {
        let mut server = self.servers[number].take().expect("it runs");
        server.start_kill().expect("it runs");
        server.wait().await.expect("it ends");
    }
}

/// An S3 server with a bucket; it ends with the world.
pub struct Bucket {
    /// How it is named to `--files`.
    pub url: String,
    /// The variables that lead to it.
    pub settings: Vec<(String, String)>,
}

impl Bucket {
    /// Starts it in this folder.
    pub async fn start(folder: &Path) -> Self {
        let said = run(S3_SCRIPT, &["start", &folder.display().to_string(), &std::process::id().to_string(), S3]).await;
        let (bucket, settings): (Vec<_>, Vec<_>) = said
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .partition(|(name, _)| name == "BUCKET");
        let (_, bucket) = bucket.first().expect("it names its bucket");
        Self { url: format!("s3://{bucket}/suki"), settings }
    }
}
