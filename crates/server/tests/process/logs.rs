//! What the log of a busy server says at its most talkative, and what it never says (docs/LOGGING.md).
use crate::{
    busy::Busy,
    server::{Server, word},
    webhook::Inbox,
};
use serde_json::Value;

/// The lines of the log; what is printed for the person who starts the demo is none of them.
fn lines(server: &Server) -> Vec<Value> {
    let text = server.log_text();
    text.lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")))
        .collect()
}

#[tokio::test]
async fn the_log_names_requests_and_nobody() {
    let busy = Busy::start(&["SUKI_LOG=debug", "SUKI_LOG_JSON=true"]).await;
    busy.is_heard().await;
    let Busy { server, env, http, customer, .. } = &busy;
    let inbox = Inbox::sign_in(http, env).await;
    assert!(!inbox.messages(&customer.chat.to_string()).await.is_empty());
    let url = format!("{}/v23.0/{}?access_token=marker-of-a-token", word(env, "SUKI_URL"), word(env, "SUKI_WABA_ID"));
    let refused = http.get(url).send().await.expect("it answers");
    assert_eq!(refused.status(), 401);
    let header = |name: &str| refused.headers()[name].to_str().expect("it is text").to_owned();
    let id = header("x-request-id");
    assert_eq!(header("x-fb-trace-id"), id);

    let told = lines(server);
    assert!(told.len() > 10, "{told:?}");
    let of_request = told
        .iter()
        .any(|line| line["span"]["id"] == id.as_str() || line["spans"].as_array().is_some_and(|all| all.iter().any(|one| one["id"] == id.as_str())));
    assert!(of_request, "no line names the request {id}");
    let sign_in = word(env, "SUKI_INBOX_LINK").rsplit_once('=').map_or("", |(_, secret)| secret);
    let secrets = ["marker-of", &customer.phone, word(env, "SUKI_TOKEN"), word(env, "SUKI_APP_SECRET"), word(env, "SUKI_SANDBOX_TOKEN"), sign_in];
    for line in &told {
        let line = line.to_string();
        for secret in secrets {
            assert!(!secret.is_empty() && !line.contains(secret), "{secret}: {line}");
        }
    }
}
