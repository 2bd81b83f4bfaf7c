//! An event is written, what it changes is stored, and who has to know is told.
use super::{
    Pair, block_list,
    daily::{self, Limit, Use},
    events::{self, Entry, Subject},
    relation::{self, Stored},
};
use crate::{
    Network, groups,
    operations::call::Wakes,
    refusal::Refusal,
    rows::{self, Caller},
    standing::{self, Feedback},
    templates,
};
use suki_protocol::calls::{consent::ConsentChanged, relation::RelationChanged};
use suki_rules::consent::{By, Event};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, ConversationId, DeviceId, Timestamp};

/// Writes an event of a customer and a business, and says whom to wake. One that changes nothing is not written, unless it is evidence: a consent, or a report.
///
/// # Errors
/// When the customer has given back more today than he may.
pub(super) fn write(network: &Network, tx: &mut Tx<'_>, caller: &Caller, pair: Pair, entry: &Entry<'_>) -> Result<Wakes, Refusal> {
    let policy = &network.policy().consent;
    let now = network.now();
    let before = relation::load(tx, pair)?;
    let next = before.relation.after(policy, entry.by, entry.event, now);
    let changes = next != before.relation;
    let evidence = matches!(entry.event, Event::OptIn { .. } | Event::Report);
    if !changes && !evidence {
        return Ok(Wakes::new());
    }
    if entry.by == By::Customer && entry.event.gives() {
        daily::take(tx, giving_back(pair, policy.changes_per_day), now)?;
    }
    let at = events::insert(tx, pair.business, &Subject::Customer(pair.customer), entry, changes, now)?;
    // The row says the same time as the ledger.
    let stored = Stored { relation: before.relation.after(policy, entry.by, entry.event, at), ..before };
    relation::save(tx, pair, &stored)?;
    let mut wakes = Wakes::new();
    if let Event::Bar(_) = entry.event {
        block_list::note(tx, pair, stored.relation.barred_at)?;
    }
    if let Event::Block | Event::Bar(true) = entry.event {
        wakes.extend(groups::leave_all(network, tx, pair.business, pair.customer, entry.by == By::Business)?);
    }
    if let Some(feedback) = feedback(entry.event) {
        standing::feedback(network.policy(), tx, pair.business, pair.customer, feedback, now)?;
        wakes.extend(templates::against(network, tx, pair.business, pair.customer, now)?);
    }
    wakes.extend(tell(network, tx, caller, pair, &before, &stored, entry.event, at)?);
    Ok(wakes)
}

/// What the business's quality is judged by.
fn feedback(event: Event) -> Option<Feedback> {
    match event {
        Event::Block => Some(Feedback::Block),
        Event::Report => Some(Feedback::Report),
        _ => None,
    }
}

fn giving_back(pair: Pair, most: u32) -> Limit {
    let name = "Giving back to one business what was taken from it";
    Limit { owner: pair.business, other: pair.customer, what: Use::GivingBack, most, name, field: "consent.changes_per_day" }
}

/// Tells the customer's other devices, and the business what it may know.
#[expect(clippy::too_many_arguments, reason = "what was, what is, and who asked")]
fn tell(
    network: &Network,
    tx: &mut Tx<'_>,
    caller: &Caller,
    pair: Pair,
    before: &Stored,
    after: &Stored,
    event: Event,
    at: Timestamp,
) -> Result<Wakes, Refusal> {
    let conversation = conversation(tx, pair)?;
    let mut wakes = Wakes::new();
    if after.relation != before.relation {
        let changed = RelationChanged {
            business: pair.business,
            choice: relation::shown(after.relation.choice),
            blocked_at: after.relation.blocked_at,
            stopped_at: after.relation.stopped_at,
            saved: after.relation.saved,
        };
        let devices = others(tx, pair.customer, caller)?;
        wakes.extend(network.append_notice(tx, devices, conversation, &changed)?);
    }
    if after.state() != before.state() {
        let changed = ConsentChanged { customer: pair.customer, what: events::told_to_business(event), at, state: after.state() };
        let devices = others(tx, pair.business, caller)?;
        wakes.extend(network.append_notice(tx, devices, conversation, &changed)?);
    }
    Ok(wakes)
}

/// The devices of an account, the caller's own left out: it gets the answer.
fn others(tx: &mut Tx<'_>, account: AccountId, caller: &Caller) -> Result<Vec<DeviceId>, StoreError> {
    let mut devices = rows::devices_of(tx, account)?;
    devices.retain(|device| *device != caller.device);
    Ok(devices)
}

/// The conversation of a customer and a business.
pub(super) fn conversation(tx: &mut Tx<'_>, pair: Pair) -> Result<Option<ConversationId>, StoreError> {
    let sql = "SELECT conversation FROM account_conversation WHERE account = ?1 AND other = ?2";
    tx.query_opt(sql, &[(&pair.customer).into(), (&pair.business).into()], |row| row.get(0))
}
