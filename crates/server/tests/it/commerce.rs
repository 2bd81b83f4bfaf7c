//! What a shop sells, from its catalogue to a customer's order (R49, R108; Cloud API, sections 3a, 3b and 3c).
use axum::http::Method;
use serde_json::{Value, json};
use suki_client::What;
use suki_protocol::{
    content,
    pb::{self, content::Body},
};
use suki_testkit::{Answer, Customer, Pace, Shop, World, shop::message_id, wait::until};

/// A PNG of one pixel.
const PIXEL: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0, 0x3a, 0x7e, 0x9b,
    0x55, 0, 0, 0, 0x0a, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x60, 0, 0, 0, 2, 0, 1, 0x48, 0xaf, 0xa4, 0x71, 0, 0, 0, 0, 0x49, 0x45, 0x4e,
    0x44, 0xae, 0x42, 0x60, 0x82,
];

/// A shop with a connected catalogue, and a customer who has written.
struct Scene {
    world: World,
    shop: Shop,
    ana: Customer,
    catalog: String,
}

impl Scene {
    async fn new(seed: u64) -> Self {
        let (world, shop) = World::with_shop(seed).await;
        let ana = Customer::named(&world, &shop, "Ana").await;
        ana.says("May cake pa ba?").await;
        world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
        let mut scene = Self { world, shop, ana, catalog: String::new() };
        let business = scene.shop.business(&scene.world).portfolio();
        let made = scene.post(&format!("/v23.0/{business}/owned_product_catalogs"), &json!({"name": "Menu"})).await.expect(200);
        scene.catalog = made["id"].as_str().expect("an id").to_owned();
        let connect = format!("/v23.0/{}/product_catalogs", scene.shop.waba_id);
        scene.post(&connect, &json!({"catalog_id": scene.catalog})).await.expect(200);
        scene
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.shop.graph(&self.world, Method::POST, path, Some(body)).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.shop.graph(&self.world, Method::GET, path, None).await
    }

    async fn sells(&self, product: &Value) -> String {
        let made = self.post(&format!("/{}/products", self.catalog), product).await.expect(200);
        made["id"].as_str().expect("an id").to_owned()
    }

    async fn sends(&self, interactive: &Value) -> Answer {
        let body = json!({"messaging_product": "whatsapp", "to": self.ana.phone, "type": "interactive", "interactive": interactive});
        self.shop.messages(&self.world, &body).await
    }

    /// What the customer's device shows of the next message.
    async fn shown(&mut self) -> Value {
        let heard = self.ana.hears().await;
        let What::Rich(rich) = &heard.what else { panic!("{heard:?} is plain") };
        content::shown(&rich.body().expect("it says something")).expect("it is shown")
    }

    async fn asks(&self, question: &Value) -> Value {
        self.ana.client.exchange(self.ana.chat, "catalog", question).await.expect("an answer")
    }
}

fn ube() -> Value {
    json!({"retailer_id": "ube", "name": "Ube cake", "price": "350.00 PHP", "description": "Purple and soft"})
}

fn pandesal() -> Value {
    json!({"retailer_id": "pandesal", "name": "Pandesal", "price": 500, "currency": "PHP", "sale_price": 4.0, "brand": "Kape"})
}

