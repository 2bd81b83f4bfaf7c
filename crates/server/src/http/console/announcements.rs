//! What the platform announces to businesses.
use super::Signed;
use crate::http::problem::{Body, Checked, Refusal};
use axum::{Json, extract::Query, http::StatusCode, response::IntoResponse};
use serde::Deserialize;
use serde_json::{Value, json};
use suki_network::{
    console::ConsoleError,
    trust::{Audience, NewAnnouncement},
};
use suki_rules::trust::Level;

/// How many announcements a page has.
const PAGE: u32 = 20;

/// Which announcements.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    before: Option<u64>,
}

/// `GET /announcements`
pub async fn list(signed: Signed, Checked(Query(wanted)): Checked<Query<Wanted>>) -> Result<Json<Value>, Refusal> {
    let found = signed.console.announcements(&signed.operator, wanted.before, PAGE).await?;
    let next = (found.len() == PAGE as usize).then(|| found.last().map(|one| one.id)).flatten();
    let data = found
        .iter()
        .map(|one| json!({ "id": one.id, "at": one.at, "audience": one.audience, "title": one.title, "body": one.body, "delivered": one.delivered }));
    Ok(Json(json!({ "data": data.collect::<Vec<_>>(), "next": next })))
}

/// An announcement.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct New {
    audience: String,
    title: String,
    body: String,
}

/// `POST /announcements`
pub async fn post(signed: Signed, Body(new): Body<New>) -> Result<impl IntoResponse, Refusal> {
    let new = NewAnnouncement { audience: audience(&new.audience)?, title: new.title, body: new.body };
    let id = signed.console.announce(&signed.operator, new).await?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id }))))
}

fn audience(word: &str) -> Result<Audience, ConsoleError> {
    let level = [Level::Plain, Level::Checked, Level::Confirmed].into_iter().find(|level| level.word() == word);
    match (word, level) {
        ("all", _) => Ok(Audience::All),
        (_, Some(level)) => Ok(Audience::Level(level)),
        _ => word
            .parse()
            .map(Audience::Country)
            .map_err(|_| ConsoleError::Invalid("audience is all, a level (plain, checked, confirmed), or a country's two letters such as PH".into())),
    }
}
