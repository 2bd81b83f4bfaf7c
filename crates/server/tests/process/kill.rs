//! Nothing acknowledged is lost: the server is killed under load, again and again.
use crate::{
    customer::Customer,
    server::{Server, fixed_address, pause, send, until, word, world},
    webhook::{Inbox, Received},
};
use serde_json::Value;
use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use suki_client::Status;
use suki_types::{Entropy as _, SeededEntropy};

const CUSTOMERS: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_kills() {
    run(4, How::Killed).await;
}

/// A server that is told to end (SIGTERM, as at each upgrade) answers what is under way and tells its clients to come back: the same holds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_restarts() {
    run(2, How::Told).await;
}

/// `make soak`; KILLS says how many, and SUKI_SEED repeats a run.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "make soak runs it"]
async fn soak() {
    let kills = std::env::var("KILLS").map_or(50, |kills| kills.parse().expect("KILLS is a number"));
    run(kills, How::Killed).await;
}

/// How a server comes to its end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Killed,
    Told,
}

/// Told when a run fails, so that it can be had again.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the moments of the kills came from the seed {0}; have them again with SUKI_SEED={0}", self.0);
        }
    }
}

/// What the program has sent to one customer.
#[derive(Default)]
pub struct Sent {
    /// Answered with 200.
    pub acknowledged: Vec<String>,
    /// Not answered, since the server was killed: these may have been taken or not.
    pub unknown: Vec<String>,
}

async fn run(kills: usize, how: How) {
    let seed = std::env::var("SUKI_SEED").map_or_else(|_| u64::from_le_bytes(world().random()), |seed| seed.parse().expect("SUKI_SEED is a number"));
    let seed = Seed(seed);
    let moments = SeededEntropy::new(seed.0);
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mut server = Server::start(&folder.path().join("data"), &fixed_address()).await;
    let env = server.env().await;
    let http = reqwest::Client::new();
    let received = Received::subscribe(&http, &env).await;
    let mut customers = Vec::new();
    for _ in 0..CUSTOMERS {
        customers.push(Arc::new(Customer::join(word(&env, "SUKI_URL")).await));
    }
    let stop = Arc::new(AtomicBool::new(false));
    let mut says = Vec::new();
    let mut sends = Vec::new();
    for (number, customer) in customers.iter().enumerate() {
        says.push(tokio::spawn(keep_saying(customer.clone(), number, stop.clone())));
        sends.push(tokio::spawn(keep_sending(http.clone(), env.clone(), customer.phone.clone(), number, stop.clone())));
    }
    for kill in 0..kills {
        let mut bytes = [0; 2];
        moments.fill(&mut bytes);
        pause(100 + i64::from(u16::from_le_bytes(bytes)) % 1_400).await;
        match how {
            How::Killed => server.kill().await,
            How::Told => server.stop().await,
        }
        server.start_again().await;
        eprintln!("killed {} of {kills}", kill + 1);
    }
    until("enough load to prove anything", async || received.is_enough(kills).then_some(())).await;
    stop.store(true, Ordering::Relaxed);
    for task in says {
        task.await.expect("it says what it has to say");
    }
    let inbox = Inbox::sign_in(&http, &server.env().await).await;
    let mut figures = (0, 0);
    for (customer, task) in customers.iter().zip(sends) {
        let sent = task.await.expect("it sends what it has to send");
        let (said, answered) = check_customer(customer, &sent, &inbox, &received).await;
        figures = (figures.0 + said, figures.1 + answered);
        // A request ends with the process that has it, so here not even what was not answered is overtaken.
        let heard = numbers(&customer.diary().heard);
        assert!(heard.is_sorted_by(|a, b| a < b), "{heard:?}");
        assert!(customer.diary().disconnects >= kills.min(1), "the kills did not reach the device");
    }
    assert!(figures.0 >= 10 * kills && figures.1 >= 5 * kills, "{figures:?}");
    check_statuses(&received);
    check_log(&server.log_text());
    eprintln!("{kills} kills; {} messages of customers and {} of the program, each once and in order", figures.0, figures.1);
}

pub async fn keep_saying(customer: Arc<Customer>, number: usize, stop: Arc<AtomicBool>) {
    let mut count = 0;
    while !stop.load(Ordering::Relaxed) {
        customer.say(&format!("customer {number} says {count}")).await;
        count += 1;
        pause(40).await;
    }
}

async fn keep_sending(http: reqwest::Client, env: Value, phone: String, number: usize, stop: Arc<AtomicBool>) -> Sent {
    let mut sent = Sent::default();
    let mut count = 0;
    while !stop.load(Ordering::Relaxed) {
        let text = format!("program to {number}: {count}");
        match send(&http, &env, &phone, &text).await {
            Ok((200, _)) => sent.acknowledged.push(text),
            Ok((status, body)) => panic!("an answer that is neither taken nor broken off: {status} {body}"),
            Err(_) => sent.unknown.push(text),
        }
        count += 1;
        pause(40).await;
    }
    sent
}

