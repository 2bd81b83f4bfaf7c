//! What SQLite alone can do wrong: full disks, read-only disks, damaged files, plans that scan.
#![allow(clippy::unwrap_used, reason = "a test, its helpers included")]
use std::{io::Write, path::Path, process::Command, sync::mpsc::channel};
use suki_store::{
    Db, Migration, SqliteOptions, StoreError, log,
    testing::{plan_has_no_scan, sqlite, wait},
};
use suki_types::DeviceId;

const TABLE: Migration = Migration { version: 1, name: "a table", sql: "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, b BLOB NOT NULL) STRICT;" };

fn insert(db: &Db, id: i64, bytes: usize) -> suki_store::Answer<u64, StoreError> {
    db.write(move |tx| tx.execute("INSERT INTO t (id, b) VALUES (?1, ?2)", &[id.into(), (&vec![7; bytes]).into()]))
}

fn ids(db: &Db) -> Vec<i64> {
    wait(db.read(|tx| tx.query("SELECT id FROM t ORDER BY id", &[], |row| row.get(0)))).unwrap()
}

fn size(db: &Db) -> u64 {
    wait(db.size_on_disk()).unwrap()
}

fn pragma(db: &Db, pragma: &'static str) {
    wait(db.write(move |tx| tx.query(pragma, &[], |_| Ok(())))).unwrap();
}

/// Keeps the writing thread busy while `queue` runs, so that what it queues is one group.
fn as_one_group<T>(db: &Db, queue: impl FnOnce() -> T) -> T {
    let (started, has_started) = channel();
    let (go_on, may_go_on) = channel::<()>();
    let gate = db.write::<(), StoreError>(move |_| {
        let _ = started.send(());
        let _ = may_go_on.recv();
        Ok(())
    });
    has_started.recv().unwrap();
    let queued = queue();
    drop(go_on);
    wait(gate).unwrap();
    queued
}

#[test]
fn a_full_database_refuses_what_does_not_fit_and_nothing_else() {
    let (_folder, db) = sqlite();
    db.migrate(&[TABLE]).unwrap();
    pragma(&db, "PRAGMA max_page_count = 20");
    let (small, large, another) = as_one_group(&db, || (insert(&db, 1, 10), insert(&db, 2, 200_000), insert(&db, 3, 10)));
    assert_eq!((wait(small), wait(large), wait(another)), (Ok(1), Err(StoreError::Full), Ok(1)));
    assert_eq!(ids(&db), [1, 3]);
    pragma(&db, "PRAGMA max_page_count = 100000");
    assert_eq!(wait(insert(&db, 2, 200_000)), Ok(1));
    assert_eq!(ids(&db), [1, 2, 3]);
}

#[test]
fn a_connection_that_became_read_only_is_replaced() {
    let (_folder, db) = sqlite();
    db.migrate(&[TABLE]).unwrap();
    pragma(&db, "PRAGMA query_only = ON");
    assert_eq!(wait(insert(&db, 1, 10)), Err(StoreError::ReadOnly));
    assert_eq!(wait(insert(&db, 2, 10)), Ok(1));
    assert_eq!(ids(&db), [2]);
}

#[test]
fn a_transaction_that_sqlite_gives_up_takes_nobody_else_with_it() {
    let (_folder, db) = sqlite();
    db.migrate(&[TABLE]).unwrap();
    wait(insert(&db, 1, 1)).unwrap();
    let give_up = || db.write(|tx| tx.execute("INSERT OR ROLLBACK INTO t (id, b) VALUES (1, ?1)", &[(&[1_u8]).into()]));
    let (first, culprit, second, another, last) =
        as_one_group(&db, || (insert(&db, 2, 1), give_up(), insert(&db, 3, 1), give_up(), insert(&db, 4, 1)));
    for culprit in [wait(culprit), wait(another)] {
        assert!(matches!(culprit, Err(StoreError::Constraint(_))), "{culprit:?}");
    }
    assert_eq!((wait(first), wait(second), wait(last)), (Ok(1), Ok(1), Ok(1)));
    assert_eq!(ids(&db), [1, 2, 3, 4]);
}

#[test]
fn what_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.sqlite");
    std::fs::write(&path, vec![b'x'; 8192]).unwrap();
    assert_eq!(Db::open_sqlite(&path, SqliteOptions::default()).err(), Some(StoreError::Corrupt("the database file is damaged")));
    let nowhere = Db::open_sqlite(&folder.path().join("no/folder.sqlite"), SqliteOptions::default());
    assert!(matches!(nowhere.err(), Some(StoreError::Unavailable(_))));
}

#[test]
fn more_than_the_queue_holds_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open_sqlite(&folder.path().join("test.sqlite"), SqliteOptions { queue_limit: 2, ..SqliteOptions::default() }).unwrap();
    db.migrate(&[TABLE]).unwrap();
    let answers = as_one_group(&db, || [1, 2, 3].map(|id| insert(&db, id, 1)));
    let outcomes = answers.map(wait);
    assert_eq!(outcomes, [Ok(1), Ok(1), Err(StoreError::Overloaded(2))]);
    assert_eq!(ids(&db), [1, 2]);
}

#[test]
fn the_size_grows_with_what_is_stored() {
    let (_folder, db) = sqlite();
    db.migrate(&[TABLE]).unwrap();
    let before = size(&db);
    wait(insert(&db, 1, 1 << 20)).unwrap();
    assert!(size(&db) >= before + (1 << 20), "{} after {before}", size(&db));
}

