//! What a node asks every few seconds, at the price of how many nodes there are and of what is free, and not of all keys: there may be a million.
use super::{Node, Owned, PAGE, every_node, owned};
use crate::{
    db::Db,
    error::StoreError,
    log::with_arrays,
    row::Row,
    scope::{Key, Scope},
};
use std::collections::HashMap;
use suki_types::NodeId;

// From one owner to the next through the index, however many keys each has.
const OWNERS: &str = "WITH RECURSIVE o AS (
        (SELECT node FROM suki_key WHERE node IS NOT NULL ORDER BY node LIMIT 1)
        UNION ALL
        SELECT (SELECT k.node FROM suki_key k WHERE k.node > o.node ORDER BY k.node LIMIT 1) FROM o WHERE o.node IS NOT NULL
    )
    SELECT node FROM o WHERE node IS NOT NULL";
const RELEASED: &str = "SELECT key, node, epoch FROM suki_key WHERE node IS NULL AND epoch > 0 AND key >= ?1 ORDER BY key LIMIT ?2";
const OF_NODE: &str = "SELECT key, node, epoch FROM suki_key WHERE node = ?1 AND key >= ?2 ORDER BY key LIMIT ?3";
const OF_KEYS: &str = "SELECT k.key, k.node, k.epoch FROM unnest($1::bytea[]) AS t (key) JOIN suki_key k ON k.key = t.key";
const COUNTS: &str = "SELECT node, count(*) FROM suki_key WHERE node IS NOT NULL GROUP BY node";
const COUNT_RELEASED: &str = "SELECT count(*) FROM suki_key WHERE node IS NULL AND epoch > 0";
const RELEASE: &str = "UPDATE suki_key SET node = NULL WHERE key IN (SELECT key FROM suki_key WHERE node = ?1 ORDER BY key LIMIT ?2)";

/// Before every key.
const START: &[u8] = &[];

/// The nodes, and whether there is something for one of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Survey {
    /// Every node, living or not, up to 1,000.
    pub nodes: Vec<Node>,
    /// Every node that something is owned by, listed or not.
    pub owners: Vec<NodeId>,
    /// Whether there is a key that was given back and that nobody has claimed since.
    pub is_something_free: bool,
}

/// How many keys there are, by their owner.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// Of each owner.
    pub of: HashMap<NodeId, usize>,
    /// That were given back and that nobody has claimed since.
    pub released: usize,
}

/// Looks who is there.
///
/// # Errors
/// As a read.
pub async fn survey(db: &Db) -> Result<Survey, StoreError> {
    if !db.is_shared() {
        return Ok(Survey::default());
    }
    db.read(|tx| {
        let nodes = every_node(tx)?;
        let owners = tx.query(OWNERS, &[], |row| row.get(0))?;
        let is_something_free = tx.query_opt(RELEASED, &[START.into(), 1_usize.into()], |_| Ok(()))?.is_some();
        Ok(Survey { nodes, owners, is_something_free })
    })
    .await
}

/// Counts every key: for when something has to move.
///
/// # Errors
/// As a read.
pub async fn counts(db: &Db) -> Result<Counts, StoreError> {
    if !db.is_shared() {
        return Ok(Counts::default());
    }
    db.read(|tx| {
        let of: Vec<(NodeId, usize)> = tx.query(COUNTS, &[], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Counts { of: of.into_iter().collect(), released: tx.query_one(COUNT_RELEASED, &[], |row| row.get(0))? })
    })
    .await
}

/// Up to `limit` of the keys that are free: given back, or owned by one of these nodes. They are taken from `from` on, in the order of the keys, and from the
/// beginning when there are fewer: nodes that begin elsewhere do not all reach for the same ones.
///
/// # Errors
/// As a read.
pub async fn free(db: &Db, dead: Vec<NodeId>, from: Key, limit: usize) -> Result<Vec<Owned>, StoreError> {
    if !db.is_shared() {
        return Ok(Vec::new());
    }
    db.read(move |tx| {
        let mut found: Vec<Owned> = Vec::new();
        for begin in [&from[..], START] {
            found.extend(tx.query(RELEASED, &[begin.into(), limit.into()], owned)?);
            for node in &dead {
                found.extend(tx.query(OF_NODE, &[node.into(), begin.into(), limit.into()], owned)?);
            }
            if found.len() >= limit {
                break;
            }
        }
        let mut seen = std::collections::HashSet::new();
        found.retain(|owned| seen.insert(owned.key));
        found.truncate(limit);
        Ok(found)
    })
    .await
}

/// Every key of a node, in their order.
///
/// # Errors
/// As a read.
pub async fn of_node(db: &Db, node: NodeId) -> Result<Vec<Owned>, StoreError> {
    let mut all: Vec<Owned> = Vec::new();
    while db.is_shared() {
        // The last one of a page comes again, as the first of the next.
        let from = all.pop().map_or(Vec::new(), |last| last.key.to_vec());
        let page: Vec<Owned> = db.read(move |tx| tx.query(OF_NODE, &[(&node).into(), (&from).into(), PAGE.into()], owned)).await?;
        let last = page.len() < PAGE;
        all.extend(page);
        if last {
            break;
        }
    }
    Ok(all)
}

/// Who owns these keys; those that were never claimed nor locked are left out.
///
/// # Errors
/// As a read.
pub async fn of_keys(db: &Db, keys: Vec<Key>) -> Result<Vec<Owned>, StoreError> {
    if !db.is_shared() {
        return Ok(Vec::new());
    }
    db.read(move |tx| {
        let keys: Vec<&[u8]> = keys.iter().map(|key| &key[..]).collect();
        with_arrays(tx, OF_KEYS, &[&keys], |row: &Row<'_>| owned(row))
    })
    .await
}

/// Gives back all keys of a node that runs no more.
///
/// # Errors
/// As a write.
pub async fn release_all(db: &Db, node: NodeId) -> Result<(), StoreError> {
    while db.is_shared() {
        let released = db.scoped(Scope::many(&[])).write(move |tx| tx.execute(RELEASE, &[(&node).into(), PAGE.into()]));
        if released.await? < PAGE as u64 {
            break;
        }
    }
    Ok(())
}