/// Both sides of one conversation: what was acknowledged is there, once, in its order. Gives how many were checked each way.
pub async fn check_customer(customer: &Customer, sent: &Sent, inbox: &Inbox, received: &Received) -> (usize, usize) {
    let said = until("the network to take everything that customers said", async || customer.acknowledged().await).await;
    let (last_said, last_sent) = (said.last().expect("something was said"), sent.acknowledged.last().expect("something was sent"));
    until("the shop to have the last message", async || {
        let texts = received.texts();
        texts.get(&customer.phone)?.iter().any(|(_, text)| text == last_said).then_some(())
    })
    .await;
    until("the customer to have the last message", async || customer.diary().heard.contains(last_sent).then_some(())).await;

    // At the shop: everything, once, in order; and as webhooks, where only a delivery that was not answered may come again.
    let chat = customer.chat.to_string();
    let stored: Vec<Value> = inbox.messages(&chat).await;
    let texts = |side: &str| stored.iter().filter(|one| one["from"] == side).map(|one| word(one, "text").to_owned()).collect::<Vec<_>>();
    assert_eq!(texts("customer"), said);
    let mut hooks = received.texts().remove(&customer.phone).unwrap_or_default();
    let mut seen = HashSet::new();
    hooks.retain(|(id, _)| seen.insert(id.clone()));
    assert_eq!(hooks.into_iter().map(|(_, text)| text).collect::<Vec<_>>(), said);

    // At the customer: what was acknowledged, and what was stored before its answer was cut off; nothing twice, in the order of sending.
    let heard = customer.diary().heard.clone();
    assert_eq!(heard, texts("business"), "the customer has what the shop has sent");
    let certain: Vec<&String> = heard.iter().filter(|text| !sent.unknown.contains(text)).collect();
    assert_eq!(certain, sent.acknowledged.iter().collect::<Vec<_>>());
    let numbers = numbers(&heard);
    assert_eq!(numbers.iter().collect::<HashSet<_>>().len(), numbers.len(), "nothing twice: {numbers:?}");
    // What was not answered may come late, but nothing comes before what was acknowledged before it was sent.
    let certain: Vec<usize> = certain.into_iter().map(|text| number_of(text)).collect();
    let mut passed = 0;
    for number in numbers {
        let owed = certain.partition_point(|&sent| sent < number);
        assert!(owed <= passed, "{number} came before {:?}", &certain[passed..owed]);
        passed += usize::from(certain.get(passed) == Some(&number));
    }

    // The device's own view: nothing refused or unreadable, ticks only forward.
    let diary = customer.diary();
    assert_eq!(diary.wrong, [""; 0]);
    let mut last: HashMap<_, Status> = HashMap::new();
    for (id, status) in &diary.statuses {
        let before = last.insert(*id, *status);
        assert!(before.is_none_or(|before| before < *status && *status != Status::Failed), "{id}: {before:?}, then {status:?}");
    }
    (said.len(), sent.acknowledged.len())
}

/// What number a text of the load has.
fn number_of(text: &str) -> usize {
    text.rsplit(' ').next().and_then(|last| last.parse().ok()).expect("a number ends it")
}

fn numbers(texts: &[String]) -> Vec<usize> {
    texts.iter().map(|text| number_of(text)).collect()
}

/// Signs in a server's log that something was lost, doubled or could not be read.
pub fn check_log(log: &str) {
    let signs = ["decrypted", "not what its header says", "is lost", "not known", "panicked"];
    // A database that went away is what the test did: a lost connection is no lost message. A business that moves, or starts anew, is told no more what it asked.
    let harmless = ["connection to PostgreSQL", "error=the link has ended"];
    let bad = |line: &&str| signs.iter().any(|sign| line.contains(sign)) && !harmless.iter().any(|one| line.contains(one));
    let found: Vec<&str> = log.lines().filter(bad).collect();
    assert!(found.is_empty(), "the log says:\n{}", found.join("\n"));
}

/// A status may be told again, when its delivery was cut off; it never goes back.
pub fn check_statuses(received: &Received) {
    let order = ["sent", "delivered", "read"];
    let statuses = received.statuses();
    assert!(!statuses.is_empty());
    for (id, seen) in statuses {
        let ranks: Vec<Option<usize>> = seen.iter().map(|status| order.iter().position(|one| one == status)).collect();
        assert!(ranks.iter().all(Option::is_some) && ranks.is_sorted(), "{id}: {seen:?}");
    }
}
