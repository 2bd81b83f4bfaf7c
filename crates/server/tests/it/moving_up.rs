//! Past one machine: a shop that has outgrown its file goes on in a database, and nobody who talks to it notices (issue "Past one machine", "Moving up").
use crate::media::{pdf, uploaded};
use axum::http::Method;
use serde_json::{Value, json};
use suki_server::storage::Plane;
use suki_store::{
    Db, Migration, SqliteOptions, StoreError,
    testing::{self, Place},
    transfer::{self, Moved, TransferError},
};
use suki_testkit::{Customer, Mode, Pace, Shop, World, wait::until};

fn migrations(plane: Plane) -> Vec<Migration> {
    match plane {
        Plane::Network => suki_network::migrations(),
        Plane::Endpoint => suki_endpoint::MIGRATIONS.to_vec(),
    }
}

/// A place of the test's as a move names it.
fn place(place: &Place) -> transfer::Place {
    match place {
        Place::Sqlite(path) => transfer::Place::Sqlite(path.clone()),
        Place::Postgres(options) => {
            transfer::Place::Postgres { url: testing::postgres_url().to_owned(), schema: options.schema.clone().expect("its own schema") }
        }
    }
}

fn moved(plane: Plane, from: &Place, to: &Place) -> Result<Moved, TransferError> {
    transfer::run(&place(from), &place(to), &migrations(plane), &mut |_| ())
}

/// Every table of both planes is carried, or said to be left: a new table that differs between the engines, or that its migration fills, fails here.
#[test]
fn no_table_is_forgotten() {
    let folder = tempfile::tempdir().expect("a folder");
    for (plane, least) in [(Plane::Network, 60), (Plane::Endpoint, 40)] {
        let fresh = Place::Sqlite(folder.path().join(plane.file_name()));
        let db = fresh.open();
        db.migrate(&migrations(plane)).expect("the migrations apply");
        drop(db);
        let there = Place::Postgres(testing::postgres_options());
        let empty = moved(plane, &fresh, &there).expect("nothing differs that is not described");
        assert!(empty.tables >= least && empty.sum.rows == 0, "{empty:?}");
        let back = Place::Sqlite(folder.path().join(format!("back-{}", plane.file_name())));
        assert_eq!(moved(plane, &there, &back).expect("nor on the way back"), empty);
    }
}

/// What programs are told of what was: it is the same after the move.
async fn told(world: &World, shop: &Shop) -> Vec<Value> {
    let now = world.env.now().seconds();
    let waba = &shop.waba_id;
    let mut all = Vec::new();
    for path in [
        format!("{waba}/message_templates"),
        format!("{waba}/pricing_analytics?start={}&end={}&granularity=DAILY&dimensions=PRICING_CATEGORY", now - 86_400, now + 86_400),
        format!("{}/whatsapp_business_profile", shop.phone_number_id),
        format!("{waba}?fields=id,name"),
    ] {
        all.push(shop.graph(world, Method::GET, &format!("/v23.0/{path}"), None).await.expect(200));
    }
    all
}

