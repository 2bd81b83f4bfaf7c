//! A template's life, without people: created, edited, listed, deleted.
use super::{HOUR, READY, draft, parts};
use crate::world::{DAY, World};
use serde_json::json;
use suki_protocol::{
    calls::templates::{CategoryChanged, ComponentsChanged, Create, Delete, Edit, List},
    pb::RefusalCode,
    template::{Category, Draft, Quality, Reason, Status},
};

/// R83, R84, R87: what is in order is approved at once and can be used by programs at once.
#[tokio::test]
async fn a_good_template_is_approved_at_once_and_told() {
    let world = World::new(300).await;
    let mut shop = world.shop("kape").await;
    let made = shop.proposed(draft("order_ready", "en_US", READY)).await;
    assert_eq!((made.status, made.version, made.category, made.rejected_reason), (Status::Approved, 1, Category::Utility, Reason::None));
    assert!((1_000_000_000_000_000..=1 << 53).contains(&made.id));
    assert_eq!(shop.told().await, [(Status::Approved, Reason::None, 0)]);
    assert_eq!(shop.template(made.id).await, Ok(made));
}

/// R84, R86, R108: each refusal and rejection says why, with the code.
#[tokio::test]
async fn a_bad_one_is_refused_and_a_forbidden_one_rejected_with_its_reason() {
    let world = World::new(301).await;
    let mut shop = world.shop("kape").await;
    let refused = shop.propose(draft("Order", "xx", "{{1}}")).await.expect_err("it is refused");
    assert_eq!((refused.code(), refused.cloud_api_code, refused.rule.as_str()), (RefusalCode::Rule, 100, "template"));
    assert!(
        refused.message.contains("name:") && refused.message.contains("language:") && refused.message.contains("components[0].text:"),
        "{refused:?}"
    );
    let audio = json!([{"type": "HEADER", "format": "AUDIO"}, {"type": "BODY", "text": "Listen."}]);
    let refused = shop.propose(Draft { components: parts(audio), ..draft("song", "en", "x") }).await.expect_err("R86");
    assert_eq!(refused.cloud_api_code, 2_388_047);
    let made = shop.proposed(draft("goods", "en", "We have cannabis again.")).await;
    assert_eq!((made.status, made.rejected_reason, made.version), (Status::Rejected, Reason::AbusiveContent, 0));
    assert!(made.explanation.contains("cannabis"), "{}", made.explanation);
    assert_eq!(shop.told().await, [(Status::Rejected, Reason::AbusiveContent, 0)]);
    let mended = shop.rewrite(made.id, "We have coffee again.").await.expect("a rejected one is edited");
    assert_eq!((mended.status, mended.version, mended.rejected_reason, mended.explanation.as_str()), (Status::Approved, 1, Reason::None, ""));
}

#[tokio::test]
async fn an_offer_is_recategorised_and_the_business_is_told() {
    let world = World::new(302).await;
    let mut shop = world.shop("kape").await;
    let made = shop.proposed(draft("sale", "en", "Get a discount on your next order.")).await;
    assert_eq!((made.status, made.category, made.previous_category), (Status::Pending, Category::Marketing, Some(Category::Utility)));
    let told: Vec<CategoryChanged> = shop.notices().await;
    assert_eq!(
        told.iter().map(|told| (told.id, told.previous, told.category)).collect::<Vec<_>>(),
        [(made.id, Category::Utility, Category::Marketing)]
    );
    let fixed = Draft { allow_category_change: Some(false), ..draft("sale_2", "en", "Get a discount on your next order.") };
    let made = shop.proposed(fixed).await;
    assert_eq!((made.status, made.category, made.rejected_reason), (Status::Rejected, Category::Utility, Reason::IncorrectCategory));
}

