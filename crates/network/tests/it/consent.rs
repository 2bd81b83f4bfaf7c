//! Consent through the calls of devices: who may write first, what is taken back, who is told, what is exported, what is reported (R4 to R11, R21).
use crate::world::{DAY, Device, World, header, submit};
use aws_lc_rs::hmac;
use prost::Message as _;
use suki_protocol::{
    calls::{
        block_list::{Bar, ListBarred, Unbar},
        consent::{
            ConsentChanged, ExportConsents, Format, GetConsent, GetWords, GrantConsent, ListConsents, RecordConsent, RevokeConsent, What, Who,
            WithdrawConsent, WordRead,
        },
        conversation::OpenConversation,
        relation::{Choice, GetRelation, GetSettings, RelationChanged, SetRelation, SetSettings, Why},
        report::{Reason, Report, ReportedMessage},
    },
    http::Base64,
    pb::{self, MessageKind, RefusalCode, client_frame::Body as Ask},
};
use suki_types::{AccountId, ConversationId, MessageId, Phone};

const WORDING: &str = "Yes, send me offers by message";

pub fn account(device: &Device) -> AccountId {
    device.registered.account
}

fn phone(device: &Device) -> Phone {
    device.registered.phone.clone().expect("a test number")
}

fn recorded(who: Who, given_at: i64) -> RecordConsent {
    let given_at = suki_types::Timestamp::from_millis(given_at);
    RecordConsent { who, how: "paper form".into(), wording: WORDING.into(), form: "counter".into(), given_at, evidence: "folder 12".into() }
}

fn now(world: &World) -> i64 {
    world.env.now().millis()
}

#[tokio::test]
async fn r10_r11_a_business_begins_only_with_who_agreed() {
    let world = World::new(501).await;
    let (mut shop, mut ana) = (world.shop("kape").await, world.guest("kape").await);
    let open = OpenConversation { who: Who::Phone(phone(&ana)) };
    let refused = shop.call_refused(&open, RefusalCode::Rule).await;
    assert_eq!((refused.rule.as_str(), refused.cloud_api_code), ("consent", 131_026));
    assert!(refused.message.contains("record the consent"), "{}", refused.message);
    let nobody = shop.call_refused(&OpenConversation { who: Who::Phone(Phone::test(999)) }, RefusalCode::Rule).await;
    assert_eq!(nobody.message, refused.message, "a phone that nobody has looks like one whose owner has not agreed");

    let consent = shop.called(&recorded(Who::Phone(phone(&ana)), now(&world) - DAY)).await;
    assert_eq!((consent.customer, consent.state.consent_at.map(|at| at.millis())), (Some(account(&ana)), Some(now(&world) - DAY)));
    let opened = shop.called(&open).await;
    assert!(!opened.existed);
    assert_eq!(opened.customer, account(&ana));
    let told = crate::world::event(&shop.entry().await);
    assert!(matches!(told, pb::event::Body::ConversationOpened(conversation) if conversation.id == opened.conversation.to_vec()));
    assert_eq!(shop.called(&open).await, suki_protocol::calls::conversation::Opened { existed: true, ..opened });

    let relation = ana.called(&GetRelation { business: account(&shop) }).await;
    assert_eq!(relation.why, [Why::BusinessSaysYouAgreed]);
    assert!(relation.opened_by_business);
    assert_eq!((relation.events[0].wording.as_str(), relation.events[0].evidence.as_str()), (WORDING, "folder 12"), "he reads why he gets this");
}

#[tokio::test]
async fn r10_an_earlier_message_is_enough() {
    let world = World::new(502).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let (_, question) = ana.text(conversation, 1);
    ana.accepted(question).await;
    let relation = ana.called(&GetRelation { business: account(&shop) }).await;
    assert_eq!((relation.why, relation.opened_by_business), (vec![Why::YouWrote], false));
    assert!(shop.called(&OpenConversation { who: Who::Customer(account(&ana)) }).await.existed);
}

