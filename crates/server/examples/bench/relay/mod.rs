//! The relay alone with many sockets: ciphertext in, durable, pushed, acknowledged, the receipt back. Beside it, in the same run, the smallest program that
//! does half as much ([`prototype`]): what it costs more is what accounts, rules, receipts and metering cost.
mod network;
mod prototype;

use crate::{
    Latencies, Outcome,
    devices::{PATIENCE, all},
    http::Connection,
    idle::{Identity, log_in_one},
    server::cpu,
};
use aws_lc_rs::signature::Ed25519KeyPair;
use futures_util::{SinkExt as _, StreamExt as _};
use prost::Message as _;
use std::{
    path::Path,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use suki_link::{WebSocketDial, Wire};
use suki_protocol::pb::{self, EntryKind, client_frame::Body as Ask, server_frame::Body as Told};
use suki_types::{ConversationId, MessageId};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    net::TcpStream,
    process::{Child, Command},
    sync::{Semaphore, watch},
    task::JoinSet,
    time::{Instant as Alarm, sleep_until, timeout},
};
use tokio_tungstenite::tungstenite::{Message, protocol::WebSocketConfig};

pub use network::serve as serve_network;
pub use prototype::serve as serve_prototype;

/// Sockets that are connected.
const SOCKETS: usize = 10_000;
/// Businesses they write to.
const SHOPS: usize = 50;
/// How many write at once when as much is written as goes.
const WRITERS: usize = 512;
/// Bytes of a message.
const BYTES: usize = 400;
/// Messages a second of the other run.
const PACE: f64 = 2_000.0;
const AT_ONCE: usize = 64;

/// The server's process and where it listens.
struct Running {
    child: Child,
    address: String,
}

impl Running {
    async fn start(arguments: &[&str], folder: &Path) -> Outcome<Self> {
        std::fs::create_dir_all(folder)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(arguments[0]).arg(folder).args(&arguments[1..]).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn()?;
        let mut address = String::new();
        timeout(4 * PATIENCE, BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut address)).await??;
        Ok(Self { child, address: address.trim().to_owned() })
    }

    fn cpu(&self) -> f64 {
        cpu(self.child.id().unwrap_or_default())
    }
}

/// What one run has measured.
struct Measured {
    rate: f64,
    latencies: Latencies,
    cpu_100k: f64,
}

/// How much is written, and until when.
#[derive(Clone, Copy)]
struct Plan {
    start: Instant,
    time: Duration,
    /// Between two messages of one writer, unless he waits for nothing but the answer.
    pause: Option<Duration>,
    writers: usize,
}

impl Plan {
    fn new(time: Duration, per_second: Option<f64>) -> Self {
        let writers = WRITERS;
        Self { start: Instant::now(), time, pause: per_second.map(|rate| Duration::from_secs_f64(writers as f64 / rate)), writers }
    }

    /// When a writer's next message is due; `None` when he is done.
    async fn next(&self, writer: usize, count: u32) -> Option<Instant> {
        let due = match self.pause {
            None => Instant::now(),
            Some(pause) => {
                let due = self.start + pause.mul_f64(writer as f64 / self.writers as f64) + pause * count;
                if due < self.start + self.time {
                    sleep_until(Alarm::from_std(due)).await;
                }
                due
            }
        };
        (due < self.start + self.time).then_some(due)
    }
}

