//! The customer-service window (R94 to R98): the customer's message opens it; inside it the business may answer with free text.
use crate::{
    Facts, Kind, Length, Policy, Refusal,
    policy::section::{choice, section},
};
use suki_types::Timestamp;

choice! {
    /// A side of a conversation.
    pub enum Side {
        /// The person who writes to a business.
        Customer = "customer",
        /// The business.
        Business = "business",
    }
}

choice! {
    /// What becomes of a reply after the window has closed (R98).
    pub enum LateReplies {
        /// It does not pass: only an approved template does.
        Refused = "refused",
        /// The first one passes, and costs the penalty of the price model.
        Charged = "charged",
    }
}

section! {
    /// The customer-service window (R94 to R98): the customer's message opens it, and inside it the business may answer with free text.
    pub struct Window in "window" {
        /// For how long a message keeps it open.
        pub length: Length = in ("1m", "30d"),
        /// Whose message inside the window starts it anew; the customer's always does.
        pub refreshed_by: Vec<Side>,
        /// How long before its end operators are warned of a chat that waits for an answer (R97); shorter than the window.
        pub warn_before: Length = in ("10s", "7d"),
        /// What becomes of the first free text after it has closed, while the last word is the customer's (R98).
        pub late_replies: LateReplies,
        /// Whether it opens for a greeting, too: when a customer opens the chat for the first time, and the business's programs greet.
        pub opened_to_greet: bool,
        /// For how long after it has closed such a reply still passes.
        pub late_within: Length = in ("1m", "365d"),
    }
    check sides;
}

fn sides(window: &Window) -> Result<(), (&'static str, String)> {
    let sides = &window.refreshed_by;
    if !sides.contains(&Side::Customer) || !(sides.len() == 1 || (sides.len() == 2 && sides.contains(&Side::Business))) {
        let text = "write [\"customer\"] or [\"customer\", \"business\"]: the customer's message always starts the window";
        return Err(("refreshed_by", text.into()));
    }
    if window.warn_before >= window.length {
        return Err(("warn_before", format!("it is not shorter than the window: less than {} is allowed", window.length.short())));
    }
    Ok(())
}

impl Window {
    /// Until when a greeting may be sent to a customer who has just opened the chat; none where he has to write first.
    pub fn to_greet(&self, now: Timestamp) -> Option<Timestamp> {
        self.opened_to_greet.then(|| now.plus_millis(self.length.millis()))
    }

    /// Whether a business's message inside the window starts it anew.
    pub fn refreshed_by_business(&self) -> bool {
        self.refreshed_by.contains(&Side::Business)
    }
}

/// How free text passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passage {
    /// Inside the window.
    Timely,
    /// As the one reply after it.
    Late,
}

/// The Cloud API code of free text outside the window: "Re-engagement message".
const RE_ENGAGEMENT: i32 = 131_047;

/// Free text and reactions of a business need an open window, or, where the policy charges late replies, a customer who waits for one.
pub(crate) fn check(policy: &Policy, facts: &Facts, now: Timestamp) -> Result<Passage, Refusal> {
    if is_open(facts.chat.window_until, now) {
        return Ok(Passage::Timely);
    }
    if facts.kind == Kind::Session && may_be_late(&policy.window, facts, now) {
        return Ok(Passage::Late);
    }
    Err(closed(policy, facts, now))
}

fn may_be_late(window: &Window, facts: &Facts, now: Timestamp) -> bool {
    let waits = facts.chat.customer_wrote_at.is_some() && facts.chat.customer_wrote_at > facts.chat.business_wrote_at;
    let in_time = facts.chat.window_until.is_some_and(|until| now < until.plus_millis(window.late_within.millis()));
    window.late_replies == LateReplies::Charged && waits && in_time
}

/// Open until, and no longer at, the moment it ends.
pub(crate) fn is_open(until: Option<Timestamp>, now: Timestamp) -> bool {
    until.is_some_and(|until| now < until)
}

/// The window's end after a message of now that starts it anew; it never moves back, even when the clock does.
pub(crate) fn renewed(window: &Window, until: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    until.max(Some(now.plus_millis(window.length.millis())))
}

fn closed(policy: &Policy, facts: &Facts, now: Timestamp) -> Refusal {
    let length = policy.window.length;
    let what = match facts.kind {
        Kind::Reaction => "A reaction",
        _ => "Free text",
    };
    let whose = if policy.window.refreshed_by_business() { "the last timely message" } else { "the customer's last message" };
    let state = match facts.chat.window_until {
        None => "the customer has not written yet".to_owned(),
        Some(until) => format!("the window closed {} ago", Length::from_millis(now.since(until) / 1000 * 1000)),
    };
    let late = match policy.window.late_replies {
        LateReplies::Charged if facts.kind == Kind::Session => {
            format!(" One late reply passes for {} after that, while the last word is the customer's.", policy.window.late_within)
        }
        _ => String::new(),
    };
    Refusal {
        rule: "window",
        cloud_api_code: RE_ENGAGEMENT,
        message: format!(
            "{what} may be sent within {length} of {whose}, and {state}.{late} Until the customer writes again only an approved template passes (policy {}, window.length = {}).",
            policy.name,
            length.short()
        ),
        retry_at: None,
    }
}
