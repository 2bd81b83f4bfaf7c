//! What waits to be sent to other nodes: bounded, batched by node, never in the publisher's way.
use super::frame::{self, FRAME_BYTES};
use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};
use suki_types::NodeId;
use tokio::sync::Notify;

/// The most bytes that wait for all nodes together.
const WAITING_BYTES: usize = 16 * 1024 * 1024;

/// Frames by node. What is published while a frame waits joins it, so that a busy node sends few large messages.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    state: Mutex<State>,
    filled: Notify,
}

#[derive(Debug, Default)]
struct State {
    nodes: HashMap<NodeId, Waiting>,
    /// Whose turn it is: each node that something waits for, once.
    turns: VecDeque<NodeId>,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Waiting {
    frames: VecDeque<Frame>,
    lost: bool,
}

/// What goes out as one message.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Frame {
    pub bytes: Vec<u8>,
    pub wakes: u64,
}

impl Outgoing {
    /// Takes a wake in, as a frame of its own; `false` when too much waits already. The node learns of what it lost when the rest has reached it.
    pub(super) fn push(&self, node: NodeId, wake: &[u8]) -> bool {
        let mut state = self.state.lock();
        if state.bytes + wake.len() > WAITING_BYTES {
            // With so much waiting, something waits for this node as a rule; if not, its next regular look at the store finds it.
            if let Some(waiting) = state.nodes.get_mut(&node) {
                waiting.lost = true;
            }
            return false;
        }
        state.bytes += wake.len();
        let waiting = state.nodes.entry(node).or_default();
        let is_first = waiting.frames.is_empty();
        match waiting.frames.back_mut() {
            Some(frame) if frame.bytes.len() + wake.len() <= FRAME_BYTES => {
                frame.bytes.extend_from_slice(wake);
                frame.wakes += 1;
            }
            _ => waiting.frames.push_back(Frame { bytes: wake.to_vec(), wakes: 1 }),
        }
        if is_first {
            state.turns.push_back(node);
            drop(state);
            self.filled.notify_one();
        }
        true
    }

    /// The next frame, of each node in turn.
    pub(super) async fn next(&self) -> (NodeId, Frame) {
        loop {
            if let Some(next) = self.take() {
                return next;
            }
            self.filled.notified().await;
        }
    }

    /// How many bytes wait.
    pub(super) fn waiting(&self) -> usize {
        self.state.lock().bytes
    }

    /// Forgets what waits, and says how many wakes that were.
    pub(super) fn clear(&self) -> u64 {
        let old = std::mem::take(&mut *self.state.lock());
        old.nodes.values().flat_map(|waiting| &waiting.frames).map(|frame| frame.wakes).sum()
    }

    fn take(&self) -> Option<(NodeId, Frame)> {
        let mut state = self.state.lock();
        let state = &mut *state;
        let node = state.turns.pop_front()?;
        let waiting = state.nodes.get_mut(&node)?;
        let mut frame = waiting.frames.pop_front()?;
        state.bytes = state.bytes.saturating_sub(frame.bytes.len());
        if waiting.lost && waiting.frames.is_empty() {
            waiting.lost = false;
            let marker = frame::lost();
            if frame.bytes.len() + marker.len() <= FRAME_BYTES {
                frame.bytes.extend(marker);
            } else {
                state.bytes += marker.len();
                waiting.frames.push_back(Frame { bytes: marker, wakes: 0 });
            }
        }
        if waiting.frames.is_empty() {
            state.nodes.remove(&node);
        } else {
            state.turns.push_back(node);
        }
        Some((node, frame))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: NodeId = NodeId::from_bytes([1; 16]);
    const TWO: NodeId = NodeId::from_bytes([2; 16]);

    #[test]
    fn what_waits_for_a_node_travels_together_and_each_node_has_its_turn() {
        let outgoing = Outgoing::default();
        for (node, wake) in [(ONE, &[1; 40_000][..]), (ONE, &[2; 10]), (ONE, &[3; 40_000]), (TWO, &[4; 10])] {
            assert!(outgoing.push(node, wake));
        }
        let taken: Vec<_> = std::iter::from_fn(|| outgoing.take()).map(|(node, frame)| (node, frame.bytes.len(), frame.wakes)).collect();
        assert_eq!(taken, [(ONE, 40_010, 2), (TWO, 10, 1), (ONE, 40_000, 1)]);
        assert_eq!((outgoing.waiting(), outgoing.state.lock().nodes.len()), (0, 0));
    }

    #[test]
    fn a_queue_that_is_full_drops_and_says_so_at_its_end() {
        let outgoing = Outgoing::default();
        let wake = [0; 60_000];
        let taken = (0..1000).filter(|_| outgoing.push(ONE, &wake)).count();
        assert_eq!(taken, WAITING_BYTES / wake.len());
        assert!(!outgoing.push(TWO, &wake), "the bound is for all nodes together");
        let sent: Vec<_> = std::iter::from_fn(|| outgoing.take()).map(|(_, frame)| frame).collect();
        assert_eq!(sent.iter().map(|frame| frame.wakes).sum::<u64>(), taken as u64);
        let marked: Vec<bool> = sent.iter().map(|frame| frame.bytes.ends_with(&frame::lost())).collect();
        assert!(marked[sent.len() - 1] && marked.iter().filter(|marked| **marked).count() == 1);
        assert!(outgoing.push(ONE, &wake) && outgoing.clear() == 1 && outgoing.waiting() == 0);
    }

    #[test]
    fn the_sign_of_a_loss_has_a_frame_of_its_own_when_the_last_is_full() {
        let outgoing = Outgoing::default();
        while outgoing.push(ONE, &[9; FRAME_BYTES]) {}
        let sent: Vec<_> = std::iter::from_fn(|| outgoing.take()).map(|(_, frame)| frame).collect();
        assert_eq!(sent.last(), Some(&Frame { bytes: frame::lost(), wakes: 0 }));
        assert_eq!(outgoing.waiting(), 0);
    }
}
