//! The console. Which role may do what is walked by `console.rs` of these tests.
use super::{
    case::{Case, ask, told},
    stage::Stage,
};
use crate::console::Desk;
use futures_util::future::LocalBoxFuture;
use serde_json::{Value, json};
use suki_network::console::Role;
use suki_testkit::World;

async fn desk(world: &World) -> Desk {
    Desk::open(world, "Ada", Role::Admin).await
}

/// Decides the newest open case of a kind.
pub async fn decide(stage: &Stage<'_>, kind: &str, decision: &Value) {
    let desk = desk(stage.world).await;
    let cases = desk.get(stage.world, &format!("/cases?kind={kind}")).await.expect(200);
    let of_shop = |case: &&Value| case["business_name"].as_str().is_some_and(|name| name.ends_with(&stage.shop.slug));
    let id = cases["data"].as_array().expect("cases").iter().find(of_shop).expect("a case")["id"].as_str().expect("an id").to_owned();
    desk.post(stage.world, &format!("/cases/{id}/decide"), decision).await.expect(200);
}

/// A warning of the shop, kept as `number`, and its account as `id`.
pub async fn measured(stage: &mut Stage<'_>) {
    let desk = desk(stage.world).await;
    let business = format!("/businesses/{}", stage.shop.id);
    let warning = json!({"kind": "warning", "reason": "Too loud."});
    assert_eq!(desk.post(stage.world, &format!("{business}/measures"), &warning).await.status.as_u16(), 204);
    let page = desk.get(stage.world, &business).await.expect(200);
    stage.set("number", page["standing"]["history"][0]["id"].to_string());
    let id = stage.shop.id.to_string();
    stage.set("id", id);
}

fn warned<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(measured(stage))
}

fn business<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        let id = stage.shop.id.to_string();
        stage.set("id", id);
    })
}

/// A template that a person has to look at; its case is kept as `id`.
fn waiting<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        let url = json!({"type": "URL", "text": "See them", "url": "https://bit.ly/soup"});
        let draft = json!({"name": "night_offer", "language": "en_US", "category": "MARKETING", "components": [
            {"type": "BODY", "text": "Tonight our kitchen serves every soup of the house at half its price."},
            {"type": "BUTTONS", "buttons": [url]}]});
        stage.post("/{waba_id}/message_templates", &draft).await;
        let cases = desk(stage.world).await.get(stage.world, "/cases?kind=template").await.expect(200);
        let all = cases["data"].as_array().expect("cases");
        stage.set("id", all.last().expect("a case")["id"].as_str().expect("an id"));
    })
}

fn claimed<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        waiting(stage).await;
        let path = format!("/cases/{}/claim", stage.get("id"));
        desk(stage.world).await.post(stage.world, &path, &json!({})).await.expect(200);
    })
}

/// A colleague, kept as `id`.
fn colleague<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        let me = Desk::open(stage.world, "Rhea", Role::Reviewer).await.me;
        stage.set("id", me["operator"]["id"].as_str().expect("an id"));
    })
}

/// A template that may be sent: the shop's account is kept as `id`, it as `template`.
fn approved<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        stage.template().await;
        let (id, template) = (stage.shop.id.to_string(), stage.get("template_id").to_owned());
        stage.set("id", id);
        stage.set("template", template);
    })
}

/// A document that the shop has shown: its account is kept as `id`, its number as `number`.
fn document<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        let owner = stage.shop.owner(stage.world).await;
        let call = stage.world.call(axum::http::Method::POST, "/inbox/api/documents?name=a.pdf").header("cookie", &owner.cookie);
        let shown = call.bytes("application/pdf", b"%PDF-1.7".to_vec()).send().await.expect(201);
        stage.set("number", shown["id"].to_string());
        let id = stage.shop.id.to_string();
        stage.set("id", id);
    })
}

/// From when a rate card may hold, kept as `earliest`.
fn earliest<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        let cards = desk(stage.world).await.get(stage.world, "/rate-cards").await.expect(200);
        stage.set("earliest", cards["earliest"].to_string());
    })
}

/// The cases.
pub fn cases() -> Vec<Case> {
    [people(), queue(), businesses(), platform()].into_iter().flatten().collect()
}

fn people() -> Vec<Case> {
    vec![
        told("console.session.sign_in", |stage| ask().json(json!({"token": stage.get("secret")}))).after(|stage| {
            Box::pin(async move {
                let secret = Desk::link(stage.world, "Ada", Role::Admin).await;
                stage.set("secret", secret);
            })
        }),
        told("console.session.sign_out", |_| ask().json(json!({}))),
        told("console.session.me", |_| ask()),
        told("console.operators.list", |_| ask()),
        told("console.operators.add", |_| ask().json(json!({"name": "Cora", "role": "reviewer"}))),
        told("console.operators.sign_in_link", |_| ask().json(json!({}))).after(colleague),
        told("console.operators.remove", |_| ask()).after(colleague),
    ]
}

fn queue() -> Vec<Case> {
    vec![
        told("console.cases.queues", |_| ask()).after(waiting),
        told("console.cases.list", |_| ask().query("kind=template&limit=5")).after(waiting),
        told("console.cases.get", |_| ask()).after(waiting),
        told("console.cases.claim", |_| ask().json(json!({}))).after(waiting),
        told("console.cases.release", |_| ask().json(json!({}))).after(claimed),
        told("console.cases.decide", |_| ask().json(json!({"approve": true, "reason": "It is their own page"}))).after(waiting),
    ]
}

fn businesses() -> Vec<Case> {
    vec![
        told("console.businesses.list", |_| ask().query("q=shop")),
        told("console.businesses.get", |_| ask()).after(warned),
        told("console.businesses.measure", |_| ask().json(json!({"kind": "warning", "reason": "Too loud."}))).after(business),
        told("console.businesses.lift", |_| ask().json(json!({"reason": "They stopped."}))).after(warned),
        told("console.businesses.level", |_| ask().json(json!({"level": "confirmed", "reason": "Well known."}))).after(business),
        told("console.templates.disable", |_| ask().json(json!({"reason": "It is no longer what it was."}))).after(approved),
        told("console.templates.recategorise", |_| ask().json(json!({"category": "MARKETING", "reason": "It offers."}))).after(approved),
        told("console.businesses.document", |_| ask()).after(document),
    ]
}

fn platform() -> Vec<Case> {
    vec![
        told("console.rate_cards.list", |_| ask()),
        told("console.rate_cards.import", |stage| {
            let earliest: i64 = stage.get("earliest").parse().expect("a time");
            let rates = "Market,Currency,Marketing,Utility,Authentication\nOther,USD,0.07,0.01,0.01\n";
            ask().json(json!({"rates": rates, "tiers": "", "effective_at": earliest}))
        })
        .after(earliest),
        told("console.announcements.send", |_| ask().json(json!({"audience": "all", "title": "Prices", "body": "From December on."}))),
        told("console.announcements.list", |_| ask()),
        told("console.audit.list", |_| ask()).after(warned),
        told("console.audit.verify", |_| ask()).after(warned),
        told("console.policy.get", |_| ask()),
    ]
}
