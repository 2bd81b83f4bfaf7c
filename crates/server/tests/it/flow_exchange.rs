//! Forms that ask the business's own server: a real device, and a server that does what Meta's examples do (Cloud API, section 3a).
use crate::flows::{cake, form, make, opens, post};
use aes_gcm::{
    AesGcm, KeyInit as _,
    aead::{Aead as _, generic_array::typenum::U16},
    aes::Aes128,
};
use aws_lc_rs::{
    encoding::{AsDer as _, PublicKeyX509Der},
    rsa::{KeySize, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use suki_cloud_api::signature;
use suki_testkit::{
    Customer, Pace, Shop, World,
    receiver::{Mode, Serve},
    wait::bounded,
};

type Cipher = AesGcm<Aes128, U16>;

const SERVER: &str = "https://cakes.example/flow";

fn pem(key: &PrivateDecryptingKey) -> String {
    let der: PublicKeyX509Der<'_> = key.public_key().as_der().expect("it is written");
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der.as_ref()))
}

/// A server that holds this key and answers with what `says` makes of what it is asked; 421 for what it cannot read, 432 for what is not signed.
fn server(private: PrivateDecryptingKey, secret: String, says: impl Fn(&Value) -> (u16, Value) + Send + Sync + 'static) -> Serve {
    let oaep = OaepPrivateDecryptingKey::new(private).expect("a key");
    Arc::new(move |body, signed| {
        if !signature::verify(&secret, body, signed) {
            return (432, Vec::new());
        }
        let body: Value = serde_json::from_slice(body).expect("JSON");
        let part = |name: &str| STANDARD.decode(body[name].as_str().expect("text")).expect("base64");
        let mut key = vec![0; oaep.min_output_size()];
        let Ok(key) = oaep.decrypt(&OAEP_SHA256_MGF1SHA256, &part("encrypted_aes_key"), &mut key, None) else { return (421, Vec::new()) };
        let key: [u8; 16] = (&*key).try_into().expect("128 bits");
        let iv: [u8; 16] = part("initial_vector").try_into().expect("128 bits");
        let cipher = Cipher::new(&key.into());
        let asked = cipher.decrypt(&iv.into(), &part("encrypted_flow_data")[..]).expect("it is whole");
        let (status, answer) = says(&serde_json::from_slice(&asked).expect("JSON"));
        if status != 200 {
            return (status, answer.to_string().into_bytes());
        }
        let turned = iv.map(|byte| !byte);
        (200, STANDARD.encode(cipher.encrypt(&turned.into(), answer.to_string().as_bytes()).expect("it fits")).into_bytes())
    })
}

/// A flow whose first screen asks the server.
fn asking() -> Value {
    let mut flow = cake();
    flow["data_api_version"] = "3.0".into();
    flow["routing_model"] = json!({"CAKE": ["WORDS"], "WORDS": []});
    flow["screens"][0]["layout"]["children"][1]["on-click-action"] = json!({"name": "data_exchange", "payload": {"name": "${form.name}"}});
    flow
}

async fn set_key(world: &World, shop: &Shop, key: &PrivateDecryptingKey) {
    post(world, shop, &format!("{}/whatsapp_business_encryption", shop.phone_number_id), &json!({"business_public_key": pem(key)})).await.expect(200);
}

/// A shop with such a flow, published, and a customer who got it; the flow's id.
async fn asked(seed: u64) -> (World, Shop, Customer, String) {
    let (world, shop) = World::with_shop(seed).await;
    asked_in(world, shop).await
}

async fn asked_in(world: World, shop: Shop) -> (World, Shop, Customer, String) {
    let mut ana = Customer::named(&world, &shop, "Ana").await;
    ana.says("May cake pa ba?").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    let body = json!({"name": "Cake", "categories": ["OTHER"], "flow_json": asking().to_string(), "endpoint_uri": SERVER, "publish": true});
    let made = post(&world, &shop, &format!("{}/flows", shop.waba_id), &body).await.expect(200);
    let id = made["id"].as_str().expect("an id").to_owned();
    shop.messages(&world, &opens(&ana.phone, &json!({"flow_id": id, "flow_action": "data_exchange"}))).await.expect(200);
    let call = form(&ana.hears().await);
    assert_eq!((call.exchange, call.data_version.as_str(), call.screen.as_str()), (true, "3.0", ""));
    (world, shop, ana, id)
}

fn question(flow: &str, action: &str, screen: &str, data: &Value) -> Value {
    json!({"flow_id": flow, "flow_token": "cake-7", "version": "3.0", "action": action, "screen": screen, "data": data})
}

