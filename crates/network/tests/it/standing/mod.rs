//! Standing, from registration to appeal: counted from receipts, reviewed by the jobs, told to the business (R63, R104 to R107).
mod effects;

use crate::world::{DAY, Device, World, event};
use serde::de::DeserializeOwned;
use std::sync::Arc;
use suki_network::{
    Config, Network,
    console::{Operator, session::issue_sign_in},
    review::{CaseFilter, CaseKind, CaseState, Decision},
    standing::console::{Action, MeasureKind},
};
use suki_protocol::{
    calls::{
        Call, Told as _,
        standing::{Appeal, Entry, GetStanding, Standing, StandingChanged},
    },
    pb::{self, RefusalCode, TrustLevel, client_frame::Body as Ask, event::Body as Event, server_frame::Body as Told},
};
use suki_rules::{Policy, standing::Restriction};
use suki_store::{StoreError, Value};
use suki_types::{ConversationId, MessageId, limits};

const HOUR: i64 = 3_600_000;

fn ask<C: Call>(call: &C) -> Ask {
    Ask::Call(pb::Call { name: C::NAME.into(), json: serde_json::to_vec(call).expect("it can be written") })
}

async fn called<C: Call>(device: &mut Device, call: &C) -> C::Answer
where
    C::Answer: DeserializeOwned,
{
    match device.ask(ask(call)).await {
        Told::Called(called) => serde_json::from_slice(&called.json).expect("the answer is read"),
        other => panic!("no answer: {other:?}"),
    }
}

pub async fn standing(shop: &mut Device) -> Standing {
    called(shop, &GetStanding {}).await
}

async fn jobs(world: &World) {
    world.network.run_jobs(world.env.now()).await.expect("the jobs run");
}

/// The notices about its standing that wait for a shop.
async fn told(shop: &mut Device) -> Vec<StandingChanged> {
    let entries = shop.entries_so_far().await;
    let events = entries.iter().filter(|entry| entry.kind() == pb::EntryKind::Event).map(event);
    let notices = events.filter_map(|event| match event {
        Event::Notice(notice) if notice.kind == StandingChanged::KIND => Some(serde_json::from_slice(&notice.json).expect("it is read")),
        _ => None,
    });
    notices.collect()
}

fn kinds(told: &[StandingChanged]) -> Vec<(&str, &str)> {
    told.iter().map(|told| (told.what.kind.as_str(), told.what.cause.as_str())).collect()
}

/// What a day of many customers leaves behind: delivered, read, blocked, reached.
async fn crowd(world: &World, shop: &Device, days_ago: i64, [delivered, read, blocked, reached]: [i64; 4]) {
    let business = shop.registered.account;
    let day = world.env.now().millis().div_euclid(DAY) - days_ago;
    let now = world.env.now();
    let unit = move |tx: &mut suki_store::Tx<'_>| {
        tx.execute(
            "INSERT INTO standing_day (business, day, delivered, read, blocked, reached) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            &[(&business).into(), day.into(), delivered.into(), read.into(), blocked.into(), reached.into()],
        )?;
        tx.execute(
            "UPDATE standing SET reached_since = reached_since + ?2, review_at = ?3 WHERE business = ?1",
            &[(&business).into(), reached.into(), now.into()],
        )
    };
    world.db.write(unit).await.map_err(|error: StoreError| error).expect("it is stored");
}

pub async fn admin(world: &World) -> Operator {
    let link = issue_sign_in(&world.db, &world.env, "Ada", None).await.expect("a link");
    world.network.console().sign_in(&link).await.expect("it lets in").0
}

pub async fn sanction(world: &World, shop: &Device, by: &Operator, action: Action) {
    world.network.console().sanction(by, shop.registered.account, action, "Because of it").await.expect("it is done");
}

#[tokio::test]
async fn r104_a_new_business_begins_at_the_first_tier() {
    let world = World::new(601).await;
    let mut shop = world.shop("kape").await;
    let found = standing(&mut shop).await;
    assert_eq!((found.now.limit, found.used, found.period_millis), (Some(250), 0, DAY));
    assert_eq!((found.now.quality.as_str(), found.now.high_throughput), ("unknown", false));
    assert!(found.now.restriction.is_none() && found.now.ban.is_none() && found.history.is_empty());
    let next = found.next.expect("there is a step above");
    assert_eq!((next.limit, next.by_verification, next.customers, next.have), (Some(2000), true, 2000, 0));
    assert_eq!((next.quality.as_str(), next.within_millis), ("green", 30 * DAY));
    let mut ana = world.guest("kape").await;
    ana.refused_as(ask(&GetStanding {}), RefusalCode::Forbidden).await;
}

