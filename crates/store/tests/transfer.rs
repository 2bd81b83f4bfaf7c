//! A store goes from one engine to the other as a whole, or not at all (issue "Past one machine", "Moving up").
#![allow(clippy::unwrap_used, reason = "a test, its helpers included")]
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};
use suki_store::{
    Db, Migration, SqliteOptions, StoreError, Value,
    log::{self, NewEntry},
    testing::{self, postgres_options, postgres_url},
    transfer::{self, End, Moved, Phase, Place, TransferError},
};
use suki_types::{ConversationId, DeviceId, Timestamp};

/// How many rows `thing` has: more than one page.
const THINGS: i64 = 1200;

fn migrations() -> Vec<Migration> {
    let mut all = log::migrations();
    let version = all.len() as u32 + 1;
    let sql = "CREATE TABLE thing (owner BLOB NOT NULL, name TEXT NOT NULL, n INTEGER, b BLOB, PRIMARY KEY (owner, name)) STRICT;
               CREATE TABLE note (id INTEGER NOT NULL PRIMARY KEY, said TEXT NOT NULL) STRICT;";
    all.push(Migration { version, name: "things", sql });
    all
}

fn wait<R>(answer: impl Future<Output = Result<R, StoreError>>) -> R {
    testing::wait(answer).unwrap()
}

fn open(place: &Place) -> Db {
    match place {
        Place::Sqlite(path) => Db::open_sqlite(path, SqliteOptions::default()),
        Place::Postgres { url, schema } => {
            Db::open_postgres(url, suki_store::PostgresOptions { readers: 1, schema: Some(schema.clone()), ..Default::default() })
        }
    }
    .unwrap()
}

fn file(folder: &Path, name: &str) -> Place {
    Place::Sqlite(folder.join(name))
}

fn server() -> Place {
    Place::Postgres { url: postgres_url().to_owned(), schema: postgres_options().schema.unwrap() }
}

fn device(n: u8) -> DeviceId {
    DeviceId::try_from(&[n; 16][..]).unwrap()
}

/// A store with rows of every type, and devices that have not fetched everything.
fn filled(place: &Place) {
    let db = open(place);
    db.migrate(&migrations()).unwrap();
    wait(db.write(|tx| {
        for n in 0..THINGS {
            let (owner, name) = (vec![(n % 7) as u8; 16], format!("Größe {n:05} ''\"ñ"));
            let bytes = vec![n as u8; (n % 90) as usize];
            let (number, blob) = if n % 5 == 0 { (Value::Null, Value::Null) } else { ((n * 1_000_000_007 - 5).into(), (&bytes).into()) };
            tx.execute("INSERT INTO thing (owner, name, n, b) VALUES (?1, ?2, ?3, ?4)", &[(&owner).into(), (&name).into(), number, blob])?;
        }
        tx.execute("INSERT INTO note (id, said) VALUES (?1, ?2)", &[i64::MAX.into(), "".into()])?;
        let conversation = ConversationId::try_from(&[9; 16][..]).unwrap();
        for n in 0..30_u8 {
            let from = (n % 2 == 0).then(|| device(200));
            let at = Timestamp::from_millis(1000 + i64::from(n));
            let entry = NewEntry { device: device(n % 3), at, kind: n.into(), conversation, message_id: &[n], from_device: from, payload: &[n; 40] };
            log::append(tx, &[entry])?;
        }
        Ok(())
    }));
    wait(db.write(|tx| log::acknowledge(tx, device(1), 4)));
}

fn moved(from: &Place, to: &Place) -> Result<Moved, TransferError> {
    transfer::run(from, to, &migrations(), &mut |_| ())
}

/// What a device has still to fetch, and how far it has acknowledged.
fn logs(place: &Place) -> Vec<(log::Mailbox, Vec<log::StoredEntry>)> {
    let db = open(place);
    let one = |n| wait(db.read(move |tx| Ok((log::mailbox(tx, device(n))?.unwrap(), log::fetch(tx, device(n), 0, 100)?))));
    (0..3).map(one).collect()
}

#[test]
fn a_store_goes_there_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let (first, middle, last) = (file(folder.path(), "first.db"), server(), file(folder.path(), "last.db"));
    filled(&first);
    let there = moved(&first, &middle).unwrap();
    assert_eq!(there.sum.rows, THINGS as u64 + 1 + 30 + 3);
    assert_eq!(logs(&middle), logs(&first));
    let db = open(&middle);
    db.migrate(&migrations()).unwrap();
    // Life goes on there: the next place in a log follows on the last.
    wait(db.write(|tx| {
        let conversation = ConversationId::try_from(&[9; 16][..]).unwrap();
        let at = Timestamp::from_millis(2000);
        log::append(tx, &[NewEntry { device: device(0), at, kind: 1, conversation, message_id: b"new", from_device: None, payload: b"new" }])?;
        tx.execute("UPDATE thing SET n = 5 WHERE owner = ?1 AND name = ?2", &[(&vec![0_u8; 16]).into(), "Größe 00000 ''\"ñ".into()])
    }));
    drop(db);
    let back = moved(&middle, &last).unwrap();
    assert_eq!(back.sum.rows, there.sum.rows + 1);
    assert_eq!(logs(&last), logs(&middle));
    assert_eq!(logs(&last)[0].0.last, 11);
    // The log's purge works on what came: SQLite goes by the order of coming.
    let db = open(&last);
    let expired = wait(db.write(|tx| log::expire(tx, Timestamp::from_millis(1010), 100)));
    assert_eq!(expired.removed, 10);
    assert_eq!(moved(&first, &server()).unwrap().sum, there.sum, "the source was not changed");
}

