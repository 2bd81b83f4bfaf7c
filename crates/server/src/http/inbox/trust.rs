//! The business before the network: terms, name, number, level, announcements (R26 to R48, R109). The network decides.
use super::Signed;
use crate::http::problem::{Body, Checked, Refusal};
use axum::{
    Json,
    body::Bytes,
    extract::Query,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use serde::Deserialize;
use suki_endpoint::{Error, operators::Role};
use suki_protocol::calls::{
    announcement::Announcements,
    trust::{NameChecked, NumberCodeSent, RequestNumberCode, RequestVerification, Subject, TermsStatus, TrustStatus, VerifyNumber},
};

/// What a document may be: none of these can be sent by a page of another site without asking.
const MEDIA_TYPES: [&str; 3] = ["application/pdf", "image/png", "image/jpeg"];

/// `GET /trust`
pub async fn status(Signed(signed): Signed) -> Result<Json<TrustStatus>, Refusal> {
    Ok(Json(signed.business.ask_trust().await?))
}

/// `GET /terms`
pub async fn terms(Signed(signed): Signed) -> Result<Json<TermsStatus>, Refusal> {
    Ok(Json(signed.business.terms().await?))
}

/// The version that was read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    version: u32,
}

/// `POST /terms`
pub async fn accept_terms(Signed(signed): Signed, Body(request): Body<Accept>) -> Result<Json<TermsStatus>, Refusal> {
    Ok(Json(signed.business.accept_terms(&signed.operator, request.version).await?))
}

/// A name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Name {
    name: String,
}

/// `POST /name/check`
pub async fn check_name(Signed(signed): Signed, Body(request): Body<Name>) -> Result<Json<NameChecked>, Refusal> {
    Ok(Json(signed.business.check_name(request.name).await?))
}

/// `POST /name`
pub async fn request_name(Signed(signed): Signed, Body(request): Body<Name>) -> Result<Json<TrustStatus>, Refusal> {
    Ok(Json(signed.business.request_name(&signed.operator, request.name).await?))
}

/// `POST /number/code`
pub async fn number_code(Signed(signed): Signed, Body(request): Body<RequestNumberCode>) -> Result<Json<NumberCodeSent>, Refusal> {
    owner(signed.operator.role)?;
    Ok(Json(signed.business.request_number_code(&request).await?))
}

/// `POST /number`
pub async fn verify_number(Signed(signed): Signed, Body(request): Body<VerifyNumber>) -> Result<Json<TrustStatus>, Refusal> {
    owner(signed.operator.role)?;
    Ok(Json(signed.business.verify_number(&request).await?))
}

fn owner(role: Role) -> Result<(), Refusal> {
    if role == Role::Owner { Ok(()) } else { Err(Error::Forbidden("only an owner of the business may do this".into()).into()) }
}

/// What a document is called.
#[derive(Deserialize)]
pub struct Document {
    name: String,
}

/// `POST /documents?name=NAME`, the bytes as body
pub async fn upload(
    Signed(signed): Signed,
    Checked(Query(document)): Checked<Query<Document>>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<impl IntoResponse, Refusal> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !MEDIA_TYPES.contains(&kind) {
        let detail = format!("Send it with its Content-Type: one of {}.", MEDIA_TYPES.join(", "));
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_a_document", "A document is a PDF, a PNG or a JPEG.", detail));
    }
    Ok((StatusCode::CREATED, Json(signed.business.upload_document(&signed.operator, &document.name, &bytes).await?)))
}

/// `POST /verification`
pub async fn verify(Signed(signed): Signed, Body(request): Body<RequestVerification>) -> Result<Json<TrustStatus>, Refusal> {
    Ok(Json(signed.business.request_verification(&signed.operator, &request).await?))
}

/// What is taken back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TakeBack {
    subject: Subject,
}

/// `POST /trust/withdraw`
pub async fn withdraw(Signed(signed): Signed, Body(request): Body<TakeBack>) -> Result<Json<TrustStatus>, Refusal> {
    Ok(Json(signed.business.withdraw_request(&signed.operator, request.subject).await?))
}

/// What is disagreed with, and why.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disagree {
    subject: Subject,
    text: String,
}

/// `POST /trust/appeal`
pub async fn appeal(Signed(signed): Signed, Body(request): Body<Disagree>) -> Result<Json<TrustStatus>, Refusal> {
    Ok(Json(signed.business.appeal_refusal(&signed.operator, request.subject, request.text).await?))
}

/// Which announcements.
#[derive(Deserialize)]
pub struct ListAnnouncements {
    before: Option<u64>,
    limit: Option<u32>,
}

/// `GET /announcements`
pub async fn announcements(Signed(signed): Signed, Checked(Query(query)): Checked<Query<ListAnnouncements>>) -> Result<Json<Announcements>, Refusal> {
    Ok(Json(signed.business.announcements(query.before, query.limit.unwrap_or(20).clamp(1, 50)).await?))
}
