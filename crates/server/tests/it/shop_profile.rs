//! What customers are shown of a business, and the greeting of who opens its chat (Cloud API, sections 3a and 3c; R30, R36).
use axum::http::Method;
use serde_json::{Value, json};
use suki_protocol::calls::{directory::SearchBusinesses, profile::Command};
use suki_testkit::{Answer, Customer, Delivery, Pace, Shop, World};

async fn post(world: &World, shop: &Shop, edge: &str, body: &Value) -> Answer {
    shop.graph(world, Method::POST, &format!("/v23.0/{}{edge}", shop.phone_number_id), Some(body)).await
}

async fn get(world: &World, shop: &Shop, edge: &str) -> Value {
    shop.graph(world, Method::GET, &format!("/v23.0/{}{edge}", shop.phone_number_id), None).await.expect(200)
}

/// A picture with these sides.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let pixels: Vec<u8> = (0..width * height).flat_map(|at| [(at % 251) as u8, (at / width % 241) as u8, 90]).collect();
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(&pixels).expect("its pixels");
    writer.finish().expect("its end");
    bytes
}

/// Uploads a file in one piece, and gives its handle.
pub async fn handle(world: &World, shop: &Shop, kind: &str, content: Vec<u8>) -> String {
    let begin = format!("/v23.0/{}/uploads?file_length={}&file_type={kind}&file_name=logo", shop.app_id, content.len());
    let session = shop.graph(world, Method::POST, &begin, None).await.expect(200)["id"].as_str().expect("a session").to_owned();
    let call = world.call(Method::POST, &format!("/v23.0/{session}")).header("authorization", &format!("OAuth {}", shop.token));
    let answer = call.header("file_offset", "0").bytes("application/octet-stream", content).send().await.expect(200);
    answer["h"].as_str().expect("a handle").to_owned()
}

#[tokio::test]
async fn the_profile_reaches_customers() {
    let (world, shop) = World::with_shop(1701).await;
    let ana = Customer::guest(&world, &shop).await;
    let before = ana.client.profile(shop.id).await.expect("it is a business");
    assert_eq!((before.profile.about.as_str(), before.picture.as_str(), before.username), ("Coffee and bread", "", None));
    let said = json!({"messaging_product": "whatsapp", "about": "Open till ten", "address": "12 Mabini St", "description": "Bread since 1970.",
        "email": "hi@kape.example", "websites": ["https://kape.example"], "vertical": "RESTAURANT"});
    let edge = "/whatsapp_business_profile";
    post(&world, &shop, edge, &said).await.expect(200);
    post(&world, &shop, "/username", &json!({"username": "kape.ana"})).await.expect(200);
    let shown = ana.client.profile(shop.id).await.expect("it is a business");
    let profile = &shown.profile;
    assert_eq!((profile.about.as_str(), profile.address.as_str(), profile.email.as_str()), ("Open till ten", "12 Mabini St", "hi@kape.example"));
    assert_eq!((profile.description.as_str(), profile.vertical.as_str()), ("Bread since 1970.", "RESTAURANT"));
    assert_eq!((&profile.websites[..], shown.username.as_deref()), (&["https://kape.example".to_owned()][..], Some("kape.ana")));

    // R30: square, 192 pixels at least, a picture at all, an upload at all.
    let picture = |handle: String| json!({"messaging_product": "whatsapp", "profile_picture_handle": handle});
    for (kind, content, says) in [
        ("image/png", png(200, 201), "a square one is needed"),
        ("image/png", png(191, 191), "at least 192 × 192"),
        ("application/pdf", b"%PDF-1.4\n".to_vec(), "is no picture"),
    ] {
        let refused = post(&world, &shop, edge, &picture(handle(&world, &shop, kind, content).await)).await;
        assert_eq!(refused.graph_error().1, 100);
        assert!(refused.json()["error"]["error_data"]["details"].as_str().is_some_and(|text| text.contains(says)), "{says}");
    }
    assert_eq!(post(&world, &shop, edge, &picture("4::aW1hZ2UvcG5n:00".into())).await.graph_error().1, 100);
    post(&world, &shop, edge, &picture(handle(&world, &shop, "image/png", png(1000, 1000)).await)).await.expect(200);
    let url = get(&world, &shop, edge).await["data"][0]["profile_picture_url"].as_str().expect("an address").to_owned();
    let (_, path) = url.split_once("/v1/").expect("a path");
    let seen = world.call(Method::GET, &format!("/v1/{path}")).send().await;
    assert_eq!((seen.status.as_u16(), &seen.headers["content-type"]), (200, &"image/jpeg".parse().expect("a header")));
    assert!(seen.body.starts_with(&[0xff, 0xd8, 0xff]) && seen.body.len() <= 65_536, "{} bytes", seen.body.len());
    let name = ana.client.profile(shop.id).await.expect("it is a business").picture;
    assert!(path.ends_with(&name) && !name.is_empty(), "{path} {name}");
    assert_eq!(world.call(Method::GET, &format!("/v1/pictures/{}/0123", shop.id)).send().await.status.as_u16(), 404);
    // The network forgets nothing over a restart of the endpoint, nor does the endpoint.
    world.stop_endpoint().await;
    world.start_endpoint().await;
    assert_eq!(get(&world, &shop, edge).await["data"][0]["profile_picture_url"], json!(url));
    assert_eq!(ana.client.profile(shop.id).await.expect("it is a business").profile.about, "Open till ten");
}

