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
};
use suki_types::{NodeId, Timestamp};

/// The tables, for PostgreSQL; made with each schema.
pub(crate) const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS suki_key (key BYTEA NOT NULL PRIMARY KEY, node BYTEA, epoch BIGINT NOT NULL DEFAULT 0);
    CREATE TABLE IF NOT EXISTS suki_node (node BYTEA NOT NULL PRIMARY KEY, address TEXT NOT NULL, beat BIGINT NOT NULL, joined_at BIGINT NOT NULL);
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

/// Every key, its owner or that it has none, in the order of the keys. Keys that are locked and never claimed are among them.
///
/// # Errors
/// As a read.
pub async fn all(db: &Db) -> Result<Vec<Owned>, StoreError> {
    let mut all: Vec<Owned> = Vec::new();
    if !db.is_shared() {
        return Ok(all);
    }
    loop {
        let after = all.last().map_or(Vec::new(), |owned| owned.key.to_vec());
        let page: Vec<Owned> = db
            .read(move |tx| {
                let sql = "SELECT key, node, epoch FROM suki_key WHERE key > ?1 ORDER BY key LIMIT ?2";
                tx.query::<Owned>(sql, &[(&after).into(), PAGE.into()], owned)
            })
            .await?;
        let last = page.len() < PAGE;
        all.extend(page);
        if last {
            return Ok(all);
        }
    }
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
                "INSERT INTO suki_node (node, address, beat, joined_at) VALUES (?1, ?2, 0, ?3) ON CONFLICT (node) DO UPDATE SET address = ?2",
                &[(&node).into(), (&address).into(), at.into()],
            )
            .map(drop)
        })
        .await
}

/// Says that a node lives; false when nobody knows it (any more).
///
/// # Errors
/// As a write.
pub async fn beat(db: &Db, node: NodeId) -> Result<bool, StoreError> {
    if !db.is_shared() {
        return Ok(true);
    }
    let beat = db
        .scoped(Scope::many(&[]))
        .write(move |tx| tx.execute("UPDATE suki_node SET beat = beat + 1 WHERE node = ?1", &[(&node).into()]).map(|changed| changed == 1));
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
    db.read(|tx| {
        tx.query("SELECT node, address, beat, joined_at FROM suki_node ORDER BY node LIMIT ?1", &[PAGE.into()], |row| {
            Ok(Node { node: row.get(0)?, address: row.get(1)?, beat: row.get(2)?, joined_at: row.get(3)? })
        })
    })
    .await
}