#[tokio::test]
async fn programs_keep_a_catalogue() {
    let scene = Scene::new(1701).await;
    let (ube_id, products) = (scene.sells(&ube()).await, format!("/{}/products", scene.catalog));
    scene.sells(&pandesal()).await;
    assert_eq!(scene.post(&products, &ube()).await.graph_error(), (400, 100, 0), "the id at its seller is taken");
    let page = scene.get(&format!("{products}?limit=1&fields=name,price")).await.expect(200);
    assert_eq!(page["data"], json!([{"id": ube_id, "name": "Ube cake", "price": "350.00 PHP"}]));
    let next = page["paging"]["next"].as_str().expect("a next page").to_owned();
    let next = next.split_once("suki.test").map_or(next.clone(), |(_, path)| path.to_owned());
    let page = scene.get(&next).await.expect(200);
    assert_eq!((&page["data"][0]["price"], page["paging"].get("next")), (&json!("5.00 PHP"), None));
    let filter = "filter=%7B%22name%22%3A%7B%22i_contains%22%3A%22CAKE%22%7D%7D&fields=retailer_id";
    assert_eq!(scene.get(&format!("{products}?{filter}")).await.expect(200)["data"][0]["retailer_id"], "ube");
    // Called by its id at its seller, as some programs do.
    let symbol = format!("/v22.0/catalog:{}:dWJl", scene.catalog);
    scene.post(&symbol, &json!({"name": null, "price": "325.50 PHP", "availability": "out of stock"})).await.expect(200);
    let fields = "fields=price,availability,name,product_catalog";
    let changed = scene.get(&format!("/{ube_id}?{fields}")).await.expect(200);
    let catalog = json!({"id": scene.catalog, "name": "Menu"});
    let expected = json!({"id": ube_id, "price": "325.50 PHP", "availability": "out of stock", "name": "Ube cake", "product_catalog": catalog});
    assert_eq!(changed, expected);
    assert_eq!(scene.get(&format!("/catalog:{}:eA==", scene.catalog)).await.graph_error(), (400, 100, 33));
    let batch = json!({"item_type": "PRODUCT_ITEM", "requests": [
        {"method": "UPDATE", "data": {"id": "ube", "price": "300.00 PHP"}},
        {"method": "UPDATE", "data": {"id": "ensaymada", "title": "Ensaymada", "price": "60.00 PHP"}},
        {"method": "CREATE", "data": {"id": "gun", "title": "Handguns", "price": "60.00 PHP"}},
        {"method": "DELETE", "data": {"id": "pandesal"}},
    ]});
    let told = scene.post(&format!("/{}/items_batch", scene.catalog), &batch).await.expect(200);
    assert_eq!(told["validation_status"].as_array().map(Vec::len), Some(1), "{told}");
    assert_eq!(told["validation_status"][0]["retailer_id"], "gun");
    let list = scene.get(&format!("{products}?fields=retailer_id")).await.expect(200);
    let left: Vec<&str> = list["data"].as_array().expect("a list").iter().filter_map(|one| one["retailer_id"].as_str()).collect();
    assert_eq!(left, ["ube", "ensaymada"]);
    scene.shop.graph(&scene.world, Method::DELETE, &format!("/{ube_id}"), None).await.expect(200);
    assert_eq!(scene.get(&format!("/{ube_id}")).await.graph_error(), (400, 100, 33));
    scene.shop.graph(&scene.world, Method::DELETE, &format!("/{}", scene.catalog), None).await.expect(200);
    assert_eq!(scene.get(&products).await.graph_error(), (400, 100, 33));
    assert_eq!(scene.world.count("SELECT count(*) FROM product").await, 0);
}

