//! What devices say to the network before they log in, sealed files, and what belongs to the server itself.
use super::{
    case::{Case, ask, told},
    stage::Stage,
};
use crate::shop_profile::{handle, png};
use futures_util::future::LocalBoxFuture;
use serde_json::json;
use suki_e2ee::Device;
use suki_protocol::{
    calls::blob::BeginBlob,
    http::Base64,
    pb::{self, client_frame::Body as Ask, server_frame::Body as Told},
};
use suki_testkit::Customer;
use suki_types::Phone;

const SEALED: &[u8] = b"nobody here can open this";

/// The key of a new device.
fn key(stage: &Stage<'_>) -> String {
    Base64(Device::public_key(&stage.world.env.random())).to_string()
}

/// A number that was sent a code: kept as `number` and `sent_code`.
fn code_sent<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        let phone: Phone = "+639171234567".parse().expect("a number");
        let body = json!({"phone": phone, "channel": "sms"});
        stage.world.call(axum::http::Method::POST, "/v1/phone-codes").json(&body).send().await.expect(200);
        stage.set("sent_code", stage.world.codes.last(&phone).expect("a code was sent"));
    })
}

/// A code that adds a device, kept as `link_code`.
fn link_code<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        let customer = Customer::named(stage.world, &stage.shop, "Ana").await;
        let told = customer.client.request(Ask::MakeLinkCode(pb::MakeLinkCode {})).await;
        let Ok(Told::LinkCode(code)) = told else { panic!("no code: {told:?}") };
        stage.set("link_code", code.code);
    })
}

/// A sealed file that may be stored: its name is kept as `blob`, what lets it be stored as `ticket`.
fn ticket<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        let customer = Customer::named(stage.world, &stage.shop, "Ana").await;
        let ticket = customer.client.call(&BeginBlob { bytes: SEALED.len() as u64 }).await.expect("a ticket");
        stage.set("blob", hex::encode(&ticket.blob.0));
        stage.set("ticket", ticket.token);
    })
}

/// A sealed file, kept as `blob`.
fn sealed<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        ticket(stage).await;
        let call = stage.world.call(axum::http::Method::PUT, &format!("/v1/blobs/{}", stage.get("blob"))).bearer(stage.get("ticket"));
        let stored = call.bytes("application/octet-stream", SEALED.to_vec()).send().await;
        assert_eq!(stored.status.as_u16(), 204);
    })
}

/// What a business registers with, kept as `enrolment`.
pub fn enrolment<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        let network = stage.world.network();
        let code = stage.world.inside(async move { network.create_enrolment().await.expect("an enrolment") }).await;
        stage.set("enrolment", code);
    })
}

/// A link with a text, kept as `code`.
fn link<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        let made = stage.post("/{phone_number_id}/message_qrdls", &json!({"prefilled_message": "Open?"})).await;
        stage.set("code", made["code"].as_str().expect("a code"));
    })
}

fn slug<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        let slug = stage.shop.slug.clone();
        stage.set("slug", slug);
    })
}

/// A picture of the shop; its path is kept as `picture`.
fn picture<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        let handle = handle(stage.world, &stage.shop, "image/png", png(192, 192)).await;
        let edge = "/{phone_number_id}/whatsapp_business_profile";
        stage.post(edge, &json!({"messaging_product": "whatsapp", "profile_picture_handle": handle})).await;
        let profile = stage.read(edge).await;
        let url = profile["data"][0]["profile_picture_url"].as_str().expect("an address");
        stage.set("picture", url.split_once("/v1/").map(|(_, rest)| format!("/v1/{rest}")).expect("its path"));
    })
}

/// The cases.
pub fn cases() -> Vec<Case> {
    vec![
        told("network.links.get", |_| ask()).after(slug),
        told("network.terms.get", |_| ask()),
        told("network.devices.guest", |stage| ask().json(json!({"slug": stage.shop.slug, "signature_key": key(stage), "device_name": "Phone"}))),
        told("network.phone_codes.send", |_| ask().json(json!({"phone": "+639177654321", "channel": "sms"}))),
        told("network.devices.phone", |stage| {
            ask().json(json!({"phone": "+639171234567", "code": stage.get("sent_code"), "signature_key": key(stage)}))
        })
        .after(code_sent),
        told("network.devices.add", |stage| ask().json(json!({"code": stage.get("link_code"), "signature_key": key(stage)}))).after(link_code),
        told("network.businesses.register", |stage| {
            ask().json(json!({"enrolment": stage.get("enrolment"), "name": "Shop of Ana", "slug": "shop-of-ana", "hosted_by": "Tests",
                              "signature_key": key(stage), "terms_version": 1}))
        })
        .after(enrolment),
        told("network.blobs.put", |stage| {
            ask().header("authorization", format!("Bearer {}", stage.get("ticket"))).bytes("application/octet-stream", SEALED.to_vec())
        })
        .after(ticket),
        told("network.blobs.get", |_| ask().header("range", "bytes=0-3")).after(sealed),
        told("network.pictures.get", |stage| ask().path(stage.get("picture"))).after(picture),
        told("network.socket.open", |_| ask().upgrade()),
        told("inbox.live.open", |_| ask().upgrade()),
        told("server.health.get", |_| ask()),
        told("server.readiness.get", |_| ask()),
        told("server.document.get", |_| ask()),
        told("server.links.open", |_| ask()).after(link),
    ]
}
