//! What other crates' tests need of a store.
use crate::{Db, PostgresOptions, SqliteOptions, StoreError, Tx, Value, tx::Engine};
use std::{
    cell::Cell,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};
use tempfile::TempDir;

/// An empty SQLite store in a folder of its own, which is removed with the guard.
///
/// # Panics
/// When the folder or the database cannot be made.
pub fn sqlite() -> (TempDir, Db) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let db = Db::open_sqlite(&folder.path().join("test.sqlite"), SqliteOptions::default()).expect("a database can be opened in it");
    (folder, db)
}

/// An empty PostgreSQL store: a schema of its own on a server that this process starts once, and that stops when the process ends. If the variable
/// `SUKI_TEST_POSTGRES` holds an address, the schema is made there, and dropped by whoever runs that server.
///
/// # Panics
/// When the server cannot be started; the message says what to install.
pub fn postgres() -> Db {
    Db::open_postgres(postgres_url(), postgres_options()).expect("the test's PostgreSQL answers")
}

/// Waits on the spot for what becomes of a unit, or of anything else that a store does.
///
/// # Errors
/// Those of what is waited for.
///
/// # Panics
/// When no runtime can be made, or within one.
pub fn wait<R>(future: impl Future<Output = Result<R, StoreError>>) -> Result<R, StoreError> {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime can be made").block_on(future)
}

/// The variable that says on which engine tests run that do not say so themselves: `sqlite`, as without it, or `postgres`.
pub const ENGINE: &str = "SUKI_TEST_ENGINE";

/// Where a test's store is, on the engine that [`ENGINE`] names: it can be opened again and again, as by processes that come after each other or run side by
/// side.
#[derive(Debug, Clone)]
pub enum Place {
    /// A file.
    Sqlite(PathBuf),
    /// A schema of its own on the server of [`postgres_url()`].
    Postgres(PostgresOptions),
}

impl Place {
    /// A place nobody else has; on SQLite it is the file of this name in `folder`.
    ///
    /// # Panics
    /// When the variable names another engine.
    pub fn new(folder: &Path, name: &str) -> Self {
        match std::env::var(ENGINE).as_deref() {
            Err(_) | Ok("" | "sqlite") => Self::Sqlite(folder.join(name)),
            Ok("postgres") => Self::Postgres(postgres_options()),
            Ok(other) => panic!("{ENGINE} is {other:?}; it may be sqlite or postgres"),
        }
    }

    /// Opens the store. Blocks.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub fn open(&self) -> Db {
        let opened = match self {
            Self::Sqlite(path) => Db::open_sqlite(path, SqliteOptions::default()),
            Self::Postgres(options) => Db::open_postgres(postgres_url(), options.clone()),
        };
        opened.expect("the test's store opens")
    }
}

/// An empty store on the engine that [`ENGINE`] names, and a folder of its own, which is removed with the guard.
///
/// # Panics
/// When the folder or the store cannot be made.
pub fn store() -> (TempDir, Db) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let db = Place::new(folder.path(), "test.sqlite").open();
    (folder, db)
}

/// Options that name a schema nobody else has.
pub fn postgres_options() -> PostgresOptions {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let schema = format!("test_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
    PostgresOptions { readers: 2, schema: Some(schema), ..PostgresOptions::default() }
}

/// The address of the server that [`postgres()`] uses.
///
/// # Panics
/// As [`postgres()`].
pub fn postgres_url() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| std::env::var("SUKI_TEST_POSTGRES").unwrap_or_else(|_| start_postgres(&new_folder(), Some(std::process::id()))))
}

/// A folder that outlives its guard: whoever watches over the server removes it.
fn new_folder() -> PathBuf {
    tempfile::Builder::new().prefix("suki-pg").tempdir().expect("a temporary folder can be made").keep()
}

/// Starts a server in `folder` and returns its address; with a process it stops, and its folder goes, when that process ends.
///
/// # Panics
/// When it cannot be started; the message says what to install.
pub fn start_postgres(folder: &Path, with: Option<u32>) -> String {
    let mut command = script();
    command.arg("start").arg(folder);
    if let Some(process) = with {
        command.arg(process.to_string());
    }
    let output = command.stderr(Stdio::inherit()).output().expect("scripts/postgres can be run");
    assert!(output.status.success(), "scripts/postgres start failed; it says above what is missing");
    String::from_utf8(output.stdout).expect("an address is text").trim().to_owned()
}

