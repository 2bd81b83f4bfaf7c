//! What people decide about templates, and appeals.
use super::{Desk, READY, classic, draft};
use crate::world::{DAY, World};
use suki_protocol::{
    calls::templates::{Appeal, Delete},
    pb::RefusalCode,
    template::{Category, Reason, Status},
};

/// R84: under `classic` a person decides about each, and the business gets the reason (R44).
#[tokio::test]
async fn a_person_approves_or_rejects_with_a_reason() {
    let world = classic(320).await;
    let desk = Desk::new(&world).await;
    let mut shop = world.shop("kape").await;
    let made = shop.proposed(draft("order", "en", READY)).await;
    assert_eq!((made.status, made.version), (Status::Pending, 0));
    assert_eq!(desk.waiting().await[0].detail["name"], "order");
    assert_eq!(shop.rewrite(made.id, READY).await.expect_err("it waits").cloud_api_code, 2_388_039);
    desk.decide(&desk.ada, false, Some("PROMOTIONAL")).await;
    let rejected = shop.template(made.id).await.expect("it is there");
    assert_eq!((rejected.status, rejected.rejected_reason), (Status::Rejected, Reason::Promotional));
    assert_eq!(rejected.explanation, "Because of the test.");
    assert_eq!(shop.told().await, [(Status::Rejected, Reason::Promotional, 0)]);
    shop.rewrite(made.id, "Hi {{1}}, your order is ready.").await.expect("it is edited");
    desk.decide(&desk.ada, true, None).await;
    let approved = shop.template(made.id).await.expect("it is there");
    assert_eq!((approved.status, approved.version, approved.explanation.as_str()), (Status::Approved, 1, ""));
    assert_eq!(shop.told().await, [(Status::Pending, Reason::None, 0), (Status::Approved, Reason::None, 0)]);
}

#[tokio::test]
async fn a_person_corrects_the_category() {
    let world = classic(321).await;
    let desk = Desk::new(&world).await;
    let mut shop = world.shop("kape").await;
    let made = shop.proposed(draft("news", "en", "We have new bread every morning.")).await;
    desk.decide(&desk.ada, true, Some("INCORRECT_CATEGORY")).await;
    let approved = shop.template(made.id).await.expect("it is there");
    assert_eq!((approved.status, approved.category, approved.previous_category), (Status::Approved, Category::Marketing, Some(Category::Utility)));
}

#[tokio::test]
async fn a_deleted_template_waits_for_nobody() {
    let world = classic(322).await;
    let desk = Desk::new(&world).await;
    let mut shop = world.shop("kape").await;
    shop.proposed(draft("order", "en", READY)).await;
    assert_eq!(desk.waiting().await.len(), 1);
    shop.call(&Delete { name: "order".into(), id: None }).await.expect("it goes");
    assert_eq!(desk.waiting().await, []);
}

/// R44: a rejection is looked at again, by somebody else.
#[tokio::test]
async fn an_appeal_goes_to_another_person_and_says_why() {
    let world = classic(323).await;
    let desk = Desk::new(&world).await;
    let mut shop = world.shop("kape").await;
    let made = shop.proposed(draft("order", "en", READY)).await;
    let appeal = |text: &str| Appeal { id: made.id, text: text.into() };
    assert_eq!(shop.call(&appeal("Why?")).await.expect_err("nothing is decided").cloud_api_code, 2_388_039);
    desk.decide(&desk.ada, false, None).await;
    assert_eq!(shop.call(&appeal(" ")).await.expect_err("no word").code(), RefusalCode::Malformed);
    let asked = shop.call(&appeal("It is about an order.")).await.expect("it is taken").template;
    assert_eq!(asked.status, Status::InAppeal);
    let case = &desk.waiting().await[0];
    assert_eq!((&case.detail["appeal"], case.first.is_some()), (&"It is about an order.".into(), true));
    let decision = suki_network::review::Decision { approve: true, reason: "Fine.".into(), code: None };
    assert!(desk.console.decide(&desk.ada, case.id, decision).await.is_err(), "she decided before");
    desk.decide(&desk.ben, true, None).await;
    let approved = shop.template(made.id).await.expect("it is there");
    assert_eq!((approved.status, approved.version), (Status::Approved, 1));
}

#[tokio::test]
async fn an_appeal_that_is_refused_leaves_the_rejection_and_three_in_thirty_days_are_enough() {
    let world = World::new(324).await;
    let desk = Desk::new(&world).await;
    let mut shop = world.shop("kape").await;
    let made = shop.proposed(draft("goods", "en", "We have cannabis again.")).await;
    let appeal = Appeal { id: made.id, text: "It is a plant.".into() };
    let begins = world.env.now();
    for round in 0..3 {
        shop.call(&appeal).await.expect("it is taken");
        // Nobody decided before the first, and of two people the other one decides each time.
        desk.decide(if round % 2 == 0 { &desk.ada } else { &desk.ben }, false, Some("SCAM")).await;
        assert_eq!(shop.template(made.id).await.expect("it is there").rejected_reason, Reason::Scam);
    }
    let refused = shop.call(&appeal).await.expect_err("enough");
    assert_eq!((refused.cloud_api_code, refused.retry_at), (80_007, begins.plus_millis(30 * DAY).millis()));
}
