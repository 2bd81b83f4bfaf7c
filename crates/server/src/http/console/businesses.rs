//! Businesses, as the platform sees them.
use super::{Signed, audit, cases};
use crate::http::problem::{Checked, Refusal};
use axum::{
    Json,
    extract::{Path, Query},
};
use serde::Deserialize;
use serde_json::{Value, json};
use suki_network::console::businesses::Card;
use suki_types::AccountId;

/// Which businesses.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    q: Option<String>,
    cursor: Option<AccountId>,
}

/// Who a business is.
pub fn card(card: &Card) -> Value {
    json!({
        "id": card.id,
        "name": card.name,
        "about": card.about,
        "slug": card.slug,
        "hosted_by": card.hosted_by,
        "trust": card.trust,
        "since": card.since,
    })
}

/// `GET /businesses`
pub async fn list(signed: Signed, Checked(Query(wanted)): Checked<Query<Wanted>>) -> Result<Json<Value>, Refusal> {
    let (found, next) = signed.console.businesses(&signed.operator, wanted.q.as_deref().unwrap_or_default(), wanted.cursor).await?;
    Ok(Json(json!({ "data": found.iter().map(card).collect::<Vec<_>>(), "next": next })))
}

/// `GET /businesses/{id}`
pub async fn get(signed: Signed, Checked(Path(id)): Checked<Path<AccountId>>) -> Result<Json<Value>, Refusal> {
    let file = signed.console.business(&signed.operator, id).await?;
    let mut page = card(&file.card);
    page["standing"] = json!(file.standing);
    page["cases"] = file.cases.iter().map(cases::row).collect();
    page["history"] = audit::view(&file.history);
    Ok(Json(page))
}
