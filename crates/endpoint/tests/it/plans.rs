//! No query goes through a whole table, and every statement is one for both engines.
use std::path::Path;
use suki_endpoint::MIGRATIONS;
use suki_store::{Db, StoreError, Value, testing};

/// What may go through a whole table: the businesses at the start, each of which is one shop that this server runs.
const MAY_SCAN: [&str; 1] = ["FROM business"];

/// The string literals of a source file that begin with one of these words, as they are after the compiler has joined their lines.
fn literals(source: &str, starts: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (start, _) in source.match_indices('"') {
        let rest = &source[start + 1..];
        if starts.iter().any(|word| rest.starts_with(word)) {
            let literal = &rest[..rest.find('"').expect("a literal ends")];
            found.push(literal.split("\\\n").map(str::trim_start).collect());
        }
    }
    found
}

/// Every whole statement of a source file: `{COLUMNS}` stands for the file's constant of that name, `{body}` for a column.
fn statements(source: &str) -> Vec<String> {
    let columns = source.split_once("const COLUMNS: &str = ").map(|(_, rest)| literals(rest, &["SELECT "]).swap_remove(0));
    let whole = literals(source, &["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "{COLUMNS}"]).into_iter();
    let used = source.contains("{COLUMNS}");
    whole
        .filter(|sql| !used || Some(sql) != columns.as_ref())
        .map(|sql| sql.replace("{COLUMNS}", columns.as_deref().unwrap_or_default()).replace("{body}", "d.body"))
        .collect()
}

fn all() -> Vec<String> {
    let mut found = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.len() > 80, "only {} statements were found", found.len());
    assert!(!found.iter().any(|sql| sql.contains('{')), "a part of a statement is not known: {found:?}");
    found
}

fn collect(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.file_name().is_some_and(|name| name == "tests.rs") {
            // What a module's own tests ask, they may ask as they like.
        } else {
            assert!(path.extension().is_some_and(|kind| kind == "rs"), "{}", path.display());
            found.extend(statements(&std::fs::read_to_string(&path).expect("a source file")));
        }
    }
}

fn nulls(sql: &str) -> Vec<Value<'static>> {
    vec![Value::Null; (1..30).filter(|number| sql.contains(&format!("?{number}"))).count()]
}

async fn migrated(db: Db) -> Db {
    let migrating = db.clone();
    // Again, as at every start.
    for _ in 0..2 {
        let db = migrating.clone();
        tokio::task::spawn_blocking(move || db.migrate(MIGRATIONS)).await.expect("it ends").expect("the migrations apply");
    }
    db
}

#[tokio::test]
async fn no_query_scans_a_table() {
    let (_folder, db) = testing::sqlite();
    let db = migrated(db).await;
    let mut scanning = 0;
    for sql in all() {
        let checked = sql.clone();
        let plan: Result<(), StoreError> = db.read(move |tx| testing::plan_has_no_scan(tx, &sql, &nulls(&sql))).await;
        match plan {
            Err(_) if !checked.contains("WHERE") && MAY_SCAN.iter().any(|may| checked.ends_with(may)) => scanning += 1,
            other => other.unwrap_or_else(|error| panic!("{error}: {checked}")),
        }
    }
    assert_eq!(scanning, MAY_SCAN.len(), "every exception is one");
}

#[tokio::test]
async fn every_statement_is_one_for_both_engines() {
    // Starting a server blocks.
    let db = tokio::task::spawn_blocking(testing::postgres).await.expect("it starts");
    let db = migrated(db).await;
    for sql in all() {
        let explained = format!("EXPLAIN {sql}");
        let params = nulls(&sql).len();
        let plan: Result<Vec<()>, StoreError> = db.write(move |tx| tx.query(&explained, &vec![Value::Null; params], |_| Ok(()))).await;
        plan.unwrap_or_else(|error| panic!("{error}: {sql}"));
    }
}
