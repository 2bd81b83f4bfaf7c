//! Many nodes over one database: "Endpoint across nodes: one writer per conversation's MLS state at a time without a lock service of our own; operators,
//! webhooks and campaigns on any node."
use crate::live::{self, Socket};
use axum::http::{Method, header};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use std::sync::{
    Arc, Weak,
    atomic::{AtomicUsize, Ordering},
};
use suki_endpoint::{Business, Error, cluster::Place};
use suki_store::{StoreError, blobs::S3Place, ownership, testing::S3Server};
use suki_testkit::{Browser, Customer, Pace, Shop, World, shop::message_id, wait, wait::until, world::DEAD_AFTER_MILLIS};
use suki_types::NodeId;
use tokio::{io::AsyncReadExt as _, net::TcpListener};
use tokio_tungstenite::tungstenite::Message;

/// What another node is sent with a request, and nobody outside can write.
const FORWARDED: &str = "x-suki-forwarded";
/// What a node tells the one that sent a request on, when nothing was done.
const NOT_HERE: &str = "x-suki-not-here";

/// A shop on a node that others may join, with a customer who has written.
async fn one_node(seed: u64) -> (World, Shop, Customer) {
    let world = World::shared(seed).await;
    let shop = Shop::open(&world, "kape").await;
    let ana = Customer::named(&world, &shop, "Ana").await;
    ana.says("hello").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    (world, shop, ana)
}

/// A shop on node 0 with a customer who has written; node 1 is there, runs nothing, and is asked.
async fn two_nodes(seed: u64) -> (World, Shop, Customer) {
    let (world, shop, ana) = one_node(seed).await;
    world.add_node().await;
    assert!(world.endpoint().businesses().is_empty(), "it has a place already");
    (world, shop, ana)
}

/// What the node that is asked runs of the shop, once it does.
async fn runs_here(world: &World, shop: &Shop) -> Arc<Business> {
    until(&world.env, "the shop on this node", || async { world.endpoint().business(shop.id).ok().filter(|shop| shop.is_connected()) }).await
}

/// Everything that was told to the shop's program, each message and status once: a delivery that was not answered may come again.
fn told(world: &World, shop: &Shop, kind: &str) -> Vec<Value> {
    let taken = world.receiver.taken(&shop.callback);
    taken.iter().flat_map(|delivery| delivery.change()[kind].as_array().cloned().unwrap_or_default()).collect()
}

#[tokio::test]
async fn operators_and_programs_come_to_any_node() {
    let (world, shop, mut ana) = two_nodes(1_501).await;
    // An operator signs in with a link, reads and answers.
    world.go_to(0);
    let secret = shop.sign_in_secret(&world, &shop.owner).await;
    world.go_to(1);
    let owner = Browser::sign_in(&world, &json!({ "token": secret })).await;
    assert_eq!(owner.me["business"]["slug"], "kape");
    let chat = ana.chat.to_string();
    shop.sees(&world, &owner, &chat, "hello").await;
    let (id, path) = (message_id(&world), format!("/chats/{chat}/messages"));
    owner.post(&world, &path, &json!({"id": id, "text": "Magandang umaga!"})).await.expect(201);
    assert_eq!(ana.hears().await.text, "Magandang umaga!");
    // A program sends, and is told what becomes of it, once.
    let wamid = shop.say(&world, &ana.phone, "May pandesal").await;
    assert_eq!(ana.hears().await.text, "May pandesal");
    let statuses = || told(&world, &shop, "statuses").iter().filter(|status| status["id"] == wamid.as_str()).cloned().collect::<Vec<_>>();
    world.receiver.wait_for(Pace::Slow, "its delivery", || statuses().iter().any(|status| status["status"] == "delivered").then_some(())).await;
    let words: Vec<Value> = statuses().iter().map(|status| status["status"].clone()).collect();
    assert_eq!(words, ["sent", "delivered"]);
    // Who may not, may not here either; what is nobody's is found nowhere.
    let wrong = world.call(Method::GET, &format!("/v23.0/{}", shop.phone_number_id)).bearer("EAAwrong").send().await;
    assert_eq!(wrong.graph_error().0, 401);
    let stranger = world.call(Method::GET, "/inbox/api/chats").header("Cookie", "suki_session=00").send().await;
    assert_eq!(stranger.problem().0, 401);
    assert!(world.endpoint().businesses().is_empty(), "nothing had to move for that");
}

