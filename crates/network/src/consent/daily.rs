//! How often something may be done in 24 hours.
use crate::refusal::Refusal;
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, Timestamp};

const DAY_MILLIS: i64 = 24 * 3_600_000;
/// Stands for nobody in particular.
pub(super) const NOBODY: AccountId = AccountId::from_bytes([0; 16]);

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// A customer gives back what he took from a business.
    GivingBack,
    /// He reports it.
    Reports,
    /// A business records consents.
    Records,
    /// A person changes his settings.
    Settings,
}

impl Use {
    fn number(self) -> i64 {
        match self {
            Self::GivingBack => 1,
            Self::Reports => 2,
            Self::Records => 3,
            Self::Settings => 4,
        }
    }
}

/// Whose limit it is, and what may be done how often; `field` of the policy says so.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    pub owner: AccountId,
    pub other: AccountId,
    pub what: Use,
    pub most: u32,
    pub name: &'static str,
    pub field: &'static str,
}

/// Counts one more.
///
/// # Errors
/// When that is more than the limit: says when it will pass.
pub(super) fn take(tx: &mut Tx<'_>, limit: Limit, now: Timestamp) -> Result<(), Refusal> {
    let (count, began) = counted(tx, limit, now)?;
    if count <= i64::from(limit.most) {
        return Ok(());
    }
    let text = format!("{} may be done {} times in 24 hours, and that is reached: wait ({})", limit.name, limit.most, limit.field);
    Err(Refusal::rate_limited(text, began.plus_millis(DAY_MILLIS)))
}

fn counted(tx: &mut Tx<'_>, limit: Limit, now: Timestamp) -> Result<(i64, Timestamp), StoreError> {
    tx.query_one(
        "INSERT INTO consent_use (owner, other, what, began, count) VALUES (?1, ?2, ?3, ?4, 1) ON CONFLICT (owner, other, what) DO UPDATE SET \
         count = CASE WHEN consent_use.began <= ?5 THEN 1 ELSE consent_use.count + 1 END, \
         began = CASE WHEN consent_use.began <= ?5 THEN excluded.began ELSE consent_use.began END RETURNING count, began",
        &[(&limit.owner).into(), (&limit.other).into(), limit.what.number().into(), now.into(), now.plus_millis(-DAY_MILLIS).into()],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}
