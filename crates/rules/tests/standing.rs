//! Standing: golden cases of both profiles at their boundaries (R63, R104, R105, R106, R107), and what must hold for every sequence of events.
use proptest::prelude::*;
use suki_rules::{
    Policy,
    standing::{
        Cause, Day, Facts, Grade, InForce, Judgement, Limit, Measure, Move, NoAppeal, Penalty, Restriction, Way, What, ban, quality, review, tier,
    },
};
use suki_types::Timestamp;

const SECOND: i64 = 1_000;
const DAY: i64 = 86_400_000;
/// Noon of the first day of 2026.
const NOON: i64 = 1_767_225_600_000 + DAY / 2;

fn meta() -> Policy {
    Policy::shipped("meta-2026").expect("it is shipped")
}
fn classic() -> Policy {
    Policy::shipped("classic").expect("it is shipped")
}
fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(NOON + millis)
}
fn day(days_ago: i64) -> Day {
    Day { day: NOON.div_euclid(DAY) - days_ago, ..Day::default() }
}
/// A business that nothing is known of.
fn fresh(policy: &Policy) -> Facts {
    Facts {
        limit: policy.tiers.first(),
        limit_since: at(-40 * DAY),
        verified: false,
        reached_since_move: u32::MAX,
        unique_now: 0,
        grade: Grade::Unknown,
        grade_since: at(-40 * DAY),
        high_throughput: false,
        days: Vec::new(),
        measures: Vec::new(),
        force: InForce::default(),
    }
}
/// So many customers reached over the last days, who read and are content.
fn content(reached: &[u32]) -> Vec<Day> {
    reached.iter().enumerate().map(|(ago, count)| Day { delivered: *count, read: *count, reached: *count, ..day(ago as i64) }).collect()
}
fn tiers_of(policy: &Policy, facts: &Facts, now: i64) -> Vec<(Limit, Limit, Cause)> {
    let moves = review(policy, facts, at(now)).moves;
    moves
        .into_iter()
        .filter_map(|moved| match moved.what {
            What::Tier { from, to } => Some((from, to, moved.cause)),
            _ => None,
        })
        .collect()
}

#[test]
fn r104_the_steps_of_both_profiles() {
    let steps = |policy: &Policy| policy.tiers.steps().map(|step| step.to_string()).collect::<Vec<_>>();
    assert_eq!(steps(&meta()), ["250", "2000", "10000", "100000", "unlimited"]);
    assert_eq!(steps(&classic()), ["1000", "10000", "100000"]);
    assert_eq!(Limit::from_code(Limit::UNLIMITED.code()), Limit::UNLIMITED);
    assert_eq!(Limit::from_code(Limit::of(250).code()), Limit::of(250));
    assert!(Limit::UNLIMITED > Limit::of(u32::MAX));
}

#[test]
fn r104_verification_raises_the_first_step_of_meta_only() {
    let facts = Facts { verified: true, ..fresh(&meta()) };
    assert_eq!(tiers_of(&meta(), &facts, 0), [(Limit::of(250), Limit::of(2000), Cause::Verified)]);
    let second = Facts { limit: Limit::of(2000), ..facts };
    assert_eq!(tiers_of(&meta(), &second, 0), []);
    assert_eq!(tiers_of(&classic(), &Facts { verified: true, ..fresh(&classic()) }, 0), []);
}

#[test]
fn r104_two_thousand_customers_in_thirty_days_raise_the_first_step() {
    let policy = meta();
    let with = |days: Vec<Day>| Facts { days, ..fresh(&policy) };
    let enough = [200, 200, 200, 200, 200, 200, 200, 200, 200, 200];
    assert_eq!(tiers_of(&policy, &with(content(&enough)), 0), [(Limit::of(250), Limit::of(2000), Cause::Reached)]);
    let mut one_less = enough;
    one_less[9] = 199;
    assert_eq!(tiers_of(&policy, &with(content(&one_less)), 0), []);
    // The thirtieth day counts, the thirty-first does not.
    let mut late = content(&[250; 7]);
    late.push(Day { delivered: 250, read: 250, reached: 250, ..day(29) });
    assert_eq!(tiers_of(&policy, &with(late.clone()), 0).len(), 1);
    late.pop();
    late.push(Day { delivered: 250, read: 250, reached: 250, ..day(30) });
    assert_eq!(tiers_of(&policy, &with(late), 0), []);
}

