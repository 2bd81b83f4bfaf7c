//! Programs: how often they may call the Cloud API, and for how long what they are given holds (Cloud API, sections 3a and 3e).
use crate::{Length, policy::section::section};

section! {
    /// Programs: how often they may call the Cloud API, and for how long what they are given holds.
    pub struct Programs in "programs" {
        /// How many calls an hour that manage a business account one app may make, while the account's number is not proven.
        pub calls_per_hour: u32 = in (1, 1_000_000_000),
        /// The same for an account whose number is proven.
        pub active_calls_per_hour: u32 = in (1, 1_000_000_000),
        /// How many calls an hour that concern the app itself it may make.
        pub app_calls_per_hour: u32 = in (1, 1_000_000_000),
        /// For how long a code holds that an owner made for an app.
        pub code_life: Length = in ("1m", "1d"),
        /// For how long a token holds that was given for one that would have ended sooner.
        pub token_life: Length = in ("1h", "365d"),
    }
    check ascending;
}

fn ascending(programs: &Programs) -> Result<(), (&'static str, String)> {
    if programs.calls_per_hour <= programs.active_calls_per_hour {
        return Ok(());
    }
    Err(("active_calls_per_hour", format!("it is less than calls_per_hour: at least {} is allowed", programs.calls_per_hour)))
}
