//! A business proposes a template.
use super::{
    judge, refuse,
    rows::{self, Change, Held},
};
use crate::{
    Network,
    operations::call::{Wakes, business_only},
    refusal::Refusal,
    rows::Caller,
};
use suki_protocol::{
    calls::templates::{Create, Stored},
    template::{Component, Quality, Reason, Shape, Status},
};
use suki_rules::template::{
    Problem, Subcode,
    lifecycle::{self, Shelf},
    validate, written_out,
};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, Timestamp, limits};

/// Checks it, stores it and judges it.
pub(super) fn create(network: &Network, tx: &mut Tx<'_>, caller: &Caller, asked: &Create) -> Result<(Stored, Wakes), Refusal> {
    business_only(caller)?;
    let (policy, draft, now) = (network.policy(), &asked.draft, network.now());
    validate(policy, draft).map_err(|problems| refuse(&problems))?;
    let components = written_out(draft);
    small_enough(&components).map_err(|problem| refuse(&[problem]))?;
    let siblings = rows::of_name(tx, caller.account, &draft.name)?;
    let shelf = shelf(tx, caller.account, &draft.name, siblings.iter().any(|held| held.language == draft.language), now)?;
    lifecycle::may_create(policy, &shelf, now).map_err(|problem| refuse(&[problem]))?;
    let mut held = Held {
        business: caller.account,
        id: fresh_id(network),
        name: draft.name.clone(),
        language: draft.language.clone(),
        category: draft.category,
        status: Status::Pending,
        version: 0,
        paused_until: Timestamp::from_millis(0),
        ttl_millis: lifecycle::life_millis(policy, draft.category, draft.message_send_ttl_seconds),
        components,
        format: draft.parameters(),
        previous_category: None,
        allow_category_change: draft.allow_category_change.unwrap_or(true),
        ttl_seconds: draft.message_send_ttl_seconds,
        quality: Quality::Unknown,
        quality_at: Timestamp::from_millis(0),
        reason: Reason::None,
        explanation: String::new(),
        pauses: 0,
        greeting: asked.greeting,
        before: None,
        case: None,
        announced: None,
        created_at: now,
        updated_at: now,
    };
    same_variables(network, &held, &siblings).map_err(|problem| refuse(&[problem]))?;
    rows::insert(tx, &held)?;
    rows::note(tx, &held, Change::Created, now)?;
    let wakes = judge::judge(network, tx, &mut held, Status::Pending, now)?;
    Ok((Stored { template: held.shown(), limits: policy.template_parts.filled() }, wakes))
}

fn shelf(tx: &mut Tx<'_>, business: AccountId, name: &str, exists: bool, now: Timestamp) -> Result<Shelf, StoreError> {
    Ok(Shelf {
        count: rows::count(tx, business)?,
        checked: rows::is_checked(tx, business)?,
        created: rows::created(tx, business, lifecycle::created_since(now))?,
        exists,
        name_blocked_until: rows::name_blocked_until(tx, business, name)?,
    })
}

/// Sixteen digits, so that programs that read it as a number of JSON lose nothing: 10^15 to 2^53.
fn fresh_id(network: &Network) -> u64 {
    const FROM: u64 = 1_000_000_000_000_000;
    FROM + u64::from_le_bytes(network.env().random()) % ((1 << 53) - FROM)
}

/// A template fits into one answer and one pack.
pub(super) fn small_enough(components: &[Component]) -> Result<(), Problem> {
    let bytes = serde_json::to_vec(components).map_or(usize::MAX, |json| json.len());
    if bytes <= limits::TEMPLATE_BYTES {
        return Ok(());
    }
    let message =
        format!("its parts have {bytes} bytes as JSON; at most {} are allowed: shorten texts, examples or the flow", limits::TEMPLATE_BYTES);
    Err(Problem { code: 100, subcode: Subcode::Length.number(), field: "components".into(), message, retry_at: None })
}

/// Where the policy wants it, all languages of a name take the same parameters.
pub(super) fn same_variables(network: &Network, held: &Held, siblings: &[Held]) -> Result<(), Problem> {
    let shape = Shape::of(&held.components);
    let differs = |other: &&Held| other.id != held.id && Shape::of(&other.components) != shape;
    match siblings.iter().find(differs) {
        Some(other) if network.policy().packs.same_variables => {
            let message = format!(
                "its variables, header or buttons differ from those of {} in {}; all languages of a template take the same parameters",
                other.name, other.language
            );
            Err(Problem { code: 100, subcode: 0, field: "components".into(), message, retry_at: None })
        }
        _ => Ok(()),
    }
}
