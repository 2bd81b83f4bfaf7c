//! Consent: what a customer lets a business do, as the sum of what was written into the ledger (R5 to R11, R21).
//!
//! The ledger is the truth and keeps every event with its evidence; a [`Relation`] is the fold of it, kept beside it so that an admission reads one row.
//! What restricts a business always counts. What lets it do more counts from the customer only: a business can record a consent, and nothing else, and
//! not against a customer who has stopped it.
use crate::{
    Length, Refusal,
    policy::section::{choice, section},
};
use suki_types::Timestamp;

choice! {
    /// Where a consent comes from.
    pub enum Source {
        /// The customer agreed on his own device, to a form of the business.
        CustomerForm = "customer-form",
        /// The business says that he agreed elsewhere, and keeps the evidence.
        Declared = "declared",
    }
}

section! {
    /// Consent (R4 to R11): which consents hold, and how much of it is recorded. Without consent or an earlier message of the customer a business cannot
    /// write first.
    pub struct Consent in "consent" {
        /// Which consents are accepted.
        pub sources: Vec<Source> = in (1, 2),
        /// For how long a consent holds after it was given.
        pub holds: Length = in ("1d", "36525d"),
        /// How old a consent may be that a business records; older ones have to be asked for again.
        pub declared_age: Length = in ("1d", "36525d"),
        /// The fewest characters of the wording that the customer agreed to.
        pub wording_from: u32 = in (1, 500),
        /// The most characters of it.
        pub wording_to: u32 = in (20, 4000),
        /// Whether a business has to say which evidence it keeps of a consent that it records.
        pub evidence_required: bool,
        /// For how long what no longer holds is kept in the ledger.
        pub keep: Length = in ("30d", "36525d"),
        /// How many consents a business may record in 24 hours.
        pub records_per_day: u32 = in (1, 10_000_000),
        /// How many times in 24 hours a customer may give back to one business what he took from it; what restricts a business has no limit.
        pub changes_per_day: u32 = in (5, 1_000),
        /// How many times in 24 hours a customer may report one business.
        pub reports_per_day: u32 = in (1, 100),
        /// How many messages a report may carry.
        pub report_messages: u32 = in (1, 10),
        /// For how long a report and its messages are kept.
        pub reports_keep: Length = in ("1d", "3650d"),
        /// How many people a business may block.
        pub block_list: u32 = in (1, 1_000_000),
        /// How long ago a customer may have written at most for the business to block him.
        pub block_list_wrote: Length = in ("1h", "36525d"),
    }
    check check;
}

fn check(consent: &Consent) -> Result<(), (&'static str, String)> {
    if consent.wording_from > consent.wording_to {
        return Err(("wording_to", format!("{} is less than wording_from, {}", consent.wording_to, consent.wording_from)));
    }
    match consent.sources[..] {
        [first, second] if first == second => Err(("sources", "a source stands twice".into())),
        _ => Ok(()),
    }
}

/// What a customer wants of a business, or of all businesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Choice {
    /// For a business: as for all.
    #[default]
    AsGlobal,
    /// All that it sends.
    All,
    /// What the policy calls important.
    Important,
    /// Nothing.
    None,
}

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// The customer.
    Customer,
    /// The business.
    Business,
}

/// What the ledger records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// He agreed to be written to.
    OptIn {
        /// When he did.
        given_at: Timestamp,
    },
    /// The consent is withdrawn.
    OptOut,
    /// No more marketing.
    Stop,
    /// Marketing again.
    Resume,
    /// Nothing at all any more.
    Block,
    /// As before the block.
    Unblock,
    /// Which of its messages he wants.
    Choose(Choice),
    /// He keeps the business among his contacts, or no longer.
    Save(bool),
    /// He complained of it.
    Report,
    /// The business does not want his messages, or wants them again.
    Bar(bool),
}

