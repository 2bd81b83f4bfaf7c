//! Files, from end to end: uploaded, behind links, sent, received, fetched in part, and over in time (Cloud API, sections 2.1 row 15, 3a, 3d, 3e).
use axum::http::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use suki_client::{Event, What};
use suki_endpoint::{
    Business,
    media::{FileKind, Source},
    messages::Via,
    send::{Outgoing, What as Sent},
};
use suki_protocol::pb::{self, content::Body};
use suki_testkit::{Answer, Customer, Pace, Shop, World, wait::until};
use suki_types::MessageId;

const DAY: i64 = 24 * 3_600_000;

/// A PDF of so many bytes.
pub fn pdf(bytes: usize) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    file.extend((file.len()..bytes).map(|at| (at ^ (at >> 8)) as u8));
    file
}

/// A field of a form.
type Field<'a> = (&'a str, &'a str);
/// A file of a form: name, media type, bytes.
type Named<'a> = (&'a str, &'a str, &'a [u8]);

/// A multipart form: the fields, then the file, or the other way round.
fn form(fields: &[Field<'_>], file: Option<Named<'_>>, file_first: bool) -> Vec<u8> {
    let field = |(name, value): &Field<'_>| format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes();
    let file = file.map_or_else(Vec::new, |(name, kind, bytes)| {
        let head = format!("--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: {kind}\r\n\r\n");
        [head.as_bytes(), bytes, b"\r\n"].concat()
    });
    let fields = fields.iter().flat_map(field).collect::<Vec<u8>>();
    let (one, two) = if file_first { (file, fields) } else { (fields, file) };
    [one, two, b"--X--\r\n".to_vec()].concat()
}

async fn post_form(world: &World, shop: &Shop, body: Vec<u8>) -> Answer {
    let call = world.call(Method::POST, &format!("/v23.0/{}/media", shop.phone_number_id)).bearer(&shop.token);
    call.bytes("multipart/form-data; boundary=X", body).send().await
}

/// The id of a file that was uploaded.
pub async fn uploaded(world: &World, shop: &Shop, name: &str, kind: &str, bytes: &[u8]) -> String {
    let body = form(&[("messaging_product", "whatsapp"), ("type", kind)], Some((name, kind, bytes)), false);
    post_form(world, shop, body).await.expect(200)["id"].as_str().expect("an id").to_owned()
}

/// The address's path and query: the host is the server's own.
fn path(node: &Value) -> String {
    node["url"].as_str().and_then(|url| url.strip_prefix("http://suki.test")).expect("an address here").to_owned()
}

async fn fetch(world: &World, token: &str, path: &str, range: Option<&str>) -> Answer {
    let call = world.call(Method::GET, path).bearer(token);
    if let Some(range) = range { call.header("range", range).send().await } else { call.send().await }
}

async fn media(business: &Arc<Business>, source: Source, kind: FileKind) -> pb::Media {
    business.media_for_send(source, kind).await.expect("it may be sent")
}

async fn send(world: &World, business: &Arc<Business>, chat: &Customer, what: Sent) -> MessageId {
    let id = MessageId::new(&world.env);
    let out = Outgoing { id, chat: chat.chat, what, reply_to: None, operator: None, via: Via::Api, app: None, callback_data: String::new() };
    let own = business.clone();
    world.inside(async move { own.send(out).await.expect("it is taken") }).await.id
}

fn file(media: pb::Media) -> Sent {
    Sent::Rich(Box::new(Body::Media(media)))
}

fn text(words: &str) -> Sent {
    Sent::Text { body: words.into(), preview_url: false }
}

/// A shop and a customer who has written.
async fn in_conversation(seed: u64) -> (World, Shop, Arc<Business>, Customer) {
    let (world, shop) = World::with_shop(seed).await;
    let ana = Customer::guest(&world, &shop).await;
    ana.says("Hello").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    let business = shop.business(&world);
    (world, shop, business, ana)
}

#[tokio::test]
async fn an_upload_is_found_fetched_in_part_and_deleted() {
    let (world, shop) = World::with_shop(501).await;
    let content = pdf(200_000);
    let id = uploaded(&world, &shop, "menu.pdf", "application/pdf", &content).await;
    let node = shop.graph(&world, Method::GET, &format!("/v23.0/{id}?phone_number_id={}", shop.phone_number_id), None).await.expect(200);
    assert_eq!((&node["id"], &node["mime_type"], &node["file_size"]), (&json!(id), &json!("application/pdf"), &json!(200_000)));
    assert_eq!((&node["messaging_product"], node["sha256"].as_str().map(str::len)), (&json!("whatsapp"), Some(44)));
    let path = path(&node);
    let whole = fetch(&world, &shop.token, &path, None).await;
    assert_eq!((whole.status.as_u16(), whole.body == content), (200, true));
    assert!(whole.headers["content-type"] == "application/pdf" && whole.headers["x-content-type-options"] == "nosniff");
    assert_eq!(whole.headers["content-disposition"], "inline; filename=\"menu.pdf\"; filename*=UTF-8''menu.pdf");
    for (range, part) in
        [("bytes=0-0", 0..1), ("bytes=65530-65545", 65_530..65_546), ("bytes=-3", 199_997..200_000), ("bytes=131072-", 131_072..200_000)]
    {
        let answer = fetch(&world, &shop.token, &path, Some(range)).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_slice()), (206, &content[part.clone()]), "{range}");
        assert_eq!(answer.headers["content-range"], format!("bytes {}-{}/200000", part.start, part.end - 1));
    }
    assert_eq!(fetch(&world, &shop.token, &path, Some("bytes=200000-")).await.status.as_u16(), 416);
    shop.graph(&world, Method::DELETE, &format!("/v23.0/{id}"), None).await.expect(200);
    assert_eq!(shop.graph(&world, Method::GET, &format!("/v23.0/{id}"), None).await.graph_error(), (400, 100, 33));
    assert_eq!(fetch(&world, &shop.token, &path, None).await.status.as_u16(), 404);
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_with_its_code() {
    let (world, shop) = World::with_shop(502).await;
    let product = ("messaging_product", "whatsapp");
    let (file, sticker) = (pdf(100), [&b"RIFF\0\0\0\0WEBPVP8 "[..], &vec![0; 102_400]].concat());
    let cases: [(&[Field<'_>], Option<Named<'_>>, i64); 6] = [
        (&[product, ("type", "text/html")], Some(("a.html", "text/html", b"<p>")), 100),
        (&[product, ("type", "image/png")], Some(("a.png", "image/png", &file)), 131_053),
        (&[product, ("type", "application/pdf")], Some(("a.pdf", "application/pdf", b"")), 131_053),
        (&[product], None, 100),
        (&[("type", "application/pdf")], Some(("a.pdf", "application/pdf", &file)), 100),
        (&[product, ("type", "image/webp")], Some(("a.webp", "image/webp", &sticker)), 131_053),
    ];
    for (fields, file, code) in cases {
        let (status, is, _) = post_form(&world, &shop, form(fields, file, false)).await.graph_error();
        assert_eq!((status, is), (400, code), "{fields:?}");
    }
    let refused = post_form(&world, &shop, form(&[product, ("type", "image/gif")], Some(("a.gif", "image/gif", b"GIF8")), false)).await.json();
    let details = refused["error"]["error_data"]["details"].as_str().expect("details");
    assert!(details.starts_with("Param file must be a file with one of the following types: application/msword"), "{details}");
    // Nothing of what was refused is kept, and the type may stand after the file, or on it alone.
    stands(&world, 0).await;
    for body in [
        form(&[product, ("type", "application/pdf")], Some(("a.pdf", "application/octet-stream", &file)), true),
        form(&[product], Some(("a.pdf", "application/pdf", &file)), true),
    ] {
        post_form(&world, &shop, body).await.expect(200);
    }
    stands(&world, 2).await;
}

/// Waits until so many files stand in the endpoint's folder: what was not finished is removed beside everything else.
async fn stands(world: &World, files: usize) {
    until(&world.env, "the files", || std::future::ready((walk(&world.folder().join("media")) == files).then_some(()))).await;
}

/// How many files stand in a folder.
fn walk(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("an entry").path());
    entries.map(|path| if path.is_dir() { walk(&path) } else { 1 }).sum()
}

