//! A business changes a template; the new text is judged like the first.
use super::{
    create::{same_variables, small_enough},
    judge, own, refuse,
    rows::{self, Change},
};
use crate::{Network, operations::call::Wakes, refusal::Refusal, review, rows::Caller};
use suki_protocol::{
    calls::templates::{Edit, Stored},
    template::Status,
};
use suki_rules::template::{lifecycle, validate, written_out};
use suki_store::Tx;

/// Checks what is given against the template as it would be then.
pub(super) fn edit(network: &Network, tx: &mut Tx<'_>, caller: &Caller, asked: &Edit) -> Result<(Stored, Wakes), Refusal> {
    let (policy, now) = (network.policy(), network.now());
    let mut held = own(tx, caller, asked.id)?;
    let previous = held.status;
    let new_category = asked.category.filter(|category| *category != held.category);
    let edits = rows::times(tx, &held, Change::EditedApproved, lifecycle::changes_since(now))?;
    lifecycle::may_edit(policy, previous, new_category.is_some(), &edits, now).map_err(|problem| refuse(&[problem]))?;
    let mut draft = held.draft();
    draft.category = asked.category.unwrap_or(draft.category);
    if let Some(components) = &asked.components {
        draft.components.clone_from(components);
        draft.parameter_format = None;
        draft.parameter_format = Some(draft.parameters());
    }
    draft.message_send_ttl_seconds = asked.message_send_ttl_seconds.or(draft.message_send_ttl_seconds);
    validate(policy, &draft).map_err(|problems| refuse(&problems))?;
    let components = written_out(&draft);
    small_enough(&components).map_err(|problem| refuse(&[problem]))?;
    let rewritten = components != held.components || draft.category != held.category;
    held.components = components;
    held.format = draft.parameters();
    held.category = draft.category;
    held.ttl_seconds = draft.message_send_ttl_seconds;
    held.ttl_millis = lifecycle::life_millis(policy, held.category, held.ttl_seconds);
    if new_category.is_some() {
        held.previous_category = None;
    }
    let siblings = rows::of_name(tx, caller.account, &held.name)?;
    same_variables(network, &held, &siblings).map_err(|problem| refuse(&[problem]))?;
    let wakes = if rewritten || previous != Status::Approved {
        rows::note(tx, &held, if previous == Status::Approved { Change::EditedApproved } else { Change::Edited }, now)?;
        review::close_subject(tx, held.business, review::CaseKind::Template, &held.subject())?;
        judge::judge(network, tx, &mut held, previous, now)?
    } else {
        // Only how long a message of it is worth delivering: nobody has to look at that.
        judge::store(network, tx, &mut held, previous, now)?
    };
    Ok((Stored { template: held.shown(), limits: policy.template_parts.filled() }, wakes))
}
