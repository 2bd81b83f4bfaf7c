//! A small world for a cluster: a network of its own, whose cables can be cut, and processes that end with it.
//!
//! The test runs itself again behind `unshare`, in namespaces of its own for network, processes and mounts; whatever it makes there is gone with it, and the
//! machine's own network is never touched. The addresses are of a public range, since callbacks go to no others, and lead nowhere but into this world.
use crate::server::until;
use std::process::Stdio;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

/// Where the tests themselves are: programs, webhook receivers, the gateway for codes, and the proxy that clients see.
pub const HERE: &str = "11.77.0.1";
/// Where the proxy's connections to the nodes come from: cut it off, and a node has lost its clients alone.
pub const FRONT: &str = "11.77.0.2";
/// The two database servers.
pub const POSTGRES: [&str; 2] = ["11.77.0.11", "11.77.0.12"];
/// The server of the bucket.
pub const S3: &str = "11.77.0.15";
/// The servers of the bus.
pub const NATS: [&str; 3] = ["11.77.0.21", "11.77.0.22", "11.77.0.23"];

/// Set in the test that runs inside.
const INSIDE: &str = "SUKI_TEST_WORLD";

/// What it takes to make a world.
const NEEDS: &str = "namespaces take root, or user namespaces with newuidmap";

/// Where a node is.
pub fn node_host(number: usize) -> String {
    format!("11.77.0.{}", 101 + number)
}

/// Runs the test of this name in a world of its own and gives `false`; gives `true` there, where the world is made.
///
/// A test that passes says nothing of what it saw, unless `--nocapture` asks for it.
pub async fn enter(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        make().await;
        return true;
    }
    if !is_possible().await {
        eprintln!(
            "\n*** NOT TESTED: {test}\n*** {NEEDS}, and this system does not let this user have them. Nothing of a cluster's faults was looked at.\n"
        );
        return false;
    }
    let exe = std::env::current_exe().expect("a test knows its program");
    let mut command = unshare().await;
    // The first process of a world buries those that lost their parents: the shell does, a test would not.
    command.args(["sh", "-c", "\"$@\"; exit $?", "sh"]).arg(exe).args(["--exact", test, "--include-ignored", "--nocapture"]);
    command.env(INSIDE, "1");
    let live = std::env::args().any(|argument| argument == "--nocapture");
    if live {
        let status = command.status().await.expect("util-linux has unshare");
        assert!(status.success(), "the run in a world of its own failed; it says above why ({NEEDS})");
    } else {
        let output = command.output().await.expect("util-linux has unshare");
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).join("\n");
        assert!(output.status.success(), "the run in a world of its own failed ({NEEDS}):\n{said}");
    }
    false
}

/// What puts a program into namespaces of its own.
async fn unshare() -> Command {
    let mut command = Command::new("unshare");
    if run("id", &["-u"]).await != "0" {
        // Nobody but root may make namespaces, except in one of users, where he is root and the system lends him some users more (package uidmap).
        command.args(["--map-root-user", "--map-auto"]);
    }
    command.args(["--net", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc", "--propagation", "private"]);
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// Whether this system lets this user make a world: its programs are there, which is looked at elsewhere, but a container may forbid their use.
async fn is_possible() -> bool {
    let probe = "ip link add probe type bridge && nft add table ip probe && mount -t tmpfs none /mnt";
    unshare().await.args(["sh", "-c", probe]).output().await.is_ok_and(|output| output.status.success())
}

async fn make() {
    let addresses =
        [HERE, FRONT, S3].into_iter().chain(POSTGRES).chain(NATS).map(|host| format!("ip addr add {host}/24 dev world")).collect::<Vec<_>>();
    let script = format!("ip link set lo up && ip link add world type bridge && ip link set world up && {}", addresses.join(" && "));
    run("sh", &["-c", &script]).await;
}

/// Runs a program to its end; it must succeed. Gives what it printed.
pub async fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).kill_on_drop(true).output().await;
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}; scripts/ensure-test-tools installs what is missing"));
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A place with one cable to the rest of the world.
pub struct Place {
    _holder: Child,
    pid: u32,
}

impl Place {
    /// Makes the place of a node.
    pub async fn of_node(number: usize) -> Self {
        let mut command = Command::new("unshare");
        command.args(["--net", "sh", "-c", "echo made && exec sleep infinity"]).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut holder = command.spawn().expect("util-linux has unshare");
        let mut line = String::new();
        let said = BufReader::new(holder.stdout.take().expect("it is piped")).read_line(&mut line).await;
        assert!(said.is_ok() && line == "made\n", "a network namespace cannot be made");
        let place = Self { pid: holder.id().expect("it runs"), _holder: holder };
        let (cable, pid) = (format!("node{number}"), place.pid.to_string());
        // That of a cluster before this one goes with its place, a moment after that.
        let is_there = async || Command::new("ip").args(["link", "show", &cable]).output().await.is_ok_and(|output| output.status.success());
        until("the former cable to be gone", async || (!is_there().await).then_some(())).await;
        run("ip", &["link", "add", &cable, "type", "veth", "peer", "name", "cable", "netns", &pid]).await;
        run("ip", &["link", "set", &cable, "master", "world", "up"]).await;
        let script = format!("ip link set lo up && ip addr add {}/24 dev cable && ip link set cable up", node_host(number));
        place.inside(&["sh", "-c", &script]).await;
        // A bridge takes a moment before it passes anything on.
        until("the cable to carry", async || place.reaches(HERE).await.then_some(())).await;
        place
    }

    /// What is put before a command so that it runs here.
    pub fn prefix(&self) -> Vec<String> {
        vec!["nsenter".into(), format!("--net=/proc/{}/ns/net", self.pid), "--".into()]
    }

    /// From now on nothing passes between this place and those: neither side is told.
    pub async fn cut(&self, hosts: &[&str]) {
        let mut rules = "add table ip cut\nadd chain ip cut in { type filter hook input priority 0; }\n".to_owned();
        rules += "add chain ip cut out { type filter hook output priority 0; }\n";
        for host in hosts {
            rules += &format!("add rule ip cut in ip saddr {host} drop\nadd rule ip cut out ip daddr {host} drop\n");
        }
        self.inside(&["nft", &rules]).await;
    }

    /// Everything passes again.
    pub async fn join(&self) {
        self.inside(&["nft", "delete table ip cut"]).await;
    }

    async fn inside(&self, arguments: &[&str]) {
        let prefix = self.prefix();
        let all: Vec<&str> = prefix[1..].iter().map(String::as_str).chain(arguments.iter().copied()).collect();
        run(&prefix[0], &all).await;
    }

    /// Nobody listens at this port: an answer that says so has come all the way.
    async fn reaches(&self, host: &str) -> bool {
        let prefix = self.prefix();
        let probe = format!("exec 3<>/dev/tcp/{host}/9");
        let output = Command::new(&prefix[0]).args(&prefix[1..]).args(["timeout", "1", "bash", "-c", &probe]).output().await;
        output.is_ok_and(|output| String::from_utf8_lossy(&output.stderr).contains("refused"))
    }
}
