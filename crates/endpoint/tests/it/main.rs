//! The endpoint against both engines.
mod outbox;
mod plans;
