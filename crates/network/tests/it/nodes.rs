//! Two nodes over one PostgreSQL database: what one machine decides once is decided once on many.
use crate::{
    admission::{crowd, template},
    world::{DAY, Device, World, event, key},
};
use parking_lot::Mutex;
use std::{collections::BTreeSet, sync::Arc};
use suki_bus::{Bus, Hub};
use suki_network::{Config, registration::RegistrationError, sender::Console};
use suki_protocol::{
    http::{CodeChannel, RequestPhoneCode},
    pb::{self, EntryKind, RefusalCode, client_frame::Body as Ask, server_frame::Body as Told},
};
use suki_store::StoreError;
use suki_types::{ConversationId, Env, NodeId, Phone};

/// Two nodes that hear nothing of each other but through the store.
async fn two(seed: u64, config: Config) -> (World, World) {
    let (env, hub) = (Env::for_tests(seed), Hub::default());
    let nodes = [1, 2].map(|number| NodeId::from_bytes([number; 16]));
    let buses = nodes.map(|node| hub.join(node) as Arc<dyn Bus>).to_vec();
    nodes.iter().for_each(|node| hub.cut(*node));
    let mut worlds = World::nodes_with(&env, &config, buses).await.into_iter();
    (worlds.next().expect("the first"), worlds.next().expect("the second"))
}

fn config() -> Config {
    Config { test_numbers: true, requests_per_second: (1_000_000, 1_000_000), ..Config::default() }
}

/// The same device on another node; the connection it has stays, since nobody tells it of the new one.
async fn also_on(world: &World, device: &mut Device) -> Device {
    let own = std::mem::replace(&mut device.key, key(&world.env));
    Device::log_in(world, own, device.registered.clone()).await
}

async fn answers(device: &mut Device, requests: Vec<u32>) -> Vec<Told> {
    let mut told = Vec::new();
    for request in requests {
        told.push(device.answer(request).await);
    }
    told
}

fn code(told: &Told) -> Option<RefusalCode> {
    match told {
        Told::Refused(refused) => Some(refused.code()),
        _ => None,
    }
}

async fn messages(world: &World, device: &mut Device) -> Vec<Vec<u8>> {
    device.reconnect(world).await;
    let entries = device.entries_so_far().await;
    entries.into_iter().filter(|entry| entry.kind() == EntryKind::Message).map(|entry| entry.message_id).collect()
}

/// Both sides write at the same time, on different nodes, and nobody waits: each message is there once, in the order of its sender, and each is counted.
#[tokio::test(flavor = "multi_thread")]
async fn both_sides_write_at_once() {
    let (one, two) = two(501, config()).await;
    let mut shop = one.shop("kape").await;
    let (mut ana, mut ben) = (one.guest("kape").await, one.guest("kape").await);
    let chats = [one.join(&mut shop, &mut ana).await, one.join(&mut shop, &mut ben).await];
    ana.reconnect(&two).await;
    for (customer, chat) in [(&mut ana, chats[0]), (&mut ben, chats[1])] {
        customer.accepted(customer.text(chat, 1).1).await;
    }
    let before = messages(&one, &mut shop).await.len();
    // As many as a business may write in one chat at once.
    let (mut of_shop, mut of_ana, mut of_ben, mut waiting) = (Vec::new(), Vec::new(), Vec::new(), [Vec::new(), Vec::new(), Vec::new()]);
    for _ in 0..40 {
        for (place, (device, chat, sent)) in
            [(&mut shop, chats[0], &mut of_shop), (&mut ana, chats[0], &mut of_ana), (&mut ben, chats[1], &mut of_ben)].into_iter().enumerate()
        {
            let (id, text) = device.text(chat, 1);
            sent.push(id.to_vec());
            waiting[place].push(device.send(text));
        }
    }
    let [for_shop, for_ana, for_ben] = waiting;
    for (device, requests) in [(&mut shop, for_shop), (&mut ana, for_ana), (&mut ben, for_ben)] {
        for told in answers(device, requests).await {
            assert!(matches!(told, Told::Accepted(_)), "{told:?}");
        }
    }
    assert_eq!(messages(&two, &mut ana).await, of_shop);
    let arrived = messages(&one, &mut shop).await.split_off(before);
    let (from_ana, from_ben): (Vec<_>, Vec<_>) = arrived.into_iter().partition(|id| of_ana.contains(id));
    assert_eq!((from_ana, from_ben), (of_ana, of_ben));
    let counted = one.number("SELECT CAST(SUM(received) AS BIGINT) FROM statistic WHERE business = ?1", &shop).await;
    assert_eq!(counted, 82, "no count is lost");
}