#[tokio::test]
async fn messages_show_products_as_they_stand() {
    let mut scene = Scene::new(1702).await;
    scene.sells(&ube()).await;
    scene.sells(&pandesal()).await;
    let catalog = scene.catalog.clone();
    let item = |id: &str| json!({"product_retailer_id": id});
    scene
        .sends(&json!({"type": "product", "body": {"text": "Bago!"}, "action": {"catalog_id": catalog, "product_retailer_id": "ube"}}))
        .await
        .expect(200);
    let shown = scene.shown().await;
    let product = &shown["action"]["product"];
    assert_eq!((&product["name"], product["price_1000"].as_i64(), &product["currency"]), (&json!("Ube cake"), Some(350_000), &json!("PHP")));
    let sections = json!([{"title": "Cakes", "product_items": [item("ube"), item("gone")]}, {"title": "Gone", "product_items": [item("lost")]},
        {"title": "Bread", "product_items": [item("pandesal")]}]);
    let list = json!({"type": "product_list", "header": {"type": "text", "text": "Menu"}, "body": {"text": "Pili na"},
        "action": {"catalog_id": catalog, "sections": sections}});
    scene.sends(&list).await.expect(200);
    let shown = scene.shown().await;
    let sections = shown["action"]["products"]["sections"].as_array().expect("sections").clone();
    assert_eq!(sections.len(), 2, "what is not sold is dropped, and a section with nothing else: {shown}");
    assert_eq!(sections[1]["products"][0]["sale_price_1000"].as_i64(), Some(4_000));
    let open = json!({"type": "catalog_message", "body": {"text": "Lahat"}, "action": {"name": "catalog_message",
        "parameters": {"thumbnail_product_retailer_id": "pandesal"}}});
    scene.sends(&open).await.expect(200);
    let shown = scene.shown().await;
    assert_eq!((&shown["action"]["catalog"]["catalog_id"], &shown["action"]["catalog"]["thumbnail"]["name"]), (&json!(catalog), &json!("Pandesal")));
    let card = |place: usize, id: &str| json!({"card_index": place, "type": "product", "action": {"catalog_id": catalog, "product_retailer_id": id}});
    let carousel = json!({"type": "carousel", "body": {"text": "Sweets"}, "action": {"cards": [card(0, "ube"), card(1, "pandesal")]}});
    scene.sends(&carousel).await.expect(200);
    assert_eq!(scene.shown().await["action"]["carousel"]["cards"][1]["header"]["product"]["name"], "Pandesal");
    // Nothing known, hidden, or no longer connected: refused at once.
    let one = |id: &str| json!({"type": "product", "action": {"catalog_id": catalog, "product_retailer_id": id}});
    assert_eq!(scene.sends(&one("lost")).await.graph_error(), (400, 131_009, 0));
    let symbol = format!("/catalog:{catalog}:dWJl");
    scene.post(&symbol, &json!({"visibility": "hidden"})).await.expect(200);
    assert_eq!(scene.sends(&one("ube")).await.graph_error(), (400, 131_009, 0));
    let connection = format!("/{}/product_catalogs?catalog_id={catalog}", scene.shop.waba_id);
    scene.shop.graph(&scene.world, Method::DELETE, &connection, None).await.expect(200);
    assert_eq!(scene.sends(&one("pandesal")).await.graph_error(), (400, 131_009, 0));
    assert_eq!(scene.sends(&open).await.graph_error(), (400, 131_009, 0));
}

#[tokio::test]
async fn a_device_asks_for_the_catalogue_page_by_page() {
    let scene = Scene::new(1703).await;
    for number in 0..35 {
        scene.sells(&json!({"retailer_id": format!("p{number}"), "name": format!("Cake {number}"), "price": 1000 + number, "currency": "PHP"})).await;
    }
    scene.post(&format!("/catalog:{}:cDE=", scene.catalog), &json!({"is_hidden": true})).await.expect(200);
    let first = scene.asks(&json!({"catalog_id": scene.catalog})).await;
    let names = |page: &Value| -> Vec<String> {
        page["products"].as_array().expect("products").iter().filter_map(|one| one["retailer_id"].as_str().map(str::to_owned)).collect()
    };
    assert_eq!((names(&first).len(), &names(&first)[..3], &first["cart"]), (30, &["p0".to_owned(), "p2".into(), "p3".into()][..], &json!(true)));
    let second = scene.asks(&json!({"catalog_id": scene.catalog, "after": first["next"]})).await;
    assert_eq!((names(&second), &second["next"]), (vec!["p31".into(), "p32".into(), "p33".into(), "p34".into()], &json!("")));
    let named = scene.asks(&json!({"ids": ["p7", "p1", "nothing"]})).await;
    assert_eq!((names(&named), named["products"][0]["price_1000"].as_i64()), (vec!["p7".into()], Some(10_070)));
    // What stands at the shop's name is there when the shop wants it.
    let hidden = scene.asks(&json!({})).await;
    assert!(hidden["error"].as_str().is_some_and(|words| words.contains("no such catalogue")), "{hidden}");
    scene
        .post(&format!("/{}/whatsapp_commerce_settings", scene.shop.phone_number_id), &json!({"is_catalog_visible": true, "is_cart_enabled": false}))
        .await
        .expect(200);
    let shown = scene.asks(&json!({})).await;
    assert_eq!((names(&shown).len(), &shown["cart"], &shown["catalog_id"]), (30, &json!(false), &json!(scene.catalog)));
    for (question, says) in [(json!({"catalog_id": "7"}), "no such catalogue"), (json!({"after": "x"}), "after is the next")] {
        let refused = scene.asks(&question).await;
        assert!(refused["error"].as_str().is_some_and(|words| words.contains(says)), "{question}: {refused}");
    }
    let unknown = scene.ana.client.exchange(scene.ana.chat, "weather", &json!({})).await.expect("an answer");
    assert!(unknown["error"].is_string(), "{unknown}");
    // None of that is a message, opens the window or is told to programs.
    assert_eq!(scene.world.count("SELECT count(*) FROM message").await, 1);
    assert_eq!(scene.world.receiver.taken(&scene.shop.callback).len(), 1);
}