#[tokio::test]
async fn r11_a_customer_agrees_by_a_form_and_takes_it_back_and_both_are_kept() {
    let world = World::new(503).await;
    let (mut shop, mut ana, _) = world.pair().await;
    let business = account(&shop);
    let short = ana.call_refused(&GrantConsent { business, form: String::new(), wording: "Yes".into() }, RefusalCode::Rule).await;
    assert!(short.message.contains("10 to 2000"), "{}", short.message);
    let granted = ana.called(&GrantConsent { business, form: "newsletter".into(), wording: WORDING.into() }).await;
    assert_eq!((granted.why.as_slice(), granted.stopped_at), (&[Why::YouAgreed][..], None));
    world.advance(1000);
    let withdrawn = ana.called(&WithdrawConsent { business }).await;
    assert!(withdrawn.why.is_empty() && withdrawn.stopped_at.is_some() && withdrawn.consent_at.is_none());

    let told = shop.notices::<ConsentChanged>().await;
    assert_eq!(told.iter().map(|told| told.what).collect::<Vec<_>>(), [Some(What::OptIn), Some(What::OptOut)]);
    assert_eq!((told[1].customer, told[1].state.stopped_at), (account(&ana), withdrawn.stopped_at));
    let again = shop.call_refused(&recorded(Who::Customer(account(&ana)), now(&world)), RefusalCode::Rule).await;
    assert!(again.message.contains("only he"), "{}", again.message);

    let lines = shop.called(&ListConsents { after: String::new() }).await.lines;
    let whats: Vec<_> = lines.iter().map(|line| (line.event.what, line.event.replaced_at.is_some())).collect();
    assert_eq!(whats, [(What::OptIn, true), (What::OptOut, false)]);
    assert_eq!((lines[0].event.form.as_str(), lines[0].phone.as_ref()), ("newsletter", Some(&phone(&ana))));
}

#[tokio::test]
async fn r5_r7_r9_r21_choices_are_the_customers_and_a_block_is_never_told() {
    let world = World::new(504).await;
    let (mut shop, mut ana, _) = world.pair().await;
    let mut second = world.sibling(&mut ana).await;
    let business = account(&shop);
    shop.entries_so_far().await;
    let asked = SetRelation { choice: Some(Choice::Important), saved: Some(true), ..SetRelation::of(business) };
    let relation = ana.called(&asked).await;
    assert_eq!((relation.choice, relation.saved), (Choice::Important, true));
    assert_eq!(ana.called(&asked).await.events.len(), 2, "asked again nothing more is written");
    let told = shop.notices::<ConsentChanged>().await;
    assert!(told.last().is_some_and(|told| told.state.important_only && told.state.saved));

    let blocked = ana.called(&SetRelation { blocked: Some(true), ..SetRelation::of(business) }).await;
    assert!(blocked.blocked_at.is_some());
    ana.called(&SetRelation { choice: Some(Choice::None), ..SetRelation::of(business) }).await;
    let changed = second.notices::<RelationChanged>().await;
    assert_eq!(changed.last().map(|changed| (changed.choice, changed.blocked_at)), Some((Choice::None, blocked.blocked_at)));
    let consent = shop.called(&GetConsent { who: Who::Customer(account(&ana)) }).await;
    let export = shop.called(&ExportConsents { format: Format::Jsonl, after: String::new() }).await;
    let told = shop.notices::<ConsentChanged>().await;
    for text in [serde_json::to_string(&consent), serde_json::to_string(&told), Ok(export.text)] {
        let text = text.expect("it is JSON");
        assert!(!text.contains("block") && !text.contains("none") && !text.contains("choose"), "{text}");
    }
    let mut other = world.shop("tindahan").await;
    other.called(&recorded(Who::Customer(account(&ana)), now(&world))).await;
    ana.called(&SetRelation { blocked: Some(true), ..SetRelation::of(account(&other)) }).await;
    let refused = other.call_refused(&OpenConversation { who: Who::Customer(account(&ana)) }, RefusalCode::Rule).await;
    assert!(refused.message.contains("does not receive") && !refused.message.contains("block"), "{}", refused.message);
}

