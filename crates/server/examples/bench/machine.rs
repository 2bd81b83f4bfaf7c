//! What the machine can do with the smallest programs: the product cannot be faster.
use crate::{Outcome, http, server};
use std::{
    fs::OpenOptions,
    io::{Seek as _, SeekFrom, Write as _},
    path::Path,
    time::{Duration, Instant},
};
use suki_store::{Db, SqliteOptions, StoreError, log};
use suki_types::{ConversationId, DeviceId, Timestamp};
use tokio::{process::Command, task::JoinSet};

/// How many writers wait for a commit at once, as many as devices are connected.
const WAITING: u64 = 1000;

/// One measurement of the limits.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Blocks of 4 KiB overwritten and synchronised, a second.
    pub sync: f64,
    /// Envelopes of 400 bytes appended in groups, committed with SQLite, a second; processor time of one in microseconds.
    pub append: (f64, f64),
    /// JSON requests echoed a second; processor time of one in microseconds.
    pub echo: (f64, f64),
}

pub async fn measure(folder: &Path, time: Duration) -> Outcome<Limits> {
    let path = folder.join("sync");
    let sync = tokio::task::spawn_blocking(move || sync(&path, time)).await??;
    let append = append(&folder.join("append"), time).await?;
    let limits = Limits { sync, append, echo: http::measure_echo(time).await? };
    println!("limits: {sync:.0} syncs/s, {:.0} appends/s ({:.0} µs), {:.0} echoes/s ({:.0} µs)", append.0, append.1, limits.echo.0, limits.echo.1);
    Ok(limits)
}

fn sync(path: &Path, time: Duration) -> std::io::Result<f64> {
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(path)?;
    let (start, mut count) = (Instant::now(), 0.0);
    while start.elapsed() < time {
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&[1; 4096])?;
        file.sync_data()?;
        count += 1.0;
    }
    Ok(count / start.elapsed().as_secs_f64())
}

/// The log's append alone, one writer, one commit for all that wait.
async fn append(folder: &Path, time: Duration) -> Outcome<(f64, f64)> {
    std::fs::create_dir_all(folder)?;
    let db = Db::open_sqlite(&folder.join("append.db"), SqliteOptions::default())?;
    db.migrate(&log::migrations())?;
    let (start, cpu, mut writers) = (Instant::now(), server::cpu(std::process::id()), JoinSet::new());
    for writer in 0..WAITING {
        let db = db.clone();
        writers.spawn(async move {
            let device = DeviceId::from_bytes(u128::from(writer).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835).to_be_bytes());
            let mut count = 0.0;
            while start.elapsed() < time {
                db.write(move |tx| append_one(tx, device)).await?;
                count += 1.0;
            }
            Ok::<f64, StoreError>(count)
        });
    }
    let mut count = 0.0;
    while let Some(writer) = writers.join_next().await {
        count += writer??;
    }
    let measured = (count / start.elapsed().as_secs_f64(), (server::cpu(std::process::id()) - cpu) / count * 1e6);
    drop(db);
    std::fs::remove_dir_all(folder)?;
    Ok(measured)
}

fn append_one(tx: &mut suki_store::Tx<'_>, device: DeviceId) -> Result<(), StoreError> {
    let (at, conversation) = (Timestamp::from_millis(1_767_225_600_000), ConversationId::from_bytes([3; 16]));
    let entry = log::NewEntry { device, at, kind: 1, conversation, message_id: &[5; 16], from_device: Some(device), payload: &[9; 400] };
    log::append(tx, &[entry]).map(drop)
}

/// The relay alone, as the network's own example measures it.
pub async fn relay(folder: &Path) -> Outcome<Vec<String>> {
    example(folder, "relay", &["1000", "50", "100000"]).await
}

/// Webhooks beside receivers that hang, as the server's own example measures them.
pub async fn webhooks(folder: &Path) -> Outcome<Vec<String>> {
    example(folder, "webhooks", &["1000", "200", "5"]).await
}

async fn example(folder: &Path, name: &str, arguments: &[&str]) -> Outcome<Vec<String>> {
    let program = std::env::current_exe()?.with_file_name(name);
    let running = Command::new(program).args(arguments).current_dir(folder).kill_on_drop(true).output();
    let output = tokio::time::timeout(Duration::from_secs(90), running).await??;
    if !output.status.success() {
        return Err(format!("the example {name} failed").into());
    }
    Ok(String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect())
}
