//! Broadcasts: one message to a list of customers (R60, R61).
use crate::{Policy, Refusal, admit::Relation, policy::section::section};

section! {
    /// Broadcasts: one message to a list of customers (R60, R61).
    pub struct Broadcast in "broadcast" {
        /// How many customers one list may have.
        pub recipients: u32 = in (1, 1_000_000),
        /// Whether only those of them are reached who keep the business among their contacts.
        pub saved_only: bool,
    }
}

/// The Cloud API code of a parameter that is out of range.
const INVALID: i32 = 100;
/// The Cloud API code of a message that cannot be delivered to this customer.
const UNDELIVERABLE: i32 = 131_026;

/// Whether a list may have so many recipients.
///
/// # Errors
/// With the figure that is allowed.
pub fn check_list(policy: &Policy, recipients: usize) -> Result<(), Refusal> {
    let most = policy.broadcast.recipients;
    if u32::try_from(recipients).is_ok_and(|count| (1..=most).contains(&count)) {
        return Ok(());
    }
    let message =
        format!("A broadcast has {recipients} recipients; 1 to {most} are allowed (policy {}, broadcast.recipients). Divide it.", policy.name);
    Err(Refusal { rule: "broadcast", cloud_api_code: INVALID, message, retry_at: None })
}

/// Whether a broadcast reaches this customer at all; what else he lets through is decided with the message itself.
///
/// # Errors
/// When he has not saved the business.
pub fn check_recipient(policy: &Policy, relation: &Relation) -> Result<(), Refusal> {
    if relation.saved || !policy.broadcast.saved_only {
        return Ok(());
    }
    let message = format!(
        "A broadcast reaches only customers who keep the business among their contacts, and this one does not (policy {}, broadcast.saved_only). Ask him to save it.",
        policy.name
    );
    Err(Refusal { rule: "broadcast", cloud_api_code: UNDELIVERABLE, message, retry_at: None })
}
