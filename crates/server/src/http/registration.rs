//! Registration over HTTP, before a device can log in (`suki_protocol::http` has the shapes). The rules are the network's.
use super::{
    Faces,
    problem::{Body, Checked, Refusal},
    route::{Route, get, post},
};
use axum::{
    Json,
    extract::{Path, State},
};
use suki_network::Network;
use suki_protocol::{
    calls::trust::Terms,
    http::{LinkCard, PhoneCodeSent, RegisterBusiness, RegisterDevice, RegisterGuest, RegisterPhone, Registered, RequestPhoneCode},
};

/// All operations of registration, below `/v1`.
pub fn list() -> Vec<Route> {
    vec![
        get("network.links.get", "/links/{slug}", link).says("Read who a link leads to", "What the messenger shows first.").gives(200, "LinkCard"),
        post("network.devices.guest", "/guests", guest)
            .says("Register a person without a phone", "From a link.")
            .takes("NewGuest")
            .gives(200, "Registered")
            .refuses(&[409, 429]),
        post("network.phone_codes.send", "/phone-codes", phone_code)
            .says("Have a code sent to a phone", "The answer is the same whether or not the number has an account.")
            .takes("{ phone: string; channel: \"sms\" | \"voice\" }")
            .gives(200, "{ expires_in: number }")
            .refuses(&[429, 502]),
        post("network.devices.phone", "/phones", phone)
            .says("Register a person with a phone", "The code proves that it is his.")
            .takes("NewPhone")
            .gives(200, "Registered")
            .refuses(&[403, 409, 429]),
        post("network.devices.add", "/devices", device)
            .says("Register another device", "With a code that a device of the account has made.")
            .takes("NewDevice")
            .gives(200, "Registered")
            .refuses(&[403, 409, 429]),
        get("network.terms.get", "/terms", terms).says("Read the terms", "Those in force for businesses.").gives(200, "Terms"),
        post("network.businesses.register", "/businesses", business)
            .says("Register a business's endpoint", "With the enrolment code that the network's operator gave out.")
            .takes("NewBusiness")
            .gives(200, "Registered")
            .refuses(&[403, 409, 429]),
    ]
}

fn network(faces: &Faces) -> Result<&Network, Refusal> {
    faces.network.as_ref().ok_or_else(super::no_network)
}

async fn link(State(faces): State<Faces>, Checked(Path(slug)): Checked<Path<String>>) -> Result<Json<LinkCard>, Refusal> {
    Ok(Json(network(&faces)?.link_card(&slug).await?))
}

async fn guest(State(faces): State<Faces>, Body(request): Body<RegisterGuest>) -> Result<Json<Registered>, Refusal> {
    Ok(Json(network(&faces)?.register_guest(request).await?))
}

async fn phone_code(State(faces): State<Faces>, Body(request): Body<RequestPhoneCode>) -> Result<Json<PhoneCodeSent>, Refusal> {
    Ok(Json(network(&faces)?.request_phone_code(request).await?))
}

async fn phone(State(faces): State<Faces>, Body(request): Body<RegisterPhone>) -> Result<Json<Registered>, Refusal> {
    Ok(Json(network(&faces)?.register_phone(request).await?))
}

async fn device(State(faces): State<Faces>, Body(request): Body<RegisterDevice>) -> Result<Json<Registered>, Refusal> {
    Ok(Json(network(&faces)?.register_device(request).await?))
}

async fn terms(State(faces): State<Faces>) -> Result<Json<Terms>, Refusal> {
    Ok(Json(network(&faces)?.terms()))
}

async fn business(State(faces): State<Faces>, Body(request): Body<RegisterBusiness>) -> Result<Json<Registered>, Refusal> {
    Ok(Json(network(&faces)?.register_business(request).await?))
}
