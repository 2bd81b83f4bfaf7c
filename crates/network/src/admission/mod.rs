//! Who may write to whom, when, and what that changes. One read of the conversation with its group (`rows::room`), one of what is known of the business
//! and the customer ([`facts`]); then the rules decide, and what they conclude is written in the same unit ([`effects`]).
mod effects;
mod facts;
mod figures;
mod group;
mod pace;

pub(crate) use figures::call;
pub(crate) use group::{admit_seat, from_participant, move_group};
pub(crate) use pace::Pace;

use crate::{Network, money::Payer, refusal::Refusal, rows::Room};
use suki_protocol::{
    mls::Header,
    pb::{self, AccountKind, MessageKind},
};
use suki_rules::{Category, Decision, Direction, Effects, Kind};
use suki_store::Tx;
use suki_types::Timestamp;

/// What a message's header says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    pub kind: Kind,
    /// Of a template.
    pub template: Option<TemplateClaim>,
    /// What opened the conversation, as the customer's device says; "" otherwise.
    pub entry_point: String,
}

/// Which template a header says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TemplateClaim {
    pub id: u64,
    pub version: u64,
    pub category: Category,
    /// Whether it was sent over the Cloud API's `marketing_messages`: its header says `marketing_lite`.
    pub lite: bool,
    pub language: String,
}

/// The largest number of a template: programs in JavaScript read it exactly.
const LARGEST_TEMPLATE: u64 = 1 << 53;

impl Claim {
    /// Reads it from a header that somebody of this kind has written.
    pub fn read(header: &Header, by: AccountKind) -> Result<Self, Refusal> {
        let raw = &header.raw;
        if by != AccountKind::Business && header.kind == MessageKind::Template {
            return Err(of_businesses_only());
        }
        let kind = match header.kind {
            MessageKind::Session => Kind::Session,
            MessageKind::Template => Kind::Template,
            MessageKind::Reaction => Kind::Reaction,
            MessageKind::Control => Kind::Control,
            MessageKind::Unspecified => return Err(Refusal::malformed("The header names no kind of message")),
        };
        let template = match kind {
            Kind::Template => Some(template(raw)?),
            _ if raw.template_id.is_empty() && raw.category.is_empty() && raw.language.is_empty() => None,
            _ => return Err(Refusal::malformed("Only the header of a template names a template, a category and a language")),
        };
        Ok(Self { kind, template, entry_point: raw.entry_point.clone() })
    }

    /// The number of its template, 0 for none.
    pub fn template_id(&self) -> u64 {
        self.template.as_ref().map_or(0, |template| template.id)
    }

    /// Whether it is a template that was sent over the Cloud API's `marketing_messages`.
    pub fn is_lite(&self) -> bool {
        self.template.as_ref().is_some_and(|template| template.lite)
    }

    /// What the message is for prices and statistics, as tables keep it: 0 for control messages and for what customers write.
    pub fn category(&self, from_business: bool) -> i64 {
        match (&self.template, self.kind) {
            (Some(template), _) => template.category.number(),
            (None, Kind::Session | Kind::Reaction) if from_business => Category::Service.number(),
            _ => 0,
        }
    }
}

fn of_businesses_only() -> Refusal {
    Refusal::forbidden("Templates come from businesses; a person sends free text and reactions, and his device asks")
}

fn template(raw: &pb::Header) -> Result<TemplateClaim, Refusal> {
    let wrong = || Refusal::malformed("A template's header has template_id \"<id>.<version>\", two numbers, and a language of 2 to 15 characters");
    let number = |text: &str| text.parse::<u64>().ok().filter(|number| (1..=LARGEST_TEMPLATE).contains(number));
    let (id, version) = raw.template_id.split_once('.').ok_or_else(wrong)?;
    let (id, version) = number(id).zip(number(version)).ok_or_else(wrong)?;
    if !(2..=15).contains(&raw.language.len()) {
        return Err(wrong());
    }
    let lite = raw.category == Category::MarketingLite.word();
    let word = if lite { Category::Marketing.word() } else { raw.category.as_str() };
    let category = [Category::Marketing, Category::Utility, Category::Authentication].into_iter().find(|category| category.word() == word);
    let category = category.ok_or_else(|| Refusal::malformed("A template's category is marketing, marketing_lite, utility or authentication"))?;
    Ok(TemplateClaim { id, version, category, lite, language: raw.language.clone() })
}

/// Asks the rules, and writes down what they conclude. With what a business writes comes what its price depends on.
///
/// # Errors
/// What the rules refuse, with the whole unit; what the store refuses.
pub(crate) fn admit(
    network: &Network,
    tx: &mut Tx<'_>,
    room: &Room,
    from_business: bool,
    claim: &Claim,
    now: Timestamp,
) -> Result<(Effects, Option<Payer>), Refusal> {
    let policy = network.policy();
    let (facts, of_business) = match (from_business, claim.kind) {
        (true, Kind::Session | Kind::Reaction | Kind::Template) => facts::of_business(network, tx, room, claim, now)?,
        (true, Kind::Control) => (facts::of_conversation(room, Direction::ToCustomer, claim, false), None),
        // What his device asks the business's, such as for a page of its catalogue.
        (false, Kind::Control) => (facts::of_conversation(room, Direction::ToBusiness, claim, false), None),
        (false, Kind::Session | Kind::Reaction) => {
            (facts::of_conversation(room, Direction::ToBusiness, claim, policy.entry.is_opened_by(&claim.entry_point)), None)
        }
        (false, Kind::Template) => return Err(of_businesses_only()),
    };
    let effects = match suki_rules::admit(policy, &facts, now) {
        Decision::Admit(effects) => effects,
        Decision::Refuse(refusal) => return Err(Refusal::rule(refusal)),
    };
    effects::write(policy, tx, room, &effects, of_business.map(|(row, _)| row), now)?;
    Ok((effects, of_business.map(|(_, payer)| payer)))
}
