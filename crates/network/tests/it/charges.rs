//! What was delivered and what it cost, by period and by what is asked (Cloud API, section 3f; R64, R93).
use crate::{
    money::{fetch, message},
    world::{DAY, Device, World, header, submit},
};
use suki_protocol::{
    calls::{
        money::{Charge, ChargeDimension as By, Charged, Charges, GetCharges},
        statistics::{Counted, GetStatistics, Granularity, Kind},
    },
    pb::{self, RefusalCode},
};
use suki_types::{MessageId, Timestamp};

const HALF_HOUR: i64 = 30 * 60_000;

fn asked(from: Timestamp, to: Timestamp, granularity: Granularity, by: &[By]) -> GetCharges {
    GetCharges { from, to, granularity, by: by.to_vec(), of: Charged::default() }
}

async fn points(shop: &mut Device, asked: GetCharges) -> Vec<Charge> {
    let Charges { points, next } = shop.called(&asked).await;
    assert_eq!(next, None);
    points
}

/// A marketing and a utility template to the Philippines and one to Germany, half an hour apart, all delivered; and one text in the window.
async fn busy_day(world: &World, shop: &mut Device) -> (Timestamp, Timestamp) {
    let (mut ana, in_manila) = world.customer(shop, "PH").await;
    let (mut ben, in_bonn) = world.customer(shop, "DE").await;
    world.advance(2 * DAY);
    let start = world.env.now();
    for (conversation, category) in [(in_manila, 0), (in_manila, 1), (in_bonn, 0)] {
        shop.accepted(message(shop, conversation, category).1).await;
        fetch(&mut ana).await;
        fetch(&mut ben).await;
        world.advance(HALF_HOUR);
    }
    let (_, text) = ana.text(in_manila, 1);
    ana.accepted(text).await;
    shop.entries_so_far().await;
    shop.accepted(message(shop, in_manila, 3).1).await;
    fetch(&mut ana).await;
    (start, world.env.now().plus_millis(1))
}

#[tokio::test]
async fn r93_what_was_delivered_is_told_apart_as_it_is_asked_and_adds_up_in_every_period() {
    let world = World::new(320).await;
    let mut shop = world.paying_shop().await;
    let (start, end) = busy_day(&world, &mut shop).await;
    let by_half_hour = points(&mut shop, asked(start, end, Granularity::HalfHour, &[])).await;
    assert_eq!(by_half_hour.iter().map(|point| point.count).collect::<Vec<_>>(), [1, 1, 1, 1]);
    assert!(by_half_hour.windows(2).all(|pair| pair[1].at.since(pair[0].at) == HALF_HOUR));
    let spent: i64 = by_half_hour.iter().map(|point| point.amount.millionths()).sum();
    for granularity in [Granularity::Day, Granularity::Month] {
        let whole = points(&mut shop, asked(start, end, granularity, &[])).await;
        assert_eq!(whole.iter().map(|point| (point.count, point.amount.millionths())).collect::<Vec<_>>(), [(4, spent)], "{granularity:?}");
    }
    let by_all = [By::Country, By::Category, By::Kind, By::Template];
    let day = points(&mut shop, asked(start, end, Granularity::Day, &by_all)).await;
    let found: Vec<_> = day.iter().map(|point| (point.country.as_str(), point.category.as_str(), point.kind.as_str(), point.template)).collect();
    let expected = [
        ("DE", "marketing", "regular", 1),
        ("PH", "marketing", "regular", 1),
        ("PH", "utility", "regular", 2),
        ("PH", "service", "free_customer_service", 0),
    ];
    assert_eq!(found, expected);
    let of = Charged { countries: vec!["PH".parse().expect("a country")], kinds: vec!["regular".into()], ..Charged::default() };
    let some = points(&mut shop, GetCharges { of, ..asked(start, end, Granularity::Day, &[]) }).await;
    assert_eq!(some.iter().map(|point| (point.count, point.country.as_str(), point.kind.as_str())).collect::<Vec<_>>(), [(2, "", "")]);
    let of = Charged { templates: vec![1], categories: vec!["marketing".into()], ..Charged::default() };
    let tiers = points(&mut shop, asked(start, end, Granularity::Month, &[By::Tier])).await;
    assert_eq!(tiers.iter().map(|point| (point.tier.is_empty(), point.count)).collect::<Vec<_>>(), [(true, 3), (false, 1)]);
    let one = points(&mut shop, GetCharges { of, ..asked(start, end, Granularity::Day, &[]) }).await;
    assert_eq!(
        one.iter().map(|point| (point.count, point.amount)).collect::<Vec<_>>(),
        [(2, day[0].amount.checked_add(day[1].amount).expect("a sum"))]
    );
}