#[tokio::test]
async fn r104_being_checked_raises_the_first_tier_once() {
    let world = World::new(602).await;
    let mut shop = world.shop("kape").await;
    world.network.set_trust(shop.registered.account, TrustLevel::Checked, "Papers").await.expect("it is set");
    jobs(&world).await;
    let notices = told(&mut shop).await;
    assert_eq!(kinds(&notices), [("tier", "verified")]);
    assert_eq!((notices[0].what.from.as_str(), notices[0].what.to.as_str(), notices[0].now.limit), ("250", "2000", Some(2000)));
    assert!(notices[0].what.reason.contains("2000") && notices[0].what.reason.contains("checked"), "{}", notices[0].what.reason);
    world.network.set_trust(shop.registered.account, TrustLevel::Confirmed, "Papers").await.expect("it is set");
    jobs(&world).await;
    assert!(told(&mut shop).await.is_empty());
    assert_eq!(standing(&mut shop).await.now.limit, Some(2000));
}

#[tokio::test]
async fn r104_half_the_limit_raises_it_within_six_hours_and_one_less_does_not() {
    let world = World::new(603).await;
    let (mut kape, mut sari) = (world.shop("kape").await, world.shop("sari").await);
    for shop in [&mut kape, &mut sari] {
        world.network.set_trust(shop.registered.account, TrustLevel::Checked, "Papers").await.expect("it is set");
    }
    jobs(&world).await;
    world.advance(DAY);
    crowd(&world, &kape, 0, [1000, 1000, 0, 1000]).await;
    crowd(&world, &sari, 0, [999, 999, 0, 999]).await;
    world.advance(6 * HOUR);
    jobs(&world).await;
    assert_eq!(kinds(&told(&mut kape).await), [("tier", "verified"), ("quality", "feedback"), ("tier", "customers_reached")]);
    assert_eq!(kinds(&told(&mut sari).await), [("tier", "verified"), ("quality", "feedback")]);
    assert_eq!((standing(&mut kape).await.now.limit, standing(&mut sari).await.now.limit), (Some(10_000), Some(2000)));
    assert_eq!(standing(&mut sari).await.next.expect("a step").have, 999);
    // Seven days later the crowd does not count any more: nothing rises, and the quality is unknown again.
    world.advance(7 * DAY);
    jobs(&world).await;
    assert_eq!(kinds(&told(&mut kape).await), [("quality", "small_sample")]);
    assert_eq!(standing(&mut sari).await.next.expect("a step").have, 0);
}

/// Sends one message each way and lets the customer receive and read it; the message's id.
async fn chat(shop: &mut Device, ana: &mut Device, conversation: ConversationId) -> MessageId {
    ana.accepted(ana.text(conversation, 1).1).await;
    let (id, answer) = shop.text(conversation, 1);
    shop.accepted(answer).await;
    let last = ana.entries_so_far().await.last().expect("the answer").seq;
    ana.ack(last).await;
    id
}

#[tokio::test]
async fn r105_a_customer_counts_once_a_day_for_what_he_received_and_read() {
    let world = World::new(604).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    chat(&mut shop, &mut ana, conversation).await;
    let id = chat(&mut shop, &mut ana, conversation).await;
    let read = |id: MessageId| Ask::Read(pb::Read { conversation: conversation.to_vec(), message_id: id.to_vec(), played: false });
    ana.done(read(id)).await;
    let figures = standing(&mut shop).await.figures;
    assert_eq!((figures.delivered, figures.read, figures.blocked, figures.reported), (1, 1, 0, 0));
    // The next day he counts again; what he reads late counts for the day on which it came.
    world.advance(DAY);
    let id = chat(&mut shop, &mut ana, conversation).await;
    world.advance(DAY);
    ana.done(read(id)).await;
    ana.done(read(id)).await;
    let figures = standing(&mut shop).await.figures;
    assert_eq!((figures.delivered, figures.read), (2, 2));
    // What customers write is not what the business is judged by.
    let last = shop.entries_so_far().await.last().expect("entries").seq;
    shop.ack(last).await;
    assert_eq!(standing(&mut shop).await.figures.delivered, 2);
    world.advance(7 * DAY);
    assert_eq!(standing(&mut shop).await.figures.delivered, 0);
}

