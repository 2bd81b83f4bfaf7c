//! What a program sends to the Cloud API: path, query, header and body.
use suki_cloud_api::{
    ApiError, Code, Params, fields, messages, nodes, oauth, path, subscriptions,
    token::{self, Credential},
    verification, wamid,
};
use suki_types::limits;

/// Reads bytes as a request: path, query, authorization, content type and body, with a zero byte between them.
pub fn run(bytes: &[u8]) {
    let mut parts = bytes.splitn(5, |byte| *byte == 0);
    let mut part = || parts.next().unwrap_or_default();
    let (path, query, authorization, content_type, body) = (part(), part(), part(), part(), part());
    let [path, query, authorization, content_type] =
        [path, query, authorization, content_type].map(|part| String::from_utf8_lossy(part).into_owned());
    // Nothing to assert of a path: any text names something or nothing.
    let _ = path::parse(&path);
    assert!(token::redact_query(&query).is_ascii());
    let Some(mut params) = checked(Params::from_query(&query)) else { return };
    if checked(params.merge_body(Some(&content_type), body)).is_none() {
        return;
    }
    if let Some(Credential::Token(token)) = checked(token::find(Some(&authorization), &params)) {
        assert!(token.expose().bytes().all(|byte| byte.is_ascii_graphic()));
    }
    if let Some(request) = checked(messages::parse(&params)) {
        message(request);
    }
    if let Some(subscribe) = checked(subscriptions::subscribe(&params)) {
        assert!(matches!(subscribe.callback.scheme(), "http" | "https") && subscribe.fields.is_sorted());
        let address = verification::address(&subscribe.callback, &subscribe.verify_token, "1");
        assert!(address.as_str().ends_with("&hub.challenge=1"));
    }
    checked(subscriptions::unsubscribe(&params));
    checked(subscriptions::subscribe_app(&params));
    checked(oauth::parse(&params));
    let id = "7".parse().expect("it is an id");
    if let Some(node) = checked(nodes::named(id, "name", &params)) {
        assert_eq!(node["id"], "7");
    }
    checked(fields::Selector::parse(&query));
}

fn message(request: messages::Request) {
    match request {
        messages::Request::Send(sent) => {
            match sent.what {
                messages::What::Text { body, .. } => {
                    assert!((1..=limits::TEXT_CHARS).contains(&body.chars().count()), "the text is bounded");
                    assert!(!body.trim().is_empty());
                }
                messages::What::Template(template) => {
                    assert!((1..=512).contains(&template.name.chars().count()) && template.cards.len() <= 10, "the template is bounded");
                }
            }
            assert!(sent.callback_data.is_none_or(|data| data.chars().count() <= 512));
        }
        messages::Request::Read { message, .. } => assert_eq!(wamid::decode(&wamid::encode(message)), Ok(message)),
    }
}

/// Whatever is refused is refused with a code, a status, and details that are bounded.
fn checked<T>(result: Result<T, ApiError>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) => {
            assert!((400..600).contains(&error.http_status()));
            assert_ne!(error.code, Code::SomethingWentWrong, "the caller is at fault, not the server");
            assert!(error.details.chars().count() <= 1000 && !error.details.is_empty());
            assert_eq!(error.body("x")["error"]["code"], error.code.number());
            None
        }
    }
}

/// Requests that are right, or nearly.
pub fn seeds() -> Vec<Vec<u8>> {
    let id = wamid::encode(suki_types::MessageId::from_bytes([7; 16]));
    let text = format!(
        r#"{{"messaging_product":"whatsapp","recipient_type":"individual","to":"+999 00 0000001","type":"text","context":{{"message_id":"{id}"}},"text":{{"body":"Kumusta po!","preview_url":true}},"biz_opaque_callback_data":"12"}}"#
    );
    let read = format!(r#"{{"messaging_product":"whatsapp","status":"read","message_id":"{id}","typing_indicator":{{"type":"text"}}}}"#);
    let form = "messaging_product=whatsapp&to=ZZ.A1&text=%7B%22body%22%3A%22Hi%22%7D";
    let json = "application/json";
    [
        ["/v23.0/7/messages", "", "Bearer EAAx", json, &text],
        ["/7/messages", "access_token=EAAx", "", json, &read],
        ["/7/messages", "", "Bearer EAAx", "application/x-www-form-urlencoded", form],
        ["/v23.0/7", "fields=id,quality_score{score},lines.limit(2){id}", "Bearer EAAx", "", ""],
        [
            "/8/subscriptions",
            "object=whatsapp_business_account&callback_url=https%3A%2F%2Fshop.example%2F&verify_token=v&fields=messages&access_token=8%7Cs",
            "",
            "",
            "",
        ],
        ["/9/subscribed_apps", "", "OAuth EAAx", json, r#"{"override_callback_uri":"https://shop.example/","verify_token":"v"}"#],
        ["/oauth/access_token", "grant_type=client_credentials&client_id=8&client_secret=s", "", "", ""],
        ["/v23.0/7/messages", "", "Bearer EAAx", json, r#"{"messaging_product":"whatsapp","to":"1","type":"image","image":{"id":"5"}}"#],
    ]
    .map(|parts| parts.map(str::as_bytes).join(&0))
    .into()
}
