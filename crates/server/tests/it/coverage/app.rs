//! Operations on an app and on upload sessions.
use super::{
    case::{Case, ask, broken, case},
    stage::Stage,
};
use crate::media::pdf;
use futures_util::future::LocalBoxFuture;
use serde_json::json;
use suki_testkit::receiver::VERIFY_TOKEN;

const BYTES: usize = 2_000;

fn session<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        let begun = stage.post(&format!("/{{app_id}}/uploads?file_length={BYTES}&file_type=application%2Fpdf"), &json!({})).await;
        stage.set("upload_session_id", begun["id"].as_str().expect("a session"));
    })
}

/// The cases.
pub fn cases() -> Vec<Case> {
    vec![
        case("app.get", |_| ask().query("fields=name"), 100, |_| ask().query("fields=name{")),
        case("subscriptions.list", |_| ask(), 100, |_| broken()),
        case(
            "subscriptions.subscribe",
            |stage| {
                ask().json(json!({"object": "whatsapp_business_account", "callback_url": stage.shop.callback, "verify_token": VERIFY_TOKEN,
                                  "fields": "messages,account_update"}))
            },
            100,
            |stage| ask().json(json!({"object": "page", "callback_url": stage.shop.callback, "verify_token": VERIFY_TOKEN})),
        ),
        case("subscriptions.unsubscribe", |_| ask().query("fields=messages"), 100, |_| ask().query("fields=nonsense")),
        case(
            "uploads.begin",
            |_| ask().json(json!({"file_length": BYTES, "file_type": "application/pdf", "file_name": "menu.pdf"})),
            100,
            |_| ask().json(json!({"file_length": "many", "file_type": "application/pdf"})),
        ),
        case("uploads.get", |_| ask(), 100, |_| broken()).after(session),
        case(
            "uploads.append",
            |_| ask().header("file_offset", "0").bytes("application/octet-stream", pdf(BYTES)),
            100,
            |_| ask().header("file_offset", "begin").bytes("application/octet-stream", pdf(BYTES)),
        )
        .after(session),
    ]
}
