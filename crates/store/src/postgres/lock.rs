//! The rows that keep units of one key apart: a group locks those of all its keys with its first statement, in their order, so that no two groups
//! wait for each other. The lock answers who owns each key at the same time.
use super::Session;
use crate::{
    error::StoreError,
    row::{Row, Source},
    scope::{Claim, Key},
};
use std::collections::{BTreeSet, HashMap};
use suki_types::NodeId;

// A join, since a prepared `= ANY` compares every row with every key.
const LOCK: &str =
    "SELECT k.key, k.node, k.epoch FROM unnest(?1::bytea[]) AS t (key) JOIN suki_key k ON k.key = t.key ORDER BY k.key FOR UPDATE OF k";
const MAKE: &str = "INSERT INTO suki_key (key) SELECT key FROM unnest(?1::bytea[]) AS t (key) ORDER BY key ON CONFLICT (key) DO NOTHING";

/// Who owns the keys that are locked.
#[derive(Default)]
pub(super) struct Owners(HashMap<Key, (NodeId, i64)>);

impl Owners {
    /// Whether this is still so.
    pub(super) fn confirm(&self, claim: &Claim) -> bool {
        self.0.get(&claim.key) == Some(&(claim.node, claim.epoch))
    }
}

/// Locks the keys; none when a key has no row yet.
pub(super) fn lock(session: &mut Session, keys: &BTreeSet<Key>) -> Result<Option<Owners>, StoreError> {
    if keys.is_empty() {
        return Ok(Some(Owners::default()));
    }
    let rows = session.rows(LOCK, &[&slices(keys)])?;
    let mut owners = Owners::default();
    for row in &rows {
        let row = Row(Source::Postgres(row));
        if let Some(node) = row.get::<Option<NodeId>>(1)? {
            owners.0.insert(row.get(0)?, (node, row.get(2)?));
        }
    }
    Ok((rows.len() == keys.len()).then_some(owners))
}

/// Makes the rows of keys that have none. In a transaction of its own: one that holds locks and waits here for another that makes the same rows could
/// wait for ever.
pub(super) fn make(session: &mut Session, keys: &BTreeSet<Key>) -> Result<(), StoreError> {
    session.rows(MAKE, &[&slices(keys)]).map(drop)
}

fn slices(keys: &BTreeSet<Key>) -> Vec<&[u8]> {
    keys.iter().map(|key| &key[..]).collect()
}
