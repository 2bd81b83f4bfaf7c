//! The outbox: what is stored here and not yet taken by the network. Each chat's items are sent in order, many chats at a time, and again after every
//! reconnect; the network knows what it already has by the message's id.
use crate::{
    Business, Error,
    agent::Told,
    content, customer_groups, early,
    groups::{self, Slot},
    media::prepare,
    messages::{self, Failure, Status},
    money, react, status,
};
use futures_util::{FutureExt as _, StreamExt as _, stream::FuturesUnordered};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    future::Future,
    ops::Range,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};
use suki_e2ee::content::HeaderParts;
use suki_link::LinkError;
use suki_protocol::pb::{self, client_frame::Body as Ask, server_frame::Body as Answer};
use suki_store::{Db, Row, StoreError, Tx};
use suki_types::{AccountId, ConversationId, MessageId, Timestamp};
use tokio::sync::mpsc;

/// How many items are under way at once: some of the network's limit is left to the other requests of this connection.
const UNDER_WAY: usize = 768;
/// How many items are read from the store at once after a reconnect.
const PAGE: i64 = 500;
/// How long to wait before the outbox is sent again after the network could not store, in milliseconds.
const RETRY_MILLIS: i64 = 1_000;

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A message of the business.
    Message,
    /// History for a new device.
    Control,
    /// The business has read up to a message.
    Read,
    /// A reaction of the business.
    Reaction,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Control => "control",
            Self::Read => "read",
            Self::Reaction => "reaction",
        }
    }

    fn from_stored(text: &str) -> Result<Self, StoreError> {
        match text {
            "message" => Ok(Self::Message),
            "control" => Ok(Self::Control),
            "read" => Ok(Self::Read),
            "reaction" => Ok(Self::Reaction),
            _ => Err(StoreError::Corrupt("outbox kind")),
        }
    }
}

/// Something to send.
#[derive(Debug, Clone)]
pub struct Item {
    seq: i64,
    chat: ConversationId,
    message: MessageId,
    kind: Kind,
    payload: Vec<u8>,
}

/// What the task is told.
#[derive(Debug)]
pub enum Order {
    /// A new item was stored.
    Send(Item),
    /// The network can be reached, or may be able to store again: send everything that is stored.
    SendAll,
    /// A chat that had to wait may be tried again.
    SendChat(ConversationId),
    /// The network cannot be reached.
    Stop,
}

/// The outbox of a business.
#[derive(Debug)]
pub struct Outbox {
    business: AccountId,
    last_seq: AtomicI64,
    orders: mpsc::UnboundedSender<Order>,
}

impl Outbox {
    /// Finds where the outbox of a business stands.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn load(db: &Db, business: AccountId) -> Result<(Self, mpsc::UnboundedReceiver<Order>), Error> {
        let sql = "SELECT coalesce(max(seq), 0) FROM outbox WHERE business = ?1";
        let last = db.read(move |tx| Ok::<_, Error>(tx.query_one(sql, &[(&business).into()], |row| row.get::<i64>(0))?)).await?;
        let (orders, queue) = mpsc::unbounded_channel();
        Ok((Self { business, last_seq: AtomicI64::new(last), orders }, queue))
    }

    /// The place of the next item.
    pub(crate) fn next_seq(&self) -> i64 {
        self.last_seq.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Stores an item. An empty payload waits for its group.
    pub(crate) fn insert(
        &self,
        tx: &mut Tx<'_>,
        seq: i64,
        chat: ConversationId,
        message: MessageId,
        kind: Kind,
        payload: &[u8],
    ) -> Result<(), StoreError> {
        tx.execute(
            "INSERT INTO outbox (business, seq, chat, message, kind, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            &[(&self.business).into(), seq.into(), (&chat).into(), (&message).into(), kind.as_str().into(), payload.into()],
        )?;
        Ok(())
    }

    /// Stores that the customer is to be told that his messages were read.
    pub(crate) fn insert_read(&self, tx: &mut Tx<'_>, seq: i64, chat: ConversationId, newest: MessageId) -> Result<(), StoreError> {
        self.insert(tx, seq, chat, newest, Kind::Read, b"read")
    }

    /// Hands a stored item to the task.
    pub(crate) fn queue(&self, seq: i64, chat: ConversationId, message: MessageId, kind: Kind, payload: Vec<u8>) {
        self.order(Order::Send(Item { seq, chat, message, kind, payload }));
    }

    /// Hands a stored read to the task.
    pub(crate) fn queue_read(&self, seq: i64, chat: ConversationId, newest: MessageId) {
        self.queue(seq, chat, newest, Kind::Read, b"read".to_vec());
    }

    pub(crate) fn connected(&self) {
        self.order(Order::SendAll);
    }

    /// Something may be stored that was not handed to the task, since the store's answer was lost. In its place among the orders, so that nothing overtakes it.
    pub(crate) fn look_again(&self) {
        self.order(Order::SendAll);
    }

    pub(crate) fn disconnected(&self) {
        self.order(Order::Stop);
    }

    fn order(&self, order: Order) {
        // The task ends with the process; what is stored is sent when it starts again.
        let _ = self.orders.send(order);
    }
}

