//! One task for each receiver that has something waiting. It alone decides what goes out next; so no delivery of a conversation overtakes another, and two of
//! them are never under way.
use super::{
    Held, Inner, Receiver, Signal,
    attempt::{self, Kind, Outcome},
    health::Health,
    queue::{self, Item, Target},
};
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap, VecDeque, hash_map::Entry},
    sync::{Arc, atomic::Ordering},
};
use suki_store::StoreError;
use suki_types::{ConversationId, Timestamp, limits};
use tokio::task::{Id, JoinSet};

/// How many deliveries of one conversation are kept in memory: a long one must not crowd out the others.
const PER_LANE: usize = 8;
/// How many conversations are remembered at most: those whose first delivery was refused and waits for its time.
const LANES: usize = 10_000;
/// How many deliveries one statement gives up or drops.
const AT_ONCE: usize = 500;

/// What is known of one conversation's deliveries. Its first one is under way, waits for its time, or stands in the queue of those that may go.
struct Lane {
    /// The next ones; of one that waits for its time none is in memory.
    items: VecDeque<Item>,
    /// The last place that was taken into memory.
    last: i64,
    /// Whether the store may have more of it behind that, which was passed over.
    is_cut: bool,
    is_under_way: bool,
}

struct Pump {
    inner: Arc<Inner>,
    held: Arc<Held>,
    receiver: Receiver,
    signal: Arc<Signal>,
    health: Health,
    /// What of the health is stored.
    noted: Health,
    target: Option<Arc<Target>>,
    lanes: HashMap<ConversationId, Lane>,
    /// The conversations whose first delivery may go.
    ready: VecDeque<ConversationId>,
    /// Those whose first delivery waits for its time.
    waits: BinaryHeap<Reverse<(Timestamp, ConversationId)>>,
    in_memory: usize,
    /// How far the store was read.
    cursor: i64,
    has_more: bool,
    tries: JoinSet<Outcome>,
    under_way: HashMap<Id, (ConversationId, Timestamp)>,
    /// Counts the questions to a receiver that is down, so that each is another conversation's.
    questions: usize,
}

/// Delivers until nothing waits.
pub(super) async fn run(inner: Arc<Inner>, held: Arc<Held>, receiver: Receiver, signal: Arc<Signal>) {
    let health = inner.health.lock().get(&receiver).copied().unwrap_or_default();
    let mut pump = Pump {
        inner,
        held,
        receiver,
        signal,
        health,
        noted: health,
        target: None,
        lanes: HashMap::new(),
        ready: VecDeque::new(),
        waits: BinaryHeap::new(),
        in_memory: 0,
        cursor: 0,
        has_more: true,
        tries: JoinSet::new(),
        under_way: HashMap::new(),
        questions: 0,
    };
    // Every pump asks where its deliveries go.
    pump.signal.changed.store(true, Ordering::Release);
    while !pump.is_done() {
        if let Err(error) = pump.step().await {
            tracing::error!(%error, "cannot read what waits for a webhook's receiver");
            pump.inner.pause().await;
        }
    }
    pump.held.ended.notify_one();
}

impl Pump {
    /// Whether nothing waits; then this pump is no longer known.
    fn is_done(&self) -> bool {
        if self.held.closing.load(Ordering::Acquire) && self.under_way.is_empty() {
            self.inner.pumps.lock().remove(&self.receiver);
            return true;
        }
        if self.has_more || !self.lanes.is_empty() || !self.under_way.is_empty() {
            return false;
        }
        let mut pumps = self.inner.pumps.lock();
        if self.signal.more.load(Ordering::Acquire) || self.signal.changed.load(Ordering::Acquire) {
            return false;
        }
        pumps.remove(&self.receiver);
        true
    }

    async fn step(&mut self) -> Result<(), StoreError> {
        self.has_more |= self.signal.more.swap(false, Ordering::AcqRel);
        if self.signal.changed.swap(false, Ordering::AcqRel) {
            self.look_again().await?;
        }
        if self.target.is_none() && self.under_way.is_empty() {
            return self.drop_all().await;
        }
        self.fill().await?;
        self.start().await?;
        self.note_health().await;
        self.wait().await
    }

    /// Where the deliveries go was changed: the receiver is asked at once, and what waits for its time need not.
    async fn look_again(&mut self) -> Result<(), StoreError> {
        let receiver = self.receiver;
        let target = self.held.db.read(move |tx| queue::target(tx, receiver)).await;
        match target {
            Ok(target) => self.target = target.map(Arc::new),
            Err(error) => {
                self.signal.changed.store(true, Ordering::Release);
                return Err(error);
            }
        }
        self.health.ask_now(self.inner.env.now());
        Ok(())
    }

    /// Nobody is to be told any more.
    async fn drop_all(&mut self) -> Result<(), StoreError> {
        let receiver = self.receiver;
        self.forget_waiting();
        while self.held.db.write(move |tx| queue::drop_waiting(tx, receiver, AT_ONCE)).await? > 0 {}
        self.has_more = false;
        Ok(())
    }

