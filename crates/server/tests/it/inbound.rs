//! Everything that a customer may say, as programs are told of it (Cloud API, section 3c) and as the inbox shows it.
use serde_json::{Value, json};
use std::sync::Arc;
use suki_client::{Event, Reaction};
use suki_cloud_api::{
    commerce::{Change, price::Price},
    wamid,
};
use suki_endpoint::{
    messages::Via,
    send::{Outgoing, What},
};
use suki_protocol::pb::{self, content::Body, interactive::Action};
use suki_testkit::{Customer, Pace, Shop, World, wait};
use suki_types::MessageId;

struct Scene {
    world: World,
    shop: Shop,
    ana: Customer,
}

/// A conversation with a customer who has a number, and what programs were told until now.
async fn scene(seed: u64) -> Scene {
    let (world, shop) = World::with_shop(seed).await;
    let ana = Customer::named(&world, &shop, "Ana").await;
    ana.says("hello").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    Scene { world, shop, ana }
}

impl Scene {
    /// The next message that programs are told of, after this many; without what is the same for all.
    async fn told(&self, id: MessageId) -> Value {
        let wamid = wamid::encode(id);
        let value = self
            .world
            .receiver
            .wait_for(Pace::Slow, "the webhook", || {
                let taken = self.world.receiver.taken(&self.shop.callback);
                taken.iter().map(|one| one.change()).find(|value| value["messages"][0]["id"] == wamid.as_str())
            })
            .await;
        assert_eq!((&value["contacts"][0]["profile"]["name"], &value["contacts"][0]["wa_id"]), (&json!("Ana"), &json!(self.ana.phone)));
        let mut message = value["messages"][0].clone();
        assert_eq!((&message["from"], &message["from_user_id"]), (&json!(self.ana.phone), &value["contacts"][0]["user_id"]));
        let fields = message.as_object_mut().expect("an object");
        for same in ["from", "from_user_id", "id", "timestamp"] {
            assert!(fields.remove(same).is_some_and(|value| value.is_string()), "{same}");
        }
        message
    }

    /// What the inbox shows of a message.
    async fn shown(&self, id: MessageId) -> Value {
        let browser = self.shop.owner(&self.world).await;
        let path = format!("/chats/{}/messages", self.ana.chat);
        wait::until(&self.world.env, "the message in the inbox", || async {
            let page = browser.get(&self.world, &path).await;
            let page = page.json();
            page["data"].as_array()?.iter().find(|message| message["id"] == id.to_string()).cloned()
        })
        .await
    }

    /// The statuses of a message that programs were told, in their order.
    fn steps(&self, wamid: &str) -> Vec<String> {
        let taken = self.world.receiver.taken(&self.shop.callback);
        let of = taken.iter().map(|one| one.change()).filter(|value| value["statuses"][0]["id"] == wamid);
        of.map(|value| value["statuses"][0]["status"].as_str().expect("a status").to_owned()).collect()
    }

    async fn comes_to(&self, wamid: &str, status: &str) {
        let there = || self.steps(wamid).last().is_some_and(|last| last == status).then_some(());
        self.world.receiver.wait_for(Pace::Slow, status, there).await;
    }

    async fn says(&self, body: Body, reply_to: Option<MessageId>) -> MessageId {
        let content = pb::Content { body: Some(body), ..Default::default() };
        self.ana.client.send(self.ana.chat, content, reply_to).await.expect("it is said")
    }

    /// The business sends something beyond words, and the customer has it.
    async fn offers(&mut self, body: Body) -> MessageId {
        let (business, chat) = (self.shop.business(&self.world), self.ana.chat);
        let id = MessageId::new(&self.world.env);
        let out = Outgoing {
            id,
            chat,
            what: What::Rich(Box::new(body)),
            reply_to: None,
            operator: None,
            via: Via::Api,
            app: None,
            callback_data: String::new(),
        };
        self.world.inside(async move { Arc::clone(&business).send(out).await.expect("it is sent") }).await;
        assert_eq!(self.ana.hears().await.id, id);
        id
    }

