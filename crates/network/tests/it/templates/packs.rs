//! Packs (R79 to R82): approved texts, signed, for those who talk with the business.
use super::{READY, draft};
use crate::world::{DAY, Device, World};
use suki_protocol::{
    calls::templates::{Delete, GetPack, ListPacks, PackSerial, SignedPack},
    pb::{self, RefusalCode},
    template::{Fallback, Pack, PackError, open},
};

fn pack(business: &Device, name: &str) -> GetPack {
    GetPack { business: business.registered.account, name: name.into(), languages: vec![] }
}

fn opened(world: &World, shop: &Device, signed: &SignedPack) -> Pack {
    open(&world.network.public_key(), shop.registered.account, "order", signed).expect("the network signed it")
}

/// Language and version of every text.
fn texts(pack: &Pack) -> Vec<(&str, u64)> {
    pack.languages.iter().map(|text| (text.language.as_str(), text.version)).collect()
}

#[tokio::test]
async fn a_customer_gets_all_languages_signed() {
    let world = World::new(340).await;
    let (mut shop, mut ana, _) = world.pair().await;
    let english = shop.proposed(draft("order", "en_US", READY)).await;
    shop.proposed(draft("order", "fil", "Kumusta {{1}}, handa na ang order mo.")).await;
    shop.proposed(draft("order", "pl", "We have cannabis {{1}} again today.")).await;
    let signed = ana.call(&pack(&shop, "order")).await.expect("she has a conversation with the shop");
    let pack = opened(&world, &shop, &signed);
    assert_eq!(texts(&pack), [("en_US", 1), ("fil", 1)], "what was rejected is in no pack");
    assert_eq!((pack.refresh_millis, pack.retry_millis, pack.fallback), (31 * DAY, 5 * 60_000, Fallback::Sender), "R81, R82");
    let text = pack.exact(english.id, 1).expect("it is there");
    assert!(!serde_json::to_string(text).expect("JSON").contains("example"), "examples are for those who review");
    assert_eq!(pack.for_reader(text, "fil-PH").map(|text| text.language.as_str()), Some("fil"));
    let mut changed = signed.clone();
    let last = changed.body.0.len() - 1;
    changed.body.0[last] = b' ';
    assert_eq!(open(&world.network.public_key(), shop.registered.account, "order", &changed), Err(PackError::Forged));
    let only = GetPack { languages: vec!["FIL".into()], ..super::packs::pack(&shop, "order") };
    assert_eq!(texts(&opened(&world, &shop, &ana.call(&only).await.expect("a pack"))), [("fil", 1)]);
}

#[tokio::test]
async fn its_serial_grows_with_every_change_and_older_texts_stay_for_a_while() {
    let world = World::new(341).await;
    let (mut shop, mut ana, _) = world.pair().await;
    let made = shop.proposed(draft("order", "en", READY)).await;
    let list = ListPacks { business: shop.registered.account, after: String::new() };
    let serial = |packs: suki_protocol::calls::templates::Packs| packs.packs.first().map(|pack| pack.serial);
    assert_eq!(ana.call(&list).await.expect("a page").packs, [PackSerial { name: "order".into(), serial: 1 }]);
    shop.rewrite(made.id, "Hi {{1}}, your order is ready.").await.expect("it is edited");
    assert_eq!(serial(ana.call(&list).await.expect("a page")), Some(2));
    let now = opened(&world, &shop, &ana.call(&pack(&shop, "order")).await.expect("a pack"));
    assert_eq!((texts(&now), now.serial), (vec![("en", 2), ("en", 1)], 2));
    shop.call(&Delete { name: "order".into(), id: None }).await.expect("it goes");
    let now = opened(&world, &shop, &ana.call(&pack(&shop, "order")).await.expect("a message of it may be under way"));
    assert_eq!((now.languages.len(), now.serial), (2, 3));
    world.advance(61 * DAY + 1);
    world.network.run_jobs(world.env.now()).await.expect("the jobs run");
    ana.reconnect(&world).await;
    let now = opened(&world, &shop, &ana.call(&pack(&shop, "order")).await.expect("an empty one"));
    assert_eq!((now.languages.len(), now.serial), (0, 3));
}

#[tokio::test]
async fn packs_are_for_those_who_talk_with_the_business() {
    let world = World::new(342).await;
    let (mut shop, mut ana, _) = world.pair().await;
    let mut other = world.shop("tinapay").await;
    let mut ben = world.guest("tinapay").await;
    shop.proposed(draft("order", "en", READY)).await;
    for stranger in [&mut other, &mut ben] {
        assert_eq!(stranger.call(&pack(&shop, "order")).await.expect_err("a stranger").code(), RefusalCode::Forbidden);
        let list = ListPacks { business: shop.registered.account, after: String::new() };
        assert_eq!(stranger.call(&list).await.expect_err("a stranger").code(), RefusalCode::Forbidden);
    }
    assert!(shop.call(&pack(&shop, "order")).await.is_ok(), "its own");
    let unknown: pb::Refused = ana.call(&pack(&shop, "nothing")).await.expect_err("no such pack");
    assert_eq!(unknown.code(), RefusalCode::Unknown);
    let many = GetPack { languages: vec!["en".into(); 21], ..pack(&shop, "order") };
    assert_eq!(ana.call(&many).await.expect_err("too many").code(), RefusalCode::Malformed);
}
