//! What customers make of a template (R105, R107): its quality, its pauses, its end, and the way back.
use super::{Desk, HOUR, READY, classic, draft};
use crate::world::{DAY, Device, World, header, submit};
use suki_protocol::{
    calls::{
        relation::SetRelation,
        statistics::{Counted, Dimension, GetStatistics, Granularity},
        templates::{Appeal, QualityChanged, Template, Unpause},
    },
    pb::{self, client_frame::Body as Ask},
    template::{Quality, Reason, Status},
};
use suki_store::StoreError;
use suki_types::{ConversationId, MessageId};

/// As if so many messages had been read today, and so many customers had been against it.
async fn counted(world: &World, shop: &Device, template: &Template, reads: i64, against: i64) {
    let (business, id, day) = (shop.registered.account, template.id, world.env.now().millis().div_euclid(DAY));
    let unit = move |tx: &mut suki_store::Tx<'_>| {
        tx.execute(
            "INSERT INTO template_feedback (business, id, day, reads, against) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (business, id, day) \
             DO UPDATE SET reads = excluded.reads, against = excluded.against, changed = 1",
            &[(&business).into(), id.into(), day.into(), reads.into(), against.into()],
        )
    };
    world.db.write(unit).await.map_err(|error: StoreError| error).expect("it is stored");
    jobs(world).await;
}

async fn jobs(world: &World) {
    world.network.run_jobs(world.env.now()).await.expect("the jobs run");
}

async fn qualities(shop: &mut Device) -> Vec<(Quality, Quality)> {
    let told: Vec<QualityChanged> = shop.notices().await;
    told.into_iter().map(|told| (told.previous, told.quality)).collect()
}

#[tokio::test]
async fn quality_is_told_when_it_changes() {
    let world = World::new(360).await;
    let mut shop = world.shop("kape").await;
    let made = shop.proposed(draft("order", "en", READY)).await;
    shop.told().await;
    for (reads, against, told) in [
        (99, 0, vec![]),
        (100, 0, vec![(Quality::Unknown, Quality::Green)]),
        (1000, 9, vec![]),
        (1000, 10, vec![(Quality::Green, Quality::Yellow)]),
        (1000, 29, vec![]),
        (2000, 10, vec![(Quality::Yellow, Quality::Green)]),
    ] {
        counted(&world, &shop, &made, reads, against).await;
        assert_eq!(qualities(&mut shop).await, told, "{reads} {against}");
    }
    let rated = shop.template(made.id).await.expect("it is there");
    assert_eq!((rated.quality, rated.quality_at, rated.status), (Quality::Green, world.env.now(), Status::Approved));
    // A week later nothing of it counts any more, once something new is counted.
    world.advance(8 * DAY);
    shop.reconnect(&world).await;
    counted(&world, &shop, &made, 5, 0).await;
    assert_eq!(shop.template(made.id).await.expect("it is there").quality, Quality::Unknown);
}

/// Cloud API, section 3e: 3 h, 6 h, then disabled; each to the millisecond.
#[tokio::test]
async fn customers_pause_a_template_twice_and_then_end_it() {
    let world = World::new(361).await;
    let mut shop = world.shop("kape").await;
    let made = shop.proposed(draft("order", "en", READY)).await;
    shop.told().await;
    for (number, hours) in [(1, 3), (2, 6)] {
        counted(&world, &shop, &made, 1000, 30).await;
        let until = world.env.now().plus_millis(hours * HOUR);
        let paused = shop.template(made.id).await.expect("it is there");
        assert_eq!((paused.status, paused.quality, paused.paused_until), (Status::Paused, Quality::Red, until));
        assert!(paused.explanation.contains("30 customers") && paused.explanation.contains("1000 messages"), "{}", paused.explanation);
        assert_eq!(shop.told().await, [(Status::Paused, Reason::None, number)]);
        world.advance(hours * HOUR - 1);
        jobs(&world).await;
        let refused = shop.call(&Unpause { id: made.id }).await.expect_err("not yet");
        assert_eq!((refused.cloud_api_code, refused.retry_at), (2_388_039, until.millis()));
        assert_eq!(shop.told().await, []);
        world.advance(1);
        jobs(&world).await;
        assert_eq!(shop.told().await, [(Status::Approved, Reason::None, 0)]);
        let back = shop.template(made.id).await.expect("it is there");
        assert_eq!((back.quality, back.explanation.as_str()), (Quality::Unknown, ""), "it is rated anew");
    }
    counted(&world, &shop, &made, 1000, 30).await;
    assert_eq!(shop.told().await, [(Status::Disabled, Reason::None, 0)]);
    world.advance(DAY);
    jobs(&world).await;
    assert_eq!(shop.template(made.id).await.expect("it is there").status, Status::Disabled);
    assert_eq!(shop.rewrite(made.id, READY).await.expect_err("it is over").cloud_api_code, 2_388_039);
}

