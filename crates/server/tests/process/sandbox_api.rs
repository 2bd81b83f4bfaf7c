//! Every operation of the sandbox's API has a case here, since only a process has a clock of its own to move. The operations are those of the OpenAPI
//! document; one that is added without a case fails.
use crate::server::{Server, until, word};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use suki_server::http::openapi;
use tempfile::tempdir;

/// What succeeds, in this order; `PHONE` stands for the simulated customer's number.
fn cases() -> Vec<(&'static str, Option<Value>)> {
    let location = json!({"type": "location", "location": {"latitude": 14.6, "longitude": 121.0}});
    vec![
        ("sandbox.state.get", None),
        ("sandbox.customers.list", None),
        ("sandbox.customers.get", None),
        ("sandbox.customers.say", Some(location)),
        ("sandbox.customers.press", Some(json!({"choice": 1}))),
        ("sandbox.customers.play", Some(json!({}))),
        ("sandbox.customers.behave", Some(json!({"auto": {"deliver": true, "read": true}, "delay_millis": 0, "language": "fil"}))),
        ("sandbox.customers.wish", Some(json!({"saved": true}))),
        ("sandbox.customers.report", Some(json!({"reason": "spam", "messages": 1}))),
        ("sandbox.clock.move", Some(json!({"advance": "1h"}))),
        ("sandbox.customers.remove", None),
        ("sandbox.customers.add", Some(json!({"slug": "SLUG", "count": 1, "name": "Ben"}))),
    ]
}

/// Name, method, path and the described statuses.
fn operations() -> Vec<(String, Method, String, Value)> {
    let document = openapi::document();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, told) in item.as_object().expect("a path item") {
            let name = told["operationId"].as_str().expect("a name");
            if name.starts_with("sandbox.") {
                all.push((name.to_owned(), method.to_uppercase().parse().expect("a method"), path.clone(), told["responses"].clone()));
            }
        }
    }
    all
}

struct Api {
    http: Client,
    url: String,
}

impl Api {
    async fn call(&self, method: &Method, path: &str, token: &str, body: Option<&Value>) -> (u16, Value) {
        let mut call = self.http.request(method.clone(), format!("{}{path}", self.url));
        if !token.is_empty() {
            call = call.bearer_auth(token);
        }
        if let Some(body) = body {
            call = call.json(body);
        }
        let answer = call.send().await.expect("the server answers");
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }
}

#[tokio::test]
async fn every_operation_of_the_sandbox_does_its_work_and_refuses_the_rest() {
    let folder = tempdir().expect("a folder can be made");
    let server = Server::start(&folder.path().join("data"), "127.0.0.1:0").await;
    let env = server.env().await;
    let (api, token) = (Api { http: Client::new(), url: word(&env, "SUKI_URL").to_owned() }, word(&env, "SUKI_SANDBOX_TOKEN"));
    let slug = word(&env, "SUKI_CUSTOMER_LINK").rsplit('/').next().expect("a slug").to_owned();
    let new = json!({"slug": slug, "say": ["May pandesal pa ba?"], "behaviour": {"auto": {"deliver": true}}});
    let (status, made) = api.call(&Method::POST, "/sandbox/api/customers", token, Some(&new)).await;
    assert_eq!(status, 201, "{made}");
    let phone = word(&made["data"][0], "phone").to_owned();
    offer(&api, &env, &phone).await;
    let screen = format!("/sandbox/api/customers/{phone}");
    until("what he can press", async || {
        let (_, lines) = api.call(&Method::GET, &screen, token, None).await;
        lines.as_array()?.iter().any(|line| line["choices"].as_array().is_some_and(|choices| choices.len() == 2)).then_some(())
    })
    .await;
    let all = operations();
    let named = cases();
    for (name, ..) in &all {
        assert!(named.iter().any(|(one, _)| one == name), "{name} has no case: add one to tests/process/sandbox_api.rs");
    }
    for (name, body) in named {
        let (_, method, path, answers) = all.iter().find(|(one, ..)| one == name).unwrap_or_else(|| panic!("there is no operation {name}"));
        let body = body.map(|body| serde_json::from_str(&body.to_string().replace("SLUG", &slug)).expect("JSON"));
        let own = path.replace("{phone}", &phone);
        for wrong in ["", "sandbox_0"] {
            assert_eq!(api.call(method, &own, wrong, body.as_ref()).await.0, 401, "{name} with the token {wrong:?}");
        }
        if path.contains("{phone}") {
            let nobody = api.call(method, &path.replace("{phone}", "nobody"), token, body.as_ref()).await;
            assert_eq!((nobody.0, &nobody.1["code"]), (404, &json!("not_found")), "{name}");
        }
        if body.is_some() {
            assert_eq!(api.call(method, &own, token, Some(&json!([1]))).await.0, 400, "{name}, malformed");
        }
        let (status, answer) = api.call(method, &own, token, body.as_ref()).await;
        assert!((200..300).contains(&status) && answers.get(status.to_string()).is_some(), "{name}: {status} {answer}");
    }
    assert_eq!(api.call(&Method::GET, "/sandbox/api/customers?limit=many", token, None).await.0, 400);
}

/// Two buttons, so that there is something to press.
async fn offer(api: &Api, env: &Value, phone: &str) {
    let button = |title: &str| json!({"type": "reply", "reply": {"id": title, "title": title}});
    let message = json!({"messaging_product": "whatsapp", "to": phone, "type": "interactive", "interactive": {
        "type": "button", "body": {"text": "When?"}, "action": {"buttons": [button("Now"), button("Later")]}}});
    let path = format!("/v23.0/{}/messages", word(env, "SUKI_PHONE_NUMBER_ID"));
    until("his first message has come", async || {
        let (status, _) = api.call(&Method::POST, &path, word(env, "SUKI_TOKEN"), Some(&message)).await;
        (status == 200).then_some(())
    })
    .await;
}