/// What came of sending an item.
enum Outcome {
    Done,
    /// Not taken, and still stored: everything has to wait.
    Again,
    /// Not taken, and still stored: its chat has to wait.
    Later,
}

/// What is under way has come further.
enum Step {
    /// The network has decided about an item; that is to be stored.
    Decided(Item, End),
    /// An item is not decided about.
    Settled(Item, Outcome),
    /// What was decided about the items of these chats and places is stored, or could not be.
    Stored(Vec<((ConversationId, i64), bool)>),
}

type Sending = Pin<Box<dyn Future<Output = Step> + Send>>;

/// How many decisions one unit stores.
const STRETCH: usize = 128;

/// Runs until the business stops here.
pub async fn run(business: Arc<Business>, mut orders: mpsc::UnboundedReceiver<Order>) {
    let mut lanes = Lanes::new(business);
    loop {
        tokio::select! {
            Some(step) = lanes.under_way.next(), if !lanes.under_way.is_empty() => lanes.step(step),
            order = orders.recv(), if lanes.has_room() => match order {
                None => return,
                Some(Order::Stop) => lanes.close(),
                Some(Order::Send(item)) => lanes.put(item),
                Some(Order::SendAll) => lanes.send_all().await,
                Some(Order::SendChat(chat)) => lanes.send_chat(chat).await,
            },
        }
    }
}

/// The items on their way. A chat's go one at a time, each when the one before it is taken: so that when one is not taken, nothing of its chat
/// has overtaken it. Chats do not wait for each other. What the network decides while the last decisions are stored is stored together.
struct Lanes {
    business: Arc<Business>,
    /// Whether the network can be reached and can store.
    open: bool,
    under_way: FuturesUnordered<Sending>,
    /// What was decided and is to be stored.
    decided: Vec<(Item, End)>,
    /// Whether decisions are being stored.
    storing: bool,
    /// The places of all items that are under way or wait for one that is.
    seqs: HashSet<i64>,
    /// The chats with an item under way, and what waits behind it.
    chats: HashMap<ConversationId, VecDeque<Item>>,
    /// The chats whose items stay in the store for a while.
    held: HashSet<ConversationId>,
}

impl Lanes {
    fn new(business: Arc<Business>) -> Self {
        let under_way = FuturesUnordered::new();
        Self {
            business,
            open: false,
            under_way,
            decided: Vec::new(),
            storing: false,
            seqs: HashSet::new(),
            chats: HashMap::new(),
            held: HashSet::new(),
        }
    }

    fn has_room(&self) -> bool {
        self.seqs.len() < UNDER_WAY
    }

