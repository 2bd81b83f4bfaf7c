//! Usernames: one namespace for persons and businesses, so that who is found by one is who chose it (Cloud API, section 3e).
use super::{Call, Told};
use serde::{Deserialize, Serialize};
use suki_types::AccountId;

/// An account asks for its username.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetUsername {}

impl Call for GetUsername {
    const NAME: &'static str = "username.get";
    type Answer = OwnUsername;
}

/// An account takes a username, in the place of the one that it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetUsername {
    /// Which; capital letters become small ones.
    pub username: String,
}

impl Call for SetUsername {
    const NAME: &'static str = "username.set";
    type Answer = OwnUsername;
}

/// An account gives its username up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoveUsername {}

impl Call for RemoveUsername {
    const NAME: &'static str = "username.remove";
    type Answer = OwnUsername;
}

/// An account asks which of these nobody has and the rules allow, at most [`FREE_MOST`] at once. None is held for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FreeUsernames {
    /// Which it thinks of, the best first.
    pub usernames: Vec<String>,
}

/// How many usernames one question names at most.
pub const FREE_MOST: usize = 20;

impl Call for FreeUsernames {
    const NAME: &'static str = "username.free";
    type Answer = Usernames;
}

/// Usernames that are free.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usernames {
    /// In the order in which they were asked for.
    pub free: Vec<String>,
}

/// The username of the account that asks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnUsername {
    /// The username, if it has one.
    pub username: Option<String>,
}

/// A business learns the username of its customer, in the conversation with him.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsernameChanged {
    /// The customer.
    pub customer: AccountId,
    /// His username; none when he gave it up.
    pub username: Option<String>,
}

impl Told for UsernameChanged {
    const KIND: &'static str = "username.changed";
}
