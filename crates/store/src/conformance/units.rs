//! Units of work: their order, their failures, and what others see of them.
use super::{Gate, Subject, ids, insert, wait, with_table};
use crate::StoreError;
use std::sync::mpsc::channel;

/// The order of calls is the order of units, whether anybody waits for the answers or not.
pub fn units_run_in_the_order_of_the_calls(subject: Subject) {
    let db = with_table(&subject);
    let numbered = |id: i64| {
        db.write::<_, StoreError>(move |tx| {
            let before: i64 = tx.query_one("SELECT count(*) FROM t", &[], |row| row.get(0))?;
            tx.execute("INSERT INTO t (id, n) VALUES (?1, ?2)", &[id.into(), before.into()])?;
            Ok(before)
        })
    };
    let answers: Vec<_> = (0..700).map(numbered).collect();
    let places: Vec<i64> = answers.into_iter().map(|answer| wait(answer).unwrap()).collect();
    assert_eq!(places, (0..700).collect::<Vec<_>>());
}

/// What a unit changed before it returned an error is gone; its group's other units stay.
pub fn a_unit_that_fails_is_rolled_back_alone(subject: Subject) {
    let db = with_table(&subject);
    let gate = Gate::shut(db);
    let before = insert(db, 1);
    let failing = db.write::<(), _>(|tx| {
        tx.execute("INSERT INTO t (id) VALUES (2)", &[])?;
        assert_eq!(tx.query("SELECT id FROM t ORDER BY id", &[], |row| row.get::<i64>(0))?, [1, 2]);
        Err(StoreError::NotFound)
    });
    let after = insert(db, 3);
    gate.open();
    assert_eq!((wait(before), wait(failing), wait(after)), (Ok(1), Err(StoreError::NotFound), Ok(1)));
    assert_eq!(ids(db), [1, 3]);
}

/// As with an error.
pub fn a_unit_that_panics_is_rolled_back_alone(subject: Subject) {
    let db = with_table(&subject);
    let gate = Gate::shut(db);
    let before = insert(db, 1);
    let panicking = db.write::<(), StoreError>(|tx| {
        tx.execute("INSERT INTO t (id) VALUES (2)", &[])?;
        panic!("a panic on purpose");
    });
    let after = insert(db, 3);
    gate.open();
    assert_eq!((wait(before), wait(panicking), wait(after)), (Ok(1), Err(StoreError::Panicked), Ok(1)));
    let reading = wait(db.read::<(), StoreError>(|_| panic!("a panic on purpose")));
    assert_eq!(reading, Err(StoreError::Panicked));
    assert_eq!(ids(db), [1, 3]);
}

/// A unit that swallows the error of a statement is rolled back all the same.
pub fn a_failed_statement_dooms_its_unit(subject: Subject) {
    let db = with_table(&subject);
    let doomed = wait(db.write(|tx| {
        tx.execute("INSERT INTO t (id) VALUES (1)", &[])?;
        let again = tx.execute("INSERT INTO t (id) VALUES (1)", &[]);
        assert!(matches!(again, Err(StoreError::Constraint(_))), "{again:?}");
        assert_eq!(tx.execute("INSERT INTO t (id) VALUES (2)", &[]), again);
        Ok::<_, StoreError>(())
    }));
    assert!(matches!(doomed, Err(StoreError::Constraint(_))), "{doomed:?}");
    let wrong = wait(db.write::<u64, StoreError>(|tx| tx.execute("INSERT INTO nowhere (id) VALUES (1)", &[])));
    assert!(matches!(wrong, Err(StoreError::Statement(_))), "{wrong:?}");
    assert_eq!(ids(db), [0_i64; 0]);
}

/// Nobody is told that something is stored which is not; the units that refused are told too, since they may have seen what was not stored.
pub fn a_failed_commit_fails_the_whole_group(subject: Subject) {
    let child = crate::Migration {
        version: 2,
        name: "a child",
        sql: "CREATE TABLE child (id INTEGER NOT NULL PRIMARY KEY REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED) STRICT;",
    };
    let db = &subject.db;
    db.migrate(&[super::TABLE, child]).unwrap();
    let gate = Gate::shut(db);
    let good = insert(db, 1);
    let refusing = db.write::<(), _>(|_| Err(StoreError::NotFound));
    let orphan = db.write(|tx| tx.execute("INSERT INTO child (id) VALUES (7)", &[]));
    gate.open();
    for outcome in [wait(good), wait(refusing).map(|()| 0), wait(orphan)] {
        assert!(matches!(outcome, Err(StoreError::Constraint(_))), "{outcome:?}");
    }
    assert_eq!(ids(db), [0_i64; 0]);
    assert_eq!(wait(insert(db, 2)), Ok(1));
    assert_eq!(ids(db), [2]);
}

