//! The store's answer is lost, as when a connection breaks during a commit: what was stored counts, and nothing waits for the next start to be noticed.
use axum::http::StatusCode;
use serde_json::json;
use suki_testkit::{Customer, Pace, World};

/// How long the endpoint waits before it looks what the store has.
const RETRY_MILLIS: i64 = 1_000;

/// Invariant 4: a customer's message whose storing seemed to fail is not read twice, which no key allows, and its webhook leaves.
#[tokio::test]
async fn a_message_that_was_stored_without_an_answer_is_told_once() {
    let (world, shop) = World::with_shop(540).await;
    let ana = Customer::guest(&world, &shop).await;
    ana.says("before").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    world.endpoint().db().lose_answers(true);
    ana.says("meanwhile").await;
    world.until_stored("the message", "SELECT count(*) FROM message WHERE text = 'meanwhile'", |count| count == 1).await;
    world.endpoint().db().lose_answers(false);
    world.advance(RETRY_MILLIS);
    // Nothing else wakes it.
    world.receiver.wait(Pace::Slow, &shop.callback, 2).await;
    ana.says("after").await;
    let told: Vec<String> = world.receiver.wait(Pace::Slow, &shop.callback, 3).await.iter().map(|one| one.tells()).collect();
    assert_eq!(told, ["text:before", "text:meanwhile", "text:after"]);
    assert_eq!(world.count("SELECT count(*) FROM message").await, 3);
}

/// The program is told to come again; what it sent goes out all the same, once and before what it sends next.
#[tokio::test]
async fn a_send_that_was_stored_without_an_answer_goes_out_in_its_place() {
    let (world, shop) = World::with_shop(541).await;
    let mut ana = Customer::guest(&world, &shop).await;
    ana.says("Good morning").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    world.endpoint().db().lose_answers(true);
    let body = |text: &str| json!({"messaging_product": "whatsapp", "to": ana.phone, "type": "text", "text": {"body": text}});
    let answer = shop.messages(&world, &body("perhaps")).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    world.endpoint().db().lose_answers(false);
    let next = body("certainly");
    shop.messages(&world, &next).await.expect(200);
    world.advance(RETRY_MILLIS);
    assert_eq!([ana.hears().await.text, ana.hears().await.text], ["perhaps", "certainly"]);
    world.until_stored("an empty outbox", "SELECT count(*) FROM outbox", |count| count == 0).await;
}
