//! Templates: the one kind of message that may begin a conversation, because its text was approved before.
//!
//! A draft is checked by [`validate()`], judged by [`moderate`], and lives by [`lifecycle`]; what customers make of it is its [`quality`].
mod authentication;
mod buttons;
mod carousel;
pub mod lifecycle;
mod moderation;
mod problem;
pub mod quality;
mod texts;
mod validate;

pub use authentication::written_out;
pub use moderation::{Opinion, Verdict, moderate};
pub use problem::{Problem, Subcode};
pub use validate::validate;

use crate::{Decision, Direction, Facts, Refusal};

/// The Cloud API code of a template that does not exist in the language, or is not approved.
const NO_SUCH_TEMPLATE: i32 = 132_001;
/// The Cloud API code of a message type the sender may not use.
const UNSUPPORTED_TYPE: i32 = 131_051;

/// No template can be approved on this server, so none exists and each is refused; a customer never sends one.
pub(crate) fn admit(facts: &Facts) -> Decision {
    Decision::Refuse(match facts.direction {
        Direction::ToCustomer => Refusal {
            rule: "template",
            cloud_api_code: NO_SUCH_TEMPLATE,
            message: "The template does not exist: this server has no approved templates. Send free text while the customer's window is open.".into(),
            retry_at: None,
        },
        Direction::ToBusiness => Refusal {
            rule: "template",
            cloud_api_code: UNSUPPORTED_TYPE,
            message: "Templates are sent by businesses only. Send the message as free text.".into(),
            retry_at: None,
        },
    })
}
