//! What is done to a business: measures, their end, its level, and its templates.
use super::Signed;
use crate::http::problem::{Body, Checked, Refusal};
use axum::{Json, extract::Path, http::StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use suki_network::{
    console::ConsoleError,
    standing::console::{Action, MeasureKind},
};
use suki_protocol::{http::Trust, template::Category};
use suki_rules::{Length, standing::Restriction, trust::Level};
use suki_types::AccountId;

/// A measure to be taken.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum NewMeasure {
    /// A warning.
    Warning {
        /// Why.
        reason: String,
    },
    /// Something is forbidden for a while.
    Restriction {
        /// What.
        restriction: String,
        /// For how long.
        length: Length,
        /// Why.
        reason: String,
    },
    /// Everything is forbidden.
    Ban {
        /// For how long; for ever when it is not said.
        length: Option<Length>,
        /// Why.
        reason: String,
    },
}

impl NewMeasure {
    fn read(self) -> Result<(MeasureKind, String), ConsoleError> {
        Ok(match self {
            Self::Warning { reason } => (MeasureKind::Warning, reason),
            Self::Ban { length, reason } => (MeasureKind::Ban(length), reason),
            Self::Restriction { restriction, length, reason } => {
                let all = [Restriction::Outreach, Restriction::Messages];
                let what = all.into_iter().find(|one| one.word() == restriction);
                let words = all.map(Restriction::word).join(" or ");
                let what = what.ok_or_else(|| ConsoleError::Invalid(format!("restriction is {words}")))?;
                (MeasureKind::Restriction(what, length), reason)
            }
        })
    }
}

/// `POST /businesses/{id}/measures`
pub async fn measure(signed: Signed, Checked(Path(id)): Checked<Path<AccountId>>, Body(new): Body<NewMeasure>) -> Result<StatusCode, Refusal> {
    let (kind, reason) = new.read()?;
    signed.console.sanction(&signed.operator, id, Action::Take(kind), &reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Why something is taken back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Why {
    reason: String,
}

/// `POST /businesses/{id}/measures/{number}/lift`
pub async fn lift(signed: Signed, Checked(Path((id, number))): Checked<Path<(AccountId, i64)>>, Body(why): Body<Why>) -> Result<StatusCode, Refusal> {
    signed.console.sanction(&signed.operator, id, Action::Lift(number), &why.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A level.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewLevel {
    level: Trust,
    reason: String,
}

/// `POST /businesses/{id}/level`
pub async fn level(signed: Signed, Checked(Path(id)): Checked<Path<AccountId>>, Body(new): Body<NewLevel>) -> Result<StatusCode, Refusal> {
    let level = match new.level {
        Trust::Plain => Level::Plain,
        Trust::Checked => Level::Checked,
        Trust::Confirmed => Level::Confirmed,
    };
    signed.console.set_level(&signed.operator, id, level, &new.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /businesses/{id}/templates/{template}/disable`
pub async fn disable_template(
    signed: Signed,
    Checked(Path((id, template))): Checked<Path<(AccountId, u64)>>,
    Body(why): Body<Why>,
) -> Result<StatusCode, Refusal> {
    signed.console.disable_template(&signed.operator, id, template, &why.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Another category.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCategory {
    category: Category,
    reason: String,
}

/// `POST /businesses/{id}/templates/{template}/recategorise`
pub async fn recategorise_template(
    signed: Signed,
    Checked(Path((id, template))): Checked<Path<(AccountId, u64)>>,
    Body(new): Body<NewCategory>,
) -> Result<Json<Value>, Refusal> {
    let changes_at = signed.console.recategorise_template(&signed.operator, id, template, new.category, &new.reason).await?;
    Ok(Json(json!({ "changes_at": changes_at })))
}