    fn put(&mut self, item: Item) {
        // What is not sent now is stored, and is sent when its chat's turn comes.
        if !self.open || self.held.contains(&item.chat) || !self.seqs.insert(item.seq) {
            return;
        }
        if let Some(waiting) = self.chats.get_mut(&item.chat) {
            waiting.push_back(item);
        } else {
            self.chats.insert(item.chat, VecDeque::new());
            self.begin(item);
        }
    }

    fn begin(&self, item: Item) {
        let answer = request(&self.business, &item);
        let own = self.business.clone();
        self.under_way.push(Box::pin(async move { decided(&own, item, answer.await).await }));
    }

    /// Takes a step, and with it those that others have come meanwhile.
    fn step(&mut self, first: Step) {
        let mut next = Some(first);
        while let Some(step) = next {
            match step {
                Step::Decided(item, end) => self.decided.push((item, end)),
                Step::Settled(item, outcome) => self.settled(item.chat, item.seq, outcome),
                Step::Stored(items) => {
                    self.storing = false;
                    for ((chat, seq), stored) in items {
                        self.settled(chat, seq, if stored { Outcome::Done } else { Outcome::Again });
                    }
                }
            }
            next = self.under_way.next().now_or_never().flatten();
        }
        if !self.storing && !self.decided.is_empty() {
            self.storing = true;
            let some = self.decided.drain(..self.decided.len().min(STRETCH)).collect();
            self.under_way.push(Box::pin(store(self.business.clone(), some)));
        }
    }

    fn settled(&mut self, chat: ConversationId, seq: i64, outcome: Outcome) {
        self.seqs.remove(&seq);
        match outcome {
            Outcome::Done => match self.chats.get_mut(&chat).and_then(VecDeque::pop_front) {
                Some(next) => self.begin(next),
                None => drop(self.chats.remove(&chat)),
            },
            Outcome::Later => {
                self.drop_waiting(chat);
                self.chats.remove(&chat);
                if self.open && self.held.insert(chat) {
                    later(&self.business, Order::SendChat(chat));
                }
            }
            Outcome::Again => {
                self.drop_waiting(chat);
                self.chats.remove(&chat);
                if self.open {
                    self.close();
                    later(&self.business, Order::SendAll);
                }
            }
        }
    }

    /// Nothing new goes out; what is under way is settled.
    fn close(&mut self) {
        self.open = false;
        let chats: Vec<ConversationId> = self.chats.keys().copied().collect();
        chats.into_iter().for_each(|chat| self.drop_waiting(chat));
    }

    fn drop_waiting(&mut self, chat: ConversationId) {
        for item in self.chats.get_mut(&chat).map(std::mem::take).into_iter().flatten() {
            self.seqs.remove(&item.seq);
        }
    }

    async fn one_settled(&mut self) {
        if let Some(step) = self.under_way.next().await {
            self.step(step);
        }
    }

    async fn send_all(&mut self) {
        // What is under way is settled first, so that nothing overtakes.
        self.close();
        while !self.under_way.is_empty() {
            self.one_settled().await;
        }
        self.held.clear();
        self.open = true;
        // What became of a message may be stored, and its webhooks with it, though nobody was told.
        let webhooks = self.business.common().dispatcher().look_again(self.business.id()).await;
        if webhooks.is_err() {
            self.close();
            return later(&self.business, Order::SendAll);
        }
        self.send_stored(None).await;
    }

    async fn send_chat(&mut self, chat: ConversationId) {
        if self.open && self.held.remove(&chat) {
            self.send_stored(Some(chat)).await;
        }
    }

    /// Sends what is stored, from the beginning: of one chat, or of all.
    async fn send_stored(&mut self, chat: Option<ConversationId>) {
        let (id, mut after) = (self.business.id(), 0);
        while self.open {
            let Ok(page) = self.business.db().read(move |tx| page(tx, id, chat, after)).await else {
                self.close();
                return later(&self.business, Order::SendAll);
            };
            let Some(last) = page.last() else { return };
            after = last.seq;
            for item in page.into_iter().filter(|item| !item.payload.is_empty()) {
                while !self.has_room() {
                    self.one_settled().await;
                }
                self.put(item);
            }
        }
    }
}

