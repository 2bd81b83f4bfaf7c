//! Consent, row by row (R5 to R11, R21, R132), and what must hold for every ledger.
use proptest::prelude::*;
use suki_rules::{
    Policy,
    consent::{By, Choice, Claim, Consent, Event, Relation, Source, check_claim, may_begin},
};
use suki_types::Timestamp;

const DAY: i64 = 24 * 3_600_000;

fn policy(name: &str) -> Consent {
    Policy::shipped(name).expect("it is shipped").consent
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_767_225_600_000 + millis)
}

fn claim(source: Source) -> Claim<'static> {
    Claim { source, wording: "Yes, send me offers by message", evidence: "signed form 12", given_at: at(-DAY) }
}

#[test]
fn r10_r11_a_business_cannot_write_first_without_consent_or_an_earlier_message() {
    for name in ["meta-2026", "classic"] {
        let policy = policy(name);
        let nobody = Relation::default();
        let refused = may_begin(&policy, &nobody, Choice::All, false, at(0)).expect_err("he never wrote");
        assert_eq!((refused.rule, refused.cloud_api_code), ("consent", 131_026));
        assert!(refused.message.contains("write first") && refused.message.contains("agree"), "{}", refused.message);
        assert_eq!(may_begin(&policy, &nobody, Choice::All, true, at(0)), Ok(()));
        let agreed = nobody.after(&policy, By::Customer, Event::OptIn { given_at: at(0) }, at(0));
        assert_eq!(may_begin(&policy, &agreed, Choice::All, false, at(0)), Ok(()));
    }
}

#[test]
fn r11_a_consent_ends_to_the_millisecond() {
    let mut policy = policy("meta-2026");
    policy.holds = "365d".parse().expect("a length");
    let agreed = Relation::default().after(&policy, By::Customer, Event::OptIn { given_at: at(0) }, at(0));
    assert!(agreed.has_consent(at(365 * DAY - 1)));
    assert!(!agreed.has_consent(at(365 * DAY)));
    let refused = may_begin(&policy, &agreed, Choice::All, false, at(365 * DAY)).expect_err("it has ended");
    assert!(refused.message.contains("has ended"), "{}", refused.message);
}

#[test]
fn r5_r6_r9_who_does_not_want_it_is_not_written_to_and_a_block_is_not_told() {
    let policy = policy("meta-2026");
    let agreed = Relation::default().after(&policy, By::Customer, Event::OptIn { given_at: at(0) }, at(0));
    let none = agreed.after(&policy, By::Customer, Event::Choose(Choice::None), at(1));
    let blocked = agreed.after(&policy, By::Customer, Event::Block, at(1));
    let told = [
        may_begin(&policy, &none, Choice::All, true, at(2)),
        may_begin(&policy, &blocked, Choice::All, true, at(2)),
        may_begin(&policy, &agreed, Choice::None, true, at(2)),
    ];
    let texts: Vec<String> = told.map(|told| told.expect_err("he does not want it").message).into();
    assert!(texts.iter().all(|text| *text == texts[0] && !text.contains("block")), "{texts:?}");
    let all = agreed.after(&policy, By::Customer, Event::Choose(Choice::All), at(1));
    assert_eq!(may_begin(&policy, &all, Choice::None, false, at(2)), Ok(()), "his choice for one business stands before the global one");
}

#[test]
fn r11_a_recorded_consent_needs_wording_age_and_a_customer_who_has_not_stopped() {
    let policy = policy("classic");
    let fresh = Relation::default();
    let good = claim(Source::Declared);
    assert_eq!(check_claim(&policy, &good, &fresh, at(0)), Ok(()));
    let stopped = fresh.after(&policy, By::Customer, Event::Stop, at(-1));
    let long = "x".repeat(2001);
    for (says, claim, relation) in [
        ("10 to 2000", Claim { wording: "Yes", ..good }, fresh),
        ("10 to 2000", Claim { wording: &long, ..good }, fresh),
        ("10 to 2000", Claim { wording: "  \u{a0}           ", ..good }, fresh),
        ("evidence", Claim { evidence: " ", ..good }, fresh),
        ("future", Claim { given_at: at(1), ..good }, fresh),
        ("only he", good, stopped),
    ] {
        let refused = check_claim(&policy, &claim, &relation, at(0)).expect_err(says);
        assert!(refused.message.contains(says), "{}", refused.message);
        assert_eq!(refused.rule, "consent");
    }
    let mut own = policy.clone();
    own.declared_age = "1d".parse().expect("a length");
    assert_eq!(check_claim(&own, &good, &fresh, at(0)), Ok(()));
    assert!(check_claim(&own, &good, &fresh, at(1)).expect_err("a day and a millisecond").message.contains("older than 24 hours"));
    own.sources = vec![Source::CustomerForm];
    assert!(check_claim(&own, &good, &fresh, at(0)).expect_err("declared ones are not accepted").message.contains("customer-form"));
    assert_eq!(check_claim(&own, &claim(Source::CustomerForm), &stopped, at(0)), Ok(()), "who agrees himself may have stopped before");
}

#[test]
fn a_declared_consent_never_outweighs_the_customer() {
    let policy = policy("meta-2026");
    let opt_in = Event::OptIn { given_at: at(5) };
    for taken in [Event::Stop, Event::OptOut, Event::Block] {
        let taken = Relation::default().after(&policy, By::Customer, taken, at(1));
        assert_eq!(taken.after(&policy, By::Business, opt_in, at(5)), taken);
    }
    let older = Relation::default().after(&policy, By::Customer, opt_in, at(5));
    assert_eq!(older.after(&policy, By::Business, Event::OptIn { given_at: at(4) }, at(6)), older, "an older one does not replace a newer");
}

