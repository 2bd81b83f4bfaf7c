//! Operations on a template.
use super::case::{Case, ask, broken, case};
use serde_json::json;

/// The cases.
pub fn cases() -> Vec<Case> {
    vec![
        case("template.get", |_| ask().query("fields=name,status,quality_score"), 100, |_| ask().query("fields=a{b"))
            .after(|stage| Box::pin(stage.template())),
        case(
            "template.change",
            |_| ask().json(json!({"components": [{"type": "BODY", "text": "Your order is ready now."}]})),
            100,
            |_| ask().json(json!({"components": [{"type": "BODY", "text": ""}]})),
        )
        .after(|stage| Box::pin(stage.template())),
        case("template.unpause", |_| ask().json(json!({})), 100, |_| broken()).after(|stage| Box::pin(stage.template())),
        case("template.delete", |_| ask(), 100, |_| broken()).after(|stage| Box::pin(stage.template())),
    ]
}
