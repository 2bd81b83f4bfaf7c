//! The rows of the ledger. An event is written once; later only the time is added at which another took its place.
use super::{EVENTS_SHOWN, relation, time};
use crate::int;
use suki_protocol::calls::consent::{self as calls, What};
use suki_rules::consent::{By, Event, Relation};
use suki_store::{Row, StoreError, Tx};
use suki_types::{AccountId, Phone, Timestamp};

/// Whom a ledger is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    /// A customer.
    Customer(AccountId),
    /// A phone that nobody has registered yet.
    Phone(Phone),
}

impl Subject {
    /// As the ledger writes it.
    pub fn text(&self) -> String {
        match self {
            Self::Customer(account) => account.to_string(),
            Self::Phone(phone) => phone.digits().to_owned(),
        }
    }

    /// From the ledger.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        match text.parse() {
            Ok(account) => Ok(Self::Customer(account)),
            Err(_) => text.parse().map(Self::Phone).map_err(|_| StoreError::Corrupt("the subject of a ledger")),
        }
    }
}

/// An event with its evidence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    pub by: By,
    pub event: Event,
    pub how: &'a str,
    pub form: &'a str,
    pub wording: &'a str,
    pub evidence: &'a str,
}

impl Entry<'_> {
    /// An event without anything more to say.
    pub fn plain(by: By, event: Event) -> Self {
        Self { by, event, how: "", form: "", wording: "", evidence: "" }
    }
}

/// From this aspect on events are not for the business to know.
const PRIVATE: i64 = 10;

/// The aspect, and the word, of an event. A later event of the same aspect takes an earlier one's place.
fn aspect(event: Event) -> (i64, What) {
    match event {
        Event::OptIn { .. } => (1, What::OptIn),
        Event::OptOut => (1, What::OptOut),
        Event::Stop => (2, What::Stop),
        Event::Resume => (2, What::Resume),
        Event::Save(true) => (3, What::Save),
        Event::Save(false) => (3, What::Unsave),
        Event::Bar(true) => (4, What::Bar),
        Event::Bar(false) => (4, What::Unbar),
        Event::Block => (PRIVATE, What::Block),
        Event::Unblock => (PRIVATE, What::Unblock),
        Event::Choose(_) => (PRIVATE + 1, What::Choose),
        Event::Report => (PRIVATE + 2, What::Report),
    }
}

/// The word of an event, if it is for the business to know.
pub(super) fn told_to_business(event: Event) -> Option<What> {
    let (aspect, what) = aspect(event);
    (aspect < PRIVATE).then_some(what)
}

const WORDS: [(What, &str); 12] = [
    (What::OptIn, "opt_in"),
    (What::OptOut, "opt_out"),
    (What::Stop, "stop"),
    (What::Resume, "resume"),
    (What::Block, "block"),
    (What::Unblock, "unblock"),
    (What::Choose, "choose"),
    (What::Save, "save"),
    (What::Unsave, "unsave"),
    (What::Report, "report"),
    (What::Bar, "bar"),
    (What::Unbar, "unbar"),
];

/// The word for it, as in the ledger and in its exports.
pub(super) fn word(what: What) -> &'static str {
    WORDS.iter().find(|(known, _)| *known == what).map_or("", |(_, word)| word)
}

/// Writes an event. `counts`: it takes the place of the earlier ones of its aspect; else it never counted, and is kept as evidence alone.
/// The time under which it stands is later than that of any other of this subject.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    business: AccountId,
    subject: &Subject,
    entry: &Entry<'_>,
    counts: bool,
    now: Timestamp,
) -> Result<Timestamp, StoreError> {
    let subject = subject.text();
    let at = next_time(tx, business, &subject, now)?;
    let (aspect, what) = aspect(entry.event);
    // A report stands for itself.
    let kept = counts && entry.event != Event::Report;
    if kept {
        tx.execute(
            "UPDATE consent_event SET replaced_at = ?4 WHERE business = ?1 AND subject = ?2 AND aspect = ?3 AND replaced_at = 0",
            &[(&business).into(), (&subject).into(), aspect.into(), at.into()],
        )?;
    }
    let (choice, given_at) = match entry.event {
        Event::Choose(choice) => (relation::choice_number(choice), 0),
        Event::OptIn { given_at } => (0, given_at.millis()),
        _ => (0, 0),
    };
    tx.execute(
        "INSERT INTO consent_event (business, subject, at, by_side, aspect, what, choice, given_at, how, form, wording, evidence, replaced_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        &[
            (&business).into(),
            (&subject).into(),
            at.into(),
            side(entry.by).into(),
            aspect.into(),
            word(what).into(),
            choice.into(),
            given_at.into(),
            entry.how.into(),
            entry.form.into(),
            entry.wording.into(),
            entry.evidence.into(),
            (if kept { 0 } else { at.millis() }).into(),
        ],
    )?;
    Ok(at)
}

