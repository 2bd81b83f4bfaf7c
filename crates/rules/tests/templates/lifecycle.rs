//! How a template lives (R84, R105, R107): creations, edits, appeals, pauses and names, one millisecond before and at each limit, under both profiles.
use crate::{PROFILES, policy};
use suki_rules::{
    Policy,
    template::{
        Problem,
        lifecycle::{self, Pause, Shelf, may_appeal, may_create, may_edit, may_unpause},
        quality::{Feedback, quality},
    },
};
use suki_template::{Quality, Status};
use suki_types::Timestamp;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_790_000_000_000 + millis)
}

fn each(test: impl Fn(Policy)) {
    PROFILES.into_iter().for_each(|profile| test(policy(profile)));
}

/// The number of a refusal and when it passes.
fn refused<T>(result: Result<T, Problem>) -> (i32, Option<Timestamp>) {
    let problem = result.err().expect("it is refused");
    assert!(!problem.message.is_empty());
    (problem.number(), problem.retry_at)
}

#[test]
fn two_hundred_and_fifty_templates_and_six_thousand_when_checked() {
    each(|policy| {
        let shelf = |count, checked| Shelf { count, checked, ..Shelf::default() };
        for (most, checked) in [(250, false), (6000, true)] {
            assert_eq!(may_create(&policy, &shelf(most - 1, checked), at(0)), Ok(()));
            assert_eq!(refused(may_create(&policy, &shelf(most, checked), at(0))), (2_388_019, None));
        }
    });
}

#[test]
fn one_hundred_creations_an_hour() {
    each(|policy| {
        let shelf = |created| Shelf { created: (created, at(0)), ..Shelf::default() };
        assert_eq!(may_create(&policy, &shelf(99), at(5)), Ok(()));
        assert_eq!(refused(may_create(&policy, &shelf(100), at(5))), (80_007, Some(at(HOUR))));
    });
}

#[test]
fn a_name_is_used_once_a_language_and_rests_thirty_days_after_it_was_deleted() {
    each(|policy| {
        let taken = Shelf { exists: true, ..Shelf::default() };
        assert_eq!(refused(may_create(&policy, &taken, at(0))), (2_388_024, None));
        let until = lifecycle::name_blocked(&policy, true, at(0)).expect("it was approved");
        assert_eq!(until, at(30 * DAY));
        let blocked = Shelf { name_blocked_until: Some(until), ..Shelf::default() };
        assert_eq!(refused(may_create(&policy, &blocked, at(30 * DAY - 1))), (2_388_023, Some(until)));
        assert_eq!(may_create(&policy, &blocked, until), Ok(()));
        assert_eq!(lifecycle::name_blocked(&policy, false, at(0)), None);
    });
}

#[test]
fn only_approved_rejected_and_paused_templates_are_edited() {
    each(|policy| {
        for status in Status::ALL {
            let edited = may_edit(&policy, *status, false, &[], at(0));
            match status {
                Status::Approved | Status::Rejected | Status::Paused => assert_eq!(edited, Ok(())),
                _ => assert_eq!(refused(edited), (2_388_039, None)),
            }
        }
        assert_eq!(refused(may_edit(&policy, Status::Approved, true, &[], at(0))), (2_388_039, None));
        assert_eq!(may_edit(&policy, Status::Rejected, true, &[], at(0)), Ok(()));
    });
}

#[test]
fn an_approved_template_is_edited_once_a_day_and_ten_times_in_thirty_days() {
    each(|policy| {
        assert_eq!(refused(may_edit(&policy, Status::Approved, false, &[at(0)], at(DAY - 1))), (2_388_039, Some(at(DAY))));
        assert_eq!(may_edit(&policy, Status::Approved, false, &[at(0)], at(DAY)), Ok(()));
        assert_eq!(may_edit(&policy, Status::Rejected, false, &[at(0)], at(1)), Ok(()));
        let nine: Vec<Timestamp> = (0..9).map(|day| at(day * DAY)).collect();
        assert_eq!(may_edit(&policy, Status::Approved, false, &nine, at(9 * DAY)), Ok(()));
        let ten: Vec<Timestamp> = (0..10).map(|day| at(day * DAY)).collect();
        assert_eq!(refused(may_edit(&policy, Status::Approved, false, &ten, at(30 * DAY - 1))), (2_388_039, Some(at(30 * DAY))));
        assert_eq!(may_edit(&policy, Status::Approved, false, &ten, at(30 * DAY)), Ok(()));
    });
}

#[test]
fn a_decision_is_appealed_three_times_in_thirty_days() {
    each(|policy| {
        for status in Status::ALL {
            let appealed = may_appeal(&policy, *status, &[], at(0));
            match status {
                Status::Rejected | Status::Paused | Status::Disabled => assert_eq!(appealed, Ok(())),
                _ => assert_eq!(refused(appealed), (2_388_039, None)),
            }
        }
        let three = [at(0), at(1), at(2)];
        assert_eq!(may_appeal(&policy, Status::Rejected, &three[..2], at(3)), Ok(()));
        assert_eq!(refused(may_appeal(&policy, Status::Rejected, &three, at(30 * DAY - 1))), (80_007, Some(at(30 * DAY))));
        assert_eq!(may_appeal(&policy, Status::Rejected, &three, at(30 * DAY)), Ok(()));
    });
}

/// Cloud API, section 3e: 3 h, 6 h, then disabled.
#[test]
fn pauses_last_three_and_six_hours_and_then_comes_the_end() {
    each(|policy| {
        assert_eq!(lifecycle::pause(&policy, 0, at(0)), Pause::Until(at(3 * HOUR)));
        assert_eq!(lifecycle::pause(&policy, 1, at(0)), Pause::Until(at(6 * HOUR)));
        assert_eq!(lifecycle::pause(&policy, 2, at(0)), Pause::Disable);
        let until = at(3 * HOUR);
        assert_eq!(refused(may_unpause(&policy, Status::Paused, until, at(3 * HOUR - 1))), (2_388_039, Some(until)));
        assert_eq!(may_unpause(&policy, Status::Paused, until, until), Ok(()));
        assert_eq!(refused(may_unpause(&policy, Status::Approved, at(0), at(1))), (2_388_039, None));
    });
    let mut lenient = policy("meta-2026");
    lenient.templates.unpause_early = true;
    assert_eq!(may_unpause(&lenient, Status::Paused, at(HOUR), at(0)), Ok(()));
}

#[test]
fn quality_is_blocks_and_reports_against_reads() {
    each(|policy| {
        let of = |reads, against| quality(&policy, Feedback { reads, against });
        assert_eq!((of(99, 0), of(100, 0)), (Quality::Unknown, Quality::Green));
        assert_eq!((of(20, 9), of(20, 10)), (Quality::Unknown, Quality::Red));
        assert_eq!((of(1000, 9), of(1000, 10), of(1000, 29), of(1000, 30)), (Quality::Green, Quality::Yellow, Quality::Yellow, Quality::Red));
        assert_eq!((of(0, 10), of(u64::MAX, u64::MAX)), (Quality::Red, Quality::Red));
    });
}
