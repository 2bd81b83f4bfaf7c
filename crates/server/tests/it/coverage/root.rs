//! What is called on no object: tokens, whose they are, batches.
use super::case::{Case, ask, broken, case};
use serde_json::json;

/// The cases.
pub fn cases() -> Vec<Case> {
    vec![
        case(
            "access_token.get",
            |stage| ask().bare().query(format!("client_id={}&client_secret={}", stage.shop.app_id, stage.shop.app_secret)),
            100,
            |_| ask().bare(),
        ),
        case(
            "access_token.create",
            |stage| {
                let form = format!("grant_type=client_credentials&client_id={}&client_secret={}", stage.shop.app_id, stage.shop.app_secret);
                ask().bare().bytes("application/x-www-form-urlencoded", form.into_bytes())
            },
            100,
            |stage| ask().bare().query(format!("grant_type=barter&client_id={}&client_secret={}", stage.shop.app_id, stage.shop.app_secret)),
        ),
        case("debug_token.get", |stage| ask().query(format!("input_token={}", stage.shop.token)), 100, |_| ask()),
        case("message_template_library.list", |_| ask().query("limit=2&topic=PAYMENTS"), 100, |_| ask().query("limit=0")),
        case("me.get", |_| ask(), 100, |_| ask().query("fields=a{b")),
        case("businesses.list", |_| ask(), 100, |_| broken()),
        case(
            "batch.send",
            |stage| ask().json(json!({"batch": [{"method": "GET", "relative_url": stage.shop.phone_number_id}], "include_headers": false})),
            100,
            |_| ask().json(json!({"batch": []})),
        ),
    ]
}
