//! What waits and what was tried, in the store.
use super::{Failing, Receiver};
use crate::{business::object_id, vault::Vault};
use std::sync::Arc;
use suki_cloud_api::{ObjectId, subscriptions::is_of_messages};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, ConversationId, Timestamp, limits};

/// A delivery that waits.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub seq: i64,
    pub chat: ConversationId,
    pub field: String,
    pub body: Arc<Vec<u8>>,
    pub created_at: Timestamp,
    pub attempts: i64,
    /// How often it was refused by a receiver that was not down.
    pub refusals: i64,
    pub next_at: Timestamp,
}

/// Where a receiver's deliveries go, and what signs them.
pub(super) struct Target {
    /// What is of the account.
    account: Option<String>,
    /// What is of the messages' family.
    messages: Option<String>,
    secret: Secret,
}

enum Secret {
    OfApp(ObjectId, Vec<u8>),
    OfEndpoint(ObjectId, Vec<u8>),
}

impl Target {
    /// Where a field's deliveries go; none: nowhere any more.
    pub fn url(&self, field: &str) -> Option<&str> {
        if is_of_messages(field) { self.messages.as_deref() } else { self.account.as_deref() }
    }

    /// What signs them.
    pub fn secret(&self, vault: &Vault) -> Result<String, crate::Error> {
        match &self.secret {
            Secret::OfApp(app, sealed) => vault.open_app_secret(*app, sealed),
            Secret::OfEndpoint(endpoint, sealed) => vault.open_webhook_secret(*endpoint, sealed),
        }
    }
}

/// The receivers for whom something waits.
pub(crate) fn receivers(tx: &mut Tx<'_>, business: AccountId) -> Result<Vec<ObjectId>, StoreError> {
    let sql = "SELECT hook FROM delivery WHERE business = ?1 AND hook > ?2 AND state = 0 ORDER BY hook LIMIT 1";
    let (mut found, mut after) = (Vec::new(), 0_u64);
    while let Some(hook) = tx.query_opt(sql, &[(&business).into(), after.into()], |row| object_id(row.get(0)?))? {
        after = hook.number();
        found.push(hook);
    }
    Ok(found)
}

/// The receivers that failed when this was last noted.
pub(super) fn failing(tx: &mut Tx<'_>, business: AccountId) -> Result<Vec<(ObjectId, Failing)>, StoreError> {
    let sql = "SELECT hook, failing_since, failures, next_at FROM webhook_failing WHERE business = ?1";
    tx.query(sql, &[(&business).into()], |row| {
        Ok((object_id(row.get(0)?)?, Failing { since: row.get(1)?, failures: row.get(2)?, next_at: row.get(3)? }))
    })
}

/// Where a receiver's deliveries go; none when it is gone or was switched off.
pub(super) fn target(tx: &mut Tx<'_>, receiver: Receiver) -> Result<Option<Target>, StoreError> {
    let key = [(&receiver.0).into(), receiver.1.number().into()];
    let sql = "SELECT s.callback_url, coalesce(w.phone_callback_uri, w.override_callback_uri, s.callback_url), a.secret_sealed
         FROM waba_app w
         JOIN app a ON a.business = w.business AND a.id = w.app
         LEFT JOIN subscription s ON s.business = w.business AND s.app = w.app AND s.object = 'whatsapp_business_account'
         WHERE w.business = ?1 AND w.app = ?2";
    let app =
        tx.query_opt(sql, &key, |row| Ok(Target { account: row.get(0)?, messages: row.get(1)?, secret: Secret::OfApp(receiver.1, row.get(2)?) }))?;
    if app.is_some() {
        return Ok(app);
    }
    let sql = "SELECT e.url, e.secret_sealed, e.app, a.secret_sealed FROM webhook_endpoint e
         LEFT JOIN app a ON a.business = e.business AND a.id = e.app
         WHERE e.business = ?1 AND e.id = ?2 AND e.enabled = 1";
    tx.query_opt(sql, &key, |row| {
        let url: String = row.get(0)?;
        let secret = match (row.get(1)?, row.get::<Option<u64>>(2)?, row.get(3)?) {
            (Some(own), _, _) => Secret::OfEndpoint(receiver.1, own),
            (None, Some(app), Some(sealed)) => Secret::OfApp(object_id(app)?, sealed),
            _ => return Err(StoreError::Corrupt("webhook endpoint without a secret")),
        };
        Ok(Target { account: Some(url.clone()), messages: Some(url), secret })
    })
}

