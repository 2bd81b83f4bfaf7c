//! The envelope log: what each device has still to fetch, and how far it has acknowledged.
//!
//! Append-only rows and one watermark row per device: an acknowledgement touches no entry, and what every watermark has passed is purged in bulk.
//! The hot three (append, fetch, acknowledge) are written per engine. On PostgreSQL what a group of units appends, acknowledges and connects is written at
//! its end ([`deferred`]); the functions here see it all the same.
mod deferred;
mod nodes;
mod places;
mod postgres;
mod sqlite;

pub use nodes::{Reach, node, reaches};
pub use places::{Connected, Place, Places};
pub(crate) use {
    deferred::Deferred,
    postgres::{read as with_arrays, write_deferred},
};

use crate::{
    error::StoreError,
    migrate::Migration,
    row::Row,
    tx::{Engine, Tx},
};
use suki_types::{ConversationId, DeviceId, NodeId, Timestamp};

/// The tables `entry`, `mailbox` and `log_purge`. Put it first in the list of migrations that the log's owner applies.
pub const MIGRATION: Migration = Migration { version: 1, name: "envelope log", sql: include_str!("log.sql") };

/// What was added since: a name and the statements of each, in their order. The log's owner gives them their places in his list.
pub const ADDED: &[(&str, &str)] = &[("mailbox nodes", include_str!("node.sql")), ("entries by time", include_str!("time.sql"))];

/// All migrations of the log, for a store that has nothing else.
pub fn migrations() -> Vec<Migration> {
    let added = ADDED.iter().zip(MIGRATION.version + 1..).map(|((name, sql), version)| Migration { version, name, sql });
    std::iter::once(MIGRATION).chain(added).collect()
}

const FETCH: &str =
    "SELECT seq, at, kind, conversation, message_id, from_device, payload FROM entry WHERE device = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";
const MAILBOX: &str = "SELECT last, acked FROM mailbox WHERE device = ?1";
const FORGET_ENTRIES: &str = "DELETE FROM entry WHERE device = ?1";
const FORGET_MAILBOX: &str = "DELETE FROM mailbox WHERE device = ?1";

/// Every statement that the log sends to SQLite, with how many parameters it has, so that a test can look at its plan.
#[cfg(feature = "testing")]
pub fn statements() -> impl Iterator<Item = (&'static str, usize)> {
    sqlite::STATEMENTS.iter().copied().chain([
        (FETCH, 3),
        (MAILBOX, 1),
        (FORGET_ENTRIES, 1),
        (FORGET_MAILBOX, 1),
        (nodes::NODE, 1),
        (nodes::REACH, 1),
    ])
}

/// What is to be appended to one device's log.
#[derive(Debug, Clone, Copy)]
pub struct NewEntry<'a> {
    /// Whose log.
    pub device: DeviceId,
    /// The network's time.
    pub at: Timestamp,
    /// What the payload is, as the protocol numbers it.
    pub kind: i32,
    /// The conversation it belongs to.
    pub conversation: ConversationId,
    /// The id of a message or a commit.
    pub message_id: &'a [u8],
    /// Who submitted it; none for the network itself.
    pub from_device: Option<DeviceId>,
    /// The content, opaque.
    pub payload: &'a [u8],
}

/// An entry as it stands in a device's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// Its place, from 1, growing by one; gaps mean expired entries.
    pub seq: u64,
    /// The network's time.
    pub at: Timestamp,
    /// What the payload is, as the protocol numbers it.
    pub kind: i32,
    /// The conversation it belongs to.
    pub conversation: ConversationId,
    /// The id of a message or a commit.
    pub message_id: Vec<u8>,
    /// Who submitted it; none for the network itself.
    pub from_device: Option<DeviceId>,
    /// The content, opaque.
    pub payload: Vec<u8>,
}

/// How a watermark moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledged {
    /// Where it stood before.
    pub was: u64,
    /// Where it stands now; the same as before when what was acknowledged had been already.
    pub now: u64,
}

/// The ends of a device's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mailbox {
    /// The place of the newest entry ever appended; 0 before the first.
    pub last: u64,
    /// All up to and including this place is acknowledged.
    pub acked: u64,
}

/// An entry that expired before its device acknowledged it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiredEntry {
    /// Whose log it was in.
    pub device: DeviceId,
    /// Its place there.
    pub seq: u64,
    /// When it was appended, by the network's time.
    pub at: Timestamp,
    /// What its payload was, as the protocol numbers it.
    pub kind: i32,
    /// The conversation it belonged to.
    pub conversation: ConversationId,
    /// The id of a message or a commit.
    pub message_id: Vec<u8>,
    /// Who submitted it; none for the network itself.
    pub from_device: Option<DeviceId>,
}

/// What one call of [`expire`] removed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expired {
    /// How many entries; less than the limit when none is left that is old enough.
    pub removed: usize,
    /// Those of them that were not acknowledged, oldest first.
    pub unacked: Vec<ExpiredEntry>,
}

/// Appends entries in their order. Their places are, per device, each one more than the one before; on PostgreSQL they are known after the commit.
///
/// # Errors
/// What the engine refuses.
pub fn append(tx: &mut Tx<'_>, entries: &[NewEntry<'_>]) -> Result<Places, StoreError> {
    match tx.deferred()? {
        Some(deferred) => Ok(deferred.append(entries)),
        None => sqlite::append(tx, entries),
    }
}

