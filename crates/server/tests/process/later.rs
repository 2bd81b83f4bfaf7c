//! A database as a release that is yet to come leaves it: every table has a column more, with an index on it, and there is a table that nobody here knows.
//!
//! It stands for the newer program that old nodes run beside. That a real migration only adds is another test's (`tidy`); this one is about what adding does
//! to a program that does not know of it: while it runs under load, and when it starts.
use suki_server::storage::Plane;
use suki_store::{Db, Migration, PostgresOptions, StoreError};

/// Widens both planes' schemas, each table in a migration of its own, as nodes use them. Gives how many tables became wider.
pub async fn widen(database: &str) -> usize {
    let url = database.to_owned();
    tokio::task::spawn_blocking(move || {
        let known = [(Plane::Network, suki_network::migrations()), (Plane::Endpoint, suki_endpoint::MIGRATIONS.to_vec())];
        known.into_iter().map(|(plane, migrations)| widen_plane(&url, plane, migrations)).sum()
    })
    .await
    .expect("the schemas can be widened")
}

fn widen_plane(url: &str, plane: Plane, mut migrations: Vec<Migration>) -> usize {
    let options = PostgresOptions { schema: Some(plane.schema()), readers: 1, writers: 1, ..PostgresOptions::default() };
    let db = Db::open_postgres(url, options).expect("the database is there");
    let tables = tables(&db).expect("it has tables");
    let first = migrations.last().expect("a plane has migrations").version + 1;
    let widened = tables
        .iter()
        .map(|table| format!("ALTER TABLE {table} ADD COLUMN later INTEGER NOT NULL DEFAULT 7;\nCREATE INDEX {table}_later ON {table} (later);\n"));
    let new = "CREATE TABLE yet_to_come (id INTEGER NOT NULL PRIMARY KEY, words TEXT NOT NULL DEFAULT '') STRICT;\n".to_owned();
    // Migrations are text of the program; these few are made here and stay.
    migrations.extend((first..).zip(widened.chain([new])).map(|(version, sql)| Migration { version, name: "later", sql: sql.leak() }));
    db.migrate(&migrations).expect("it only adds");
    tables.len()
}

fn tables(db: &Db) -> Result<Vec<String>, StoreError> {
    // Partitions become wider with what they are parts of.
    let own = "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() \
               AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname NOT LIKE 'suki\\_%' ORDER BY 1";
    let answer = db.read(|tx| tx.query(own, &[], |row| row.get::<String>(0)));
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(answer)
}
