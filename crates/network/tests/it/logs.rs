//! A device's log: catching up, acknowledging, expiry, purge.
use crate::world::{DAY, Device, World, event};
use suki_protocol::pb::{self, EntryKind, RefusalCode, client_frame::Body as Ask, event::Body as Event};
use suki_types::limits;

#[tokio::test]
async fn a_device_that_comes_back_gets_what_follows_its_watermark() {
    let world = World::new(41).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let mut ids = Vec::new();
    for _ in 0..3 * limits::ENTRIES_PER_PUSH {
        let (id, ask) = ana.text(conversation, 1);
        ana.send(ask);
        ids.push(id.to_vec());
    }
    ana.done(Ask::Ping(pb::Ping {})).await;
    let mut received = Vec::new();
    while received.len() < ids.len() {
        received.push(shop.entry().await);
    }
    shop.ack(received[99].seq).await;
    shop.reconnect(&world).await;
    assert_eq!(shop.logged_in.acked, received[99].seq);
    // New ones come after the old ones, although they are pushed while the old ones are read.
    let (id, ask) = ana.text(conversation, 1);
    ana.accepted(ask).await;
    ids.push(id.to_vec());
    for id in &ids[100..] {
        assert_eq!(&shop.entry().await.message_id, id);
    }
}

#[tokio::test]
async fn large_entries_come_in_frames_that_fit() {
    let world = World::new(42).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    for _ in 0..10 {
        let (_, mut ask) = ana.text(conversation, 1);
        if let Ask::Submit(submit) = &mut ask {
            submit.mls_message.resize(limits::MESSAGE_BYTES, 7);
        }
        ana.accepted(ask).await;
    }
    shop.reconnect(&world).await;
    let mut count = 0;
    while count < 10 {
        count += usize::from(shop.entry().await.kind() == EntryKind::Message);
    }
    assert!(shop.largest_frame <= limits::FRAME_BYTES, "{}", shop.largest_frame);
}

/// A slow line: whether it lives is seen by whole frames, so none takes long.
#[tokio::test]
async fn many_entries_come_in_small_frames() {
    let world = World::new(49).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let text = |ana: &Device| {
        let (_, mut ask) = ana.text(conversation, 1);
        if let Ask::Submit(submit) = &mut ask {
            submit.mls_message.resize(limits::PUSH_BYTES / 16, 7);
        }
        ask
    };
    let many = 2 * limits::ENTRIES_PER_PUSH;
    for _ in 0..many {
        ana.send(text(&ana));
    }
    ana.done(Ask::Ping(pb::Ping {})).await;
    // Those that wait for the connection it has, and then those that are read for a new one.
    for _ in 0..2 {
        let mut seen = Vec::new();
        while seen.len() < many {
            seen.extend(Some(shop.entry().await).filter(|entry| entry.kind() == EntryKind::Message).map(|entry| entry.seq));
        }
        assert!(seen.is_sorted_by(|a, b| a < b), "in their order, each once");
        assert!(shop.largest_frame > limits::PUSH_BYTES / 2 && shop.largest_frame <= limits::PUSH_BYTES, "{}", shop.largest_frame);
        shop.largest_frame = 0;
        shop.reconnect(&world).await;
    }
}

#[tokio::test]
async fn a_device_acknowledges_its_own_log_and_no_further() {
    let world = World::new(43).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    ana.accepted(ana.text(conversation, 1).1).await;
    let entry = shop.entry().await;
    for beyond in [entry.seq + 1, u64::MAX, i64::MAX as u64] {
        shop.refused_as(Ask::Ack(pb::Ack { seq: beyond }), RefusalCode::Malformed).await;
    }
    assert!(ana.entries_so_far().await.is_empty(), "a refused acknowledgement delivers nothing");
    shop.ack(entry.seq).await;
    shop.ack(entry.seq).await;
    shop.ack(1).await;
    shop.ack(0).await;
    assert_eq!(ana.entries_so_far().await.len(), 1);
    shop.reconnect(&world).await;
    assert_eq!(shop.logged_in.acked, entry.seq);
    assert!(shop.entries_so_far().await.is_empty());
}

#[tokio::test]
async fn a_long_log_is_acknowledged_at_once() {
    let world = World::with(44, suki_network::Config { requests_per_second: (1_000_000, 1_000_000), ..Default::default() }).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    for _ in 0..3 {
        let requests: Vec<u32> = (0..1000).map(|_| ana.send(ana.text(conversation, 1).1)).collect();
        for request in requests {
            ana.answer(request).await;
        }
    }
    let mut last = shop.entry().await.seq;
    for _ in 1..3000 {
        last = shop.entry().await.seq;
    }
    shop.ack(last).await;
    let mut named = 0;
    while named < 3000 {
        named += crate::world::receipt(&ana.entry().await).message_ids.len();
    }
    assert_eq!(named, 3000);
}

