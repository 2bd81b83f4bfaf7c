//! Webhooks with memory (Cloud API, section 3g; R112): endpoints of the owner's, the log, replay, tests, and receivers that are away.
use axum::http::Method;
use serde_json::{Value, json};
use suki_endpoint::operators::Role;
use suki_testkit::{Browser, Customer, Delivery, Mode, Pace, Shop, World};

const HOUR: i64 = 3_600_000;
const OWN: &str = "https://own.example/hook";
const SECRET: &str = "a-secret-of-its-own";

fn texts(deliveries: &[Delivery]) -> Vec<String> {
    deliveries.iter().map(Delivery::tells).collect()
}

async fn add(world: &World, owner: &Browser, more: &Value) -> Value {
    let mut body = json!({"name": "Till two", "url": OWN, "verify_token": "verify-me"});
    body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    owner.post(world, "/webhooks", &body).await.expect(201)
}

async fn log(world: &World, owner: &Browser, query: &str) -> Vec<Value> {
    owner.get(world, &format!("/webhooks/log?{query}")).await.expect(200)["data"].as_array().expect("a page").clone()
}

fn seq(entry: &Value) -> i64 {
    entry["seq"].as_i64().expect("a place")
}

#[tokio::test]
async fn an_owners_endpoint_is_told_what_its_filter_passes_signed_by_its_own_secret() {
    let (world, shop) = World::with_shop(411).await;
    let owner = shop.owner(&world).await;
    let filter = json!({"fields": ["messages"], "statuses": []});
    let made = add(&world, &owner, &json!({"secret": SECRET, "filter": filter})).await;
    assert_eq!((&made["kind"], &made["app"], &made["enabled"]), (&json!("endpoint"), &json!(null), &json!(true)));
    assert!(!made.to_string().contains(SECRET));
    let ana = Customer::guest(&world, &shop).await;
    ana.says("one").await;
    shop.say(&world, &ana.phone, "two").await;
    // The app is told of the text and of sent and delivered; the endpoint of the text alone.
    world.receiver.wait(Pace::Slow, &shop.callback, 3).await;
    let own = world.receiver.wait(Pace::Slow, OWN, 1).await;
    assert_eq!(texts(&own), ["text:one"]);
    assert!(own[0].is_signed_by(SECRET) && !own[0].is_signed_by(&shop.app_secret));
    // Without a secret of its own the app's signs; with other types it is told nothing of texts.
    let path = format!("/webhooks/{}", made["id"].as_str().expect("an id"));
    let changed = owner.post(&world, &path, &json!({"secret": "", "filter": {"types": ["image"]}})).await.expect(200);
    assert_eq!(changed["app"], shop.app_id);
    ana.says("three").await;
    shop.say(&world, &ana.phone, "four").await;
    let own = world.receiver.wait(Pace::Slow, OWN, 3).await;
    assert!(own[1..].iter().all(|one| one.is_signed_by(&shop.app_secret) && !one.tells().starts_with("text:")));
}

#[tokio::test]
async fn every_change_of_an_address_is_challenged_and_owners_alone_see_webhooks() {
    let (world, shop) = World::with_shop(412).await;
    let owner = shop.owner(&world).await;
    let failing = "https://failing.example/hook";
    world.receiver.set(failing, Mode::Answers(404));
    let body = json!({"name": "x", "url": failing, "verify_token": "verify-me"});
    assert_eq!(owner.post(&world, "/webhooks", &body).await.problem(), (502, "callback".into()));
    let body = json!({"name": "x", "url": OWN, "verify_token": "another"});
    assert_eq!(owner.post(&world, "/webhooks", &body).await.problem(), (502, "callback".into()));
    for wrong in [
        json!({"name": "", "url": OWN, "verify_token": "verify-me"}),
        json!({"name": "x", "url": "own", "verify_token": "verify-me"}),
        json!({"name": "x", "url": OWN, "verify_token": ""}),
        json!({"name": "x", "url": OWN, "verify_token": "verify-me", "secret": "short"}),
        json!({"name": "x", "url": OWN, "verify_token": "verify-me", "app": "1"}),
        json!({"name": "x", "url": OWN, "verify_token": "verify-me", "filter": {"fields": ["mesages"]}}),
    ] {
        assert_eq!(owner.post(&world, "/webhooks", &wrong).await.problem(), (422, "invalid".into()), "{wrong}");
    }
    let made = add(&world, &owner, &json!({})).await;
    let path = format!("/webhooks/{}", made["id"].as_str().expect("an id"));
    for wrong in [json!({"url": failing}), json!({"verify_token": "another"})] {
        assert_eq!(owner.post(&world, &path, &wrong).await.problem(), (502, "callback".into()), "{wrong}");
    }
    assert_eq!(owner.get(&world, &path).await.expect(200)["url"], OWN);
    // A number's own address, over the Cloud API.
    let number = format!("/{}", shop.phone_number_id);
    let wrong = json!({"webhook_configuration": {"override_callback_uri": failing, "verify_token": "verify-me"}});
    assert_eq!(shop.graph(&world, Method::POST, &number, Some(&wrong)).await.graph_error().1, 2200);
    let colleague = shop.hire(&world, "Ada", Role::Admin).await;
    let colleague = shop.browser(&world, &colleague).await;
    for path in ["/webhooks", "/webhooks/log", &path] {
        assert_eq!(colleague.get(&world, path).await.problem(), (403, "forbidden".into()), "{path}");
    }
    // Another business's endpoint does not exist.
    let other = Shop::open(&world, "tinapay").await;
    let stranger = other.owner(&world).await;
    assert_eq!(stranger.get(&world, &path).await.problem().0, 404);
    assert_eq!(stranger.post(&world, &path, &json!({"name": "mine"})).await.problem().0, 404);
    assert_eq!(stranger.post(&world, &format!("{path}/test"), &json!({"field": "messages"})).await.problem().0, 404);
}

