//! The record of decisions.
use super::Signed;
use crate::http::problem::{Checked, Refusal};
use axum::{Json, extract::Query, http::StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use suki_network::{
    audit::{Actor, Head},
    console::records::Page,
};
use suki_types::AccountId;

/// Which records.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    business: Option<AccountId>,
    before: Option<i64>,
}

/// Records with the names of who made them.
pub fn view(page: &Page) -> Value {
    let records = page.records.iter().map(|record| {
        let (kind, id) = match record.actor {
            Actor::System => ("system", None),
            Actor::Console(operator) => ("operator", Some(operator.to_string())),
            Actor::Business(business) => ("business", Some(business.to_string())),
        };
        json!({
            "seq": record.seq,
            "at": record.at,
            "actor": { "kind": kind, "id": id, "name": page.names.get(&record.seq) },
            "action": record.action,
            "subject": record.subject,
            "detail": record.detail,
            "hash": hex::encode(record.hash),
        })
    });
    records.collect()
}

/// `GET /audit`
pub async fn list(signed: Signed, Checked(Query(wanted)): Checked<Query<Wanted>>) -> Result<Json<Value>, Refusal> {
    let page = signed.console.records(&signed.operator, wanted.business, wanted.before).await?;
    Ok(Json(json!({ "data": view(&page), "next": page.next })))
}

/// A head that was written down.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    seq: Option<i64>,
    hash: Option<String>,
}

/// `GET /audit/verify`
pub async fn verify(signed: Signed, Checked(Query(known)): Checked<Query<Known>>) -> Result<Json<Value>, Refusal> {
    let known = match (known.seq, known.hash) {
        (None, None) => None,
        (Some(seq), Some(hash)) => Some(Head { seq, hash: read_hash(&hash)? }),
        _ => return Err(malformed("Give both seq and hash of the head that was written down, or neither.")),
    };
    let found = signed.console.verify(&signed.operator, known).await?;
    let broken = found.broken.map(|(seq, what)| json!({ "seq": seq, "what": what }));
    Ok(Json(json!({ "whole": broken.is_none(), "seq": found.head.seq, "hash": hex::encode(found.head.hash), "broken": broken })))
}

fn malformed(detail: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "malformed", "The query cannot be read.", detail)
}

fn read_hash(text: &str) -> Result<[u8; 32], Refusal> {
    let mut hash = [0; 32];
    hex::decode_to_slice(text.trim(), &mut hash).map_err(|_| malformed("A hash has 64 hexadecimal digits."))?;
    Ok(hash)
}