#[tokio::test]
async fn r9_after_a_block_neither_typing_nor_reading_passes() {
    let world = World::new(505).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let (id, question) = ana.text(conversation, 1);
    ana.accepted(question).await;
    let typing = |on| Ask::Typing(pb::Typing { conversation: conversation.to_vec(), on, from_account: Vec::new() });
    ana.called(&SetRelation { blocked: Some(true), ..SetRelation::of(account(&shop)) }).await;
    shop.entries_so_far().await;
    shop.done(typing(true)).await;
    shop.done(Ask::Read(pb::Read { conversation: conversation.to_vec(), message_id: id.to_vec(), played: false })).await;
    assert!(ana.entries_so_far().await.is_empty() && ana.typing.is_empty());
    ana.called(&SetRelation { blocked: Some(false), ..SetRelation::of(account(&shop)) }).await;
    shop.done(typing(true)).await;
    ana.accepted_everything().await;
    assert_eq!(ana.typing.len(), 1);
}

#[tokio::test]
async fn r6_the_global_choice_is_for_every_business_and_for_new_ones() {
    let world = World::new(506).await;
    let (mut shop, mut ana, _) = world.pair().await;
    assert_eq!(ana.called(&GetSettings {}).await.global_choice, Choice::All);
    shop.called(&recorded(Who::Customer(account(&ana)), now(&world))).await;
    let wanted = SetSettings { global_choice: Some(Choice::Important), language: Some("fil".into()) };
    assert_eq!(ana.called(&wanted).await.language, "fil");
    let consent = shop.called(&GetConsent { who: Who::Customer(account(&ana)) }).await;
    assert!(consent.state.important_only);
    let mut other = world.shop("tindahan").await;
    let consent = other.called(&recorded(Who::Phone(phone(&ana)), now(&world))).await;
    assert!(consent.state.important_only, "whoever comes later finds it too");
    for wrong in
        [SetSettings { global_choice: Some(Choice::Default), language: None }, SetSettings { global_choice: None, language: Some("x".into()) }]
    {
        ana.call_refused(&wrong, RefusalCode::Malformed).await;
    }
    shop.call_refused(&GetSettings {}, RefusalCode::Forbidden).await;
}

#[tokio::test]
async fn stop_words_travel_folded_and_the_endpoint_may_pass_one_on() {
    let world = World::new(507).await;
    let (mut shop, mut ana, _) = world.pair().await;
    let words = ana.called(&GetWords {}).await;
    let folded = suki_types::words::StopWords::new(words.stop.iter().map(String::as_str), words.resume.iter().map(String::as_str));
    assert_eq!(folded.recognise("ХВАТИТ"), None);
    for text in ["STOP", "HINTO", "বন্ধ", "إيقاف", "СТОП"] {
        assert_eq!(folded.recognise(text), Some(suki_types::words::Wish::Stop), "{text}");
    }
    assert!(shop.called(&WordRead { customer: account(&ana), at: world.env.now() }).await.state.stopped_at.is_some());
    let relation = ana.called(&GetRelation { business: account(&shop) }).await;
    assert_eq!((relation.events[0].what, relation.events[0].how.as_str()), (What::Stop, "word"));
    let told = ana.called(&SetRelation { stopped: Some(false), ..SetRelation::of(account(&shop)) }).await;
    assert_eq!(told.stopped_at, None);
    let told = shop.notices::<ConsentChanged>().await;
    assert_eq!(told.last().map(|told| told.what), Some(Some(What::Resume)));
    let late = shop.called(&WordRead { customer: account(&ana), at: suki_types::Timestamp::from_millis(now(&world) - 1) }).await;
    assert_eq!(late.state.stopped_at, None, "what he said since stands");
    let newer = shop.called(&WordRead { customer: account(&ana), at: suki_types::Timestamp::from_millis(now(&world) + 1000) }).await;
    assert!(newer.state.stopped_at.is_some());
}

