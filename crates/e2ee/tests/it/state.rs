//! What is stored of a group, and how little a message rewrites.
use crate::world::{Member, World, on_both};
use suki_e2ee::{Error, Group, State, Suite};

/// A store of one group, as the endpoint has it.
#[derive(Clone, Default)]
struct Row {
    cold: Vec<u8>,
    hot: Vec<u8>,
}

impl Row {
    fn put(&mut self, state: State) -> bool {
        let cold = state.cold.is_some();
        self.cold = state.cold.unwrap_or(std::mem::take(&mut self.cold));
        self.hot = state.hot;
        cold
    }
    fn save(&mut self, member: &mut Member) -> bool {
        self.put(member.group.export().unwrap())
    }
    fn load(&self, member: &mut Member) {
        member.group = Group::import(&member.device, &self.cold, &self.hot).unwrap();
    }
}

#[test]
fn a_group_goes_on_from_its_stored_state_after_every_step() {
    on_both(|world| {
        let (mut shop, mut phone) = world.pair();
        let (mut row, mut theirs) = (Row::default(), Row::default());
        assert!(row.save(&mut shop));
        theirs.save(&mut phone);
        for n in 0..30 {
            row.load(&mut shop);
            theirs.load(&mut phone);
            let hello = shop.say(&n.to_string());
            assert!(!row.save(&mut shop), "a message rewrites the hot part alone");
            assert_eq!(world.text(&mut phone, &hello).unwrap(), n.to_string());
            let answer = phone.say("yes");
            theirs.save(&mut phone);
            assert_eq!(world.text(&mut shop, &answer).unwrap(), "yes");
            assert!(!row.save(&mut shop));
        }
        let tablet = world.phone();
        let (change, keys) = shop.offer(&tablet, world.suite);
        assert!(row.save(&mut shop), "a pending change is stored");
        row.load(&mut shop);
        assert!(shop.group.is_pending());
        shop.group.confirm().unwrap();
        row.save(&mut shop);
        row.load(&mut shop);
        phone.receive(&change.commit, &world.policy).unwrap();
        let mut tablet = world.join(&tablet, &change, &keys).unwrap();
        let hello = shop.say("to three");
        for member in [&mut phone, &mut tablet] {
            assert_eq!(world.text(member, &hello).unwrap(), "to three");
        }
    });
}

#[test]
fn a_late_message_of_a_past_epoch_survives_storing() {
    on_both(|world| {
        let (mut shop, mut phone) = world.pair();
        let (late, later) = (phone.say("late"), phone.say("later"));
        world.grow(&mut shop, &mut [&mut phone]);
        let mut row = Row::default();
        row.save(&mut shop);
        assert_eq!(world.text(&mut shop, &late).unwrap(), "late");
        row.save(&mut shop);
        row.load(&mut shop);
        assert_eq!(shop.receive(&late, &world.policy), Err(Error::Spent));
        assert_eq!(world.text(&mut shop, &later).unwrap(), "later");
    });
}

#[test]
fn what_is_stored_is_small() {
    for (suite, most_cold, most_hot) in [(Suite::X25519, 6000, 1024), (Suite::XWING, 24_000, 1024)] {
        let world = World::new(suite);
        let (mut shop, mut phone) = world.pair();
        world.grow(&mut shop, &mut [&mut phone]);
        let mut row = Row::default();
        row.save(&mut shop);
        for _ in 0..20 {
            let hello = shop.say("hello");
            world.text(&mut phone, &hello).unwrap();
            let answer = phone.say("hello");
            world.text(&mut shop, &answer).unwrap();
            row.save(&mut shop);
        }
        assert!(row.cold.len() <= most_cold, "{} cold: {}", suite.name(), row.cold.len());
        assert!(row.hot.len() <= most_hot, "{} hot: {}", suite.name(), row.hot.len());
    }
}

#[test]
fn parts_of_two_times_or_damaged_parts_are_not_taken() {
    let world = World::new(Suite::X25519);
    let (mut shop, mut phone) = world.pair();
    let (mut old, mut new) = (Row::default(), Row::default());
    old.save(&mut shop);
    world.grow(&mut shop, &mut [&mut phone]);
    new.save(&mut shop);
    let import = |cold: &[u8], hot: &[u8]| Group::import(&world.endpoint, cold, hot).err();
    assert_eq!(import(&old.cold, &new.hot), Some(Error::CorruptState));
    assert_eq!(import(&new.cold, &old.hot), Some(Error::CorruptState));
    for end in (0..new.cold.len()).step_by(5) {
        assert_eq!(import(&new.cold[..end], &new.hot), Some(Error::CorruptState), "cold cut at {end}");
    }
    for end in 0..new.hot.len() {
        assert_eq!(import(&new.cold, &new.hot[..end]), Some(Error::CorruptState), "hot cut at {end}");
    }
    for at in (0..new.cold.len()).step_by(5) {
        let mut damaged = new.cold.clone();
        damaged[at] ^= 1;
        assert_eq!(import(&damaged, &new.hot), Some(Error::CorruptState), "cold byte {at}");
    }
    assert_eq!(import(&new.cold, &new.hot), None);
}

#[test]
fn groups_can_move_between_threads() {
    fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<Group>();
    is_send_and_sync::<suki_e2ee::Device>();
}
