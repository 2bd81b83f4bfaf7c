//! Where a business runs.
use super::{Cluster, GIVEN_MILLIS, key};
use crate::{Business, Endpoint, Error, business};
use parking_lot::RwLock;
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, atomic::Ordering},
};
use suki_store::ownership;
use suki_types::{AccountId, NodeId};

/// How often is looked whether a node is gone, in milliseconds.
const LOOK_MILLIS: i64 = 1_000;
/// For how long a node that has left may still answer, in milliseconds.
const LEAVING_MILLIS: i64 = 60_000;
/// How many owners are remembered; when there are more, all are forgotten and asked for again.
const REMEMBERED: usize = 10_000;

/// Where a business runs.
#[derive(Clone)]
pub enum Place {
    /// Here.
    Here(Arc<Business>),
    /// On the node that is reached at this address.
    At(NodeId, String),
    /// Nowhere at the moment: it is on its way from one node to another.
    Nowhere,
}

/// What is remembered of the other nodes.
#[derive(Default)]
pub(super) struct Known {
    /// The nodes that live, and where they are reached.
    addresses: RwLock<HashMap<NodeId, String>>,
    /// Those that are taken for dead.
    dead: RwLock<HashSet<NodeId>>,
    owners: RwLock<HashMap<AccountId, NodeId>>,
}

impl Known {
    /// The nodes that live now, and those that do not.
    pub fn set(&self, living: HashMap<NodeId, String>, dead: HashSet<NodeId>) {
        *self.addresses.write() = living;
        *self.dead.write() = dead;
    }

    /// A node that came after this one looked the last time.
    fn meet(&self, node: NodeId, address: String) {
        if !self.dead.read().contains(&node) {
            self.addresses.write().insert(node, address);
        }
    }

    fn at(&self, node: NodeId) -> Option<Place> {
        self.addresses.read().get(&node).map(|address| Place::At(node, address.clone()))
    }

    fn of(&self, business: AccountId) -> Option<Place> {
        let node = self.owners.read().get(&business).copied()?;
        self.at(node)
    }

    fn remember(&self, business: AccountId, node: NodeId) {
        let mut owners = self.owners.write();
        if owners.len() >= REMEMBERED {
            owners.clear();
        }
        owners.insert(business, node);
    }
}

impl Endpoint {
    /// Where a business runs. One that nobody runs is taken up here, unless this node is leaving or has just given it back.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such business, or when the store fails.
    pub async fn place(&self, id: AccountId) -> Result<Place, Error> {
        let Some(cluster) = &self.cluster else { return Ok(Place::Here(self.business(id)?)) };
        if let Ok(business) = self.business(id) {
            // Who was not heard for long may have lost it.
            return Ok(if self.is_heard() { Place::Here(business) } else { Place::Nowhere });
        }
        if let Some(place) = cluster.known.of(id) {
            return Ok(place);
        }
        match ownership::owner(self.db(), key(id)).await?.and_then(|owned| owned.node) {
            Some(node) if node == cluster.here.id => Ok(Place::Nowhere),
            Some(node) => {
                if cluster.known.at(node).is_none()
                    && let Some(other) = ownership::nodes(self.db()).await?.into_iter().find(|other| other.node == node)
                {
                    cluster.known.meet(node, other.address);
                }
                let place = cluster.known.at(node);
                if place.is_some() {
                    cluster.known.remember(id, node);
                }
                Ok(place.unwrap_or(Place::Nowhere))
            }
            None => self.adopt(cluster, id).await,
        }
    }

    /// Until a node is taken for dead, or has been gone for longer than one that left in order takes to answer what it was sent before.
    pub async fn until_dead(&self, node: NodeId) {
        let Some(cluster) = &self.cluster else { return };
        let mut there_at = self.env().now();
        while !cluster.known.dead.read().contains(&node) {
            let now = self.env().now();
            if cluster.known.at(node).is_some() {
                there_at = now;
            } else if now.since(there_at) >= LEAVING_MILLIS {
                return;
            }
            self.env().clock.wait_until(now.plus_millis(LOOK_MILLIS)).await;
        }
    }

    /// What was remembered of where a business runs turned out to be wrong.
    pub fn forget_place(&self, id: AccountId) {
        if let Some(cluster) = &self.cluster {
            cluster.known.owners.write().remove(&id);
        }
    }

    async fn adopt(&self, cluster: &Cluster, id: AccountId) -> Result<Place, Error> {
        let now = self.env().now();
        let was_given = cluster.given.lock().get(&id).is_some_and(|at| now.since(*at) < GIVEN_MILLIS);
        if was_given || cluster.leaving.load(Ordering::Acquire) || !cluster.lease.holds(now) {
            return Ok(Place::Nowhere);
        }
        // A key is made for what is there alone.
        business::record(self.db(), id).await?;
        let Some(epoch) = ownership::claim(self.db(), key(id), cluster.here.id).await? else { return Ok(Place::Nowhere) };
        Ok(Place::Here(self.take_up(id, epoch).await?))
    }
}