#[tokio::test]
async fn a_pause_that_is_over_ends_when_the_business_asks() {
    let world = World::new(362).await;
    let mut shop = world.shop("kape").await;
    let made = shop.proposed(draft("order", "en", READY)).await;
    counted(&world, &shop, &made, 1000, 30).await;
    world.advance(3 * HOUR);
    assert_eq!(shop.call(&Unpause { id: made.id }).await.expect("its time is over").template.status, Status::Approved);
    assert_eq!(shop.call(&Unpause { id: made.id }).await.expect_err("it is not paused").cloud_api_code, 2_388_039);
}

#[tokio::test]
async fn an_edit_ends_a_pause_and_a_better_text_is_rated_anew() {
    let world = World::new(363).await;
    let mut shop = world.shop("kape").await;
    let made = shop.proposed(draft("order", "en", READY)).await;
    counted(&world, &shop, &made, 1000, 30).await;
    let edited = shop.rewrite(made.id, "Hi {{1}}, your order is ready.").await.expect("a paused one is edited");
    assert_eq!((edited.status, edited.version, edited.quality, edited.paused_until.millis()), (Status::Approved, 2, Quality::Unknown, 0));
    jobs(&world).await;
    assert_eq!(shop.template(made.id).await.expect("it is there").status, Status::Approved);
}

/// R107: an end that was wrong is taken back, and a pause that was wrong does not count.
#[tokio::test]
async fn an_appeal_takes_a_pause_back_or_leaves_it() {
    let world = World::new(364).await;
    let desk = Desk::new(&world).await;
    let mut shop = world.shop("kape").await;
    let made = shop.proposed(draft("order", "en", READY)).await;
    let appeal = Appeal { id: made.id, text: "A competitor did this.".into() };
    counted(&world, &shop, &made, 1000, 30).await;
    shop.call(&appeal).await.expect("it is taken");
    desk.decide(&desk.ada, false, None).await;
    let stays = shop.template(made.id).await.expect("it is there");
    assert_eq!((stays.status, stays.explanation.as_str()), (Status::Paused, "Because of the test."));
    shop.call(&appeal).await.expect("it is taken");
    desk.decide(&desk.ben, true, None).await;
    assert_eq!(shop.template(made.id).await.expect("it is there").status, Status::Approved);
    shop.told().await;
    counted(&world, &shop, &made, 1000, 30).await;
    assert_eq!(shop.told().await, [(Status::Paused, Reason::None, 1)], "the first did not count");
    // An appeal that is refused after the pause's time is over leaves nothing.
    shop.call(&appeal).await.expect("it is taken");
    world.advance(3 * HOUR);
    desk.decide(&desk.ada, false, None).await;
    assert_eq!(shop.template(made.id).await.expect("it is there").status, Status::Approved);
}

/// Sends a template to a customer who has just written.
async fn send(shop: &mut Device, customer: &mut Device, conversation: ConversationId, template: &Template) -> MessageId {
    customer.accepted(customer.text(conversation, 1).1).await;
    let id = MessageId::new(&shop.env);
    let told = pb::Header {
        category: template.category.as_str().to_ascii_lowercase(),
        template_id: format!("{}.{}", template.id, template.version),
        language: template.language.clone(),
        ..header(id, pb::MessageKind::Template)
    };
    shop.env.manual_clock().advance(1);
    shop.accepted(submit(conversation, 1, &told)).await;
    shop.entries_so_far().await;
    id
}

