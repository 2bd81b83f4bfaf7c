//! How much processor time a decision takes: `cargo run --release -p suki-rules --example admit_bench`.
//!
//! A round asks about every kind of message in several states of the window, by both shipped policies; refusals are measured with their texts. The
//! figure below them, a multiplication that waits for the one before, tells how busy and how fast the machine was.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark measures the world's time and prints what it found")]
use std::{hint::black_box, time::Instant};
use suki_rules::{
    Category, Chat, Choice, Decision, Direction, Facts, Kind, Policy, Relation, SHIPPED_POLICIES, Standing, TemplateFacts, TemplateStatus, admit,
};
use suki_types::Timestamp;

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
const HOUR: i64 = 3_600_000;
const ROUNDS: usize = 20_000;

fn asked() -> Vec<Facts> {
    let relations = [
        Relation::STRANGERS,
        Relation { wrote: true, ..Relation::STRANGERS },
        Relation { wrote: true, choice: Some(Choice::Important), ..Relation::STRANGERS },
        Relation { wrote: true, stopped_at: Some(NOW), ..Relation::STRANGERS },
    ];
    let standings = [249, 250].map(|reached| Standing { tier_limit: Some(250), reached, ..Standing::GOOD });
    let people = relations.iter().flat_map(|relation| standings.iter().map(move |standing| (*relation, *standing)));
    let mut all = Vec::new();
    for (relation, standing) in people {
        for direction in [Direction::ToCustomer, Direction::ToBusiness] {
            for kind in [Kind::Session, Kind::Template, Kind::Reaction, Kind::Control] {
                for hours in [-30, -1, 1, 23] {
                    let categories = [Category::Marketing, Category::Utility];
                    all.extend(categories.map(|category| Facts { relation, standing, ..facts(direction, kind, hours, category) }));
                }
            }
        }
    }
    all
}

fn facts(direction: Direction, kind: Kind, hours: i64, category: Category) -> Facts {
    let template =
        TemplateFacts { status: TemplateStatus::Approved, category, version: 1, said_category: category, said_version: 1, same_language: true };
    let written = Some(NOW.plus_millis((hours - 24) * HOUR));
    Facts {
        direction,
        kind,
        chat: Chat { window_until: Some(NOW.plus_millis(hours * HOUR)), customer_wrote_at: written, pair_tat: written, ..Chat::default() },
        through_entry: false,
        relation: Relation::STRANGERS,
        standing: Standing::GOOD,
        template: (kind == Kind::Template).then_some(template),
        reached_at: None,
    }
}

fn yardstick() -> f64 {
    let (start, count, mut number) = (Instant::now(), 100_000_000_u64, 1_u64);
    for _ in 0..count {
        number = black_box(number).wrapping_mul(6_364_136_223_846_793_005);
    }
    black_box(number);
    start.elapsed().as_secs_f64() / count as f64 * 1e9
}

fn main() {
    let all = asked();
    for (name, _) in SHIPPED_POLICIES {
        let policy = Policy::shipped(name).unwrap_or_else(|| panic!("{name} is shipped"));
        for passing in [true, false] {
            let chosen: Vec<_> = all.iter().filter(|facts| matches!(admit(&policy, facts, NOW), Decision::Admit(_)) == passing).collect();
            let start = Instant::now();
            for _ in 0..ROUNDS {
                for facts in &chosen {
                    black_box(admit(&policy, black_box(facts), NOW));
                }
            }
            let nanos = start.elapsed().as_secs_f64() / (ROUNDS * chosen.len()) as f64 * 1e9;
            println!("{name}: {nanos:.0} ns a decision that {} ({} different ones)", if passing { "admits" } else { "refuses" }, chosen.len());
        }
    }
    println!("yardstick: {:.2} ns a multiplication", yardstick());
}