    /// Reads what comes next, as far as there is room for it.
    async fn fill(&mut self) -> Result<(), StoreError> {
        let now = self.inner.env.now();
        match self.health.next_question() {
            Some(at) if at > now || !self.under_way.is_empty() => return Ok(()),
            // Every second question is the newest conversation's: that what waits longest is refused must not hold up all the rest.
            Some(_) if self.questions % 2 == 1 => self.newest_lane().await?,
            _ => {}
        }
        while self.has_more && self.in_memory < self.health.window() && self.lanes.len() < LANES {
            let (receiver, after, room) = (self.receiver, self.cursor, self.health.window() - self.in_memory);
            let items = self.held.db.read(move |tx| queue::waiting(tx, receiver, after, room)).await?;
            self.has_more = items.len() == room;
            for item in items {
                self.cursor = item.seq;
                self.take_in(item, now);
            }
        }
        Ok(())
    }

    async fn newest_lane(&mut self) -> Result<(), StoreError> {
        let receiver = self.receiver;
        let Some((chat, oldest)) = self.held.db.read(move |tx| queue::newest_lane(tx, receiver)).await? else { return Ok(()) };
        if let Entry::Vacant(lane) = self.lanes.entry(chat) {
            lane.insert(Lane { items: VecDeque::new(), last: oldest - 1, is_cut: true, is_under_way: false });
            self.ready.push_front(chat);
        }
        Ok(())
    }

    fn take_in(&mut self, item: Item, now: Timestamp) {
        let (chat, seq) = (item.chat, item.seq);
        let Some(lane) = self.lanes.get_mut(&chat) else {
            if item.next_at > now {
                self.lanes.insert(chat, Lane { items: VecDeque::new(), last: seq - 1, is_cut: true, is_under_way: false });
                self.waits.push(Reverse((item.next_at, chat)));
                return;
            }
            self.lanes.insert(chat, Lane { items: VecDeque::from([item]), last: seq, is_cut: false, is_under_way: false });
            self.in_memory += 1;
            return self.ready.push_back(chat);
        };
        if seq <= lane.last || lane.is_cut {
            return;
        }
        if lane.items.len() >= PER_LANE {
            lane.is_cut = true;
            return;
        }
        lane.items.push_back(item);
        lane.last = seq;
        self.in_memory += 1;
    }

    /// Starts as many tries as the receiver may have.
    async fn start(&mut self) -> Result<(), StoreError> {
        let now = self.inner.env.now();
        while self.waits.peek().is_some_and(|Reverse((at, _))| *at <= now) {
            self.ready.extend(self.waits.pop().map(|Reverse((_, chat))| chat));
        }
        let Some(target) = self.target.clone().filter(|_| self.held.is_open(&self.inner)) else { return Ok(()) };
        let oldest = self.under_way.values().map(|(_, since)| *since).min();
        let kind = match self.health.is_prompt(now, oldest) {
            _ if self.health.is_down() => Kind::Question,
            true => Kind::Prompt,
            false => Kind::Slow,
        };
        while self.under_way.len() < self.health.allowed(now, oldest) {
            if kind == Kind::Question {
                // Each question is another conversation's.
                self.questions += 1;
                let turn = (self.questions / 2) % self.ready.len().max(1);
                self.ready.rotate_left(if self.questions % 2 == 1 { turn } else { 0 });
            }
            let Some(chat) = self.ready.pop_front() else { return Ok(()) };
            self.refill(chat).await?;
            let Some(lane) = self.lanes.get_mut(&chat) else { continue };
            let Some(item) = lane.items.front().cloned() else { continue };
            lane.is_under_way = true;
            let task = self.tries.spawn(attempt::deliver(self.inner.clone(), self.held.clone(), self.receiver, target.clone(), item, kind));
            self.under_way.insert(task.id(), (chat, now));
        }
        Ok(())
    }

    /// Reads the next of a conversation of which nothing is in memory; forgets it when nothing waits.
    async fn refill(&mut self, chat: ConversationId) -> Result<(), StoreError> {
        let Some(lane) = self.lanes.get_mut(&chat) else { return Ok(()) };
        if lane.items.is_empty() && lane.is_cut {
            // Of one that is down no more than the question is read: behind it are the conversation's deliveries to everybody else.
            let most = if self.health.is_down() { 1 } else { PER_LANE };
            let (receiver, after) = (self.receiver, lane.last);
            let more = match self.held.db.read(move |tx| queue::waiting_of(tx, receiver, chat, after, most)).await {
                Ok(more) => more,
                Err(error) => {
                    self.ready.push_back(chat);
                    return Err(error);
                }
            };
            lane.is_cut = more.len() == most;
            lane.last = more.last().map_or(after, |item| item.seq);
            self.in_memory += more.len();
            lane.items.extend(more);
        }
        if lane.items.is_empty() {
            self.lanes.remove(&chat);
        }
        Ok(())
    }

