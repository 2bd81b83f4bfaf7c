//! A sandbox of several nodes: the database says what it is, so that a second node comes to it, its clock goes with the first's, and nobody mistakes it for a
//! production server's.
use crate::server::{PATIENCE, fixed_address, suki, until};
use serde_json::Value;
use std::{fs, path::PathBuf, process::Stdio};
use suki_store::testing::start_postgres;
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// The folder of all nodes, and the database.
struct Nodes {
    folder: TempDir,
    database: String,
}

impl Nodes {
    /// With a database of their own, and none started.
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let data = folder.path().join("postgres");
        let database = tokio::task::spawn_blocking(move || start_postgres(&data, Some(std::process::id()))).await.expect("it starts");
        Self { folder, database }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, name: &str, address: &str, more: &[&str]) -> Command {
        let mut command = suki();
        command.args(["serve", "--listen", address, "--database", &self.database, "--keys"]).arg(self.path("keys"));
        command.arg("--data").arg(self.path(name)).args(more).stdout(Stdio::null());
        command
    }

    async fn start(&self, name: &str, more: &[&str]) -> Child {
        let address = fixed_address();
        let log = fs::File::create(self.path(&format!("{name}.log"))).expect("it is written");
        let child = self.command(name, &address, more).stderr(log).spawn().expect("suki starts");
        until(name, async || reqwest::get(format!("http://{address}/readyz")).await.ok().filter(|answer| answer.status() == 200)).await;
        child
    }

    /// What a node says that does not start.
    async fn refusal(&self, name: &str, more: &[&str]) -> String {
        let mut command = self.command(name, "127.0.0.1:0", more);
        let output = tokio::time::timeout(PATIENCE, command.output()).await.expect("it ends in time").expect("suki starts");
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// How far a node's clock is ahead, in milliseconds, after it was moved on.
    async fn clock(&self, name: &str, moved: &[&str]) -> i64 {
        let output = suki().args(["sandbox", "clock"]).args(moved).args(["--json", "--data"]).arg(self.path(name)).output().await;
        let output = output.expect("suki starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let state: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        state["ahead_millis"].as_i64().expect("a number")
    }
}

#[tokio::test]
async fn a_second_node_comes_to_a_sandbox_and_goes_by_its_clock() {
    let nodes = Nodes::new().await;
    let one = nodes.start("one", &["--sandbox"]).await;
    assert_eq!(nodes.clock("one", &["24h"]).await, 86_400_000);
    let two = nodes.start("two", &["--sandbox"]).await;
    assert_eq!(nodes.clock("two", &[]).await, 86_400_000, "it begins where the first is");
    nodes.clock("two", &["1h"]).await;
    until("the first to follow", async || (nodes.clock("one", &[]).await == 90_000_000).then_some(())).await;

    // Whoever takes it for a production server's is told, and leaves nothing in his folder.
    let said = nodes.refusal("three", &[]).await;
    assert!(said.contains("the database is a sandbox's") && said.contains("--database"), "{said}");
    drop((one, two));
}

#[tokio::test]
async fn a_production_database_takes_no_sandbox() {
    let nodes = Nodes::new().await;
    let one = nodes.start("one", &[]).await;
    let said = nodes.refusal("two", &["--sandbox"]).await;
    assert!(said.contains("the database is a production server's"), "{said}");
    assert!(!nodes.path("two").join("sandbox.json").exists(), "the folder may be a production server's yet");
    nodes.start("two", &[]).await;
    drop(one);
}