fn next_time(tx: &mut Tx<'_>, business: AccountId, subject: &str, now: Timestamp) -> Result<Timestamp, StoreError> {
    let newest: Option<Timestamp> = tx.query_opt(
        "SELECT at FROM consent_event WHERE business = ?1 AND subject = ?2 ORDER BY at DESC LIMIT 1",
        &[(&business).into(), subject.into()],
        |row| row.get(0),
    )?;
    Ok(newest.map_or(now, |newest| now.max(newest.plus_millis(1))))
}

fn side(by: By) -> i64 {
    match by {
        By::Customer => 1,
        By::Business => 2,
    }
}

/// A row that begins with by_side, what, choice, given_at, how, form, wording, evidence, replaced_at, at.
pub(super) fn shown(row: &Row<'_>) -> Result<calls::Event, StoreError> {
    let word: String = row.get(1)?;
    let what = WORDS.iter().find(|(_, known)| *known == word).map(|(what, _)| *what).ok_or(StoreError::Corrupt("the word of an event"))?;
    let choice = if what == What::Choose { Some(relation::shown(relation::choice_from(row.get(2)?)?)) } else { None };
    Ok(calls::Event {
        at: row.get(9)?,
        by: if row.get::<i64>(0)? == 1 { calls::By::Customer } else { calls::By::Business },
        what,
        choice,
        given_at: time(row.get(3)?),
        how: row.get(4)?,
        form: row.get(5)?,
        wording: row.get(6)?,
        evidence: row.get(7)?,
        replaced_at: time(row.get(8)?),
    })
}

/// The newest events, as this side may know them.
pub(super) fn newest(tx: &mut Tx<'_>, business: AccountId, subject: &Subject, for_business: bool) -> Result<Vec<calls::Event>, StoreError> {
    let events = tx.query(
        "SELECT by_side, what, choice, given_at, how, form, wording, evidence, replaced_at, at FROM consent_event \
         WHERE business = ?1 AND subject = ?2 AND aspect < ?3 ORDER BY at DESC LIMIT ?4",
        &[(&business).into(), (&subject.text()).into(), (if for_business { PRIVATE } else { i64::MAX }).into(), int(EVENTS_SHOWN)],
        shown,
    )?;
    // The business's own list is nothing the customer is told.
    Ok(events.into_iter().filter(|event| for_business || !matches!(event.what, What::Bar | What::Unbar)).collect())
}

/// Whether the customer himself has said something of marketing or of his consent since `at`.
pub(super) fn customer_spoke_since(tx: &mut Tx<'_>, business: AccountId, subject: &Subject, at: Timestamp) -> Result<bool, StoreError> {
    let newer = tx.query_opt(
        "SELECT at FROM consent_event WHERE business = ?1 AND subject = ?2 AND at >= ?3 AND by_side = 1 AND aspect <= 2 LIMIT 1",
        &[(&business).into(), (&subject.text()).into(), at.into()],
        |row| row.get::<Timestamp>(0),
    )?;
    Ok(newer.is_some())
}

/// The sum of what counts of a subject that has no row of its own, and its consent's end, since the policy may have changed.
pub(super) fn sum(tx: &mut Tx<'_>, policy: &suki_rules::Consent, business: AccountId, subject: &Subject) -> Result<Relation, StoreError> {
    let events = tx.query(
        "SELECT by_side, what, given_at, at FROM consent_event WHERE business = ?1 AND subject = ?2 AND replaced_at = 0 ORDER BY at",
        &[(&business).into(), (&subject.text()).into()],
        |row| {
            let by = if row.get::<i64>(0)? == 1 { By::Customer } else { By::Business };
            let event = match row.get::<String>(1)?.as_str() {
                "opt_in" => Some(Event::OptIn { given_at: row.get(2)? }),
                "opt_out" => Some(Event::OptOut),
                _ => None,
            };
            let at: Timestamp = row.get(3)?;
            Ok(event.map(|event| (by, event, at)))
        },
    )?;
    Ok(Relation::fold(policy, events.into_iter().flatten()))
}