    /// Waits for whatever comes first: the end of a try, something new, or the time of something that waits.
    async fn wait(&mut self) -> Result<(), StoreError> {
        let first_wait = self.waits.peek().map(|Reverse((at, _))| *at);
        let next = match self.health.next_question() {
            // Who could ask waits for its own time.
            Some(question) if self.ready.is_empty() => Some(first_wait.map_or(question, |at| at.max(question))),
            Some(question) => Some(question),
            None => first_wait,
        };
        // With a try under way its end decides what comes next.
        let next = next.filter(|_| self.held.is_open(&self.inner) && (self.under_way.is_empty() || !self.health.is_down()));
        if self.under_way.is_empty() && next.is_none() && self.lanes.is_empty() {
            return Ok(());
        }
        let clock = self.inner.env.clock.clone();
        tokio::select! {
            Some(ended) = self.tries.join_next_with_id(), if !self.tries.is_empty() => {
                let (id, outcome) = match ended {
                    Ok((id, outcome)) => (id, Some(outcome)),
                    Err(error) => (error.id(), None),
                };
                self.ended(id, outcome).await
            }
            () = self.signal.wake.notified() => Ok(()),
            () = async { clock.wait_until(next.unwrap_or_default()).await }, if next.is_some() => Ok(()),
        }
    }

    async fn ended(&mut self, id: Id, outcome: Option<Outcome>) -> Result<(), StoreError> {
        let Some((chat, _)) = self.under_way.remove(&id) else { return Ok(()) };
        let now = self.inner.env.now();
        match outcome {
            Some(Outcome::Taken(millis)) => {
                self.health.took(millis);
                self.next_of(chat);
            }
            Some(Outcome::Dropped) => self.next_of(chat),
            Some(Outcome::Waits(at)) => {
                self.failed(now);
                self.hold(chat, at);
            }
            Some(Outcome::GivenUp) => {
                self.failed(now);
                self.next_of(chat);
            }
            None => {
                // It panicked, and what came of it is not known: it is read again.
                tracing::error!(business = %self.receiver.0, hook = %self.receiver.1, "a webhook's try ended in the middle");
                self.failed(now);
                self.hold(chat, now.plus_millis(limits::WEBHOOK_PROBE_MILLIS.0));
            }
        }
        if self.health.is_down() { self.is_down(now).await } else { Ok(()) }
    }

    fn failed(&mut self, now: Timestamp) {
        // The receiver's number is as good as chance, and the same each time.
        let [spread, ..] = self.receiver.1.number().wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes();
        self.health.failed(now, spread);
    }

    /// The first delivery of a conversation is over: the next one may go.
    fn next_of(&mut self, chat: ConversationId) {
        let Some(lane) = self.lanes.get_mut(&chat) else { return };
        lane.is_under_way = false;
        if lane.items.pop_front().is_some() {
            self.in_memory -= 1;
        }
        if lane.items.is_empty() && !lane.is_cut {
            self.lanes.remove(&chat);
        } else {
            self.ready.push_back(chat);
        }
    }

    /// A conversation's first delivery waits; of what waits only that it is there is remembered.
    fn hold(&mut self, chat: ConversationId, until: Timestamp) {
        let Some(lane) = self.lanes.get_mut(&chat) else { return };
        self.in_memory -= lane.items.len();
        let first = lane.items.front().map_or(lane.last, |first| first.seq);
        *lane = Lane { items: VecDeque::new(), last: first - 1, is_cut: true, is_under_way: false };
        self.waits.push(Reverse((until, chat)));
    }

    /// The receiver is down: nothing of it stays in memory but what is under way, and what is too old is given up.
    async fn is_down(&mut self, now: Timestamp) -> Result<(), StoreError> {
        self.forget_waiting();
        let (receiver, before) = (self.receiver, now.plus_millis(-limits::WEBHOOK_RETRY_MILLIS));
        while self.held.db.write(move |tx| queue::give_up(tx, receiver, before, AT_ONCE)).await? == AT_ONCE as u64 {}
        Ok(())
    }

    /// Forgets all that is not under way; it is read again from the beginning.
    fn forget_waiting(&mut self) {
        self.lanes.retain(|_, lane| lane.is_under_way);
        for lane in self.lanes.values_mut() {
            lane.is_cut |= lane.items.len() > 1;
            lane.items.truncate(1);
            lane.last = lane.items.front().map_or(lane.last, |first| first.seq);
        }
        self.in_memory = self.lanes.len();
        self.ready.clear();
        self.waits.clear();
        (self.cursor, self.has_more) = (0, true);
    }

    /// Tells everybody how the receiver is doing, and the store when that it fails is new, changed or over.
    async fn note_health(&mut self) {
        if self.health == self.noted {
            return;
        }
        let (receiver, failing) = (self.receiver, self.health.told());
        self.inner.health.lock().insert(receiver, self.health);
        let before = std::mem::replace(&mut self.noted, self.health).told();
        if before != failing {
            attempt::until_stored(&self.inner, &self.held, move |tx| queue::note_health(tx, receiver, failing)).await;
        }
    }
}
