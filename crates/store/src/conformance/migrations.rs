//! Migrations: applied once, in order, whole or not at all.
use super::{Subject, TABLE, wait};
use crate::{Db, Migration, StoreError};

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

/// A program does not touch what a newer one made.
pub fn a_newer_database_is_refused(subject: Subject) {
    subject.db.migrate(&[TABLE, SECOND]).unwrap();
    assert!(refused(subject.db.migrate(&[TABLE])).contains("start a newer program"));
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
