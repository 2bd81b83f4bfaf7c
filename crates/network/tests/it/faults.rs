//! When the storage is full, and when connections are cut.
use crate::world::World;
use suki_protocol::pb::{RefusalCode, client_frame::Body as Ask, server_frame::Body as Told};
use suki_store::StoreError;

async fn pragma(world: &World, sql: &'static str) {
    let set = world.db.write(move |tx| tx.query(sql, &[], |row| row.get::<i64>(0)));
    let answer: Result<Vec<i64>, StoreError> = set.await;
    answer.expect("a pragma");
}

#[tokio::test]
async fn a_full_store_refuses_honestly_and_takes_messages_again_when_there_is_space() {
    let world = World::on_sqlite(81, suki_network::Config { test_numbers: true, ..Default::default() }).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    pragma(&world, "PRAGMA max_page_count = 1").await;
    let mut accepted = Vec::new();
    let mut refused = 0;
    while refused < 3 {
        let (id, mut ask) = ana.text(conversation, 1);
        if let Ask::Submit(submit) = &mut ask {
            submit.mls_message.resize(8000, 1);
        }
        match ana.ask(ask).await {
            Told::Accepted(_) => accepted.push(id.to_vec()),
            Told::Refused(answer) => {
                assert_eq!(answer.code(), RefusalCode::Unavailable, "{answer:?}");
                assert!(answer.message.contains("full"), "{}", answer.message);
                refused += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    pragma(&world, "PRAGMA max_page_count = 1000000").await;
    let (id, ask) = ana.text(conversation, 1);
    ana.accepted(ask).await;
    accepted.push(id.to_vec());
    let stored: Vec<_> = shop.entries_so_far().await.into_iter().map(|entry| entry.message_id).collect();
    assert_eq!(stored, accepted, "what was accepted is there, what was refused is not");
}

#[tokio::test]
async fn a_cut_connection_loses_nothing_that_was_accepted() {
    let world = World::new(82).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let mut asks = Vec::new();
    for _ in 0..50 {
        let (id, ask) = ana.text(conversation, 1);
        ana.send(ask.clone());
        asks.push((id, ask));
    }
    // No answer is waited for: the device does not know what was stored, and sends all of it again.
    ana.reconnect(&world).await;
    for (_, ask) in &asks {
        ana.accepted(ask.clone()).await;
    }
    let stored: Vec<_> = shop.entries_so_far().await.into_iter().map(|entry| entry.message_id).collect();
    assert_eq!(stored, asks.iter().map(|(id, _)| id.to_vec()).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_newest_connection_of_a_device_is_the_one() {
    let world = World::new(83).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let registered = shop.registered.clone();
    let key = std::mem::replace(&mut shop.key, crate::world::key(&world.env));
    let mut newer = crate::world::Device::log_in(&world, key, registered).await;
    while shop.pump().await {}
    assert!(shop.ended);
    drop(shop);
    ana.accepted(ana.text(conversation, 1).1).await;
    assert!(!newer.entries_so_far().await.is_empty());
}
