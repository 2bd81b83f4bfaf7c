//! What must hold for every sequence of events, checked against an account of its own: kept as the times of what happened, not as the rules keep it.
use crate::{DAY, HOUR, SECOND, at, classic, meta};
use proptest::prelude::*;
use std::collections::{HashMap, VecDeque};
use suki_rules::{Category, Chat, Choice, Decision, Direction, Facts, Kind, Policy, Reach, Relation, Standing, TemplateFacts, TemplateStatus, admit};

#[derive(Debug, Clone, Copy)]
enum Event {
    CustomerWrites,
    CustomerReacts,
    Sends(Kind, Category),
    Blocks(bool),
    Stops(bool),
    Chooses(Option<Choice>),
    Consents(bool),
}

fn event() -> impl Strategy<Value = Event> {
    let kind = prop_oneof![3 => Just(Kind::Session), 3 => Just(Kind::Template), 1 => Just(Kind::Reaction), 1 => Just(Kind::Control)];
    let category = prop_oneof![Just(Category::Marketing), Just(Category::Utility), Just(Category::Authentication)];
    let choice = prop_oneof![Just(None), Just(Some(Choice::All)), Just(Some(Choice::Important)), Just(Some(Choice::None))];
    prop_oneof![
        3 => Just(Event::CustomerWrites),
        1 => Just(Event::CustomerReacts),
        9 => (kind, category).prop_map(|(kind, category)| Event::Sends(kind, category)),
        1 => any::<bool>().prop_map(Event::Blocks),
        1 => any::<bool>().prop_map(Event::Stops),
        1 => choice.prop_map(Event::Chooses),
        1 => any::<bool>().prop_map(Event::Consents),
    ]
}

/// Steps cluster around the window's length, where the mistakes would be; some go back, as clocks do.
fn step() -> impl Strategy<Value = i64> {
    prop_oneof![0..2 * HOUR, DAY - 2 * SECOND..DAY + 2 * SECOND, 0..3 * DAY, -HOUR..0i64]
}

/// One customer and one business, and what happened between them.
struct Pair {
    policy: Policy,
    chat: Chat,
    relation: Relation,
    renewals: Vec<i64>,
    last_word_customers: bool,
}

impl Pair {
    fn new(policy: Policy) -> Self {
        Self { policy, chat: Chat::default(), relation: Relation::STRANGERS, renewals: Vec::new(), last_word_customers: false }
    }

    fn is_classic(&self) -> bool {
        self.policy.name == "classic"
    }

    fn facts(&self, direction: Direction, kind: Kind, category: Category) -> Facts {
        let template =
            TemplateFacts { status: TemplateStatus::Approved, category, version: 1, said_category: category, said_version: 1, same_language: true };
        Facts {
            direction,
            kind,
            chat: self.chat,
            through_entry: false,
            relation: self.relation,
            standing: Standing::GOOD,
            template: (kind == Kind::Template).then_some(template),
            reached_at: None,
        }
    }

    fn open(&self, now: i64) -> bool {
        self.renewals.iter().any(|renewal| now < renewal + DAY)
    }

    fn customer(&mut self, kind: Kind, now: i64) -> Result<(), TestCaseError> {
        let facts = self.facts(Direction::ToBusiness, kind, Category::Utility);
        let Decision::Admit(effects) = admit(&self.policy, &facts, at(now)) else { panic!("what a customer writes always passes") };
        prop_assert!(effects.chat.window_until >= self.chat.window_until, "the window never moves back");
        self.chat = effects.chat;
        self.renewals.push(now);
        if kind == Kind::Session {
            self.relation.wrote = true;
            self.last_word_customers = true;
        }
        Ok(())
    }

    fn business(&mut self, kind: Kind, category: Category, now: i64) -> Result<(), TestCaseError> {
        let decision = admit(&self.policy, &self.facts(Direction::ToCustomer, kind, category), at(now));
        let Decision::Admit(effects) = decision else { return Ok(()) };
        if kind == Kind::Control {
            prop_assert_eq!(effects.chat, self.chat);
            return Ok(());
        }
        let open = self.open(now);
        match kind {
            Kind::Template => {
                prop_assert!(self.relation.wrote || self.relation.consent_at.is_some(), "nobody is written to first without a reason");
                prop_assert!(self.relation.stopped_at.is_none() || category != Category::Marketing, "a stop ends marketing");
                prop_assert!(self.relation.stopped_at.is_none() || category == Category::Authentication || !self.is_classic());
                prop_assert_eq!(effects.begins, !open);
            }
            _ if open => prop_assert!(!effects.late && !effects.begins),
            _ => {
                prop_assert!(self.is_classic() && kind == Kind::Session && effects.late, "free text left a closed window");
                prop_assert!(self.last_word_customers, "a late reply is a reply");
            }
        }
        prop_assert!(!self.relation.blocked, "a customer who blocks is never written to");
        prop_assert!(self.relation.choice != Some(Choice::None), "nor one who wants nothing of this business");
        prop_assert!(effects.chat.window_until >= self.chat.window_until);
        let renewed = effects.chat.window_until > self.chat.window_until;
        prop_assert!(!renewed || (self.is_classic() && open), "only in the classic profile, and in time, the business renews the window");
        if self.is_classic() && open && kind != Kind::Reaction {
            self.renewals.push(now);
        }
        if kind != Kind::Reaction {
            self.last_word_customers = false;
        }
        self.chat = effects.chat;
        Ok(())
    }

