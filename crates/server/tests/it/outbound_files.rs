//! Files that programs send: by id and by link, alone and within other messages, from the request to the bytes on the customer's device (Cloud API,
//! sections 3b and 3d).
use crate::media::{pdf, uploaded};
use axum::http::Method;
use prost::Message as _;
use serde_json::{Value, json};
use suki_client::{Message, What};
use suki_protocol::{
    pb::{self, card, content::Body, interactive},
    template::ShownHeader,
};
use suki_testkit::{Customer, Pace, Shop, World};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nnot decodable, and sent all the same";
const MP4: &[u8] = b"\0\0\0\x18ftypmp42 a film";
const MP3: &[u8] = b"ID3 a song";
const WEBP: &[u8] = b"RIFF\0\0\0\0WEBPVP8 a sticker";

/// A shop and a customer who has written.
async fn in_conversation(seed: u64) -> (World, Shop, Customer) {
    let (world, shop) = World::with_shop(seed).await;
    let ana = Customer::named(&world, &shop, "Ana").await;
    ana.says("May kape pa ba?").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    (world, shop, ana)
}

fn request(to: &str, kind: &str, object: &Value) -> Value {
    json!({"messaging_product": "whatsapp", "to": to, "type": kind, kind: object})
}

fn body(message: &Message) -> Body {
    let What::Rich(rich) = &message.what else { panic!("{message:?} is plain") };
    rich.body().expect("it says something")
}

async fn opens(world: &World, customer: &Customer, media: &pb::Media) -> Vec<u8> {
    customer.client.fetch_file(&*world.carrier(), media).await.expect("it is fetched")
}

#[tokio::test]
async fn every_kind_of_file_arrives_by_id_and_by_link() {
    let (world, shop, mut ana) = in_conversation(911).await;
    let paper = pdf(70_000);
    for (kind, media_type, bytes, beside) in [
        ("image", "image/png", PNG, json!({"caption": "Ube"})),
        ("video", "video/mp4", MP4, json!({"caption": "Ube"})),
        ("audio", "audio/mpeg", MP3, json!({"voice": true})),
        ("document", "application/pdf", &paper, json!({"caption": "Ube", "filename": "menu.pdf"})),
        ("sticker", "image/webp", WEBP, json!({})),
    ] {
        let url = format!("https://files.example/{kind}");
        world.web.put(&url, media_type, bytes);
        let id = uploaded(&world, &shop, "upload", media_type, bytes).await;
        for place in [json!({"id": id}), json!({"link": url})] {
            let mut object = beside.clone();
            object.as_object_mut().expect("an object").extend(place.as_object().expect("an object").clone());
            shop.messages(&world, &request(&ana.phone, kind, &object)).await.expect(200);
            let heard = ana.hears().await;
            let Body::Media(media) = body(&heard) else { panic!("{heard:?}") };
            assert_eq!((media.kind.as_str(), media.media_type.as_str(), media.voice), (kind, media_type, kind == "audio"));
            assert_eq!(json!(media.caption), beside.get("caption").cloned().unwrap_or_else(|| "".into()), "{object}");
            assert!(opens(&world, &ana, &media).await == bytes, "{object}");
            assert!(kind != "document" || media.filename == "menu.pdf");
        }
    }
}

#[tokio::test]
async fn files_stand_above_buttons_and_on_cards() {
    let (world, shop, mut ana) = in_conversation(912).await;
    world.web.put("https://files.example/a.png", "image/png", PNG);
    let id = uploaded(&world, &shop, "a.png", "image/png", PNG).await;
    let action = json!({"buttons": [{"type": "reply", "reply": {"id": "a", "title": "Oo"}}]});
    let above = json!({"type": "button", "header": {"type": "image", "image": {"id": id}}, "body": {"text": "Kape?"}, "action": action});
    shop.messages(&world, &request(&ana.phone, "interactive", &above)).await.expect(200);
    let Body::Interactive(heard) = body(&ana.hears().await) else { panic!("something to press") };
    let Some(interactive::Header::HeaderMedia(media)) = heard.header else { panic!("a picture above it") };
    assert!(opens(&world, &ana, &media).await == PNG);
    let card = |place: usize, file: Value| {
        json!({"card_index": place, "type": "cta_url", "header": {"type": "image", "image": file}, "body": {"text": "Ube"},
               "action": {"name": "cta_url", "parameters": {"display_text": "Buy", "url": "https://kape.example/ube"}}})
    };
    let cards = json!([card(0, json!({"id": id})), card(1, json!({"link": "https://files.example/a.png"}))]);
    let carousel = json!({"type": "carousel", "body": {"text": "Cakes"}, "action": {"cards": cards}});
    shop.messages(&world, &request(&ana.phone, "interactive", &carousel)).await.expect(200);
    let Body::Interactive(heard) = body(&ana.hears().await) else { panic!("cards") };
    let Some(interactive::Action::Carousel(carousel)) = heard.action else { panic!("cards") };
    for one in &carousel.cards {
        let Some(card::Header::Media(media)) = &one.header else { panic!("a picture on it") };
        assert!(opens(&world, &ana, media).await == PNG);
        assert_eq!(one.link.as_ref().map(|link| link.url.as_str()), Some("https://kape.example/ube"));
    }
}

