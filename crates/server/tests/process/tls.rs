//! TLS as clients meet it: a certificate out of files that is renewed while the server runs, and one that an authority gives by itself.
use crate::server::{PATIENCE, fixed_address, suki, until};
use reqwest::{Certificate, Client, StatusCode, Version};
use serde_json::json;
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
};
use suki_store::testing::start_postgres;
use tempfile::{TempDir, tempdir};
use tokio::process::{Child, Command};

/// The name in every certificate here.
const NAME: &str = "shop.test";

/// A certificate for the name and the loopback, written into a folder; its text.
fn certificate(folder: &Path) -> String {
    let made = rcgen::generate_simple_self_signed([NAME.to_owned(), "localhost".to_owned()]).expect("it is made");
    fs::write(folder.join("tls.key"), made.signing_key.serialize_pem()).expect("it is written");
    fs::write(folder.join("tls.pem"), made.cert.pem()).expect("it is written");
    made.cert.pem()
}

/// A client that trusts this certificate and nothing else, and finds the name at this address.
fn client(pem: &str, address: SocketAddr, old: bool) -> Client {
    let certificate = Certificate::from_pem(pem.as_bytes()).expect("it is one");
    let builder = Client::builder().tls_certs_only([certificate]).no_proxy().resolve(NAME, address);
    let builder = if old { builder.http1_only() } else { builder };
    builder.build().expect("it is made")
}

/// A server that is no demo, with these options; its log is shown when a test fails.
fn start(folder: &TempDir, address: &str, more: &[&str]) -> Child {
    let log = fs::File::create(folder.path().join("log")).expect("it is written");
    let mut command = suki();
    command.args(["serve", "--listen", address, "--public-url"]).arg(format!("https://{NAME}:{}", port(address)));
    command.arg("--data").arg(folder.path().join("data")).args(more).stdout(Stdio::null()).stderr(log);
    command.spawn().expect("suki starts")
}

fn port(address: &str) -> &str {
    address.rsplit_once(':').map_or("", |(_, port)| port)
}

fn log(folder: &TempDir) -> String {
    fs::read_to_string(folder.path().join("log")).unwrap_or_default()
}

#[tokio::test]
async fn both_versions_of_http_are_spoken_and_a_renewed_certificate_is_taken_up() {
    let folder = tempdir().expect("a folder can be made");
    let (address, plain) = (fixed_address(), fixed_address());
    let pem = certificate(folder.path());
    let path = |name: &str| folder.path().join(name).display().to_string();
    let options = ["--tls-cert", &path("tls.pem"), "--tls-key", &path("tls.key"), "--tls-redirect", &plain];
    let mut server = start(&folder, &address, &options);
    let at: SocketAddr = address.parse().expect("an address");
    let url = format!("https://{NAME}:{}/healthz", at.port());
    for (old, version) in [(false, Version::HTTP_2), (true, Version::HTTP_11)] {
        let http = client(&pem, at, old);
        let answer = until("the server over TLS", async || http.get(&url).send().await.ok()).await;
        assert_eq!((answer.status(), answer.version()), (StatusCode::OK, version), "{}", log(&folder));
    }
    let lead = Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("it is made");
    let led = lead.get(format!("http://{plain}/c/nena?x=1")).send().await.expect("it answers");
    assert_eq!(led.status(), StatusCode::PERMANENT_REDIRECT);
    assert_eq!(led.headers()["location"], format!("https://{NAME}:{}/c/nena?x=1", at.port()));
    let clear = lead.get(format!("http://{address}/healthz")).send().await;
    assert!(clear.is_err(), "nothing is answered without TLS: {clear:?}");

    let renewed = certificate(folder.path());
    until("the renewed certificate", async || client(&renewed, at, false).get(&url).send().await.ok()).await;
    assert!(client(&pem, at, false).get(&url).send().await.is_err(), "the former one is not shown any more");
    end(&mut server).await;
}