#[tokio::test]
async fn who_does_not_wish_to_be_found_is_not() {
    let (world, shop) = World::with_shop(1702).await;
    let ana = Customer::guest(&world, &shop).await;
    let finds = async |text: &str| ana.client.call(&SearchBusinesses { text: text.into(), limit: 10 }).await.expect("an answer").data.len();
    assert_eq!(finds("shop").await, 1);
    assert_eq!(post(&world, &shop, "", &json!({"search_visibility": "PERHAPS"})).await.graph_error(), (400, 100, 0));
    post(&world, &shop, "", &json!({"search_visibility": "NON_VISIBLE"})).await.expect(200);
    assert_eq!(get(&world, &shop, "?fields=search_visibility").await["search_visibility"], "NON_VISIBLE");
    assert_eq!((finds("shop").await, finds(&format!("+{}", shop.phone)).await), (0, 1), "by its number it always is");
    post(&world, &shop, "", &json!({"search_visibility": "VISIBLE"})).await.expect(200);
    assert_eq!(finds("shop").await, 1);
}

/// Section 3c `request_welcome`; prompts and commands of section 3e.
#[tokio::test]
async fn who_opens_the_chat_is_greeted_once() {
    let (world, shop) = World::with_shop(1703).await;
    let early = Customer::guest(&world, &shop).await;
    let automation = json!({"enable_welcome_message": true, "prompts": ["Are you open?"],
        "commands": [{"command_name": "menu", "command_description": "What there is today"}]});
    post(&world, &shop, "/conversational_automation", &automation).await.expect(200);
    let mut ana = Customer::guest(&world, &shop).await;
    let welcomes = || {
        let of = |delivery: Delivery| Some(delivery.change()).filter(|value| value["messages"][0]["type"] == "request_welcome");
        world.receiver.taken(&shop.callback).into_iter().filter_map(of).collect::<Vec<Value>>()
    };
    let told = world.receiver.wait_for(Pace::Slow, "request_welcome", || welcomes().pop()).await;
    let message = &told["messages"][0];
    assert_eq!((&message["from"], &told["contacts"][0]["wa_id"]), (&json!(ana.phone), &json!(ana.phone)));
    let keys: Vec<&String> = message.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["from", "from_user_id", "id", "timestamp", "type"], "nothing was said");
    // The window is open for the greeting.
    shop.say(&world, &ana.phone, "Welcome! What may we bake?").await;
    assert_eq!(ana.hears().await.text, "Welcome! What may we bake?");
    // What he may begin with.
    let shown = ana.client.profile(shop.id).await.expect("it is a business").profile;
    assert_eq!(shown.prompts, ["Are you open?"]);
    assert_eq!(shown.commands, [Command { name: "menu".into(), description: "What there is today".into() }]);
    // Opened again it is no first time; nor for who was there before.
    ana.client.open(shop.id).await.expect("it is there");
    early.client.open(shop.id).await.expect("it is there");
    let said = ana.says("Ube, please").await;
    let wamid = suki_cloud_api::wamid::encode(said);
    let here = || world.receiver.taken(&shop.callback).iter().any(|one| one.change()["messages"][0]["id"] == wamid.as_str()).then_some(());
    world.receiver.wait_for(Pace::Slow, "her words", here).await;
    assert_eq!(welcomes().len(), 1);
}