#[tokio::test]
async fn what_was_recorded_for_a_phone_waits_for_its_owner() {
    let world = World::new(508).await;
    let mut shop = world.shop("kape").await;
    let next = Phone::test(1);
    let consent = shop.called(&recorded(Who::Phone(next.clone()), now(&world))).await;
    assert_eq!(consent.customer, None);
    let mut ana = world.guest("kape").await;
    assert_eq!(phone(&ana), next);
    let relation = ana.called(&GetRelation { business: account(&shop) }).await;
    assert_eq!(relation.why, [Why::BusinessSaysYouAgreed]);
    assert_eq!(relation.events[0].form, "counter");
    assert_eq!(shop.called(&OpenConversation { who: Who::Phone(next) }).await.customer, account(&ana));
    let revoked = shop.called(&RevokeConsent { who: Who::Customer(account(&ana)), reason: "by letter".into() }).await;
    assert_eq!((revoked.state.consent_at, revoked.events[0].evidence.as_str()), (None, "by letter"));
}

#[tokio::test]
async fn giving_back_has_a_limit_a_day_and_taking_has_none() {
    let world = World::new(509).await;
    let (shop, mut ana, _) = world.pair().await;
    let set = |on| SetRelation { blocked: Some(on), ..SetRelation::of(account(&shop)) };
    for _ in 0..50 {
        ana.called(&set(true)).await;
        ana.called(&set(false)).await;
    }
    ana.called(&set(true)).await;
    let refused = ana.call_refused(&set(false), RefusalCode::RateLimited).await;
    assert!(refused.message.contains("50 times in 24 hours") && refused.retry_at == now(&world) + DAY, "{refused:?}");
    world.advance(DAY - 1);
    ana.call_refused(&set(false), RefusalCode::RateLimited).await;
    world.advance(1);
    assert_eq!(ana.called(&set(false)).await.blocked_at, None);
}

#[tokio::test]
async fn the_ledger_is_exported_page_by_page_and_nobody_elses() {
    let world = World::new(510).await;
    let (mut shop, mut other) = (world.shop("kape").await, world.shop("tindahan").await);
    other.called(&recorded(Who::Phone(Phone::test(7777)), now(&world))).await;
    for number in 0..450 {
        shop.called(&recorded(Who::Phone(Phone::test(1000 + number)), now(&world))).await;
    }
    let (mut lines, mut text, mut after) = (Vec::new(), String::new(), String::new());
    loop {
        let page = shop.called(&ListConsents { after: after.clone() }).await;
        let file = shop.called(&ExportConsents { format: Format::Csv, after }).await;
        assert_eq!(page.next, file.next);
        lines.extend(page.lines);
        text.push_str(&file.text);
        after = page.next;
        if after.is_empty() {
            break;
        }
    }
    let phones: std::collections::BTreeSet<_> = lines.iter().filter_map(|line| line.phone.clone()).collect();
    assert_eq!((lines.len(), phones.len()), (450, 450));
    assert!(!phones.contains(&Phone::test(7777)));
    let rows: Vec<_> = text.split("\r\n").filter(|row| !row.is_empty()).collect();
    assert_eq!(rows.len(), 451, "a line of names and the events");
    assert!(rows[1].contains("999000001000") && rows[1].contains(WORDING) && rows[1].contains("2026-01-01T00:00:00.000Z"), "{}", rows[1]);
    shop.call_refused(&ListConsents { after: "x".into() }, RefusalCode::Malformed).await;
}