#[test]
fn a_killed_move_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let source = file(folder.path(), "source.db");
    filled(&source);
    for (target, back) in [(server(), "one.db"), (file(folder.path(), "other.db"), "two.db")] {
        for killed_after in [1, 501, 1201, 1232] {
            let mut far = 0;
            let killed = catch_unwind(AssertUnwindSafe(|| {
                transfer::run(&source, &target, &migrations(), &mut |progress| {
                    far = progress.rows;
                    // Whoever looks on falls over, and takes the move along.
                    assert!(progress.rows < killed_after, "killed");
                })
            }));
            assert!(killed.is_err() && far >= killed_after);
            let unfinished = open(&target);
            assert!(wait(transfer::is_unfinished(&unfinished)));
        }
        let mut before = 0;
        let moved = transfer::run(&source, &target, &migrations(), &mut |progress| before = before.max(progress.before)).unwrap();
        assert_eq!((before, moved.sum.rows), (1234, 1234), "nothing is copied twice");
        let finished = open(&target);
        assert!(!wait(transfer::is_unfinished(&finished)));
        drop(finished);
        assert_eq!(transfer::run(&target, &file(folder.path(), back), &migrations(), &mut |_| ()).unwrap(), moved);
    }
}

#[test]
fn what_arrived_otherwise_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let source = file(folder.path(), "source.db");
    filled(&source);
    for wrong in [
        "UPDATE thing SET n = n + 1 WHERE name LIKE 'Größe 00601%'",
        "UPDATE thing SET b = '' WHERE name LIKE 'Größe 00600%'",
        "DELETE FROM note",
        "UPDATE mailbox SET acked = 1",
    ] {
        let target = server();
        let mut broken = false;
        let differs = transfer::run(&source, &target, &migrations(), &mut |progress| {
            let copied = progress.phase == Phase::Copying && progress.rows == progress.of;
            if copied && !std::mem::replace(&mut broken, true) {
                let db = open(&target);
                wait(db.write(move |tx| tx.execute(wrong, &[])));
            }
        });
        let table = wrong.split_whitespace().find(|word| ["thing", "note", "mailbox"].contains(word)).unwrap();
        match differs {
            Err(TransferError::Differs { table: found, source_sum, target_sum }) => {
                assert_eq!(found, table);
                assert_ne!(source_sum, target_sum);
            }
            other => panic!("{wrong}: {other:?}"),
        }
        assert!(matches!(moved(&source, &target), Err(TransferError::Differs { .. })), "and again");
    }
}

#[test]
fn what_cannot_be_moved_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (source, other) = (file(folder.path(), "source.db"), file(folder.path(), "other.db"));
    assert_eq!(moved(&source, &server()), Err(TransferError::NoSource));
    assert_eq!(moved(&server(), &other), Err(TransferError::NoSource));
    filled(&source);
    let older = open(&other);
    older.migrate(&log::migrations()).unwrap();
    drop(older);
    assert_eq!(moved(&other, &server()), Err(TransferError::Old));
    // A server runs on either side.
    let target = server();
    let running = open(&source);
    assert_eq!(moved(&source, &target), Err(TransferError::InUse(End::Source)));
    drop(running);
    let running = open(&target);
    assert_eq!(moved(&source, &target), Err(TransferError::InUse(End::Target)));
    drop(running);
    let looked_at = server();
    drop(open(&looked_at));
    assert!(moved(&source, &looked_at).is_ok(), "who opened it has only looked, as the doctor does");
    let running = open(&target);
    running.migrate(&migrations()).unwrap();
    drop(running);
    assert_eq!(moved(&source, &target), Err(TransferError::Occupied), "somebody has been there");
    // The source is used after the move has begun.
    let target = server();
    let killed = catch_unwind(AssertUnwindSafe(|| transfer::run(&source, &target, &migrations(), &mut |_| panic!("killed"))));
    assert!(killed.is_err());
    wait(open(&source).write(|tx| tx.execute("INSERT INTO note (id, said) VALUES (1, 'later')", &[])));
    assert_eq!(moved(&source, &target), Err(TransferError::Other));
    assert_eq!(moved(&target, &file(folder.path(), "x.db")), Err(TransferError::Unfinished));
}