/// The frames of a connection keep their order though it has to be asked what they are about: acknowledgements of entries, and conversations that this
/// node has not heard of.
#[tokio::test(flavor = "multi_thread")]
async fn frames_keep_their_order_on_a_node_that_knows_nothing() {
    let (one, two) = two(502, config()).await;
    let (mut kape, mut sari) = (one.shop("kape").await, one.shop("sari").await);
    let mut ana = one.guest("kape").await;
    let chats = [one.join(&mut kape, &mut ana).await, one.join(&mut sari, &mut ana).await];
    for chat in chats {
        ana.accepted(ana.text(chat, 1).1).await;
    }
    for (shop, chat) in [&mut kape, &mut sari].into_iter().zip(chats) {
        shop.accepted(shop.text(chat, 1).1).await;
    }
    ana.reconnect(&two).await;
    let seen = ana.entries_so_far().await.last().expect("something came").seq;
    let mut sent = [Vec::new(), Vec::new()];
    let mut requests = Vec::new();
    for round in 0..20 {
        requests.push(ana.send(Ask::Ack(pb::Ack { seq: seen.min(round) })));
        for (chat, sent) in chats.iter().zip(&mut sent) {
            let (id, text) = ana.text(*chat, 1);
            sent.push(id.to_vec());
            requests.push(ana.send(text));
        }
    }
    answers(&mut ana, requests).await;
    for (shop, sent) in [&mut kape, &mut sari].into_iter().zip(sent) {
        let arrived = messages(&one, shop).await;
        assert_eq!(arrived[arrived.len() - sent.len()..], sent);
    }
}

/// A tier's last free places are given once, whichever node the business speaks to.
#[tokio::test(flavor = "multi_thread")]
async fn the_last_places_of_a_tier_are_given_once() {
    let (one, two) = two(503, config()).await;
    let mut shop = one.shop("kape").await;
    let customers = crowd(&one, &mut shop, 1..=12).await;
    one.everybody_consents(&shop).await;
    one.approved(&shop, 2).await;
    one.tier(&shop, 5).await;
    let mut there = also_on(&two, &mut shop).await;
    let mut requests = [Vec::new(), Vec::new()];
    for pair in customers.chunks(2) {
        requests[0].push(shop.send(template(&shop, pair[0], 2)));
        requests[1].push(there.send(template(&there, pair[1], 2)));
    }
    let [here, beside] = requests;
    let told = [answers(&mut shop, here).await, answers(&mut there, beside).await].concat();
    assert_eq!(told.iter().filter(|told| matches!(told, Told::Accepted(_))).count(), 5, "{told:?}");
    assert_eq!(told.iter().filter(|told| code(told) == Some(RefusalCode::Rule)).count(), 7);
    assert_eq!(one.number("SELECT unique_count FROM standing WHERE business = ?1", &shop).await, 5);
}