#[test]
fn r104_half_the_limit_in_seven_days_raises_by_one_step() {
    for (policy, from, half, to) in [
        (meta(), 2000, 1000, Limit::of(10_000)),
        (meta(), 10_000, 5000, Limit::of(100_000)),
        (meta(), 100_000, 50_000, Limit::UNLIMITED),
        (classic(), 1000, 500, Limit::of(10_000)),
        (classic(), 10_000, 5000, Limit::of(100_000)),
    ] {
        let with = |reached: &[u32]| Facts { limit: Limit::of(from), days: content(reached), ..fresh(&policy) };
        assert_eq!(tiers_of(&policy, &with(&[100, half - 100]), 0), [(Limit::of(from), to, Cause::Reached)], "{from}");
        assert_eq!(tiers_of(&policy, &with(&[100, half - 101]), 0), [], "{from}");
        // The seventh day counts, the eighth does not.
        assert_eq!(tiers_of(&policy, &with(&[100, 0, 0, 0, 0, 0, half - 100]), 0).len(), 1, "{from}");
        assert_eq!(tiers_of(&policy, &with(&[100, 0, 0, 0, 0, 0, 0, half]), 0), [], "{from}");
        // What was reached before the last move does not count again.
        let moved = Facts { reached_since_move: half - 1, ..with(&[half]) };
        assert_eq!(tiers_of(&policy, &moved, 0), [], "{from}");
    }
    for (policy, top) in [(meta(), Limit::UNLIMITED), (classic(), Limit::of(100_000))] {
        let facts = Facts { limit: top, days: content(&[1_000_000]), ..fresh(&policy) };
        assert_eq!(tiers_of(&policy, &facts, 0), []);
        assert_eq!(tier::next(&policy.tiers, &facts, at(0)), None);
    }
}

#[test]
fn r104_a_tier_rises_only_at_the_quality_that_the_profile_asks_for() {
    // 30 of 1,000 customers blocked: yellow in both profiles.
    let days = |policy: &Policy| {
        let facts = Facts { limit: Limit::of(policy.tiers.limits[1]), ..fresh(policy) };
        Facts { days: vec![Day { delivered: 6000, read: 6000, reached: 6000, blocked: 200, ..day(0) }], ..facts }
    };
    assert_eq!(tiers_of(&meta(), &days(&meta()), 0), []);
    assert_eq!(tiers_of(&classic(), &days(&classic()), 0), [(Limit::of(10_000), Limit::of(100_000), Cause::Reached)]);
}

#[test]
fn r104_a_limit_of_another_policy_becomes_the_nearest_step_below() {
    for (limit, to) in
        [(Limit::of(0), 1000), (Limit::of(250), 1000), (Limit::of(2000), 1000), (Limit::of(10_001), 10_000), (Limit::UNLIMITED, 100_000)]
    {
        let facts = Facts { limit, ..fresh(&classic()) };
        assert_eq!(tiers_of(&classic(), &facts, 0), [(limit, Limit::of(to), Cause::Policy)]);
    }
}

#[test]
fn r105_quality_is_unknown_below_the_minimum_sample() {
    for (policy, minimum) in [(meta(), 100), (classic(), 50)] {
        let with = |delivered| vec![Day { delivered, read: delivered, ..day(0) }];
        let judged = |days: &[Day]| quality::judge(&policy.quality, days, Grade::Unknown, at(0)).grade;
        assert_eq!(judged(&with(minimum - 1)), Grade::Unknown);
        assert_eq!(judged(&with(minimum)), Grade::Green);
        // What lies before the days that count does not.
        assert_eq!(judged(&[Day { delivered: 1000, read: 1000, ..day(7) }]), Grade::Unknown);
        assert_eq!(judged(&[Day { delivered: 1000, read: 1000, ..day(6) }]), Grade::Green);
        assert_eq!(judged(&[Day { delivered: 1000, read: 1000, ..day(-1) }]), Grade::Unknown, "a day to come");
    }
}

