//! SQLite behind the contract: one thread writes, some read.
mod checkpoint;
mod connection;
mod error;
mod migrate;
mod statement;
mod writer;

pub(crate) use connection::{exclusive, statement as batch};
pub(crate) use migrate::Migrating;
pub(crate) use statement::{column, execute, query};

use crate::{
    db::{Abandon, Queues},
    error::StoreError,
    tx::{Engine, Mode, Tx},
    unit::Unit,
};
use rusqlite::Connection;
use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::Arc,
    thread::{self, JoinHandle},
};

/// How a SQLite database is used.
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    /// How many connections read beside the one that writes, from 1.
    pub readers: usize,
    /// How many units at most share one commit.
    pub group: usize,
    /// How many units may wait, writes and reads each; beyond it they are refused with [`StoreError::Overloaded`].
    pub queue_limit: usize,
    /// After how many pages (of 4 KiB) of write-ahead log the database file is brought up to date, beside the one that writes; from eight times as many on
    /// that one tries with each commit, unless the other is at it.
    pub checkpoint_pages: u32,
    /// The most memory one connection keeps pages in, in KiB.
    pub cache_kib: u32,
    /// For how long to wait for another program that locks the file, in milliseconds.
    pub busy_millis: u32,
    /// What its metrics are told apart by: a word of the program.
    pub name: &'static str,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self { readers: 2, group: 512, queue_limit: 65_536, checkpoint_pages: 2000, cache_kib: 8192, busy_millis: 5000, name: "store" }
    }
}

/// Opens the connections and starts their threads.
pub(crate) fn start(path: &Path, options: &SqliteOptions, queues: &Arc<Queues>) -> Result<Vec<JoinHandle<()>>, StoreError> {
    let writer = connection::writing(path, options)?;
    let beside = connection::copying(path, options)?;
    let readers = (0..options.readers.max(1)).map(|_| connection::reading(path, options)).collect::<Result<Vec<_>, _>>()?;
    let mut threads = Vec::with_capacity(readers.len() + 1);
    let started = start_threads(&mut threads, (writer, beside), readers, path, options, queues);
    if let Err(error) = started {
        queues.abandon();
        return Err(StoreError::Unavailable(format!("a thread cannot be started: {}", error.kind())));
    }
    Ok(threads)
}

fn start_threads(
    threads: &mut Vec<JoinHandle<()>>,
    (writer, beside): (Connection, Connection),
    readers: Vec<Connection>,
    path: &Path,
    options: &SqliteOptions,
    queues: &Arc<Queues>,
) -> std::io::Result<()> {
    let (log, long) = checkpoint::watch();
    let copying = thread::Builder::new().name("store-copy".into()).spawn(move || checkpoint::run(&beside, &long))?;
    let mut writer = writer::Writer::new(writer, path, options, log.clone());
    let shared = queues.clone();
    threads.push(thread::Builder::new().name("store-write".into()).spawn(move || {
        let _closed_at_the_end = Abandon(&shared.writes);
        writer.run(&shared.writes);
        // It ends with whom it listens to.
        drop(writer);
        drop(copying.join());
    })?);
    for reader in readers {
        let (shared, path, options, log) = (queues.clone(), path.to_owned(), options.clone(), log.clone());
        threads.push(thread::Builder::new().name("store-read".into()).spawn(move || {
            // In this order: the connection is closed first.
            let (_log, mut reader) = (log, reader);
            let _closed_at_the_end = Abandon(&shared.reads);
            while let Some(units) = shared.reads.take(1) {
                units.into_iter().for_each(|unit| read(&mut reader, unit, &path, &options));
            }
        })?);
    }
    Ok(())
}

/// Runs one unit that reads, in a transaction of its own.
fn read(connection: &mut Connection, mut unit: Box<dyn Unit>, path: &Path, options: &SqliteOptions) {
    if let Err(error) = connection::statement(connection, "BEGIN") {
        unit.answer(Some(error));
        return;
    }
    unit.run(&mut Tx::new(Engine::Sqlite(connection), Mode::Read));
    if !connection.is_autocommit() && connection::statement(connection, "ROLLBACK").is_err() {
        match connection::reading(path, options) {
            Ok(fresh) => *connection = fresh,
            Err(error) => tracing::warn!(%error, "a reading connection cannot be opened again"),
        }
    }
    unit.answer(None);
}

/// The size of the file and its write-ahead log, in bytes.
pub(crate) fn size_on_disk(path: &Path) -> Result<u64, StoreError> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let size = |path: &Path| match std::fs::metadata(path) {
        Ok(metadata) => Ok(metadata.len()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
        Err(error) => Err(StoreError::Unavailable(format!("the database's size cannot be read: {}", error.kind()))),
    };
    Ok(size(path)? + size(&PathBuf::from(log))?)
}
