//! Migrations: one folder for both engines, applied in order, never edited.
//!
//! Old and new programs live together on one database: a migration *expands* it, so that programs which do not know it go on and may even start anew. One that
//! takes away or changes what an older program uses *contracts* it, and says so by a line `-- contract`: it comes a release after the last program that needs
//! what it takes, and older programs refuse to start from then on. Expand, release, contract.
//!
//! The text of each applied migration is kept in the table `suki_migration`, so that an edited one is found out, and its difference can be seen. (The
//! crate `refinery` was looked at: it keeps a hash of what it runs, and what runs differs by engine here.)
use crate::error::StoreError;

/// One step of the schema.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its place in the order, from 1; no two of a list share one.
    pub version: u32,
    /// What it does, for people.
    pub name: &'static str,
    /// Its statements, in the SQL that both engines share. A line `-- only sqlite` or `-- only postgres` begins a part for one engine, `-- both` ends it. A line
    /// `-- contract` says that programs which do not know it cannot work with what it leaves.
    pub sql: &'static str,
}

/// What is needed of an engine.
pub(crate) trait Migrate {
    /// Makes the table `suki_migration (version, name, sql)` if there is none.
    fn prepare(&mut self) -> Result<(), StoreError>;
    /// Begins a transaction that keeps other nodes from migrating, and returns what was applied, in order.
    fn begin(&mut self) -> Result<Vec<(u32, String)>, StoreError>;
    /// Runs the migration and notes it.
    fn apply(&mut self, migration: &Migration) -> Result<(), StoreError>;
    /// Commits.
    fn commit(&mut self) -> Result<(), StoreError>;
    /// Rolls back, as far as that is possible.
    fn roll_back(&mut self);
}

/// Applies what is missing.
pub(crate) fn run(engine: &mut dyn Migrate, migrations: &[Migration]) -> Result<(), StoreError> {
    if let Some(pair) = migrations.windows(2).find(|pair| pair[0].version >= pair[1].version) {
        return Err(StoreError::Migration(format!(
            "version {} stands after version {}; versions grow, and no two migrations share one",
            pair[1].version, pair[0].version
        )));
    }
    engine.prepare()?;
    while step(engine, migrations)? {}
    Ok(())
}

/// Applies the next one in a transaction; false when there is none.
fn step(engine: &mut dyn Migrate, migrations: &[Migration]) -> Result<bool, StoreError> {
    let applied = engine.begin()?;
    let outcome = next(&applied, migrations).and_then(|next| {
        let Some(migration) = next else { return Ok(false) };
        engine.apply(migration).map_err(|error| named(migration, error))?;
        Ok(true)
    });
    match outcome {
        Ok(more) => match engine.commit() {
            Ok(()) => Ok(more),
            Err(error) => {
                engine.roll_back();
                Err(error)
            }
        },
        Err(error) => {
            engine.roll_back();
            Err(error)
        }
    }
}

fn named(migration: &Migration, error: StoreError) -> StoreError {
    match error {
        StoreError::Statement(text) | StoreError::Constraint(text) => {
            StoreError::Migration(format!("migration {} ({}) fails: {text}", migration.version, migration.name))
        }
        other => other,
    }
}

/// The first migration that was not applied, once what was applied is found to be the list's beginning.
pub(crate) fn next<'a>(applied: &[(u32, String)], migrations: &'a [Migration]) -> Result<Option<&'a Migration>, StoreError> {
    for (index, (version, sql)) in applied.iter().enumerate() {
        let Some(migration) = migrations.get(index) else {
            // A newer program's. What only adds is none of this program's business.
            if contracts(sql) {
                return Err(StoreError::Migration(format!(
                    "version {version} of the database took away what this program needs; start a newer program"
                )));
            }
            continue;
        };
        if migration.version != *version {
            return Err(StoreError::Migration(format!(
                "the database has version {version} where this program has version {}; add migrations at the end only",
                migration.version
            )));
        }
        if unified(migration.sql) != unified(sql) {
            return Err(StoreError::Migration(format!(
                "migration {version} ({}) was edited after it was applied; undo the edit and add a migration instead",
                migration.name
            )));
        }
    }
    Ok(migrations.get(applied.len()))
}

/// Whether it says that older programs cannot work with what it leaves.
fn contracts(sql: &str) -> bool {
    sql.lines().any(|line| line.trim() == "-- contract")
}

/// The text with line endings made one, since a checkout may change them.
fn unified(sql: &str) -> String {
    sql.replace("\r\n", "\n")
}