#[test]
fn r105_blocks_and_reports_make_it_yellow_and_red_at_their_bounds() {
    let policy = meta();
    let grade = |blocked, reported| {
        let days = [Day { delivered: 1000, read: 1000, blocked, reported, ..day(0) }];
        quality::judge(&policy.quality, &days, Grade::Green, at(0)).grade
    };
    assert_eq!((grade(29, 0), grade(30, 0)), (Grade::Green, Grade::Yellow));
    assert_eq!((grade(59, 0), grade(60, 0)), (Grade::Yellow, Grade::Red));
    assert_eq!((grade(0, 9), grade(0, 10)), (Grade::Green, Grade::Yellow), "a report weighs three blocks");
    assert_eq!((grade(0, 19), grade(0, 20)), (Grade::Yellow, Grade::Red));
    // What nobody reads weighs a little: by itself it is not enough.
    let unread = [Day { delivered: 1000, ..day(0) }];
    assert_eq!(quality::judge(&policy.quality, &unread, Grade::Green, at(0)).points, 1000);
}

#[test]
fn r105_what_is_older_weighs_less_and_a_better_grade_needs_a_margin() {
    let policy = meta();
    let judge = |ago, was, blocked| {
        let days = [Day { delivered: 1000, read: 1000, ..day(0) }, Day { delivered: 1000, read: 1000, blocked, ..day(ago) }];
        quality::judge(&policy.quality, &days, was, at(0))
    };
    assert!(judge(0, Grade::Green, 100).points > judge(2, Grade::Green, 100).points);
    assert!(judge(2, Grade::Green, 100).points > judge(4, Grade::Green, 100).points);
    let today = |was, blocked| quality::judge(&policy.quality, &[Day { delivered: 1000, read: 1000, blocked, ..day(0) }], was, at(0)).grade;
    assert_eq!((today(Grade::Yellow, 59), today(Grade::Red, 59)), (Grade::Yellow, Grade::Red), "red stays until it is 20 % below");
    assert_eq!((today(Grade::Red, 48), today(Grade::Red, 47)), (Grade::Red, Grade::Yellow));
    assert_eq!((today(Grade::Yellow, 24), today(Grade::Yellow, 23)), (Grade::Yellow, Grade::Green));
}

/// A business whose customers block it.
fn unwanted(policy: &Policy) -> Facts {
    Facts {
        limit: policy.tiers.steps().nth(1).expect("a second step"),
        days: vec![Day { delivered: 1000, read: 1000, blocked: 200, ..day(0) }],
        ..fresh(policy)
    }
}

fn measures(moves: &[Move]) -> Vec<(Penalty, Cause)> {
    let penalty = |moved: &Move| match moved.what {
        What::Measure(penalty) => Some((penalty, moved.cause)),
        _ => None,
    };
    moves.iter().filter_map(penalty).collect()
}

#[test]
fn r63_the_first_strike_is_a_warning_and_the_rungs_follow_one_after_the_other() {
    use Restriction::{Messages, Outreach};
    for (policy, rungs) in [
        (meta(), vec![(Outreach, 1), (Outreach, 3), (Outreach, 5), (Messages, 7), (Messages, 30)]),
        (classic(), vec![(Outreach, 1), (Outreach, 7), (Messages, 30)]),
    ] {
        let mut facts = unwanted(&policy);
        let again = policy.bans.again_after.millis();
        let mut now = 0;
        let strike = |facts: &mut Facts, now: i64| {
            facts.days[0].day = at(now).millis().div_euclid(DAY);
            let before = Facts { days: facts.days.clone(), ..facts.clone() };
            if !facts.measures.is_empty() {
                assert_eq!(measures(&review(&policy, &before, at(now - SECOND)).moves), [], "a second before");
            }
            let taken = measures(&review(&policy, facts, at(now)).moves);
            assert_eq!(taken.len(), 1, "at {now}");
            facts.grade = Grade::Red;
            facts.measures.push(Measure { at: at(now), cause: taken[0].1, what: taken[0].0, lifted: false });
            taken[0]
        };
        assert_eq!(strike(&mut facts, now), (Penalty::Warning, Cause::RedQuality));
        for (kind, days) in rungs {
            now += again;
            assert_eq!(strike(&mut facts, now), (Penalty::Restriction(kind, at(now + days * DAY)), Cause::RedQuality));
        }
        now += again;
        assert_eq!(strike(&mut facts, now), (Penalty::Ban(None), Cause::RedQuality));
        let after = review(&policy, &facts, at(now + 400 * DAY)).moves;
        assert!(after.iter().all(|moved| matches!(moved.what, What::Quality { .. })), "a ban ends the rest: {after:?}");
    }
}

