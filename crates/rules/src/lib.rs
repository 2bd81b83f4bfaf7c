//! What the platform allows: pure functions of (policy, facts, now). No I/O, no clock, no randomness, nothing asynchronous.
//!
//! A [`Policy`] is one TOML file, read at start. Each rule is a file of its own; [`admit`] asks them in turn, and the first that refuses
//! answers. A refusal names the rule, the figures, when it will pass, and the Cloud API code it maps to.
mod admit;
mod length;
mod policy;
mod template;
mod window;

pub use admit::{Decision, Direction, Facts, Kind, Refusal, admit};
pub use length::{Length, LengthError};
pub use policy::{DEFAULT_POLICY, FieldRow, Policy, PolicyError, Retention, SHIPPED_POLICIES, reference};
pub use window::{Side, Window};
