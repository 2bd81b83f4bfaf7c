//! What a standing forbids, and what customers' blocks and reports do to it (R63, R105, R107, R108).
use super::{admin, jobs, kinds, sanction, standing, told};
use crate::{
    consent::{committed, text},
    world::{DAY, Device, World, header, submit},
};
use suki_network::{
    console::Operator,
    review::{CaseFilter, CaseKind, CaseState, Decision},
    standing::console::{Action, MeasureKind},
};
use suki_protocol::{
    calls::{
        relation::SetRelation,
        report::{Reason, Report, ReportedMessage},
    },
    http::{Base64, RegisterBusiness},
    pb::{self, MessageKind, RefusalCode, client_frame::Body as Ask},
};
use suki_rules::standing::Restriction;
use suki_store::StoreError;
use suki_types::{ConversationId, MessageId};

const SECOND: i64 = 1_000;

/// A shop with an approved template, and a customer who has written, so that he may be sent it.
async fn in_conversation(seed: u64) -> (World, Device, Device, ConversationId) {
    let world = World::new(seed).await;
    let (shop, mut ana, conversation) = world.pair().await;
    let business = shop.registered.account;
    let unit = world.db.write(move |tx| {
        tx.execute(
            "INSERT INTO template (business, id, name, language, category, status, version) VALUES (?1, 1, 'news', 'en_US', 2, 2, 1)",
            &[(&business).into()],
        )
    });
    unit.await.map_err(|error: StoreError| error).expect("the store takes it");
    ana.accepted(ana.text(conversation, 1).1).await;
    (world, shop, ana, conversation)
}

fn template(shop: &Device, conversation: ConversationId) -> Ask {
    let header = pb::Header {
        category: "utility".into(),
        template_id: "1.1".into(),
        language: "en_US".into(),
        ..header(MessageId::new(&shop.env), MessageKind::Template)
    };
    submit(conversation, 1, &header)
}

impl Device {
    /// The Cloud API code of a refusal by the rules.
    async fn forbidden(&mut self, ask: Ask) -> i32 {
        self.refused_as(ask, RefusalCode::Rule).await.cloud_api_code
    }
}

#[tokio::test]
async fn r107_who_may_not_write_first_still_answers_until_the_second_it_ends() {
    let (world, mut shop, mut ana, conversation) = in_conversation(621).await;
    let ada = admin(&world).await;
    let days = |text: &str| text.parse().expect("a length");
    world.advance(DAY);
    sanction(&world, &shop, &ada, Action::Take(MeasureKind::Restriction(Restriction::Outreach, days("3d")))).await;
    assert_eq!(shop.forbidden(template(&shop, conversation)).await, 131_048);
    ana.accepted(ana.text(conversation, 1).1).await;
    shop.accepted(shop.text(conversation, 1).1).await;
    world.advance(3 * DAY - SECOND);
    assert_eq!(shop.forbidden(template(&shop, conversation)).await, 131_048);
    world.advance(SECOND);
    shop.accepted(template(&shop, conversation)).await;
}

#[tokio::test]
async fn r107_a_restriction_of_all_messages_and_a_ban_keep_answers_back_too() {
    let (world, mut shop, mut ana, conversation) = in_conversation(622).await;
    let ada = admin(&world).await;
    let days = |text: &str| text.parse().expect("a length");
    sanction(&world, &shop, &ada, Action::Take(MeasureKind::Warning)).await;
    shop.accepted(shop.text(conversation, 1).1).await;
    sanction(&world, &shop, &ada, Action::Take(MeasureKind::Restriction(Restriction::Messages, days("12h")))).await;
    assert_eq!(shop.forbidden(shop.text(conversation, 1).1).await, 131_048);
    world.advance(DAY / 2 - SECOND);
    assert_eq!(shop.forbidden(shop.text(conversation, 1).1).await, 131_048);
    world.advance(SECOND);
    shop.accepted(shop.text(conversation, 1).1).await;
    sanction(&world, &shop, &ada, Action::Take(MeasureKind::Ban(None))).await;
    assert_eq!(shop.forbidden(shop.text(conversation, 1).1).await, 368);
    // It logs in, gets what customers write, and reads its standing.
    ana.accepted(ana.text(conversation, 1).1).await;
    shop.reconnect(&world).await;
    assert!(shop.entries_so_far().await.iter().any(|entry| entry.kind() == pb::EntryKind::Message));
    let ban = standing(&mut shop).await.history[0].id;
    sanction(&world, &shop, &ada, Action::Lift(ban)).await;
    shop.accepted(shop.text(conversation, 1).1).await;
}

#[tokio::test]
async fn r104_a_customer_written_to_first_counts_as_reached_once_he_has_it() {
    let (world, mut shop, mut ana, conversation) = in_conversation(623).await;
    let reached = async |shop: &mut Device| standing(shop).await.next.expect("a step").have;
    shop.accepted(template(&shop, conversation)).await;
    let last = ana.entries_so_far().await.last().expect("the template").seq;
    ana.ack(last).await;
    assert_eq!((reached(&mut shop).await, standing(&mut shop).await.used), (0, 0), "inside his window nobody is written to first");
    world.advance(DAY);
    shop.accepted(template(&shop, conversation)).await;
    assert_eq!((reached(&mut shop).await, standing(&mut shop).await.used), (0, 1), "not before it is delivered");
    let last = ana.entries_so_far().await.last().expect("the template").seq;
    ana.ack(last).await;
    assert_eq!(reached(&mut shop).await, 1);
    // The next day he is reached again, and still is one customer.
    for _ in 0..3 {
        world.advance(DAY);
        shop.accepted(template(&shop, conversation)).await;
        let last = ana.entries_so_far().await.last().expect("the template").seq;
        ana.ack(last).await;
        assert_eq!(reached(&mut shop).await, 1);
    }
    world.advance(DAY);
    assert_eq!(standing(&mut shop).await.used, 0, "after 24 hours he does not count against the limit");
    world.advance(29 * DAY);
    assert_eq!(reached(&mut shop).await, 0, "after 30 days he does not count for the next step");
}

