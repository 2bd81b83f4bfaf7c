//! What leaves the endpoint leaves in the order of its chat, whatever the network refuses for a while. The network is played here, so that it refuses
//! exactly what the test says.
use crate::played::{Played, patiently, shop};
use std::{collections::HashMap, sync::Arc};
use suki_endpoint::{
    Business,
    messages::Via,
    send::{Outgoing, What},
};
use suki_protocol::pb::RefusalCode;
use suki_types::{ConversationId, Env, MessageId};

fn text(business: &Business, chat: ConversationId) -> Outgoing {
    Outgoing {
        id: MessageId::new(business.env()),
        chat,
        what: What::Text { body: "Hello".into(), preview_url: false },
        reply_to: None,
        operator: None,
        via: Via::Api,
        app: None,
        callback_data: String::new(),
    }
}

async fn send_all(business: &Arc<Business>, messages: &[Outgoing]) {
    for message in messages {
        business.send(message.clone()).await.expect("it is taken");
    }
}

#[tokio::test]
async fn nothing_overtakes_a_message_that_the_network_cannot_store_yet() {
    let played = Played::new(Env::for_tests(41));
    let chats = [played.customer(), played.customer()];
    let shop = shop(&played).await;
    let business = &shop.business;
    let messages: Vec<Outgoing> = (0..12).map(|place| text(business, chats[place % 2])).collect();
    let refused = [messages[2].id, messages[2].id, messages[5].id];
    played.refuses.lock().extend(refused.map(|id| (id, RefusalCode::Unavailable)));
    send_all(business, &messages).await;
    patiently(&played, "all messages", || async { played.took.lock().len() >= messages.len() }).await;
    for chat in chats {
        let sent: Vec<MessageId> = messages.iter().filter(|one| one.chat == chat).map(|one| one.id).collect();
        assert_eq!(played.took(chat), sent, "in the order of the chat, each once");
    }
    assert!(played.refuses.lock().is_empty(), "all refusals were met");
}

#[tokio::test]
async fn a_chat_that_has_to_wait_holds_up_no_other() {
    let played = Played::new(Env::for_tests(42));
    let chats = [played.customer(), played.customer()];
    let shop = shop(&played).await;
    let business = &shop.business;
    let messages: HashMap<ConversationId, Vec<Outgoing>> =
        chats.iter().map(|chat| (*chat, (0..3).map(|_| text(business, *chat)).collect())).collect();
    // The log of the first customer's device is full for a very long time.
    let full = messages[&chats[0]][0].id;
    played.refuses.lock().extend((0..1_000).map(|_| (full, RefusalCode::RateLimited)));
    send_all(business, &messages[&chats[0]]).await;
    send_all(business, &messages[&chats[1]]).await;
    let ids = |chat| messages[&chat].iter().map(|one: &Outgoing| one.id).collect::<Vec<_>>();
    patiently(&played, "the other chat", || async { played.took(chats[1]).len() == 3 }).await;
    assert!(played.took(chats[0]).is_empty(), "nothing of the first chat went out before its first message");
    played.refuses.lock().clear();
    patiently(&played, "the first chat", || async { played.took(chats[0]).len() >= 3 }).await;
    assert_eq!((played.took(chats[0]), played.took(chats[1])), (ids(chats[0]), ids(chats[1])));
}
