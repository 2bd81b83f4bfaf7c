//! The task that keeps this node among the others: it tells that it lives, sees who else does, takes up what nobody runs and gives back what is more than
//! its share. A look costs what there is of nodes and what has changed, and not what there is of businesses.
use super::{
    Cluster, key,
    share::{self, Counts, Holder, Plan},
    sweep::{Seen, Sweep},
    watch::Watch,
};
use crate::{Business, Common, Endpoint, Error, Inner, business};
use futures_util::future::join_all;
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Weak, atomic::Ordering},
};
use suki_store::ownership::{self, Owned, Survey};
use suki_types::{AccountId, NodeId, Timestamp};

/// How often it looks, in milliseconds.
const LOOK_MILLIS: i64 = 2_000;
/// How many businesses it takes up at once.
const AT_ONCE: usize = 8;
/// For how long it takes businesses up until it has to tell again that it lives, in milliseconds.
const TAKING_MILLIS: i64 = 1_000;
/// How many free businesses it looks at, at once.
const CANDIDATES: usize = 1_000;
/// How many it gives back between two looks.
const GIVEN_AT_ONCE: usize = 16;

/// What the keeper remembers from look to look.
pub(crate) struct Keeper {
    watch: Watch,
    sweep: Sweep,
    /// When it was heard last; none when it has reason to believe that others have taken what is this node's.
    heard_at: Option<Timestamp>,
    /// Businesses that nobody has ever run.
    unclaimed: HashSet<AccountId>,
    /// Those of this node that do not run, since their start failed.
    failing: HashSet<AccountId>,
    /// How often another server of the store had taken over.
    turns: u64,
}

