//! The log of webhooks: what was told to whom and what came of it, searched by whom, about whom, about which message, by field, result and time.
use crate::{
    Business, Error,
    business::object_id,
    contacts::{self, AliasKind},
    hooks::Origin,
    webhooks::NO_CHAT,
};
use serde::{Deserialize, Serialize};
use suki_cloud_api::{ObjectId, wamid};
use suki_store::{Row, StoreError, Tx};
use suki_types::{AccountId, ConversationId, MessageId, Timestamp};

/// How many entries one step of a search reads, and how many steps it takes at most before it answers with where it goes on.
const STEP: usize = 500;
const STEPS: usize = 40;
/// The most entries of one page.
pub const PAGE: usize = 200;

/// What came of a delivery so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It waits to be taken.
    Waiting = 0,
    /// The receiver answered 200.
    Taken = 1,
    /// It was tried for seven days.
    GivenUp = 2,
    /// Nobody was to be told any more.
    Dropped = 3,
}

impl State {
    fn from_stored(value: i64) -> Result<Self, StoreError> {
        Ok(match value {
            0 => Self::Waiting,
            1 => Self::Taken,
            2 => Self::GivenUp,
            3 => Self::Dropped,
            _ => return Err(StoreError::Corrupt("delivery state")),
        })
    }
}

/// By what the log is searched, beside the states: those of which at least one try failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The receiver answered 200.
    Taken,
    /// It waits to be taken.
    Waiting,
    /// It waits, and a try has failed.
    Failing,
    /// It was tried for seven days.
    GivenUp,
    /// Nobody was to be told any more.
    Dropped,
}

/// What is searched for; what is absent is not asked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Search {
    /// Who was told: an app or an endpoint.
    pub hook: Option<ObjectId>,
    /// The business's number, by its id in the Cloud API.
    pub number: Option<ObjectId>,
    /// The customer: a phone number, a business-scoped user id, or the contact's id.
    pub contact: Option<String>,
    /// The conversation.
    pub chat: Option<ConversationId>,
    /// The message: a wamid, or its id.
    pub message: Option<String>,
    /// The webhook field.
    pub field: Option<String>,
    /// The type of the message, or the status.
    pub kind: Option<String>,
    /// What came of it.
    pub result: Option<Outcome>,
    /// From when on it was stored, in milliseconds.
    pub from: Option<Timestamp>,
    /// Until when, that moment not counted.
    pub to: Option<Timestamp>,
    /// Where the page before ended.
    pub before: Option<i64>,
    /// How many; 50 if absent, at most 200.
    pub limit: Option<usize>,
}

/// A delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its place in the log: later ones have greater ones.
    pub seq: i64,
    /// Who was told.
    pub hook: ObjectId,
    /// The conversation it belongs to.
    pub chat: Option<ConversationId>,
    /// The webhook field.
    pub field: String,
    /// The type of the message, or the status; "" of everything else.
    pub kind: String,
    /// The message it tells of, as programs name it.
    pub message: Option<String>,
    /// Why it was made.
    pub origin: Origin,
    /// The delivery it repeats.
    pub replay_of: Option<i64>,
    /// What came of it so far.
    pub state: State,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was stored.
    pub created_at: Timestamp,
    /// When it was tried last.
    pub tried_at: Option<Timestamp>,
    /// When it is tried again; none of what does not wait.
    pub next_at: Option<Timestamp>,
    /// What the receiver last answered; none when it did not.
    pub http_status: Option<u16>,
    /// How long the last try took, in milliseconds.
    pub took_millis: i64,
    /// Why the last try failed, or it is not tried any more; "" otherwise.
    pub reason: String,
}

/// A page of the log, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page {
    /// What was found.
    pub data: Vec<Entry>,
    /// Where it goes on; there may be more even if the page is not full.
    pub next: Option<i64>,
}

/// One try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// The how manieth.
    pub attempt: i64,
    /// When.
    pub at: Timestamp,
    /// What the receiver answered; none when it did not.
    pub http_status: Option<u16>,
    /// How long it took, in milliseconds.
    pub took_millis: i64,
    /// The first bytes of the answer.
    pub answer: String,
    /// Why it failed; "" when it did not.
    pub reason: String,
}

/// A delivery with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Detail {
    /// As in the list.
    #[serde(flatten)]
    pub entry: Entry,
    /// Exactly what is sent.
    pub body: String,
    /// What signs it at the moment: the header `X-Hub-Signature-256`. None when nobody is to be told any more.
    pub signature: Option<String>,
    /// The tries, oldest first; of many that failed the newest 50.
    pub tries: Vec<Attempt>,
}

