//! The threads that write: each takes every unit that waits for it and commits them as one.
//!
//! A savepoint costs a journey to the server, so the first attempt makes none. When a unit of it has to be rolled back, the whole group is, and runs
//! again with a savepoint each: units may run more than once. A group whose units have keys locks these first and is READ COMMITTED: its keys are its
//! own until it commits. A group of units without is SERIALIZABLE, so that they mean the same here as on SQLite, where nobody else writes; when
//! another group is in the way, it runs again.
use super::{Link, Session, error::Trouble, lock, migrate::Migrating};
use crate::{
    db::Job,
    error::StoreError,
    log, migrate,
    queue::Queue,
    scope::{Key, Scope},
    tx::{Engine, Mode, Tx},
    unit::Unit,
};
use std::collections::BTreeSet;

/// How often a group is run when other transactions are in its way.
const ATTEMPTS: usize = 10;
/// After so many the mailboxes are kept to itself by a group that appends to them: busy ones change too often for a transaction that began before.
const ATTEMPTS_BESIDE_OTHERS: usize = 2;
/// How often rows for new keys are made before somebody else has to be taking them away.
const MAKES: usize = 3;

struct Waiting {
    unit: Box<dyn Unit>,
    scope: Scope,
    /// Why it is not run (again).
    refused: Option<StoreError>,
}

type Group = Vec<Waiting>;

/// How a group is run.
#[derive(Clone, Copy, Default)]
struct Manner {
    savepoints: bool,
    /// Nobody else may append meanwhile.
    alone: bool,
    /// Nothing was in its way before.
    first: bool,
}

/// Why an attempt did not commit; nothing of it was stored, unless the outcome is unknown.
enum Failed {
    /// A unit has to be rolled back alone: run again with savepoints.
    OneOf,
    /// Other transactions are in the way: run again.
    Conflict(StoreError),
    /// The connection was lost before the commit: run again on a fresh one.
    Lost(StoreError),
    /// It will not help to run again.
    Group(StoreError),
    /// It may have been stored, or may be yet.
    Unknown(StoreError),
}

/// Works until the queue is closed and empty.
pub(super) fn run(link: &mut Link, queue: &Queue<Job>) {
    while let Some(jobs) = queue.take(link.options.group.max(1)) {
        let mut waiting = Group::with_capacity(jobs.len());
        for job in jobs {
            match job {
                Job::Unit(unit, scope) => waiting.push(Waiting { unit, scope, refused: None }),
                Job::Migrate(migrations, done) => {
                    group(link, std::mem::take(&mut waiting));
                    let outcome =
                        link.connected().and_then(|session| session.unhurried(|session| migrate::run(&mut Migrating(session), &migrations)));
                    // Whoever asked may be gone; the schema is as it is.
                    drop(done.send(outcome));
                    drop_if_lost(link);
                }
            }
        }
        let (meter, units, behind) = (link.meter.clone(), waiting.len(), queue.len());
        meter.group(units, behind, || group(link, waiting));
    }
}

/// Runs and answers all units of a group.
fn group(link: &mut Link, mut group: Group) {
    if group.is_empty() {
        return;
    }
    let mut manner = Manner { first: true, ..Manner::default() };
    let mut fresh = link.session.is_none();
    let mut failure = None;
    for attempts in 1..=ATTEMPTS {
        let outcome = attempt(link, &mut group, manner);
        manner.first = false;
        failure = match outcome {
            Ok(()) => None,
            Err(Failed::OneOf) => {
                link.meter.rerun();
                manner.savepoints = true;
                continue;
            }
            Err(Failed::Conflict(error)) => {
                link.meter.rerun();
                manner.alone = attempts >= ATTEMPTS_BESIDE_OTHERS;
                failure = Some(error);
                continue;
            }
            Err(Failed::Lost(_)) if !fresh => {
                fresh = true;
                continue;
            }
            Err(Failed::Unknown(error)) => {
                link.doubts.note();
                Some(error)
            }
            Err(Failed::Lost(error) | Failed::Group(error)) => Some(error),
        };
        break;
    }
    if let Some(error) = &failure {
        link.meter.failed();
        tracing::warn!(%error, units = group.len(), "a group of units was not stored");
    }
    for waiting in group {
        waiting.unit.answer(failure.clone().or(waiting.refused));
    }
}

