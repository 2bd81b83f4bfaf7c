//! A business's number on the Cloud API (sections 3a and 3e): how often it is registered, the PIN that guards it, its links.
use crate::{Length, policy::section::section};

section! {
    /// A business's number on the Cloud API: how often it is registered, the PIN that guards it, its links.
    pub struct NumberFigures in "number" {
        /// How often it may be registered and deregistered within `registrations_within`.
        pub registrations: u32 = in (1, 10_000),
        /// See `registrations`.
        pub registrations_within: Length = in ("1m", "365d"),
        /// How long after its deregistration it cannot be registered.
        pub settles: Length = in ("1s", "1d"),
        /// How many wrong PINs in a row close it for `pin_closed`.
        pub pin_guesses: u32 = in (1, 1000),
        /// See `pin_guesses`.
        pub pin_closed: Length = in ("1m", "30d"),
        /// How long after a wrong PIN the next may be tried.
        pub pin_pause: Length = in ("1s", "1h"),
        /// How many links with a text, and QR codes of them, it may have.
        pub qr_links: u32 = in (1, 1_000_000),
    }
}
