//! What operators send beside texts: places, and emoji on messages.
use serde_json::json;
use suki_client::{Event, What};
use suki_protocol::content;
use suki_testkit::{Customer, Pace, World, shop::message_id};

const MONTH: i64 = 30 * 24 * 3_600_000;

#[tokio::test]
async fn r66_an_operator_puts_an_emoji_on_a_message_and_takes_it_back() {
    let (world, shop) = World::with_shop(921).await;
    let mut ana = Customer::named(&world, &shop, "Ana").await;
    let said = ana.says("Ang sarap!").await;
    let browser = shop.owner(&world).await;
    shop.sees(&world, &browser, &ana.chat.to_string(), "Ang sarap!").await;
    let path = format!("/chats/{}/reactions", ana.chat);
    for emoji in ["❤️", ""] {
        let ask = json!({"id": message_id(&world), "message": said, "emoji": emoji});
        assert_eq!(browser.post(&world, &path, &ask).await.status, 204);
        let reaction = ana
            .wait("the reaction", |event| match event {
                Event::Reacted(_, on, reaction) if on == said => Some(reaction),
                _ => None,
            })
            .await;
        assert_eq!((reaction.of_business, reaction.emoji.as_str()), (true, emoji));
    }
    for (emoji, message) in [("hello", said.to_string()), ("👍", message_id(&world))] {
        let ask = json!({"id": message_id(&world), "message": message, "emoji": emoji});
        assert_eq!(browser.post(&world, &path, &ask).await.problem(), (422, "invalid".into()), "{emoji}");
    }
    world.advance(MONTH + 1);
    let late = json!({"id": message_id(&world), "message": said, "emoji": "👍"});
    assert_eq!(shop.owner(&world).await.post(&world, &path, &late).await.problem(), (409, "window_closed".into()));
}

#[tokio::test]
async fn an_operator_sends_a_place_and_the_list_says_what_it_is() {
    let (world, shop) = World::with_shop(922).await;
    let mut ana = Customer::named(&world, &shop, "Ana").await;
    ana.says("Where are you?").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    let browser = shop.owner(&world).await;
    let path = format!("/chats/{}/location", ana.chat);
    let place = json!({"id": message_id(&world), "latitude": 14.65, "longitude": 121.1, "name": "Kape"});
    let sent = browser.post(&world, &path, &place).await.expect(201);
    assert_eq!((&sent["type"], &sent["operator"]["name"]), (&json!("location"), &json!("Olga Owner")));
    assert_eq!(browser.post(&world, &path, &place).await.expect(201)["id"], sent["id"], "trying again sends once");
    let message = ana.hears().await;
    let What::Rich(rich) = &message.what else { panic!("{message:?} is plain") };
    let shown = content::shown(&rich.body().expect("it says something")).expect("it is shown");
    assert_eq!((&shown["latitude"], &shown["name"]), (&json!(14.65), &json!("Kape")));
    let chats = browser.get(&world, "/chats").await.expect(200);
    assert_eq!(chats["data"][0]["last"]["type"], "location");
    let nowhere = json!({"id": message_id(&world), "latitude": 91.0, "longitude": 0.0});
    assert_eq!(browser.post(&world, &path, &nowhere).await.problem(), (422, "invalid".into()));
    let other = shop.owner(&world).await;
    let nobodys = format!("/chats/{}/location", suki_types::ConversationId::new(&world.env));
    assert_eq!(other.post(&world, &nobodys, &place).await.problem().0, 404);
}
