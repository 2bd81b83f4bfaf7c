//! How many people work for a business (R90).
use crate::{Policy, Refusal, policy::section::section};

section! {
    /// How many people work for a business (R90).
    pub struct Staff in "staff" {
        /// At most so many operators have access to one business, its owners included.
        pub most: u32 = in (1, 100_000),
    }
}

/// The Cloud API code of something that is not allowed.
const DENIED: i32 = 10;

/// Whether a business with so many operators may have one more.
///
/// # Errors
/// With the figure that is allowed.
pub fn check(policy: &Policy, operators: u64) -> Result<(), Refusal> {
    let most = policy.staff.most;
    if operators < u64::from(most) {
        return Ok(());
    }
    let message = format!(
        "This business has {operators} operators; at most {most} are allowed (policy {}, staff.most). Remove one first, or ask the platform for more.",
        policy.name
    );
    Err(Refusal { rule: "staff", cloud_api_code: DENIED, message, retry_at: None })
}