fn entry(row: &Row<'_>) -> Result<Entry, StoreError> {
    let (chat, state, attempts): (ConversationId, i64, i64) = (row.get(2)?, row.get(8)?, row.get(9)?);
    let state = State::from_stored(state)?;
    let origin = match row.get::<i64>(6)? {
        0 => Origin::Live,
        1 => Origin::Replay,
        _ => Origin::Test,
    };
    Ok(Entry {
        seq: row.get(0)?,
        hook: object_id(row.get(1)?)?,
        chat: Some(chat).filter(|chat| *chat != NO_CHAT && origin != Origin::Test),
        field: row.get(3)?,
        kind: row.get(4)?,
        message: row.get::<Option<MessageId>>(5)?.map(wamid::encode),
        origin,
        replay_of: Some(row.get::<i64>(7)?).filter(|seq| *seq > 0),
        state,
        attempts,
        created_at: row.get(10)?,
        tried_at: Some(row.get(11)?).filter(|_| attempts > 0),
        next_at: Some(row.get(12)?).filter(|_| state == State::Waiting),
        http_status: Some(row.get(13)?).filter(|status| *status > 0),
        took_millis: row.get(14)?,
        reason: row.get(15)?,
    })
}

const COLUMNS: &str = "SELECT seq, hook, chat, field, kind, message, origin, replay_of, state, attempts, created_at, tried_at, next_at, http_status,
    took_millis, reason, body, answer FROM delivery WHERE business = ?1";

/// What a search comes to: which index leads, and what passes.
struct Query {
    business: AccountId,
    chat: Option<ConversationId>,
    message: Option<String>,
    search: Search,
}

impl Query {
    fn passes(&self, entry: &Entry) -> bool {
        let search = &self.search;
        let result = match search.result {
            None => true,
            Some(Outcome::Taken) => entry.state == State::Taken,
            Some(Outcome::Waiting) => entry.state == State::Waiting,
            Some(Outcome::Failing) => entry.state == State::Waiting && entry.attempts > 0,
            Some(Outcome::GivenUp) => entry.state == State::GivenUp,
            Some(Outcome::Dropped) => entry.state == State::Dropped,
        };
        result
            && search.hook.is_none_or(|hook| hook == entry.hook)
            && search.field.as_ref().is_none_or(|field| *field == entry.field)
            && search.kind.as_ref().is_none_or(|kind| *kind == entry.kind)
            && self.message.as_ref().is_none_or(|message| Some(message) == entry.message.as_ref())
            && search.from.is_none_or(|from| entry.created_at >= from)
            && search.to.is_none_or(|to| entry.created_at < to)
    }

    /// The next entries before a place, newest first, by the index that leads nearest.
    fn step(&self, tx: &mut Tx<'_>, before: i64) -> Result<Vec<Entry>, StoreError> {
        let business = (&self.business).into();
        if let Some(chat) = &self.chat {
            let sql = format!("{COLUMNS} AND chat = ?2 AND seq < ?3 ORDER BY seq DESC LIMIT ?4");
            return tx.query(&sql, &[business, chat.into(), before.into(), STEP.into()], entry);
        }
        match self.search.result {
            Some(lost @ (Outcome::GivenUp | Outcome::Dropped)) => {
                let state = if lost == Outcome::GivenUp { State::GivenUp } else { State::Dropped };
                let sql = format!("{COLUMNS} AND state = ?2 AND state > 1 AND seq < ?3 ORDER BY seq DESC LIMIT ?4");
                tx.query(&sql, &[business, (state as i64).into(), before.into(), STEP.into()], entry)
            }
            Some(Outcome::Waiting | Outcome::Failing) => self.waiting(tx, before),
            _ => {
                let sql = format!("{COLUMNS} AND seq < ?2 ORDER BY seq DESC LIMIT ?3");
                tx.query(&sql, &[business, before.into(), STEP.into()], entry)
            }
        }
    }

    fn waiting(&self, tx: &mut Tx<'_>, before: i64) -> Result<Vec<Entry>, StoreError> {
        let hooks = match self.search.hook {
            Some(hook) => vec![hook],
            None => crate::dispatch::receivers(tx, self.business)?,
        };
        let sql = format!("{COLUMNS} AND hook = ?2 AND state = 0 AND seq < ?3 ORDER BY seq DESC LIMIT ?4");
        let mut found = Vec::new();
        for hook in hooks {
            found.extend(tx.query(&sql, &[(&self.business).into(), hook.number().into(), before.into(), STEP.into()], entry)?);
        }
        found.sort_unstable_by_key(|entry| std::cmp::Reverse(entry.seq));
        found.truncate(STEP);
        Ok(found)
    }
}

