//! A server process of its own: data in a folder of its own, killed when the test ends, every wait bounded.
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fs::{File, OpenOptions},
    net::TcpListener,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Mutex,
    time::Duration,
};
use suki_types::Env;
use tokio::process::{Child, Command};

/// The longest a test waits for one thing.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The binary under test.
pub fn suki() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_suki"));
    for name in
        ["SUKI_DATA", "SUKI_LISTEN", "SUKI_PUBLIC_URL", "SUKI_NETWORK", "SUKI_ENROL", "SUKI_POLICY", "SUKI_LOG", "SUKI_LOG_JSON", "SUKI_DEV_TLS"]
    {
        command.env_remove(name);
    }
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// A running server, and what is needed to start it again.
pub struct Server {
    child: Child,
    /// The data folder as the server names it.
    data: PathBuf,
    /// The same folder as the test names it, when the server sees other mounts.
    seen: PathBuf,
    log: PathBuf,
    listen: String,
    /// What is put before each command: a program that gives it a world of its own, or nothing.
    prefix: Vec<String>,
}

impl Server {
    /// Starts a demo shop in `data`, and waits until it answers. The log lies beside the data.
    pub async fn start(data: &Path, listen: &str) -> Self {
        Self::start_behind(Vec::new(), data, data, &data.with_extension("log"), listen).await
    }

    /// As [`Server::start`], with a program put before it, in which `data` may be another folder than here, where it is `seen`.
    pub async fn start_behind(prefix: Vec<String>, data: &Path, seen: &Path, log: &Path, listen: &str) -> Self {
        let child = spawn(&prefix, data, listen, log);
        let mut server = Self { child, data: data.to_owned(), seen: seen.to_owned(), log: log.to_owned(), listen: listen.to_owned(), prefix };
        server.wait_until_ready().await;
        server
    }

    /// Starts the server again, at the same address and on the same data. It must not run.
    pub async fn start_again(&mut self) {
        self.child = spawn(&self.prefix, &self.data, &self.listen, &self.log);
        self.wait_until_ready().await;
    }

    /// `kill -9`, and waits until the process is gone.
    pub async fn kill(&mut self) {
        self.child.start_kill().expect("the server runs");
        self.child.wait().await.expect("it ends");
    }

    /// Asks the process to end, as `systemctl stop` does, and waits for it.
    pub async fn stop(&mut self) {
        let pid = self.pid().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status().await.expect("kill is there");
        assert!(asked.success());
        self.ended().await;
    }

    /// Waits until the process, which was told to, has ended as it should.
    pub async fn ended(&mut self) {
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("it ends in time").expect("it can be waited for");
        assert!(ended.success(), "it ended with {ended}\n{}", self.log_text());
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.id().expect("the server runs")
    }

    /// What it has written to its log, and printed.
    pub fn log_text(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    async fn wait_until_ready(&mut self) {
        let world = world();
        let started = world.now();
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("the server ended at its start with {status}\n{}", self.log_text());
            }
            // The address is printed when the shop is there; with port 0 only then is it known.
            if let Ok(coordinates) = read_json(&self.seen.join("demo.json"))
                && let Some(url) = coordinates["url"].as_str()
                && (self.listen.ends_with(":0") || url.ends_with(&self.listen))
                && reqwest::get(format!("{url}/healthz")).await.is_ok_and(|answer| answer.status() == 200)
            {
                return;
            }
            assert!(world.now().since(started) < 60_000, "the server did not get ready\n{}", self.log_text());
            pause(20).await;
        }
    }

    /// What `suki env --json` prints.
    pub async fn env(&self) -> Value {
        env_behind(&self.prefix, &self.data).await
    }
}

/// What `suki env --json` prints for a data folder.
pub async fn env_of(data: &Path) -> Value {
    env_behind(&[], data).await
}

/// The same, where the data is in a database.
pub async fn env_of_database(data: &Path, database: &str) -> Value {
    let output = suki().args(["env", "--json", "--database", database, "--data"]).arg(data).output().await.expect("suki starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("it is JSON")
}

async fn env_behind(prefix: &[String], data: &Path) -> Value {
    let output = suki_behind(prefix).args(["env", "--json", "--data"]).arg(data).output().await.expect("suki starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("it is JSON")
}

/// The binary under test, with a program put before it.
pub fn suki_behind(prefix: &[String]) -> Command {
    let Some((program, arguments)) = prefix.split_first() else { return suki() };
    let mut command = Command::new(program);
    command.args(arguments).arg(env!("CARGO_BIN_EXE_suki")).stdin(Stdio::null()).kill_on_drop(true);
    command
}

fn spawn(prefix: &[String], data: &Path, listen: &str, log: &Path) -> Child {
    let out = OpenOptions::new().create(true).append(true).open(log).expect("the log can be written");
    let copy: File = out.try_clone().expect("a file can be shared");
    let policy = log.with_extension("toml");
    std::fs::write(&policy, suki_testkit::policy::without_rates()).expect("the policy can be written");
    let mut command = suki_behind(prefix);
    command.args(["serve", "--demo", "--listen", listen, "--policy"]).arg(policy).arg("--data").arg(data).stdout(out).stderr(copy);
    command.spawn().expect("suki starts")
}

fn read_json(path: &Path) -> std::io::Result<Value> {
    Ok(serde_json::from_slice(&std::fs::read(path)?)?)
}

/// The world outside: its clock and its randomness.
pub fn world() -> Env {
    suki_server::world::env()
}

/// Lets some time pass.
pub async fn pause(millis: i64) {
    let world = world();
    world.clock.wait_until(world.now().plus_millis(millis)).await;
}

/// Waits until a check gives something, at most a minute; then fails with what was waited for.
pub async fn until<T>(what: &str, mut check: impl AsyncFnMut() -> Option<T>) -> T {
    let waiting = async {
        loop {
            if let Some(found) = check().await {
                return found;
            }
            pause(50).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("waited a minute for: {what}"))
}

/// An address that stays free while a server is down: from below the range that the system gives to others.
pub fn fixed_address() -> String {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let env = world();
    for _ in 0..100 {
        let port = 20_000 + u16::from_le_bytes(env.random()) % 12_000;
        let address = format!("127.0.0.1:{port}");
        if GIVEN.lock().expect("nobody panics with it").insert(port) && TcpListener::bind(&address).is_ok() {
            return address;
        }
    }
    panic!("no port is free")
}

/// Writes to a customer as a program does, and gives the status and the body of the answer; an error when there was none.
pub async fn send(http: &reqwest::Client, env: &Value, phone: &str, text: &str) -> reqwest::Result<(u16, Value)> {
    let url = format!("{}/v23.0/{}/messages", word(env, "SUKI_URL"), word(env, "SUKI_PHONE_NUMBER_ID"));
    let body = serde_json::json!({ "messaging_product": "whatsapp", "to": phone, "type": "text", "text": { "body": text } });
    let answer = http.post(url).bearer_auth(word(env, "SUKI_TOKEN")).json(&body).send().await?;
    Ok((answer.status().as_u16(), answer.json().await?))
}

/// A value of `suki env`.
pub fn word<'a>(env: &'a Value, name: &str) -> &'a str {
    env[name].as_str().unwrap_or_else(|| panic!("suki env gives {name}"))
}