#[tokio::test]
async fn a_product_is_shown_with_its_picture() {
    let mut scene = Scene::new(1704).await;
    let browser = scene.shop.owner(&scene.world).await;
    let upload = scene.world.call(Method::POST, "/inbox/api/media?type=image/png&name=ube.png").header("Cookie", &browser.cookie);
    let picture = upload.bytes("application/octet-stream", PIXEL.to_vec()).send().await.expect(201)["id"].clone();
    let new = json!({"retailer_id": "ube", "name": "Ube cake", "price_1000": 350_000, "currency": "PHP", "picture": picture});
    let made = browser.post(&scene.world, &format!("/catalogs/{}/products", scene.catalog), &new).await.expect(201);
    let id = made["id"].as_str().expect("an id");
    let given = browser.get(&scene.world, &format!("/products/{id}/picture")).await;
    assert_eq!((given.status.as_u16(), given.body.as_slice()), (200, PIXEL));
    let node = scene.get(&format!("/{id}?fields=image_url")).await.expect(200);
    assert!(node["image_url"].as_str().is_some_and(|url| url.contains("/whatsapp_business/attachments/")), "{node}");
    let sent = json!({"id": message_id(&scene.world), "products": ["ube"], "text": "Bago!"});
    browser.post(&scene.world, &format!("/chats/{}/products", scene.ana.chat), &sent).await.expect(201);
    let heard = scene.ana.hears().await;
    let What::Rich(rich) = &heard.what else { panic!("{heard:?} is plain") };
    let Some(Body::Interactive(message)) = rich.body() else { panic!("{heard:?} is no product") };
    let Some(pb::interactive::Action::Product(product)) = message.action else { panic!("{message:?} is no product") };
    let image = product.image.expect("it has its picture");
    assert_eq!(scene.ana.client.fetch_file(&*scene.world.carrier(), &image).await.expect("it is fetched"), PIXEL);
    // The same on a page of the catalogue, and gone once it is taken away.
    let page = scene.asks(&json!({"catalog_id": scene.catalog})).await;
    assert_eq!(page["products"][0]["image"]["media_type"], "image/png");
    let changed = browser.post(&scene.world, &format!("/products/{id}"), &json!({"picture": null})).await.expect(200);
    assert_eq!((&changed["picture"], &changed["name"]), (&Value::Null, &json!("Ube cake")));
    assert_eq!(scene.asks(&json!({"catalog_id": scene.catalog})).await["products"][0].get("image"), None);
    assert_eq!(browser.get(&scene.world, &format!("/products/{id}/picture")).await.problem(), (404, "not_found".into()));
}

fn item(id: &str, quantity: u32, price_1000: i64) -> pb::OrderItem {
    pb::OrderItem { retailer_id: id.into(), quantity, price_1000, currency: "PHP".into(), name: "FREE".into(), ..Default::default() }
}

