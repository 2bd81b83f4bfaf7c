//! Which of the nodes keeps house: one at a time runs the jobs that concern all ([`Network::run_jobs`]). It owns a key of the store and counts its beat up;
//! the others watch the beat, and when it has stood still for [`DEAD_MILLIS`] of a watcher's own time, that one takes the house over. A node that was
//! taken for dead and is not may run a job at the same time as its successor: each job bears it.
use crate::Network;
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
};
use suki_store::{
    Key, StoreError,
    ownership::{self, Owned},
};
use suki_types::{Env, NodeId, Timestamp};

/// The key of the house.
const HOUSE: Key = *b"suki keeps house";
/// How often a node beats and looks who keeps house, in milliseconds.
const EVERY_MILLIS: i64 = 5_000;
/// A node whose beat stands still for so long is taken for dead, in milliseconds.
const DEAD_MILLIS: i64 = 10_000;
/// A node whose beat stands still for so long is forgotten, in milliseconds.
const FORGOTTEN_MILLIS: i64 = 600_000;

/// What a node knows of the house.
#[derive(Debug)]
pub(crate) struct House {
    node: NodeId,
    is_ours: AtomicBool,
    /// The beats of the nodes, and since when each has stood there.
    beats: Mutex<HashMap<NodeId, (i64, Timestamp)>>,
}

impl House {
    /// Of a node; one without a name of its own gets one.
    pub fn new(node: Option<NodeId>, env: &Env) -> Self {
        Self { node: node.unwrap_or_else(|| NodeId::new(env)), is_ours: AtomicBool::new(false), beats: Mutex::default() }
    }

    /// Notes the beats of all nodes; the nodes whose beats stand still for at least so long.
    fn watch(&self, nodes: &[(NodeId, i64)], now: Timestamp) -> HashMap<NodeId, i64> {
        let mut beats = self.beats.lock();
        beats.retain(|known, _| nodes.iter().any(|(node, _)| node == known));
        for (node, beat) in nodes {
            let known = beats.entry(*node).or_insert((*beat, now));
            if known.0 != *beat {
                *known = (*beat, now);
            }
        }
        beats.iter().map(|(node, (_, since))| (*node, now.since(*since))).collect()
    }
}

impl Network {
    /// Whether this node keeps house, as it found when it last looked; always so where it has the store to itself.
    pub(crate) fn keeps_house(&self) -> bool {
        !self.0.db.is_shared() || self.0.house.is_ours.load(Ordering::Relaxed)
    }

    /// Says that this node lives, looks who keeps house, and takes it when nobody does; whether it is this node's now. Call it every few seconds.
    ///
    /// # Errors
    /// When the store fails; this node keeps no house then.
    pub async fn mind_house(&self, now: Timestamp) -> Result<bool, StoreError> {
        let ours = self.look_at_house(now).await;
        let was = self.0.house.is_ours.swap(*ours.as_ref().unwrap_or(&false), Ordering::Relaxed);
        if ours == Ok(!was) {
            tracing::info!(keeps_house = !was, "who runs the network's jobs has changed");
        }
        ours
    }

    async fn look_at_house(&self, now: Timestamp) -> Result<bool, StoreError> {
        let (db, house) = (&self.0.db, &self.0.house);
        if !ownership::beat(db, house.node, 0).await? {
            ownership::join(db, house.node, String::new(), now).await?;
        }
        let nodes: Vec<_> = ownership::nodes(db).await?.into_iter().map(|node| (node.node, node.beat)).collect();
        let still = house.watch(&nodes, now);
        match ownership::owner(db, HOUSE).await? {
            Some(Owned { node: Some(node), .. }) if node == house.node => {
                for (dead, _) in still.iter().filter(|(_, still)| **still >= FORGOTTEN_MILLIS) {
                    ownership::leave(db, *dead).await?;
                }
                Ok(true)
            }
            // Who is not among the nodes has left.
            Some(Owned { node: Some(node), epoch, .. }) if still.get(&node).is_none_or(|still| *still >= DEAD_MILLIS) => {
                Ok(ownership::take_over(db, HOUSE, house.node, node, epoch).await?.is_some())
            }
            Some(Owned { node: Some(_), .. }) => Ok(false),
            _ => Ok(ownership::claim(db, HOUSE, house.node).await?.is_some()),
        }
    }

    pub(crate) async fn watch_house(&self) {
        while self.0.db.is_shared() {
            let now = self.env().now();
            if let Err(error) = self.mind_house(now).await {
                tracing::warn!(%error, "this node does not know whether it is to run the network's jobs");
            }
            self.env().clock.wait_until(now.plus_millis(EVERY_MILLIS)).await;
        }
    }
}