#[tokio::test]
async fn a_file_is_its_business_and_no_other() {
    let (world, shop) = World::with_shop(503).await;
    let other = Shop::open(&world, "tinapay").await;
    let id = uploaded(&world, &shop, "a.pdf", "application/pdf", &pdf(100)).await;
    let node = shop.graph(&world, Method::GET, &format!("/v23.0/{id}"), None).await.expect(200);
    for method in [Method::GET, Method::DELETE] {
        assert_eq!(other.graph(&world, method, &format!("/v23.0/{id}"), None).await.graph_error(), (400, 100, 33));
    }
    assert_eq!(fetch(&world, &other.token, &path(&node), None).await.status.as_u16(), 404);
    assert_eq!(world.call(Method::GET, &path(&node)).send().await.status.as_u16(), 401);
    let wrong = shop.graph(&world, Method::GET, &format!("/v23.0/{id}?phone_number_id={}", other.phone_number_id), None).await;
    assert_eq!(wrong.graph_error(), (400, 100, 33));
    let refused = other.business(&world).media_for_send(Source::Id(id.parse().expect("an id")), FileKind::Document).await;
    assert!(matches!(refused, Err(suki_endpoint::Error::Refused(error)) if error.code.number() == 100));
    let forged = path(&node).replace("&hash=", "&hash=0");
    assert_eq!(fetch(&world, &shop.token, &forged, None).await.status.as_u16(), 404);
}

