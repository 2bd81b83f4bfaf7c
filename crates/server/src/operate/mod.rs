//! What an operator sees of a running server, and how it ends.
//!
//! | module | subject |
//! |---|---|
//! | [`readiness`] | whether the server can do its work, part by part |
//! | [`drain`] | leaving without anybody noticing |
//! | [`metrics`] | figures for Prometheus |
pub mod drain;
pub mod metrics;
pub mod readiness;

pub use drain::Drain;
pub use readiness::{Part, Readiness, Standing};
