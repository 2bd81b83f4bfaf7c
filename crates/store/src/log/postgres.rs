//! The log on PostgreSQL: one statement for a batch, rows clustered by device.
use super::{
    Acknowledged, Expired, Place,
    deferred::{Changes, Late, Moved, Taken},
    ends, expired, mailbox,
    nodes::node_of,
};
use crate::{
    error::StoreError,
    postgres::Session,
    row::{Row, Source},
    tx::{Engine, Tx},
};
use std::collections::{BTreeMap, HashMap};
use suki_types::{DeviceId, NodeId, Timestamp};
use tokio_postgres::types::ToSql;

/// How many mailboxes a purge looks at for each call.
const MAILBOXES: i64 = 1000;

// A place is its device's last one less how many entries of the batch come after it. The mailboxes come in the order of the devices, and are locked so.
const WRITE: &str = "WITH m AS (
    INSERT INTO mailbox (device, last, acked, node) SELECT d, n, a, o FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::bytea[]) AS t (d, n, a, o)
    ON CONFLICT (device) DO UPDATE SET last = mailbox.last + excluded.last, acked = mailbox.acked + excluded.acked,
        node_before = CASE WHEN excluded.node = '' THEN mailbox.node_before ELSE mailbox.node END,
        node = CASE WHEN excluded.node = '' THEN mailbox.node ELSE excluded.node END
    RETURNING device, last, acked, node, node_before
), e AS (
    INSERT INTO entry (device, seq, at, kind, conversation, message_id, from_device, payload)
    SELECT m.device, m.last - t.back, t.at, t.kind, t.conversation, t.message_id, t.from_device, t.payload
    FROM unnest($5::bytea[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bytea[], $10::bytea[], $11::bytea[], $12::bytea[])
        AS t (device, back, at, kind, conversation, message_id, from_device, payload)
    JOIN m ON m.device = t.device
)
SELECT device, last, acked, node, node_before FROM m";

/// What a group does to one mailbox.
#[derive(Default)]
struct Change {
    /// How many entries it gets.
    entries: i64,
    /// From where to where its watermark moves.
    moved: Option<Acknowledged>,
    node: Option<NodeId>,
}

/// A mailbox as it is after the change.
struct Changed {
    last: u64,
    acked: u64,
    node: Option<NodeId>,
    before: Option<NodeId>,
}

/// Writes what waits in the session, at the end of a transaction. When a watermark stands elsewhere by now than where it was read, the transaction has to
/// run again.
pub(crate) fn write_deferred(session: &mut Session) -> Result<(), StoreError> {
    if session.deferred.is_empty() {
        return Ok(());
    }
    let changes = session.deferred.take();
    write(session, &changes)
}

/// The rows that a statement with arrays finds.
pub(crate) fn read<T>(
    tx: &mut Tx<'_>,
    sql: &str,
    params: &[&(dyn ToSql + Sync)],
    mut row: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let rows = tx.guarded(&[], |engine| match engine {
        Engine::Postgres(session) => session.rows(sql, params),
        Engine::Sqlite(_) => Err(StoreError::Statement("this statement is PostgreSQL's".into())),
    })?;
    rows.iter().map(|found| row(&Row(Source::Postgres(found)))).collect()
}

/// Writes what waits before a function of the log looks at this device's rows.
pub(super) fn settle(tx: &mut Tx<'_>, device: DeviceId) -> Result<(), StoreError> {
    let concerned = |session: &Session| session.deferred.concerns(device) || session.deferred.moved(device).is_some();
    if matches!(tx.engine(), Engine::Postgres(session) if concerned(session)) { settle_all(tx) } else { Ok(()) }
}

fn settle_all(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    if !matches!(tx.engine(), Engine::Postgres(session) if !session.deferred.is_empty()) {
        return Ok(());
    }
    tx.mark_changed();
    tx.guarded(&[], |engine| match engine {
        Engine::Postgres(session) => {
            let changes = session.deferred.take();
            let written = write(session, &changes);
            session.deferred.keep(changes);
            written
        }
        Engine::Sqlite(_) => Ok(()),
    })
}

fn write(session: &mut Session, changes: &Changes) -> Result<(), StoreError> {
    let Changes { entries, moves, taken } = changes;
    let mut mailboxes = BTreeMap::<DeviceId, Change>::new();
    let mut back: Vec<i64> = entries.iter().rev().map(|late| count(&mut mailboxes, late.device)).collect();
    back.reverse();
    for Moved { device, by } in moves {
        let moved = &mut mailboxes.entry(*device).or_default().moved;
        *moved = Some(moved.map_or(*by, |first| Acknowledged { was: first.was, now: by.now }));
    }
    for Taken { device, node, .. } in taken {
        mailboxes.entry(*device).or_default().node = Some(*node);
    }
    let after = send(session, &mailboxes, entries, &back)?;
    for (device, change) in &mailboxes {
        let changed = after.get(device).ok_or(StoreError::Corrupt("a mailbox is not there after it was written"))?;
        if change.moved.is_some_and(|moved| changed.acked != moved.now || changed.last < moved.now) {
            return Err(session.conflict());
        }
    }
    for (late, back) in entries.iter().zip(back) {
        let Some(changed) = after.get(&late.device) else { continue };
        let seq = changed.last.checked_sub_signed(back).ok_or(StoreError::Corrupt("a log's last place is too low"))?;
        late.places.set(late.index, Place { seq, acked: changed.acked, node: changed.node });
    }
    tell_who_was_before(taken, &after);
    Ok(())
}

/// Where one device connects twice in a group, the later one follows the earlier.
fn tell_who_was_before(taken: &[Taken], after: &HashMap<DeviceId, Changed>) {
    let mut before = HashMap::<DeviceId, Option<NodeId>>::new();
    for Taken { device, node, connected } in taken {
        let stored = after.get(device).and_then(|changed| changed.before);
        let previous = before.insert(*device, Some(*node)).unwrap_or(stored);
        connected.set(previous.filter(|previous| previous != node));
    }
}

/// How many of the device's entries were counted before this one.
fn count(mailboxes: &mut BTreeMap<DeviceId, Change>, device: DeviceId) -> i64 {
    let change = mailboxes.entry(device).or_default();
    change.entries += 1;
    change.entries - 1
}

fn send(
    session: &mut Session,
    mailboxes: &BTreeMap<DeviceId, Change>,
    entries: &[Late],
    back: &Vec<i64>,
) -> Result<HashMap<DeviceId, Changed>, StoreError> {
    let distance = |moved: Acknowledged| i64::try_from(moved.now - moved.was).map_err(|_| StoreError::OutOfRange);
    let ids: Vec<&[u8]> = mailboxes.keys().map(|device| &device.as_bytes()[..]).collect();
    let new: Vec<i64> = mailboxes.values().map(|change| change.entries).collect();
    let acked: Vec<i64> = mailboxes.values().map(|change| change.moved.map_or(Ok(0), distance)).collect::<Result<_, _>>()?;
    let node: Vec<&[u8]> = mailboxes.values().map(|change| change.node.as_ref().map_or(&[][..], |node| &node.as_bytes()[..])).collect();
    let device: Vec<&[u8]> = entries.iter().map(|late| &late.device.as_bytes()[..]).collect();
    let at: Vec<i64> = entries.iter().map(|late| late.at.millis()).collect();
    let kind: Vec<i64> = entries.iter().map(|late| late.kind.into()).collect();
    let conversation: Vec<&[u8]> = entries.iter().map(|late| &late.conversation.as_bytes()[..]).collect();
    let message: Vec<&[u8]> = entries.iter().map(|late| &late.message_id[..]).collect();
    let from: Vec<Option<&[u8]>> = entries.iter().map(|late| late.from_device.as_ref().map(|from| &from.as_bytes()[..])).collect();
    let payload: Vec<&[u8]> = entries.iter().map(|late| &late.payload[..]).collect();
    let rows = session.rows(WRITE, &[&ids, &new, &acked, &node, &device, back, &at, &kind, &conversation, &message, &from, &payload])?;
    let changed = |row: &tokio_postgres::Row| {
        let row = Row(Source::Postgres(row));
        Ok((row.get(0)?, Changed { last: row.get(1)?, acked: row.get(2)?, node: node_of(&row, 3)?, before: node_of(&row, 4)? }))
    };
    rows.iter().map(changed).collect()
}

/// What is read here without a lock is looked at again when it is written.
pub(super) fn acknowledge(tx: &mut Tx<'_>, device: DeviceId, seq: u64) -> Result<Acknowledged, StoreError> {
    let moved = match tx.deferred()? {
        Some(deferred) if !deferred.concerns(device) => deferred.moved(device),
        _ => None,
    };
    // A move of this device that waits is no reason to write it now: the next one follows on it.
    let found = if moved.is_some() { ends(tx, device)? } else { mailbox(tx, device)? };
    let (last, stored) = found.map_or((0, 0), |mailbox| (mailbox.last, mailbox.acked));
    if seq > last {
        return Err(StoreError::OutOfRange);
    }
    let was = moved.unwrap_or(stored);
    let by = Acknowledged { was, now: was.max(seq) };
    if by.now > was
        && let Some(deferred) = tx.deferred()?
    {
        deferred.acknowledge(device, by);
    }
    Ok(by)
}

pub(super) fn expire(tx: &mut Tx<'_>, before: Timestamp, limit: usize) -> Result<Expired, StoreError> {
    settle_all(tx)?;
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
    settle_all(tx)?;
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
