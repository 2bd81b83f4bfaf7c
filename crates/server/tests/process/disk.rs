//! A disk that is full, or read-only: an honest error, no corruption, and the service resumes by itself.
//!
//! The disk is a small file system of its own in a mount namespace of its own, which is gone with the test however it ends. Where that is not
//! permitted the size of the server's files is limited instead; the test says so.
use crate::{
    customer::Customer,
    kill::{Sent, check_customer, check_statuses},
    server::{Server, fixed_address, pause, send, suki_behind, until, word},
    webhook::{Inbox, Received},
};
use serde_json::Value;
use std::{
    fs::{self, File},
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Stdio,
};
use suki_store::{Db, SqliteOptions};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

/// Room for an empty shop's data several times over.
const MEBIBYTES: usize = 24;

/// Where the server keeps its data.
enum Disk {
    /// A small file system; the child holds its namespace.
    Small { _holder: Child, pid: u32, folder: PathBuf },
    /// No permission for that: the server's files may not grow beyond a size.
    Limited { folder: PathBuf },
}

impl Disk {
    async fn make(folder: &Path) -> Self {
        let folder = folder.join("disk");
        fs::create_dir(&folder).expect("a folder can be made");
        let script = format!("mount -t tmpfs -o size={MEBIBYTES}m none \"$1\" && echo mounted && exec cat");
        let unshare = Command::new("unshare")
            .args(["--mount", "--propagation", "private", "sh", "-c", &script, "sh"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let mut holder = unshare.expect("util-linux has unshare");
        let mut line = String::new();
        let said = BufReader::new(holder.stdout.take().expect("it is piped")).read_line(&mut line).await;
        if said.is_ok() && line == "mounted\n" {
            let pid = holder.id().expect("it runs");
            return Self::Small { _holder: holder, pid, folder };
        }
        eprintln!("mounting is not permitted here: the size of the server's files is limited instead");
        Self::Limited { folder }
    }

    fn prefix(&self) -> Vec<String> {
        let words: &[&str] = match self {
            Self::Small { pid, .. } => return ["nsenter", "--mount", "--target", &pid.to_string(), "--"].map(str::to_owned).to_vec(),
            // A write beyond the limit is an error then, and not the end.
            Self::Limited { .. } => &["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"],
        };
        words.iter().map(|&word| word.to_owned()).collect()
    }

    /// The folder as the server names it.
    fn folder(&self) -> &Path {
        match self {
            Self::Small { folder, .. } | Self::Limited { folder } => folder,
        }
    }

    /// The folder as this process finds it.
    fn seen(&self) -> PathBuf {
        match self {
            Self::Small { pid, folder, .. } => Path::new(&format!("/proc/{pid}/root")).join(folder.strip_prefix("/").expect("it is absolute")),
            Self::Limited { folder } => folder.clone(),
        }
    }

    async fn start(&self, log: &Path) -> Server {
        Server::start_behind(self.prefix(), &self.folder().join("data"), &self.seen().join("data"), log, &fixed_address()).await
    }

    /// Nothing more can be stored.
    async fn fill(&self, server: &Server) {
        match self {
            Self::Small { .. } => {
                let mut filler = File::create(self.seen().join("filler")).expect("a file can be made");
                for size in [65_536, 4_096, 1] {
                    while filler.write(&vec![0; size]).is_ok() {}
                }
            }
            Self::Limited { .. } => limit(server, "4096").await,
        }
    }

    /// There is room again.
    async fn make_room(&self, server: &Server) {
        match self {
            Self::Small { .. } => fs::remove_file(self.seen().join("filler")).expect("it is there"),
            Self::Limited { .. } => limit(server, "unlimited").await,
        }
    }
}

async fn limit(server: &Server, bytes: &str) {
    let size = format!("--fsize={bytes}:unlimited");
    let done = Command::new("prlimit").args(["--pid", &server.pid().to_string(), &size]).status().await;
    assert!(done.expect("util-linux has prlimit").success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_honestly_and_resumes_by_itself() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let disk = Disk::make(folder.path()).await;
    refuses_and_resumes(folder.path(), &disk).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_on_files_refuses_honestly_and_resumes_by_itself() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let disk = Disk::Limited { folder: folder.path().to_owned() };
    refuses_and_resumes(folder.path(), &disk).await;
}

async fn refuses_and_resumes(folder: &Path, disk: &Disk) {
    let mut server = disk.start(&folder.join("log")).await;
    let (http, env) = (reqwest::Client::new(), server.env().await);
    let received = Received::subscribe(&http, &env).await;
    let inbox = Inbox::sign_in(&http, &env).await;
    let customer = Customer::join(word(&env, "SUKI_URL")).await;
    customer.say("before 0").await;
    until("the first message at the shop", async || inbox.messages(&customer.chat.to_string()).await.first().cloned()).await;
    let mut sent = Sent::default();

    disk.fill(&server).await;
    // The database's log has some room of its own, which is used up first.
    let refused = until("a refusal to the program", async || {
        let text = format!("to the customer {}", sent.acknowledged.len());
        let (status, body) = send(&http, &env, &customer.phone, &text).await.expect("the server answers");
        if status != 200 {
            return Some((status, body));
        }
        sent.acknowledged.push(text);
        None
    })
    .await;
    assert_eq!((refused.0, &refused.1["error"]["code"]), (503, &Value::from(2)), "{}", refused.1);
    refused_in_the_inbox(&inbox, &customer, disk).await;
    say_until_one_waits(&customer).await;
    assert_eq!(customer.diary().wrong, [""; 0], "the customer is told of no failure: his messages wait");

    disk.make_room(&server).await;
    until("the service to resume", async || {
        let text = format!("to the customer {}", sent.acknowledged.len());
        let (status, _) = send(&http, &env, &customer.phone, &text).await.expect("the server answers");
        (status == 200).then(|| sent.acknowledged.push(text))
    })
    .await;
    check_customer(&customer, &sent, &inbox, &received).await;
    check_statuses(&received);
    let log = server.log_text();
    assert!(!log.contains("panicked") && !log.contains("decrypted"), "{log}");
    server.stop().await;
    check_databases(&disk.seen().join("data"), folder).await;
}

/// What was refused is not in the chat: [`check_customer`] would find it there.
async fn refused_in_the_inbox(inbox: &Inbox, customer: &Customer, disk: &Disk) {
    let id = format!("msg_{:032x}", 7);
    let (status, body) = inbox.say(&customer.chat.to_string(), &id, "from the inbox").await;
    match disk {
        Disk::Small { .. } => assert_eq!((status, &body["code"]), (507, &Value::from("storage_full")), "{body}"),
        // A limit on files is told by the system as an error of the disk, which may pass.
        Disk::Limited { .. } => assert_eq!((status, &body["code"]), (503, &Value::from("unavailable")), "{body}"),
    }
}

/// The network takes what its log has room for; then the customer's device keeps what it has, and tries again.
async fn say_until_one_waits(customer: &Customer) {
    let mut count = 0;
    until("a message of the customer to wait", async || {
        customer.say(&format!("full {count}")).await;
        count += 1;
        for _ in 0..10 {
            if customer.acknowledged().await.is_some() {
                return None;
            }
            pause(50).await;
        }
        Some(())
    })
    .await;
}

/// Both databases are sound. Looked at as copies: the originals lie where only the server sees them by their names.
async fn check_databases(data: &Path, folder: &Path) {
    for name in ["network.db", "endpoint.db"] {
        for suffix in ["", "-wal"] {
            let from = data.join(format!("{name}{suffix}"));
            if from.exists() {
                fs::copy(&from, folder.join(format!("copy-{name}{suffix}"))).expect("it can be copied");
            }
        }
        let db = Db::open_sqlite(&folder.join(format!("copy-{name}")), SqliteOptions::default()).expect("it opens");
        let sound: Result<String, suki_store::StoreError> = db.read(|tx| tx.query_one("PRAGMA integrity_check", &[], |row| row.get(0))).await;
        assert_eq!(sound.as_deref(), Ok("ok"), "{name}");
    }
}

/// A file system cannot be made read-only below files that are open, so the server meets it at its start.
#[tokio::test]
async fn a_read_only_disk_is_named_at_the_start_and_used_when_it_is_writable_again() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let disk = Disk::make(folder.path()).await;
    let mut server = disk.start(&folder.path().join("log")).await;
    let before = server.env().await;
    server.stop().await;
    set_writable(&disk, false).await;
    let arguments = ["serve", "--demo", "--listen", "127.0.0.1:0", "--data"];
    let output = suki_behind(&disk.prefix()).args(arguments).arg(disk.folder().join("data")).output().await.expect("suki starts");
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{words}");
    assert!(words.contains("network.db") && words.contains("storage is read-only") && !words.contains("panicked"), "{words}");
    set_writable(&disk, true).await;
    server.start_again().await;
    assert_eq!(word(&server.env().await, "SUKI_TOKEN"), word(&before, "SUKI_TOKEN"));
    let customer = Customer::join(word(&before, "SUKI_URL")).await;
    customer.say("bukas na ba?").await;
    until("the network to take it", async || customer.acknowledged().await).await;
}

/// The disk; or, where mounting is not permitted, the database's file (which stops everybody but root).
async fn set_writable(disk: &Disk, writable: bool) {
    match disk {
        Disk::Small { folder, .. } => {
            let prefix = disk.prefix();
            let how = if writable { "remount,rw" } else { "remount,ro" };
            let done = Command::new(&prefix[0]).args(&prefix[1..]).args(["mount", "-o", how]).arg(folder).status().await;
            assert!(done.expect("mount is there").success(), "{how}");
        }
        Disk::Limited { folder } => {
            let mode = if writable { 0o600 } else { 0o400 };
            fs::set_permissions(folder.join("data/network.db"), fs::Permissions::from_mode(mode)).expect("it is ours");
        }
    }
}