/// How a look ended.
#[derive(Default)]
struct Looked {
    failed: Vec<Error>,
    /// There is more to take.
    goes_on: bool,
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
        let mut keeper = Keeper {
            watch: Watch::new(here.dead_after_millis),
            sweep: Sweep::default(),
            heard_at: None,
            unclaimed: HashSet::new(),
            failing: HashSet::new(),
            turns: self.db().turns(),
        };
        if let Some(before) = here.before.filter(|before| *before != here.id) {
            // What ran in this node's place runs no more: nobody has to wait until that shows.
            ownership::release_all(self.db(), before).await?;
            tracing::debug!(node = %here.id, %before, "what ran here before is free");
            ownership::leave(self.db(), before).await?;
        }
        if let Some(failed) = self.look(cluster, &mut keeper).await?.failed.into_iter().next() {
            return Err(failed);
        }
        self.0.tasks.spawn(keep(Arc::downgrade(&self.0), self.0.common.clone(), keeper));
        Ok(())
    }

    /// Looks once.
    async fn look(&self, cluster: &Cluster, keeper: &mut Keeper) -> Result<Looked, Error> {
        let (now, dead_after) = (self.env().now(), cluster.here.dead_after_millis);
        if cluster.leaving.load(Ordering::Acquire) {
            // Requests that still come here go on to the others.
            keeper.see(cluster, &ownership::survey(self.db()).await?, now);
            return Ok(Looked::default());
        }
        // Taken before anything is read: what is taken up meanwhile is not in question.
        let running = self.businesses();
        let was_known = ownership::beat(self.db(), cluster.here.id, running.len() + keeper.failing.len()).await?;
        if !was_known && !cluster.leaving.load(Ordering::Acquire) {
            // Others took this node for dead and have forgotten it.
            ownership::join(self.db(), cluster.here.id, cluster.here.address.clone(), now).await?;
        }
        let survey = ownership::survey(self.db()).await?;
        keeper.see(cluster, &survey, now);
        keeper.note_turn(self.db().turns());
        let mut seen = keeper.sweep.go_on(self).await?;
        // Nobody takes anything from a node that was heard all the time.
        let was_heard = was_known && keeper.heard_at.is_some_and(|at| (0..dead_after / 2).contains(&now.since(at)));
        if !was_heard {
            seen.owned = ownership::of_node(self.db(), cluster.here.id).await?;
        }
        self.drop_lost(cluster, &running, &seen.owned, !was_heard).await;
        keeper.note(cluster, self, &seen);
        keeper.heard_at = Some(now);
        // It may have run out since the last look: then what had to wait for it goes on.
        let went_on = cluster.lease.holds(self.env().now());
        // A little less than until others take over.
        cluster.lease.renew(now.plus_millis(dead_after * 8 / 10));
        if !went_on {
            self.dispatcher().go_on();
        }
        let mut looked = Looked { failed: self.try_again(cluster, keeper).await?, goes_on: false };
        self.start_anew(cluster, keeper, now, &mut looked).await;
        let plan = keeper.plan(cluster, self, &survey).await?;
        self.take(cluster, keeper, plan.take, now, &mut looked).await;
        self.give(cluster, plan.give).await;
        keeper.forget_dead(self, &survey).await;
        Ok(looked)
    }

    /// Stops what another node has taken over: all that is not among what was read, or only what is and says so.
    async fn drop_lost(&self, cluster: &Cluster, running: &[Arc<Business>], owned: &[Owned], is_all: bool) {
        let owners: HashMap<_, _> = owned.iter().map(|owned| (owned.key, (owned.node, owned.epoch))).collect();
        let is_lost = |business: &&Arc<Business>| match owners.get(&key(business.id())) {
            Some(owner) => *owner != (Some(cluster.here.id), business.epoch()),
            None => is_all,
        };
        let lost = running.iter().filter(is_lost).map(|business| {
            tracing::warn!(business = %business.id(), "another node has taken this business over");
            self.drop_business(business)
        });
        join_all(lost).await;
    }

    /// Starts what is this node's and does not run, since its start failed. Under a new epoch: somebody may still hold what ran under the one before.
    async fn try_again(&self, cluster: &Cluster, keeper: &mut Keeper) -> Result<Vec<Error>, Error> {
        if keeper.failing.is_empty() {
            return Ok(Vec::new());
        }
        // One whose making failed half way is not there at all.
        let there = business::existing(self.db(), keeper.failing.drain().collect()).await?;
        let owned = ownership::of_keys(self.db(), there.into_iter().map(key).collect()).await?;
        let mut failed = Vec::new();
        for owned in owned.iter().filter(|owned| owned.node == Some(cluster.here.id)) {
            let id = AccountId::from_bytes(owned.key);
            let is_idle = self.business(id).is_err() && !cluster.starting.lock().contains(&id) && !cluster.leaving.load(Ordering::Acquire);
            if is_idle && let Err(error) = self.take_one(cluster, id, Holder::Dead(cluster.here.id, owned.epoch)).await {
                keeper.failing.insert(id);
                failed.push(error);
            }
        }
        Ok(failed)
    }

    /// Takes businesses up, and says when it could not take all of them before it has to look again.
    async fn take(&self, cluster: &Cluster, keeper: &mut Keeper, take: Vec<(AccountId, Holder)>, began: Timestamp, looked: &mut Looked) {
        let mut taken = false;
        for (place, some) in take.chunks(AT_ONCE).enumerate() {
            if place > 0 && self.env().now().since(began) >= TAKING_MILLIS {
                looked.goes_on = taken;
                return;
            }
            let outcomes = join_all(some.iter().map(|(id, holder)| self.take_one(cluster, *id, *holder))).await;
            for ((id, _), outcome) in some.iter().zip(outcomes) {
                keeper.unclaimed.remove(id);
                taken |= outcome.is_ok();
                if let Err(error) = outcome {
                    keeper.failing.insert(*id);
                    looked.failed.push(error);
                }
            }
        }
        looked.goes_on |= taken && take.len() >= CANDIDATES;
    }

    /// Starts businesses again from what is stored, as after a crash, until it has to tell again that it lives: those that were read from a server of the store
    /// whose place another has taken, be it while they started.
    async fn start_anew(&self, cluster: &Cluster, keeper: &mut Keeper, began: Timestamp, looked: &mut Looked) {
        let mut stale: Vec<_> = self.businesses().into_iter().filter(|business| business.is_stale()).collect();
        while !stale.is_empty() {
            let some = stale.split_off(stale.len().saturating_sub(AT_ONCE));
            let outcomes = join_all(some.iter().map(|former| self.take_again(cluster, former))).await;
            for (former, outcome) in some.iter().zip(outcomes) {
                if let Err(error) = outcome {
                    keeper.failing.insert(former.id());
                    looked.failed.push(error);
                }
            }
            if self.env().now().since(began) >= TAKING_MILLIS {
                looked.goes_on = !stale.is_empty();
                return;
            }
        }
    }

    /// What the former start has still under way is stored before the key is taken anew, or not at all: nothing is read until then.
    async fn take_again(&self, cluster: &Cluster, former: &Arc<Business>) -> Result<(), Error> {
        let id = former.id();
        if !self.business(id).is_ok_and(|running| Arc::ptr_eq(&running, former)) {
            return Ok(());
        }
        tracing::info!(business = %id, "a business is started anew from what is stored");
        self.drop_business(former).await;
        self.take_one(cluster, id, Holder::Dead(cluster.here.id, former.epoch())).await
    }

    async fn take_one(&self, cluster: &Cluster, id: AccountId, holder: Holder) -> Result<(), Error> {
        let (db, here) = (self.db(), cluster.here.id);
        let epoch = match holder {
            _ if cluster.leaving.load(Ordering::Acquire) => None,
            Holder::Nobody => ownership::claim(db, key(id), here).await?,
            Holder::Dead(from, epoch) => ownership::take_over(db, key(id), here, from, epoch).await?,
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
        // Together: each waits for the webhooks that are under way, and this node has to tell again that it lives.
        join_all(all.iter().take(count.min(GIVEN_AT_ONCE)).map(|business| self.give_back(business))).await;
    }

    /// Nobody hears of this node, and others may serve its businesses by now: whoever looks at them through it has to look elsewhere.
    fn send_inboxes_away(&self) {
        if !self.is_heard() {
            self.businesses().iter().for_each(|business| business.live().again());
        }
    }
}

