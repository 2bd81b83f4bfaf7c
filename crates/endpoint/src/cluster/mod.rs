//! Many nodes over one store: each business runs on exactly one of them at a time.
//!
//! | module | subject |
//! |---|---|
//! | `keeper` | the task that tells that this node lives, takes businesses up and gives them back |
//! | `watch` | which nodes live |
//! | `share` | how many businesses are each node's |
//! | `sweep` | a slow walk over all businesses |
//! | `lease` | how long a node may go on that was not heard |
//! | `place` | where a business runs |
//! | `whose` | which business a request is for |
//!
//! Who owns a business is a row of the store ([`suki_store::ownership`]), and what a business writes is stored only while that row says so: a node that
//! sleeps or is cut off cannot write any more once another has taken over, whatever it believes. All else here is about being quick.
mod keeper;
mod lease;
mod place;
mod share;
mod sweep;
mod watch;
mod whose;

pub(crate) use lease::Lease;
pub use place::Place;

use crate::{
    Business, Endpoint, Error,
    business::{self, BusinessRecord, Tenure},
    operators::Operator,
};
use parking_lot::Mutex;
use place::Known;
use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use suki_store::{Db, ownership};
use suki_types::{AccountId, NodeId, Timestamp};

/// A node that shares its store with others.
#[derive(Debug, Clone)]
pub struct Here {
    /// Its id, a new one with each start.
    pub id: NodeId,
    /// Where other nodes reach it: `http://HOST:PORT`.
    pub address: String,
    /// The node that ran in this one's place before, when it is certain that it runs no more.
    pub before: Option<NodeId>,
    /// For how many milliseconds another node may not be heard until it is taken for dead; [`DEAD_AFTER_MILLIS`] but in tests. All nodes have the same.
    pub dead_after_millis: i64,
}

/// For how many milliseconds a node may not be heard until the others take its businesses over.
pub const DEAD_AFTER_MILLIS: i64 = 10_000;

/// For how long a node does not take back what it gave away unless it has to, in milliseconds.
const GIVEN_MILLIS: i64 = 10_000;

/// What this node knows of the others.
pub(crate) struct Cluster {
    here: Here,
    lease: Lease,
    /// Businesses that are about to start here.
    starting: Mutex<HashSet<AccountId>>,
    /// Those that were given back a moment ago.
    given: Mutex<HashMap<AccountId, Timestamp>>,
    known: Known,
    /// It takes nothing any more.
    leaving: AtomicBool,
}

impl Cluster {
    pub fn new(here: Here) -> Self {
        Self {
            here,
            lease: Lease::none(),
            starting: Mutex::default(),
            given: Mutex::default(),
            known: Known::default(),
            leaving: AtomicBool::new(false),
        }
    }

    pub fn lease(&self) -> Lease {
        self.lease.clone()
    }
}

/// A business as the store names what is owned.
fn key(id: AccountId) -> [u8; 16] {
    *id.as_bytes()
}

impl Endpoint {
    /// Stops every business here and gives it back, so that other nodes take it up at once. This node takes none any more. What waits or is under way is
    /// stored and goes on there; open inboxes are told to come again.
    pub async fn hand_over(&self) {
        let Some(cluster) = &self.cluster else { return };
        cluster.leaving.store(true, Ordering::Release);
        // Not counted any more when the others divide the businesses among themselves.
        if let Err(error) = ownership::leave(self.db(), cluster.here.id).await {
            tracing::warn!(%error, "the other nodes will find out by themselves that this one leaves");
        }
        let mut going = tokio::task::JoinSet::new();
        for business in self.businesses() {
            let own = self.clone();
            going.spawn(async move { own.give_back(&business).await });
        }
        while going.join_next().await.is_some() {}
    }

