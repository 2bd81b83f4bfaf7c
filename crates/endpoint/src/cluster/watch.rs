//! Which nodes live, by what one of them sees: counters that go on, or stand still. No two clocks are compared.
use std::collections::HashMap;
use suki_types::{NodeId, Timestamp};

/// What is known of the nodes' counters.
#[derive(Debug)]
pub(super) struct Watch {
    /// For how long a counter may stand still until its node is taken for dead, in milliseconds.
    dead_after: i64,
    seen: HashMap<NodeId, Seen>,
    looked_at: Option<Timestamp>,
}

#[derive(Debug)]
struct Seen {
    /// None: the node is not listed, though something is still its.
    beat: Option<i64>,
    since: Timestamp,
}

impl Watch {
    pub fn new(dead_after: i64) -> Self {
        Self { dead_after, seen: HashMap::new(), looked_at: None }
    }

    /// Takes in what there is: every node with its counter, and those that are named as owners and not listed.
    pub fn see(&mut self, nodes: impl IntoIterator<Item = (NodeId, Option<i64>)>, now: Timestamp) {
        // When this node has not looked for long it cannot say whose counter stood still meanwhile.
        let was_blind = self.looked_at.is_none_or(|at| now.since(at) > self.dead_after * 6 / 10);
        self.looked_at = Some(now);
        let mut seen = HashMap::new();
        for (node, beat) in nodes {
            let since = match self.seen.get(&node) {
                Some(known) if known.beat == beat && !was_blind => known.since,
                _ => now,
            };
            seen.insert(node, Seen { beat, since });
        }
        self.seen = seen;
    }

    /// Whether a node's counter has stood still for so long that it is taken for dead.
    pub fn is_dead(&self, node: NodeId) -> bool {
        match (self.seen.get(&node), self.looked_at) {
            (Some(seen), Some(now)) => now.since(seen.since) >= self.dead_after,
            _ => false,
        }
    }

    /// Whether a node takes part: it is listed, and not taken for dead.
    pub fn is_living(&self, node: NodeId) -> bool {
        self.seen.get(&node).is_some_and(|seen| seen.beat.is_some()) && !self.is_dead(node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_counter_that_stands_still_for_ten_seconds_is_a_dead_node_s() {
        let (a, b) = (NodeId::from_bytes([1; 16]), NodeId::from_bytes([2; 16]));
        let mut watch = Watch::new(10_000);
        for (second, beat) in (0..=10).zip(0..) {
            watch.see([(a, Some(beat)), (b, Some(7))], at(second * 1_000));
            assert!(watch.is_living(a) && watch.is_dead(b) == (second == 10) && watch.is_living(b) == (second < 10), "{second}");
        }
        watch.see([(a, Some(10)), (b, Some(8))], at(11_000));
        assert!(watch.is_living(b), "it goes on");
    }

    #[test]
    fn who_has_not_looked_for_long_begins_anew() {
        let b = NodeId::from_bytes([2; 16]);
        let mut watch = Watch::new(10_000);
        watch.see([(b, Some(7))], at(0));
        // The store was away for all of them, or this node slept: the other had no chance to go on either.
        watch.see([(b, Some(7))], at(60_000));
        assert!(!watch.is_dead(b));
        for second in 61..70 {
            watch.see([(b, Some(7))], at(second * 1_000));
            assert!(!watch.is_dead(b));
        }
        watch.see([(b, Some(7))], at(70_000));
        assert!(watch.is_dead(b));
    }

    #[test]
    fn an_owner_that_is_not_listed_takes_no_part_and_is_dead_after_its_time() {
        let gone = NodeId::from_bytes([3; 16]);
        let mut watch = Watch::new(10_000);
        for second in 0..10 {
            watch.see([(gone, None)], at(second * 1_000));
            assert!(!watch.is_living(gone) && !watch.is_dead(gone));
        }
        watch.see([(gone, None)], at(10_000));
        assert!(watch.is_dead(gone));
    }
}