/// A template, a file, a text, a choice and a price; an entry that waits in a log, a webhook that waits for its receiver.
async fn busy(world: &World, shop: &Shop, ana: &mut Customer, content: &[u8]) {
    ana.says("May kape pa ba?").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    let template = json!({"name": "thanks", "language": "en_US", "category": "UTILITY", "components": [
        {"type": "BODY", "text": "Your order is on its way to you."},
    ]});
    shop.graph(world, Method::POST, &format!("/v23.0/{}/message_templates", shop.waba_id), Some(&template)).await.expect(200);
    let id = uploaded(world, shop, "menu.pdf", "application/pdf", content).await;
    for (kind, what) in [
        ("template", json!({"name": "thanks", "language": {"code": "en_US"}})),
        ("document", json!({"id": id, "filename": "menu.pdf"})),
        ("text", json!({"body": "Meron pa."})),
    ] {
        let send = json!({"messaging_product": "whatsapp", "to": ana.phone, "type": kind, kind: what});
        shop.messages(world, &send).await.expect(200);
        let heard = ana.hears().await;
        if kind == "document" {
            assert!(ana.fetches(world, &heard).await == content);
        }
    }
    ana.client.stop(shop.id, true).await.expect("it is set");
    until(&world.env, "the last delivery is counted", || async {
        let all = told(world, shop).await;
        let points = all[1]["data"][0]["data_points"].as_array().cloned().unwrap_or_default();
        (points.iter().filter_map(|point| point["volume"].as_i64()).sum::<i64>() == 3).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_world_that_moves_goes_on() {
    let (mut world, shop) = World::with_shop(1401).await;
    let mut ana = Customer::named(&world, &shop, "Ana").await;
    let mut ben = Customer::named(&world, &shop, "Ben").await;
    let content = pdf(200_000);
    busy(&world, &shop, &mut ana, &content).await;
    let browser = shop.owner(&world).await;
    let before = told(&world, &shop).await;
    // A receiver that is down: what it was to be told waits in the store.
    world.receiver.set(&shop.callback, Mode::Answers(503));
    ben.says("Bukas kayo bukas?").await;
    shop.sees(&world, &browser, &ben.chat.to_string(), "Bukas kayo bukas?").await;
    world.stop_endpoint().await;
    ana.says("Salamat!").await;
    world
        .go_on_in(|plane, from| {
            let to = Place::Postgres(testing::postgres_options());
            let moved = moved(plane, &from, &to).unwrap_or_else(|error| panic!("{error}"));
            assert!(moved.sum.rows > 20, "{moved:?}");
            to
        })
        .await;
    let after = told(&world, &shop).await;
    assert_eq!(after, before);
    // Sessions, groups and logs are as they were: what waited comes, and both go on in the same conversations.
    shop.sees(&world, &browser, &ana.chat.to_string(), "Salamat!").await;
    world.receiver.set(&shop.callback, Mode::Takes);
    let told = |text: &'static str| {
        let (world, shop) = (&world, &shop);
        async move {
            let came = || world.receiver.taken(&shop.callback).iter().any(|one| one.json().to_string().contains(text)).then_some(());
            world.receiver.wait_for(Pace::Slow, "what waited", came).await;
        }
    };
    told("Bukas kayo bukas?").await;
    told("Salamat!").await;
    for (customer, text) in [(&mut ana, "Walang anuman."), (&mut ben, "Opo.")] {
        let send = json!({"messaging_product": "whatsapp", "to": customer.phone, "type": "text", "text": {"body": text}});
        shop.messages(&world, &send).await.expect(200);
        assert_eq!(customer.hears().await.text, text);
        let answer = format!("{text} Salamat po.");
        customer.says(&answer).await;
        shop.sees(&world, &browser, &customer.chat.to_string(), &answer).await;
    }
    let relation = ana.client.relation(shop.id).await.expect("it is known");
    assert!(relation.stopped_at.is_some(), "what he chose came along");
    // Once each, in order.
    let said: Vec<String> = ana.texts().await;
    assert_eq!(said.iter().filter(|text| *text == "Walang anuman.").count(), 1);
}

/// A server does not begin on half of the data.
#[tokio::test]
async fn a_store_whose_move_is_not_over_is_not_opened() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(Plane::Network.file_name());
    let storage =
        suki_server::storage::Storage { data: folder.path().to_owned(), database: None, database_writers: 1, database_readers: 1, keys: None };
    storage.open(Plane::Network).await.expect("a fresh store opens");
    let db = Db::open_sqlite(&path, SqliteOptions::default()).expect("it opens");
    let begun: Result<u64, StoreError> = db
        .write(|tx| {
            tx.execute("CREATE TABLE suki_transfer (name TEXT NOT NULL PRIMARY KEY, place BLOB NOT NULL, copied INTEGER NOT NULL) STRICT", &[])
        })
        .await;
    begun.expect("a move has begun");
    drop(db);
    let refused = storage.open(Plane::Network).await.err().expect("it is refused").to_string();
    assert!(refused.contains("suki migrate-store"), "{refused}");
}
