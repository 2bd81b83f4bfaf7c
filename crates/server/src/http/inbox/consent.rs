//! What customers let the business do, and the ledger as a file.
use super::Signed;
use crate::http::problem::{Body, Checked, Refusal};
use axum::{
    Json,
    body::Body as Stream,
    extract::{Path, Query},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use serde::Deserialize;
use std::sync::Arc;
use suki_endpoint::{Business, Error, operators::Role};
use suki_protocol::calls::consent::{Consent, Format, RecordConsent, RevokeConsent, Who};
use suki_types::{AccountId, Phone, Timestamp};

/// `GET /contacts/{id}/consent`
pub async fn get(Signed(signed): Signed, Checked(Path(contact)): Checked<Path<AccountId>>) -> Result<Json<Consent>, Refusal> {
    let contact = signed.business.contact(contact).await?;
    Ok(Json(signed.business.consent(Who::Customer(contact.id)).await?))
}

/// What a customer agreed to.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewConsent {
    wording: String,
    given_at: Option<Timestamp>,
    #[serde(default)]
    how: String,
    #[serde(default)]
    form: String,
    #[serde(default)]
    evidence: String,
}

impl NewConsent {
    fn of(self, who: Who, business: &Business) -> RecordConsent {
        let given_at = self.given_at.unwrap_or_else(|| business.env().now());
        RecordConsent { who, how: self.how, wording: self.wording, form: self.form, given_at, evidence: self.evidence }
    }
}

/// `POST /contacts/{id}/consent`
pub async fn record(
    Signed(signed): Signed,
    Checked(Path(contact)): Checked<Path<AccountId>>,
    Body(new): Body<NewConsent>,
) -> Result<Json<Consent>, Refusal> {
    let contact = signed.business.contact(contact).await?;
    Ok(Json(signed.business.record_consent(new.of(Who::Customer(contact.id), &signed.business)).await?))
}

/// Why a consent ends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    #[serde(default)]
    reason: String,
}

/// `DELETE /contacts/{id}/consent`
pub async fn revoke(
    Signed(signed): Signed,
    Checked(Path(contact)): Checked<Path<AccountId>>,
    Checked(Query(end)): Checked<Query<End>>,
) -> Result<Json<Consent>, Refusal> {
    let contact = signed.business.contact(contact).await?;
    let request = RevokeConsent { who: Who::Customer(contact.id), reason: end.reason };
    Ok(Json(signed.business.revoke_consent(request).await?))
}

/// What somebody agreed to who need not be a contact yet.
#[derive(Deserialize)]
pub struct NewByPhone {
    phone: Phone,
    #[serde(flatten)]
    consent: NewConsent,
}

/// `POST /consents`
pub async fn record_phone(Signed(signed): Signed, Body(new): Body<NewByPhone>) -> Result<Json<Consent>, Refusal> {
    Ok(Json(signed.business.record_consent(new.consent.of(Who::Phone(new.phone), &signed.business)).await?))
}

/// `GET /consents.csv`
pub async fn csv(Signed(signed): Signed) -> Result<Response, Refusal> {
    may_export(signed.operator.role)?;
    file(signed.business, Format::Csv, "text/csv; charset=utf-8", "consents.csv").await
}

/// `GET /consents.jsonl`
pub async fn jsonl(Signed(signed): Signed) -> Result<Response, Refusal> {
    may_export(signed.operator.role)?;
    file(signed.business, Format::Jsonl, "application/jsonl; charset=utf-8", "consents.jsonl").await
}

/// The file has every customer's number.
fn may_export(role: Role) -> Result<(), Refusal> {
    match role {
        Role::Owner | Role::Admin => Ok(()),
        Role::Operator => {
            let detail = "Owners and administrators export the ledger; ask one of them.";
            Err(Refusal::new(StatusCode::FORBIDDEN, "forbidden", "You may not do this.", detail))
        }
    }
}

/// The pages of the ledger one after another. The first is asked for before anything is answered, so that a refusal is one.
async fn file(business: Arc<Business>, format: Format, kind: &'static str, name: &str) -> Result<Response, Refusal> {
    let first = business.export_consents(format, String::new()).await?;
    let next = (!first.next.is_empty()).then_some(first.next);
    let rest = stream::unfold((business, next), move |(business, next)| async move {
        let page = match business.export_consents(format, next?).await {
            Ok(page) => page,
            // The connection breaks off, so that nobody takes a part for the whole.
            Err(error) => return Some((Err(error), (business, None))),
        };
        let next = (!page.next.is_empty()).then_some(page.next);
        Some((Ok::<_, Error>(page.text), (business, next)))
    });
    let pages = stream::StreamExt::chain(stream::once(std::future::ready(Ok::<_, Error>(first.text))), rest);
    let disposition = format!("attachment; filename=\"{name}\"");
    Ok(([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], Stream::from_stream(pages)).into_response())
}
