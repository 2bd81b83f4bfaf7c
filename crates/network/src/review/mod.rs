//! What a person has to decide about a business: names, verifications, numbers, templates, reports and appeals wait here as cases.
//!
//! | file | subject |
//! |---|---|
//! | [`open`](mod@open) | a case comes into its queue, and leaves it when there is nothing to decide any more |
//! | [`read`] | queues and cases |
//! | [`claim`] | an operator has a case before him for a while, so that two do not decide one |
//! | [`decide`] | the decision: stored, recorded, and handed to the part of the network whose case it is |
mod claim;
mod decide;
mod open;
mod read;
#[cfg(test)]
pub(crate) mod tests;

#[allow(unused_imports, reason = "each subject opens its own cases")]
pub(crate) use open::{NewCase, close, close_subject, open, open_appeal};
pub(crate) use read::of_business;
pub use read::{CaseFile, CaseFilter, Names, QueueCount};

use crate::console::ConsoleError;
use serde_json::Value as Json;
use suki_rules::Policy;
use suki_store::{Row, StoreError};
use suki_types::{AccountId, CaseId, OperatorId, Timestamp};

/// What is to be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseKind {
    /// The name of a business, or a change of it (R27 to R29).
    Name,
    /// A higher level of trust, with documents (R40, R41, R43).
    Verification,
    /// A number (R109).
    Number,
    /// A template (R83).
    Template,
    /// Messages that a customer reported (R8).
    Report,
    /// A second look at an earlier decision, or at a ban (R44, R107).
    Appeal,
}

impl CaseKind {
    /// All of them, in the order of their queues.
    pub const ALL: [Self; 6] = [Self::Name, Self::Verification, Self::Number, Self::Template, Self::Report, Self::Appeal];

    /// As the store and the audit log write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Verification => "verification",
            Self::Number => "number",
            Self::Template => "template",
            Self::Report => "report",
            Self::Appeal => "appeal",
        }
    }

    /// The codes of the policy's reasons for cases of this kind.
    pub fn reasons(self, policy: &Policy) -> &[String] {
        let review = &policy.review;
        match self {
            Self::Name => &review.name_reasons,
            Self::Verification => &review.verification_reasons,
            Self::Number => &review.number_reasons,
            Self::Template => &review.template_reasons,
            Self::Report => &review.report_reasons,
            Self::Appeal => &review.appeal_reasons,
        }
    }

    fn number(self) -> i64 {
        match self {
            Self::Name => 1,
            Self::Verification => 2,
            Self::Number => 3,
            Self::Template => 4,
            Self::Report => 5,
            Self::Appeal => 6,
        }
    }

    fn from_number(number: i64) -> Result<Self, StoreError> {
        Self::ALL.into_iter().find(|kind| kind.number() == number).ok_or(StoreError::Corrupt("a case's kind"))
    }
}

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// It waits.
    Open,
    /// Decided for the business; a report: the customer was right.
    Approved,
    /// Decided against the business; a report: nothing was wrong.
    Rejected,
    /// Nothing is to be decided any more.
    Withdrawn,
}

impl CaseState {
    fn number(self) -> i64 {
        match self {
            Self::Open => 1,
            Self::Approved => 2,
            Self::Rejected => 3,
            Self::Withdrawn => 4,
        }
    }

    fn from_number(number: i64) -> Result<Self, StoreError> {
        let all = [Self::Open, Self::Approved, Self::Rejected, Self::Withdrawn];
        all.into_iter().find(|state| state.number() == number).ok_or(StoreError::Corrupt("a case's state"))
    }
}

/// A case.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// Whose rights are decided about.
    pub business: AccountId,
    /// What is to be decided.
    pub kind: CaseKind,
    /// What of the business it is about, as the part that opened it names it.
    pub subject: String,
    /// What one has to know to decide.
    pub detail: Json,
    /// Where it stands.
    pub state: CaseState,
    /// Since when it waits.
    pub opened_at: Timestamp,
    /// The case an appeal is against.
    pub first: Option<CaseId>,
    /// Who has it before him, and until when; also a claim that has ended.
    pub claim: Option<(OperatorId, Timestamp)>,
    /// The decision, once there is one.
    pub decided: Option<Decided>,
}

/// A decision that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// Who made it.
    pub by: OperatorId,
    /// When.
    pub at: Timestamp,
    /// The reason that the business is shown (R44).
    pub reason: String,
    /// The reason's code, where one of the policy's was chosen.
    pub code: Option<String>,
}

/// A decision about to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// For the business, or against it; a report: whether the customer was right.
    pub approve: bool,
    /// The reason, 1 to [`REASON_CHARS`] characters; the business is shown it (R44).
    pub reason: String,
    /// The reason's code, where one of the policy's is chosen.
    pub code: Option<String>,
}

/// The reason without the spaces around it.
///
/// # Errors
/// [`ConsoleError::Invalid`] when it is empty or too long.
pub(crate) fn checked_reason(reason: &str) -> Result<String, ConsoleError> {
    let reason = reason.trim();
    let length = reason.chars().count();
    if length == 0 || length > REASON_CHARS {
        let text = format!("a reason has 1 to {REASON_CHARS} characters, this one {length}: the business is shown it and has to understand it");
        return Err(ConsoleError::Invalid(text));
    }
    Ok(reason.to_owned())
}

/// The most characters of a reason.
pub const REASON_CHARS: usize = 1000;

/// What a query for cases selects, in the order of [`case_from_row`]. Each statement repeats it, so that statements are whole where they stand.
fn case_from_row(row: &Row<'_>) -> Result<Case, StoreError> {
    let detail: String = row.get(4)?;
    let claimed_by: Option<OperatorId> = row.get(8)?;
    let decided_by: Option<OperatorId> = row.get(10)?;
    let claimed_until: Timestamp = row.get(9)?;
    let (at, reason, code): (Timestamp, String, String) = (row.get(11)?, row.get(12)?, row.get(13)?);
    Ok(Case {
        id: row.get(0)?,
        business: row.get(1)?,
        kind: CaseKind::from_number(row.get(2)?)?,
        subject: row.get(3)?,
        detail: serde_json::from_str(&detail).map_err(|_| StoreError::Corrupt("a case's detail"))?,
        state: CaseState::from_number(row.get(5)?)?,
        opened_at: row.get(6)?,
        first: row.get(7)?,
        claim: claimed_by.map(|by| (by, claimed_until)),
        decided: decided_by.map(|by| Decided { by, at, reason, code: (!code.is_empty()).then_some(code) }),
    })
}
