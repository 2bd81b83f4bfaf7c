//! What an operator sees of a running server, and how it ends.
//!
//! | module | subject |
//! |---|---|
//! | [`readiness`] | whether the server can do its work, part by part |
//! | [`doctor`] | what keeps a server from doing its work |
//! | [`drain`] | leaving without anybody noticing |
//! | [`log`] | where the log goes |
//! | [`metrics`] | figures for Prometheus |
//! | [`tls`] | TLS on the address that everybody uses |
//! | [`traces`] | traces for a collector |
pub mod doctor;
pub mod drain;
pub mod log;
pub mod metrics;
pub mod readiness;
pub mod tls;
pub mod traces;

pub use drain::Drain;
pub use readiness::{Part, Readiness, Standing};
