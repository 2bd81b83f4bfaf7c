//! Plane 1: accounts, devices, admission, relay and receipts. It holds no key of a conversation and sees no content.
//!
//! A [`Network`] is opened over a store. Devices speak frames with it through a [`Session`]: over a socket ([`socket::run`]) or in this process
//! ([`Network::connect`]). Before a device can log in it registers, over HTTP, with the calls of [`registration`].
//!
//! A frame's work is one unit of the store, queued before [`Session::receive`] returns, so that the frames of a connection keep their order while
//! many are under way. Answers and wake-ups leave after the commit and never before.
mod about;
mod admission;
mod append;
pub mod audit;
pub mod blobs;
mod buckets;
mod codes;
pub mod consent;
pub mod console;
mod groups;
mod heal;
mod house;
mod jobs;
mod metrics;
pub mod money;
mod moves;
mod operations;
mod period;
mod profiles;
mod progress;
mod quota;
mod refusal;
pub mod registration;
pub mod review;
mod rows;
pub mod sender;
mod session;
pub mod socket;
pub mod standing;
mod statistics;
mod templates;
pub mod trust;
mod usernames;
mod wakes;

pub use jobs::JobReport;
pub use session::{Closed, Session};

use aws_lc_rs::{
    hmac,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Weak,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};
use suki_bus::{Bus, InProcess};
use suki_protocol::pb;
use suki_rules::Policy;
use suki_store::{Blobs, Db, Migration, StoreError, Value, log};
use suki_types::{AccountId, Env, Timestamp};
use tokio::sync::mpsc;

/// The network's own tables, after those of the store's log.
const MIGRATIONS: &[(&str, &str)] = &[
    ("network", include_str!("../migrations/0001_network.sql")),
    ("rules", include_str!("../migrations/0002_rules.sql")),
    ("templates", include_str!("../migrations/0003_templates.sql")),
    ("trust", include_str!("../migrations/0004_trust.sql")),
    ("consent", include_str!("../migrations/0005_consent.sql")),
    ("standing", include_str!("../migrations/0006_standing.sql")),
    ("money", include_str!("../migrations/0007_money.sql")),
    ("statistics", include_str!("../migrations/0008_statistics.sql")),
    ("console", include_str!("../migrations/0009_console.sql")),
    ("blobs", include_str!("../migrations/0010_blobs.sql")),
    ("groups", include_str!("../migrations/0011_groups.sql")),
    ("usernames", include_str!("../migrations/0012_usernames.sql")),
    ("charges", include_str!("../migrations/0013_charges.sql")),
    ("template_corrections", include_str!("../migrations/0014_template_corrections.sql")),
    ("moves", include_str!("../migrations/0015_moves.sql")),
    ("profiles", include_str!("../migrations/0016_profiles.sql")),
    log::ADDED[0],
    ("key_check", include_str!("../migrations/0018_key_check.sql")),
    ("bus", include_str!("../migrations/0019_bus.sql")),
    log::ADDED[1],
    ("charge_weeks", include_str!("../migrations/0021_charge_weeks.sql")),
    ("tls", include_str!("../migrations/0022_tls.sql")),
    ("message_places", include_str!("../migrations/0023_message_places.sql")),
];

/// What an owner decides.
#[derive(Debug, Clone)]
pub struct Config {
    /// In the demo and the sandbox: a guest gets the next number of the range for tests, so that programs which know only phone numbers reach him.
    pub test_numbers: bool,
    /// How six-digit codes travel; `None` refuses registration by phone.
    pub code_sender: Option<Arc<dyn sender::CodeSender>>,
    /// How many guests may register in an hour, over all links.
    pub guests_per_hour: u32,
    /// How many phone codes this server sends in an hour, over all numbers: each costs money.
    pub phone_codes_per_hour: u32,
    /// How many requests a second one person's device may make, and one endpoint.
    pub requests_per_second: (u32, u32),
    /// Carries wakes between connections; in this process by default.
    pub bus: Arc<dyn Bus>,
    /// Where sealed files are kept; in memory by default.
    pub blobs: Blobs,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            test_numbers: false,
            code_sender: None,
            guests_per_hour: 36_000,
            phone_codes_per_hour: 1000,
            requests_per_second: (100, 50_000),
            bus: Arc::new(InProcess::new()),
            blobs: Blobs::in_memory(),
        }
    }
}

/// The network. Cloning it gives another handle on the same one.
#[derive(Clone)]
pub struct Network(Arc<Inner>, Option<Arc<about::Kept>>);

