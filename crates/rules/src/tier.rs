//! How many customers a business may reach outside their windows in a period (R104). How the figure rises and falls is not decided here.
use crate::{
    Policy, Refusal,
    admit::{Reach, Standing},
};
use suki_types::Timestamp;

/// The Cloud API code of a limit on whom a business may write to.
const LIMIT: i32 = 131_048;

/// How the customer counts.
///
/// # Errors
/// When he would be one too many; it says when the first of those counted goes.
pub(crate) fn check(policy: &Policy, standing: &Standing, reached_at: Option<Timestamp>, now: Timestamp) -> Result<Reach, Refusal> {
    if reached_at.is_some_and(|at| counts(policy, at, now)) {
        return Ok(Reach::Again);
    }
    match standing.tier_limit {
        Some(limit) if standing.reached >= limit => Err(reached(policy, standing, limit)),
        _ => Ok(Reach::New),
    }
}

/// Whether a customer reached at `at` still counts at `now`.
pub fn counts(policy: &Policy, at: Timestamp, now: Timestamp) -> bool {
    now.since(at) < policy.tiers.period.millis()
}

fn reached(policy: &Policy, standing: &Standing, limit: u64) -> Refusal {
    let period = policy.tiers.period;
    Refusal {
        rule: "tier",
        cloud_api_code: LIMIT,
        message: format!(
            "This business has written to {} customers outside their windows within {period}; its tier allows {limit} (policy {}, tiers.period = {}). It may answer whoever writes; its standing says how the tier rises.",
            standing.reached,
            policy.name,
            period.short()
        ),
        retry_at: standing.reached_first_at.map(|at| at.plus_millis(period.millis())),
    }
}