/// What holds between a customer and a business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Relation {
    /// What he wants of this business.
    pub choice: Choice,
    /// Since when he blocks it.
    pub blocked_at: Option<Timestamp>,
    /// Since when he wants no marketing of it.
    pub stopped_at: Option<Timestamp>,
    /// When he agreed to be written to.
    pub consent_at: Option<Timestamp>,
    /// Until when, and no longer at, the agreement holds.
    pub consent_until: Option<Timestamp>,
    /// Whether he keeps it among his contacts.
    pub saved: bool,
    /// Since when the business does not want his messages.
    pub barred_at: Option<Timestamp>,
}

impl Relation {
    /// After an event.
    #[must_use]
    pub fn after(self, policy: &Consent, by: By, event: Event, at: Timestamp) -> Self {
        let mut next = self;
        match (event, by) {
            (Event::OptIn { given_at }, By::Customer) => {
                (next.consent_at, next.consent_until) = (Some(given_at), Some(given_at.plus_millis(policy.holds.millis())));
                next.stopped_at = None;
            }
            (Event::OptIn { given_at }, By::Business) => {
                let newer = self.consent_at.is_none_or(|known| known <= given_at);
                if newer && self.stopped_at.is_none() && self.blocked_at.is_none() {
                    (next.consent_at, next.consent_until) = (Some(given_at), Some(given_at.plus_millis(policy.holds.millis())));
                }
            }
            (Event::OptOut, _) => {
                (next.consent_at, next.consent_until) = (None, None);
                if by == By::Customer {
                    next.stopped_at = self.stopped_at.or(Some(at));
                }
            }
            (Event::Stop, _) => next.stopped_at = self.stopped_at.or(Some(at)),
            (Event::Resume, By::Customer) => next.stopped_at = None,
            (Event::Block, By::Customer) => next.blocked_at = self.blocked_at.or(Some(at)),
            (Event::Unblock, By::Customer) => next.blocked_at = None,
            (Event::Choose(choice), By::Customer) => next.choice = choice,
            (Event::Save(saved), By::Customer) => next.saved = saved,
            (Event::Bar(true), By::Business) => next.barred_at = self.barred_at.or(Some(at)),
            (Event::Bar(false), By::Business) => next.barred_at = None,
            // What only the other side may do changes nothing; a report is judged elsewhere.
            (Event::Resume | Event::Block | Event::Unblock | Event::Choose(_) | Event::Save(_), By::Business)
            | (Event::Bar(_), By::Customer)
            | (Event::Report, _) => {}
        }
        next
    }

    /// The sum of a ledger, oldest event first.
    pub fn fold(policy: &Consent, events: impl IntoIterator<Item = (By, Event, Timestamp)>) -> Self {
        events.into_iter().fold(Self::default(), |relation, (by, event, at)| relation.after(policy, by, event, at))
    }

    /// Whether a consent holds.
    pub fn has_consent(&self, now: Timestamp) -> bool {
        self.consent_at.is_some() && self.consent_until.is_none_or(|until| now < until)
    }
}

impl Event {
    /// Whether it lets the business do more. Only of these a customer may do so many in a day; the others always pass.
    pub fn gives(self) -> bool {
        match self {
            Self::OptIn { .. } | Self::Resume | Self::Unblock | Self::Choose(Choice::AsGlobal | Choice::All) | Self::Save(true) => true,
            Self::OptOut
            | Self::Stop
            | Self::Block
            | Self::Choose(Choice::Important | Choice::None)
            | Self::Save(false)
            | Self::Report
            | Self::Bar(_) => false,
        }
    }
}

/// The Cloud API code of a message that cannot be delivered.
const UNDELIVERABLE: i32 = 131_026;
/// The Cloud API code of a parameter out of what is allowed.
const INVALID: i32 = 131_009;

fn refusal(code: i32, message: String) -> Refusal {
    Refusal { rule: "consent", cloud_api_code: code, message, retry_at: None }
}

/// What is said of a consent that is to be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim<'a> {
    /// Where it comes from.
    pub source: Source,
    /// What the customer agreed to, in the words shown to him.
    pub wording: &'a str,
    /// Which evidence is kept, and where.
    pub evidence: &'a str,
    /// When he agreed.
    pub given_at: Timestamp,
}