struct Inner {
    db: Db,
    key: Ed25519KeyPair,
    code_key: hmac::Key,
    policy: Arc<Policy>,
    env: Env,
    config: Config,
    system: AccountId,
    terms_in_force_at: Timestamp,
    searches: trust::Searches,
    newest: AtomicI64,
    sessions: Mutex<HashMap<u64, Weak<session::Shared>>>,
    next_session: AtomicU64,
    buckets: buckets::Buckets,
    pace: admission::Pace,
    cards: money::Cards,
    international: money::International,
    statistics_rolled_until: AtomicI64,
    visits: statistics::Visits,
    house: house::House,
    full_logs: wakes::FullLogs,
    /// Logs that reached further than this node had been told.
    found: AtomicU64,
    conversations: about::Conversations,
}

/// Why the network does not start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store refuses or fails.
    #[error("the network's store cannot be used: {0}")]
    Store(#[from] StoreError),
    /// The seed makes no key.
    #[error("the network's key is not an Ed25519 seed of 32 bytes")]
    Key,
    /// The store was made with another key.
    #[error(
        "this store was made with another network.key: nodes that share a database share its keys; put a copy of that file into this node's folder of keys \
         (--keys), readable by its owner alone, and start again"
    )]
    OtherKey,
}

impl Network {
    /// Brings the store's tables up to date, makes the platform's own account at the first start, and is ready for devices. The migration blocks.
    ///
    /// `key` is the seed of the network's Ed25519 key: it signs the certificates of devices, and the keyed hashes of codes derive from it.
    ///
    /// # Errors
    /// When the store cannot be opened, the seed is no key, or the store was made with another one.
    pub async fn open(db: Db, key: [u8; 32], policy: Arc<Policy>, env: Env, config: Config) -> Result<Self, OpenError> {
        let signing = Ed25519KeyPair::from_seed_unchecked(&key).map_err(|_| OpenError::Key)?;
        db.migrate(&migrations())?;
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(signing.public_key().as_ref());
        if !suki_store::check_key(&db, "network", fingerprint).await? {
            return Err(OpenError::OtherKey);
        }
        let system = system_account(&db, &env).await?;
        let terms_in_force_at = trust::terms::come_into_force(&db, &policy, env.now()).await?;
        let house = house::House::new(config.bus.node(), &env);
        let cards = money::Cards::shipped(&policy);
        cards.load(&db, policy.price.currency).await?;
        let inner = Inner {
            db,
            key: signing,
            code_key: codes::key(&key),
            policy,
            newest: AtomicI64::new(env.now().millis()),
            env,
            config,
            system,
            terms_in_force_at,
            searches: trust::Searches::default(),
            sessions: Mutex::default(),
            next_session: AtomicU64::new(1),
            buckets: buckets::Buckets::default(),
            pace: admission::Pace::default(),
            cards,
            international: money::International::default(),
            statistics_rolled_until: AtomicI64::new(0),
            visits: statistics::Visits::default(),
            house,
            full_logs: wakes::FullLogs::default(),
            found: AtomicU64::new(0),
            conversations: about::Conversations::default(),
        };
        Ok(Self(Arc::new(inner), None))
    }

    /// The platform's own account.
    pub fn system_account(&self) -> AccountId {
        self.0.system
    }

    /// The network's Ed25519 key, 32 bytes: certificates are checked against it.
    pub fn public_key(&self) -> Vec<u8> {
        self.0.key.public_key().as_ref().to_vec()
    }

    /// Opens a connection. Dropping the session ends it.
    pub fn open_session(&self) -> Session {
        Session::open(self)
    }

    /// A connection within this process: frames in, frames out. It ends when either end of either channel is dropped.
    pub fn connect(&self) -> (mpsc::Sender<pb::ClientFrame>, mpsc::Receiver<pb::ServerFrame>) {
        let (to_network, mut from_device) = mpsc::channel::<pb::ClientFrame>(64);
        let (to_device, from_network) = mpsc::channel(64);
        let session = Arc::new(self.open_session());
        let reading = session.clone();
        tokio::spawn(async move {
            while let Some(frame) = from_device.recv().await {
                if reading.receive(frame).is_err() {
                    break;
                }
            }
            reading.close();
        });
        tokio::spawn(async move {
            while let Some(frame) = session.next().await {
                if to_device.send(frame).await.is_err() {
                    break;
                }
            }
            session.close();
        });
        (to_network, from_network)
    }

    /// Runs the jobs from time to time, for as long as the network is open. Has to be called within a Tokio runtime.
    pub fn spawn_jobs(&self) -> tokio::task::JoinHandle<()> {
        let network = self.clone();
        tokio::spawn(async move {
            tokio::join!(network.keep_house(), network.keep_up());
        })
    }