fn request(business: &Business, item: &Item) -> impl Future<Output = Result<Answer, LinkError>> + Send + use<> {
    let ask = match item.kind {
        Kind::Message | Kind::Control | Kind::Reaction => Ask::Submit(pb::Submit { mls_message: item.payload.clone() }),
        Kind::Read => Ask::Read(pb::Read { conversation: item.chat.to_vec(), message_id: item.message.to_vec(), played: false }),
    };
    business.link.request(ask)
}

/// Orders something after a while.
fn later(business: &Arc<Business>, order: Order) {
    let own = business.clone();
    business.spawn(async move {
        let env = own.env();
        env.clock.wait_until(env.now().plus_millis(RETRY_MILLIS)).await;
        own.outbox.order(order);
    });
}

fn page(tx: &mut Tx<'_>, business: AccountId, chat: Option<ConversationId>, after: i64) -> Result<Vec<Item>, Error> {
    let from_row = |row: &Row<'_>| {
        let kind = Kind::from_stored(&row.get::<String>(3)?)?;
        Ok(Item { seq: row.get(0)?, chat: row.get(1)?, message: row.get(2)?, kind, payload: row.get(4)? })
    };
    let Some(chat) = chat else {
        let sql = "SELECT seq, chat, message, kind, payload FROM outbox WHERE business = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";
        return Ok(tx.query(sql, &[(&business).into(), after.into(), PAGE.into()], from_row)?);
    };
    let sql = "SELECT seq, chat, message, kind, payload FROM outbox WHERE business = ?1 AND chat = ?2 AND seq > ?3 ORDER BY seq LIMIT ?4";
    Ok(tx.query(sql, &[(&business).into(), (&chat).into(), after.into(), PAGE.into()], from_row)?)
}

/// What an answer of the network means for an item.
async fn decided(business: &Arc<Business>, item: Item, answer: Result<Answer, LinkError>) -> Step {
    let end = match answer {
        Ok(Answer::Accepted(accepted)) => End::Taken {
            at: Timestamp::from_millis(accepted.at),
            window_until: (accepted.window_until > 0).then(|| Timestamp::from_millis(accepted.window_until)),
            price: accepted.price.as_ref().map(money::stored).unwrap_or_default(),
            recipients: accepted.recipients,
        },
        Ok(Answer::Done(_)) => End::Taken { at: business.env().now(), window_until: None, price: String::new(), recipients: Vec::new() },
        Ok(Answer::Refused(refused)) => match refused.code() {
            pb::RefusalCode::Unavailable | pb::RefusalCode::NotLoggedIn => return Step::Settled(item, Outcome::Again),
            // The log of a device of this customer is full: that is nothing to the others.
            pb::RefusalCode::RateLimited => return Step::Settled(item, Outcome::Later),
            pb::RefusalCode::StaleEpoch => {
                encrypt_again(business, &item).await;
                return Step::Settled(item, Outcome::Later);
            }
            _ => End::Refused(refused),
        },
        Ok(_) | Err(_) => return Step::Settled(item, Outcome::Again),
    };
    Step::Decided(item, end)
}

/// Stores what the network has decided: all in one unit; if that fails each alone, so that one that cannot be stored holds up nobody else.
async fn store(business: Arc<Business>, decided: Vec<(Item, End)>) -> Step {
    let decided = Arc::new(decided);
    let all = decided.len();
    let stored = match store_some(&business, &decided, 0..all).await {
        false if all > 1 => {
            let mut stored = Vec::with_capacity(all);
            for place in 0..all {
                stored.push(store_some(&business, &decided, place..place + 1).await);
            }
            stored
        }
        stored => vec![stored; all],
    };
    Step::Stored(decided.iter().map(|(item, _)| (item.chat, item.seq)).zip(stored).collect())
}

