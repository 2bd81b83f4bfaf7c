//! What a customer lets a business send him (R4 to R11): consent or an earlier message first, and his choices always.
use crate::{
    Facts, Kind, Policy, Refusal,
    policy::section::{choice, section},
    price::Category,
};
use suki_types::Timestamp;

choice! {
    /// A sort of message, as a customer's choices distinguish it.
    pub enum Sort {
        /// An answer to what the customer wrote, in his window.
        Reply = "reply",
        /// A marketing template.
        Marketing = "marketing",
        /// A utility template.
        Utility = "utility",
        /// An authentication template.
        Authentication = "authentication",
    }
}

section! {
    /// What reaches a customer under his choices (R5 to R11). What he blocks, and a business he refuses by name, never reaches him, whatever stands here.
    pub struct Choices in "choices" {
        /// What still comes when he wants only important messages, of one business or of all (R7).
        pub important: Vec<Sort> = in (0, 4),
        /// What still comes when he wants only his private chats (R6).
        pub private: Vec<Sort> = in (0, 4),
        /// What a stop ends. If answers are among it, they pass again once he has written.
        pub stopped: Vec<Sort> = in (1, 4),
    }
}

/// Which messages of businesses a customer wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Choice {
    /// All.
    All,
    /// The important ones.
    Important,
    /// None.
    None,
}

impl Choice {
    /// As tables keep it: 1 all, 2 important, 3 none; `None` for any other number.
    pub const fn from_number(number: i64) -> Option<Self> {
        Some(match number {
            1 => Self::All,
            2 => Self::Important,
            3 => Self::None,
            _ => return None,
        })
    }
}

/// What a customer lets a business do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Relation {
    /// What he said of this business; `None`: nothing.
    pub choice: Option<Choice>,
    /// What he said of all businesses.
    pub global_choice: Choice,
    /// Whether he has blocked it.
    pub blocked: bool,
    /// Since when its marketing is stopped.
    pub stopped_at: Option<Timestamp>,
    /// Since when he agrees to its messages.
    pub consent_at: Option<Timestamp>,
    /// When that agreement ends; `None`: it does not.
    pub consent_until: Option<Timestamp>,
    /// Whether he ever wrote to it.
    pub wrote: bool,
    /// Whether he keeps it among his contacts.
    pub saved: bool,
}

impl Relation {
    /// Two who do not know each other.
    pub const STRANGERS: Self = Self {
        choice: None,
        global_choice: Choice::All,
        blocked: false,
        stopped_at: None,
        consent_at: None,
        consent_until: None,
        wrote: false,
        saved: false,
    };

    /// Whether he agrees to its messages at `now`.
    pub fn consents(&self, now: Timestamp) -> bool {
        self.consent_at.is_some_and(|at| at <= now) && self.consent_until.is_none_or(|until| now < until)
    }
}

/// The Cloud API code of a message that cannot be delivered to this customer.
const UNDELIVERABLE: i32 = 131_026;
/// The Cloud API code of a customer who stopped marketing messages.
const STOPPED: i32 = 131_050;

/// Whether the customer lets this message through.
pub(crate) fn check(policy: &Policy, facts: &Facts, category: Category, now: Timestamp) -> Result<(), Refusal> {
    let relation = &facts.relation;
    let sort = Sort::of(category);
    if facts.kind == Kind::Template && !relation.wrote && !relation.consents(now) {
        return Err(no_consent(policy));
    }
    if relation.blocked {
        return Err(unwanted());
    }
    let choices = &policy.choices;
    let wanted = match (relation.choice, relation.global_choice) {
        (Some(Choice::All), _) | (None, Choice::All) => true,
        (Some(Choice::Important), _) | (None, Choice::Important) => choices.important.contains(&sort),
        (Some(Choice::None), _) => false,
        (None, Choice::None) => choices.private.contains(&sort),
    };
    if !wanted {
        return Err(unwanted());
    }
    match relation.stopped_at {
        Some(at) if choices.stopped.contains(&sort) && !(sort == Sort::Reply && facts.chat.customer_wrote_at > Some(at)) => {
            Err(stopped(policy, category))
        }
        _ => Ok(()),
    }
}

impl Sort {
    /// The sort that messages of this category are.
    pub const fn of(category: Category) -> Self {
        match category {
            Category::Service => Self::Reply,
            Category::Marketing | Category::MarketingLite => Self::Marketing,
            Category::Utility => Self::Utility,
            Category::Authentication | Category::AuthenticationInternational => Self::Authentication,
        }
    }
}

fn no_consent(policy: &Policy) -> Refusal {
    Refusal {
        rule: "consent",
        cloud_api_code: UNDELIVERABLE,
        message: format!(
            "The customer has neither written to this business nor agreed to its messages, so that it may not write first (policy {}). Record his consent with its wording and form, or have him write through the business's link.",
            policy.name
        ),
        retry_at: None,
    }
}

/// The same words whether he blocked the business or chose otherwise: which of them it was is his own business.
fn unwanted() -> Refusal {
    Refusal {
        rule: "choice",
        cloud_api_code: UNDELIVERABLE,
        message: "The customer does not receive this message: he decides which messages of businesses reach him. Do not try again unless he writes."
            .into(),
        retry_at: None,
    }
}

fn stopped(policy: &Policy, category: Category) -> Refusal {
    let ends: Vec<_> = policy.choices.stopped.iter().map(|sort| sort.word()).collect();
    Refusal {
        rule: "stop",
        cloud_api_code: STOPPED,
        message: format!(
            "The customer has stopped messages of this business, and this one is {}: a stop ends {} (policy {}, choices.stopped). Wait until he takes it back.",
            category.word(),
            ends.join(", "),
            policy.name
        ),
        retry_at: None,
    }
}