    /// The business sends what fails: for keys that Ana does not have. Its wamid.
    async fn fails(&self) -> String {
        let body = json!({"messaging_product": "whatsapp", "to": self.ana.phone, "type": "text", "text": {"body": "For other keys"},
            "recipient_identity_key_hash": "AAAAAAAAAAAA"});
        let accepted = self.shop.messages(&self.world, &body).await.expect(200);
        let wamid = accepted["messages"][0]["id"].as_str().expect("a wamid").to_owned();
        self.comes_to(&wamid, "failed").await;
        wamid
    }

    /// A catalogue with one product; its id.
    async fn sells(&self, retailer_id: &str, price_1000: i64) -> String {
        let (business, retailer_id) = (self.shop.business(&self.world), retailer_id.to_owned());
        let currency = "PHP".parse().ok();
        let change = Change { name: Some("Ube".into()), price: Some(Price::Thousandths(price_1000)), currency, ..Change::default() };
        let make = async move {
            let catalog = business.create_catalog("Menu".into(), "commerce".into()).await.expect("a catalogue");
            business.create_product(catalog.id, retailer_id, change).await.expect("a product");
            catalog.id.to_string()
        };
        self.world.inside(make).await
    }

    async fn asks(&mut self, action: Action) -> MessageId {
        self.offers(Body::Interactive(pb::Interactive { body: "Which?".into(), action: Some(action), ..Default::default() })).await
    }
}

