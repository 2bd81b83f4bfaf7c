//! How far a move has come: a table in the target, which is there as long as the move is not over.
use super::{cell::Cell, side::Side, sum::Sum};
use crate::{error::StoreError, tx::Tx};

/// Whether there is one.
pub(super) const ON_SQLITE: &str = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'suki_transfer'";
/// The same.
pub(super) const ON_POSTGRES: &str = "SELECT count(*) FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
     WHERE n.nspname = current_schema() AND t.relkind = 'r' AND t.relname = 'suki_transfer'";

/// The row that says which move it is, by a name that no table has.
const MOVE: &str = "";

/// How far a table has come.
#[derive(Clone, Default)]
pub(super) struct Place {
    /// The key of the last row that is in the target; none before the first.
    pub(super) after: Vec<Cell>,
    /// How many rows are.
    pub(super) copied: u64,
    /// Whether those are all.
    pub(super) done: bool,
}

/// What stands in the target: whose move, if one has begun.
pub(super) fn begun(target: &mut Side) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = if target.is_postgres() { ON_POSTGRES } else { ON_SQLITE };
    let there: bool = target.tx().query_one(sql, &[], |row| row.get(0))?;
    if !there {
        return Ok(None);
    }
    target
        .tx()
        .query_opt("SELECT place FROM suki_transfer WHERE name = ?1", &[MOVE.into()], |row| row.get(0))
        .map(|found| Some(found.unwrap_or_default()))
}

/// Notes that a move begins, before there is any other table.
pub(super) fn begin(target: &mut Side, identity: Sum) -> Result<(), StoreError> {
    target.begin()?;
    let (blob, number) = if target.is_postgres() { ("BYTEA", "BIGINT") } else { ("BLOB", "INTEGER") };
    target.batch(&format!(
        "CREATE TABLE suki_transfer (name TEXT NOT NULL PRIMARY KEY, place {blob} NOT NULL, copied {number} NOT NULL, done {number} NOT NULL)"
    ))?;
    target.tx().execute("INSERT INTO suki_transfer (name, place, copied, done) VALUES (?1, ?2, 0, 0)", &[MOVE.into(), (&identity.bytes()).into()])?;
    target.commit()
}

/// How far this table has come.
pub(super) fn get(target: &mut Side, table: &str) -> Result<Place, StoreError> {
    let found = target.tx().query_opt("SELECT place, copied, done FROM suki_transfer WHERE name = ?1", &[table.into()], |row| {
        Ok((row.get::<Vec<u8>>(0)?, row.get(1)?, row.get(2)?))
    })?;
    let Some((place, copied, done)) = found else { return Ok(Place::default()) };
    let (mut after, mut rest) = (Vec::new(), &place[..]);
    while !rest.is_empty() {
        after.push(Cell::read(&mut rest).ok_or(StoreError::Corrupt("the place a move has come to cannot be read"))?);
    }
    Ok(Place { after, copied, done })
}

/// Notes it, in the transaction of the rows.
pub(super) fn set(tx: &mut Tx<'_>, table: &str, place: &Place) -> Result<(), StoreError> {
    let mut after = Vec::new();
    place.after.iter().for_each(|cell| cell.write(&mut after));
    let sql = "INSERT INTO suki_transfer (name, place, copied, done) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (name) DO UPDATE SET place = excluded.place, copied = excluded.copied, done = excluded.done";
    tx.execute(sql, &[table.into(), (&after).into(), place.copied.into(), place.done.into()]).map(drop)
}

/// The move is over: from now on the target is a store like any other.
pub(super) fn end(target: &mut Side) -> Result<(), StoreError> {
    target.batch("DROP TABLE suki_transfer")
}
