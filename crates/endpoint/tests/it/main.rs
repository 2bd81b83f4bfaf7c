//! The endpoint against both engines.
mod plans;