#[tokio::test]
async fn an_order_is_what_the_catalogue_has_at_its_prices() {
    let scene = Scene::new(1705).await;
    scene.sells(&ube()).await;
    scene.sells(&pandesal()).await;
    let items = vec![item("ube", 2, 10), item("lost", 1, 5_000), item("pandesal", 98, 4_000), item("pandesal", 5, 4_000)];
    let order = pb::Order { catalog_id: scene.catalog.clone(), text: "Bukas po".into(), items };
    scene.ana.client.order(scene.ana.chat, order).await.expect("it is said");
    let deliveries = scene.world.receiver.wait(Pace::Slow, &scene.shop.callback, 2).await;
    let told = deliveries[1].change()["messages"][0].clone();
    let told_items = json!([{"product_retailer_id": "ube", "quantity": 2, "item_price": 350.0, "currency": "PHP"},
        {"product_retailer_id": "pandesal", "quantity": 99, "item_price": 4.0, "currency": "PHP"}]);
    assert_eq!(
        (&told["type"], &told["order"]),
        (&json!("order"), &json!({"catalog_id": scene.catalog, "text": "Bukas po", "product_items": told_items}))
    );
    let browser = scene.shop.owner(&scene.world).await;
    let shown = scene.shop.sees(&scene.world, &browser, &scene.ana.chat.to_string(), "Bukas po").await;
    let first = &shown["content"]["items"][0];
    assert_eq!((first["price_1000"].as_i64(), first["listed_price_1000"].as_i64(), &first["name"]), (Some(10), Some(350_000), &json!("Ube cake")));
    // Of an order of nothing that is sold, his words are left.
    let order = pb::Order { catalog_id: "7".into(), text: "Kahit ano".into(), items: vec![item("ube", 1, 350_000)] };
    scene.ana.client.order(scene.ana.chat, order).await.expect("it is said");
    let deliveries = scene.world.receiver.wait(Pace::Slow, &scene.shop.callback, 3).await;
    assert_eq!(deliveries[2].change()["messages"][0]["text"], json!({"body": "Kahit ano"}));
}

#[tokio::test]
async fn owners_keep_the_catalogue_in_the_inbox() {
    let (world, shop) = World::with_shop(1706).await;
    let (browser, clerk) = (shop.owner(&world).await, shop.hire(&world, "Carla", suki_endpoint::operators::Role::Operator).await);
    let clerk = shop.browser(&world, &clerk).await;
    let made = browser.post(&world, "/catalogs", &json!({"name": "Menu"})).await.expect(201);
    assert_eq!((&made["connected"], &made["products"]), (&json!(true), &json!(0)));
    let products = format!("/catalogs/{}/products", made["id"].as_str().expect("an id"));
    let new = json!({"retailer_id": "ube", "name": "Ube cake", "price_1000": 350_000, "currency": "PHP"});
    assert_eq!(clerk.post(&world, &products, &new).await.problem(), (403, "forbidden".into()));
    let product = browser.post(&world, &products, &new).await.expect(201);
    for (wrong, code) in [
        (json!({"retailer_id": "gun", "name": "Cheap handguns", "price_1000": 1, "currency": "PHP"}), "rule_100"),
        (json!({"retailer_id": "a", "name": "A", "currency": "PHP"}), "rule_100"),
        (json!({"retailer_id": "a", "name": "A", "price_1000": -1, "currency": "PHP"}), "rule_100"),
    ] {
        assert_eq!(browser.post(&world, &products, &wrong).await.problem(), (422, code.into()), "{wrong}");
    }
    let path = format!("/products/{}", product["id"].as_str().expect("an id"));
    let changed = browser.post(&world, &path, &json!({"sale_price_1000": 300_000, "availability": "preorder"})).await.expect(200);
    assert_eq!((&changed["sale_price_1000"], &changed["orderable"], &changed["price_1000"]), (&json!(300_000), &json!(true), &json!(350_000)));
    assert_eq!(browser.post(&world, &path, &json!({"sale_price_1000": null})).await.expect(200)["sale_price_1000"], 0);
    let found = clerk.get(&world, &format!("{products}?q=CAKE&limit=1")).await.expect(200);
    assert_eq!((found["data"].as_array().map(Vec::len), &found["next"]), (Some(1), &Value::Null));
    let settings = browser.post(&world, "/catalogs/settings", &json!({"visible": true})).await.expect(200);
    assert_eq!(settings, json!({"cart": true, "visible": true}));
    // Another shop's product is not there.
    let other = Shop::open(&world, "tinapay").await.owner(&world).await;
    assert_eq!(other.get(&world, &path).await.problem(), (404, "not_found".into()));
    assert_eq!(browser.delete(&world, &path).await.status, 204);
    assert_eq!(browser.get(&world, &path).await.problem(), (404, "not_found".into()));
}

