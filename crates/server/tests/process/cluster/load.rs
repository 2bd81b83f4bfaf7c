//! The load: people who write to shops and programs that write to people, all the time and through all nodes; and whether each chat is served.
use super::shops::{Program, Shop};
use crate::{
    customer::Customer,
    kill::{Sent, check_customer},
    server::{pause, send},
};
use parking_lot::Mutex;
use serde_json::Value;
use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use suki_client::Status;
use suki_types::MessageId;
use tokio::task::JoinHandle;

/// Each side of a chat writes again after so long.
const EVERY_MILLIS: i64 = 100;
/// A person writes no more while so much of what he wrote waits: a device sends one message after the other, and ten a second may be more than the machine
/// carries. What is written without end would be behind by as long as a fault has lasted, and by more with each second after it.
const MOST_WAITING: usize = 20;
/// A program waits so long for its answer.
const PATIENCE_SECONDS: u64 = 20;

/// A chat between a person and a shop's program.
pub struct Chat {
    /// The person's device.
    pub customer: Customer,
    /// Which shop.
    pub shop: usize,
    env: Value,
    name: String,
    /// What the person wrote.
    said: Mutex<Vec<MessageId>>,
    /// What the program wrote: how much, and what became of it.
    wrote: Mutex<(usize, Sent)>,
    /// Answers that no fault explains.
    wrong: Mutex<Vec<String>>,
}

/// A moment in a chat: how much either side had written.
#[derive(Clone, Copy)]
pub struct Mark {
    said: usize,
    wrote: usize,
}

impl Chat {
    /// Nobody has written yet.
    pub fn new(customer: Customer, shop: usize, of: &Shop, name: String) -> Self {
        let empty = || Mutex::new(Vec::new());
        Self { customer, shop, env: of.env.clone(), name, said: Mutex::new(Vec::new()), wrote: Mutex::default(), wrong: empty() }
    }

    /// Now.
    pub fn mark(&self) -> Mark {
        Mark { said: self.said.lock().len(), wrote: self.wrote.lock().0 }
    }

    /// Whether something the person wrote since then was acknowledged.
    pub fn hears_people(&self, since: Mark) -> bool {
        let said = self.said.lock();
        let diary = self.customer.diary();
        let after = said.get(since.said..).unwrap_or_default();
        diary.statuses.iter().rev().any(|(id, status)| *status >= Status::Sent && *status != Status::Failed && after.contains(id))
    }

    /// How much the person wrote, how much of it before that moment, and how much of all was acknowledged: for whoever has to find out why nobody hears him.
    pub fn standing(&self, since: Mark) -> String {
        let said = self.said.lock();
        let heard: HashSet<MessageId> = self.customer.diary().statuses.iter().map(|(id, _)| *id).collect();
        let heard = said.iter().filter(|id| heard.contains(id)).count();
        format!("{} written, {} of them before, {heard} acknowledged, {} disconnects", said.len(), since.said, self.customer.diary().disconnects)
    }

    /// Whether something the program wrote since then was acknowledged, and the person has it.
    pub fn hears_programs(&self, since: Mark) -> bool {
        let heard = &self.customer.diary().heard;
        let wrote = self.wrote.lock();
        let after = wrote.1.acknowledged.iter().rev().take_while(|text| number(text) >= since.wrote);
        after.into_iter().any(|text| heard.iter().rev().any(|one| one == text))
    }

    /// Whether something the program wrote since then was not taken.
    pub fn refuses_programs(&self, since: Mark) -> bool {
        self.wrote.lock().1.unknown.last().is_some_and(|text| number(text) >= since.wrote)
    }

    /// Whether everything that was acknowledged has arrived, and nothing waits.
    pub async fn is_caught_up(&self, program: &Program) -> bool {
        let Some(said) = self.customer.acknowledged().await else { return false };
        let last = self.wrote.lock().1.acknowledged.last().cloned();
        let heard = last.is_none_or(|last| self.customer.diary().heard.contains(&last));
        let told = said.last().is_none_or(|last| {
            let texts = program.received.texts();
            texts.get(&self.customer.phone).is_some_and(|texts| texts.iter().any(|(_, text)| text == last))
        });
        heard && told
    }

    /// Everything is there once and in order. Gives how many were checked each way.
    pub async fn check(&self, program: &Program) -> (usize, usize) {
        assert_eq!(*self.wrong.lock(), [""; 0], "a program gets what it asked for, or is told to come again");
        let sent = {
            let wrote = self.wrote.lock();
            Sent { acknowledged: wrote.1.acknowledged.clone(), unknown: wrote.1.unknown.clone() }
        };
        check_customer(&self.customer, &sent, &program.inbox, &program.received).await
    }
}

fn number(text: &str) -> usize {
    text.rsplit(' ').next().and_then(|last| last.parse().ok()).expect("a number ends it")
}

/// The load while it runs.
pub struct Load {
    stop: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Load {
    /// Begins, or goes on.
    pub fn start(chats: &[Arc<Chat>]) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        // A connection for each request: the proxy gives each to another node.
        let http = reqwest::Client::builder().pool_max_idle_per_host(0).timeout(std::time::Duration::from_secs(PATIENCE_SECONDS)).build();
        let http = http.expect("a client");
        let mut tasks = Vec::new();
        for chat in chats {
            tasks.push(tokio::spawn(keep_saying(chat.clone(), stop.clone())));
            tasks.push(tokio::spawn(keep_sending(http.clone(), chat.clone(), stop.clone())));
        }
        Self { stop, tasks }
    }

    /// Ends, when what is under way has been answered.
    pub async fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.expect("the load runs to its end");
        }
    }
}

async fn keep_saying(chat: Arc<Chat>, stop: Arc<AtomicBool>) {
    let (mut waiting, mut seen) = (HashSet::new(), 0);
    while !stop.load(Ordering::Relaxed) {
        {
            let statuses = &chat.customer.diary().statuses;
            statuses[seen..].iter().for_each(|(id, _)| _ = waiting.remove(id));
            seen = statuses.len();
        }
        if waiting.len() < MOST_WAITING {
            let count = chat.said.lock().len();
            let id = chat.customer.say(&format!("{} says {count}", chat.name)).await;
            chat.said.lock().push(id);
            waiting.insert(id);
        }
        pause(EVERY_MILLIS).await;
    }
}

async fn keep_sending(http: reqwest::Client, chat: Arc<Chat>, stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::Relaxed) {
        let count = chat.wrote.lock().0;
        chat.wrote.lock().0 += 1;
        let text = format!("program to {}: {count}", chat.name);
        let answer = send(&http, &chat.env, &chat.customer.phone, &text).await;
        match answer {
            Ok((200, _)) => chat.wrote.lock().1.acknowledged.push(text),
            // Not now: whether it was stored before that was said is not known.
            Ok((503, _)) | Err(_) => chat.wrote.lock().1.unknown.push(text),
            Ok((status, body)) => {
                chat.wrong.lock().push(format!("{status} {body}"));
                chat.wrote.lock().1.unknown.push(text);
            }
        }
        pause(EVERY_MILLIS).await;
    }
}
