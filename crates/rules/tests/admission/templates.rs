//! Only an approved template may be sent, and only as what it was approved (R85); what stands against a business; the order of reasons.
use crate::{DAY, HOUR, SECOND, at, both, classic, facts, meta, passes, refused, sends, template, text, why};
use suki_rules::{Category, Direction, Facts, Kind, NameState, Relation, Standing, TemplateFacts, TemplateStatus};
use suki_types::Timestamp;

fn sending(template: TemplateFacts) -> Facts {
    Facts { template: Some(template), ..sends(Category::Utility) }
}

#[test]
fn only_an_approved_template_can_be_sent_inside_and_outside_the_window() {
    for policy in both() {
        for now in [10, 2 * DAY] {
            let mut facts = sends(Category::Utility);
            passes(&policy, &facts, now);
            facts.template = None;
            assert_eq!(why(&policy, &facts, now), ("template", 132_001));
            for (status, code) in [
                (TemplateStatus::Pending, 132_001),
                (TemplateStatus::Rejected, 132_001),
                (TemplateStatus::InAppeal, 132_001),
                (TemplateStatus::Deleted, 132_001),
                (TemplateStatus::Paused { until: None }, 132_015),
                (TemplateStatus::Disabled, 132_016),
            ] {
                let refused = sending(TemplateFacts { status, ..template(Category::Utility) });
                assert_eq!(why(&policy, &refused, now), ("template", code), "{status:?}");
            }
        }
        let from_customer = Facts { template: Some(template(Category::Utility)), ..facts(Direction::ToBusiness, Kind::Template) };
        assert_eq!(why(&policy, &from_customer, 0), ("template", 131_051));
    }
}

#[test]
fn a_pause_ends_to_the_second() {
    let paused = sending(TemplateFacts { status: TemplateStatus::Paused { until: Some(at(3 * HOUR)) }, ..template(Category::Utility) });
    let early = refused(&meta(), &paused, 3 * HOUR - SECOND);
    assert_eq!((early.cloud_api_code, early.retry_at), (132_015, Some(at(3 * HOUR))));
    passes(&meta(), &paused, 3 * HOUR);
}

#[test]
fn a_header_says_what_the_template_is() {
    let right = template(Category::Marketing);
    for (wrong, says) in [
        (TemplateFacts { said_category: Category::Utility, ..right }, "category is marketing, the message says utility"),
        (TemplateFacts { said_version: 2, ..right }, "version 1, the message was made for version 2"),
        (TemplateFacts { same_language: false, ..right }, "another language"),
    ] {
        let refused = refused(&meta(), &sending(wrong), 0);
        assert_eq!(refused.cloud_api_code, 132_001);
        assert!(refused.message.contains(says), "{refused}");
    }
    assert_eq!(passes(&meta(), &sending(right), 0).category, Some(Category::Marketing));
}

#[test]
fn what_stands_against_a_business_is_lifted_to_the_second() {
    let with = |standing, facts| Facts { standing, ..facts };
    for policy in both() {
        let banned = Standing { banned_until: Some(at(HOUR)), ..Standing::GOOD };
        let locked = Standing { terms_due: Some(at(HOUR)), ..Standing::GOOD };
        let silenced = Standing { restricted_until: Some(at(HOUR)), restricted_wholly: true, ..Standing::GOOD };
        for facts in [text(), sends(Category::Utility), facts(Direction::ToCustomer, Kind::Reaction)] {
            assert_eq!(why(&policy, &with(banned, facts), HOUR - SECOND), ("ban", 368));
            assert_eq!(refused(&policy, &with(banned, facts), 0).retry_at, Some(at(HOUR)));
            passes(&policy, &with(banned, facts), HOUR);
            passes(&policy, &with(locked, facts), HOUR - SECOND);
            assert_eq!(why(&policy, &with(locked, facts), HOUR), ("terms", 131_031));
            assert_eq!(why(&policy, &with(silenced, facts), HOUR - SECOND), ("restriction", 131_048));
            passes(&policy, &with(silenced, facts), HOUR);
        }
        let for_ever = Standing { banned_until: Some(Timestamp::from_millis(i64::MAX)), ..Standing::GOOD };
        assert_eq!(refused(&policy, &with(for_ever, text()), 0).retry_at, None);
        // A restriction of outreach leaves answers alone, templates among them.
        let quiet = Standing { restricted_until: Some(at(9 * DAY)), ..Standing::GOOD };
        passes(&policy, &with(quiet, text()), 10);
        passes(&policy, &with(quiet, sends(Category::Utility)), 10);
        assert_eq!(why(&policy, &with(quiet, sends(Category::Utility)), 2 * DAY), ("restriction", 131_048));
        // Customers are never held to it.
        for standing in [banned, locked, silenced, for_ever] {
            passes(&policy, &with(standing, facts(Direction::ToBusiness, Kind::Session)), 0);
        }
    }
}

/// R42: in the classic profile who is not checked yet may use every option.
#[test]
fn whether_a_name_must_be_approved_is_the_profiles_business() {
    for name in [NameState::Pending, NameState::Refused] {
        let named = |facts| Facts { standing: Standing { name, ..Standing::GOOD }, ..facts };
        passes(&meta(), &named(text()), 10);
        passes(&meta(), &named(sends(Category::Utility)), 10);
        assert_eq!(why(&meta(), &named(sends(Category::Utility)), 2 * DAY), ("name", 131_037));
        passes(&classic(), &named(sends(Category::Utility)), 2 * DAY);
    }
}

#[test]
fn of_several_reasons_the_most_useful_is_given() {
    let mut facts = sends(Category::Marketing);
    facts.standing = Standing {
        banned_until: Some(at(9 * DAY)),
        restricted_until: Some(at(9 * DAY)),
        tier_limit: Some(0),
        name: NameState::Refused,
        ..Standing::GOOD
    };
    facts.relation = Relation { blocked: true, stopped_at: Some(at(0)), ..Relation::STRANGERS };
    facts.template = None;
    facts.chat.pair_tat = Some(at(90 * DAY));
    let now = 2 * DAY;
    let mut reasons = vec![why(&meta(), &facts, now).0];
    facts.standing.banned_until = None;
    reasons.push(why(&meta(), &facts, now).0);
    facts.template = sends(Category::Marketing).template;
    reasons.push(why(&meta(), &facts, now).0);
    facts.relation.wrote = true;
    reasons.push(why(&meta(), &facts, now).0);
    facts.relation.blocked = false;
    reasons.push(why(&meta(), &facts, now).0);
    facts.relation.stopped_at = None;
    reasons.push(why(&meta(), &facts, now).0);
    facts.standing.name = NameState::Approved;
    reasons.push(why(&meta(), &facts, now).0);
    facts.standing.restricted_until = None;
    reasons.push(why(&meta(), &facts, now).0);
    facts.standing.tier_limit = None;
    reasons.push(why(&meta(), &facts, now).0);
    facts.chat.pair_tat = None;
    assert!(passes(&meta(), &facts, now).marketing, "the cap on marketing comes last");
    assert_eq!(reasons, ["ban", "template", "consent", "choice", "stop", "name", "restriction", "tier", "pair_rate"]);
}
