//! How a business stands with the platform, as its programs and its team see it (R63, R104 to R107).
use axum::http::Method;
use serde_json::{Value, json};
use suki_endpoint::operators::Role;
use suki_network::{
    console::{Operator, session::issue_sign_in},
    standing::console::{Action, MeasureKind},
};
use suki_protocol::pb::TrustLevel;
use suki_rules::standing::Restriction;
use suki_testkit::{Pace, Shop, World};

const DAY: i64 = 24 * 3_600_000;
const FIELDS: &str = "account_update,account_alerts,business_capability_update,phone_number_quality_update";

async fn world(seed: u64) -> (World, Shop, Operator) {
    let (world, shop) = World::with_shop(seed).await;
    let body = json!({"object": "whatsapp_business_account", "callback_url": shop.callback, "verify_token": "verify-me", "fields": FIELDS});
    shop.graph(&world, Method::POST, &format!("/v23.0/{}/subscriptions", shop.app_id), Some(&body)).await.expect(200);
    let (db, env, network) = (world.network_store(), world.env.clone(), world.network());
    let sign_in = async move {
        let link = issue_sign_in(&db, &env, "Ada", None).await.expect("a link");
        network.console().sign_in(&link).await.expect("it lets in").0
    };
    let ada = world.inside(sign_in).await;
    (world, shop, ada)
}

async fn sanction(world: &World, shop: &Shop, by: &Operator, action: Action) {
    let (network, by, business) = (world.network(), by.clone(), shop.id);
    world.inside(async move { network.console().sanction(&by, business, action, "Because of it").await.expect("it is done") }).await;
}

async fn jobs(world: &World) {
    let (network, now) = (world.network(), world.env.now());
    world.inside(async move { network.run_jobs(now).await.expect("the jobs run") }).await;
}

/// The field and the value of each webhook, once there are so many.
async fn told(world: &World, shop: &Shop, count: usize) -> Vec<(String, Value)> {
    let taken = world.receiver.wait(Pace::Slow, &shop.callback, count).await;
    taken
        .iter()
        .map(|delivery| {
            assert!(delivery.is_signed_by(&shop.app_secret));
            let entry = delivery.json()["entry"][0].clone();
            assert!(entry["time"].is_i64() && entry["id"] == shop.waba_id.as_str(), "{entry}");
            (entry["changes"][0]["field"].as_str().expect("a field").to_owned(), entry["changes"][0]["value"].clone())
        })
        .collect()
}

async fn number(world: &World, shop: &Shop) -> Value {
    let fields = "quality_rating,quality_score,status,throughput,whatsapp_business_manager_messaging_limit,health_status";
    shop.graph(world, Method::GET, &format!("/v23.0/{}?fields={fields}", shop.phone_number_id), None).await.expect(200)
}

#[tokio::test]
async fn r104_a_tier_that_rises_is_told_and_the_number_says_so() {
    let (world, shop, _) = world(801).await;
    let before = number(&world, &shop).await;
    assert_eq!((&before["quality_rating"], &before["quality_score"]), (&json!("UNKNOWN"), &json!({"score": "UNKNOWN"})));
    assert_eq!((&before["status"], &before["throughput"]), (&json!("CONNECTED"), &json!({"level": "STANDARD"})));
    assert_eq!(before["whatsapp_business_manager_messaging_limit"], "TIER_250");
    assert_eq!(before["health_status"]["can_send_message"], "AVAILABLE");
    let (network, business) = (world.network(), shop.id);
    world.inside(async move { network.set_trust(business, TrustLevel::Checked, "Papers").await.expect("it is set") }).await;
    jobs(&world).await;
    let webhooks = told(&world, &shop, 2).await;
    let capability = webhooks.iter().find(|(field, _)| field == "business_capability_update").expect("it is told");
    assert_eq!(capability.1["max_daily_conversations_per_business"], "TIER_2K");
    let quality = webhooks.iter().find(|(field, _)| field == "phone_number_quality_update").expect("it is told");
    assert_eq!(
        (&quality.1["event"], &quality.1["old_limit"], &quality.1["current_limit"]),
        (&json!("UPGRADE"), &json!("TIER_250"), &json!("TIER_2K"))
    );
    assert_eq!(quality.1["display_phone_number"], shop.phone.as_str());
    assert_eq!(number(&world, &shop).await["whatsapp_business_manager_messaging_limit"], "TIER_2K");
}

#[tokio::test]
async fn r107_measures_are_told_with_their_ends_and_the_number_says_what_it_may() {
    let (world, shop, ada) = world(802).await;
    sanction(&world, &shop, &ada, Action::Take(MeasureKind::Warning)).await;
    let days = |text: &str| text.parse().expect("a length");
    let until = world.env.now().plus_millis(3 * DAY);
    sanction(&world, &shop, &ada, Action::Take(MeasureKind::Restriction(Restriction::Messages, days("3d")))).await;
    sanction(&world, &shop, &ada, Action::Take(MeasureKind::Ban(Some(days("5d"))))).await;
    let webhooks = told(&world, &shop, 3).await;
    assert!(webhooks.iter().all(|(field, _)| field == "account_update"));
    let events: Vec<_> = webhooks.iter().map(|(_, value)| value["event"].as_str().expect("an event")).collect();
    assert_eq!(events, ["ACCOUNT_VIOLATION", "ACCOUNT_RESTRICTION", "DISABLED_UPDATE"]);
    assert_eq!(webhooks[1].1["restriction_info"][1]["expiration"], until.seconds());
    assert_eq!(webhooks[2].1["ban_info"]["waba_ban_state"], "DISABLE");
    let found = number(&world, &shop).await;
    assert_eq!((&found["health_status"]["can_send_message"], &found["status"]), (&json!("BLOCKED"), &json!("RESTRICTED")));
    world.advance(5 * DAY);
    assert_eq!(number(&world, &shop).await["health_status"]["can_send_message"], "AVAILABLE", "it ends on time though nothing has run");
    jobs(&world).await;
    let webhooks = told(&world, &shop, 4).await;
    assert_eq!(webhooks[3].1["ban_info"]["waba_ban_state"], "REINSTATE");
}

