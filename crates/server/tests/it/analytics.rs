//! An account's figures as programs read them (Cloud API, section 3f): what was sent is what is counted, and what cannot be told is refused.
use axum::http::Method;
use serde_json::{Value, json};
use std::cell::RefCell;
use suki_testkit::{Answer, Customer, Pace, Shop, World, wait::until};

const DAY: i64 = 24 * 3_600;

async fn get(world: &World, shop: &Shop, path: &str) -> Answer {
    let path = path.replace('"', "%22").replace('[', "%5B").replace(']', "%5D");
    shop.graph(world, Method::GET, &format!("/v23.0/{}{path}", shop.waba_id), None).await
}

/// The time from yesterday until tomorrow, as an edge takes it.
fn time(world: &World, granularity: &str) -> String {
    let now = world.env.now().seconds();
    format!("start={}&end={}&granularity={granularity}", now - DAY, now + DAY)
}

/// The same as a field takes it.
fn modifiers(world: &World, granularity: &str) -> String {
    let now = world.env.now().seconds();
    format!(".start({}).end({}).granularity({granularity})", now - DAY, now + DAY)
}

/// A template with a quick reply, sent to a customer, who presses it; and a text in the window. The template's id; and the customer, who is held until what she
/// has got is counted.
async fn one_of_each(world: &World, shop: &Shop) -> (String, Customer) {
    let mut ana = Customer::named(world, shop, "Ana").await;
    ana.says("May kape pa ba?").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    let template = json!({"name": "thanks", "language": "en_US", "category": "UTILITY", "components": [
        {"type": "BODY", "text": "Your order is on its way to you."},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Thanks"}]},
    ]});
    let made = shop.graph(world, Method::POST, &format!("/v23.0/{}/message_templates", shop.waba_id), Some(&template)).await.expect(200);
    let send =
        json!({"messaging_product": "whatsapp", "to": ana.phone, "type": "template", "template": {"name": "thanks", "language": {"code": "en_US"}}});
    shop.messages(world, &send).await.expect(200);
    let heard = ana.hears().await;
    ana.client.press(ana.chat, heard.id, 0).await.expect("it is pressed");
    let text = json!({"messaging_product": "whatsapp", "to": ana.phone, "type": "text", "text": {"body": "On its way."}});
    shop.messages(world, &text).await.expect(200);
    ana.hears().await;
    (made["id"].as_str().expect("an id").to_owned(), ana)
}

/// Asks again until the last delivery is counted. When it never is, what was answered last says how far it came.
async fn counted(world: &World, shop: &Shop, path: String, is_there: fn(&Value) -> bool) -> Value {
    let last = Last::default();
    until(&world.env, "everything is counted", || async {
        let told = get(world, shop, &path).await.expect(200);
        last.0.replace(told.clone());
        is_there(&told).then_some(told)
    })
    .await
}

/// What was answered last; told when the test fails.
#[derive(Default)]
struct Last(RefCell<Value>);

impl Drop for Last {
    #[expect(clippy::print_stderr, reason = "a failing test says what it saw")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("answered last: {}", self.0.borrow());
        }
    }
}

#[tokio::test]
async fn messages_are_counted_by_field_and_told_apart_by_product() {
    let (world, shop) = World::with_shop(1301).await;
    let (_, _ana) = one_of_each(&world, &shop).await;
    let field = |more: &str| format!("?fields=analytics{}{more}", modifiers(&world, "DAY"));
    let delivered = |told: &Value| told["analytics"]["data_points"][0]["delivered"] == 2;
    let told = counted(&world, &shop, field(""), delivered).await;
    assert_eq!((&told["id"], &told["analytics"]["granularity"]), (&json!(shop.waba_id), &json!("DAY")));
    let point = &told["analytics"]["data_points"][0];
    assert_eq!((&point["sent"], point["end"].as_i64().zip(point["start"].as_i64()).map(|(end, start)| end - start)), (&json!(2), Some(DAY)));
    for (product, sent) in [(0, 1), (2, 1), (100, 2)] {
        let told = get(&world, &shop, &field(&format!(".product_types([{product}])"))).await.expect(200);
        assert_eq!(told["analytics"]["data_points"][0]["sent"], sent, "{product}");
    }
    let half_hours = get(&world, &shop, &format!("?fields=name,analytics{}", modifiers(&world, "HALF_HOUR"))).await.expect(200);
    assert!(half_hours["name"].is_string() && half_hours["analytics"]["data_points"][0]["delivered"].as_u64().is_some_and(|count| count > 0));
    let foreign = get(&world, &shop, &field(".country_codes([\"DE\"])")).await.expect(200);
    assert_eq!(foreign["analytics"]["data_points"], json!([]));
    for wrong in
        [field(".phone_numbers([\"491700000\"])"), field(".product_types([1])"), "?fields=analytics.start(1)".into(), "?fields=analytics".into()]
    {
        assert_eq!(get(&world, &shop, &wrong).await.graph_error(), (400, 100, 0), "{wrong}");
    }
}

