//! The inbox: people, chats, files, templates, consents, figures.
use super::{
    case::{Case, ask, told},
    stage::Stage,
};
use futures_util::future::LocalBoxFuture;
use serde_json::{Value, json};
use suki_endpoint::operators::Role;
use suki_testkit::{shop::message_id, wait::until};

/// A colleague, kept as `id`.
fn colleague<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        let hired = stage.shop.hire(stage.world, "Ben", Role::Operator).await;
        stage.set("id", hired.id.to_string());
    })
}

/// A chat, kept as `chat`, with its contact as `id` and a message as `said`.
pub fn chat<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        drop(stage.customer().await);
        let owner = stage.shop.owner(stage.world).await;
        let row = until(&stage.world.env, "the chat", || async {
            let list = owner.get(stage.world, "/chats").await.expect(200);
            (list["data"][0]["last"]["text"] == "Hello" && !list["data"][0]["window_until"].is_null()).then(|| list["data"][0].clone())
        })
        .await;
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        stage.set("chat", text(&row["id"]));
        stage.set("id", text(&row["contact"]["id"]));
        stage.set("said", text(&row["last"]["id"]));
        stage.set("new", message_id(stage.world));
    })
}

/// An uploaded file, kept as `media`, beside a chat.
fn file<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        chat(stage).await;
        let id = crate::media::uploaded(stage.world, &stage.shop, "menu.pdf", "application/pdf", &crate::media::pdf(2_000)).await;
        stage.set("id", id.clone());
        stage.set("media", id);
    })
}

/// A message with a file, kept as `message`.
fn sent_file<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        file(stage).await;
        let owner = stage.shop.owner(stage.world).await;
        let body = json!({"id": stage.get("new"), "media": stage.get("media")});
        let sent = owner.post(stage.world, &format!("/chats/{}/media", stage.get("chat")), &body).await.expect(201);
        let path = format!("/messages/{}/files/0", sent["id"].as_str().expect("an id"));
        until(&stage.world.env, "its file", || async { (owner.get(stage.world, &path).await.status == 200).then_some(()) }).await;
        stage.set("message", sent["id"].as_str().expect("an id"));
        stage.set("place", "0");
    })
}

/// A template, kept as `id`, beside a chat.
fn template<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        chat(stage).await;
        stage.template().await;
        let id = stage.get("template_id").to_owned();
        stage.set("id", id);
    })
}

/// A template that a person refused, kept as `id`.
fn refused_template<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        let url = json!({"type": "URL", "text": "See them", "url": "https://bit.ly/soup"});
        let draft = json!({"name": "night_offer", "language": "en_US", "category": "MARKETING", "components": [
            {"type": "BODY", "text": "Tonight our kitchen serves every soup of the house at half its price."},
            {"type": "BUTTONS", "buttons": [url]}]});
        let made = stage.post("/{waba_id}/message_templates", &draft).await;
        stage.set("id", made["id"].as_str().expect("an id"));
        super::console::decide(stage, "template", &json!({"approve": false, "reason": "It hides where it leads.", "code": "SCAM"})).await;
        until(&stage.world.env, "the refusal", || async { (stage.read("/{id}").await["status"] == "REJECTED").then_some(()) }).await;
    })
}

/// The cases.
pub fn cases() -> Vec<Case> {
    [people(), chats(), files(), templates(), consents(), figures()].into_iter().flatten().collect()
}

fn people() -> Vec<Case> {
    vec![
        told("inbox.businesses.join", |stage| {
            ask().json(json!({"enrolment": stage.get("enrolment"), "consent": stage.world.endpoint().vault().consent(stage.get("enrolment")), "name": "Shop of Ana", "slug": "shop-of-ana", "phone": "+639171234567",
                              "owner": {"name": "Ana", "email": "ana@ana.example"}, "terms_version": 1}))
        })
        .after(super::network::enrolment),
        told("inbox.session.sign_in", |stage| ask().json(json!({"token": stage.get("secret")}))).after(|stage| {
            Box::pin(async move {
                let secret = stage.shop.sign_in_secret(stage.world, &stage.shop.owner.clone()).await;
                stage.set("secret", secret);
            })
        }),
        told("inbox.session.sign_out", |_| ask().json(json!({}))),
        told("inbox.session.me", |_| ask()),
        told("inbox.session.set_password", |_| ask().json(json!({"password": "a long sentence of words"}))),
        told("inbox.operators.list", |_| ask()),
        told("inbox.operators.add", |_| ask().json(json!({"name": "Cora", "email": "cora@kape.example", "role": "admin"}))),
        told("inbox.operators.sign_in_link", |_| ask().json(json!({}))).after(colleague),
        told("inbox.operators.remove", |_| ask()).after(colleague),
    ]
}

