//! How many appends and acknowledgements a second the store makes durable, beside a loop of bare `fdatasync` on the same disk in the same run.
//!
//! ```sh
//! cargo run --release -p suki-store --features testing --example append_bench -- DIR [group=512] [checkpoint=2000] [seconds=3] [postgres=0] [writers=3] \
//!     [nodes=1] [sqlite=1]
//! ```
//! A message is 400 bytes to one of 10,000 devices, in units whose key is one of 1,000 businesses. Read ratios, not rates: the machine beside it matters as much as the store.
//! PostgreSQL 15 on the two cores of the reference machine, under `chrt -r 1` beside a busy neighbour: 74,000 appends a second with 1,024 waiting and 2 writers (67,000
//! with 3, 65,000 with 4 or with two nodes of 2), 31,000 with 64 (21,000 with 3), 34,000 acknowledgements that read the watermark, 626 bytes kept a message.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark measures the world's time and prints what it found")]
use std::{
    cell::Cell,
    collections::HashMap,
    error::Error,
    fs::OpenOptions,
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    rc::Rc,
    time::{Duration, Instant},
};
use suki_store::{Db, PostgresOptions, SqliteOptions, StoreError, log};
use suki_types::{ConversationId, DeviceId, Timestamp};
use tokio::task::JoinSet;

type Outcome<T> = Result<T, Box<dyn Error>>;

const DEVICES: u64 = 10_000;
const BUSINESSES: u64 = 1000;

/// What was measured: how often, in which time, and how long each took.
struct Measured {
    seconds: f64,
    cpu: f64,
    micros: Vec<u64>,
}

impl Measured {
    fn print(mut self, name: &str) {
        self.micros.sort_unstable();
        let count = self.micros.len();
        let at = |part: f64| self.micros.get((count as f64 * part) as usize).copied().unwrap_or_default() as f64 / 1000.0;
        println!(
            "{name:<34} {:>9.0}/s   p50 {:>7.2} ms   p99 {:>7.2} ms   max {:>7.1} ms   CPU {:>5.1} µs each",
            count as f64 / self.seconds,
            at(0.5),
            at(0.99),
            at(1.0 - f64::EPSILON),
            self.cpu / count.max(1) as f64 * 1e6,
        );
    }
}

/// The processor's time this process has taken, its children not counted.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
    (ticks(11) + ticks(12)) / 100.0
}

fn raw_sync(folder: &Path, time: Duration) -> std::io::Result<Measured> {
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(folder.join("raw"))?;
    file.write_all(&[0; 4096])?;
    let (start, cpu, mut micros) = (Instant::now(), cpu_seconds(), Vec::new());
    while start.elapsed() < time {
        let one = Instant::now();
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&[1; 4096])?;
        file.sync_data()?;
        micros.push(u64::try_from(one.elapsed().as_micros()).unwrap_or(u64::MAX));
    }
    Ok(Measured { seconds: start.elapsed().as_secs_f64(), cpu: cpu_seconds() - cpu, micros })
}

