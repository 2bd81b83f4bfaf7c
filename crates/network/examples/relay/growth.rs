//! What a message costs as conversations become many: the same real requests on a store that holds a thousand conversations, and then more and more.
//!
//! One customer and his conversation are made as everybody's are. Every row that names him or his conversation, in whatever table, is then copied under new
//! ids, so that the store holds what as many customers would have left behind. Each message is of another customer, chosen over all of them: he logs in (all
//! copies have the same key), writes and leaves, and his shop acknowledges. What a log-in costs alone is measured, too, and taken off.
use super::{
    devices::{Device, cpu_seconds, customer, mls, shop},
    place::Place,
};
use parking_lot::Mutex;
use prost::Message as _;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};
use suki_network::Network;
use suki_protocol::{
    http::Registered,
    pb::{self, EntryKind, client_frame::Body as Ask, server_frame::Body as Told},
};
use suki_store::{Db, StoreError, Tx};
use suki_types::{AccountId, ConversationId, DeviceId, Env, MessageId};

/// How many conversations there are at each step.
pub const SIZES: [u64; 5] = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];
/// How many messages are measured at each step.
const MESSAGES: u64 = 20_000;
/// How many customers write at once.
const WRITERS: u64 = 64;
/// Prime and far above the largest size: `n * STRIDE % RING` is another number for each `n`, and they lie in no order.
const RING: u64 = 999_999_999_989;
const STRIDE: u64 = 7_368_787;

/// What stands for what in the ids of copies.
const ACCOUNT: char = 'a';
const DEVICE: char = 'd';
const CONVERSATION: char = 'c';

/// The one whose rows are copied.
struct Exemplar {
    shop: Device,
    key: Device,
    account: AccountId,
    device: DeviceId,
    conversation: ConversationId,
}

/// The 16 bytes that stand for the `n`th copy's id.
fn id(sort: char, n: u64) -> [u8; 16] {
    let text = format!("{sort}{:015}", u128::from(n) * u128::from(STRIDE) % u128::from(RING));
    text.as_bytes().try_into().unwrap()
}

/// The same as an expression of the store's SQL over the number `i`.
fn id_in_sql(sort: char, postgres: bool) -> String {
    match postgres {
        true => format!("convert_to('{sort}' || lpad(((i * {STRIDE}) % {RING})::text, 15, '0'), 'UTF8')"),
        false => format!("CAST('{sort}' || printf('%015d', (i * {STRIDE}) % {RING}) AS BLOB)"),
    }
}

/// Measures at each size and prints a line for it.
pub async fn run(sizes: &[u64]) {
    let env = Env::for_tests(1);
    let place = Place::new();
    let (db, network) = place.open(&env).await;
    let postgres = db.is_shared();
    let mut shop = shop(&network, &env, 0).await;
    let (device, conversation) = customer(&network, &env, &mut shop, 0).await;
    let (account, own) = (device.registered.account, device.registered.device);
    let exemplar = Arc::new(Exemplar { shop, key: device, account, device: own, conversation });
    let copies = statements(&db, &exemplar, postgres).await;
    println!("{}: {} rows of {} tables for each conversation", place.name(), copies.len(), tables(&copies));
    println!("conversations   messages/s   p50 ms   p99 ms   CPU µs a message   of that the log-in   bytes a conversation");
    let mut made = 0;
    let empty = db.size_on_disk().await.unwrap();
    for &size in sizes {
        copy(&db, &copies, made, size, postgres).await;
        made = size;
        let log_ins = measure(&network, &exemplar, &env, size, false).await;
        let all = measure(&network, &exemplar, &env, size, true).await;
        let bytes = (db.size_on_disk().await.unwrap() - empty) / size;
        println!("{size:>13} {:>12.0} {:>8.2} {:>8.2} {:>18.0} {:>20.0} {bytes:>22}", all.rate, all.p50, all.p99, all.cpu_micros, log_ins.cpu_micros);
    }
}

/// How many tables the statements write to.
fn tables(copies: &[String]) -> usize {
    let names: std::collections::HashSet<&str> = copies.iter().filter_map(|sql| sql.split(' ').nth(2)).collect();
    names.len()
}