fn block(shop: &Device, block: bool) -> SetRelation {
    SetRelation { blocked: Some(block), ..SetRelation::of(shop.registered.account) }
}

/// R105: a message that is read counts for its template once, whoever names it again.
#[tokio::test]
async fn messages_that_are_read_make_a_template_green() {
    let world = World::new(368).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let made = shop.proposed(draft("order", "en", READY)).await;
    shop.told().await;
    let mut last = MessageId::new(&world.env);
    for number in 1..=100 {
        world.advance(7000);
        last = send(&mut shop, &mut ana, conversation, &made).await;
        if number == 99 {
            ana.done(read(conversation, last)).await;
            ana.done(read(conversation, last)).await;
            jobs(&world).await;
            assert_eq!(shop.template(made.id).await.expect("it is there").quality, Quality::Unknown);
        }
    }
    ana.done(read(conversation, last)).await;
    jobs(&world).await;
    assert_eq!(qualities(&mut shop).await, [(Quality::Unknown, Quality::Green)]);
}

fn read(conversation: ConversationId, message: MessageId) -> Ask {
    Ask::Read(pb::Read { conversation: conversation.to_vec(), message_id: message.to_vec(), played: false })
}

/// R9, R105: who blocks a business after a template counts against that template, once however often he does it.
#[tokio::test]
async fn ten_customers_who_block_pause_the_template_and_one_who_does_it_ten_times_does_not() {
    let world = World::new(367).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let made = shop.proposed(draft("order", "en", READY)).await;
    let other = shop.proposed(draft("other", "en", READY)).await;
    send(&mut shop, &mut ana, conversation, &other).await;
    send(&mut shop, &mut ana, conversation, &made).await;
    for _ in 0..10 {
        ana.called(&block(&shop, true)).await;
        ana.called(&block(&shop, false)).await;
    }
    assert_eq!(shop.template(made.id).await.expect("it is there").quality, Quality::Unknown);
    for number in 2..=10 {
        assert_eq!(shop.template(made.id).await.expect("it is there").status, Status::Approved, "{number}");
        let mut customer = world.guest("kape").await;
        shop.entries_so_far().await;
        let conversation = world.join(&mut shop, &mut customer).await;
        send(&mut shop, &mut customer, conversation, &made).await;
        customer.called(&block(&shop, true)).await;
    }
    let paused = shop.template(made.id).await.expect("it is there");
    assert_eq!((paused.status, paused.quality), (Status::Paused, Quality::Red));
    assert_eq!(shop.template(other.id).await.expect("it is there").status, Status::Approved, "the last one counts");
    // What programs compare templates by.
    let (from, to) = (world.env.now().plus_millis(-DAY), world.env.now().plus_millis(1));
    let of = Counted { templates: vec![made.id, other.id], ..Counted::default() };
    let asked = GetStatistics { from, to, granularity: Granularity::Total, by: vec![Dimension::Template], of };
    let counted = shop.called(&asked).await.points;
    let against = |id: u64| counted.iter().find(|point| point.template == id).map(|point| (point.counts.sent, point.counts.against));
    assert_eq!((against(made.id), against(other.id)), (Some((10, 10)), Some((1, 0))));
}

/// R79: under `classic` all languages of a name take the same parameters.
#[tokio::test]
async fn the_classic_profile_wants_the_same_variables_in_all_languages() {
    let world = classic(365).await;
    let mut shop = world.shop("kape").await;
    shop.proposed(draft("order", "en", READY)).await;
    let refused = shop.propose(draft("order", "fil", "Handa na ang order mo.")).await.expect_err("it differs");
    assert!(refused.cloud_api_code == 100 && refused.message.contains("order in en"), "{refused:?}");
    shop.proposed(draft("order", "fil", "Kumusta {{1}}, handa na ang order mo.")).await;
    let world = World::new(366).await;
    let mut shop = world.shop("kape").await;
    shop.proposed(draft("order", "en", READY)).await;
    shop.proposed(draft("order", "fil", "Handa na ang order mo.")).await;
}
