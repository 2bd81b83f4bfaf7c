//! Many things at once, at random: whatever happens, every device sees every message once, in the order of its acceptance.
use crate::world::{Device, World};
use std::collections::HashMap;
use suki_protocol::pb::EntryKind;
use suki_types::{ConversationId, Env};

struct Peer {
    device: Device,
    /// Everything up to here was taken in.
    cursor: u64,
    /// The messages in the order they were taken in, by conversation.
    view: HashMap<ConversationId, Vec<Vec<u8>>>,
}

impl Peer {
    fn new(device: Device) -> Self {
        Self { device, cursor: 0, view: HashMap::new() }
    }

    async fn take(&mut self) {
        for entry in self.device.entries_so_far().await {
            if entry.seq > self.cursor {
                self.cursor = entry.seq;
                if entry.kind() == EntryKind::Message {
                    let conversation = ConversationId::try_from(&entry.conversation[..]).expect("an id");
                    self.view.entry(conversation).or_default().push(entry.message_id);
                }
            }
        }
    }
}

struct Room {
    id: ConversationId,
    epoch: u64,
    /// Places of the peers in the list; the shop's is 0.
    peers: Vec<usize>,
    /// What was sent, by whom, in order.
    sent: Vec<(usize, Vec<u8>)>,
}

struct Dice(Env);

impl Dice {
    fn roll(&self, sides: usize) -> usize {
        u32::from_le_bytes(self.0.random()) as usize % sides
    }
}

/// A shop, and customers with two devices each, all joined; every customer has written once, so that the windows are open.
async fn start(world: &World) -> (Vec<Peer>, Vec<Room>) {
    let mut shop = world.shop("kape").await;
    let (mut peers, mut rooms) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let mut phone = world.guest("kape").await;
        let id = world.join(&mut shop, &mut phone).await;
        let tablet = world.sibling(&mut phone).await;
        shop.accepted(shop.commit(id, 1, &[&tablet], &[])).await;
        let (message, text) = phone.text(id, 2);
        phone.accepted(text).await;
        shop.entries_so_far().await;
        let place = peers.len() + 1;
        rooms.push(Room { id, epoch: 2, peers: vec![0, place, place + 1], sent: vec![(place, message.to_vec())] });
        peers.extend([Peer::new(phone), Peer::new(tablet)]);
    }
    // The shop has taken some entries while it made the groups: from the beginning again.
    shop.reconnect(world).await;
    peers.insert(0, Peer::new(shop));
    (peers, rooms)
}

async fn step(world: &World, dice: &Dice, peers: &mut [Peer], rooms: &mut [Room]) {
    let chosen = dice.roll(rooms.len());
    let room = &mut rooms[chosen];
    let who = room.peers[dice.roll(3)];
    let peer = &mut peers[who];
    match dice.roll(12) {
        // Sent without waiting for the answer, in any of the epochs that count.
        0..=6 => {
            let (id, text) = peer.device.text(room.id, room.epoch - dice.roll(3).min(2) as u64);
            peer.device.send(text);
            room.sent.push((who, id.to_vec()));
        }
        7 => {
            peer.take().await;
            peer.device.ack(peer.cursor).await;
        }
        // Taken and not acknowledged: it comes again.
        8 => {
            peer.take().await;
            peer.device.reconnect(world).await;
        }
        9 => peer.device.reconnect(world).await,
        10 => {
            let commit = peers[0].device.commit(room.id, room.epoch, &[], &[]);
            peers[0].device.accepted(commit).await;
            room.epoch += 1;
        }
        _ => {
            world.advance(60_000);
            world.network.run_jobs(world.env.now()).await.expect("the jobs run");
        }
    }
}

fn config() -> suki_network::Config {
    suki_network::Config { requests_per_second: (1_000_000, 1_000_000), ..Default::default() }
}

async fn walk(seed: u64, world: World) {
    let dice = Dice(Env::for_tests(seed ^ 0xd1ce));
    let (mut peers, mut rooms) = start(&world).await;
    for _ in 0..300 {
        step(&world, &dice, &mut peers, &mut rooms).await;
    }
    for peer in &mut peers {
        // What was sent without waiting is committed before this is answered.
        peer.device.accepted_everything().await;
    }
    for (place, peer) in peers.iter_mut().enumerate() {
        peer.take().await;
        for room in rooms.iter().filter(|room| room.peers.contains(&place)) {
            let expected: Vec<_> = room.sent.iter().filter(|(from, _)| *from != place).map(|(_, id)| id.clone()).collect();
            assert_eq!(peer.view.remove(&room.id).unwrap_or_default(), expected, "seed {seed}, device {place}");
        }
        assert!(peer.view.is_empty(), "seed {seed}: a device got what is not its own");
    }
}

#[tokio::test]
async fn whatever_happens_every_device_sees_every_message_once_in_order() {
    for seed in 0..6 {
        walk(seed, World::with(seed, config()).await).await;
    }
}

#[tokio::test]
async fn the_same_on_postgresql() {
    walk(7, World::on_postgres(7, config()).await).await;
}
