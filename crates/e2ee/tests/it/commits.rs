//! Races between changes, and changes nobody may make.
use crate::world::{Member, World, device, on_both};
use suki_e2ee::{CommitPolicy, Device, Error, Group, Received, Suite};
use suki_protocol::pb::AccountKind;

#[test]
fn the_loser_of_a_race_discards_follows_and_tries_again() {
    on_both(|world| {
        let (mut shop, mut phone) = world.pair();
        let info = shop.group.group_info(&shop.device).unwrap();
        let tablet = world.phone();
        let (lost, _) = shop.offer(&tablet, world.suite);
        let (group, won) = Group::rejoin(&phone.device, &info, world.conversation, &world.policy).unwrap();
        phone.group = group;
        shop.group.discard().unwrap();
        shop.receive(&won.commit, &world.policy).unwrap();
        assert_eq!(phone.receive(&lost.commit, &world.policy), Err(Error::WrongEpoch { message: 1, group: 2 }));
        let (change, keys) = shop.offer(&tablet, world.suite);
        shop.group.confirm().unwrap();
        phone.receive(&change.commit, &world.policy).unwrap();
        let mut tablet = world.join(&tablet, &change, &keys).unwrap();
        let hello = phone.say("we all agree");
        for member in [&mut shop, &mut tablet] {
            assert_eq!(world.text(member, &hello).unwrap(), "we all agree");
        }
    });
}

#[test]
fn a_pending_change_can_be_followed_by_messages_but_not_by_a_change() {
    on_both(|world| {
        let (mut shop, mut phone) = world.pair();
        let tablet = world.phone();
        shop.offer(&tablet, world.suite);
        let package = tablet.key_packages(world.suite, 1, false).unwrap().remove(0).mls_message;
        assert_eq!(shop.group.add(&shop.device, &[package]), Err(Error::CommitPending));
        let hello = shop.say("meanwhile");
        assert_eq!(world.text(&mut phone, &hello).unwrap(), "meanwhile");
        let answer = phone.say("yes");
        assert_eq!(world.text(&mut shop, &answer).unwrap(), "yes");
        assert!(shop.group.is_pending());
        shop.group.discard().unwrap();
        assert!(!shop.group.is_pending());
        shop.group.confirm().expect("nothing to confirm is no error");
        assert_eq!(shop.group.epoch(), 1);
    });
}

#[test]
fn another_commit_drops_the_pending_change() {
    let world = World::new(Suite::X25519);
    let (mut shop, phone) = world.pair();
    let info = shop.group.group_info(&shop.device).unwrap();
    shop.offer(&world.phone(), world.suite);
    let (_, won) = Group::rejoin(&phone.device, &info, world.conversation, &world.policy).unwrap();
    shop.receive(&won.commit, &world.policy).unwrap();
    assert!(!shop.group.is_pending());
}

#[test]
fn a_commit_is_applied_once() {
    let world = World::new(Suite::X25519);
    let (mut shop, mut phone) = world.pair();
    let (change, _) = shop.offer(&world.phone(), world.suite);
    shop.group.confirm().unwrap();
    phone.receive(&change.commit, &world.policy).unwrap();
    assert_eq!(phone.receive(&change.commit, &world.policy), Err(Error::WrongEpoch { message: 1, group: 2 }));
}

#[test]
fn a_customer_device_changes_nothing_but_its_own_place() {
    on_both(|world| {
        let (mut shop, mut phone) = world.pair();
        let mut tablet = world.grow(&mut shop, &mut [&mut phone]);
        let (add, _) = phone.offer(&world.phone(), world.suite);
        phone.group.discard().unwrap();
        let remove = phone.group.remove(&phone.device, &[tablet.device.id()]).unwrap();
        let coup = tablet.group.remove(&tablet.device, &[shop.device.id()]).unwrap();
        for commit in [&add, &remove] {
            assert_eq!(shop.receive(&commit.commit, &world.policy), Err(Error::Refused("change of the group by anybody but the business")));
        }
        phone.group.discard().unwrap();
        assert!(matches!(phone.receive(&coup.commit, &world.policy), Err(Error::Refused(_))));
        let hello = shop.say("still in order");
        assert_eq!(world.text(&mut phone, &hello).unwrap(), "still in order");
    });
}

#[test]
fn strangers_neither_come_in_nor_are_let_in() {
    on_both(|world| {
        let mut shop = world.shop();
        let stranger = world.stranger();
        let info = shop.group.group_info(&shop.device).unwrap();
        let theirs = CommitPolicy { customer: Some(stranger.account()), ..world.policy };
        let (_, break_in) = Group::rejoin(&stranger, &info, world.conversation, &theirs).expect("they think it is theirs");
        let refused = Err(Error::Refused("member of neither side of the conversation"));
        assert_eq!(shop.receive(&break_in.commit, &world.policy), refused);
        assert_eq!((shop.group.epoch(), shop.group.members().len()), (0, 1));
        let (mut shop, mut phone) = world.pair();
        let (change, keys) = shop.offer(&stranger, world.suite);
        assert_eq!(phone.receive(&change.commit, &world.policy), refused, "nor may the business let it in");
        assert!(world.join(&stranger, &change, &keys).is_err());
        shop.group.discard().unwrap();
        let info = shop.group.group_info(&shop.device).unwrap();
        assert_eq!(Group::rejoin(&stranger, &info, world.conversation, &theirs).err(), refused.err());
    });
}

