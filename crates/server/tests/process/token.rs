//! `suki token`: tokens from the command line, beside a running server.
use crate::server::{Server, suki, word};
use serde_json::Value;
use std::path::Path;
use tempfile::tempdir;

async fn token(data: &Path, args: &[&str]) -> Result<String, String> {
    let out = suki().arg("token").args(args).arg("--data").arg(data).output().await.expect("suki starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it is text").trim().to_owned();
    if out.status.success() { Ok(text(out.stdout)) } else { Err(text(out.stderr)) }
}

async fn list(data: &Path) -> Vec<Value> {
    serde_json::from_str(&token(data, &["list", "--json"]).await.expect("a list")).expect("JSON")
}

#[tokio::test]
async fn tokens_are_made_listed_and_revoked_from_the_command_line() {
    let folder = tempdir().expect("a folder can be made");
    let data = folder.path().join("data");
    let nothing = token(&data, &["list"]).await.expect_err("there is no endpoint");
    assert!(nothing.contains("there is no endpoint in") && nothing.contains("suki serve --data"), "{nothing}");

    let server = Server::start(&data, "127.0.0.1:0").await;
    let env = server.env().await;
    let before = list(&data).await.len();
    let args = ["create", "--name", "Till", "--scopes", "whatsapp_business_messaging", "--ends-in", "1h"];
    let made = token(&data, &args).await.expect("a token");
    assert!(made.starts_with("EAA") && !made.contains(char::is_whitespace), "one word");
    let account = format!("{}/v23.0/{}", word(&env, "SUKI_URL"), word(&env, "SUKI_WABA_ID"));
    let profile = format!("{}/v23.0/{}/whatsapp_business_profile", word(&env, "SUKI_URL"), word(&env, "SUKI_PHONE_NUMBER_ID"));
    let ask = async |url: &str| reqwest::Client::new().get(url).bearer_auth(&made).send().await.expect("it answers").status().as_u16();
    assert_eq!((ask(&profile).await, ask(&account).await), (200, 403), "it is good for messages alone");

    let all = list(&data).await;
    let till = all.iter().find(|one| one["name"] == "Till").expect("it is listed");
    assert_eq!((all.len(), &till["permissions"]), (before + 1, &serde_json::json!(["whatsapp_business_messaging"])));
    assert!(till["expires_at"].is_i64() && !all.iter().any(|one| one.to_string().contains(&made)), "tokens are never listed");
    let id = till["id"].as_str().expect("an id").to_owned();
    assert!(token(&data, &["list"]).await.expect("a list").contains(&id));
    token(&data, &["revoke", &id]).await.expect("it is revoked");
    assert_eq!(ask(&profile).await, 401, "at once");
    assert!(token(&data, &["revoke", &id]).await.expect_err("it is gone").contains("no such token"));
    let wrong = token(&data, &["create", "--scopes", "everything"]).await.expect_err("no permission");
    assert!(wrong.contains("whatsapp_business_messaging"), "{wrong}");
    let other = token(&data, &["list", "--business", "nobody"]).await.expect_err("no such business");
    assert!(other.contains("no such business"), "{other}");
}
