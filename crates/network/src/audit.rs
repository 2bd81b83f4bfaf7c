//! The record of every decision that changes a business's rights: appended to, never changed, and chained by hashes so that a change is found.
//!
//! The hash of a record is SHA-256 over the hash before it and the record as JSON with its fields in a fixed order. The newest one's is kept beside
//! the chain ([`Head`]): whoever writes it down can prove later that nothing up to it was changed, even by somebody who computes every hash anew.
use crate::Network;
use aws_lc_rs::digest;
use serde::Serialize;
use suki_store::{Row, StoreError, Tx, Value};
use suki_types::{AccountId, OperatorId, Timestamp};

/// The chain of decisions about businesses.
const CHAIN: &str = "network";
/// What stands before the first record.
const BEGINNING: [u8; 32] = [0; 32];
/// The most characters of an action, a subject and a detail; what is longer is cut.
const ACTION_CHARS: usize = 64;
const SUBJECT_CHARS: usize = 256;
const DETAIL_CHARS: usize = 2000;
/// How many records one unit of [`Network::verify_audit`] reads.
const RECORDS_PER_UNIT: i64 = 1000;

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A rule, carried out by the program itself.
    System,
    /// A person in the console.
    Console(OperatorId),
    /// A business, for itself.
    Business(AccountId),
}

impl Actor {
    fn columns(self) -> (i64, String) {
        match self {
            Self::System => (1, String::new()),
            Self::Console(operator) => (2, operator.to_string()),
            Self::Business(business) => (3, business.to_string()),
        }
    }

    fn from_columns(kind: i64, who: &str) -> Result<Self, StoreError> {
        let broken = StoreError::Corrupt("an audit record's actor");
        match kind {
            1 => Ok(Self::System),
            2 => who.parse().map(Self::Console).map_err(|_| broken),
            3 => who.parse().map(Self::Business).map_err(|_| broken),
            _ => Err(broken),
        }
    }
}

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its place in the chain, from 1.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What he did, as `subject.verb`: `template.approved`.
    pub action: String,
    /// To whom or what.
    pub subject: String,
    /// How, and why.
    pub detail: String,
    /// Its hash, 32 bytes.
    pub hash: [u8; 32],
}

/// The newest record of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its place; 0 before the first.
    pub seq: i64,
    /// Its hash.
    pub hash: [u8; 32],
}

/// What a walk through the whole chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The newest record when the walk began.
    pub head: Head,
    /// The first record that is not as it was written, and what is wrong with it; none when all are.
    pub broken: Option<(i64, &'static str)>,
}

/// What is hashed of a record. The order of the fields is the form.
#[derive(Serialize)]
struct Canonical<'a> {
    seq: i64,
    at: i64,
    actor_kind: i64,
    actor: &'a str,
    action: &'a str,
    subject: &'a str,
    detail: &'a str,
}

impl Canonical<'_> {
    fn hash(&self, before: &[u8; 32]) -> Result<[u8; 32], StoreError> {
        let json = serde_json::to_vec(self).map_err(|_| StoreError::Corrupt("an audit record is no JSON"))?;
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, &[before.as_slice(), &json].concat()).as_ref());
        Ok(hash)
    }
}

