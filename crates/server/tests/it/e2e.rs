//! Customers and shops through both planes: nothing is lost, nothing comes twice, whatever stops and starts.
use serde_json::json;
use std::cell::RefCell;
use suki_client::{Event, Status};
use suki_endpoint::operators::Role;
use suki_store::{StoreError, Tx};
use suki_testkit::{Customer, Pace, Shop, World, shop::message_id, wait};

const ORDER: [&str; 4] = ["pending", "sent", "delivered", "read"];

async fn in_conversation(seed: u64) -> (World, Shop, Customer) {
    let (world, shop) = World::with_shop(seed).await;
    let ana = Customer::named(&world, &shop, "Ana").await;
    ana.says("hello").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    (world, shop, ana)
}

/// Both sides say something, and hear each other.
async fn talk(world: &World, shop: &Shop, customer: &mut Customer, text: &str) {
    let browser = shop.owner(world).await;
    let id = customer.says(&format!("customer: {text}")).await;
    shop.sees(world, &browser, &customer.chat.to_string(), &format!("customer: {text}")).await;
    customer.status(id, Status::Delivered).await;
    let path = format!("/chats/{}/messages", customer.chat);
    browser.post(world, &path, &json!({"id": message_id(world), "text": format!("shop: {text}")})).await.expect(201);
    hears(customer, &format!("shop: {text}")).await;
}

async fn hears(customer: &mut Customer, text: &str) {
    customer.wait(text, |event| matches!(event, Event::Message(_, message) if message.text == text).then_some(())).await;
}

/// Every text once, in the inbox and on the device.
async fn assert_same(world: &World, shop: &Shop, customer: &Customer) {
    let browser = shop.owner(world).await;
    let page = browser.get(world, &format!("/chats/{}/messages?limit=200", customer.chat)).await.expect(200);
    let mut inbox: Vec<String> =
        page["data"].as_array().expect("a list").iter().map(|one| one["text"].as_str().expect("a text").to_owned()).collect();
    let mut device = customer.texts().await;
    inbox.sort();
    device.sort();
    assert_eq!(inbox, device);
    inbox.dedup();
    assert_eq!(inbox.len(), device.len(), "nothing comes twice");
}

#[tokio::test]
async fn r2_both_sides_talk_and_ticks_only_go_forward() {
    let (world, shop, mut ana) = in_conversation(701).await;
    let browser = shop.owner(&world).await;
    let path = format!("/chats/{}/messages", ana.chat);
    let mut ids = Vec::new();
    for number in 0..10 {
        ids.push(message_id(&world));
        browser.post(&world, &path, &json!({"id": ids[number], "text": format!("shop {number}")})).await.expect(201);
        ana.says(&format!("ana {number}")).await;
    }
    let mut heard = Vec::new();
    while heard.len() < 10 {
        heard.push(ana.hears().await);
    }
    assert_eq!(
        heard.iter().map(|message| message.text.clone()).collect::<Vec<_>>(),
        (0..10).map(|number| format!("shop {number}")).collect::<Vec<_>>()
    );
    ana.reads(heard[9].id).await;
    let furthest = RefCell::new(vec![0; ids.len()]);
    wait::until(&world.env, "all read", || async {
        let page = browser.get(&world, &format!("{path}?limit=200")).await.expect(200);
        let data = page["data"].as_array().expect("a list");
        let mut furthest = furthest.borrow_mut();
        for (id, furthest) in ids.iter().zip(furthest.iter_mut()) {
            let message = data.iter().find(|one| one["id"] == id.as_str()).expect("it is there");
            let now = ORDER.iter().position(|one| message["status"] == *one).expect("a status");
            assert!(now >= *furthest, "a status never goes back");
            *furthest = now;
        }
        furthest.iter().all(|now| *now == 3).then_some(())
    })
    .await;
    world.receiver.wait(Pace::Slow, &shop.callback, 11 + 30).await;
    for id in &ids {
        let wamid = suki_cloud_api::wamid::encode(id.parse().expect("an id"));
        let told: Vec<String> = world.receiver.taken(&shop.callback).iter().map(|one| one.tells()).filter(|told| told.ends_with(&wamid)).collect();
        assert_eq!(told, ["sent", "delivered", "read"].map(|status| format!("{status}:{wamid}")));
    }
    assert_same(&world, &shop, &ana).await;
}

#[tokio::test]
async fn r14_a_second_device_joins_and_gets_what_was_said() {
    let (world, shop, mut ana) = in_conversation(702).await;
    talk(&world, &shop, &mut ana, "before").await;
    let mut tablet = ana.second_device(&world).await;
    let mut history = Vec::new();
    while history.len() < 3 {
        history.push(tablet.hears().await.text);
    }
    assert_eq!(history, ["hello", "customer: before", "shop: before"]);
    talk(&world, &shop, &mut tablet, "from the tablet").await;
    hears(&mut ana, "shop: from the tablet").await;
    talk(&world, &shop, &mut ana, "from the phone").await;
    hears(&mut tablet, "shop: from the phone").await;
    assert_eq!(ana.texts().await, tablet.texts().await);
    assert_same(&world, &shop, &ana).await;
}