/// The customer receives what the shop says to him, and reports it.
async fn report(shop: &mut Device, ana: &mut Device, conversation: ConversationId, key: u8, reason: Reason) {
    let id = committed(shop, conversation, &text("Buy now!"), [key; 32]).await;
    let last = ana.entries_so_far().await.last().expect("the message").seq;
    ana.ack(last).await;
    let message = ReportedMessage { message_id: id, content: Base64(text("Buy now!")), commitment_key: Base64(vec![key; 32]) };
    ana.called(&Report { business: shop.registered.account, reason, messages: vec![message], block: false }).await;
}

async fn decide(world: &World, by: &Operator, approve: bool) {
    let console = world.network.console();
    let filter = CaseFilter { state: CaseState::Open, kind: Some(CaseKind::Report), cursor: None, limit: 10 };
    for (case, _) in console.cases(by, filter).await.expect("the queue") {
        let shown = console.reported(by, &case).await.expect("the messages");
        assert_eq!(shown.iter().map(|message| message.text.as_str()).collect::<Vec<_>>(), ["Buy now!"], "who decides reads what was proven");
        let decision = Decision { approve, reason: "We read what it wrote".into(), code: None };
        console.decide(by, case.id, decision).await.expect("it is decided");
    }
}

#[tokio::test]
async fn r105_a_block_and_a_report_count_once_and_a_report_found_wrong_does_not() {
    let (world, mut shop, mut ana, conversation) = in_conversation(624).await;
    let ada = admin(&world).await;
    report(&mut shop, &mut ana, conversation, 1, Reason::Spam).await;
    report(&mut shop, &mut ana, conversation, 2, Reason::Other).await;
    let figures = standing(&mut shop).await.figures;
    assert_eq!((figures.delivered, figures.reported, figures.blocked), (1, 1, 0));
    decide(&world, &ada, false).await;
    assert_eq!(standing(&mut shop).await.figures.reported, 0);
    assert!(kinds(&told(&mut shop).await).is_empty(), "nothing was wrong, and nothing is told");
    let business = shop.registered.account;
    let blocking = |blocked| SetRelation { business, choice: None, stopped: None, blocked: Some(blocked), saved: None };
    for blocked in [true, false, true] {
        ana.called(&blocking(blocked)).await;
    }
    assert_eq!(standing(&mut shop).await.figures.blocked, 1);
    // Somebody who never received anything counts for nothing.
    let mut eve = world.guest("kape").await;
    world.join(&mut shop, &mut eve).await;
    eve.called(&blocking(true)).await;
    assert_eq!(standing(&mut shop).await.figures.blocked, 1);
}

#[tokio::test]
async fn r107_a_report_found_right_is_a_strike_and_what_was_reported_before_it_is_no_other() {
    let (world, mut shop, mut ana, conversation) = in_conversation(625).await;
    let ada = admin(&world).await;
    report(&mut shop, &mut ana, conversation, 1, Reason::Spam).await;
    report(&mut shop, &mut ana, conversation, 2, Reason::Spam).await;
    world.advance(SECOND);
    decide(&world, &ada, true).await;
    let notices = told(&mut shop).await;
    assert_eq!(kinds(&notices), [("warning", "report_upheld")]);
    assert_eq!(notices[0].what.reason, "We read what it wrote");
    world.advance(SECOND);
    report(&mut shop, &mut ana, conversation, 3, Reason::Goods).await;
    world.advance(SECOND);
    decide(&world, &ada, true).await;
    let notices = told(&mut shop).await;
    assert_eq!(kinds(&notices), [("restriction", "prohibited_goods")]);
    assert_eq!(notices[0].now.restriction.as_ref().map(|restriction| restriction.kind.as_str()), Some("outreach"));
    jobs(&world).await;
    assert!(kinds(&told(&mut shop).await).is_empty());
}

#[tokio::test]
async fn r108_a_profile_offers_nothing_prohibited() {
    let world = World::new(626).await;
    let terms_version = world.network.terms().version;
    let request = |name: &str, about: &str| RegisterBusiness {
        enrolment: "none".into(),
        name: name.into(),
        about: about.into(),
        slug: "kape".into(),
        hosted_by: "Tests".into(),
        signature_key: Base64(vec![7; 32]),
        terms_version,
        test_phone: None,
    };
    for (name, about) in [("Aling Nena", "We sell handguns and ammunition"), ("Handguns and more", ""), ("Aling Nena", "May baril kami, mura lang")] {
        let refused = world.network.register_business(request(name, about)).await.expect_err(about);
        let problem = refused.problem();
        assert!(problem.status == 422 && problem.title.contains("weapons") && problem.title.contains("goods.words"), "{problem:?}");
    }
    // What is allowed gets as far as the code, which is none.
    let problem = world.network.register_business(request("Aling Nena", "Coffee and bread")).await.expect_err("no code").problem();
    assert_eq!(problem.code, "code");
    let mut shop = world.shop("kape").await;
    let rename = suki_protocol::calls::trust::RequestName { name: "Ammunition Depot".into() };
    let refused = shop.call_refused(&rename, RefusalCode::Rule).await;
    assert_eq!(refused.rule, "goods");
}
