//! PostgreSQL behind the contract: some connections write units with keys, one writes all others, some read, each on a thread of its own.
mod address;
mod error;
mod group;
mod lock;
mod migrate;
mod reach;
mod session;
mod tls;
mod value;
mod wire;

pub(crate) use migrate::Migrating;
pub(crate) use reach::Turns;
pub(crate) use session::Session;
pub(crate) use value::column;

use crate::{
    db::{Abandon, Doubts, Queues},
    error::StoreError,
    meter::Meter,
    ownership,
    tx::{Engine, Mode, Tx},
    unit::Unit,
};
use address::Address;
use error::Trouble;
use reach::Reach;
use std::{
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
};

/// How a PostgreSQL database is used.
#[derive(Debug, Clone)]
pub struct PostgresOptions {
    /// How many connections write units that have keys, from 1, beside the one that writes all others.
    pub writers: usize,
    /// How many connections read, from 1.
    pub readers: usize,
    /// How many units at most share one commit.
    pub group: usize,
    /// How many units may wait for each connection that writes, and to be read; beyond it they are refused with [`StoreError::Overloaded`].
    pub queue_limit: usize,
    /// For how long to try to connect to each host, in milliseconds, unless the address says otherwise.
    pub connect_millis: u32,
    /// After how many milliseconds without a sign of the other side a connection over TCP is given up, on both sides, unless the address says otherwise.
    pub silence_millis: u32,
    /// For how long the server works on one statement, in milliseconds; 0 for no limit. Migrations have none.
    pub statement_millis: u32,
    /// For how long an answer is waited for until the connection is given up, in milliseconds; 0 for no limit. More than the server works on a statement: only a
    /// server that is frozen, or a standby that it waits for, takes longer. Migrations have none.
    pub answer_millis: u32,
    /// For how long a statement waits for what others have locked, in milliseconds; 0 for no limit.
    pub lock_millis: u32,
    /// After how many milliseconds the server ends a transaction whose node says nothing more, and frees what it has locked; 0 for never.
    pub idle_millis: u32,
    /// The schema the tables are in, made when there is none: 1 to 63 lower-case letters, digits and underscores. None for the database's own choice.
    pub schema: Option<String>,
    /// What its metrics are told apart by: a word of the program.
    pub name: &'static str,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            writers: 3,
            readers: 4,
            group: 512,
            queue_limit: 65_536,
            connect_millis: 2000,
            silence_millis: 5000,
            statement_millis: 12_000,
            answer_millis: 14_000,
            lock_millis: 10_000,
            idle_millis: 5000,
            schema: None,
            name: "store",
        }
    }
}

/// A connection that is made when it is needed, and again when it was lost.
pub(crate) struct Link {
    address: Address,
    options: PostgresOptions,
    session: Option<Session>,
    /// How often another server had taken the place of the one before when the session was opened.
    turns: u64,
    reach: Arc<Reach>,
    doubts: Doubts,
    meter: Meter,
}

impl Link {
    /// The connection for what begins now. One that was made before another server took over is not used any more: its server may still answer, and what it
    /// says counts no more.
    fn connected(&mut self) -> Result<&mut Session, StoreError> {
        let turns = self.reach.turns();
        if self.turns != turns {
            (self.session, self.turns) = (None, turns);
        }
        match &mut self.session {
            Some(session) => Ok(session),
            none => {
                let mut session = self.reach.connect(|| Session::open(&self.address, &self.options))?;
                if let Some(timeline) = session.timeline()? {
                    self.reach.found(timeline);
                }
                Ok(none.insert(session))
            }
        }
    }

    /// Ends a transaction that failed; without success, the connection with it.
    fn roll_back(&mut self) {
        if let Some(session) = &mut self.session
            && (session.batch("ROLLBACK").is_err() || session.take_trouble() == Trouble::Lost)
        {
            self.session = None;
        }
    }
}

/// A connection under another name, beside those of a store.
pub(crate) fn session(url: &str, schema: &str, name: &str) -> Result<Session, StoreError> {
    // Whoever asks for it has the store to himself, and may take his time.
    let unlimited = PostgresOptions { statement_millis: 0, answer_millis: 0, lock_millis: 0, idle_millis: 0, ..PostgresOptions::default() };
    let options = PostgresOptions { schema: Some(schema.to_owned()), ..unlimited };
    Session::open(&Address::parse(url, &options)?.named(name), &options)
}

