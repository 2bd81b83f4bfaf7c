//! The store's answer is lost, as when a connection breaks during a commit: what was stored counts, and nothing waits for the next start to be noticed.
use axum::http::{StatusCode, header};
use futures_util::FutureExt as _;
use serde_json::json;
use suki_protocol::pb::ReceiptStatus;
use suki_store::StoreError;
use suki_testkit::{Customer, Pace, World};

/// How long the endpoint waits before it looks what the store has.
const RETRY_MILLIS: i64 = 1_000;

/// Invariant 4: a customer's message whose storing seemed to fail is not read twice, which no key allows, and its webhook leaves.
#[tokio::test]
async fn a_message_that_was_stored_without_an_answer_is_told_once() {
    let (world, shop) = World::with_shop(540).await;
    let ana = Customer::guest(&world, &shop).await;
    ana.says("before").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    world.endpoint().db().lose_answers(true);
    ana.says("meanwhile").await;
    world.until_stored("the message", "SELECT count(*) FROM message WHERE text = 'meanwhile'", |count| count == 1).await;
    world.endpoint().db().lose_answers(false);
    world.advance(RETRY_MILLIS);
    // Nothing else wakes it.
    world.receiver.wait(Pace::Slow, &shop.callback, 2).await;
    ana.says("after").await;
    let told: Vec<String> = world.receiver.wait(Pace::Slow, &shop.callback, 3).await.iter().map(|one| one.tells()).collect();
    assert_eq!(told, ["text:before", "text:meanwhile", "text:after"]);
    assert_eq!(world.count("SELECT count(*) FROM message").await, 3);
}

/// The program is told to come again; what it sent goes out all the same, once and before what it sends next.
#[tokio::test]
async fn a_send_that_was_stored_without_an_answer_goes_out_in_its_place() {
    let (world, shop) = World::with_shop(541).await;
    let mut ana = Customer::guest(&world, &shop).await;
    ana.says("Good morning").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    world.endpoint().db().lose_answers(true);
    let body = |text: &str| json!({"messaging_product": "whatsapp", "to": ana.phone, "type": "text", "text": {"body": text}});
    let answer = shop.messages(&world, &body("perhaps")).await;
    // Who believed that nothing was stored would send it twice.
    assert_eq!((answer.status, answer.headers.contains_key(header::RETRY_AFTER)), (StatusCode::SERVICE_UNAVAILABLE, false));
    assert!(answer.json()["error"]["error_data"]["details"].to_string().contains("it is not known"), "{}", answer.json());
    world.endpoint().db().lose_answers(false);
    let next = body("certainly");
    shop.messages(&world, &next).await.expect(200);
    world.advance(RETRY_MILLIS);
    assert_eq!([ana.hears().await.text, ana.hears().await.text], ["perhaps", "certainly"]);
    world.until_stored("an empty outbox", "SELECT count(*) FROM outbox", |count| count == 0).await;
}

/// Faults, a failover: a stretch of entries that cannot be read to its end, since the state of a later chat cannot be loaded, is read anew as a whole; what was
/// read before of an earlier chat is neither skipped nor told twice.
#[tokio::test]
async fn a_stretch_that_fails_half_way_is_read_anew() {
    let (world, shop) = World::with_shop(542).await;
    let (ana, ben) = (Customer::guest(&world, &shop).await, Customer::guest(&world, &shop).await);
    ana.says("Ana is here").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    let db = world.endpoint().db().clone();
    // Ben's group leaves the memory, since nobody says that what he wrote was stored; and the log is not read on, since nobody says how far it is.
    db.lose_answers(true);
    db.fail_reads_by(Some(shop.id.as_bytes()));
    ben.says("Ben is here").await;
    world.until_stored("Ben's message", "SELECT count(*) FROM message WHERE text = 'Ben is here'", |count| count == 1).await;
    db.lose_answers(false);
    ana.says("Ana's second").await;
    ben.says("Ben's second").await;
    ana.says("Ana's third").await;
    // What was accepted is pushed by tasks of this very thread: each answer of the store lets them run. Should Ana's second be read before Ben's has come, it is
    // stored by itself, and there is less to be seen.
    for _ in 0..50 {
        world.count("SELECT count(*) FROM message").await;
    }
    // Now it is read on, one stretch of both chats: Ana's group is in memory, Ben's cannot be loaded.
    db.fail_reads_by(Some(ben.chat.as_bytes()));
    for _ in 0..3 {
        world.advance(RETRY_MILLIS);
        assert_eq!(world.count("SELECT count(*) FROM message WHERE text LIKE 'Ben%second'").await, 0);
    }
    db.fail_reads_by(None);
    let told: Vec<String> = world.receiver.wait(Pace::Slow, &shop.callback, 5).await.iter().map(|one| one.tells()).collect();
    for (name, texts) in [("Ana", vec!["Ana is here", "Ana's second", "Ana's third"]), ("Ben", vec!["Ben is here", "Ben's second"])] {
        let of: Vec<String> = told.iter().filter(|text| text.contains(name)).cloned().collect();
        assert_eq!(of, texts.into_iter().map(|text| format!("text:{text}")).collect::<Vec<_>>());
    }
    assert_eq!(world.count("SELECT count(*) FROM message").await, 5);
}

