//! Operations on a template.
use super::{
    case::{Case, ask, broken, case},
    stage::Stage,
};
use serde_json::json;

/// Two templates.
async fn two(stage: &mut Stage<'_>) {
    stage.template().await;
    let other =
        json!({"name": "order_sent", "language": "en_US", "category": "UTILITY", "components": [{"type": "BODY", "text": "Your order was sent."}]});
    let made = stage.post("/{waba_id}/message_templates", &other).await;
    stage.set("other_template", made["id"].as_str().expect("an id"));
}

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
        case(
            "template.compare",
            |stage| ask().query(format!("template_ids={}&start=1767139200&end=1767225600", stage.get("other_template"))),
            100,
            |_| ask().query("start=1767139200&end=1767225600"),
        )
        .after(|stage| Box::pin(two(stage))),
        case("template.unpause", |_| ask().json(json!({})), 100, |_| broken()).after(|stage| Box::pin(stage.template())),
        case("template.delete", |_| ask(), 100, |_| broken()).after(|stage| Box::pin(stage.template())),
    ]
}
