//! What a customer asks about a business and changes between himself and it.
use super::{
    Pair, events,
    events::{Entry, Subject},
    ledger, relation,
};
use crate::{
    Network,
    operations::call::{self, Wakes},
    refusal::Refusal,
    rows::Caller,
    session::Answer,
};
use suki_protocol::calls::{
    consent::{By as Said, DETAIL_CHARS, Event as Shown, GrantConsent, What, WithdrawConsent},
    relation::{GetRelation, Relation, SetRelation, Why},
};
use suki_rules::consent::{self, By, Event};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, Timestamp};

pub(super) fn get(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::reads::<GetRelation>(network, json, move |tx, asked| {
        let pair = pair(tx, &caller, asked.business)?;
        Ok(view(&own, tx, pair)?)
    })
}

pub(super) fn set(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::writes::<SetRelation>(network, json, move |tx, asked| {
        let events = [
            asked.choice.map(|choice| Event::Choose(relation::meant(choice))),
            asked.stopped.map(|on| if on { Event::Stop } else { Event::Resume }),
            asked.saved.map(Event::Save),
            asked.blocked.map(|on| if on { Event::Block } else { Event::Unblock }),
        ];
        let entries = events.into_iter().flatten().map(|event| Entry::plain(By::Customer, event));
        write(&own, tx, &caller, asked.business, entries)
    })
}

pub(super) fn grant(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::writes::<GrantConsent>(network, json, move |tx, asked| {
        let given_at = own.now();
        let claim = consent::Claim { source: consent::Source::CustomerForm, wording: &asked.wording, evidence: "", given_at };
        let pair = pair(tx, &caller, asked.business)?;
        let before = relation::load(tx, pair)?;
        consent::check_claim(&own.policy().consent, &claim, &before.relation, given_at).map_err(Refusal::rule)?;
        bounded("form", &asked.form)?;
        let event = Event::OptIn { given_at };
        let entry = Entry { by: By::Customer, event, how: "", form: asked.form.trim(), wording: asked.wording.trim(), evidence: "" };
        write(&own, tx, &caller, asked.business, [entry])
    })
}

pub(super) fn withdraw(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::writes::<WithdrawConsent>(network, json, move |tx, asked| {
        write(&own, tx, &caller, asked.business, [Entry::plain(By::Customer, Event::OptOut)])
    })
}

fn write<'a>(
    network: &Network,
    tx: &mut Tx<'_>,
    caller: &Caller,
    business: AccountId,
    entries: impl IntoIterator<Item = Entry<'a>>,
) -> Result<(Relation, Wakes), Refusal> {
    let pair = pair(tx, caller, business)?;
    let mut wakes = Wakes::new();
    for entry in entries {
        wakes.extend(ledger::write(network, tx, caller, pair, &entry)?);
    }
    Ok((view(network, tx, pair)?, wakes))
}

/// The caller, who has to be a person, and a business that exists.
pub(super) fn pair(tx: &mut Tx<'_>, caller: &Caller, business: AccountId) -> Result<Pair, Refusal> {
    call::person_only(caller)?;
    let sql = "SELECT account FROM business WHERE account = ?1";
    if tx.query_opt(sql, &[(&business).into()], |row| row.get::<AccountId>(0))?.is_none() {
        return Err(Refusal::unknown("No business has this id; take it from the business's link or from the conversation"));
    }
    Ok(Pair { business, customer: caller.account })
}

/// An error when a text is longer than a ledger takes.
pub(super) fn bounded(field: &str, text: &str) -> Result<(), Refusal> {
    let chars = text.chars().count();
    if chars > DETAIL_CHARS || text.contains('\0') {
        return Err(Refusal::malformed(format!("`{field}` has {chars} characters; at most {DETAIL_CHARS} are allowed, without U+0000")));
    }
    Ok(())
}

/// What holds, as the customer may see it: everything but the business's own list.
fn view(network: &Network, tx: &mut Tx<'_>, pair: Pair) -> Result<Relation, StoreError> {
    let stored = relation::load(tx, pair)?;
    let events = events::newest(tx, pair.business, &Subject::Customer(pair.customer), false)?;
    let opened = tx.query_opt(
        "SELECT c.opened_at, c.opened_by FROM account_conversation a JOIN conversation c ON c.conversation = a.conversation \
         WHERE a.account = ?1 AND a.other = ?2",
        &[(&pair.customer).into(), (&pair.business).into()],
        |row| Ok((row.get::<Timestamp>(0)?, row.get::<i64>(1)?)),
    )?;
    let relation = &stored.relation;
    let mut why = Vec::new();
    if stored.wrote_at.is_some() {
        why.push(Why::YouWrote);
    }
    if relation.has_consent(network.now()) {
        why.push(whose(&events));
    }
    Ok(Relation {
        business: pair.business,
        choice: relation::shown(relation.choice),
        global_choice: relation::shown(stored.global),
        blocked_at: relation.blocked_at,
        stopped_at: relation.stopped_at,
        saved: relation.saved,
        consent_at: relation.consent_at,
        consent_until: relation.consent_until,
        wrote_at: stored.wrote_at,
        opened_at: opened.map(|(at, _)| at),
        opened_by_business: opened.is_some_and(|(_, by)| by == 2),
        why,
        events,
    })
}

/// Whose word the consent that holds is.
fn whose(events: &[Shown]) -> Why {
    let counts = events.iter().find(|event| event.what == What::OptIn && event.replaced_at.is_none());
    match counts {
        Some(event) if event.by == Said::Customer => Why::YouAgreed,
        _ => Why::BusinessSaysYouAgreed,
    }
}