fn chats() -> Vec<Case> {
    vec![
        told("inbox.chats.list", |_| ask().query("limit=10&q=Ana")).after(chat),
        told("inbox.chats.get", |_| ask()).after(chat),
        told("inbox.chats.messages", |_| ask().query("limit=10")).after(chat),
        told("inbox.chats.send", |stage| ask().json(json!({"id": stage.get("new"), "text": "Hi", "reply_to": stage.get("said")}))).after(chat),
        told("inbox.chats.send_place", |stage| ask().json(json!({"id": stage.get("new"), "latitude": 14.6, "longitude": 121.0, "name": "Here"})))
            .after(chat),
        told("inbox.chats.react", |stage| ask().json(json!({"id": stage.get("new"), "message": stage.get("said"), "emoji": "👍"}))).after(chat),
        told("inbox.chats.read", |stage| ask().json(json!({"up_to": stage.get("said")}))).after(chat),
        told("inbox.chats.typing", |_| ask().json(json!({"on": true}))).after(chat),
        told("inbox.chats.send_template", |stage| {
            let template: u64 = stage.get("template_id").parse().expect("a number");
            ask().json(json!({"id": stage.get("new"), "template": template, "components": []}))
        })
        .after(template),
        told("inbox.chats.send_media", |stage| ask().json(json!({"id": stage.get("new"), "media": stage.get("media"), "caption": "Today"})))
            .after(file),
    ]
}

fn files() -> Vec<Case> {
    vec![
        told("inbox.media.upload", |_| {
            ask().query("type=application%2Fpdf&name=menu.pdf").bytes("application/octet-stream", crate::media::pdf(2_000))
        }),
        told("inbox.media.get", |_| ask()).after(file),
        told("inbox.media.of_message", |_| ask()).after(sent_file),
    ]
}

fn templates() -> Vec<Case> {
    vec![
        told("inbox.templates.list", |_| ask().query("limit=5&q=order")).after(template),
        told("inbox.templates.create", |_| {
            let components = json!([{"type": "BODY", "text": "Your table is ready."}]);
            ask().json(json!({"name": "table_ready", "language": "en_US", "category": "UTILITY", "components": components}))
        }),
        told("inbox.templates.get", |_| ask()).after(template),
        told("inbox.templates.edit", |_| ask().json(json!({"components": [{"type": "BODY", "text": "Your order is here."}]}))).after(template),
        told("inbox.templates.remove", |_| ask()).after(template),
        told("inbox.templates.appeal", |_| ask().json(json!({"text": "It leads to our own page"}))).after(refused_template),
        // Customers pause a template by what they think of it over days: crates/network/tests tries that.
        told("inbox.templates.unpause", |_| ask()).after(template).otherwise(422),
        told("inbox.templates.preview", |_| ask().json(json!({"components": []}))).after(template),
    ]
}

fn consents() -> Vec<Case> {
    vec![
        told("inbox.consents.get", |_| ask()).after(chat),
        told("inbox.consents.record", |_| ask().json(json!({"wording": "Yes, send me offers", "how": "form", "form": "paper"}))).after(chat),
        told("inbox.consents.revoke", |_| ask().query("reason=He%20said%20so")).after(chat),
        told("inbox.consents.record_phone", |stage| {
            ask().json(json!({"phone": format!("+{}", stage.get("customer")), "wording": "Yes, send me offers"}))
        })
        .after(chat),
        told("inbox.consents.csv", |_| ask()),
        told("inbox.consents.jsonl", |_| ask()),
    ]
}

fn figures() -> Vec<Case> {
    vec![
        told("inbox.money.price", |_| ask().query("category=marketing&country=PH")),
        told("inbox.money.rate_card", |_| ask()),
        told("inbox.money.bill", |_| ask()).after(|stage| Box::pin(async move { stage.set("month", "2026-01") })),
        told("inbox.statistics.get", |stage| {
            let now = stage.world.env.now().millis();
            ask().query(format!("from={}&to={now}&granularity=day&by=category,country", now - 86_400_000))
        })
        .after(chat),
        told("inbox.statistics.team", |stage| {
            let now = stage.world.env.now().millis();
            ask().query(format!("from={}&to={now}", now - 86_400_000))
        })
        .after(chat),
    ]
}