#[test]
fn r63_bulk_mail_that_hardly_anybody_reads_is_a_strike_though_nobody_blocks() {
    for (policy, bulk, readers) in [(meta(), 5000, 250), (classic(), 2000, 200)] {
        let with = |delivered, read| Facts { days: vec![Day { delivered, read, ..day(0) }], ..fresh(&policy) };
        let taken = |delivered, read| measures(&review(&policy, &with(delivered, read), at(0)).moves);
        assert_eq!(taken(bulk, readers - 1), [(Penalty::Warning, Cause::Bulk)]);
        assert_eq!(taken(bulk, readers), []);
        assert_eq!(taken(bulk - 1, 0), []);
    }
}

#[test]
fn r107_a_strike_is_forgotten_in_time_and_one_taken_back_does_not_count() {
    let policy = meta();
    let measure = |days_ago: i64, lifted| Measure { at: at(-days_ago * DAY), cause: Cause::RedQuality, what: Penalty::Warning, lifted };
    assert_eq!(ban::strike(&policy.bans, &[measure(90, false)], at(0)), Penalty::Warning);
    assert_eq!(ban::strike(&policy.bans, &[measure(90, false)], at(-SECOND)), Penalty::Restriction(Restriction::Outreach, at(DAY - SECOND)));
    assert_eq!(ban::strike(&policy.bans, &[measure(8, true)], at(0)), Penalty::Warning);
    // What an appeal took back is not put back at the next review.
    let facts = Facts { measures: vec![measure(1, true)], ..unwanted(&policy) };
    assert_eq!(measures(&review(&policy, &facts, at(0)).moves), []);
}

#[test]
fn r107_measures_end_on_time_to_the_second() {
    let until = at(DAY);
    for what in [Penalty::Restriction(Restriction::Outreach, until), Penalty::Ban(Some(until))] {
        assert!(what.is_in_force(at(DAY - SECOND)), "{what:?}");
        assert!(!what.is_in_force(at(DAY)), "{what:?}");
        let policy = meta();
        let taken = Measure { at: at(0), cause: Cause::Operator, what, lifted: false };
        let facts = Facts { measures: vec![taken], force: ban::in_force(&[taken], at(0)), ..fresh(&policy) };
        assert_eq!(review(&policy, &facts, at(DAY - SECOND)).moves, []);
        let ended = review(&policy, &facts, at(DAY)).moves;
        assert_eq!(ended.len(), 1, "{ended:?}");
        assert!(matches!(ended[0], Move { what: What::RestrictionEnded | What::BanEnded, cause: Cause::Time }));
    }
    assert!(Penalty::Ban(None).is_in_force(Timestamp::from_millis(i64::MAX)));
}

#[test]
fn the_strongest_measure_is_in_force() {
    let measure = |what| Measure { at: at(0), cause: Cause::Operator, what, lifted: false };
    let all = [
        measure(Penalty::Restriction(Restriction::Messages, at(DAY))),
        measure(Penalty::Restriction(Restriction::Outreach, at(9 * DAY))),
        measure(Penalty::Ban(Some(at(DAY)))),
        measure(Penalty::Ban(Some(at(2 * DAY)))),
    ];
    let force = ban::in_force(&all, at(0));
    assert_eq!(force.restriction, Some((Restriction::Messages, at(DAY))));
    assert_eq!(force.ban, Some((at(2 * DAY), Cause::Operator)));
    assert_eq!(ban::in_force(&all, at(DAY)).restriction, Some((Restriction::Outreach, at(9 * DAY))), "the weaker one goes on alone");
    assert_eq!(ban::in_force(&all, at(9 * DAY)), InForce::default());
}

