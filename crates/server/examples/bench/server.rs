//! The server under measurement: a process of its own, seen from outside.
use crate::{Outcome, http};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};
use suki_store::{Db, SqliteOptions, StoreError};
use tokio::process::{Child, Command};

/// It has to answer in this time.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running server with a demo shop.
pub struct Server {
    child: Child,
    data: PathBuf,
    pub address: String,
    pub slug: String,
    pub token: String,
    pub phone_number_id: String,
    pub waba_id: String,
    /// From the start of the process to the first answer of `/healthz`.
    pub started_in: Duration,
}

/// Sizes of the databases in bytes.
#[derive(Clone, Copy)]
pub struct Disk {
    pub network: u64,
    pub endpoint: u64,
}

impl Server {
    pub async fn start(suki: &Path, data: &Path) -> Outcome<Self> {
        // A port that was free a moment ago.
        let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        fs::create_dir_all(data)?;
        let log = fs::File::create(data.join("server.log"))?;
        // The rules' rates would be what is measured.
        let policy = data.join("bench.toml");
        fs::write(&policy, suki_testkit::policy::without_rates())?;
        let start = Instant::now();
        let child = Command::new(suki)
            .args(["serve", "--demo", "--listen", &address, "--policy"])
            .arg(policy)
            .arg("--data")
            .arg(data)
            .env("SUKI_LOG", "warn")
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        while !healthy(&address).await {
            if start.elapsed() > PATIENCE {
                return Err(format!("the server did not start: {}", fs::read_to_string(data.join("server.log"))?).into());
            }
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
        let started_in = start.elapsed();
        let known: Value = serde_json::from_slice(&fs::read(data.join("demo.json"))?)?;
        let text = |name: &str| known[name].as_str().map_or_else(|| known[name].to_string(), str::to_owned);
        let (slug, token, phone_number_id, waba_id) = (text("slug"), text("token"), text("phone_number_id"), text("waba_id"));
        Ok(Self { child, data: data.to_owned(), address, slug, token, phone_number_id, waba_id, started_in })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub async fn stop(mut self) -> Outcome<()> {
        self.child.kill().await?;
        Ok(())
    }

    pub fn pid(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }

    /// Processor time the process has taken, in seconds.
    pub fn cpu(&self) -> f64 {
        cpu(self.pid())
    }

    /// Memory of the process that is in use, in bytes.
    pub fn resident(&self) -> Outcome<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("the process is gone")?;
        Ok(line.split_whitespace().nth(1).ok_or("no size")?.parse::<u64>()? * 1024)
    }

    /// What the databases take. The logs before them are of bounded size and used again.
    pub async fn disk(&self) -> Outcome<Disk> {
        let sql = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
        let size = |db: Db| async move { Self::number(&db, sql).await.map(|size| size as u64) };
        Ok(Disk { network: size(self.open("network.db")?).await?, endpoint: size(self.open("endpoint.db")?).await? })
    }

    fn open(&self, name: &str) -> Result<Db, StoreError> {
        Db::open_sqlite(&self.data.join(name), SqliteOptions { readers: 1, ..SqliteOptions::default() })
    }

    async fn number(db: &Db, sql: &'static str) -> Result<i64, StoreError> {
        db.read(move |tx| tx.query_one(sql, &[], |row| row.get(0))).await
    }

    /// Bytes of a group's state: what changes with the group, and what changes with each message.
    pub async fn group_bytes(&self) -> Outcome<(f64, f64)> {
        let db = self.open("endpoint.db")?;
        let cold = Self::number(&db, "SELECT SUM(LENGTH(state)) / COUNT(*) FROM mls_group").await?;
        let hot = Self::number(&db, "SELECT SUM(LENGTH(state)) / COUNT(*) FROM mls_ratchet").await?;
        Ok((cold as f64, hot as f64))
    }

    /// Waits until every message of the business is known to be delivered.
    pub async fn settled(&self) -> Outcome<()> {
        self.none_left("SELECT COUNT(*) FROM message WHERE from_business = 1 AND status < 2").await
    }

    /// Waits until the network has every message of the business.
    pub async fn taken(&self) -> Outcome<()> {
        self.none_left("SELECT COUNT(*) FROM message WHERE from_business = 1 AND status < 1").await
    }

    async fn none_left(&self, sql: &'static str) -> Outcome<()> {
        let (db, start) = (self.open("endpoint.db")?, Instant::now());
        loop {
            let left = Self::number(&db, sql).await?;
            if left == 0 {
                return Ok(());
            }
            if start.elapsed() > 2 * PATIENCE {
                return Err(format!("{left} messages did not come as far as they should").into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn healthy(address: &str) -> bool {
    match http::Connection::open(address).await {
        Ok(mut connection) => matches!(connection.get("/healthz").await, Ok((200, _))),
        Err(_) => false,
    }
}

/// Processor time a process has taken, in seconds.
pub fn cpu(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
    (ticks(11) + ticks(12)) / 100.0
}
