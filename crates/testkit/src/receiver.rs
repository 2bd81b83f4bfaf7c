//! A program's web server, in memory: takes webhooks, answers challenges, and fails when it is told to.
use crate::wait::{Pace, bounded};
use parking_lot::Mutex;
use serde_json::Value;
use std::{collections::HashMap, sync::Arc};
use suki_cloud_api::signature;
use suki_endpoint::dispatch::{Http, HttpAnswer};
use suki_types::{Env, Timestamp};
use tokio::sync::watch;
use url::Url;

/// What every receiver knows a challenge by.
pub const VERIFY_TOKEN: &str = "verify-me";
/// How long the endpoint's own HTTP waits for an answer, in milliseconds.
const PATIENCE_MILLIS: i64 = 10_000;

/// What an address does with what comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Takes it.
    #[default]
    Takes,
    /// Answers with this status.
    Answers(u16),
    /// Cannot be reached.
    Down,
    /// Never answers.
    Hangs,
}

/// A webhook as it came.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Where to.
    pub url: String,
    /// When.
    pub at: Timestamp,
    /// The signature's header.
    pub signature: String,
    /// The exact bytes.
    pub body: Vec<u8>,
    /// Whether the receiver took it.
    pub taken: bool,
}

impl Delivery {
    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a webhook is JSON")
    }

    /// The one change in it.
    ///
    /// # Panics
    /// When it carries not exactly one.
    pub fn change(&self) -> Value {
        let body = self.json();
        let entries = body["entry"].as_array().expect("entries");
        assert_eq!(entries.len(), 1, "one entry a delivery: {body}");
        let changes = entries[0]["changes"].as_array().expect("changes");
        assert_eq!(changes.len(), 1, "one change a delivery: {body}");
        changes[0]["value"].clone()
    }

    /// Whether the secret's holder has signed exactly these bytes.
    pub fn is_signed_by(&self, secret: &str) -> bool {
        signature::verify(secret, &self.body, &self.signature)
    }

    /// What it tells: `text:BODY` of a customer's message, `STATUS:WAMID` of a status.
    pub fn tells(&self) -> String {
        let value = self.change();
        match (value["messages"].get(0), value["statuses"].get(0)) {
            (Some(message), None) => format!("text:{}", message["text"]["body"].as_str().expect("a text")),
            (None, Some(status)) => format!("{}:{}", status["status"].as_str().expect("a status"), status["id"].as_str().expect("an id")),
            _ => panic!("neither one message nor one status: {value}"),
        }
    }
}

/// All web servers of the outside world. A cheap handle.
#[derive(Clone)]
pub struct Receiver(Arc<Inner>);

struct Inner {
    env: Env,
    state: Mutex<State>,
    changed: watch::Sender<u64>,
}

/// What a server of its own makes of what is posted to it: the body and its signature, and the answer.
pub type Serve = Arc<dyn Fn(&[u8], &str) -> (u16, Vec<u8>) + Send + Sync>;

#[derive(Default)]
struct State {
    serves: HashMap<String, Serve>,
    modes: HashMap<String, Mode>,
    deliveries: Vec<Delivery>,
}

impl Receiver {
    /// Servers at every address, which take everything.
    pub fn new(env: Env) -> Self {
        Self(Arc::new(Inner { env, state: Mutex::default(), changed: watch::Sender::new(0) }))
    }

    /// From now on an address does this.
    pub fn set(&self, url: &str, mode: Mode) {
        self.0.state.lock().modes.insert(url.to_owned(), mode);
        self.0.changed.send_modify(|count| *count += 1);
    }

    /// From now on an address answers what is posted to it as this does, unless its mode is another than to take.
    pub fn serve(&self, url: &str, serve: Serve) {
        self.0.state.lock().serves.insert(url.to_owned(), serve);
    }

    /// Everything that came, taken or not, in order.
    pub fn attempts(&self) -> Vec<Delivery> {
        self.0.state.lock().deliveries.clone()
    }

    /// What an address has taken, in order.
    pub fn taken(&self, url: &str) -> Vec<Delivery> {
        self.attempts().into_iter().filter(|one| one.taken && one.url == url).collect()
    }

    /// Waits until an address has taken so many deliveries, and gives all it has taken.
    ///
    /// # Panics
    /// When that does not happen.
    pub async fn wait(&self, pace: Pace, url: &str, count: usize) -> Vec<Delivery> {
        self.wait_for(pace, &format!("{count} deliveries at {url}"), || {
            let taken = self.taken(url);
            (taken.len() >= count).then_some(taken)
        })
        .await
    }

    /// Waits until something can be said of what came.
    ///
    /// # Panics
    /// When that does not happen.
    pub async fn wait_for<T>(&self, pace: Pace, what: &str, mut check: impl FnMut() -> Option<T>) -> T {
        let mut changed = self.0.changed.subscribe();
        bounded(&self.0.env, pace, what, async {
            loop {
                changed.mark_unchanged();
                if let Some(found) = check() {
                    return found;
                }
                changed.changed().await.expect("the receiver is there");
            }
        })
        .await
    }

    fn mode(&self, url: &str) -> Mode {
        self.0.state.lock().modes.get(url).copied().unwrap_or_default()
    }

    async fn answer(self, mode: Mode) -> Result<u16, String> {
        match mode {
            Mode::Takes => Ok(200),
            Mode::Answers(status) => Ok(status),
            Mode::Down => Err("the address cannot be reached: connection refused".into()),
            Mode::Hangs => {
                self.0.env.clock.wait_until(self.0.env.now().plus_millis(PATIENCE_MILLIS)).await;
                Err("the address cannot be reached: it did not answer within ten seconds".into())
            }
        }
    }
}

impl Http for Receiver {
    fn get(&self, url: &str) -> HttpAnswer {
        let own = self.clone();
        let asked = Url::parse(url).expect("the endpoint asks for addresses");
        let query: HashMap<String, String> = asked.query_pairs().into_owned().collect();
        let mut plain = asked;
        plain.set_query(None);
        let mode = self.mode(plain.as_str());
        Box::pin(async move {
            let status = own.answer(mode).await?;
            let known = query.get("hub.verify_token").map(String::as_str) == Some(VERIFY_TOKEN);
            match query.get("hub.challenge") {
                Some(challenge) if status == 200 && known => Ok((200, challenge.clone().into_bytes())),
                _ if status == 200 => Ok((403, Vec::new())),
                _ => Ok((status, Vec::new())),
            }
        })
    }

    fn post(&self, url: &str, headers: Vec<(&'static str, String)>, body: Arc<Vec<u8>>) -> HttpAnswer {
        // What it does is settled when it comes: the record and the answer are one.
        let (own, mode) = (self.clone(), self.mode(url));
        let signature = headers.into_iter().find(|(name, _)| *name == signature::HEADER).map(|(_, value)| value).unwrap_or_default();
        let served = self.0.state.lock().serves.get(url).cloned().filter(|_| mode == Mode::Takes).map(|serve| serve(&body, &signature));
        let delivery = Delivery { url: url.to_owned(), at: self.0.env.now(), signature, body: body.to_vec(), taken: mode == Mode::Takes };
        self.0.state.lock().deliveries.push(delivery);
        self.0.changed.send_modify(|count| *count += 1);
        Box::pin(async move {
            match served {
                Some(answer) => Ok(answer),
                None => own.answer(mode).await.map(|status| (status, Vec::new())),
            }
        })
    }
}
