//! The task that keeps this node among the others: it tells that it lives, sees who else does, takes up what nobody runs and gives back what is more than
//! its share.
use super::{
    Cluster, key,
    share::{self, Holder, Plan},
    watch::Watch,
};
use crate::{Business, Common, Endpoint, Error, Inner};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Weak, atomic::Ordering},
};
use suki_store::ownership::{self, Node, Owned};
use suki_types::{AccountId, NodeId, Timestamp};

/// How often it looks, in milliseconds.
const LOOK_MILLIS: i64 = 2_000;
/// How many businesses it takes up at once.
const AT_ONCE: usize = 8;
/// How many it gives back between two looks.
const GIVEN_AT_ONCE: usize = 16;

/// What the keeper remembers from look to look.
pub(crate) struct Keeper {
    watch: Watch,
}

impl Endpoint {
    /// Joins the other nodes, takes up what is free, and stays among them.
    ///
    /// # Errors
    /// When the store fails, or a business cannot be started.
    pub(crate) async fn join(&self) -> Result<(), Error> {
        let Some(cluster) = &self.cluster else { return Ok(()) };
        let here = &cluster.here;
        ownership::join(self.db(), here.id, here.address.clone(), self.env().now()).await?;
        let mut keeper = Keeper { watch: Watch::new(here.dead_after_millis) };
        if let Some(before) = here.before.filter(|before| *before != here.id) {
            self.inherit(cluster, before).await?;
        }
        if let Some(failed) = self.look(cluster, &mut keeper).await?.into_iter().next() {
            return Err(failed);
        }
        self.0.tasks.spawn(keep(Arc::downgrade(&self.0), self.0.common.clone(), keeper));
        Ok(())
    }

    /// What ran in this node's place before runs no more: nobody has to wait until that shows.
    async fn inherit(&self, cluster: &Cluster, before: NodeId) -> Result<(), Error> {
        for owned in ownership::all(self.db()).await?.into_iter().filter(|owned| owned.node == Some(before)) {
            ownership::release(self.db(), owned.key, before, owned.epoch).await?;
        }
        tracing::debug!(node = %cluster.here.id, %before, "what ran here before is free");
        Ok(ownership::leave(self.db(), before).await?)
    }

    /// Looks once. Gives the failures of single businesses.
    async fn look(&self, cluster: &Cluster, keeper: &mut Keeper) -> Result<Vec<Error>, Error> {
        let (heard_at, here_millis) = (self.env().now(), cluster.here.dead_after_millis);
        if cluster.leaving.load(Ordering::Acquire) {
            // Requests that still come here go on to the others.
            keeper.see(cluster, &ownership::nodes(self.db()).await?, &ownership::all(self.db()).await?, heard_at);
            return Ok(Vec::new());
        }
        if !ownership::beat(self.db(), cluster.here.id).await? && !cluster.leaving.load(Ordering::Acquire) {
            // Others took this node for dead and have forgotten it.
            ownership::join(self.db(), cluster.here.id, cluster.here.address.clone(), heard_at).await?;
        }
        // Taken before the keys are read: what is taken up meanwhile is not in question.
        let running = self.businesses();
        let (nodes, owned) = (ownership::nodes(self.db()).await?, ownership::all(self.db()).await?);
        let here: HashSet<AccountId> = crate::business::ids(self.db()).await?.into_iter().collect();
        keeper.see(cluster, &nodes, &owned, heard_at);
        self.drop_lost(cluster, running, &owned).await;
        // It may have run out since the last look: then what had to wait for it goes on.
        let went_on = cluster.lease.holds(self.env().now());
        // A little less than until others take over.
        cluster.lease.renew(heard_at.plus_millis(here_millis * 8 / 10));
        if !went_on {
            self.dispatcher().go_on();
        }
        let mut failed = self.go_on_with(cluster, &owned).await;
        let plan = keeper.plan(cluster, &nodes, &owned, here);
        failed.extend(self.take(cluster, plan.take).await);
        self.give(cluster, plan.give).await;
        keeper.forget_dead(self, &nodes, &owned).await;
        Ok(failed)
    }

    /// Stops what another node has taken over.
    async fn drop_lost(&self, cluster: &Cluster, running: Vec<Arc<Business>>, owned: &[Owned]) {
        let mine: HashMap<_, _> = owned.iter().filter(|owned| owned.node == Some(cluster.here.id)).map(|owned| (owned.key, owned.epoch)).collect();
        for business in running {
            if mine.get(&key(business.id())) != Some(&business.epoch()) {
                tracing::warn!(business = %business.id(), "another node has taken this business over");
                self.drop_business(&business).await;
            }
        }
    }

    /// Starts what is this node's and does not run, since its start failed.
    async fn go_on_with(&self, cluster: &Cluster, owned: &[Owned]) -> Vec<Error> {
        let mut failed = Vec::new();
        for owned in owned.iter().filter(|owned| owned.node == Some(cluster.here.id)) {
            let id = AccountId::from_bytes(owned.key);
            if self.business(id).is_err() && !cluster.starting.lock().contains(&id) && !cluster.leaving.load(Ordering::Acquire) {
                failed.extend(self.take_up(id, owned.epoch).await.err());
            }
        }
        failed
    }

