//! What an open inbox is told at once, over a real socket.
use futures_util::{FutureExt as _, StreamExt as _};
use serde_json::{Value, json};
use suki_endpoint::operators::Role;
use suki_testkit::{Browser, Customer, Pace, Shop, World, shop::message_id, wait};
use suki_types::ConversationId;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest as _},
};

pub type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

/// Opens the live socket as a browser does; the status when it is refused.
pub async fn open(world: &World, browser: &Browser, origin: Option<&str>) -> Result<Socket, u16> {
    let at = world.listen().await;
    let mut request = format!("ws://{at}/inbox/api/live").into_client_request().expect("an address");
    request.headers_mut().insert("Cookie", browser.cookie.parse().expect("a cookie"));
    let own = format!("http://{at}");
    let origin = origin.map(|origin| if origin == "own" { own.as_str() } else { origin });
    if let Some(origin) = origin {
        request.headers_mut().insert("Origin", origin.parse().expect("an origin"));
    }
    match connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

/// The next event of this type; the others are passed over.
async fn event(world: &World, socket: &mut Socket, kind: &str) -> Value {
    wait::bounded(&world.env, Pace::Slow, kind, async {
        loop {
            let Message::Text(text) = socket.next().await.expect("the socket is open").expect("it works") else { continue };
            let event: Value = serde_json::from_str(&text).expect("an event is JSON");
            if event["type"] == kind {
                return event;
            }
        }
    })
    .await
}

async fn in_conversation(seed: u64) -> (World, Shop, Customer, Browser) {
    let (world, shop) = World::with_shop(seed).await;
    let ana = Customer::named(&world, &shop, "Ana").await;
    ana.says("hello").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    let browser = shop.owner(&world).await;
    (world, shop, ana, browser)
}

/// Events are made while somebody looks: an inbox that opens while a message is being stored is greeted once that is over, so that what it reads then has it.
#[tokio::test]
async fn an_inbox_is_greeted_once_what_is_under_way_is_stored() {
    let (world, _shop, _ana, browser) = in_conversation(606).await;
    let (go_on, wait) = std::sync::mpsc::channel::<()>();
    let held = world.endpoint().db().write(move |_| {
        wait.recv().ok();
        Ok::<_, suki_store::StoreError>(())
    });
    let mut socket = open(&world, &browser, Some("own")).await.expect("it opens");
    for _ in 0..50 {
        assert!(socket.next().now_or_never().is_none(), "it waits for the store");
        world.count("SELECT count(*) FROM message").await;
    }
    drop(go_on);
    held.await.expect("it was held");
    event(&world, &mut socket, "hello").await;
}

#[tokio::test]
async fn r113_colleagues_see_messages_and_their_statuses_at_once() {
    let (world, shop, mut ana, browser) = in_conversation(601).await;
    let otto = shop.hire(&world, "Otto", Role::Operator).await;
    let other = shop.browser(&world, &otto).await;
    let mut mine = open(&world, &browser, Some("own")).await.expect("it opens");
    let mut his = open(&world, &other, None).await.expect("it opens");
    for socket in [&mut mine, &mut his] {
        let hello = event(&world, socket, "hello").await;
        assert!((0..=60_000).contains(&(world.env.now().millis() - hello["now"].as_i64().expect("a time"))), "{hello}");
    }
    ana.says("May kape pa ba?").await;
    for socket in [&mut mine, &mut his] {
        let told = event(&world, socket, "message").await;
        assert_eq!((&told["message"]["text"], &told["message"]["from"]), (&json!("May kape pa ba?"), &json!("customer")));
        assert_eq!((&told["chat"]["unread"], &told["chat"]["contact"]["name"]), (&json!(2), &json!("Ana")));
    }
    let id = message_id(&world);
    let path = format!("/chats/{}/messages", ana.chat);
    other.post(&world, &path, &json!({"id": id, "text": "Oo, meron pa."})).await.expect(201);
    let told = event(&world, &mut mine, "message").await;
    assert_eq!((&told["message"]["id"], &told["message"]["operator"]["name"]), (&json!(id), &json!("Otto")));
    let heard = ana.hears().await;
    ana.reads(heard.id).await;
    let mut statuses = Vec::new();
    while statuses.last() != Some(&json!("read")) {
        let status = event(&world, &mut mine, "status").await;
        assert_eq!((&status["ids"], &status["chat"]), (&json!([id]), &json!(ana.chat.to_string())));
        statuses.push(status["status"].clone());
    }
    assert_eq!(statuses, ["sent", "delivered", "read"]);
}

#[tokio::test]
async fn typing_and_reading_reach_whom_they_concern() {
    let (world, shop, mut ana, browser) = in_conversation(602).await;
    let otto = shop.hire(&world, "Otto", Role::Operator).await;
    let other = shop.browser(&world, &otto).await;
    let mut mine = open(&world, &browser, Some("own")).await.expect("it opens");
    let mut his = open(&world, &other, Some("own")).await.expect("it opens");
    event(&world, &mut mine, "hello").await;
    event(&world, &mut his, "hello").await;
    ana.client.typing(ana.chat, true).await.expect("it runs");
    let typing = event(&world, &mut mine, "typing").await;
    assert_eq!((&typing["who"], &typing["on"], &typing["operator"]), (&json!("customer"), &json!(true), &Value::Null));
    let path = format!("/chats/{}/typing", ana.chat);
    assert_eq!(other.post(&world, &path, &json!({"on": true})).await.status, 204);
    let typing = event(&world, &mut mine, "typing").await;
    assert_eq!((&typing["who"], &typing["operator"]["name"]), (&json!("operator"), &json!("Otto")));
    ana.wait("typing", |event| matches!(event, suki_client::Event::Typing(_, true)).then_some(())).await;
    // Reading is told to the same operator's other windows, and not to his colleagues: their next event is another one.
    let page = browser.get(&world, &format!("/chats/{}/messages", ana.chat)).await.expect(200);
    browser.post(&world, &format!("/chats/{}/read", ana.chat), &json!({"up_to": page["data"][0]["id"]})).await;
    assert_eq!(event(&world, &mut mine, "read").await["unread"], 0);
    ana.says("more").await;
    let mut seen = Vec::new();
    while seen.last().is_none_or(|event: &Value| event["type"] != "message") {
        seen.push(wait::bounded(&world.env, Pace::Slow, "an event", next(&mut his)).await);
    }
    assert!(seen.iter().all(|event| event["type"] != "read"), "{seen:?}");
    assert!(seen.iter().all(|event| event["who"] != "operator"), "nobody is told that he types himself: {seen:?}");
    assert_eq!(seen.last().map(|event| event["chat"]["unread"].clone()), Some(json!(2)));
}

async fn next(socket: &mut Socket) -> Value {
    loop {
        if let Message::Text(text) = socket.next().await.expect("the socket is open").expect("it works") {
            return serde_json::from_str(&text).expect("an event is JSON");
        }
    }
}

#[tokio::test]
async fn a_socket_that_another_site_opens_is_refused() {
    let (world, _shop, _ana, browser) = in_conversation(603).await;
    for origin in ["https://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:1"] {
        assert_eq!(open(&world, &browser, Some(origin)).await.err(), Some(403), "{origin}");
    }
    let nobody = Browser { cookie: "suki_session=nonsense".into(), me: Value::Null };
    assert_eq!(open(&world, &nobody, Some("own")).await.err(), Some(401));
}

#[tokio::test]
async fn the_socket_of_an_operator_who_is_removed_ends() {
    let (world, shop, _ana, browser) = in_conversation(604).await;
    let otto = shop.hire(&world, "Otto", Role::Operator).await;
    let mut his = open(&world, &shop.browser(&world, &otto).await, Some("own")).await.expect("it opens");
    event(&world, &mut his, "hello").await;
    assert_eq!(browser.delete(&world, &format!("/operators/{}", otto.id)).await.status, 204);
    world.advance(30_000);
    let code = wait::bounded(&world.env, Pace::Slow, "the end", async {
        loop {
            match his.next().await {
                Some(Ok(Message::Close(Some(frame)))) => return u16::from(frame.code),
                Some(Ok(_)) => {}
                other => panic!("it ends with a reason: {other:?}"),
            }
        }
    });
    assert_eq!(code.await, 4401);
}

/// R97: the operator is warned before the window ends, so that he can announce a delay; once, and only while the customer waits.
#[tokio::test]
async fn r97_a_window_that_ends_while_the_customer_waits_is_announced() {
    let (world, shop, mut ana, browser) = in_conversation(640).await;
    let ben = Customer::named(&world, &shop, "Ben").await;
    ben.says("Magkano?").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 2).await;
    shop.say(&world, &ben.phone, "80 pesos.").await;
    wait::until(&world.env, "the rules of the network", || async { shop.business(&world).rules() }).await;
    let mut socket = open(&world, &browser, Some("own")).await.expect("it opens");
    event(&world, &mut socket, "hello").await;
    let chat = |chat: ConversationId| {
        let (world, browser) = (&world, &browser);
        async move { browser.get(world, &format!("/chats/{chat}")).await.expect(200) }
    };
    let until = chat(ana.chat).await["window_until"].as_i64().expect("the window is open");
    let two_hours = 2 * 3_600_000;
    // One minute before the warning is due: the clock goes on a little by itself while the test waits.
    world.advance(until - two_hours - 60_000 - world.env.now().millis());
    assert_eq!(chat(ana.chat).await["window_warning"], false);
    world.advance(60_000);
    let warning = event(&world, &mut socket, "window_warning").await;
    assert_eq!((&warning["chat"]["id"], &warning["chat"]["window_warning"]), (&json!(ana.chat.to_string()), &json!(true)));
    assert_eq!(warning["chat"]["window_until"], until);
    let marked = wait::until(&world.env, "the marker", || async { Some(chat(ana.chat).await).filter(|chat| chat["window_warning"] == true) }).await;
    assert_eq!(marked["contact"]["name"], "Ana");
    assert_eq!(chat(ben.chat).await["window_warning"], false, "the last word there is the shop's");
    let count = async || {
        let (business, now) = (shop.business(&world), world.env.now());
        world.inside(async move { business.warn_of_windows(now).await.expect("the store works") }).await
    };
    assert_eq!(count().await, 0, "nobody is warned twice of one window");
    // The answer takes the marker away, the customer's next message begins anew.
    shop.say(&world, &ana.phone, "Sandali lang po.").await;
    assert_eq!(chat(ana.chat).await["window_warning"], false);
    ana.hears().await;
    ana.says("Sige.").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 3).await;
    assert_eq!(chat(ana.chat).await["window_warning"], false, "a day is left again");
}
