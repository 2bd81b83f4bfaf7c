//! Why the network refuses a frame, and what follows from a request that it takes.
use crate::{registration::RegistrationError, wakes::Wakes};
use suki_protocol::pb::{self, RefusalCode, server_frame::Body};
use suki_store::StoreError;
use suki_types::Timestamp;

/// A refusal on its way to the device.
#[derive(Debug)]
pub(crate) struct Refusal(pub pb::Refused);

impl Refusal {
    /// `message` is one sentence: what was wrong, what is allowed, what to do.
    pub fn new(code: RefusalCode, message: impl Into<String>) -> Self {
        Self(pb::Refused { code: code.into(), message: message.into(), ..Default::default() })
    }
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(RefusalCode::Malformed, message)
    }
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(RefusalCode::Forbidden, message)
    }
    pub fn unknown(message: impl Into<String>) -> Self {
        Self::new(RefusalCode::Unknown, message)
    }
    pub fn too_large(what: &str, is: usize, most: usize) -> Self {
        Self::new(RefusalCode::TooLarge, format!("{what} has {is} bytes; at most {most} are allowed"))
    }
    /// The conversation's epoch now comes with it.
    pub fn epoch(code: RefusalCode, epoch: u64, message: impl Into<String>) -> Self {
        let mut refusal = Self::new(code, message);
        refusal.0.epoch = epoch;
        refusal
    }
    pub fn rate_limited(message: impl Into<String>, retry_at: Timestamp) -> Self {
        let mut refusal = Self::new(RefusalCode::RateLimited, message);
        refusal.0.retry_at = retry_at.millis();
        refusal
    }
    pub fn rule(refusal: suki_rules::Refusal) -> Self {
        Self(pb::Refused {
            code: RefusalCode::Rule.into(),
            message: refusal.message,
            cloud_api_code: refusal.cloud_api_code,
            retry_at: refusal.retry_at.map_or(0, Timestamp::millis),
            epoch: 0,
            rule: refusal.rule.to_owned(),
        })
    }
    /// The business writes faster than it may: nothing is wrong with the message, it may come again.
    pub fn too_fast(refusal: suki_rules::Refusal) -> Self {
        let mut refused = Self::rule(refusal);
        refused.0.code = RefusalCode::RateLimited.into();
        refused
    }
    /// What a registration over HTTP would be refused with, in a device's words.
    pub fn registration(error: RegistrationError) -> Self {
        let code = match &error {
            RegistrationError::TooMany { text, retry_at } => return Self::rate_limited(text.clone(), *retry_at),
            RegistrationError::Code => RefusalCode::Forbidden,
            RegistrationError::Taken(_) => RefusalCode::Conflict,
            RegistrationError::Invalid(_) => RefusalCode::Malformed,
            RegistrationError::Unknown(_) => RefusalCode::Unknown,
            RegistrationError::NotConfigured(_) | RegistrationError::Gateway | RegistrationError::Unavailable => RefusalCode::Unavailable,
        };
        Self::new(code, error.to_string())
    }
    /// No conversation of the caller's has this id; whether one of others' has is not told.
    pub fn not_yours() -> Self {
        Self::forbidden("No conversation of this account has this id; list the conversations or open one first")
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store did not take a unit");
        let what = match error {
            StoreError::Full => "The server's storage is full",
            StoreError::ReadOnly => "The server's storage cannot be written",
            _ => "The server's storage does not answer",
        };
        Self::new(RefusalCode::Unavailable, format!("{what}; nothing was stored, try again later"))
    }
}

impl From<suki_protocol::mls::MlsError> for Refusal {
    fn from(error: suki_protocol::mls::MlsError) -> Self {
        Self::malformed(error.to_string())
    }
}

/// What follows from a request once it is durable.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The answer.
    pub body: Body,
    /// Whom to wake, after the commit and not before.
    pub wakes: Wakes,
}

impl Outcome {
    /// An answer that wakes nobody.
    pub fn quiet(body: Body) -> Self {
        Self { body, wakes: Vec::new() }
    }
    /// Done, and nothing else to say.
    pub fn done(wakes: Wakes) -> Self {
        Self { body: Body::Done(pb::Done {}), wakes }
    }
}
