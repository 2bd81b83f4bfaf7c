//! The customers whose messages a business does not want (Cloud API, section 3a: `block_users`).
use super::Call;
use serde::{Deserialize, Serialize};
use suki_types::AccountId;

/// A business does not want messages of these customers, at most 100 a call. It has to know them: they wrote to it not long ago.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bar {
    /// The customers.
    pub customers: Vec<AccountId>,
}

/// What became of each customer that was named.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Barred {
    /// Those for whom it is so now.
    pub done: Vec<AccountId>,
    /// Those for whom it is not, and why.
    pub failed: Vec<NotBarred>,
}

/// A customer who could not be put on the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotBarred {
    /// The customer.
    pub customer: AccountId,
    /// The Cloud API code.
    pub code: i32,
    /// Why, what is allowed, what to do.
    pub message: String,
}

impl Call for Bar {
    const NAME: &'static str = "block_list.add";
    type Answer = Barred;
}

/// A business wants messages of these customers again, at most 100 a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unbar {
    /// The customers.
    pub customers: Vec<AccountId>,
}

impl Call for Unbar {
    const NAME: &'static str = "block_list.remove";
    type Answer = Barred;
}

/// A page of the customers whose messages a business does not want, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListBarred {
    /// The last of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<AccountId>,
    /// The first of the page after, when going back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<AccountId>,
    /// How many, 1 to 1,000.
    pub limit: u32,
}

impl Call for ListBarred {
    const NAME: &'static str = "block_list.list";
    type Answer = BarredPage;
}

/// Some of those customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BarredPage {
    /// In the order of their ids.
    pub customers: Vec<AccountId>,
    /// Whether others come before.
    pub earlier: bool,
    /// Whether others come after.
    pub later: bool,
}
