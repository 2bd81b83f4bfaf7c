//! What the owner has told again, and what he tries his receivers with. Both go behind all that the receiver has still to be told of the same
//! conversation.
use crate::{
    Business, Error,
    business::object_id,
    hooks::{self, Delivery, Event, Origin},
    webhooks::{MESSAGES_FIELD, Queued, source},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use suki_cloud_api::{ObjectId, subscriptions::FIELDS, webhook_samples::sample};
use suki_store::{Row, StoreError, Tx};
use suki_types::{ConversationId, MessageId, Timestamp, limits};

/// The lane of tests: they wait for nothing else.
const TESTS: ConversationId = ConversationId::from_bytes([0xff; 16]);
/// How many deliveries one call may name one by one.
const NAMED: usize = 100;
/// How many deliveries one unit looks at.
const PAGE: usize = 200;

/// What is to be told again.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Replay {
    /// These deliveries, by their places; or else a range.
    pub seqs: Vec<i64>,
    /// From this place on.
    pub from_seq: Option<i64>,
    /// Up to this place.
    pub to_seq: Option<i64>,
    /// From what was stored then, in milliseconds.
    pub from: Option<Timestamp>,
    /// Until what was stored before then.
    pub to: Option<Timestamp>,
    /// Of a range: whose deliveries are told again; those of the receiver itself where it is not said.
    pub of: Option<ObjectId>,
    /// Of a range: only what was given up or dropped.
    pub only_lost: bool,
}

/// What a replay did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// How many deliveries were queued.
    pub queued: usize,
    /// Where a range goes on: to be given as `from_seq`. None when it is at its end.
    pub next: Option<i64>,
}

struct Stored {
    seq: i64,
    hook: ObjectId,
    chat: ConversationId,
    field: String,
    kind: String,
    message: Option<MessageId>,
    body: Vec<u8>,
    origin: i64,
    state: i64,
    created_at: Timestamp,
}

const COLUMNS: &str = "SELECT seq, hook, chat, field, kind, message, body, origin, state, created_at FROM delivery WHERE business = ?1";

fn from_row(row: &Row<'_>) -> Result<Stored, StoreError> {
    Ok(Stored {
        seq: row.get(0)?,
        hook: object_id(row.get(1)?)?,
        chat: row.get(2)?,
        field: row.get(3)?,
        kind: row.get(4)?,
        message: row.get(5)?,
        body: row.get(6)?,
        origin: row.get(7)?,
        state: row.get(8)?,
        created_at: row.get(9)?,
    })
}

impl Business {
    /// Tells a receiver again what the log has, the very same bytes, in their order. A range passes over what still waits for that receiver, and over tests and
    /// earlier replays.
    ///
    /// # Errors
    /// [`Error::NotFound`] when nobody with this id is told of events, or a delivery that is named is not in the log; [`Error::Invalid`] when neither
    /// deliveries nor a range is named, or too many.
    pub async fn replay_webhooks(self: &Arc<Self>, to: ObjectId, what: Replay) -> Result<Replayed, Error> {
        self.must_be_told(to)?;
        if !what.seqs.is_empty() {
            return self.replay_named(to, what.seqs).await;
        }
        if what.from_seq.or(what.to_seq).is_none() && what.from.or(what.to).is_none() {
            return Err(Error::Invalid("name deliveries with seqs, or a range with from_seq and to_seq, or from and to".into()));
        }
        // What is queued from here on is not told again.
        let end = what.to_seq.unwrap_or(i64::MAX).min(self.hooks.last_seq());
        let what = Arc::new(what);
        let (mut after, mut queued) = (what.from_seq.unwrap_or(1).saturating_sub(1), 0);
        while after < end && queued < limits::WEBHOOK_REPLAY {
            let (business, what) = (self.clone(), what.clone());
            let (last, count) = self.db().write(move |tx| page(tx, &business, to, &what, after, end)).await?;
            self.common().dispatcher().notify(vec![Queued { business: self.id(), hook: to }]);
            queued += count;
            match last {
                Some(last) => after = last,
                None => return Ok(Replayed { queued, next: None }),
            }
        }
        Ok(Replayed { queued, next: Some(after + 1).filter(|next| *next <= end) })
    }

