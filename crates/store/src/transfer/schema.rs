//! The tables of a store, as its engine describes them.
use super::side::Side;
use crate::error::StoreError;
use std::collections::BTreeMap;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Int,
    Text,
    Blob,
}

impl Kind {
    fn of(engine: &str) -> Option<Self> {
        match engine.to_ascii_uppercase().as_str() {
            "INTEGER" | "INT" | "BIGINT" => Some(Self::Int),
            "TEXT" => Some(Self::Text),
            "BLOB" | "BYTEA" => Some(Self::Blob),
            _ => None,
        }
    }
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Table {
    /// Its columns by their names; none for one of a type that no column should have.
    pub(super) columns: BTreeMap<String, Option<Kind>>,
    /// Its primary key, in order.
    pub(super) key: Vec<String>,
}

/// Columns: table, column, type, place in the key (0 outside).
const SQLITE: &str = "SELECT t.name, c.name, c.type, c.pk FROM sqlite_schema t, pragma_table_info(t.name) c
     WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY t.name, c.pk, c.name";
/// The same; a table in parts stands for its parts.
const POSTGRES: &str = "SELECT CAST(t.relname AS TEXT), CAST(a.attname AS TEXT), format_type(a.atttypid, a.atttypmod),
         CAST(coalesce(array_position(i.indkey::int2[], a.attnum), -1) + 1 AS BIGINT)
     FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
     JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
     LEFT JOIN pg_index i ON i.indrelid = t.oid AND i.indisprimary
     WHERE n.nspname = current_schema() AND t.relkind IN ('r', 'p') AND NOT t.relispartition ORDER BY 1, 4, 2";

/// All tables by their names.
pub(super) fn tables(side: &mut Side) -> Result<BTreeMap<String, Table>, StoreError> {
    let sql = if side.is_postgres() { POSTGRES } else { SQLITE };
    let rows = side.tx().query(sql, &[], |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?, row.get::<String>(2)?, row.get::<i64>(3)?)))?;
    let mut all = BTreeMap::<String, Table>::new();
    for (name, column, kind, place) in rows {
        let table = all.entry(name).or_default();
        // The rows of a table come in the order of the key.
        if place > 0 {
            table.key.push(column.clone());
        }
        table.columns.insert(column, Kind::of(&kind));
    }
    Ok(all)
}