#[tokio::test]
async fn calls_are_for_their_side_alone() {
    let world = World::new(511).await;
    let (mut shop, mut ana, _) = world.pair().await;
    let (business, customer) = (account(&shop), account(&ana));
    shop.call_refused(&GetRelation { business }, RefusalCode::Forbidden).await;
    shop.call_refused(&SetRelation::of(business), RefusalCode::Forbidden).await;
    shop.call_refused(&GrantConsent { business, form: String::new(), wording: WORDING.into() }, RefusalCode::Forbidden).await;
    ana.call_refused(&recorded(Who::Customer(customer), now(&world)), RefusalCode::Forbidden).await;
    ana.call_refused(&GetConsent { who: Who::Customer(customer) }, RefusalCode::Forbidden).await;
    ana.call_refused(&ListConsents { after: String::new() }, RefusalCode::Forbidden).await;
    ana.call_refused(&OpenConversation { who: Who::Customer(customer) }, RefusalCode::Forbidden).await;
    ana.call_refused(&Bar { customers: vec![customer] }, RefusalCode::Forbidden).await;
    ana.call_refused(&GetRelation { business: customer }, RefusalCode::Unknown).await;
    shop.call_refused(&recorded(Who::Customer(business), now(&world)), RefusalCode::Unknown).await;
    let long = RecordConsent { evidence: "x".repeat(501), ..recorded(Who::Customer(customer), now(&world)) };
    shop.call_refused(&long, RefusalCode::Malformed).await;
}

#[tokio::test]
async fn a_business_blocks_only_who_wrote_within_a_day() {
    let world = World::new(512).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let bar = Bar { customers: vec![account(&ana)] };
    let failed = shop.called(&bar).await.failed;
    assert_eq!(failed.iter().map(|failed| failed.code).collect::<Vec<_>>(), [131_047]);
    let (_, question) = ana.text(conversation, 1);
    ana.accepted(question).await;
    world.advance(DAY - 1);
    assert_eq!(shop.called(&bar).await.done, [account(&ana)]);
    assert_eq!(shop.called(&bar).await.done, [account(&ana)], "again");
    let (_, barred) = ana.text(conversation, 1);
    let refused = ana.refused_as(barred, RefusalCode::Rule).await;
    assert!(refused.rule == "block_list" && refused.message.contains("does not take messages"), "{refused:?}");
    let (_, barred) = shop.text(conversation, 1);
    assert_eq!(shop.refused_as(barred, RefusalCode::Rule).await.cloud_api_code, 130_403);
    let page = shop.called(&ListBarred { after: None, before: None, limit: 10 }).await;
    assert_eq!((page.customers.as_slice(), page.later, page.earlier), (&[account(&ana)][..], false, false));
    let relation = ana.called(&GetRelation { business: account(&shop) }).await;
    assert!(relation.events.is_empty(), "the business's list is its own");
    world.advance(1);
    shop.called(&Unbar { customers: vec![account(&ana)] }).await;
    assert_eq!(shop.called(&bar).await.failed.len(), 1, "a day is over");
    let (_, question) = ana.text(conversation, 1);
    ana.accepted(question).await;
    assert!(shop.called(&ListBarred { after: None, before: None, limit: 10 }).await.customers.is_empty());
    shop.call_refused(&Bar { customers: Vec::new() }, RefusalCode::Malformed).await;
}

/// A message of the shop whose commitment is that of `content`.
pub async fn committed(device: &mut Device, conversation: ConversationId, content: &[u8], key: [u8; 32]) -> MessageId {
    let id = MessageId::new(&device.env);
    let commitment = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), content).as_ref().to_vec();
    let header = pb::Header { commitment, ..header(id, MessageKind::Session) };
    device.accepted(submit(conversation, 1, &header)).await;
    id
}

pub fn text(body: &str) -> Vec<u8> {
    let body = pb::content::Body::Text(pb::Text { body: body.into(), preview_url: false });
    pb::Content { body: Some(body), ..Default::default() }.encode_to_vec()
}