/// One commit an epoch wins.
#[tokio::test(flavor = "multi_thread")]
async fn a_race_of_commits_has_one_winner() {
    let (one, two) = two(504, config()).await;
    let (mut shop, _ana, chat) = one.pair().await;
    let mut there = also_on(&two, &mut shop).await;
    for epoch in 1..=10 {
        let (here, beside) = (shop.send(shop.commit(chat, epoch, &[], &[])), there.send(there.commit(chat, epoch, &[], &[])));
        let told = [shop.answer(here).await, there.answer(beside).await];
        assert_eq!(told.iter().filter(|told| matches!(told, Told::Accepted(_))).count(), 1, "epoch {epoch}: {told:?}");
        assert!(told.iter().any(|told| code(told) == Some(RefusalCode::EpochConflict)));
    }
}

/// A key package that is used once is given to one business.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_package_is_given_once() {
    let (one, two) = two(505, config()).await;
    let (mut kape, mut sari) = (one.shop("kape").await, two.shop("sari").await);
    let mut ana = one.guest("kape").await;
    let chats = [ana.open(&kape).await, ana.open(&sari).await];
    let packages = (0..20_u8).map(|number| pb::KeyPackage { suite: 1, data: vec![0, 1, 0, 5, 0, 1, 0, 1, number], last_resort: false });
    ana.done(Ask::PublishKeyPackages(pb::PublishKeyPackages { packages: packages.collect() })).await;
    let claim =
        |chat: ConversationId| Ask::ClaimKeyPackages(pb::ClaimKeyPackages { conversation: chat.to_vec(), suites: vec![1], device: Vec::new() });
    let mut requests = [Vec::new(), Vec::new()];
    for _ in 0..10 {
        requests[0].push(kape.send(claim(chats[0])));
        requests[1].push(sari.send(claim(chats[1])));
    }
    let [of_kape, of_sari] = requests;
    let mut given = BTreeSet::new();
    for told in [answers(&mut kape, of_kape).await, answers(&mut sari, of_sari).await].concat() {
        let Told::KeyPackages(claimed) = told else { panic!("no packages: {told:?}") };
        for claimed in claimed.packages {
            assert!(given.insert(claimed.package.expect("a package").data), "it was given before");
        }
    }
    assert_eq!(given.len(), 20);
}

/// The jobs are one node's, and another's when that one is gone; a node that was taken for dead knows it.
#[tokio::test(flavor = "multi_thread")]
async fn one_node_keeps_house() {
    let (one, two) = two(506, config()).await;
    let mind = async |world: &World| world.network.mind_house(world.env.now()).await.expect("the store answers");
    assert_eq!((mind(&one).await, mind(&two).await), (true, false));
    for _ in 0..10 {
        one.advance(9_000);
        assert_eq!((mind(&one).await, mind(&two).await), (true, false), "whoever beats keeps it");
    }
    one.advance(9_999);
    assert!(!mind(&two).await, "not dead yet");
    one.advance(1);
    assert!(mind(&two).await, "its beat stood still for ten seconds");
    assert_eq!((mind(&one).await, mind(&two).await), (false, true), "it is back, and another keeps house");
}

/// Jobs bear being run by two nodes at once: what nobody fetched is told of once.
#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_run_twice_at_once_do_their_work_once() {
    let (one, two) = two(507, config()).await;
    let (mut shop, mut ana, chat) = one.pair().await;
    ana.accepted(ana.text(chat, 1).1).await;
    for _ in 0..30 {
        shop.accepted(shop.text(chat, 1).1).await;
    }
    messages(&one, &mut shop).await;
    one.advance(31 * DAY);
    let now = one.env.now();
    let (here, there) = tokio::join!(one.network.run_jobs(now), two.network.run_jobs(now));
    let (here, there) = (here.expect("the jobs run"), there.expect("the jobs run"));
    assert!(here.expired + there.expired >= 30, "{here:?} {there:?}");
    shop.reconnect(&one).await;
    let told = shop.entries_so_far().await;
    let expired = told.iter().filter(|entry| entry.kind() == EntryKind::Event).filter_map(|entry| match event(entry) {
        pb::event::Body::MessageExpired(expired) => Some(expired.message_ids),
        _ => None,
    });
    let expired: Vec<_> = expired.flatten().collect();
    assert_eq!((expired.len(), expired.iter().collect::<BTreeSet<_>>().len()), (30, 30), "each once");
    let rest: Result<i64, StoreError> = one.db.read(|tx| tx.query_one("SELECT count(*) FROM message WHERE at > 0", &[], |row| row.get(0))).await;
    assert_eq!(rest, Ok(0));
}

