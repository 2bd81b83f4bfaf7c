//! A node: a `suki serve` of its own, in a place with one cable.
use super::{
    services::Bucket,
    world::{Place, node_host, run},
};
use crate::server::{pause, suki_behind, world};
use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::process::Child;

/// The port at which each node listens.
pub const PORT: u16 = 8080;
/// What a proxy asks a node before it gives it a connection.
pub const READY: &str = "/readyz";

/// What all nodes are started with.
pub struct Settings {
    /// Where the nodes' folders and logs are.
    pub folder: PathBuf,
    /// What follows `suki serve`.
    pub arguments: Vec<String>,
    /// Where files are, if it is not each node's folder.
    pub bucket: Option<Bucket>,
}

/// The part of the machine that a node may use.
#[derive(Clone, Copy)]
pub struct Cap {
    /// The one processor it runs on, counted from 0.
    pub processor: usize,
    /// How much of it.
    pub percent: u32,
}

impl Cap {
    /// The control group of a node, of the first version or the second, whichever the machine has.
    pub fn group(number: usize) -> String {
        let root = if has_second_version() { "/sys/fs/cgroup" } else { "/sys/fs/cgroup/cpu" };
        format!("{root}/suki-{}-{number}", std::process::id())
    }

    /// What is put before a node so that it has no more.
    pub fn behind(self, number: usize) -> Vec<String> {
        let (group, quota) = (Self::group(number), self.percent * 1_000);
        let set = if has_second_version() {
            format!("echo +cpu > /sys/fs/cgroup/cgroup.subtree_control && echo '{quota} 100000' > {group}/cpu.max")
        } else {
            format!("echo 100000 > {group}/cpu.cfs_period_us && echo {quota} > {group}/cpu.cfs_quota_us")
        };
        let script = format!("mkdir -p {group} && {set} && echo $$ > {group}/cgroup.procs && exec taskset -c {} \"$@\"", self.processor);
        vec!["sh".into(), "-c".into(), script, "sh".into()]
    }
}

fn has_second_version() -> bool {
    Path::new("/sys/fs/cgroup/cgroup.controllers").exists()
}

/// A node.
pub struct Node {
    /// Counted from 0.
    pub number: usize,
    /// Its network.
    pub place: Place,
    child: Option<Child>,
    settings: Arc<Settings>,
    /// Put before the program, inside the node's place: limits, a clock of its own.
    pub behind: Vec<String>,
}

impl Node {
    /// Starts one and waits until it can do its work.
    pub async fn start(settings: Arc<Settings>, number: usize, behind: Vec<String>) -> Self {
        let mut node = Self { number, place: Place::of_node(number).await, child: None, settings, behind };
        // A small disk of its own, which can be filled.
        std::fs::create_dir(node.data()).expect("a folder can be made");
        run("mount", &["-t", "tmpfs", "-o", "size=32m", "none", &node.data().display().to_string()]).await;
        node.start_again().await;
        node
    }

    /// Where clients and other nodes reach it.
    pub fn address(&self) -> String {
        format!("{}:{PORT}", node_host(self.number))
    }

    /// Its data folder.
    pub fn data(&self) -> PathBuf {
        self.settings.folder.join(format!("node{}", self.number))
    }

    /// Starts the program; it must not run.
    pub async fn start_again(&mut self) {
        let (log, address) = (self.log(), self.address());
        let out = OpenOptions::new().create(true).append(true).open(&log).expect("the log can be written");
        let copy = out.try_clone().expect("a file can be shared");
        let prefix: Vec<String> = self.place.prefix().into_iter().chain(self.behind.iter().cloned()).collect();
        let mut command = suki_behind(&prefix);
        command.args(["serve", "--listen", &address, "--node-address", &format!("http://{address}"), "--data"]).arg(self.data());
        if let Some(bucket) = &self.settings.bucket {
            command.args(["--files", &bucket.url]).envs(bucket.settings.clone());
        }
        command.args(&self.settings.arguments).env("NO_COLOR", "1").stdout(out).stderr(copy);
        self.child = Some(command.spawn().expect("suki starts"));
        self.wait_until_ready().await;
    }

    /// Whether the program runs.
    pub fn runs(&self) -> bool {
        self.child.is_some()
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().and_then(Child::id).expect("it runs")
    }

    /// `kill -9`, and waits until the process is gone.
    pub async fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.start_kill().expect("it runs");
        child.wait().await.expect("it ends");
    }

    /// What it has written to its log.
    pub fn log_text(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.log()).unwrap_or_default()).into_owned()
    }

    fn log(&self) -> PathBuf {
        self.settings.folder.join(format!("node{}.log", self.number))
    }

    async fn wait_until_ready(&mut self) {
        let (world, url) = (world(), format!("http://{}{READY}", self.address()));
        let started = world.now();
        let http = reqwest::Client::builder().pool_max_idle_per_host(0).build().expect("a client");
        loop {
            if let Some(status) = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten()) {
                panic!("node {} ended at its start with {status}\n{}", self.number, self.log_text());
            }
            if http.get(&url).send().await.is_ok_and(|answer| answer.status() == 200) {
                return;
            }
            assert!(world.now().since(started) < 60_000, "node {} did not get ready\n{}", self.number, self.log_text());
            pause(20).await;
        }
    }
}

/// A folder that another one's owner can look into: database servers do not run as root.
pub fn open_to_all(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
}
