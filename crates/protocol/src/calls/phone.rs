//! A person moves to another number: the same account, the same conversations; whoever he talks with is told.
use super::{Call, Done, Told};
use crate::http::CodeChannel;
use serde::{Deserialize, Serialize};
use suki_types::{AccountId, Phone};

/// A person asks for a code at the number that he wants to be known by from now on. A number for tests needs none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestMove {
    /// The number.
    pub phone: Phone,
    /// How the code travels.
    pub channel: CodeChannel,
}

impl Call for RequestMove {
    const NAME: &'static str = "phone.request_move";
    type Answer = Done;
}

/// He proves that it is his.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// The number.
    pub phone: Phone,
    /// The code that came there; "" for a number for tests.
    pub code: String,
}

impl Call for Move {
    const NAME: &'static str = "phone.move";
    type Answer = Done;
}

/// A business learns that its customer has another number, in the conversation with him.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhoneChanged {
    /// The customer.
    pub customer: AccountId,
    /// His number from now on.
    pub phone: Phone,
    /// How often he has moved; his business-scoped user id changes with it.
    pub moves: u32,
}

impl Told for PhoneChanged {
    const KIND: &'static str = "phone.changed";
}
