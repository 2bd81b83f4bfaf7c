//! Consent: the ledger of what customers agreed to and took back, their choices, blocks and reports (R4 to R11, R21).
//!
//! The ledger keeps every event with its evidence; the rows of `relation` are its sum, kept beside it by the pure fold of `suki_rules::consent`, so that
//! an admission reads one row.
//!
//! | file | subject |
//! |---|---|
//! | [`ledger`] | an event is written, what it changes is stored, and who has to know is told |
//! | [`events`] | the rows of the ledger |
//! | [`relation`] | the rows of what holds between a customer and a business |
//! | [`customer`] | what a customer asks and changes |
//! | [`settings`] | what a person wants of all businesses |
//! | [`business`] | what a business records and asks |
//! | [`export`] | the ledger as evidence |
//! | [`open`] | a business begins a conversation |
//! | [`block_list`] | the customers whose messages a business does not want |
//! | [`report`] | a customer reports a business, with proof |
//! | [`attach`] | what was recorded for a phone becomes its owner's when he registers |
//! | [`daily`] | limits a day |
mod attach;
mod block_list;
mod business;
mod customer;
mod daily;
mod events;
mod export;
mod ledger;
mod open;
mod relation;
mod report;
mod settings;

pub(crate) use attach::attach;
pub(crate) use block_list::check as check_block_list;
pub(crate) use relation::{check_group, is_blocked};
pub use report::Reported;
pub(crate) use report::decided;

use crate::{Network, operations::call, rows::Caller, session::Answer};
use suki_protocol::calls::{Call as _, block_list as blocks, consent as calls, conversation, relation as relations, report as reports};
use suki_types::{AccountId, Timestamp};

/// How many events an answer carries at most.
const EVENTS_SHOWN: u64 = 50;

/// A customer and a business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pair {
    business: AccountId,
    customer: AccountId,
}

/// Queues the work of a call of this subject; `None` for a name that it does not know.
pub(crate) fn call(network: &Network, caller: Caller, name: &str, json: &[u8]) -> Option<Answer> {
    Some(match name {
        relations::GetRelation::NAME => customer::get(network, caller, json),
        relations::SetRelation::NAME => customer::set(network, caller, json),
        relations::GetSettings::NAME => settings::get(network, caller, json),
        relations::SetSettings::NAME => settings::set(network, caller, json),
        calls::GrantConsent::NAME => customer::grant(network, caller, json),
        calls::WithdrawConsent::NAME => customer::withdraw(network, caller, json),
        calls::RecordConsent::NAME => business::record(network, caller, json),
        calls::RevokeConsent::NAME => business::revoke(network, caller, json),
        calls::WordRead::NAME => business::word_read(network, caller, json),
        calls::GetConsent::NAME => business::get(network, caller, json),
        calls::ListConsents::NAME => export::list(network, caller, json),
        calls::ExportConsents::NAME => export::export(network, caller, json),
        calls::GetWords::NAME => words(network, json),
        conversation::OpenConversation::NAME => open::open(network, caller, json),
        blocks::Bar::NAME => block_list::add(network, caller, json),
        blocks::Unbar::NAME => block_list::remove(network, caller, json),
        blocks::ListBarred::NAME => block_list::list(network, caller, json),
        reports::Report::NAME => report::send(network, caller, json),
        _ => return None,
    })
}

fn words(network: &Network, json: &[u8]) -> Answer {
    call::gives::<calls::GetWords>(json, |_| {
        let words = network.policy().stop_words.folded();
        Ok(calls::Words { stop: words.stop().to_vec(), resume: words.resume().to_vec() })
    })
}

/// A time of the store, where 0 is none.
fn time(millis: Timestamp) -> Option<Timestamp> {
    (millis.millis() != 0).then_some(millis)
}

/// A time for the store.
fn millis(time: Option<Timestamp>) -> i64 {
    time.map_or(0, Timestamp::millis)
}
