//! Sealed files: announced, stored as announced, within a day's allowance, found by their name alone, and deleted in time (issue "Media"; design, "Two planes").
use crate::world::{DAY, Device, World};
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use suki_network::{
    Network,
    blobs::{BlobError, Upload},
};
use suki_protocol::{
    calls::blob::{BeginBlob, BlobTicket},
    pb::RefusalCode,
};
use suki_rules::Policy;
use suki_store::{StoreError, blobs::BlobName};

fn name(ticket: &BlobTicket) -> BlobName {
    BlobName::try_from(&ticket.blob.0[..]).expect("32 bytes")
}

async fn begin(device: &mut Device, bytes: u64) -> BlobTicket {
    device.called(&BeginBlob { bytes }).await
}

async fn put(network: &Network, ticket: &BlobTicket, content: &[u8]) -> Result<(), BlobError> {
    match network.begin_upload(name(ticket), &ticket.token, None).await? {
        Upload::Stored => Ok(()),
        Upload::Expected(mut incoming) => {
            for piece in content.chunks(7) {
                incoming.push(Bytes::copy_from_slice(piece)).await?;
            }
            incoming.finish().await
        }
    }
}

async fn get(network: &Network, blob: &BlobName) -> Option<Vec<u8>> {
    let pieces: Vec<Bytes> = network.read_blob(blob, None).await.expect("it can be read")?.try_collect().await.expect("all of it");
    Some(pieces.concat())
}

async fn count(world: &World, sql: &'static str) -> i64 {
    let found: Result<i64, StoreError> = world.db.read(move |tx| tx.query_one(sql, &[], |row| row.get(0))).await;
    found.expect("the store answers")
}

#[tokio::test]
async fn what_was_announced_is_stored_and_nothing_else() {
    let world = World::new(301).await;
    let (_, mut ana, _) = world.pair().await;
    let content = b"sealed bytes of a picture";
    let ticket = begin(&mut ana, content.len() as u64).await;
    assert_eq!(get(&world.network, &name(&ticket)).await, None);
    let refused = [&content[..5], &[content.as_slice(), b"!"].concat()];
    for wrong in refused {
        assert!(matches!(put(&world.network, &ticket, wrong).await, Err(BlobError::Length { announced: 25, .. })));
        assert_eq!(get(&world.network, &name(&ticket)).await, None, "nothing half is left");
    }
    let other = BlobTicket { token: "another".into(), ..ticket.clone() };
    assert!(matches!(put(&world.network, &other, content).await, Err(BlobError::NoTicket)));
    assert!(matches!(world.network.begin_upload(name(&ticket), &ticket.token, Some(26)).await, Err(BlobError::Length { came: 26, .. })));
    put(&world.network, &ticket, content).await.expect("it is stored");
    assert_eq!(get(&world.network, &name(&ticket)).await.as_deref(), Some(&content[..]));
    // The answer was lost, and the device tries again.
    put(&world.network, &ticket, b"").await.expect("it is there already");
    assert_eq!(get(&world.network, &name(&ticket)).await.as_deref(), Some(&content[..]));
    assert_eq!(world.network.blob_bytes(&[7; 32]).await.expect("an answer"), None);
}

#[tokio::test]
async fn size_and_daily_allowance_come_from_the_policy() {
    let mut policy = Policy::shipped("meta-2026").expect("it is shipped");
    policy.media.carried_bytes = 1000;
    policy.media.person_bytes_per_day = 1500;
    policy.media.business_bytes_per_day = 5000;
    let world = World::under(302, policy).await;
    let (mut shop, mut ana, _) = world.pair().await;
    let mut ben = world.guest("kape").await;
    for bytes in [0, 1001, u64::MAX] {
        let refused = ana.call_refused(&BeginBlob { bytes }, RefusalCode::TooLarge).await;
        assert!(refused.message.contains("1 to 1000 are allowed"), "{}", refused.message);
    }
    begin(&mut ana, 1000).await;
    begin(&mut ana, 500).await;
    let refused = ana.call_refused(&BeginBlob { bytes: 1 }, RefusalCode::RateLimited).await;
    assert!(refused.message.contains("1500 are allowed") && refused.retry_at > world.env.now().millis(), "{}", refused.message);
    begin(&mut ben, 1000).await;
    for _ in 0..5 {
        begin(&mut shop, 1000).await;
    }
    shop.call_refused(&BeginBlob { bytes: 1 }, RefusalCode::RateLimited).await;
    world.advance(DAY - 3_600_000);
    ana.reconnect(&world).await;
    ana.call_refused(&BeginBlob { bytes: 1 }, RefusalCode::RateLimited).await;
    world.advance(3_600_000);
    ana.reconnect(&world).await;
    begin(&mut ana, 1000).await;
}

#[tokio::test]
async fn tickets_and_files_end_by_the_clock() {
    let world = World::new(303).await;
    let (_, mut ana, _) = world.pair().await;
    let (kept, late) = (begin(&mut ana, 4).await, begin(&mut ana, 4).await);
    put(&world.network, &kept, b"kept").await.expect("it is stored");
    let within = late.expires_at.since(world.env.now());
    let Ok(Upload::Expected(mut under_way)) = world.network.begin_upload(name(&late), &late.token, None).await else { panic!("it is expected") };
    world.advance(within);
    assert!(matches!(put(&world.network, &late, b"late").await, Err(BlobError::NoTicket)));
    under_way.push(Bytes::from_static(b"late")).await.expect("it is taken");
    assert!(matches!(under_way.finish().await, Err(BlobError::NoTicket)));
    assert_eq!(get(&world.network, &name(&late)).await, None);
    world.advance(3_600_000);
    world.network.run_jobs(world.env.now()).await.expect("the jobs run");
    assert_eq!((count(&world, "SELECT count(*) FROM blob").await, get(&world.network, &name(&kept)).await.is_some()), (1, true));
    world.advance(kept.kept_until.since(world.env.now()) + 3_600_001);
    world.network.run_jobs(world.env.now()).await.expect("the jobs run");
    assert_eq!((count(&world, "SELECT count(*) FROM blob").await, get(&world.network, &name(&kept)).await), (0, None));
    assert_eq!(count(&world, "SELECT count(*) FROM blob_use").await, 0);
}