async fn ask(ana: &Customer, question: &Value) -> Value {
    ana.client.exchange(ana.chat, "flow", question).await.expect("it is answered")
}

#[tokio::test]
async fn the_business_server_says_what_comes_next_until_the_form_is_done() {
    let (world, shop, ana, id) = asked(1411).await;
    let private = PrivateDecryptingKey::generate(KeySize::Rsa2048).expect("a key");
    set_key(&world, &shop, &private).await;
    let says = |asked: &Value| {
        assert_eq!((&asked["version"], &asked["flow_token"]), (&json!("3.0"), &json!("cake-7")));
        match (asked["action"].as_str(), asked["data"]["name"].as_str()) {
            (Some("INIT"), _) => (200, json!({"screen": "CAKE", "data": {}})),
            (Some("data_exchange"), Some("")) => (200, json!({"screen": "CAKE", "data": {"error_message": "For whom?"}})),
            (Some("data_exchange"), Some("late")) => (427, json!({"error_msg": "This order is closed"})),
            (Some("data_exchange"), Some("lost")) => (200, json!({"screen": "PIE", "data": {}})),
            (Some("data_exchange"), Some("done")) => {
                (200, json!({"screen": "SUCCESS", "data": {"extension_message_response": {"params": {"order": 7}}}}))
            }
            (Some("BACK"), _) => (200, json!({"screen": "CAKE", "data": {"again": true}})),
            (Some("data_exchange"), _) if asked["data"]["error"].is_string() => (200, json!({"data": {"acknowledged": true}})),
            other => panic!("{other:?}"),
        }
    };
    world.receiver.serve(SERVER, server(private, shop.app_secret.clone(), says));
    assert_eq!(ask(&ana, &question(&id, "INIT", "", &json!({}))).await, json!({"screen": "CAKE", "data": {}}));
    let name = |name: &str| question(&id, "data_exchange", "CAKE", &json!({ "name": name }));
    assert_eq!(ask(&ana, &name("")).await["data"]["error_message"], "For whom?");
    assert_eq!(ask(&ana, &question(&id, "BACK", "WORDS", &json!({}))).await["data"]["again"], true);
    assert_eq!(ask(&ana, &name("late")).await, json!({"error": "This order is closed"}));
    assert!(ask(&ana, &name("lost")).await["error"].is_string());
    let over = ask(&ana, &name("done")).await;
    assert_eq!(over, json!({"screen": "SUCCESS", "data": {"extension_message_response": {"params": {"order": 7, "flow_token": "cake-7"}}}}));
    // The server was told what was wrong with the screen that the flow does not have.
    let count = || world.receiver.attempts().iter().filter(|one| one.url == SERVER).count();
    world.receiver.wait_for(Pace::Slow, "the complaint", || (count() >= 7).then_some(())).await;
    // Nobody was shown any of it.
    assert_eq!(ana.texts().await.len(), 2);
}

#[tokio::test]
async fn a_server_with_a_new_key_is_asked_again_and_one_that_fails_is_not_waited_for() {
    let (world, shop, ana, id) = asked(1412).await;
    let init = question(&id, "INIT", "", &json!({}));
    assert!(ask(&ana, &init).await["error"].as_str().is_some_and(|words| words.contains("has not finished")));
    let [old, new] = [(); 2].map(|()| PrivateDecryptingKey::generate(KeySize::Rsa2048).expect("a key"));
    set_key(&world, &shop, &old).await;
    let serve = server(new, shop.app_secret.clone(), |_| (200, json!({"screen": "CAKE", "data": {}})));
    world.receiver.serve(SERVER, serve);
    let tries = || world.receiver.attempts().iter().filter(|one| one.url == SERVER).count();
    assert!(ask(&ana, &init).await["error"].is_string());
    assert_eq!(tries(), 2, "under the key that is set now, once more");
    // The clock goes on for a server that hangs alone: ten seconds are waited for it, and thirty for the shop.
    for (mode, pace) in [(Mode::Down, Pace::Still), (Mode::Answers(500), Pace::Still), (Mode::Hangs, Pace::Slow)] {
        world.receiver.set(SERVER, mode);
        let answer = bounded(&world.env, pace, "an answer", ask(&ana, &init)).await;
        assert!(answer["error"].as_str().is_some_and(|words| words.contains("does not answer")), "{mode:?} {answer}");
    }
    for (wrong, says) in [(json!({}), "no question"), (question("7", "INIT", "", &json!({})), "no such form")] {
        assert!(ask(&ana, &wrong).await["error"].as_str().is_some_and(|words| words.contains(says)));
    }
    post(&world, &shop, &format!("{id}/deprecate"), &json!({})).await.expect(200);
    assert!(ask(&ana, &init).await["error"].as_str().is_some_and(|words| words.contains("taken this form back")));
}