/// Appends a record, in the unit that does what it tells.
///
/// `action` is `subject.verb`, at most 64 characters. `subject` begins with the id of the business whose rights it is about, where there is one
/// (`acc_…`, then a space and what of it): the business's page shows it then. `detail` has at most 2,000 characters and no text of a customer.
/// What is longer is cut.
///
/// # Errors
/// When the store fails.
pub(crate) fn record(tx: &mut Tx<'_>, now: Timestamp, actor: Actor, action: &str, subject: &str, detail: &str) -> Result<(), StoreError> {
    let (action, subject, detail) = (cut(action, ACTION_CHARS), cut(subject, SUBJECT_CHARS), cut(detail, DETAIL_CHARS));
    let business = business_in(&subject);
    let (actor_kind, actor) = actor.columns();
    let before = next_place(tx)?;
    let seq = before.seq + 1;
    let canonical = Canonical { seq, at: now.millis(), actor_kind, actor: &actor, action: &action, subject: &subject, detail: &detail };
    let hash = canonical.hash(&before.hash)?;
    tx.execute(
        "INSERT INTO audit (chain, seq, at, actor_kind, actor, action, subject, detail, business, hash) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        &[
            CHAIN.into(),
            seq.into(),
            now.into(),
            actor_kind.into(),
            (&actor).into(),
            (&action).into(),
            (&subject).into(),
            (&detail).into(),
            business.as_ref().into(),
            (&hash).into(),
        ],
    )?;
    tx.execute("UPDATE audit_head SET hash = ?2 WHERE chain = ?1", &[CHAIN.into(), (&hash).into()])?;
    Ok(())
}

/// Takes the next place in the chain, so that two nodes never take the same; returns the newest record before it.
fn next_place(tx: &mut Tx<'_>) -> Result<Head, StoreError> {
    tx.query_one(
        "INSERT INTO audit_head (chain, seq, hash) VALUES (?1, 1, ?2) ON CONFLICT (chain) DO UPDATE SET seq = audit_head.seq + 1 \
         RETURNING seq, hash",
        &[CHAIN.into(), (&BEGINNING).into()],
        |row| Ok(Head { seq: row.get::<i64>(0)? - 1, hash: row.get(1)? }),
    )
}

/// The business that a subject begins with.
fn business_in(subject: &str) -> Option<AccountId> {
    subject.split(' ').next().and_then(|first| first.parse().ok())
}

/// At most so many characters, without the one that no store keeps.
fn cut(text: &str, chars: usize) -> String {
    text.chars().filter(|c| *c != '\0').take(chars).collect()
}

fn from_row(row: &Row<'_>) -> Result<Record, StoreError> {
    Ok(Record {
        seq: row.get(0)?,
        at: row.get(1)?,
        actor: Actor::from_columns(row.get(2)?, &row.get::<String>(3)?)?,
        action: row.get(4)?,
        subject: row.get(5)?,
        detail: row.get(6)?,
        hash: row.get(7)?,
    })
}

/// Records before `before`, newest first, at most `limit`; of one business or all.
pub(crate) fn list(tx: &mut Tx<'_>, business: Option<AccountId>, before: Option<i64>, limit: u32) -> Result<Vec<Record>, StoreError> {
    let before = before.unwrap_or(i64::MAX);
    match business {
        None => tx.query(
            "SELECT seq, at, actor_kind, actor, action, subject, detail, hash FROM audit WHERE chain = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3",
            &[CHAIN.into(), before.into(), limit.into()],
            from_row,
        ),
        Some(business) => tx.query(
            "SELECT seq, at, actor_kind, actor, action, subject, detail, hash FROM audit WHERE business = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3",
            &[(&business).into(), before.into(), limit.into()],
            from_row,
        ),
    }
}

impl Network {
    /// Walks through the whole chain and finds the first record that was changed, taken out, put in or cut off. With `known`, a head that was
    /// written down earlier, it also finds a chain whose hashes were all computed anew.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn verify_audit(&self, known: Option<Head>) -> Result<Verified, StoreError> {
        let head = self.db().read(head).await?;
        let mut last = Head { seq: 0, hash: BEGINNING };
        while last.seq < head.seq {
            let from = last;
            match self.db().read(move |tx| walk(tx, from, head.seq, known)).await? {
                Ok(reached) => last = reached,
                Err(broken) => return Ok(Verified { head, broken: Some(broken) }),
            }
        }
        let broken = if last.hash != head.hash {
            Some((last.seq, "it is not the newest record that was written"))
        } else if known.is_some_and(|known| known.seq > head.seq) {
            Some((head.seq, "the chain ends before the record that was written down"))
        } else {
            None
        };
        Ok(Verified { head, broken })
    }
}