    /// Ends every connection, so that the program can stop. What was accepted is durable, and devices connect again.
    pub fn end_sessions(&self) {
        let sessions: Vec<Arc<session::Shared>> = self.0.sessions.lock().values().filter_map(Weak::upgrade).collect();
        sessions.iter().for_each(session::Shared::end);
    }

    /// Ends one of so many parts of the connections, so that all of them do not come back in one moment. Ends those too that were opened meanwhile.
    pub fn end_sessions_of(&self, part: u64, parts: u64) {
        let sessions = self.0.sessions.lock();
        let ending = sessions.iter().filter(|(number, _)| **number % parts.max(1) <= part);
        let ending: Vec<Arc<session::Shared>> = ending.filter_map(|(_, session)| session.upgrade()).collect();
        drop(sessions);
        ending.iter().for_each(session::Shared::end);
    }

    /// Asks the store whether it reads and takes units that write: for a load balancer that asks.
    ///
    /// # Errors
    /// What the store says.
    pub async fn check(&self) -> Result<(), StoreError> {
        let reading = self.db().read(|tx| tx.query_opt("SELECT value FROM setting WHERE name = ?1", &["system_account".into()], |_| Ok(())));
        let writing = self.db().write(|_| Ok::<_, StoreError>(()));
        let _: Option<()> = reading.await?;
        writing.await
    }

    /// What the bus has carried to other nodes and from them, and whether it reaches them.
    pub fn bus_state(&self) -> (suki_bus::Counters, bool) {
        (self.bus().counters(), self.bus().is_healthy())
    }

    /// How many logs of devices connected here were found to reach further than the bus had told.
    pub fn found_by_asking(&self) -> u64 {
        self.0.found.load(Ordering::Relaxed)
    }

    /// How many connections are open.
    pub fn connections(&self) -> usize {
        self.0.sessions.lock().len()
    }

    /// The store: what goes through it is about what this handle is about, and about anything at first ([`Network::about`]).
    pub fn db(&self) -> &Db {
        self.1.as_deref().map_or(&self.0.db, |kept| &kept.db)
    }
    /// Time and randomness, as the network has them.
    pub fn env(&self) -> &Env {
        &self.0.env
    }
    pub(crate) fn policy(&self) -> &Policy {
        &self.0.policy
    }
    pub(crate) fn cards(&self) -> &money::Cards {
        &self.0.cards
    }
    pub(crate) fn international(&self) -> &money::International {
        &self.0.international
    }
    pub(crate) fn visits(&self) -> &statistics::Visits {
        &self.0.visits
    }
    pub(crate) fn statistics_rolled_until(&self) -> &AtomicI64 {
        &self.0.statistics_rolled_until
    }
    pub(crate) fn pace(&self) -> &admission::Pace {
        &self.0.pace
    }
    pub(crate) fn blobs(&self) -> &Blobs {
        &self.0.config.blobs
    }
    /// Whether numbers of the range for tests are somebody's without a code: in the demo and the sandbox.
    pub fn takes_test_numbers(&self) -> bool {
        self.0.config.test_numbers
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }
    pub(crate) fn bus(&self) -> &dyn Bus {
        &*self.0.config.bus
    }

    /// The time now; it never goes back while this process runs, so that times of acceptance follow the order of acceptance.
    pub(crate) fn now(&self) -> Timestamp {
        let now = self.0.env.now().millis();
        Timestamp::from_millis(self.0.newest.fetch_max(now, Ordering::Relaxed).max(now))
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Network({} connections)", self.connections())
    }
}

/// Every migration of the network's store, the log's first.
pub fn migrations() -> Vec<Migration> {
    let own = MIGRATIONS.iter().zip(log::MIGRATION.version + 1..);
    let own = own.map(|((name, sql), version)| Migration { version, name, sql });
    std::iter::once(log::MIGRATION).chain(own).collect()
}

async fn system_account(db: &Db, env: &Env) -> Result<AccountId, StoreError> {
    let fresh = AccountId::new(env);
    let now = env.now();
    db.write(move |tx| {
        let known = tx.query_opt("SELECT value FROM setting WHERE name = ?1", &["system_account".into()], |row| row.get::<AccountId>(0))?;
        if let Some(known) = known {
            return Ok(known);
        }
        tx.execute("INSERT INTO setting (name, value) VALUES (?1, ?2)", &["system_account".into(), (&fresh).into()])?;
        rows::insert_account(tx, fresh, pb::AccountKind::System, None, now)?;
        Ok::<_, StoreError>(fresh)
    })
    .await
}

/// A parameter out of an unsigned number of ours; what the store cannot hold is the largest it can.
pub(crate) fn int(number: u64) -> Value<'static> {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}