#[tokio::test]
async fn r63_r105_red_quality_warns_then_restricts_and_lowers_the_tier() {
    let world = World::new(605).await;
    let mut shop = world.shop("kape").await;
    world.network.set_trust(shop.registered.account, TrustLevel::Checked, "Papers").await.expect("it is set");
    jobs(&world).await;
    told(&mut shop).await;
    crowd(&world, &shop, 0, [1000, 900, 80, 10]).await;
    jobs(&world).await;
    let notices = told(&mut shop).await;
    assert_eq!(kinds(&notices), [("quality", "feedback"), ("warning", "red_quality")]);
    assert!(notices[1].what.reason.contains("80 of 1000"), "{}", notices[1].what.reason);
    assert_eq!(notices[1].now.quality, "red");
    assert!(notices[1].now.restriction.is_none(), "a warning forbids nothing");
    for day in 1..7 {
        world.advance(DAY);
        crowd(&world, &shop, 0, [1000, 900, 80, 10]).await;
        jobs(&world).await;
        assert!(told(&mut shop).await.is_empty(), "day {day}");
    }
    world.advance(DAY);
    jobs(&world).await;
    let notices = told(&mut shop).await;
    assert_eq!(kinds(&notices), [("restriction", "red_quality"), ("tier", "red_quality")]);
    let now = &notices[1].now;
    let restriction = now.restriction.clone().expect("it is restricted");
    assert_eq!((now.limit, restriction.kind.as_str(), restriction.until), (Some(250), "outreach", world.env.now().plus_millis(DAY)));
    // It ends after a day, to the second; the notice comes with the next run of the jobs.
    world.advance(DAY - 1000);
    assert!(standing(&mut shop).await.now.restriction.is_some());
    world.advance(1000);
    assert!(standing(&mut shop).await.now.restriction.is_none());
    jobs(&world).await;
    assert_eq!(kinds(&told(&mut shop).await), [("restriction_ended", "time")]);
}

#[tokio::test]
async fn r107_the_platforms_people_restrict_and_ban_with_a_reason_and_take_it_back() {
    let world = World::new(606).await;
    let (mut shop, mut ana, _) = world.pair().await;
    let ada = admin(&world).await;
    let restrict = Action::Take(MeasureKind::Restriction(Restriction::Messages, "3d".parse().expect("a length")));
    sanction(&world, &shop, &ada, restrict).await;
    sanction(&world, &shop, &ada, Action::Take(MeasureKind::Ban(None))).await;
    let notices = told(&mut shop).await;
    assert_eq!(kinds(&notices), [("restriction", "operator"), ("ban", "operator")]);
    let ban = notices[1].now.ban.clone().expect("it is banned");
    assert_eq!((ban.until, ban.cause.as_str(), notices[1].what.reason.as_str()), (None, "operator", "Because of it"));
    // It still logs in, reads and asks.
    shop.reconnect(&world).await;
    let found = standing(&mut shop).await;
    assert_eq!(found.history.iter().map(|entry| entry.kind.as_str()).collect::<Vec<_>>(), ["ban", "restriction"]);
    world.advance(400 * DAY);
    assert!(standing(&mut shop).await.now.ban.is_some(), "for ever");
    sanction(&world, &shop, &ada, Action::Lift(found.history[0].id)).await;
    let notices = told(&mut shop).await;
    assert_eq!(kinds(&notices).last(), Some(&("ban_ended", "operator")));
    assert!(standing(&mut shop).await.now.ban.is_none());
    // Nothing is taken back twice, no measure is without a reason, and a customer has no standing.
    let console = world.network.console();
    let account = shop.registered.account;
    for (business, action, reason) in [
        (account, Action::Lift(found.history[0].id), "Again"),
        (account, Action::Lift(99), "None of this number"),
        (account, Action::Take(MeasureKind::Warning), "  "),
        (ana.registered.account, Action::Take(MeasureKind::Warning), "A person"),
    ] {
        console.sanction(&ada, business, action, reason).await.expect_err(reason);
    }
    ana.done(Ask::Ping(pb::Ping {})).await;
    let audit = recorded(&world, &ada, &shop).await;
    assert_eq!(audit, ["standing.ban_ended", "standing.ban", "standing.restriction"]);
}

