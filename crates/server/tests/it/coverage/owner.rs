//! The inbox's operations for owners: how the business stands, what the network checks, webhooks, apps.
use super::{
    case::{Case, ask, told},
    stage::Stage,
};
use axum::http::Method;
use futures_util::future::LocalBoxFuture;
use serde_json::{Value, json};
use suki_testkit::{Browser, receiver::VERIFY_TOKEN, wait::until};

async fn owner(stage: &Stage<'_>) -> Browser {
    stage.shop.owner(stage.world).await
}

/// A shop that the network answers.
fn connected<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        let owner = owner(stage).await;
        until(&stage.world.env, "a connection", || async {
            let known = stage.shop.business(stage.world).trust().is_some();
            (known && owner.get(stage.world, "/terms").await.status == 200).then_some(())
        })
        .await;
    })
}

/// A measure that can be appealed, kept as `entry`.
fn measured<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        super::console::measured(stage).await;
        let entry = stage.get("number").to_owned();
        stage.set("entry", entry);
    })
}

fn name_asked<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        connected(stage).await;
        owner(stage).await.post(stage.world, "/name", &json!({"name": "Kape ni Ana"})).await.expect(200);
    })
}

fn name_refused<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        name_asked(stage).await;
        super::console::decide(stage, "name", &json!({"approve": false, "reason": "Not yours", "code": "NAME_NOT_CONSISTENT"})).await;
    })
}

/// A code that was sent to the shop's own number, kept as `sent_code`.
fn code_sent<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        connected(stage).await;
        let body = json!({"phone": format!("+{}", stage.get("phone")), "channel": "sms"});
        owner(stage).await.post(stage.world, "/number/code", &body).await.expect(200);
        let phone = stage.shop.business(stage.world).record().phone.clone();
        stage.set("sent_code", stage.world.codes.last(&phone).expect("a code was sent"));
    })
}

/// An endpoint of the owner's, kept as `id`.
fn endpoint<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        let made = owner(stage).await.post(stage.world, "/webhooks", &endpoint_body(stage)).await.expect(201);
        stage.set("id", made["id"].as_str().expect("an id"));
    })
}

fn endpoint_body(stage: &Stage<'_>) -> Value {
    json!({"name": "Archive", "url": stage.shop.callback, "verify_token": VERIFY_TOKEN})
}

/// A delivery, kept as `seq`, and who was told as `id`.
fn delivered<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        endpoint(stage).await;
        let path = format!("/webhooks/{}/test", stage.get("id"));
        let tested = owner(stage).await.post(stage.world, &path, &json!({"field": "messages"})).await.expect(202);
        stage.set("seq", tested["seq"].to_string());
    })
}

fn app<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        let id = stage.shop.app_id.clone();
        stage.set("id", id);
    })
}

/// A token of the app, kept as `token`.
fn token<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        app(stage).await;
        let list = owner(stage).await.get(stage.world, &format!("/apps/{}/tokens", stage.get("id"))).await.expect(200);
        stage.set("token", list["data"][0]["id"].as_str().expect("an id"));
    })
}

/// An uploaded document, kept as `document`.
fn documented<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        connected(stage).await;
        let call = stage.world.call(Method::POST, "/inbox/api/documents?name=a.pdf").header("cookie", &owner(stage).await.cookie);
        let shown = call.bytes("application/pdf", b"%PDF-1.7".to_vec()).send().await.expect(201);
        stage.set("document", shown["id"].to_string());
    })
}

/// The cases.
pub fn cases() -> Vec<Case> {
    [standing(), trust(), webhooks(), apps()].into_iter().flatten().collect()
}

fn standing() -> Vec<Case> {
    vec![
        told("inbox.standing.get", |_| ask()).after(connected),
        told("inbox.standing.appeal", |stage| {
            let entry: i64 = stage.get("entry").parse().expect("a number");
            ask().json(json!({"what": entry, "text": "It is wrong"}))
        })
        .after(measured),
    ]
}

fn trust() -> Vec<Case> {
    vec![
        told("inbox.trust.get", |_| ask()).after(connected),
        told("inbox.trust.terms", |_| ask()).after(connected),
        told("inbox.trust.accept_terms", |_| ask().json(json!({"version": 1}))).after(connected),
        told("inbox.trust.check_name", |_| ask().json(json!({"name": "John Smith"}))).after(connected),
        told("inbox.trust.request_name", |_| ask().json(json!({"name": "Kape ni Ana"}))).after(connected),
        told("inbox.trust.withdraw", |_| ask().json(json!({"subject": "name"}))).after(name_asked),
        told("inbox.trust.appeal", |_| ask().json(json!({"subject": "name", "text": "It is on the door"}))).after(name_refused),
        told("inbox.trust.number_code", |stage| ask().json(json!({"phone": format!("+{}", stage.get("phone")), "channel": "sms"}))).after(connected),
        told("inbox.trust.verify_number", |stage| ask().json(json!({"phone": format!("+{}", stage.get("phone")), "code": stage.get("sent_code")})))
            .after(code_sent),
        told("inbox.trust.upload_document", |_| ask().query("name=registration.pdf").bytes("application/pdf", b"%PDF-1.7".to_vec())).after(connected),
        told("inbox.trust.verify", |stage| {
            let document: i64 = stage.get("document").parse().expect("a number");
            ask().json(json!({"level": "confirmed", "entity": "company", "legal_name": "Kape ni Ana, Inc.", "country": "PH",
                              "official_phone": format!("+{}", stage.get("phone")), "documents": [document]}))
        })
        .after(documented),
        told("inbox.trust.announcements", |_| ask().query("limit=5")).after(connected),
    ]
}

fn webhooks() -> Vec<Case> {
    vec![
        told("inbox.webhooks.list", |_| ask()).after(endpoint),
        told("inbox.webhooks.add", |stage| ask().json(endpoint_body(stage))),
        told("inbox.webhooks.get", |_| ask()).after(endpoint),
        told("inbox.webhooks.change", |_| ask().json(json!({"name": "Archive two"}))).after(endpoint),
        told("inbox.webhooks.remove", |_| ask()).after(endpoint),
        told("inbox.webhooks.test", |_| ask().json(json!({"field": "messages"}))).after(endpoint),
        told("inbox.webhooks.replay", |stage| {
            let seq: i64 = stage.get("seq").parse().expect("a number");
            ask().json(json!({"seqs": [seq]}))
        })
        .after(delivered),
        told("inbox.webhooks.log", |_| ask().query("field=messages&limit=5")).after(delivered),
        told("inbox.webhooks.delivery", |_| ask()).after(delivered),
    ]
}

fn apps() -> Vec<Case> {
    vec![
        told("inbox.apps.list", |_| ask()),
        told("inbox.apps.add", |_| ask().json(json!({"name": "Kiosk"}))),
        told("inbox.apps.change", |_| ask().json(json!({"proof_required": false}))).after(app),
        told("inbox.apps.tokens", |_| ask()).after(app),
        told("inbox.apps.grant", |_| ask().json(json!({"name": "Till", "permissions": ["whatsapp_business_messaging"]}))).after(app),
        told("inbox.apps.revoke", |_| ask()).after(token),
        told("inbox.apps.code", |_| ask().json(json!({"permissions": ["whatsapp_business_messaging"]}))).after(app),
    ]
}
