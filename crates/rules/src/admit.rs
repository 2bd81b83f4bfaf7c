//! Whether a message may pass.
use crate::{Policy, template, window};
use suki_types::Timestamp;

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the business to the customer.
    ToCustomer,
    /// From the customer to the business.
    ToBusiness,
}

/// What a message's header says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Free text, and all else that is said in a conversation.
    Session,
    /// An approved template with its parameters.
    Template,
    /// An emoji on an earlier message.
    Reaction,
    /// What devices tell each other; nobody reads it.
    Control,
}

/// What the network knows of a message and its conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Facts {
    /// Which way it goes.
    pub direction: Direction,
    /// What it says it is.
    pub kind: Kind,
    /// When the conversation's window ends or ended; `None` when it was never open.
    pub window_until: Option<Timestamp>,
}

/// What becomes of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It passes.
    Admit {
        /// The window's new end, when this message moves it.
        window_until: Option<Timestamp>,
    },
    /// It does not.
    Refuse(Refusal),
}

/// Why a message may not pass.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// The rule of the policy that refused.
    pub rule: &'static str,
    /// The Cloud API error code it maps to.
    pub cloud_api_code: i32,
    /// What was wrong with its figures, what is allowed, what to do.
    pub message: String,
    /// When the same message would pass; `None` when that is not a matter of waiting alone.
    pub retry_at: Option<Timestamp>,
}

/// Whether a message may pass at `now`, and what it changes.
///
/// Control messages always pass and never move the window.
pub fn admit(policy: &Policy, facts: &Facts, now: Timestamp) -> Decision {
    match facts.kind {
        Kind::Control => Decision::Admit { window_until: None },
        Kind::Template => template::admit(facts),
        Kind::Session | Kind::Reaction => window::admit(policy, facts, now),
    }
}