#[test]
fn no_question_to_the_log_scans_it() {
    let (_folder, db) = sqlite();
    db.migrate(&log::migrations()).unwrap();
    let checked = wait(db.read(|tx| log::statements().try_for_each(|(sql, params)| plan_has_no_scan(tx, sql, &vec![0_i64.into(); params]))));
    assert_eq!(checked, Ok(()));
    let scan = wait(db.read(|tx| plan_has_no_scan(tx, "SELECT seq FROM entry WHERE at = ?1", &[0_i64.into()])));
    assert!(matches!(scan, Err(StoreError::Statement(_))), "{scan:?}");
}

#[test]
fn what_was_acknowledged_is_there_after_reopening() {
    let (folder, db) = sqlite();
    db.migrate(&[TABLE]).unwrap();
    assert_eq!(wait(insert(&db, 1, 10)), Ok(1));
    drop(db);
    let db = Db::open_sqlite(&folder.path().join("test.sqlite"), SqliteOptions::default()).unwrap();
    assert_eq!(ids(&db), [1]);
    let forgotten = wait(db.read(|tx| log::mailbox(tx, DeviceId::from_bytes([1; 16]))));
    assert!(matches!(forgotten, Err(StoreError::Statement(_))), "there is no log in it: {forgotten:?}");
}

/// A real file system of 8 MiB, in name spaces of this test's own, so that it needs no rights. Where the kernel forbids even that, it says so on
/// standard error, past the harness's capture; the tests above hold there all the same.
#[test]
fn a_real_disk_that_is_full_or_read_only() {
    const INSIDE: &str = "SUKI_TEST_SMALL_DISK";
    if let Some(folder) = std::env::var_os(INSIDE) {
        full_disk(Path::new(&folder));
        read_only_disk(Path::new(&folder));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let name = "a_real_disk_that_is_full_or_read_only";
    let possible = Command::new("unshare").args(["--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none"]).arg(folder.path()).output();
    if !possible.is_ok_and(|output| output.status.success()) {
        writeln!(std::io::stderr(), "{name}: NOT RUN, the kernel allows no mount in a user name space here").unwrap();
        return;
    }
    let script = "mount -t tmpfs -o size=8m none \"$1\" && exec \"$2\" --exact \"$3\" --nocapture";
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"])
        .arg(folder.path())
        .arg(std::env::current_exe().unwrap())
        .arg(name)
        .env(INSIDE, folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
}

/// Writes until it is full, takes stock, frees space, and goes on.
fn full_disk(folder: &Path) {
    let ballast = folder.join("ballast");
    std::fs::write(&ballast, vec![0; 4 << 20]).unwrap();
    let db = Db::open_sqlite(&folder.join("test.sqlite"), SqliteOptions::default()).unwrap();
    db.migrate(&[TABLE]).unwrap();
    let answers = as_one_group(&db, || (0..200).map(|id| (id, insert(&db, id, 50_000))).collect::<Vec<_>>());
    for (_, answer) in answers {
        let outcome = wait(answer);
        assert_eq!(outcome, Err(StoreError::Full), "10 MB in one group do not fit");
    }
    let mut stored: Vec<i64> = Vec::new();
    let mut refused = 0;
    for id in 0..200 {
        match wait(insert(&db, id, 50_000)) {
            Ok(_) => stored.push(id),
            Err(error) => {
                assert_eq!(error, StoreError::Full);
                refused += 1;
            }
        }
    }
    assert!(!stored.is_empty() && refused > 0, "{} stored, {refused} refused", stored.len());
    assert_eq!(ids(&db), stored, "what was answered as stored is there, and nothing else");
    std::fs::remove_file(&ballast).unwrap();
    assert_eq!(wait(insert(&db, 1000, 50_000)), Ok(1), "service resumes when space returns");
    stored.push(1000);
    drop(db);
    let db = Db::open_sqlite(&folder.join("test.sqlite"), SqliteOptions::default()).unwrap();
    assert_eq!(ids(&db), stored);
    let sound: String = wait(db.read(|tx| tx.query_one("PRAGMA integrity_check", &[], |row| row.get(0)))).unwrap();
    assert_eq!(sound, "ok");
}

fn read_only_disk(folder: &Path) {
    // The threads of the database that was dropped before close its files a moment later, and until then the disk is busy.
    let remount = |how: &str| {
        let tried = || Command::new("mount").args(["-o", how]).arg(folder).output().unwrap().status.success();
        assert!((0..500).any(|_| tried()), "{how}");
    };
    let open = || Db::open_sqlite(&folder.join("test.sqlite"), SqliteOptions::default());
    remount("remount,ro");
    assert_eq!(open().err(), Some(StoreError::ReadOnly));
    remount("remount,rw");
    assert_eq!(wait(insert(&open().unwrap(), 2000, 10)), Ok(1));
}

/// The file is brought up to date beside the writer, and from a certain length on by the writer itself.
#[test]
fn the_log_stays_short_however_much_is_written() {
    const PAGES: u32 = 20;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let db = Db::open_sqlite(&path, SqliteOptions { checkpoint_pages: PAGES, ..SqliteOptions::default() }).unwrap();
    db.migrate(&[TABLE]).unwrap();
    for id in 0..1000 {
        wait(insert(&db, id, 4000)).unwrap();
    }
    let (file, all) = (path.metadata().unwrap().len(), size(&db));
    assert!(file > 3_000_000, "what was copied so far: {file} bytes");
    // Eight times as many pages, and what is written while the thread copies, which has to wait for its turn: 3,000 are written in all.
    let most = u64::from(PAGES * 8 + 1_340) * 4_200;
    assert!(all - file < most, "the log has {} bytes, {most} at most", all - file);
}