/// Both, as lines of the report: as fast as they go, and at [`PACE`]. One after the other, since a process may open no more files than one of them takes.
pub async fn measure(folder: &Path, time: Duration) -> Outcome<Vec<String>> {
    let mut lines = vec!["                         messages/s   p50 ms   p99 ms   server CPU-s per 100,000".to_owned()];
    let prototype = Running::start(&["prototype-server"], &folder.join("prototype")).await?;
    let sockets = connect_to_prototype(&prototype.address).await?;
    let (sockets, fastest) = load_prototype(&prototype, sockets, Plan::new(time, None)).await?;
    line(&mut lines, "prototype", &fastest);
    let (sockets, paced) = load_prototype(&prototype, sockets, Plan::new(time, Some(PACE))).await?;
    line(&mut lines, "prototype at 2,000", &paced);
    drop((sockets, prototype));
    let network = Running::start(&["relay-server", &SOCKETS.to_string(), &SHOPS.to_string()], &folder.join("relay")).await?;
    let (shops, customers) = connect_to_network(&network.address, &folder.join("relay")).await?;
    let ((shops, customers), relayed) = load_network(&network, shops, customers, Plan::new(time, None)).await?;
    line(&mut lines, "relay", &relayed);
    let (_, paced) = load_network(&network, shops, customers, Plan::new(time, Some(PACE))).await?;
    line(&mut lines, "relay at 2,000", &paced);
    lines.push(format!("relay / prototype, as fast as they go: {:.2} (target 0.5)", relayed.rate / fastest.rate));
    Ok(lines)
}

fn line(lines: &mut Vec<String>, name: &str, measured: &Measured) {
    let Latencies { p50, p99 } = measured.latencies;
    let line = format!("{name:<24} {:>10.0} {p50:>8.2} {p99:>8.2} {:>26.1}", measured.rate, measured.cpu_100k);
    println!("{line}");
    lines.push(line);
}

type Socket = tokio_tungstenite::WebSocketStream<TcpStream>;

async fn connect_to_prototype(address: &str) -> Outcome<Vec<Socket>> {
    let (places, mut tasks) = (Arc::new(Semaphore::new(AT_ONCE)), JoinSet::new());
    for number in 0..SOCKETS {
        let (address, places) = (address.to_owned(), places.clone());
        tasks.spawn(async move {
            let _place = places.acquire_owned().await?;
            let mut config = WebSocketConfig::default();
            config.read_buffer_size = 1024;
            config.write_buffer_size = 1024;
            let stream = TcpStream::connect(&address).await?;
            stream.set_nodelay(true)?;
            let url = format!("ws://{address}/socket/{number}");
            Ok((number, tokio_tungstenite::client_async_with_config(url, stream, Some(config)).await?.0))
        });
    }
    let mut sockets = all(tasks).await?;
    sockets.sort_unstable_by_key(|(number, _)| *number);
    Ok(sockets.into_iter().map(|(_, socket)| socket).collect())
}

