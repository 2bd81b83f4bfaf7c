//! Tables that are split by time (issue "Past one machine": "partitioning and retention by dropping partitions"): nothing is lost when a table that is there
//! becomes one, old programs go on beside it, old rows go, and no insert ever fails for want of a part.
#![allow(clippy::unwrap_used, reason = "a test, its helpers included")]
use std::{sync::mpsc::channel, thread};
use suki_store::{
    Answer, Db, Kept, Migration, PostgresOptions, Split, StoreError,
    testing::{postgres_options, postgres_url, sqlite, wait},
};
use suki_types::Timestamp;

const WEEK: i64 = 604_800_000;
/// A week that no server's clock has come to.
const BASE: i64 = 7_000;
const CHARGE: Split = Split { table: "charge", part_millis: WEEK };

const TABLE: Migration = Migration {
    version: 1,
    name: "charges",
    sql: "CREATE TABLE charge (business BLOB NOT NULL, at INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (business, at)) STRICT;",
};
/// What existing databases go through.
const WEEKS: Migration = Migration { version: 2, name: "weeks", sql: include_str!("../../network/migrations/0021_charge_weeks.sql") };

/// Counts one for a business, at the beginning of a week.
fn add(db: &Db, business: u8, week: i64) -> Result<u64, StoreError> {
    let sql = "INSERT INTO charge (business, at, count) VALUES (?1, ?2, 1) ON CONFLICT (business, at) DO UPDATE SET count = charge.count + 1";
    let answer: Answer<u64, StoreError> =
        db.keyed([business; 16]).write(move |tx| tx.execute(sql, &[(&[business; 16]).into(), (week * WEEK).into()]));
    wait(answer)
}

/// The weeks that have rows, and how much was counted in them.
fn weeks(db: &Db) -> Vec<(i64, i64)> {
    let sql = "SELECT at, CAST(SUM(count) AS BIGINT) FROM charge GROUP BY at ORDER BY at";
    wait(db.read(move |tx| tx.query(sql, &[], |row| Ok((row.get::<i64>(0)? / WEEK, row.get(1)?))))).unwrap()
}

fn keep(db: &Db, now: i64, before: i64) -> Kept {
    wait(CHARGE.keep(db, Timestamp::from_millis(now * WEEK + 5), Timestamp::from_millis(before * WEEK))).unwrap()
}

fn kept(made: usize, dropped: usize, put_off: usize) -> Kept {
    Kept { made, dropped, put_off }
}

/// Two nodes over a table that one of them, of an older release, has used before it was split.
fn old_and_new(options: &PostgresOptions) -> [Db; 2] {
    let nodes = [(); 2].map(|()| Db::open_postgres(postgres_url(), options.clone()).unwrap());
    nodes[0].migrate(&[TABLE]).unwrap();
    for week in BASE - 10..=BASE {
        assert_eq!((add(&nodes[0], 1, week), add(&nodes[0], 2, week)), (Ok(1), Ok(1)));
    }
    nodes[1].migrate(&[TABLE, WEEKS]).unwrap();
    nodes
}

#[test]
fn a_table_that_is_there_becomes_one_below_an_older_program() {
    let [old, new] = old_and_new(&postgres_options());
    // With the statement that it has prepared.
    assert_eq!((add(&old, 1, BASE), add(&new, 1, BASE), add(&old, 3, BASE + 1)), (Ok(1), Ok(1), Ok(1)));
    let mut all: Vec<(i64, i64)> = (BASE - 10..BASE).map(|week| (week, 2)).collect();
    all.extend([(BASE, 4), (BASE + 1, 1)]);
    assert_eq!((weeks(&old), weeks(&new)), (all.clone(), all));
    // It may even start anew.
    old.migrate(&[TABLE]).unwrap();
    assert_eq!(add(&old, 1, BASE), Ok(1));
}

