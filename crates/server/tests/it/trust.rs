//! Names, levels and announcements as operators and programs see them (R22 to R48, R109, R110).
use crate::console::Desk;
use axum::http::Method;
use serde_json::{Value, json};
use suki_endpoint::operators::Role as Team;
use suki_network::{console::Role, trust::Audience, trust::NewAnnouncement};
use suki_testkit::{Browser, Pace, Shop, World, receiver::VERIFY_TOKEN, wait};
use suki_types::{OperatorId, limits};

async fn case(world: &World, desk: &Desk, kind: &str) -> Value {
    let page = desk.get(world, &format!("/cases?state=open&kind={kind}")).await.expect(200);
    assert_eq!(page["data"].as_array().map(Vec::len), Some(1), "{page}");
    page["data"][0].clone()
}

async fn decide(world: &World, desk: &Desk, kind: &str, decision: &Value) {
    let id = case(world, desk, kind).await["id"].as_str().expect("an id").to_owned();
    desk.post(world, &format!("/cases/{id}/decide"), decision).await.expect(200);
}

/// The app subscribes to what is told of the account.
async fn subscribe(world: &World, shop: &Shop) {
    let fields = "messages,phone_number_name_update,account_review_update,account_alerts,account_update";
    let body = json!({"object": "whatsapp_business_account", "callback_url": shop.callback, "verify_token": VERIFY_TOKEN, "fields": fields});
    shop.graph(world, Method::POST, &format!("/v23.0/{}/subscriptions", shop.app_id), Some(&body)).await.expect(200);
}

/// A world with a shop that has reached the network.
async fn connected(seed: u64) -> (World, Shop, Browser) {
    let (world, shop) = World::with_shop(seed).await;
    let owner = shop.owner(&world).await;
    wait::until(&world.env, "a connection", || async {
        let is_known = shop.business(&world).trust().is_some();
        (is_known && owner.get(&world, "/terms").await.status == 200).then_some(())
    })
    .await;
    (world, shop, owner)
}

async fn until_named(world: &World, browser: &Browser, name: &str) {
    wait::until(&world.env, name, || async {
        let me = browser.get(world, "/me").await.expect(200);
        (me["business"]["name"] == name).then_some(())
    })
    .await
}

/// R28, R29, R44: an owner asks for a name, a person decides, programs are told, and everything shows the new one.
#[tokio::test]
async fn r28_a_name_is_asked_for_and_decided() {
    let (world, shop, owner) = connected(951).await;
    subscribe(&world, &shop).await;
    let desk = Desk::open(&world, "Ada", Role::Admin).await;
    let checked = owner.post(&world, "/name/check", &json!({"name": "John Smith"})).await.expect(200);
    assert_eq!((&checked["breaches"][0]["rule"], &checked["reviewed"]), (&json!("personal_name"), &json!(true)));
    let refused = owner.post(&world, "/name", &json!({"name": "John Smith"})).await;
    assert_eq!(refused.problem(), (422, "rule_100".into()));
    assert!(refused.json()["detail"].as_str().is_some_and(|text| text.contains("personal_name")));
    let ben = shop.hire(&world, "Ben", Team::Admin).await;
    let colleague = shop.browser(&world, &ben).await;
    assert_eq!(colleague.post(&world, "/name", &json!({"name": "Kape ni Ana"})).await.problem(), (403, "forbidden".into()));
    let status = owner.post(&world, "/name", &json!({"name": "Kape ni Ana"})).await.expect(200);
    assert_eq!((&status["name"], &status["stages"][0]["state"]), (&json!("Shop kape"), &json!("waiting")));
    let fields = "?fields=verified_name,name_status,new_display_name,new_name_status,code_verification_status,is_official_business_account";
    let node = shop.graph(&world, Method::GET, &format!("/{}{fields}", shop.phone_number_id), None).await.expect(200);
    assert_eq!(
        node,
        json!({"id": shop.phone_number_id, "verified_name": "Shop kape", "name_status": "APPROVED", "new_display_name": "Kape ni Ana",
               "new_name_status": "PENDING_REVIEW", "code_verification_status": "VERIFIED", "is_official_business_account": false})
    );
    decide(&world, &desk, "name", &json!({"approve": true, "reason": "It is on the door"})).await;
    until_named(&world, &owner, "Kape ni Ana").await;
    let node = shop.graph(&world, Method::GET, &format!("/{}{fields}", shop.phone_number_id), None).await.expect(200);
    assert_eq!((&node["verified_name"], &node["new_name_status"]), (&json!("Kape ni Ana"), &json!("NONE")));
    let told = world.receiver.wait(Pace::Slow, &shop.callback, 1).await.remove(0);
    assert!(told.is_signed_by(&shop.app_secret));
    let change = &told.json()["entry"][0]["changes"][0];
    assert_eq!(
        change,
        &json!({"field": "phone_number_name_update", "value": {"display_phone_number": shop.phone, "decision": "APPROVED",
                "requested_verified_name": "Kape ni Ana", "rejection_reason": null}})
    );
    // What was learnt outlives the process.
    world.stop_endpoint().await;
    world.start_endpoint().await;
    let node = shop.graph(&world, Method::GET, &format!("/{}{fields}", shop.phone_number_id), None).await.expect(200);
    assert_eq!((&node["verified_name"], &node["name_status"]), (&json!("Kape ni Ana"), &json!("APPROVED")));
}

