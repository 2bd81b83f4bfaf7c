//! The thread that writes: it takes every unit that waits and commits them as one.
//!
//! A savepoint costs a journey to the server, so the first attempt makes none. When a unit of it has to be rolled back, the whole group is, and runs
//! again with a savepoint each: units may run more than once. Transactions are serializable, so that units mean the same here as on SQLite, where
//! nobody else writes; when another node is in the way the group runs again.
use super::{Link, Session, error::Trouble, migrate::Migrating};
use crate::{
    db::Job,
    error::StoreError,
    migrate,
    queue::Queue,
    tx::{Engine, Mode, Tx},
    unit::Unit,
};

/// How often a group is run when other transactions are in its way.
const ATTEMPTS: usize = 10;

type Group = Vec<Box<dyn Unit>>;

/// Why an attempt did not commit; nothing of it was stored, unless the text says that the outcome is unknown.
enum Failed {
    /// A unit has to be rolled back alone: run again with savepoints.
    OneOf,
    /// Other transactions are in the way: run again.
    Conflict(StoreError),
    /// The connection was lost before the commit: run again on a fresh one.
    Lost(StoreError),
    /// It will not help to run again.
    Group(StoreError),
}

/// Works until the queue is closed and empty.
pub(super) fn run(link: &mut Link, queue: &Queue<Job>) {
    while let Some(jobs) = queue.take(link.options.group.max(1)) {
        let mut waiting = Group::with_capacity(jobs.len());
        for job in jobs {
            match job {
                Job::Unit(unit) => waiting.push(unit),
                Job::Migrate(migrations, done) => {
                    group(link, std::mem::take(&mut waiting));
                    let outcome = link.connected().and_then(|session| migrate::run(&mut Migrating(session), &migrations));
                    // Whoever asked may be gone; the schema is as it is.
                    drop(done.send(outcome));
                    drop_if_lost(link);
                }
            }
        }
        group(link, waiting);
    }
}

/// Runs and answers all units of a group.
fn group(link: &mut Link, mut group: Group) {
    if group.is_empty() {
        return;
    }
    let mut savepoints = false;
    let mut fresh = link.session.is_none();
    let mut failure = None;
    for _ in 0..ATTEMPTS {
        failure = match attempt(link, &mut group, savepoints) {
            Ok(()) => None,
            Err(Failed::OneOf) => {
                savepoints = true;
                continue;
            }
            Err(Failed::Conflict(error)) => {
                failure = Some(error);
                continue;
            }
            Err(Failed::Lost(_)) if !fresh => {
                fresh = true;
                continue;
            }
            Err(Failed::Lost(error) | Failed::Group(error)) => Some(error),
        };
        break;
    }
    if let Some(error) = &failure {
        tracing::warn!(%error, units = group.len(), "a group of units was not stored");
    }
    for unit in group {
        unit.answer(failure.clone());
    }
}

/// Runs the group in one transaction. Leaves the connection without one, or gone.
fn attempt(link: &mut Link, group: &mut Group, savepoints: bool) -> Result<(), Failed> {
    let session = link.connected().map_err(Failed::Group)?;
    // What went wrong earlier was dealt with then.
    session.take_trouble();
    let outcome = transaction(session, group, savepoints);
    if outcome.is_err() {
        link.roll_back();
    }
    drop_if_lost(link);
    outcome
}

fn drop_if_lost(link: &mut Link) {
    if link.session.as_mut().is_some_and(|session| session.take_trouble() == Trouble::Lost) {
        link.session = None;
    }
}

fn transaction(session: &mut Session, group: &mut Group, savepoints: bool) -> Result<(), Failed> {
    step(session, if savepoints { "BEGIN ISOLATION LEVEL SERIALIZABLE; SAVEPOINT unit" } else { "BEGIN ISOLATION LEVEL SERIALIZABLE" })?;
    let last = group.len().saturating_sub(1);
    for (place, unit) in group.iter_mut().enumerate() {
        let mut tx = Tx::new(Engine::Postgres(session), Mode::Write);
        let keep = unit.run(&mut tx);
        let failure = tx.failure().cloned();
        let clean = failure.is_none() && !tx.may_have_changed();
        if let Some(failed) = failure.and_then(|error| hopeless(session.take_trouble(), error)) {
            return Err(failed);
        }
        if savepoints {
            let next = match (keep, place == last) {
                (true, false) => "RELEASE unit; SAVEPOINT unit",
                (true, true) => "RELEASE unit",
                (false, false) => "ROLLBACK TO unit; RELEASE unit; SAVEPOINT unit",
                (false, true) => "ROLLBACK TO unit; RELEASE unit",
            };
            step(session, next)?;
        } else if !keep && !clean {
            return Err(Failed::OneOf);
        }
    }
    let committed = session.batch("COMMIT");
    committed.map_err(|error| match (session.take_trouble(), error) {
        (Trouble::Conflict, error) => Failed::Conflict(error),
        (Trouble::Lost, _) => {
            Failed::Group(StoreError::Unavailable("the connection to PostgreSQL was lost during a commit: the outcome is unknown; try again".into()))
        }
        (Trouble::Plain, error) => Failed::Group(error),
    })
}

/// A statement of ours around the units.
fn step(session: &mut Session, sql: &str) -> Result<(), Failed> {
    session.batch(sql).map_err(|error| hopeless(session.take_trouble(), error.clone()).unwrap_or(Failed::Group(error)))
}

/// What fails a whole transaction, and not one unit alone.
fn hopeless(trouble: Trouble, error: StoreError) -> Option<Failed> {
    match trouble {
        Trouble::Conflict => Some(Failed::Conflict(error)),
        Trouble::Lost => Some(Failed::Lost(error)),
        Trouble::Plain => None,
    }
}
