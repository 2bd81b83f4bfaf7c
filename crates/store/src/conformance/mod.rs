//! The suite that every engine passes. A new engine is made known by one line of [`conformance_suite!`](crate::conformance_suite) in a test.
#![allow(clippy::unwrap_used, reason = "the suite is a test, compiled as a library so that every engine can be given to it")]
pub mod blobs;
mod keys;
mod log;
mod migrations;
mod nodes;
mod together;
mod units;
mod values;

use crate::{Answer, Db, Migration, StoreError, testing, testing::wait};
use std::sync::mpsc::{Receiver, Sender, channel};
use tempfile::TempDir;

/// An empty store, and the way to it.
pub struct Subject {
    /// The open store.
    pub db: Db,
    reopen: Box<dyn Fn() -> Db>,
    _folder: Option<TempDir>,
}

impl Subject {
    /// A SQLite store in a folder of its own.
    pub fn sqlite() -> Self {
        let (folder, db) = testing::sqlite();
        let path = folder.path().join("test.sqlite");
        let reopen = move || Db::open_sqlite(&path, crate::SqliteOptions::default()).expect("the database can be opened again");
        Self { db, reopen: Box::new(reopen), _folder: Some(folder) }
    }

    /// A PostgreSQL store in a schema of its own, on the test's server.
    pub fn postgres() -> Self {
        let options = testing::postgres_options();
        let reopen = move || Db::open_postgres(testing::postgres_url(), options.clone()).expect("the test's PostgreSQL answers");
        Self { db: reopen(), reopen: Box::new(reopen), _folder: None }
    }

    /// The same store as another node has it; where one process has it to itself, another handle.
    fn another(&self) -> Db {
        if self.db.is_shared() { (self.reopen)() } else { self.db.clone() }
    }

    /// Drops the store, which finishes what is queued, and opens it again.
    fn reopened(self) -> Self {
        drop(self.db);
        Self { db: (self.reopen)(), reopen: self.reopen, _folder: self._folder }
    }
}

macro_rules! cases {
    ($($module:ident: $($case:ident)*;)*) => {
        /// Makes a test of each case; the argument makes a [`Subject`](crate::conformance::Subject).
        #[macro_export]
        macro_rules! conformance_suite {
            ($subject:path) => {$($(
                #[test]
                fn $case() {
                    $crate::conformance::$case($subject());
                }
            )*)*};
        }
        $(pub use $module::{$($case),*};)*
    };
}

cases! {
    units: units_run_in_the_order_of_the_calls a_unit_that_fails_is_rolled_back_alone a_unit_that_panics_is_rolled_back_alone
        a_failed_statement_dooms_its_unit a_failed_commit_fails_the_whole_group reads_see_what_is_committed a_read_sees_one_state a_read_cannot_write
        a_dropped_answer_is_stored_all_the_same what_is_queued_is_finished_before_closing a_unit_may_hold_the_last_handle
        a_refusal_that_changed_nothing_disturbs_nobody a_unit_cannot_end_its_transaction;
    values: every_type_comes_back wrong_types_are_errors what_cannot_be_kept_is_refused_alike questions_of_all_shapes rows_changed_are_counted;
    log: places_grow_by_one a_batch_may_name_a_device_often places_grow_by_one_under_concurrent_appends fetch_is_bounded_and_in_order
        a_watermark_moves_forward_only expired_entries_are_handed_back the_purge_takes_what_is_acknowledged the_purge_comes_round
        a_forgotten_device_leaves_nothing;
    nodes: a_device_is_where_it_connected_last many_logs_are_looked_at_at_once;
    together: places_have_no_gaps_on_two_nodes what_a_failing_unit_appends_is_gone_with_it a_unit_sees_its_own_appends a_stretch_is_acknowledged_once
        a_connection_is_noted a_watermark_may_be_known a_busy_mailbox_takes_entries_of_all_kinds;
    keys: units_of_a_key_run_in_the_order_of_the_calls keys_keep_units_apart_on_all_nodes other_keys_do_not_wait a_claim_has_one_winner
        a_key_is_taken_over_from_what_was_seen who_lost_a_key_stores_nothing nodes_beat a_survey_finds_what_is_free;
    migrations: from_zero_and_step_by_step_come_to_the_same an_edited_migration_is_refused a_list_out_of_order_is_refused
        an_older_program_starts_until_something_is_taken_away old_and_new_nodes_work_together a_failing_migration_leaves_nothing each_engine_gets_its_lines;
}

const TABLE: Migration =
    Migration { version: 1, name: "a table", sql: "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, n INTEGER, s TEXT, b BLOB) STRICT;" };

fn with_table(subject: &Subject) -> &Db {
    subject.db.migrate(&[TABLE]).expect("the table is made");
    &subject.db
}

fn insert(db: &Db, id: i64) -> Answer<u64, StoreError> {
    db.write(move |tx| tx.execute("INSERT INTO t (id) VALUES (?1)", &[id.into()]))
}

fn ids(db: &Db) -> Vec<i64> {
    wait(db.read(|tx| tx.query("SELECT id FROM t ORDER BY id", &[], |row| row.get(0)))).expect("the table is read")
}

/// Keeps the writing thread busy until it is let go: what is queued meanwhile forms one group.
struct Gate {
    open: Sender<()>,
    passed: Answer<(), StoreError>,
}

impl Gate {
    fn shut(db: &Db) -> Self {
        let (open, wait_for_it) = channel();
        let (started, has_started) = channel();
        let passed = db.write(blocked(started, wait_for_it));
        has_started.recv().expect("the unit starts");
        Self { open, passed }
    }

    fn open(self) {
        drop(self.open);
        wait(self.passed).expect("a unit that only waits cannot fail");
    }
}

fn blocked(started: Sender<()>, wait: Receiver<()>) -> impl FnMut(&mut crate::Tx<'_>) -> Result<(), StoreError> + Send + 'static {
    move |_| {
        let _ = started.send(());
        let _ = wait.recv();
        Ok(())
    }
}
