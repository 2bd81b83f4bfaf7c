//! Asking the store for what the bus did not tell. Wakes between nodes may be lost: each node looks, for the devices connected to it, how far their logs
//! reach: every half minute anyway, and every second while it knows of a loss, while the bus is away from this node, and while it is from another.
//!
//! A unit whose outcome is unknown loses its wakes, too: it may be stored, and nobody was told of what it appended, here or on any other node. For a while
//! after one a node does as without a bus.
use crate::{Network, int};
use std::collections::HashMap;
use suki_bus::{Health, Wake};
use suki_store::{StoreError, Tx, log};
use suki_types::{DeviceId, NodeId, Timestamp};
use tokio::sync::watch;

/// How many devices one statement asks for.
const PAGE: usize = 1000;
/// Time between two looks while wakes are lost.
const HURRIED_MILLIS: i64 = 1_000;
/// Time between two steps of a round otherwise.
const STEP_MILLIS: i64 = 2_000;
/// Within so many steps each device has been asked for.
const STEPS: usize = 15;
/// For so long after a loss each look is hurried: other nodes may be coming back to the bus, too.
const AFTERMATH_MILLIS: i64 = 10_000;
/// For so long after a unit of unknown outcome the wakes of this node count as lost: a server that did not answer in time may store it yet.
const DOUBT_MILLIS: i64 = 50_000;
/// A node that does not count on for so long is no more.
const STILL_MILLIS: i64 = 10_000;
/// After so long without an answer of the store connections are ended, so that devices find a node that has it.
const WITHOUT_STORE_MILLIS: i64 = 8_000;

/// What the healing of a node remembers between two looks.
#[derive(Debug, Default)]
struct Healing {
    health: Health,
    /// How many units of unknown outcome the store had seen; none when it was opened, so that one before the first look counts.
    doubts: u64,
    /// How often another server of the store had taken over; as above.
    turns: u64,
    /// Until when what such a unit appended may be there without anybody having been told.
    doubted_until: Timestamp,
    /// Until when it hurries.
    hurried_until: Timestamp,
    /// Whether this node's own line stands in the store.
    told: bool,
    /// Other nodes that said that their wakes are lost: how far they had counted, and since when they stand there.
    others: HashMap<NodeId, (u64, Timestamp)>,
    /// Who is still to be asked for in this round, and how many in each step.
    round: Vec<DeviceId>,
    step: usize,
    /// Since when the store does not answer.
    silent_since: Option<Timestamp>,
}

impl Network {
    /// Finds what the bus did not tell, for ever; nothing where this process is alone.
    pub async fn keep_up(&self) {
        let (Some(own), Some(mut health)) = (self.bus().node(), self.bus().health()) else { return };
        let mut healing = Healing::default();
        healing.health.losses = health.borrow().losses;
        loop {
            let began = self.env().now();
            let state = *health.borrow_and_update();
            let looked = tokio::select! {
                looked = self.look(&mut healing, own, state, began) => looked,
                // A store that is cut off says nothing for long, before it turns out that it will not.
                () = self.env().clock.wait_until(began.plus_millis(WITHOUT_STORE_MILLIS)) => {
                    Err(StoreError::Unavailable(format!("it says nothing for {} s", WITHOUT_STORE_MILLIS / 1000)))
                }
            };
            let hurried = match looked {
                Ok(hurried) => {
                    healing.silent_since = None;
                    hurried
                }
                Err(error) => {
                    self.without_store(&mut healing, began, &error);
                    true
                }
            };
            self.rest(&mut health, began, hurried).await;
        }
    }

    /// One look at the store. Says whether the next one is near.
    async fn look(&self, healing: &mut Healing, own: NodeId, state: Health, now: Timestamp) -> Result<bool, StoreError> {
        let doubts = self.db().doubts();
        if doubts != healing.doubts {
            healing.doubts = doubts;
            healing.doubted_until = now.plus_millis(DOUBT_MILLIS);
        }
        let away = !state.healthy || now < healing.doubted_until;
        let others_away = self.exchange(healing, own, away, now).await?;
        let turns = self.db().turns();
        if turns != healing.turns {
            // Devices may have been pushed what is in no log any more, and its places are taken by other entries: each is asked anew how far it is.
            tracing::warn!("connections are ended: another server of the store has taken over");
            healing.turns = turns;
            self.end_sessions();
        }
        if away || others_away || state != healing.health {
            healing.hurried_until = now.plus_millis(AFTERMATH_MILLIS);
        }
        healing.health = state;
        let hurried = now < healing.hurried_until;
        let devices = if hurried {
            healing.round.clear();
            self.bus().devices()
        } else {
            healing.next_step(|| self.bus().devices())
        };
        for page in devices.chunks(PAGE) {
            self.ask_for(page.to_vec(), own).await?;
        }
        Ok(hurried)
    }

    /// Until the next look: at its time, or when the bus has something to say, though never twice within a second.
    async fn rest(&self, health: &mut watch::Receiver<Health>, began: Timestamp, hurried: bool) {
        let clock = &self.env().clock;
        clock.wait_until(began.plus_millis(HURRIED_MILLIS)).await;
        if !hurried {
            tokio::select! {
                () = clock.wait_until(began.plus_millis(STEP_MILLIS)) => {}
                Ok(()) = health.changed() => {}
            }
        }
    }