/// Stops the server in `folder`; [`start_postgres`] starts it again with its data.
///
/// # Panics
/// When it cannot be stopped.
pub fn stop_postgres(folder: &Path) {
    let status = script().arg("stop").arg(folder).status().expect("scripts/postgres can be run");
    assert!(status.success(), "scripts/postgres stop failed");
}

fn script() -> Command {
    Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/postgres"))
}

thread_local! {
    static READS: Cell<u64> = const { Cell::new(0) };
    static JOURNEYS: Cell<u64> = const { Cell::new(0) };
}

/// Something was sent to a server from this thread, and its answer waited for.
pub(crate) fn note_journey() {
    JOURNEYS.set(JOURNEYS.get() + 1);
}

/// How many times this thread has waited for a PostgreSQL server. All units of one key run on one thread, so that a unit which asks knows what the units
/// before it have cost.
pub fn journeys_on_this_thread() -> u64 {
    JOURNEYS.get()
}

/// A statement was run on this thread that only reads.
pub(crate) fn note_read() {
    READS.set(READS.get() + 1);
}

/// How many statements that only read were run on this thread. SQLite has one thread for all units that write, so that a unit which asks knows what the
/// units before it have read.
pub fn reads_on_this_thread() -> u64 {
    READS.get()
}

/// Fails when SQLite would answer `sql` by going through a whole table or index. The parameters may be of any value.
///
/// # Errors
/// [`StoreError::Statement`] with the plan's line that scans; what the engine refuses.
pub fn plan_has_no_scan(tx: &mut Tx<'_>, sql: &str, params: &[Value<'_>]) -> Result<(), StoreError> {
    if !matches!(tx.engine(), Engine::Sqlite(_)) {
        return Err(StoreError::Statement("plans are checked on SQLite, which chooses them the same with few rows as with many".into()));
    }
    let plan = tx.query(&format!("EXPLAIN QUERY PLAN {sql}"), params, |row| row.get::<String>(3))?;
    let scans = |line: &&String| line.starts_with("SCAN ") && !line.contains("CONSTANT ROW") && !line.contains("VALUES CLAUSE");
    match plan.iter().find(scans) {
        None => Ok(()),
        Some(line) => Err(StoreError::Statement(format!("{line}: {sql}"))),
    }
}

/// An S3 server in a folder of its own, Garage, and how a bucket of it is reached. Dropping it stops the server and removes the folder.
pub struct S3Server {
    folder: TempDir,
    settings: Vec<(String, String)>,
}

impl S3Server {
    /// Starts one with an empty bucket; it stops, at the latest, when this process ends.
    ///
    /// # Panics
    /// When it cannot be started; the message says what to install.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("suki-s3").tempdir().expect("a temporary folder can be made");
        let mut server = Self { folder, settings: Vec::new() };
        server.settings = server.run(Some(std::process::id()));
        server
    }

    fn run(&self, with: Option<u32>) -> Vec<(String, String)> {
        let mut command = s3_script();
        command.arg("start").arg(self.folder.path());
        if let Some(process) = with {
            command.arg(process.to_string());
        }
        let output = command.stderr(Stdio::inherit()).output().expect("scripts/s3 can be run");
        assert!(output.status.success(), "scripts/s3 start failed; it says above what is missing");
        let text = String::from_utf8(output.stdout).expect("settings are text");
        text.lines().filter_map(|line| line.split_once('=')).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// Stops it; its files stay, and [`S3Server::start_again`] goes on with them.
    ///
    /// # Panics
    /// When it cannot be stopped.
    pub fn stop(&self) {
        let status = s3_script().arg("stop").arg(self.folder.path()).status().expect("scripts/s3 can be run");
        assert!(status.success(), "scripts/s3 stop failed");
    }

    /// Starts it again at the same address.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start_again(&self) {
        self.run(None);
    }

    /// The variables of the environment that lead to it.
    pub fn settings(&self) -> impl Iterator<Item = (String, String)> {
        self.settings.iter().filter(|(name, _)| name.starts_with("AWS_")).cloned()
    }

    /// The bucket's name.
    ///
    /// # Panics
    /// When the script did not say it.
    pub fn bucket(&self) -> &str {
        self.settings.iter().find(|(name, _)| name == "BUCKET").map(|(_, bucket)| bucket.as_str()).expect("the bucket's name")
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        // One that did not start leaves its own message, and no second panic that takes the other tests along.
        if !std::thread::panicking() {
            self.stop();
        }
    }
}

fn s3_script() -> Command {
    Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/s3"))
}
