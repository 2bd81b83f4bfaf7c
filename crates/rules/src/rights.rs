//! What a business may do at all: bans, restrictions, the platform's terms, an approved name.
use crate::{Policy, Refusal, policy::section::section};
use suki_types::Timestamp;

section! {
    /// What a business needs before it may write.
    pub struct Rights in "rights" {
        /// Whether it needs an approved name before it may write to customers first.
        pub approved_name: bool,
    }
}

/// Where a business's name stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameState {
    /// It is approved.
    Approved,
    /// It waits for a decision.
    Pending,
    /// It was refused.
    Refused,
}

impl NameState {
    /// As tables keep it: 1 approved, 2 pending, 3 refused; `None` for any other number.
    pub const fn from_number(number: i64) -> Option<Self> {
        Some(match number {
            1 => Self::Approved,
            2 => Self::Pending,
            3 => Self::Refused,
            _ => return None,
        })
    }
}

/// How a business stands with the platform. Meta counts by portfolio; here each business is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Standing {
    /// How many customers it may reach outside their windows in a period; `None`: any number.
    pub tier_limit: Option<u64>,
    /// How many it has reached and that still count.
    pub reached: u64,
    /// When the first of those was reached.
    pub reached_first_at: Option<Timestamp>,
    /// When a restriction ends.
    pub restricted_until: Option<Timestamp>,
    /// Whether the restriction is of all messages; otherwise of those that begin.
    pub restricted_wholly: bool,
    /// When a ban ends.
    pub banned_until: Option<Timestamp>,
    /// By when new terms have to be accepted; `None`: they are.
    pub terms_due: Option<Timestamp>,
    /// Where its name stands.
    pub name: NameState,
}

impl Standing {
    /// Of a business nothing is known against.
    pub const GOOD: Self = Self {
        tier_limit: None,
        reached: 0,
        reached_first_at: None,
        restricted_until: None,
        restricted_wholly: false,
        banned_until: None,
        terms_due: None,
        name: NameState::Approved,
    };
}

/// The Cloud API code of an account that broke the rules.
const BANNED: i32 = 368;
/// The Cloud API code of an account that is locked.
const LOCKED: i32 = 131_031;
/// The Cloud API code of a limit because of spam.
const SPAM: i32 = 131_048;
/// The Cloud API code of a name that is not approved.
const NAME: i32 = 131_037;

/// What holds for every message of a business.
pub(crate) fn check(policy: &Policy, standing: &Standing, now: Timestamp) -> Result<(), Refusal> {
    if let Some(until) = standing.banned_until.filter(|until| now < *until) {
        let retry_at = (until.millis() != i64::MAX).then_some(until);
        let how_long = if retry_at.is_some() { "for a time" } else { "for good" };
        let message = format!("This business is banned {how_long}: it may read and export, not write. Its standing says why, and takes an appeal.");
        return Err(Refusal { retry_at, ..refusal("ban", BANNED, message) });
    }
    if standing.terms_due.is_some_and(|due| due <= now) {
        let message =
            format!("The platform's new terms are not accepted and the time for it is over (policy {}): accept them, then send again.", policy.name);
        return Err(refusal("terms", LOCKED, message));
    }
    if standing.restricted_wholly { restricted(standing, now, "write to customers") } else { Ok(()) }
}

/// What holds for messages with which a business begins.
pub(crate) fn check_outreach(policy: &Policy, standing: &Standing, now: Timestamp) -> Result<(), Refusal> {
    if policy.rights.approved_name && standing.name != NameState::Approved {
        let state = if standing.name == NameState::Pending { "still waits for a decision" } else { "was refused: choose another" };
        let message = format!(
            "A business writes first only under an approved name, and this one's {state} (policy {}, rights.approved_name). It may answer whoever writes.",
            policy.name
        );
        return Err(refusal("name", NAME, message));
    }
    restricted(standing, now, "write to customers first")
}

fn restricted(standing: &Standing, now: Timestamp, what: &str) -> Result<(), Refusal> {
    let Some(until) = standing.restricted_until.filter(|until| now < *until) else { return Ok(()) };
    let message =
        format!("This business may not {what} for a time, because of what customers said of it. Its standing says why, and takes an appeal.");
    Err(Refusal { retry_at: Some(until), ..refusal("restriction", SPAM, message) })
}

fn refusal(rule: &'static str, cloud_api_code: i32, message: String) -> Refusal {
    Refusal { rule, cloud_api_code, message, retry_at: None }
}