/// Before the commit nothing, after the answer everything.
pub fn reads_see_what_is_committed(subject: Subject) {
    let db = with_table(&subject);
    let (inserted, is_inserted) = channel();
    let (go_on, may_go_on) = channel::<()>();
    let writing = db.write::<_, StoreError>(move |tx| {
        tx.execute("INSERT INTO t (id) VALUES (1)", &[])?;
        let _ = inserted.send(());
        let _ = may_go_on.recv();
        Ok(())
    });
    is_inserted.recv().unwrap();
    assert_eq!(ids(db), [0_i64; 0]);
    drop(go_on);
    wait(writing).unwrap();
    assert_eq!(ids(db), [1]);
}

/// A read that asks twice gets the same answer, whatever is written meanwhile.
pub fn a_read_sees_one_state(subject: Subject) {
    let db = with_table(&subject);
    let (asked, has_asked) = channel();
    let (go_on, may_go_on) = channel::<()>();
    let reading = db.read(move |tx| {
        let count = "SELECT count(*) FROM t";
        let first: i64 = tx.query_one(count, &[], |row| row.get(0))?;
        let _ = asked.send(());
        let _ = may_go_on.recv();
        Ok::<_, StoreError>((first, tx.query_one(count, &[], |row| row.get::<i64>(0))?))
    });
    has_asked.recv().unwrap();
    wait(insert(db, 1)).unwrap();
    drop(go_on);
    assert_eq!(wait(reading), Ok((0, 0)));
    assert_eq!(ids(db), [1]);
}

/// It is a mistake of the program, and named so.
pub fn a_read_cannot_write(subject: Subject) {
    let db = with_table(&subject);
    let outcome = wait(db.read(|tx| tx.execute("INSERT INTO t (id) VALUES (1)", &[])));
    assert!(matches!(outcome, Err(StoreError::Statement(_))), "{outcome:?}");
    assert_eq!(ids(db), [0_i64; 0]);
}

/// Nobody has to wait.
pub fn a_dropped_answer_is_stored_all_the_same(subject: Subject) {
    let db = with_table(&subject);
    drop(insert(db, 1));
    wait(insert(db, 2)).unwrap();
    assert_eq!(ids(db), [1, 2]);
}

/// Dropping the last handle waits for the queue.
pub fn what_is_queued_is_finished_before_closing(subject: Subject) {
    let db = with_table(&subject);
    let last = (1..=300).map(|id| insert(db, id)).collect::<Vec<_>>().pop().unwrap();
    let subject = subject.reopened();
    assert_eq!(wait(last), Ok(1));
    assert_eq!(ids(&subject.db).len(), 300);
}

/// A thread of the store does not wait for itself.
pub fn a_unit_may_hold_the_last_handle(subject: Subject) {
    with_table(&subject);
    let Subject { db, reopen, _folder } = subject;
    let (dropped, is_dropped) = channel::<()>();
    let mut held = Some((db.clone(), is_dropped));
    let answer = db.write(move |tx| {
        if let Some((db, is_dropped)) = held.take() {
            let _ = is_dropped.recv();
            drop(db);
        }
        tx.execute("INSERT INTO t (id) VALUES (1)", &[])
    });
    drop(db);
    drop(dropped);
    assert_eq!(wait(answer), Ok(1));
    assert_eq!(ids(&reopen()), [1]);
}

/// A unit that only looked and then refused leaves its group as it is, and each unit of it runs once.
pub fn a_refusal_that_changed_nothing_disturbs_nobody(subject: Subject) {
    let db = with_table(&subject);
    let (ran, runs) = channel();
    let gate = Gate::shut(db);
    let counted = db.write(move |tx| {
        let _ = ran.send(());
        tx.execute("INSERT INTO t (id) VALUES (1)", &[])
    });
    let refusing = db.write::<i64, StoreError>(|tx| tx.query_one("SELECT id FROM t WHERE id = 2", &[], |row| row.get(0)));
    gate.open();
    assert_eq!((wait(counted), wait(refusing)), (Ok(1), Err(StoreError::NotFound)));
    assert_eq!(runs.iter().count(), 1);
}

/// The store alone begins and ends transactions.
pub fn a_unit_cannot_end_its_transaction(subject: Subject) {
    let db = with_table(&subject);
    for control in ["COMMIT", "  rollback;", "SAVEPOINT x", "RELEASE unit", "BEGIN", "END"] {
        let outcome = wait(db.write(move |tx| {
            tx.execute("INSERT INTO t (id) VALUES (1)", &[])?;
            tx.execute(control, &[])
        }));
        assert!(matches!(outcome, Err(StoreError::Statement(_))), "{control}: {outcome:?}");
    }
    assert_eq!(ids(db), [0_i64; 0]);
}