/// Section 3e: an upload lives 30 days, an address 5 minutes.
#[tokio::test]
async fn files_and_addresses_end_by_the_clock() {
    let (world, shop) = World::with_shop(504).await;
    let id = uploaded(&world, &shop, "a.pdf", "application/pdf", &pdf(100)).await;
    let get = || async { shop.graph(&world, Method::GET, &format!("/v23.0/{id}"), None).await };
    let address = path(&get().await.expect(200));
    world.advance(299_000);
    assert_eq!(fetch(&world, &shop.token, &address, None).await.status.as_u16(), 200);
    world.advance(1_001);
    assert_eq!(fetch(&world, &shop.token, &address, None).await.status.as_u16(), 404);
    world.advance(30 * DAY - 302_000);
    get().await.expect(200);
    world.advance(2_000);
    assert_eq!(get().await.graph_error(), (400, 100, 33));
    // What nobody sent is deleted, bytes and all, when files are next looked at.
    world.advance(3_600_000);
    world.until_stored("the file's end", "SELECT count(*) FROM media", |count| count == 0).await;
    stands(&world, 0).await;
}

#[tokio::test]
async fn a_file_travels_sealed_and_arrives_whole() {
    let (world, shop, business, mut ana) = in_conversation(505).await;
    let content = pdf(150_000);
    let id = uploaded(&world, &shop, "menu.pdf", "application/pdf", &content).await.parse().expect("an id");
    for _ in 0..2 {
        let mut menu = media(&business, Source::Id(id), FileKind::Document).await;
        menu.caption = "Menu".into();
        send(&world, &business, &ana, file(menu)).await;
        let heard = ana.hears().await;
        assert_eq!((heard.text.as_str(), ana.fetches(&world, &heard).await == content), ("Menu", true));
    }
    // Once on the network, however often it is sent; and there it is sealed.
    assert_eq!(walk(&world.folder().join("blobs")), 1);
    let sealed = every_byte(&world.folder().join("blobs"));
    assert!(!sealed.windows(9).any(|part| part == b"%PDF-1.7\n") && sealed.len() > content.len());
    let refused = business.media_for_send(Source::Id(id), FileKind::Image).await;
    assert!(matches!(refused, Err(suki_endpoint::Error::Refused(error)) if error.code.number() == 131_053));
}

