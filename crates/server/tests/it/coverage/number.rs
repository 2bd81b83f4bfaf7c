//! Operations on a phone number that are no messages, files and groups.
use super::{
    case::{Case, ask, broken, case, refused},
    stage::Stage,
};
use crate::number_settings::rsa_key;
use futures_util::future::LocalBoxFuture;
use serde_json::{Value, json};

fn whatsapp(mut body: Value) -> Value {
    body["messaging_product"] = "whatsapp".into();
    body
}

fn link<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        let made = stage.post("/{phone_number_id}/message_qrdls", &json!({"prefilled_message": "Open?"})).await;
        stage.set("code", made["code"].as_str().expect("a code"));
    })
}

fn blocked<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        stage.customer().await;
        let body = block(stage);
        stage.post("/{phone_number_id}/block_users", &body).await;
    })
}

fn block(stage: &Stage<'_>) -> Value {
    whatsapp(json!({"block_users": [{"user": stage.get("customer")}]}))
}

fn sent_code<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        stage.post("/{phone_number_id}/request_code", &json!({"code_method": "SMS", "language": "en_US"})).await;
        let phone = stage.shop.business(stage.world).record().phone.clone();
        stage.set("sent_code", stage.world.codes.last(&phone).expect("a code was sent"));
    })
}

/// The cases.
pub fn cases() -> Vec<Case> {
    let mut all = node();
    all.extend(onboarding());
    all.extend(links_and_blocks());
    all.extend(settings());
    all.extend(usernames());
    all
}

fn node() -> Vec<Case> {
    vec![
        case(
            "phone_number.get",
            |_| ask().query("fields=verified_name,status,throughput,health_status,country_code"),
            100,
            |_| ask().query("fields=a{b"),
        ),
        case("phone_number.change", |_| ask().json(json!({"pin": "123456"})), 100, |_| ask().json(json!({"pin": "12345"}))),
        case("profile.get", |_| ask(), 100, |_| ask().query("fields=a{b")),
        case(
            "profile.change",
            |_| {
                ask()
                    .json(whatsapp(json!({"about": "Bread", "email": "hi@kape.example", "websites": ["https://kape.example"], "vertical": "RETAIL"})))
            },
            131_008,
            |_| ask().json(json!({"about": "Bread"})),
        ),
    ]
}

fn usernames() -> Vec<Case> {
    vec![
        case("username.get", |_| ask(), 100, |_| broken()),
        case("username.set", |_| ask().json(json!({"username": "kape.ana"})), 147_001, |_| ask().json(json!({"username": "www.kape"}))),
        case("username.delete", |_| ask(), 100, |_| broken()),
        case("username.suggest", |_| ask(), 100, |_| broken()),
    ]
}

fn onboarding() -> Vec<Case> {
    vec![
        case("number.register", |_| ask().json(whatsapp(json!({"pin": "123456"}))), 100, |_| ask().json(whatsapp(json!({"pin": "12345"})))),
        case("number.deregister", |_| ask().json(json!({})), 100, |_| broken()),
        case(
            "request_code.send",
            |_| ask().json(json!({"code_method": "SMS", "language": "en_US"})),
            100,
            |_| ask().json(json!({"code_method": "PIGEON"})),
        ),
        case("verify_code.check", |stage| ask().json(json!({"code": stage.get("sent_code")})), 100, |_| ask().json(json!({"code": "12"})))
            .after(sent_code),
        case("official_business_account.get", |_| ask(), 100, |_| broken()),
        refused("official_business_account.apply", 100, |_| ask().json(json!({}))),
    ]
}

fn links_and_blocks() -> Vec<Case> {
    vec![
        case("qr_links.list", |_| ask().query("fields=code,qr_image_url.format(SVG)"), 100, |_| ask().query("fields=a{b")).after(link),
        case(
            "qr_links.save",
            |_| ask().json(json!({"prefilled_message": "Open?", "generate_qr_image": "PNG"})),
            100,
            |_| ask().json(json!({"prefilled_message": "x".repeat(141)})),
        ),
        case("qr_links.get", |_| ask(), 100, |_| ask().query("fields=a{b")).after(link),
        case(
            "qr_links.change",
            |_| ask().json(json!({"prefilled_message": "Open now?"})),
            100,
            |_| ask().json(json!({"prefilled_message": "x".repeat(141)})),
        )
        .after(link),
        case("qr_links.delete", |_| ask(), 100, |_| broken()).after(link),
        case("block_users.list", |_| ask().query("limit=10"), 100, |_| ask().query("limit=x")).after(blocked),
        case("block_users.add", |stage| ask().json(block(stage)), 131_008, |_| ask().json(whatsapp(json!({}))))
            .after(|stage| Box::pin(async move { drop(stage.customer().await) })),
        case("block_users.remove", |stage| ask().json(block(stage)), 131_008, |_| ask().json(whatsapp(json!({})))).after(blocked),
    ]
}

fn settings() -> Vec<Case> {
    vec![
        case("settings.get", |_| ask(), 100, |_| broken()),
        case(
            "settings.change",
            |_| ask().json(json!({"user_identity_change": {"enable_identity_key_check": true}})),
            138_018,
            |_| ask().json(json!({"calling": {"status": "ENABLED"}})),
        ),
        case("commerce_settings.get", |_| ask(), 100, |_| ask().query("fields=a{b")),
        case("commerce_settings.change", |_| ask().query("is_cart_enabled=false"), 100, |_| ask()),
        case(
            "conversational_automation.change",
            |_| {
                let commands = json!([{"command_name": "menu", "command_description": "What there is"}]);
                ask().json(json!({"enable_welcome_message": true, "prompts": ["Open?"], "commands": commands}))
            },
            100,
            |_| ask().json(json!({"prompts": ["x".repeat(81)]})),
        ),
        case("encryption_key.get", |_| ask(), 100, |_| broken()),
        case(
            "encryption_key.set",
            |_| ask().json(json!({"business_public_key": rsa_key()})),
            100,
            |_| ask().json(json!({"business_public_key": "none"})),
        ),
        case("compliance.get", |_| ask(), 100, |_| broken()),
        case(
            "compliance.set",
            |_| {
                let officer = json!({"name": "Ana", "email": "ana@kape.example"});
                ask().json(whatsapp(json!({"entity_name": "Kape ni Ana", "entity_type": "PARTNERSHIP", "is_registered": true,
                                           "grievance_officer_details": officer, "customer_care_details": {"email": "care@kape.example"}})))
            },
            131_008,
            |_| ask().json(whatsapp(json!({}))),
        ),
    ]
}
