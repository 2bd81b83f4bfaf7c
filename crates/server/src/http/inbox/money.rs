//! What messages cost: a price before sending, the rate card, bills and statements.
use super::Signed;
use crate::http::problem::{Checked, Refusal};
use axum::{
    Json,
    extract::{Path, Query},
    http::{HeaderName, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use suki_endpoint::Error;
use suki_protocol::calls::money::{Bill, Cards, Quoted, Recipient, StatementFormat};
use suki_types::{ConversationId, Country, Phone};

/// For whom and what a price is asked: one of `chat`, `phone` and `country`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    chat: Option<ConversationId>,
    phone: Option<Phone>,
    country: Option<Country>,
    category: String,
}

/// `GET /price`
pub async fn price(Signed(signed): Signed, Checked(Query(asked)): Checked<Query<Asked>>) -> Result<Json<Quoted>, Refusal> {
    let to = match (asked.chat, asked.phone, asked.country) {
        (Some(chat), None, None) => Recipient::Conversation(chat),
        (None, Some(phone), None) => Recipient::Phone(phone),
        (None, None, Some(country)) => Recipient::Country(country),
        _ => return Err(Error::Invalid("name one of chat, phone and country".into()).into()),
    };
    Ok(Json(signed.business.quote(to, asked.category).await?))
}

/// `GET /rate-card`
pub async fn rate_card(Signed(signed): Signed) -> Result<Json<Cards>, Refusal> {
    Ok(Json(signed.business.rate_card().await?))
}

/// `GET /bill/{month}`, where the month may end in `.csv` or `.pdf` for the statement as a file
pub async fn bill(Signed(signed): Signed, Checked(Path(month)): Checked<Path<String>>) -> Result<Response, Refusal> {
    let (month, format) = match month.rsplit_once('.') {
        Some((month, "csv")) => (month, StatementFormat::Csv),
        Some((month, "pdf")) => (month, StatementFormat::Pdf),
        _ => {
            let bill: Bill = signed.business.bill(month).await?;
            return Ok(Json(bill).into_response());
        }
    };
    let statement = signed.business.statement(month.to_owned(), format).await?;
    let headers: [(HeaderName, String); 2] =
        [(header::CONTENT_TYPE, statement.media_type), (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", statement.name))];
    Ok((headers, statement.data.0).into_response())
}
