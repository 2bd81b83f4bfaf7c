//! Flows: made, changed, published, copied, deleted.
use super::{
    case::{Case, ask, broken, case, told},
    stage::Stage,
};
use crate::flows::{cake, make};
use futures_util::future::LocalBoxFuture;
use serde_json::json;

const JSON: &str = "application/json";

async fn made(stage: &mut Stage<'_>, publish: bool) {
    let id = make(stage.world, &stage.shop, "Cake", &cake(), publish).await;
    stage.set("flow_id", id);
}

fn draft<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(made(stage, false))
}

fn published<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(made(stage, true))
}

/// A flow's preview; its path is kept as `shown`.
fn shown<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        made(stage, true).await;
        let path = format!("/{}?fields=preview", stage.get("flow_id"));
        let node = stage.read(&path).await;
        let address = node["preview"]["preview_url"].as_str().expect("an address");
        stage.set("shown", address.split_once("/flow/").map(|(_, rest)| format!("/flow/{rest}")).expect("its path"));
    })
}

/// The cases.
pub fn cases() -> Vec<Case> {
    vec![
        told("server.flows.show", |stage| ask().path(stage.get("shown"))).after(shown),
        case("flows.list", |_| ask().query("limit=1&fields=name,preview"), 100, |_| ask().query("limit=101")).after(draft),
        case(
            "flows.create",
            |_| {
                ask().json(json!({"name": "Pie", "categories": ["OTHER", "SURVEY"], "flow_json": "{\"version\": \"7.1\"}", "endpoint_uri": "https://pie.example"}))
            },
            100,
            |_| ask().json(json!({"name": "Pie", "categories": ["PARTY"]})),
        ),
        case(
            "flow.get",
            |_| {
                ask().query("fields=name,status,json_version,updated_at,preview.invalidate(true),application,whatsapp_business_account,health_status")
            },
            100,
            |_| ask().query("fields=a{b"),
        )
        .after(published),
        case("flow.change", |_| ask().json(json!({"name": "Pie", "categories": ["SURVEY"]})), 100, |_| ask().json(json!({"name": ""}))).after(draft),
        case("flow.delete", |_| ask(), 100, |_| broken()).after(draft),
        case("flow_assets.list", |_| ask(), 100, |_| broken()).after(draft),
        case(
            "flow_assets.set",
            |_| ask().multipart(&[("name", "flow.json"), ("asset_type", "FLOW_JSON")], Some(("flow.json", JSON, b"{\"version\": \"1\"}"))),
            100,
            |_| ask().multipart(&[("name", "flow.json")], None),
        )
        .after(draft),
        case("flow.publish", |_| ask(), 100, |_| broken()).after(draft),
        case("flow.deprecate", |_| ask(), 100, |_| broken()).after(published),
        case(
            "flows.migrate",
            |stage| ask().json(json!({"source_waba_id": stage.get("waba_id"), "source_flow_names": ["Cake", "Bread"]})),
            100,
            |_| ask().json(json!({"source_flow_names": ["Cake"]})),
        )
        .after(draft),
    ]
}