/// R28: a program asks for a name the same way, and is told of a refusal with its reason.
#[tokio::test]
async fn r28_a_program_asks_for_a_name() {
    let (world, shop, _) = connected(952).await;
    subscribe(&world, &shop).await;
    let desk = Desk::open(&world, "Ada", Role::Admin).await;
    let path = format!("/v23.0/{}", shop.phone_number_id);
    let wrong = shop.graph(&world, Method::POST, &path, Some(&json!({"new_display_name": "BIG SALE!!"}))).await;
    assert_eq!(wrong.graph_error(), (400, 100, 0));
    assert_eq!(shop.graph(&world, Method::POST, &path, Some(&json!({"pin": "12345"}))).await.graph_error(), (400, 100, 0));
    let taken = shop.graph(&world, Method::POST, &path, Some(&json!({"new_display_name": "Kape ni Ana"}))).await;
    assert_eq!(taken.expect(200), json!({"success": true}));
    decide(&world, &desk, "name", &json!({"approve": false, "reason": "Not yours", "code": "NAME_NOT_CONSISTENT"})).await;
    let told = world.receiver.wait(Pace::Slow, &shop.callback, 1).await.remove(0);
    let value = told.json()["entry"][0]["changes"][0]["value"].clone();
    assert_eq!((&value["decision"], &value["rejection_reason"]), (&json!("REJECTED"), &json!("NAME_NOT_CONSISTENT")));
}