/// Waits for everything to arrive, and tells the receivers that it has.
async fn arrived(received: &AtomicUsize, sent: usize, ended: &watch::Sender<bool>) -> Outcome<()> {
    let all = async {
        while received.load(Ordering::Relaxed) < sent {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(PATIENCE, all).await.map_err(|_| format!("{} of {sent} messages arrived", received.load(Ordering::Relaxed)))?;
    ended.send_replace(true);
    Ok(())
}

async fn load_prototype(server: &Running, sockets: Vec<Socket>, plan: Plan) -> Outcome<(Vec<Socket>, Measured)> {
    let (ended, received, cpu) = (watch::channel(false).0, Arc::new(AtomicUsize::new(0)), server.cpu());
    let mut receivers = JoinSet::new();
    for (number, socket) in sockets.into_iter().enumerate() {
        receivers.spawn(receive_from_prototype(number, socket, plan.start, received.clone(), ended.subscribe()));
    }
    let mut writers = JoinSet::new();
    for writer in 0..plan.writers {
        let mut connection = Connection::open(&server.address).await?;
        writers.spawn(async move {
            let mut count = 0;
            while let Some(due) = plan.next(writer, count).await {
                let to = (writer + count as usize * plan.writers) % SOCKETS;
                let body = format!("{:<BYTES$}", due.duration_since(plan.start).as_micros());
                let (status, _) = connection.post(&format!("/send/{to}"), "", &body).await?;
                if status != 200 {
                    return Err(format!("the prototype answered {status}").into());
                }
                count += 1;
            }
            Outcome::Ok(count as usize)
        });
    }
    let sent: usize = all(writers).await?.into_iter().sum();
    arrived(&received, sent, &ended).await?;
    let took = plan.start.elapsed();
    let mut back = Vec::new();
    let mut latencies = Vec::new();
    for (number, socket, own) in all(receivers).await? {
        back.push((number, socket));
        latencies.extend(own);
    }
    back.sort_unstable_by_key(|(number, _)| *number);
    let measured = measured(latencies, took, server.cpu() - cpu);
    Ok((back.into_iter().map(|(_, socket)| socket).collect(), measured))
}

fn measured(latencies: Vec<Duration>, took: Duration, cpu: f64) -> Measured {
    let count = latencies.len() as f64;
    Measured { rate: count / took.as_secs_f64(), latencies: Latencies::of(latencies), cpu_100k: cpu / count * 100_000.0 }
}

async fn receive_from_prototype(
    number: usize,
    mut socket: Socket,
    start: Instant,
    received: Arc<AtomicUsize>,
    mut ended: watch::Receiver<bool>,
) -> Outcome<(usize, Socket, Vec<Duration>)> {
    let mut latencies = Vec::new();
    loop {
        let message = tokio::select! {
            message = socket.next() => message.ok_or("the prototype closed a socket")??,
            ended = ended.wait_for(|ended| *ended) => {
                ended?;
                return Ok((number, socket, latencies));
            }
        };
        let Message::Binary(bytes) = message else { continue };
        let (seq, body) = bytes.split_at_checked(8).ok_or("a short message")?;
        let due: u64 = std::str::from_utf8(body)?.trim().parse()?;
        latencies.push(start.elapsed().saturating_sub(Duration::from_micros(due)));
        let seq = seq.to_vec();
        socket.send(Message::Binary(seq.into())).await?;
        received.fetch_add(1, Ordering::Relaxed);
    }
}

/// A customer's connection and his conversation.
type Writer = (Wire, ConversationId);

/// Logs everybody in: the shops, and the customers with their conversations.
async fn connect_to_network(address: &str, folder: &Path) -> Outcome<(Vec<Wire>, Vec<Writer>)> {
    let (places, dial) = (Arc::new(Semaphore::new(AT_ONCE)), WebSocketDial::new(&format!("http://{address}"))?);
    let mut tasks = JoinSet::new();
    for (number, line) in std::fs::read_to_string(folder.join(network::DEVICES))?.lines().enumerate() {
        let fields: Vec<Vec<u8>> = line.split(' ').map(hex::decode).collect::<Result<_, _>>()?;
        let [key, device, conversation] = fields.as_slice() else { return Err("a line without its fields".into()) };
        let identity = Identity { key: Ed25519KeyPair::from_pkcs8(key)?, device: device.clone() };
        let conversation = ConversationId::try_from(&conversation[..])?;
        let (places, dial) = (places.clone(), dial.clone());
        tasks.spawn(async move {
            let _place = places.acquire_owned().await?;
            Ok((number, (timeout(PATIENCE, log_in_one(&dial, &identity)).await??, conversation)))
        });
    }
    let mut open = all(tasks).await?;
    open.sort_unstable_by_key(|(number, _)| *number);
    let mut open: Vec<Writer> = open.into_iter().map(|(_, wire)| wire).collect();
    let customers = open.split_off(SHOPS);
    Ok((open.into_iter().map(|(wire, _)| wire).collect(), customers))
}

async fn load_network(server: &Running, shops: Vec<Wire>, customers: Vec<Writer>, plan: Plan) -> Outcome<((Vec<Wire>, Vec<Writer>), Measured)> {
    let (ended, received, cpu) = (watch::channel(false).0, Arc::new(AtomicUsize::new(0)), server.cpu());
    let mut receivers = JoinSet::new();
    for shop in shops {
        receivers.spawn(receive_as_shop(shop, plan.start, received.clone(), ended.subscribe()));
    }
    let mut writers: JoinSet<Outcome<(Vec<Writer>, usize)>> = JoinSet::new();
    let mut shares: Vec<Vec<Writer>> = (0..plan.writers).map(|_| Vec::new()).collect();
    for (number, customer) in customers.into_iter().enumerate() {
        shares[number % plan.writers].push(customer);
    }
    for (writer, mut own) in shares.into_iter().enumerate() {
        writers.spawn(async move {
            let mut count = 0;
            while let Some(due) = plan.next(writer, count).await {
                let next = count as usize % own.len();
                let (wire, conversation) = &mut own[next];
                submit(wire, *conversation, due.duration_since(plan.start), count + 1).await?;
                count += 1;
            }
            Ok((own, count as usize))
        });
    }
    let written = all(writers).await?;
    let sent = written.iter().map(|(_, count)| count).sum();
    arrived(&received, sent, &ended).await?;
    let took = plan.start.elapsed();
    let customers = written.into_iter().flat_map(|(own, _)| own).collect();
    let (shops, latencies): (Vec<Wire>, Vec<Vec<Duration>>) = all(receivers).await?.into_iter().unzip();
    let measured = measured(latencies.into_iter().flatten().collect(), took, server.cpu() - cpu);
    Ok(((shops, customers), measured))
}

/// Writes, acknowledges the receipts that came meanwhile, and waits until the network has the message.
async fn submit(wire: &mut Wire, conversation: ConversationId, due: Duration, request: u32) -> Outcome<()> {
    let id = MessageId::new(&suki_server::world::env());
    let header = pb::Header { message_id: id.to_vec(), kind: 1, commitment: vec![0; 32], ..Default::default() };
    let mut mls_message = network::mls(conversation, 1, 1, &header.encode_to_vec());
    mls_message.truncate(BYTES - 8);
    mls_message.extend((due.as_micros() as u64).to_be_bytes());
    wire.out.send(pb::ClientFrame { request, body: Some(Ask::Submit(pb::Submit { mls_message })) }).await?;
    loop {
        let frame = timeout(PATIENCE, wire.incoming.recv()).await?.ok_or("a customer's connection ended")?;
        match frame.body {
            Some(Told::Entries(entries)) => acknowledge(wire, &entries).await?,
            Some(Told::Accepted(_)) if frame.request == request => return Ok(()),
            Some(Told::Refused(refused)) => return Err(refused.message.into()),
            _ => {}
        }
    }
}

async fn acknowledge(wire: &Wire, entries: &pb::Entries) -> Outcome<()> {
    let seq = entries.entries.last().ok_or("no entries")?.seq;
    wire.out.send(pb::ClientFrame { request: u32::MAX, body: Some(Ask::Ack(pb::Ack { seq })) }).await?;
    Ok(())
}

async fn receive_as_shop(
    mut wire: Wire,
    start: Instant,
    received: Arc<AtomicUsize>,
    mut ended: watch::Receiver<bool>,
) -> Outcome<(Wire, Vec<Duration>)> {
    let mut latencies = Vec::new();
    loop {
        let frame = tokio::select! {
            frame = wire.incoming.recv() => frame.ok_or("a shop's connection ended")?,
            ended = ended.wait_for(|ended| *ended) => {
                ended?;
                return Ok((wire, latencies));
            }
        };
        let Some(Told::Entries(entries)) = frame.body else { continue };
        let now = start.elapsed();
        let mut count = 0;
        for entry in entries.entries.iter().filter(|entry| entry.kind() == EntryKind::Message) {
            let (_, due) = entry.payload.split_last_chunk::<8>().ok_or("a short message")?;
            latencies.push(now.saturating_sub(Duration::from_micros(u64::from_be_bytes(*due))));
            count += 1;
        }
        acknowledge(&wire, &entries).await?;
        received.fetch_add(count, Ordering::Relaxed);
    }
}
