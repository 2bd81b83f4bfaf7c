//! One side of a move: a connection of its own, which keeps everybody else out as long as it is open.
use super::{At as _, End, Place, TransferError};
use crate::{
    error::StoreError,
    migrate::{self, Migration},
    postgres::{self, Session},
    sqlite,
    tx::{Engine, Mode, Tx},
};
use rusqlite::Connection;

/// An open store. Whoever holds it is alone with it.
pub(super) enum Side {
    Sqlite(Connection),
    /// The second session holds a lock, so that no server starts and no other move begins.
    Postgres(Box<Session>, Option<Box<Session>>),
}

/// What `application_name` the connections of a move have.
const NAME: &str = "suki migrate-store";
/// How often it is looked for others, a tenth of a second apart.
const LOOKS: usize = 20;

impl Side {
    /// Opens the source, and sees to it that nobody uses it.
    pub(super) fn source(place: &Place) -> Result<Self, TransferError> {
        let mut side = match place {
            Place::Sqlite(path) if !path.exists() => return Err(TransferError::NoSource),
            Place::Sqlite(path) => Self::Sqlite(alone(sqlite::exclusive(path, false), End::Source)?),
            Place::Postgres { url, schema } => Self::Postgres(Box::new(postgres::session(url, schema, NAME).at(End::Source)?), None),
        };
        if !side.has_table("suki_migration").at(End::Source)? {
            return Err(TransferError::NoSource);
        }
        if side.has_table("suki_transfer").at(End::Source)? {
            return Err(TransferError::Unfinished);
        }
        if let (Self::Postgres(session, _), Place::Postgres { schema, .. }) = (&mut side, place) {
            unused(session, schema, End::Source)?;
            // One state of everything, from the first query on; and no server comes in between.
            session.batch("BEGIN ISOLATION LEVEL REPEATABLE READ").at(End::Source)?;
            lock(session, End::Source)?;
        }
        Ok(side)
    }

    /// Opens the target, made when it is not there.
    pub(super) fn target(place: &Place) -> Result<Self, TransferError> {
        match place {
            Place::Sqlite(path) => Ok(Self::Sqlite(alone(sqlite::exclusive(path, true), End::Target)?)),
            Place::Postgres { url, schema } => {
                let mut session = postgres::session(url, schema, NAME).at(End::Target)?;
                session.create(&format!("CREATE SCHEMA IF NOT EXISTS \"{schema}\"")).at(End::Target)?;
                unused(&mut session, schema, End::Target)?;
                let guard = postgres::session(url, schema, NAME).at(End::Target)?;
                Ok(Self::Postgres(Box::new(session), Some(Box::new(guard))))
            }
        }
    }

    /// Keeps others out of a target, once it has the table that every store has.
    pub(super) fn guard(&mut self) -> Result<(), TransferError> {
        if let Self::Postgres(_, Some(guard)) = self {
            guard.batch("BEGIN").at(End::Target)?;
            lock(guard, End::Target)?;
        }
        Ok(())
    }

    pub(super) fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(..))
    }

    /// For statements, in the transaction that is open, or each on its own.
    pub(super) fn tx(&mut self) -> Tx<'_> {
        let engine = match self {
            Self::Sqlite(connection) => Engine::Sqlite(connection),
            Self::Postgres(session, _) => Engine::Postgres(session),
        };
        Tx::new(engine, Mode::Write)
    }

    pub(super) fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => sqlite::batch(connection, sql),
            Self::Postgres(session, _) => session.batch(sql),
        }
    }

    pub(super) fn begin(&mut self) -> Result<(), StoreError> {
        self.batch("BEGIN")
    }

    pub(super) fn commit(&mut self) -> Result<(), StoreError> {
        self.batch("COMMIT")
    }

    fn has_table(&mut self, name: &str) -> Result<bool, StoreError> {
        let sql = match self {
            Self::Sqlite(_) => "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1",
            Self::Postgres(..) => {
                "SELECT count(*) FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace WHERE n.nspname = current_schema() AND t.relname = ?1"
            }
        };
        self.tx().query_one(sql, &[name.into()], |row| row.get(0))
    }

    /// Brings the schema up to date.
    pub(super) fn migrate(&mut self, migrations: &[Migration]) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => migrate::run(&mut sqlite::Migrating(connection), migrations),
            Self::Postgres(session, _) => migrate::run(&mut postgres::Migrating(session), migrations),
        }
    }

    /// Whether every migration was applied, and none that this program does not know.
    pub(super) fn is_up_to_date(&mut self, migrations: &[Migration]) -> Result<bool, StoreError> {
        let sql = "SELECT version, sql FROM suki_migration ORDER BY version";
        let applied = self.tx().query(sql, &[], |row| Ok((row.get(0)?, row.get(1)?)))?;
        // What a newer program added would be left behind.
        migrate::next(&applied, migrations).map(|next| next.is_none() && applied.len() == migrations.len())
    }
}

/// Another process that has the file open is in the way of a lock on it.
fn alone(opened: Result<Connection, StoreError>, end: End) -> Result<Connection, TransferError> {
    opened.map_err(|error| match error {
        StoreError::Unavailable(text) if text.contains("locked") => TransferError::InUse(end),
        other => TransferError::Store(end, other),
    })
}

/// A server's connections bear the schema's name.
fn unused(session: &mut Session, schema: &str, end: End) -> Result<(), TransferError> {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = ?1 AND pid <> pg_backend_pid()";
    let mut tx = Tx::new(Engine::Postgres(session), Mode::Read);
    for _ in 0..LOOKS {
        let others: i64 = tx.query_one(sql, &[schema.into()], |row| row.get(0)).at(end)?;
        if others == 0 {
            return Ok(());
        }
        // One that has just ended is seen for a moment.
        tx.query_one("SELECT CAST(pg_sleep(0.1) AS TEXT)", &[], |_| Ok(())).at(end)?;
    }
    Err(TransferError::InUse(end))
}

/// A server that starts takes this lock to migrate, and a move holds it to its end.
fn lock(session: &mut Session, end: End) -> Result<(), TransferError> {
    session.batch("SET lock_timeout = '2s'; LOCK TABLE suki_migration IN EXCLUSIVE MODE").map_err(|error| match error {
        StoreError::Unavailable(text) if text.contains("55P03") => TransferError::InUse(end),
        other => TransferError::Store(end, other),
    })
}
