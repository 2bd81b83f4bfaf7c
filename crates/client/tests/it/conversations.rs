//! One customer and a shop.
use crate::{shop::Shop, world::World};
use suki_client::{Author, ClientError, Event, Options, Status, Storage};
use suki_e2ee::Suite;
use suki_protocol::pb;

#[tokio::test]
async fn a_customer_writes_and_gets_an_answer() {
    let world = World::new(1).await;
    let mut shop = Shop::open(&world, Suite::X25519).await;
    let mut ana = world.guest().await;
    ana.wait(|event| (event == Event::Connected).then_some(())).await;
    let conversation = ana.client.open(shop.account).await.expect("it opens");
    // Written before there is a group: it waits for it.
    let id = ana.client.send_text(conversation, "May kape pa ba?", None).await.expect("it is written");
    assert_eq!(shop.hears().await, (conversation, id, "May kape pa ba?".into()));
    ana.wait(|event| (event == Event::Status(conversation, id, Status::Delivered)).then_some(())).await;
    shop.read(conversation, id).await;
    ana.wait(|event| (event == Event::Status(conversation, id, Status::Read)).then_some(())).await;

    let answer = shop.say(conversation, "Oo, meron pa.").await;
    let message = ana.message().await;
    assert_eq!((message.id, message.author, message.text.as_str()), (answer, Author::Business, "Oo, meron pa."));
    assert_eq!(shop.receipts.recv().await.map(|receipt| receipt.status()), Some(pb::ReceiptStatus::Delivered));
    ana.client.read(conversation, answer).await.expect("it is known");
    assert_eq!(shop.receipts.recv().await.map(|receipt| receipt.status()), Some(pb::ReceiptStatus::Read));
    let thread = ana.client.thread(conversation).await.expect("it is known");
    assert_eq!((thread.name.as_str(), thread.hosted_by.as_str(), thread.joined), ("Kape ni Ana", "Tests", true));
    assert_eq!(ana.texts(conversation).await, ["May kape pa ba?", "Oo, meron pa."]);
    assert_eq!(ana.client.safety_number(conversation).await.expect("it is known").map(|digits| digits.len() > 59), Some(true));
}

#[tokio::test]
async fn the_post_quantum_suite_works_the_same() {
    let world = World::new(2).await;
    let mut shop = Shop::open(&world, Suite::XWING).await;
    let options = Options { suites: vec![Suite::XWING], ..Options::light() };
    let mut ana = world.guest_with(Storage::Memory, options).await;
    ana.wait(|event| (event == Event::Connected).then_some(())).await;
    let conversation = ana.client.open(shop.account).await.expect("it opens");
    ana.joined().await;
    ana.client.send_text(conversation, "hi", None).await.expect("it is written");
    assert_eq!(shop.hears().await.2, "hi");
    shop.say(conversation, "hello").await;
    assert_eq!(ana.message().await.text, "hello");
}

#[tokio::test]
async fn what_is_written_offline_goes_out_in_order_and_once() {
    let world = World::new(3).await;
    let mut shop = Shop::open(&world, Suite::X25519).await;
    let mut ana = world.guest().await;
    ana.wait(|event| (event == Event::Connected).then_some(())).await;
    let conversation = ana.client.open(shop.account).await.expect("it opens");
    ana.joined().await;
    ana.client.go_offline().await.expect("it runs");
    assert_eq!(ana.client.open(shop.account).await, Err(ClientError::Disconnected));
    for number in 0..20 {
        ana.client.send_text(conversation, &format!("text {number}"), None).await.expect("it is written");
    }
    // The group goes on meanwhile, by so much that what was encrypted is too old.
    for _ in 0..4 {
        shop.commit(conversation).await;
    }
    ana.client.go_online().await.expect("it runs");
    for number in 0..20 {
        // Time has to pass for a message that was too old.
        let heard = tokio::select! {
            heard = shop.hears() => heard.2,
            never = ana.wait(|_| None::<String>) => never,
        };
        assert_eq!(heard, format!("text {number}"));
    }
    assert!(shop.heard.try_recv().is_err());
}

