//! What PostgreSQL alone can do wrong: other nodes in the way, a server that goes away.
#![allow(clippy::unwrap_used, reason = "a test, its helpers included")]
use std::thread;
use suki_store::{
    Db, Migration, PostgresOptions, StoreError,
    testing::{postgres_options, postgres_url, start_postgres, stop_postgres, wait},
};

const TABLE: Migration =
    Migration { version: 1, name: "a table", sql: "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, n INTEGER NOT NULL) STRICT;" };

fn count(db: &Db) -> Result<i64, StoreError> {
    wait(db.read(|tx| tx.query_one("SELECT coalesce(sum(n), 0) FROM t", &[], |row| row.get(0))))
}

/// Two nodes that count in one row: read, add, write. Nothing is counted twice and nothing lost.
#[test]
fn nodes_in_each_others_way_run_again() {
    let options = postgres_options();
    let nodes = [(); 2].map(|()| Db::open_postgres(postgres_url(), options.clone()).unwrap());
    nodes[0].migrate(&[TABLE]).unwrap();
    wait(nodes[0].write(|tx| tx.execute("INSERT INTO t (id, n) VALUES (1, 0)", &[]))).unwrap();
    let stored: usize = thread::scope(|scope| {
        let counting: Vec<_> = nodes
            .iter()
            .map(|db| {
                scope.spawn(move || {
                    let count = |_| {
                        wait(db.write(|tx| {
                            let n: i64 = tx.query_one("SELECT n FROM t WHERE id = 1", &[], |row| row.get(0))?;
                            tx.execute("UPDATE t SET n = ?1 WHERE id = 1", &[(n + 1).into()])
                        }))
                    };
                    (0..100).map(count).filter(Result::is_ok).count()
                })
            })
            .collect();
        counting.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert!(stored >= 100, "{stored} of 200");
    assert_eq!(count(&nodes[0]), Ok(i64::try_from(stored).unwrap()));
}

/// Nodes that start at the same time apply each migration once.
#[test]
fn nodes_migrate_at_the_same_time() {
    let options = postgres_options();
    let nodes = [(); 4].map(|()| Db::open_postgres(postgres_url(), options.clone()).unwrap());
    thread::scope(|scope| {
        let migrating: Vec<_> = nodes.iter().map(|db| scope.spawn(|| db.migrate(&[TABLE]))).collect();
        for thread in migrating {
            assert_eq!(thread.join().unwrap(), Ok(()));
        }
    });
    assert_eq!(count(&nodes[3]), Ok(0));
}

/// While it is away units fail honestly; when it is back they pass, and what was stored is there.
#[test]
fn a_server_that_restarts() {
    let folder = tempfile::Builder::new().prefix("suki-pg").tempdir().unwrap();
    let url = start_postgres(folder.path(), None);
    let db = Db::open_postgres(&url, PostgresOptions { readers: 1, ..PostgresOptions::default() }).unwrap();
    db.migrate(&[TABLE]).unwrap();
    let add = |id: i64| wait(db.write(move |tx| tx.execute("INSERT INTO t (id, n) VALUES (?1, 1)", &[id.into()])));
    assert_eq!((add(1), count(&db)), (Ok(1), Ok(1)));
    stop_postgres(folder.path());
    assert!(matches!(add(2), Err(StoreError::Unavailable(_))));
    assert!(matches!(count(&db), Err(StoreError::Unavailable(_))));
    start_postgres(folder.path(), None);
    assert_eq!((add(3), count(&db)), (Ok(1), Ok(2)));
    stop_postgres(folder.path());
    start_postgres(folder.path(), None);
    assert_eq!((add(4), count(&db)), (Ok(1), Ok(3)), "a connection that was lost while nobody used it is not noticed by anyone");
    stop_postgres(folder.path());
}

#[test]
fn a_wrong_address_is_refused_without_showing_its_password() {
    for url in ["postgresql://suki:hunter2@127.0.0.1:1/suki?connect_timeout=2", "postgresql://suki:hunter2@:::/x?what=1", "hunter2"] {
        match Db::open_postgres(url, PostgresOptions::default()).err() {
            Some(StoreError::Unavailable(text)) => assert!(!text.contains("hunter2"), "{text}"),
            other => panic!("{url}: {other:?}"),
        }
    }
    let schema = Some("a\"; DROP SCHEMA public".to_owned());
    let refused = Db::open_postgres(postgres_url(), PostgresOptions { schema, ..PostgresOptions::default() });
    assert!(matches!(refused.err(), Some(StoreError::Unavailable(_))));
}

/// However few rows there are: the plan of a prepared statement stays while its table grows.
#[test]
fn statements_go_by_their_index() {
    let db = Db::open_postgres(postgres_url(), postgres_options()).unwrap();
    db.migrate(&[TABLE]).unwrap();
    wait(db.write(|tx| tx.execute("INSERT INTO t (id, n) VALUES (1, 1)", &[]))).unwrap();
    let plan = "EXPLAIN SELECT n FROM t WHERE id = 1";
    let lines: Vec<String> = wait(db.write(move |tx| tx.query(plan, &[], |row| row.get(0)))).unwrap();
    assert!(lines[0].contains("Index Scan"), "{lines:?}");
}

#[test]
fn the_size_is_that_of_the_schema() {
    let db = Db::open_postgres(postgres_url(), postgres_options()).unwrap();
    let size = || wait(db.size_on_disk()).unwrap();
    let before = size();
    db.migrate(&[TABLE]).unwrap();
    assert!(size() > before);
}
