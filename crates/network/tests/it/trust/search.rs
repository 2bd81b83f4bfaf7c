//! R22: a business is found by the words of its name and by its number.
use super::{Desk, phone};
use crate::world::Device;
use suki_protocol::{
    calls::directory::{FoundBusiness, SearchBusinesses},
    http::Trust,
    pb::{RefusalCode, TrustLevel},
};
use suki_store::StoreError;

async fn find(device: &mut Device, text: &str) -> Vec<FoundBusiness> {
    device.call(&SearchBusinesses { text: text.into(), limit: 10 }).await.expect("an answer").data
}

fn titles(found: &[FoundBusiness]) -> Vec<&str> {
    found.iter().map(|one| one.title.as_str()).collect()
}

/// R22: by the beginning of any word, whatever its case and accents; the best checked first.
#[tokio::test]
async fn a_business_is_found_by_its_words_and_by_its_number() {
    let desk = Desk::new(431).await;
    let mut kape = desk.world.shop("kape").await;
    let sari = desk.world.shop("kapeng-barako").await;
    let mut ana = desk.world.guest("kape").await;
    for text in ["shop", "SHOP k", "Shóp kape", "kap"] {
        assert_eq!(titles(&find(&mut ana, text).await), ["Shop kape", "Shop kapeng-barako"], "{text}");
    }
    assert_eq!(titles(&find(&mut ana, "barako").await), ["Shop kapeng-barako"]);
    assert!(find(&mut ana, "ape").await.is_empty());
    desk.world.network.set_trust(sari.registered.account, TrustLevel::Confirmed, "Known for years").await.expect("it is known");
    let found = find(&mut ana, "kap").await;
    assert_eq!((titles(&found), found[0].level), (vec!["Shop kapeng-barako", "Shop kape"], Trust::Confirmed));
    desk.prove(&mut kape, &phone("+63281234567")).await.expect("it is proven");
    assert_eq!(titles(&find(&mut ana, "+63 2 8123 4567").await), ["Shop kape"]);
    assert!(find(&mut ana, "+63281234568").await.is_empty());
    assert_eq!(kape.call(&SearchBusinesses { text: "kape".into(), limit: 10 }).await.expect_err("a business").code(), RefusalCode::Forbidden);
    for (text, limit) in [("k", 10), ("", 10), ("kape", 0), ("kape", 51), (&"x".repeat(101), 10)] {
        let refused = ana.call(&SearchBusinesses { text: text.into(), limit }).await.expect_err("it is bad");
        assert_eq!(refused.code(), RefusalCode::Malformed, "{text}");
    }
}

/// R9, R22, R107: who blocked a business does not find it, and nobody finds a banned one or one whose name did not pass.
#[tokio::test]
async fn blocked_banned_and_unnamed_businesses_are_not_found() {
    let desk = Desk::new(432).await;
    let kape = desk.world.shop("kape").await;
    let (mut ana, mut ben) = (desk.world.guest("kape").await, desk.world.guest("kape").await);
    let (shop, person) = (kape.registered.account, ana.registered.account);
    let blocked = desk.world.db.write(move |tx| {
        let sql = "INSERT INTO relation (business, customer, blocked_at) VALUES (?1, ?2, 1)";
        tx.execute(sql, &[(&shop).into(), (&person).into()])
    });
    blocked.await.map_err(|error: StoreError| error).expect("it is stored");
    assert!(find(&mut ana, "kape").await.is_empty());
    assert_eq!(find(&mut ben, "kape").await.len(), 1);
    for (sql, seen) in [
        ("UPDATE standing SET banned_until = 9000000000000000 WHERE business = ?1", 0),
        ("UPDATE standing SET banned_until = 0, name_state = 2 WHERE business = ?1", 0),
        ("UPDATE standing SET name_state = 1 WHERE business = ?1", 1),
    ] {
        let written = desk.world.db.write(move |tx| tx.execute(sql, &[(&shop).into()]));
        written.await.map_err(|error: StoreError| error).expect("it is stored");
        assert_eq!(find(&mut ben, "kape").await.len(), seen, "{sql}");
    }
}

/// Nobody reads the directory out: twenty searches a minute, and the refusal says when the next is free.
#[tokio::test]
async fn searching_is_limited() {
    let desk = Desk::new(433).await;
    desk.world.shop("kape").await;
    let mut ana = desk.world.guest("kape").await;
    for _ in 0..20 {
        find(&mut ana, "kape").await;
    }
    let refused = ana.call(&SearchBusinesses { text: "kape".into(), limit: 10 }).await.expect_err("too many");
    assert_eq!((refused.code(), refused.retry_at), (RefusalCode::RateLimited, desk.world.env.now().plus_millis(3000).millis()));
    let mut ben = desk.world.guest("kape").await;
    find(&mut ben, "kape").await;
    desk.world.advance(3000);
    find(&mut ana, "kape").await;
}
