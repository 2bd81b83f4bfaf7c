//! Several devices of one customer.
use crate::{
    shop::Shop,
    world::{Customer, World},
};
use suki_client::{Author, Event, Status};
use suki_e2ee::Suite;
use suki_protocol::pb::{self, client_frame::Body as Ask, server_frame::Body as Told};

async fn link_code(customer: &Customer) -> String {
    let told = customer.client.request(Ask::MakeLinkCode(pb::MakeLinkCode {})).await;
    let Ok(Told::LinkCode(code)) = told else { panic!("no code: {told:?}") };
    code.code
}

#[tokio::test]
async fn a_second_device_joins_gets_the_history_and_shares_what_follows() {
    let world = World::new(21).await;
    let mut shop = Shop::open(&world, Suite::X25519).await;
    let mut ana = world.guest().await;
    ana.wait(|event| (event == Event::Connected).then_some(())).await;
    let conversation = ana.client.open(shop.account).await.expect("it opens");
    ana.client.send_text(conversation, "one", None).await.expect("it is written");
    shop.hears().await;
    shop.say(conversation, "two").await;
    ana.message().await;

    let mut tablet = world.sibling(&link_code(&ana).await).await;
    assert_eq!(tablet.joined().await, conversation);
    let history = [tablet.message().await, tablet.message().await];
    assert_eq!(history.each_ref().map(|message| (message.author, message.text.as_str())), [(Author::Sibling, "one"), (Author::Business, "two")]);
    assert_eq!(ana.client.safety_number(conversation).await, tablet.client.safety_number(conversation).await);

    let id = tablet.client.send_text(conversation, "three", None).await.expect("it is written");
    assert_eq!(shop.hears().await.2, "three");
    let seen = ana.message().await;
    assert_eq!((seen.id, seen.author), (id, Author::Sibling));
    ana.wait(|event| (event == Event::Status(conversation, id, Status::Delivered)).then_some(())).await;

    let answer = shop.say(conversation, "four").await;
    assert_eq!((ana.message().await.id, tablet.message().await.id), (answer, answer));
    tablet.client.read(conversation, answer).await.expect("it is known");
    ana.wait(|event| (event == Event::ReadElsewhere(conversation, answer)).then_some(())).await;
    assert_eq!(ana.texts(conversation).await, tablet.texts(conversation).await);
}

#[tokio::test]
async fn a_removed_device_is_told_and_the_others_go_on() {
    let world = World::new(22).await;
    let mut shop = Shop::open(&world, Suite::X25519).await;
    let mut ana = world.guest().await;
    ana.wait(|event| (event == Event::Connected).then_some(())).await;
    let conversation = ana.client.open(shop.account).await.expect("it opens");
    ana.joined().await;
    let mut tablet = world.sibling(&link_code(&ana).await).await;
    tablet.joined().await;
    let remove = pb::RemoveDevice { device: tablet.client.credentials().device.to_vec() };
    ana.client.request(Ask::RemoveDevice(remove)).await.expect("it is removed");
    tablet.wait(|event| (event == Event::Removed).then_some(())).await;
    ana.client.send_text(conversation, "still here", None).await.expect("it is written");
    assert_eq!(shop.hears().await.2, "still here");
    shop.say(conversation, "good").await;
    assert_eq!(ana.message().await.text, "good");
}

#[tokio::test]
async fn a_customer_with_several_shops_keeps_them_apart() {
    let world = World::new(23).await;
    let mut shop = Shop::open(&world, Suite::X25519).await;
    let mut ana = world.guest().await;
    let mut ben = world.guest().await;
    for customer in [&mut ana, &mut ben] {
        customer.wait(|event| (event == Event::Connected).then_some(())).await;
    }
    let with_ana = ana.client.open(shop.account).await.expect("it opens");
    let with_ben = ben.client.open(shop.account).await.expect("it opens");
    ana.client.send_text(with_ana, "from ana", None).await.expect("it is written");
    let (conversation, _, text) = shop.hears().await;
    assert_eq!((conversation, text.as_str()), (with_ana, "from ana"));
    ben.client.send_text(with_ben, "from ben", None).await.expect("it is written");
    assert_eq!(shop.hears().await.0, with_ben);
    assert_eq!(ben.texts(with_ben).await, ["from ben"]);
    assert!(ben.client.thread(with_ana).await.is_err());
}
