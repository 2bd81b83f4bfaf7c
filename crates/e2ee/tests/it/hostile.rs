//! Forged, replayed, damaged and endless input: an error each, and nothing advances.
use crate::world::{World, on_both};
use proptest::prelude::*;
use suki_e2ee::{Error, Group, Suite};
use suki_types::{ConversationId, limits};

#[test]
fn a_replay_is_refused() {
    on_both(|world| {
        let (mut shop, mut phone) = world.pair();
        let hello = shop.say("once");
        assert_eq!(world.text(&mut phone, &hello).unwrap(), "once");
        assert_eq!(phone.receive(&hello, &world.policy), Err(Error::Spent));
    });
}

#[test]
fn every_changed_bit_is_noticed_and_the_genuine_message_still_reads() {
    let world = World::new(Suite::X25519);
    let (mut shop, mut phone) = world.pair();
    let hello = shop.say("genuine");
    let before = phone.group.export().unwrap();
    for at in 0..hello.len() {
        let mut forged = hello.clone();
        forged[at] ^= 0x10;
        assert!(phone.receive(&forged, &world.policy).is_err(), "byte {at}");
        let after = phone.group.export().unwrap();
        assert_eq!((after.cold, &after.hot), (None, &before.hot), "byte {at} advanced the state");
    }
    assert_eq!(world.text(&mut phone, &hello).unwrap(), "genuine");
}

#[test]
fn a_forged_header_is_refused_on_both_suites() {
    on_both(|world| {
        let (mut shop, mut phone) = world.pair();
        let hello = shop.say("genuine");
        let at = hello.windows(6).position(|part| part == b"header").expect("it is in the clear");
        let mut forged = hello.clone();
        forged[at..at + 6].copy_from_slice(b"HEADER");
        assert!(matches!(phone.receive(&forged, &world.policy), Err(Error::Forged(_))));
        assert_eq!(world.text(&mut phone, &hello).unwrap(), "genuine");
    });
}

#[test]
fn every_truncation_is_refused_wherever_bytes_come_in() {
    let world = World::new(Suite::X25519);
    let (mut shop, mut phone) = world.pair();
    let tablet = world.phone();
    let package = tablet.key_packages(world.suite, 1, false).unwrap().remove(0);
    let (change, _) = shop.offer(&world.phone(), world.suite);
    let hello = shop.say("whole");
    let welcome = change.welcome.unwrap();
    let keys = |_: &[u8]| Some(package.secret.clone());
    for (end, full) in (0..).zip(0..change.group_info.len().max(welcome.len())) {
        let cut = |bytes: &[u8]| bytes[..end.min(bytes.len() - 1)].to_vec();
        assert!(phone.receive(&cut(&hello), &world.policy).is_err(), "message cut at {full}");
        assert!(phone.receive(&cut(&change.commit), &world.policy).is_err(), "commit cut at {full}");
        assert!(Group::join(&tablet, &cut(&welcome), &world.policy, keys).is_err(), "welcome cut at {full}");
        assert!(Group::rejoin(&tablet, &cut(&change.group_info), world.conversation, &world.policy).is_err(), "group info cut at {full}");
    }
    assert_eq!(world.text(&mut phone, &hello).unwrap(), "whole");
}

#[test]
fn a_changed_group_info_or_welcome_is_refused() {
    let world = World::new(Suite::X25519);
    let mut shop = world.shop();
    let phone = world.phone();
    let (change, keys) = shop.offer(&phone, world.suite);
    let welcome = change.welcome.clone().unwrap();
    for at in (0..welcome.len()).step_by(7) {
        let mut forged = welcome.clone();
        forged[at] ^= 1;
        assert!(Group::join(&phone, &forged, &world.policy, |reference| keys.get(reference).cloned()).is_err(), "welcome byte {at}");
    }
    shop.group.confirm().unwrap();
    for at in (0..change.group_info.len()).step_by(7) {
        let mut forged = change.group_info.clone();
        forged[at] ^= 1;
        assert!(Group::rejoin(&phone, &forged, world.conversation, &world.policy).is_err(), "group info byte {at}");
    }
    let other = ConversationId::new(&world.env);
    assert_eq!(Group::rejoin(&phone, &change.group_info, other, &world.policy).err(), Some(Error::WrongConversation));
    assert!(world.join(&phone, &change, &keys).is_ok());
}

#[test]
fn a_proposal_is_refused_before_anything_is_kept_of_it() {
    let world = World::new(Suite::X25519);
    let (mut shop, mut phone) = world.pair();
    let before = phone.group.export().unwrap().hot;
    let mut proposal = shop.say("proposal");
    let content_type = 2 + 2 + 1 + 16 + 8;
    assert_eq!(proposal[content_type], 1, "an application message");
    proposal[content_type] = 2;
    assert_eq!(phone.receive(&proposal, &world.policy), Err(Error::Refused("proposal")));
    assert_eq!(phone.group.export().unwrap().hot, before);
}

