//! Templates: a business proposes them, they are judged and live by the policy, and customers' devices get their approved texts as signed packs.
//!
//! | file | subject |
//! |---|---|
//! | [`create`], [`edit`], [`delete`], [`appeal`] | what a business does with its templates |
//! | [`list`] | what it asks about them |
//! | [`judge`] | what becomes of a proposed text: approved, to a person, rejected |
//! | [`decided`](mod@decided), [`corrections`] | a person's decision; what people do to approved ones |
//! | [`feedback`] | what customers make of a template: its quality, its pauses |
//! | [`packs`] | the approved texts, signed, for devices |
//! | [`jobs`] | pauses end, what nobody needs any more goes |
//! | [`rows`], [`tell`] | the tables; what a business is told |
mod appeal;
mod console;
mod corrections;
mod create;
mod decided;
mod delete;
mod edit;
mod feedback;
mod jobs;
mod judge;
mod list;
mod packs;
mod rows;
mod tell;

pub(crate) use decided::decided;
pub(crate) use feedback::{against, read};

use crate::{
    Network,
    operations::call::{business_only, reads, writes},
    refusal::Refusal,
    rows::Caller,
    session::Answer,
};
use suki_protocol::calls::{Call, templates as calls};
use suki_rules::template::Problem;

/// Queues a call of the subjects `template` and `pack`; `None` when there is none of this name.
pub(crate) fn call(network: &Network, caller: Caller, name: &str, json: &[u8]) -> Option<Answer> {
    let own = network.clone();
    Some(match name {
        calls::Create::NAME => writes::<calls::Create>(network, json, move |tx, asked| create::create(&own, tx, &caller, asked)),
        calls::Edit::NAME => writes::<calls::Edit>(network, json, move |tx, asked| edit::edit(&own, tx, &caller, asked)),
        calls::Delete::NAME => writes::<calls::Delete>(network, json, move |tx, asked| delete::delete(&own, tx, &caller, asked)),
        calls::Appeal::NAME => writes::<calls::Appeal>(network, json, move |tx, asked| appeal::appeal(&own, tx, &caller, asked)),
        calls::Unpause::NAME => writes::<calls::Unpause>(network, json, move |tx, asked| appeal::unpause(&own, tx, &caller, asked)),
        calls::Get::NAME => reads::<calls::Get>(network, json, move |tx, asked| list::get(&own, tx, &caller, asked)),
        calls::List::NAME => reads::<calls::List>(network, json, move |tx, asked| list::list(&own, tx, &caller, asked)),
        calls::ListPacks::NAME => reads::<calls::ListPacks>(network, json, move |tx, asked| packs::list(tx, &caller, asked)),
        calls::GetPack::NAME => reads::<calls::GetPack>(network, json, move |tx, asked| packs::get(&own, tx, &caller, asked)),
        _ => return None,
    })
}

/// The most problems that one refusal names.
const PROBLEMS: usize = 20;

/// A refusal that names all problems, with the code of the first.
fn refuse(problems: &[Problem]) -> Refusal {
    let first = problems.first();
    let named: Vec<String> = problems.iter().take(PROBLEMS).map(Problem::to_string).collect();
    Refusal::rule(suki_rules::Refusal {
        rule: "template",
        cloud_api_code: first.map_or(0, Problem::number),
        message: named.join("; "),
        retry_at: first.and_then(|problem| problem.retry_at),
    })
}

/// No template of the caller's has this id; whether one of others' has is not told.
fn not_yours() -> Refusal {
    Refusal::unknown("No template of this business has this id; list the templates")
}

/// The caller's template.
fn own(tx: &mut suki_store::Tx<'_>, caller: &Caller, id: u64) -> Result<rows::Held, Refusal> {
    business_only(caller)?;
    rows::load(tx, caller.account, id)?.ok_or_else(not_yours)
}