fn every_byte(folder: &std::path::Path) -> Vec<u8> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { every_byte(&path) } else { std::fs::read(path).expect("a file") }).collect()
}

/// A slow link holds up its own chat, whose order stays, and no other; the same link is fetched once in ten minutes.
#[tokio::test]
async fn a_slow_link_keeps_its_chats_order_and_holds_up_no_other() {
    let (world, shop, business, mut ana) = in_conversation(506).await;
    let mut ben = Customer::guest(&world, &shop).await;
    ben.says("Hello").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 2).await;
    let (url, content) = ("https://files.example/slow.pdf", pdf(80_000));
    world.web.hold(url, "application/pdf", &content);
    let slow = media(&business, Source::Link(url.into()), FileKind::Document).await;
    send(&world, &business, &ana, file(slow)).await;
    send(&world, &business, &ana, text("after it")).await;
    send(&world, &business, &ben, text("beside it")).await;
    assert_eq!(ben.hears().await.text, "beside it");
    assert!(ana.texts().await.iter().all(|text| text == "Hello"), "what was written later has not overtaken");
    world.web.release(url);
    let first = ana.hears().await;
    assert_eq!((ana.fetches(&world, &first).await == content, ana.hears().await.text.as_str()), (true, "after it"));
    let again = media(&business, Source::Link(url.into()), FileKind::Document).await;
    send(&world, &business, &ana, file(again)).await;
    ana.hears().await;
    assert_eq!(world.web.asked(url), 1);
    world.advance(600_001);
    let later = media(&business, Source::Link(url.into()), FileKind::Document).await;
    send(&world, &business, &ana, file(later)).await;
    ana.hears().await;
    assert_eq!(world.web.asked(url), 2);
}

/// Section 3d, 131053: the call is answered, and the message fails.
#[tokio::test]
async fn a_link_that_gives_no_file_fails_the_message_and_frees_its_chat() {
    let (world, shop, business, mut ana) = in_conversation(507).await;
    world.web.put("https://files.example/page", "text/html", b"<html>");
    world.web.put("https://files.example/lie.png", "image/png", &pdf(100));
    world.web.put("https://files.example/large.png", "image/png", &[&b"\x89PNG\r\n\x1a\n"[..], &vec![0; 5_242_880]].concat());
    for (url, reason) in [("gone.png", "status 404"), ("page", "text/html"), ("lie.png", "not those of"), ("large.png", "5242880")] {
        let picture = media(&business, Source::Link(format!("https://files.example/{url}")), FileKind::Image).await;
        send(&world, &business, &ana, file(picture)).await;
        send(&world, &business, &ana, text(url)).await;
        assert_eq!(ana.hears().await.text, url);
        let failed =
            || world.receiver.taken(&shop.callback).into_iter().map(|one| one.change()["statuses"][0].clone()).rfind(|one| one["status"] == "failed");
        let failed =
            world.receiver.wait_for(Pace::Slow, "the failure", || failed().filter(|one| one["errors"][0].to_string().contains(reason))).await;
        assert_eq!(failed["errors"][0]["code"], 131_053, "{failed}");
    }
    for link in ["ftp://files.example/a.png", "nonsense", &format!("https://files.example/{}", "a".repeat(3000))] {
        let refused = business.media_for_send(Source::Link(link.to_owned()), FileKind::Image).await;
        assert!(matches!(refused, Err(suki_endpoint::Error::Refused(error)) if error.code.number() == 100), "{link}");
    }
    // Nothing of what was refused stays.
    stands(&world, 0).await;
}

