//! A server that takes what it is told and says nothing: frozen, or waiting for a standby that never answers (issue "Past one machine", "pool and statement
//! limits" and "Nothing acknowledged is lost").
#![allow(clippy::unwrap_used, reason = "a test, its helpers included")]
use std::{net::TcpListener, path::Path, process::Command};
use suki_store::{
    Answer, Db, Migration, PostgresOptions, StoreError,
    testing::{postgres_url, start_postgres, stop_postgres, wait},
};

const TABLE: Migration =
    Migration { version: 1, name: "a table", sql: "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, n INTEGER NOT NULL) STRICT;" };

fn add(db: &Db, id: i64) -> Answer<u64, StoreError> {
    let key = [u8::from(id % 2 == 0); 16];
    db.keyed(key).write(move |tx| tx.execute("INSERT INTO t (id, n) VALUES (?1, 1)", &[id.into()]))
}

fn count(db: &Db) -> Result<i64, StoreError> {
    wait(db.read(|tx| tx.query_one("SELECT count(*) FROM t", &[], |row| row.get(0))))
}

fn run(db: &Db, sql: &'static str) {
    wait(db.read(move |tx| tx.query_opt(sql, &[], |_| Ok(())))).unwrap();
}

fn is_away<T: std::fmt::Debug>(outcome: Result<T, StoreError>, word: &str) {
    assert!(matches!(&outcome, Err(StoreError::Unavailable(text)) if text.contains(word)), "{word}: {outcome:?}");
}

/// Waits no longer than this for a server that says nothing.
fn impatient(answer_millis: u32) -> PostgresOptions {
    PostgresOptions { readers: 1, statement_millis: answer_millis / 2, answer_millis, connect_millis: 200, ..PostgresOptions::default() }
}

/// Sends a signal to a server and all its processes.
fn signal(folder: &Path, signal: &str) {
    let pid = std::fs::read_to_string(folder.join("data/postmaster.pid")).unwrap().lines().next().unwrap().to_owned();
    let children = Command::new("ps").args(["-o", "pid=", "--ppid", &pid]).output().unwrap();
    let children = String::from_utf8(children.stdout).unwrap();
    assert!(Command::new("kill").arg(signal).arg(&pid).args(children.split_whitespace()).status().unwrap().success());
}

#[test]
fn a_frozen_server_is_away_and_nobody_waits_for_it_for_ever() {
    let folder = tempfile::Builder::new().prefix("suki-pg").tempdir().unwrap();
    let db = Db::open_postgres(&start_postgres(folder.path(), None), impatient(2000)).unwrap();
    db.migrate(&[TABLE]).unwrap();
    assert_eq!((wait(add(&db, 1)), count(&db)), (Ok(1), Ok(1)));
    signal(folder.path(), "-STOP");
    // The connections that are there say nothing, and new ones are not let in.
    is_away(wait(add(&db, 2)), "let nobody in");
    is_away(count(&db), "let nobody in");
    signal(folder.path(), "-CONT");
    // The one that was given up may still do what it was told, which was not to commit.
    assert_eq!((wait(add(&db, 2)), count(&db)), (Ok(1), Ok(2)));
    drop(db);
    stop_postgres(folder.path());
}

#[test]
fn a_host_that_says_nothing_keeps_nobody_from_the_next() {
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = postgres_url().split('@').nth(1).unwrap().split('/').next().unwrap();
    let url = format!("postgresql://suki@127.0.0.1:{},{socket}:5432/postgres", mute.local_addr().unwrap().port());
    let schema = suki_store::testing::postgres_options().schema;
    let db = Db::open_postgres(&url, PostgresOptions { schema, ..impatient(14_000) }).unwrap();
    db.migrate(&[TABLE]).unwrap();
    assert_eq!((wait(add(&db, 1)), count(&db)), (Ok(1), Ok(1)));
}

/// PostgreSQL says of a commit whose wait for a standby was broken off that it is done, and only warns. If that were believed, what was acknowledged would be
/// lost with the primary.
#[test]
fn what_no_standby_has_is_not_said_to_be_stored() {
    let folder = tempfile::Builder::new().prefix("suki-pg").tempdir().unwrap();
    let url = start_postgres(folder.path(), None);
    let quick = Db::open_postgres(&url, impatient(2000)).unwrap();
    quick.migrate(&[TABLE]).unwrap();
    // Both keys are there from now on: else they would be made first, in a transaction of their own.
    assert_eq!((wait(add(&quick, 1)), wait(add(&quick, 2)), count(&quick)), (Ok(1), Ok(1), Ok(2)));
    let setting = "synchronous_standby_names = 'nobody'\n";
    let file = folder.path().join("data/postgresql.auto.conf");
    std::fs::write(&file, setting).unwrap();
    run(&quick, "SELECT pg_reload_conf()");
    // Nobody stops the wait but the one who waits, who gives up; the server takes a moment to learn that there is something to wait for.
    let mut passed = 0;
    let refused = loop {
        match wait(add(&quick, 3 + 2 * passed)) {
            Ok(_) if passed < 1_000 => passed += 1,
            other => break other,
        }
    };
    assert!(matches!(&refused, Err(StoreError::InDoubt(_))), "{refused:?}");
    // Somebody else stops it.
    let patient = Db::open_postgres(&url, PostgresOptions { readers: 1, ..PostgresOptions::default() }).unwrap();
    let waiting = add(&patient, 4);
    let number = |sql: &'static str| wait(quick.read(move |tx| tx.query_one(sql, &[], |row| row.get::<i64>(0)))).unwrap();
    while number("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") < 2 {}
    assert_eq!(number("SELECT count(pg_cancel_backend(pid)) FROM (SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep' OFFSET 0) w"), 2);
    let refused = wait(waiting);
    assert!(matches!(&refused, Err(StoreError::InDoubt(_))), "{refused:?}");
    // Unknown means that it may be there.
    while count(&quick) != Ok(4 + passed) {}
    drop((quick, patient));
    stop_postgres(folder.path());
}