#[tokio::test]
async fn cut_again_and_again_nothing_is_lost_or_doubled() {
    let world = World::new(4).await;
    let mut shop = Shop::open(&world, Suite::X25519).await;
    let mut ana = world.guest().await;
    ana.wait(|event| (event == Event::Connected).then_some(())).await;
    let conversation = ana.client.open(shop.account).await.expect("it opens");
    ana.joined().await;
    ana.client.send_text(conversation, "start", None).await.expect("it is written");
    assert_eq!(shop.hears().await.2, "start");
    let mut expected = vec!["start".to_owned()];
    for round in 0..10 {
        ana.client.send_text(conversation, &format!("from ana {round}"), None).await.expect("it is written");
        // Offline at whatever moment this is.
        ana.client.go_offline().await.expect("it runs");
        shop.say(conversation, &format!("from the shop {round}")).await;
        ana.client.go_online().await.expect("it runs");
        expected.push(format!("from ana {round}"));
        expected.push(format!("from the shop {round}"));
    }
    for round in 0..10 {
        assert_eq!(shop.hears().await.2, format!("from ana {round}"));
        assert_eq!(ana.message().await.text, format!("from the shop {round}"));
    }
    let mut texts = ana.texts(conversation).await;
    expected.sort();
    texts.sort();
    assert_eq!(texts, expected);
}

#[tokio::test]
async fn a_killed_device_goes_on_from_its_file() {
    let world = World::new(5).await;
    let mut shop = Shop::open(&world, Suite::X25519).await;
    let storage = Storage::File(world.folder.path().join("ana.json"));
    let mut ana = world.guest_with(storage.clone(), Options::light()).await;
    ana.wait(|event| (event == Event::Connected).then_some(())).await;
    let conversation = ana.client.open(shop.account).await.expect("it opens");
    ana.client.send_text(conversation, "one", None).await.expect("it is written");
    assert_eq!(shop.hears().await.2, "one");
    shop.say(conversation, "two").await;
    ana.message().await;
    ana.client.go_offline().await.expect("it runs");
    ana.client.send_text(conversation, "three", None).await.expect("it is written");
    drop(ana);
    shop.say(conversation, "four").await;
    let mut ana = world.resume(storage.clone());
    assert_eq!(ana.message().await.text, "four");
    assert_eq!(shop.hears().await.2, "three");
    assert_eq!(ana.texts(conversation).await.len(), 4);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let Storage::File(path) = storage else { panic!("a file") };
        assert_eq!(std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_device_that_lost_its_keys_comes_back_by_itself() {
    let world = World::new(6).await;
    let mut shop = Shop::open(&world, Suite::X25519).await;
    let mut ana = world.guest().await;
    ana.wait(|event| (event == Event::Connected).then_some(())).await;
    let conversation = ana.client.open(shop.account).await.expect("it opens");
    ana.joined().await;
    ana.client.lose_group(conversation).await.expect("it is known");
    ana.joined().await;
    ana.client.send_text(conversation, "back again", None).await.expect("it is written");
    assert_eq!(shop.hears().await.2, "back again");
    shop.say(conversation, "welcome back").await;
    assert_eq!(ana.message().await.text, "welcome back");
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_at_once() {
    let world = World::new(7).await;
    let shop = Shop::open(&world, Suite::X25519).await;
    let mut ana = world.guest().await;
    ana.wait(|event| (event == Event::Connected).then_some(())).await;
    let conversation = ana.client.open(shop.account).await.expect("it opens");
    for text in ["", &"x".repeat(4097)] {
        assert_eq!(ana.client.send_text(conversation, text, None).await, Err(ClientError::Text));
    }
    let other = suki_types::ConversationId::new(&world.env);
    assert_eq!(ana.client.send_text(other, "hi", None).await, Err(ClientError::Unknown));
    let id = suki_types::MessageId::new(&world.env);
    assert_eq!(ana.client.read(conversation, id).await, Err(ClientError::Unknown));
    let nobody = suki_types::AccountId::new(&world.env);
    assert!(matches!(ana.client.open(nobody).await, Err(ClientError::Refused(_))));
}
