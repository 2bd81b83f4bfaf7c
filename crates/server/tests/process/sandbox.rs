//! The sandbox as a newcomer uses it: `suki sandbox` against a running server.
use crate::{
    server::{Server, fixed_address, send, suki, until, word},
    webhook::Inbox,
};
use serde_json::Value;
use std::path::Path;
use tempfile::tempdir;

/// What `suki sandbox … --json` prints; or what it says when it does not work.
async fn sandbox(data: &Path, arguments: &[&str]) -> Result<Value, String> {
    let output = suki().arg("sandbox").args(arguments).args(["--json", "--data"]).arg(data).output().await.expect("suki starts");
    if output.status.success() {
        return Ok(serde_json::from_slice(&output.stdout).unwrap_or(Value::Null));
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}

#[tokio::test]
async fn simulated_customers_answer_and_a_day_passes_in_a_moment() {
    let folder = tempdir().expect("a folder can be made");
    let data = folder.path().join("data");
    let mut server = Server::start(&data, &fixed_address()).await;
    let (http, env) = (reqwest::Client::new(), server.env().await);
    let inbox = Inbox::sign_in(&http, &env).await;

    let say = ["add", "--count", "2", "--name", "Ana", "--say", "May pandesal pa ba?", "--auto", "deliver,read,reply:\"Sige, salamat!\""];
    let made = sandbox(&data, &say).await.expect("they are made");
    assert_eq!((made["total"].as_u64(), word(&made["data"][1], "name")), (Some(2), "Ana 2"));
    let (phone, chat) = (word(&made["data"][0], "phone").to_owned(), word(&made["data"][0], "conversation").to_owned());

    let (status, answer) = send(&http, &env, &phone, "Oo, mainit pa.").await.expect("the server answers");
    assert_eq!(status, 200, "{answer}");
    until("his answer in the inbox", async || {
        let texts: Vec<Value> = inbox.messages(&chat).await;
        let sent = texts.iter().find(|message| message["text"] == "Oo, mainit pa.")?;
        (texts.iter().any(|message| message["text"] == "Sige, salamat!") && sent["status"] == "read").then_some(())
    })
    .await;
    let screen = sandbox(&data, &["show", &phone]).await.expect("his screen is shown");
    assert_eq!(screen.as_array().map(Vec::len), Some(3), "{screen}");

    let before = sandbox(&data, &["clock"]).await.expect("the time");
    let after = sandbox(&data, &["clock", "24h"]).await.expect("it moves");
    let ahead = |state: &Value| state["ahead_millis"].as_i64().expect("a number");
    assert_eq!((ahead(&before), ahead(&after)), (0, 86_400_000));
    // R94: a day later the window is closed.
    let (status, answer) = send(&http, &env, &phone, "Kumusta?").await.expect("the server answers");
    assert_eq!(status, 200, "{answer}");
    until("the refusal", async || {
        inbox.messages(&chat).await.iter().any(|message| message["text"] == "Kumusta?" && message["status"] == "failed").then_some(())
    })
    .await;

    server.stop().await;
    server.start_again().await;
    let state = sandbox(&data, &["clock"]).await.expect("the time");
    assert_eq!((ahead(&state), state["customers"].as_u64()), (86_400_000, Some(2)), "a restart keeps both");
    sandbox(&data, &["say", &phone, "Balik ako!"]).await.expect("he still has his keys");
    let env = server.env().await;
    let inbox = Inbox::sign_in(&http, &env).await;
    until("his word after the restart", async || inbox.messages(&chat).await.iter().any(|message| message["text"] == "Balik ako!").then_some(()))
        .await;
}

#[tokio::test]
async fn what_is_offline_gets_nothing_until_it_is_told_to() {
    let folder = tempdir().expect("a folder can be made");
    let data = folder.path().join("data");
    let server = Server::start(&data, "127.0.0.1:0").await;
    let (http, env) = (reqwest::Client::new(), server.env().await);
    let inbox = Inbox::sign_in(&http, &env).await;
    let made = sandbox(&data, &["add", "--say", "Hoy", "--auto", "read"]).await.expect("he is made");
    let (phone, chat) = (word(&made["data"][0], "phone").to_owned(), word(&made["data"][0], "conversation").to_owned());
    send(&http, &env, &phone, "Gising!").await.expect("the server answers");
    let status =
        async || inbox.messages(&chat).await.into_iter().find(|message| message["text"] == "Gising!").map(|message| message["status"].clone());
    until("it is sent", async || status().await.filter(|status| status == "sent")).await;
    sandbox(&data, &["auto", &phone, "--auto", "deliver,read"]).await.expect("he comes online");
    until("it is read", async || status().await.filter(|status| status == "read")).await;
    sandbox(&data, &["remove", &phone]).await.expect("he goes");
    let words = sandbox(&data, &["show", &phone]).await.expect_err("he is gone");
    assert!(words.contains("no simulated customer"), "{words}");
}

/// R8, R9, R11: simulated customers agree, block and report like people.
#[tokio::test]
async fn simulated_customers_have_every_say() {
    let folder = tempdir().expect("a folder can be made");
    let data = folder.path().join("data");
    let server = Server::start(&data, "127.0.0.1:0").await;
    let (http, env) = (reqwest::Client::new(), server.env().await);
    let inbox = Inbox::sign_in(&http, &env).await;
    let made = sandbox(&data, &["add", "--say", "Hoy", "--auto", "deliver,read"]).await.expect("he is made");
    let (phone, chat) = (word(&made["data"][0], "phone").to_owned(), word(&made["data"][0], "conversation").to_owned());
    let agreed = sandbox(&data, &["wish", &phone, "--consent", "The bakery may write to me."]).await.expect("he agrees");
    assert_eq!(agreed["events"][0]["wording"], "The bakery may write to me.");
    send(&http, &env, &phone, "Bili na!").await.expect("the server answers");
    let status =
        async |text: &str| inbox.messages(&chat).await.into_iter().find(|message| message["text"] == text).map(|message| message["status"].clone());
    until("it is read", async || status("Bili na!").await.filter(|status| status == "read")).await;
    sandbox(&data, &["report", &phone, "--reason", "spam", "--block"]).await.expect("he reports");
    send(&http, &env, &phone, "Bakit?").await.expect("the server answers");
    until("nothing reaches him", async || status("Bakit?").await.filter(|status| status == "failed")).await;
    let back = sandbox(&data, &["wish", &phone, "--blocked", "false"]).await.expect("he unblocks");
    assert_eq!(back["blocked_at"], Value::Null);
    send(&http, &env, &phone, "Salamat!").await.expect("the server answers");
    until("he is reached again", async || status("Salamat!").await.filter(|status| status == "read")).await;
    let words = sandbox(&data, &["report", &phone, "--messages", "11"]).await.expect_err("it is refused");
    assert!(words.contains("at most 10"), "{words}");
}

#[tokio::test]
async fn what_is_out_of_range_is_refused_with_what_is_allowed() {
    let folder = tempdir().expect("a folder can be made");
    let data = folder.path().join("data");
    let _server = Server::start(&data, "127.0.0.1:0").await;
    for (arguments, says) in [
        (&["clock", "367d"][..], "366 days"),
        (&["clock", "24"], "s, m, h or d"),
        (&["add", "--count", "0"], "1 to 500"),
        (&["add", "--count", "501"], "1 to 500"),
        (&["add", "--to", "nobody-here"], "link"),
        (&["add", "--auto", "dance"], "deliver, read, press and reply"),
        (&["add", "--delay", "8d"], "7 days"),
        (&["add", "--language", "français"], "a code such as"),
        (&["say", "999000000099", "Hoy"], "list them"),
    ] {
        let words = sandbox(&data, arguments).await.expect_err("it is refused");
        assert!(words.contains(says), "{arguments:?}: {words}");
    }
}

#[tokio::test]
async fn a_production_server_refuses_and_data_are_never_mixed() {
    let folder = tempdir().expect("a folder can be made");
    let (data, other) = (folder.path().join("production"), folder.path().join("sandbox"));
    let address = fixed_address();
    let serve = |arguments: &[&str], data: &Path| {
        let mut command = suki();
        command.args(["serve", "--listen", &address]).args(arguments).arg("--data").arg(data);
        command
    };
    let mut production = serve(&[], &data).spawn().expect("suki starts");
    let http = reqwest::Client::new();
    let url = format!("http://{address}/sandbox/api");
    let answer = until("the server", async || http.post(format!("{url}/clock")).json(&serde_json::json!({"advance": "24h"})).send().await.ok()).await;
    assert_eq!(answer.status(), 403);
    let problem: Value = answer.json().await.expect("it is JSON");
    assert_eq!(problem["code"], "not_a_sandbox");
    let words = sandbox(&data, &["clock", "24h"]).await.expect_err("there is no sandbox there");
    assert!(words.contains("is no sandbox's data"), "{words}");
    production.kill().await.expect("it ends");

    let refused = async |arguments: &[&str], data: &Path| {
        let output = serve(arguments, data).output().await.expect("suki starts");
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let words = refused(&["--sandbox"], &data).await;
    assert!(words.contains("is a production server's data"), "{words}");

    let mut sandboxed = serve(&["--sandbox"], &other).spawn().expect("suki starts");
    let answer = until("the sandbox", async || http.get(&url).send().await.ok()).await;
    assert_eq!(answer.status(), 401, "without its secret it answers nobody");
    let wrong = http.get(&url).bearer_auth("sandbox_0").send().await.expect("it answers");
    assert_eq!(wrong.status(), 401);
    sandboxed.kill().await.expect("it ends");
    let words = refused(&[], &other).await;
    assert!(words.contains("is a sandbox's data"), "{words}");
}
