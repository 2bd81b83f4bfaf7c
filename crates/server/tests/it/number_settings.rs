//! What programs set of a number and its account (Cloud API, section 3a, priority 2).
use axum::http::Method;
use serde_json::{Value, json};
use suki_testkit::{Answer, Pace, Shop, World, receiver::VERIFY_TOKEN};

async fn get(world: &World, shop: &Shop, edge: &str) -> Answer {
    shop.graph(world, Method::GET, &format!("/v23.0/{}{edge}", shop.phone_number_id), None).await
}

async fn post(world: &World, shop: &Shop, edge: &str, body: &Value) -> Answer {
    shop.graph(world, Method::POST, &format!("/v23.0/{}{edge}", shop.phone_number_id), Some(body)).await
}

async fn refused(world: &World, shop: &Shop, edge: &str, body: &Value) -> (u16, i64, i64) {
    post(world, shop, edge, body).await.graph_error()
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[tokio::test]
async fn a_profile_is_flat_and_changes_part_by_part() {
    let (world, shop) = World::with_shop(1201).await;
    let edge = "/whatsapp_business_profile";
    assert_eq!(get(&world, &shop, edge).await.expect(200), json!({"data": [{"messaging_product": "whatsapp", "about": "Coffee and bread"}]}));
    let change = json!({"messaging_product": "whatsapp", "address": "12 Mabini St", "description": "Bread since 1970.", "email": "hi@kape.example",
                        "websites": ["https://kape.example"], "vertical": "RESTAURANT"});
    assert_eq!(post(&world, &shop, edge, &change).await.expect(200), json!({"success": true}));
    post(&world, &shop, edge, &json!({"messaging_product": "whatsapp", "email": ""})).await.expect(200);
    world.stop_endpoint().await;
    world.start_endpoint().await;
    let asked = get(&world, &shop, "/whatsapp_business_profile?fields=about,email,vertical,websites").await.expect(200);
    assert_eq!(
        asked,
        json!({"data": [{"messaging_product": "whatsapp", "about": "Coffee and bread", "vertical": "RESTAURANT", "websites": ["https://kape.example"]}]})
    );
    assert_eq!(refused(&world, &shop, edge, &json!({"about": "Hi"})).await, (400, 131_008, 0));
    let long = json!({"messaging_product": "whatsapp", "about": "x".repeat(140)});
    assert_eq!(refused(&world, &shop, edge, &long).await, (400, 100, 0));
}

#[tokio::test]
async fn a_number_has_settings_of_commerce_automation_keys_and_law() {
    let (world, shop) = World::with_shop(1202).await;
    let number = &shop.phone_number_id;
    let commerce = "/whatsapp_commerce_settings?is_catalog_visible=true";
    assert_eq!(post(&world, &shop, commerce, &json!({})).await.expect(200), json!({"success": true}));
    let shown = get(&world, &shop, "/whatsapp_commerce_settings").await.expect(200);
    assert_eq!(shown, json!({"data": [{"id": number, "is_cart_enabled": true, "is_catalog_visible": true}]}));
    assert_eq!(refused(&world, &shop, "/whatsapp_commerce_settings", &json!({})).await, (400, 100, 0));

    let automation = json!({"enable_welcome_message": true, "prompts": ["Are you open?"],
                            "commands": [{"command_name": "menu", "command_description": "What there is"}]});
    post(&world, &shop, "/conversational_automation", &automation).await.expect(200);
    let node = get(&world, &shop, "?fields=conversational_automation").await.expect(200);
    assert_eq!(
        (&node["conversational_automation"]["prompts"], &node["conversational_automation"]["commands"]),
        (&automation["prompts"], &automation["commands"])
    );
    assert_eq!(refused(&world, &shop, "/conversational_automation", &json!({"prompts": ["x".repeat(81)]})).await, (400, 100, 0));

    post(&world, &shop, "/settings", &json!({"user_identity_change": {"enable_identity_key_check": true}})).await.expect(200);
    let settings = get(&world, &shop, "/settings").await.expect(200);
    assert_eq!(settings["user_identity_change"], json!({"enable_identity_key_check": true}));
    assert_eq!((&settings["calling"]["status"], &settings["storage_configuration"]["status"]), (&json!("DISABLED"), &json!("DEFAULT")));
    assert_eq!(refused(&world, &shop, "/settings", &json!({"calling": {"status": "enabled"}})).await, (400, 138_018, 0));

    assert_eq!(get(&world, &shop, "/whatsapp_business_encryption").await.expect(200), json!({"data": []}));
    let no_key = json!({"business_public_key": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"});
    assert_eq!(refused(&world, &shop, "/whatsapp_business_encryption", &no_key).await, (400, 100, 0));
    let key = rsa_key();
    post(&world, &shop, "/whatsapp_business_encryption", &json!({ "business_public_key": key })).await.expect(200);
    let shown = get(&world, &shop, "/whatsapp_business_encryption").await.expect(200);
    assert_eq!(shown, json!({"data": [{"business_public_key": key, "business_public_key_signature_status": "VALID"}]}));

    let law = json!({"messaging_product": "whatsapp", "entity_name": "Kape ni Ana", "entity_type": "PARTNERSHIP", "is_registered": true,
                     "grievance_officer_details": {"name": "Ana", "email": "ana@kape.example"}, "customer_care_details": {"email": "care@kape.example"}});
    post(&world, &shop, "/business_compliance_info", &law).await.expect(200);
    let shown = get(&world, &shop, "/business_compliance_info").await.expect(200);
    assert_eq!((&shown["data"][0]["entity_type"], &shown["data"][0]["whatsapp_business_account_id"]), (&json!("PARTNERSHIP"), &json!(shop.waba_id)));
    assert_eq!(refused(&world, &shop, "/business_compliance_info", &json!({"messaging_product": "whatsapp"})).await, (400, 131_008, 0));
}

pub fn rsa_key() -> String {
    use aws_lc_rs::{
        encoding::{AsDer as _, PublicKeyX509Der},
        rsa::{KeySize, PrivateDecryptingKey},
    };
    use base64::Engine as _;
    let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).expect("a key").public_key();
    let der: PublicKeyX509Der<'_> = key.as_der().expect("it is written");
    let body = base64::engine::general_purpose::STANDARD.encode(der.as_ref());
    let lines: Vec<&str> = body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("letters")).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}

#[tokio::test]
async fn a_link_opens_the_chat_with_its_text_until_it_is_taken_away() {
    let (world, shop) = World::with_shop(1203).await;
    let made = post(&world, &shop, "/message_qrdls?generate_qr_image=png&prefilled_message=May%20kape%20pa%3F", &json!({})).await.expect(200);
    let code = made["code"].as_str().expect("a code").to_owned();
    let path = format!("/message/{code}");
    assert_eq!(
        (&made["deep_link_url"], &made["qr_image_url"]),
        (&json!(format!("http://suki.test{path}")), &json!(format!("http://suki.test{path}.png")))
    );
    let opened = world.call(Method::GET, &path).send().await;
    assert_eq!((opened.status.as_u16(), header(&opened, "location")), (307, "http://suki.test/c/kape?text=May+kape+pa%3F"));
    for (picture, kind, begins) in [(".png", "image/png", &b"\x89PNG"[..]), (".svg", "image/svg+xml", b"<svg")] {
        let drawn = world.call(Method::GET, &format!("{path}{picture}")).send().await;
        assert_eq!((drawn.status.as_u16(), header(&drawn, "content-type")), (200, kind));
        assert!(drawn.body.starts_with(begins), "{picture}");
    }
    // The text changes, and what was printed leads to it.
    let changed = post(&world, &shop, "/message_qrdls", &json!({"code": code, "prefilled_message": "Dalawa po"})).await.expect(200);
    assert_eq!((&changed["code"], changed.get("qr_image_url")), (&json!(code), None));
    assert!(header(&world.call(Method::GET, &path).send().await, "location").ends_with("text=Dalawa+po"));
    let list = get(&world, &shop, "/message_qrdls?fields=code,prefilled_message,qr_image_url.format(SVG)").await.expect(200);
    assert_eq!(list, json!({"data": [{"code": code, "prefilled_message": "Dalawa po", "qr_image_url": format!("http://suki.test{path}.svg")}]}));
    let one = get(&world, &shop, &format!("/message_qrdls/{code}")).await.expect(200);
    assert_eq!(one["data"][0]["prefilled_message"], "Dalawa po");

    let other = Shop::open(&world, "tinapay").await;
    assert_eq!(get(&world, &other, &format!("/message_qrdls/{code}")).await.expect(200)["data"], json!([]));
    let stolen = json!({"code": code, "prefilled_message": "Mine"});
    assert_eq!(refused(&world, &other, "/message_qrdls", &stolen).await, (400, 100, 33));
    assert_eq!(refused(&world, &shop, "/message_qrdls", &json!({"prefilled_message": "x".repeat(141)})).await, (400, 100, 0));

    let delete = format!("/v23.0/{}/message_qrdls/{code}", shop.phone_number_id);
    assert_eq!(shop.graph(&world, Method::DELETE, &delete, None).await.expect(200), json!({"success": true}));
    assert_eq!(shop.graph(&world, Method::DELETE, &delete, None).await.graph_error(), (400, 100, 33));
    assert_eq!(world.call(Method::GET, &path).send().await.status.as_u16(), 404);
    for nothing in ["/message/x", "/message/AAAAAAAAAAAAAA", "/message/AAAAAAAAAAAAAA.gif"] {
        assert_eq!(world.call(Method::GET, nothing).send().await.status.as_u16(), 404, "{nothing}");
    }
}

#[tokio::test]
async fn a_deregistered_number_writes_nothing_until_it_is_registered_with_its_pin() {
    let (world, shop) = World::with_shop(1204).await;
    let fields = "messages,security";
    let body = json!({"object": "whatsapp_business_account", "callback_url": shop.callback, "verify_token": VERIFY_TOKEN, "fields": fields});
    shop.graph(&world, Method::POST, &format!("/v23.0/{}/subscriptions", shop.app_id), Some(&body)).await.expect(200);
    let with = |pin: &str| json!({"messaging_product": "whatsapp", "pin": pin});
    assert_eq!(refused(&world, &shop, "/register", &with("12345")).await, (400, 100, 0));
    post(&world, &shop, "/register", &with("123456")).await.expect(200);
    assert_eq!(get(&world, &shop, "?fields=is_pin_enabled,status").await.expect(200)["is_pin_enabled"], true);
    post(&world, &shop, "", &json!({"pin": "654321"})).await.expect(200);
    let told = world.receiver.wait(Pace::Slow, &shop.callback, 1).await.remove(0).json();
    let value = json!({"display_phone_number": shop.phone, "event": "PIN_CHANGED", "requester": shop.app_id});
    assert_eq!(told["entry"][0]["changes"][0], json!({"field": "security", "value": value}));

    post(&world, &shop, "/deregister", &json!({})).await.expect(200);
    assert_eq!(refused(&world, &shop, "/deregister", &json!({})).await, (400, 133_010, 0));
    assert_eq!(get(&world, &shop, "?fields=status").await.expect(200)["status"], "DISCONNECTED");
    let text = json!({"messaging_product": "whatsapp", "to": "999000000001", "type": "text", "text": {"body": "hi"}});
    assert_eq!(refused(&world, &shop, "/messages", &text).await, (400, 133_010, 0));
    world.stop_endpoint().await;
    world.start_endpoint().await;
    assert_eq!(refused(&world, &shop, "/messages", &text).await, (400, 133_010, 0));

    assert_eq!(refused(&world, &shop, "/register", &with("654321")).await, (400, 133_015, 0));
    world.advance(5 * 60_000);
    for wrong in 0..5 {
        assert_eq!(refused(&world, &shop, "/register", &with("123456")).await, (400, 133_005, 0), "{wrong}");
        assert_eq!(refused(&world, &shop, "/register", &with("654321")).await.1, if wrong < 4 { 133_009 } else { 133_008 }, "{wrong}");
        world.advance(5_000);
    }
    world.advance(3_600_000);
    post(&world, &shop, "/register", &with("654321")).await.expect(200);
    assert_eq!(refused(&world, &shop, "/messages", &text).await, (400, 131_026, 0));
    // Two registrations, one deregistration and five wrong PINs were counted: ten are allowed.
    post(&world, &shop, "/register", &with("654321")).await.expect(200);
    post(&world, &shop, "/register", &with("654321")).await.expect(200);
    assert_eq!(refused(&world, &shop, "/register", &with("654321")).await, (400, 133_016, 0));
}

#[tokio::test]
async fn an_account_lists_its_number_and_says_whose_it_is() {
    let (world, shop) = World::with_shop(1205).await;
    let account = format!("/v23.0/{}", shop.waba_id);
    let ask = async |path: String| shop.graph(&world, Method::GET, &path, None).await;
    let list = ask(format!("{account}/phone_numbers")).await.expect(200);
    assert_eq!((&list["data"][0]["id"], list["data"].as_array().map(Vec::len)), (&json!(shop.phone_number_id), Some(1)));
    assert_eq!((&list["data"][0]["platform_type"], list["paging"].get("next")), (&json!("CLOUD_API"), None));
    let live = "phone_numbers?filtering=%5B%7B%22field%22%3A%22account_mode%22%2C%22operator%22%3A%22EQUAL%22%2C%22value%22%3A%22LIVE%22%7D%5D";
    assert_eq!(ask(format!("{account}/{live}")).await.expect(200), json!({"data": []}));
    assert_eq!(ask(format!("{account}/phone_numbers?limit=101")).await.graph_error(), (400, 100, 0));
    let add = |phone: String| json!({"cc": "999", "phone_number": phone, "verified_name": "Kape"});
    let numbers = format!("{account}/phone_numbers");
    let own = shop.graph(&world, Method::POST, &numbers, Some(&add(shop.phone.clone()))).await.expect(200);
    assert_eq!(own, json!({"id": shop.phone_number_id}));
    let other = shop.graph(&world, Method::POST, &numbers, Some(&add("999001234567".into()))).await;
    assert_eq!(other.graph_error(), (400, 100, 0));

    let change = json!({"name": "Branches", "timezone_id": "42", "is_enabled_for_insights": true});
    shop.graph(&world, Method::POST, &account, Some(&change)).await.expect(200);
    let undo = shop.graph(&world, Method::POST, &account, Some(&json!({"is_enabled_for_insights": false}))).await;
    assert_eq!(undo.graph_error(), (400, 200_007, 0));
    let fields =
        "name,timezone_id,is_enabled_for_insights,owner_business_info,currency,ownership_type,subscribed_apps,phone_numbers{id},health_status";
    let node = ask(format!("{account}?fields={fields}")).await.expect(200);
    assert_eq!((&node["name"], &node["timezone_id"], &node["is_enabled_for_insights"]), (&json!("Branches"), &json!("42"), &json!(true)));
    assert_eq!((&node["currency"], &node["phone_numbers"]["data"]), (&json!("USD"), &json!([{"id": shop.phone_number_id}])));
    assert_eq!(node["subscribed_apps"]["data"][0]["whatsapp_business_api_data"]["id"], shop.app_id.as_str());

    let business = node["owner_business_info"]["id"].as_str().expect("an id").to_owned();
    assert_eq!(ask(format!("/v23.0/{business}")).await.expect(200), json!({"id": business, "name": "Shop kape"}));
    let owned = ask(format!("/v23.0/{business}/owned_whatsapp_business_accounts?fields=name")).await.expect(200);
    assert_eq!(owned["data"], json!([{"id": shop.waba_id, "name": "Branches"}]));
    assert_eq!(ask(format!("/{business}/client_whatsapp_business_accounts")).await.expect(200), json!({"data": []}));
    assert_eq!(ask("/v23.0/me".into()).await.expect(200)["id"], business.as_str());
    assert_eq!(ask("/v23.0/me/businesses".into()).await.expect(200)["data"][0]["id"], business.as_str());
    let other = Shop::open(&world, "tinapay").await;
    assert_eq!(other.graph(&world, Method::GET, &format!("/{business}"), None).await.graph_error(), (400, 100, 33));
}

#[tokio::test]
async fn calls_and_what_partners_do_are_refused_by_their_codes() {
    let (world, shop) = World::with_shop(1206).await;
    let call = json!({"messaging_product": "whatsapp", "to": "999000000001", "action": "connect"});
    assert_eq!(refused(&world, &shop, "/calls", &call).await, (400, 138_000, 0));
    assert_eq!(get(&world, &shop, "/call_permissions?user_wa_id=999000000001").await.graph_error(), (400, 138_000, 0));
    let users = shop.graph(&world, Method::GET, &format!("/v23.0/{}/assigned_users", shop.waba_id), None).await;
    assert_eq!(users.graph_error(), (403, 10, 0));
}