/// A node that passes a request on may be killed, and a program may hang up: what was asked is done to its end all the same. Else what was stored would wait for
/// the next reconnect, and go out after what was written later.
#[tokio::test]
async fn a_send_whose_asker_is_gone_goes_out_in_its_place() {
    let (world, shop) = World::with_shop(543).await;
    let mut ana = Customer::guest(&world, &shop).await;
    ana.says("Good morning").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    let (go_on, wait) = std::sync::mpsc::channel::<()>();
    // The store takes nothing until it is told to; should it run this again, it need not be told again.
    let held = world.endpoint().db().write(move |_| {
        wait.recv().ok();
        Ok::<_, StoreError>(())
    });
    let body = |text: &str| json!({"messaging_product": "whatsapp", "to": ana.phone, "type": "text", "text": {"body": text}});
    let first = body("first");
    let mut asked = Box::pin(shop.messages(&world, &first));
    for _ in 0..50 {
        assert!(asked.as_mut().now_or_never().is_none(), "it waits for the store");
        world.count("SELECT count(*) FROM message").await;
    }
    drop(asked);
    drop(go_on);
    held.await.expect("it was held");
    shop.messages(&world, &body("second")).await.expect(200);
    assert_eq!([ana.hears().await.text, ana.hears().await.text], ["first", "second"]);
}

/// R64: a quick customer's receipts come before it is stored that his message was taken. They wait for it: programs are told each step once, in order, each with
/// its price, and `sent` to the inbox, too.
#[tokio::test]
async fn receipts_that_come_before_their_message_is_settled_wait_for_it() {
    let (world, shop) = World::with_shop(546).await;
    let mut ana = Customer::guest(&world, &shop).await;
    ana.says("Good morning").await;
    shop.say(&world, &ana.phone, "first").await;
    ana.hears().await;
    let db = world.endpoint().db().clone();
    world.until_stored("its price", "SELECT count(*) FROM message WHERE price <> '' AND status = 2", |count| count == 1).await;
    let price: Result<String, StoreError> =
        db.read(|tx| tx.query_one("SELECT price FROM message WHERE from_business = 1 AND status = 2", &[], |row| row.get(0))).await;
    let price = price.expect("the store answers");
    // Until further notice nothing is stored that has a price, so not that a message was taken.
    db.fail_writes_by(Some(price.as_bytes()));
    let second = shop.say(&world, &ana.phone, "second").await;
    let heard = ana.hears().await;
    assert_eq!(heard.text, "second");
    ana.reads(heard.id).await;
    world.until_stored("both receipts", "SELECT count(*) FROM early_receipt", |count| count == 2).await;
    let statuses = || {
        let all = world.receiver.taken(&shop.callback).into_iter().flat_map(|one| one.change()["statuses"].as_array().cloned().unwrap_or_default());
        all.filter(|status| status["id"] == second.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(statuses().len(), 0);
    // The business begins anew meanwhile: it knows what waits.
    world.stop_endpoint().await;
    world.start_endpoint().await;
    world.receiver.wait_for(Pace::Slow, "that it was read", || statuses().iter().any(|status| status["status"] == "read").then_some(())).await;
    let words: Vec<String> = statuses().iter().map(|status| status["status"].as_str().expect("a word").to_owned()).collect();
    assert_eq!(words, ["sent", "delivered", "read"]);
    assert_eq!(statuses()[1]["pricing"]["type"], "free_customer_service", "{:?}", statuses());
    assert_eq!(statuses()[1]["pricing"]["category"], "service", "{:?}", statuses());
    assert_eq!(world.count("SELECT count(*) FROM early_receipt").await, 0);
}

/// Zero-downtime upgrade: a node of an older version settles a message and leaves what waits for it; the next start tells it.
#[tokio::test]
async fn a_receipt_that_an_older_node_left_is_told_by_the_next() {
    let (world, shop) = World::with_shop(547).await;
    let mut ana = Customer::guest(&world, &shop).await;
    ana.says("Good morning").await;
    shop.say(&world, &ana.phone, "first").await;
    let (business, message, read) = (shop.id, ana.hears().await.id, i64::from(ReceiptStatus::Read as i32));
    world.until_stored("its delivery", "SELECT count(*) FROM message WHERE from_business = 1 AND status = 2", |count| count == 1).await;
    world.stop_endpoint().await;
    let sql = "INSERT INTO early_receipt (business, message, contact, status, at) VALUES (?1, ?2, ?3, ?4, 1)";
    let left = world.endpoint_store().write(move |tx| tx.execute(sql, &[(&business).into(), (&message).into(), (&Vec::new()).into(), read.into()]));
    let left: Result<u64, StoreError> = left.await;
    left.expect("it is there");
    world.start_endpoint().await;
    world.until_stored("that it was read", "SELECT count(*) FROM message WHERE from_business = 1 AND status = 3", |count| count == 1).await;
    world.until_stored("nothing that waits", "SELECT count(*) FROM early_receipt", |count| count == 0).await;
}
