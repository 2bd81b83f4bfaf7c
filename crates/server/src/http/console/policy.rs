//! The rules in force.
use super::Signed;
use crate::http::problem::Refusal;
use axum::Json;
use serde_json::{Value, json};

/// `GET /policy`
pub async fn get(signed: Signed) -> Result<Json<Value>, Refusal> {
    let policy = signed.console.policy();
    let values: Value = toml::from_str(&policy.source).unwrap_or_default();
    let sections = suki_rules::reference().into_iter().map(|(table, about, rows)| {
        let own = &values[table];
        let fields: Vec<Value> = rows
            .into_iter()
            .map(|row| json!({ "name": row.name, "value": own[row.name], "shape": row.shape, "allowed": row.allowed, "meaning": row.meaning }))
            .collect();
        json!({ "table": table, "about": about, "fields": fields })
    });
    Ok(Json(json!({ "name": policy.name, "sections": sections.collect::<Vec<_>>() })))
}