#[tokio::test]
async fn r64_statistics_count_what_is_asked_for_alone() {
    let world = World::new(321).await;
    let mut shop = world.paying_shop().await;
    let (start, end) = busy_day(&world, &mut shop).await;
    for (of, sent, received) in [
        (Counted { kinds: vec![Kind::Template], ..Counted::default() }, 3, 0),
        (Counted { kinds: vec![Kind::Other], ..Counted::default() }, 1, 0),
        (Counted { kinds: vec![Kind::Received], ..Counted::default() }, 0, 1),
        (Counted { countries: vec!["DE".parse().expect("a country")], ..Counted::default() }, 1, 0),
        (Counted { templates: vec![2], ..Counted::default() }, 1, 0),
    ] {
        let asked = GetStatistics { from: start, to: end, granularity: Granularity::Total, by: Vec::new(), of };
        let counts = shop.called(&asked).await.points.first().map(|point| point.counts).unwrap_or_default();
        assert_eq!((counts.sent, counts.received), (sent, received), "{:?}", asked.of);
    }
}

#[tokio::test]
async fn half_hours_are_forgotten_after_ninety_days_and_days_are_not() {
    let world = World::new(322).await;
    let mut shop = world.paying_shop().await;
    let (start, end) = busy_day(&world, &mut shop).await;
    for _ in 0..4 {
        world.advance(25 * DAY);
        for _ in 0..3 {
            world.network.run_jobs(world.env.now()).await.expect("the jobs run");
        }
    }
    assert_eq!(points(&mut shop, asked(start, end, Granularity::HalfHour, &[])).await, []);
    assert_eq!(points(&mut shop, asked(start, end, Granularity::Day, &[])).await.iter().map(|point| point.count).sum::<u64>(), 4);
}

#[tokio::test]
async fn charges_are_a_businesss_own_and_bounded() {
    let world = World::new(323).await;
    let mut shop = world.paying_shop().await;
    let (start, end) = busy_day(&world, &mut shop).await;
    let mut other = world.shop("other").await;
    assert_eq!(points(&mut other, asked(start, end, Granularity::Day, &[])).await, []);
    shop.entries_so_far().await;
    let (mut ana, _) = world.customer(&mut shop, "PH").await;
    ana.call_refused(&asked(start, end, Granularity::Day, &[]), RefusalCode::Forbidden).await;
    shop.call_refused(&asked(start, end, Granularity::Total, &[]), RefusalCode::Malformed).await;
    shop.call_refused(&asked(Timestamp::from_millis(0), end, Granularity::Month, &[]), RefusalCode::Malformed).await;
    assert_eq!(points(&mut shop, asked(end, start, Granularity::Day, &[])).await, []);
}

/// Cloud API, section 3f: the webhook's price says `marketing_lite` of what came over `marketing_messages`.
#[tokio::test]
async fn marketing_over_its_own_interface_has_a_category_of_its_own_and_the_same_price() {
    let world = World::new(324).await;
    let mut shop = world.paying_shop().await;
    let (mut ana, conversation) = world.customer(&mut shop, "PH").await;
    world.advance(2 * DAY);
    let start = world.env.now();
    let plain = shop.accepted(message(&shop, conversation, 0).1).await.price.expect("it has a price");
    world.advance(HALF_HOUR);
    let told = pb::Header {
        category: "marketing_lite".into(),
        template_id: "1.1".into(),
        language: "en_US".into(),
        ..header(MessageId::new(&world.env), pb::MessageKind::Template)
    };
    let lite = shop.accepted(submit(conversation, 1, &told)).await.price.expect("it has a price");
    assert_eq!((plain.category.as_str(), lite.category.as_str(), lite.amount), ("marketing", "marketing_lite", plain.amount));
    fetch(&mut ana).await;
    let told = points(&mut shop, asked(start, world.env.now().plus_millis(1), Granularity::Day, &[By::Category])).await;
    let found: Vec<_> = told.iter().map(|point| (point.category.as_str(), point.count)).collect();
    assert_eq!(found, [("marketing", 1), ("marketing_lite", 1)]);
}