/// Past one machine: a business that starts anew, as on another node, knows its ban before the network can be asked.
#[tokio::test]
async fn r107_a_ban_holds_while_the_network_is_away() {
    let (world, shop, ada) = world(805).await;
    sanction(&world, &shop, &ada, Action::Take(MeasureKind::Ban(None))).await;
    told(&world, &shop, 1).await;
    world.stop_endpoint().await;
    world.stop_network().await;
    world.start_endpoint().await;
    let body = json!({"messaging_product": "whatsapp", "to": "15550000001", "type": "text", "text": {"body": "Hello"}});
    assert_eq!(shop.messages(&world, &body).await.graph_error().1, 368);
}

#[tokio::test]
async fn r107_the_team_sees_the_standing_and_owners_appeal() {
    let (world, shop, ada) = world(803).await;
    let owner = shop.owner(&world).await;
    let found = owner.get(&world, "/standing").await.expect(200);
    assert_eq!((&found["now"]["limit"], &found["used"], &found["history"]), (&json!(250), &json!(0), &json!([])));
    assert_eq!(found["next"]["customers"], 2000);
    sanction(&world, &shop, &ada, Action::Take(MeasureKind::Ban(None))).await;
    let found = owner.get(&world, "/standing").await.expect(200);
    assert_eq!(found["now"]["ban"], json!({"until": null, "cause": "operator"}));
    let entry = &found["history"][0];
    assert_eq!((&entry["kind"], &entry["reason"], &entry["appeal"]), (&json!("ban"), &json!("Because of it"), &json!("none")));
    let appeal = |text: &str| json!({"what": entry["id"], "text": text});
    let otto = shop.hire(&world, "Otto", Role::Operator).await;
    let otto = shop.browser(&world, &otto).await;
    assert_eq!(otto.get(&world, "/standing").await.expect(200)["now"], found["now"]);
    let path = "/standing/appeals";
    assert_eq!(otto.post(&world, path, &appeal("It is wrong")).await.problem(), (403, "forbidden".into()));
    assert_eq!(owner.post(&world, path, &appeal(" ")).await.problem(), (422, "invalid".into()));
    assert_eq!(owner.post(&world, path, &json!({"what": 99, "text": "None"})).await.problem(), (404, "not_found".into()));
    assert_eq!(owner.post(&world, path, &appeal("It is wrong")).await.status, 201);
    assert_eq!(owner.post(&world, path, &appeal("It is wrong")).await.problem(), (409, "conflict".into()));
    assert_eq!(owner.get(&world, "/standing").await.expect(200)["history"][0]["appeal"], "open");
    // Another shop sees nothing of it.
    let other = Shop::open(&world, "sari").await;
    let other = other.owner(&world).await;
    assert_eq!(other.get(&world, "/standing").await.expect(200)["history"], json!([]));
    assert_eq!(other.post(&world, path, &appeal("Another's")).await.problem(), (404, "not_found".into()));
}

/// Section 3c `group_status_update`: a business that is banned may not write into its groups.
#[tokio::test]
async fn groups_are_suspended_while_the_business_is_banned() {
    let (world, shop, ada) = world(804).await;
    let body =
        json!({"object": "whatsapp_business_account", "callback_url": shop.callback, "verify_token": "verify-me", "fields": "group_status_update"});
    shop.graph(&world, Method::POST, &format!("/v23.0/{}/subscriptions", shop.app_id), Some(&body)).await.expect(200);
    let groups = format!("/v23.0/{}/groups", shop.phone_number_id);
    let new = json!({"messaging_product": "whatsapp", "subject": "Ana's wedding"});
    shop.graph(&world, Method::POST, &groups, Some(&new)).await.expect(200);
    sanction(&world, &shop, &ada, Action::Take(MeasureKind::Ban(Some("5d".parse().expect("a length"))))).await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    world.advance(5 * DAY);
    jobs(&world).await;
    let told = world.receiver.wait(Pace::Slow, &shop.callback, 2).await;
    let kinds: Vec<Value> = told.iter().map(|delivery| delivery.change()["groups"][0]["type"].clone()).collect();
    assert_eq!(kinds, ["group_suspend", "group_suspend_cleared"]);
    let list = shop.graph(&world, Method::GET, &groups, None).await.expect(200);
    let known = &list["data"]["groups"][0]["id"];
    assert_eq!(told[0].change()["groups"][0]["group_id"], *known, "{list}");
}