/// Codes cost money: the limit holds for all nodes together, and for a node that starts anew.
#[tokio::test(flavor = "multi_thread")]
async fn codes_are_limited_over_all_nodes() {
    let lines = Arc::new(Mutex::new(0));
    let sent = lines.clone();
    let sender = Console::new(move |_| *sent.lock() += 1);
    let (one, two) = two(508, Config { code_sender: Some(Arc::new(sender)), phone_codes_per_hour: 4, ..config() }).await;
    let ask = async |world: &World, number| {
        let request = RequestPhoneCode { phone: Phone::test(number), channel: CodeChannel::Sms };
        world.network.request_phone_code(request).await.map(drop)
    };
    for number in 0..4 {
        ask(if number % 2 == 0 { &one } else { &two }, number).await.expect("it is sent");
    }
    for world in [&one, &two] {
        let refused = ask(world, 9).await.expect_err("four were sent");
        let RegistrationError::TooMany { retry_at, .. } = refused else { panic!("{refused:?}") };
        assert_eq!(retry_at.since(world.env.now()), 900_000, "a quarter of an hour brings the next");
    }
    one.advance(900_000);
    ask(&two, 9).await.expect("one is there again");
    ask(&one, 8).await.expect_err("and no more");
    assert_eq!(*lines.lock(), 5);
}

/// How often the writer of a business waits for PostgreSQL, the transaction included: what a message costs at least.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_costs_so_many_journeys() {
    let (one, _two) = two(509, config()).await;
    let (mut shop, mut ana, chat) = one.pair().await;
    one.tier(&shop, -1).await;
    one.approved(&shop, 2).await;
    one.everybody_consents(&shop).await;
    let key = *shop.registered.account.as_bytes();
    let waited = async || {
        let asked = one.db.keyed(key).write(|_| Ok::<_, StoreError>(suki_store::testing::journeys_on_this_thread()));
        asked.await.expect("the store answers")
    };
    // What asking itself costs: to begin, to lock and to commit.
    let mut before = waited().await;
    let asking = waited().await - before;
    before += asking;
    let since = async |before: &mut u64| {
        let now = waited().await;
        now - std::mem::replace(before, now) - asking
    };
    let mut costs = Vec::new();
    for _ in 0..3 {
        // The first round prepares statements; the last counts.
        costs.clear();
        ana.accepted(ana.text(chat, 1).1).await;
        costs.push(("a customer's message", since(&mut before).await));
        for (of_one, what) in [("a business's message", "its acknowledgement"), ("a template", "its acknowledgement")] {
            let message = if of_one == "a template" { template(&shop, chat, 2) } else { shop.text(chat, 1).1 };
            shop.accepted(message).await;
            costs.push((of_one, since(&mut before).await));
            let last = ana.entries_so_far().await.last().expect("it came").seq;
            ana.ack(last).await;
            costs.push((what, since(&mut before).await));
        }
        let last = shop.entries_so_far().await.last().expect("it came").seq;
        shop.ack(last).await;
        costs.push(("a business's acknowledgement", since(&mut before).await));
        one.advance(3_600_000);
    }
    // Each begins, locks its key, writes the log and commits: four. The rest are its own statements, one after the other.
    let most = [
        ("a customer's message", 8),
        ("a business's message", 10),
        ("its acknowledgement", 13),
        ("a template", 10),
        ("its acknowledgement", 13),
        ("a business's acknowledgement", 7),
    ];
    for ((what, waited), (named, most)) in costs.into_iter().zip(most) {
        assert!(what == named && waited <= most, "{what} waits {waited} times for the server, not {most}");
    }
}
