//! The database file is brought up to date by a thread beside the one that writes.
//!
//! Copying a log of some megabytes ends with a synchronisation of the file, 10 ms and more on a common disk, three times a second under load: nobody who writes is
//! to wait for it. What the thread has copied is not written again; SQLite begins the log anew when all of it is copied and nobody reads an old state. Under a load
//! that never pauses that is never so, and the log grows until the writer itself copies the little that is left.
use super::error::map;
use crate::error::StoreError;
use rusqlite::{Connection, hooks::Wal};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// How many times as long as it is to be the log becomes before the writer waits for its end.
const PATIENCE: u32 = 8;

/// Tells the thread when the log of a connection is long. The thread goes on as long as anybody has one, so that its connection is closed last and takes the log
/// away; one that only reads could not.
#[derive(Clone)]
pub(super) struct Watch(SyncSender<()>);

/// A watch, and where the thread hears of it. One order waits at most: the next copy takes in everything.
pub(super) fn watch() -> (Watch, Receiver<()>) {
    let (tell, long) = sync_channel(1);
    (Watch(tell), long)
}

impl Watch {
    /// The connection, watched after each of its commits; `pages` is how long its log is to be.
    ///
    /// The thread is told once for each so many pages, not with every commit of a log that is long: it would copy without end, a few pages and two
    /// synchronisations at a time.
    pub(super) fn over(&self, mut connection: Connection, pages: u32) -> Result<Connection, StoreError> {
        let (tell, soft, hard) = (self.0.clone(), u64::from(pages), u64::from(pages) * u64::from(PATIENCE));
        let mut told_at = 0;
        let after_commit = move |log: &mut Wal, pages| {
            let pages = u64::try_from(pages).unwrap_or_default();
            if pages < told_at {
                told_at = 0;
            }
            if pages >= hard {
                // The commit stands whatever comes of it, and the next one tries again: the thread may be at it.
                drop(log.checkpoint());
            } else if pages >= told_at + soft {
                told_at = pages;
                // Full when an order waits already; nobody hears it when the store ends.
                tell.try_send(()).ok();
            }
            Ok(())
        };
        connection.wal_hook(Some(after_commit)).map_err(map)?;
        Ok(connection)
    }
}

/// Copies when it is told to, until nobody is left who could, and then the rest.
pub(super) fn run(connection: &Connection, long: &Receiver<()>) {
    while long.recv().is_ok() {
        copy(connection);
    }
    copy(connection);
}

fn copy(connection: &Connection) {
    let copied = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get::<_, i64>(0));
    if let Err(error) = copied.map_err(map) {
        tracing::warn!(%error, "the database file could not be brought up to date; the log keeps what it lacks");
    }
}
