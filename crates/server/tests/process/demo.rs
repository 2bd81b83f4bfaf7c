//! `suki env`, the one-time link, and what a restart keeps.
use crate::{
    customer::Customer,
    server::{Server, env_of, send, suki, until, word},
    webhook::{Inbox, try_sign_in},
};
use serde_json::Value;
use tempfile::tempdir;

#[tokio::test]
async fn env_answers_while_the_server_runs_and_when_it_does_not() {
    let folder = tempdir().expect("a folder can be made");
    let data = folder.path().join("data");
    let nothing = suki().args(["env", "--data"]).arg(&data).output().await.expect("suki starts");
    assert!(!nothing.status.success());
    let words = String::from_utf8_lossy(&nothing.stderr).into_owned();
    assert!(words.contains("there is no demo shop in") && words.contains("suki serve --demo --data"), "{words}");

    let mut server = Server::start(&data, "127.0.0.1:0").await;
    let running = server.env().await;
    server.stop().await;
    let stopped = env_of(&data).await;
    for name in ["SUKI_URL", "SUKI_TOKEN", "SUKI_APP_ID", "SUKI_APP_SECRET", "SUKI_WABA_ID", "SUKI_PHONE_NUMBER_ID", "SUKI_CUSTOMER_LINK"] {
        assert_eq!(word(&running, name), word(&stopped, name));
    }
    assert_ne!(word(&running, "SUKI_INBOX_LINK"), word(&stopped, "SUKI_INBOX_LINK"), "each link is a new one");

    let shell = suki().args(["env", "--data"]).arg(&data).output().await.expect("suki starts");
    let lines = String::from_utf8(shell.stdout).expect("it is text");
    assert!(lines.lines().all(|line| line.starts_with("export SUKI_") && line.ends_with('\'')), "{lines}");
    assert!(lines.contains(&format!("export SUKI_TOKEN='{}'\n", word(&stopped, "SUKI_TOKEN"))), "the exports and the JSON agree");
}

#[tokio::test]
async fn a_sign_in_link_signs_in_once() {
    let folder = tempdir().expect("a folder can be made");
    let server = Server::start(&folder.path().join("data"), "127.0.0.1:0").await;
    let (http, env) = (reqwest::Client::new(), server.env().await);
    assert_eq!(try_sign_in(&http, &env).await.status(), 200);
    let again = try_sign_in(&http, &env).await;
    assert_eq!(again.status(), 401);
    let problem: Value = again.json().await.expect("it is JSON");
    assert_eq!(problem["code"], "unauthorized");
    assert_eq!(try_sign_in(&http, &server.env().await).await.status(), 200, "a new one signs in");
}

#[tokio::test]
async fn a_restart_keeps_the_shop_its_token_and_its_sessions() {
    let folder = tempdir().expect("a folder can be made");
    let mut server = Server::start(&folder.path().join("data"), &crate::server::fixed_address()).await;
    let (http, before) = (reqwest::Client::new(), server.env().await);
    let inbox = Inbox::sign_in(&http, &before).await;
    let me = inbox.get("/me").await;
    let customer = Customer::join(word(&before, "SUKI_URL")).await;
    customer.say("May pandesal pa ba?").await;
    let chat = customer.chat.to_string();
    until("the customer's message", async || inbox.messages(&chat).await.first().cloned()).await;

    server.stop().await;
    server.start_again().await;
    let after = server.env().await;
    for name in ["SUKI_URL", "SUKI_TOKEN", "SUKI_APP_ID", "SUKI_APP_SECRET", "SUKI_WABA_ID", "SUKI_PHONE_NUMBER_ID", "SUKI_CUSTOMER_LINK"] {
        assert_eq!(word(&before, name), word(&after, name));
    }
    assert_eq!(inbox.get("/me").await, me, "the operator is still signed in");
    assert_eq!(word(&inbox.messages(&chat).await[0], "text"), "May pandesal pa ba?");
    let (status, answer) = send(&http, &before, &customer.phone, "Oo, mainit pa.").await.expect("the server answers");
    assert_eq!(status, 200, "{answer}");
    until("the answer at the customer", async || (customer.diary().heard == ["Oo, mainit pa."]).then_some(())).await;
}
