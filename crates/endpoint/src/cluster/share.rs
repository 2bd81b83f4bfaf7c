//! Who runs what: businesses are spread evenly over the nodes that live, and no more of them move than has to.
use std::collections::HashMap;
use suki_types::{AccountId, NodeId};

/// From whom a business can be taken, as one node sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// Nobody: whoever comes first may have it.
    Nobody,
    /// A node that is dead, with the epoch it had the business in.
    Dead(NodeId, i64),
}

/// What one node does next.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// Businesses it takes, in this order, each from whoever has it.
    pub take: Vec<(AccountId, Holder)>,
    /// How many it gives back.
    pub give: usize,
}

/// How many businesses there are.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Of each node that takes part.
    pub living: HashMap<NodeId, usize>,
    /// Of all nodes, and of none.
    pub all: usize,
}

impl Counts {
    /// Whether shares are even, so that nobody has to give.
    pub fn are_even(&self) -> bool {
        let (least, most) = (self.living.values().min(), self.living.values().max());
        least.zip(most).is_none_or(|(least, most)| most - least <= 1)
    }
}

/// What `me` does, itself among those that take part: `free` is what it may take, or some of that.
pub(super) fn plan(me: NodeId, counts: &Counts, free: &[(AccountId, Holder)]) -> Plan {
    let nodes = counts.living.len() + usize::from(!counts.living.contains_key(&me));
    let (least, most) = (counts.all / nodes, counts.all.div_ceil(nodes));
    let mine = counts.living.get(&me).copied().unwrap_or_default();
    let take = free.iter().take(most.saturating_sub(mine)).copied().collect();
    // Of those who have one more than others need, one alone gives: else all would.
    let somebody_waits = counts.living.values().any(|count| *count < least);
    let first = counts.living.iter().filter(|(_, count)| **count == most).map(|(node, _)| *node).min();
    let one = mine == most && mine > least && somebody_waits && first == Some(me);
    Plan { take, give: mine.saturating_sub(most) + usize::from(one) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// Where a business is.
    #[derive(Debug, Clone, Copy, PartialEq)]
    enum At {
        Node(NodeId),
        Free(Holder),
    }

    fn node(number: u8) -> NodeId {
        NodeId::from_bytes([number; 16])
    }

    fn counts(living: &[NodeId], holders: &[(AccountId, At)]) -> Counts {
        let of = |node: &NodeId| holders.iter().filter(|(_, holder)| *holder == At::Node(*node)).count();
        Counts { living: living.iter().map(|node| (*node, of(node))).collect(), all: holders.len() }
    }

    fn free(holders: &[(AccountId, At)]) -> Vec<(AccountId, Holder)> {
        let free = |(id, at): &(AccountId, At)| match at {
            At::Node(_) => None,
            At::Free(holder) => Some((*id, *holder)),
        };
        holders.iter().filter_map(free).collect()
    }

    /// Lets all nodes act, one after the other, until nobody has anything to do; gives how many each has and how many moves that took.
    fn settle(living: &[NodeId], mut holders: BTreeMap<AccountId, At>) -> (Vec<usize>, usize) {
        let mut moves = 0;
        for _ in 0..100 {
            let mut is_quiet = true;
            for me in living {
                let now: Vec<_> = holders.iter().map(|(id, holder)| (*id, *holder)).collect();
                let planned = plan(*me, &counts(living, &now), &free(&now));
                is_quiet &= planned == Plan::default();
                moves += planned.take.len();
                for (id, _) in planned.take {
                    holders.insert(id, At::Node(*me));
                }
                let mine: Vec<_> = holders.iter().filter(|(_, holder)| **holder == At::Node(*me)).map(|(id, _)| *id).collect();
                for id in mine.into_iter().take(planned.give) {
                    holders.insert(id, At::Free(Holder::Nobody));
                }
            }
            if is_quiet {
                let now: Vec<_> = holders.iter().map(|(id, holder)| (*id, *holder)).collect();
                assert!(counts(living, &now).are_even(), "who is at rest does not count again");
                let count = |me: &NodeId| holders.values().filter(|holder| **holder == At::Node(*me)).count();
                return (living.iter().map(count).collect(), moves);
            }
        }
        panic!("it does not come to rest: {holders:?}");
    }

    fn businesses(count: u8, holder: impl Fn(u8) -> At) -> BTreeMap<AccountId, At> {
        (0..count).map(|number| (AccountId::from_bytes([number; 16]), holder(number))).collect()
    }

    #[test]
    fn shares_come_out_even_from_wherever_they_begin() {
        for count in [0, 1, 2, 3, 4, 7, 8, 100] {
            for nodes in 1..=5_u8 {
                let living: Vec<_> = (1..=nodes).map(node).collect();
                for begin in [
                    businesses(count, |_| At::Free(Holder::Nobody)),
                    businesses(count, |_| At::Node(node(1))),
                    businesses(count, |number| At::Node(node(number % 2 + 1))),
                    businesses(count, |number| if number % 3 == 0 { At::Free(Holder::Dead(node(9), 1)) } else { At::Node(node(1)) }),
                ] {
                    // What is with a node that does not live any more is somebody else's to take.
                    let begin = begin.into_iter().map(|(id, holder)| match holder {
                        At::Node(of) if !living.contains(&of) => (id, At::Free(Holder::Dead(of, 1))),
                        other => (id, other),
                    });
                    let (shares, _) = settle(&living, begin.collect());
                    let (least, most) = (shares.iter().min(), shares.iter().max());
                    assert_eq!(shares.iter().sum::<usize>(), usize::from(count));
                    assert!(most.zip(least).is_some_and(|(most, least)| most - least <= 1), "{count} over {nodes}: {shares:?}");
                }
            }
        }
    }

    #[test]
    fn a_new_node_takes_its_share_and_nothing_else_moves() {
        let living: Vec<_> = (1..=3).map(node).collect();
        let (shares, moves) = settle(&living, businesses(12, |number| At::Node(node(number % 2 + 1))));
        assert_eq!((shares, moves), (vec![4, 4, 4], 4));
    }

    #[test]
    fn a_dead_node_s_businesses_go_to_the_others() {
        let living = [node(1), node(2)];
        let begin = businesses(9, |number| match number % 3 {
            0 => At::Free(Holder::Dead(node(3), 4)),
            other => At::Node(node(other)),
        });
        let (shares, moves) = settle(&living, begin);
        assert_eq!((shares.into_iter().collect::<BTreeSet<_>>(), moves), (BTreeSet::from([4, 5]), 3));
    }
}
