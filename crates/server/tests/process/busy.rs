//! A server on which a customer and a program have written, each with a marker: what is told of the server may name neither.
use crate::{
    customer::Customer,
    server::{Server, send, until, word},
    webhook::Received,
};
use serde_json::Value;
use tempfile::{TempDir, tempdir};

/// It, and who wrote.
pub struct Busy {
    pub server: Server,
    pub env: Value,
    pub http: reqwest::Client,
    pub customer: Customer,
    _received: Received,
    _folder: TempDir,
}

impl Busy {
    /// Starts it with these variables. The customer's message has reached the program when this returns, and the program's was accepted.
    pub async fn start(variables: &[&str]) -> Self {
        let folder = tempdir().expect("a folder can be made");
        let data = folder.path().join("data");
        let prefix = ["env"].iter().chain(variables).map(|part| (*part).to_owned()).collect();
        let server = Server::start_behind(prefix, &data, &data, &data.with_extension("log"), "127.0.0.1:0").await;
        let env = server.env().await;
        let http = reqwest::Client::new();
        let received = Received::subscribe(&http, &env).await;
        let customer = Customer::join(word(&env, "SUKI_URL")).await;
        customer.say("marker-of-a-customer").await;
        until("the webhook", async || (!received.texts().is_empty()).then_some(())).await;
        let (status, _) = send(&http, &env, &customer.phone, "marker-of-a-program").await.expect("it answers");
        assert_eq!(status, 200);
        Self { server, env, http, customer, _received: received, _folder: folder }
    }

    /// Waits until the customer has heard the program.
    pub async fn is_heard(&self) {
        until("the message", async || self.customer.diary().heard.contains(&"marker-of-a-program".to_owned()).then_some(())).await;
    }
}
