//! Groups: a business with several customers (Cloud API, section 3a, "Groups").
//!
//! A group is a conversation whose customers are many. Each of them has a *seat*: a conversation row of his own, under which the network keeps what a
//! message to the group costs for him, and when it reached him. Nobody is put into a group: he comes by the link, and leaves when he likes; who blocks
//! the business, or is blocked by it, is out at once. The endpoint then commits the change of the MLS group.
//!
//! | file | what |
//! |---|---|
//! | [`rows`] | the tables |
//! | [`made`] | a business makes, changes and ends groups |
//! | [`seen`] | who looks at one: the business, and whoever has the link |
//! | [`link`] | the invitation |
//! | [`seat`] | customers come in and go |
//! | [`join`] | they follow the link, and leave |
//! | [`requests`] | the business lets them in, or not, or takes them out |
//! | [`tell`] | who learns of it |
mod join;
mod link;
mod made;
mod requests;
mod rows;
mod seat;
mod seen;
mod tell;

pub(crate) use rows::{Seat, card, seats};
pub(crate) use seat::leave_all;

use crate::{Network, refusal::Refusal, rows::Caller, session::Answer};
use suki_protocol::calls::{Call as _, groups as calls};
use suki_types::{AccountId, ConversationId};

/// Queues the work of a call of this subject; `None` for a name that it does not know.
pub(crate) fn call(network: &Network, caller: Caller, name: &str, json: &[u8]) -> Option<Answer> {
    Some(match name {
        calls::CreateGroup::NAME => made::create(network, caller, json),
        calls::UpdateGroup::NAME => made::update(network, caller, json),
        calls::DeleteGroup::NAME => made::delete(network, caller, json),
        calls::GetGroup::NAME => seen::get(network, caller, json),
        calls::ListGroups::NAME => seen::list(network, caller, json),
        calls::GroupPicture::NAME => seen::picture(network, caller, json),
        calls::PreviewGroup::NAME => seen::preview(network, caller, json),
        calls::GroupLink::NAME => link::link(network, caller, json),
        calls::JoinGroup::NAME => join::join(network, caller, json),
        calls::LeaveGroup::NAME => join::leave(network, caller, json),
        calls::ListJoinRequests::NAME => requests::list(network, caller, json),
        calls::AnswerJoinRequests::NAME => requests::answer(network, caller, json),
        calls::RemoveParticipants::NAME => requests::remove(network, caller, json),
        _ => return None,
    })
}

/// What stands for a group where a conversation's customer does: its own id, which is nobody's account.
fn nobody(group: ConversationId) -> AccountId {
    AccountId::from_bytes(*group.as_bytes())
}

fn check_tag(tag: &str) -> Result<(), Refusal> {
    if tag.len() <= calls::TAG_CHARS && tag.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(Refusal::malformed(format!("A tag has at most {} letters, digits and signs", calls::TAG_CHARS)))
}

fn check_limit(limit: u32) -> Result<(), Refusal> {
    if (1..=calls::PER_PAGE).contains(&limit) {
        return Ok(());
    }
    Err(Refusal::malformed(format!("`limit` is {limit}; 1 to {} are allowed", calls::PER_PAGE)))
}

fn check_list(count: usize) -> Result<(), Refusal> {
    if (1..=calls::PER_CALL).contains(&count) {
        return Ok(());
    }
    Err(Refusal::malformed(format!("{count} are named; 1 to {} are allowed a call", calls::PER_CALL)))
}
