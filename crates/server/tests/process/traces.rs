//! What a collector of traces gets of a busy server: requests, commits and webhooks, and nothing that anybody wrote or is called by.
use crate::{
    busy::Busy,
    server::{until, word},
};
use axum::{Router, body::Bytes, extract::State, routing::post};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

type Taken = Arc<Mutex<Vec<u8>>>;

/// A collector that keeps whatever it is sent.
async fn collector() -> (String, Taken) {
    let taken = Taken::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    let take = async |State(taken): State<Taken>, body: Bytes| taken.lock().expect("no panic").extend_from_slice(&body);
    let router = Router::new().route("/v1/traces", post(take)).with_state(taken.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, taken)
}

fn has(taken: &Taken, text: &str) -> bool {
    taken.lock().expect("no panic").windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn a_collector_gets_spans_and_no_secrets() {
    let (url, taken) = collector().await;
    let busy = Busy::start(&[&format!("SUKI_OTLP={url}")]).await;
    let Busy { env, http, customer, .. } = &busy;
    // A caller's own trace is taken up: its id comes along, sixteen bytes.
    let parent = "00-6d61726b6564747261636569642d6f6b-00f067aa0ba902b7-01";
    http.get(format!("{}/healthz", word(env, "SUKI_URL"))).header("traceparent", parent).send().await.expect("it answers");
    for name in ["request", "commit", "webhook", "cloud_api", "markedtraceid-ok"] {
        until(name, async || has(&taken, name).then_some(())).await;
    }
    for secret in ["marker-of", &customer.phone, word(env, "SUKI_TOKEN"), word(env, "SUKI_APP_SECRET"), "pandesal"] {
        assert!(!has(&taken, secret), "a span has {secret}");
    }
}
