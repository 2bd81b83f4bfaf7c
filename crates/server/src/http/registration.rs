//! Registration over HTTP, before a device can log in (`suki_protocol::http` has the shapes). The rules are the network's.
use super::{
    Faces,
    problem::{Body, Checked, Refusal},
};
use axum::{
    Json, Router,
    extract::{Path, State},
    routing::{get, post},
};
use suki_network::Network;
use suki_protocol::{
    calls::trust::Terms,
    http::{LinkCard, PhoneCodeSent, RegisterBusiness, RegisterDevice, RegisterGuest, RegisterPhone, Registered, RequestPhoneCode},
};

/// All operations below `/v1` that are not the socket.
pub fn routes() -> Router<Faces> {
    Router::new()
        .route("/links/{slug}", get(link))
        .route("/guests", post(guest))
        .route("/phone-codes", post(phone_code))
        .route("/phones", post(phone))
        .route("/devices", post(device))
        .route("/terms", get(terms))
        .route("/businesses", post(business))
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