#[tokio::test]
async fn a_place_people_and_an_order() {
    let scene = scene(1401).await;
    let place = pb::Location { latitude: 14.5995, longitude: 120.9842, name: "Palengke".into(), address: "Maynila".into(), ..Default::default() };
    let id = scene.ana.client.send_location(scene.ana.chat, place).await.expect("it is said");
    let location = json!({"latitude": 14.5995, "longitude": 120.9842, "name": "Palengke", "address": "Maynila"});
    assert_eq!(scene.told(id).await, json!({"type": "location", "location": location}));
    let shown = scene.shown(id).await;
    assert_eq!((&shown["type"], &shown["content"]["latitude"]), (&json!("location"), &json!(14.5995)));

    let card = pb::ContactCard {
        formatted_name: "Ben Cruz".into(),
        first_name: "Ben".into(),
        phones: vec![pb::ContactPhone { phone: "+63 917 000 0000".into(), r#type: "CELL".into(), wa_id: "639170000000".into() }],
        company: "Panaderya".into(),
        ..Default::default()
    };
    let id = scene.ana.client.send_contacts(scene.ana.chat, vec![card]).await.expect("it is said");
    let contact = json!({
        "name": {"formatted_name": "Ben Cruz", "first_name": "Ben"},
        "phones": [{"phone": "+63 917 000 0000", "type": "CELL", "wa_id": "639170000000"}],
        "org": {"company": "Panaderya"},
    });
    assert_eq!(scene.told(id).await, json!({"type": "contacts", "contacts": [contact]}));
    assert_eq!(scene.shown(id).await["text"], "Ben Cruz");

    let catalog = scene.sells("ube", 12_500).await;
    let item = pb::OrderItem { retailer_id: "ube".into(), quantity: 2, price_1000: 12_500, currency: "PHP".into(), ..Default::default() };
    let order = pb::Order { catalog_id: catalog.clone(), text: "Bukas po".into(), items: vec![item] };
    let id = scene.ana.client.order(scene.ana.chat, order).await.expect("it is said");
    let items = json!([{"product_retailer_id": "ube", "quantity": 2, "item_price": 12.5, "currency": "PHP"}]);
    assert_eq!(scene.told(id).await, json!({"type": "order", "order": {"catalog_id": catalog, "text": "Bukas po", "product_items": items}}));
}

#[tokio::test]
async fn files_are_told_with_what_fetches_them() {
    let scene = scene(1407).await;
    let file = |kind: &str, media_type: &str| pb::Media {
        kind: kind.into(),
        blob: vec![1; 32],
        key: vec![2; 32],
        sha256: vec![0; 32],
        media_type: media_type.into(),
        bytes: 9,
        ..Default::default()
    };
    let hash = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    for (media, expected) in [
        (pb::Media { caption: "Ube".into(), ..file("image", "image/jpeg") }, json!({"caption": "Ube", "mime_type": "image/jpeg", "sha256": hash})),
        (
            pb::Media { voice: true, ..file("audio", "audio/ogg; codecs=opus") },
            json!({"mime_type": "audio/ogg; codecs=opus", "sha256": hash, "voice": true}),
        ),
        (file("sticker", "image/webp"), json!({"mime_type": "image/webp", "sha256": hash, "animated": false})),
        (file("video", "video/mp4"), json!({"mime_type": "video/mp4", "sha256": hash})),
        (
            pb::Media { filename: "a.pdf".into(), ..file("document", "application/pdf") },
            json!({"filename": "a.pdf", "mime_type": "application/pdf", "sha256": hash}),
        ),
    ] {
        let kind = media.kind.clone();
        let id = scene.says(Body::Media(media), None).await;
        let mut told = scene.told(id).await;
        let file = told[&kind].as_object_mut().expect("the file");
        let (media_id, url) = (file.remove("id"), file.remove("url"));
        assert!(media_id.is_some_and(|id| id.as_str().is_some_and(|id| id.parse::<u64>().is_ok())), "{kind}: digits");
        assert!(url.is_some_and(|url| url.as_str().is_some_and(|url| url.starts_with("http"))), "{kind}");
        assert_eq!(told, json!({"type": kind, kind.as_str(): expected}));
        assert_eq!(scene.shown(id).await["type"], kind.as_str());
    }
}

#[tokio::test]
async fn what_was_offered_is_pressed_and_what_was_not_is_words() {
    let mut scene = scene(1402).await;
    let buttons = pb::ReplyButtons {
        buttons: vec![pb::ReplyButton { id: "yes".into(), title: "Oo".into() }, pb::ReplyButton { id: "no".into(), title: "Hindi".into() }],
    };
    let asked = scene.asks(Action::Buttons(buttons)).await;
    let id = scene.ana.client.press(scene.ana.chat, asked, 1).await.expect("it is pressed");
    let context = json!({"from": scene.shop.phone, "id": wamid::encode(asked)});
    let pressed = json!({"type": "button_reply", "button_reply": {"id": "no", "title": "Hindi"}});
    assert_eq!(scene.told(id).await, json!({"context": context, "type": "interactive", "interactive": pressed}));
    let shown = scene.shown(id).await;
    assert_eq!((&shown["text"], &shown["content"]["id"], &shown["reply_to"]["text"]), (&json!("Hindi"), &json!("no"), &json!("Which?")));

    let forged = pb::InteractiveReply { kind: "button_reply".into(), id: "refund".into(), title: "Refund me".into(), ..Default::default() };
    let id = scene.says(Body::InteractiveReply(forged), Some(asked)).await;
    assert_eq!(scene.told(id).await, json!({"context": context, "type": "text", "text": {"body": "Refund me"}}));

    let row = |id: &str, title: &str, description: &str| pb::Choice { id: id.into(), title: title.into(), description: description.into() };
    let section = pb::ChoiceSection { title: "Tinapay".into(), rows: vec![row("pan", "Pandesal", ""), row("ens", "Ensaymada", "May keso")] };
    let asked = scene.asks(Action::List(pb::ChoiceList { button: "Pumili".into(), sections: vec![section] })).await;
    let id = scene.ana.client.press(scene.ana.chat, asked, 1).await.expect("it is chosen");
    let chosen = json!({"type": "list_reply", "list_reply": {"id": "ens", "title": "Ensaymada", "description": "May keso"}});
    assert_eq!(scene.told(id).await["interactive"], chosen);

    let asked = scene.asks(Action::Flow(pb::FlowCall { flow_id: "9".into(), call_to_action: "Open".into(), ..Default::default() })).await;
    let id = scene.ana.client.fill_in(scene.ana.chat, asked, "{\"size\":\"L\"}").await.expect("it is filled in");
    let filled = json!({"type": "nfm_reply", "nfm_reply": {"name": "flow", "body": "Sent", "response_json": "{\"size\":\"L\"}"}});
    assert_eq!(scene.told(id).await["interactive"], filled);
}

#[tokio::test]
async fn r66_reactions_are_changed_and_taken_back_everywhere() {
    let mut scene = scene(1403).await;
    let asked = scene.asks(Action::LocationRequest(pb::LocationRequest {})).await;
    for (emoji, glad, not_glad) in [("👍", 1, 0), ("😢", 0, 1), ("", 0, 0)] {
        let id = scene.ana.client.react(scene.ana.chat, asked, emoji).await.expect("it is said");
        let mut reaction = json!({"message_id": wamid::encode(asked), "emoji": emoji});
        if emoji.is_empty() {
            reaction.as_object_mut().expect("an object").remove("emoji");
        }
        assert_eq!(scene.told(id).await, json!({"type": "reaction", "reaction": reaction}));
        let shown = scene.shown(asked).await;
        let emojis: Vec<&Value> = shown["reactions"].as_array().expect("a list").iter().map(|one| &one["emoji"]).collect();
        assert_eq!(emojis, if emoji.is_empty() { vec![] } else { vec![&shown["reactions"][0]["emoji"]] });
        assert!(emoji.is_empty() || shown["reactions"][0]["emoji"] == emoji, "{shown}");
        let business = scene.shop.business(&scene.world);
        let now = scene.world.env.now();
        let mood =
            scene.world.inside(async move { business.team_statistics(now, now.plus_millis(86_400_000)).await.expect("it is counted").mood }).await;
        assert_eq!((mood.glad, mood.not_glad, mood.neither), (glad, not_glad, 0), "{emoji}");
    }
    // A message that there is not: nobody hears of it.
    let nothing = Body::Reaction(pb::Reaction { message_id: vec![7; 16], emoji: "👍".into() });
    scene.says(nothing, None).await;
    let last = scene.ana.says("after").await;
    assert_eq!(scene.told(last).await["type"], "text");
    let reactions = scene.world.receiver.taken(&scene.shop.callback).iter().filter(|one| one.change()["messages"][0]["type"] == "reaction").count();
    assert_eq!(reactions, 3);
    // A device that joins later learns of the reaction that stands.
    scene.ana.client.react(scene.ana.chat, asked, "❤️").await.expect("it is said");
    wait::until(&scene.world.env, "the reaction", || async {
        let shown = scene.shown(asked).await;
        (shown["reactions"][0]["emoji"] == "❤️").then_some(())
    })
    .await;
    let mut tablet = scene.ana.second_device(&scene.world).await;
    let heart = |event| match event {
        Event::Reacted(_, of, Reaction { of_business: false, emoji, .. }) if of == asked => Some(emoji),
        _ => None,
    };
    assert_eq!(tablet.wait("the reaction in the history", heart).await, "❤️");
}

#[tokio::test]
async fn where_it_came_from_is_told() {
    let scene = scene(1404).await;
    let text = |body: &str| Some(Body::Text(pb::Text { body: body.into(), preview_url: false }));
    for (forwards, context) in [(1, json!({"forwarded": true})), (6, json!({"frequently_forwarded": true}))] {
        let content = pb::Content { body: text("pass it on"), forwards, ..Default::default() };
        let id = scene.ana.client.send(scene.ana.chat, content, None).await.expect("it is said");
        assert_eq!(scene.told(id).await, json!({"context": context, "type": "text", "text": {"body": "pass it on"}}));
    }
    let about = pb::ProductReference { catalog_id: "7".into(), retailer_id: "ube".into() };
    let content = pb::Content { body: text("Meron pa?"), about_product: Some(about), ..Default::default() };
    let id = scene.ana.client.send(scene.ana.chat, content, None).await.expect("it is said");
    let product = json!({"catalog_id": "7", "product_retailer_id": "ube"});
    assert_eq!(scene.told(id).await["context"], json!({"referred_product": product}));
    let referral = pb::Referral {
        source_url: "https://shop.example/ad".into(),
        source_id: "120".into(),
        source_type: "ad".into(),
        headline: "Ube week".into(),
        ctwa_clid: "click".into(),
        ..Default::default()
    };
    let content = pb::Content { body: text("Hi"), referral: Some(referral), ..Default::default() };
    let id = scene.ana.client.send(scene.ana.chat, content, None).await.expect("it is said");
    let expected = json!({"source_url": "https://shop.example/ad", "source_id": "120", "source_type": "ad", "body": "", "headline": "Ube week",
        "ctwa_clid": "click"});
    let told = scene.told(id).await;
    assert_eq!((&told["referral"], &told["text"]["body"]), (&expected, &json!("Hi")));
    let seen = json!({"source_url": "https://shop.example/ad", "source_type": "ad", "body": "", "headline": "Ube week"});
    assert_eq!(scene.shown(id).await["referral"], seen);
}

#[tokio::test]
async fn a_username_is_shown_and_found() {
    let scene = scene(1406).await;
    let browser = scene.shop.owner(&scene.world).await;
    assert_eq!(scene.ana.client.set_username("Ana.Cruz").await.expect("it is free").as_deref(), Some("ana.cruz"));
    let found = |search: &'static str| browser.get(&scene.world, search);
    let chat = wait::until(&scene.world.env, "the username", || async {
        let page = found("/chats?q=ana.cr").await;
        page.json()["data"].get(0).cloned()
    })
    .await;
    assert_eq!((&chat["contact"]["username"], &chat["contact"]["name"]), (&json!("ana.cruz"), &json!("Ana")));
    let id = scene.ana.says("it is me").await;
    scene.told(id).await;
    let told = scene.world.receiver.taken(&scene.shop.callback).last().expect("a webhook").change();
    assert_eq!(told["contacts"][0]["profile"], json!({"name": "Ana", "username": "ana.cruz"}));
    let ben = Customer::named(&scene.world, &scene.shop, "Ben").await;
    assert!(ben.client.set_username("ana.cruz").await.is_err(), "one namespace");
    assert_eq!(scene.ana.client.set_username("").await.expect("it is given up"), None);
    wait::until(&scene.world.env, "no username", || async {
        let page = found("/chats?q=ana.cr").await;
        page.json()["data"].as_array().is_some_and(Vec::is_empty).then_some(())
    })
    .await;
    assert!(ben.client.set_username("ana.cruz").await.is_ok());
}

/// A spoken message.
fn voice() -> Body {
    Body::Media(pb::Media {
        kind: "audio".into(),
        blob: vec![1; 32],
        key: vec![2; 32],
        sha256: vec![3; 32],
        media_type: "audio/ogg; codecs=opus".into(),
        voice: true,
        bytes: 9,
        ..Default::default()
    })
}

#[tokio::test]
async fn a_spoken_message_is_played() {
    let mut scene = scene(1405).await;
    let spoken = scene.offers(voice()).await;
    let question = scene.asks(Action::LocationRequest(pb::LocationRequest {})).await;
    // Words cannot be listened to; that they were seen is what is left of it.
    scene.ana.client.play(scene.ana.chat, question).await.expect("it is known");
    scene.ana.client.play(scene.ana.chat, spoken).await.expect("it is known");
    let steps = |id: MessageId| scene.steps(&wamid::encode(id));
    let played = || steps(spoken).contains(&"played".to_owned()).then_some(());
    scene.world.receiver.wait_for(Pace::Slow, "played", played).await;
    assert_eq!(steps(spoken), ["sent", "delivered", "read", "played"]);
    assert_eq!(steps(question), ["sent", "delivered", "read"]);
    assert_eq!(scene.shown(spoken).await["status"], "played");
}

/// What a customer reads, he has read with all before it: what failed stays so, what was played too, and nothing is told twice.
#[tokio::test]
async fn a_receipt_is_for_all_before_it_but_what_failed_or_was_played() {
    let mut scene = scene(1408).await;
    let first = scene.shop.say(&scene.world, &scene.ana.phone, "one").await;
    scene.ana.hears().await;
    let failed = scene.fails().await;
    let spoken = scene.offers(voice()).await;
    scene.ana.client.play(scene.ana.chat, spoken).await.expect("it is known");
    scene.comes_to(&wamid::encode(spoken), "played").await;
    let failed_later = scene.fails().await;
    let last = scene.shop.say(&scene.world, &scene.ana.phone, "two").await;
    let heard = scene.ana.hears().await;
    scene.ana.reads(heard.id).await;
    scene.comes_to(&last, "read").await;
    assert_eq!(scene.steps(&first), ["sent", "delivered", "read"]);
    assert_eq!(scene.steps(&wamid::encode(spoken)), ["sent", "delivered", "read", "played"]);
    assert_eq!((scene.steps(&failed), scene.steps(&failed_later)), (vec!["failed".to_owned()], vec!["failed".to_owned()]));
}
