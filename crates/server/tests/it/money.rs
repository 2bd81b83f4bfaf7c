//! Prices, bills and statistics as the team sees them (R64 to R67, R93, R95).
use serde_json::json;
use suki_testkit::{Customer, World, wait::until};

#[tokio::test]
async fn r64_r67_and_r95_the_team_sees_prices_bills_and_statistics() {
    let (world, shop) = World::with_shop(820).await;
    let owner = shop.owner(&world).await;
    let mut ana = Customer::guest(&world, &shop).await;
    let chat = ana.chat;
    ana.says("Open today?").await;
    shop.sees(&world, &owner, &chat.to_string(), "Open today?").await;
    let sent = json!({"id": suki_testkit::shop::message_id(&world), "text": "Until nine."});
    owner.post(&world, &format!("/chats/{chat}/messages"), &sent).await.expect(201);
    ana.hears().await;

    let price = owner.get(&world, &format!("/price?category=service&chat={chat}")).await.expect(200);
    assert_eq!((&price["amount"], &price["type"], &price["billable"]), (&json!(0), &json!("free_customer_service"), &json!(false)));
    let price = owner.get(&world, "/price?category=marketing&country=PH").await.expect(200);
    assert!(price["amount"].as_i64().is_some_and(|amount| amount > 0) && price["market"] == "Rest of Asia Pacific", "{price}");
    let card = owner.get(&world, "/rate-card").await.expect(200);
    assert_eq!((&card["model"], card["current"]["markets"].as_array().map(Vec::len), &card["next"]), (&json!("per-message"), Some(47), &json!(null)));

    let from = world.env.now().millis() - 24 * 3_600_000;
    let to = world.env.now().millis() + 24 * 3_600_000;
    let found = until(&world.env, "the delivery is counted", || async {
        let found = owner.get(&world, &format!("/statistics?from={from}&to={to}&granularity=total")).await.expect(200);
        (found["points"][0]["counts"]["delivered"] == 1).then_some(found)
    });
    let found = found.await;
    let counts = &found["points"][0]["counts"];
    assert_eq!((&counts["sent"], &counts["received"], &counts["replied"]), (&json!(1), &json!(1), &json!(0)), "{found}");
    let file = owner.get(&world, &format!("/statistics?from={from}&to={to}&by=category,country&format=csv")).await;
    let text = String::from_utf8(file.body).expect("it is text");
    assert!(text.starts_with("at,category,template,country,sent,") && text.contains(",service,0,ZZ,1,"), "{text}");
    let team = owner.get(&world, &format!("/statistics/team?from={from}&to={to}")).await.expect(200);
    assert_eq!((&team["operators"][0]["sent"], &team["mood"]["glad"]), (&json!(1), &json!(0)), "{team}");

    let bill = owner.get(&world, "/bill/2026-01").await.expect(200);
    assert_eq!((&bill["total"], &bill["lines"][0]["count"]), (&json!(0), &json!(1)), "{bill}");
    let statement = owner.get(&world, "/bill/2026-01.pdf").await;
    assert!(statement.body.starts_with(b"%PDF"));
    for wrong in [
        "/bill/2026-13",
        "/price?category=service",
        "/price?category=news&country=PH",
        "/statistics?from=0&to=1&granularity=week",
        "/statistics?from=0&to=1767225600000&by=colour",
    ] {
        assert_eq!(owner.get(&world, wrong).await.problem(), (422, "invalid".into()), "{wrong}");
    }
}
