//! Messages, receipts, typing, and what is refused.
use crate::world::{Device, World, header, mls, receipt, submit};
use suki_protocol::pb::{self, EntryKind, MessageKind, ReceiptStatus, RefusalCode, client_frame::Body as Ask};
use suki_types::{ConversationId, MessageId, limits};

#[tokio::test]
async fn a_message_goes_to_everybody_else_and_its_receipts_come_back() {
    let world = World::new(1).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let (id, question) = ana.text(conversation, 1);
    let accepted = ana.accepted(question).await;
    assert_eq!((accepted.message_id, accepted.epoch), (id.to_vec(), 1));

    let entry = shop.entry().await;
    assert_eq!((entry.kind(), &entry.message_id, entry.at), (EntryKind::Message, &id.to_vec(), accepted.at));
    assert_eq!(entry.from_device, ana.registered.device.to_vec());
    shop.ack(entry.seq).await;
    let delivered = ana.entry().await;
    assert_eq!((receipt(&delivered).status(), receipt(&delivered).message_ids), (ReceiptStatus::Delivered, vec![id.to_vec()]));
    assert_eq!(delivered.conversation, conversation.to_vec());

    let read = Ask::Read(pb::Read { conversation: conversation.to_vec(), message_id: id.to_vec(), played: false });
    shop.done(read.clone()).await;
    assert_eq!(receipt(&ana.entry().await).status(), ReceiptStatus::Read);
    ana.ack(delivered.seq + 1).await;
    assert!(shop.entries_so_far().await.is_empty(), "a receipt has no receipt");
}

#[tokio::test]
async fn what_was_read_may_be_listened_to_later() {
    let world = World::new(15).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let (spoken, first) = shop.text(conversation, 1);
    let (newest, second) = shop.text(conversation, 1);
    let (_, question) = ana.text(conversation, 1);
    ana.accepted(question).await;
    for message in [first, second] {
        world.advance(1);
        shop.accepted(message).await;
    }
    shop.entries_so_far().await;
    let read = |id: MessageId, played| Ask::Read(pb::Read { conversation: conversation.to_vec(), message_id: id.to_vec(), played });
    ana.done(read(newest, false)).await;
    // An older one is no news, unless it was listened to.
    ana.done(read(spoken, false)).await;
    ana.done(read(spoken, true)).await;
    let told: Vec<_> = shop.entries_so_far().await.iter().map(receipt).map(|one| (one.status(), one.message_ids)).collect();
    assert_eq!(told, [(ReceiptStatus::Read, vec![newest.to_vec()]), (ReceiptStatus::Played, vec![spoken.to_vec()])]);
    shop.refused_as(read(spoken, true), RefusalCode::Forbidden).await;
}

#[tokio::test]
async fn siblings_see_what_one_of_them_sends_and_reads() {
    let world = World::new(2).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let mut tablet = world.sibling(&mut ana).await;
    shop.accepted(shop.commit(conversation, 1, &[&tablet], &[])).await;
    assert_eq!(ana.entry().await.kind(), EntryKind::Commit);
    assert_eq!(tablet.entry().await.kind(), EntryKind::Welcome);

    let (id, question) = ana.text(conversation, 2);
    ana.accepted(question).await;
    let (at_tablet, at_shop) = (tablet.entry().await, shop.entry().await);
    assert_eq!((&at_tablet.message_id, &at_shop.message_id), (&id.to_vec(), &id.to_vec()));
    // That a sibling has it is no delivery.
    tablet.ack(at_tablet.seq).await;
    assert!(ana.entries_so_far().await.is_empty());
    shop.ack(at_shop.seq).await;
    assert_eq!(receipt(&ana.entry().await).status(), ReceiptStatus::Delivered);
    assert_eq!(receipt(&tablet.entry().await).status(), ReceiptStatus::Delivered);

    let (answer_id, answer) = shop.text(conversation, 2);
    shop.accepted(answer).await;
    assert_eq!((ana.entry().await.message_id, tablet.entry().await.message_id), (answer_id.to_vec(), answer_id.to_vec()));
    tablet.done(Ask::Read(pb::Read { conversation: conversation.to_vec(), message_id: answer_id.to_vec(), played: false })).await;
    assert_eq!(receipt(&ana.entry().await).status(), ReceiptStatus::Read);
    assert_eq!(receipt(&shop.entry().await).status(), ReceiptStatus::Read);
}