#[tokio::test]
async fn what_a_program_shows_leads_to_its_business_wherever_it_stands() {
    let (world, shop, _ana) = two_nodes(1_502).await;
    let number = format!("/v23.0/{}", shop.phone_number_id);
    let by_query = format!("{number}?access_token={}", shop.token);
    assert_eq!(world.call(Method::GET, &by_query).send().await.expect(200)["id"], shop.phone_number_id.as_str());
    // A token in the body, where no object is named.
    let batch = json!({"access_token": shop.token, "batch": [{"method": "GET", "relative_url": shop.phone_number_id}, {"relative_url": "me"}]});
    let answers = world.call(Method::POST, "/").json(&batch).send().await.expect(200);
    assert_eq!(answers[0]["code"], 200, "{answers}");
    // An app proves who it is, and asks about its token.
    let app = format!("/oauth/access_token?client_id={}&client_secret={}&grant_type=client_credentials", shop.app_id, shop.app_secret);
    let own = world.call(Method::GET, &app).send().await.expect(200)["access_token"].as_str().expect("a token").to_owned();
    let asked = format!("/debug_token?input_token={}", shop.token);
    assert_eq!(world.call(Method::GET, &asked).bearer(&own).send().await.expect(200)["data"]["is_valid"], true);
    // One that is revoked where the business runs is good nowhere.
    world.go_to(0);
    let (business, token) = (shop.business(&world), shop.token.clone());
    world.inside(async move { business.revoke_token(&token).await }).await.expect("it is revoked");
    world.go_to(1);
    assert_eq!(world.call(Method::GET, &number).bearer(&shop.token).send().await.graph_error().0, 401);
}

#[tokio::test]
async fn nobody_outside_can_keep_a_request_from_going_on() {
    let (world, shop, _ana) = two_nodes(1_503).await;
    let forged = format!("{} own {}", shop.id, "0".repeat(64));
    let call = world.call(Method::GET, &format!("/v23.0/{}", shop.phone_number_id)).bearer(&shop.token).header(FORWARDED, &forged);
    let answer = call.send().await;
    answer.expect(200);
    assert!(answer.headers.get("access-control-allow-origin").is_some() && answer.headers.get("facebook-api-version").is_some());
    // One that a node did write goes no further than to the node it was sent to.
    let tag = hex::encode(world.endpoint().vault().tag("forwarded", format!("{} own", shop.id).as_bytes()));
    let real = format!("{} own {tag}", shop.id);
    let call = world.call(Method::GET, &format!("/v23.0/{}", shop.phone_number_id)).bearer(&shop.token).header(FORWARDED, &real);
    let answer = call.send().await;
    assert_eq!((answer.graph_error().0, answer.headers[header::RETRY_AFTER].to_str().expect("text")), (503, "1"));
}