/// A process that ends while a message waits for its file sends it after its next start, once.
#[tokio::test]
async fn a_message_that_waits_survives_the_endpoints_end() {
    let (world, shop, business, mut ana) = in_conversation(508).await;
    let (url, content) = ("https://files.example/a.pdf", pdf(1000));
    world.web.hold(url, "application/pdf", &content);
    let waiting = media(&business, Source::Link(url.into()), FileKind::Document).await;
    send(&world, &business, &ana, file(waiting)).await;
    send(&world, &business, &ana, text("after it")).await;
    drop(business);
    world.stop_endpoint().await;
    world.start_endpoint().await;
    let business = shop.business(&world);
    send(&world, &business, &ana, text("after the start")).await;
    world.web.release(url);
    let first = ana.hears().await;
    assert!(ana.fetches(&world, &first).await == content);
    assert_eq!([ana.hears().await.text, ana.hears().await.text], ["after it", "after the start"]);
}

/// What the network will not keep for much longer is put there again; who has not fetched the first message yet still can.
#[tokio::test]
async fn a_file_is_put_on_the_network_again_when_it_is_not_kept_there_for_long() {
    let (world, shop, business, mut ana) = in_conversation(509).await;
    let content = pdf(1000);
    let id = uploaded(&world, &shop, "a.pdf", "application/pdf", &content).await.parse().expect("an id");
    let sent = media(&business, Source::Id(id), FileKind::Document).await;
    send(&world, &business, &ana, file(sent)).await;
    let old = ana.hears().await;
    let still = media(&business, Source::Id(id), FileKind::Document).await;
    assert_eq!(Some(still.blob), blob(&old), "half of its time on the network is left");
    let over = business.db().write(|tx| tx.execute("UPDATE media SET renew_at = 0", &[])).await;
    let over: Result<u64, suki_store::StoreError> = over;
    assert_eq!(over, Ok(1));
    let again = media(&business, Source::Id(id), FileKind::Document).await;
    send(&world, &business, &ana, file(again)).await;
    let new = ana.hears().await;
    assert!(blob(&new) != blob(&old) && blob(&new).is_some());
    assert!(ana.fetches(&world, &old).await == content && ana.fetches(&world, &new).await == content);
}

fn blob(message: &suki_client::Message) -> Option<Vec<u8>> {
    let What::Rich(rich) = &message.what else { return None };
    match rich.body() {
        Some(Body::Media(media)) => Some(media.blob),
        _ => None,
    }
}

/// R2: what a customer sends is fetched by the endpoint, and outlives the network's copy.
#[tokio::test]
async fn a_customers_file_is_fetched_and_kept() {
    let (world, shop, business, ana) = in_conversation(510).await;
    let content = pdf(100_000);
    let said = pb::Media { kind: "document".into(), media_type: "application/pdf".into(), filename: "../resibo.pdf".into(), ..pb::Media::default() };
    let message = ana.sends(&world, &content, said).await;
    world.until_stored("the bytes", "SELECT count(*) FROM media WHERE origin = 'received' AND state = 1", |count| count == 1).await;
    let found = business.file_of(message, 0).await.expect("it is here");
    assert_eq!((found.filename.as_str(), found.bytes), ("resibo.pdf", 100_000));
    let node = shop.graph(&world, Method::GET, &format!("/v23.0/{}", found.id), None).await.expect(200);
    assert_eq!(fetch(&world, &shop.token, &path(&node), Some("bytes=99999-")).await.body, content[99_999..]);
    // Programs have it for seven days, people as long as the message.
    world.advance(7 * DAY);
    assert_eq!(shop.graph(&world, Method::GET, &format!("/v23.0/{}", found.id), None).await.graph_error(), (400, 100, 33));
    business.file_of(message, 0).await.expect("it is still here");
    assert!(business.file_of(message, 1).await.is_err());
}

