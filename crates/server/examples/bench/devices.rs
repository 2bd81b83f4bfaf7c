//! Customers who write to the shop: encrypted on their device, accepted durably, relayed, decrypted and stored by the shop, acknowledged.
use crate::{Latencies, Outcome, Run, report::Report, server::Server};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use suki_client::{Client, Event, Options, Status, Storage, register::Registrar};
use suki_link::WebSocketDial;
use suki_types::{AccountId, ConversationId, MessageId};
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
    time::{Instant as Alarm, sleep_until, timeout},
};

/// How long anything may take before the run is given up.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// How many customers open their conversations at once.
const AT_ONCE: usize = 32;

/// A customer in his conversation.
pub struct Customer {
    pub client: Client,
    pub events: mpsc::UnboundedReceiver<Event>,
    pub conversation: ConversationId,
    pub phone: String,
}

impl Customer {
    async fn next(&mut self) -> Outcome<Event> {
        Ok(timeout(PATIENCE, self.events.recv()).await?.ok_or("a device stopped")?)
    }

    /// Sends, and waits until the shop has acknowledged.
    async fn send(&mut self) -> Outcome<()> {
        let text = "Do you have fresh pandesal this morning, and how much is a dozen? ".repeat(3);
        let id: MessageId = self.client.send_text(self.conversation, &text, None).await?;
        loop {
            match self.next().await? {
                Event::Status(_, of, Status::Delivered) if of == id => return Ok(()),
                Event::Failed(.., why) => return Err(why.into()),
                _ => {}
            }
        }
    }
}

/// So many customers come by the shop's link and open their conversations.
pub async fn join(server: &Server, count: usize, report: &mut Report) -> Outcome<Vec<Customer>> {
    let registrar = Registrar::new(&server.url());
    let business = registrar.link_card(&server.slug).await?.business;
    let (places, start) = (Arc::new(Semaphore::new(AT_ONCE)), Instant::now());
    let mut tasks = JoinSet::new();
    for _ in 0..count {
        let (registrar, slug, url, places) = (registrar.clone(), server.slug.clone(), server.url(), places.clone());
        tasks.spawn(async move {
            let _place = places.acquire_owned().await?;
            join_one(&registrar, &slug, &url, business).await
        });
    }
    let crowd = all(tasks).await?;
    report.joined = crowd.len() as f64 / start.elapsed().as_secs_f64();
    println!("{:.0} customers a second registered, logged in and joined", report.joined);
    Ok(crowd)
}

async fn join_one(registrar: &Registrar, slug: &str, url: &str, business: AccountId) -> Outcome<Customer> {
    let env = suki_server::world::env();
    let credentials = registrar.register_guest(slug, "Bench", &env).await?;
    let phone = credentials.phone.clone().ok_or("a guest without a test number")?.digits().to_owned();
    let (client, mut events) = Client::start(credentials, Storage::Memory, Arc::new(WebSocketDial::new(url)?), Options::light(), env)?;
    let mut conversation = None;
    loop {
        match timeout(PATIENCE, events.recv()).await?.ok_or("a device stopped")? {
            Event::Connected => conversation = Some(client.open(business).await?),
            Event::Joined(joined) if conversation.is_none_or(|opened| opened == joined) => {
                let mut customer = Customer { client, events, conversation: joined, phone };
                // His first message opens the window, so that the shop may write.
                customer.send().await?;
                return Ok(customer);
            }
            _ => {}
        }
    }
}

pub async fn all<T: 'static>(mut tasks: JoinSet<Outcome<T>>) -> Outcome<Vec<T>> {
    let mut done = Vec::new();
    while let Some(task) = tasks.join_next().await {
        done.push(task??);
    }
    Ok(done)
}

/// Every customer sends, waits for the acknowledgement, and sends again.
pub async fn saturate(crowd: Vec<Customer>, server: &Server, time: Duration) -> Outcome<(Vec<Customer>, Run)> {
    let mut tasks = JoinSet::new();
    let (start, cpu) = (Instant::now(), server.cpu());
    for mut customer in crowd {
        tasks.spawn(async move {
            let mut latencies = Vec::new();
            while start.elapsed() < time {
                let begun = Instant::now();
                customer.send().await?;
                latencies.push(begun.elapsed());
            }
            Outcome::Ok((customer, latencies))
        });
    }
    finish("customer to shop, saturated", tasks, start, cpu, server).await
}

/// The customers together send so many a second, each in his turn; a message that leaves late counts from when it was due.
pub async fn at_rate(crowd: Vec<Customer>, server: &Server, per_second: f64, time: Duration) -> Outcome<(Vec<Customer>, Run)> {
    let mut tasks = JoinSet::new();
    let (start, cpu, count) = (Instant::now(), server.cpu(), crowd.len() as f64);
    for (number, mut customer) in crowd.into_iter().enumerate() {
        tasks.spawn(async move {
            let mut latencies = Vec::new();
            let mut due = start + Duration::from_secs_f64(number as f64 / per_second);
            while due < start + time {
                sleep_until(Alarm::from_std(due)).await;
                customer.send().await?;
                latencies.push(due.elapsed());
                due += Duration::from_secs_f64(count / per_second);
            }
            Outcome::Ok((customer, latencies))
        });
    }
    finish("customer to shop, half load", tasks, start, cpu, server).await
}

async fn finish(
    name: &str,
    tasks: JoinSet<Outcome<(Customer, Vec<Duration>)>>,
    start: Instant,
    cpu: f64,
    server: &Server,
) -> Outcome<(Vec<Customer>, Run)> {
    let (crowd, latencies): (Vec<_>, Vec<_>) = all(tasks).await?.into_iter().unzip();
    let latencies: Vec<Duration> = latencies.into_iter().flatten().collect();
    let run = run(name, latencies, start.elapsed(), server.cpu() - cpu);
    Ok((crowd, run))
}

pub fn run(name: &str, latencies: Vec<Duration>, took: Duration, cpu: f64) -> Run {
    let count = latencies.len() as f64;
    let run = Run { count, per_second: count / took.as_secs_f64(), latencies: Latencies::of(latencies), cpu_100k: cpu / count * 100_000.0 };
    let Latencies { p50, p99 } = run.latencies;
    println!("{name}: {:.0}/s, p50 {p50:.1} ms, p99 {p99:.1} ms, {:.1} CPU-s per 100,000", run.per_second, run.cpu_100k);
    run
}