#[test]
fn no_insert_fails_for_want_of_a_part_and_old_parts_go_as_a_whole() {
    let [_, db] = old_and_new(&postgres_options());
    assert_eq!(keep(&db, BASE + 1, 0), kept(3, 0, 0));
    assert_eq!(keep(&db, BASE + 1, 0), kept(0, 0, 0), "they are there");
    // Within the parts, long before them, a month after them when nobody made any, and as far as a clock may jump.
    for week in [BASE + 1, BASE + 2, BASE + 3, 0, BASE + 8, BASE + 2_000] {
        assert_eq!((add(&db, 1, week), add(&db, 1, week)), (Ok(1), Ok(1)), "{week}");
    }
    // What is in the rest by now stays there; what comes after gets its part.
    assert_eq!(keep(&db, BASE + 8, 0), kept(2, 0, 0));
    assert_eq!(keep(&db, BASE + 2_000, 0), kept(2, 0, 0));
    // The clock is right again.
    assert_eq!(keep(&db, BASE + 3, 0), kept(2, 0, 0));
    for week in BASE + 4..BASE + 12 {
        assert_eq!(add(&db, 2, week), Ok(1), "{week}");
    }
    assert_eq!(keep(&db, BASE - 3, 0), kept(0, 0, 0), "it went back, where everything is one part");
    // All that is older goes, and nothing else; a part that began before and ends after stays.
    let before = weeks(&db);
    assert_eq!(keep(&db, BASE + 3, BASE + 1), kept(0, 1, 0));
    assert_eq!(weeks(&db), before.iter().copied().filter(|(week, _)| *week > BASE).collect::<Vec<_>>());
    let middle = Timestamp::from_millis((BASE + 2) * WEEK + WEEK / 2);
    assert_eq!(wait(CHARGE.keep(&db, Timestamp::from_millis((BASE + 3) * WEEK), middle)), Ok(kept(0, 1, 0)));
    assert_eq!(weeks(&db), before.into_iter().filter(|(week, _)| *week > BASE + 1).collect::<Vec<_>>());
    assert_eq!(CHARGE.rows_before(&db, middle), middle.plus_millis(-WEEK));
}

/// A backup reads for hours: nobody waits behind what would have to wait for it.
#[test]
fn who_uses_the_table_is_not_disturbed() {
    let options = postgres_options();
    let [other, db] = old_and_new(&options);
    let (began, has_begun) = channel();
    let (go_on, may_go_on) = channel::<()>();
    let reading: Answer<(), StoreError> = other.read(move |tx| {
        tx.query_one("SELECT count(*) FROM charge", &[], |row| row.get::<i64>(0))?;
        began.send(()).unwrap();
        _ = may_go_on.recv();
        Ok(())
    });
    has_begun.recv().unwrap();
    assert_eq!(keep(&db, BASE + 1, BASE + 1), kept(0, 0, 4), "three to make, and one to drop");
    assert_eq!(add(&db, 1, BASE + 1), Ok(1));
    drop(go_on);
    wait(reading).unwrap();
    assert_eq!(keep(&db, BASE + 2, BASE + 1), kept(3, 1, 0), "the next time");
    assert_eq!(weeks(&db), [(BASE + 1, 1)]);
}

#[test]
fn nodes_that_do_it_at_the_same_time_do_it_once() {
    let nodes = old_and_new(&postgres_options());
    let made: usize = thread::scope(|scope| {
        let keeping: Vec<_> = nodes.iter().map(|db| scope.spawn(move || keep(db, BASE + 1, BASE + 1))).collect();
        keeping.into_iter().map(|thread| thread.join().unwrap().made).sum()
    });
    assert!((1..=3).contains(&made), "{made}");
    keep(&nodes[0], BASE + 1, BASE + 1);
    assert_eq!(keep(&nodes[1], BASE + 1, BASE + 1), kept(0, 0, 0));
    assert_eq!(weeks(&nodes[0]), []);
}

#[test]
fn a_file_is_one_table() {
    let (_folder, db) = sqlite();
    db.migrate(&[TABLE, WEEKS]).unwrap();
    assert_eq!((add(&db, 1, BASE), add(&db, 1, BASE), keep(&db, BASE + 9, BASE + 9)), (Ok(1), Ok(1), kept(0, 0, 0)));
    assert_eq!(weeks(&db), [(BASE, 2)]);
    let before = Timestamp::from_millis(7);
    assert_eq!(CHARGE.rows_before(&db, before), before);
}
