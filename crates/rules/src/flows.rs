//! Flows: how many a business has, who may test one, and when the server behind one counts as unwell (Cloud API, sections 3a to 3d).
use crate::{Length, policy::section::section};

section! {
    /// Flows: how many a business has, who may test one, and when the server behind one counts as unwell.
    pub struct Flows in "flows" {
        /// How many flows a business may have.
        pub most: u32 = in (1, 10_000),
        /// How many customers a draft may be sent to: it is for testing.
        pub draft_customers: u32 = in (1, 1_000_000),
        /// For how long the address of a flow's preview holds.
        pub preview_life: Length = in ("1m", "365d"),
        /// How often a flow that is throttled may be sent within an hour.
        pub throttled_per_hour: u32 = in (1, 1_000_000),
        /// How many questions a minute one conversation may put to the business's endpoint and server.
        pub questions_per_minute: u32 = in (1, 10_000),
        /// Over how long the answers of a flow's server are looked at.
        pub watched: Length = in ("1m", "7d"),
        /// From how many questions within `watched` they count.
        pub watched_from: u32 = in (1, 1_000_000),
        /// From how many failures of a hundred programs are warned.
        pub error_rate: u32 = in (1, 100),
        /// From how many failures of a hundred a flow is throttled.
        pub throttled_at: u32 = in (1, 100),
        /// From how many failures of a hundred it is blocked.
        pub blocked_at: u32 = in (1, 100),
        /// Programs are warned when one answer of ten takes longer than this.
        pub latency: Length = in ("1s", "10s"),
        /// Below how many of a hundred questions that the server heard programs are warned.
        pub availability: u32 = in (1, 100),
    }
    check ascending;
}

fn ascending(flows: &Flows) -> Result<(), (&'static str, String)> {
    if flows.error_rate <= flows.throttled_at && flows.throttled_at <= flows.blocked_at {
        return Ok(());
    }
    Err((
        "blocked_at",
        "error_rate, throttled_at and blocked_at do not grow: programs are warned first, then a flow is throttled, then blocked".into(),
    ))
}