async fn recorded(world: &World, by: &Operator, shop: &Device) -> Vec<String> {
    let page = world.network.console().records(by, Some(shop.registered.account), None).await.expect("the audit log");
    page.records.into_iter().map(|record| record.action).filter(|action| action.starts_with("standing.")).collect()
}

#[tokio::test]
async fn r107_a_ban_ends_on_time_to_the_second() {
    let world = World::new(607).await;
    let mut shop = world.shop("kape").await;
    let ada = admin(&world).await;
    sanction(&world, &shop, &ada, Action::Take(MeasureKind::Ban(Some("30d".parse().expect("a length"))))).await;
    world.advance(30 * DAY - 1000);
    jobs(&world).await;
    assert!(standing(&mut shop).await.now.ban.is_some());
    assert_eq!(kinds(&told(&mut shop).await), [("ban", "operator")]);
    world.advance(1000);
    assert!(standing(&mut shop).await.now.ban.is_none(), "it is over though no job has run");
    jobs(&world).await;
    jobs(&world).await;
    assert_eq!(kinds(&told(&mut shop).await), [("ban_ended", "time")], "told once");
}

async fn decide(world: &World, by: &Operator, approve: bool) {
    let console = world.network.console();
    let filter = CaseFilter { state: CaseState::Open, kind: Some(CaseKind::Appeal), cursor: None, limit: 10 };
    let cases = console.cases(by, filter).await.expect("the queue");
    assert_eq!(cases.len(), 1);
    let decision = Decision { approve, reason: "We looked at it again".into(), code: None };
    console.decide(by, cases[0].0.id, decision).await.expect("it is decided");
}

fn newest(found: &Standing, kind: &str) -> Entry {
    found.history.iter().find(|entry| entry.kind == kind).cloned().expect("it is in the history")
}

#[tokio::test]
async fn r107_an_appeal_that_is_granted_takes_the_measure_back() {
    let world = World::new(608).await;
    let mut shop = world.shop("kape").await;
    let ada = admin(&world).await;
    crowd(&world, &shop, 0, [1000, 900, 80, 10]).await;
    jobs(&world).await;
    let warning = newest(&standing(&mut shop).await, "warning");
    assert_eq!((warning.appeal.as_str(), warning.appeal_until), ("none", Some(warning.at.plus_millis(30 * DAY))));
    let appeal = Appeal { what: warning.id, text: "A competitor's people did it".into() };
    called(&mut shop, &appeal).await;
    let open = newest(&standing(&mut shop).await, "warning");
    assert_eq!((open.appeal.as_str(), open.appeal_until), ("open", None));
    shop.refused_as(ask(&appeal), RefusalCode::Conflict).await;
    decide(&world, &ada, true).await;
    let granted = newest(&standing(&mut shop).await, "warning");
    assert_eq!((granted.appeal.as_str(), granted.lifted_at), ("granted", Some(world.env.now())));
    let notices = told(&mut shop).await;
    assert_eq!(kinds(&notices).last(), Some(&("warning_lifted", "operator")));
    assert_eq!(notices.last().expect("told").what.reason, "We looked at it again");
    // The next strike is a warning again, and not at once.
    jobs(&world).await;
    assert!(told(&mut shop).await.is_empty());
    world.advance(6 * DAY);
    crowd(&world, &shop, 0, [1000, 900, 80, 10]).await;
    world.advance(DAY);
    jobs(&world).await;
    assert!(kinds(&told(&mut shop).await).contains(&("warning", "red_quality")));
}

