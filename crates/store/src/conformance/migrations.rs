//! Migrations: applied once, in order, whole or not at all.
use super::{Subject, TABLE, wait};
use crate::{Db, Migration, StoreError};
use std::{sync::mpsc::channel, thread};

const SECOND: Migration = Migration { version: 2, name: "a column", sql: "ALTER TABLE t ADD COLUMN more INTEGER NOT NULL DEFAULT 5;\n" };
const THIRD: Migration =
    Migration { version: 5, name: "an index and a row", sql: "CREATE INDEX t_more ON t (more);\nINSERT INTO t (id) VALUES (100);\n" };

fn refused(outcome: Result<(), StoreError>) -> String {
    match outcome {
        Err(StoreError::Migration(text)) => text,
        other => panic!("not refused: {other:?}"),
    }
}

fn all(db: &Db) -> Vec<(i64, i64)> {
    wait(db.read::<_, StoreError>(|tx| tx.query("SELECT id, more FROM t ORDER BY id", &[], |row| Ok((row.get(0)?, row.get(1)?))))).unwrap()
}

/// With the rows that were there, and across a restart; a second time nothing happens.
pub fn from_zero_and_step_by_step_come_to_the_same(subject: Subject) {
    let db = &subject.db;
    db.migrate(&[TABLE]).unwrap();
    wait(db.write(|tx| tx.execute("INSERT INTO t (id) VALUES (1)", &[]))).unwrap();
    db.migrate(&[TABLE, SECOND]).unwrap();
    let subject = subject.reopened();
    for _ in 0..2 {
        subject.db.migrate(&[TABLE, SECOND, THIRD]).unwrap();
        assert_eq!(all(&subject.db), [(1, 5), (100, 5)]);
    }
}

/// Its text is compared, its line endings are not.
pub fn an_edited_migration_is_refused(subject: Subject) {
    let db = &subject.db;
    db.migrate(&[TABLE, SECOND]).unwrap();
    let edited = Migration { sql: "ALTER TABLE t ADD COLUMN more INTEGER NOT NULL DEFAULT 6;\n", ..SECOND };
    assert!(refused(db.migrate(&[TABLE, edited])).contains("migration 2 (a column) was edited"));
    db.migrate(&[TABLE, Migration { sql: "ALTER TABLE t ADD COLUMN more INTEGER NOT NULL DEFAULT 5;\r\n", ..SECOND }]).unwrap();
}

/// Versions grow, and none is put between those that were applied.
pub fn a_list_out_of_order_is_refused(subject: Subject) {
    let db = &subject.db;
    assert!(refused(db.migrate(&[SECOND, TABLE])).contains("version 1 stands after version 2"));
    assert!(refused(db.migrate(&[TABLE, TABLE])).contains("version 1 stands after version 1"));
    db.migrate(&[TABLE]).unwrap();
    let earlier = Migration { version: 0, ..SECOND };
    assert!(refused(db.migrate(&[earlier, TABLE])).contains("add migrations at the end only"));
}

/// A program starts where a newer one has only added, and does its work; where that one took something away it does not.
pub fn an_older_program_starts_until_something_is_taken_away(subject: Subject) {
    let contracting = Migration { version: 7, name: "a column goes", sql: "-- contract\nALTER TABLE t DROP COLUMN n;\n" };
    subject.db.migrate(&[TABLE, SECOND, THIRD]).unwrap();
    let subject = subject.reopened();
    subject.db.migrate(&[TABLE]).unwrap();
    assert_eq!(wait(super::insert(&subject.db, 1)), Ok(1));
    subject.db.migrate(&[TABLE, SECOND, THIRD]).unwrap();
    assert_eq!(all(&subject.db), [(1, 5), (100, 5)]);
    subject.db.migrate(&[TABLE, SECOND, THIRD, contracting]).unwrap();
    for older in [&[TABLE][..], &[TABLE, SECOND, THIRD]] {
        assert!(refused(subject.db.migrate(older)).contains("version 7 of the database took away what this program needs; start a newer program"));
    }
    subject.db.migrate(&[TABLE, SECOND, THIRD, contracting]).unwrap();
}

/// An old node writes and reads all the time, keyed and not, while a new one migrates; then both work side by side, and the old program may start again.
pub fn old_and_new_nodes_work_together(subject: Subject) {
    const BEFORE_AND_AFTER: i64 = 40;
    let old = &subject.db;
    old.migrate(&[TABLE]).unwrap();
    let new = subject.another();
    let (halfway, is_halfway) = channel();
    let (migrated, is_migrated) = channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            for id in 0..2 * BEFORE_AND_AFTER {
                let db = if id % 2 == 0 { old } else { &old.keyed([7; 16]) };
                assert_eq!(wait(super::insert(db, id)), Ok(1));
                assert_eq!(super::ids(old).into_iter().filter(|other| *other < 1000).collect::<Vec<_>>(), (0..=id).collect::<Vec<_>>());
                if id == BEFORE_AND_AFTER {
                    halfway.send(()).unwrap();
                }
            }
            is_migrated.recv().unwrap();
            assert_eq!(wait(super::insert(old, 1000)), Ok(1), "as the old program writes it");
            old.migrate(&[TABLE]).unwrap();
        });
        is_halfway.recv().unwrap();
        new.migrate(&[TABLE, SECOND]).unwrap();
        let write = |tx: &mut crate::Tx<'_>| tx.execute("INSERT INTO t (id, more) VALUES (2000, 9)", &[]);
        assert_eq!(wait(new.keyed([7; 16]).write(write)), Ok(1));
        migrated.send(()).unwrap();
    });
    let rows = all(&new);
    assert_eq!(rows.len(), usize::try_from(2 * BEFORE_AND_AFTER + 2).unwrap());
    assert_eq!(rows[rows.len() - 2..], [(1000, 5), (2000, 9)]);
}

/// The mended one can be applied; what came before the failing one stays.
pub fn a_failing_migration_leaves_nothing(subject: Subject) {
    let db = &subject.db;
    let failing = Migration { sql: "CREATE TABLE half (id INTEGER NOT NULL PRIMARY KEY) STRICT; INSERT INTO nowhere (id) VALUES (1);", ..SECOND };
    assert!(refused(db.migrate(&[TABLE, failing])).contains("migration 2 (a column) fails"));
    let half = wait(db.read(|tx| tx.query("SELECT id FROM half", &[], |row| row.get::<i64>(0))));
    assert!(matches!(half, Err(StoreError::Statement(_))), "{half:?}");
    db.migrate(&[TABLE, SECOND]).unwrap();
    assert_eq!(all(db), []);
}

/// Lines for one engine are not seen by the other.
pub fn each_engine_gets_its_lines(subject: Subject) {
    let sql = "CREATE TABLE engine (id INTEGER NOT NULL PRIMARY KEY, b BLOB) STRICT;\n-- only sqlite\nINSERT INTO engine (id) VALUES (1);\n\
               -- only postgres\nINSERT INTO engine (id) SELECT 1::bigint;\n-- both\nINSERT INTO engine (id) VALUES (2);\n";
    subject.db.migrate(&[Migration { version: 1, name: "both", sql }]).unwrap();
    let rows = wait(subject.db.read(|tx| tx.query("SELECT id FROM engine ORDER BY id", &[], |row| row.get::<i64>(0))));
    assert_eq!(rows, Ok(vec![1, 2]));
}
