//! Standing (R63, R104 to R107): what a business may do, by how customers take it.
//!
//! The rules are [`suki_rules::standing`]; here are their facts and what follows. Admission reads the `standing` row and nothing else.
//!
//! | file | subject |
//! |---|---|
//! | [`counters`] | what customers do: received, read, blocked, reported, counted by the day |
//! | [`facts`] | the rows the rules decide by |
//! | [`moves`] | what moves, written down, recorded and told |
//! | [`jobs`] | reviews that are due |
//! | [`measures`] | warnings, restrictions and bans: strikes, the platform's people, appeals |
//! | [`call`] | what the business asks |
//! | [`console`] | what the platform's people see and do |
mod call;
pub mod console;
mod counters;
mod facts;
mod jobs;
mod measures;
mod moves;

pub(crate) use call::call;
pub(crate) use counters::{Feedback, delivered, feedback, read, report_dismissed};
pub(crate) use measures::{decided, report_upheld};

use suki_rules::Policy;
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, Timestamp};

/// Gives a new business its standing: the policy's first tier, and nothing against it.
pub(crate) fn register(policy: &Policy, tx: &mut Tx<'_>, business: AccountId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO standing (business, tier_limit, limit_since, grade_since, small) VALUES (?1, ?2, ?3, ?3, ?4) ON CONFLICT (business) DO NOTHING",
        &[(&business).into(), policy.tiers.first().code().into(), now.into(), (policy.price.small_messages > 0).into()],
    )?;
    Ok(())
}

/// Has a business looked at by the next run of the jobs: something has happened that may move its standing, such as a verification.
pub(crate) fn due_at_once(tx: &mut Tx<'_>, business: AccountId) -> Result<(), StoreError> {
    due(tx, business, Timestamp::from_millis(1))
}

/// Has a business looked at by the first run of the jobs after `at`.
fn due(tx: &mut Tx<'_>, business: AccountId, at: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE standing SET review_at = ?2 WHERE business = ?1 AND (review_at = 0 OR review_at > ?2)", &[(&business).into(), at.into()])?;
    Ok(())
}
