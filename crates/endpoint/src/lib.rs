//! Plane 2: a business's own brain. It holds the keys, the inbox in the clear, operators, and webhooks; it speaks to the network like any device.
//!
//! | module | subject |
//! |---|---|
//! | [`business`] | a business that runs here: its record, its keys, its connection |
//! | `common`, `tasks` | what all businesses have in common; what goes on beside requests, and ends |
//! | [`cluster`] | many nodes over one store |
//! | [`agent`] | the loop that reads the business's log and applies each entry |
//! | [`customer_groups`] | groups of several customers |
//! | [`groups`] | MLS state: loaded, kept in memory beside the store, changed one commit at a time |
//! | `control`, `exchange` | what devices are told that is no message, and what they ask |
//! | `compose` | what programs say, made into what is sealed |
//! | [`send`], [`react`], [`outbox`], [`status`], `early`, `unsendable`, `waiting` | a message on its way to the customer and what becomes of it |
//! | [`templates`] | its templates: what the network said of them, how one is filled in |
//! | [`chats`], [`messages`], [`reactions`], [`contacts`] | what the inbox shows |
//! | `phones`, `identity`, `welcome` | which numbers of customers it sees; their keys as programs know them; who opens the chat |
//! | [`trust`] | the business before the network: terms, name, number, level, announcements |
//! | [`consent`] | what customers let the business do |
//! | [`statistics`], [`analytics`] | what the team did; what programs ask of the account's figures |
//! | [`operators`], [`live`] | who answers, and what they see at once |
//! | [`rules`], [`pace`], [`warnings`] | the network's rules as it told them, and what is said of them beforehand |
//! | [`profile`], `username`, [`settings`], [`registration`], [`qr_links`] | what programs set of the number and the account |
//! | [`nodes`] | what the Cloud API names by an id |
//! | [`flows`] | forms of several screens |
//! | `commerce` | what it sells: catalogues, products, orders |
//! | [`media`] | files: uploaded, behind links, received, on the network |
//! | [`tokens`], [`login_codes`] | what programs show, and how they come by it |
//! | [`apps`], [`webhooks`], [`hooks`], [`dispatch`] | programs: subscriptions; what is told, to whom, and how it gets there |
//! | [`webhook_endpoints`], [`webhook_log`], [`webhook_replay`] | what the owner does with them |
pub mod agent;
pub mod analytics;
pub mod apps;
pub mod business;
pub mod chats;
pub mod cluster;
mod commerce;
mod common;
mod compose;
pub mod consent;
pub mod contacts;
mod content;
mod control;
pub mod customer_groups;
mod directory;
pub mod dispatch;
mod early;
pub mod error;
mod exchange;
pub mod flows;
pub mod groups;
mod history;
pub mod hooks;
mod identity;
mod inbound;
pub mod live;
pub mod login_codes;
pub mod media;
pub mod messages;
pub mod money;
pub mod nodes;
mod notices;
mod offered;
pub mod operators;
pub mod outbox;
mod pace;
pub mod password;
mod phones;
mod portfolio;
pub mod profile;
pub mod qr_links;
pub mod react;
pub mod reactions;
mod receive;
pub mod registration;
pub mod rules;
pub mod send;
pub mod settings;
mod standing;
pub mod statistics;
pub mod status;
mod tasks;
pub mod templates;
pub mod tokens;
pub mod trust;
mod unsendable;
mod username;
pub mod vault;
mod waiting;
mod warnings;
pub mod webhook_endpoints;
pub mod webhook_log;
pub mod webhook_replay;
pub mod webhooks;
mod welcome;

pub use business::{Business, BusinessRecord};
pub use common::Common;
pub use error::Error;

use crate::{
    cluster::{Cluster, Here},
    common::Made,
    media::Shelf,
    tasks::Tasks,
    vault::Vault,
};
use parking_lot::RwLock;
use std::{collections::HashMap, ops::Deref, sync::Arc};
use suki_link::{Carrier, Dial};
use suki_store::{Blobs, Db, Migration};
use suki_types::{AccountId, Env};