/// A statement for each row that names the exemplar, which makes copies of it for the numbers from ?1 up to before ?2.
async fn statements(db: &Db, exemplar: &Arc<Exemplar>, postgres: bool) -> Vec<String> {
    let exemplar = exemplar.clone();
    let read = move |tx: &mut Tx<'_>| -> Result<Vec<String>, StoreError> {
        let mut all = Vec::new();
        for table in tables_of(tx, postgres)? {
            let columns = columns_of(tx, &table, postgres)?;
            all.extend(of_table(tx, &table, &columns, &exemplar, postgres)?);
        }
        Ok(all)
    };
    db.read(read).await.unwrap()
}

fn tables_of(tx: &mut Tx<'_>, postgres: bool) -> Result<Vec<String>, StoreError> {
    let sql = match postgres {
        true => {
            "SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
        }
        false => "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    };
    tx.query(sql, &[], |row| row.get(0))
}

/// Names, and whether each holds bytes.
fn columns_of(tx: &mut Tx<'_>, table: &str, postgres: bool) -> Result<Vec<(String, bool)>, StoreError> {
    let sql = match postgres {
        true => {
            "SELECT a.attname::text, format_type(a.atttypid, NULL) FROM pg_attribute a
             WHERE a.attrelid = (?1::text)::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
        }
        false => "SELECT name, lower(type) FROM pragma_table_info(?1)",
    };
    let columns = tx.query(sql, &[table.into()], |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?)))?;
    // SQLite numbers the log's rows by itself.
    Ok(columns.into_iter().filter(|(name, _)| name != "id").map(|(name, kind)| (name, kind == "bytea" || kind == "blob")).collect())
}

/// Rows of a table that name the exemplar, by the bytes in them.
fn of_table(tx: &mut Tx<'_>, table: &str, columns: &[(String, bool)], exemplar: &Exemplar, postgres: bool) -> Result<Vec<String>, StoreError> {
    let bytes: Vec<&str> = columns.iter().filter(|(_, is_bytes)| *is_bytes).map(|(name, _)| name.as_str()).collect();
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let ids = [(ACCOUNT, *exemplar.account.as_bytes()), (DEVICE, *exemplar.device.as_bytes()), (CONVERSATION, *exemplar.conversation.as_bytes())];
    let sort_of = |value: &Option<Vec<u8>>| ids.iter().find(|(_, id)| value.as_deref() == Some(&id[..])).map(|(sort, _)| *sort);
    let mut rows = tx.query(&format!("SELECT {} FROM {table}", bytes.join(", ")), &[], |row| {
        (0..bytes.len()).map(|place| row.get::<Option<Vec<u8>>>(place)).collect::<Result<Vec<_>, _>>()
    })?;
    rows.sort();
    rows.dedup();
    rows.retain(|row| row.iter().any(|value| sort_of(value).is_some()));
    Ok(rows.iter().map(|row| statement(table, columns, row, sort_of, postgres)).collect())
}

/// The statement that copies the rows with these bytes. What has no id of the exemplar in its key is there already: a shop's own rows.
fn statement(
    table: &str,
    columns: &[(String, bool)],
    row: &[Option<Vec<u8>>],
    sort_of: impl Fn(&Option<Vec<u8>>) -> Option<char>,
    postgres: bool,
) -> String {
    let numbers = match postgres {
        true => "SELECT i FROM generate_series(?1::bigint, ?2::bigint - 1) AS g (i)",
        false => "WITH RECURSIVE g (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM g WHERE i + 1 < ?2) SELECT i FROM g",
    };
    // In the order of the ids, so that each page of an index is written once; without a limit, a subquery's order need not be kept.
    let series = format!("{numbers} ORDER BY (i * {STRIDE}) % {RING} LIMIT {RING}");
    let (mut values, mut matches, mut bytes) = (Vec::new(), Vec::new(), row.iter());
    for (name, is_bytes) in columns {
        let value = if *is_bytes { bytes.next() } else { None };
        values.push(value.and_then(&sort_of).map_or_else(|| format!("t.{name}"), |sort| id_in_sql(sort, postgres)));
        matches.extend(value.map(|value| matching(name, value.as_deref(), postgres)));
    }
    let names = columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    let (values, matches) = (values.join(", "), matches.join(" AND "));
    format!("INSERT INTO {table} ({names}) SELECT {values} FROM {table} t, ({series}) s WHERE {matches} ON CONFLICT DO NOTHING")
}

