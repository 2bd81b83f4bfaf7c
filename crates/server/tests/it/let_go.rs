//! A world that is dropped keeps nothing: many of them come and go within one process, and a server of PostgreSQL has places for few hundred connections.
use suki_store::{StoreError, testing};
use suki_testkit::{Customer, Pace, Shop, World, wait::until};

#[tokio::test]
async fn nothing_of_a_dropped_world_stays_connected() {
    let world = World::shared(1_601).await;
    let shop = Shop::open(&world, "kape").await;
    let mut ana = Customer::named(&world, &shop, "Ana").await;
    ana.says("May kape pa ba?").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    shop.say(&world, &ana.phone, "Meron pa").await;
    ana.hears().await;
    world.add_node().await;
    let (env, schemas) = (world.env.clone(), world.schemas());
    let looking = testing::postgres();
    let connected = || {
        let (looking, schemas) = (looking.clone(), schemas.clone());
        async move {
            let sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = ?1";
            let count =
                looking.read(move |tx| schemas.iter().map(|schema| tx.query_one::<i64>(sql, &[schema.as_str().into()], |row| row.get(0))).sum());
            let count: Result<i64, StoreError> = count.await;
            count.expect("the server answers")
        }
    };
    assert!(connected().await >= 4, "two nodes that each read and write");
    drop((ana, shop, world));
    until(&env, "the end of its connections", || async { (connected().await == 0).then_some(()) }).await;
}
