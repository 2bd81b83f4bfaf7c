//! What people do to templates that were approved (R44, R84; Cloud API, section 3c).
use super::{Desk, HOUR, READY, draft};
use crate::world::World;
use suki_network::console::{ConsoleError, Role};
use suki_protocol::{
    calls::templates::{Appeal, CategoryAnnounced, CategoryChanged},
    template::{Category, Reason, Status},
};

async fn jobs(world: &World) {
    world.network.run_jobs(world.env.now()).await.expect("the jobs run");
}

#[tokio::test]
async fn r84_a_category_is_announced_a_day_ahead_and_counts_then() {
    let world = World::new(380).await;
    let desk = Desk::new(&world).await;
    let mut shop = world.shop("kape").await;
    let made = shop.proposed(draft("order", "en", READY)).await;
    shop.told().await;
    let business = shop.registered.account;
    let at = desk.console.recategorise_template(&desk.ada, business, made.id, Category::Marketing, "It advertises.").await.expect("it is announced");
    assert_eq!(at.since(world.env.now()), 24 * HOUR);
    let said: Vec<CategoryAnnounced> = shop.notices().await;
    assert_eq!((said[0].category, said[0].correct_category, said[0].changes_at), (Category::Utility, Category::Marketing, at));
    world.advance(24 * HOUR - 1);
    jobs(&world).await;
    let waiting = shop.template(made.id).await.expect("it is there");
    assert_eq!((waiting.category, waiting.correct_category), (Category::Utility, Some(Category::Marketing)));
    world.advance(1);
    jobs(&world).await;
    jobs(&world).await;
    let changed = shop.template(made.id).await.expect("it is there");
    assert_eq!((changed.category, changed.previous_category, changed.correct_category), (Category::Marketing, Some(Category::Utility), None));
    assert_eq!(changed.status, Status::Approved);
    let said: Vec<CategoryChanged> = shop.notices().await;
    assert_eq!(said.iter().map(|said| (said.previous, said.category)).collect::<Vec<_>>(), [(Category::Utility, Category::Marketing)]);
}

#[tokio::test]
async fn r44_a_disabled_template_says_why_and_may_be_appealed_against() {
    let world = World::new(381).await;
    let desk = Desk::new(&world).await;
    let mut shop = world.shop("kape").await;
    let made = shop.proposed(draft("order", "en", READY)).await;
    shop.told().await;
    let business = shop.registered.account;
    desk.console.disable_template(&desk.ada, business, made.id, "It deceives.").await.expect("it is disabled");
    assert_eq!(shop.told().await, [(Status::Disabled, Reason::None, 0)]);
    assert_eq!(shop.template(made.id).await.expect("it is there").explanation, "It deceives.");
    let again = desk.console.disable_template(&desk.ada, business, made.id, "It deceives.").await;
    assert!(matches!(again, Err(ConsoleError::Conflict(_))), "{again:?}");
    shop.called(&Appeal { id: made.id, text: "It is true.".into() }).await;
    desk.decide(&desk.ada, true, None).await;
    assert_eq!(shop.template(made.id).await.expect("it is there").status, Status::Approved);
}

#[tokio::test]
async fn what_cannot_be_done_to_a_template_is_refused() {
    let world = World::new(382).await;
    let desk = Desk::new(&world).await;
    let mut shop = world.shop("kape").await;
    let made = shop.proposed(draft("order", "en", READY)).await;
    let business = shop.registered.account;
    for (category, reason) in [(Category::Utility, "It is."), (Category::Authentication, "It has a code."), (Category::Marketing, " ")] {
        let refused = desk.console.recategorise_template(&desk.ada, business, made.id, category, reason).await;
        assert!(matches!(refused, Err(ConsoleError::Invalid(_))), "{refused:?}");
    }
    let nowhere = desk.console.recategorise_template(&desk.ada, business, 7, Category::Marketing, "It advertises.").await;
    assert!(matches!(nowhere, Err(ConsoleError::NotFound(_))), "{nowhere:?}");
    let cal = desk.console.add_operator(&desk.ada, "Cal", Role::Finance).await.expect("he is added");
    let small = desk.console.disable_template(&cal, business, made.id, "It deceives.").await;
    assert!(matches!(small, Err(ConsoleError::Forbidden(_))), "{small:?}");
}
