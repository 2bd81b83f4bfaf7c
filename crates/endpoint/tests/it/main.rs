//! The endpoint against both engines.
mod ends;
mod outbox;
mod plans;
mod played;