    async fn take(&self, cluster: &Cluster, take: Vec<(AccountId, Holder)>) -> Vec<Error> {
        let mut failed = Vec::new();
        for some in take.chunks(AT_ONCE) {
            let taken = some.iter().map(|(id, holder)| self.take_one(cluster, *id, *holder));
            failed.extend(futures_util::future::join_all(taken).await.into_iter().filter_map(Result::err));
        }
        failed
    }

    async fn take_one(&self, cluster: &Cluster, id: AccountId, holder: Holder) -> Result<(), Error> {
        let (db, here) = (self.db(), cluster.here.id);
        let epoch = match holder {
            _ if cluster.leaving.load(Ordering::Acquire) => None,
            Holder::Nobody => ownership::claim(db, key(id), here).await?,
            Holder::Dead(from, epoch) => ownership::take_over(db, key(id), here, from, epoch).await?,
            Holder::Node(_) => None,
        };
        // Somebody else was quicker where there is none.
        let Some(epoch) = epoch else { return Ok(()) };
        tracing::info!(business = %id, was_dead = matches!(holder, Holder::Dead(..)), "a business is taken up");
        match self.take_up(id, epoch).await {
            // A request has brought it here meanwhile.
            Err(Error::Elsewhere(_)) => Ok(()),
            other => other.map(drop),
        }
    }

    /// Gives back so many businesses, those first that nobody looks at and that nothing has happened to for longest.
    async fn give(&self, cluster: &Cluster, count: usize) {
        if count == 0 || cluster.leaving.load(Ordering::Acquire) {
            return;
        }
        let mut all = self.businesses();
        all.sort_by_key(|business| (business.live().is_watched(), business.active_at(), business.id()));
        for business in all.iter().take(count.min(GIVEN_AT_ONCE)) {
            self.give_back(business).await;
        }
    }
}

/// Looks again and again, for as long as there is an endpoint to look for.
async fn keep(endpoint: Weak<Inner>, common: Arc<Common>, mut keeper: Keeper) {
    let Some(cluster) = &common.cluster else { return };
    loop {
        let next = common.env().now().plus_millis(LOOK_MILLIS);
        tokio::select! { () = common.env().clock.wait_until(next) => {} () = cluster.lease.doubted() => {} }
        let Some(endpoint) = endpoint.upgrade().map(Endpoint) else { return };
        match endpoint.look(cluster, &mut keeper).await {
            Ok(failed) => failed.iter().for_each(|error| tracing::error!(%error, "a business cannot be taken up; trying again")),
            Err(error) => tracing::warn!(%error, "this node cannot tell the others that it lives"),
        }
    }
}

impl Keeper {
    fn see(&mut self, cluster: &Cluster, nodes: &[Node], owned: &[Owned], now: Timestamp) {
        let mut beats: HashMap<NodeId, Option<i64>> = owned.iter().filter_map(|owned| owned.node).map(|node| (node, None)).collect();
        beats.extend(nodes.iter().map(|node| (node.node, Some(node.beat))));
        self.watch.see(beats, now);
        let living = nodes.iter().filter(|node| self.watch.is_living(node.node));
        let dead = nodes.iter().map(|node| node.node).filter(|node| self.watch.is_dead(*node));
        cluster.known.set(living.map(|node| (node.node, node.address.clone())).collect(), dead.collect());
        cluster.given.lock().retain(|_, at| now.since(*at) < super::GIVEN_MILLIS);
    }

    fn plan(&self, cluster: &Cluster, nodes: &[Node], owned: &[Owned], here: HashSet<AccountId>) -> Plan {
        let me = cluster.here.id;
        let living: Vec<NodeId> = nodes.iter().map(|node| node.node).filter(|node| self.watch.is_living(*node)).collect();
        let mut holders: HashMap<AccountId, Holder> = here.into_iter().map(|id| (id, Holder::Nobody)).collect();
        for owned in owned {
            let Some(holder) = holders.get_mut(&AccountId::from_bytes(owned.key)) else { continue };
            *holder = match owned.node {
                None => Holder::Nobody,
                Some(node) if node != me && self.watch.is_dead(node) => Holder::Dead(node, owned.epoch),
                Some(node) => Holder::Node(node),
            };
        }
        let given = cluster.given.lock();
        // Each node begins elsewhere, so that they do not all reach for the same ones.
        let mut all: Vec<_> = holders.into_iter().filter(|(id, holder)| *holder != Holder::Nobody || !given.contains_key(id)).collect();
        all.sort_by_key(|(id, _)| id.as_bytes().iter().zip(me.as_bytes()).map(|(one, other)| one ^ other).rev().collect::<Vec<u8>>());
        share::plan(me, &living, &all)
    }

    /// Takes away the rows of nodes that are dead and own nothing any more.
    async fn forget_dead(&self, endpoint: &Endpoint, nodes: &[Node], owned: &[Owned]) {
        for node in nodes.iter().map(|node| node.node) {
            if self.watch.is_dead(node)
                && !owned.iter().any(|owned| owned.node == Some(node))
                && let Err(error) = ownership::leave(endpoint.db(), node).await
            {
                tracing::debug!(%error, "a dead node's row stays until the next look");
            }
        }
    }
}