#[tokio::test]
async fn a_draft_asks_only_for_who_got_it() {
    let (world, shop, ana, _) = asked(1413).await;
    let draft = make(&world, &shop, "Draft", &asking(), false).await;
    post(&world, &shop, &draft, &json!({"endpoint_uri": SERVER})).await.expect(200);
    let private = PrivateDecryptingKey::generate(KeySize::Rsa2048).expect("a key");
    set_key(&world, &shop, &private).await;
    let heard = Arc::new(AtomicUsize::new(0));
    let count = heard.clone();
    let says = move |_: &Value| {
        count.fetch_add(1, Ordering::Relaxed);
        (200, json!({"screen": "CAKE", "data": {}}))
    };
    world.receiver.serve(SERVER, server(private, shop.app_secret.clone(), says));
    let init = question(&draft, "INIT", "", &json!({}));
    assert!(ask(&ana, &init).await["error"].is_string());
    shop.messages(&world, &opens(&ana.phone, &json!({"flow_id": draft, "mode": "draft"}))).await.expect(200);
    assert_eq!((ask(&ana, &init).await["screen"].clone(), heard.load(Ordering::Relaxed)), (json!("CAKE"), 1));
}

#[tokio::test]
async fn a_flow_whose_server_fails_is_throttled_then_blocked_and_comes_back() {
    let world = World::ruled(1414, |policy| {
        policy.flows.watched = "5m".parse().expect("a length");
        policy.flows.watched_from = 2;
    })
    .await;
    let shop = Shop::open(&world, "kape").await;
    let (world, shop, ana, id) = asked_in(world, shop).await;
    let fields = json!({"object": "whatsapp_business_account", "callback_url": shop.callback, "verify_token": "verify-me", "fields": "flows"});
    post(&world, &shop, &format!("{}/subscriptions", shop.app_id), &fields).await.expect(200);
    let private = PrivateDecryptingKey::generate(KeySize::Rsa2048).expect("a key");
    set_key(&world, &shop, &private).await;
    let says = |asked: &Value| {
        let pong = asked["action"] == "ping";
        (200, if pong { json!({"data": {"status": "active"}}) } else { json!({"screen": "CAKE", "data": {}}) })
    };
    world.receiver.serve(SERVER, server(private, shop.app_secret.clone(), says));
    world.receiver.set(SERVER, Mode::Answers(500));
    for _ in 0..2 {
        ask(&ana, &question(&id, "INIT", "", &json!({}))).await;
    }
    let told = |event: &str, new: &str| {
        let all = world.receiver.taken(&shop.callback);
        let values = all.iter().map(|one| one.change()).filter(|value| value["event"] == event);
        values.into_iter().find(|value| new.is_empty() || value["new_status"] == new)
    };
    let rate = world.receiver.wait_for(Pace::Slow, "the warning", || told("ENDPOINT_ERROR_RATE", "")).await;
    assert_eq!(
        (&rate["alert_state"], &rate["error_rate"], &rate["errors"][0]["error_type"]),
        (&json!("ACTIVATED"), &json!(100.0), &json!("http_status_error"))
    );
    world.receiver.wait_for(Pace::Slow, "the block", || told("FLOW_STATUS_CHANGE", "BLOCKED")).await;
    let refused = shop.messages(&world, &opens(&ana.phone, &json!({"flow_id": id}))).await;
    assert_eq!(refused.graph_error().1, 132_068);
    // Its server is well again; once that has lasted, so is the flow.
    world.receiver.set(SERVER, Mode::Takes);
    let pings = || world.receiver.attempts().iter().filter(|one| one.url == SERVER).count();
    for _ in 0..15 {
        let before = pings();
        if told("FLOW_STATUS_CHANGE", "PUBLISHED").is_some() {
            break;
        }
        world.advance(60_000);
        let asked = || (pings() > before || told("FLOW_STATUS_CHANGE", "PUBLISHED").is_some()).then_some(());
        world.receiver.wait_for(Pace::Slow, "a ping", asked).await;
    }
    assert!(told("FLOW_STATUS_CHANGE", "PUBLISHED").is_some());
    shop.messages(&world, &opens(&ana.phone, &json!({"flow_id": id}))).await.expect(200);
}
