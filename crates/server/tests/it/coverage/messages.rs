//! `POST /P/messages`.
use super::{
    case::{Case, ask, case},
    stage::Stage,
};
use serde_json::{Value, json};

fn marketing(to: &str) -> Value {
    json!({"messaging_product": "whatsapp", "to": to, "type": "template", "product_policy": "STRICT",
           "template": {"name": "sale", "language": {"code": "en_US"}}})
}

/// A customer, and what he may be sent.
async fn promoted(stage: &mut Stage<'_>) {
    let sale = json!({"name": "sale", "language": "en_US", "category": "MARKETING",
                      "components": [{"type": "BODY", "text": "This week every cake of ours costs half its price."}]});
    stage.post("/{waba_id}/message_templates", &sale).await;
    drop(stage.customer().await);
}

/// The cases.
pub fn cases() -> Vec<Case> {
    vec![
        case(
            "messages.send",
            |stage| {
                ask().json(json!({"messaging_product": "whatsapp", "to": stage.get("customer"), "type": "text", "text": {"body": "It is ready"},
                                  "context": {"message_id": stage.get("message")}, "biz_opaque_callback_data": "order 7"}))
            },
            131_008,
            |stage| ask().json(json!({"messaging_product": "whatsapp", "to": stage.get("customer"), "type": "text"})),
        )
        .after(|stage| Box::pin(async move { drop(stage.customer().await) })),
        case(
            "marketing_messages.send",
            |stage| ask().json(marketing(stage.get("customer"))),
            131_008,
            |_| ask().json(json!({"messaging_product": "whatsapp", "type": "template"})),
        )
        .after(|stage| Box::pin(promoted(stage))),
    ]
}