    fn takes(&mut self, event: Event, now: i64) -> Result<(), TestCaseError> {
        match event {
            Event::CustomerWrites => self.customer(Kind::Session, now)?,
            Event::CustomerReacts => self.customer(Kind::Reaction, now)?,
            Event::Sends(kind, category) => self.business(kind, category, now)?,
            Event::Blocks(on) => self.relation.blocked = on,
            Event::Stops(on) => self.relation.stopped_at = on.then_some(at(now)),
            Event::Chooses(choice) => self.relation.choice = choice,
            // From long ago on, so that a clock that goes back does not matter here.
            Event::Consents(on) => self.relation.consent_at = on.then_some(at(-1000 * DAY)),
        }
        Ok(())
    }
}

proptest! {
    #[test]
    fn no_sequence_lets_out_what_the_customer_did_not_let_in(
        events in prop::collection::vec((event(), step()), 1..80), is_classic in any::<bool>(),
    ) {
        let mut pair = Pair::new(if is_classic { classic() } else { meta() });
        let mut now = 0;
        for (event, step) in events {
            now += step;
            pair.takes(event, now)?;
        }
    }

    /// A tier is never exceeded within any 24 hours, and never refuses whom it would still take.
    #[test]
    fn no_24_hours_hold_more_customers_than_the_tier_allows(
        sends in prop::collection::vec((0..12u8, prop_oneof![0..3 * HOUR, DAY - 2..DAY + 2]), 1..120), limit in 0..8u64,
    ) {
        let policy = meta();
        let (mut now, mut reached, mut sent) = (0, HashMap::<u8, i64>::new(), VecDeque::<(u8, i64)>::new());
        for (customer, step) in sends {
            now += step;
            reached.retain(|_, at| now - *at < DAY);
            let first = reached.values().min().copied();
            let standing = Standing { tier_limit: Some(limit), reached: reached.len() as u64, reached_first_at: first.map(at), ..Standing::GOOD };
            let facts = Facts { standing, reached_at: reached.get(&customer).copied().map(at), ..crate::sends(Category::Utility) };
            let facts = Facts { chat: Chat::default(), ..facts };
            let known = reached.contains_key(&customer);
            match admit(&policy, &facts, at(now)) {
                Decision::Admit(effects) => {
                    prop_assert_eq!(effects.reach, if known { Reach::Again } else { Reach::New });
                    reached.insert(customer, now);
                    sent.push_back((customer, now));
                }
                Decision::Refuse(refusal) => {
                    prop_assert_eq!(refusal.rule, "tier");
                    prop_assert!(!known && reached.len() as u64 >= limit);
                    prop_assert_eq!(refusal.retry_at, first.map(|first| at(first + DAY)));
                }
            }
            sent.retain(|(_, when)| now - when < DAY);
            let mut within: Vec<u8> = sent.iter().map(|(customer, _)| *customer).collect();
            within.sort_unstable();
            within.dedup();
            prop_assert!(within.len() as u64 <= limit, "{} customers within 24 hours, {limit} are allowed", within.len());
        }
    }

    /// In any stretch of time a pair has at most the burst and one more for every interval.
    #[test]
    fn no_stretch_holds_more_messages_of_a_pair_than_its_rate(steps in prop::collection::vec(prop_oneof![4 => 0..100i64, 1 => 0..60_000i64], 1..300)) {
        let policy = meta();
        let (mut now, mut chat, mut passed) = (0, crate::text().chat, Vec::new());
        for step in steps {
            now += step;
            if let Decision::Admit(effects) = admit(&policy, &Facts { chat, ..crate::text() }, at(now)) {
                chat = effects.chat;
                passed.push(now);
            }
        }
        for (first, from) in passed.iter().enumerate() {
            for (last, until) in passed.iter().enumerate().skip(first) {
                prop_assert!((last - first + 1) as i64 <= 45 + (until - from) / 6_000);
            }
        }
    }

    #[test]
    fn no_policy_text_panics(text in "[a-z\\[\\]=\"0-9 .\n#]{0,200}") {
        let _ = Policy::parse("own.toml", &text).map_err(|error| error.to_string());
    }
}