/// Looks again and again, for as long as there is an endpoint to look for.
async fn keep(endpoint: Weak<Inner>, common: Arc<Common>, mut keeper: Keeper) {
    let Some(cluster) = &common.cluster else { return };
    let mut goes_on = false;
    loop {
        if !goes_on {
            let next = common.env().now().plus_millis(LOOK_MILLIS);
            tokio::select! {
                () = common.env().clock.wait_until(next) => {}
                () = cluster.lease.doubted() => keeper.heard_at = None,
            }
        }
        goes_on = false;
        let Some(endpoint) = endpoint.upgrade().map(Endpoint) else { return };
        match endpoint.look(cluster, &mut keeper).await {
            Ok(looked) => {
                goes_on = looked.goes_on;
                looked.failed.iter().for_each(|error| tracing::error!(%error, "a business cannot be taken up; trying again"));
            }
            Err(error) => {
                tracing::warn!(%error, "this node cannot tell the others that it lives");
                endpoint.send_inboxes_away();
            }
        }
    }
}

impl Keeper {
    fn see(&mut self, cluster: &Cluster, survey: &Survey, now: Timestamp) {
        let mut beats: HashMap<NodeId, Option<i64>> = survey.owners.iter().map(|node| (*node, None)).collect();
        beats.extend(survey.nodes.iter().map(|node| (node.node, Some(node.beat))));
        self.watch.see(beats, now);
        let living = survey.nodes.iter().filter(|node| self.watch.is_living(node.node));
        let dead = survey.nodes.iter().map(|node| node.node).filter(|node| self.watch.is_dead(*node));
        cluster.known.set(living.map(|node| (node.node, node.address.clone())).collect(), dead.collect());
        cluster.given.lock().retain(|_, at| now.since(*at) < super::GIVEN_MILLIS);
    }

    /// Notes whether another server of the store has taken over: then nothing is believed that was read from the one before, not even whose a business is.
    fn note_turn(&mut self, turns: u64) {
        if self.turns != turns {
            self.turns = turns;
            self.heard_at = None;
        }
    }