#[tokio::test]
async fn a_name_stands_once_a_language_and_rests_after_it_was_deleted() {
    let world = World::new(303).await;
    let mut shop = world.shop("kape").await;
    let english = shop.proposed(draft("order", "en", READY)).await;
    let filipino = shop.proposed(draft("order", "fil", "Kumusta {{1}}, handa na ang order mo.")).await;
    assert_eq!(shop.propose(draft("order", "en", READY)).await.expect_err("it exists").cloud_api_code, 2_388_024);
    shop.told().await;
    let gone = shop.call(&Delete { name: "order".into(), id: Some(filipino.id) }).await.expect("one language goes");
    assert_eq!(gone.ids, [filipino.id]);
    assert_eq!(shop.told().await, [(Status::Deleted, Reason::None, 0)]);
    assert_eq!(shop.template(filipino.id).await.expect_err("it is gone").code(), RefusalCode::Unknown);
    let gone = shop.call(&Delete { name: "order".into(), id: None }).await.expect("the rest goes");
    assert_eq!(gone.ids, [english.id]);
    let deleted_at = world.env.now();
    let refused = shop.propose(draft("order", "en", READY)).await.expect_err("the name rests");
    assert_eq!((refused.cloud_api_code, refused.retry_at), (2_388_023, deleted_at.plus_millis(30 * DAY).millis()));
    world.advance(30 * DAY);
    shop.proposed(draft("order", "en", READY)).await;
    let never = shop.proposed(draft("goods", "en", "We have cannabis again.")).await;
    shop.call(&Delete { name: "goods".into(), id: Some(never.id) }).await.expect("it goes");
    shop.proposed(draft("goods", "en", READY)).await;
    assert!(shop.call(&Delete { name: "nothing".into(), id: None }).await.is_err());
}

#[tokio::test]
async fn an_approved_template_is_edited_once_a_day() {
    let world = World::new(304).await;
    let mut shop = world.shop("kape").await;
    let made = shop.proposed(draft("order", "en", READY)).await;
    let category = Edit { id: made.id, components: None, category: Some(Category::Marketing), message_send_ttl_seconds: None };
    assert_eq!(shop.call(&category).await.expect_err("it is fixed").cloud_api_code, 2_388_039);
    let edited = shop.rewrite(made.id, "Hi {{1}}, your order is ready.").await.expect("it is edited");
    assert_eq!((edited.status, edited.version), (Status::Approved, 2));
    let told: Vec<ComponentsChanged> = shop.notices().await;
    assert_eq!(told.iter().map(|told| told.template.version).collect::<Vec<_>>(), [2]);
    world.advance(DAY - 1);
    let refused = shop.rewrite(made.id, READY).await.expect_err("once a day");
    assert_eq!((refused.cloud_api_code, refused.retry_at), (2_388_039, world.env.now().plus_millis(1).millis()));
    // How long a message of it is worth delivering is no text.
    let life = Edit { id: made.id, components: None, category: None, message_send_ttl_seconds: Some(60) };
    world.advance(1);
    let edited = shop.call(&life).await.expect("it is edited").template;
    assert_eq!((edited.version, edited.message_send_ttl_seconds), (2, Some(60)));
    assert_eq!(shop.rewrite(made.id, READY).await.expect("a day has passed").version, 3);
    assert_eq!(shop.rewrite(made.id, "{{1}}").await.expect_err("it is refused").code(), RefusalCode::Rule);
}

#[tokio::test]
async fn one_hundred_templates_an_hour_and_those_count_that_were_deleted() {
    let world = World::new(305).await;
    let mut shop = world.shop("kape").await;
    let begins = world.env.now();
    for number in 0..100 {
        shop.proposed(draft(&format!("t_{number}"), "en", "Your order is ready.")).await;
    }
    shop.call(&Delete { name: "t_0".into(), id: None }).await.expect("it goes");
    let refused = shop.propose(draft("t_100", "en", READY)).await.expect_err("too many");
    assert_eq!((refused.cloud_api_code, refused.retry_at), (80_007, begins.plus_millis(HOUR).millis()));
    world.advance(HOUR);
    shop.proposed(draft("t_100", "en", READY)).await;
}

