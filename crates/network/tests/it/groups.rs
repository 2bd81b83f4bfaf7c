//! Conversations, groups, key packages and devices.
use crate::world::{World, event, external};
use suki_protocol::pb::{self, EntryKind, RefusalCode, client_frame::Body as Ask, event::Body as Event, server_frame::Body as Told};
use suki_types::{CommitId, limits};

fn package(suite: u16, number: u8, last_resort: bool) -> pb::KeyPackage {
    let [high, low] = suite.to_be_bytes();
    pb::KeyPackage { suite: suite.into(), data: vec![0, 1, 0, 5, 0, 1, high, low, number], last_resort }
}

fn publish(packages: Vec<pb::KeyPackage>) -> Ask {
    Ask::PublishKeyPackages(pb::PublishKeyPackages { packages })
}

#[tokio::test]
async fn opening_a_conversation_again_gives_the_same_one() {
    let world = World::new(21).await;
    let mut shop = world.shop("kape").await;
    let mut ana = world.guest("kape").await;
    let mut tablet = world.sibling(&mut ana).await;
    let conversation = ana.open(&shop).await;
    assert_eq!(ana.open(&shop).await, conversation);
    assert_eq!(tablet.open(&shop).await, conversation);
    for device in [&mut shop, &mut tablet] {
        let entries = device.entries_so_far().await;
        assert_eq!(entries.len(), 1);
        let Event::ConversationOpened(opened) = event(&entries[0]) else { panic!("another event") };
        assert_eq!((opened.id, opened.customer_phone), (conversation.to_vec(), "999000000001".into()));
        assert_eq!(opened.customer_devices.len(), 2);
        assert_eq!(opened.card.expect("who it is").name, "Shop kape");
    }
    let nobody = Ask::OpenConversation(pb::OpenConversation { business: ana.registered.account.to_vec() });
    ana.refused_as(nobody.clone(), RefusalCode::Unknown).await;
    shop.refused_as(nobody, RefusalCode::Forbidden).await;
}