#[tokio::test]
async fn a_numbers_own_address_comes_before_the_accounts() {
    let (world, shop) = World::with_shop(413).await;
    let (account, own) = ("https://account.example/hook", "https://number.example/hook");
    let body = json!({"override_callback_uri": account, "verify_token": "verify-me"});
    shop.graph(&world, Method::POST, &format!("/{}/subscribed_apps", shop.waba_id), Some(&body)).await.expect(200);
    let number = format!("/{}", shop.phone_number_id);
    let body = json!({"webhook_configuration": {"override_callback_uri": own, "verify_token": "verify-me"}});
    assert_eq!(shop.graph(&world, Method::POST, &number, Some(&body)).await.expect(200), json!({"success": true}));
    let node = shop.graph(&world, Method::GET, &number, None).await.expect(200);
    let expected = json!({"application": shop.callback, "whatsapp_business_account": account, "phone_number": own});
    assert_eq!(node["webhook_configuration"], expected);
    let ana = Customer::guest(&world, &shop).await;
    ana.says("here").await;
    assert_eq!(texts(&world.receiver.wait(Pace::Slow, own, 1).await), ["text:here"]);
    let body = json!({"webhook_configuration": {"override_callback_uri": ""}});
    shop.graph(&world, Method::POST, &number, Some(&body)).await.expect(200);
    ana.says("there").await;
    assert_eq!(texts(&world.receiver.wait(Pace::Slow, account, 1).await), ["text:there"]);
    assert!(world.receiver.taken(&shop.callback).is_empty());
}

#[tokio::test]
async fn a_receiver_killed_for_an_hour_misses_nothing_and_gets_nothing_twice() {
    let (world, shop) = World::with_shop(414).await;
    let (ana, ben) = (Customer::guest(&world, &shop).await, Customer::guest(&world, &shop).await);
    ana.says("ana 0").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    world.receiver.set(&shop.callback, Mode::Down);
    for minute in 1..=12 {
        ana.says(&format!("ana {minute}")).await;
        ben.says(&format!("ben {minute}")).await;
        world.advance(HOUR / 12);
        if minute == 6 {
            // The endpoint dies as well, in the middle of it.
            world.stop_endpoint().await;
            world.start_endpoint().await;
        }
    }
    world.until_stored("all of them", "SELECT count(*) FROM delivery WHERE state = 0", |count| count == 24).await;
    let tries = world.receiver.attempts().len();
    assert!(tries < 60, "a receiver that is down is asked now and then, whatever waits for it: {tries}");
    world.receiver.set(&shop.callback, Mode::Takes);
    // An hour's outage is noticed to be over within an eighth of it.
    world.advance(HOUR / 8);
    let taken = texts(&world.receiver.wait(Pace::Slow, &shop.callback, 25).await);
    world.until_stored("nothing waits", "SELECT count(*) FROM delivery WHERE state = 0", |count| count == 0).await;
    for (who, first) in [("ana", 0), ("ben", 1)] {
        let of: Vec<String> = taken.iter().filter(|text| text.contains(who)).cloned().collect();
        assert_eq!(of, (first..=12).map(|number| format!("text:{who} {number}")).collect::<Vec<_>>());
    }
    // A receiver that took something is never asked again, by the next process neither.
    world.stop_endpoint().await;
    world.start_endpoint().await;
    world.advance(HOUR);
    ana.says("last").await;
    let taken = texts(&world.receiver.wait(Pace::Slow, &shop.callback, 26).await);
    assert_eq!(taken.last().map(String::as_str), Some("text:last"));
    assert_eq!(world.receiver.taken(&shop.callback).len(), 26);
}

