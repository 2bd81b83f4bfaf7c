//! Golden cases of terms, levels and verification (R26, R28, R39 to R48, R109, R110) for both profiles.
use suki_rules::{
    Entity, Label, Policy,
    trust::{self, Evidence, Identity, Level, Mark, Stage, Step},
};
use suki_types::Timestamp;

const SECOND: i64 = 1_000;
const DAY: i64 = 86_400_000;

fn policy(name: &str) -> Policy {
    Policy::shipped(name).expect("it is shipped")
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_767_225_600_000 + millis)
}

/// R26: who accepted earlier terms has the profile's time from when the new ones came.
#[test]
fn new_terms_give_time() {
    for (profile, days) in [("meta-2026", 30), ("classic", 14)] {
        assert_eq!(trust::terms_due(&policy(profile), at(0)), at(days * DAY));
    }
}

/// R39 to R42, R45, R47, R48: marks, labels and what stands where the name is.
#[test]
fn each_level_shows_its_mark_and_labels() {
    let identity = |level| Identity { level, is_platform: false, name_passed: true, has_number: true, pending: true };
    for (profile, plain_named) in [("meta-2026", true), ("classic", false)] {
        let policy = policy(profile).trust;
        let plain = trust::shown(&policy, &identity(Level::Plain));
        assert_eq!((plain.mark, plain.name, plain.sender_name, plain.pending), (Mark::GreyQuestion, plain_named, false, true));
        assert_eq!(plain.labels, [Label::Shop]);
        let checked = trust::shown(&policy, &identity(Level::Checked));
        assert_eq!((checked.mark, checked.name, checked.sender_name, checked.pending), (Mark::GreyTick, true, false, true));
        assert_eq!(checked.labels, [Label::Shop, Label::Verified]);
        let confirmed = trust::shown(&policy, &identity(Level::Confirmed));
        assert_eq!((confirmed.mark, confirmed.name, confirmed.sender_name, confirmed.pending), (Mark::GreenTick, true, true, false));
        assert_eq!(confirmed.labels, [Label::Official]);
        // A name that has not passed is never shown, whatever the level, as long as there is a number.
        let unnamed = Identity { name_passed: false, ..identity(Level::Confirmed) };
        assert!(!trust::shown(&policy, &unnamed).name);
        assert!(trust::shown(&policy, &Identity { has_number: false, ..unnamed }).name);
        // R46
        let platform = trust::shown(&policy, &Identity { is_platform: true, ..identity(Level::Plain) });
        assert_eq!((platform.mark, platform.labels, platform.pending), (Mark::GreenTick, vec![Label::Official], false));
    }
}

/// R43, R44, R109: every step from every stage.
#[test]
fn a_request_goes_its_way_and_no_other() {
    let policy = policy("meta-2026").trust;
    let go = |stage, step, after| trust::advance(&policy, stage, at(0), step, at(after)).ok();
    use Stage::*;
    let table = [
        (Open, [Some(Waiting), None, None, None, None, None]),
        (Waiting, [None, Some(Withdrawn), Some(Approved), Some(Refused), None, None]),
        (Approved, [None, None, None, None, None, Some(Refused)]),
        (Refused, [None, None, None, None, Some(Appealed), None]),
        (Withdrawn, [Some(Waiting), None, None, None, None, None]),
        (Appealed, [None, Some(Withdrawn), Some(Approved), Some(Final), None, None]),
        (Final, [None; 6]),
    ];
    for (stage, wanted) in table {
        let steps = [Step::Ask, Step::Withdraw, Step::Approve, Step::Refuse, Step::Appeal, Step::Revoke];
        assert_eq!(steps.map(|step| go(stage, step, SECOND)), wanted, "{stage:?}");
        assert_eq!(Stage::from_number(stage as i64), stage);
    }
}

/// R44: a refusal may be appealed for 30 days and asked anew after 7, to the second; the refusal before that says when.
#[test]
fn appeals_and_new_requests_have_their_time() {
    for profile in ["meta-2026", "classic"] {
        let policy = policy(profile).trust;
        let go = |stage, step, after| trust::advance(&policy, stage, at(0), step, at(after));
        assert_eq!(go(Stage::Refused, Step::Appeal, 30 * DAY - SECOND), Ok(Stage::Appealed));
        assert!(go(Stage::Refused, Step::Appeal, 30 * DAY).is_err());
        for stage in [Stage::Refused, Stage::Final] {
            let early = go(stage, Step::Ask, 7 * DAY - SECOND).expect_err("too early");
            assert_eq!(early.retry_at, Some(at(7 * DAY)));
            assert_eq!(go(stage, Step::Ask, 7 * DAY), Ok(Stage::Waiting));
        }
    }
}

/// R38, R40, R109: what is missing is said before a person looks.
#[test]
fn a_request_without_evidence_is_refused_with_what_is_missing() {
    let whole = Evidence {
        asked: Level::Checked,
        entity: Entity::Company,
        official_number: "639171234567",
        proven_number: "639171234567",
        number_approved: true,
        documents: 1,
    };
    for (profile, sole_trader, number_first) in [("meta-2026", true, false), ("classic", false, true)] {
        let policy = policy(profile).trust;
        let refused = |evidence: Evidence<'_>| trust::evidence(&policy, &evidence).err().map(|refusal| refusal.message);
        assert_eq!(refused(whole), None);
        assert!(refused(Evidence { proven_number: "", ..whole }).is_some_and(|text| text.contains("R38")));
        assert!(refused(Evidence { official_number: "639170000000", ..whole }).is_some_and(|text| text.contains("R40")));
        let confirmed = Evidence { asked: Level::Confirmed, ..whole };
        assert_eq!(refused(confirmed), None);
        assert!(refused(Evidence { documents: 0, ..confirmed }).is_some_and(|text| text.contains("at least 1")));
        assert_eq!(refused(Evidence { entity: Entity::SoleTrader, ..confirmed }).is_none(), sole_trader);
        assert_eq!(refused(Evidence { number_approved: false, ..confirmed }).is_some(), number_first);
        assert!(refused(Evidence { asked: Level::Plain, ..whole }).is_some());
        for level in [Level::Plain, Level::Checked, Level::Confirmed] {
            assert!(!trust::criteria(&policy, level).is_empty());
        }
    }
}

/// R28: the name may be changed so often in thirty days.
#[test]
fn name_changes_are_counted() {
    for (profile, most) in [("meta-2026", 10), ("classic", 2)] {
        let policy = policy(profile).trust;
        let earlier: Vec<_> = (0..most).map(|day| at(-day * DAY)).collect();
        assert_eq!(trust::name_changes(&policy, &earlier[1..], at(SECOND)), None);
        let refusal = trust::name_changes(&policy, &earlier, at(SECOND)).expect("too many");
        assert_eq!(refusal.retry_at, Some(at((31 - most) * DAY)));
        assert_eq!(trust::name_changes(&policy, &earlier, at((31 - most) * DAY)), None);
        // R110: a first name needs no person; a change does.
        assert_eq!((trust::name_goes_to_review(&policy, true), trust::name_goes_to_review(&policy, false)), (false, true));
    }
}
