//! Webhooks when receivers are down, slow, or somewhere else.
use axum::http::Method;
use serde_json::json;
use suki_testkit::{Customer, Delivery, Mode, Pace, World};

const HOUR: i64 = 3_600_000;

fn texts(deliveries: &[Delivery]) -> Vec<String> {
    deliveries.iter().map(Delivery::tells).collect()
}

#[tokio::test]
async fn r112_after_hours_of_failing_everything_arrives_once_and_in_order() {
    let (world, shop) = World::with_shop(401).await;
    let (ana, ben) = (Customer::guest(&world, &shop).await, Customer::guest(&world, &shop).await);
    world.receiver.set(&shop.callback, Mode::Answers(503));
    for number in 0..5 {
        ana.says(&format!("ana {number}")).await;
        ben.says(&format!("ben {number}")).await;
    }
    let mut seen = 3;
    for _ in 0..12 {
        world.receiver.wait_for(Pace::Slow, "another try", || (world.receiver.attempts().len() > seen).then_some(())).await;
        seen = world.receiver.attempts().len();
        world.until_failures_are_noted().await;
        world.advance(HOUR / 2);
    }
    world.receiver.wait_for(Pace::Slow, "the last try", || (world.receiver.attempts().len() > seen).then_some(())).await;
    world.until_failures_are_noted().await;
    let attempts = world.receiver.attempts();
    assert!(attempts.len() < 60, "the pauses grow: {} tries in six hours", attempts.len());
    let first: Vec<i64> = attempts.iter().filter(|one| one.tells() == "text:ana 0").map(|one| one.at.millis()).collect();
    // The second try is at once, then the pauses are two seconds and more.
    assert!(first.windows(2).skip(1).all(|pair| pair[1] - pair[0] >= 2_000), "{first:?}");
    assert!(!attempts.iter().any(|one| one.tells() == "text:ana 1"), "nothing overtakes what failed");
    world.receiver.set(&shop.callback, Mode::Takes);
    world.advance(HOUR);
    let taken = world.receiver.wait(Pace::Slow, &shop.callback, 10).await;
    for who in ["ana", "ben"] {
        let of: Vec<String> = texts(&taken).into_iter().filter(|text| text.contains(who)).collect();
        assert_eq!(of, (0..5).map(|number| format!("text:{who} {number}")).collect::<Vec<_>>());
    }
    world.until_stored("an empty queue", "SELECT count(*) FROM delivery WHERE state = 0", |count| count == 0).await;
    assert_eq!(world.receiver.taken(&shop.callback).len(), 10);
}

#[tokio::test]
async fn after_seven_days_a_webhook_is_given_up_and_the_next_one_goes_out() {
    let (world, shop) = World::with_shop(402).await;
    let ana = Customer::guest(&world, &shop).await;
    world.receiver.set(&shop.callback, Mode::Down);
    ana.says("lost").await;
    world.receiver.wait_for(Pace::Slow, "a try", || (!world.receiver.attempts().is_empty()).then_some(())).await;
    world.until_failures_are_noted().await;
    world.advance(7 * 24 * HOUR - 2 * HOUR);
    ana.says("late").await;
    world.until_stored("both", "SELECT count(*) FROM delivery WHERE state = 0", |count| count == 2).await;
    world.until_failures_are_noted().await;
    world.advance(2 * HOUR);
    world
        .receiver
        .wait_for(Pace::Slow, "the next one", || world.receiver.attempts().iter().any(|one| one.tells() == "text:late").then_some(()))
        .await;
    world.until_failures_are_noted().await;
    world.receiver.set(&shop.callback, Mode::Takes);
    world.advance(HOUR);
    assert_eq!(texts(&world.receiver.wait(Pace::Slow, &shop.callback, 1).await), ["text:late"]);
    world.until_stored("an empty queue", "SELECT count(*) FROM delivery WHERE state = 0", |count| count == 0).await;
}

