//! Operations on a business account and on a business.
use super::case::{Case, ask, broken, case};
use serde_json::{Value, json};
use suki_testkit::receiver::VERIFY_TOKEN;

fn template(name: &str) -> Value {
    json!({"name": name, "language": "en_US", "category": "UTILITY", "components": [{"type": "BODY", "text": "Your order is ready."}]})
}

/// A day's figures.
fn figures(more: &str) -> String {
    format!("start=1767139200&end=1767225600&granularity=DAILY&{more}")
}

/// The cases.
pub fn cases() -> Vec<Case> {
    vec![
        case("account.get", |_| ask().query("fields=name,currency,health_status,owner_business_info"), 100, |_| ask().query("fields=a{b")),
        case("account.change", |_| ask().json(json!({"name": "Branches"})), 100, |_| ask().json(json!({"name": ""}))),
        case("phone_numbers.list", |_| ask().query("limit=1"), 100, |_| ask().query("limit=101")),
        case(
            "phone_numbers.add",
            |stage| ask().json(json!({"cc": "999", "phone_number": stage.get("phone"), "verified_name": "Kape"})),
            131_008,
            |_| ask().json(json!({"cc": "999", "verified_name": "Kape"})),
        ),
        case("message_templates.list", |_| ask().query("limit=2&summary=total_count"), 100, |_| ask().query("limit=x"))
            .after(|stage| Box::pin(stage.template())),
        case("message_templates.create", |_| ask().json(template("order_ready")), 100, |_| ask().json(template("Order Ready!"))),
        case("message_templates.delete", |_| ask().query("name=order_ready"), 100, |_| ask()).after(|stage| Box::pin(stage.template())),
        case(
            "message_templates.upsert",
            |_| {
                let buttons = json!([{"type": "OTP", "otp_type": "COPY_CODE"}]);
                ask().json(json!({"name": "code", "languages": ["en_US", "fil"], "category": "AUTHENTICATION",
                                  "components": [{"type": "BODY"}, {"type": "BUTTONS", "buttons": buttons}]}))
            },
            100,
            |_| ask().json(json!({"name": "code", "languages": [], "category": "AUTHENTICATION", "components": [{"type": "BODY"}]})),
        ),
        case(
            "message_templates.get",
            |_| ask().query("fields=name,status"),
            100,
            |stage| ask().path(format!("/{}/message_templates/none", stage.shop.waba_id)),
        )
        .after(|stage| Box::pin(stage.template())),
        case(
            "message_templates.migrate",
            |stage| ask().json(json!({"source_waba_id": stage.shop.waba_id, "page_number": 0})),
            100,
            |_| ask().json(json!({"page_number": 0})),
        ),
        case("message_template_previews.list", |_| ask().query("category=AUTHENTICATION&code_expiration_minutes=10"), 100, |_| ask()),
        case("analytics.conversations", |_| ask().query(figures("dimensions=CONVERSATION_TYPE")), 100, |_| ask().query(figures("dimensions=x"))),
        case("analytics.pricing", |_| ask().query(figures("dimensions=COUNTRY,TIER")), 100, |_| ask().query(figures("dimensions=x"))),
        case(
            "analytics.templates",
            |stage| ask().query(figures(&format!("template_ids={}", stage.get("template_id")))),
            100,
            |_| ask().query(figures("template_ids=")),
        )
        .after(|stage| {
            Box::pin(async move {
                stage.template().await;
                stage.post("/{waba_id}", &json!({"is_enabled_for_insights": true})).await;
            })
        }),
        case("subscribed_apps.list", |_| ask(), 100, |_| broken()),
        case(
            "subscribed_apps.subscribe",
            |stage| ask().json(json!({"override_callback_uri": stage.shop.callback, "verify_token": VERIFY_TOKEN})),
            100,
            |_| ask().json(json!({"override_callback_uri": "nowhere", "verify_token": VERIFY_TOKEN})),
        ),
        case("subscribed_apps.unsubscribe", |_| ask(), 100, |_| broken()),
        case("business.get", |_| ask().query("fields=id,name,verification_status"), 100, |_| ask().query("fields=a{b")),
        case("owned_accounts.list", |_| ask(), 100, |_| ask().query("limit=x")),
        case("client_accounts.list", |_| ask(), 100, |_| ask().query("limit=x")),
    ]
}
