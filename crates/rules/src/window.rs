//! The customer-service window (R94 to R96): the customer's message opens it; inside it the business may answer with free text.
use crate::{
    Decision, Direction, Facts, Kind, Length, Policy, Refusal,
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

section! {
    /// The customer-service window (R94 to R96): the customer's message opens it, and inside it the business may answer with free text.
    pub struct Window in "window" {
        /// For how long a message keeps it open.
        pub length: Length = in ("1m", "30d"),
        /// Whose message inside the window starts it anew; the customer's always does.
        pub refreshed_by: Vec<Side>,
    }
    check sides;
}

fn sides(window: &Window) -> Result<(), (&'static str, String)> {
    let sides = &window.refreshed_by;
    if sides.contains(&Side::Customer) && (sides.len() == 1 || (sides.len() == 2 && sides.contains(&Side::Business))) {
        return Ok(());
    }
    Err(("refreshed_by", "write [\"customer\"] or [\"customer\", \"business\"]: the customer's message always starts the window".into()))
}

impl Window {
    /// Whether a business's free text inside the window starts it anew.
    pub fn refreshed_by_business(&self) -> bool {
        self.refreshed_by.contains(&Side::Business)
    }
}

/// The Cloud API code of free text outside the window: "Re-engagement message".
const RE_ENGAGEMENT: i32 = 131_047;

/// Free text and reactions: from the customer they open the window, to the customer they need an open one.
pub(crate) fn admit(policy: &Policy, facts: &Facts, now: Timestamp) -> Decision {
    let window = &policy.window;
    let open = is_open(facts.window_until, now);
    match (facts.direction, facts.kind) {
        (Direction::ToBusiness, _) => Decision::Admit { window_until: moved(window, facts.window_until, now) },
        (Direction::ToCustomer, _) if !open => Decision::Refuse(closed(policy, facts, now)),
        (Direction::ToCustomer, Kind::Session) if window.refreshed_by_business() => {
            Decision::Admit { window_until: moved(window, facts.window_until, now) }
        }
        (Direction::ToCustomer, _) => Decision::Admit { window_until: None },
    }
}

/// Open until, and no longer at, the moment it ends.
fn is_open(until: Option<Timestamp>, now: Timestamp) -> bool {
    until.is_some_and(|until| now < until)
}

/// The window's new end if a message of now moves it; it never moves back, even when the clock does.
fn moved(window: &Window, until: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    let end = now.plus_millis(window.length.millis());
    (until.is_none_or(|until| until < end)).then_some(end)
}

fn closed(policy: &Policy, facts: &Facts, now: Timestamp) -> Refusal {
    let length = policy.window.length;
    let what = match facts.kind {
        Kind::Reaction => "A reaction",
        _ => "Free text",
    };
    let whose = if policy.window.refreshed_by_business() { "the last timely message" } else { "the customer's last message" };
    let state = match facts.window_until {
        None => "the customer has not written yet".to_owned(),
        Some(until) => format!("the window closed {} ago", Length::from_millis(now.since(until) / 1000 * 1000)),
    };
    Refusal {
        rule: "window",
        cloud_api_code: RE_ENGAGEMENT,
        message: format!(
            "{what} may be sent within {length} of {whose}, and {state}. Until the customer writes again only an approved template passes (policy {}, window.length = {}).",
            policy.name,
            length.short()
        ),
        retry_at: None,
    }
}
