//! What a customer lets a business send him (R4 to R11).
use crate::{CHOICES, DAY, SECOND, at, both, classic, meta, passes, refused, sends, text, why};
use suki_rules::{Category, Choice, Facts, Policy, Relation, admit};

const TEMPLATES: [Category; 3] = [Category::Marketing, Category::Utility, Category::Authentication];

fn with(relation: Relation, facts: Facts) -> Facts {
    Facts { relation, ..facts }
}

/// Which of a reply and templates of marketing, utility and authentication pass, in the open window.
fn pass(policy: &Policy, relation: Relation) -> [bool; 4] {
    let all = [text(), sends(TEMPLATES[0]), sends(TEMPLATES[1]), sends(TEMPLATES[2])];
    all.map(|facts| matches!(admit(policy, &with(relation, facts), at(10)), suki_rules::Decision::Admit(_)))
}

/// R4, R10, R11: nobody is written to first who has neither written nor agreed, not even inside a window.
#[test]
fn a_business_writes_first_only_with_an_earlier_message_or_consent() {
    for policy in both() {
        for category in TEMPLATES {
            for now in [10, 2 * DAY] {
                let ask = |relation| with(relation, sends(category));
                assert_eq!(why(&policy, &ask(Relation::STRANGERS), now), ("consent", 131_026));
                passes(&policy, &ask(Relation { wrote: true, ..Relation::STRANGERS }), now);
                passes(&policy, &ask(Relation { consent_at: Some(at(0)), ..Relation::STRANGERS }), now);
            }
        }
        let refused = refused(&policy, &with(Relation::STRANGERS, sends(Category::Utility)), 0);
        assert!(refused.message.contains("wording") && refused.message.contains("link"), "it says how consent is got: {refused}");
    }
}

/// R11: consent that has an end, one second before and at it.
#[test]
fn consent_ends_to_the_second() {
    let relation = Relation { consent_at: Some(at(0)), consent_until: Some(at(DAY)), ..Relation::STRANGERS };
    for policy in both() {
        passes(&policy, &with(relation, sends(Category::Marketing)), DAY - SECOND);
        assert_eq!(why(&policy, &with(relation, sends(Category::Marketing)), DAY), ("consent", 131_026));
        assert_eq!(why(&policy, &with(relation, sends(Category::Marketing)), -SECOND), ("consent", 131_026), "nor before it begins");
    }
}

/// R5 to R7: per business before global, all, important and none.
#[test]
fn choices_let_through_what_the_profile_says() {
    let known = Relation { wrote: true, ..Relation::STRANGERS };
    for policy in both() {
        let of_business = |choice| pass(&policy, Relation { choice: Some(choice), ..known });
        let of_all = |global_choice| pass(&policy, Relation { global_choice, ..known });
        assert_eq!([of_business(Choice::All), of_all(Choice::All)], [[true; 4]; 2]);
        assert_eq!([of_business(Choice::Important), of_all(Choice::Important)], [[true, false, true, true]; 2]);
        assert_eq!(of_business(Choice::None), [false; 4]);
        // Who keeps to his private chats still gets the answer to what he himself wrote.
        assert_eq!(of_all(Choice::None), [true, false, false, false]);
        // What he said of one business counts before what he said of all.
        for global_choice in CHOICES {
            assert_eq!(pass(&policy, Relation { choice: Some(Choice::All), global_choice, ..known }), [true; 4]);
            assert_eq!(pass(&policy, Relation { choice: Some(Choice::None), global_choice, ..known }), [false; 4]);
        }
    }
}

/// R9: nothing arrives any more, and the business is not told that it was blocked.
#[test]
fn a_block_reads_like_any_other_choice() {
    let relation = Relation { wrote: true, consent_at: Some(at(0)), ..Relation::STRANGERS };
    for policy in both() {
        let blocked = Relation { blocked: true, choice: Some(Choice::All), ..relation };
        assert_eq!(pass(&policy, blocked), [false; 4]);
        let unwanted = Relation { choice: Some(Choice::None), ..relation };
        let words = [blocked, unwanted].map(|relation| refused(&policy, &with(relation, sends(Category::Utility)), 10));
        assert_eq!(words[0], words[1]);
        assert_eq!((words[0].rule, words[0].cloud_api_code), ("choice", 131_026));
        assert!(!words[0].message.to_lowercase().contains("block"), "{}", words[0]);
    }
}

/// A stop ends marketing, in the classic profile everything the customer did not ask for.
#[test]
fn a_stop_ends_what_the_profile_says() {
    let relation = Relation { wrote: true, consent_at: Some(at(0)), stopped_at: Some(at(5)), ..Relation::STRANGERS };
    assert_eq!(pass(&meta(), relation), [true, false, true, true]);
    assert_eq!(pass(&classic(), relation), [true, false, false, true]);
    for policy in both() {
        assert_eq!(why(&policy, &with(relation, sends(Category::Marketing)), 10), ("stop", 131_050));
    }
    // A profile may have a stop end answers too, until the customer writes again.
    let mut strict = meta();
    strict.choices.stopped = vec![suki_rules::Sort::Reply];
    let mut answer = with(relation, text());
    assert_eq!(why(&strict, &answer, 10), ("stop", 131_050));
    answer.chat.customer_wrote_at = Some(at(6));
    passes(&strict, &answer, 10);
}
