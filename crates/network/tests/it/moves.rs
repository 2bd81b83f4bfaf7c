//! A person moves to another number (Cloud API, section 3c: `user_changed_number`; R24).
use crate::world::World;
use suki_protocol::{
    calls::phone::{Move, PhoneChanged, RequestMove},
    http::CodeChannel,
    pb::RefusalCode,
};
use suki_types::Phone;

fn to(phone: &Phone, code: &str) -> Move {
    Move { phone: phone.clone(), code: code.into() }
}

#[tokio::test]
async fn who_moves_stays_who_he_is_and_his_businesses_are_told() {
    let world = World::new(1511).await;
    let (mut shop, mut ana, _) = world.pair().await;
    let mut ben = world.guest("kape").await;
    let number = Phone::test(8_000_001);
    for _ in 0..2 {
        ana.called(&to(&number, "")).await;
    }
    let told: Vec<PhoneChanged> = shop.notices().await;
    assert_eq!(told, [PhoneChanged { customer: ana.registered.account, phone: number.clone(), moves: 1 }], "the same again is nothing new");
    ben.call_refused(&to(&number, ""), RefusalCode::Conflict).await;
    shop.call_refused(&to(&Phone::test(8_000_002), ""), RefusalCode::Forbidden).await;
    // The number before is anybody's; who talks with no business has nobody to tell.
    let former = ana.registered.phone.clone().expect("a guest has a number for tests");
    ben.called(&to(&former, "")).await;
    assert!(shop.notices::<PhoneChanged>().await.is_empty());
}

#[tokio::test]
async fn a_number_of_the_world_has_to_be_proven() {
    let world = World::new(1512).await;
    let (_, mut ana, _) = world.pair().await;
    let number: Phone = "+639171234567".parse().expect("a number");
    ana.call_refused(&to(&number, "123456"), RefusalCode::Forbidden).await;
    let asked = RequestMove { phone: number, channel: CodeChannel::Sms };
    ana.call_refused(&asked, RefusalCode::Unavailable).await;
}
