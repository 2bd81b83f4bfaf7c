//! The window's golden cases for both shipped profiles, and what must hold for every sequence of messages.
use proptest::prelude::*;
use suki_rules::{Decision, Direction, Facts, Kind, Policy, Refusal, admit};
use suki_types::Timestamp;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const SECOND: i64 = 1_000;

fn policy(name: &str) -> Policy {
    Policy::shipped(name).expect("it is shipped")
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_767_225_600_000 + millis)
}

fn ask(policy: &Policy, direction: Direction, kind: Kind, window_until: Option<Timestamp>, now: i64) -> Decision {
    admit(policy, &Facts { direction, kind, window_until }, at(now))
}

fn moved(to: i64) -> Decision {
    Decision::Admit { window_until: Some(at(to)) }
}

const PASSES: Decision = Decision::Admit { window_until: None };

fn refusal(decision: Decision) -> Refusal {
    match decision {
        Decision::Refuse(refusal) => refusal,
        admitted => panic!("it must be refused, and was not: {admitted:?}"),
    }
}

#[test]
fn the_customers_message_opens_the_window() {
    for name in ["meta-2026", "classic"] {
        let policy = policy(name);
        assert_eq!(ask(&policy, Direction::ToBusiness, Kind::Session, None, 0), moved(DAY), "{name}");
        assert_eq!(ask(&policy, Direction::ToBusiness, Kind::Reaction, None, 0), moved(DAY), "{name}");
        assert_eq!(ask(&policy, Direction::ToBusiness, Kind::Session, Some(at(DAY)), HOUR), moved(DAY + HOUR), "{name}");
        // Closed for a day: the customer's message opens it again.
        assert_eq!(ask(&policy, Direction::ToBusiness, Kind::Session, Some(at(DAY)), 2 * DAY), moved(3 * DAY), "{name}");
    }
}

#[test]
fn one_second_before_its_end_free_text_passes_and_one_second_after_it_does_not() {
    let (meta, classic) = (policy("meta-2026"), policy("classic"));
    let until = Some(at(DAY));
    let to_customer = |policy, kind, now| ask(policy, Direction::ToCustomer, kind, until, now);
    assert_eq!(to_customer(&meta, Kind::Session, DAY - SECOND), PASSES);
    assert_eq!(to_customer(&classic, Kind::Session, DAY - SECOND), moved(2 * DAY - SECOND), "every timely message restarts the window");
    for policy in [&meta, &classic] {
        assert_eq!(to_customer(policy, Kind::Reaction, DAY - SECOND), PASSES, "a reaction of the business is no message");
        for now in [DAY, DAY + SECOND] {
            let refused = refusal(to_customer(policy, Kind::Session, now));
            assert_eq!((refused.rule, refused.cloud_api_code, refused.retry_at), ("window", 131_047, None));
            assert_eq!(refusal(to_customer(policy, Kind::Reaction, now)).cloud_api_code, 131_047);
        }
    }
}

#[test]
fn a_refusal_has_the_figures() {
    let meta = policy("meta-2026");
    let refused = refusal(ask(&meta, Direction::ToCustomer, Kind::Session, Some(at(DAY)), DAY + 3 * HOUR)).message;
    for part in ["24 hours", "closed 3 hours ago", "approved template", "meta-2026", "window.length = 24h"] {
        assert!(refused.contains(part), "{part} is not in: {refused}");
    }
    let never = refusal(ask(&meta, Direction::ToCustomer, Kind::Session, None, 0)).message;
    assert!(never.contains("has not written yet"), "{never}");
    let classic = refusal(ask(&policy("classic"), Direction::ToCustomer, Kind::Reaction, Some(at(DAY)), DAY + 61_500)).message;
    assert!(classic.contains("A reaction") && classic.contains("last timely message") && classic.contains("closed 61 seconds ago"), "{classic}");
}

#[test]
fn templates_do_not_exist_and_control_always_passes() {
    for name in ["meta-2026", "classic"] {
        let policy = policy(name);
        for until in [None, Some(at(DAY)), Some(at(-DAY))] {
            let refused = refusal(ask(&policy, Direction::ToCustomer, Kind::Template, until, 0));
            assert_eq!((refused.rule, refused.cloud_api_code), ("template", 132_001));
            assert_eq!(refusal(ask(&policy, Direction::ToBusiness, Kind::Template, until, 0)).cloud_api_code, 131_051);
            for direction in [Direction::ToBusiness, Direction::ToCustomer] {
                assert_eq!(ask(&policy, direction, Kind::Control, until, 0), PASSES);
            }
        }
    }
}

#[test]
fn the_end_of_time_is_no_panic() {
    let meta = policy("meta-2026");
    for millis in [i64::MIN, -1, 0, i64::MAX] {
        let now = Timestamp::from_millis(millis);
        for until in [None, Some(Timestamp::from_millis(i64::MIN)), Some(Timestamp::from_millis(i64::MAX))] {
            for kind in [Kind::Session, Kind::Template, Kind::Reaction, Kind::Control] {
                for direction in [Direction::ToBusiness, Direction::ToCustomer] {
                    admit(&meta, &Facts { direction, kind, window_until: until }, now);
                }
            }
        }
    }
}

fn events() -> impl Strategy<Value = Vec<(bool, Kind, i64)>> {
    let kind = prop_oneof![Just(Kind::Session), Just(Kind::Template), Just(Kind::Reaction), Just(Kind::Control)];
    // Steps cluster around the window's length, where the mistakes would be; some go back, as clocks do.
    let step = prop_oneof![0..2 * HOUR, DAY - 2 * SECOND..DAY + 2 * SECOND, 0..3 * DAY, -HOUR..0i64];
    prop::collection::vec((any::<bool>(), kind, step), 1..80)
}

proptest! {
    /// An independent account of the rule, kept as the times of messages instead of the window's end, agrees with every decision.
    #[test]
    fn no_sequence_lets_free_text_out_of_a_closed_window(events in events(), classic in any::<bool>()) {
        let policy = policy(if classic { "classic" } else { "meta-2026" });
        let (mut now, mut until) = (0, None);
        let mut renewals: Vec<i64> = Vec::new();
        for (to_customer, kind, step) in events {
            now += step;
            let direction = if to_customer { Direction::ToCustomer } else { Direction::ToBusiness };
            let decision = ask(&policy, direction, kind, until, now);
            let free = matches!(kind, Kind::Session | Kind::Reaction);
            let open = renewals.iter().any(|renewal| now < renewal + DAY);
            let expected = match kind {
                Kind::Control => true,
                Kind::Template => false,
                Kind::Session | Kind::Reaction => !to_customer || open,
            };
            prop_assert_eq!(matches!(decision, Decision::Admit { .. }), expected);
            if expected && free && (!to_customer || (classic && kind == Kind::Session)) {
                renewals.push(now);
            }
            if let Decision::Admit { window_until: Some(end) } = decision {
                prop_assert!(until.is_none_or(|until| until < end), "the window never moves back");
                prop_assert!(free);
                prop_assert!(!to_customer || classic, "only in the classic profile the business renews the window");
                until = Some(end);
            }
        }
    }

    #[test]
    fn no_policy_text_panics(text in "[a-z\\[\\]=\"0-9 .\n#]{0,200}") {
        let _ = Policy::parse("own.toml", &text).map_err(|error| error.to_string());
    }
}
