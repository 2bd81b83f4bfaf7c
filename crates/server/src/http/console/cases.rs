//! Queues and cases.
use super::Signed;
use crate::http::problem::{Body, Checked, Refusal};
use axum::{
    Json,
    extract::{Path, Query},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};
use suki_network::review::{Case, CaseFilter, CaseKind, CaseState, Decision, Names};
use suki_types::CaseId;

/// The most cases of a page.
const PAGE: u32 = 100;

/// `GET /queues`
pub async fn queues(signed: Signed) -> Result<Json<Value>, Refusal> {
    let counts = signed.console.queues(&signed.operator).await?;
    let data: Vec<Value> = counts.iter().map(|count| json!({ "kind": count.kind, "open": count.open, "oldest": count.oldest })).collect();
    Ok(Json(json!({ "data": data, "now": signed.console.time() })))
}

/// Which cases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    state: Option<CaseState>,
    kind: Option<CaseKind>,
    cursor: Option<CaseId>,
    limit: Option<u32>,
}

/// `GET /cases`
pub async fn list(signed: Signed, Checked(Query(wanted)): Checked<Query<Wanted>>) -> Result<Json<Value>, Refusal> {
    let limit = wanted.limit.unwrap_or(50).clamp(1, PAGE);
    let filter = CaseFilter { state: wanted.state.unwrap_or(CaseState::Open), kind: wanted.kind, cursor: wanted.cursor, limit };
    let page = signed.console.cases(&signed.operator, filter).await?;
    let next = (page.len() == limit as usize).then(|| page.last().map(|(case, _)| case.id)).flatten();
    let data: Vec<Value> = page.iter().map(|(case, names)| named(names, row(case))).collect();
    Ok(Json(json!({ "data": data, "next": next })))
}

/// A case as lists show it: without its detail.
pub fn row(case: &Case) -> Value {
    json!({
        "id": case.id,
        "kind": case.kind,
        "state": case.state,
        "subject": case.subject,
        "title": title(case),
        "opened_at": case.opened_at,
        "claimed_until": case.claim.map(|(_, until)| until),
        "first": case.first,
        "decided_at": case.decided.as_ref().map(|decided| decided.at),
        "reason": case.decided.as_ref().map(|decided| &decided.reason),
        "code": case.decided.as_ref().and_then(|decided| decided.code.as_ref()),
    })
}

/// What of the business a case is about, for people.
fn title(case: &Case) -> &str {
    let of = |name: &str| case.detail[name].as_str().filter(|text| !text.is_empty());
    let known = match case.kind {
        CaseKind::Name | CaseKind::Template => of("name"),
        CaseKind::Verification | CaseKind::Number => of("legal_name"),
        CaseKind::Report => of("reason"),
        CaseKind::Appeal => of("text"),
    };
    known.unwrap_or(&case.subject)
}

/// A row with the names of its people.
fn named(names: &Names, mut row: Value) -> Value {
    row["business_name"] = json!(names.business_name);
    row["claimed_by"] = json!(names.claimed_by);
    row["decided_by"] = json!(names.decided_by);
    row
}

/// `GET /cases/{id}`
pub async fn get(signed: Signed, Checked(Path(id)): Checked<Path<CaseId>>) -> Result<Json<Value>, Refusal> {
    whole(&signed, id).await
}

/// `POST /cases/{id}/claim`
pub async fn claim(signed: Signed, Checked(Path(id)): Checked<Path<CaseId>>, Body(_): Body<Value>) -> Result<Json<Value>, Refusal> {
    signed.console.claim(&signed.operator, id).await?;
    whole(&signed, id).await
}

/// `POST /cases/{id}/release`
pub async fn release(signed: Signed, Checked(Path(id)): Checked<Path<CaseId>>, Body(_): Body<Value>) -> Result<StatusCode, Refusal> {
    signed.console.release(&signed.operator, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A decision.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewDecision {
    approve: bool,
    reason: String,
    code: Option<String>,
}

/// `POST /cases/{id}/decide`
pub async fn decide(signed: Signed, Checked(Path(id)): Checked<Path<CaseId>>, Body(new): Body<NewDecision>) -> Result<Json<Value>, Refusal> {
    let decision = Decision { approve: new.approve, reason: new.reason, code: new.code };
    signed.console.decide(&signed.operator, id, decision).await?;
    whole(&signed, id).await
}

/// A case with all that somebody needs who decides it.
async fn whole(signed: &Signed, id: CaseId) -> Result<Json<Value>, Refusal> {
    let file = signed.console.case_file(&signed.operator, id).await?;
    let mut case = named(&file.names, row(&file.case));
    case["detail"] = file.case.detail.clone();
    case["business"] = super::businesses::card(&file.business);
    case["earlier"] = file.earlier.iter().map(row).collect();
    case["first_case"] = file.first.as_ref().map(|(first, names)| named(names, row(first))).unwrap_or_default();
    if file.case.kind == CaseKind::Report {
        case["messages"] = json!(signed.console.reported(&signed.operator, &file.case).await?);
    }
    case["reported"] = match file.case.kind {
        CaseKind::Report => json!(signed.console.reported(&signed.operator, &file.case).await?),
        _ => json!([]),
    };
    case["mine"] = json!(file.case.claim.is_some_and(|(by, _)| by == signed.operator.id));
    Ok(Json(case))
}
