//! How a server stands and how it ends, as load balancers, supervisors and people see it.
use crate::server::{PATIENCE, Server, suki, until, word};
use serde_json::Value;
use std::{os::unix::fs::PermissionsExt as _, path::Path};
use tempfile::tempdir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    process::Command,
};

async fn start(data: &Path, variables: &[(&str, &str)]) -> Server {
    let mut prefix = vec!["env".to_owned()];
    prefix.extend(variables.iter().map(|(name, value)| format!("{name}={value}")));
    Server::start_behind(prefix, data, data, &data.with_extension("log"), "127.0.0.1:0").await
}

async fn tell(server: &Server, signal: &str) {
    let asked = Command::new("kill").args([signal, &server.pid().to_string()]).status().await.expect("kill is there");
    assert!(asked.success());
}

/// A request whose body does not come: the server has said that it waits for it.
async fn unfinished(url: &str) -> TcpStream {
    let address = url.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).await.expect("it listens");
    let told = "Content-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n";
    let head = format!("POST /inbox/api/sign-in HTTP/1.1\r\nHost: {address}\r\n{told}\r\n");
    stream.write_all(head.as_bytes()).await.expect("it is read");
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.expect("it answers");
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

#[tokio::test]
async fn each_part_is_named_with_how_it_stands() {
    let folder = tempdir().expect("a folder can be made");
    let server = start(&folder.path().join("data"), &[]).await;
    let env = server.env().await;
    let url = word(&env, "SUKI_URL");
    let answer = reqwest::get(format!("{url}/readyz")).await.expect("it answers");
    assert_eq!(answer.status(), 200);
    let report: Value = answer.json().await.expect("it is JSON");
    let parts = report["parts"].as_array().expect("parts");
    let states: Vec<(&str, &str)> = parts.iter().map(|part| (word(part, "name"), word(part, "state"))).collect();
    for name in ["network store", "endpoint store"] {
        assert!(states.contains(&(name, "ok")), "{report}");
    }
    assert_eq!((&report["ready"], &report["draining"]), (&Value::Bool(true), &Value::Bool(false)));
    assert_eq!(reqwest::get(format!("{url}/healthz")).await.expect("it answers").text().await.expect("it is text"), "ok");
}

#[tokio::test]
async fn a_request_that_is_under_way_is_answered_and_then_the_process_ends() {
    let folder = tempdir().expect("a folder can be made");
    let mut server = start(&folder.path().join("data"), &[("SUKI_DRAIN", "60")]).await;
    let env = server.env().await;
    let mut stream = unfinished(word(&env, "SUKI_URL")).await;
    tell(&server, "-TERM").await;
    until("the end to be told", async || server.log_text().contains("told to end").then_some(())).await;
    let rest = format!("{:<100}", "{\"email\": \"nobody@example.com\", \"password\": \"wrong\"}");
    stream.write_all(rest.as_bytes()).await.expect("it is read");
    let mut answer = String::new();
    tokio::time::timeout(PATIENCE, stream.read_to_string(&mut answer)).await.expect("in time").expect("it is text");
    assert!(answer.starts_with("HTTP/1.1 401 "), "it was answered: {answer}");
    server.ended().await;
}

#[tokio::test]
async fn whoever_does_not_finish_is_cut_off_when_the_time_is_over_or_at_the_second_signal() {
    let folder = tempdir().expect("a folder can be made");
    let mut server = start(&folder.path().join("first"), &[("SUKI_DRAIN", "1")]).await;
    let env = server.env().await;
    let _waiting = unfinished(word(&env, "SUKI_URL")).await;
    tell(&server, "-TERM").await;
    server.ended().await;
    assert!(server.log_text().contains("were cut off"), "{}", server.log_text());

    let server = start(&folder.path().join("second"), &[("SUKI_DRAIN", "3600")]).await;
    let env = server.env().await;
    let _waiting = unfinished(word(&env, "SUKI_URL")).await;
    tell(&server, "-TERM").await;
    until("the end to be told", async || server.log_text().contains("told to end").then_some(())).await;
    tell(&server, "-INT").await;
    until("the end", async || server.log_text().contains("ended at once").then_some(())).await;
}

/// What the doctor prints as JSON, and whether it ended well.
async fn examined(data: &Path, more: &[&str]) -> (bool, Vec<Value>) {
    let mut command: Command = suki();
    command.args(["doctor", "--json", "--listen", "127.0.0.1:0", "--data"]).arg(data).args(more);
    let output = command.output().await.expect("suki starts");
    let findings = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    (output.status.success(), findings)
}

#[tokio::test]
async fn the_doctor_finds_what_is_wrong_beside_a_server_that_runs() {
    let folder = tempdir().expect("a folder can be made");
    let data = folder.path().join("data");
    let _server = start(&data, &[]).await;
    let state = |findings: &[Value], check: &str| {
        let found = findings.iter().find(|finding| finding["check"] == check).unwrap_or_else(|| panic!("{check}: {findings:?}"));
        word(found, "state").to_owned()
    };
    let (well, findings) = examined(&data, &[]).await;
    assert!(well, "{findings:?}");
    for check in ["data folder", "network store", "endpoint store", "key files", "network key", "endpoint key", "listen address"] {
        assert_eq!(state(&findings, check), "ok", "{findings:?}");
    }

    let key = data.join("endpoint.key");
    let right = std::fs::read(&key).expect("it is there");
    std::fs::write(&key, [9; 32]).expect("it is written");
    let (well, findings) = examined(&data, &[]).await;
    assert_eq!((well, state(&findings, "endpoint key").as_str()), (false, "failed"));
    assert_eq!(state(&findings, "network key"), "ok");
    std::fs::write(&key, right).expect("it is written");

    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o640)).expect("it is ours");
    let (well, findings) = examined(&data, &[]).await;
    assert_eq!((well, state(&findings, "key files").as_str()), (false, "failed"));
    let advice = findings.iter().find(|finding| finding["check"] == "key files").map(|finding| word(finding, "advice").to_owned());
    assert!(advice.is_some_and(|advice| advice.starts_with("run: chmod 600 ")));
}

/// No call home: a server that nobody asks for anything connects to nobody, and asks for no name.
#[tokio::test]
async fn a_server_connects_to_nobody_by_itself() {
    let folder = tempdir().expect("a folder can be made");
    let (data, trace) = (folder.path().join("data"), folder.path().join("trace"));
    let written = trace.display().to_string();
    // The server ends with whoever watches it.
    let prefix = ["strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=connect,sendto,sendmsg", "-o", &written, "setpriv", "--pdeathsig", "KILL"];
    let prefix = prefix.map(str::to_owned).to_vec();
    let mut server = Server::start_behind(prefix, &data, &data, &data.with_extension("log"), "127.0.0.1:0").await;
    let watched = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", server.pid())).expect("it has a child");
    let asked = Command::new("kill").args(["-TERM", watched.trim()]).status().await.expect("kill is there");
    assert!(asked.success());
    server.ended().await;
    let traced = std::fs::read_to_string(&trace).expect("strace has written");
    let is_home = |line: &str| (line.contains("127.0.0.1") || line.contains("\"::1\"")) && !line.contains("htons(53)");
    let abroad: Vec<&str> = traced.lines().filter(|line| line.contains("AF_INET") && !is_home(line)).collect();
    assert!(abroad.is_empty(), "{abroad:#?}");
    assert!(server.log_text().contains("told to end"), "it was the server that ended");
}