#[tokio::test]
async fn what_nobody_fetched_expires_after_thirty_days_and_the_sender_hears_of_it() {
    let world = World::new(45).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let (id, ask) = ana.text(conversation, 1);
    ana.accepted(ask).await;
    world.advance(30 * DAY - 1000);
    world.network.run_jobs(world.env.now()).await.expect("the jobs run");
    shop.reconnect(&world).await;
    assert!(shop.entries_so_far().await.iter().any(|entry| entry.kind() == EntryKind::Message));
    world.advance(2000);
    ana.reconnect(&world).await;
    let report = world.network.run_jobs(world.env.now()).await.expect("the jobs run");
    assert!(report.expired >= 1, "{report:?}");
    let Event::MessageExpired(expired) = event(&ana.entry().await) else { panic!("another event") };
    assert_eq!(expired.message_ids, [id.to_vec()]);
    shop.reconnect(&world).await;
    assert!(shop.entries_so_far().await.is_empty());
    let again = world.network.run_jobs(world.env.now()).await.expect("the jobs run");
    assert_eq!((again.expired, again.forgotten), (0, 0), "the jobs are idempotent");
    // The gap does not stop the log.
    ana.accepted(ana.text(conversation, 1).1).await;
    assert_eq!(shop.entry().await.kind(), EntryKind::Message);
}

#[tokio::test]
async fn what_everybody_has_is_purged() {
    let world = World::new(46).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let ana_and_shop = conversation;
    for _ in 0..20 {
        ana.accepted(ana.text(conversation, 1).1).await;
    }
    let last = (0..19).fold(shop.entry().await, |entry, _| entry).seq;
    shop.entries_so_far().await;
    shop.ack(last).await;
    let report = world.network.run_jobs(world.env.now()).await.expect("the jobs run");
    assert!(report.purged > 0, "{report:?}");
    // Behind many entries of a device that is away, others' are purged all the same.
    let mut away = world.guest("kape").await;
    let conversation = world.join(&mut shop, &mut away).await;
    away.accepted(away.text(conversation, 1).1).await;
    shop.entries_so_far().await;
    let requests: Vec<u32> = (0..900).map(|_| shop.send(shop.text(conversation, 1).1)).collect();
    for request in requests {
        shop.answer(request).await;
    }
    ana.accepted(ana.text(ana_and_shop, 1).1).await;
    let last = shop.entries_so_far().await.last().expect("it came").seq;
    shop.ack(last).await;
    let report = world.network.run_jobs(world.env.now()).await.expect("the jobs run");
    assert!(report.purged > 0, "{report:?}");
    let device = shop.registered.device;
    let left: i64 = world
        .db
        .read(move |tx| {
            tx.query_one("SELECT COUNT(*) FROM entry WHERE device = ?1 AND seq <= ?2", &[(&device).into(), last.into()], |row| row.get(0))
        })
        .await
        .map_err(|error: suki_store::StoreError| error)
        .expect("a count");
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_silent_connection_is_ended_and_a_pinging_one_is_not() {
    let world = World::new(47).await;
    let mut shop = world.shop("kape").await;
    let mut ana = world.guest("kape").await;
    for _ in 0..5 {
        world.advance(60_000);
        shop.done(Ask::Ping(pb::Ping {})).await;
        world.network.end_silent_sessions(world.env.now());
    }
    while ana.pump().await {}
    assert!(ana.ended);
    shop.done(Ask::Ping(pb::Ping {})).await;
    assert_eq!(world.network.connections(), 2);
    drop(ana);
    assert_eq!(world.network.connections(), 1);
}

#[tokio::test]
async fn senders_wait_for_a_device_whose_log_is_full() {
    let world = World::new(48).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let device = shop.registered.device;
    // As if so many entries were waiting.
    let fill = world.db.write(move |tx| {
        let last = limits::LOG_ENTRIES_PER_DEVICE + 1;
        tx.execute("UPDATE mailbox SET last = ?2, acked = 1 WHERE device = ?1", &[(&device).into(), last.into()])
    });
    fill.await.map_err(|error: suki_store::StoreError| error).expect("it is filled");
    // On PostgreSQL the places of entries are known after the commit: the first one too many is noticed there, and the next is refused.
    let noticed_late = usize::from(world.db.is_shared());
    if noticed_late > 0 {
        ana.accepted(ana.text(conversation, 1).1).await;
    }
    let (_, question) = ana.text(conversation, 1);
    let refused = ana.refused_as(question.clone(), RefusalCode::RateLimited).await;
    assert!(refused.retry_at > world.env.now().millis(), "{refused:?}");
    shop.reconnect(&world).await;
    shop.ack(limits::LOG_ENTRIES_PER_DEVICE).await;
    ana.accepted(question).await;
    assert_eq!(shop.entries_so_far().await.len(), 1 + noticed_late);
}