fn item(row: &suki_store::Row<'_>) -> Result<Item, StoreError> {
    Ok(Item {
        seq: row.get(0)?,
        chat: row.get(1)?,
        field: row.get(2)?,
        body: Arc::new(row.get(3)?),
        created_at: row.get(4)?,
        attempts: row.get(5)?,
        refusals: row.get(6)?,
        next_at: row.get(7)?,
    })
}

/// What waits for a receiver behind a place, oldest first.
pub(super) fn waiting(tx: &mut Tx<'_>, receiver: Receiver, after: i64, limit: usize) -> Result<Vec<Item>, StoreError> {
    let sql = "SELECT seq, chat, field, body, created_at, attempts, refusals, next_at FROM delivery
         WHERE business = ?1 AND hook = ?2 AND state = 0 AND seq > ?3 ORDER BY seq LIMIT ?4";
    tx.query(sql, &[(&receiver.0).into(), receiver.1.number().into(), after.into(), limit.into()], item)
}

/// What waits of one conversation for a receiver behind a place, oldest first.
pub(super) fn waiting_of(tx: &mut Tx<'_>, receiver: Receiver, chat: ConversationId, after: i64, limit: usize) -> Result<Vec<Item>, StoreError> {
    // hook + 0: the conversation's index is the one to go by, however much waits for the receiver.
    let sql = "SELECT seq, chat, field, body, created_at, attempts, refusals, next_at FROM delivery
         WHERE business = ?1 AND chat = ?2 AND seq > ?3 AND state = 0 AND hook + 0 = ?4 ORDER BY seq LIMIT ?5";
    tx.query(sql, &[(&receiver.0).into(), (&chat).into(), after.into(), receiver.1.number().into(), limit.into()], item)
}

/// The conversation of the newest delivery that waits for a receiver, and the place of its oldest one: of no conversation one waits before it.
pub(super) fn newest_lane(tx: &mut Tx<'_>, receiver: Receiver) -> Result<Option<(ConversationId, i64)>, StoreError> {
    let key = [(&receiver.0).into(), receiver.1.number().into()];
    let newest = "SELECT chat FROM delivery WHERE business = ?1 AND hook = ?2 AND state = 0 ORDER BY seq DESC LIMIT 1";
    let oldest = "SELECT seq FROM delivery WHERE business = ?1 AND hook = ?2 AND state = 0 ORDER BY seq LIMIT 1";
    let newest = tx.query_opt(newest, &key, |row| row.get(0))?;
    Ok(newest.zip(tx.query_opt(oldest, &key, |row| row.get(0))?))
}

/// What came of a try.
#[derive(Debug, Clone)]
pub(super) struct Tried {
    /// The how manieth it was of its delivery.
    pub attempt: i64,
    /// How often the delivery was refused by a receiver that was not down.
    pub refusals: i64,
    pub at: Timestamp,
    /// 0: there was no answer.
    pub http_status: u16,
    pub took_millis: i64,
    pub answer: Vec<u8>,
    /// Why it was not taken.
    pub reason: String,
}

impl Tried {
    fn answer(&self) -> Option<&[u8]> {
        Some(&self.answer[..self.answer.len().min(limits::WEBHOOK_ANSWER_BYTES)]).filter(|answer| !answer.is_empty())
    }
}

/// A delivery was taken.
pub(super) fn taken(tx: &mut Tx<'_>, business: AccountId, seq: i64, tried: &Tried) -> Result<(), StoreError> {
    let sql = "UPDATE delivery SET state = 1, attempts = ?3, tried_at = ?4, http_status = ?5, took_millis = ?6, answer = ?7, reason = ''
         WHERE business = ?1 AND seq = ?2";
    let status = i64::from(tried.http_status);
    let params =
        [(&business).into(), seq.into(), tried.attempt.into(), tried.at.into(), status.into(), tried.took_millis.into(), tried.answer().into()];
    tx.execute(sql, &params).map(drop)
}