/// Stores some decisions and tells whoever watches; false when they could not be stored.
async fn store_some(business: &Arc<Business>, decided: &Arc<Vec<(Item, End)>>, some: Range<usize>) -> bool {
    let (own, all, these) = (business.clone(), decided.clone(), some.clone());
    let unit = move |tx: &mut Tx<'_>| {
        let mut told = Told::default();
        for (item, end) in all.get(these.clone()).into_iter().flatten() {
            finish(&own, tx, item, end, &mut told)?;
        }
        Ok::<_, Error>(told)
    };
    match business.db().write(unit).await {
        Ok(told) => {
            business.common().dispatcher().notify(told.queued);
            told.live.into_iter().for_each(|event| business.live().tell(event));
            business.early.settled(decided.get(some).into_iter().flatten().map(|(item, _)| item.message));
            true
        }
        Err(error) => {
            tracing::error!(business = %business.id(), %error, "cannot store what became of a message; it will be sent again");
            business.live().doubt(&error);
            false
        }
    }
}

enum End {
    Taken { at: Timestamp, window_until: Option<Timestamp>, price: String, recipients: Vec<pb::Recipient> },
    Refused(pb::Refused),
}

fn finish(business: &Business, tx: &mut Tx<'_>, item: &Item, end: &End, told: &mut Told) -> Result<(), Error> {
    let removed = tx.execute("DELETE FROM outbox WHERE business = ?1 AND seq = ?2", &[(&business.id()).into(), item.seq.into()])?;
    if removed == 0 {
        return Ok(());
    }
    match item.kind {
        Kind::Message => settle_message(business, tx, item, end, told),
        Kind::Reaction => settle_reaction(business, tx, item, end, told),
        Kind::Control | Kind::Read => Ok(()),
    }
}

fn settle_reaction(business: &Business, tx: &mut Tx<'_>, item: &Item, end: &End, told: &mut Told) -> Result<(), Error> {
    match end {
        End::Taken { at, price, .. } => react::advance(business, tx, item.chat, item.message, (Status::Sent, *at, Some(price)), told),
        End::Refused(refused) => react::fail(business, tx, item.chat, item.message, (&failure(refused), business.env().now()), told),
    }
}

fn failure(refused: &pb::Refused) -> Failure {
    let code = if refused.cloud_api_code == 0 { 131_000 } else { refused.cloud_api_code };
    Failure::new(code, refused.message.clone())
}

fn settle_message(business: &Business, tx: &mut Tx<'_>, item: &Item, end: &End, told: &mut Told) -> Result<(), Error> {
    let id = business.id();
    match end {
        End::Taken { at, window_until, price, recipients } => {
            if let Some(until) = *window_until {
                tx.execute(
                    "UPDATE chat SET window_until = ?3 WHERE business = ?1 AND id = ?2 AND window_until IS NOT NULL AND window_until < ?3",
                    &[(&id).into(), (&item.chat).into(), until.into()],
                )?;
            }
            if recipients.is_empty() {
                status::taken(business, tx, item.chat, item.message, (*at, price), told)?;
            } else {
                tx.execute(
                    "UPDATE message SET at = ?3, price = ?4 WHERE business = ?1 AND id = ?2",
                    &[(&id).into(), (&item.message).into(), (*at).into(), price.into()],
                )?;
                customer_groups::taken(business, tx, item.chat, item.message, recipients, *at, told)?;
            }
        }
        End::Refused(refused) => {
            status::fail(business, tx, item.chat, item.message, failure(refused), business.env().now(), told)?;
        }
    }
    early::settle(business, tx, item.chat, item.message, told)
}