    async fn replay_named(self: &Arc<Self>, to: ObjectId, mut seqs: Vec<i64>) -> Result<Replayed, Error> {
        if seqs.len() > NAMED {
            return Err(Error::Invalid(format!("seqs names at most {NAMED} deliveries; for more name a range")));
        }
        seqs.sort_unstable();
        seqs.dedup();
        let (business, queued) = (self.clone(), seqs.len());
        self.db()
            .write(move |tx| {
                let sql = format!("{COLUMNS} AND seq = ?2");
                for seq in &seqs {
                    let found = tx.query_opt(&sql, &[(&business.id()).into(), (*seq).into()], from_row)?;
                    again(tx, &business, to, &found.ok_or(Error::NotFound("delivery"))?)?;
                }
                Ok::<_, Error>(())
            })
            .await?;
        self.common().dispatcher().notify(vec![Queued { business: self.id(), hook: to }]);
        Ok(Replayed { queued, next: None })
    }

    /// Sends a field's sample to a receiver, and gives its place in the log.
    ///
    /// # Errors
    /// [`Error::NotFound`] when nobody with this id is told of events, [`Error::Invalid`] for a field that is none.
    pub async fn test_webhook(self: &Arc<Self>, to: ObjectId, field: &str) -> Result<i64, Error> {
        self.must_be_told(to)?;
        let Some(field) = FIELDS.into_iter().find(|known| *known == field) else {
            return Err(Error::Invalid(format!("field is one of {}", FIELDS.join(", "))));
        };
        let body = sample(&source(self), field, self.env().now()).ok_or_else(|| Error::Internal(format!("{field} has no sample")))?;
        let business = self.clone();
        let seq = self
            .db()
            .write(move |tx| {
                let kind = if field == MESSAGES_FIELD { "text" } else { "" };
                let event = Event { field, kind, is_status: false, message: None, chat: TESTS };
                Ok::<_, Error>(hooks::store(tx, &business, to, &event, &Delivery { body: &body, origin: Origin::Test, replay_of: 0 })?)
            })
            .await?;
        self.common().dispatcher().notify(vec![Queued { business: self.id(), hook: to }]);
        Ok(seq)
    }

    fn must_be_told(&self, hook: ObjectId) -> Result<(), Error> {
        let is_told = self.hooks.all().iter().any(|one| one.id == hook);
        is_told.then_some(()).ok_or(Error::NotFound("webhook endpoint that is switched on"))
    }
}

/// One unit of a range: where it came to, none at the end, and how many were queued.
fn page(tx: &mut Tx<'_>, business: &Business, to: ObjectId, what: &Replay, after: i64, end: i64) -> Result<(Option<i64>, usize), Error> {
    let sql = format!("{COLUMNS} AND seq > ?2 AND seq <= ?3 ORDER BY seq LIMIT ?4");
    let rows = tx.query(&sql, &[(&business.id()).into(), after.into(), end.into(), PAGE.into()], from_row)?;
    let of = what.of.unwrap_or(to);
    let mut queued = 0;
    for row in &rows {
        let in_time = what.from.is_none_or(|from| row.created_at >= from) && what.to.is_none_or(|until| row.created_at < until);
        let waits_anyway = row.state == 0 && of == to;
        let is_wanted = !what.only_lost || row.state > 1;
        if row.hook == of && row.origin == Origin::Live as i64 && in_time && is_wanted && !waits_anyway {
            again(tx, business, to, row)?;
            queued += 1;
        }
    }
    Ok((rows.last().map(|row| row.seq).filter(|_| rows.len() == PAGE), queued))
}

fn again(tx: &mut Tx<'_>, business: &Business, to: ObjectId, row: &Stored) -> Result<(), StoreError> {
    let event = Event { field: &row.field, kind: &row.kind, is_status: false, message: row.message, chat: row.chat };
    hooks::store(tx, business, to, &event, &Delivery { body: &row.body, origin: Origin::Replay, replay_of: row.seq }).map(drop)
}