/// A delivery was not taken: it waits until `next_at`, or is given up.
pub(super) fn not_taken(tx: &mut Tx<'_>, business: AccountId, seq: i64, tried: &Tried, next_at: Option<Timestamp>) -> Result<(), StoreError> {
    let state = if next_at.is_some() { 0_i64 } else { 2 };
    let (key, attempt) = ([(&business).into(), seq.into()], tried.attempt.into());
    let result =
        [tried.at.into(), i64::from(tried.http_status).into(), tried.took_millis.into(), tried.answer().into(), tried.reason.as_str().into()];
    let sql =
        "UPDATE delivery SET attempts = ?3, tried_at = ?4, http_status = ?5, took_millis = ?6, answer = ?7, reason = ?8, state = ?9, next_at = ?10,
           refusals = ?11
         WHERE business = ?1 AND seq = ?2";
    let fate = [state.into(), next_at.unwrap_or(tried.at).into(), tried.refusals.into()];
    tx.execute(sql, &[&key[..], &[attempt], &result, &fate].concat())?;
    let sql = "INSERT INTO delivery_attempt (business, seq, attempt, at, http_status, took_millis, answer, reason)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (business, seq, attempt) DO NOTHING";
    tx.execute(sql, &[&key[..], &[attempt], &result].concat())?;
    let sql = "DELETE FROM delivery_attempt WHERE business = ?1 AND seq = ?2 AND attempt <= ?3";
    tx.execute(sql, &[&key[..], &[(tried.attempt - limits::WEBHOOK_ATTEMPTS).into()]].concat()).map(drop)
}

/// Gives up what has waited for a receiver since before `before`, the oldest `limit` of it. Gives how many they were.
pub(super) fn give_up(tx: &mut Tx<'_>, receiver: Receiver, before: Timestamp, limit: usize) -> Result<u64, StoreError> {
    let sql = "UPDATE delivery SET state = 2, reason = 'the receiver has failed for as long as webhooks are tried' WHERE business = ?1 AND seq IN (
           SELECT d.seq FROM delivery d WHERE d.business = ?1 AND d.hook = ?2 AND d.state = 0 ORDER BY d.seq LIMIT ?3
         ) AND created_at < ?4";
    tx.execute(sql, &[(&receiver.0).into(), receiver.1.number().into(), limit.into(), before.into()])
}

/// Drops what waits for a receiver that is gone, the oldest `limit` of it. Gives how many they were.
pub(super) fn drop_waiting(tx: &mut Tx<'_>, receiver: Receiver, limit: usize) -> Result<u64, StoreError> {
    let sql = "UPDATE delivery SET state = 3, reason = 'nobody was to be told any more' WHERE business = ?1 AND seq IN (
           SELECT d.seq FROM delivery d WHERE d.business = ?1 AND d.hook = ?2 AND d.state = 0 ORDER BY d.seq LIMIT ?3
         )";
    tx.execute(sql, &[(&receiver.0).into(), receiver.1.number().into(), limit.into()])
}

/// Drops one delivery.
pub(super) fn drop_one(tx: &mut Tx<'_>, business: AccountId, seq: i64) -> Result<(), StoreError> {
    let sql = "UPDATE delivery SET state = 3, reason = 'nobody was to be told any more' WHERE business = ?1 AND seq = ?2";
    tx.execute(sql, &[(&business).into(), seq.into()]).map(drop)
}

/// Notes how a receiver fails, or that it does not any more.
pub(super) fn note_health(tx: &mut Tx<'_>, receiver: Receiver, failing: Option<Failing>) -> Result<(), StoreError> {
    let (business, hook) = ((&receiver.0).into(), receiver.1.number().into());
    let Some(failing) = failing else {
        return tx.execute("DELETE FROM webhook_failing WHERE business = ?1 AND hook = ?2", &[business, hook]).map(drop);
    };
    let sql = "INSERT INTO webhook_failing (business, hook, failing_since, failures, next_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (business, hook) DO UPDATE SET failing_since = excluded.failing_since, failures = excluded.failures, next_at = excluded.next_at";
    tx.execute(sql, &[business, hook, failing.since.into(), failing.failures.into(), failing.next_at.into()]).map(drop)
}
