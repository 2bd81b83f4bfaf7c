//! What all businesses of an endpoint have in common. It does not know them: each holds it, and none is held by another through it.
use crate::{
    Error,
    cluster::{Cluster, Lease},
    directory::Directory,
    dispatch::{self, Dispatcher},
    media::Shelf,
    vault::Vault,
};
use std::sync::Arc;
use suki_e2ee::Suite;
use suki_link::{Dial, Eager};
use suki_store::{Db, StoreError};
use suki_types::Env;

/// What all businesses of an endpoint have in common.
pub struct Common {
    db: Db,
    vault: Vault,
    env: Env,
    dispatcher: Dispatcher,
    files: Shelf,
    directory: Directory,
    pub(crate) dial: Arc<dyn Dial>,
    /// The MLS suites it offers, best first.
    pub(crate) suites: Vec<Suite>,
    /// The other nodes, where it shares its store with any.
    pub(crate) cluster: Option<Cluster>,
}

/// What [`Common`] is made of beside what it makes itself.
pub(crate) struct Made {
    pub db: Db,
    pub vault: Vault,
    pub env: Env,
    pub http: Arc<dyn dispatch::Http>,
    pub files: Shelf,
    pub dial: Arc<dyn Dial>,
    pub suites: Vec<Suite>,
    pub cluster: Option<Cluster>,
}

impl Common {
    pub(crate) fn new(made: Made) -> Self {
        let lease = made.cluster.as_ref().map_or_else(Lease::endless, Cluster::lease);
        let dispatcher = Dispatcher::leased(made.db.clone(), made.vault.clone(), made.env.clone(), made.http, lease);
        Self {
            db: made.db,
            vault: made.vault,
            env: made.env,
            dispatcher,
            files: made.files,
            directory: Directory::default(),
            dial: Arc::new(Eager(made.dial)),
            suites: made.suites,
            cluster: made.cluster,
        }
    }

    /// The store, for reading.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Time and randomness.
    pub fn env(&self) -> &Env {
        &self.env
    }

    /// Where people reach this server.
    pub fn public_url(&self) -> &str {
        &self.files.public_url
    }

    /// What seals secrets at rest.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    pub(crate) fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Where files are, and how they move.
    pub(crate) fn files(&self) -> &Shelf {
        &self.files
    }

    /// What delivers webhooks.
    pub fn dispatcher(&self) -> &Dispatcher {
        &self.dispatcher
    }

    /// Whether other nodes may run businesses of the same store.
    pub fn is_shared(&self) -> bool {
        self.cluster.is_some()
    }

    /// Whether this node may do what only one node does: the others have heard of it a moment ago, or there are none.
    pub fn is_heard(&self) -> bool {
        self.cluster.as_ref().is_none_or(|cluster| cluster.lease().holds(self.env().now()))
    }

    /// Whether an error says that something here is another node's by now; then that is looked after at once.
    pub(crate) fn note_loss(&self, error: &Error) {
        if matches!(error, Error::Store(StoreError::NotOwner))
            && let Some(cluster) = &self.cluster
        {
            cluster.lease().doubt();
        }
    }
}