/// R41, R43, R44: documents over the inbox, seen stage by stage, a green tick, and the programs told.
#[tokio::test]
async fn r41_a_shop_is_confirmed_with_its_documents() {
    let (world, shop, owner) = connected(953).await;
    subscribe(&world, &shop).await;
    let desk = Desk::open(&world, "Ada", Role::Admin).await;
    let upload = |kind: &'static str, bytes: Vec<u8>| {
        world.call(Method::POST, "/inbox/api/documents?name=registration.pdf").header("Cookie", &owner.cookie).bytes(kind, bytes)
    };
    assert_eq!(upload("text/plain", b"%PDF-1.7".to_vec()).send().await.problem(), (415, "not_a_document".into()));
    assert_eq!(upload("image/png", b"MZ".to_vec()).send().await.problem().0, 422);
    let large = [b"%PDF-1.7".to_vec(), vec![7; 3 * limits::DOCUMENT_PART_BYTES]].concat();
    let document = upload("application/pdf", large.clone()).send().await.expect(201);
    assert_eq!((&document["bytes"], &document["complete"]), (&json!(large.len()), &json!(true)));
    let too_large = upload("application/pdf", vec![0x25; limits::DOCUMENT_BYTES + 1]).send().await;
    assert_eq!(too_large.status, 413);
    let request = json!({"level": "confirmed", "entity": "company", "legal_name": "Kape ni Ana, Inc.", "country": "PH",
                         "official_phone": format!("+{}", shop.phone), "documents": [document["id"]]});
    let status = owner.post(&world, "/verification", &request).await.expect(200);
    assert_eq!((&status["shown"]["verification_pending"], &status["stages"][2]["state"]), (&json!(true), &json!("waiting")));
    let path = format!("/{}/official_business_account", shop.phone_number_id);
    assert_eq!(shop.graph(&world, Method::GET, &path, None).await.expect(200)["oba_status"], "UNDER_REVIEW");
    assert_eq!(shop.graph(&world, Method::POST, &path, Some(&json!({"action": "SUBMIT_APPLICATION"}))).await.graph_error(), (400, 100, 0));
    decide(&world, &desk, "verification", &json!({"approve": false, "reason": "Page two is missing", "code": "DOCUMENT_UNREADABLE"})).await;
    let status = owner.get(&world, "/trust").await.expect(200);
    assert_eq!(status["stages"][2]["reason"], "Page two is missing");
    owner.post(&world, "/trust/appeal", &json!({"subject": "verification", "text": "There is no page two"})).await.expect(200);
    decide(&world, &desk, "verification", &json!({"approve": true, "reason": "It has one page"})).await;
    let told = world.receiver.wait(Pace::Slow, &shop.callback, 5).await;
    let fields: Vec<_> = told.iter().map(|one| one.json()["entry"][0]["changes"][0]["field"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(fields, ["account_review_update", "account_alerts", "account_review_update", "account_alerts", "account_update"]);
    assert_eq!(told[4].json()["entry"][0]["changes"][0]["value"], json!({"event": "VERIFIED_ACCOUNT"}));
    assert_eq!(told[3].json()["entry"][0]["changes"][0]["value"]["alert_info"]["alert_type"], "OBA_APPROVED");
    assert_eq!(shop.graph(&world, Method::GET, &path, None).await.expect(200)["oba_status"], "APPROVED");
    let account = format!("/{}?fields=business_verification_status,account_review_status", shop.waba_id);
    let account = shop.graph(&world, Method::GET, &account, None).await.expect(200);
    assert_eq!((&account["business_verification_status"], &account["account_review_status"]), (&json!("VERIFIED"), &json!("APPROVED")));
    let me = owner.get(&world, "/me").await.expect(200);
    assert_eq!(me["business"]["trust"], "confirmed");
    let link = world.call(Method::GET, "/v1/links/kape").send().await.expect(200);
    assert_eq!((&link["trust"], &link["labels"]), (&json!("confirmed"), &json!(["official"])));
}

/// R26: the terms are there for everybody, and what the shop accepted for its owner.
#[tokio::test]
async fn r26_terms_are_read_and_accepted() {
    let (world, shop, owner) = connected(954).await;
    let terms = world.call(Method::GET, "/v1/terms").send().await.expect(200);
    assert_eq!((&terms["version"], &terms["terms"]["title"]), (&json!(1), &json!("Terms of service")));
    let status = owner.get(&world, "/terms").await.expect(200);
    assert_eq!((&status["accepted_version"], &status["due"], &status["current"]), (&json!(1), &Value::Null, &terms));
    assert_eq!(owner.post(&world, "/terms", &json!({"version": 7})).await.problem(), (409, "conflict".into()));
    assert_eq!(owner.post(&world, "/terms", &json!({"version": 1})).await.expect(200)["accepted_version"], 1);
    let ben = shop.hire(&world, "Ben", Team::Operator).await;
    let colleague = shop.browser(&world, &ben).await;
    assert_eq!(colleague.post(&world, "/terms", &json!({"version": 1})).await.problem(), (403, "forbidden".into()));
    let nobody = Browser { cookie: String::new(), me: Value::Null };
    for path in ["/trust", "/terms", "/announcements"] {
        assert_eq!(nobody.get(&world, path).await.problem().0, 401, "{path}");
    }
    for path in ["/terms", "/name", "/name/check", "/number", "/number/code", "/verification", "/trust/withdraw", "/trust/appeal"] {
        assert_eq!(nobody.post(&world, path, &json!({})).await.problem().0, 401, "{path}");
    }
    let number = json!({"phone": "+63281234567", "channel": "voice"});
    assert_eq!(colleague.post(&world, "/number/code", &number).await.problem(), (403, "forbidden".into()));
}

/// R46: what the platform announces stands in the inbox.
#[tokio::test]
async fn r46_announcements_stand_in_the_inbox() {
    let (world, _, owner) = connected(955).await;
    let (network, by) = (world.network(), OperatorId::new(&world.env));
    for title in ["First", "Second", "Third"] {
        let new = NewAnnouncement { audience: Audience::All, title: title.into(), body: "From Monday on.".into() };
        network.announce(by, new).await.expect("it is announced");
    }
    let page = owner.get(&world, "/announcements?limit=2").await.expect(200);
    assert_eq!((&page["data"][0]["title"], &page["data"][1]["title"], &page["more"]), (&json!("Third"), &json!("Second"), &json!(true)));
    assert_eq!((&page["data"][0]["from"], &page["data"][0]["labels"]), (&json!("Suki"), &json!(["official"])));
    let rest = owner.get(&world, "/announcements?limit=2&before=2").await.expect(200);
    assert_eq!((&rest["data"][0]["title"], &rest["more"]), (&json!("First"), &json!(false)));
}
