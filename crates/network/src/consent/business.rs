//! What a business records of its customers' consent, and asks.
use super::{
    Pair,
    customer::bounded,
    daily::{self, Limit, NOBODY, Use},
    events::{self, Entry, Subject},
    ledger, relation,
};
use crate::{
    Network,
    operations::call::{self, Wakes},
    refusal::Refusal,
    rows::{self, Caller},
    session::Answer,
};
use suki_protocol::{
    calls::consent::{Consent, GetConsent, RecordConsent, RevokeConsent, State, Who, WordRead},
    pb::AccountKind,
};
use suki_rules::consent::{self, By, Event, Relation};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, Phone};

pub(super) fn record(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::writes::<RecordConsent>(network, json, move |tx, asked| {
        call::business_only(&caller)?;
        for (field, text) in [("how", &asked.how), ("form", &asked.form), ("evidence", &asked.evidence)] {
            bounded(field, text)?;
        }
        let event = Event::OptIn { given_at: asked.given_at };
        let entry = Entry {
            by: By::Business,
            event,
            how: asked.how.trim(),
            form: asked.form.trim(),
            wording: asked.wording.trim(),
            evidence: asked.evidence.trim(),
        };
        let subject = subject(tx, &asked.who)?;
        let known = state_of(&own, tx, caller.account, &subject)?.0;
        let claim =
            consent::Claim { source: consent::Source::Declared, wording: &asked.wording, evidence: &asked.evidence, given_at: asked.given_at };
        consent::check_claim(&own.policy().consent, &claim, &known, own.now()).map_err(Refusal::rule)?;
        write(&own, tx, &caller, subject, &entry)
    })
}

pub(super) fn revoke(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::writes::<RevokeConsent>(network, json, move |tx, asked| {
        call::business_only(&caller)?;
        bounded("reason", &asked.reason)?;
        let subject = subject(tx, &asked.who)?;
        let entry = Entry { evidence: asked.reason.trim(), ..Entry::plain(By::Business, Event::OptOut) };
        write(&own, tx, &caller, subject, &entry)
    })
}

pub(super) fn word_read(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::writes::<WordRead>(network, json, move |tx, asked| {
        call::business_only(&caller)?;
        let entry = Entry { how: "word", ..Entry::plain(By::Business, Event::Stop) };
        let subject = subject(tx, &Who::Customer(asked.customer))?;
        if events::customer_spoke_since(tx, caller.account, &subject, asked.at)? {
            return Ok((view(&own, tx, caller.account, &subject)?, Wakes::new()));
        }
        write(&own, tx, &caller, subject, &entry)
    })
}

pub(super) fn get(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::reads::<GetConsent>(network, json, move |tx, asked| {
        call::business_only(&caller)?;
        let subject = subject(tx, &asked.who)?;
        Ok(view(&own, tx, caller.account, &subject)?)
    })
}

fn write(network: &Network, tx: &mut Tx<'_>, caller: &Caller, subject: Subject, entry: &Entry<'_>) -> Result<(Consent, Wakes), Refusal> {
    let most = network.policy().consent.records_per_day;
    let name = "Recording a consent or its end";
    let limit = Limit { owner: caller.account, other: NOBODY, what: Use::Records, most, name, field: "consent.records_per_day" };
    daily::take(tx, limit, network.now())?;
    let wakes = match &subject {
        Subject::Customer(customer) => {
            let pair = Pair { business: caller.account, customer: *customer };
            ledger::write(network, tx, caller, pair, entry)?
        }
        Subject::Phone(_) => {
            for_later(network, tx, caller.account, &subject, entry)?;
            Wakes::new()
        }
    };
    Ok((view(network, tx, caller.account, &subject)?, wakes))
}

/// Of a phone that nobody has registered the ledger alone is kept.
fn for_later(network: &Network, tx: &mut Tx<'_>, business: AccountId, subject: &Subject, entry: &Entry<'_>) -> Result<(), StoreError> {
    let (policy, now) = (&network.policy().consent, network.now());
    let before = events::sum(tx, policy, business, subject)?;
    let changes = before.after(policy, entry.by, entry.event, now) != before;
    if changes || matches!(entry.event, Event::OptIn { .. }) {
        events::insert(tx, business, subject, entry, changes, now)?;
    }
    Ok(())
}

/// Whom a business means.
///
/// # Errors
/// When no customer has this id.
pub(super) fn subject(tx: &mut Tx<'_>, who: &Who) -> Result<Subject, Refusal> {
    match who {
        Who::Phone(phone) => Ok(owner(tx, phone)?.map_or_else(|| Subject::Phone(phone.clone()), Subject::Customer)),
        Who::Customer(account) if is_person(tx, *account)? => Ok(Subject::Customer(*account)),
        Who::Customer(_) => Err(Refusal::unknown("No customer has this id; take it from the conversation or name him by phone")),
    }
}

/// Whose a phone is.
pub(super) fn owner(tx: &mut Tx<'_>, phone: &Phone) -> Result<Option<AccountId>, StoreError> {
    tx.query_opt("SELECT account FROM phone WHERE phone = ?1", &[phone.into()], |row| row.get(0))
}

fn is_person(tx: &mut Tx<'_>, account: AccountId) -> Result<bool, StoreError> {
    let kind: Option<i64> = tx.query_opt("SELECT kind FROM account WHERE account = ?1", &[(&account).into()], |row| row.get(0))?;
    Ok(kind == Some(i64::from(i32::from(AccountKind::Person))))
}

/// The sum of the ledger, and what the business may know of it.
fn state_of(network: &Network, tx: &mut Tx<'_>, business: AccountId, subject: &Subject) -> Result<(Relation, State), StoreError> {
    match subject {
        Subject::Customer(customer) => {
            let stored = relation::load(tx, Pair { business, customer: *customer })?;
            Ok((stored.relation, stored.state()))
        }
        Subject::Phone(_) => {
            let sum = events::sum(tx, &network.policy().consent, business, subject)?;
            Ok((sum, State { consent_at: sum.consent_at, consent_until: sum.consent_until, ..State::default() }))
        }
    }
}

fn view(network: &Network, tx: &mut Tx<'_>, business: AccountId, subject: &Subject) -> Result<Consent, StoreError> {
    let (_, state) = state_of(network, tx, business, subject)?;
    // Whose a phone is, is told only where there is something between the two: numbers cannot be tried out.
    let customer = match subject {
        Subject::Customer(customer) if relation::exists(tx, Pair { business, customer: *customer })? => Some(*customer),
        Subject::Customer(_) | Subject::Phone(_) => None,
    };
    Ok(Consent { customer, state, events: events::newest(tx, business, subject, true)? })
}

/// The phone a customer is known by.
pub(super) fn phone(tx: &mut Tx<'_>, subject: &Subject) -> Result<Option<Phone>, StoreError> {
    match subject {
        Subject::Phone(phone) => Ok(Some(phone.clone())),
        Subject::Customer(customer) => Ok(rows::phone_of(tx, *customer)?.parse().ok()),
    }
}