#[tokio::test]
async fn r8_a_report_carries_what_the_business_sent_and_nothing_else() {
    let world = World::new(513).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let mine = committed(&mut ana, conversation, &text("Hello"), [1; 32]).await;
    let theirs = committed(&mut shop, conversation, &text("Buy now!"), [2; 32]).await;
    let shown = |message_id, content: &[u8], key: [u8; 32]| ReportedMessage {
        message_id,
        content: Base64(content.to_vec()),
        commitment_key: Base64(key.to_vec()),
    };
    let business = account(&shop);
    let report = |messages| Report { business, reason: Reason::Spam, messages, block: false };
    for (code, messages) in [
        (RefusalCode::Conflict, vec![shown(theirs, &text("Buy now! Or else"), [2; 32])]),
        (RefusalCode::Conflict, vec![shown(theirs, &text("Buy now!"), [3; 32])]),
        (RefusalCode::Forbidden, vec![shown(mine, &text("Hello"), [1; 32])]),
        (RefusalCode::Unknown, vec![shown(MessageId::from_bytes([9; 16]), &text("Buy now!"), [2; 32])]),
        (RefusalCode::Malformed, vec![]),
        (RefusalCode::Malformed, vec![shown(theirs, &text("Buy now!"), [2; 32]); 2]),
        (RefusalCode::Malformed, vec![shown(theirs, &text("Buy now!"), [2; 32]); 11]),
    ] {
        ana.call_refused(&report(messages), code).await;
    }
    let mut ben = world.guest("kape").await;
    shop.entries_so_far().await;
    world.join(&mut shop, &mut ben).await;
    ben.call_refused(&report(vec![shown(theirs, &text("Buy now!"), [2; 32])]), RefusalCode::Unknown).await;

    let good = Report { block: true, ..report(vec![shown(theirs, &text("Buy now!"), [2; 32])]) };
    ana.called(&good).await;
    ana.called(&good).await;
    let relation = ana.called(&GetRelation { business: account(&shop) }).await;
    let whats: Vec<_> = relation.events.iter().map(|event| event.what).collect();
    assert_eq!(whats, [What::Block, What::Report], "asked again, nothing is counted twice");
    assert!(relation.blocked_at.is_some());
    let export = shop.called(&ExportConsents { format: Format::Jsonl, after: String::new() }).await;
    assert_eq!(export.text, "", "neither is for the business to know");
}

#[tokio::test]
async fn r8_reports_have_a_limit_a_day() {
    let world = World::new(514).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let (_, question) = ana.text(conversation, 1);
    ana.accepted(question).await;
    for number in 0..4_u8 {
        let id = committed(&mut shop, conversation, &text("Buy"), [number; 32]).await;
        let message = ReportedMessage { message_id: id, content: Base64(text("Buy")), commitment_key: Base64(vec![number; 32]) };
        let report = Report { business: account(&shop), reason: Reason::Other, messages: vec![message], block: false };
        if number < 3 {
            ana.called(&report).await;
        } else {
            let refused = ana.call_refused(&report, RefusalCode::RateLimited).await;
            assert!(refused.message.contains("3 times in 24 hours"), "{}", refused.message);
        }
    }
}

#[tokio::test]
async fn the_ledger_keeps_what_counts_and_forgets_the_rest_after_the_policys_time() {
    let world = World::new(515).await;
    let (mut shop, mut ana, _) = world.pair().await;
    let business = account(&shop);
    ana.called(&GrantConsent { business, form: String::new(), wording: WORDING.into() }).await;
    ana.called(&WithdrawConsent { business }).await;
    world.advance(1826 * DAY);
    world.network.run_jobs(world.env.now()).await.expect("the jobs run");
    let whats: Vec<_> = shop.called(&ListConsents { after: String::new() }).await.lines.into_iter().map(|line| line.event.what).collect();
    assert_eq!(whats, [What::OptOut]);
}
