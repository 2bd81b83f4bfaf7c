//! Who a business is: terms it accepts, how far it was checked, and what customers see of that (R26, R39 to R48, R109, R110).
use crate::{
    Length, Policy, Refusal,
    policy::{Entity, Label, NameReview, Trust},
};
use suki_types::Timestamp;

/// How far a business was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Nobody has checked who this is (R39).
    Plain = 1,
    /// Its number is the company's official one (R40).
    Checked = 2,
    /// A moderator has confirmed it (R41).
    Confirmed = 3,
}

impl Level {
    /// How programs call it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Checked => "checked",
            Self::Confirmed => "confirmed",
        }
    }
    /// The level with this number; an unknown number is the lowest.
    pub const fn from_number(number: i64) -> Self {
        match number {
            3 => Self::Confirmed,
            2 => Self::Checked,
            _ => Self::Plain,
        }
    }
}

/// What is known of a business that a customer looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// How far it was checked.
    pub level: Level,
    /// Whether it is the platform's own account (R46).
    pub is_platform: bool,
    /// Whether its name has passed: the rules, and a person where the policy wants one.
    pub name_passed: bool,
    /// Whether customers may know it by a number.
    pub has_number: bool,
    /// Whether a request of it is looked at (R42).
    pub pending: bool,
}

/// What a customer sees of a business (R39 to R48).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The mark beside it: a grey question mark, a grey tick, a green tick.
    pub mark: Mark,
    /// Whether its name is shown; otherwise its number stands in that place (R39).
    pub name: bool,
    /// Whether its name is shown as the sender wherever only a short text fits (R48).
    pub sender_name: bool,
    /// Labels beside the name (R45).
    pub labels: Vec<Label>,
    /// "Verification pending" (R42).
    pub pending: bool,
}

/// The mark beside a business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mark {
    /// A grey question mark: nobody has checked it.
    GreyQuestion,
    /// A grey tick: checked.
    GreyTick,
    /// A green tick: confirmed.
    GreenTick,
}

/// What customers see of a business. A business without a number is shown by its name at every level, since it has nothing else.
pub fn shown(policy: &Trust, identity: &Identity) -> Shown {
    if identity.is_platform {
        return Shown { mark: Mark::GreenTick, name: true, sender_name: true, labels: vec![Label::Official], pending: false };
    }
    let (mark, labels) = match identity.level {
        Level::Plain => (Mark::GreyQuestion, &policy.plain_labels),
        Level::Checked => (Mark::GreyTick, &policy.checked_labels),
        Level::Confirmed => (Mark::GreenTick, &policy.confirmed_labels),
    };
    let named = identity.name_passed && (identity.level > Level::Plain || policy.plain_shows_name);
    Shown {
        mark,
        name: named || !identity.has_number,
        sender_name: identity.level == Level::Confirmed && identity.name_passed,
        labels: labels.clone(),
        pending: identity.pending && identity.level < Level::Confirmed,
    }
}

/// Until when a business that accepted earlier terms has time, if those in force came at `in_force_at`.
pub fn terms_due(policy: &Policy, in_force_at: Timestamp) -> Timestamp {
    in_force_at.plus_millis(policy.terms.grace.millis())
}

/// Whether a person looks at a name before customers see it. `first`: the business has no name yet that passed.
pub fn name_goes_to_review(policy: &Trust, first: bool) -> bool {
    match policy.name_review {
        NameReview::Never => false,
        NameReview::Changes => !first,
        NameReview::Always => true,
    }
}

/// The refusal of one name change too many; `earlier` are the times of those before, newest first.
pub fn name_changes(policy: &Trust, earlier: &[Timestamp], now: Timestamp) -> Option<Refusal> {
    let within = |at: &&Timestamp| now.since(**at) < policy.name_changes_within.millis();
    let recent: Vec<_> = earlier.iter().filter(within).collect();
    let most = policy.name_changes as usize;
    if recent.len() < most {
        return None;
    }
    let free_at = recent[most - 1].plus_millis(policy.name_changes_within.millis());
    Some(Refusal {
        rule: "name_changes",
        cloud_api_code: 100,
        message: format!("The name was changed {} times within {}; {most} are allowed: wait", recent.len(), policy.name_changes_within),
        retry_at: Some(free_at),
    })
}

/// How far a request for a name, a number or a confirmation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Nothing was asked.
    Open = 0,
    /// A person looks at it.
    Waiting = 1,
    /// Approved.
    Approved = 2,
    /// Refused, with a reason.
    Refused = 3,
    /// The business took it back.
    Withdrawn = 4,
    /// Refused, and another person looks at it again.
    Appealed = 5,
    /// Refused again: final until the same may be asked anew.
    Final = 6,
}

impl Stage {
    /// How programs call it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Appealed => "appealed",
            Self::Final => "final",
        }
    }
    /// The stage with this number; an unknown one is nothing asked.
    pub const fn from_number(number: i64) -> Self {
        match number {
            1 => Self::Waiting,
            2 => Self::Approved,
            3 => Self::Refused,
            4 => Self::Withdrawn,
            5 => Self::Appealed,
            6 => Self::Final,
            _ => Self::Open,
        }
    }
    /// Whether a person looks at it now.
    pub const fn is_pending(self) -> bool {
        matches!(self, Self::Waiting | Self::Appealed)
    }
}

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// The business asks.
    Ask,
    /// The business takes it back.
    Withdraw,
    /// A person says yes.
    Approve,
    /// A person says no.
    Refuse,
    /// The business disagrees with the refusal.
    Appeal,
    /// What was approved no longer holds.
    Revoke,
}

