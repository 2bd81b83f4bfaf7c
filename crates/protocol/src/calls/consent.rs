//! Consent: the ledger of what customers agreed to and took back, with its evidence (R10, R11), and the words that stop (users.md, customer side).
use super::{
    Call, Told,
    relation::{Choice, Relation},
};
use serde::{Deserialize, Serialize};
use suki_types::{AccountId, Phone, Timestamp};

/// The most characters of a text that a call carries for the ledger, the wording apart: how, form, evidence.
pub const DETAIL_CHARS: usize = 500;

/// Who of the two did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The customer.
    Customer,
    /// The business.
    Business,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The customer agreed to be written to.
    OptIn,
    /// The agreement was withdrawn.
    OptOut,
    /// No more marketing.
    Stop,
    /// Marketing again.
    Resume,
    /// The customer blocked the business. Told to himself alone.
    Block,
    /// He blocks it no longer. Told to himself alone.
    Unblock,
    /// He chose which of its messages he wants. Told to himself alone.
    Choose,
    /// He keeps the business among his contacts.
    Save,
    /// He no longer does.
    Unsave,
    /// He reported it. Told to himself alone.
    Report,
    /// The business does not want his messages. Told to the business alone.
    Bar,
    /// It wants them again. Told to the business alone.
    Unbar,
}

/// An event of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When the network wrote it down. No two events of a customer and a business have the same time.
    pub at: Timestamp,
    /// Who did it.
    pub by: By,
    /// What happened.
    pub what: What,
    /// With [`What::Choose`]: which messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<Choice>,
    /// With [`What::OptIn`]: when he agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_at: Option<Timestamp>,
    /// How, in the business's words: `paper form`, `checkout`, `phone call`; of a word that stops: `word`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub how: String,
    /// By which form: its name or address.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub form: String,
    /// What he agreed to, in the words shown to him.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub wording: String,
    /// Which evidence is kept, and where; of an end: the reason.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub evidence: String,
    /// When something later took its place; `None`: it still counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_at: Option<Timestamp>,
}

/// A customer agrees, on his own device, to be written to. That also ends a stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantConsent {
    /// The business.
    pub business: AccountId,
    /// Which form he saw: its name or address.
    #[serde(default)]
    pub form: String,
    /// What it said.
    pub wording: String,
}

impl Call for GrantConsent {
    const NAME: &'static str = "consent.grant";
    type Answer = Relation;
}

/// A customer withdraws his consent. That also stops the business's marketing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithdrawConsent {
    /// The business.
    pub business: AccountId,
}

impl Call for WithdrawConsent {
    const NAME: &'static str = "consent.withdraw";
    type Answer = Relation;
}

/// Whom a business means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// By phone; he need not be on the network yet.
    Phone(Phone),
    /// By account.
    Customer(AccountId),
}

/// A business records that a customer agreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordConsent {
    /// The customer.
    pub who: Who,
    /// How: `paper form`, `checkout`, `phone call`.
    #[serde(default)]
    pub how: String,
    /// What he agreed to, in the words shown to him.
    pub wording: String,
    /// By which form.
    #[serde(default)]
    pub form: String,
    /// When.
    pub given_at: Timestamp,
    /// Which evidence is kept, and where.
    #[serde(default)]
    pub evidence: String,
}

impl Call for RecordConsent {
    const NAME: &'static str = "consent.record";
    type Answer = Consent;
}

/// A business records that a customer took his consent back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevokeConsent {
    /// The customer.
    pub who: Who,
    /// How it came to know.
    #[serde(default)]
    pub reason: String,
}

impl Call for RevokeConsent {
    const NAME: &'static str = "consent.revoke";
    type Answer = Consent;
}

/// A business's endpoint read a word that stops, from a device that did not recognise it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WordRead {
    /// The customer who wrote it.
    pub customer: AccountId,
    /// When the network accepted the message. What the customer himself said since stands.
    pub at: Timestamp,
}

impl Call for WordRead {
    const NAME: &'static str = "consent.word_read";
    type Answer = Consent;
}

/// A business asks what a customer lets it do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetConsent {
    /// The customer.
    pub who: Who,
}

impl Call for GetConsent {
    const NAME: &'static str = "consent.get";
    type Answer = Consent;
}

/// What a customer lets a business do, as the business may know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// The customer's account; `None`: nobody has registered the phone.
    pub customer: Option<AccountId>,
    /// What holds.
    pub state: State,
    /// The events, the newest first, at most 50.
    pub events: Vec<Event>,
}

/// What holds, as the business may know it: never that it is blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct State {
    /// When the consent that holds was given.
    pub consent_at: Option<Timestamp>,
    /// Until when it holds.
    pub consent_until: Option<Timestamp>,
    /// Since when marketing is stopped.
    pub stopped_at: Option<Timestamp>,
    /// Whether he wants only what is important.
    pub important_only: bool,
    /// Whether he keeps the business among his contacts.
    pub saved: bool,
    /// When he first wrote.
    pub wrote_at: Option<Timestamp>,
    /// Since when the business does not want his messages.
    pub barred_at: Option<Timestamp>,
}

/// A page of the ledger as the business may know it: by customer, the oldest event first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListConsents {
    /// The `next` of the page before, "" for the first.
    #[serde(default)]
    pub after: String,
}

impl Call for ListConsents {
    const NAME: &'static str = "consent.list";
    type Answer = Lines;
}

/// A page of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines {
    /// What stands there.
    pub lines: Vec<Line>,
    /// Where the next page begins; "" on the last.
    pub next: String,
}

/// An event and whom it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The customer's account; `None`: nobody has registered the phone.
    pub customer: Option<AccountId>,
    /// The phone he is known by.
    pub phone: Option<Phone>,
    /// The event.
    #[serde(flatten)]
    pub event: Event,
}

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// A JSON object a line, as [`Line`].
    Jsonl,
    /// Comma-separated, with a line of names at the beginning of the first page.
    Csv,
}

/// A page of the ledger as a file: the pages one after another are the whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportConsents {
    /// How it is written.
    pub format: Format,
    /// The `next` of the page before, "" for the first.
    #[serde(default)]
    pub after: String,
}

impl Call for ExportConsents {
    const NAME: &'static str = "consent.export";
    type Answer = Exported;
}

/// A page of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exported {
    /// What comes next in the file.
    pub text: String,
    /// Where the next page begins; "" on the last.
    pub next: String,
}

/// Any device asks for the words that stop and resume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetWords {}

impl Call for GetWords {
    const NAME: &'static str = "consent.words";
    type Answer = Words;
}

/// The words, folded as `suki_types::words::fold` says: a message that folds to one of them is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// They stop.
    pub stop: Vec<String>,
    /// They resume.
    pub resume: Vec<String>,
}

/// To a business's endpoint: what a customer lets it do has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentChanged {
    /// The customer.
    pub customer: AccountId,
    /// What happened, if that is for the business to know.
    pub what: Option<What>,
    /// When.
    pub at: Timestamp,
    /// What holds now.
    pub state: State,
}

impl Told for ConsentChanged {
    const KIND: &'static str = "consent.changed";
}
