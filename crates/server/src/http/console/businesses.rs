//! Businesses, as the platform sees them.
use super::{Signed, audit, cases};
use crate::http::problem::{Checked, Refusal};
use axum::{
    Json,
    extract::{Path, Query},
};
use serde::Deserialize;
use serde_json::{Value, json};
use suki_network::console::{businesses::Card, operators::Duty};
use suki_protocol::calls::{money::Bill, templates::Template};
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

/// A template as a business's page shows it; its parts are shown by its case.
fn template(template: &Template) -> Value {
    json!({
        "id": template.id,
        "name": template.name,
        "language": template.language,
        "category": template.category,
        "correct_category": template.correct_category,
        "status": template.status,
        "quality": template.quality,
        "explanation": template.explanation,
    })
}

/// What it owes for this month so far.
fn ledger(bill: &Bill, digits: usize) -> Value {
    let lines = bill.lines.iter().map(|line| {
        let (market, category, kind) = (&line.market, &line.category, &line.kind);
        json!({ "market": market, "category": category, "kind": kind, "count": line.count, "amount": line.amount.plain(digits) })
    });
    json!({
        "month": bill.month,
        "currency": bill.currency,
        "total": bill.total.plain(digits),
        "reserved": bill.reserved.plain(digits),
        "lines": lines.collect::<Vec<_>>(),
    })
}

/// `GET /businesses`
pub async fn list(signed: Signed, Checked(Query(wanted)): Checked<Query<Wanted>>) -> Result<Json<Value>, Refusal> {
    let (found, next) = signed.console.businesses(&signed.operator, wanted.q.as_deref().unwrap_or_default(), wanted.cursor).await?;
    Ok(Json(json!({ "data": found.iter().map(card).collect::<Vec<_>>(), "next": next })))
}

/// `GET /businesses/{id}`
pub async fn get(signed: Signed, Checked(Path(id)): Checked<Path<AccountId>>) -> Result<Json<Value>, Refusal> {
    let (console, operator) = (&signed.console, &signed.operator);
    let file = console.business(operator, id).await?;
    let mut page = card(&file.card);
    page["standing"] = json!(console.standing(operator, id).await?);
    page["trust_status"] = json!(console.trust_status(operator, id).await?);
    page["templates"] = console.templates(operator, id).await?.iter().map(template).collect();
    if operator.role.may(Duty::Money) {
        page["ledger"] = ledger(&console.bill(operator, id).await?, console.policy().price.currency.decimals());
    }
    page["cases"] = file.cases.iter().map(cases::row).collect();
    page["history"] = audit::view(&file.history);
    Ok(Json(page))
}
