//! The development TLS as programs meet it that have `graph.facebook.com` written into them: through the proxy, and with a hosts entry.
use crate::{
    customer::Customer,
    server::{Server, until, word},
};
use reqwest::{Certificate, Client, Proxy, StatusCode, Version};
use serde_json::{Value, json};
use std::{os::unix::fs::PermissionsExt as _, path::Path};
use tempfile::tempdir;

/// A demo with the development TLS on a free port.
async fn start(data: &Path) -> Server {
    let prefix = vec!["env".into(), "SUKI_DEV_TLS=127.0.0.1:0".into()];
    Server::start_behind(prefix, data, data, &data.with_extension("log"), "127.0.0.1:0").await
}

/// A client that trusts what `suki env` names, and nothing else.
fn client(env: &Value, options: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder) -> Client {
    let pem = std::fs::read(word(env, "SUKI_DEV_TLS_CA")).expect("the certificate is there");
    let certificate = Certificate::from_pem(&pem).expect("it is one");
    options(Client::builder().tls_certs_only([certificate]).no_proxy()).build().expect("it is made")
}

fn through_the_proxy(env: &Value) -> Client {
    client(env, |builder| builder.proxy(Proxy::https(word(env, "SUKI_DEV_TLS_PROXY")).expect("it is an address")))
}

/// Meta's address, as it is written into programs.
const GRAPH: &str = "https://graph.facebook.com/v23.0";

#[tokio::test]
async fn an_unchanged_client_comes_through_the_proxy() {
    let folder = tempdir().expect("a folder can be made");
    let server = start(&folder.path().join("data")).await;
    let env = server.env().await;
    let (http, token, number) = (through_the_proxy(&env), word(&env, "SUKI_TOKEN"), word(&env, "SUKI_PHONE_NUMBER_ID"));

    let answer = http.get(format!("{GRAPH}/{number}")).bearer_auth(token).send().await.expect("it answers");
    assert_eq!((answer.status(), answer.version()), (StatusCode::OK, Version::HTTP_2));
    assert_eq!(answer.json::<Value>().await.expect("it is JSON")["id"], number);
    for name in ["api.facebook.com", "lookaside.fbsbx.com"] {
        let answer = http.get(format!("https://{name}/healthz")).send().await.expect("it answers");
        assert_eq!(answer.status(), StatusCode::OK, "{name}");
    }

    let customer = Customer::join(word(&env, "SUKI_URL")).await;
    customer.say("May pandesal pa ba?").await;
    let body = json!({"messaging_product": "whatsapp", "to": customer.phone, "type": "text", "text": {"body": "Oo, mainit pa."}});
    until("the message is sent", async || {
        let answer = http.post(format!("{GRAPH}/{number}/messages")).bearer_auth(token).json(&body).send().await.expect("it answers");
        answer.status().is_success().then_some(())
    })
    .await;
    until("the message at the customer", async || customer.diary().heard.contains(&"Oo, mainit pa.".to_owned()).then_some(())).await;
}

#[tokio::test]
async fn a_name_that_leads_here_does_as_well_and_both_versions_of_http_are_spoken() {
    let folder = tempdir().expect("a folder can be made");
    let server = start(&folder.path().join("data")).await;
    let env = server.env().await;
    let address = word(&env, "SUKI_DEV_TLS_PROXY").trim_start_matches("http://").parse().expect("it is an address");
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let http = client(&env, |builder| {
            let builder = if version == Version::HTTP_11 { builder.http1_only() } else { builder };
            builder.resolve("graph.facebook.com", address)
        });
        let answer = http.get("https://graph.facebook.com/healthz").send().await.expect("it answers");
        assert_eq!((answer.status(), answer.version()), (StatusCode::OK, version));
    }
}

/// What an answer points to lies where its client can go: at Meta's name for who came by it, at the server's own for all others.
#[tokio::test]
async fn the_next_page_lies_at_the_address_that_was_asked() {
    let folder = tempdir().expect("a folder can be made");
    let server = start(&folder.path().join("data")).await;
    let env = server.env().await;
    let (http, token) = (through_the_proxy(&env), word(&env, "SUKI_TOKEN"));
    let path = format!("{}/message_templates", word(&env, "SUKI_WABA_ID"));
    for language in ["en", "fil"] {
        let body = [json!({"type": "BODY", "text": "Your order is ready."})];
        let template = json!({"name": "ready", "language": language, "category": "UTILITY", "components": body});
        let made = http.post(format!("{GRAPH}/{path}")).bearer_auth(token).json(&template).send().await.expect("it answers");
        assert_eq!(made.status(), StatusCode::OK, "{:?}", made.text().await);
    }
    for base in [GRAPH.to_owned(), format!("{}/v23.0", word(&env, "SUKI_URL"))] {
        let page = http.get(format!("{base}/{path}?limit=1")).bearer_auth(token).send().await.expect("it answers");
        let page: Value = page.json().await.expect("it is JSON");
        let next = page["paging"]["next"].as_str().unwrap_or_else(|| panic!("there is a second page: {page}"));
        assert!(next.starts_with(&format!("{base}/")), "{next}");
        let second: Value = http.get(next).bearer_auth(token).send().await.expect("it answers").json().await.expect("it is JSON");
        assert!(second["data"].as_array().is_some_and(|data| data.len() == 1), "{second}");
    }
}

#[tokio::test]
async fn the_proxy_leads_nowhere_else() {
    let folder = tempdir().expect("a folder can be made");
    let server = start(&folder.path().join("data")).await;
    let env = server.env().await;
    for url in ["https://example.com/", "https://www.facebook.com/", "https://graph.facebook.com:8443/", "https://127.0.0.1/"] {
        let error = through_the_proxy(&env).get(url).send().await.expect_err("it is refused");
        assert!(error.is_connect(), "{url}: {error:?}");
    }
    let clear = Client::builder().no_proxy().build().expect("it is made").get(word(&env, "SUKI_DEV_TLS_PROXY")).send().await.expect("it answers");
    assert_eq!(clear.status(), StatusCode::BAD_REQUEST);
    let words = clear.text().await.expect("it is text");
    assert!(words.starts_with("This port speaks TLS, and CONNECT as a proxy.") && words.contains("HTTPS_PROXY"), "{words}");
}

#[tokio::test]
async fn the_start_tells_the_two_lines_and_the_next_one_keeps_the_authority() {
    let folder = tempdir().expect("a folder can be made");
    let data = folder.path().join("data");
    let mut server = start(&data).await;
    let env = server.env().await;
    let (proxy, ca) = (word(&env, "SUKI_DEV_TLS_PROXY").to_owned(), word(&env, "SUKI_DEV_TLS_CA").to_owned());
    let told = until("the lines", async || {
        let text = server.log_text();
        text.contains("export SSL_CERT_FILE=").then_some(text)
    })
    .await;
    assert!(told.contains(&format!("\nexport HTTPS_PROXY={proxy} ")) && told.contains(&format!("\nexport SSL_CERT_FILE='{ca}' ")), "{told}");
    assert!(Path::new(&ca).is_absolute());
    let mode = |name: &str| std::fs::metadata(data.join(name)).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode("dev-tls.key"), 0o600);
    let before = std::fs::read(&ca).expect("it is there");
    server.stop().await;
    server.start_again().await;
    let env = server.env().await;
    assert_eq!((word(&env, "SUKI_DEV_TLS_CA"), std::fs::read(&ca).expect("it is there")), (ca.as_str(), before));
    let answer = through_the_proxy(&env).get("https://graph.facebook.com/healthz").send().await.expect("it answers");
    assert_eq!(answer.status(), StatusCode::OK);
}