/// While the network cannot give a customer's file it is asked for again; one that is not what the message says is never kept.
#[tokio::test]
async fn a_customers_file_that_does_not_come_is_fetched_later_and_a_forged_one_never() {
    let (world, _, business, mut ana) = in_conversation(511).await;
    let said = pb::Media { kind: "image".into(), media_type: "image/png".into(), ..pb::Media::default() };
    let mut forged = ana.client.put_file(&*world.carrier(), &world.env, b"picture", said.clone()).await.expect("the network takes it");
    forged.sha256 = vec![7; 32];
    let content = pb::Content { body: Some(Body::Media(forged)), ..pb::Content::default() };
    let message = ana.client.send(ana.chat, content, None).await.expect("it is written");
    world.until_stored("the refusal", "SELECT count(*) FROM media WHERE state = 2", |count| count == 1).await;
    assert!(matches!(business.file_of(message, 0).await, Err(suki_endpoint::Error::NotFound(_))));
    let genuine = ana.sends(&world, b"genuine", said).await;
    ana.wait("the message's way", |event| matches!(event, Event::Status(_, id, _) if id == genuine).then_some(())).await;
    world.until_stored("the bytes", "SELECT count(*) FROM media WHERE state = 1", |count| count == 1).await;
}

/// Section 3a, uploads in pieces: what came stays when the connection is cut.
#[tokio::test]
async fn an_upload_in_pieces_goes_on_where_it_was_cut() {
    let (world, shop) = World::with_shop(512).await;
    let content = pdf(150_000);
    let begin = format!("/v23.0/{}/uploads?file_length=150000&file_type=application/pdf&file_name=menu.pdf", shop.app_id);
    let session = shop.graph(&world, Method::POST, &begin, None).await.expect(200)["id"].as_str().expect("a session").to_owned();
    let piece = |offset: usize, bytes: Vec<u8>| {
        let call = world.call(Method::POST, &format!("/v23.0/{session}")).header("authorization", &format!("OAuth {}", shop.token));
        async move { call.header("file_offset", &offset.to_string()).bytes("application/octet-stream", bytes).send().await }
    };
    let first = piece(0, content[..70_000].to_vec()).await.expect(200);
    assert_eq!((&first["file_offset"], &first["id"]), (&json!(70_000), &json!(session)));
    assert_eq!(piece(0, content[..70_000].to_vec()).await.graph_error().1, 100, "this part is here already");
    let progress = shop.graph(&world, Method::GET, &format!("/v23.0/{session}"), None).await.expect(200);
    assert_eq!((&progress["id"], &progress["file_offset"]), (&json!(session), &json!(70_000)));
    assert_eq!(piece(70_000, vec![0; 80_001]).await.graph_error().1, 131_053, "more than was announced");
    let handle = piece(70_000, content[70_000..].to_vec()).await.expect(200)["h"].as_str().expect("a handle").to_owned();
    assert!(handle.starts_with("4::"), "{handle}");
    let business = shop.business(&world);
    let made = business.media_of_handle(&handle).await.expect("it names the file");
    assert_eq!((made.bytes, made.filename.as_str(), made.media_type.as_str()), (150_000, "menu.pdf", "application/pdf"));
    let other = Shop::open(&world, "tinapay").await;
    assert!(other.business(&world).media_of_handle(&handle).await.is_err());
    assert_eq!(other.graph(&world, Method::GET, &format!("/v23.0/{session}"), None).await.graph_error(), (400, 100, 33));
    // The pieces are gone, also the one that was too long.
    stands(&world, 1).await;
    for wrong in [
        "file_type=application/pdf",
        "file_length=0&file_type=application/pdf",
        "file_length=9&file_type=text/html",
        "file_length=x&file_type=image/png",
    ] {
        let refused = shop.graph(&world, Method::POST, &format!("/v23.0/{}/uploads?{wrong}", shop.app_id), None).await;
        assert_eq!(refused.graph_error().1, 100, "{wrong}");
    }
}