/// Notes that this node has the device's connection now, and tells after the commit which had it before. Where one node has the store to itself nothing is
/// noted.
///
/// # Errors
/// What the engine refuses.
pub fn connected(tx: &mut Tx<'_>, device: DeviceId, node: NodeId) -> Result<Connected, StoreError> {
    Ok(tx.deferred()?.map_or_else(Connected::default, |deferred| deferred.connect(device, node)))
}

/// Up to `limit` entries of a device's log after the place `after`, oldest first.
///
/// # Errors
/// What the engine refuses.
pub fn fetch(tx: &mut Tx<'_>, device: DeviceId, after: u64, limit: usize) -> Result<Vec<StoredEntry>, StoreError> {
    // Nothing stands after a place that no column can hold.
    let Ok(after) = i64::try_from(after) else { return Ok(Vec::new()) };
    postgres::settle(tx, device)?;
    tx.query(FETCH, &[(&device).into(), after.into(), limit.into()], |row| {
        Ok(StoredEntry {
            seq: row.get(0)?,
            at: row.get(1)?,
            kind: row.get(2)?,
            conversation: row.get(3)?,
            message_id: row.get(4)?,
            from_device: row.get(5)?,
            payload: row.get(6)?,
        })
    })
}

/// As [`acknowledge`], by somebody who knows where the watermark stood (`was`): where that is looked at when it is written, it is not read before. If it
/// stands elsewhere the transaction runs again, and reads it.
///
/// # Errors
/// [`StoreError::OutOfRange`] when the log has no such place yet; the unit may go on.
pub fn acknowledge_from(tx: &mut Tx<'_>, device: DeviceId, was: u64, seq: u64) -> Result<Acknowledged, StoreError> {
    let by = Acknowledged { was, now: seq };
    match tx.deferred()? {
        Some(deferred) if seq > was && i64::try_from(seq).is_ok() && deferred.believes(device, was) => {
            deferred.acknowledge(device, by);
            Ok(by)
        }
        _ => acknowledge(tx, device, seq),
    }
}

/// Moves a device's watermark up to `seq`, never back.
///
/// # Errors
/// [`StoreError::OutOfRange`] when the log has no such place yet; the unit may go on.
pub fn acknowledge(tx: &mut Tx<'_>, device: DeviceId, seq: u64) -> Result<Acknowledged, StoreError> {
    match tx.engine() {
        Engine::Sqlite(_) => sqlite::acknowledge(tx, device, seq),
        Engine::Postgres(_) => postgres::acknowledge(tx, device, seq),
    }
}

/// The ends of a device's log; none before its first entry, or where no node has had its connection either.
///
/// # Errors
/// What the engine refuses.
pub fn mailbox(tx: &mut Tx<'_>, device: DeviceId) -> Result<Option<Mailbox>, StoreError> {
    postgres::settle(tx, device)?;
    ends(tx, device)
}

fn ends(tx: &mut Tx<'_>, device: DeviceId) -> Result<Option<Mailbox>, StoreError> {
    tx.query_opt(MAILBOX, &[(&device).into()], |row| Ok(Mailbox { last: row.get(0)?, acked: row.get(1)? }))
}

/// Removes up to `limit` entries appended before `before`, acknowledged or not, oldest first. Call again while `removed` equals `limit`.
/// Entries are taken to be appended in the order of their times: one with a later time keeps those behind it until it expires too.
///
/// # Errors
/// What the engine refuses.
pub fn expire(tx: &mut Tx<'_>, before: Timestamp, limit: usize) -> Result<Expired, StoreError> {
    match tx.engine() {
        Engine::Sqlite(_) => sqlite::expire(tx, before, limit),
        Engine::Postgres(_) => postgres::expire(tx, before, limit),
    }
}

/// Removes up to `limit` entries that their devices have acknowledged, and says how many. A call looks at a bounded stretch of the log and the next
/// goes on behind it, so a device that is away holds up nobody else's: call it at intervals, and again at once while it returns `limit`.
///
/// # Errors
/// What the engine refuses.
pub fn purge_acknowledged(tx: &mut Tx<'_>, limit: usize) -> Result<usize, StoreError> {
    match tx.engine() {
        Engine::Sqlite(_) => sqlite::purge_acknowledged(tx, limit),
        Engine::Postgres(_) => postgres::purge_acknowledged(tx, limit),
    }
}

/// Removes a device's whole log with its watermark, for a device that is removed, and says how many entries it had. Were anything appended for it
/// later, its places would begin at 1 again.
///
/// # Errors
/// What the engine refuses.
pub fn forget(tx: &mut Tx<'_>, device: DeviceId) -> Result<u64, StoreError> {
    postgres::settle(tx, device)?;
    let removed = tx.execute(FORGET_ENTRIES, &[(&device).into()])?;
    tx.execute(FORGET_MAILBOX, &[(&device).into()])?;
    Ok(removed)
}

/// Columns: device, seq, at, kind, conversation, message_id, from_device, whether it was acknowledged.
fn expired(row: &Row<'_>) -> Result<(ExpiredEntry, bool), StoreError> {
    let entry = ExpiredEntry {
        device: row.get(0)?,
        seq: row.get(1)?,
        at: row.get(2)?,
        kind: row.get(3)?,
        conversation: row.get(4)?,
        message_id: row.get(5)?,
        from_device: row.get(6)?,
    };
    Ok((entry, row.get(7)?))
}
