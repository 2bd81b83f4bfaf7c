//! Tables that are split by time where the engine can: what is old goes as a whole part, and not row by row.
//!
//! On PostgreSQL such a table is partitioned by its column `at`. Part `n` is the table `NAME_pN` and has no row later than `n` times its length and once that; the
//! oldest also has what was there before the table was split. What no part is for goes to `NAME_rest`, so that no insert ever fails for want of a part:
//! nobody had made it (all nodes were away for a month), or a clock was wrong. On SQLite there is one table and nothing to do. Whoever deletes old rows
//! does so on both engines, on PostgreSQL a part's length later ([`Split::rows_before`]), so that he finds only what is in the rest.
//!
//! What fits: rows that are read by their time and whose unique keys name it. Whoever looks for a row without its time asks every part.
use crate::{db::Db, error::StoreError, tx::Tx};
use std::collections::BTreeSet;
use suki_types::Timestamp;

/// How many parts are made before their time comes.
const AHEAD: i64 = 2;
/// For how long it is waited for those who use the table; then it is tried again the next time. Whoever comes after waits behind it.
const LOCK_WAIT: &str = "500ms";

/// A table that is split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Split {
    /// Its name.
    pub table: &'static str,
    /// How long a part is, in milliseconds. It never changes: the parts that are there were cut by it.
    pub part_millis: i64,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kept {
    /// Parts that were made.
    pub made: usize,
    /// Parts that were dropped.
    pub dropped: usize,
    /// What could not be done now, since somebody uses the table or another node does the same.
    pub put_off: usize,
}

impl Split {
    /// Makes the parts of now and of the time to come, and drops those whose rows are all older than `before`. It bears being run on several nodes at once.
    ///
    /// # Errors
    /// As a read. What fails beyond that is put off and logged.
    pub async fn keep(self, db: &Db, now: Timestamp, before: Timestamp) -> Result<Kept, StoreError> {
        let mut kept = Kept::default();
        if !db.is_shared() {
            return Ok(kept);
        }
        let parts: BTreeSet<i64> = db.read(move |tx| self.parts(tx)).await?;
        let current = now.millis().div_euclid(self.part_millis);
        let first = parts.first().copied().unwrap_or(i64::MIN);
        // The oldest may reach back as far as there are rows.
        for part in (current..=current + AHEAD).filter(|part| *part > first && !parts.contains(part)) {
            match db.write(move |tx| carefully(tx, |tx| self.make(tx, part))).await {
                Ok(made) => kept.made += usize::from(made),
                Err(error) => kept.put_off(self.table, &error),
            }
        }
        for part in parts.into_iter().filter(|part| (part + 1) * self.part_millis <= before.millis()) {
            let dropped = db.write(move |tx| carefully(tx, |tx| tx.execute(&format!("DROP TABLE {}_p{part}", self.table), &[]).map(drop)));
            match dropped.await {
                Ok(()) => kept.dropped += 1,
                Err(error) => kept.put_off(self.table, &error),
            }
        }
        Ok(kept)
    }

    /// What has to be deleted row by row: as asked for where the table is not split, and else only what no part was for.
    pub fn rows_before(self, db: &Db, before: Timestamp) -> Timestamp {
        if db.is_shared() { before.plus_millis(-self.part_millis) } else { before }
    }

    /// The numbers of its parts.
    fn parts(self, tx: &mut Tx<'_>) -> Result<BTreeSet<i64>, StoreError> {
        let sql = "SELECT CAST(c.relname AS TEXT) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class t ON t.oid = i.inhparent \
                   JOIN pg_namespace n ON n.oid = t.relnamespace WHERE n.nspname = current_schema() AND t.relname = ?1";
        let names: Vec<String> = tx.query(sql, &[self.table.into()], |row| row.get(0))?;
        let number = |name: &String| name.strip_prefix(self.table)?.strip_prefix("_p")?.parse().ok();
        Ok(names.iter().filter_map(number).collect())
    }

    /// Makes a part beside the table and puts it in, which keeps nobody from the other parts; false when the rest has rows of that time, which stay there.
    fn make(self, tx: &mut Tx<'_>, part: i64) -> Result<bool, StoreError> {
        let (table, from, to) = (self.table, part * self.part_millis, (part + 1) * self.part_millis);
        if tx.query_opt(&format!("SELECT at FROM {table}_rest WHERE at >= ?1 AND at < ?2 LIMIT 1"), &[from.into(), to.into()], |_| Ok(()))?.is_some()
        {
            return Ok(false);
        }
        tx.execute(&format!("CREATE TABLE {table}_p{part} (LIKE {table} INCLUDING ALL)"), &[])?;
        tx.execute(&format!("ALTER TABLE {table} ATTACH PARTITION {table}_p{part} FOR VALUES FROM ({from}) TO ({to})"), &[])?;
        Ok(true)
    }
}

impl Kept {
    fn put_off(&mut self, table: &str, error: &StoreError) {
        tracing::warn!(table, %error, "a part of a table could not be made or dropped now; it is tried again");
        self.put_off += 1;
    }
}

/// Does not wait for those who use the table, since all who come after would wait, too.
fn carefully<T>(tx: &mut Tx<'_>, change: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
    let usual: String = tx.query_one("SELECT current_setting('lock_timeout')", &[], |row| row.get(0))?;
    let wait = "SELECT set_config('lock_timeout', ?1, true)";
    tx.query_one(wait, &[LOCK_WAIT.into()], |_| Ok(()))?;
    let done = change(tx)?;
    tx.query_one(wait, &[(&usual).into()], |_| Ok(()))?;
    Ok(done)
}
