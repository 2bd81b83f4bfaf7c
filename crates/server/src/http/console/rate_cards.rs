//! Rate cards: listed, and imported with every place that is wrong.
use super::Signed;
use crate::http::problem::{Body, Refusal};
use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};
use suki_network::{console::ConsoleError, money::ImportError};
use suki_rules::price::CardError;
use suki_types::Timestamp;

/// `GET /rate-cards`
pub async fn list(signed: Signed) -> Result<Json<Value>, Refusal> {
    let (cards, earliest) = signed.console.rate_cards(&signed.operator).await?;
    let currency = signed.console.policy().price.currency.code();
    Ok(Json(json!({ "data": cards, "currency": currency, "earliest": earliest })))
}

/// A rate card: the texts of its files.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct New {
    rates: String,
    tiers: String,
    effective_at: Timestamp,
}

/// `POST /rate-cards`
pub async fn post(signed: Signed, Body(new): Body<New>) -> Result<Response, Refusal> {
    let imported = signed.console.import_rate_card(&signed.operator, new.rates, new.tiers, new.effective_at).await?;
    Ok(match imported {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(ImportError::Rates(wrong)) => places("rates", &wrong),
        Err(ImportError::Tiers(wrong)) => places("tiers", &wrong),
        Err(ImportError::Store(error)) => return Err(ConsoleError::Store(error).into()),
        Err(error) => return Err(ConsoleError::Invalid(error.to_string()).into()),
    })
}

/// A problem with every place of a file that is wrong.
fn places(file: &str, wrong: &CardError) -> Response {
    let errors: Vec<Value> =
        wrong.0.iter().map(|cell| json!({ "file": file, "row": cell.line, "column": cell.column, "problem": cell.problem })).collect();
    let problem = json!({
        "code": "rate_card",
        "title": "The rate card is not imported.",
        "detail": "Nothing of it is kept. Correct the rows and import it again.",
        "status": 422,
        "errors": errors,
    });
    (StatusCode::UNPROCESSABLE_ENTITY, [(header::CONTENT_TYPE, "application/problem+json")], Json(problem)).into_response()
}