#[tokio::test]
async fn the_same_message_again_is_answered_like_the_first_time() {
    let world = World::new(3).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let (id, question) = ana.text(conversation, 1);
    let first = ana.accepted(question.clone()).await;
    world.advance(5000);
    assert_eq!(ana.accepted(question).await, first);
    assert_eq!(shop.entries_so_far().await.len(), 1);
    // Another device cannot take the id, and learns nothing of the message by trying.
    shop.refused_as(submit(conversation, 1, &header(id, MessageKind::Session)), RefusalCode::Conflict).await;
    assert!(ana.entries_so_far().await.is_empty());
    // Not even when the window has closed meanwhile is the first answer taken back.
    let (_, answer) = shop.text(conversation, 1);
    let first = shop.accepted(answer.clone()).await;
    world.advance(25 * 3_600_000);
    assert_eq!(shop.accepted(answer).await, first);
}

#[tokio::test]
async fn free_text_needs_an_open_window_and_control_does_not() {
    let world = World::new(4).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let (_, early) = shop.text(conversation, 1);
    let refused = shop.refused_as(early, RefusalCode::Rule).await;
    assert_eq!(refused.cloud_api_code, 131_047);
    assert!(!refused.rule.is_empty());
    ana.accepted(ana.text(conversation, 1).1).await;
    world.advance(24 * 3_600_000 - 1000);
    shop.accepted(shop.text(conversation, 1).1).await;
    world.advance(2000);
    shop.refused_as(shop.text(conversation, 1).1, RefusalCode::Rule).await;
    shop.accepted(shop.message(conversation, 1, MessageKind::Control).1).await;
    assert_eq!(ana.entries_so_far().await.len(), 2);
    // A customer's device asks, which opens no window and reaches the business's device; templates are not a customer's to send.
    ana.accepted(ana.message(conversation, 1, MessageKind::Control).1).await;
    shop.refused_as(shop.text(conversation, 1).1, RefusalCode::Rule).await;
    assert_eq!(shop.entries_so_far().await.len(), 2);
    ana.refused_as(ana.message(conversation, 1, MessageKind::Template).1, RefusalCode::Forbidden).await;
}

#[tokio::test]
async fn a_foreign_conversation_is_closed_in_every_way() {
    let world = World::new(5).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let (id, question) = ana.text(conversation, 1);
    ana.accepted(question).await;
    let mut eve = world.guest("kape").await;
    let before = shop.entries_so_far().await.len();
    let nobodys = ConversationId::new(&world.env);
    for target in [conversation, nobodys] {
        let answers = [
            eve.refused_as(eve.text(target, 1).1, RefusalCode::Forbidden).await,
            eve.refused_as(Ask::Read(pb::Read { conversation: target.to_vec(), message_id: id.to_vec(), played: false }), RefusalCode::Forbidden)
                .await,
            eve.refused_as(Ask::Typing(pb::Typing { conversation: target.to_vec(), on: true, from_account: vec![] }), RefusalCode::Forbidden).await,
            eve.refused_as(Ask::GetGroupInfo(pb::GetGroupInfo { conversation: target.to_vec() }), RefusalCode::Forbidden).await,
            eve.refused_as(eve.commit(target, 1, &[], &[]), RefusalCode::Forbidden).await,
        ];
        // Whether it exists is not told.
        assert!(answers.iter().all(|refused| refused.message == answers[0].message));
    }
    assert_eq!(shop.entries_so_far().await.len() + before, before);
    assert!(ana.entries_so_far().await.is_empty());
}

#[tokio::test]
async fn forged_and_malformed_messages_are_refused_and_nothing_is_stored() {
    let world = World::new(6).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let id = MessageId::new(&world.env);
    let good = header(id, MessageKind::Session);
    let raw = |bytes: Vec<u8>| Ask::Submit(pb::Submit { mls_message: bytes });
    for bad in [
        raw(vec![]),
        raw(vec![0xff; 300]),
        raw(mls(conversation, 1, 2, b"proposal")),
        raw(mls(conversation, 1, 3, &[])),
        raw(mls(conversation, 1, 1, &[0xff; 40])),
        submit(conversation, 1, &pb::Header { message_id: vec![1; 15], ..good.clone() }),
        submit(conversation, 1, &pb::Header { kind: 77, ..good.clone() }),
        submit(conversation, 1, &pb::Header { commitment: vec![0; 31], ..good.clone() }),
        submit(conversation, 1, &pb::Header { template_id: "x".repeat(601), ..good.clone() }),
        submit(conversation, 2, &good),
        submit(conversation, u64::MAX, &good),
    ] {
        ana.refused_as(bad, RefusalCode::Malformed).await;
    }
    let mut large = mls(conversation, 1, 1, b"");
    large.resize(limits::MESSAGE_BYTES + 1, 0);
    ana.refused_as(raw(large), RefusalCode::TooLarge).await;
    assert!(shop.entries_so_far().await.is_empty());
    // The id of none of them is taken.
    ana.accepted(submit(conversation, 1, &good)).await;
}

