//! The handle that callers hold.
use crate::{
    error::StoreError,
    migrate::Migration,
    postgres::{self, PostgresOptions},
    queue::{Queue, Refused},
    sqlite::{self, SqliteOptions},
    tx::Tx,
    unit::{Answer, Unit, call},
};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
};

/// A store. Clones share it; when the last one is dropped, it finishes what is queued and closes.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    queues: Arc<Queues>,
    place: Place,
    threads: Vec<JoinHandle<()>>,
}

enum Place {
    File(PathBuf),
    Server,
}

/// What waits for the threads that own the connections.
pub(crate) struct Queues {
    pub(crate) writes: Queue<Job>,
    pub(crate) reads: Queue<Box<dyn Unit>>,
}

/// What the writing thread does.
pub(crate) enum Job {
    Unit(Box<dyn Unit>),
    Migrate(Vec<Migration>, mpsc::Sender<Result<(), StoreError>>),
}

impl Queues {
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { writes: Queue::new(limit), reads: Queue::new(limit) })
    }
}

/// Closes a queue when its thread ends, however it ends, so that nobody waits for a thread that is gone.
pub(crate) struct Abandon<'a, T>(pub(crate) &'a Queue<T>);

impl<T> Drop for Abandon<'_, T> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

impl Db {
    /// Opens the database file at `path`, made when there is none; its folder has to exist.
    ///
    /// # Errors
    /// [`StoreError::ReadOnly`] when it cannot be written, [`StoreError::Full`], [`StoreError::Unavailable`] when it cannot be opened,
    /// [`StoreError::Corrupt`] when it is no database.
    pub fn open_sqlite(path: &Path, options: SqliteOptions) -> Result<Self, StoreError> {
        let queues = Queues::new(options.queue_limit);
        let threads = sqlite::start(path, &options, &queues)?;
        Ok(Self(Arc::new(Inner { queues, place: Place::File(path.to_owned()), threads })))
    }

    /// Connects to the PostgreSQL database at `url` (`postgresql://USER:PASSWORD@HOST:PORT/DATABASE`).
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the address is wrong or nobody answers there.
    pub fn open_postgres(url: &str, options: PostgresOptions) -> Result<Self, StoreError> {
        let queues = Queues::new(options.queue_limit);
        let threads = postgres::start(url, &options, &queues)?;
        Ok(Self(Arc::new(Inner { queues, place: Place::Server, threads })))
    }

    /// Brings the schema up to date: applies, each in a transaction of its own, what of `migrations` was not applied yet. Blocks; for the start.
    /// The list is complete and in order of its versions, and what was applied once is never edited.
    ///
    /// # Errors
    /// [`StoreError::Migration`] when the list is out of order, when what was applied differs from it, or when the database is newer than the
    /// program; else as a write.
    pub fn migrate(&self, migrations: &[Migration]) -> Result<(), StoreError> {
        let (done, wait) = mpsc::channel();
        self.0.queues.writes.put(Job::Migrate(migrations.to_vec(), done)).map_err(|(refused, _)| self.refusal(refused))?;
        wait.recv().unwrap_or(Err(StoreError::Closed))
    }

    /// Queues a unit that writes, before this returns: units run in the order of the calls. The answer comes after the unit's changes are durable; it
    /// may be awaited later or dropped.
    ///
    /// A unit that returns an error or panics is rolled back alone. It may run more than once before its changes are kept, so it must change
    /// nothing but the store. It runs on the store's thread: it must not block on anything else.
    pub fn write<R, E>(&self, unit: impl FnMut(&mut Tx<'_>) -> Result<R, E> + Send + 'static) -> Answer<R, E>
    where
        R: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (unit, answer) = call(unit);
        if let Err((refused, Job::Unit(unit))) = self.0.queues.writes.put(Job::Unit(unit)) {
            unit.answer(Some(self.refusal(refused)));
        }
        answer
    }

    /// Queues a unit that reads one consistent state of what is committed. It runs beside the writes and other reads.
    pub fn read<R, E>(&self, unit: impl FnMut(&mut Tx<'_>) -> Result<R, E> + Send + 'static) -> Answer<R, E>
    where
        R: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (unit, answer) = call(unit);
        if let Err((refused, unit)) = self.0.queues.reads.put(unit) {
            unit.answer(Some(self.refusal(refused)));
        }
        answer
    }

    /// How many bytes the store takes: the file and its write-ahead log, or what the schema's tables and indexes take on the server.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it cannot be found out.
    pub async fn size_on_disk(&self) -> Result<u64, StoreError> {
        match &self.0.place {
            Place::File(path) => sqlite::size_on_disk(path),
            Place::Server => self.read(postgres::size_on_disk).await,
        }
    }

    fn refusal(&self, refused: Refused) -> StoreError {
        match refused {
            Refused::Overfull => StoreError::Overloaded(self.0.queues.writes.limit()),
            Refused::Closed => StoreError::Closed,
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queues.writes.close();
        self.queues.reads.close();
        for handle in self.threads.drain(..) {
            // A unit may have held the last handle: a thread cannot wait for itself.
            if handle.thread().id() != thread::current().id() && handle.join().is_err() {
                tracing::error!("a thread of the store panicked");
            }
        }
    }
}
