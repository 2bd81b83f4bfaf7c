//! Receivers that hang, are down or refuse one conversation, beside others that answer.
use super::*;
use crate::MIGRATIONS;
use std::collections::HashSet;
use suki_store::{StoreError, testing};
use suki_types::ConversationId;
use tokio::sync::watch;

const BUSINESS: AccountId = AccountId::from_bytes([1; 16]);

/// What a receiver does: by its address, and by the body.
type Behaviour = Box<dyn Fn(&str, &[u8]) -> Answer + Send + Sync>;

enum Answer {
    Status(u16),
    Hangs,
}

struct Receivers {
    env: Env,
    behaviour: Mutex<Behaviour>,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
    posts: AtomicUsize,
    taken: Mutex<Vec<(String, Vec<u8>)>>,
    changed: watch::Sender<()>,
}

struct Http(Arc<Receivers>);

impl super::Http for Http {
    fn get(&self, _: &str) -> HttpAnswer {
        Box::pin(std::future::ready(Err("nothing is asked here".into())))
    }

    fn post(&self, url: &str, _: Vec<(&'static str, String)>, body: Arc<Vec<u8>>) -> HttpAnswer {
        let own = self.0.clone();
        let answer = (own.behaviour.lock())(url, &body);
        own.posts.fetch_add(1, Ordering::Relaxed);
        if matches!(answer, Answer::Status(200)) {
            own.taken.lock().push((url.to_owned(), body.to_vec()));
        }
        let now = own.under_way.fetch_add(1, Ordering::Relaxed) + 1;
        own.most_under_way.fetch_max(now, Ordering::Relaxed);
        own.changed.send_replace(());
        Box::pin(async move {
            let answer = match answer {
                Answer::Status(status) => Ok((status, Vec::new())),
                Answer::Hangs => {
                    own.env.clock.wait_until(own.env.now().plus_millis(10_000)).await;
                    Err("it did not answer within ten seconds".into())
                }
            };
            own.under_way.fetch_sub(1, Ordering::Relaxed);
            own.changed.send_replace(());
            answer
        })
    }
}

struct Scene {
    _folder: tempfile::TempDir,
    receivers: Arc<Receivers>,
    dispatcher: Dispatcher,
    vault: Vault,
    seq: i64,
}

impl Scene {
    async fn new(behaviour: impl Fn(&str, &[u8]) -> Answer + Send + Sync + 'static) -> Self {
        let (folder, db) = testing::store();
        let migrating = db.clone();
        tokio::task::spawn_blocking(move || migrating.migrate(MIGRATIONS)).await.expect("it ends").expect("they apply");
        let env = Env::for_tests(1);
        let receivers = Arc::new(Receivers {
            env: env.clone(),
            behaviour: Mutex::new(Box::new(behaviour)),
            under_way: AtomicUsize::new(0),
            most_under_way: AtomicUsize::new(0),
            posts: AtomicUsize::new(0),
            taken: Mutex::default(),
            changed: watch::Sender::new(()),
        });
        let vault = Vault::new([3; 32], env.clone());
        let dispatcher = Dispatcher::new(db.clone(), vault.clone(), env, Arc::new(Http(receivers.clone())));
        dispatcher.begin(BUSINESS, db).await.expect("nothing waits");
        Self { _folder: folder, receivers, dispatcher, vault, seq: 0 }
    }

    /// Makes a receiver.
    async fn receiver(&self, number: u64, url: &str) {
        let id = ObjectId::from_number(number).expect("an id");
        let (sealed, url) = (self.vault.seal_webhook_secret(id, "secret"), url.to_owned());
        let sql = "INSERT INTO webhook_endpoint (business, id, name, url, verify_token, secret_sealed, filter, enabled, created_at)
             VALUES (?1, ?2, '', ?3, '', ?4, '{}', 1, 0)";
        let made = self.dispatcher.0.db.write(move |tx| tx.execute(sql, &[(&BUSINESS).into(), number.into(), url.as_str().into(), (&sealed).into()]));
        made.await.map_err(|error: StoreError| error.to_string()).expect("it is stored");
    }

    /// Stores so many deliveries to a receiver in each of these conversations, one after the other, and tells the dispatcher.
    async fn store(&mut self, hook: u64, chats: std::ops::Range<u8>, count: i64) {
        let sql = "INSERT INTO delivery (business, seq, hook, chat, body, created_at, attempts, next_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?6)";
        let (start, now) = (self.seq, self.dispatcher.0.env.now());
        self.seq += count * i64::try_from(chats.len()).expect("few");
        let stored = self.dispatcher.0.db.write(move |tx| {
            let mut seq = start;
            for number in 0..count {
                for chat in chats.clone() {
                    seq += 1;
                    let body = format!("{chat}:{number}").into_bytes();
                    let id = ConversationId::from_bytes([chat; 16]);
                    tx.execute(sql, &[(&BUSINESS).into(), seq.into(), hook.into(), (&id).into(), (&body).into(), now.into()])?;
                }
            }
            Ok::<_, StoreError>(())
        });
        stored.await.expect("it is stored");
        self.dispatcher.notify(vec![Queued { business: BUSINESS, hook: ObjectId::from_number(hook).expect("an id") }]);
    }

