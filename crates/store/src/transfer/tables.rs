//! Which tables are carried, and how: what both engines have alike needs no word; what differs is described here, and nothing else may differ.
use super::{
    TransferError,
    schema::{Kind, Table},
};
use std::collections::BTreeMap;

/// Tables that are not carried, on either engine, and why.
const LEFT: &[(&str, &str)] = &[
    ("suki_migration", "compared"),
    ("suki_transfer", "the move's own"),
    ("suki_key", "after a move no node owns anything"),
    ("suki_node", "after a move no node runs"),
    ("log_purge", "where the log's purge goes on: it begins anew"),
];

/// Columns that are not carried, and why; each has a default, or is given by the engine.
const LEFT_OUT: &[(&str, &str, &str)] = &[
    ("entry", "id", "SQLite's own order of the log, given by the order in which entries come"),
    ("mailbox", "node", "after a move nobody is connected"),
    ("mailbox", "node_before", "after a move nobody was connected"),
];

/// Tables that are read in another order than that of their key, by columns that have an index: on PostgreSQL the log's entries in the order they came, since
/// SQLite keeps that.
const ORDER: &[(&str, &[&str])] = &[("entry", &["at", "device", "seq"])];

/// Whether a table is not carried.
pub(super) fn is_left(name: &str) -> bool {
    LEFT.iter().any(|(left, _)| *left == name)
}

/// How one table is carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Carried {
    /// Its name.
    pub(super) name: String,
    /// Its columns, in the order of their names.
    pub(super) columns: Vec<(String, Kind)>,
    /// In which order the source gives its rows.
    pub(super) source_order: Vec<String>,
    /// In which order the target is read when all is compared.
    pub(super) target_order: Vec<String>,
}

/// What goes from one side to the other.
///
/// # Errors
/// [`TransferError::Schema`] with what differs and is not described.
pub(super) fn plan(source: (&BTreeMap<String, Table>, bool), target: (&BTreeMap<String, Table>, bool)) -> Result<Vec<Carried>, TransferError> {
    let on_both = |name: &String| source.0.contains_key(name) && target.0.contains_key(name);
    if let Some(one) = source.0.keys().chain(target.0.keys()).find(|name| !(is_left(name) || on_both(name))) {
        return Err(TransferError::Schema(format!("one of them alone has the table {one}")));
    }
    let pairs = source.0.iter().filter(|(name, _)| !is_left(name)).filter_map(|(name, from)| Some((name, from, target.0.get(name)?)));
    pairs
        .map(|(name, from, to)| {
            Ok(Carried {
                name: name.clone(),
                columns: columns(name, from, to)?,
                source_order: order(name, from, source.1)?,
                target_order: order(name, to, target.1)?,
            })
        })
        .collect()
}

fn columns(table: &str, from: &Table, to: &Table) -> Result<Vec<(String, Kind)>, TransferError> {
    let mut columns = Vec::new();
    for name in from.columns.keys().chain(to.columns.keys().filter(|name| !from.columns.contains_key(*name))) {
        if LEFT_OUT.iter().any(|(of, left, _)| *of == table && left == name) {
            continue;
        }
        match (from.columns.get(name), to.columns.get(name)) {
            (Some(Some(one)), Some(Some(other))) if one == other => columns.push((name.clone(), *one)),
            (Some(_), Some(_)) => {
                return Err(TransferError::Schema(format!("the column {table}.{name} has different types, or one that no store has")));
            }
            _ => return Err(TransferError::Schema(format!("one of them alone has the column {table}.{name}"))),
        }
    }
    columns.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(columns)
}

fn order(name: &str, table: &Table, on_postgres: bool) -> Result<Vec<String>, TransferError> {
    if let Some((_, order)) = ORDER.iter().find(|(of, _)| on_postgres && *of == name) {
        return Ok(order.iter().map(|column| (*column).to_owned()).collect());
    }
    if table.key.is_empty() {
        return Err(TransferError::Schema(format!("the table {name} has no primary key")));
    }
    Ok(table.key.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(columns: &[(&str, Kind)]) -> Table {
        let columns: BTreeMap<_, _> = columns.iter().map(|(name, kind)| ((*name).to_owned(), Some(*kind))).collect();
        Table { columns, key: vec!["a".into()] }
    }

    fn schema(tables: &[(&str, Table)]) -> BTreeMap<String, Table> {
        tables.iter().map(|(name, table)| ((*name).to_owned(), table.clone())).collect()
    }

    #[test]
    fn what_differs_and_is_not_described_stops_the_move() {
        let (plain, more) = (table(&[("a", Kind::Int)]), table(&[("a", Kind::Int), ("b", Kind::Text)]));
        let other = table(&[("a", Kind::Text)]);
        let none = Table { key: Vec::new(), ..plain.clone() };
        for (one, two, words) in [
            (schema(&[("t", plain.clone())]), schema(&[]), "alone has the table t"),
            (schema(&[]), schema(&[("t", plain.clone())]), "alone has the table t"),
            (schema(&[("t", plain.clone())]), schema(&[("t", more.clone())]), "alone has the column t.b"),
            (schema(&[("t", more)]), schema(&[("t", plain.clone())]), "alone has the column t.b"),
            (schema(&[("t", plain.clone())]), schema(&[("t", other)]), "t.a has different types"),
            (schema(&[("t", none)]), schema(&[("t", plain)]), "has no primary key"),
        ] {
            let planned = plan((&one, false), (&two, true));
            assert!(matches!(&planned, Err(TransferError::Schema(text)) if text.contains(words)), "{planned:?}");
        }
    }

    #[test]
    fn the_engines_own_tables_are_left() {
        let (plain, key) = (table(&[("a", Kind::Int)]), table(&[("key", Kind::Blob)]));
        let planned = plan((&schema(&[("t", plain.clone())]), false), (&schema(&[("t", plain), ("suki_key", key)]), true)).unwrap();
        assert_eq!(planned.iter().map(|table| table.name.as_str()).collect::<Vec<_>>(), ["t"]);
    }
}