#[tokio::test]
async fn a_hung_receiver_holds_up_nobody_else() {
    let (world, shop) = World::with_shop(403).await;
    // A second app of the same business, with a receiver of its own.
    let second = "https://second.example/hook";
    let business = shop.business(&world);
    let (app, token) = world
        .inside(async move {
            let app = business.create_app("Second").await.expect("an app");
            let token = business.create_token(app.id, None).await.expect("a token");
            (app, token)
        })
        .await;
    let body = json!({"object": "whatsapp_business_account", "callback_url": second, "verify_token": "verify-me", "fields": "messages"});
    world.call(Method::POST, &format!("/{}/subscriptions", app.id)).bearer(&token).json(&body).send().await.expect(200);
    world.call(Method::POST, &format!("/{}/subscribed_apps", shop.waba_id)).bearer(&token).json(&json!({})).send().await.expect(200);
    let ana = Customer::guest(&world, &shop).await;
    world.receiver.set(&shop.callback, Mode::Hangs);
    let said: Vec<String> = (0..20).map(|number| format!("text:{number}")).collect();
    for text in &said {
        ana.says(&text["text:".len()..]).await;
    }
    // The clock stands: nothing that hangs can have ended.
    let taken = world.receiver.wait(Pace::Still, second, 20).await;
    assert_eq!(texts(&taken), said);
    assert!(taken.iter().all(|one| one.is_signed_by(&app.secret) && !one.is_signed_by(&shop.app_secret)));
    assert_eq!(world.receiver.attempts().iter().filter(|one| one.url == shop.callback).count(), 1);
    world.receiver.set(&shop.callback, Mode::Takes);
    assert_eq!(texts(&world.receiver.wait(Pace::Slow, &shop.callback, 20).await), said);
}

#[tokio::test]
async fn an_accounts_own_address_overrides_the_apps() {
    let (world, shop) = World::with_shop(404).await;
    let own = "https://own.example/hook";
    let body = json!({"override_callback_uri": own, "verify_token": "verify-me"});
    let path = format!("/v23.0/{}/subscribed_apps", shop.waba_id);
    shop.graph(&world, Method::POST, &path, Some(&body)).await.expect(200);
    let list = shop.graph(&world, Method::GET, &path, None).await.expect(200);
    assert_eq!(list["data"][0]["override_callback_uri"], own);
    let number = shop.graph(&world, Method::GET, &format!("/{}", shop.phone_number_id), None).await.expect(200);
    assert_eq!(number["webhook_configuration"], json!({"application": shop.callback, "whatsapp_business_account": own}));
    let ana = Customer::guest(&world, &shop).await;
    ana.says("here").await;
    assert_eq!(texts(&world.receiver.wait(Pace::Slow, own, 1).await), ["text:here"]);
    assert!(world.receiver.taken(&shop.callback).is_empty());
    // Without an address the app's own holds again.
    shop.graph(&world, Method::POST, &path, Some(&json!({}))).await.expect(200);
    ana.says("there").await;
    assert_eq!(texts(&world.receiver.wait(Pace::Slow, &shop.callback, 1).await), ["text:there"]);
}

#[tokio::test]
async fn what_waits_survives_a_restart() {
    let (world, shop) = World::with_shop(405).await;
    let ana = Customer::guest(&world, &shop).await;
    world.receiver.set(&shop.callback, Mode::Answers(500));
    for text in ["one", "two", "three"] {
        ana.says(text).await;
    }
    world.until_stored("three", "SELECT count(*) FROM delivery WHERE state = 0", |count| count == 3).await;
    world.stop_endpoint().await;
    world.receiver.set(&shop.callback, Mode::Takes);
    world.start_endpoint().await;
    world.advance(HOUR);
    assert_eq!(texts(&world.receiver.wait(Pace::Slow, &shop.callback, 3).await), ["text:one", "text:two", "text:three"]);
}
