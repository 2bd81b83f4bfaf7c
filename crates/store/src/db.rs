//! The handle that callers hold.
use crate::{
    error::StoreError,
    migrate::Migration,
    postgres::{self, PostgresOptions},
    queue::{Queue, Refused},
    scope::{Claim, Key, Scope},
    sqlite::{self, SqliteOptions},
    tx::Tx,
    unit::{Answer, Unit, call},
};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
};
use suki_types::NodeId;

/// A store. Clones share it; when the last one is dropped, it finishes what is queued and closes.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
    scope: Scope,
}

struct Inner {
    queues: Arc<Queues>,
    place: Place,
    threads: Vec<JoinHandle<()>>,
    #[cfg(feature = "testing")]
    mishaps: Mishaps,
}

/// What goes wrong in a test.
#[cfg(feature = "testing")]
#[derive(Default)]
struct Mishaps {
    /// Whether the answers of units that write are lost.
    loses: std::sync::atomic::AtomicBool,
    /// The value that nothing can be read by.
    unreadable: parking_lot::Mutex<Option<Vec<u8>>>,
    /// The value that no unit which writes can use.
    unwritable: parking_lot::Mutex<Option<Vec<u8>>>,
}

#[cfg(feature = "testing")]
impl Mishaps {
    fn perhaps_failing<U, R>(fails_by: &parking_lot::Mutex<Option<Vec<u8>>>, mut unit: U) -> impl FnMut(&mut Tx<'_>) -> R + use<U, R>
    where
        U: FnMut(&mut Tx<'_>) -> R,
    {
        let fails_by = fails_by.lock().clone();
        move |tx| {
            tx.fail_by(fails_by.clone());
            unit(tx)
        }
    }
}

enum Place {
    File(PathBuf),
    Server,
}

/// What waits for the threads that own the connections.
pub(crate) struct Queues {
    pub(crate) writes: Queue<Job>,
    /// One for each connection that writes units with keys; none where one connection writes everything.
    pub(crate) keyed: Vec<Queue<Job>>,
    pub(crate) reads: Queue<Box<dyn Unit>>,
    pub(crate) doubts: Doubts,
    pub(crate) turns: postgres::Turns,
}

/// How many groups of units ended without anybody knowing whether they were stored. Clones are the same one.
#[derive(Clone, Default)]
pub(crate) struct Doubts(Arc<AtomicU64>);

impl Doubts {
    pub(crate) fn note(&self) {
        self.0.fetch_add(1, Ordering::Release);
    }
}

/// What a writing thread does.
pub(crate) enum Job {
    Unit(Box<dyn Unit>, Scope),
    Migrate(Vec<Migration>, mpsc::Sender<Result<(), StoreError>>),
}

impl Queues {
    pub(crate) fn new(limit: usize, writers: usize) -> Arc<Self> {
        let keyed = (0..writers).map(|_| Queue::new(limit)).collect();
        Arc::new(Self { writes: Queue::new(limit), keyed, reads: Queue::new(limit), doubts: Doubts::default(), turns: postgres::Turns::default() })
    }

    /// Takes no more; what is queued is still handed out.
    fn close(&self) {
        self.writes.close();
        self.keyed.iter().for_each(Queue::close);
        self.reads.close();
    }

    /// Takes no more and drops what is queued.
    pub(crate) fn abandon(&self) {
        self.writes.abandon();
        self.keyed.iter().for_each(Queue::abandon);
        self.reads.abandon();
    }

    fn writing(&self, scope: &Scope) -> &Queue<Job> {
        scope.writer(self.keyed.len()).and_then(|writer| self.keyed.get(writer)).unwrap_or(&self.writes)
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
        let queues = Queues::new(options.queue_limit, 0);
        let threads = sqlite::start(path, &options, &queues)?;
        Ok(Self::new(queues, Place::File(path.to_owned()), threads))
    }

    /// Connects to the PostgreSQL database at `url` (`postgresql://USER:PASSWORD@HOST:PORT/DATABASE`).
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the address is wrong or nobody answers there.
    pub fn open_postgres(url: &str, options: PostgresOptions) -> Result<Self, StoreError> {
        let queues = Queues::new(options.queue_limit, options.writers.max(1));
        let threads = postgres::start(url, &options, &queues)?;
        Ok(Self::new(queues, Place::Server, threads))
    }

    fn new(queues: Arc<Queues>, place: Place, threads: Vec<JoinHandle<()>>) -> Self {
        let inner = Inner {
            queues,
            place,
            threads,
            #[cfg(feature = "testing")]
            mishaps: Mishaps::default(),
        };
        Self { inner: Arc::new(inner), scope: Scope::Any }
    }

    /// From now on the answers of units that write are lost, or arrive again: what they did is stored, and whoever waits is told that the store was away. As
    /// when a connection breaks during a commit.
    #[cfg(feature = "testing")]
    pub fn lose_answers(&self, lose: bool) {
        self.inner.mishaps.loses.store(lose, Ordering::Release);
    }

    /// From now on a unit that reads fails, as when the store is away, once one of its statements is given these bytes; without any, none does.
    #[cfg(feature = "testing")]
    pub fn fail_reads_by(&self, bytes: Option<&[u8]>) {
        *self.inner.mishaps.unreadable.lock() = bytes.map(<[u8]>::to_vec);
    }

    /// As [`Db::fail_reads_by`], of units that write.
    #[cfg(feature = "testing")]
    pub fn fail_writes_by(&self, bytes: Option<&[u8]>) {
        *self.inner.mishaps.unwritable.lock() = bytes.map(<[u8]>::to_vec);
    }

    /// From now on it is as if another server had taken the place of the one before.
    #[cfg(feature = "testing")]
    pub fn turn(&self) {
        self.inner.queues.turns.note();
    }

    /// How often, since the store was opened, the outcome of units was unknown: they were answered with a failure and may have been stored all the same. Whoever
    /// tells others of what is stored has told nobody of these, and finds what they did by reading.
    pub fn doubts(&self) -> u64 {
        self.inner.queues.doubts.0.load(Ordering::Acquire)
    }

    /// How often, since the store was opened, its server was another than before: a standby that took the place of its primary. A primary that dies by pieces can
    /// show what no standby has; so whatever was read before counts no more, and is to be read again.
    pub fn turns(&self) -> u64 {
        self.inner.queues.turns.count()
    }

    /// Whether other nodes may use the same store.
    pub fn is_shared(&self) -> bool {
        matches!(self.inner.place, Place::Server)
    }

    /// The same store for units that are about one key: they run one after the other in the order of the calls, on whatever node, and beside units that
    /// are about other keys. Where one connection writes everything it is the same as the store itself.
    ///
    /// What a unit reads and decides upon has to belong to its key: on PostgreSQL nothing else stands still while it runs (it is READ COMMITTED).
    pub fn keyed(&self, key: Key) -> Self {
        self.scoped(Scope::One(key))
    }

    /// The same store for units that touch what several keys stand for: no unit of any of these keys runs at the same time. Among units of the same keys
    /// the order is that of the calls; among others that share only some of the keys it is not told. Without a key nobody is kept out: for single
    /// statements that stand for themselves.
    pub fn keyed_many(&self, keys: &[Key]) -> Self {
        self.scoped(Scope::many(keys))
    }

    /// As [`Db::keyed`], for a node that owns the key ([`crate::ownership`]): a unit fails with [`StoreError::NotOwner`], and nothing is stored, when the key
    /// is another node's by then, or was since. What is read is not fenced.
    pub fn owned(&self, key: Key, node: NodeId, epoch: i64) -> Self {
        self.scoped(Scope::Owned(Claim { key, node, epoch }))
    }

    pub(crate) fn scoped(&self, scope: Scope) -> Self {
        Self { inner: self.inner.clone(), scope }
    }

    /// Brings the schema up to date: applies, each in a transaction of its own, what of `migrations` was not applied yet. Blocks; for the start.
    /// The list is complete and in order of its versions, and what was applied once is never edited.
    ///
    /// # Errors
    /// [`StoreError::Migration`] when the list is out of order, when what was applied differs from it, or when a newer program took away what this one
    /// needs; else as a write. A database to which a newer program has only added is taken as it is.
    pub fn migrate(&self, migrations: &[Migration]) -> Result<(), StoreError> {
        let (done, wait) = mpsc::channel();
        self.inner.queues.writes.put(Job::Migrate(migrations.to_vec(), done)).map_err(|(refused, _)| self.refusal(refused))?;
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
        #[cfg(feature = "testing")]
        let unit = Mishaps::perhaps_failing(&self.inner.mishaps.unwritable, unit);
        let (unit, answer) = call(unit);
        #[cfg(feature = "testing")]
        let answer = self.perhaps_lost(answer);
        if let Err((refused, Job::Unit(unit, _))) = self.inner.queues.writing(&self.scope).put(Job::Unit(unit, self.scope.clone())) {
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
        #[cfg(feature = "testing")]
        let unit = Mishaps::perhaps_failing(&self.inner.mishaps.unreadable, unit);
        let (unit, answer) = call(unit);
        if let Err((refused, unit)) = self.inner.queues.reads.put(unit) {
            unit.answer(Some(self.refusal(refused)));
        }
        answer
    }

    /// How many bytes the store takes: the file and its write-ahead log, or what the schema's tables and indexes take on the server.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it cannot be found out.
    pub async fn size_on_disk(&self) -> Result<u64, StoreError> {
        match &self.inner.place {
            Place::File(path) => sqlite::size_on_disk(path),
            Place::Server => self.read(postgres::size_on_disk).await,
        }
    }

    #[cfg(feature = "testing")]
    fn perhaps_lost<R, E>(&self, answer: Answer<R, E>) -> Answer<R, E> {
        let is_lost = self.inner.mishaps.loses.load(Ordering::Acquire);
        if is_lost {
            self.inner.queues.doubts.note();
        }
        answer.lost_if(is_lost)
    }

    fn refusal(&self, refused: Refused) -> StoreError {
        match refused {
            Refused::Overfull => StoreError::Overloaded(self.inner.queues.writes.limit()),
            Refused::Closed => StoreError::Closed,
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queues.close();
        // A unit may have held the last handle: a thread cannot wait for itself, nor for those that wait for it.
        if self.threads.iter().any(|handle| handle.thread().id() == thread::current().id()) {
            return;
        }
        for handle in self.threads.drain(..) {
            if handle.join().is_err() {
                tracing::error!("a thread of the store panicked");
            }
        }
    }
}