    /// Asks how far these logs reach and wakes who is behind. A device that is said to be elsewhere finds out for itself.
    async fn ask_for(&self, devices: Vec<DeviceId>, own: NodeId) -> Result<(), StoreError> {
        let reaches = self.db().read(move |tx| log::reaches(tx, &devices)).await?;
        for log::Reach { device, last, node } in reaches {
            let wake = if node.is_some_and(|node| node != own) { Wake::Replaced } else { Wake::Stored { last } };
            self.bus().publish(None, device, wake);
        }
        Ok(())
    }

    /// Says in the store that wakes of this node are lost, or that they are no more, and learns whether those of another are that is alive.
    async fn exchange(&self, healing: &mut Healing, own: NodeId, away: bool, now: Timestamp) -> Result<bool, StoreError> {
        if away {
            self.db().keyed_many(&[]).write(move |tx| count_on(tx, own)).await?;
        } else if healing.told {
            self.db().keyed_many(&[]).write(move |tx| forget(tx, own, None)).await?;
        }
        healing.told = away;
        let found = self.db().read(move |tx| others(tx, own)).await?;
        let (away, gone) = healing.note(found, now);
        for (node, count) in gone {
            self.db().keyed_many(&[]).write(move |tx| forget(tx, node, Some(count))).await?;
        }
        Ok(away)
    }

    fn without_store(&self, healing: &mut Healing, began: Timestamp, error: &StoreError) {
        let since = *healing.silent_since.get_or_insert_with(|| {
            tracing::error!(%error, "the store does not say what is new for the devices connected here");
            began
        });
        let now = self.env().now();
        if now.since(since) >= WITHOUT_STORE_MILLIS && self.connections() > 0 {
            tracing::warn!("connections are ended: for {} s this node has had no store", now.since(since) / 1000);
            self.end_sessions();
        }
    }
}

impl Healing {
    /// The next part of a round; a round takes [`STEPS`] steps.
    fn next_step(&mut self, devices: impl FnOnce() -> Vec<DeviceId>) -> Vec<DeviceId> {
        if self.round.is_empty() {
            self.round = devices();
            self.step = self.round.len().div_ceil(STEPS);
        }
        self.round.split_off(self.round.len().saturating_sub(self.step))
    }

    /// Whether one of these nodes counts on, and those that have stopped for good.
    fn note(&mut self, found: Vec<(NodeId, u64)>, now: Timestamp) -> (bool, Vec<(NodeId, u64)>) {
        self.others.retain(|node, _| found.iter().any(|(there, _)| there == node));
        let (mut away, mut gone) = (false, Vec::new());
        for (node, count) in found {
            let (known, since) = self.others.entry(node).or_insert((count, now));
            if *known != count {
                (*known, *since) = (count, now);
            }
            if now.since(*since) < STILL_MILLIS { away = true } else { gone.push((node, count)) }
        }
        (away, gone)
    }
}

fn count_on(tx: &mut Tx<'_>, node: NodeId) -> Result<u64, StoreError> {
    tx.execute(
        "INSERT INTO bus_away (place, node, count) VALUES (0, ?1, 1) ON CONFLICT (place, node) DO UPDATE SET count = bus_away.count + 1",
        &[(&node).into()],
    )
}

/// Takes a node's line away; of another node only if it still is as it was seen.
fn forget(tx: &mut Tx<'_>, node: NodeId, count: Option<u64>) -> Result<u64, StoreError> {
    match count {
        None => tx.execute("DELETE FROM bus_away WHERE place = 0 AND node = ?1", &[(&node).into()]),
        Some(count) => tx.execute("DELETE FROM bus_away WHERE place = 0 AND node = ?1 AND count = ?2", &[(&node).into(), int(count)]),
    }
}

fn others(tx: &mut Tx<'_>, own: NodeId) -> Result<Vec<(NodeId, u64)>, StoreError> {
    tx.query("SELECT node, count FROM bus_away WHERE place = 0 AND node <> ?1", &[(&own).into()], |row| Ok((row.get(0)?, row.get(1)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(number: u8) -> NodeId {
        NodeId::from_bytes([number; 16])
    }

    #[test]
    fn a_round_asks_for_each_device_once() {
        let mut healing = Healing::default();
        let devices: Vec<DeviceId> = (0..100).map(|number| DeviceId::from_bytes([number; 16])).collect();
        let mut asked: Vec<DeviceId> = (0..STEPS).flat_map(|_| healing.next_step(|| devices.clone())).collect();
        asked.sort_unstable();
        assert_eq!(asked, devices);
        assert_eq!(healing.next_step(Vec::new), []);
    }

    #[test]
    fn a_node_that_counts_on_is_away_and_one_that_stopped_is_no_more() {
        let mut healing = Healing::default();
        let at = Timestamp::from_millis;
        assert_eq!(healing.note(vec![(node(1), 5)], at(0)), (true, vec![]));
        assert_eq!(healing.note(vec![(node(1), 6), (node(2), 1)], at(STILL_MILLIS)), (true, vec![]));
        assert_eq!(healing.note(vec![(node(1), 6), (node(2), 2)], at(2 * STILL_MILLIS)), (true, vec![(node(1), 6)]));
        assert_eq!(healing.note(vec![], at(2 * STILL_MILLIS)), (false, vec![]));
        assert!(healing.others.is_empty());
    }
}