#[tokio::test]
async fn the_log_is_searched_by_contact_message_field_result_and_time() {
    let (world, shop) = World::with_shop(415).await;
    let owner = shop.owner(&world).await;
    let (ana, ben) = (Customer::guest(&world, &shop).await, Customer::guest(&world, &shop).await);
    ana.says("from ana").await;
    ben.says("from ben").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 2).await;
    let wamid = shop.say(&world, &ben.phone, "to ben").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 4).await;
    world.until_stored("all taken", "SELECT count(*) FROM delivery WHERE state = 1", |count| count == 4).await;
    world.receiver.set(&shop.callback, Mode::Answers(503));
    world.advance(HOUR);
    let later = world.env.now().millis();
    ben.says("refused").await;
    world.until_stored("a refusal", "SELECT count(*) FROM delivery_attempt", |count| count > 0).await;
    let kinds = |found: Vec<Value>| found.iter().map(|one| one["kind"].as_str().expect("a kind").to_owned()).collect::<Vec<_>>();
    assert_eq!(kinds(log(&world, &owner, "").await), ["text", "delivered", "sent", "text", "text"]);
    assert_eq!(kinds(log(&world, &owner, &format!("contact={}", ana.phone)).await), ["text"]);
    assert_eq!(kinds(log(&world, &owner, &format!("message={wamid}")).await), ["delivered", "sent"]);
    assert_eq!(kinds(log(&world, &owner, &format!("contact={}&result=taken", ben.phone)).await), ["delivered", "sent", "text"]);
    assert_eq!(kinds(log(&world, &owner, "result=failing").await), ["text"]);
    assert_eq!(kinds(log(&world, &owner, "kind=sent").await), ["sent"]);
    assert_eq!(kinds(log(&world, &owner, &format!("from={later}")).await), ["text"]);
    assert_eq!(kinds(log(&world, &owner, &format!("to={later}")).await).len(), 4);
    assert_eq!(log(&world, &owner, &format!("hook={}&number={}", shop.app_id, shop.phone_number_id)).await.len(), 5);
    for none in ["number=1", "contact=nobody", "field=security", "result=given_up", "hook=1"] {
        assert!(log(&world, &owner, none).await.is_empty(), "{none}");
    }
    let page = owner.get(&world, "/webhooks/log?limit=3").await.expect(200);
    let rest = log(&world, &owner, &format!("before={}", page["next"])).await;
    assert_eq!((page["data"].as_array().map(Vec::len), rest.len()), (Some(3), 2));
    for wrong in ["limit=0", "limit=201", "message=x"] {
        assert_eq!(owner.get(&world, &format!("/webhooks/log?{wrong}")).await.problem().0, 422, "{wrong}");
    }
    // One in detail: what was sent, what signs it, what the receiver said.
    let refused = seq(&log(&world, &owner, "result=failing").await[0]);
    let detail = owner.get(&world, &format!("/webhooks/log/{refused}")).await.expect(200);
    assert_eq!((&detail["tries"][0]["http_status"], &detail["state"]), (&json!(503), &json!("waiting")));
    let sent = world.receiver.attempts().into_iter().find(|one| !one.taken).expect("it was tried");
    assert_eq!((detail["body"].as_str().map(str::as_bytes), detail["signature"].as_str()), (Some(&sent.body[..]), Some(&*sent.signature)));
    assert_eq!(owner.get(&world, "/webhooks/log/999").await.problem().0, 404);
}