fn head(tx: &mut Tx<'_>) -> Result<Head, StoreError> {
    let sql = "SELECT seq, hash FROM audit_head WHERE chain = ?1";
    let found = tx.query_opt(sql, &[CHAIN.into()], |row| Ok(Head { seq: row.get(0)?, hash: row.get(1)? }))?;
    Ok(found.unwrap_or(Head { seq: 0, hash: BEGINNING }))
}

/// One stretch of the walk; the last record of it that is as it was written, or the first that is not.
fn walk(tx: &mut Tx<'_>, from: Head, until: i64, known: Option<Head>) -> Result<Result<Head, (i64, &'static str)>, StoreError> {
    let rows = tx.query(
        "SELECT seq, at, actor_kind, actor, action, subject, detail, hash, business FROM audit WHERE chain = ?1 AND seq > ?2 AND seq <= ?3 \
         ORDER BY seq LIMIT ?4",
        &[CHAIN.into(), from.seq.into(), until.into(), Value::Int(RECORDS_PER_UNIT)],
        |row| Ok((from_row(row)?, row.get::<Option<AccountId>>(8)?)),
    )?;
    if rows.is_empty() {
        return Ok(Err((from.seq + 1, "it is missing")));
    }
    let mut last = from;
    for (record, business) in rows {
        if record.seq != last.seq + 1 {
            return Ok(Err((last.seq + 1, "it is missing")));
        }
        let (actor_kind, actor) = record.actor.columns();
        let Record { seq, at, action, subject, detail, hash, .. } = &record;
        let canonical = Canonical { seq: *seq, at: at.millis(), actor_kind, actor: &actor, action, subject, detail };
        if canonical.hash(&last.hash)? != *hash || business != business_in(subject) {
            return Ok(Err((*seq, "it or the one before it was changed")));
        }
        if known.is_some_and(|known| known.seq == *seq && known.hash != *hash) {
            return Ok(Err((*seq, "the chain up to it is not the one that was written down")));
        }
        last = Head { seq: *seq, hash: *hash };
    }
    Ok(Ok(last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::tests::Desk;
    use suki_types::OperatorId;

    /// A console whose chain has five more records; how many there are.
    async fn written(seed: u64) -> (Desk, AccountId, i64) {
        let desk = Desk::new(seed).await;
        let business = AccountId::new(&desk.env);
        let operator = OperatorId::new(&desk.env);
        let (now, about) = (desk.env.now(), business.to_string());
        let unit = move |tx: &mut Tx<'_>| {
            record(tx, now, Actor::Console(operator), "name.approved", &about, "UNKNOWN: fine")?;
            record(tx, now, Actor::System, "standing.banned", &format!("{about} number 1"), "spam\0")?;
            record(tx, now, Actor::Business(business), "terms.accepted", "terms 3", &"é".repeat(DETAIL_CHARS + 1))?;
            record(tx, now, Actor::System, "standing.lifted", &about, "")?;
            record(tx, now, Actor::System, "price.imported", "card ph-2026", "412 rows")
        };
        desk.db.write(unit).await.expect("it is written");
        let head = desk.console.network().verify_audit(None).await.expect("it is read");
        assert_eq!(head.broken, None);
        (desk, business, head.head.seq)
    }

    async fn changed(desk: &Desk, sql: &'static str, seq: i64) -> Option<i64> {
        let unit = move |tx: &mut Tx<'_>| {
            tx.execute("DROP TRIGGER IF EXISTS audit_is_not_changed", &[])?;
            tx.execute("DROP TRIGGER IF EXISTS audit_is_not_removed", &[])?;
            tx.execute(sql, &[CHAIN.into(), seq.into()])
        };
        assert_eq!(desk.db.write(unit).await.expect("it is changed"), 1);
        desk.console.network().verify_audit(None).await.expect("it is read").broken.map(|(seq, _)| seq)
    }

    #[tokio::test]
    async fn what_is_recorded_is_listed_newest_first_and_by_business() {
        let (desk, business, last) = written(911).await;
        let read = |business, before, limit| {
            let records = desk.db.read(move |tx| list(tx, business, before, limit));
            async { records.await.expect("it is read") }
        };
        let all = read(None, None, 100).await;
        assert_eq!(all.iter().map(|record| record.seq).collect::<Vec<_>>(), (1..=last).rev().collect::<Vec<_>>());
        assert_eq!((all[0].action.as_str(), all[0].actor), ("price.imported", Actor::System));
        assert_eq!(all[2].detail.chars().count(), DETAIL_CHARS);
        assert_eq!(read(None, Some(all[1].seq), 1).await, [all[2].clone()]);
        let of_one = read(Some(business), None, 100).await;
        let actions: Vec<_> = of_one.iter().map(|record| record.action.as_str()).collect();
        assert_eq!(actions, ["standing.lifted", "standing.banned", "name.approved"]);
    }

    #[tokio::test]
    async fn the_store_itself_refuses_a_change() {
        let (desk, _, last) = written(912).await;
        for sql in ["UPDATE audit SET detail = 'x' WHERE chain = ?1 AND seq = ?2", "DELETE FROM audit WHERE chain = ?1 AND seq = ?2"] {
            let tried: Result<u64, StoreError> = desk.db.write(move |tx| tx.execute(sql, &[CHAIN.into(), last.into()])).await;
            assert!(tried.is_err(), "{sql}");
        }
    }

    #[tokio::test]
    async fn whatever_is_changed_past_the_store_is_found() {
        for sql in [
            "UPDATE audit SET detail = 'x' WHERE chain = ?1 AND seq = ?2",
            "UPDATE audit SET at = at + 1 WHERE chain = ?1 AND seq = ?2",
            "UPDATE audit SET actor_kind = 1, actor = '' WHERE chain = ?1 AND seq = ?2",
            "UPDATE audit SET subject = 'x' WHERE chain = ?1 AND seq = ?2",
            "UPDATE audit SET business = NULL WHERE chain = ?1 AND seq = ?2",
            "UPDATE audit SET action = 'name.rejected' WHERE chain = ?1 AND seq = ?2",
            "DELETE FROM audit WHERE chain = ?1 AND seq = ?2",
        ] {
            let (desk, _, last) = written(913).await;
            assert_eq!(changed(&desk, sql, last - 4).await, Some(last - 4), "{sql}");
        }
        let (desk, _, last) = written(914).await;
        assert_eq!(changed(&desk, "DELETE FROM audit WHERE chain = ?1 AND seq = ?2", last).await, Some(last));
    }

    #[tokio::test]
    async fn a_chain_computed_anew_is_found_by_a_head_that_was_written_down() {
        let (desk, _, _) = written(915).await;
        let network = desk.console.network();
        let known = network.verify_audit(None).await.expect("it is read").head;
        let now = desk.env.now();
        let forge = move |tx: &mut Tx<'_>| {
            tx.execute("DROP TRIGGER IF EXISTS audit_is_not_removed", &[])?;
            tx.execute("DELETE FROM audit WHERE chain = ?1", &[CHAIN.into()])?;
            tx.execute("DELETE FROM audit_head WHERE chain = ?1", &[CHAIN.into()])?;
            (0..known.seq).try_for_each(|_| record(tx, now, Actor::System, "nothing.happened", "", ""))
        };
        desk.db.write(forge).await.expect("it is forged");
        assert_eq!(network.verify_audit(None).await.expect("it is read").broken, None);
        assert!(network.verify_audit(Some(known)).await.expect("it is read").broken.is_some());
        let beyond = Head { seq: known.seq + 1, ..known };
        assert!(network.verify_audit(Some(beyond)).await.expect("it is read").broken.is_some());
    }
}