#[test]
fn r105_red_quality_lowers_the_tier_by_a_step_each_time() {
    for (policy, days) in [(meta(), 7), (classic(), 3)] {
        let red = Facts { grade: Grade::Red, grade_since: at(-days * DAY), ..unwanted(&policy) };
        let [first, second] = [0, 1].map(|step| policy.tiers.steps().nth(step).expect("a step"));
        assert_eq!(tiers_of(&policy, &red, 0), [(second, first, Cause::RedQuality)]);
        assert_eq!(tiers_of(&policy, &red, -SECOND), []);
        let fallen_before = Facts { limit_since: at(-SECOND), ..red.clone() };
        assert_eq!(tiers_of(&policy, &fallen_before, 0), [], "it falls again only after as long");
        assert_eq!(tiers_of(&policy, &Facts { limit: first, ..red }, 0), [], "there is nothing below the first");
    }
}

#[test]
fn r106_the_higher_rate_needs_no_limit_and_a_hundred_thousand_customers_in_a_day() {
    let policy = meta();
    let facts = |limit, unique_now, blocked| Facts {
        limit,
        unique_now,
        days: vec![Day { delivered: 100_000, read: 100_000, blocked, ..day(0) }],
        ..fresh(&policy)
    };
    let moves = |facts: &Facts| {
        let high = |moved: &Move| match moved.what {
            What::Throughput { high } => Some((high, moved.cause)),
            _ => None,
        };
        review(&policy, facts, at(0)).moves.iter().find_map(high)
    };
    assert_eq!(moves(&facts(Limit::UNLIMITED, 100_000, 0)), Some((true, Cause::Reached)));
    assert_eq!(moves(&facts(Limit::UNLIMITED, 100_000, 3500)), Some((true, Cause::Reached)), "yellow is enough");
    assert_eq!(moves(&facts(Limit::UNLIMITED, 99_999, 0)), None);
    assert_eq!(moves(&facts(Limit::UNLIMITED, 100_000, 9000)), None, "red is not");
    assert_eq!(moves(&facts(Limit::of(100_000), 100_000, 0)), None);
    let high = |facts: Facts| Facts { high_throughput: true, ..facts };
    assert_eq!(moves(&high(facts(Limit::UNLIMITED, 0, 0))), None, "a quiet day does not take it away");
    assert_eq!(moves(&high(facts(Limit::UNLIMITED, 0, 9000))), Some((false, Cause::RedQuality)));
    assert_eq!(moves(&high(facts(Limit::of(100_000), 0, 0))), Some((false, Cause::TierFell)));
}

#[test]
fn r107_appeals_have_their_time() {
    let policy = meta();
    let measure = |what, lifted| Measure { at: at(0), cause: Cause::RedQuality, what, lifted };
    let ask = |what, lifted, now| ban::may_appeal(&policy.bans, &measure(what, lifted), at(now));
    assert_eq!(ask(Penalty::Warning, false, 30 * DAY - SECOND), Ok(()));
    assert_eq!(ask(Penalty::Warning, false, 30 * DAY), Err(NoAppeal::TooLate(at(30 * DAY))));
    assert_eq!(ask(Penalty::Ban(None), false, 900 * DAY), Ok(()), "a ban for ever can be appealed at any time");
    assert_eq!(ask(Penalty::Ban(None), true, 0), Err(NoAppeal::Lifted));
}

#[test]
fn what_would_raise_the_limit_is_told_with_its_figures() {
    let policy = meta();
    let facts = Facts { days: content(&[120, 30]), ..fresh(&policy) };
    let next = tier::next(&policy.tiers, &facts, at(0)).expect("there is a step above");
    assert_eq!((next.to, next.quality), (Limit::of(2000), Grade::Green));
    assert_eq!(next.ways, [Way::Verification, Way::Customers { need: 2000, have: 150, within: policy.tiers.first_rise_within }]);
    let second = tier::next(&policy.tiers, &Facts { limit: Limit::of(2000), ..facts }, at(0)).expect("there is one");
    assert_eq!(second.ways, [Way::Customers { need: 1000, have: 150, within: policy.tiers.rise_within }]);
}

