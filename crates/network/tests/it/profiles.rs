//! What businesses say of themselves (R30, R31, R32, R36; Cloud API, section 3e).
use crate::world::World;
use suki_protocol::{
    calls::{
        conversation::ConversationEntered,
        profile::{GetProfile, Profile, SetPicture, SetProfile},
    },
    http::Base64,
    pb::RefusalCode,
};

#[tokio::test]
async fn a_profile_is_bounded_and_anybody_may_read_it() {
    let world = World::new(1521).await;
    let (mut shop, mut ana, _) = world.pair().await;
    let business = shop.registered.account;
    let said = Profile { about: "Open till ten".into(), address: "12 Mabini St".into(), prompts: vec!["Open?".into()], ..Profile::default() };
    shop.called(&SetProfile { profile: said.clone() }).await;
    let shown = ana.called(&GetProfile { business }).await;
    assert_eq!((shown.profile, shown.picture.as_str(), shown.username), (said.clone(), "", None));
    ana.call_refused(&GetProfile { business: ana.registered.account }, RefusalCode::Unknown).await;
    ana.call_refused(&SetProfile { profile: said.clone() }, RefusalCode::Forbidden).await;
    for wrong in [
        Profile { about: "x".repeat(140), ..Profile::default() },
        Profile { description: "x".repeat(513), ..Profile::default() },
        Profile { websites: vec!["https://kape.example".into(); 3], ..Profile::default() },
        Profile { prompts: vec!["x".repeat(81)], ..Profile::default() },
    ] {
        let refused = shop.call_refused(&SetProfile { profile: wrong }, RefusalCode::Rule).await;
        assert_eq!((refused.rule.as_str(), refused.cloud_api_code), ("profile", 100));
    }
    assert_eq!(ana.called(&GetProfile { business }).await.profile, said, "what was refused changed nothing");
}

#[tokio::test]
async fn a_picture_is_a_small_jpeg_under_a_name_of_its_own() {
    let world = World::new(1522).await;
    let (mut shop, _, _) = world.pair().await;
    let business = shop.registered.account;
    let picture = |bytes: &[u8]| SetPicture { jpeg: Base64(bytes.to_vec()) };
    let jpeg = [0xff, 0xd8, 0xff, 0xe0, 1];
    shop.called(&picture(&jpeg)).await;
    let name = shop.called(&GetProfile { business }).await.picture;
    assert_eq!(world.network.business_picture(business, name.clone()).await.expect("the store answers"), Some(jpeg.to_vec()));
    shop.call_refused(&picture(b"GIF89a"), RefusalCode::Malformed).await;
    let refused = shop.call_refused(&picture(&[0xff; 65_537]), RefusalCode::Rule).await;
    assert_eq!(refused.cloud_api_code, 100);
    shop.called(&picture(&[])).await;
    assert_eq!(world.network.business_picture(business, name).await.expect("the store answers"), None);
}

/// Section 3c `request_welcome`: told once, of those who come by themselves, and the window is open.
#[tokio::test]
async fn who_opens_the_chat_of_a_business_that_greets_opens_its_window() {
    let world = World::new(1523).await;
    let (mut shop, _, _) = world.pair().await;
    shop.called(&SetProfile { profile: Profile { greets: true, ..Profile::default() } }).await;
    let mut ben = world.guest("kape").await;
    for _ in 0..2 {
        ben.open(&shop).await;
    }
    let told: Vec<ConversationEntered> = shop.notices().await;
    assert_eq!(told, [ConversationEntered { customer: ben.registered.account }]);
}
