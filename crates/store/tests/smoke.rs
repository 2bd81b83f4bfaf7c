//! The way from a unit to the disk and back.
use suki_store::{Db, SqliteOptions, StoreError, log};
use suki_types::{ConversationId, DeviceId, Env};

#[tokio::test(flavor = "current_thread")]
async fn what_was_acknowledged_is_there_after_reopening() -> Result<(), StoreError> {
    let (folder, db) = suki_store::testing::sqlite();
    db.migrate(&[log::MIGRATION])?;
    let env = Env::for_tests(1);
    let (device, conversation, at) = (DeviceId::new(&env), ConversationId::new(&env), env.now());
    let entry = move |tx: &mut suki_store::Tx<'_>| {
        log::append(tx, &[log::NewEntry { device, at, kind: 1, conversation, message_id: b"m", from_device: None, payload: b"p" }])
    };
    assert_eq!(db.write(entry).await?, [1]);
    assert_eq!(db.write(entry).await?, [2]);
    assert_eq!(db.write(move |tx| log::acknowledge(tx, device, 1)).await?, log::Acknowledged { was: 0, now: 1 });
    assert_eq!(db.write(move |tx| log::acknowledge(tx, device, 3)).await, Err(StoreError::OutOfRange));
    drop(db);
    let db = Db::open_sqlite(&folder.path().join("test.sqlite"), SqliteOptions::default())?;
    assert_eq!(db.read(move |tx| log::mailbox(tx, device)).await?, Some(log::Mailbox { last: 2, acked: 1 }));
    assert_eq!(db.write(|tx| log::purge_acknowledged(tx, 10)).await?, 1);
    let left = db.read(move |tx| log::fetch(tx, device, 0, 10)).await?;
    assert_eq!(left.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [2]);
    Ok(())
}
