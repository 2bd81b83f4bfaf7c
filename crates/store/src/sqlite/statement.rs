//! Statements with their parameters and rows.
use super::error::map;
use crate::{
    error::StoreError,
    row::{Row, Source},
    tx::EachRow,
    value::Value,
};
use rusqlite::{
    CachedStatement, Connection, ToSql,
    types::{Null, ToSqlOutput, ValueRef},
};

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.signed().map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))? {
            Value::Null | Value::Unsigned(_) => Null.into(),
            Value::Int(number) => number.into(),
            Value::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Value::Blob(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        })
    }
}

fn prepared<'c>(connection: &'c Connection, sql: &str, params: &[Value<'_>]) -> Result<CachedStatement<'c>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(map)?;
    if statement.parameter_count() != params.len() {
        return Err(StoreError::Statement(format!("it has {} parameters, and {} values were given", statement.parameter_count(), params.len())));
    }
    for (index, value) in params.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, value).map_err(map)?;
    }
    Ok(statement)
}

/// Runs a statement and says how many rows it changed.
pub(crate) fn execute(connection: &Connection, sql: &str, params: &[Value<'_>]) -> Result<u64, StoreError> {
    prepared(connection, sql, params)?.raw_execute().map(|changed| changed as u64).map_err(map)
}

/// Calls `each` with every row until it breaks off.
pub(crate) fn query(connection: &Connection, sql: &str, params: &[Value<'_>], each: &mut EachRow<'_>) -> Result<(), StoreError> {
    let mut statement = prepared(connection, sql, params)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(map)? {
        if each(&Row(Source::Sqlite(row))).is_break() {
            break;
        }
    }
    Ok(())
}

/// The value of a column.
pub(crate) fn column<'r>(row: &'r rusqlite::Row<'_>, index: usize) -> Result<Value<'r>, StoreError> {
    match row.get_ref(index) {
        Ok(ValueRef::Null) => Ok(Value::Null),
        Ok(ValueRef::Integer(number)) => Ok(Value::Int(number)),
        Ok(ValueRef::Text(text)) => std::str::from_utf8(text).map(Value::Text).map_err(|_| StoreError::Corrupt("a text is not valid UTF-8")),
        Ok(ValueRef::Blob(bytes)) => Ok(Value::Blob(bytes)),
        Ok(ValueRef::Real(_)) => Err(StoreError::Corrupt("a column holds a number with a fraction")),
        Err(_) => Err(StoreError::Corrupt("the answer has no such column")),
    }
}
