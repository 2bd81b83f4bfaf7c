//! R46: the platform's own account announces, and every business it is for has it once.
use super::{Desk, phone};
use crate::world::Device;
use suki_network::trust::{Audience, NewAnnouncement};
use suki_protocol::{
    calls::announcement::{Announcement, ListAnnouncements},
    http::Trust,
    pb::{RefusalCode, TrustLevel},
};
use suki_rules::trust::Level;

fn new(audience: Audience, title: &str) -> NewAnnouncement {
    NewAnnouncement { audience, title: title.into(), body: "From Monday on.".into() }
}

async fn listed(shop: &mut Device, before: Option<u64>, limit: u32) -> (Vec<String>, bool) {
    let page = shop.call(&ListAnnouncements { before, limit }).await.expect("an answer");
    (page.data.into_iter().map(|one| one.title).collect(), page.more)
}

/// R46: to all, to a country, to a level; listed, told once, from a confirmed account.
#[tokio::test]
async fn an_announcement_reaches_whom_it_is_for() {
    let desk = Desk::new(441).await;
    let mut kape = desk.world.shop("kape").await;
    let mut sari = desk.world.shop("sari").await;
    desk.prove(&mut kape, &phone("+63281234567")).await.expect("it is proven");
    desk.world.network.set_trust(sari.registered.account, TrustLevel::Confirmed, "Known for years").await.expect("it is known");
    let by = desk.admin.id;
    for (audience, title) in [
        (Audience::All, "New terms"),
        (Audience::Country("PH".parse().expect("a country")), "Holiday in the Philippines"),
        (Audience::Level(Level::Confirmed), "For confirmed accounts"),
    ] {
        desk.world.network.announce(by, new(audience, title)).await.expect("it is announced");
    }
    let told: Vec<Announcement> = kape.notices().await;
    assert_eq!(told.iter().map(|one| one.title.as_str()).collect::<Vec<_>>(), ["New terms", "Holiday in the Philippines"]);
    assert_eq!((told[0].from.as_str(), told[0].level, &told[0].labels[..]), ("Suki", Trust::Confirmed, &["official".to_owned()][..]));
    let told: Vec<Announcement> = sari.notices().await;
    assert_eq!(told.iter().map(|one| one.title.as_str()).collect::<Vec<_>>(), ["New terms", "For confirmed accounts"]);
    // The jobs have nothing left to do.
    desk.world.network.run_jobs(desk.world.env.now()).await.expect("the jobs run");
    assert!(kape.notices::<Announcement>().await.is_empty());
    assert_eq!(listed(&mut kape, None, 1).await, (vec!["Holiday in the Philippines".into()], true));
    assert_eq!(listed(&mut kape, Some(2), 1).await, (vec!["New terms".into()], false));
    let all = desk.world.network.announcements(None, 50).await.expect("the store answers");
    let shown: Vec<_> = all.iter().map(|one| (one.audience.as_str(), one.delivered)).collect();
    assert_eq!(shown, [("confirmed", true), ("PH", true), ("all", true)]);
    let mut ana = desk.world.guest("kape").await;
    assert_eq!(ana.call(&ListAnnouncements { before: None, limit: 1 }).await.expect_err("a person").code(), RefusalCode::Forbidden);
    for (title, body) in [("", "x"), ("x", " "), (&"x".repeat(121)[..], "x"), ("x", &"x".repeat(4097))] {
        let bad = NewAnnouncement { audience: Audience::All, title: title.into(), body: body.into() };
        assert!(desk.world.network.announce(by, bad).await.is_err());
    }
}

/// R46: nobody answers the platform's account: it has no conversations.
#[tokio::test]
async fn the_platforms_account_cannot_be_written_to() {
    let desk = Desk::new(442).await;
    desk.world.shop("kape").await;
    let mut ana = desk.world.guest("kape").await;
    let platform = desk.world.network.system_account();
    let open = suki_protocol::pb::client_frame::Body::OpenConversation(suki_protocol::pb::OpenConversation { business: platform.to_vec() });
    ana.refused_as(open, RefusalCode::Unknown).await;
}
