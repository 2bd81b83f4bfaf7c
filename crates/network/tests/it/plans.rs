//! No query goes through a whole table.
use crate::world::World;
use std::path::Path;
use suki_store::{StoreError, Value, testing::plan_has_no_scan};

/// The string literals of a source file that are SQL.
fn statements(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (start, _) in source.match_indices('"') {
        let rest = &source[start + 1..];
        if !["SELECT ", "INSERT ", "UPDATE ", "DELETE "].iter().any(|verb| rest.starts_with(verb)) {
            continue;
        }
        let literal = &rest[..rest.find('"').expect("a literal ends")];
        let lines = literal.split("\\\n").map(str::trim_start);
        found.push(lines.collect());
    }
    found
}

fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.extend(statements(&std::fs::read_to_string(&path).expect("a source file")));
        }
    }
}

#[tokio::test]
async fn no_query_scans_a_table() {
    let world = World::on_sqlite(91, suki_network::Config::default()).await;
    let mut all = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
    assert!(all.len() > 40, "only {} statements were found", all.len());
    for sql in all {
        let count = (1..20).filter(|number| sql.contains(&format!("?{number}"))).count();
        let checked = sql.clone();
        let plan = world.db.read(move |tx| plan_has_no_scan(tx, &sql, &vec![Value::Null; count]));
        plan.await.map_err(|error: StoreError| error).unwrap_or_else(|error| panic!("{error}: {checked}"));
    }
}

/// PostgreSQL takes every statement as it is written for SQLite.
#[tokio::test]
async fn every_statement_is_one_for_both_engines() {
    let world = World::on_postgres(92, suki_network::Config::default()).await;
    let mut all = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
    for sql in all {
        let count = (1..20).filter(|number| sql.contains(&format!("?{number}"))).count();
        let explained = format!("EXPLAIN {sql}");
        let plan = world.db.write(move |tx| tx.query(&explained, &vec![Value::Null; count], |_| Ok(())));
        let plan: Result<Vec<()>, StoreError> = plan.await;
        plan.unwrap_or_else(|error| panic!("{error}: {sql}"));
    }
}