#[tokio::test]
async fn r107_an_appeal_that_is_refused_leaves_it_and_what_cannot_be_appealed_says_why() {
    let world = World::new(609).await;
    let (mut shop, mut other) = (world.shop("kape").await, world.shop("sari").await);
    let ada = admin(&world).await;
    sanction(&world, &shop, &ada, Action::Take(MeasureKind::Ban(None))).await;
    sanction(&world, &shop, &ada, Action::Take(MeasureKind::Warning)).await;
    let found = standing(&mut shop).await;
    let (ban, warning) = (newest(&found, "ban").id, newest(&found, "warning").id);
    let appeal = |what, text: &str| ask(&Appeal { what, text: text.into() });
    for text in ["", " \n", &"x".repeat(limits::APPEAL_CHARS + 1)] {
        shop.refused_as(appeal(ban, text), RefusalCode::Malformed).await;
    }
    shop.refused_as(appeal(99, "None"), RefusalCode::Unknown).await;
    other.refused_as(appeal(ban, "Another's"), RefusalCode::Unknown).await;
    world.advance(30 * DAY - 1000);
    assert!(newest(&standing(&mut shop).await, "warning").appeal_until.is_some_and(|until| world.env.now() < until));
    world.advance(1000);
    shop.refused_as(appeal(warning, "Too late"), RefusalCode::Forbidden).await;
    called(&mut shop, &Appeal { what: ban, text: "x".repeat(limits::APPEAL_CHARS) }).await;
    decide(&world, &ada, false).await;
    let found = standing(&mut shop).await;
    assert_eq!((newest(&found, "ban").appeal.as_str(), newest(&found, "ban").lifted_at), ("refused", None));
    assert!(found.now.ban.is_some());
    assert_eq!(kinds(&told(&mut shop).await).last(), Some(&("appeal_refused", "operator")));
    shop.refused_as(appeal(ban, "Once more"), RefusalCode::Conflict).await;
}

#[tokio::test]
async fn a_business_that_was_there_before_the_rules_gets_its_standing() {
    let world = World::new(610).await;
    let mut shop = world.shop("kape").await;
    let business = shop.registered.account;
    // As the migration leaves it.
    let unit =
        move |tx: &mut suki_store::Tx<'_>| tx.execute("UPDATE standing SET tier_limit = 0, review_at = 1 WHERE business = ?1", &[(&business).into()]);
    world.db.write(unit).await.map_err(|error: StoreError| error).expect("it is stored");
    jobs(&world).await;
    assert_eq!(kinds(&told(&mut shop).await), [("tier", "policy")]);
    assert_eq!(standing(&mut shop).await.now.limit, Some(250));
}

#[tokio::test]
async fn a_full_log_of_the_endpoint_does_not_keep_a_measure_away() {
    let world = World::new(611).await;
    let shop = world.shop("kape").await;
    let ada = admin(&world).await;
    let device = shop.registered.device;
    let unit = move |tx: &mut suki_store::Tx<'_>| {
        let most = Value::Int(i64::try_from(limits::LOG_ENTRIES_PER_DEVICE).expect("it fits"));
        tx.execute(
            "INSERT INTO mailbox (device, last, acked) VALUES (?1, ?2, 0) ON CONFLICT (device) DO UPDATE SET last = ?2",
            &[(&device).into(), most],
        )
    };
    world.db.write(unit).await.map_err(|error: StoreError| error).expect("the log is full");
    sanction(&world, &shop, &ada, Action::Take(MeasureKind::Ban(None))).await;
    let found = world.network.console().standing(&ada, shop.registered.account).await.expect("its standing");
    assert!(found.now.ban.is_some());
}

#[tokio::test]
async fn r104_another_policy_moves_every_business_to_its_own_steps() {
    let world = World::new(612).await;
    let mut shop = world.shop("kape").await;
    jobs(&world).await;
    assert_eq!(standing(&mut shop).await.now.limit, Some(250));
    let ada = admin(&world).await;
    let classic = Arc::new(Policy::shipped("classic").expect("it is shipped"));
    let network = Network::open(world.db.clone(), [7; 32], classic, world.env.clone(), Config::default()).await.expect("it opens");
    for _ in 0..2 {
        network.run_jobs(world.env.now()).await.expect("the jobs run");
        let found = network.console().standing(&ada, shop.registered.account).await.expect("its standing");
        let history: Vec<_> = found.history.iter().map(|entry| (entry.kind.as_str(), entry.cause.as_str())).collect();
        assert_eq!((found.now.limit, history), (Some(1000), vec![("tier", "policy")]));
    }
}
