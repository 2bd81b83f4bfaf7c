//! A business deletes a template: all languages of a name, or one.
use super::{
    not_yours,
    rows::{self, Change},
    tell,
};
use crate::{
    Network,
    operations::call::{Wakes, business_only},
    refusal::Refusal,
    review::{self, CaseKind},
    rows::Caller,
};
use suki_protocol::{
    calls::templates::{Delete, Deleted},
    template::Status,
};
use suki_rules::template::lifecycle;
use suki_store::Tx;

/// Takes them away and keeps the name of what was approved from being used at once for something else.
pub(super) fn delete(network: &Network, tx: &mut Tx<'_>, caller: &Caller, asked: &Delete) -> Result<(Deleted, Wakes), Refusal> {
    business_only(caller)?;
    let now = network.now();
    let all = rows::of_name(tx, caller.account, &asked.name)?;
    let chosen: Vec<_> = all.into_iter().filter(|held| asked.id.is_none_or(|id| id == held.id)).collect();
    if chosen.is_empty() {
        return Err(not_yours());
    }
    let (mut ids, mut wakes) = (Vec::new(), Wakes::new());
    for mut held in chosen {
        rows::remove(tx, &held, now)?;
        rows::note(tx, &held, Change::Deleted, now)?;
        review::close_subject(tx, held.business, CaseKind::Template, &held.subject())?;
        if let Some(until) = lifecycle::name_blocked(network.policy(), held.version > 0, now) {
            rows::block_name(tx, held.business, &held.name, until)?;
            rows::touch_pack(tx, held.business, &held.name)?;
        }
        ids.push(held.id);
        let previous = std::mem::replace(&mut held.status, Status::Deleted);
        wakes.extend(tell::status(network, tx, &held, previous, now)?);
    }
    Ok((Deleted { ids }, wakes))
}