/// Connects, and starts the threads.
pub(crate) fn start(url: &str, options: &PostgresOptions, queues: &Arc<Queues>) -> Result<Vec<JoinHandle<()>>, StoreError> {
    let address = Address::parse(url, options)?;
    let meter = Meter::new(options.name);
    let reach = Arc::new(Reach::new(queues.turns.clone()));
    let link = || Link {
        address: address.clone(),
        options: options.clone(),
        session: None,
        turns: 0,
        reach: reach.clone(),
        doubts: queues.doubts.clone(),
        meter: meter.clone(),
    };
    let (ready, wait) = mpsc::channel();
    let mut threads = vec![spawn("store-write", {
        let (queues, mut link) = (queues.clone(), link());
        move || {
            let _closed_at_the_end = Abandon(&queues.writes);
            let connected = first(&mut link);
            let go_on = connected.is_ok();
            if ready.send(connected).is_ok() && go_on {
                group::run(&mut link, &queues.writes);
            }
        }
    })?];
    wait.recv().unwrap_or(Err(StoreError::Closed))?;
    let others = start_others(&mut threads, &link, queues);
    if let Err(error) = others {
        queues.abandon();
        return Err(error);
    }
    Ok(threads)
}

/// Those that connect when there is something to do.
fn start_others(threads: &mut Vec<JoinHandle<()>>, link: &dyn Fn() -> Link, queues: &Arc<Queues>) -> Result<(), StoreError> {
    for writer in 0..queues.keyed.len() {
        let (shared, mut link) = (queues.clone(), link());
        threads.push(spawn("store-keyed", move || {
            let Some(queue) = shared.keyed.get(writer) else { return };
            let _closed_at_the_end = Abandon(queue);
            group::run(&mut link, queue);
        })?);
    }
    for _ in 0..link().options.readers.max(1) {
        let (shared, mut link) = (queues.clone(), link());
        threads.push(spawn("store-read", move || {
            let _closed_at_the_end = Abandon(&shared.reads);
            while let Some(units) = shared.reads.take(1) {
                units.into_iter().for_each(|unit| read(&mut link, unit));
            }
        })?);
    }
    Ok(())
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    let unavailable = |error: std::io::Error| StoreError::Unavailable(format!("a thread cannot be started: {}", error.kind()));
    thread::Builder::new().name(name.into()).spawn(work).map_err(unavailable)
}

/// Connects for the first time, and makes the schema with the tables of its own.
fn first(link: &mut Link) -> Result<(), StoreError> {
    let schema = link.options.schema.clone();
    let session = link.connected()?;
    if let Some(schema) = schema {
        session.create(&format!("CREATE SCHEMA IF NOT EXISTS \"{schema}\""))?;
    }
    session.create(ownership::TABLES)
}

/// Runs one unit that reads, in a transaction of its own; once more on a fresh connection when the old one turns out to be lost.
fn read(link: &mut Link, mut unit: Box<dyn Unit>) {
    let was_connected = link.session.is_some();
    let mut outcome = attempt_to_read(link, &mut *unit);
    if was_connected && link.session.is_none() {
        outcome = attempt_to_read(link, &mut *unit);
    }
    unit.answer(outcome.err());
}

fn attempt_to_read(link: &mut Link, unit: &mut dyn Unit) -> Result<(), StoreError> {
    let session = link.connected()?;
    let begun = session.batch("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    if begun.is_ok() {
        unit.run(&mut Tx::new(Engine::Postgres(session), Mode::Read));
    }
    let lost = session.take_trouble() == Trouble::Lost;
    if lost {
        link.session = None;
    } else {
        link.roll_back();
    }
    begun
}

/// What the tables and indexes of the schema in use take, in bytes.
pub(crate) fn size_on_disk(tx: &mut Tx<'_>) -> Result<u64, StoreError> {
    tx.query_one(
        "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = current_schema() AND c.relkind = 'r'",
        &[],
        |row| row.get(0),
    )
}
