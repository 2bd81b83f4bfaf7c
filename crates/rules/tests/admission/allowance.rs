//! How many customers and how many messages (R104, R106, R132).
use crate::{DAY, SECOND, at, both, classic, facts, meta, passes, refused, sends, text, why};
use suki_rules::{Category, Direction, Facts, Kind, Policy, Reach, Standing, frequency, rates};
use suki_types::Timestamp;

/// A template with which the business begins: the window closed a day ago.
const NOW: i64 = 2 * DAY;

fn begins(limit: u64, reached: u64) -> Facts {
    let standing = Standing { tier_limit: Some(limit), reached, reached_first_at: Some(at(NOW - DAY + SECOND)), ..Standing::GOOD };
    Facts { standing, ..sends(Category::Utility) }
}

/// R104: the last customer of a tier passes, the next does not: today's 250 and 2,000, the classic 1,000 and 10,000, and the rest.
#[test]
fn a_tiers_last_customer_passes_and_the_next_does_not() {
    for policy in both() {
        for limit in [250, 1_000, 2_000, 10_000, 100_000] {
            assert_eq!(passes(&policy, &begins(limit, limit - 1), NOW).reach, Reach::New);
            let refused = refused(&policy, &begins(limit, limit), NOW);
            assert_eq!((refused.rule, refused.cloud_api_code, refused.retry_at), ("tier", 131_048, Some(at(NOW + SECOND))));
            assert!(refused.message.contains(&format!("allows {limit}")), "{refused}");
            // Who was reached already costs nothing more, nor does who is answered in his window.
            let known = Facts { reached_at: Some(at(NOW - DAY + SECOND)), ..begins(limit, limit) };
            assert_eq!(passes(&policy, &known, NOW).reach, Reach::Again);
            let gone = Facts { reached_at: Some(at(NOW - DAY)), ..begins(limit, limit) };
            assert_eq!(why(&policy, &gone, NOW), ("tier", 131_048));
            let answer = Facts { kind: Kind::Session, template: None, ..begins(limit, limit) };
            assert_eq!(passes(&policy, &answer, DAY - SECOND).reach, Reach::Not);
            assert_eq!(passes(&policy, &begins(limit, limit), DAY - SECOND).reach, Reach::Not);
        }
        let unlimited = Facts { standing: Standing { tier_limit: None, reached: u64::MAX, ..Standing::GOOD }, ..sends(Category::Utility) };
        assert_eq!(passes(&policy, &unlimited, NOW).reach, Reach::New);
    }
}

/// R106: 45 at once, one more for every six seconds.
#[test]
fn the_46th_message_of_a_pair_waits() {
    for policy in both() {
        let mut facts = text();
        for number in 1..=45 {
            facts.chat = passes(&policy, &facts, 0).chat;
            assert_eq!(facts.chat.pair_tat, Some(at(number * 6 * SECOND)));
        }
        let too_many = refused(&policy, &facts, 0);
        assert_eq!((too_many.rule, too_many.cloud_api_code, too_many.retry_at), ("pair_rate", 131_056, Some(at(6 * SECOND))));
        assert!(too_many.message.contains("45") && too_many.message.contains("6 seconds"), "{too_many}");
        assert_eq!(why(&policy, &facts, 6 * SECOND - 1), ("pair_rate", 131_056));
        facts.chat = passes(&policy, &facts, 6 * SECOND).chat;
        assert_eq!(why(&policy, &facts, 6 * SECOND), ("pair_rate", 131_056));
        // Whoever waits long enough may send 45 at once again.
        let later = 6 * SECOND + 45 * 6 * SECOND;
        for _ in 0..45 {
            facts.chat = passes(&policy, &facts, later).chat;
        }
        assert_eq!(why(&policy, &facts, later), ("pair_rate", 131_056));
        // Templates and reactions count as well, the customer's own messages do not.
        let full = facts.chat;
        assert_eq!(why(&policy, &Facts { chat: full, ..sends(Category::Utility) }, later), ("pair_rate", 131_056));
        assert_eq!(why(&policy, &Facts { chat: full, ..facts }, later), ("pair_rate", 131_056));
        assert_eq!(passes(&policy, &Facts { chat: full, ..crate::facts(Direction::ToBusiness, Kind::Session) }, later).chat.pair_tat, full.pair_tat);
    }
}

fn at_once(policy: &Policy, high: bool, tat: &mut i64, now: Timestamp) -> u32 {
    let mut count = 0;
    while let Ok(next) = rates::throughput(policy, high, *tat, now) {
        (*tat, count) = (next, count + 1);
    }
    count
}

/// R106: at least ten messages a second; today 80, or 1,000 with high throughput.
#[test]
fn a_business_sends_so_many_messages_a_second() {
    for (policy, high, rate) in [(meta(), false, 80), (meta(), true, 1_000), (classic(), false, 10), (classic(), true, 80)] {
        let mut tat = 0;
        assert_eq!(at_once(&policy, high, &mut tat, at(0)), rate);
        let refused = rates::throughput(&policy, high, tat, at(0)).expect_err("it is spent");
        assert_eq!((refused.rule, refused.cloud_api_code), ("throughput", 130_429));
        let retry_at = refused.retry_at.expect("it passes later");
        assert!(rates::throughput(&policy, high, tat, retry_at).is_ok());
        assert!(rates::throughput(&policy, high, tat, retry_at.plus_millis(-1)).is_err());
        // Over the ten seconds that follow.
        let sent: u32 = (1..=10_000).map(|millis| at_once(&policy, high, &mut tat, at(millis))).sum();
        assert_eq!(sent, rate * 10);
    }
    assert!(classic().rates.per_second >= 10 && meta().rates.per_second >= 10);
}

/// R132.
#[test]
fn a_customer_gets_so_many_marketing_messages_from_all_together() {
    for (policy, most) in [(meta(), 2), (classic(), 1)] {
        assert!(frequency::check(&policy, most, at(0)).is_ok());
        let refused = frequency::check(&policy, most + 1, at(0)).expect_err("it is one too many");
        assert_eq!((refused.rule, refused.cloud_api_code, refused.retry_at), ("frequency", 131_049, Some(at(DAY))));
        // Only what the business begins counts, and only marketing.
        assert!(passes(&policy, &sends(Category::Marketing), NOW).marketing);
        assert!(!passes(&policy, &sends(Category::Marketing), DAY - SECOND).marketing);
        for category in [Category::Utility, Category::Authentication] {
            assert!(!passes(&policy, &sends(category), NOW).marketing);
        }
        assert!(!passes(&policy, &facts(Direction::ToBusiness, Kind::Session), NOW).marketing);
        let mut strict = policy;
        strict.frequency.inside_window = true;
        assert!(passes(&strict, &sends(Category::Marketing), DAY - SECOND).marketing);
    }
}
