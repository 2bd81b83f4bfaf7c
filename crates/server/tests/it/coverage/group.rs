//! Groups of several customers.
use super::{
    case::{Case, ask, broken, case, refused},
    stage::Stage,
};
use futures_util::future::LocalBoxFuture;
use serde_json::{Value, json};
use suki_testkit::{Customer, wait::until};

fn whatsapp(mut body: Value) -> Value {
    body["messaging_product"] = "whatsapp".into();
    body
}

async fn made(stage: &mut Stage<'_>, mode: &str) {
    stage.post("/{phone_number_id}/groups", &whatsapp(json!({"subject": "Wedding", "join_approval_mode": mode}))).await;
    let listed = until(&stage.world.env, "the group", || async {
        let list = stage.read("/{phone_number_id}/groups").await;
        list["data"]["groups"][0]["id"].as_str().map(str::to_owned)
    });
    let id = listed.await;
    stage.set("group_id", id);
}

fn group<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(made(stage, "auto_approve"))
}

/// A customer who follows the group's invitation; kept as `customer`.
async fn follows(stage: &mut Stage<'_>) -> Customer {
    let link = stage.read("/{group_id}/invite_link").await["invite_link"].as_str().expect("a link").to_owned();
    let customer = Customer::named(stage.world, &stage.shop, "Ana").await;
    customer.client.join_group(&link).await.expect("he may ask");
    stage.set("customer", customer.phone.clone());
    customer
}

fn participant<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        made(stage, "auto_approve").await;
        follows(stage).await.joined().await;
        until(&stage.world.env, "the participant", || async { (stage.read("/{group_id}").await["total_participant_count"] == 1).then_some(()) })
            .await;
    })
}

fn request<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        made(stage, "approval_required").await;
        drop(follows(stage).await);
        let id = until(&stage.world.env, "the request", || async {
            let list = stage.read("/{group_id}/join_requests").await;
            list["data"][0]["join_request_id"].as_str().map(str::to_owned)
        })
        .await;
        stage.set("join_request", id);
    })
}

fn answer(stage: &Stage<'_>) -> Value {
    whatsapp(json!({"join_requests": [stage.get("join_request")]}))
}

/// The cases.
pub fn cases() -> Vec<Case> {
    vec![
        case(
            "groups.create",
            |_| ask().json(whatsapp(json!({"subject": "Wedding", "description": "Cakes", "join_approval_mode": "auto_approve"}))),
            131_008,
            |_| ask().json(whatsapp(json!({"description": "Cakes"}))),
        ),
        case("groups.list", |_| ask().query("limit=1"), 131_059, |_| ask().query("after=x")).after(group),
        case("group.get", |_| ask(), 100, |_| ask().query("fields=a{b")).after(participant),
        case(
            "group.change",
            |_| ask().json(whatsapp(json!({"subject": "Wedding, June"}))),
            100,
            |_| ask().json(whatsapp(json!({"subject": "x".repeat(129)}))),
        )
        .after(group),
        case("group.delete", |_| ask(), 100, |_| broken()).after(group),
        case("group_invite_link.get", |_| ask(), 100, |_| broken()).after(group),
        case("group_invite_link.reset", |_| ask().json(whatsapp(json!({}))), 100, |_| broken()).after(group),
        case("group_invite_link.remove", |_| ask(), 100, |_| broken()).after(group),
        case("group_join_requests.list", |_| ask(), 131_059, |_| ask().query("after=x")).after(request),
        case("group_join_requests.approve", |stage| ask().json(answer(stage)), 131_008, |_| ask().json(whatsapp(json!({})))).after(request),
        case("group_join_requests.reject", |stage| ask().json(answer(stage)), 131_008, |_| ask().json(whatsapp(json!({})))).after(request),
        case(
            "group_participants.remove",
            |stage| ask().json(whatsapp(json!({"participants": [{"user": stage.get("customer")}]}))),
            131_008,
            |_| ask().json(whatsapp(json!({}))),
        )
        .after(participant),
        refused("group_participants.add", 131_055, |_| ask().json(whatsapp(json!({"participants": [{"user": "999000000001"}]})))).after(group),
    ]
}
