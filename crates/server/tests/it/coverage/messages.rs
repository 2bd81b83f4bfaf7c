//! `POST /P/messages`.
use super::case::{Case, ask, case};
use serde_json::json;

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
    ]
}
