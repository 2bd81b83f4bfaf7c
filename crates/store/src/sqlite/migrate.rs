//! Migrations on SQLite.
use super::{connection::statement, error::map};
use crate::{
    dialect::{self, Dialect},
    error::StoreError,
    migrate::{Migrate, Migration},
};
use rusqlite::Connection;

pub(crate) struct Migrating<'a>(pub(crate) &'a Connection);

impl Migrate for Migrating<'_> {
    fn prepare(&mut self) -> Result<(), StoreError> {
        self.0
            .execute_batch(
                "CREATE TABLE IF NOT EXISTS suki_migration (version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, sql TEXT NOT NULL) STRICT",
            )
            .map_err(map)
    }

    fn begin(&mut self) -> Result<Vec<(u32, String)>, StoreError> {
        statement(self.0, "BEGIN IMMEDIATE")?;
        let mut statement = self.0.prepare_cached("SELECT version, sql FROM suki_migration ORDER BY version").map_err(map)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(map)?;
        rows.collect::<Result<_, _>>().map_err(map)
    }

    fn apply(&mut self, migration: &Migration) -> Result<(), StoreError> {
        self.0.execute_batch(&dialect::migration(migration.sql, Dialect::Sqlite)).map_err(map)?;
        self.0
            .execute("INSERT INTO suki_migration (version, name, sql) VALUES (?1, ?2, ?3)", (migration.version, migration.name, migration.sql))
            .map(drop)
            .map_err(map)
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        statement(self.0, "COMMIT")
    }

    fn roll_back(&mut self) {
        if !self.0.is_autocommit() && statement(self.0, "ROLLBACK").is_err() {
            tracing::warn!("a migration's transaction cannot be rolled back");
        }
    }
}