#[tokio::test]
async fn a_business_lists_its_templates_in_pages_and_by_filters() {
    let world = World::new(306).await;
    let mut shop = world.shop("kape").await;
    for number in 0..7 {
        shop.proposed(draft(&format!("t_{number}"), if number % 2 == 0 { "en" } else { "fil" }, "Handa na ang order mo.")).await;
    }
    shop.proposed(draft("sale", "en", "Get a discount on your next order.")).await;
    let (mut seen, mut after, mut pages) = (Vec::new(), 0, 0);
    loop {
        let page = shop.call(&List { after, limit: 3, ..List::default() }).await.expect("a page");
        assert_eq!((page.total, page.allowed, page.limits.body), (8, 250, 1024));
        seen.extend(page.templates.iter().map(|template| template.id));
        (after, pages) = (page.next, pages + 1);
        if after == 0 {
            break;
        }
    }
    assert!(seen.len() == 8 && seen.is_sorted() && pages == 3, "{seen:?}");
    for (filter, count) in [
        (List { name: Some("t_3".into()), ..List::default() }, 1),
        (List { language: Some("FIL".into()), ..List::default() }, 3),
        (List { status: vec![Status::Pending], ..List::default() }, 1),
        (List { category: vec![Category::Marketing], ..List::default() }, 1),
        (List { quality: vec![Quality::Unknown], ..List::default() }, 8),
        (List { contains: Some("HANDA".into()), ..List::default() }, 7),
        (List { contains: Some("sale".into()), ..List::default() }, 1),
        (List { contains: Some("nothing".into()), ..List::default() }, 0),
    ] {
        let page = shop.call(&List { limit: 100, ..filter.clone() }).await.expect("a page");
        assert_eq!((page.templates.len(), page.next), (count, 0), "{filter:?}");
    }
    for limit in [0, 101] {
        assert!(shop.call(&List { limit, ..List::default() }).await.is_err());
    }
}

/// R88: a greeting is a template like any other.
#[tokio::test]
async fn a_greeting_is_judged_too() {
    let world = World::new(307).await;
    let mut shop = world.shop("kape").await;
    let greeting = |text: &str| Create { draft: draft("hello", "en", text), greeting: true };
    let made = shop.call(&greeting("Welcome! We sell guns.")).await.expect("it is taken").template;
    assert!(made.greeting && made.status == Status::Rejected, "{made:?}");
    let mended = shop.rewrite(made.id, "Welcome! We answer soon.").await.expect("it is edited");
    assert!(mended.greeting && mended.status == Status::Approved, "{mended:?}");
}

#[tokio::test]
async fn businesses_are_walled_off_and_persons_have_no_templates() {
    let world = World::new(308).await;
    let (mut kape, mut tinapay) = (world.shop("kape").await, world.shop("tinapay").await);
    let made = kape.proposed(draft("order", "en", READY)).await;
    kape.told().await;
    assert_eq!(tinapay.template(made.id).await.expect_err("another's").code(), RefusalCode::Unknown);
    assert_eq!(tinapay.rewrite(made.id, READY).await.expect_err("another's").code(), RefusalCode::Unknown);
    assert_eq!(tinapay.call(&Delete { name: "order".into(), id: Some(made.id) }).await.expect_err("another's").code(), RefusalCode::Unknown);
    assert_eq!(tinapay.call(&List { limit: 10, ..List::default() }).await.expect("a page").templates, []);
    tinapay.proposed(draft("order", "en", READY)).await;
    assert_eq!(kape.told().await, [], "what happens to another's template is not told");
    let mut ana = world.guest("kape").await;
    assert_eq!(ana.propose(draft("order", "en", READY)).await.expect_err("a person").code(), RefusalCode::Forbidden);
    assert_eq!(ana.template(made.id).await.expect_err("a person").code(), RefusalCode::Forbidden);
}

/// On the other engine.
#[tokio::test]
async fn a_template_lives_on_postgres_too() {
    let world = World::on_postgres(309, suki_network::Config::default()).await;
    let mut shop = world.shop("kape").await;
    let made = shop.proposed(draft("order", "en", READY)).await;
    assert_eq!(shop.rewrite(made.id, "Hi {{1}}, your order is ready.").await.expect("it is edited").version, 2);
    world.network.run_jobs(world.env.now()).await.expect("the jobs run");
    assert_eq!(shop.call(&Delete { name: "order".into(), id: None }).await.expect("it goes").ids, [made.id]);
    world.advance(100 * DAY);
    world.network.run_jobs(world.env.now()).await.expect("the jobs run");
    shop.proposed(draft("order", "en", READY)).await;
}
