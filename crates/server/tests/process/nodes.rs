//! Three servers over one PostgreSQL database: whichever is asked answers; one that is killed is missed for seconds, one that leaves not at all.
use crate::server::{fixed_address, pause, suki, until, word, world};
use serde_json::Value;
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};
use suki_store::testing::start_postgres;
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// A node's process.
struct Node {
    child: Child,
    address: String,
    data: PathBuf,
}

/// The folder of all of them, and the database.
struct Cluster {
    folder: TempDir,
    database: String,
}

impl Cluster {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("postgres");
        // Starting a server blocks.
        let database = tokio::task::spawn_blocking(move || start_postgres(&data, Some(std::process::id()))).await.expect("it starts");
        fs::create_dir(folder.path().join("keys")).expect("a folder");
        Self { folder, database }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, name: &str, address: &str, keys: &Path) -> Command {
        let policy = self.path("policy.toml");
        fs::write(&policy, suki_testkit::policy::without_rates()).expect("the policy can be written");
        let log = File::create(self.path(&format!("{name}.log"))).expect("a log");
        let mut command = suki();
        command.args(["serve", "--demo", "--listen", address, "--database", &self.database, "--data"]).arg(self.path(name));
        command.arg("--keys").arg(keys).arg("--policy").arg(policy).stdout(log.try_clone().expect("it is shared")).stderr(log);
        command
    }

    fn log(&self, name: &str) -> String {
        fs::read_to_string(self.path(&format!("{name}.log"))).unwrap_or_default()
    }

    async fn node(&self, name: &str) -> Node {
        let address = fixed_address();
        let mut child = self.command(name, &address, &self.path("keys")).spawn().expect("suki starts");
        let started = world().now();
        while !reqwest::get(format!("http://{address}/healthz")).await.is_ok_and(|answer| answer.status() == 200) {
            let ended = child.try_wait().expect("it can be asked");
            assert!(ended.is_none() && world().now().since(started) < 60_000, "{name} did not start: {ended:?}\n{}", self.log(name));
            pause(50).await;
        }
        Node { child, address, data: self.path(name) }
    }
}

/// The number, asked for at this node: the status, and whether a refusal says when to come again.
async fn ask(http: &reqwest::Client, env: &Value, node: &Node) -> reqwest::Result<(u16, bool)> {
    let url = format!("http://{}/v23.0/{}", node.address, word(env, "SUKI_PHONE_NUMBER_ID"));
    let answer = http.get(url).bearer_auth(word(env, "SUKI_TOKEN")).send().await?;
    Ok((answer.status().as_u16(), answer.headers().contains_key("retry-after")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_share_a_database() {
    let cluster = Cluster::new().await;
    let mut first = cluster.node("one").await;
    let env = crate::server::env_of_database(&first.data, &cluster.database).await;
    let (mut second, third) = (cluster.node("two").await, cluster.node("three").await);
    let http = reqwest::Client::new();
    for node in [&first, &second, &third] {
        assert_eq!(ask(&http, &env, node).await.expect("an answer"), (200, false), "{}", node.address);
    }

    // One with other keys is told so.
    let (other, address) = (cluster.path("other"), fixed_address());
    fs::create_dir(&other).expect("a folder");
    let ended = cluster.command("stranger", &address, &other).status().await.expect("it ends");
    let said = cluster.log("stranger");
    assert!(!ended.success() && said.contains("--keys") && said.contains("network.key"), "{said}");

    // Killed: until another has it, the others say when to come again, and nothing else.
    first.child.start_kill().expect("it runs");
    first.child.wait().await.expect("it ends");
    let killed = world().now();
    until("another node to have the shop", async || match ask(&http, &env, &second).await.expect("the second answers") {
        (200, _) => Some(()),
        (status, says_when) => {
            assert_eq!((status, says_when), (503, true));
            None
        }
    })
    .await;
    eprintln!("a killed node's shop was elsewhere after {} ms", world().now().since(killed));

    // Started again in its place.
    let first = cluster.node("one").await;
    assert_eq!(ask(&http, &env, &first).await.expect("an answer"), (200, false));

    // Told to end: nobody who asks the others sees anything of it.
    let pid = second.child.id().expect("it runs").to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await.expect("kill is there").success());
    let mut asked = 0;
    loop {
        for node in [&first, &third] {
            assert_eq!(ask(&http, &env, node).await.expect("an answer"), (200, false), "after {asked} answers\n{}", cluster.log("two"));
            asked += 1;
        }
        if let Some(status) = second.child.try_wait().expect("it can be asked") {
            assert!(status.success(), "it ended with {status}\n{}", cluster.log("two"));
            break;
        }
        pause(20).await;
    }
    for node in [&first, &third] {
        assert_eq!(ask(&http, &env, node).await.expect("an answer"), (200, false));
    }
    eprintln!("a node left, and {asked} requests to the others were answered meanwhile");
}
