//! A customer reports a business, with messages and the proof that it sent them (R8).
use super::{Call, Done};
use crate::http::Base64;
use serde::{Deserialize, Serialize};
use suki_types::{AccountId, MessageId};

/// Why a customer reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// He did not ask for it.
    Spam,
    /// Insults, threats, fraud.
    Abuse,
    /// Goods that may not be sold.
    Goods,
    /// Something else.
    Other,
}

/// A message with the proof that the business sent it: the network keeps HMAC-SHA256(commitment_key, content) of every message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportedMessage {
    /// The message.
    pub message_id: MessageId,
    /// `Sealed.content`, exactly.
    pub content: Base64,
    /// `Sealed.commitment_key`, 32 bytes.
    pub commitment_key: Base64,
}

/// A customer reports a business (R8). Only the messages he names are shown to anybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The business.
    pub business: AccountId,
    /// Why.
    pub reason: Reason,
    /// At most as many as the policy says; none is a report without proof.
    #[serde(default)]
    pub messages: Vec<ReportedMessage>,
    /// Whether to block it as well.
    #[serde(default)]
    pub block: bool,
}

impl Call for Report {
    const NAME: &'static str = "report.send";
    type Answer = Done;
}
