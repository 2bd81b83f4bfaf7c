//! What other crates' tests need of a store.
use crate::{Db, SqliteOptions, StoreError, Tx, Value, tx::Engine};
use tempfile::TempDir;

/// An empty SQLite store in a folder of its own, which is removed with the guard.
///
/// # Panics
/// When the folder or the database cannot be made.
pub fn sqlite() -> (TempDir, Db) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let db = Db::open_sqlite(&folder.path().join("test.sqlite"), SqliteOptions::default()).expect("a database can be opened in it");
    (folder, db)
}

/// Fails when SQLite would answer `sql` by going through a whole table or index. The parameters may be of any value.
///
/// # Errors
/// [`StoreError::Statement`] with the plan's line that scans; what the engine refuses.
pub fn plan_has_no_scan(tx: &mut Tx<'_>, sql: &str, params: &[Value<'_>]) -> Result<(), StoreError> {
    if !matches!(tx.engine(), Engine::Sqlite(_)) {
        return Err(StoreError::Statement("plans are checked on SQLite, which chooses them the same with few rows as with many".into()));
    }
    let plan = tx.query(&format!("EXPLAIN QUERY PLAN {sql}"), params, |row| row.get::<String>(3))?;
    let scans = |line: &&String| line.starts_with("SCAN ") && !line.contains("CONSTANT ROW") && !line.contains("VALUES CLAUSE");
    match plan.iter().find(scans) {
        None => Ok(()),
        Some(line) => Err(StoreError::Statement(format!("{line}: {sql}"))),
    }
}