#[test]
fn a_policy_that_restricts_without_a_warning_or_has_steps_that_fall_is_refused() {
    let text = include_str!("../../../policies/meta-2026.toml");
    for (from, to, field, says) in [
        ("ladder = [\"warning\", \"outreach 1d\"", "ladder = [\"outreach 1d\", \"warning\"", "bans.ladder", "warned"),
        ("\"outreach 3d\"", "\"outreach 3\"", "bans.ladder", "outreach 3d"),
        ("\"outreach 3d\"", "\"exile 3d\"", "bans.ladder", "no rung"),
        ("[250, 2000, ", "[250, 250, ", "tiers.limits", "larger than the one before"),
        ("[250, 2000, ", "[0, 2000, ", "tiers.limits", "1 or more"),
        ("rise_quality = \"green\"", "rise_quality = \"unknown\"", "tiers.rise_quality", "green"),
        ("red_points = 6000", "red_points = 3000", "quality.red_points", "3000"),
        ("margin_percent = 20", "margin_percent = 91", "quality.margin_percent", "0 to 90"),
    ] {
        assert!(text.contains(from), "{from}");
        let error = Policy::parse("own.toml", &text.replacen(from, to, 1)).expect_err(to);
        assert_eq!(error.field, field, "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[test]
fn the_end_of_time_is_no_panic() {
    for policy in [meta(), classic()] {
        for millis in [i64::MIN, -1, 0, i64::MAX] {
            let now = Timestamp::from_millis(millis);
            let huge =
                Day { day: now.millis().div_euclid(DAY), delivered: u32::MAX, read: 0, blocked: u32::MAX, reported: u32::MAX, reached: u32::MAX };
            let facts = Facts {
                limit_since: Timestamp::from_millis(i64::MIN),
                grade_since: Timestamp::from_millis(i64::MAX),
                days: vec![huge, huge, Day { day: i64::MIN, ..huge }, Day { day: i64::MAX, ..huge }],
                ..fresh(&policy)
            };
            let reviewed = review(&policy, &facts, now);
            assert_eq!(reviewed.judged.grade, Grade::Red, "{millis}");
        }
    }
}

/// What the network does with moves.
fn apply(facts: &mut Facts, moves: &[Move], now: Timestamp) {
    for moved in moves {
        match moved.what {
            What::Quality { to, .. } => (facts.grade, facts.grade_since) = (to, now),
            What::Tier { to, .. } => (facts.limit, facts.limit_since, facts.reached_since_move) = (to, now, 0),
            What::Throughput { high } => facts.high_throughput = high,
            What::Measure(what) => facts.measures.push(Measure { at: now, cause: moved.cause, what, lifted: false }),
            What::RestrictionEnded | What::BanEnded => {}
        }
    }
    facts.force = ban::in_force(&facts.measures, now);
}

fn lives() -> impl Strategy<Value = Vec<(u32, u32, u32, u32, i64, bool)>> {
    let crowd = prop_oneof![0..60u32, 90..110u32, 200..300u32, 900..2100u32, 4000..6000u32, 40_000..120_000u32];
    let step = prop_oneof![1..DAY, 6 * DAY..8 * DAY, 29 * DAY..31 * DAY];
    prop::collection::vec((crowd, 0..8u32, 0..4u32, 0..101u32, step, any::<bool>()), 1..60)
}

/// An account of its own of what each move needs.
fn has_its_cause(policy: &Policy, facts: &Facts, judged: &Judgement, moved: &Move, now: Timestamp) {
    match moved.what {
        What::Tier { from, to } => tier_has_its_cause(policy, facts, judged, (from, to), moved.cause, now),
        What::Measure(Penalty::Warning) => {}
        What::Measure(_) => {
            let is_remembered = |measure: &Measure| now.since(measure.at) < policy.bans.remembered.millis();
            assert!(facts.measures.iter().any(is_remembered), "restricted without a warning");
        }
        What::Quality { from, to } => assert!(from == facts.grade && from != to),
        What::Throughput { high } => assert!(high != facts.high_throughput && (!high || judged.grade <= Grade::Yellow)),
        What::RestrictionEnded | What::BanEnded => assert_eq!(moved.cause, Cause::Time),
    }
}

fn tier_has_its_cause(policy: &Policy, facts: &Facts, judged: &Judgement, (from, to): (Limit, Limit), cause: Cause, now: Timestamp) {
    assert_eq!(from, facts.limit);
    let classical = policy.name == "classic";
    let steps: Vec<Limit> = policy.tiers.steps().collect();
    let place = |limit| steps.iter().position(|step| *step == limit).expect("a step of the policy");
    match cause {
        Cause::RedQuality => {
            assert_eq!(place(to) + 1, place(from));
            assert!(facts.grade == Grade::Red && judged.grade == Grade::Red);
            assert!(now.since(facts.grade_since) >= policy.tiers.fall_after.millis());
        }
        Cause::Verified => assert!(!classical && facts.verified && (from, to) == (Limit::of(250), Limit::of(2000))),
        Cause::Reached => {
            assert_eq!(place(from) + 1, place(to));
            assert!(judged.grade == Grade::Green || (classical && judged.grade == Grade::Yellow));
            let limit = from.customers().expect("only what has a limit rises");
            let (need, days) = if limit == 250 { (2000, 30) } else { (limit / 2, 7) };
            let today = now.millis().div_euclid(DAY);
            let sum: u32 = facts.days.iter().filter(|day| day.day > today - days).map(|day| day.reached).sum();
            assert!(sum >= need && facts.reached_since_move >= need);
        }
        other => panic!("a tier moved for {other:?}"),
    }
}

proptest! {
    /// An account of its own of each cause agrees with each move of a tier; nothing moves twice; nobody is restricted who was not warned.
    #[test]
    fn a_tier_never_moves_without_its_cause(life in lives(), classical in any::<bool>()) {
        let policy = if classical { classic() } else { meta() };
        let mut facts = Facts { limit_since: at(0), grade_since: at(0), reached_since_move: 0, ..fresh(&policy) };
        let mut now = at(0);
        for (crowd, block_percent, report_percent, read_percent, step, verified) in life {
            now = now.plus_millis(step);
            facts.verified |= verified && crowd % 7 == 0;
            let today = now.millis().div_euclid(DAY);
            facts.days.retain(|day| day.day > today - 30);
            let share = |percent: u32| (u64::from(crowd) * u64::from(percent) / 100) as u32;
            let reached = crowd.min(facts.limit.customers().unwrap_or(u32::MAX));
            facts.days.push(Day { day: today, delivered: crowd, read: share(read_percent), blocked: share(block_percent), reported: share(report_percent), reached });
            facts.reached_since_move = facts.reached_since_move.saturating_add(reached);
            facts.unique_now = reached;
            let reviewed = review(&policy, &facts, now);
            for moved in &reviewed.moves {
                has_its_cause(&policy, &facts, &reviewed.judged, moved, now);
            }
            apply(&mut facts, &reviewed.moves, now);
            prop_assert_eq!(review(&policy, &facts, now).moves, vec![], "the same again moves nothing");
        }
    }

    /// Whatever the figures of days are: more blocks never make a better grade, and more readers never a worse one.
    #[test]
    fn quality_is_monotonous(delivered in 100..5000u32, read in 0..100u32, blocked in 0..400u32, reported in 0..200u32, was in 0..4i64) {
        let policy = meta();
        let read = delivered / 100 * read;
        let judge = |read, blocked, reported| {
            let days = [Day { delivered, read, blocked, reported, ..day(1) }];
            quality::judge(&policy.quality, &days, Grade::from_code(was), at(0)).grade
        };
        let grade = judge(read, blocked, reported);
        prop_assert!(grade <= judge(read, blocked + 1, reported));
        prop_assert!(grade <= judge(read, blocked, reported + 1));
        prop_assert!(grade >= judge(delivered, blocked, reported));
    }
}