#[tokio::test]
async fn an_endpoint_that_is_killed_goes_on_from_its_store() {
    let (world, shop, mut ana) = in_conversation(703).await;
    let browser = shop.owner(&world).await;
    let path = format!("/chats/{}/messages", ana.chat);
    for round in 0..3 {
        // Killed with its answers still on their way.
        for number in 0..5 {
            browser.post(&world, &path, &json!({"id": message_id(&world), "text": format!("shop {round} {number}")})).await.expect(201);
        }
        world.stop_endpoint().await;
        ana.says(&format!("ana {round}")).await;
        world.start_endpoint().await;
        // The session is in the store as well.
        shop.sees(&world, &browser, &ana.chat.to_string(), &format!("ana {round}")).await;
        hears(&mut ana, &format!("shop {round} 4")).await;
    }
    talk(&world, &shop, &mut ana, "after").await;
    let said: Vec<String> = ana.texts().await.into_iter().filter(|text| text.starts_with("shop ")).collect();
    let expected: Vec<String> = (0..3).flat_map(|round| (0..5).map(move |number| format!("shop {round} {number}"))).collect();
    assert_eq!(said, expected, "in order, and once each");
    assert_same(&world, &shop, &ana).await;
}

#[tokio::test]
async fn a_network_that_is_killed_goes_on_from_its_store() {
    let (world, shop, mut ana) = in_conversation(704).await;
    let browser = shop.owner(&world).await;
    let path = format!("/chats/{}/messages", ana.chat);
    for round in 0..3 {
        world.stop_network().await;
        // Taken while nobody can be reached, on both sides.
        browser.post(&world, &path, &json!({"id": message_id(&world), "text": format!("shop {round}")})).await.expect(201);
        ana.says(&format!("ana {round}")).await;
        world.start_network().await;
        shop.sees(&world, &browser, &ana.chat.to_string(), &format!("ana {round}")).await;
        hears(&mut ana, &format!("shop {round}")).await;
    }
    talk(&world, &shop, &mut ana, "after").await;
    assert_same(&world, &shop, &ana).await;
}

/// Stops the endpoint, takes its MLS state away, as a restored backup may, and starts it.
async fn lose_groups(world: &World) {
    world.stop_endpoint().await;
    let lose = |tx: &mut Tx<'_>| {
        assert_eq!(tx.execute("DELETE FROM mls_group", &[])?, 1);
        assert_eq!(tx.execute("DELETE FROM mls_ratchet", &[])?, 1);
        Ok::<_, StoreError>(())
    };
    world.endpoint_store().write(lose).await.expect("they are gone");
    world.start_endpoint().await;
}

#[tokio::test]
async fn a_shop_that_lost_its_groups_need_not_wait_for_the_customer() {
    let (world, shop, mut ana) = in_conversation(707).await;
    talk(&world, &shop, &mut ana, "before").await;
    lose_groups(&world).await;
    let browser = shop.owner(&world).await;
    for text in ["first", "second"] {
        let path = format!("/chats/{}/messages", ana.chat);
        browser.post(&world, &path, &json!({"id": message_id(&world), "text": text})).await.expect(201);
    }
    hears(&mut ana, "first").await;
    hears(&mut ana, "second").await;
    talk(&world, &shop, &mut ana, "after").await;
    assert_same(&world, &shop, &ana).await;
}

#[tokio::test]
async fn an_endpoint_that_lost_its_groups_joins_them_anew() {
    let (world, shop, mut ana) = in_conversation(705).await;
    talk(&world, &shop, &mut ana, "before").await;
    lose_groups(&world).await;
    // What was encrypted to the lost state cannot be read any more; what comes after it can.
    ana.says("into the void").await;
    world.until_stored("a group", "SELECT count(*) FROM mls_group", |count| count == 1).await;
    talk(&world, &shop, &mut ana, "after").await;
    talk(&world, &shop, &mut ana, "and on").await;
}

#[tokio::test]
async fn r89_operators_come_and_go_and_the_customers_keys_stay() {
    let (world, shop, mut ana) = in_conversation(706).await;
    talk(&world, &shop, &mut ana, "with the owner").await;
    let keys = ana.client.safety_number(ana.chat).await.expect("it is known").expect("joined");
    let epoch = world.count("SELECT epoch FROM mls_group").await;
    let owner = shop.owner(&world).await;
    let path = format!("/chats/{}/messages", ana.chat);
    for name in ["Otto", "Nina", "Paul"] {
        let colleague = shop.hire(&world, name, Role::Operator).await;
        let browser = shop.browser(&world, &colleague).await;
        browser.post(&world, &path, &json!({"id": message_id(&world), "text": format!("{name} here")})).await.expect(201);
        hears(&mut ana, &format!("{name} here")).await;
        assert_eq!(owner.delete(&world, &format!("/operators/{}", colleague.id)).await.status, 204);
    }
    assert_eq!(ana.client.safety_number(ana.chat).await.expect("it is known"), Some(keys));
    assert_eq!(world.count("SELECT epoch FROM mls_group").await, epoch);
    talk(&world, &shop, &mut ana, "with the owner again").await;
}
