//! The life of a conversation when all goes well.
use crate::world::{World, on_both};
use std::collections::HashMap;
use suki_e2ee::{Error, Group, Received};

#[test]
fn both_sides_talk_and_the_header_stays_readable() {
    on_both(|world| {
        let (mut shop, mut phone) = world.pair();
        let hello = shop.group.encrypt(&shop.device, b"for the network", b"Hello").unwrap();
        assert_eq!(suki_protocol::mls::cleartext(&hello).unwrap().authenticated_data, b"for the network");
        assert!(!hello.windows(5).any(|part| part == b"Hello"));
        let Received::Application { sender, header, plaintext } = phone.receive(&hello, &world.policy).unwrap() else {
            panic!("it is an application message");
        };
        assert_eq!((&sender, &header[..], &plaintext[..]), (shop.device.identity(), &b"for the network"[..], &b"Hello"[..]));
        let answer = phone.say("Hi");
        assert_eq!(world.text(&mut shop, &answer).unwrap(), "Hi");
        assert_eq!(shop.group.safety_number(), phone.group.safety_number());
        assert_eq!((shop.group.suite(), shop.group.epoch()), (world.suite, phone.group.epoch()));
    });
}

#[test]
fn lengths_are_hidden_within_256_bytes() {
    on_both(|world| {
        let (mut shop, _) = world.pair();
        assert_eq!(shop.say("a").len(), shop.say(&"a".repeat(100)).len());
    });
}

#[test]
fn a_second_device_reads_what_comes_after_it_and_everybody_sees_it() {
    on_both(|world| {
        let (mut shop, mut phone) = world.pair();
        let before = phone.group.safety_number();
        let early = shop.say("before the tablet");
        let mut tablet = world.grow(&mut shop, &mut [&mut phone]);
        assert_ne!(phone.group.safety_number(), before, "a new device shows");
        assert_eq!(phone.group.members().len(), 3);
        let late = shop.say("for both");
        for member in [&mut phone, &mut tablet] {
            assert_eq!(world.text(member, &late).unwrap(), "for both");
        }
        let sibling = tablet.say("from the tablet");
        assert_eq!(world.text(&mut phone, &sibling).unwrap(), "from the tablet");
        assert_eq!(world.text(&mut phone, &early).unwrap(), "before the tablet", "late, over an epoch change");
        assert!(world.text(&mut tablet, &early).is_err());
    });
}

#[test]
fn several_devices_join_by_one_welcome() {
    on_both(|world| {
        let mut shop = world.shop();
        let devices = [world.phone(), world.phone(), world.phone()];
        let packages: Vec<_> = devices.iter().map(|device| device.key_packages(world.suite, 1, false).unwrap().remove(0)).collect();
        let messages: Vec<_> = packages.iter().map(|package| package.mls_message.clone()).collect();
        let change = shop.group.add(&shop.device, &messages).unwrap();
        assert_eq!(change.added, devices.iter().map(|device| device.id()).collect::<Vec<_>>());
        shop.group.confirm().unwrap();
        let hello = shop.say("hello all");
        for (device, package) in devices.iter().zip(packages) {
            let mut member = world.join(device, &change, &HashMap::from([(package.reference, package.secret)])).unwrap();
            assert_eq!(world.text(&mut member, &hello).unwrap(), "hello all");
        }
    });
}

#[test]
fn a_removed_device_is_told_and_locked_out() {
    on_both(|world| {
        let (mut shop, mut phone) = world.pair();
        let mut tablet = world.grow(&mut shop, &mut [&mut phone]);
        let change = shop.group.remove(&shop.device, &[tablet.device.id()]).unwrap();
        assert_eq!((change.welcome, &change.removed), (None, &vec![tablet.device.id()]));
        shop.group.confirm().unwrap();
        let Received::Commit { removed, own_removed, added, .. } = phone.receive(&change.commit, &world.policy).unwrap() else {
            panic!("it is a commit");
        };
        assert_eq!((removed, own_removed, added), (vec![tablet.device.id()], false, vec![]));
        assert!(matches!(tablet.receive(&change.commit, &world.policy), Ok(Received::Commit { own_removed: true, .. })));
        assert!(!tablet.group.is_active());
        let secret = shop.say("not for the tablet");
        assert_eq!(world.text(&mut phone, &secret).unwrap(), "not for the tablet");
        assert_eq!(tablet.receive(&secret, &world.policy), Err(Error::Removed));
        assert_eq!(tablet.group.encrypt(&tablet.device, b"", b"hello?"), Err(Error::Removed));
    });
}

#[test]
fn the_last_resort_package_opens_more_than_one_welcome() {
    on_both(|world| {
        let phone = world.phone();
        let package = phone.key_packages(world.suite, 1, true).unwrap().remove(0);
        let keys = HashMap::from([(package.reference, package.secret)]);
        for _ in 0..2 {
            let mut shop = world.shop();
            let change = shop.group.add(&shop.device, std::slice::from_ref(&package.mls_message)).unwrap();
            shop.group.confirm().unwrap();
            let mut member = world.join(&phone, &change, &keys).unwrap();
            let hello = shop.say("hello");
            assert_eq!(world.text(&mut member, &hello).unwrap(), "hello");
        }
    });
}

#[test]
fn a_device_that_lost_everything_comes_back_by_itself() {
    on_both(|world| {
        let (mut shop, mut phone) = world.pair();
        let mut tablet = world.grow(&mut shop, &mut [&mut phone]);
        let info = shop.group.group_info(&shop.device).unwrap();
        let (group, change) = Group::rejoin(&phone.device, &info, world.conversation, &world.policy).unwrap();
        assert_eq!((change.epoch, &change.removed, &change.welcome), (shop.group.epoch(), &vec![phone.device.id()], &None));
        phone.group = group;
        for member in [&mut shop, &mut tablet] {
            let Received::Commit { sender, added, removed, own_removed, .. } = member.receive(&change.commit, &world.policy).unwrap() else {
                panic!("it is a commit");
            };
            assert_eq!((&sender, removed, own_removed), (phone.device.identity(), vec![phone.device.id()], false));
            assert_eq!(added, vec![phone.device.identity().clone()]);
        }
        assert_eq!(shop.group.members().len(), 3);
        let back = phone.say("back again");
        assert_eq!(world.text(&mut shop, &back).unwrap(), "back again");
        let (group, again) = Group::rejoin(&phone.device, &change.group_info, world.conversation, &world.policy).unwrap();
        phone.group = group;
        shop.receive(&again.commit, &world.policy).unwrap();
        let back = shop.say("by the device's own group info too");
        assert_eq!(world.text(&mut phone, &back).unwrap(), "by the device's own group info too");
    });
}

#[test]
fn the_endpoint_rejoins_after_a_restore() {
    on_both(|world: World| {
        let (mut shop, mut phone) = world.pair();
        let info = shop.group.group_info(&shop.device).unwrap();
        let (group, change) = Group::rejoin(&shop.device, &info, world.conversation, &world.policy).unwrap();
        shop.group = group;
        phone.receive(&change.commit, &world.policy).unwrap();
        let hello = shop.say("restored");
        assert_eq!(world.text(&mut phone, &hello).unwrap(), "restored");
    });
}