/// The condition that a column holds this.
fn matching(name: &str, value: Option<&[u8]>, postgres: bool) -> String {
    let Some(value) = value else { return format!("t.{name} IS NULL") };
    let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
    if postgres { format!("t.{name} = decode('{hex}', 'hex')") } else { format!("t.{name} = X'{hex}'") }
}

/// Makes the copies from one number up to before another.
async fn copy(db: &Db, statements: &[String], from: u64, until: u64, postgres: bool) {
    for sql in statements {
        let sql = sql.clone();
        db.write(move |tx| tx.execute(&sql, &[from.into(), until.into()])).await.unwrap();
    }
    if postgres {
        // What the server does by itself after a while.
        db.write(|tx| tx.execute("ANALYZE", &[])).await.unwrap();
    }
}

/// What was measured.
struct Measured {
    rate: f64,
    p50: f64,
    p99: f64,
    cpu_micros: f64,
}

/// Customers chosen over all of them log in, and write if they are to.
async fn measure(network: &Network, exemplar: &Arc<Exemplar>, env: &Env, size: u64, write: bool) -> Measured {
    let (done, latencies) = (Arc::new(AtomicU64::new(0)), Arc::new(Mutex::new(Vec::new())));
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let reading = tokio::spawn(acknowledge(network.clone(), exemplar.clone(), if write { MESSAGES } else { 0 }));
    let mut tasks = Vec::new();
    for _ in 0..WRITERS {
        let (network, exemplar, env, done, latencies) = (network.clone(), exemplar.clone(), env.clone(), done.clone(), latencies.clone());
        tasks.push(tokio::spawn(async move {
            loop {
                let n = done.fetch_add(1, Ordering::Relaxed);
                if n >= MESSAGES {
                    return;
                }
                // Another one each time, in no order.
                let took = one(&network, &exemplar, &env, n * 7_919 % size, write).await;
                latencies.lock().push(took);
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    reading.await.unwrap();
    let (took, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    let mut latencies = std::mem::take(&mut *latencies.lock());
    latencies.sort_by(f64::total_cmp);
    let at = |share: f64| latencies[(latencies.len() as f64 * share) as usize];
    Measured { rate: MESSAGES as f64 / took, p50: at(0.5), p99: at(0.99), cpu_micros: cpu / MESSAGES as f64 * 1_000_000.0 }
}

/// One customer's message; how long it took until it was accepted, in milliseconds.
async fn one(network: &Network, exemplar: &Exemplar, env: &Env, n: u64, write: bool) -> f64 {
    let known = &exemplar.key.registered;
    let registered = Registered { account: AccountId::from_bytes(id(ACCOUNT, n)), device: DeviceId::from_bytes(id(DEVICE, n)), ..known.clone() };
    let mut device = Device::log_in(network, exemplar.key.key.clone(), registered).await;
    let began = Instant::now();
    if write {
        let header = pb::Header { message_id: MessageId::new(env).to_vec(), kind: 1, commitment: vec![0; 32], ..Default::default() };
        let mls_message = mls(ConversationId::from_bytes(id(CONVERSATION, n)), 1, 1, &header.encode_to_vec());
        let told = device.ask(Ask::Submit(pb::Submit { mls_message })).await;
        assert!(matches!(told, Told::Accepted(_)), "{told:?}");
    }
    began.elapsed().as_secs_f64() * 1_000.0
}

/// The shop takes in and acknowledges what all of them write.
async fn acknowledge(network: Network, exemplar: Arc<Exemplar>, mut left: u64) {
    if left == 0 {
        return;
    }
    let mut shop = Device::log_in(&network, exemplar.shop.key.clone(), exemplar.shop.registered.clone()).await;
    while left > 0 {
        let Some(Told::Entries(entries)) = shop.session.next().await.unwrap().body else { continue };
        left -= entries.entries.iter().filter(|entry| entry.kind() == EntryKind::Message).count() as u64;
        shop.send(Ask::Ack(pb::Ack { seq: entries.entries.last().unwrap().seq }));
    }
}
