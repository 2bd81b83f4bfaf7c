//! What a unit of work does its work through.
use crate::{error::StoreError, log::Deferred, postgres::Session, row::Row, value::Value};
use std::ops::ControlFlow;

/// A transaction as one unit of work sees it: its own changes, and all that was committed before.
///
/// After a statement has failed the unit can only fail: every further statement gets the same error, and the unit is rolled back even if it
/// returns `Ok`. PostgreSQL leaves no choice there, and so both engines mean the same. To go on after a conflict, write `ON CONFLICT`.
pub struct Tx<'a> {
    engine: Engine<'a>,
    mode: Mode,
    failed: Option<StoreError>,
    changed: bool,
    /// In a test: the value that nothing can be read by.
    #[cfg(feature = "testing")]
    fails_by: Option<Vec<u8>>,
}

pub(crate) enum Engine<'a> {
    Sqlite(&'a rusqlite::Connection),
    Postgres(&'a mut Session),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Read,
    Write,
}

/// Verbs that begin or end a transaction.
const CONTROL: [&str; 9] = ["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "PREPARE"];

/// What an engine calls with each row, until it breaks off.
pub(crate) type EachRow<'a> = dyn FnMut(&Row<'_>) -> ControlFlow<()> + 'a;

impl<'a> Tx<'a> {
    pub(crate) fn new(engine: Engine<'a>, mode: Mode) -> Self {
        Self {
            engine,
            mode,
            failed: None,
            changed: false,
            #[cfg(feature = "testing")]
            fails_by: None,
        }
    }

    #[cfg(feature = "testing")]
    pub(crate) fn fail_by(&mut self, fails_by: Option<Vec<u8>>) {
        self.fails_by = fails_by;
    }

    /// The error of the statement that failed, if one did.
    pub(crate) fn failure(&self) -> Option<&StoreError> {
        self.failed.as_ref()
    }

    /// Whether a statement was run that may have changed something.
    pub(crate) fn may_have_changed(&self) -> bool {
        self.changed
    }

    pub(crate) fn mark_changed(&mut self) {
        self.changed = true;
    }

    /// What waits for the end of the transaction, on an engine that defers; nothing may be added after a failure, or by a unit that only reads.
    pub(crate) fn deferred(&mut self) -> Result<Option<&mut Deferred>, StoreError> {
        match (&self.failed, self.mode, &mut self.engine) {
            (Some(error), ..) => Err(error.clone()),
            (None, _, Engine::Sqlite(_)) => Ok(None),
            (None, Mode::Write, Engine::Postgres(session)) => Ok(Some(&mut session.deferred)),
            (None, Mode::Read, Engine::Postgres(_)) => Err(read_only()),
        }
    }

    pub(crate) fn engine(&mut self) -> &mut Engine<'a> {
        &mut self.engine
    }

    /// Runs a statement that answers no rows, and says how many rows it changed. Parameters are written `?1`, `?2` and so on.
    ///
    /// # Errors
    /// What the engine refuses; see [`StoreError`].
    pub fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64, StoreError> {
        self.look_at(sql)?;
        self.guarded(params, |engine| match engine {
            Engine::Sqlite(connection) => crate::sqlite::execute(connection, sql, params),
            Engine::Postgres(session) => session.execute(sql, params),
        })
    }

    /// Every row of the answer, each made by `row`.
    ///
    /// # Errors
    /// What the engine refuses, and the first error that `row` returns; that one leaves the unit free to go on.
    pub fn query<T>(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        mut row: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut rows = Vec::new();
        let mut wrong = None;
        self.each(sql, params, &mut |found| match row(found) {
            Ok(value) => {
                rows.push(value);
                ControlFlow::Continue(())
            }
            Err(error) => {
                wrong = Some(error);
                ControlFlow::Break(())
            }
        })?;
        wrong.map_or(Ok(rows), Err)
    }

    /// The first row of the answer, if there is one.
    ///
    /// # Errors
    /// As [`Tx::query`].
    pub fn query_opt<T>(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        mut row: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut first = None;
        self.each(sql, params, &mut |found| {
            first = Some(row(found));
            ControlFlow::Break(())
        })?;
        first.transpose()
    }

    /// The first row of the answer.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none; else as [`Tx::query`].
    pub fn query_one<T>(&mut self, sql: &str, params: &[Value<'_>], row: impl FnMut(&Row<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.query_opt(sql, params, row)?.ok_or(StoreError::NotFound)
    }

    fn each(&mut self, sql: &str, params: &[Value<'_>], each: &mut EachRow<'_>) -> Result<(), StoreError> {
        self.look_at(sql)?;
        self.guarded(params, |engine| match engine {
            Engine::Sqlite(connection) => crate::sqlite::query(connection, sql, params, each),
            Engine::Postgres(session) => session.query(sql, params, each),
        })
    }

    /// Notes whether a statement may change something; refuses those that are the store's own business.
    fn look_at(&mut self, sql: &str) -> Result<(), StoreError> {
        let verb = sql.split_ascii_whitespace().next().unwrap_or_default().trim_end_matches(';');
        if CONTROL.iter().any(|control| verb.eq_ignore_ascii_case(control)) {
            return Err(StoreError::Statement(format!("a unit of work may not use {verb}: the store begins and ends its transaction")));
        }
        // Changes inside WITH are not used, but anything that begins otherwise may change something.
        let reads = verb.eq_ignore_ascii_case("SELECT");
        self.changed |= !reads;
        #[cfg(feature = "testing")]
        if reads {
            crate::testing::note_read();
        }
        Ok(())
    }

    /// Fails when a test says that nothing is done by this value.
    #[cfg(feature = "testing")]
    fn perhaps_fail(&mut self, value: &Value<'_>) -> Result<(), StoreError> {
        let bytes = match value {
            Value::Blob(bytes) => *bytes,
            Value::Text(text) => text.as_bytes(),
            _ => return Ok(()),
        };
        if self.fails_by.as_deref() != Some(bytes) {
            return Ok(());
        }
        let error = StoreError::Unavailable("a test: nothing is done by this".into());
        self.failed = Some(error.clone());
        Err(error)
    }

    /// Refuses what cannot be bound and what comes after a failure; remembers a failure.
    pub(crate) fn guarded<T>(
        &mut self,
        params: &[Value<'_>],
        statement: impl FnOnce(&mut Engine<'a>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        for value in params {
            value.signed()?;
            #[cfg(feature = "testing")]
            self.perhaps_fail(value)?;
        }
        statement(&mut self.engine).map_err(|error| {
            let error = match error {
                StoreError::ReadOnly if self.mode == Mode::Read => read_only(),
                other => other,
            };
            self.failed = Some(error.clone());
            error
        })
    }
}

fn read_only() -> StoreError {
    StoreError::Statement("a unit that reads may not write; use write".into())
}