/// Whether a consent may be recorded, with the relation as it is.
///
/// # Errors
/// When the policy does not take such a consent, its wording is too short or too long, its evidence is missing, it is too old or of the future, or the
/// customer has stopped the business since.
pub fn check_claim(policy: &Consent, claim: &Claim<'_>, relation: &Relation, now: Timestamp) -> Result<(), Refusal> {
    if !policy.sources.contains(&claim.source) {
        let allowed = policy.sources.iter().map(|source| source.word()).collect::<Vec<_>>().join(", ");
        let text = format!("A consent of the kind {} is not accepted here; accepted: {allowed} (consent.sources)", claim.source.word());
        return Err(refusal(INVALID, text));
    }
    check_wording(policy, claim.wording)?;
    if claim.source == Source::CustomerForm {
        return Ok(());
    }
    if policy.evidence_required && claim.evidence.trim().is_empty() {
        let text = "A recorded consent needs its evidence: say what proves it and where it is kept, such as \"signed form 4711, branch Cebu\" (consent.evidence_required)";
        return Err(refusal(INVALID, text.into()));
    }
    let age = now.since(claim.given_at);
    if age < 0 {
        return Err(refusal(INVALID, "The consent is dated in the future; give the time at which the customer agreed".into()));
    }
    if age > policy.declared_age.millis() || age >= policy.holds.millis() {
        let oldest = if policy.declared_age < policy.holds { policy.declared_age } else { policy.holds };
        return Err(refusal(
            INVALID,
            format!("The consent is older than {oldest}, the most that is accepted: ask the customer again (consent.declared_age)"),
        ));
    }
    // A block is not told; such a consent does not count.
    if relation.stopped_at.is_some() {
        let text = "The customer has withdrawn or stopped since, and only he can change that: he agrees again on his own device, or writes a word that resumes";
        return Err(refusal(UNDELIVERABLE, text.into()));
    }
    Ok(())
}

/// Whether a wording is one that proves something.
///
/// # Errors
/// When it is too short or too long.
pub fn check_wording(policy: &Consent, wording: &str) -> Result<(), Refusal> {
    let chars = u32::try_from(wording.trim().chars().count()).unwrap_or(u32::MAX);
    if (policy.wording_from..=policy.wording_to).contains(&chars) {
        return Ok(());
    }
    let (from, to) = (policy.wording_from, policy.wording_to);
    let text = format!(
        "The wording has {chars} characters; the words that the customer agreed to are needed as they were shown, {from} to {to} characters (consent.wording_from, consent.wording_to)"
    );
    Err(refusal(INVALID, text))
}

/// Whether a business may begin a conversation (R10, R11): with consent, or when the customer wrote before.
///
/// # Errors
/// When neither is the case, or he does not receive it. That he has blocked the business is never told.
pub fn may_begin(policy: &Consent, relation: &Relation, global: Choice, wrote: bool, now: Timestamp) -> Result<(), Refusal> {
    let choice = if relation.choice == Choice::AsGlobal { global } else { relation.choice };
    if relation.blocked_at.is_some() || choice == Choice::None {
        return Err(refusal(
            UNDELIVERABLE,
            "This customer does not receive messages of this business; there is nothing to do but to wait until he writes".into(),
        ));
    }
    if wrote || relation.has_consent(now) {
        return Ok(());
    }
    let how = match policy.sources.contains(&Source::Declared) {
        true => "by your form in his messenger, or elsewhere, then record the consent with its wording and evidence",
        false => "by your form in his messenger",
    };
    let ended = if relation.consent_at.is_some() { ", and the consent he gave has ended" } else { "" };
    let text = format!(
        "A business cannot write first: this customer has never written{ended}. Let him write first (your link or QR code), or let him agree {how}"
    );
    Err(refusal(UNDELIVERABLE, text))
}
