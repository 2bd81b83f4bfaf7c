//! The schema could be spread over many database servers (issue 5: "schema with distribution keys first, checked by a test that every table, unique index and
//! join of the hot path carries the key"): every table and unique index leads with what its rows are spread by, and every join names that of what it joins.
use std::{collections::BTreeMap, path::Path, sync::Arc};
use suki_network::{Config, Network};
use suki_store::{Db, StoreError, testing};
use suki_types::Env;

/// What rows are spread by: whose they are.
const KEYS: [&str; 6] = ["business", "account", "conversation", "device", "owner", "node"];

/// Small tables, or such that are found by their value alone: a directory has no owner to lead with. The list may only shrink.
const NETWORK_DIRECTORIES: &[(&str, &str)] = &[
    ("announcement", "id"),
    ("audit", "chain"),
    ("audit_head", "chain"),
    ("blob", "blob"),
    ("bus_away", "place"),
    ("confirmed_name", "skeleton"),
    ("console_operator", "operator"),
    ("console_session", "hash"),
    ("console_sign_in", "hash"),
    ("counter", "name"),
    ("enrolment", "code"),
    ("group_link", "link"),
    ("key_check", "subject"),
    ("link_code", "code"),
    ("log_purge", "one"),
    ("phone", "phone"),
    ("phone_code", "phone"),
    ("rate_card", "currency"),
    ("review_case", "case_id"),
    ("search_key", "word"),
    ("setting", "name"),
    ("slug", "slug"),
    ("suki_key", "key"),
    ("suki_migration", "version"),
    ("terms", "version"),
    ("tls_kept", "name"),
    ("username", "username"),
];
const ENDPOINT_DIRECTORIES: &[(&str, &str)] = &[
    ("business", "id"),
    ("graph_id", "id"),
    ("key_check", "subject"),
    ("qr_code", "code"),
    ("session", "hash"),
    ("sign_in", "hash"),
    ("suki_key", "key"),
    ("suki_migration", "version"),
    ("tls_kept", "name"),
    ("token", "hash"),
];
/// Unique indexes that lead otherwise. The list may only shrink.
const INDEXES: &[&str] = &["operator_email"];

/// A table and one of its unique indexes.
type Index = (String, String);
/// Unique indexes, and the first column of each one's key.
type Leads = BTreeMap<Index, String>;

async fn leads(db: &Db) -> Leads {
    let sql = "SELECT t.relname::text, i.relname::text, a.attname::text FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid \
               JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = t.relnamespace \
               JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0] \
               WHERE n.nspname = current_schema() AND x.indisunique";
    let rows = db.read(move |tx| tx.query(sql, &[], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?))));
    let leads: Result<Vec<(Index, String)>, StoreError> = rows.await;
    leads.expect("the catalogue is read").into_iter().collect()
}

async fn tables(db: &Db) -> Vec<String> {
    let sql = "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
               WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT c.relispartition";
    let tables: Result<Vec<String>, StoreError> = db.read(move |tx| tx.query(sql, &[], |row| row.get(0))).await;
    tables.expect("the catalogue is read")
}

async fn network() -> Db {
    let db = tokio::task::spawn_blocking(testing::postgres).await.expect("a store");
    let policy = suki_rules::Policy::shipped("meta-2026").expect("it is shipped");
    Network::open(db.clone(), [7; 32], Arc::new(policy), Env::for_tests(7), Config::default()).await.expect("the network opens");
    db
}

async fn endpoint() -> Db {
    let migrated = || {
        let db = testing::postgres();
        db.migrate(suki_endpoint::MIGRATIONS).expect("they apply");
        db
    };
    tokio::task::spawn_blocking(migrated).await.expect("a store")
}

#[tokio::test]
async fn every_table_and_unique_index_leads_with_what_it_is_spread_by() {
    for (db, directories) in [(network().await, NETWORK_DIRECTORIES), (endpoint().await, ENDPOINT_DIRECTORIES)] {
        let leads = leads(&db).await;
        let mut problems = Vec::new();
        for table in tables(&db).await {
            if !leads.keys().any(|(of, _)| *of == table) {
                problems.push(format!("{table} has no key"));
            }
        }
        let mut needed = Vec::new();
        for ((table, index), first) in &leads {
            let directory = directories.iter().find(|(name, key)| name == table && key == first);
            needed.extend(directory);
            if !KEYS.contains(&first.as_str()) && directory.is_none() && !INDEXES.contains(&index.as_str()) {
                problems.push(format!("{index} of {table} leads with {first}"));
            }
        }
        problems.extend(directories.iter().filter(|known| !needed.contains(known)).map(|(name, _)| format!("{name} is listed and need not be")));
        assert!(problems.is_empty(), "{problems:#?}");
    }
}

/// The texts of all statements under a folder: what stands between quotes, with line ends and their backslashes made spaces.
fn texts(folder: &Path, into: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            texts(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = std::fs::read_to_string(&path).expect("a source is text");
            let one_line = source.replace("\\\n", " ").replace('\n', " ");
            into.extend(one_line.split('"').filter(|text| text.contains(" JOIN ")).map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
    }
}

/// The joins of a statement: the table, the name it goes by, and the rest of the statement, where its key has to be named.
fn joins(text: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    text.match_indices(" JOIN ").filter_map(|(at, join)| {
        let rest = &text[at + join.len()..];
        let mut words = rest.split(' ');
        let (table, name) = (words.next()?, words.next()?);
        let name = if name == "ON" { table } else { name };
        Some((table, name, rest))
    })
}

/// `name.first` is compared for being equal with something.
fn is_fixed(rest: &str, name: &str, first: &str) -> bool {
    let column = format!("{name}.{first}");
    rest.match_indices(&column).any(|(at, _)| {
        let (before, after) = (rest[..at].trim_end(), rest[at + column.len()..].trim_start());
        after.starts_with('=') || after.starts_with("IN (") || before.ends_with('=')
    })
}

#[tokio::test]
async fn every_join_names_the_key_of_what_it_joins() {
    for (plane, db) in [("network", network().await), ("endpoint", endpoint().await)] {
        let leads = leads(&db).await;
        let mut statements = Vec::new();
        texts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(plane).join("src"), &mut statements);
        let (mut looked_at, mut problems) = (0, Vec::new());
        for statement in &statements {
            for (table, name, rest) in joins(statement) {
                let firsts: Vec<&str> = leads.iter().filter(|((of, _), _)| of == table).map(|(_, first)| first.as_str()).collect();
                looked_at += usize::from(!firsts.is_empty());
                if !firsts.is_empty() && !firsts.iter().any(|first| is_fixed(rest, name, first)) {
                    problems.push(format!("{table} is joined without {firsts:?}: {statement}"));
                }
            }
        }
        assert!(problems.is_empty(), "{problems:#?}");
        assert!(looked_at >= 10, "{plane}: {looked_at} joins were found");
    }
}