/// The endpoint's tables.
pub const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "spine", sql: include_str!("../migrations/0001_spine.sql") },
    Migration { version: 2, name: "delivery_lane", sql: include_str!("../migrations/0002_delivery_lane.sql") },
    Migration { version: 3, name: "templates", sql: include_str!("../migrations/0003_templates.sql") },
    Migration { version: 4, name: "trust", sql: include_str!("../migrations/0004_trust.sql") },
    Migration { version: 5, name: "rules", sql: include_str!("../migrations/0005_rules.sql") },
    Migration { version: 6, name: "consent", sql: include_str!("../migrations/0006_consent.sql") },
    Migration { version: 7, name: "statistics", sql: include_str!("../migrations/0007_statistics.sql") },
    Migration { version: 8, name: "webhook_memory", sql: include_str!("../migrations/0008_webhook_memory.sql") },
    Migration { version: 9, name: "media", sql: include_str!("../migrations/0009_media.sql") },
    Migration { version: 10, name: "reactions", sql: include_str!("../migrations/0010_reactions.sql") },
    Migration { version: 11, name: "tokens", sql: include_str!("../migrations/0011_tokens.sql") },
    Migration { version: 12, name: "customer_groups", sql: include_str!("../migrations/0012_customer_groups.sql") },
    Migration { version: 13, name: "reaction_sent", sql: include_str!("../migrations/0013_reaction_sent.sql") },
    Migration { version: 14, name: "number", sql: include_str!("../migrations/0014_number.sql") },
    Migration { version: 15, name: "flows", sql: include_str!("../migrations/0015_flows.sql") },
    Migration { version: 16, name: "template_figures", sql: include_str!("../migrations/0016_template_figures.sql") },
    Migration { version: 17, name: "catalog", sql: include_str!("../migrations/0017_catalog.sql") },
    Migration { version: 18, name: "identity", sql: include_str!("../migrations/0018_identity.sql") },
    Migration { version: 19, name: "key_check", sql: include_str!("../migrations/0019_key_check.sql") },
    Migration { version: 20, name: "tls", sql: include_str!("../migrations/0020_tls.sql") },
    Migration { version: 21, name: "read_marks", sql: include_str!("../migrations/0021_read_marks.sql") },
    Migration { version: 22, name: "early_receipts", sql: include_str!("../migrations/0022_early_receipts.sql") },
];

/// What is said to a node that has not the key of the others.
const OTHER_KEY: &str = "this store was made with another endpoint.key: nodes that share a database share its keys; put a copy of that file into this node's \
     folder of keys (--keys), readable by its owner alone, and start again";

/// What an endpoint is made of.
pub struct Parts {
    /// Its store, not yet migrated.
    pub db: Db,
    /// The key all secrets at rest are sealed under.
    pub key: [u8; 32],
    /// Time and randomness.
    pub env: Env,
    /// How its devices reach the network.
    pub dial: Arc<dyn Dial>,
    /// How webhooks leave.
    pub http: Arc<dyn dispatch::Http>,
    /// Where the bytes of files are kept.
    pub files: Blobs,
    /// How sealed files reach the network.
    pub carrier: Arc<dyn Carrier>,
    /// How files behind links are fetched.
    pub links: Arc<dyn media::Links>,
    /// The address people use, for what programs are told unasked.
    pub public_url: Arc<str>,
    /// The MLS suites it offers, best first.
    pub suites: Vec<suki_e2ee::Suite>,
    /// This node, where it shares its store with others; without it every business runs here.
    pub node: Option<Here>,
}

/// All businesses of one process. A cheap handle; when the last one is dropped, all that it does ends, wherever it is.
#[derive(Clone)]
pub struct Endpoint(Arc<Inner>);

struct Inner {
    common: Arc<Common>,
    running: RwLock<HashMap<AccountId, Arc<Business>>>,
    /// What goes on beside the businesses. None of it holds the endpoint.
    tasks: Tasks,
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Their tasks hold them: they would go on for as long as the process.
        self.running.get_mut().drain().for_each(|(_, business)| business.let_go());
        self.common.dispatcher().let_go();
    }
}

impl Deref for Endpoint {
    type Target = Common;

    fn deref(&self) -> &Common {
        &self.0.common
    }
}

impl Endpoint {
    /// Opens the store, starts every business that is in it and is this node's, and the webhooks that are due.
    ///
    /// # Errors
    /// When the store cannot be migrated or read, or was made with another key.
    pub async fn open(parts: Parts) -> Result<Self, Error> {
        let db = parts.db.clone();
        tokio::task::spawn_blocking(move || db.migrate(MIGRATIONS)).await.map_err(|error| Error::Internal(error.to_string()))??;
        let vault = Vault::new(parts.key, parts.env.clone());
        if !suki_store::check_key(&parts.db, "endpoint", vault.fingerprint()).await? {
            return Err(Error::Conflict(OTHER_KEY.into()));
        }
        let common = Common::new(Made {
            db: parts.db,
            vault,
            env: parts.env,
            http: parts.http,
            files: Shelf::new(parts.files, parts.carrier, parts.links, parts.public_url),
            dial: parts.dial,
            suites: parts.suites,
            cluster: parts.node.map(Cluster::new),
        });
        let endpoint = Self(Arc::new(Inner { common: Arc::new(common), running: RwLock::default(), tasks: Tasks::default() }));
        if endpoint.is_shared() {
            endpoint.join().await?;
        } else {
            for id in business::ids(endpoint.db()).await? {
                endpoint.start(endpoint.db().clone(), id, 0).await?;
            }
        }
        endpoint.0.tasks.spawn(endpoint.dispatcher().keep_house());
        Ok(endpoint)
    }

    /// A business that runs here.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none with this id; [`Error::Elsewhere`] where another node may run it.
    pub fn business(&self, id: AccountId) -> Result<Arc<Business>, Error> {
        let found = self.0.running.read().get(&id).cloned();
        found.ok_or_else(|| if self.is_shared() { Error::Elsewhere(id) } else { Error::NotFound("business") })
    }

    /// Every business that runs here.
    pub fn businesses(&self) -> Vec<Arc<Business>> {
        self.0.running.read().values().cloned().collect()
    }
}