fn choice() -> impl Strategy<Value = Choice> {
    prop_oneof![Just(Choice::AsGlobal), Just(Choice::All), Just(Choice::Important), Just(Choice::None)]
}

fn step() -> impl Strategy<Value = (By, Event, i64)> {
    let event = prop_oneof![
        (0..100_i64).prop_map(|given| Event::OptIn { given_at: at(given) }),
        Just(Event::OptOut),
        Just(Event::Stop),
        Just(Event::Resume),
        Just(Event::Block),
        Just(Event::Unblock),
        choice().prop_map(Event::Choose),
        any::<bool>().prop_map(Event::Save),
        Just(Event::Report),
        any::<bool>().prop_map(Event::Bar),
    ];
    (prop_oneof![Just(By::Customer), Just(By::Business)], event, 0..10_i64)
}

/// The place of the last event of which `which` is true.
fn last(events: &[(By, Event, Timestamp)], which: impl Fn(By, Event) -> bool) -> Option<usize> {
    events.iter().rposition(|(by, event, _)| which(*by, *event))
}

proptest! {
    /// Each part of the relation is what the last event that concerns it says, told here from the list as a whole.
    #[test]
    fn the_fold_is_what_the_customer_said_last(steps in prop::collection::vec(step(), 0..40)) {
        let policy = policy("meta-2026");
        let mut now = 0;
        let events: Vec<_> = steps.into_iter().map(|(by, event, wait)| { now += wait; (by, event, at(now)) }).collect();
        let relation = Relation::fold(&policy, events.iter().copied());
        let customer = |by| by == By::Customer;
        let taken = last(&events, |by, event| event == Event::Stop || (customer(by) && event == Event::OptOut));
        let given = last(&events, |by, event| customer(by) && matches!(event, Event::Resume | Event::OptIn { .. }));
        prop_assert_eq!(relation.stopped_at.is_some(), taken > given);
        let blocked = last(&events, |by, event| customer(by) && event == Event::Block) > last(&events, |by, event| customer(by) && event == Event::Unblock);
        prop_assert_eq!(relation.blocked_at.is_some(), blocked);
        let agreed = last(&events, |_, event| matches!(event, Event::OptIn { .. }));
        let withdrawn = last(&events, |_, event| event == Event::OptOut);
        prop_assert!(relation.consent_at.is_none() || agreed > withdrawn, "a withdrawn consent does not come back by itself");
        let by_himself = last(&events, |by, event| customer(by) && matches!(event, Event::OptIn { .. }));
        prop_assert!(by_himself <= withdrawn || relation.consent_at.is_some(), "his own word counts");
        let barred = events.iter().rev().find_map(|(by, event, _)| match event { Event::Bar(on) if *by == By::Business => Some(*on), _ => None });
        prop_assert_eq!(relation.barred_at.is_some(), barred.unwrap_or(false));
    }

    /// Whatever a business does, no restriction of the customer's ends.
    #[test]
    fn a_business_lifts_nothing(before in prop::collection::vec(step(), 0..20), theirs in prop::collection::vec(step(), 0..20)) {
        let policy = policy("classic");
        let start = Relation::fold(&policy, before.iter().map(|(by, event, wait)| (*by, *event, at(*wait))));
        let end = theirs.iter().fold(start, |relation, (_, event, wait)| relation.after(&policy, By::Business, *event, at(100 + wait)));
        prop_assert_eq!((end.blocked_at, end.choice, end.saved), (start.blocked_at, start.choice, start.saved));
        prop_assert!(start.stopped_at.is_none() || end.stopped_at == start.stopped_at);
        if start.stopped_at.is_some() && end.consent_at.is_some() {
            prop_assert_eq!(end.consent_at, start.consent_at);
        }
    }

    /// The same thing said again changes nothing, so that a call may be repeated.
    #[test]
    fn an_event_again_changes_nothing(before in prop::collection::vec(step(), 0..20), (by, event, wait) in step()) {
        let policy = policy("meta-2026");
        let start = Relation::fold(&policy, before.iter().map(|(by, event, wait)| (*by, *event, at(*wait))));
        let once = start.after(&policy, by, event, at(wait));
        prop_assert_eq!(once.after(&policy, by, event, at(wait + 1)), once);
    }

    /// Only what gives needs a limit: what restricts comes to rest by itself.
    #[test]
    fn what_restricts_a_business_never_lets_it_do_more(before in prop::collection::vec(step(), 0..20), (_, event, _) in step()) {
        let policy = policy("meta-2026");
        let start = Relation::fold(&policy, before.iter().map(|(by, event, wait)| (*by, *event, at(*wait))));
        let end = start.after(&policy, By::Customer, event, at(50));
        if !event.gives() {
            for wrote in [false, true] {
                let may = |relation: &Relation| may_begin(&policy, relation, Choice::Important, wrote, at(60)).is_ok();
                prop_assert!(may(&start) || !may(&end) || start.choice == Choice::None, "{:?} {:?}", start, end);
            }
            prop_assert!(start.stopped_at.is_none() || end.stopped_at.is_some());
            prop_assert!(start.blocked_at.is_none() || end.blocked_at.is_some());
        }
    }
}
