//! Some rows of a table, read from one side and put into the other.
use super::{cell::Cell, schema::Kind, side::Side, sum::Sum, tables::Carried};
use crate::{
    error::StoreError,
    tx::{Engine, Tx},
    value::Value,
};
use tokio_postgres::types::ToSql;

/// About how many bytes a page has.
const BYTES: usize = 4 * 1024 * 1024;
/// How many rows the first page of a table has, and the most that any has.
const ROWS: (usize, usize) = (500, 20_000);

/// Some rows, column by column.
pub(super) struct Page {
    /// The carried columns, each with as many values as there are rows.
    columns: Vec<Vec<Cell>>,
    rows: usize,
    /// The last row's place in the order of reading.
    pub(super) last: Vec<Cell>,
    bytes: usize,
}

impl Page {
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// What its rows come to.
    pub(super) fn sum(&self) -> Sum {
        let (mut sum, mut bytes) = (Sum::default(), Vec::new());
        for row in 0..self.rows {
            sum.add(self.columns.iter().filter_map(|column| column.get(row)), &mut bytes);
        }
        sum
    }
}

/// Reads a table page by page.
pub(super) struct Pages<'t> {
    table: &'t Carried,
    order: &'t [String],
    after: Vec<Cell>,
    limit: usize,
    over: bool,
}

impl<'t> Pages<'t> {
    /// From behind a row's place in the order on.
    pub(super) fn new(table: &'t Carried, order: &'t [String], after: Vec<Cell>) -> Self {
        Self { table, order, after, limit: ROWS.0, over: false }
    }

    /// The next rows; none behind the last.
    pub(super) fn next(&mut self, side: &mut Side) -> Result<Option<Page>, StoreError> {
        if self.over {
            return Ok(None);
        }
        let sql = self.sql();
        let mut params: Vec<Value<'_>> = self.after.iter().map(Cell::value).collect();
        params.push(self.limit.into());
        let carried = self.table.columns.len();
        let mut page = Page { columns: vec![Vec::with_capacity(self.limit); carried], rows: 0, last: Vec::new(), bytes: 0 };
        side.tx().query(&sql, &params, |row| {
            for (index, column) in page.columns.iter_mut().enumerate() {
                let cell: Cell = row.get(index)?;
                page.bytes += cell.weight();
                column.push(cell);
            }
            page.last.clear();
            for index in carried..carried + self.order.len() {
                page.last.push(row.get(index)?);
            }
            page.rows += 1;
            Ok(())
        })?;
        self.over = page.rows < self.limit;
        if page.rows == 0 {
            return Ok(None);
        }
        self.after.clone_from(&page.last);
        self.limit = (BYTES / (page.bytes / page.rows).max(1)).clamp(1, ROWS.1);
        Ok(Some(page))
    }

    fn sql(&self) -> String {
        let columns: Vec<String> =
            self.table.columns.iter().map(|(name, _)| quoted(name)).chain(self.order.iter().map(|name| quoted(name))).collect();
        let order = self.order.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
        let places = (1..=self.after.len()).map(|place| format!("?{place}")).collect::<Vec<_>>().join(", ");
        let after = if self.after.is_empty() { String::new() } else { format!("WHERE ({order}) > ({places}) ") };
        format!("SELECT {} FROM {} {after}ORDER BY {order} LIMIT ?{}", columns.join(", "), quoted(&self.table.name), self.after.len() + 1)
    }
}

/// A name as both engines take it; names come from the schema.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Puts a page's rows into a table.
pub(super) fn insert(tx: &mut Tx<'_>, table: &Carried, page: &Page) -> Result<(), StoreError> {
    let names = table.columns.iter().map(|(name, _)| quoted(name)).collect::<Vec<_>>().join(", ");
    let name = quoted(&table.name);
    if matches!(tx.engine(), Engine::Postgres(_)) {
        let arrays =
            table.columns.iter().enumerate().map(|(index, (_, kind))| format!("?{}::{}[]", index + 1, array(*kind))).collect::<Vec<_>>().join(", ");
        return insert_arrays(tx, &format!("INSERT INTO {name} ({names}) SELECT * FROM unnest({arrays})"), table, page);
    }
    let places = (1..=table.columns.len()).map(|place| format!("?{place}")).collect::<Vec<_>>().join(", ");
    let sql = format!("INSERT INTO {name} ({names}) VALUES ({places})");
    for row in 0..page.rows {
        let values: Vec<Value<'_>> = page.columns.iter().filter_map(|column| column.get(row)).map(Cell::value).collect();
        tx.execute(&sql, &values)?;
    }
    Ok(())
}

fn array(kind: Kind) -> &'static str {
    match kind {
        Kind::Int => "bigint",
        Kind::Text => "text",
        Kind::Blob => "bytea",
    }
}

/// One statement for all rows.
fn insert_arrays(tx: &mut Tx<'_>, sql: &str, table: &Carried, page: &Page) -> Result<(), StoreError> {
    let wrong = || StoreError::Corrupt("a column holds a value of another type than the schema says");
    let mut arrays: Vec<Box<dyn ToSql + Sync + '_>> = Vec::with_capacity(table.columns.len());
    for ((_, kind), column) in table.columns.iter().zip(&page.columns) {
        let values = column.iter();
        arrays.push(match kind {
            Kind::Int => Box::new(
                values
                    .map(|cell| match cell {
                        Cell::Int(number) => Ok(Some(*number)),
                        Cell::Null => Ok(None),
                        Cell::Text(_) | Cell::Blob(_) => Err(wrong()),
                    })
                    .collect::<Result<Vec<_>, _>>()?,
            ),
            Kind::Text => Box::new(
                values
                    .map(|cell| match cell {
                        Cell::Text(text) => Ok(Some(text.as_str())),
                        Cell::Null => Ok(None),
                        Cell::Int(_) | Cell::Blob(_) => Err(wrong()),
                    })
                    .collect::<Result<Vec<_>, _>>()?,
            ),
            Kind::Blob => Box::new(
                values
                    .map(|cell| match cell {
                        Cell::Blob(bytes) => Ok(Some(bytes.as_slice())),
                        Cell::Null => Ok(None),
                        Cell::Int(_) | Cell::Text(_) => Err(wrong()),
                    })
                    .collect::<Result<Vec<_>, _>>()?,
            ),
        });
    }
    let params: Vec<&(dyn ToSql + Sync)> = arrays.iter().map(|array| &**array as &(dyn ToSql + Sync)).collect();
    tx.guarded(&[], |engine| match engine {
        Engine::Postgres(session) => session.rows(sql, &params).map(drop),
        Engine::Sqlite(_) => Err(StoreError::Statement("this statement is PostgreSQL's".into())),
    })
}