/// A node of the cluster that takes requests and answers none. Gives how many it took.
async fn a_node_that_breaks_off(world: &World, shop: &Shop) -> Arc<AtomicUsize> {
    let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let (db, key, node) = (world.endpoint_store(), *shop.id.as_bytes(), NodeId::new(&world.env));
    let address = format!("http://{}", socket.local_addr().expect("an address"));
    ownership::join(&db, node, address, world.env.now()).await.expect("the store answers");
    let before = ownership::owner(&db, key).await.expect("the store answers").expect("it is owned");
    ownership::take_over(&db, key, node, before.node.expect("by a node"), before.epoch).await.expect("the store answers").expect("it is taken");
    let took = Arc::new(AtomicUsize::new(0));
    let counted = took.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = socket.accept().await {
            let mut some = [0; 16];
            if stream.read(&mut some).await.is_ok_and(|bytes| bytes > 0) {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    took
}

/// What may have been done is not said to be undone: a program that believed that would write to its customers twice. Who only reads is asked for again.
#[tokio::test]
async fn an_answer_that_is_lost_is_no_refusal() {
    let (world, shop, ana) = two_nodes(1_514).await;
    let took = a_node_that_breaks_off(&world, &shop).await;
    let body = json!({"messaging_product": "whatsapp", "to": ana.phone, "type": "text", "text": {"body": "Once"}});
    let answer = shop.messages(&world, &body).await;
    assert_eq!(answer.graph_error(), (503, 2, 0));
    let details = answer.json()["error"]["error_data"]["details"].as_str().expect("a text").to_owned();
    assert!(details.contains("it is not known whether this was done"), "{details}");
    assert!(!answer.headers.contains_key(header::RETRY_AFTER));
    assert_eq!(took.load(Ordering::SeqCst), 1, "it is not sent twice");
    let number = format!("/v23.0/{}", shop.phone_number_id);
    let answer = wait::bounded(&world.env, Pace::Slow, "an answer", shop.graph(&world, Method::GET, &number, None)).await;
    assert_eq!(answer.graph_error(), (503, 2, 0));
    assert!(took.load(Ordering::SeqCst) > 2, "reading does no harm");
}

#[tokio::test]
async fn large_files_pass_through_in_whole_and_in_part() {
    let (world, shop, _ana) = two_nodes(1_504).await;
    let file = crate::media::pdf(3_000_000);
    let id = crate::media::uploaded(&world, &shop, "menu.pdf", "application/pdf", &file).await;
    let node = shop.graph(&world, Method::GET, &format!("/v23.0/{id}"), None).await.expect(200);
    let path = node["url"].as_str().and_then(|url| url.strip_prefix("http://suki.test")).expect("an address").to_owned();
    let whole = world.call(Method::GET, &path).bearer(&shop.token).send().await;
    assert!(whole.status == 200 && whole.body == file);
    let part = world.call(Method::GET, &path).bearer(&shop.token).header("range", "bytes=1000000-1000099").send().await;
    assert_eq!((part.status.as_u16(), &part.body[..]), (206, &file[1_000_000..1_000_100]));
    assert_eq!(part.headers[header::CONTENT_RANGE], "bytes 1000000-1000099/3000000");
    assert!(world.endpoint().businesses().is_empty());
}

/// "Media: local disk or any S3-compatible store": nothing of a file is on the node that took it.
#[tokio::test]
async fn files_in_a_bucket_go_on_where_a_killed_node_left_them() {
    let server = tokio::task::spawn_blocking(S3Server::start).await.expect("it starts");
    let bucket = S3Place::parse(&format!("s3://{}/suki", server.bucket()), server.settings()).expect("an address");
    let world = World::shared_in_bucket(1_508, bucket).await;
    let shop = Shop::open(&world, "kape").await;
    let mut ana = Customer::named(&world, &shop, "Ana").await;
    ana.says("May menu po ba?").await;
    let file = crate::media::pdf(300_000);
    let id = crate::media::uploaded(&world, &shop, "menu.pdf", "application/pdf", &file).await;
    let begin = format!("/v23.0/{}/uploads?file_length=300000&file_type=application/pdf&file_name=menu.pdf", shop.app_id);
    let session = shop.graph(&world, Method::POST, &begin, None).await.expect(200)["id"].as_str().expect("a session").to_owned();
    let piece = |bytes: &[u8], offset: &str| {
        let call = world.call(Method::POST, &format!("/v23.0/{session}")).header("authorization", &format!("OAuth {}", shop.token));
        call.header("file_offset", offset).bytes("application/octet-stream", bytes.to_vec())
    };
    piece(&file[..100_000], "0").send().await.expect(200);
    world.stop_endpoint().await;

    world.add_node().await;
    runs_here(&world, &shop).await;
    let progress = shop.graph(&world, Method::GET, &format!("/v23.0/{session}"), None).await.expect(200);
    assert_eq!(progress["file_offset"], 100_000);
    let handle = piece(&file[100_000..], "100000").send().await.expect(200)["h"].as_str().expect("a handle").to_owned();
    let made = shop.business(&world).media_of_handle(&handle).await.expect("it names the file");
    assert_eq!((made.bytes, made.filename.as_str()), (300_000, "menu.pdf"));
    world.stop_endpoint().await;

    // The third has taken in none of it: it shows the one file, and sends it to the customer.
    world.add_node().await;
    runs_here(&world, &shop).await;
    let node = shop.graph(&world, Method::GET, &format!("/v23.0/{id}"), None).await.expect(200);
    let path = node["url"].as_str().and_then(|url| url.strip_prefix("http://suki.test")).expect("an address").to_owned();
    let whole = world.call(Method::GET, &path).bearer(&shop.token).send().await;
    assert!(whole.status == 200 && whole.body == file);
    let send = json!({"messaging_product": "whatsapp", "to": ana.phone, "type": "document", "document": {"id": id, "filename": "menu.pdf"}});
    shop.messages(&world, &send).await.expect(200);
    let heard = ana.hears().await;
    assert!(ana.fetches(&world, &heard).await == file);
    let kept = std::fs::read_dir(world.folder()).expect("it is read").filter_map(Result::ok).filter(|entry| entry.path().is_dir()).count();
    assert_eq!(kept, 0, "nothing of it is in a folder");
}

/// An open inbox, which has been greeted.
async fn inbox(world: &World, browser: &Browser) -> Socket {
    let mut socket = live::open(world, browser, Some("own")).await.expect("it opens");
    let hello = socket.next().await.expect("it goes on").expect("a word");
    assert!(hello.to_text().is_ok_and(|text| text.contains("hello")), "{hello}");
    socket
}

/// The code it is closed with.
async fn closed(world: &World, socket: &mut Socket) -> u16 {
    let closed = async {
        while let Some(Ok(message)) = socket.next().await {
            if let Message::Close(Some(frame)) = message {
                return u16::from(frame.code);
            }
        }
        0
    };
    wait::bounded(&world.env, Pace::Slow, "the close", closed).await
}

#[tokio::test]
async fn an_inbox_is_told_at_once_through_another_node_and_told_to_come_again() {
    let (world, shop, ana) = two_nodes(1_505).await;
    world.go_to(0);
    let owner = shop.owner(&world).await;
    world.go_to(1);
    let mut socket = inbox(&world, &owner).await;
    ana.says("May kape pa ba?").await;
    let seen = async {
        while let Some(Ok(message)) = socket.next().await {
            if message.to_text().is_ok_and(|text| text.contains("May kape pa ba?")) {
                return;
            }
        }
        panic!("the socket closed");
    };
    wait::bounded(&world.env, Pace::Slow, "the message in the inbox", seen).await;
    // Its business leaves: the app comes again, and finds it where it is then.
    world.go_to(0);
    let leaving = world.endpoint();
    world.inside(async move { leaving.hand_over().await }).await;
    assert_eq!(closed(&world, &mut socket).await, 1012);
}

#[tokio::test]
async fn what_is_handed_over_goes_on_at_once_and_leaves_nothing_behind() {
    let (world, shop, mut ana) = two_nodes(1_506).await;
    world.go_to(0);
    let (leaving, left) = (world.endpoint(), shop.business(&world));
    assert!(left.tasks() > 0);
    let former: Weak<Business> = Arc::downgrade(&left);
    let own = leaving.clone();
    world.inside(async move { own.hand_over().await }).await;
    assert_eq!((left.tasks(), leaving.businesses().len()), (0, 0));
    drop(left);
    // The node that left still takes requests, and sends them on; the clock need not move for that.
    world.go_to(1);
    let asked = world.call(Method::GET, &format!("/v23.0/{}", shop.phone_number_id)).bearer(&shop.token);
    wait::bounded(&world.env, Pace::Still, "an answer", asked.send()).await.expect(200);
    assert!(world.endpoint().business(shop.id).is_ok(), "it was taken up by who was asked for it");
    until(&world.env, "its memory to go", || std::future::ready(former.upgrade().is_none().then_some(()))).await;
    world.go_to(0);
    shop.say(&world, &ana.phone, "Nandito pa rin kami").await;
    assert_eq!(ana.hears().await.text, "Nandito pa rin kami");
    ana.says("Salamat").await;
    world.receiver.wait_for(Pace::Slow, "his answer", || (told(&world, &shop, "messages").len() >= 2).then_some(())).await;
    let texts: Vec<Value> = told(&world, &shop, "messages").iter().map(|message| message["text"]["body"].clone()).collect();
    assert_eq!(texts, ["hello", "Salamat"], "each left once, in its order");
}

#[tokio::test]
async fn a_killed_node_s_businesses_go_on_elsewhere_and_nothing_is_lost_or_doubled() {
    let (world, shop, mut ana) = two_nodes(1_507).await;
    world.go_to(0);
    shop.say(&world, &ana.phone, "one").await;
    world.stop_endpoint().await;
    // Said while nobody runs the shop.
    ana.says("two").await;
    world.go_to(1);
    assert!(world.endpoint().business(shop.id).is_err());
    runs_here(&world, &shop).await;
    shop.say(&world, &ana.phone, "three").await;
    assert_eq!((ana.hears().await.text, ana.hears().await.text), ("one".into(), "three".into()));
    world.receiver.wait_for(Pace::Slow, "what was said", || (told(&world, &shop, "messages").len() >= 2).then_some(())).await;
    let texts: Vec<Value> = told(&world, &shop, "messages").iter().map(|message| message["text"]["body"].clone()).collect();
    assert_eq!(texts, ["hello", "two"]);
    let owner = shop.owner(&world).await;
    let page = owner.get(&world, &format!("/chats/{}/messages", ana.chat)).await.json();
    let mut shown: Vec<&str> = page["data"].as_array().expect("messages").iter().filter_map(|message| message["text"].as_str()).collect();
    shown.sort_unstable();
    assert_eq!(shown, ["hello", "one", "three", "two"]);
}

#[tokio::test]
async fn a_node_that_slept_while_another_took_over_can_store_nothing_and_stops() {
    let (world, shop, mut ana) = two_nodes(1_508).await;
    // It would take for dead whom only the store knows.
    world.stop_endpoint().await;
    world.go_to(0);
    let (endpoint, sleeping) = (world.endpoint(), shop.business(&world));
    let Ok(Place::Here(_)) = endpoint.place(shop.id).await else { panic!("it runs here") };
    // Another node takes it over without this one's knowledge.
    let (db, key, other) = (world.endpoint_store(), *shop.id.as_bytes(), NodeId::new(&world.env));
    let before = ownership::owner(&db, key).await.expect("the store answers").expect("it is owned");
    let own = before.node.expect("by this node");
    let epoch = ownership::take_over(&db, key, other, own, before.epoch).await.expect("the store answers").expect("it is taken");
    let chat = ana.chat;
    let written = sleeping.db().write(move |tx| {
        let sql = "UPDATE mls_ratchet SET version = version + 1 WHERE business = ?1 AND chat = ?2";
        tx.execute(sql, &[(&key).into(), (&chat).into()])
    });
    assert_eq!(written.await, Err(StoreError::NotOwner), "the state of the conversation's keys has one writer");
    let body = json!({"messaging_product": "whatsapp", "to": ana.phone, "type": "text", "text": {"body": "from the past"}});
    // Whether it has found out by now or finds out by this: it says that it cannot.
    let refused = wait::bounded(&world.env, Pace::Slow, "a refusal", shop.messages(&world, &body)).await;
    assert_eq!(refused.graph_error().0, 503);
    assert!(!refused.headers.contains_key(NOT_HERE));
    // A node that has sent it on is told, so that it sends it again.
    let tag = hex::encode(endpoint.vault().tag("forwarded", format!("{} own", shop.id).as_bytes()));
    let call = world.call(Method::POST, &format!("/v23.0/{}/messages", shop.phone_number_id)).bearer(&shop.token).json(&body);
    let sent_on = call.header(FORWARDED, &format!("{} own {tag}", shop.id));
    let refused = wait::bounded(&world.env, Pace::Slow, "a refusal", sent_on.send()).await;
    assert_eq!((refused.graph_error().0, refused.headers.contains_key(NOT_HERE)), (503, true));
    until(&world.env, "the node to find out", || std::future::ready((sleeping.tasks() == 0).then_some(()))).await;
    assert!(matches!(endpoint.business(shop.id), Err(Error::Elsewhere(_))));
    // The other gives it back: whoever has it then goes on, and nothing of what was refused was sent.
    assert!(ownership::release(&db, key, other, epoch).await.expect("the store answers"));
    world.go_to(1);
    world.start_endpoint().await;
    let body = json!({"messaging_product": "whatsapp", "to": ana.phone, "type": "text", "text": {"body": "from now"}});
    until(&world.env, "somebody to have it", || async { (shop.messages(&world, &body).await.status == 200).then_some(()) }).await;
    assert_eq!(ana.hears().await.text, "from now");
}

/// Faults, a node cut off: until it is heard again it reads nothing of the log with a group's state that another node may have stored meanwhile.
#[tokio::test]
async fn a_node_that_is_not_heard_reads_with_no_state_it_has_not_itself() {
    let (world, shop, mut ana) = one_node(1_541).await;
    let db = world.endpoint().db().clone();
    let here = ownership::owner(&db, *shop.id.as_bytes()).await.expect("the store answers").and_then(|owned| owned.node).expect("it is owned");
    // The group leaves its memory.
    db.lose_answers(true);
    let body = json!({"messaging_product": "whatsapp", "to": ana.phone, "type": "text", "text": {"body": "perhaps"}});
    assert_eq!(shop.messages(&world, &body).await.graph_error().0, 503);
    db.lose_answers(false);
    // It cannot find out what is its own for so long that others may have taken it.
    db.fail_reads_by(Some(here.as_bytes()));
    world.advance(DEAD_AFTER_MILLIS);
    ana.says("meanwhile").await;
    for _ in 0..50 {
        assert_eq!(world.count("SELECT count(*) FROM message WHERE text = 'meanwhile'").await, 0);
    }
    db.fail_reads_by(None);
    world.receiver.wait_for(Pace::Slow, "what was said", || (told(&world, &shop, "messages").len() >= 2).then_some(())).await;
    assert_eq!(ana.hears().await.text, "perhaps");
}

#[tokio::test]
async fn shares_are_even_with_three_nodes_and_come_even_again_with_two() {
    let world = World::shared(1_509).await;
    for slug in ["isa", "dalawa", "tatlo", "apat", "lima"] {
        Shop::open(&world, slug).await;
    }
    for _ in 0..2 {
        world.add_node().await;
    }
    let shares = |nodes: &[usize]| {
        let count = |number: &usize| {
            world.go_to(*number);
            world.endpoint().businesses().len()
        };
        let mut shares: Vec<usize> = nodes.iter().map(count).collect();
        shares.sort_unstable();
        shares
    };
    until(&world.env, "even shares", || std::future::ready((shares(&[0, 1, 2]) == [1, 2, 2]).then_some(()))).await;
    world.go_to(1);
    world.stop_endpoint().await;
    until(&world.env, "even shares of two", || std::future::ready((shares(&[0, 2]) == [2, 3]).then_some(()))).await;
}

/// Faults, a node cut off from the database: others serve its businesses after a while, so that open inboxes are told to look elsewhere.
#[tokio::test]
async fn an_inbox_does_not_stay_with_a_node_that_nobody_hears() {
    let (world, shop, _ana) = one_node(1_515).await;
    let owner = shop.owner(&world).await;
    let mut socket = inbox(&world, &owner).await;
    let here = ownership::owner(&world.endpoint_store(), *shop.id.as_bytes()).await.expect("the store answers").expect("it is owned");
    let node = here.node.expect("by this node");
    world.endpoint().db().fail_writes_by(Some(node.as_bytes()));
    assert_eq!(closed(&world, &mut socket).await, 1012);
    world.endpoint().db().fail_writes_by(None);
}

/// Faults, a failover: what a business remembers may stand nowhere any more when another server has taken over, so that it is read anew, and goes on.
#[tokio::test]
async fn when_another_server_has_taken_over_businesses_start_anew() {
    let (world, shop, mut ana) = two_nodes(1_540).await;
    world.go_to(0);
    let before = Arc::downgrade(&runs_here(&world, &shop).await);
    world.endpoint().db().turn();
    until(&world.env, "another start of the shop", || async {
        world.endpoint().business(shop.id).ok().filter(|now| !before.ptr_eq(&Arc::downgrade(now)) && now.is_connected()).map(drop)
    })
    .await;
    until(&world.env, "the end of the one before", || async { (before.strong_count() == 0).then_some(()) }).await;
    shop.say(&world, &ana.phone, "Still here").await;
    assert_eq!(ana.hears().await.text, "Still here");
    ana.says("so am I").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 2).await;
}
