//! The log on SQLite: rows in the order of their ids.
use super::{Acknowledged, Expired, NewEntry, Place, Places, expired, mailbox};
use crate::{error::StoreError, tx::Tx};
use suki_types::{DeviceId, Timestamp};

const NEXT_PLACE: &str =
    "INSERT INTO mailbox (device, last, acked) VALUES (?1, 1, 0) ON CONFLICT (device) DO UPDATE SET last = last + 1 RETURNING last, acked";
const INSERT: &str =
    "INSERT INTO entry (device, seq, at, kind, conversation, message_id, from_device, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
const MOVE: &str = "UPDATE mailbox SET acked = ?2 WHERE device = ?1";
const OLDEST: &str = "SELECT e.device, e.seq, e.at, e.kind, e.conversation, e.message_id, e.from_device, e.seq <= coalesce(m.acked, 0), e.id \
         FROM entry e LEFT JOIN mailbox m ON m.device = e.device WHERE e.id > 0 ORDER BY e.id LIMIT ?1";
const EXPIRE: &str = "DELETE FROM entry WHERE id <= ?1";
const SEEN: &str = "SELECT seen FROM log_purge WHERE one = 1";
const STRETCH: &str =
    "SELECT e.id, e.seq <= coalesce(m.acked, 0) FROM entry e LEFT JOIN mailbox m ON m.device = e.device WHERE e.id > ?1 ORDER BY e.id LIMIT ?2";
const NOTE_SEEN: &str = "UPDATE log_purge SET seen = ?1 WHERE one = 1 AND seen <> ?1";
const PURGE: &str = "DELETE FROM entry WHERE id BETWEEN ?1 AND ?2";

/// The statements above with how many parameters each has.
#[cfg(feature = "testing")]
pub(super) const STATEMENTS: &[(&str, usize)] =
    &[(NEXT_PLACE, 1), (INSERT, 8), (MOVE, 2), (OLDEST, 1), (EXPIRE, 1), (SEEN, 0), (STRETCH, 2), (NOTE_SEEN, 1), (PURGE, 2)];

/// How many entries a purge looks at for each that it may remove.
const LOOK_PER_PURGE: usize = 4;

pub(super) fn append(tx: &mut Tx<'_>, entries: &[NewEntry<'_>]) -> Result<Places, StoreError> {
    let mut places = Vec::with_capacity(entries.len());
    for entry in entries {
        let (seq, acked) = tx.query_one(NEXT_PLACE, &[(&entry.device).into()], |row| Ok((row.get::<u64>(0)?, row.get::<u64>(1)?)))?;
        tx.execute(
            INSERT,
            &[
                (&entry.device).into(),
                seq.into(),
                entry.at.into(),
                entry.kind.into(),
                (&entry.conversation).into(),
                entry.message_id.into(),
                entry.from_device.as_ref().into(),
                entry.payload.into(),
            ],
        )?;
        places.push(Place { seq, acked, node: None });
    }
    Ok(Places::known(places.into_iter()))
}

pub(super) fn acknowledge(tx: &mut Tx<'_>, device: DeviceId, seq: u64) -> Result<Acknowledged, StoreError> {
    let (last, was) = mailbox(tx, device)?.map_or((0, 0), |mailbox| (mailbox.last, mailbox.acked));
    if seq > last {
        return Err(StoreError::OutOfRange);
    }
    if seq > was {
        tx.execute(MOVE, &[(&device).into(), seq.into()])?;
    }
    Ok(Acknowledged { was, now: was.max(seq) })
}

pub(super) fn expire(tx: &mut Tx<'_>, before: Timestamp, limit: usize) -> Result<Expired, StoreError> {
    let oldest = tx.query(OLDEST, &[limit.into()], |row| Ok((expired(row)?, row.get::<i64>(8)?)))?;
    let mut result = Expired::default();
    let mut up_to = 0;
    for ((entry, acked), id) in oldest.into_iter().take_while(|((entry, _), _)| entry.at < before) {
        result.removed += 1;
        up_to = id;
        if !acked {
            result.unacked.push(entry);
        }
    }
    tx.execute(EXPIRE, &[up_to.into()])?;
    Ok(result)
}

/// Looks at the entries behind the last one looked at, and begins anew when it comes to the end.
pub(super) fn purge_acknowledged(tx: &mut Tx<'_>, limit: usize) -> Result<usize, StoreError> {
    let seen: i64 = tx.query_one(SEEN, &[], |row| row.get(0))?;
    let look = limit.saturating_mul(LOOK_PER_PURGE);
    let stretch = tx.query(STRETCH, &[seen.into(), look.into()], |row| Ok((row.get::<i64>(0)?, row.get::<bool>(1)?)))?;
    let at_the_end = stretch.len() < look;
    let mut purge = Purge::default();
    let mut removed = 0;
    let mut next = if at_the_end { 0 } else { stretch.last().map_or(0, |(id, _)| *id) };
    for (id, acked) in stretch {
        if removed == limit {
            next = id - 1;
            break;
        }
        if acked {
            removed += 1;
            purge.extend(id);
        } else {
            purge.flush(tx)?;
        }
    }
    purge.flush(tx)?;
    tx.execute(NOTE_SEEN, &[next.into()])?;
    Ok(removed)
}

/// A stretch of ids that is removed by one statement.
#[derive(Default)]
struct Purge(Option<(i64, i64)>);

impl Purge {
    fn extend(&mut self, id: i64) {
        self.0 = Some((self.0.map_or(id, |(first, _)| first), id));
    }

    fn flush(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        if let Some((first, last)) = self.0.take() {
            tx.execute(PURGE, &[first.into(), last.into()])?;
        }
        Ok(())
    }
}