async fn end(server: &mut Child) {
    let pid = server.id().expect("it runs").to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await.expect("kill is there").success());
    let ended = tokio::time::timeout(PATIENCE, server.wait()).await.expect("it ends in time").expect("it can be waited for");
    assert!(ended.success());
}

/// Let's Encrypt's own server for tests, and the names it asks for; they end with the test.
struct Authority {
    directory: String,
    roots: String,
    running: [Child; 2],
}

/// Where an authority is going to have its files, and its own certificate there.
fn authority_folder(folder: &TempDir) -> (PathBuf, String) {
    let own = folder.path().join("authority");
    fs::create_dir(&own).expect("it is made");
    let pem = certificate(&own);
    (own, pem)
}

/// Starts an authority at an address; it asks at this port.
fn authority(own: &Path, listen: String, tls_port: u16) -> Authority {
    let (management, names, names_management) = (fixed_address(), fixed_address(), fixed_address());
    let config = json!({"pebble": {
        "listenAddress": listen, "managementListenAddress": management, "certificate": own.join("tls.pem"), "privateKey": own.join("tls.key"),
        "httpPort": 5002, "tlsPort": tls_port, "ocspResponderURL": "", "externalAccountBindingRequired": false,
    }});
    fs::write(own.join("config.json"), config.to_string()).expect("it is written");
    let quiet = |command: &mut Command| {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("scripts/ensure-test-tools installs it")
    };
    let mut told = Command::new("pebble-challtestsrv");
    told.args(["-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-http01", "", "-https01", "", "-tlsalpn01", ""]);
    told.args(["-dns01", &names, "-management", &names_management]);
    let mut pebble = Command::new("pebble");
    pebble.args(["-strict", "-dnsserver", &names, "-config"]).arg(own.join("config.json"));
    pebble.env("PEBBLE_VA_NOSLEEP", "1").env("PEBBLE_WFE_NONCEREJECT", "0");
    Authority {
        directory: format!("https://localhost:{}/dir", port(&listen)),
        roots: format!("https://localhost:{}/roots/0", port(&management)),
        running: [quiet(&mut told), quiet(&mut pebble)],
    }
}

#[tokio::test]
async fn a_certificate_comes_by_itself_and_is_kept() {
    let folder = tempdir().expect("a folder can be made");
    let address = fixed_address();
    let at: SocketAddr = address.parse().expect("an address");
    let (own, pem) = authority_folder(&folder);
    let Authority { directory, roots, running } = authority(&own, fixed_address(), at.port());
    let trusting = client(&pem, at, false);
    let root = until("the authority", async || trusting.get(&roots).send().await.ok()?.text().await.ok()).await;
    let ca = folder.path().join("authority/tls.pem").display().to_string();
    let options = ["--tls-domain", NAME, "--tls-contact", "owner@shop.test", "--tls-directory", &directory, "--tls-directory-ca", &ca];
    let mut server = start(&folder, &address, &options);
    let url = format!("https://{NAME}:{}/healthz", at.port());
    let answer = tokio::time::timeout(PATIENCE, until("a certificate", async || client(&root, at, false).get(&url).send().await.ok())).await;
    let answer = answer.unwrap_or_else(|_| panic!("no certificate came\n{}", log(&folder)));
    assert_eq!(answer.status(), StatusCode::OK);
    end(&mut server).await;

    // The authority is gone, and the certificate is still there.
    drop(running);
    let mut server = start(&folder, &address, &options);
    until("the certificate that was kept", async || client(&root, at, false).get(&url).send().await.ok()).await;
    assert!(log(&folder).contains("the certificate that was kept is shown"), "{}", log(&folder));
    end(&mut server).await;
}

/// A node of a database that shares its certificates with the others.
fn start_node(folder: &TempDir, (name, address): (&str, &str), database: &str, more: &[&str]) -> Child {
    let log = fs::File::create(folder.path().join(format!("{name}.log"))).expect("it is written");
    let mut command = suki();
    command.args(["serve", "--listen", address, "--database", database, "--public-url"]).arg(format!("https://{NAME}:{}", port(address)));
    command.arg("--node-address").arg(format!("https://{NAME}:{}", port(address))).arg("--keys").arg(folder.path().join("keys"));
    command.arg("--data").arg(folder.path().join(name)).args(more).stdout(Stdio::null()).stderr(log);
    command.spawn().expect("suki starts")
}

