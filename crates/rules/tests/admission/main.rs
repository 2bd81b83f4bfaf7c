//! Who may write to whom and when: golden cases for both shipped profiles, row by row, and what must hold for every sequence of events.
mod allowance;
mod figures;
mod relation;
mod sequences;
mod templates;
mod window;

use suki_rules::{
    Category, Chat, Choice, Decision, Direction, Effects, Facts, Kind, Policy, Refusal, Relation, Standing, TemplateFacts, TemplateStatus, admit,
};
use suki_types::Timestamp;

const SECOND: i64 = 1_000;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

fn meta() -> Policy {
    Policy::shipped("meta-2026").expect("it is shipped")
}

fn classic() -> Policy {
    Policy::shipped("classic").expect("it is shipped")
}

fn both() -> [Policy; 2] {
    [meta(), classic()]
}

/// So long after the beginning of every test.
fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_767_225_600_000 + millis)
}

/// A template that may be sent.
const fn template(category: Category) -> TemplateFacts {
    TemplateFacts { status: TemplateStatus::Approved, category, version: 1, said_category: category, said_version: 1, same_language: true }
}

/// A customer who wrote at the beginning and wants everything, and a business in good standing.
fn facts(direction: Direction, kind: Kind) -> Facts {
    Facts {
        direction,
        kind,
        chat: Chat { window_until: Some(at(DAY)), customer_wrote_at: Some(at(0)), ..Chat::default() },
        through_entry: false,
        relation: Relation { wrote: true, ..Relation::STRANGERS },
        standing: Standing::GOOD,
        template: None,
        reached_at: None,
    }
}

/// Free text to that customer.
fn text() -> Facts {
    facts(Direction::ToCustomer, Kind::Session)
}

/// A template to that customer.
fn sends(category: Category) -> Facts {
    Facts { template: Some(template(category)), ..facts(Direction::ToCustomer, Kind::Template) }
}

fn passes(policy: &Policy, facts: &Facts, now: i64) -> Effects {
    match admit(policy, facts, at(now)) {
        Decision::Admit(effects) => effects,
        Decision::Refuse(refusal) => panic!("it must pass under {}: {refusal:?}", policy.name),
    }
}

fn refused(policy: &Policy, facts: &Facts, now: i64) -> Refusal {
    match admit(policy, facts, at(now)) {
        Decision::Refuse(refusal) => refusal,
        Decision::Admit(effects) => panic!("it must be refused under {}: {effects:?}", policy.name),
    }
}

/// The rule and the Cloud API code of the refusal.
fn why(policy: &Policy, facts: &Facts, now: i64) -> (&'static str, i32) {
    let refusal = refused(policy, facts, now);
    assert!(!refusal.message.is_empty());
    (refusal.rule, refusal.cloud_api_code)
}

/// Everything a customer may have chosen.
const CHOICES: [Choice; 3] = [Choice::All, Choice::Important, Choice::None];
