//! Which node of a cluster owns which key, and which nodes there are: the tables `suki_key` and `suki_node`, which every PostgreSQL schema has.
//!
//! A key is owned by one node at a time. Each change of owner counts its *epoch* up, and [`Db::owned`] stores nothing unless node and epoch are still
//! those of the row, which it locks: so a node that was slow, cut off or paused while another took its key over can store nothing more. Nobody compares
//! the wall clocks of two nodes: each node counts its `beat` up, and whoever watches takes a node for dead when its count has stood still for long enough
//! by the watcher's own clock.
//!
//! A SQLite file has one process, which owns every key: claims are granted with epoch 0, and there is nothing to take over.
use crate::{
    db::Db,
    error::StoreError,
    row::Row,
    scope::{Key, Scope},
    tx::Tx,
};
use suki_types::{NodeId, Timestamp};

mod survey;

pub use survey::{Counts, Survey, counts, free, of_keys, of_node, release_all, survey};

/// The tables, for PostgreSQL; made with each schema. What was added since is added once: even to look whether an index is there would lock its table.
pub(crate) const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS suki_key (key BYTEA NOT NULL PRIMARY KEY, node BYTEA, epoch BIGINT NOT NULL DEFAULT 0);
    CREATE TABLE IF NOT EXISTS suki_node (node BYTEA NOT NULL PRIMARY KEY, address TEXT NOT NULL, beat BIGINT NOT NULL, joined_at BIGINT NOT NULL);
    DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'suki_node'::regclass AND attname = 'owned') THEN
            ALTER TABLE suki_node ADD COLUMN owned BIGINT NOT NULL DEFAULT -1;
            CREATE INDEX suki_key_node ON suki_key (node, key) WHERE node IS NOT NULL;
            CREATE INDEX suki_key_released ON suki_key (key) WHERE node IS NULL AND epoch > 0;
        END IF;
    END $$;
";

/// How many rows are read at once.
const PAGE: usize = 1000;

/// A key, and who owns it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owned {
    /// The key.
    pub key: Key,
    /// Its owner; none after it was released, and when it was locked only.
    pub node: Option<NodeId>,
    /// How often it changed hands.
    pub epoch: i64,
}

/// A node of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its id, a new one with each start.
    pub node: NodeId,
    /// Where other nodes reach it.
    pub address: String,
    /// How often it said that it lives.
    pub beat: i64,
    /// When it came, by its own clock: for people.
    pub joined_at: Timestamp,
    /// How many keys it had when it last said that it lives; none of a node of an earlier release, which does not say so.
    pub owned: Option<usize>,
}

fn owned(row: &Row<'_>) -> Result<Owned, StoreError> {
    Ok(Owned { key: row.get(0)?, node: row.get(1)?, epoch: row.get(2)? })
}

/// Takes a key that nobody owns, and returns its epoch; none when somebody owns it, this node included.
///
/// # Errors
/// As a write.
pub async fn claim(db: &Db, key: Key, node: NodeId) -> Result<Option<i64>, StoreError> {
    if !db.is_shared() {
        return Ok(Some(0));
    }
    db.keyed(key)
        .write(move |tx| {
            tx.query_opt(
                "UPDATE suki_key SET node = ?2, epoch = epoch + 1 WHERE key = ?1 AND node IS NULL RETURNING epoch",
                &[(&key).into(), (&node).into()],
                |row| row.get(0),
            )
        })
        .await
}

/// Takes a key from a node that is dead, if it still is that node's with that epoch, and returns the new epoch. It waits for what that node is storing.
///
/// # Errors
/// As a write.
pub async fn take_over(db: &Db, key: Key, node: NodeId, from: NodeId, epoch: i64) -> Result<Option<i64>, StoreError> {
    if !db.is_shared() {
        return Ok(None);
    }
    db.keyed(key)
        .write(move |tx| {
            tx.query_opt(
                "UPDATE suki_key SET node = ?2, epoch = epoch + 1 WHERE key = ?1 AND node = ?3 AND epoch = ?4 RETURNING epoch",
                &[(&key).into(), (&node).into(), (&from).into(), epoch.into()],
                |row| row.get(0),
            )
        })
        .await
}

/// Gives a key back, so that anybody may claim it; false when it was not this node's with this epoch.
///
/// # Errors
/// As a write.
pub async fn release(db: &Db, key: Key, node: NodeId, epoch: i64) -> Result<bool, StoreError> {
    if !db.is_shared() {
        return Ok(true);
    }
    db.keyed(key)
        .write(move |tx| {
            let sql = "UPDATE suki_key SET node = NULL WHERE key = ?1 AND node = ?2 AND epoch = ?3";
            tx.execute(sql, &[(&key).into(), (&node).into(), epoch.into()]).map(|changed| changed == 1)
        })
        .await
}

/// Who owns a key; none for a key that was never claimed nor locked.
///
/// # Errors
/// As a read.
pub async fn owner(db: &Db, key: Key) -> Result<Option<Owned>, StoreError> {
    if !db.is_shared() {
        return Ok(None);
    }
    db.read(move |tx| tx.query_opt("SELECT key, node, epoch FROM suki_key WHERE key = ?1", &[(&key).into()], owned)).await
}

/// Makes a node known, with the address at which other nodes reach it.
///
/// # Errors
/// As a write.
pub async fn join(db: &Db, node: NodeId, address: String, at: Timestamp) -> Result<(), StoreError> {
    if !db.is_shared() {
        return Ok(());
    }
    db.scoped(Scope::many(&[]))
        .write(move |tx| {
            tx.execute(
                "INSERT INTO suki_node (node, address, beat, joined_at, owned) VALUES (?1, ?2, 0, ?3, 0) \
                 ON CONFLICT (node) DO UPDATE SET address = ?2",
                &[(&node).into(), (&address).into(), at.into()],
            )
            .map(drop)
        })
        .await
}

/// Says that a node lives, and how many keys it has; false when nobody knows it (any more).
///
/// # Errors
/// As a write.
pub async fn beat(db: &Db, node: NodeId, owned: usize) -> Result<bool, StoreError> {
    if !db.is_shared() {
        return Ok(true);
    }
    let beat = db.scoped(Scope::many(&[])).write(move |tx| {
        let sql = "UPDATE suki_node SET beat = beat + 1, owned = ?2 WHERE node = ?1";
        tx.execute(sql, &[(&node).into(), owned.into()]).map(|changed| changed == 1)
    });
    beat.await
}

/// Forgets a node that went, or that is dead and owns nothing any more.
///
/// # Errors
/// As a write.
pub async fn leave(db: &Db, node: NodeId) -> Result<(), StoreError> {
    if !db.is_shared() {
        return Ok(());
    }
    db.scoped(Scope::many(&[])).write(move |tx| tx.execute("DELETE FROM suki_node WHERE node = ?1", &[(&node).into()]).map(drop)).await
}

/// Every node, living or not, up to 1,000.
///
/// # Errors
/// As a read.
pub async fn nodes(db: &Db) -> Result<Vec<Node>, StoreError> {
    if !db.is_shared() {
        return Ok(Vec::new());
    }
    db.read(every_node).await
}

fn every_node(tx: &mut Tx<'_>) -> Result<Vec<Node>, StoreError> {
    tx.query("SELECT node, address, beat, joined_at, owned FROM suki_node ORDER BY node LIMIT ?1", &[PAGE.into()], |row| {
        let owned: i64 = row.get(4)?;
        Ok(Node { node: row.get(0)?, address: row.get(1)?, beat: row.get(2)?, joined_at: row.get(3)?, owned: usize::try_from(owned).ok() })
    })
}