#[tokio::test]
async fn conversations_are_listed_in_pages() {
    let world = World::new(22).await;
    let mut shop = world.shop("kape").await;
    let mut expected = Vec::new();
    for _ in 0..5 {
        let mut guest = world.guest("kape").await;
        expected.push(guest.open(&shop).await.to_vec());
    }
    let (mut seen, mut after) = (Vec::new(), Vec::new());
    loop {
        let told = shop.ask(Ask::ListConversations(pb::ListConversations { after, limit: 2 })).await;
        let Told::Conversations(page) = told else { panic!("{told:?}") };
        assert!(page.conversations.len() <= 2);
        seen.extend(page.conversations.into_iter().map(|conversation| conversation.id));
        if page.next.is_empty() {
            break;
        }
        after = page.next;
    }
    expected.sort();
    seen.sort();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn one_commit_an_epoch_wins_and_the_loser_is_told() {
    let world = World::new(23).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let winner = shop.commit(conversation, 1, &[], &[]);
    let first = shop.accepted(winner.clone()).await;
    assert_eq!(first.epoch, 2);
    let rejoin = |epoch| {
        Ask::Commit(pb::Commit {
            conversation: conversation.to_vec(),
            commit_id: CommitId::new(&world.env).to_vec(),
            epoch,
            mls_message: external(conversation, epoch),
            ..Default::default()
        })
    };
    let refused = ana.refused_as(rejoin(1), RefusalCode::EpochConflict).await;
    assert_eq!(refused.epoch, 2);
    // The same commit again is answered like the first time.
    assert_eq!(shop.accepted(winner).await, first);
    ana.accepted(rejoin(2)).await;
    assert_eq!(shop.entry().await.kind(), EntryKind::Commit);
    assert_eq!(ana.entries_so_far().await.len(), 1);
    // Messages of the epoch now and of the two before pass, older ones do not.
    for epoch in [3, 2, 1] {
        ana.accepted(ana.text(conversation, epoch).1).await;
    }
    shop.accepted(shop.commit(conversation, 3, &[], &[])).await;
    let refused = ana.refused_as(ana.text(conversation, 1).1, RefusalCode::StaleEpoch).await;
    assert_eq!(refused.epoch, 4);
}

#[tokio::test]
async fn who_may_change_a_group() {
    let world = World::new(24).await;
    let mut shop = world.shop("kape").await;
    let mut ana = world.guest("kape").await;
    let mut eve = world.guest("kape").await;
    let conversation = ana.open(&shop).await;
    let outside = |epoch, removed: Vec<Vec<u8>>| {
        Ask::Commit(pb::Commit {
            conversation: conversation.to_vec(),
            commit_id: CommitId::new(&world.env).to_vec(),
            epoch,
            mls_message: external(conversation, epoch),
            removed,
            ..Default::default()
        })
    };
    ana.refused_as(outside(0, vec![]), RefusalCode::Forbidden).await;
    ana.refused_as(ana.commit(conversation, 0, &[], &[]), RefusalCode::Forbidden).await;
    ana.refused_as(ana.text(conversation, 0).1, RefusalCode::Forbidden).await;
    shop.refused_as(shop.commit(conversation, 0, &[&eve], &[]), RefusalCode::Forbidden).await;
    shop.accepted(shop.commit(conversation, 0, &[&ana], &[])).await;
    eve.refused_as(outside(1, vec![]), RefusalCode::Forbidden).await;
    ana.refused_as(outside(1, vec![shop.registered.device.to_vec()]), RefusalCode::Forbidden).await;
    let mut lying = outside(1, vec![]);
    if let Ask::Commit(commit) = &mut lying {
        commit.epoch = 2;
    }
    ana.refused_as(lying, RefusalCode::Malformed).await;
    ana.accepted(outside(1, vec![ana.registered.device.to_vec()])).await;
    ana.accepted(ana.text(conversation, 2).1).await;
}

#[tokio::test]
async fn group_info_is_given_out_for_the_epoch_now_alone() {
    let world = World::new(25).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let get = Ask::GetGroupInfo(pb::GetGroupInfo { conversation: conversation.to_vec() });
    let Told::GroupInfo(info) = ana.ask(get.clone()).await else { panic!("no group info") };
    assert_eq!((info.epoch, info.mls_message), (1, vec![0, 1, 0, 4, 1]));
    let mut commit = shop.commit(conversation, 1, &[], &[]);
    if let Ask::Commit(commit) = &mut commit {
        commit.group_info.clear();
    }
    shop.accepted(commit).await;
    ana.refused_as(get.clone(), RefusalCode::Unknown).await;
    let publish = |epoch| Ask::PublishGroupInfo(pb::PublishGroupInfo { conversation: conversation.to_vec(), epoch, group_info: vec![0, 1, 0, 4, 7] });
    shop.refused_as(publish(1), RefusalCode::StaleEpoch).await;
    shop.done(publish(2)).await;
    let Told::GroupInfo(info) = ana.ask(get).await else { panic!("no group info") };
    assert_eq!((info.epoch, info.mls_message), (2, vec![0, 1, 0, 4, 7]));
}

#[tokio::test]
async fn key_packages_are_used_up_and_the_last_resort_stays() {
    let world = World::new(26).await;
    let mut shop = world.shop("kape").await;
    let mut ana = world.guest("kape").await;
    let conversation = ana.open(&shop).await;
    let claim =
        |suites: &[u32]| Ask::ClaimKeyPackages(pb::ClaimKeyPackages { conversation: conversation.to_vec(), suites: suites.to_vec(), device: vec![] });
    let Told::KeyPackages(none) = shop.ask(claim(&[1])).await else { panic!("no answer") };
    assert!(none.packages.is_empty());
    ana.done(publish(vec![package(1, 1, false), package(1, 2, false), package(1, 99, true), package(0x4d, 50, true)])).await;
    ana.reconnect(&world).await;
    assert_eq!(ana.logged_in.key_packages_left, 0, "of 0x4d there is none but the last resort");
    let mut taken = Vec::new();
    for _ in 0..4 {
        let Told::KeyPackages(claimed) = shop.ask(claim(&[1, 0x4d])).await else { panic!("no answer") };
        let package = claimed.packages[0].package.clone().expect("a package");
        taken.push((package.data[8], package.last_resort));
    }
    assert_eq!(taken, [(1, false), (2, false), (99, true), (99, true)]);
    let Told::KeyPackages(claimed) = shop.ask(claim(&[0x4d, 1])).await else { panic!("no answer") };
    assert_eq!(claimed.packages[0].package.as_ref().map(|package| package.suite), Some(0x4d));
    ana.refused_as(claim(&[1]), RefusalCode::Forbidden).await;
    for bad in [vec![], vec![package(1, 1, false); 101], vec![pb::KeyPackage { suite: 2, ..package(1, 1, false) }]] {
        ana.refused_as(publish(bad), RefusalCode::Malformed).await;
    }
    // Beyond the limit the oldest make room.
    world.advance(1);
    ana.done(publish((0..100).map(|n| package(1, n, false)).collect())).await;
    world.advance(1);
    ana.done(publish(vec![package(1, 200, false), package(0x4d, 51, false)])).await;
    ana.reconnect(&world).await;
    assert_eq!(ana.logged_in.key_packages_left, 1);
    let Told::KeyPackages(claimed) = shop.ask(claim(&[1])).await else { panic!("no answer") };
    assert_eq!(claimed.packages[0].package.as_ref().map(|package| package.data[8]), Some(1));
}

#[tokio::test]
async fn a_linked_device_is_announced_when_it_can_be_added() {
    let world = World::new(27).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let mut tablet = world.sibling(&mut ana).await;
    assert!(shop.entries_so_far().await.is_empty());
    tablet.done(publish(vec![package(1, 1, true)])).await;
    tablet.done(publish(vec![package(1, 2, false)])).await;
    let entries = shop.entries_so_far().await;
    assert_eq!(entries.len(), 1, "it is announced once");
    let Event::DeviceAdded(added) = event(&entries[0]) else { panic!("another event") };
    assert_eq!((added.device, &entries[0].conversation), (tablet.registered.device.to_vec(), &conversation.to_vec()));
    // Until it is in the group it gets no messages and sends none.
    ana.accepted(ana.text(conversation, 1).1).await;
    tablet.refused_as(tablet.text(conversation, 1).1, RefusalCode::Forbidden).await;
    assert!(tablet.entries_so_far().await.is_empty());
}

#[tokio::test]
async fn a_removed_device_is_out_at_once() {
    let world = World::new(28).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let mut tablet = world.sibling(&mut ana).await;
    shop.accepted(shop.commit(conversation, 1, &[&tablet], &[])).await;
    let mut eve = world.guest("kape").await;
    let remove = Ask::RemoveDevice(pb::RemoveDevice { device: tablet.registered.device.to_vec() });
    eve.refused_as(remove.clone(), RefusalCode::Forbidden).await;
    ana.done(remove).await;
    while tablet.pump().await {}
    let Event::DeviceRemoved(removed) = event(&shop.entry().await) else { panic!("another event") };
    assert_eq!(removed.device, tablet.registered.device.to_vec());
    ana.accepted(ana.text(conversation, 2).1).await;
    let Told::Devices(devices) = ana.ask(Ask::ListDevices(pb::ListDevices {})).await else { panic!("no list") };
    assert_eq!(devices.devices.iter().map(|device| device.current).collect::<Vec<_>>(), [true]);
    // Its own key learns that it was removed; everybody else that there is no such device.
    let session_key = std::mem::replace(&mut tablet.key, crate::world::key(&world.env));
    assert_eq!(refused_log_in(&world, &mut tablet).await, RefusalCode::Forbidden);
    tablet.key = session_key;
    assert_eq!(refused_log_in(&world, &mut tablet).await, RefusalCode::Unknown);
    let last = Ask::RemoveDevice(pb::RemoveDevice { device: shop.registered.device.to_vec() });
    shop.refused_as(last, RefusalCode::Forbidden).await;
}

async fn refused_log_in(world: &World, device: &mut crate::world::Device) -> RefusalCode {
    device.new_session(world);
    match device.try_sign_in().await {
        Told::Refused(refused) => refused.code(),
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn an_account_has_five_devices_at_most() {
    let world = World::new(29).await;
    world.shop("kape").await;
    let mut ana = world.guest("kape").await;
    for _ in 1..limits::DEVICES_PER_ACCOUNT {
        world.sibling(&mut ana).await;
    }
    let Told::LinkCode(code) = ana.ask(Ask::MakeLinkCode(pb::MakeLinkCode {})).await else { panic!("no code") };
    let key = crate::world::key(&world.env);
    let request = suki_protocol::http::RegisterDevice { code: code.code, signature_key: crate::world::public(&key), device_name: String::new() };
    let error = world.network.register_device(request.clone()).await.expect_err("it is one too many");
    assert_eq!(error.problem().status, 409);
}
