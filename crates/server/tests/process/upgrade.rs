//! An upgrade that nobody notices (docs/OPERATING.md): two nodes over one database behind a round-robin; the schema is widened below both, then one after the
//! other is told to end and started again, all under load. Nothing is lost, doubled or out of order, and whoever asks meanwhile is answered or told to come again.
use crate::{
    customer::Customer,
    kill::{Sent, check_customer, check_statuses, keep_saying},
    later,
    server::{PATIENCE, fixed_address, pause, send, suki, until, word},
    webhook::{Inbox, Received},
};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};
use tempfile::{TempDir, tempdir};
use tokio::{
    net::{TcpListener, TcpStream},
    process::{Child, Command},
};

const CUSTOMERS: usize = 3;

/// A node.
struct Node {
    child: Child,
    start: Start,
}

/// How a node is started.
#[derive(Clone)]
struct Start {
    listen: String,
    data: PathBuf,
    shared: Arc<Shared>,
}

/// What the nodes have in common.
struct Shared {
    folder: TempDir,
    database: String,
    public_url: String,
}

impl Start {
    fn spawn(&self) -> Child {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.data.with_extension("log")).expect("the log can be written");
        let copy = log.try_clone().expect("a file can be shared");
        let mut command = suki();
        command.args(["serve", "--demo", "--drain", "16", "--listen", &self.listen, "--public-url", &self.shared.public_url]);
        command.arg("--policy").arg(self.shared.folder.path().join("policy.toml"));
        command.arg("--data").arg(&self.data).arg("--keys").arg(self.shared.folder.path().join("keys"));
        command.env("SUKI_DATABASE", &self.shared.database).stdout(log).stderr(copy).spawn().expect("suki starts")
    }

    async fn is_ready(&self) -> bool {
        reqwest::get(format!("http://{}/readyz", self.listen)).await.is_ok_and(|answer| answer.status() == 200)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.data.with_extension("log")).unwrap_or_default()
    }
}

impl Node {
    async fn start(start: Start) -> Self {
        let node = Self { child: start.spawn(), start };
        node.wait().await;
        node
    }

    async fn wait(&self) {
        let ready = until("a node", async || self.start.is_ready().await.then_some(()));
        tokio::time::timeout(PATIENCE, ready).await.unwrap_or_else(|_| panic!("the node did not get ready\n{}", self.start.log()));
    }

    /// What an upgrade does to a node; the same program stands for the new one.
    async fn replace(&mut self) {
        let pid = self.child.id().expect("it runs").to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().await.expect("kill is there").success());
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("it ends in time").expect("it can be waited for");
        assert!(ended.success(), "{}", self.start.log());
        self.child = self.start.spawn();
        self.wait().await;
    }
}

/// A load balancer: gives each connection to the next node that says it is ready.
async fn balance(listener: TcpListener, nodes: Vec<Start>) {
    let ready = Arc::new(Mutex::new(nodes.iter().map(|node| node.listen.clone()).collect::<Vec<_>>()));
    let asked = ready.clone();
    tokio::spawn(async move {
        loop {
            let mut all = Vec::new();
            for node in &nodes {
                if node.is_ready().await {
                    all.push(node.listen.clone());
                }
            }
            *asked.lock().expect("no panic") = all;
            pause(200).await;
        }
    });
    let next = AtomicUsize::new(0);
    while let Ok((mut near, _)) = listener.accept().await {
        let nodes = ready.lock().expect("no panic").clone();
        let turn = next.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(async move {
            for place in 0..nodes.len() {
                if let Ok(mut far) = TcpStream::connect(&nodes[(turn + place) % nodes.len()]).await {
                    drop(tokio::io::copy_bidirectional(&mut near, &mut far).await);
                    return;
                }
            }
        });
    }
}

/// Sends one text after the other; says how many were not answered with 200 or not at all.
async fn keep_sending(env: Value, phone: String, number: usize, stop: Arc<AtomicBool>) -> (Sent, usize) {
    // Each request on a connection of its own, so that the load balancer chooses each time.
    let http = reqwest::Client::builder().pool_max_idle_per_host(0).build().expect("it is made");
    let (mut sent, mut again, mut count) = (Sent::default(), 0, 0);
    while !stop.load(Ordering::Relaxed) {
        let text = format!("program to {number}: {count}");
        match send(&http, &env, &phone, &text).await {
            Ok((200, _)) => sent.acknowledged.push(text),
            // Told to come again: where an answer was lost between two nodes, the message may have been taken all the same.
            Ok((503, _)) => {
                again += 1;
                sent.unknown.push(text);
            }
            Ok((status, body)) => panic!("an answer that is neither taken nor for the moment: {status} {body}"),
            Err(_) => sent.unknown.push(text),
        }
        count += 1;
        pause(40).await;
    }
    (sent, again)
}

