//! Connections, and how they are set.
use super::{SqliteOptions, error::map};
use crate::error::StoreError;
use rusqlite::{Connection, OpenFlags, config::DbConfig};
use std::{fs, io::ErrorKind, os::unix::fs::OpenOptionsExt as _, path::Path, time::Duration};

/// The most statements a connection keeps prepared.
const STATEMENTS: usize = 256;
/// To what the write-ahead log's file is cut back after a burst, in bytes.
const LOG_BYTES_KEPT: u32 = 64 * 1024 * 1024;

/// A connection that writes.
pub(super) fn writing(path: &Path, options: &SqliteOptions) -> Result<Connection, StoreError> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE, options)?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(map)?;
    if mode != "wal" {
        return Err(StoreError::Unavailable("the file system under the database cannot keep a write-ahead log; put it on a local disk".into()));
    }
    connection
        .execute_batch(&format!(
            "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = {LOG_BYTES_KEPT};"
        ))
        .map_err(map)?;
    Ok(connection)
}

/// A connection that brings the file up to date beside the one that writes, which is there before it.
pub(super) fn copying(path: &Path, options: &SqliteOptions) -> Result<Connection, StoreError> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE, options)?;
    connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;").map_err(map)?;
    Ok(connection)
}

/// A connection that only reads; the writing one is there before it.
pub(super) fn reading(path: &Path, options: &SqliteOptions) -> Result<Connection, StoreError> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY, options)?;
    connection.execute_batch("PRAGMA query_only = ON;").map_err(map)?;
    Ok(connection)
}

/// A connection that no other can be beside, for as long as it is open; with `create`, to a file that is made when there is none.
pub(crate) fn exclusive(path: &Path, create: bool) -> Result<Connection, StoreError> {
    if create {
        match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(StoreError::Unavailable(format!("the database file cannot be made: {}", error.kind())));
            }
            Ok(_) | Err(_) => {}
        }
    }
    let options = SqliteOptions { busy_millis: 500, ..SqliteOptions::default() };
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE, &options)?;
    let set = |pragma: &str| connection.query_row(pragma, [], |row| row.get::<_, String>(0)).map_err(map);
    // Before the file is looked at for the first time: then the lock on all of it is taken with that look, and kept.
    set("PRAGMA locking_mode = EXCLUSIVE")?;
    set("PRAGMA journal_mode = WAL")?;
    connection.execute_batch("PRAGMA synchronous = FULL; BEGIN IMMEDIATE; COMMIT;").map_err(map)?;
    Ok(connection)
}

fn open(path: &Path, access: OpenFlags, options: &SqliteOptions) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(map)?;
    // Before the first look into the file: that one needs a log beside it, which a disk that cannot be written does not take.
    if access.contains(OpenFlags::SQLITE_OPEN_READ_WRITE) && connection.is_readonly("main").map_err(map)? {
        return Err(StoreError::ReadOnly);
    }
    connection.busy_timeout(Duration::from_millis(options.busy_millis.into())).map_err(map)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // A plan that depends on the values bound is made anew for each: a third of the writer's time under load.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(map)?;
    connection.execute_batch(&format!("PRAGMA cache_size = -{}; PRAGMA temp_store = MEMORY;", options.cache_kib)).map_err(map)?;
    Ok(connection)
}

/// Runs a statement of ours that has no parameters and no rows.
pub(crate) fn statement(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    connection.prepare_cached(sql).and_then(|mut statement| statement.execute([])).map(drop).map_err(map)
}
