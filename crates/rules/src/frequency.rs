//! Not too many marketing messages to one customer, from all businesses together (R132).
use crate::{Length, Policy, Refusal, policy::section::section};
use suki_types::Timestamp;

section! {
    /// How many marketing messages one customer gets from all businesses together (R132).
    pub struct Frequency in "frequency" {
        /// At most so many.
        pub marketing: u32 = in (0, 1_000_000),
        /// In a period of this length, which begins with the first of them.
        pub within: Length = in ("1h", "365d"),
        /// Whether those count too, and are held to it, that are sent while the customer's window is open.
        pub inside_window: bool,
    }
}

/// The Cloud API code of the cap.
const CAP: i32 = 131_049;

/// Whether the customer may get the `count`th marketing message of the period that began at `since`.
///
/// # Errors
/// When it is one too many; it says when the period ends, and nothing of who sent the others.
pub fn check(policy: &Policy, count: u64, since: Timestamp) -> Result<(), Refusal> {
    let Frequency { marketing, within, .. } = policy.frequency;
    if count <= u64::from(marketing) {
        return Ok(());
    }
    Err(Refusal {
        rule: "frequency",
        cloud_api_code: CAP,
        message: format!(
            "A customer gets at most {marketing} marketing messages within {within} from all businesses together, and this one has (policy {}, frequency.marketing). Send it later.",
            policy.name
        ),
        retry_at: Some(since.plus_millis(within.millis())),
    })
}