/// Encrypts a message again, for the epoch the group is in now.
async fn encrypt_again(business: &Arc<Business>, item: &Item) {
    let encrypted = match business.slot(item.chat).await {
        Ok(mut slot) => encrypt_item(business, &mut slot, item).await,
        Err(error) => Err(error),
    };
    if let Err(error) = encrypted {
        tracing::warn!(business = %business.id(), chat = %item.chat, %error, "cannot encrypt a message again yet");
    }
}

/// Encrypts what was stored before its chat had a group or before a file of it was on the network, in order up to the first message that still waits for
/// a file, and hands it to the task. The slot stays held meanwhile, so that no newer message
/// overtakes.
///
/// # Errors
/// When the store or MLS fails.
pub(crate) async fn encrypt_waiting(business: &Arc<Business>, chat: ConversationId, slot: &mut Slot) -> Result<(), Error> {
    let id = business.id();
    let (waiting, files) = business
        .db()
        .read(move |tx| {
            let files = prepare::waiting(tx, id, chat)?;
            let sql = "SELECT seq, message, kind FROM outbox WHERE business = ?1 AND chat = ?2 AND length(payload) = 0 ORDER BY seq";
            let waiting = tx.query(sql, &[(&id).into(), (&chat).into()], |row| {
                let kind = Kind::from_stored(&row.get::<String>(2)?)?;
                Ok(Item { seq: row.get(0)?, chat, message: row.get(1)?, kind, payload: Vec::new() })
            })?;
            Ok::<_, Error>((waiting, files))
        })
        .await?;
    for item in waiting {
        if files.contains(&item.message) {
            return Ok(());
        }
        if let Some(payload) = encrypt_item(business, slot, &item).await? {
            business.outbox.queue(item.seq, item.chat, item.message, item.kind, payload);
        }
    }
    business.files.unblock(chat);
    Ok(())
}

/// What is stored of an item, as it is sealed. None when there is nothing left of it.
fn sealed_from(tx: &mut Tx<'_>, business: AccountId, item: &Item, now: Timestamp) -> Result<Option<(pb::Content, HeaderParts)>, Error> {
    if item.kind == Kind::Reaction {
        return Ok(react::stored(tx, business, item.message, now)?);
    }
    let Some(found) = messages::get(tx, business, item.message)? else { return Ok(None) };
    Ok(Some((content::of(&found)?, content::header(item.message, &found.sent, now)?)))
}

/// Encrypts a message from what is stored of it and stores the result. None when there is nothing to encrypt it from: then it is dropped.
async fn encrypt_item(business: &Arc<Business>, slot: &mut Slot, item: &Item) -> Result<Option<Vec<u8>>, Error> {
    let (id, seq, chat, now, wanted) = (business.id(), item.seq, item.chat, business.env().now(), item.clone());
    let found = business.db().read(move |tx| sealed_from(tx, id, &wanted, now)).await?;
    let Some((content, parts)) = found else {
        let sql = "DELETE FROM outbox WHERE business = ?1 AND seq = ?2";
        business.db().write(move |tx| Ok::<_, Error>(tx.execute(sql, &[(&id).into(), seq.into()])?)).await?;
        return Ok(None);
    };
    let sealed = suki_e2ee::content::seal(&content, &parts, &*business.env().entropy)?;
    let group = slot.group.as_mut().ok_or(Error::NotFound("group"))?;
    let payload = group.encrypt(&business.device, &sealed.header, &sealed.plaintext)?;
    let saved = business.export(chat, slot)?;
    let bytes = payload.clone();
    let stored = business
        .db()
        .write(move |tx| {
            groups::save(tx, id, chat, &saved)?;
            tx.execute("UPDATE outbox SET payload = ?3 WHERE business = ?1 AND seq = ?2", &[(&id).into(), seq.into(), (&bytes).into()])?;
            Ok::<_, Error>(())
        })
        .await;
    if stored.is_err() {
        slot.forget();
    }
    stored?;
    Ok(Some(payload))
}