/// A group of several customers: the business puts in whom it wants, each of them may come back by himself, and nobody else may.
#[test]
fn of_several_customers_only_those_come_back_whom_the_business_put_in() {
    on_both(|world| {
        let several = CommitPolicy { customer: None, ..world.policy };
        let (mut shop, mut ana) = world.pair();
        let ben = world.stranger();
        let (change, keys) = shop.offer(&ben, world.suite);
        assert!(matches!(ana.receive(&change.commit, &several), Ok(Received::Commit { .. })));
        shop.group.confirm().unwrap();
        let secret = |reference: &[u8]| keys.get(reference).cloned();
        Group::join(&ben, &change.welcome.unwrap(), &several, secret).unwrap();
        // He lost his state, and comes back.
        let info = shop.group.group_info(&shop.device).unwrap();
        let (_, back) = Group::rejoin(&ben, &info, world.conversation, &several).unwrap();
        for member in [&mut shop, &mut ana] {
            assert!(matches!(member.receive(&back.commit, &several), Ok(Received::Commit { .. })));
        }
        let info = shop.group.group_info(&shop.device).unwrap();
        let (_, break_in) = Group::rejoin(&world.stranger(), &info, world.conversation, &several).unwrap();
        for member in [&mut shop, &mut ana] {
            assert_eq!(member.receive(&break_in.commit, &several), Err(Error::Refused("customer who came in without the business")));
        }
    });
}

#[test]
fn another_networks_certificate_does_not_count() {
    let world = World::new(Suite::X25519);
    let elsewhere = World { env: suki_types::Env::for_tests(99), ..World::new(Suite::X25519) };
    let seed = elsewhere.env.random::<32>();
    let network = aws_lc_rs::signature::Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
    let foreign = device(&elsewhere.env, &network, world.policy.customer.unwrap(), AccountKind::Person);
    let package = foreign.key_packages(world.suite, 1, false).unwrap().remove(0).mls_message;
    let mut shop = world.shop();
    assert!(matches!(shop.group.add(&shop.device, &[package]), Err(Error::Untrusted(_))));
    assert!(!shop.group.is_pending());
}

#[test]
fn a_certificate_for_another_key_is_refused() {
    let world = World::new(Suite::X25519);
    let phone = world.phone();
    let certificate = suki_protocol::certificate::issue(&world.network, phone.identity(), world.env.now());
    use aws_lc_rs::signature::KeyPair as _;
    let network = world.network.public_key().as_ref();
    assert_eq!(Device::from_seed(&[5; 32], certificate, network).err(), Some(Error::WrongKey));
}

#[test]
fn who_is_in_or_not_in_is_said() {
    let world = World::new(Suite::X25519);
    let (mut shop, phone) = world.pair();
    let package = phone.device.key_packages(world.suite, 1, false).unwrap().remove(0).mls_message;
    let add = |shop: &mut Member, packages: &[Vec<u8>]| shop.group.add(&shop.device, packages).err();
    assert_eq!(add(&mut shop, &[package]), Some(Error::AlreadyMember(phone.device.id())));
    assert_eq!(add(&mut shop, &[]), Some(Error::Malformed("list of key packages")));
    let post_quantum = world.phone().key_packages(Suite::XWING, 1, false).unwrap().remove(0).mls_message;
    assert!(matches!(add(&mut shop, &[post_quantum]), Some(Error::Refused(_))));
    let nobody = world.phone().id();
    assert_eq!(shop.group.remove(&shop.device, &[nobody]), Err(Error::NotMember(nobody)));
    assert!(shop.group.remove(&shop.device, &[shop.device.id()]).is_err());
    assert_eq!(shop.group.members().len(), 2);
}

#[test]
fn only_the_business_welcomes() {
    let world = World::new(Suite::X25519);
    let phone = world.phone();
    let mut group = Group::create(&phone, world.suite, world.conversation).unwrap();
    let tablet = world.phone();
    let package = tablet.key_packages(world.suite, 1, false).unwrap().remove(0);
    let change = group.add(&phone, &[package.mls_message]).unwrap();
    let joined = Group::join(&tablet, &change.welcome.unwrap(), &world.policy, |_| Some(package.secret.clone()));
    assert_eq!(joined.err(), Some(Error::Refused("welcome by anybody but the business")));
}

#[test]
fn an_own_message_is_recognised() {
    let world = World::new(Suite::X25519);
    let (mut shop, _) = world.pair();
    let own = shop.say("to myself");
    assert_eq!(shop.receive(&own, &world.policy), Err::<Received, _>(Error::Own));
}
