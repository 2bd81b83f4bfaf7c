//! Templates: the one kind of message that may begin a conversation, because its text was approved before.
//!
//! A draft is checked by [`validate()`], judged by [`moderate`], and lives by [`lifecycle`]; what customers make of it is its [`quality`].
mod authentication;
mod buttons;
mod carousel;
pub mod lifecycle;
mod moderation;
mod problem;
pub mod quality;
mod texts;
mod validate;

pub use authentication::written_out;
pub use moderation::{Opinion, Verdict, moderate};
pub use problem::{Problem, Subcode};
pub use validate::validate;