#[tokio::test]
async fn a_picture_behind_a_link_is_fetched_for_its_product() {
    let scene = Scene::new(1707).await;
    scene.world.web.put("https://cdn.example/ube.png", "image/png", PIXEL);
    let id =
        scene.sells(&json!({"retailer_id": "ube", "name": "Ube", "price": 100, "currency": "PHP", "image_url": "https://cdn.example/ube.png"})).await;
    let business = scene.shop.business(&scene.world);
    let product: suki_cloud_api::ObjectId = id.parse().expect("an id");
    until(&scene.world.env, "the picture", || {
        let business = business.clone();
        async move { business.product_picture(product).await.ok() }
    })
    .await;
    let shown = scene.get(&format!("/{id}?fields=image_url,images")).await.expect(200);
    assert_eq!(shown["image_url"], "https://cdn.example/ube.png");
}

#[tokio::test]
async fn templates_open_what_is_sold() {
    let scene = Scene::new(1708).await;
    scene.sells(&ube()).await;
    let made = |name: &str, button: &str| {
        json!({"name": name, "language": "en_US", "category": "MARKETING",
            "components": [{"type": "BODY", "text": "Fresh from the oven today."}, {"type": "BUTTONS", "buttons": [{"type": button, "text": "View"}]}]})
    };
    for (name, button) in [("several", "MPM"), ("whole", "CATALOG")] {
        scene.post(&format!("/{}/message_templates", scene.shop.waba_id), &made(name, button)).await.expect(200);
    }
    let send = async |name: &str, components: Value| {
        let template = json!({"name": name, "language": {"code": "en_US"}, "components": components});
        let body = json!({"messaging_product": "whatsapp", "to": scene.ana.phone, "type": "template", "template": template});
        scene.shop.messages(&scene.world, &body).await
    };
    let several = |ids: &[&str]| {
        let items: Vec<Value> = ids.iter().map(|id| json!({"product_retailer_id": id})).collect();
        let action = json!({"thumbnail_product_retailer_id": "ube", "sections": [{"title": "Cakes", "product_items": items}]});
        json!([{"type": "button", "sub_type": "mpm", "index": 0, "parameters": [{"type": "action", "action": action}]}])
    };
    assert_eq!(send("several", several(&["gone", "lost"])).await.graph_error(), (400, 131_009, 0));
    let browser = scene.shop.owner(&scene.world).await;
    for (name, components, sections) in [
        ("several", several(&["gone", "ube"]), json!([{"title": "Cakes", "product_items": [{"product_retailer_id": "ube"}]}])),
        ("whole", json!([]), Value::Null),
    ] {
        send(name, components).await.expect(200);
        let page = browser.get(&scene.world, &format!("/chats/{}/messages?limit=50", scene.ana.chat)).await.expect(200);
        let last = page["data"].as_array().and_then(|all| all.last()).expect("it was sent").clone();
        let behind: Value = serde_json::from_str(last["template"]["buttons"][0]["value"].as_str().expect("a value")).expect("JSON");
        assert_eq!((&behind["catalog_id"], &behind["sections"]), (&json!(scene.catalog), &sections), "{name}: {last}");
    }
}
