//! The thread that writes: it takes every unit that waits and commits them as one.
//!
//! A savepoint for each unit costs a copy of every page it touches, so the first attempt makes none. When a unit of it has to be rolled back the whole group
//! is, and runs again with a savepoint each: units may run more than once. The groups after it have savepoints from the start, for a while, so that nobody
//! doubles the writer's work by being refused again and again.
use super::{
    SqliteOptions,
    checkpoint::Watch,
    connection::{self, statement},
    migrate::Migrating,
};
use crate::{
    db::Job,
    error::StoreError,
    meter::Meter,
    migrate,
    queue::Queue,
    tx::{Engine, Mode, Tx},
    unit::Unit,
};
use rusqlite::Connection;
use std::path::{Path, PathBuf};

pub(super) struct Writer {
    /// None after a failure that calls for a fresh connection.
    connection: Option<Connection>,
    path: PathBuf,
    options: SqliteOptions,
    meter: Meter,
    /// Brings the file up to date beside this.
    log: Watch,
    /// How many groups still have savepoints from the start.
    careful: u32,
}

/// How many groups have savepoints from the start after one in which a unit had to be rolled back.
const CAREFUL_GROUPS: u32 = 64;

type Group = Vec<Box<dyn Unit>>;

/// Why a group was not committed.
enum Failed {
    /// The whole of it.
    Group(StoreError),
    /// SQLite gave up the transaction while the unit at this place ran, and with it the changes of those before.
    At(usize, StoreError),
}

impl Writer {
    pub(super) fn new(connection: Connection, path: &Path, options: &SqliteOptions, log: Watch) -> Self {
        let (path, options) = (path.to_owned(), options.clone());
        let connection = log.over(connection, options.checkpoint_pages).ok();
        Self { connection, path, meter: Meter::new(options.name), options, log, careful: 0 }
    }

    /// Works until the queue is closed and empty.
    pub(super) fn run(&mut self, queue: &Queue<Job>) {
        while let Some(jobs) = queue.take(self.options.group.max(1)) {
            let mut group = Group::with_capacity(jobs.len());
            for job in jobs {
                match job {
                    // One connection writes: every unit has the store to itself.
                    Job::Unit(unit, _) => group.push(unit),
                    Job::Migrate(migrations, done) => {
                        self.group(std::mem::take(&mut group));
                        let outcome = self.connected().and_then(|connection| migrate::run(&mut Migrating(connection), &migrations));
                        // Whoever asked may be gone; the schema is as it is.
                        drop(done.send(outcome));
                    }
                }
            }
            let (meter, units, behind) = (self.meter.clone(), group.len(), queue.len());
            meter.group(units, behind, || self.group(group));
        }
    }

    fn connected(&mut self) -> Result<&Connection, StoreError> {
        if self.connection.is_none() {
            let fresh = connection::writing(&self.path, &self.options)?;
            self.connection = Some(self.log.over(fresh, self.options.checkpoint_pages)?);
        }
        self.connection.as_ref().ok_or(StoreError::Closed)
    }

    /// Runs and answers all units of a group. A unit that makes SQLite give up the transaction fails; those before it run again without it, those
    /// after it form the next group.
    fn group(&mut self, mut group: Group) {
        while !group.is_empty() {
            match self.attempt(&mut group) {
                Ok(()) => return answer(group, None),
                Err(Failed::Group(error)) => return answer(group, Some(&error)),
                Err(Failed::At(place, error)) => {
                    let after = group.split_off(place + 1);
                    let culprit = group.split_off(place);
                    answer(culprit, Some(&error));
                    let again = if group.is_empty() { Ok(()) } else { self.attempt(&mut group) };
                    match again {
                        Ok(()) => answer(group, None),
                        Err(Failed::Group(error) | Failed::At(_, error)) => answer(group, Some(&error)),
                    }
                    group = after;
                }
            }
        }
    }

    fn attempt(&mut self, group: &mut Group) -> Result<(), Failed> {
        let savepoints = self.careful > 0;
        self.careful = self.careful.saturating_sub(1);
        if self.run_once(group, savepoints)? {
            return Ok(());
        }
        self.meter.rerun();
        self.careful = CAREFUL_GROUPS;
        self.run_once(group, true).map(drop)
    }

    /// Runs the units in one transaction; false when it was not committed since one of them has to be rolled back alone, which takes savepoints.
    fn run_once(&mut self, group: &mut Group, savepoints: bool) -> Result<bool, Failed> {
        let mut stale = false;
        let outcome = self.connected().map_err(Failed::Group).and_then(|connection| transaction(connection, group, savepoints, &mut stale));
        if let Err(Failed::Group(error) | Failed::At(_, error)) = &outcome {
            self.meter.failed();
            tracing::warn!(%error, units = group.len(), "a group of units was not stored");
            stale |= calls_for_a_fresh_connection(error);
        }
        self.leave(stale);
        outcome
    }

    /// Leaves no transaction open, and a stale connection not at all.
    fn leave(&mut self, stale: bool) {
        let open = |connection: &Connection| !connection.is_autocommit() && statement(connection, "ROLLBACK").is_err();
        if stale || self.connection.as_ref().is_some_and(open) {
            self.connection = None;
        }
    }
}

/// Whether only a fresh connection can see that the disk has recovered.
fn calls_for_a_fresh_connection(error: &StoreError) -> bool {
    matches!(error, StoreError::ReadOnly | StoreError::Unavailable(_))
}

fn transaction(connection: &Connection, group: &mut Group, savepoints: bool, stale: &mut bool) -> Result<bool, Failed> {
    let step = |sql| statement(connection, sql).map_err(Failed::Group);
    let alone = group.len() == 1;
    step("BEGIN IMMEDIATE")?;
    for (place, unit) in group.iter_mut().enumerate() {
        if savepoints {
            step("SAVEPOINT unit")?;
        }
        let mut tx = Tx::new(Engine::Sqlite(connection), Mode::Write);
        let keep = unit.run(&mut tx);
        let failure = tx.failure().cloned();
        let clean = failure.is_none() && !tx.may_have_changed();
        *stale |= failure.as_ref().is_some_and(calls_for_a_fresh_connection);
        if connection.is_autocommit() {
            let error = failure.unwrap_or_else(|| StoreError::Statement("a unit of work may not end its transaction".into()));
            return Err(Failed::At(place, error));
        }
        match (savepoints, keep) {
            (true, true) => step("RELEASE unit")?,
            (true, false) => {
                step("ROLLBACK TO unit")?;
                step("RELEASE unit")?;
            }
            // Alone in its group it takes nobody's changes with it.
            (false, false) if !clean && alone => return step("ROLLBACK").map(|()| true),
            (false, false) if !clean => return Ok(false),
            (false, _) => {}
        }
    }
    step("COMMIT").map(|()| true)
}

fn answer(group: Group, failure: Option<&StoreError>) {
    for unit in group {
        unit.answer(failure.cloned());
    }
}