/// The one that orders is not the one that the authority comes to, and both show what it gave.
#[tokio::test]
async fn nodes_of_a_database_prove_and_share_a_certificate_together() {
    let folder = tempdir().expect("a folder can be made");
    let data = folder.path().join("postgres");
    let database = tokio::task::spawn_blocking(move || start_postgres(&data, Some(std::process::id()))).await.expect("it starts");
    let (one, two, directory_at) = (fixed_address(), fixed_address(), fixed_address());
    let at = |address: &str| address.parse::<SocketAddr>().expect("an address");
    let url = |address: &str| format!("https://{NAME}:{}/healthz", port(address));
    let told = |name: &str| fs::read_to_string(folder.path().join(format!("{name}.log"))).unwrap_or_default();
    let (directory, ca) = (format!("https://localhost:{}/dir", port(&directory_at)), folder.path().join("authority/tls.pem").display().to_string());
    let (own, pem) = authority_folder(&folder);
    let options = ["--tls-domain", NAME, "--tls-contact", "owner@shop.test", "--tls-directory", &directory, "--tls-directory-ca"];
    let trusting_options = [&options[..], &[&ca]].concat();
    let mut first = start_node(&folder, ("one", &one), &database, &trusting_options);
    until("its first try", async || told("one").contains("a certificate was not had").then_some(())).await;
    // The second does not trust this authority, so that it orders nothing; the authority comes to it alone.
    let strangers = folder.path().join("strangers");
    fs::create_dir(&strangers).expect("it is made");
    certificate(&strangers);
    let strangers = strangers.join("tls.pem").display().to_string();
    let mut second = start_node(&folder, ("two", &two), &database, &[&options[..], &[&strangers]].concat());
    until("the second's first try", async || told("two").contains("a certificate was not had").then_some(())).await;
    let Authority { roots, running, .. } = authority(&own, directory_at, at(&two).port());
    let trusting = client(&pem, at(&two), false);
    let root = until("the authority", async || trusting.get(&roots).send().await.ok()?.text().await.ok()).await;
    for address in [&one, &two] {
        let http = client(&root, at(address), false);
        until("the certificate", async || http.get(url(address)).send().await.ok()).await;
    }
    assert!(told("one").contains("a new certificate is shown"), "{}", told("one"));
    assert!(told("two").contains("and was answered") && told("two").contains("that the nodes keep is shown"), "{}", told("two"));
    end(&mut first).await;
    end(&mut second).await;

    // The authority is gone, and a node that was never asked has the certificate.
    drop(running);
    let three = fixed_address();
    let mut third = start_node(&folder, ("three", &three), &database, &trusting_options);
    let http = client(&root, at(&three), false);
    until("the certificate that the nodes keep", async || http.get(url(&three)).send().await.ok()).await;
    end(&mut third).await;
}

#[tokio::test]
async fn options_that_do_not_go_together_are_refused_in_words() {
    let folder = tempdir().expect("a folder can be made");
    let told = async |options: &[&str]| {
        let mut command = suki();
        let output = command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder.path().join("data")).args(options).output().await;
        let output = output.expect("suki starts");
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(told(&["--tls-domain", "a.example.com"]).await.contains("--tls-contact"));
    assert!(told(&["--tls-cert", "x.pem"]).await.contains("--tls-key"));
    assert!(told(&["--tls-cert", "x.pem", "--tls-key", "x.key"]).await.contains("cannot read x.pem"));
    assert!(told(&["--tls-redirect", "127.0.0.1:0"]).await.contains("--tls-redirect leads to https"));
    assert!(told(&["--metrics", "nowhere"]).await.contains("/metrics"));
    assert!(told(&["--tls-domain", "1.2.3.4", "--tls-contact", "a@example.com"]).await.contains("is no name of a server"));
}
