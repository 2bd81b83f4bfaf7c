//! The log on PostgreSQL: one statement for a batch, rows clustered by device.
use super::{Acknowledged, Expired, NewEntry, expired, mailbox};
use crate::{
    error::StoreError,
    postgres::Session,
    row::{Row, Source},
    tx::{Engine, Tx},
};
use postgres::types::ToSql;
use std::collections::BTreeMap;
use suki_types::{DeviceId, Timestamp};

/// How many mailboxes a purge looks at for each call.
const MAILBOXES: i64 = 1000;

// A place is its device's last one less how many entries of the batch come after it.
const APPEND: &str = "WITH m AS (
    INSERT INTO mailbox (device, last, acked) SELECT d, n, 0 FROM unnest($1::bytea[], $2::bigint[]) AS t (d, n)
    ON CONFLICT (device) DO UPDATE SET last = mailbox.last + excluded.last RETURNING device, last
), e AS (
    INSERT INTO entry (device, seq, at, kind, conversation, message_id, from_device, payload)
    SELECT m.device, m.last - t.back, t.at, t.kind, t.conversation, t.message_id, t.from_device, t.payload
    FROM unnest($3::bytea[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bytea[], $8::bytea[], $9::bytea[], $10::bytea[])
        AS t (device, back, at, kind, conversation, message_id, from_device, payload)
    JOIN m ON m.device = t.device
)
SELECT device, last FROM m";

fn rows(tx: &mut Tx<'_>, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<postgres::Row>, StoreError> {
    tx.guarded(&[], |engine| match engine {
        Engine::Postgres(session) => Session::rows(session, sql, params),
        Engine::Sqlite(_) => Err(StoreError::Statement("this statement is PostgreSQL's".into())),
    })
}

pub(super) fn append(tx: &mut Tx<'_>, entries: &[NewEntry<'_>]) -> Result<Vec<u64>, StoreError> {
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    // In the order of the devices, so that two nodes that append to the same ones lock them in the same order.
    let mut counts = BTreeMap::<DeviceId, i64>::new();
    let mut back: Vec<i64> = entries.iter().rev().map(|entry| count(&mut counts, entry.device)).collect();
    back.reverse();
    let ids: Vec<&[u8]> = counts.keys().map(|device| &device.as_bytes()[..]).collect();
    let new: Vec<i64> = counts.values().copied().collect();
    let device: Vec<&[u8]> = entries.iter().map(|entry| &entry.device.as_bytes()[..]).collect();
    let at: Vec<i64> = entries.iter().map(|entry| entry.at.millis()).collect();
    let kind: Vec<i64> = entries.iter().map(|entry| entry.kind.into()).collect();
    let conversation: Vec<&[u8]> = entries.iter().map(|entry| &entry.conversation.as_bytes()[..]).collect();
    let message: Vec<&[u8]> = entries.iter().map(|entry| entry.message_id).collect();
    let from: Vec<Option<&[u8]>> = entries.iter().map(|entry| entry.from_device.as_ref().map(|from| &from.as_bytes()[..])).collect();
    let payload: Vec<&[u8]> = entries.iter().map(|entry| entry.payload).collect();
    tx.mark_changed();
    let answer = rows(tx, APPEND, &[&ids, &new, &device, &back, &at, &kind, &conversation, &message, &from, &payload])?;
    let mut last = BTreeMap::<DeviceId, i64>::new();
    for row in &answer {
        let row = Row(Source::Postgres(row));
        last.insert(row.get(0)?, row.get(1)?);
    }
    let place = |(entry, back): (&NewEntry<'_>, &i64)| last.get(&entry.device).and_then(|last| u64::try_from(last - back).ok());
    let places: Option<Vec<u64>> = entries.iter().zip(&back).map(place).collect();
    places.ok_or(StoreError::Corrupt("a log has no last place, or a negative one"))
}

/// How many of the device's entries were counted before this one.
fn count(counts: &mut BTreeMap<DeviceId, i64>, device: DeviceId) -> i64 {
    let count = counts.entry(device).or_default();
    *count += 1;
    *count - 1
}

pub(super) fn acknowledge(tx: &mut Tx<'_>, device: DeviceId, seq: u64) -> Result<Acknowledged, StoreError> {
    let moved = tx.query_opt(
        "UPDATE mailbox SET acked = ?2 FROM (SELECT device, acked FROM mailbox WHERE device = ?1) old \
         WHERE mailbox.device = old.device AND mailbox.acked < ?2 AND mailbox.last >= ?2 RETURNING old.acked",
        &[(&device).into(), i64::try_from(seq).map_err(|_| StoreError::OutOfRange)?.into()],
        |row| row.get(0),
    )?;
    if let Some(was) = moved {
        return Ok(Acknowledged { was, now: seq });
    }
    let (last, was) = mailbox(tx, device)?.map_or((0, 0), |mailbox| (mailbox.last, mailbox.acked));
    if seq > last { Err(StoreError::OutOfRange) } else { Ok(Acknowledged { was, now: was }) }
}

pub(super) fn expire(tx: &mut Tx<'_>, before: Timestamp, limit: usize) -> Result<Expired, StoreError> {
    let mut removed = tx.query(
        "DELETE FROM entry e USING (
             SELECT x.device, x.seq, x.seq <= coalesce(m.acked, 0) AS acked FROM entry x LEFT JOIN mailbox m ON m.device = x.device
             WHERE x.at < ?1 ORDER BY x.at, x.device, x.seq LIMIT ?2
         ) old WHERE e.device = old.device AND e.seq = old.seq
         RETURNING e.device, e.seq, e.at, e.kind, e.conversation, e.message_id, e.from_device, old.acked",
        &[before.into(), limit.into()],
        expired,
    )?;
    removed.sort_by_key(|(entry, _)| (entry.at, entry.device, entry.seq));
    let count = removed.len();
    let unacked = removed.into_iter().filter(|(_, acked)| !acked).map(|(entry, _)| entry).collect();
    Ok(Expired { removed: count, unacked })
}

/// Looks at the mailboxes from the last one looked at on, and begins anew when it comes to the end.
pub(super) fn purge_acknowledged(tx: &mut Tx<'_>, limit: usize) -> Result<usize, StoreError> {
    let seen: Vec<u8> = tx.query_one("SELECT seen FROM log_purge WHERE one = 1", &[], |row| row.get(0))?;
    let stretch: Vec<Vec<u8>> =
        tx.query("SELECT device FROM mailbox WHERE device >= ?1 ORDER BY device LIMIT ?2", &[(&seen).into(), MAILBOXES.into()], |row| row.get(0))?;
    let mut next = Vec::new();
    let mut removed = 0;
    if let (Some(first), Some(last)) = (stretch.first(), stretch.last()) {
        let devices: Vec<Vec<u8>> = tx.query(
            "DELETE FROM entry WHERE (device, seq) IN (
                 SELECT e.device, e.seq FROM mailbox m JOIN entry e ON e.device = m.device AND e.seq <= m.acked
                 WHERE m.device BETWEEN ?1 AND ?2 ORDER BY e.device, e.seq LIMIT ?3
             ) RETURNING device",
            &[first.into(), last.into(), limit.into()],
            |row| row.get(0),
        )?;
        removed = devices.len();
        if removed == limit {
            next = devices.into_iter().max().unwrap_or_default();
        } else if i64::try_from(stretch.len()) == Ok(MAILBOXES) {
            next.clone_from(last);
        }
    }
    tx.execute("UPDATE log_purge SET seen = ?1 WHERE one = 1 AND seen <> ?1", &[(&next).into()])?;
    Ok(removed)
}