/// The stage after a step that is taken at `now`; `since` is when the present stage began (R43, R44, R109).
///
/// # Errors
/// When the step cannot be taken from this stage, or not yet.
pub fn advance(policy: &Trust, stage: Stage, since: Timestamp, step: Step, now: Timestamp) -> Result<Stage, Refusal> {
    match (stage, step) {
        (Stage::Open | Stage::Withdrawn, Step::Ask) => Ok(Stage::Waiting),
        (Stage::Refused | Stage::Final, Step::Ask) => {
            let again_at = since.plus_millis(policy.again_after.millis());
            if now >= again_at {
                return Ok(Stage::Waiting);
            }
            let text =
                format!("It was refused; the same may be asked again {} after that: until then read the reason, or appeal", policy.again_after);
            Err(refusal(text, Some(again_at)))
        }
        (Stage::Waiting, Step::Ask) => Err(refusal("It waits for a decision already; withdraw it to change it", None)),
        (Stage::Appealed, Step::Ask) => Err(refusal("The appeal waits for its decision", None)),
        (Stage::Approved, Step::Ask) => Err(refusal("It is approved already", None)),
        (Stage::Waiting | Stage::Appealed, Step::Withdraw) => Ok(Stage::Withdrawn),
        (Stage::Waiting | Stage::Appealed, Step::Approve) => Ok(Stage::Approved),
        (Stage::Waiting, Step::Refuse) => Ok(Stage::Refused),
        (Stage::Appealed, Step::Refuse) => Ok(Stage::Final),
        (Stage::Approved, Step::Revoke) => Ok(Stage::Refused),
        (Stage::Refused, Step::Appeal) => {
            if now.since(since) < policy.appeal_within.millis() {
                return Ok(Stage::Appealed);
            }
            Err(refusal(format!("A refusal may be appealed for {}, and that has passed: ask anew", policy.appeal_within), None))
        }
        (Stage::Final, Step::Appeal) => {
            Err(refusal("The appeal was decided; it may be asked anew later", Some(since.plus_millis(policy.again_after.millis()))))
        }
        (_, Step::Appeal) => Err(refusal("Only a refusal can be appealed, and nothing was refused", None)),
        (_, Step::Withdraw) => Err(refusal("Nothing waits for a decision, so nothing can be withdrawn", None)),
        (_, Step::Approve | Step::Refuse) => Err(refusal("It does not wait for a decision any more", None)),
        (_, Step::Revoke) => Err(refusal("Only what is approved can be revoked", None)),
    }
}

fn refusal(message: impl Into<String>, retry_at: Option<Timestamp>) -> Refusal {
    Refusal { rule: "verification", cloud_api_code: 100, message: message.into(), retry_at }
}

/// What a business brings to be checked or confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence<'a> {
    /// The level it asks for.
    pub asked: Level,
    /// What it says it is before the law.
    pub entity: Entity,
    /// The number of its official contact data, digits.
    pub official_number: &'a str,
    /// The number whose code it knew, digits; "" without.
    pub proven_number: &'a str,
    /// Whether that number was approved as the company's.
    pub number_approved: bool,
    /// How many documents it brought.
    pub documents: u32,
}

/// The level that is asked for, refused when something is missing that no person need look at.
///
/// # Errors
/// With what is missing, and how to bring it.
pub fn evidence(policy: &Trust, evidence: &Evidence<'_>) -> Result<(), Refusal> {
    let missing = |text: String| Err(refusal(text, None));
    match evidence.asked {
        Level::Plain => missing("A plain account needs no request; ask for checked or confirmed".into()),
        Level::Checked if evidence.proven_number.is_empty() => {
            missing("No number of the business was proven; ask for a code by text message or call and enter it first (R38)".into())
        }
        Level::Checked if evidence.proven_number != evidence.official_number => {
            missing("The number that was proven is not the one of the official contact data; both have to be the same (R40)".into())
        }
        Level::Confirmed if !policy.entities.contains(&evidence.entity) => {
            let allowed: Vec<_> = policy.entities.iter().map(|entity| entity.word()).collect();
            missing(format!("Only these can be confirmed: {}; {} is not among them", allowed.join(", "), evidence.entity.word()))
        }
        Level::Confirmed if policy.number_first && !evidence.number_approved => {
            missing("The number is not approved yet; ask for level checked first, with the company's official contact data".into())
        }
        Level::Confirmed if evidence.documents < policy.documents => missing(format!(
            "{} documents were uploaded; at least {} are needed, such as the registration of the company",
            evidence.documents, policy.documents
        )),
        Level::Checked | Level::Confirmed => Ok(()),
    }
}

/// By what a request is decided; shown to the business before and with the decision (R44).
pub fn criteria(policy: &Trust, asked: Level) -> Vec<String> {
    let entities: Vec<_> = policy.entities.iter().map(|entity| entity.word()).collect();
    match asked {
        Level::Plain => vec!["The terms are accepted.".into(), "The name passes the rules.".into()],
        Level::Checked => vec![
            "The number is proven by a code.".into(),
            "The company publishes the same number as its own, on its web site or in a public register.".into(),
        ],
        Level::Confirmed => vec![
            format!("It is one of: {}.", entities.join(", ")),
            format!("At least {} document(s) show its legal name, registration number and address, and are in force.", policy.documents),
            "The name is the company's, or a mark of it.".into(),
            "The web site or e-mail address is the company's own.".into(),
            "The mark is not for sale: neither payment nor the size of the company counts.".into(),
        ],
    }
}

/// How long a decision takes, as the business is told.
pub fn expected(policy: &Trust) -> Length {
    policy.decision_within
}