fn device(number: u64) -> DeviceId {
    let mut bytes = [7; 16];
    // Scattered, as random ids are.
    bytes[..8].copy_from_slice(&(number % DEVICES).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
    DeviceId::from_bytes(bytes)
}

#[derive(Clone, Copy)]
enum Work {
    Append,
    Acknowledge,
}

async fn one(db: &Db, work: Work, number: u64) -> Result<(), StoreError> {
    let device = device(number);
    let mut key = [9; 16];
    // A customer's entries are of one business, as most are.
    key[8..].copy_from_slice(&(number % DEVICES % BUSINESSES).to_be_bytes());
    db.keyed(key)
        .write(move |tx| match work {
            Work::Append => {
                let (at, conversation) = (Timestamp::from_millis(1_767_225_600_000), ConversationId::from_bytes([3; 16]));
                let entry = log::NewEntry { device, at, kind: 1, conversation, message_id: &[5; 16], from_device: Some(device), payload: &[9; 400] };
                log::append(tx, &[entry]).map(drop)
            }
            Work::Acknowledge => {
                let acked = log::mailbox(tx, device)?.map_or(0, |mailbox| mailbox.acked);
                match log::acknowledge(tx, device, acked + 1) {
                    Ok(_) | Err(StoreError::OutOfRange) => Ok(()),
                    Err(error) => Err(error),
                }
            }
        })
        .await
}

/// So many callers, each of them waiting for its answer before it asks again, until the time is over or `most` is reached.
async fn load(nodes: &[Db], work: Work, callers: u64, time: Duration, most: usize) -> Outcome<Measured> {
    let (start, cpu, mut running) = (Instant::now(), cpu_seconds(), JoinSet::new());
    let asked = Rc::new(Cell::new(0));
    for caller in 0..callers {
        let (db, asked) = (nodes[(caller % nodes.len() as u64) as usize].clone(), asked.clone());
        running.spawn_local(async move {
            let (mut micros, mut number) = (Vec::new(), caller.wrapping_mul(2_654_435_761));
            while start.elapsed() < time && asked.get() < most {
                let begun = Instant::now();
                asked.set(asked.get() + 1);
                one(&db, work, number).await?;
                micros.push(u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX));
                number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407) >> 7;
            }
            Ok::<_, StoreError>(micros)
        });
    }
    let mut micros = Vec::new();
    while let Some(caller) = running.join_next().await {
        micros.extend(caller??);
    }
    Ok(Measured { seconds: start.elapsed().as_secs_f64(), cpu: cpu_seconds() - cpu, micros })
}

async fn store(nodes: &[Db], name: &str, time: Duration) -> Outcome<()> {
    let db = &nodes[0];
    let before = db.size_on_disk().await?;
    let mut appended = 0;
    for callers in [1, 64, 1024] {
        let measured = load(nodes, Work::Append, callers, time, usize::MAX).await?;
        appended += measured.micros.len();
        measured.print(&format!("{name}, append, {callers} waiting"));
    }
    println!("{name}: {} bytes kept a message", (db.size_on_disk().await?.saturating_sub(before)) / appended.max(1) as u64);
    // Half of what there is, so that few devices run out of it: what is acknowledged already costs next to nothing.
    load(nodes, Work::Acknowledge, 1024, time, appended / 2).await?.print(&format!("{name}, acknowledge, 1024 waiting"));
    let start = Instant::now();
    let mut purged = 0;
    loop {
        let removed = db.write(|tx| log::purge_acknowledged(tx, 2000)).await?;
        purged += removed;
        if removed < 2000 {
            break;
        }
    }
    println!("{name}: {purged} purged, {:.0}/s", purged as f64 / start.elapsed().as_secs_f64());
    Ok(())
}

#[tokio::main(flavor = "local")]
async fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("the first argument is a folder on the disk to be measured")?);
    let settings: HashMap<String, String> = arguments.filter_map(|setting| setting.split_once('=').map(|(k, v)| (k.into(), v.into()))).collect();
    let setting = |name: &str, default: u32| settings.get(name).map_or(Ok(default), |value| value.parse());
    let time = Duration::from_secs(setting("seconds", 3)?.into());
    let group = setting("group", 512)? as usize;
    let folder = tempfile::tempdir_in(folder)?;
    raw_sync(folder.path(), time)?.print("4 KiB overwritten and fdatasync");
    if setting("sqlite", 1)? == 1 {
        let options = SqliteOptions { group, checkpoint_pages: setting("checkpoint", 2000)?, ..SqliteOptions::default() };
        let db = Db::open_sqlite(&folder.path().join("bench.sqlite"), options)?;
        db.migrate(&log::migrations())?;
        store(&[db], "SQLite", time).await?;
    }
    if setting("postgres", 0)? == 1 {
        let schema = suki_store::testing::postgres_options().schema;
        let options = PostgresOptions { group, schema, writers: setting("writers", 3)? as usize, ..PostgresOptions::default() };
        let open = |_| Db::open_postgres(suki_store::testing::postgres_url(), options.clone());
        let nodes = (0..setting("nodes", 1)?.max(1)).map(open).collect::<Result<Vec<_>, _>>()?;
        nodes[0].migrate(&log::migrations())?;
        store(&nodes, "PostgreSQL", time).await?;
    }
    raw_sync(folder.path(), time)?.print("4 KiB overwritten and fdatasync");
    Ok(())
}
