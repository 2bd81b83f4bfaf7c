//! Groups of several customers (Cloud API, section 3a, "Groups"). The network knows who is in them; here is what the inbox and programs need.
//!
//! A group is a chat whose contact is nobody: it has the chat's own id, and the group's subject as its name. So what is done with chats is done with
//! groups, and the few places that ask who the customer is ask [`is_group`] first.
//!
//! | file | what |
//! |---|---|
//! | [`store`] | the tables |
//! | [`changed`] | what the network tells of them: the MLS group follows, programs are told |
//! | [`manage`] | what operators and programs ask for |
//! | [`recipients`] | how far a message came with each participant |
//! | [`tell`] | the webhooks |
mod changed;
mod manage;
mod recipients;
mod store;
mod tell;

pub(crate) use changed::apply;
pub use manage::{GroupOf, Who};
pub(crate) use recipients::{expired, receipt, taken};
pub use store::{authors, set_author};
pub(crate) use tell::{group_id, suspended, whole};

use suki_types::{AccountId, ConversationId};

/// Whether a chat with this contact is a group's.
pub(crate) fn is_group(chat: ConversationId, contact: AccountId) -> bool {
    chat.as_bytes() == contact.as_bytes()
}

/// The contact of a group.
fn nobody(chat: ConversationId) -> AccountId {
    AccountId::from_bytes(*chat.as_bytes())
}