#[tokio::test]
async fn what_was_told_is_told_again_behind_what_waits() {
    let (world, shop) = World::with_shop(416).await;
    let owner = shop.owner(&world).await;
    let ana = Customer::guest(&world, &shop).await;
    for text in ["one", "two", "three"] {
        ana.says(text).await;
    }
    let first = world.receiver.wait(Pace::Slow, &shop.callback, 3).await;
    // To another endpoint, a range; in order, the same bytes, behind what it has still to be told.
    world.receiver.set(OWN, Mode::Takes);
    let made = add(&world, &owner, &json!({"secret": SECRET})).await;
    world.receiver.set(OWN, Mode::Answers(500));
    let replay = format!("/webhooks/{}/replay", made["id"].as_str().expect("an id"));
    ana.says("four").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 4).await;
    let entries = log(&world, &owner, &format!("hook={}", shop.app_id)).await;
    let (from, to) = (seq(&entries[3]), seq(&entries[1]));
    let answer = owner.post(&world, &replay, &json!({"of": shop.app_id, "from_seq": from, "to_seq": to})).await.expect(202);
    assert_eq!(answer, json!({"queued": 3, "next": null}));
    world.receiver.set(OWN, Mode::Takes);
    world.advance(HOUR);
    let own = world.receiver.wait(Pace::Slow, OWN, 4).await;
    assert_eq!(texts(&own), ["text:four", "text:one", "text:two", "text:three"]);
    assert!(own[1..].iter().zip(&first).all(|(again, first)| again.body == first.body && again.is_signed_by(SECRET)));
    // One by name; the log says what it repeats.
    let answer = owner.post(&world, &replay, &json!({"seqs": [from]})).await.expect(202);
    assert_eq!(answer["queued"], 1);
    assert_eq!(world.receiver.wait(Pace::Slow, OWN, 5).await[4].tells(), "text:one");
    let newest = &log(&world, &owner, "limit=1").await[0];
    assert_eq!((&newest["origin"], &newest["replay_of"]), (&json!("replay"), &json!(from)));
    // A range passes over replays.
    let own_again = owner.post(&world, &replay, &json!({"from_seq": 1})).await.expect(202);
    assert_eq!(own_again["queued"], 1, "the one that was live");
    for wrong in [json!({}), json!({"seqs": (0..101).collect::<Vec<_>>()})] {
        assert_eq!(owner.post(&world, &replay, &wrong).await.problem().0, 422);
    }
    assert_eq!(owner.post(&world, &replay, &json!({"seqs": [999_999]})).await.problem().0, 404);
}

#[tokio::test]
async fn a_test_is_a_fields_sample_and_switching_off_drops_what_waits() {
    let (world, shop) = World::with_shop(417).await;
    let owner = shop.owner(&world).await;
    let made = add(&world, &owner, &json!({})).await;
    let path = format!("/webhooks/{}", made["id"].as_str().expect("an id"));
    let answer = owner.post(&world, &format!("{path}/test"), &json!({"field": "account_alerts"})).await.expect(202);
    let told = world.receiver.wait(Pace::Slow, OWN, 1).await;
    assert_eq!(told[0].json()["entry"][0]["changes"][0]["field"], "account_alerts");
    assert_eq!(told[0].json()["entry"][0]["id"], shop.waba_id);
    world.until_stored("it is noted", "SELECT count(*) FROM delivery WHERE state = 1", |count| count == 1).await;
    let entry = owner.get(&world, &format!("/webhooks/log/{}", answer["seq"])).await.expect(200);
    assert_eq!((&entry["origin"], &entry["state"], &entry["chat"]), (&json!("test"), &json!("taken"), &json!(null)));
    assert_eq!(owner.post(&world, &format!("{path}/test"), &json!({"field": "mesages"})).await.problem().0, 422);
    // Apps are tried as well.
    owner.post(&world, &format!("/webhooks/{}/test", shop.app_id), &json!({"field": "messages"})).await.expect(202);
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    // Off: what waits is dropped and stays in the log.
    world.receiver.set(OWN, Mode::Down);
    let ana = Customer::guest(&world, &shop).await;
    ana.says("lost").await;
    world.until_stored("it failed", "SELECT count(*) FROM webhook_failing", |count| count > 0).await;
    let listed = owner.get(&world, &path).await.expect(200);
    assert!(listed["waiting"] == 1 && listed["failing"]["failures"].as_i64() > Some(0), "{listed}");
    owner.post(&world, &path, &json!({"enabled": false})).await.expect(200);
    world.until_stored("it is dropped", "SELECT count(*) FROM delivery WHERE state = 3", |count| count == 1).await;
    assert_eq!(owner.post(&world, &format!("{path}/test"), &json!({"field": "messages"})).await.problem().0, 404);
    world.receiver.set(OWN, Mode::Takes);
    owner.post(&world, &path, &json!({"enabled": true})).await.expect(200);
    let answer = owner.post(&world, &format!("{path}/replay"), &json!({"from_seq": 1, "only_lost": true})).await.expect(202);
    assert_eq!(answer["queued"], 1);
    assert_eq!(world.receiver.wait(Pace::Slow, OWN, 2).await[1].tells(), "text:lost");
    assert_eq!(owner.delete(&world, &path).await.status, 204);
    assert_eq!(owner.get(&world, &path).await.problem().0, 404);
}