#[tokio::test]
async fn prices_and_conversations_are_told_apart_by_what_is_asked() {
    let (world, shop) = World::with_shop(1302).await;
    let (_, _ana) = one_of_each(&world, &shop).await;
    let all = |told: &Value| told["data"][0]["data_points"].as_array().is_some_and(|points| points.len() == 2);
    let path = format!("/pricing_analytics?{}&dimensions=PRICING_CATEGORY,PRICING_TYPE,PHONE", time(&world, "DAILY"));
    let told = counted(&world, &shop, path, all).await;
    let rows: Vec<_> = told["data"][0]["data_points"]
        .as_array()
        .expect("points")
        .iter()
        .map(|row| (row["pricing_category"].clone(), row["volume"].clone()))
        .collect();
    assert_eq!(rows, [(json!("SERVICE"), json!(1)), (json!("UTILITY"), json!(1))]);
    assert_eq!(told["data"][0]["data_points"][0]["phone_number"], shop.business(&world).record().phone.digits());
    let field = format!("?fields=pricing_analytics{}.pricing_categories([UTILITY]).metric_types([\"VOLUME\"])", modifiers(&world, "MONTHLY"));
    let told = get(&world, &shop, &field).await.expect(200);
    let point = &told["pricing_analytics"]["data"][0]["data_points"][0];
    assert_eq!((&point["volume"], point.get("cost")), (&json!(1), None));
    let path = format!("/conversation_analytics?{}&dimensions=[\"CONVERSATION_DIRECTION\"]", time(&world, "HALF_HOUR"));
    let told = get(&world, &shop, &path).await.expect(200);
    let rows = told["data"][0]["data_points"].as_array().expect("points").clone();
    assert!(rows.iter().any(|row| row["conversation_direction"] == "USER_INITIATED" && row["conversation"] == 1), "{told}");
    let wrong = format!("/conversation_analytics?{}&dimensions=TIER", time(&world, "DAILY"));
    for wrong in [wrong.as_str(), "/pricing_analytics", "/pricing_analytics?start=5&end=1&granularity=DAILY"] {
        assert_eq!(get(&world, &shop, wrong).await.graph_error(), (400, 100, 0), "{wrong}");
    }
}

#[tokio::test]
async fn templates_have_figures_once_insights_are_on() {
    let (world, shop) = World::with_shop(1303).await;
    let (id, _ana) = one_of_each(&world, &shop).await;
    let path = format!("/template_analytics?{}&template_ids=[{id}]", time(&world, "DAILY"));
    assert_eq!(get(&world, &shop, &path).await.graph_error(), (400, 200_005, 0));
    let on = json!({"is_enabled_for_insights": true});
    shop.graph(&world, Method::POST, &format!("/v23.0/{}", shop.waba_id), Some(&on)).await.expect(200);
    let clicked = |told: &Value| told["data"][0]["data_points"][0]["clicked"].is_array() && told["data"][0]["data_points"][0]["delivered"] == 1;
    let told = counted(&world, &shop, path.clone(), clicked).await;
    let point = &told["data"][0]["data_points"][0];
    assert_eq!((&point["template_id"], &point["sent"]), (&json!(id), &json!(1)));
    assert_eq!(point["clicked"], json!([{"type": "quick_reply_button", "button_content": "Thanks", "count": 1}]));
    assert_eq!(point["cost"][0]["type"], "amount_spent");
    let field = format!("?fields=template_analytics{}.template_ids([\"{id}\"]).metric_types([\"SENT\"])", modifiers(&world, "DAILY"));
    let told = get(&world, &shop, &field).await.expect(200);
    let point = &told["template_analytics"]["data"][0]["data_points"][0];
    assert_eq!((&point["sent"], point.get("delivered")), (&json!(1), None));
    let many = path.replace(&format!("[{id}]"), "1,2,3,4,5,6,7,8,9,10,11");
    for wrong in [many, path.replace(&id, "12345"), path.replace("DAILY", "MONTHLY"), path.replace("start=", "start=1")] {
        assert_eq!(get(&world, &shop, &wrong).await.graph_error(), (400, 100, 0), "{wrong}");
    }
}

#[tokio::test]
async fn a_template_is_read_below_its_account_as_by_its_id() {
    let (world, shop) = World::with_shop(1304).await;
    let template =
        json!({"name": "ready", "language": "en_US", "category": "UTILITY", "components": [{"type": "BODY", "text": "Your order is ready."}]});
    let made = shop.graph(&world, Method::POST, &format!("/v23.0/{}/message_templates", shop.waba_id), Some(&template)).await.expect(200);
    let id = made["id"].as_str().expect("an id");
    let below = get(&world, &shop, &format!("/message_templates/{id}")).await.expect(200);
    assert_eq!(below, shop.graph(&world, Method::GET, &format!("/v23.0/{id}"), None).await.expect(200));
    for wrong in ["12345", "ready"] {
        assert_eq!(get(&world, &shop, &format!("/message_templates/{wrong}")).await.graph_error(), (400, 100, 33));
    }
}
