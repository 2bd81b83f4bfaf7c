//! What no program should send: a clear refusal, nothing stored, no fault of the server.
use axum::http::Method;
use serde_json::{Value, json};
use suki_testkit::{Customer, Pace, World};

const STORED: &str = "SELECT (SELECT count(*) FROM message) + (SELECT count(*) FROM outbox) + (SELECT count(*) FROM subscription)
    + (SELECT count(*) FROM waba_app) + (SELECT count(*) FROM operator)";

fn nested(depth: usize) -> Vec<u8> {
    [b"{\"messaging_product\":\"whatsapp\",\"text\":".as_slice(), &b"[".repeat(depth), &b"]".repeat(depth), b"}"].concat()
}

fn malformed() -> Vec<(&'static str, Vec<u8>)> {
    let mut invalid = b"{\"messaging_product\":\"whatsapp\",\"to\":\"".to_vec();
    invalid.extend([0xff, 0xfe, b'"', b'}']);
    vec![
        ("application/json", b"{".to_vec()),
        ("application/json", b"{\"a\":1,}".to_vec()),
        ("application/json", b"[]".to_vec()),
        ("application/json", b"\"text\"".to_vec()),
        ("application/json", b"\0\0\0".to_vec()),
        ("application/json", nested(100_000)),
        ("application/json", nested(200)),
        ("application/json", invalid),
        ("application/json", vec![b' '; 5 << 20]),
        ("application/json", format!("{{\"text\":{{\"body\":\"{}\"}}}}", "x".repeat(5 << 20)).into_bytes()),
        ("application/x-www-form-urlencoded", b"text=%7B%22body&messaging_product=%ff".to_vec()),
        ("multipart/form-data", b"no boundary".to_vec()),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken".to_vec()),
        ("text/plain", b"hello".to_vec()),
        ("image/png", vec![0x89, 0x50]),
        ("application/json", Vec::new()),
    ]
}

#[tokio::test]
async fn a_program_that_sends_nonsense_is_told_so() {
    let (world, shop) = World::with_shop(301).await;
    let ana = Customer::guest(&world, &shop).await;
    ana.says("hello").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    let before = world.count(STORED).await;
    let path = format!("/v23.0/{}/messages", shop.phone_number_id);
    for (kind, body) in malformed() {
        let shown: String = String::from_utf8_lossy(&body).chars().take(60).collect();
        let answer = world.call(Method::POST, &path).bearer(&shop.token).bytes(kind, body).send().await;
        assert_eq!(answer.graph_error().0, 400, "{kind} {shown}");
    }
    assert_eq!(world.count(STORED).await, before);
    // And the next right one passes.
    shop.say(&world, &ana.phone, "still here").await;
}

#[tokio::test]
async fn wrong_types_and_unknown_fields_are_named() {
    let (world, shop) = World::with_shop(302).await;
    let ana = Customer::guest(&world, &shop).await;
    ana.says("hello").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    let before = world.count(STORED).await;
    let good = json!({"messaging_product": "whatsapp", "to": ana.phone, "type": "text", "text": {"body": "hi"}});
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    for (body, code, says) in [
        (with("messaging_product", json!("sms")), 100, "messaging_product"),
        (with("messaging_product", Value::Null), 131_008, "messaging_product"),
        (with("to", json!({"a": 1})), 100, "to"),
        (with("to", json!("abc")), 131_009, "to"),
        (with("to", json!("")), 131_008, "to"),
        (with("type", json!(7)), 100, "type"),
        (with("type", json!("telegram")), 100, "type"),
        (with("type", json!("image")), 131_008, "image"),
        (with("type", json!("order")), 131_051, "order"),
        (with("text", json!("hi")), 100, "text"),
        (with("text", json!({"body": ["hi"]})), 100, "text.body"),
        (with("text", json!({"body": ""})), 131_008, "text.body"),
        (with("text", json!({"body": "x".repeat(4097)})), 100, "4096"),
        (with("text", json!({"body": "hi", "colour": "red"})), 100, "colour"),
        (with("colour", json!("red")), 100, "colour"),
        (with("context", json!({"message_id": "wamid.nonsense"})), 131_009, "context.message_id"),
        (with("recipient_type", json!("everybody")), 131_009, "recipient_type"),
        (with("recipient_type", json!("group")), 131_041, "to"),
        (with("biz_opaque_callback_data", json!("x".repeat(513))), 100, "biz_opaque_callback_data"),
    ] {
        let answer = shop.messages(&world, &body).await;
        let (status, found, _) = answer.graph_error();
        let text = answer.json()["error"].to_string();
        assert_eq!((status, found), (400, code), "{text}");
        assert!(text.contains(says), "{says}: {text}");
        assert!(!text.contains(&ana.phone), "a number is never repeated: {text}");
    }
    assert_eq!(world.count(STORED).await, before);
}

#[tokio::test]
async fn an_inbox_that_sends_nonsense_is_told_so() {
    let (world, shop) = World::with_shop(303).await;
    let ana = Customer::guest(&world, &shop).await;
    ana.says("hello").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    let browser = shop.owner(&world).await;
    let before = world.count(STORED).await;
    let chat = format!("/inbox/api/chats/{}", ana.chat);
    for path in
        [format!("{chat}/messages"), format!("{chat}/read"), format!("{chat}/typing"), "/inbox/api/operators".into(), "/inbox/api/password".into()]
    {
        for (kind, body) in malformed() {
            let answer = world.call(Method::POST, &path).header("Cookie", &browser.cookie).bytes(kind, body).send().await;
            let (status, code) = answer.problem();
            assert!(matches!((status, code.as_str()), (400, "malformed") | (413, "too_large") | (415, "not_json")), "{path} {kind}: {status} {code}");
        }
    }
    for (path, body, status) in [
        (format!("/chats/{}/messages", ana.chat), json!({"id": "msg_1", "text": "x"}), 400),
        (format!("/chats/{}/messages", ana.chat), json!({"id": suki_testkit::shop::message_id(&world), "text": ""}), 422),
        (format!("/chats/{}/messages", ana.chat), json!({"id": suki_testkit::shop::message_id(&world), "text": "x".repeat(4097)}), 422),
        (format!("/chats/{}/messages", ana.chat), json!({"id": suki_testkit::shop::message_id(&world), "text": "x", "more": 1}), 400),
        (format!("/chats/{}/read", ana.chat), json!({"up_to": suki_testkit::shop::message_id(&world)}), 404),
        ("/operators".into(), json!({"name": "", "email": "a@b.example", "role": "operator"}), 422),
        ("/operators".into(), json!({"name": "Ben", "email": "nobody", "role": "operator"}), 422),
        ("/operators".into(), json!({"name": "Ben", "email": "a@b.example", "role": "king"}), 400),
        ("/nothing".into(), json!({}), 404),
    ] {
        assert_eq!(browser.post(&world, &path, &body).await.problem().0, status, "{path} {body}");
    }
    assert_eq!(browser.delete(&world, "/chats").await.problem(), (405, "wrong_method".into()));
    for path in ["/chats?before=x", "/chats?limit=-1", "/chats?limit=x", "/chats/cnv_1", "/nothing"] {
        let status = browser.get(&world, path).await.problem().0;
        assert!(matches!(status, 400 | 404 | 422), "{path}: {status}");
    }
    assert_eq!(world.count(STORED).await, before);
}