#[test]
fn another_conversations_message_is_refused() {
    let world = World::new(Suite::X25519);
    let (_, mut phone) = world.pair();
    let other = World { conversation: ConversationId::new(&world.env), ..World::new(Suite::X25519) };
    let (mut shop, _) = other.pair();
    let stray = shop.say("elsewhere");
    assert_eq!(phone.receive(&stray, &world.policy), Err(Error::WrongConversation));
}

#[test]
fn messages_older_than_two_epochs_are_refused() {
    on_both(|world| {
        let (mut shop, mut phone) = world.pair();
        let (first, second) = (shop.say("first"), shop.say("second"));
        let mut tablet = world.grow(&mut shop, &mut [&mut phone]);
        world.grow(&mut shop, &mut [&mut phone, &mut tablet]);
        assert_eq!(world.text(&mut phone, &first).unwrap(), "first", "two epochs late");
        world.grow(&mut shop, &mut [&mut phone, &mut tablet]);
        assert_eq!(phone.receive(&second, &world.policy), Err(Error::WrongEpoch { message: 1, group: 4 }));
    });
}

#[test]
fn a_message_of_an_epoch_to_come_waits_for_its_commit() {
    let world = World::new(Suite::X25519);
    let (mut shop, mut phone) = world.pair();
    let (change, _) = shop.offer(&world.phone(), world.suite);
    shop.group.confirm().unwrap();
    let early = shop.say("early");
    assert_eq!(phone.receive(&early, &world.policy), Err(Error::WrongEpoch { message: 2, group: 1 }));
    phone.receive(&change.commit, &world.policy).unwrap();
    assert_eq!(world.text(&mut phone, &early).unwrap(), "early");
}

#[test]
fn order_and_gaps_are_taken_within_their_limits() {
    let world = World::new(Suite::X25519);
    let (mut shop, mut phone) = world.pair();
    let mut sent: Vec<_> = (0..12).map(|n| shop.say(&n.to_string())).collect();
    for n in [9, 3, 4, 0, 8] {
        assert_eq!(world.text(&mut phone, &sent[n]).unwrap(), n.to_string());
    }
    sent.truncate(0);
    let lost = (0..1500).map(|_| shop.say("expired")).next_back().expect("there are many");
    drop(lost);
    let next = shop.say("after a long absence");
    assert_eq!(world.text(&mut phone, &next).unwrap(), "after a long absence");
}

#[test]
fn too_much_is_refused() {
    let world = World::new(Suite::X25519);
    let (mut shop, mut phone) = world.pair();
    assert_eq!(shop.group.encrypt(&shop.device, &[0; limits::HEADER_BYTES + 1], b""), Err(Error::Malformed("header")));
    assert_eq!(shop.group.encrypt(&shop.device, b"", &vec![0; limits::MESSAGE_BYTES]), Err(Error::Malformed("message")));
    let mut long = shop.say("long");
    long.resize(limits::HANDSHAKE_BYTES + 1, 0);
    assert!(phone.receive(&long, &world.policy).is_err());
    let next = shop.say("goes on");
    assert_eq!(world.text(&mut phone, &next).unwrap(), "goes on");
    assert_eq!(world.phone().key_packages(world.suite, 1000, false).unwrap().len(), limits::KEY_PACKAGES);
}

#[test]
fn a_welcome_for_somebody_else_is_said_to_be_one() {
    let world = World::new(Suite::X25519);
    let mut shop = world.shop();
    let (change, _) = shop.offer(&world.phone(), world.suite);
    assert_eq!(world.join(&world.phone(), &change, &Default::default()).err(), Some(Error::NoSecret));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn garbage_is_refused(garbage in proptest::collection::vec(any::<u8>(), 0..600), prefix in 0usize..40) {
        let world = World::new(Suite::X25519);
        let mut shop = world.shop();
        let mut bytes = shop.say("x")[..prefix].to_vec();
        bytes.extend(garbage);
        prop_assert!(shop.receive(&bytes, &world.policy).is_err());
        prop_assert!(shop.group.add(&shop.device, &[bytes.clone()]).is_err());
        prop_assert!(Group::join(&world.endpoint, &bytes, &world.policy, |_| Some(bytes.clone())).is_err());
        prop_assert!(Group::rejoin(&world.endpoint, &bytes, world.conversation, &world.policy).is_err());
        prop_assert!(Group::import(&world.endpoint, &bytes, &bytes).is_err());
        prop_assert!(suki_e2ee::content::open(&bytes, &bytes).is_err());
    }
}