    /// Waits, in the real time that computing takes, until something can be said of the receivers.
    async fn until(&self, what: &str, wanted: impl Fn(&Receivers) -> bool) {
        let mut changed = self.receivers.changed.subscribe();
        let waiting = async {
            while !wanted(&self.receivers) {
                changed.changed().await.expect("the receivers are there");
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(60), waiting).await.unwrap_or_else(|_| panic!("waited in vain for {what}"));
    }

    /// The same while the clock goes on by so many milliseconds at a time.
    async fn until_moving(&self, millis: i64, what: &str, wanted: impl Fn(&Receivers) -> bool) {
        let moving = async {
            loop {
                tokio::time::timeout(std::time::Duration::from_millis(2), std::future::pending::<()>()).await.ok();
                self.dispatcher.0.env.manual_clock().advance(millis);
            }
        };
        tokio::select! {
            () = self.until(what, wanted) => {}
            () = moving => unreachable!("it never ends"),
        }
    }

    fn taken(&self, url: &str) -> Vec<String> {
        let taken = self.receivers.taken.lock();
        taken.iter().filter(|(to, _)| to == url).map(|(_, body)| String::from_utf8_lossy(body).into_owned()).collect()
    }

    /// Whether each conversation's deliveries came once and in order.
    fn is_whole(&self, url: &str, chats: std::ops::Range<u8>, count: i64) -> bool {
        let taken = self.taken(url);
        chats.clone().all(|chat| {
            let of: Vec<&String> = taken.iter().filter(|body| body.starts_with(&format!("{chat}:"))).collect();
            of.len() == usize::try_from(count).expect("few") && of.iter().enumerate().all(|(number, body)| **body == format!("{chat}:{number}"))
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_hung_receivers_take_nothing_from_one_that_answers() {
    let mut scene = Scene::new(|url, _| if url.ends_with("healthy") { Answer::Status(200) } else { Answer::Hangs }).await;
    for hung in 1..=1_000 {
        scene.receiver(hung, "https://hung.example/").await;
        scene.store(hung, 0..5, 2).await;
    }
    scene.until("all of them hang", |receivers| receivers.under_way.load(Ordering::Relaxed) >= 1_000).await;
    scene.receiver(2_000, "https://shop.example/healthy").await;
    scene.store(2_000, 0..20, 10).await;
    // The clock stands: nothing that hangs can have ended.
    scene.until("everything arrives", |receivers| receivers.taken.lock().len() == 200).await;
    assert!(scene.is_whole("https://shop.example/healthy", 0..20, 10));
    assert!(scene.receivers.most_under_way.load(Ordering::Relaxed) <= 2_000 + limits::WEBHOOKS_UNDER_WAY);
    // Once they are known to hang they are asked one at a time, and share the sockets of the slow.
    let posts = scene.receivers.posts.load(Ordering::Relaxed);
    scene.until_moving(5_000, "more rounds", |receivers| receivers.posts.load(Ordering::Relaxed) > posts + 5_000).await;
    scene.store(2_000, 30..50, 10).await;
    scene.until("everything arrives", |receivers| receivers.taken.lock().len() == 400).await;
    assert!(scene.is_whole("https://shop.example/healthy", 30..50, 10));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_waiting_cost_a_question_now_and_then_and_arrive_in_order() {
    let mut scene = Scene::new(|_, _| Answer::Status(503)).await;
    scene.receiver(1, "https://down.example/").await;
    scene.store(1, 0..100, 100).await;
    let (env, start) = (scene.dispatcher.0.env.clone(), scene.dispatcher.0.env.now());
    scene.until_moving(60_000, "five hours", |_| env.now().since(start) > 5 * 3_600_000).await;
    let posts = scene.receivers.posts.load(Ordering::Relaxed);
    assert!((5..70).contains(&posts), "{posts} tries in five hours, with 10,000 waiting");
    *scene.receivers.behaviour.lock() = Box::new(|_, _| Answer::Status(200));
    scene.until_moving(60_000, "everything arrives", |receivers| receivers.taken.lock().len() == 10_000).await;
    assert!(scene.is_whole("https://down.example/", 0..100, 100));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_conversation_that_is_refused_holds_up_no_other() {
    // Forty conversations are refused, more than a window of what waits holds.
    let refused = |body: &[u8]| body.starts_with(b"1") && body.len() > 4;
    let mut scene = Scene::new(move |_, body| Answer::Status(if refused(body) { 400 } else { 200 })).await;
    scene.receiver(1, "https://picky.example/").await;
    scene.store(1, 100..140, 20).await;
    scene.store(1, 1..40, 5).await;
    scene
        .until_moving(500, "the others arrive", |receivers| {
            let taken = receivers.taken.lock();
            let others = taken.iter().filter(|(_, body)| !refused(body));
            others.map(|(_, body)| body.clone()).collect::<HashSet<_>>().len() == 39 * 5
        })
        .await;
    assert!(scene.is_whole("https://picky.example/", 1..40, 5));
}