/// Runs the group in one transaction. Leaves the connection without one, or gone.
fn attempt(link: &mut Link, group: &mut Group, manner: Manner) -> Result<(), Failed> {
    let session = link.connected().map_err(Failed::Group)?;
    // What went wrong earlier was dealt with then.
    session.take_trouble();
    let appends = session.deferred.begin(manner.first);
    let manner = Manner { alone: manner.alone && appends, ..manner };
    let outcome = begin(session, group, manner).and_then(|()| transaction(session, group, manner.savepoints));
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

/// Begins the transaction: a queue has units with keys or units without, never both.
fn begin(session: &mut Session, group: &mut Group, manner: Manner) -> Result<(), Failed> {
    if group.iter().any(|waiting| matches!(waiting.scope, Scope::Any)) {
        let begin = "BEGIN ISOLATION LEVEL SERIALIZABLE";
        return match manner.alone {
            // Before the first query, which decides what the transaction sees.
            true => step(session, &format!("{begin}; LOCK TABLE mailbox IN SHARE ROW EXCLUSIVE MODE")),
            false => step(session, begin),
        };
    }
    let keys: BTreeSet<Key> = group.iter().flat_map(|waiting| waiting.scope.keys()).copied().collect();
    for _ in 0..MAKES {
        step(session, "BEGIN ISOLATION LEVEL READ COMMITTED")?;
        if let Some(owners) = lock::lock(session, &keys).map_err(|error| failed(session, error))? {
            for waiting in group {
                if matches!(&waiting.scope, Scope::Owned(claim) if !owners.confirm(claim)) {
                    waiting.refused = Some(StoreError::NotOwner);
                }
            }
            return Ok(());
        }
        step(session, "ROLLBACK")?;
        lock::make(session, &keys).map_err(|error| failed(session, error))?;
    }
    Err(Failed::Group(StoreError::Unavailable("rows of keys vanish as soon as they are made".into())))
}

fn transaction(session: &mut Session, group: &mut Group, savepoints: bool) -> Result<(), Failed> {
    if savepoints {
        step(session, "SAVEPOINT unit")?;
    }
    for waiting in group.iter_mut().filter(|waiting| waiting.refused.is_none()) {
        session.deferred.unit_begins();
        let mut tx = Tx::new(Engine::Postgres(session), Mode::Write);
        let keep = waiting.unit.run(&mut tx);
        let failure = tx.failure().cloned();
        let clean = failure.is_none() && !tx.may_have_changed();
        let trouble = session.take_trouble();
        if trouble == Trouble::Slow {
            // The others run again without it.
            waiting.refused = failure;
            return Err(Failed::OneOf);
        }
        if let Some(failed) = failure.and_then(|error| hopeless(trouble, error)) {
            return Err(failed);
        }
        if !keep {
            session.deferred.unit_is_rolled_back();
        }
        if savepoints {
            step(session, if keep { "RELEASE unit; SAVEPOINT unit" } else { "ROLLBACK TO unit; RELEASE unit; SAVEPOINT unit" })?;
        } else if !keep && !clean {
            return Err(Failed::OneOf);
        }
    }
    log::write_deferred(session).map_err(|error| failed(session, error))?;
    let unknown = |why: &str| Failed::Unknown(StoreError::InDoubt(why.into()));
    match session.commit() {
        Ok(true) => Ok(()),
        Ok(false) => Err(unknown("PostgreSQL has committed and warns that a standby may not have it")),
        Err(error) => Err(match session.take_trouble() {
            Trouble::Conflict => Failed::Conflict(error),
            Trouble::Lost => unknown("the connection to PostgreSQL was lost during a commit"),
            Trouble::Slow | Trouble::Plain => Failed::Group(error),
        }),
    }
}

/// A statement of ours around the units.
fn step(session: &mut Session, sql: &str) -> Result<(), Failed> {
    session.batch(sql).map_err(|error| failed(session, error))
}

/// What the failure of a statement of ours means for the transaction.
fn failed(session: &mut Session, error: StoreError) -> Failed {
    hopeless(session.take_trouble(), error.clone()).unwrap_or(Failed::Group(error))
}

/// What fails a whole transaction, and not one unit alone.
fn hopeless(trouble: Trouble, error: StoreError) -> Option<Failed> {
    match trouble {
        Trouble::Conflict => Some(Failed::Conflict(error)),
        Trouble::Lost => Some(Failed::Lost(error)),
        Trouble::Slow | Trouble::Plain => None,
    }
}
