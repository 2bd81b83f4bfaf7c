//! Calls, and what partners of Meta do for others: always refused, by the code that says why.
use super::case::{Case, ask, refused};
use suki_server::http::graph::partner;

const CALLS: [&str; 2] = ["calls.manage", "call_permissions.get"];

/// The cases.
pub fn cases() -> Vec<Case> {
    partner::NAMES.iter().map(|name| refused(name, if CALLS.contains(name) { 138_000 } else { 10 }, |_| ask())).collect()
}