#[tokio::test]
async fn only_what_the_other_side_sent_can_be_read_and_reading_never_goes_back() {
    let world = World::new(7).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let (first, question) = ana.text(conversation, 1);
    ana.accepted(question).await;
    world.advance(10);
    let (second, question) = ana.text(conversation, 1);
    ana.accepted(question).await;
    let read = |id: MessageId| Ask::Read(pb::Read { conversation: conversation.to_vec(), message_id: id.to_vec(), played: false });
    ana.refused_as(read(first), RefusalCode::Forbidden).await;
    shop.refused_as(read(MessageId::new(&world.env)), RefusalCode::Unknown).await;
    shop.done(read(second)).await;
    shop.done(read(first)).await;
    let receipts = ana.entries_so_far().await;
    assert_eq!(receipts.len(), 1);
    assert_eq!(receipt(&receipts[0]).message_ids, [second.to_vec()]);
}

#[tokio::test]
async fn typing_reaches_who_is_connected_and_is_stored_nowhere() {
    let world = World::new(8).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    ana.done(Ask::Typing(pb::Typing { conversation: conversation.to_vec(), on: true, from_account: vec![1; 16] })).await;
    shop.done(Ask::Ping(pb::Ping {})).await;
    let typing = shop.typing.pop_front().expect("it was pushed");
    assert_eq!(typing.from_account, ana.registered.account.to_vec());
    shop.reconnect(&world).await;
    assert!(shop.typing.is_empty() && shop.entries_so_far().await.iter().all(|entry| entry.kind() == EntryKind::Event));
}

#[tokio::test]
async fn frames_of_one_connection_keep_their_order_while_many_are_under_way() {
    let world = World::new(9).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let sent: Vec<(MessageId, u32)> = (0..500)
        .map(|_| {
            let (id, ask) = ana.text(conversation, 1);
            (id, ana.send(ask))
        })
        .collect();
    for (id, request) in &sent {
        let pb::server_frame::Body::Accepted(accepted) = ana.answer(*request).await else { panic!("not accepted") };
        assert_eq!(accepted.message_id, id.to_vec());
    }
    let mut last = 0;
    for (id, _) in &sent {
        let entry = shop.entry().await;
        assert_eq!((entry.message_id, entry.seq > last), (id.to_vec(), true));
        last = entry.seq;
    }
    shop.ack(last).await;
    let mut named = Vec::new();
    while named.len() < sent.len() {
        named.extend(receipt(&ana.entry().await).message_ids);
    }
    assert_eq!(named, sent.iter().map(|(id, _)| id.to_vec()).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_device_that_asks_too_fast_is_told_when_to_come_back() {
    let config = suki_network::Config { requests_per_second: (10, 10), ..Default::default() };
    let world = World::with(10, config).await;
    let mut shop = world.shop("kape").await;
    for _ in 0..100 {
        shop.done(Ask::Ping(pb::Ping {})).await;
    }
    let refused = shop.refused_as(Ask::Ping(pb::Ping {}), RefusalCode::RateLimited).await;
    // Connecting again does not help.
    shop.reconnect(&world).await;
    shop.refused_as(Ask::Ping(pb::Ping {}), RefusalCode::RateLimited).await;
    world.advance(refused.retry_at - world.env.now().millis());
    shop.done(Ask::Ping(pb::Ping {})).await;
}

async fn overflow(device: &mut Device) -> bool {
    (0..10_000).any(|request| device.send_raw(pb::ClientFrame { request: request + 1, body: Some(Ask::Ping(pb::Ping {})) }).is_err())
}

#[tokio::test]
async fn a_connection_that_does_not_read_is_dropped() {
    let world = World::with(11, suki_network::Config { requests_per_second: (1_000_000, 1_000_000), ..Default::default() }).await;
    let mut shop = world.shop("kape").await;
    // The answers are given by tasks, which run when this one waits.
    let mut dropped = false;
    for _ in 0..100 {
        dropped = dropped || overflow(&mut shop).await;
        tokio::task::yield_now().await;
    }
    assert!(dropped);
    shop.reconnect(&world).await;
    shop.done(Ask::Ping(pb::Ping {})).await;
}