    /// Notes what is this node's and does not run, and what nobody has ever run.
    fn note(&mut self, cluster: &Cluster, endpoint: &Endpoint, seen: &Seen) {
        let mine = seen.owned.iter().filter(|owned| owned.node == Some(cluster.here.id)).map(|owned| AccountId::from_bytes(owned.key));
        self.failing.extend(mine.filter(|id| endpoint.business(*id).is_err()));
        self.unclaimed.extend(&seen.unclaimed);
    }

    /// What this node does. Everything is counted only when something is free or somebody has more than others.
    async fn plan(&mut self, cluster: &Cluster, endpoint: &Endpoint, survey: &Survey) -> Result<Plan, Error> {
        let (db, me) = (endpoint.db(), cluster.here.id);
        if !self.unclaimed.is_empty() {
            // Others have seen them, too.
            let known = ownership::of_keys(db, self.unclaimed.iter().map(|id| key(*id)).collect()).await?;
            known.iter().filter(|owned| owned.epoch > 0).for_each(|owned| _ = self.unclaimed.remove(&AccountId::from_bytes(owned.key)));
        }
        let dead: Vec<NodeId> = survey.owners.iter().copied().filter(|node| *node != me && self.watch.is_dead(*node)).collect();
        let free = if survey.is_something_free || !dead.is_empty() {
            let found = ownership::free(db, dead.clone(), *me.as_bytes(), CANDIDATES).await?;
            let there: HashSet<AccountId> =
                business::existing(db, found.iter().map(|owned| AccountId::from_bytes(owned.key)).collect()).await?.into_iter().collect();
            found.into_iter().filter(|owned| there.contains(&AccountId::from_bytes(owned.key))).collect()
        } else {
            Vec::new()
        };
        let living: Vec<NodeId> = survey.nodes.iter().map(|node| node.node).filter(|node| self.watch.is_living(*node)).collect();
        let said = survey.nodes.iter().filter(|node| living.contains(&node.node)).map(|node| node.owned.map(|owned| (node.node, owned)));
        let at_rest = said.collect::<Option<_>>().is_some_and(|living| Counts { living, all: 0 }.are_even());
        if free.is_empty() && self.unclaimed.is_empty() && at_rest {
            return Ok(Plan::default());
        }
        let counted = ownership::counts(db).await?;
        let all = counted.of.values().sum::<usize>() + counted.released + self.unclaimed.len();
        let counts = Counts { living: living.iter().map(|node| (*node, counted.of.get(node).copied().unwrap_or_default())).collect(), all };
        Ok(share::plan(me, &counts, &self.candidates(cluster, &free)))
    }

    /// What this node may take, in this order.
    fn candidates(&self, cluster: &Cluster, free: &[Owned]) -> Vec<(AccountId, Holder)> {
        let me = cluster.here.id;
        let given = cluster.given.lock();
        let holder = |owned: &Owned| owned.node.map_or(Holder::Nobody, |node| Holder::Dead(node, owned.epoch));
        let free = free.iter().map(|owned| (AccountId::from_bytes(owned.key), holder(owned)));
        let unclaimed = self.unclaimed.iter().take(CANDIDATES).map(|id| (*id, Holder::Nobody));
        // What was given away a moment ago is for the others.
        let mut all: Vec<_> = free.chain(unclaimed).filter(|(id, holder)| *holder != Holder::Nobody || !given.contains_key(id)).collect();
        // Each node begins elsewhere, so that they do not all reach for the same ones.
        all.sort_by_cached_key(|(id, _)| id.as_bytes().iter().zip(me.as_bytes()).map(|(one, other)| one ^ other).rev().collect::<Vec<u8>>());
        all.dedup_by_key(|(id, _)| *id);
        all
    }

    /// Takes away the rows of nodes that are dead and own nothing any more.
    async fn forget_dead(&self, endpoint: &Endpoint, survey: &Survey) {
        for node in survey.nodes.iter().map(|node| node.node) {
            if self.watch.is_dead(node)
                && !survey.owners.contains(&node)
                && let Err(error) = ownership::leave(endpoint.db(), node).await
            {
                tracing::debug!(%error, "a dead node's row stays until the next look");
            }
        }
    }
}
