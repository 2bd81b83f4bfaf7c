//! R26.
use super::Desk;
use crate::world::{DAY, World};
use std::sync::Arc;
use suki_network::{Config, Network};
use suki_protocol::{
    calls::trust::{AcceptTerms, GetTerms, GetTrust, TrustChanged},
    pb::RefusalCode,
};
use suki_rules::Policy;

/// R26: new terms come into force with time to accept them; who accepts them is recorded with name and time.
#[tokio::test]
async fn new_terms_are_accepted_within_the_grace_time() {
    let world = World::new(401).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let first = shop.call(&GetTerms {}).await.expect("an answer");
    assert_eq!((first.current.version, first.accepted_version, first.due), (1, 1, None));
    assert_eq!(first.accepted_at, Some(world.env.now()));
    assert_eq!(first.current, world.network.terms());
    assert!(first.current.terms.text.contains("1. ") && !first.current.privacy.text.is_empty());

    world.advance(DAY);
    let mut policy = Policy::shipped("meta-2026").expect("it is shipped");
    policy.terms.version = 2;
    let config = Config { test_numbers: true, ..Config::default() };
    let network = Network::open(world.db.clone(), [7; 32], Arc::new(policy.clone()), world.env.clone(), config.clone()).await.expect("it opens");
    let since = world.env.now();
    world.advance(DAY);
    // Starting once more gives no more time.
    drop(network);
    let network = Network::open(world.db.clone(), [7; 32], Arc::new(policy), world.env.clone(), config).await.expect("it opens");
    assert_eq!(network.terms().in_force_at, since);
    let mut world = world;
    world.network = network;
    shop.reconnect(&world).await;
    ana.reconnect(&world).await;
    let asked = shop.call(&GetTerms {}).await.expect("an answer");
    assert_eq!((asked.accepted_version, asked.due), (1, Some(since.plus_millis(30 * DAY))));

    let refused = shop.call(&AcceptTerms { version: 1, by: "Ana".into() }).await.expect_err("not in force");
    assert_eq!(refused.code(), RefusalCode::Conflict);
    for by in ["", " ", "a\nb", &"x".repeat(76)] {
        let refused = shop.call(&AcceptTerms { version: 2, by: by.into() }).await.expect_err("nobody");
        assert_eq!(refused.code(), RefusalCode::Malformed);
    }
    // To the second: within the time it goes on, after it nothing leaves until the terms are accepted.
    world.advance(29 * DAY - 1000);
    ana.accepted(ana.text(conversation, 1).1).await;
    shop.accepted(shop.text(conversation, 1).1).await;
    world.advance(1000);
    let refused = shop.refused_as(shop.text(conversation, 1).1, RefusalCode::Rule).await;
    assert_eq!((refused.rule.as_str(), refused.cloud_api_code), ("terms", 131_031));
    let accepted = shop.call(&AcceptTerms { version: 2, by: "Ana Owner".into() }).await.expect("it is in force");
    shop.accepted(shop.text(conversation, 1).1).await;
    assert_eq!((accepted.accepted_version, accepted.due, accepted.accepted_at), (2, None, Some(world.env.now())));
    // Once more changes nothing.
    world.advance(1000);
    assert_eq!(shop.call(&AcceptTerms { version: 2, by: "Ana Owner".into() }).await.expect("again"), accepted);
    let told = shop.notices::<TrustChanged>().await;
    assert_eq!(told.last().map(|told| (told.status.terms.accepted, told.status.terms.due)), Some((2, None)));
}

/// Every tenant walled off: a person has no terms, and no business has another's status.
#[tokio::test]
async fn only_a_business_asks_for_its_own() {
    let desk = Desk::new(402).await;
    let mut shop = desk.world.shop("kape").await;
    let mut ana = desk.world.guest("kape").await;
    assert_eq!(ana.call(&GetTerms {}).await.expect_err("a person").code(), RefusalCode::Forbidden);
    assert_eq!(ana.call(&GetTrust {}).await.expect_err("a person").code(), RefusalCode::Forbidden);
    let status = shop.call(&GetTrust {}).await.expect("an answer");
    assert_eq!((status.name.as_str(), status.name_passed, status.shown.mark.as_str()), ("Shop kape", true, "grey_question"));
}
