//! `suki business`: a server without the demo gets its businesses from the command line.
use crate::server::{fixed_address, suki, until};
use serde_json::{Value, json};
use std::{path::Path, process::Stdio};
use tempfile::tempdir;
use tokio::process::Child;

/// A server without a shop. The address, and what ends it.
async fn serve(data: &Path, args: &[&str]) -> (String, Child) {
    let address = fixed_address();
    let mut command = suki();
    command.args(["serve", "--listen", &address, "--data"]).arg(data).args(args);
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("suki starts");
    let url = format!("http://{address}");
    until("the server", async || reqwest::get(format!("{url}/readyz")).await.ok().filter(|answer| answer.status() == 200)).await;
    (url, child)
}

async fn business(data: &Path, url: &str, args: &[&str]) -> Result<String, String> {
    let out = suki().arg("business").args(args).arg("--data").arg(data).args(["--url", url]).output().await.expect("suki starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it is text").trim().to_owned();
    if out.status.success() { Ok(text(out.stdout)) } else { Err(text(out.stderr)) }
}

const CREATE: [&str; 12] = [
    "create",
    "--name",
    "Kape ni Cora",
    "--slug",
    "kape-ni-cora",
    "--phone",
    "+63 917 123 4567",
    "--owner",
    "Cora Cruz",
    "--email",
    "cora@kape.example",
    "--json",
];

async fn enter(link: &str) -> (u16, Value) {
    let (page, token) = link.split_once("#sign-in=").expect("the link carries a secret");
    let answer = reqwest::Client::new().post(format!("{page}api/sign-in")).json(&json!({ "token": token })).send().await.expect("it answers");
    (answer.status().as_u16(), answer.json().await.expect("it is JSON"))
}

#[tokio::test]
async fn a_server_gets_its_first_business_from_the_command_line() {
    let folder = tempdir().expect("a folder can be made");
    let data = folder.path().join("data");
    let nothing = business(&data, "http://127.0.0.1:9", &CREATE).await.expect_err("there is no network");
    assert!(nothing.contains("suki business invite") && nothing.contains("--keys"), "{nothing}");
    let (url, _server) = serve(&data, &[]).await;
    let unread = business(&data, &url, &CREATE).await.expect_err("the terms were not accepted");
    assert!(unread.contains("accept version 1") && unread.contains("/v1/terms"), "{unread}");
    let accepting = [&CREATE[..], &["--accept-terms", "1"]].concat();
    let made: Value = serde_json::from_str(&business(&data, &url, &accepting).await.expect("it is made")).expect("JSON");
    assert_eq!(made["customer_link"], format!("{url}/c/kape-ni-cora"));
    let (status, me) = enter(made["sign_in_link"].as_str().expect("a link")).await;
    assert_eq!((status, &me["operator"]["role"], &me["business"]["name"]), (200, &json!("owner"), &json!("Kape ni Cora")));
    let twice = business(&data, &url, &accepting).await.expect_err("the link's name is taken");
    assert!(twice.contains("kape-ni-cora") || twice.contains("taken"), "{twice}");

    let all = business(&data, &url, &["list"]).await.expect("a list");
    assert!(all.starts_with("kape-ni-cora  +63") && all.lines().count() == 1, "{all}");
    let link = business(&data, &url, &["sign-in"]).await.expect("a link");
    assert_eq!(enter(&link).await.0, 200);
    let nobody = business(&data, &url, &["sign-in", "--business", "nobody"]).await.expect_err("there is none");
    assert!(nobody.contains("no such business"), "{nobody}");
}

#[tokio::test]
async fn an_endpoint_of_its_own_lets_a_business_in_with_the_networks_code() {
    let folder = tempdir().expect("a folder can be made");
    let (net, shop) = (folder.path().join("net"), folder.path().join("shop"));
    let (network, _network) = serve(&net, &["--role", "network"]).await;
    let (endpoint, _endpoint) = serve(&shop, &["--role", "endpoint", "--network", &network]).await;
    let code = business(&net, &network, &["invite"]).await.expect("a code");
    let wrong = [&CREATE[..], &["--accept-terms", "1", "--enrol", "NOBODYKNOWSTHISCODEATALL"]].concat();
    assert!(business(&shop, &endpoint, &wrong).await.expect_err("no code").contains("wrong or has expired"));
    let args = [&CREATE[..], &["--accept-terms", "1", "--enrol", &code]].concat();
    let made: Value = serde_json::from_str(&business(&shop, &endpoint, &args).await.expect("it is made")).expect("JSON");
    assert_eq!(made["customer_link"], format!("{network}/c/kape-ni-cora"), "customers write to it at the network");
    assert_eq!(enter(made["sign_in_link"].as_str().expect("a link")).await.0, 200);
}