    /// Stores a new business and starts it here; among other nodes as this one's own before it is there, so that no other reaches for it.
    pub(crate) async fn take_in(&self, record: BusinessRecord, owner: Option<Operator>) -> Result<(), Error> {
        let (id, db) = (record.id, self.db());
        let Some(cluster) = &self.cluster else {
            business::store(db, record, owner).await?;
            return self.start(db.clone(), id, 0).await.map(drop);
        };
        if cluster.leaving.load(Ordering::Acquire) {
            return Err(Error::Elsewhere(id));
        }
        let (key, here) = (key(id), cluster.here.id);
        let making = async {
            let epoch = ownership::claim(db, key, here).await?.ok_or(Error::Elsewhere(id))?;
            if let Err(error) = business::store(&db.owned(key, here, epoch), record, owner).await {
                ownership::release(db, key, here, epoch).await?;
                return Err(error);
            }
            self.start_owned(cluster, id, epoch).await
        };
        self.starting(cluster, id, making).await.map(drop)
    }

    /// Runs a business here whose key this node has just got, or has.
    async fn take_up(&self, id: AccountId, epoch: i64) -> Result<Arc<Business>, Error> {
        let Some(cluster) = &self.cluster else { return self.business(id) };
        self.starting(cluster, id, self.start_owned(cluster, id, epoch)).await
    }

    async fn start_owned(&self, cluster: &Cluster, id: AccountId, epoch: i64) -> Result<Arc<Business>, Error> {
        let db = self.db().owned(key(id), cluster.here.id, epoch);
        match self.business(id) {
            Ok(running) if running.epoch() == epoch => Ok(running),
            // What it was when this node had it before.
            Ok(former) => {
                self.drop_business(&former).await;
                self.start(db, id, epoch).await
            }
            Err(_) => self.start(db, id, epoch).await,
        }
    }

    /// Starts a business, which the keeper leaves alone meanwhile.
    async fn starting(
        &self,
        cluster: &Cluster,
        id: AccountId,
        start: impl Future<Output = Result<Arc<Business>, Error>>,
    ) -> Result<Arc<Business>, Error> {
        if !cluster.starting.lock().insert(id) {
            return Err(Error::Elsewhere(id));
        }
        let started = start.await;
        cluster.starting.lock().remove(&id);
        if let Ok(business) = &started
            && cluster.leaving.load(Ordering::Acquire)
        {
            // It came while everything went.
            self.give_back(business).await;
            return Err(Error::Elsewhere(id));
        }
        started
    }

    /// Starts a business from what is stored of it.
    pub(crate) async fn start(&self, db: Db, id: AccountId, epoch: i64) -> Result<Arc<Business>, Error> {
        let tenure = Tenure { epoch, turns: db.turns(), db: db.clone() };
        // What was remembered of it may have been changed where it ran.
        self.directory().forget_all();
        let record = business::record(self.db(), id).await?;
        self.dispatcher().begin(id, db).await?;
        match Business::start(self.0.common.clone(), tenure, record).await {
            Ok(business) => {
                self.0.running.write().insert(id, business.clone());
                Ok(business)
            }
            Err(error) => {
                self.dispatcher().end(id).await;
                Err(error)
            }
        }
    }

    /// Stops a business here, unless another start of it has taken its place.
    async fn drop_business(&self, business: &Arc<Business>) {
        {
            let mut running = self.0.running.write();
            if running.get(&business.id()).is_some_and(|now| Arc::ptr_eq(now, business)) {
                running.remove(&business.id());
            }
        }
        business.stop().await;
    }

    /// Stops a business here and lets others have it.
    async fn give_back(&self, business: &Arc<Business>) {
        let Some(cluster) = &self.cluster else { return };
        let id = business.id();
        cluster.given.lock().insert(id, self.env().now());
        self.drop_business(business).await;
        match ownership::release(self.db(), key(id), cluster.here.id, business.epoch()).await {
            Ok(_) => tracing::info!(business = %id, "a business was given back"),
            Err(error) => tracing::warn!(business = %id, %error, "a business could not be given back; others take it when this node is gone"),
        }
    }
}
