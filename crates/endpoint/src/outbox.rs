//! The outbox: what is stored here and not yet taken by the network. It is sent in order, many at a time, and again after every reconnect; the network
//! knows what it already has by the message's id.
use crate::{
    Business, Error,
    agent::Told,
    groups::{self, Slot},
    messages::{self, Failure, Status},
    status,
};
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use std::{
    collections::HashSet,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};
use suki_e2ee::content::{self, HeaderParts};
use suki_link::LinkError;
use suki_protocol::pb::{self, client_frame::Body as Ask, server_frame::Body as Answer};
use suki_store::{Db, StoreError, Tx};
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
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Control => "control",
            Self::Read => "read",
        }
    }

    fn from_stored(text: &str) -> Result<Self, StoreError> {
        match text {
            "message" => Ok(Self::Message),
            "control" => Ok(Self::Control),
            "read" => Ok(Self::Read),
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
    /// Not taken, and still stored: everything after it has to wait.
    Again,
}

type Sending = Pin<Box<dyn Future<Output = (i64, Outcome)> + Send>>;

/// Runs until the process ends.
pub async fn run(business: Arc<Business>, mut orders: mpsc::UnboundedReceiver<Order>) {
    let mut open = false;
    let mut under_way: FuturesUnordered<Sending> = FuturesUnordered::new();
    let mut seqs: HashSet<i64> = HashSet::new();
    loop {
        tokio::select! {
            Some((seq, outcome)) = under_way.next(), if !under_way.is_empty() => {
                seqs.remove(&seq);
                if matches!(outcome, Outcome::Again) && open {
                    open = false;
                    retry_later(&business);
                }
            }
            order = orders.recv(), if under_way.len() < UNDER_WAY => match order {
                None => return,
                Some(Order::Stop) => open = false,
                Some(Order::Send(item)) if open => begin(&business, item, &mut under_way, &mut seqs),
                Some(Order::Send(_)) => {}
                Some(Order::SendAll) => {
                    // What is under way is settled first, so that nothing overtakes.
                    while let Some((seq, _)) = under_way.next().await {
                        seqs.remove(&seq);
                    }
                    open = send_stored(&business, &mut under_way, &mut seqs).await;
                    if !open {
                        retry_later(&business);
                    }
                }
            },
        }
    }
}

fn begin(business: &Arc<Business>, item: Item, under_way: &mut FuturesUnordered<Sending>, seqs: &mut HashSet<i64>) {
    if seqs.insert(item.seq) {
        // The request is queued here and now, not when the future is first polled: so items keep their order.
        let answer = request(business, &item);
        let own = business.clone();
        let seq = item.seq;
        under_way.push(Box::pin(async move { (seq, settle(&own, item, answer.await).await) }));
    }
}

fn request(business: &Business, item: &Item) -> impl Future<Output = Result<Answer, LinkError>> + Send + use<> {
    let ask = match item.kind {
        Kind::Message | Kind::Control => Ask::Submit(pb::Submit { mls_message: item.payload.clone() }),
        Kind::Read => Ask::Read(pb::Read { conversation: item.chat.to_vec(), message_id: item.message.to_vec() }),
    };
    business.link.request(ask)
}

fn retry_later(business: &Arc<Business>) {
    let own = business.clone();
    tokio::spawn(async move {
        let env = own.env();
        env.clock.wait_until(env.now().plus_millis(RETRY_MILLIS)).await;
        own.outbox.connected();
    });
}

/// Sends what is stored, from the beginning. Returns false when the store cannot be read.
async fn send_stored(business: &Arc<Business>, under_way: &mut FuturesUnordered<Sending>, seqs: &mut HashSet<i64>) -> bool {
    let mut after = 0;
    loop {
        let id = business.id();
        let page = business.db().read(move |tx| page(tx, id, after)).await;
        let Ok(page) = page else { return false };
        let Some(last) = page.last() else { return true };
        after = last.seq;
        for item in page.into_iter().filter(|item| !item.payload.is_empty()) {
            if under_way.len() >= UNDER_WAY
                && let Some((seq, outcome)) = under_way.next().await
            {
                seqs.remove(&seq);
                if matches!(outcome, Outcome::Again) {
                    return false;
                }
            }
            begin(business, item, under_way, seqs);
        }
    }
}

fn page(tx: &mut Tx<'_>, business: AccountId, after: i64) -> Result<Vec<Item>, Error> {
    let sql = "SELECT seq, chat, message, kind, payload FROM outbox WHERE business = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";
    Ok(tx.query(sql, &[(&business).into(), after.into(), PAGE.into()], |row| {
        let kind = Kind::from_stored(&row.get::<String>(3)?)?;
        Ok(Item { seq: row.get(0)?, chat: row.get(1)?, message: row.get(2)?, kind, payload: row.get(4)? })
    })?)
}

async fn settle(business: &Arc<Business>, item: Item, answer: Result<Answer, LinkError>) -> Outcome {
    let end = match answer {
        Ok(Answer::Accepted(accepted)) => End::Taken { at: Timestamp::from_millis(accepted.at) },
        Ok(Answer::Done(_)) => End::Taken { at: business.env().now() },
        Ok(Answer::Refused(refused)) => match refused.code() {
            pb::RefusalCode::Unavailable | pb::RefusalCode::RateLimited | pb::RefusalCode::NotLoggedIn => return Outcome::Again,
            pb::RefusalCode::StaleEpoch => return encrypt_again(business, item).await,
            _ => End::Refused(refused),
        },
        Ok(_) | Err(_) => return Outcome::Again,
    };
    let (own, done) = (business.clone(), item.clone());
    let told = business.db().write(move |tx| finish(&own, tx, &done, &end)).await;
    match told {
        Ok(told) => {
            business.endpoint().dispatcher().notify(told.queued);
            told.live.into_iter().for_each(|event| business.live().tell(event));
            Outcome::Done
        }
        Err(error) => {
            tracing::error!(business = %business.id(), %error, "cannot store what became of a message; it will be sent again");
            Outcome::Again
        }
    }
}

enum End {
    Taken { at: Timestamp },
    Refused(pb::Refused),
}

fn finish(business: &Business, tx: &mut Tx<'_>, item: &Item, end: &End) -> Result<Told, Error> {
    let id = business.id();
    let mut told = Told::default();
    let removed = tx.execute("DELETE FROM outbox WHERE business = ?1 AND seq = ?2", &[(&id).into(), item.seq.into()])?;
    if removed == 0 || item.kind != Kind::Message {
        return Ok(told);
    }
    match end {
        End::Taken { at } => {
            tx.execute("UPDATE message SET at = ?3 WHERE business = ?1 AND id = ?2", &[(&id).into(), (&item.message).into(), (*at).into()])?;
            if business.window().business_renews {
                let until = at.plus_millis(business.window().millis);
                tx.execute(
                    "UPDATE chat SET window_until = ?3 WHERE business = ?1 AND id = ?2 AND window_until IS NOT NULL AND window_until < ?3",
                    &[(&id).into(), (&item.chat).into(), until.into()],
                )?;
            }
            if let Some(message) = status::own_message(business, tx, item.chat, item.message)? {
                status::advance(business, tx, item.chat, &[message], Status::Sent, *at, &mut told)?;
            }
        }
        End::Refused(refused) => {
            let code = if refused.cloud_api_code == 0 { 131_000 } else { refused.cloud_api_code };
            let failure = Failure::new(code, refused.message.clone());
            status::fail(business, tx, item.chat, item.message, failure, business.env().now(), &mut told)?;
        }
    }
    Ok(told)
}

/// Encrypts a message again, for the epoch the group is in now.
async fn encrypt_again(business: &Arc<Business>, item: Item) -> Outcome {
    let encrypted = match business.slot(item.chat).await {
        Ok(mut slot) => encrypt_item(business, &mut slot, &item).await,
        Err(error) => Err(error),
    };
    if let Err(error) = encrypted {
        tracing::warn!(business = %business.id(), chat = %item.chat, %error, "cannot encrypt a message again yet");
    }
    Outcome::Again
}

/// Encrypts what was stored before its chat had a group, in order, and hands it to the task. The slot stays held meanwhile, so that no newer message
/// overtakes.
///
/// # Errors
/// When the store or MLS fails.
pub(crate) async fn encrypt_waiting(business: &Arc<Business>, chat: ConversationId, slot: &mut Slot) -> Result<(), Error> {
    let id = business.id();
    let waiting = business
        .db()
        .read(move |tx| {
            let sql = "SELECT seq, message, kind FROM outbox WHERE business = ?1 AND chat = ?2 AND length(payload) = 0 ORDER BY seq";
            Ok::<_, Error>(tx.query(sql, &[(&id).into(), (&chat).into()], |row| {
                let kind = Kind::from_stored(&row.get::<String>(2)?)?;
                Ok(Item { seq: row.get(0)?, chat, message: row.get(1)?, kind, payload: Vec::new() })
            })?)
        })
        .await?;
    for item in waiting {
        if let Some(payload) = encrypt_item(business, slot, &item).await? {
            business.outbox.queue(item.seq, item.chat, item.message, item.kind, payload);
        }
    }
    Ok(())
}

/// Encrypts a message from its text and stores the result. None when there is nothing to encrypt it from: then it is dropped.
async fn encrypt_item(business: &Arc<Business>, slot: &mut Slot, item: &Item) -> Result<Option<Vec<u8>>, Error> {
    let (id, message, seq, chat) = (business.id(), item.message, item.seq, item.chat);
    let found = business.db().read(move |tx| Ok::<_, Error>(messages::get(tx, id, message)?)).await?;
    let Some(found) = found else {
        let sql = "DELETE FROM outbox WHERE business = ?1 AND seq = ?2";
        business.db().write(move |tx| Ok::<_, Error>(tx.execute(sql, &[(&id).into(), seq.into()])?)).await?;
        return Ok(None);
    };
    let body = pb::content::Body::Text(pb::Text { body: found.text, preview_url: found.preview_url });
    let reply_to = found.reply_to.map(|quote| quote.id.to_vec()).unwrap_or_default();
    let plain = pb::Content { body: Some(body), reply_to, sender_name: String::new() };
    let sealed = content::seal(&plain, &HeaderParts::session(message, business.env().now()), &*business.env().entropy)?;
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
