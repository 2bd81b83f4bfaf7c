//! `suki console sign-in`: a link from the command line, beside a running server.
use crate::server::{Server, suki, word};
use serde_json::{Value, json};
use std::path::Path;
use tempfile::tempdir;

async fn sign_in(data: &Path, args: &[&str]) -> Result<String, String> {
    let out = suki().args(["console", "sign-in", "--data"]).arg(data).args(args).output().await.expect("suki starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it is text").trim().to_owned();
    if out.status.success() { Ok(text(out.stdout)) } else { Err(text(out.stderr)) }
}

async fn enter(link: &str) -> (u16, Value) {
    let (page, token) = link.split_once("#sign-in=").expect("the link carries a secret");
    let answer = reqwest::Client::new().post(format!("{page}api/sign-in")).json(&json!({ "token": token })).send().await.expect("it answers");
    (answer.status().as_u16(), answer.json().await.expect("it is JSON"))
}

#[tokio::test]
async fn a_link_from_the_command_line_lets_an_operator_of_the_platform_in_once() {
    let folder = tempdir().expect("a folder can be made");
    let data = folder.path().join("data");
    let nothing = sign_in(&data, &[]).await.expect_err("there is no network");
    assert!(nothing.contains("there is no network in") && nothing.contains("suki serve --data"), "{nothing}");

    let server = Server::start(&data, "127.0.0.1:0").await;
    let env = server.env().await;
    let (status, me) = enter(word(&env, "SUKI_CONSOLE_LINK")).await;
    assert_eq!((status, &me["operator"]["role"]), (200, &json!("admin")));
    let link = sign_in(&data, &["--name", "Rhea", "--role", "reviewer"]).await.expect("a link");
    assert!(link.starts_with(&format!("{}/console/#sign-in=", word(&env, "SUKI_URL"))), "{link}");
    let (status, me) = enter(&link).await;
    assert_eq!((status, &me["operator"]["name"], &me["operator"]["role"]), (200, &json!("Rhea"), &json!("reviewer")));
    assert_eq!(enter(&link).await.0, 401, "it is used up");
    let other = sign_in(&data, &["--name", "Rhea", "--role", "admin"]).await.expect_err("he is a reviewer");
    assert!(other.contains("another role"), "{other}");
    assert_eq!(enter(&sign_in(&data, &["--name", "Rhea"]).await.expect("a link")).await.0, 200);
}
