//! Migrations on PostgreSQL.
use super::Session;
use crate::{
    dialect::{self, Dialect},
    error::StoreError,
    migrate::{Migrate, Migration},
    value::Value,
};

pub(crate) struct Migrating<'a>(pub(crate) &'a mut Session);

impl Migrate for Migrating<'_> {
    fn prepare(&mut self) -> Result<(), StoreError> {
        self.0.create("CREATE TABLE IF NOT EXISTS suki_migration (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, sql TEXT NOT NULL)")
    }

    fn begin(&mut self) -> Result<Vec<(u32, String)>, StoreError> {
        // It may take long, and others that migrate wait for it.
        self.0.batch("BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; LOCK TABLE suki_migration IN EXCLUSIVE MODE")?;
        let rows = self.0.rows("SELECT version, sql FROM suki_migration ORDER BY version", &[])?;
        rows.iter()
            .map(|row| {
                let version = u32::try_from(row.get::<_, i64>(0)).map_err(|_| StoreError::Corrupt("a version of the schema is out of range"))?;
                Ok((version, row.get(1)))
            })
            .collect()
    }

    fn apply(&mut self, migration: &Migration) -> Result<(), StoreError> {
        self.0.batch(&dialect::migration(migration.sql, Dialect::Postgres))?;
        self.0
            .execute(
                "INSERT INTO suki_migration (version, name, sql) VALUES (?1, ?2, ?3)",
                &[Value::from(migration.version), migration.name.into(), migration.sql.into()],
            )
            .map(drop)
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        self.0.batch("COMMIT")
    }

    fn roll_back(&mut self) {
        if self.0.batch("ROLLBACK").is_err() {
            tracing::warn!("a migration's transaction cannot be rolled back");
        }
    }
}