/// The picture of a template travels sealed, like any other: the customer's device asks neither the shop's server nor anybody else's for it.
#[tokio::test]
async fn a_templates_picture_travels_sealed() {
    let (world, shop, mut ana) = in_conversation(913).await;
    let template = json!({
        "name": "ube_day", "language": "en_US", "category": "UTILITY",
        "components": [
            {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::aW1hZ2U="]}},
            {"type": "BODY", "text": "Your order {{1}} is ready and waits for you at our shop.", "example": {"body_text": [["A-7"]]}},
        ],
    });
    shop.graph(&world, Method::POST, &format!("/v23.0/{}/message_templates", shop.waba_id), Some(&template)).await.expect(200);
    world.web.put("https://files.example/a.png", "image/png", PNG);
    let id = uploaded(&world, &shop, "a.png", "image/png", PNG).await;
    for file in [json!({"id": id}), json!({"link": "https://files.example/a.png"})] {
        let components = json!([{"type": "header", "parameters": [{"type": "image", "image": file}]},
                                {"type": "body", "parameters": [{"type": "text", "text": "A-7"}]}]);
        let sent = json!({"name": "ube_day", "language": {"code": "en_US"}, "components": components});
        shop.messages(&world, &request(&ana.phone, "template", &sent)).await.expect(200);
        let heard = ana.hears().await;
        let What::Template(shown) = &heard.what else { panic!("{heard:?}") };
        let Some(ShownHeader::Media { kind, link, file: Some(file), .. }) = &shown.header else { panic!("{shown:?}") };
        assert_eq!((kind.as_str(), link.as_str()), ("image", ""));
        let media = pb::Media::decode(&file.0[..]).expect("a file");
        assert!(opens(&world, &ana, &media).await == PNG);
    }
    // The inbox is not told what opens it.
    let browser = shop.owner(&world).await;
    let page = browser.get(&world, &format!("/chats/{}/messages?limit=50", ana.chat)).await.expect(200);
    assert!(page["data"][1]["template"]["header"].get("file").is_none(), "{page}");
}

#[tokio::test]
async fn a_file_that_is_none_is_refused_at_once_and_a_link_afterwards() {
    let (world, shop, ana) = in_conversation(914).await;
    let other = Shop::open(&world, "tinapay").await;
    let paper = uploaded(&world, &shop, "a.pdf", "application/pdf", &pdf(100)).await;
    let theirs = uploaded(&world, &other, "a.png", "image/png", PNG).await;
    for (id, code) in [(paper.as_str(), 131_053), (theirs.as_str(), 100), ("123456789012345", 100)] {
        let answer = shop.messages(&world, &request(&ana.phone, "image", &json!({"id": id}))).await;
        assert_eq!((answer.graph_error().0, answer.graph_error().1), (400, code), "{}", answer.json());
    }
    let accepted = shop.messages(&world, &request(&ana.phone, "image", &json!({"link": "https://files.example/gone.png"}))).await.expect(200);
    let failed = world
        .receiver
        .wait_for(Pace::Slow, "the failure", || {
            let statuses = world.receiver.taken(&shop.callback).into_iter().map(|one| one.change()["statuses"][0].clone());
            statuses.into_iter().find(|one| one["status"] == "failed")
        })
        .await;
    assert_eq!((&failed["id"], &failed["errors"][0]["code"]), (&accepted["messages"][0]["id"], &json!(131_053)));
}
