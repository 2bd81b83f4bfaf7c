//! What a person lets a business do, from his device: words that stop, choices, reports with proof (R5 to R9).
use crate::{shop::Shop, world::World};
use suki_client::{ClientError, Event, Options, Storage};
use suki_e2ee::Suite;
use suki_protocol::calls::{consent::What, relation::Choice, report::Reason};
use suki_types::MessageId;

fn attentive() -> Options {
    Options { stop_words: true, ..Options::light() }
}

#[tokio::test]
async fn a_word_that_stops_is_told_at_once_and_one_that_resumes_too() {
    let world = World::new(41).await;
    let mut shop = Shop::open(&world, Suite::X25519).await;
    let mut ana = world.guest_with(Storage::Memory, attentive()).await;
    ana.wait(|event| (event == Event::Connected).then_some(())).await;
    let conversation = ana.client.open(shop.account).await.expect("it opens");
    ana.joined().await;
    for (text, stopped) in [("Hinto!", true), ("ituloy", false)] {
        ana.client.send_text(conversation, text, None).await.expect("it is written");
        assert_eq!(shop.hears().await.2, text, "the word is a message like any other");
        ana.wait(|event| (event == Event::Stopped(shop.account, stopped)).then_some(())).await;
        let relation = ana.client.relation(shop.account).await.expect("it is known");
        assert_eq!(relation.stopped_at.is_some(), stopped);
    }
    ana.client.send_text(conversation, "Do not stop at my house", None).await.expect("it is written");
    shop.hears().await;
    assert_eq!(ana.client.relation(shop.account).await.expect("it is known").stopped_at, None);
}

#[tokio::test]
async fn a_word_written_offline_is_told_after_a_restart() {
    let world = World::new(42).await;
    let shop = Shop::open(&world, Suite::X25519).await;
    let file = Storage::File(world.folder.path().join("ana.json"));
    let mut ana = world.guest_with(file.clone(), attentive()).await;
    ana.wait(|event| (event == Event::Connected).then_some(())).await;
    let conversation = ana.client.open(shop.account).await.expect("it opens");
    ana.joined().await;
    // The words are known from an earlier message.
    ana.client.send_text(conversation, "start", None).await.expect("it is written");
    ana.wait(|event| (event == Event::Stopped(shop.account, false)).then_some(())).await;
    ana.client.go_offline().await.expect("it runs");
    ana.client.send_text(conversation, "STOP", None).await.expect("it is written");
    drop(ana);
    let mut ana = world.resume(file);
    ana.wait(|event| (event == Event::Stopped(shop.account, true)).then_some(())).await;
    assert!(ana.client.relation(shop.account).await.expect("it is known").stopped_at.is_some());
}

#[tokio::test]
async fn choices_and_a_report_with_proof() {
    let world = World::new(43).await;
    let mut shop = Shop::open(&world, Suite::X25519).await;
    let mut ana = world.guest().await;
    ana.wait(|event| (event == Event::Connected).then_some(())).await;
    let conversation = ana.client.open(shop.account).await.expect("it opens");
    ana.joined().await;
    let mine = ana.client.send_text(conversation, "hi", None).await.expect("it is written");
    shop.hears().await;
    let theirs = shop.say(conversation, "Buy now!").await;
    assert_eq!(ana.message().await.id, theirs);

    let business = shop.account;
    assert_eq!(ana.client.set_choice(business, Choice::Important).await.expect("it is set").choice, Choice::Important);
    assert!(ana.client.stop(business, true).await.expect("it is set").stopped_at.is_some());
    assert!(ana.client.save(business, true).await.expect("it is set").saved);
    let granted = ana.client.grant_consent(business, "newsletter", "Yes, write to me about offers").await.expect("it is given");
    assert_eq!(granted.stopped_at, None, "who agrees again has not stopped");
    assert!(ana.client.withdraw_consent(business).await.expect("it is taken back").consent_at.is_none());

    assert_eq!(
        ana.client.report(conversation, Reason::Spam, &[mine], false).await,
        Err(ClientError::Unknown),
        "only the business's messages can be proven"
    );
    let nothing = ana.client.report(conversation, Reason::Spam, &[MessageId::from_bytes([1; 16])], false).await;
    assert_eq!(nothing, Err(ClientError::Unknown));
    ana.client.report(conversation, Reason::Spam, &[theirs], true).await.expect("it is proven");
    let relation = ana.client.relation(business).await.expect("it is known");
    assert!(relation.blocked_at.is_some());
    assert!(relation.events.iter().any(|event| event.what == What::Report));
    assert!(ana.client.block(business, false).await.expect("it is set").blocked_at.is_none());
}
