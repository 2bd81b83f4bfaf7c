//! Usernames: one namespace, and who learns of them (Cloud API, section 3e).
use crate::world::World;
use suki_protocol::{
    calls::username::{FreeUsernames, GetUsername, OwnUsername, RemoveUsername, SetUsername, UsernameChanged},
    pb::RefusalCode,
};

fn named(username: &str) -> OwnUsername {
    OwnUsername { username: Some(username.into()) }
}

fn taking(username: &str) -> SetUsername {
    SetUsername { username: username.into() }
}

#[tokio::test]
async fn a_username_is_one_accounts_alone_and_its_businesses_learn_it() {
    let world = World::new(1501).await;
    let (mut shop, mut ana, _) = world.pair().await;
    assert_eq!(ana.called(&GetUsername {}).await, OwnUsername::default());
    assert_eq!(ana.called(&taking("Ana.Cruz")).await, named("ana.cruz"));
    assert_eq!(ana.called(&taking("ana.cruz")).await, named("ana.cruz"), "the same again is nothing new");
    let told: Vec<UsernameChanged> = shop.notices().await;
    assert_eq!(told, [UsernameChanged { customer: ana.registered.account, username: Some("ana.cruz".into()) }]);
    // Persons and businesses share the names.
    for name in ["ana.cruz", "ANA.CRUZ", "www.ana", "an", "ana.com"] {
        let refused = shop.call_refused(&taking(name), RefusalCode::Rule).await;
        assert_eq!((refused.rule.as_str(), refused.cloud_api_code), ("username", 147_001), "{name}");
    }
    assert_eq!(shop.called(&taking("kape.ni.ana")).await, named("kape.ni.ana"));
    // Another one in its place frees the first.
    assert_eq!(ana.called(&taking("ana_c")).await, named("ana_c"));
    let mut ben = world.guest("kape").await;
    assert_eq!(ben.called(&taking("ana.cruz")).await, named("ana.cruz"));
    assert_eq!(ana.called(&RemoveUsername {}).await, OwnUsername::default());
    assert_eq!(ana.called(&RemoveUsername {}).await, OwnUsername::default());
    let told: Vec<Option<String>> = shop.notices::<UsernameChanged>().await.into_iter().map(|told| told.username).collect();
    assert_eq!(told, [Some("ana_c".into()), None], "who has no conversation with it is none of its business");
    let conversation = ben.open(&shop).await;
    let told: Vec<UsernameChanged> = shop.notices().await;
    assert_eq!(told, [UsernameChanged { customer: ben.registered.account, username: Some("ana.cruz".into()) }], "{conversation}");
}

#[tokio::test]
async fn who_looks_for_one_is_told_which_are_free() {
    let world = World::new(1502).await;
    let (mut shop, mut ana, _) = world.pair().await;
    ana.called(&taking("kape")).await;
    let asked = |names: &[&str]| FreeUsernames { usernames: names.iter().map(|&name| name.to_owned()).collect() };
    let told = shop.called(&asked(&["kape", "Kape.Ni.Ana", "kape.ni.ana", "www.kape", "kape_shop"])).await;
    assert_eq!(told.free, ["kape.ni.ana", "kape_shop"], "none that is taken, none that breaks a rule, each once");
    shop.call_refused(&asked(&["a"; 21]), RefusalCode::Malformed).await;
}
