//! The move itself.
use super::{
    At as _, End, Place, TransferError,
    page::{Page, Pages, insert},
    schema,
    side::Side,
    state,
    sum::Sum,
    tables::{self, Carried},
};
use crate::{error::StoreError, migrate::Migration};
use std::{sync::mpsc, thread};

/// How many pages wait between the side that reads and the side that writes.
const WAITING: usize = 2;

/// What a move does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Rows go over.
    Copying,
    /// The rows of both sides are compared.
    Verifying,
}

/// How far a move has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress<'t> {
    /// What it does.
    pub phase: Phase,
    /// With which table.
    pub table: &'t str,
    /// How many rows are done in this phase, those of an earlier run included.
    pub rows: u64,
    /// How many of them an earlier run did.
    pub before: u64,
    /// How many there are.
    pub of: u64,
}

/// What was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// How many tables.
    pub tables: usize,
    /// How many rows, of how many digests the sum.
    pub sum: Sum,
}

/// Moves a store, or goes on with it. Blocks until it is over. `told` hears how far it has come, after every page.
///
/// # Errors
/// See [`TransferError`]; what was copied stays, unless the text says otherwise.
pub fn run(from: &Place, to: &Place, migrations: &[Migration], told: &mut dyn FnMut(Progress<'_>)) -> Result<Moved, TransferError> {
    let mut source = Side::source(from)?;
    if !source.is_up_to_date(migrations).at(End::Source)? {
        return Err(TransferError::Old);
    }
    let mut target = Side::target(to)?;
    let tables = prepare(&mut source, &mut target, migrations)?;
    let of = tables.iter().map(|(_, rows)| rows).sum();
    let mut done = 0;
    let mut before = 0;
    for (table, _) in &tables {
        let mut rows = |rows: u64, earlier: bool| {
            done += rows;
            before += if earlier { rows } else { 0 };
            told(Progress { phase: Phase::Copying, table: &table.name, rows: done, before, of });
        };
        copy(&mut source, &mut target, table, &mut rows)?;
    }
    let mut all = Sum::default();
    for (table, _) in &tables {
        let sum = compare(&mut source, &mut target, table)?;
        all.join(sum);
        told(Progress { phase: Phase::Verifying, table: &table.name, rows: all.rows, before: 0, of });
    }
    state::end(&mut target).at(End::Target)?;
    Ok(Moved { tables: tables.len(), sum: all })
}

/// Sees that the two fit, makes the target's schema, and says what is to be carried, with how many rows each table has.
fn prepare(source: &mut Side, target: &mut Side, migrations: &[Migration]) -> Result<Vec<(Carried, u64)>, TransferError> {
    let from = schema::tables(source).at(End::Source)?;
    let counts = counts(source, from.keys()).at(End::Source)?;
    let identity = identity(&counts);
    match state::begun(target).at(End::Target)? {
        Some(of) if of != identity.bytes() => return Err(TransferError::Other),
        Some(_) => {}
        // What opening a database makes in it, as `suki doctor` does, is no data.
        None if schema::tables(target).at(End::Target)?.keys().any(|name| !tables::is_left(name)) => return Err(TransferError::Occupied),
        None => state::begin(target, identity).at(End::Target)?,
    }
    target.migrate(migrations).at(End::Target)?;
    target.guard()?;
    let to = schema::tables(target).at(End::Target)?;
    let planned = tables::plan((&from, source.is_postgres()), (&to, target.is_postgres()))?;
    let rows = |name: &str| counts.iter().find(|(of, _)| of == name).map_or(0, |(_, rows)| *rows);
    Ok(planned.into_iter().map(|table| (rows(&table.name), table)).map(|(rows, table)| (table, rows)).collect())
}

fn counts<'n>(source: &mut Side, names: impl Iterator<Item = &'n String>) -> Result<Vec<(String, u64)>, StoreError> {
    names
        .map(|name| {
            let sql = format!("SELECT count(*) FROM \"{}\"", name.replace('"', "\"\""));
            Ok((name.clone(), source.tx().query_one(&sql, &[], |row| row.get(0))?))
        })
        .collect()
}

/// What a source is known by, until it is used again: how many rows each table has.
fn identity(counts: &[(String, u64)]) -> Sum {
    use super::cell::Cell;
    let (mut sum, mut bytes) = (Sum::default(), Vec::new());
    for (name, rows) in counts {
        let cells = [Cell::Text(name.clone()), Cell::Int(i64::try_from(*rows).unwrap_or(i64::MAX))];
        sum.add(cells.iter(), &mut bytes);
    }
    sum
}

/// Copies what is not copied yet: one side reads while the other writes.
fn copy(source: &mut Side, target: &mut Side, table: &Carried, told: &mut dyn FnMut(u64, bool)) -> Result<(), TransferError> {
    let mut place = state::get(target, &table.name).at(End::Target)?;
    told(place.copied, true);
    if place.done {
        return Ok(());
    }
    let mut pages = Pages::new(table, &table.source_order, place.after.clone());
    thread::scope(|scope| {
        let (send, receive) = mpsc::sync_channel::<Result<Page, StoreError>>(WAITING);
        scope.spawn(move || {
            while let Some(page) = pages.next(source).transpose() {
                let failed = page.is_err();
                // Whoever writes may have failed, and told why.
                if send.send(page).is_err() || failed {
                    break;
                }
            }
        });
        for page in receive {
            let page = page.at(End::Source)?;
            place.copied += page.rows() as u64;
            place.after.clone_from(&page.last);
            store(target, table, Some(&page), &place).at(End::Target)?;
            told(page.rows() as u64, false);
        }
        place.done = true;
        store(target, table, None, &place).at(End::Target)
    })
}

/// Rows and how far they come, in one transaction.
fn store(target: &mut Side, table: &Carried, page: Option<&Page>, place: &state::Place) -> Result<(), StoreError> {
    target.begin()?;
    let mut tx = target.tx();
    if let Some(page) = page {
        insert(&mut tx, table, page)?;
    }
    state::set(&mut tx, &table.name, place)?;
    target.commit()
}

/// Reads a table on both sides, at the same time, and compares what they come to.
fn compare(source: &mut Side, target: &mut Side, table: &Carried) -> Result<Sum, TransferError> {
    let (source_sum, target_sum) = thread::scope(|scope| {
        let reading = scope.spawn(|| total(source, table, &table.source_order));
        let arrived = total(target, table, &table.target_order);
        (reading.join().unwrap_or(Err(StoreError::Panicked)), arrived)
    });
    let (source_sum, target_sum) = (source_sum.at(End::Source)?, target_sum.at(End::Target)?);
    if source_sum == target_sum {
        return Ok(source_sum);
    }
    Err(TransferError::Differs { table: table.name.clone(), source_sum, target_sum })
}

fn total(side: &mut Side, table: &Carried, order: &[String]) -> Result<Sum, StoreError> {
    let mut pages = Pages::new(table, order, Vec::new());
    let mut sum = Sum::default();
    while let Some(page) = pages.next(side)? {
        sum.join(page.sum());
    }
    Ok(sum)
}