fn start_database(folder: &Path) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/postgres");
    let output = std::process::Command::new(script).arg("start").arg(folder).arg(std::process::id().to_string()).stderr(Stdio::inherit()).output();
    let output = output.expect("scripts/postgres can be run");
    assert!(output.status.success(), "scripts/postgres says above what is missing");
    String::from_utf8(output.stdout).expect("it is text").trim().to_owned()
}

/// Two nodes; the first makes the demo shop, the second is told of it.
async fn cluster() -> (Node, Node, Value) {
    let folder = tempdir().expect("a folder can be made");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let public_url = format!("http://{}", listener.local_addr().expect("it is bound"));
    let place = tempfile::Builder::new().prefix("suki-pg").tempdir().expect("a folder can be made").keep();
    let database = start_database(&place);
    fs::write(folder.path().join("policy.toml"), suki_testkit::policy::without_rates()).expect("it is written");
    let paths = ["keys", "one", "two"].map(|name| folder.path().join(name));
    paths.iter().for_each(|path| fs::create_dir(path).expect("it is made"));
    let [_, one, two] = paths;
    let shared = Arc::new(Shared { folder, database, public_url });
    let start = |data: PathBuf| Start { listen: fixed_address(), data, shared: shared.clone() };
    let (first, second) = (start(one.clone()), start(two.clone()));
    tokio::spawn(balance(listener, vec![first.clone(), second.clone()]));
    let first = Node::start(first).await;
    for file in fs::read_dir(&one).expect("it is there").flatten().filter(|file| file.path().extension().is_some_and(|end| end == "json")) {
        fs::copy(file.path(), two.join(file.file_name())).expect("it is copied");
    }
    let env = env_of(&first.start).await;
    (first, Node::start(second).await, env)
}

async fn env_of(start: &Start) -> Value {
    let mut command = suki();
    let output = command.args(["env", "--json", "--data"]).arg(&start.data).env("SUKI_DATABASE", &start.shared.database).output().await;
    let output = output.expect("suki starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("it is JSON")
}

/// `make upgrade`, and each `make test`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "scripts/test-whole runs it, alone"]
async fn two_nodes_are_replaced_one_after_the_other_and_nobody_notices() {
    let (mut one, mut two, env) = cluster().await;
    let http = reqwest::Client::new();
    let received = Received::subscribe(&http, &env).await;
    let mut customers = Vec::new();
    for _ in 0..CUSTOMERS {
        customers.push(Arc::new(Customer::join(word(&env, "SUKI_URL")).await));
    }
    let stop = Arc::new(AtomicBool::new(false));
    let (mut says, mut sends) = (Vec::new(), Vec::new());
    for (number, customer) in customers.iter().enumerate() {
        says.push(tokio::spawn(keep_saying(customer.clone(), number, stop.clone())));
        sends.push(tokio::spawn(keep_sending(env.clone(), customer.phone.clone(), number, stop.clone())));
    }
    pause(1_000).await;
    // What the first new node does to the old ones: they go on, and could even start again over what they do not know.
    let widened = later::widen(&one.start.shared.database).await;
    assert!(widened > 50, "{widened} tables are too few to be all of them");
    for node in [&mut one, &mut two] {
        pause(2_000).await;
        node.replace().await;
    }
    pause(1_000).await;
    stop.store(true, Ordering::Relaxed);
    for task in says {
        task.await.expect("it says what it has to say");
    }
    let inbox = Inbox::sign_in(&http, &env_of(&one.start).await).await;
    let (mut said, mut answered, mut again) = (0, 0, 0);
    for (customer, task) in customers.iter().zip(sends) {
        let (sent, tries) = task.await.expect("it sends what it has to send");
        assert_eq!(sent.unknown.len(), tries, "every request was answered");
        let figures = check_customer(customer, &sent, &inbox, &received).await;
        (said, answered, again) = (said + figures.0, answered + figures.1, again + tries);
    }
    check_statuses(&received);
    for node in [&one, &two] {
        let log = node.start.log();
        for sign in ["decrypted", "not what its header says", "is lost", "panicked", "were cut off"] {
            assert!(!log.contains(sign), "the log says {sign:?}:\n{log}");
        }
    }
    assert!(said >= 30 && answered >= 15, "too little load to prove anything: {said}, {answered}");
    eprintln!("{said} messages of customers and {answered} of the program, each once and in order; {again} requests were told to come again");
}
