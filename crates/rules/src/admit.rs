//! Whether a message may pass, and what it changes.
use crate::{Policy, approved, entry, rates, relation, rights, tier, window};
use suki_types::Timestamp;

pub use crate::{
    approved::{TemplateFacts, TemplateStatus},
    price::Category,
    relation::{Choice, Relation},
    rights::{NameState, Standing},
};

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the business to the customer.
    ToCustomer,
    /// From the customer to the business.
    ToBusiness,
}

/// What a message's header says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Free text, and all else that is said in a conversation.
    Session,
    /// An approved template with its parameters.
    Template,
    /// An emoji on an earlier message.
    Reaction,
    /// What devices tell each other; nobody reads it.
    Control,
}

/// Where a conversation stands; `None`: never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Chat {
    /// When the window ends or ended.
    pub window_until: Option<Timestamp>,
    /// When the customer came through a free entry point that the business has not answered yet.
    pub entry_at: Option<Timestamp>,
    /// When the free entry window ends or ended.
    pub entry_until: Option<Timestamp>,
    /// When the customer last wrote.
    pub customer_wrote_at: Option<Timestamp>,
    /// When the business last wrote.
    pub business_wrote_at: Option<Timestamp>,
    /// The pair rate's theoretical arrival time: how far the business has borrowed from the future.
    pub pair_tat: Option<Timestamp>,
}

/// What the network knows of a message, its conversation and its people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Facts {
    /// Which way it goes.
    pub direction: Direction,
    /// What it says it is.
    pub kind: Kind,
    /// Where its conversation stands.
    pub chat: Chat,
    /// Whether the customer wrote it through one of the policy's free entry points.
    pub through_entry: bool,
    /// What the customer lets the business do. Of no account for what he writes himself.
    pub relation: Relation,
    /// How the business stands with the platform. Of no account for what a customer writes.
    pub standing: Standing,
    /// The template the header names; `None` when there is none of its number.
    pub template: Option<TemplateFacts>,
    /// When the business last wrote to this customer outside his window, if that still counts.
    pub reached_at: Option<Timestamp>,
}

/// What becomes of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It passes, and changes this.
    Admit(Effects),
    /// It does not.
    Refuse(Refusal),
}

/// What a message that passes changes, and how it is to be priced and counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effects {
    /// Where the conversation stands after it.
    pub chat: Chat,
    /// What it is for prices and statistics; `None` of control messages and of what customers write.
    pub category: Option<Category>,
    /// How the customer counts among those reached outside their windows.
    pub reach: Reach,
    /// Whether it counts towards the customer's cap of marketing messages: ask [`crate::frequency::check`] with the count.
    pub marketing: bool,
    /// Whether the business begins: it was written outside the window and answers nothing.
    pub begins: bool,
    /// Whether it is a reply later than the window (R98).
    pub late: bool,
    /// Whether it was written inside the free entry window.
    pub free_entry: bool,
}

/// How a message counts towards the business's daily allowance of customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Not at all.
    Not,
    /// The customer is counted already, and from now on for another period.
    Again,
    /// The customer is one more.
    New,
}

/// Why a message may not pass.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// The rule of the policy that refused.
    pub rule: &'static str,
    /// The Cloud API error code it maps to.
    pub cloud_api_code: i32,
    /// What was wrong with its figures, what is allowed, what to do.
    pub message: String,
    /// When the same message would pass; `None` when that is not a matter of waiting alone.
    pub retry_at: Option<Timestamp>,
}

/// Whether a message may pass at `now`, and what it changes.
///
/// Control messages always pass and change nothing. Of several rules that would refuse, the one answers that helps most: what is wrong with the
/// business or the template first, then what the customer wants, then what waiting alone mends.
pub fn admit(policy: &Policy, facts: &Facts, now: Timestamp) -> Decision {
    let checked = match (facts.direction, facts.kind) {
        (_, Kind::Control) => Ok(Effects::quiet(facts.chat)),
        (Direction::ToBusiness, Kind::Template) => Err(approved::sent_by_customer()),
        (Direction::ToBusiness, _) => Ok(from_customer(policy, facts, now)),
        (Direction::ToCustomer, _) => from_business(policy, facts, now),
    };
    checked.map_or_else(Decision::Refuse, Decision::Admit)
}

impl Effects {
    const fn quiet(chat: Chat) -> Self {
        Self { chat, category: None, reach: Reach::Not, marketing: false, begins: false, late: false, free_entry: false }
    }
}

/// Whatever a customer writes passes and opens the window.
fn from_customer(policy: &Policy, facts: &Facts, now: Timestamp) -> Effects {
    let mut chat = facts.chat;
    chat.window_until = window::renewed(&policy.window, chat.window_until, now);
    if facts.kind == Kind::Session {
        // Later than what he answers, even when the clock goes back or stands: whose the last word is decides about late replies.
        chat.customer_wrote_at = Some(now).max(chat.business_wrote_at.map(|at| at.plus_millis(1)));
        if facts.through_entry {
            chat.entry_at = Some(now);
        }
    }
    Effects::quiet(chat)
}

fn from_business(policy: &Policy, facts: &Facts, now: Timestamp) -> Result<Effects, Refusal> {
    rights::check(policy, &facts.standing, now)?;
    let open = window::is_open(facts.chat.window_until, now);
    let (category, late) = match facts.kind {
        Kind::Template => (approved::check(facts.template.as_ref(), now)?, false),
        _ => (Category::Service, window::check(policy, facts, now)? == window::Passage::Late),
    };
    let begins = !open && !late;
    relation::check(policy, facts, category, now)?;
    let reach = if begins {
        rights::check_outreach(policy, &facts.standing, now)?;
        tier::check(policy, &facts.standing, facts.reached_at, now)?
    } else {
        Reach::Not
    };
    let mut chat = facts.chat;
    chat.pair_tat = Some(rates::pair(policy, chat.pair_tat, now)?);
    if facts.kind != Kind::Reaction {
        if open && policy.window.refreshed_by_business() {
            chat.window_until = window::renewed(&policy.window, chat.window_until, now);
        }
        entry::answered(&policy.entry, &mut chat, now);
        chat.business_wrote_at = Some(now).max(chat.customer_wrote_at);
    }
    Ok(Effects {
        chat,
        category: Some(category),
        reach,
        marketing: category == Category::Marketing && (begins || policy.frequency.inside_window),
        begins,
        late,
        free_entry: entry::is_open(chat.entry_until, now),
    })
}