impl Business {
    /// Searches the log.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a message id or a limit that is none.
    pub async fn webhook_log(&self, search: Search) -> Result<Page, Error> {
        let limit = search.limit.unwrap_or(50);
        if !(1..=PAGE).contains(&limit) {
            return Err(Error::Invalid(format!("limit is 1 to {PAGE}")));
        }
        let empty = Page { data: Vec::new(), next: None };
        if search.number.is_some_and(|number| number != self.record().phone_number_id) {
            return Ok(empty);
        }
        let business = self.id();
        let message = match search.message.as_deref() {
            None => None,
            Some(text) => Some(message_id(text)?),
        };
        let (mut before, mut data) = (search.before.unwrap_or(i64::MAX), Vec::new());
        let Some((query, mut steps)) = self.db().read(move |tx| query(tx, business, search.clone(), message)).await? else { return Ok(empty) };
        let query = std::sync::Arc::new(query);
        loop {
            let (asked, from) = (query.clone(), before);
            let found = self.db().read(move |tx| Ok::<_, Error>(asked.step(tx, from)?)).await?;
            // Places grow with time: what lies further back is older still.
            let is_too_old = |entry: &Entry| query.search.from.is_some_and(|from| entry.created_at < from);
            let is_last = found.len() < STEP || found.last().is_some_and(is_too_old);
            for entry in found {
                before = entry.seq;
                if query.passes(&entry) {
                    data.push(entry);
                }
                if data.len() == limit {
                    return Ok(Page { data, next: Some(before) });
                }
            }
            steps -= 1;
            if is_last || steps == 0 {
                return Ok(Page { data, next: Some(before).filter(|_| !is_last) });
            }
        }
    }

    /// A delivery with all that is known of it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the log does not have it, or not any more.
    pub async fn webhook_delivery(&self, seq: i64) -> Result<Detail, Error> {
        let business = self.id();
        let found = self.db().read(move |tx| Ok::<_, Error>(detail(tx, business, seq)?)).await?;
        let (entry, body, tries) = found.ok_or(Error::NotFound("delivery"))?;
        let signature = self.common().dispatcher().signature(business, entry.hook, &body).await?;
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(Detail { entry, body, signature, tries })
    }
}

/// A search, with the conversation that it is about; none when there is no such customer or message.
fn query(tx: &mut Tx<'_>, business: AccountId, search: Search, message: Option<MessageId>) -> Result<Option<(Query, usize)>, Error> {
    let mut chat = search.chat;
    if let Some(contact) = &search.contact {
        match chat_of(tx, business, contact)? {
            Some(found) if chat.is_none_or(|chat| chat == found) => chat = Some(found),
            _ => return Ok(None),
        }
    }
    if let (Some(message), None) = (message, chat) {
        let sql = "SELECT chat FROM message WHERE business = ?1 AND id = ?2";
        match tx.query_opt(sql, &[(&business).into(), (&message).into()], |row| row.get(0))? {
            None => return Ok(None),
            found => chat = found,
        }
    }
    let message = message.map(wamid::encode);
    Ok(Some((Query { business, chat, message, search }, STEPS)))
}

fn chat_of(tx: &mut Tx<'_>, business: AccountId, text: &str) -> Result<Option<ConversationId>, Error> {
    let text = text.trim();
    let contact = if let Ok(id) = text.parse::<AccountId>() {
        Some(id)
    } else {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        match contacts::by_alias(tx, business, AliasKind::UserId, text)? {
            None => contacts::by_alias(tx, business, AliasKind::Phone, &digits)?,
            found => found,
        }
    };
    let Some(contact) = contact else { return Ok(None) };
    let sql = "SELECT id FROM chat WHERE business = ?1 AND contact = ?2";
    Ok(tx.query_opt(sql, &[(&business).into(), (&contact).into()], |row| row.get(0))?)
}

fn message_id(text: &str) -> Result<MessageId, Error> {
    let found = wamid::decode(text.trim()).ok().or_else(|| text.trim().parse().ok());
    found.ok_or_else(|| Error::Invalid("message is a wamid, or an id that begins with msg_".into()))
}

type Found = (Entry, Vec<u8>, Vec<Attempt>);

fn detail(tx: &mut Tx<'_>, business: AccountId, seq: i64) -> Result<Option<Found>, StoreError> {
    let key = [(&business).into(), seq.into()];
    let sql = format!("{COLUMNS} AND seq = ?2");
    let found = tx.query_opt(&sql, &key, |row| Ok((entry(row)?, row.get::<Vec<u8>>(16)?, row.get::<Option<Vec<u8>>>(17)?)))?;
    let Some((entry, body, answer)) = found else { return Ok(None) };
    let sql = "SELECT attempt, at, http_status, took_millis, answer, reason FROM delivery_attempt WHERE business = ?1 AND seq = ?2 ORDER BY attempt";
    let mut tries = tx.query(sql, &key, |row| {
        Ok(Attempt {
            attempt: row.get(0)?,
            at: row.get(1)?,
            http_status: Some(row.get(2)?).filter(|status| *status > 0),
            took_millis: row.get(3)?,
            answer: text(row.get(4)?),
            reason: row.get(5)?,
        })
    })?;
    // The try that was taken stands in the delivery itself.
    if let (State::Taken, Some(at)) = (entry.state, entry.tried_at) {
        let (attempt, http_status, took_millis) = (entry.attempts, entry.http_status, entry.took_millis);
        tries.push(Attempt { attempt, at, http_status, took_millis, answer: text(answer), reason: String::new() });
    }
    Ok(Some((entry, body, tries)))
}

fn text(answer: Option<Vec<u8>>) -> String {
    answer.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}
