//! A program that sends over the Cloud API: answered when durable and encrypted, delivered to the customers' devices, acknowledged by them.
use crate::{
    Outcome, Run,
    devices::{Customer, PATIENCE, all, run},
    http::{CLIENTS, Connection},
    letters::Letter,
    server::Server,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use suki_client::{Author, Event};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant as Alarm, sleep_until, timeout},
};

/// As many as so many clients can, each over the conversations that are his.
pub async fn saturate(crowd: Vec<Customer>, server: &Server, letter: &Letter, clients: usize, time: Duration) -> Outcome<(Vec<Customer>, Run, Run)> {
    load("saturated", crowd, server, letter, clients, None, time).await
}

/// So many a second.
pub async fn at_rate(crowd: Vec<Customer>, server: &Server, letter: &Letter, per_second: f64, time: Duration) -> Outcome<(Vec<Customer>, Run, Run)> {
    load("at a rate", crowd, server, letter, CLIENTS, Some(per_second), time).await
}

/// Gives the sends and the deliveries. The server's processor time of both ends when the last message is known to be delivered.
async fn load(
    name: &str,
    crowd: Vec<Customer>,
    server: &Server,
    letter: &Letter,
    count: usize,
    per_second: Option<f64>,
    time: Duration,
) -> Outcome<(Vec<Customer>, Run, Run)> {
    let name = format!("Cloud API, {}, {count} clients, {name}", letter.name());
    let phones: Vec<String> = crowd.iter().map(|customer| customer.phone.clone()).collect();
    let (ended, _) = watch::channel(false);
    let received = Arc::new(AtomicUsize::new(0));
    let (start, cpu) = (Instant::now(), server.cpu());
    let mut receivers = JoinSet::new();
    for customer in crowd {
        receivers.spawn(receive(customer, start, received.clone(), ended.subscribe()));
    }
    let mut clients = JoinSet::new();
    for number in 0..count {
        let phones: Vec<String> = phones.iter().skip(number).step_by(count).cloned().collect();
        let connection = Connection::open(&server.address).await?;
        let (path, token) = (format!("/v23.0/{}/messages", server.phone_number_id), server.token.clone());
        let pause = per_second.map(|rate| Duration::from_secs_f64(count as f64 / rate));
        let first = start + pause.map_or(Duration::ZERO, |pause| pause * u32::try_from(number).unwrap_or_default() / count as u32);
        clients.spawn(send(connection, path, token, letter.clone(), phones, start, first, pause, time));
    }
    let sends: Vec<Duration> = all(clients).await?.into_iter().flatten().collect();
    let sent_in = start.elapsed();
    timeout(PATIENCE, async {
        while received.load(Ordering::Relaxed) < sends.len() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await
    .map_err(|_| format!("{} of {} messages were delivered", received.load(Ordering::Relaxed), sends.len()))?;
    let delivered_in = start.elapsed();
    server.settled().await?;
    let cpu = server.cpu() - cpu;
    ended.send_replace(true);
    let (crowd, deliveries): (Vec<_>, Vec<_>) = all(receivers).await?.into_iter().unzip();
    let deliveries: Vec<Duration> = deliveries.into_iter().flatten().collect();
    if deliveries.len() != sends.len() {
        return Err(format!("{} messages sent, {} received", sends.len(), deliveries.len()).into());
    }
    let sends = run(&format!("{name}, answered"), sends, sent_in, cpu);
    let deliveries = run(&format!("{name}, delivered"), deliveries, delivered_in, cpu);
    Ok((crowd, sends, deliveries))
}

#[expect(clippy::too_many_arguments, reason = "each is one thing that this client is told")]
async fn send(
    mut connection: Connection,
    path: String,
    token: String,
    letter: Letter,
    phones: Vec<String>,
    start: Instant,
    first: Instant,
    pause: Option<Duration>,
    time: Duration,
) -> Outcome<Vec<Duration>> {
    let (mut latencies, mut due) = (Vec::new(), first);
    for phone in phones.iter().cycle() {
        match pause {
            Some(_) if due >= start + time => break,
            Some(_) => sleep_until(Alarm::from_std(due)).await,
            None => due = Instant::now(),
        }
        if start.elapsed() >= time {
            break;
        }
        let body = letter.body(phone, due.duration_since(start).as_micros());
        let (status, answer) = connection.post(&path, &token, &body).await?;
        if status != 200 {
            return Err(format!("a send was refused: {}", String::from_utf8_lossy(&answer)).into());
        }
        latencies.push(due.elapsed());
        due += pause.unwrap_or_default();
    }
    Ok(latencies)
}

/// Takes messages until the run has ended; each says when it was sent.
async fn receive(
    mut customer: Customer,
    start: Instant,
    received: Arc<AtomicUsize>,
    mut ended: watch::Receiver<bool>,
) -> Outcome<(Customer, Vec<Duration>)> {
    let mut latencies = Vec::new();
    loop {
        let event = tokio::select! {
            event = customer.events.recv() => event.ok_or("a device stopped")?,
            ended = ended.wait_for(|ended| *ended) => {
                ended?;
                return Ok((customer, latencies));
            }
        };
        match event {
            Event::Message(_, message) if message.author == Author::Business => {
                latencies.push(start.elapsed().saturating_sub(Duration::from_micros(Letter::sent_at(&message.text)?)));
                received.fetch_add(1, Ordering::Relaxed);
            }
            Event::Unreadable(..) | Event::Disconnected => return Err(format!("a device lost something: {event:?}").into()),
            _ => {}
        }
    }
}
