//! A connection, its prepared statements, and what went wrong on it.
use super::{
    PostgresOptions,
    address::Address,
    error::{Trouble, name, unreachable},
    wire::{Failure, Wire},
};
use crate::{
    dialect,
    error::StoreError,
    log::Deferred,
    row::{Row, Source},
    tx::EachRow,
    value::Value,
};
use std::{collections::HashMap, time::Duration};
use tokio_postgres::{Row as Found, Statement, types::ToSql};

/// The most statements a connection keeps prepared; beyond it all are dropped and made again when needed.
const STATEMENTS: usize = 512;

/// One connection.
pub(crate) struct Session {
    wire: Wire,
    /// For how long an answer is waited for; none for as long as the connection lasts.
    patience: Option<Duration>,
    statements: HashMap<Box<str>, Statement>,
    trouble: Trouble,
    /// What the transaction is to write at its end.
    pub(crate) deferred: Deferred,
}

impl Session {
    /// Connects.
    pub(super) fn open(address: &Address, options: &PostgresOptions) -> Result<Self, StoreError> {
        let wire = Wire::open(address).map_err(|failure| unreachable(&failure, address.patience()))?;
        let patience = (options.answer_millis > 0).then(|| Duration::from_millis(options.answer_millis.into()));
        let mut session = Self { wire, patience, statements: HashMap::new(), trouble: Trouble::Plain, deferred: Deferred::default() };
        // A commit is answered when it is on disk, whatever the server's default.
        session.batch("SET synchronous_commit = on; SET client_min_messages = warning")?;
        session.batch(PLANS)?;
        session.batch(&limits(options))?;
        // Not every system that PostgreSQL runs on can look after its clients while it works for them. Often, since who waits for a lock is in others' way.
        match session.batch(&format!("SET client_connection_check_interval = {}", options.silence_millis.div_ceil(4))) {
            Err(StoreError::Statement(_)) | Ok(()) => {}
            Err(error) => return Err(error),
        }
        if let Some(schema) = &options.schema {
            session.batch(&format!("SET search_path = \"{schema}\""))?;
        }
        Ok(session)
    }

    /// The timeline that the server writes; none of one that does not say so, such as a standby.
    pub(super) fn timeline(&mut self) -> Result<Option<i64>, StoreError> {
        match self.rows(TIMELINE, &[]) {
            Ok(rows) => rows.first().map(|row| Row(Source::Postgres(row)).get(0)).transpose(),
            Err(StoreError::Statement(_) | StoreError::Unavailable(_)) if self.take_trouble() != Trouble::Lost => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The worst trouble since the last call of this.
    pub(super) fn take_trouble(&mut self) -> Trouble {
        let trouble = std::mem::replace(&mut self.trouble, Trouble::Plain);
        if self.wire.is_closed() { Trouble::Lost } else { trouble }
    }

    /// Runs what takes as long as it takes: no answer is waited for in vain but where the connection ends.
    pub(super) fn unhurried<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let patience = self.patience.take();
        let done = work(self);
        self.patience = patience;
        done
    }

    fn note<T>(&mut self, result: Result<T, Failure>) -> Result<T, StoreError> {
        result.map_err(|failure| {
            let (error, trouble) = name(&failure);
            if trouble != Trouble::Plain {
                self.trouble = trouble;
            }
            error
        })
    }

    /// Something is no longer as it was read: the transaction has to run again.
    pub(crate) fn conflict(&mut self) -> StoreError {
        self.trouble = Trouble::Conflict;
        StoreError::Unavailable("other transactions are in the way".into())
    }

    /// Runs statements without parameters in one round trip; none after the first that fails.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        journey();
        let result = self.wire.ask(self.patience, async |client| client.batch_execute(sql).await);
        self.note(result)
    }

    /// Commits; false when the outcome is not known. Who waits for a standby and is told to stop says that it is done, and only warns that no standby may have it.
    pub(super) fn commit(&mut self) -> Result<bool, StoreError> {
        self.batch("COMMIT")?;
        Ok(!self.wire.has_warned())
    }

    /// Runs a `CREATE … IF NOT EXISTS`. Two that run at the same time both find nothing, and one of them fails: for it, it exists by then.
    pub(crate) fn create(&mut self, sql: &str) -> Result<(), StoreError> {
        match self.batch(sql) {
            Err(StoreError::Constraint(_) | StoreError::Statement(_)) => self.batch(sql),
            other => other,
        }
    }

    fn prepared(&mut self, sql: &str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        journey();
        let text = dialect::parameters(sql);
        let result = self.wire.ask(self.patience, async |client| client.prepare(&text).await);
        let statement = self.note(result)?;
        if self.statements.len() >= STATEMENTS {
            self.statements.clear();
        }
        self.statements.insert(sql.into(), statement.clone());
        Ok(statement)
    }

    fn checked(&mut self, sql: &str, params: usize) -> Result<Statement, StoreError> {
        let statement = self.prepared(sql)?;
        let takes = statement.params().len();
        if takes != params {
            return Err(StoreError::Statement(format!("it has {takes} parameters, and {params} values were given")));
        }
        Ok(statement)
    }

    /// Runs a statement and says how many rows it changed.
    pub(crate) fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64, StoreError> {
        let statement = self.checked(sql, params.len())?;
        journey();
        let result = self.wire.ask(self.patience, async |client| client.execute(&statement, &references(params)).await);
        self.note(result)
    }

    /// Calls `each` with every row until it breaks off.
    pub(crate) fn query(&mut self, sql: &str, params: &[Value<'_>], each: &mut EachRow<'_>) -> Result<(), StoreError> {
        let rows = self.rows(sql, &references(params))?;
        for row in &rows {
            if each(&Row(Source::Postgres(row))).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// All rows of a statement whose parameters may be arrays too.
    pub(crate) fn rows(&mut self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Found>, StoreError> {
        let statement = self.checked(sql, params.len())?;
        journey();
        let result = self.wire.ask(self.patience, async |client| client.query(&statement, params).await);
        self.note(result)
    }
}

/// Every statement has an index to go by. A prepared one that was planned while a table was small would read all of it long after it has grown; and one that
/// has no index is not worth compiling.
const PLANS: &str = "SET enable_seqscan = off; SET jit = off";

/// Its number begins the name of the file that is written now, in hexadecimal digits; it is the new one from the first moment on, unlike what the last
/// checkpoint says.
const TIMELINE: &str = "SELECT ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint";

/// What the server is to do when this node says nothing more, or asks for too much. The limits of TCP it takes and ignores on a socket of its own machine.
fn limits(options: &PostgresOptions) -> String {
    let PostgresOptions { silence_millis: silence, statement_millis: statement, lock_millis: lock, idle_millis: idle, .. } = options;
    let (seconds, interval) = ((silence / 2000).max(1), (silence / 4000).max(1));
    format!(
        "SET statement_timeout = {statement}; SET lock_timeout = {lock}; SET idle_in_transaction_session_timeout = {idle}; \
         SET tcp_user_timeout = {silence}; SET tcp_keepalives_idle = {seconds}; SET tcp_keepalives_interval = {interval}; \
         SET tcp_keepalives_count = 2"
    )
}

fn references<'a>(params: &'a [Value<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    params.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

/// Tests count how often the server is waited for.
fn journey() {
    #[cfg(feature = "testing")]
    crate::testing::note_journey();
}
