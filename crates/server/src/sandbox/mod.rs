//! The sandbox: a server whose clock can be moved, with any number of simulated customers who are real devices with keys of their own. For trying out
//! programs and rules; a production server refuses all of it.
mod clock;
mod customer;
mod customers;
pub mod marker;
mod record;
mod spoken;
mod wishes;

pub use clock::SandboxClock;
pub use customer::{Behaviour, Customer};
pub use customers::{Line, NewCustomers, View};
pub use record::Record;
pub use spoken::{Pointed, Spoken, SpokenMessage};
pub use wishes::{NewReport, Wishes};

use parking_lot::Mutex;
use std::{collections::BTreeMap, path::PathBuf, sync::Arc};
use suki_network::Network;
use suki_types::{DeviceId, Env, Timestamp};

/// The farthest the clock may be moved at once, in milliseconds: a year.
pub const FARTHEST_MILLIS: i64 = 366 * 86_400_000;
/// How many simulated customers a sandbox has at most: each is a device with its state in memory and in a file.
pub const MOST_CUSTOMERS: usize = 10_000;
/// How many customers are made at once.
pub const MOST_AT_ONCE: usize = 500;
/// The clock moves in so many steps, so that what is due early happens before what is due late.
const STEPS: i64 = 96;
/// No step is shorter, in milliseconds.
const SHORTEST_STEP: i64 = 3_600_000;

/// Why the sandbox does not do something. The text is for the person who asked.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// What was asked is out of what is allowed.
    #[error("{0}")]
    Invalid(String),
    /// There is no such customer.
    #[error("no simulated customer has the number {0}; list them to see whom there is")]
    Unknown(String),
    /// The network, or the customer's device, refuses.
    #[error("{0}")]
    Refused(String),
    /// The sandbox's file cannot be written.
    #[error("the sandbox's record cannot be stored: {0}")]
    Record(#[from] std::io::Error),
}

/// A sandbox at work. Clones share it.
#[derive(Clone)]
pub struct Sandbox(Arc<Inner>);

struct Inner {
    clock: SandboxClock,
    env: Env,
    network: Network,
    url: String,
    folder: PathBuf,
    record: Mutex<Record>,
    customers: Mutex<BTreeMap<DeviceId, Customer>>,
    moving: tokio::sync::Mutex<()>,
}

impl Sandbox {
    /// Starts the sandbox of a data folder, with the customers it had. Has to be called within a Tokio runtime.
    ///
    /// # Errors
    /// When the state of a customer cannot be read.
    pub fn open(clock: SandboxClock, env: Env, network: Network, url: String, folder: PathBuf, record: Record) -> Result<Self, SandboxError> {
        let known = record.customers.clone();
        let inner = Inner {
            clock,
            env,
            network,
            url,
            folder,
            record: Mutex::new(record),
            customers: Mutex::default(),
            moving: tokio::sync::Mutex::default(),
        };
        let sandbox = Self(Arc::new(inner));
        for kept in known {
            sandbox.resume(kept)?;
        }
        Ok(sandbox)
    }

    /// Whether this is the secret that lets programs use the sandbox.
    pub fn knows(&self, token: &str) -> bool {
        let record = self.0.record.lock();
        aws_lc_rs::constant_time::verify_slices_are_equal(record.token.as_bytes(), token.as_bytes()).is_ok()
    }

    /// The time in the sandbox.
    pub fn now(&self) -> Timestamp {
        self.0.env.now()
    }

    /// How far its clock was moved on in all, in milliseconds.
    pub fn moved(&self) -> i64 {
        self.0.clock.moved()
    }

    /// Moves the clock on, in steps of at least an hour with the network's jobs after each, so that things happen in their order. When this returns
    /// the new time is stored: a restart does not go back.
    ///
    /// # Errors
    /// [`SandboxError::Invalid`] for less than a millisecond or more than a year; when the jobs or the record fail.
    pub async fn advance(&self, millis: i64) -> Result<Timestamp, SandboxError> {
        if !(1..=FARTHEST_MILLIS).contains(&millis) {
            return Err(SandboxError::Invalid(format!(
                "the clock moves on by 1 millisecond to 366 days at once, not by {millis} milliseconds; it never goes back, since what is stored would lie in the future"
            )));
        }
        let _one_at_a_time = self.0.moving.lock().await;
        let step = (millis / STEPS).max(SHORTEST_STEP);
        let mut left = millis;
        while left > 0 {
            let now = left.min(step);
            self.0.clock.advance(now);
            left -= now;
            self.keep(|record| record.moved_millis = self.0.clock.moved())?;
            self.tell_others().await?;
            self.0.network.run_jobs(self.now()).await.map_err(|error| SandboxError::Refused(format!("the network's jobs failed: {error}")))?;
        }
        Ok(self.now())
    }

    /// Nodes that share the database move their clocks, too.
    async fn tell_others(&self) -> Result<(), SandboxError> {
        if !self.0.network.db().is_shared() {
            return Ok(());
        }
        let left = marker::leave(self.0.network.db(), self.0.clock.moved()).await;
        left.map_err(|error| SandboxError::Refused(format!("the other nodes cannot be told: {error}")))
    }

    /// Changes the record and stores it.
    fn keep(&self, change: impl FnOnce(&mut Record)) -> Result<(), SandboxError> {
        let mut record = self.0.record.lock();
        change(&mut record);
        Ok(record.save(&self.0.folder)?)
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sandbox({} customers)", self.0.customers.lock().len())
    }
}
