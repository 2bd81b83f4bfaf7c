//! A program that receives the shop's webhooks, and the shop's inbox as an operator's browser reads it.
use crate::server::{until, word};
use axum::{
    Json, Router,
    extract::{Query, State},
    routing::get,
};
use serde_json::{Value, json};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
};
use tokio::net::TcpListener;

/// Every change that was delivered, in the order in which it came.
#[derive(Clone, Default)]
pub struct Received(Arc<Mutex<Vec<Value>>>);

impl Received {
    /// Listens on the loopback, and subscribes to the shop's messages.
    pub async fn subscribe(http: &reqwest::Client, env: &Value) -> Self {
        Self::subscribe_at("127.0.0.1", http, env).await
    }

    /// Listens on an address of this machine, and subscribes to the shop's messages.
    pub async fn subscribe_at(host: &str, http: &reqwest::Client, env: &Value) -> Self {
        let received = Self::default();
        let listener = TcpListener::bind((host, 0)).await.expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let router = Router::new().route("/", get(challenge).post(take)).with_state(received.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let app = word(env, "SUKI_APP_ID");
        let body = json!({
            "object": "whatsapp_business_account", "callback_url": format!("http://{address}/"), "verify_token": "kill", "fields": "messages",
            "access_token": format!("{app}|{}", word(env, "SUKI_APP_SECRET")),
        });
        let url = format!("{}/v23.0/{app}/subscriptions", word(env, "SUKI_URL"));
        // A machine that still writes what was built may keep whoever asks the address waiting too long.
        until("the address to be taken", async || {
            let answer = http.post(&url).json(&body).send().await.expect("the server answers");
            let (status, text) = (answer.status(), answer.text().await.unwrap_or_default());
            let was_slow = ["deadline has elapsed", "did not answer within ten seconds"].iter().any(|late| text.contains(late));
            assert!(status.is_success() || was_slow, "{status} {text}");
            status.is_success().then_some(())
        })
        .await;
        received
    }

    /// Whether the shop was written to, and wrote, often enough between so many kills.
    pub fn is_enough(&self, kills: usize) -> bool {
        let said: HashSet<String> = self.values("messages").iter().map(|message| message["id"].to_string()).collect();
        // With each kill some sends stay unanswered that have statuses all the same.
        said.len() >= 10 * kills && self.statuses().len() >= 9 * kills
    }

    /// The statuses of each message, in the order in which they came.
    pub fn statuses(&self) -> HashMap<String, Vec<String>> {
        let mut all: HashMap<String, Vec<String>> = HashMap::new();
        for value in self.values("statuses") {
            let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
            all.entry(text("id")).or_default().push(text("status"));
        }
        all
    }

    /// What each sender wrote: message id and text, in the order in which it came. A delivery that was repeated is there twice.
    pub fn texts(&self) -> HashMap<String, Vec<(String, String)>> {
        let mut all: HashMap<String, Vec<(String, String)>> = HashMap::new();
        for value in self.values("messages") {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            all.entry(text(&value["from"])).or_default().push((text(&value["id"]), text(&value["text"]["body"])));
        }
        all
    }

    /// The ids of the documents that somebody has sent, in the order in which they came.
    pub fn documents(&self, from: &str) -> Vec<String> {
        let own = self.values("messages").into_iter().filter(|message| message["from"] == from);
        own.filter_map(|message| message["document"]["id"].as_str().map(ToOwned::to_owned)).collect()
    }

    fn values(&self, name: &str) -> Vec<Value> {
        let bodies = self.0.lock().expect("no handler panics");
        let changes = bodies.iter().flat_map(|body| body["entry"].as_array().cloned().unwrap_or_default());
        let values = changes.flat_map(|entry| entry["changes"].as_array().cloned().unwrap_or_default());
        values.flat_map(|change| change["value"][name].as_array().cloned().unwrap_or_default()).collect()
    }
}

async fn challenge(Query(query): Query<HashMap<String, String>>) -> String {
    query.get("hub.challenge").cloned().unwrap_or_default()
}

async fn take(State(received): State<Received>, Json(body): Json<Value>) {
    received.0.lock().expect("no handler panics").push(body);
}

/// The inbox of an operator who has signed in by the one-time link.
pub struct Inbox {
    http: reqwest::Client,
    base: String,
    cookie: String,
}

impl Inbox {
    /// Signs in.
    pub async fn sign_in(http: &reqwest::Client, env: &Value) -> Self {
        let answer = try_sign_in(http, env).await;
        assert_eq!(answer.status(), 200, "the link signs in");
        let cookie = answer.headers()["set-cookie"].to_str().expect("it is text").split(';').next().unwrap_or_default().to_owned();
        Self { http: http.clone(), base: format!("{}/inbox/api", word(env, "SUKI_URL")), cookie }
    }

    /// What a call answers.
    pub async fn get(&self, path: &str) -> Value {
        let answer = self.http.get(format!("{}{path}", self.base)).header("Cookie", &self.cookie).send().await.expect("the server answers");
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().await.expect("it is JSON")
    }

    /// Writes to a chat; the status and the body of the answer.
    pub async fn say(&self, chat: &str, id: &str, text: &str) -> (u16, Value) {
        let call = self.http.post(format!("{}/chats/{chat}/messages", self.base)).header("Cookie", &self.cookie);
        let answer = call.json(&json!({ "id": id, "text": text })).send().await.expect("the server answers");
        (answer.status().as_u16(), answer.json().await.expect("it is JSON"))
    }

    /// All messages of a chat, oldest first.
    pub async fn messages(&self, chat: &str) -> Vec<Value> {
        let mut all: Vec<Value> = Vec::new();
        loop {
            let before = all.first().map(|first| format!("&before={}", word(first, "id"))).unwrap_or_default();
            let page = self.get(&format!("/chats/{chat}/messages?limit=200{before}")).await;
            let mut data = page["data"].as_array().cloned().expect("a page has data");
            data.append(&mut all);
            all = data;
            if page["more"] != true {
                return all;
            }
        }
    }
}

/// Tries the one-time link that `suki env` gave.
pub async fn try_sign_in(http: &reqwest::Client, env: &Value) -> reqwest::Response {
    let (_, token) = word(env, "SUKI_INBOX_LINK").split_once("#sign-in=").expect("the link carries a secret");
    let url = format!("{}/inbox/api/sign-in", word(env, "SUKI_URL"));
    http.post(url).json(&json!({ "token": token })).send().await.expect("the server answers")
}
