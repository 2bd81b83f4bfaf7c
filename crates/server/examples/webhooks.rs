//! Measures what receivers that hang do to one that answers: `webhooks HUNG PER_SECOND SECONDS`. In one process: the endpoint's dispatcher over SQLite, real
//! connections over the loopback, receivers that accept and never answer, and one that answers 200 at once.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    missing_docs,
    reason = "it measures with the machine's own clock, and it is no part of the product"
)]
use std::{
    error::Error,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use suki_cloud_api::ObjectId;
use suki_endpoint::{MIGRATIONS, dispatch::Dispatcher, vault::Vault, webhooks::Queued};
use suki_server::{open_files, outgoing::Outgoing, world};
use suki_store::{Db, SqliteOptions, StoreError};
use suki_types::{AccountId, ConversationId, Timestamp};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::{sleep, sleep_until},
};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const BUSINESS: AccountId = AccountId::from_bytes([1; 16]);
/// The receiver that answers; the others have the numbers before it.
const HEALTHY: u64 = 1_000_000;
/// How many conversations each receiver is told of.
const CHATS: u8 = 50;

struct Scene {
    db: Db,
    dispatcher: Dispatcher,
    vault: Vault,
    seq: i64,
    start: Instant,
    delays: Arc<Mutex<Vec<Duration>>>,
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let numbers: Vec<u64> = std::env::args().skip(1).map(|text| text.parse()).collect::<Result<_, _>>()?;
    let [hung, per_second, seconds] = numbers[..] else { return Err("usage: webhooks HUNG PER_SECOND SECONDS".into()) };
    let folder = std::env::temp_dir().join(format!("suki-webhooks-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let done = measure(&folder, hung, per_second, seconds).await;
    std::fs::remove_dir_all(&folder)?;
    done
}

async fn measure(folder: &std::path::Path, hung: u64, per_second: u64, seconds: u64) -> Outcome<()> {
    let db = Db::open_sqlite(&folder.join("endpoint.db"), SqliteOptions::default())?;
    let migrating = db.clone();
    tokio::task::spawn_blocking(move || migrating.migrate(MIGRATIONS)).await??;
    let env = world::env();
    let vault = Vault::new([1; 32], env.clone());
    let http = Arc::new(Outgoing::new(true)?.of_open_files(open_files::raise()));
    let dispatcher = Dispatcher::new(db.clone(), vault.clone(), env, http);
    dispatcher.begin(BUSINESS, db.clone()).await?;
    let start = Instant::now();
    let mut scene = Scene { db, dispatcher, vault, seq: 0, start, delays: Arc::default() };
    let healthy = listen(Some((start, scene.delays.clone()))).await?;
    scene.receivers(HEALTHY..HEALTHY + 1, &healthy).await?;
    scene.round("nobody hangs", per_second, seconds, 0..0).await?;
    let deaf = listen(None).await?;
    scene.receivers(1..hung + 1, &deaf).await?;
    scene.round(&format!("{hung} begin to hang"), per_second, seconds, 1..hung + 1).await?;
    sleep(Duration::from_secs(15)).await;
    scene.round(&format!("{hung} have hung for a while"), per_second, seconds, 1..hung + 1).await?;
    println!("resident memory {} kB, open files {}", resident()?, std::fs::read_dir("/proc/self/fd")?.count());
    Ok(())
}

impl Scene {
    async fn receivers(&self, numbers: std::ops::Range<u64>, url: &str) -> Outcome<()> {
        let sql = "INSERT INTO webhook_endpoint (business, id, name, url, verify_token, secret_sealed, filter, enabled, created_at)
             VALUES (?1, ?2, '', ?3, '', ?4, '{}', 1, 0)";
        let (url, vault) = (url.to_owned(), self.vault.clone());
        let made = self.db.write(move |tx| {
            for number in numbers.clone() {
                let id = ObjectId::from_number(number).map_err(|_| StoreError::Corrupt("graph id"))?;
                let sealed = vault.seal_webhook_secret(id, "a secret of the owner's");
                tx.execute(sql, &[(&BUSINESS).into(), number.into(), url.as_str().into(), (&sealed).into()])?;
            }
            Ok::<_, StoreError>(())
        });
        Ok(made.await?)
    }

    /// Tells the healthy one so many times a second, and each of the others once a second.
    async fn round(&mut self, name: &str, per_second: u64, seconds: u64, hung: std::ops::Range<u64>) -> Outcome<()> {
        self.delays.lock().unwrap().clear();
        let first = tokio::time::Instant::now();
        let count = per_second * seconds;
        for number in 0..count {
            sleep_until(first + Duration::from_secs(1) * u32::try_from(number)? / u32::try_from(per_second)?).await;
            let mut hooks = vec![HEALTHY];
            if number % per_second == 0 {
                hooks.extend(hung.clone());
            }
            self.store(hooks, u8::try_from(number % u64::from(CHATS))?).await?;
        }
        while (self.delays.lock().unwrap().len() as u64) < count {
            sleep(Duration::from_millis(5)).await;
        }
        let mut delays = self.delays.lock().unwrap().clone();
        delays.sort_unstable();
        let at = |share: usize| delays[(delays.len() * share / 100).min(delays.len() - 1)].as_secs_f64() * 1000.0;
        println!("{name}: {per_second} a second to the one that answers, p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms", at(50), at(99), at(100));
        Ok(())
    }

    async fn store(&mut self, hooks: Vec<u64>, chat: u8) -> Outcome<()> {
        let sql = "INSERT INTO delivery (business, seq, hook, chat, body, created_at, attempts, next_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?6)";
        let (from, micros) = (self.seq, self.start.elapsed().as_micros());
        self.seq += i64::try_from(hooks.len())?;
        let body = format!(r#"{{"at":{micros:020},"filling":"{}"}}"#, "Your cake is ready. ".repeat(30)).into_bytes();
        let (told, now) = (hooks.clone(), Timestamp::from_millis(world::env().now().millis()));
        let stored = self.db.write(move |tx| {
            for (seq, hook) in (from + 1..).zip(&told) {
                let id = ConversationId::from_bytes([chat; 16]);
                tx.execute(sql, &[(&BUSINESS).into(), seq.into(), (*hook).into(), (&id).into(), (&body).into(), now.into()])?;
            }
            Ok::<_, StoreError>(())
        });
        stored.await?;
        let queued = |hook| ObjectId::from_number(hook).map(|hook| Queued { business: BUSINESS, hook });
        self.dispatcher.notify(hooks.into_iter().map(queued).collect::<Result<_, _>>()?);
        Ok(())
    }
}

/// Accepts connections: answers 200 and notes how long each delivery was under way, or never answers.
async fn listen(answers: Option<(Instant, Arc<Mutex<Vec<Duration>>>)>) -> Outcome<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/", listener.local_addr()?);
    tokio::spawn(async move {
        let mut silent = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            match answers.clone() {
                Some((start, delays)) => drop(tokio::spawn(answer(stream, start, delays))),
                None => silent.push(stream),
            }
        }
    });
    Ok(url)
}

async fn answer(mut stream: TcpStream, start: Instant, delays: Arc<Mutex<Vec<Duration>>>) -> std::io::Result<()> {
    let mut read = Vec::new();
    loop {
        if stream.read_buf(&mut read).await? == 0 {
            return Ok(());
        }
        // A delivery is whole when its last brace is there: the bodies are made here.
        let Some(at) = read.windows(6).position(|window| window == b"{\"at\":").filter(|_| read.ends_with(b"}")) else { continue };
        let micros: u64 = String::from_utf8_lossy(&read[at + 6..at + 26]).parse().unwrap();
        delays.lock().unwrap().push(start.elapsed().saturating_sub(Duration::from_micros(micros)));
        read.clear();
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await?;
    }
}

/// In kB.
fn resident() -> Outcome<String> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("the system does not say")?;
    Ok(line.trim().trim_end_matches(" kB").to_owned())
}
