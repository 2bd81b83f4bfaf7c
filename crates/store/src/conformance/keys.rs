//! Units with keys: their order, whom they keep out, and who may still write. A second handle on the same store is a second node.
use super::{Subject, ids, insert, wait, with_table};
use crate::{Answer, Db, Key, Migration, StoreError, Tx, ownership};
use std::{collections::BTreeSet, sync::mpsc::channel, thread};
use suki_types::{NodeId, Timestamp};

const COUNTERS: Migration =
    Migration { version: 1, name: "counters", sql: "CREATE TABLE counter (key BLOB NOT NULL PRIMARY KEY, n INTEGER NOT NULL) STRICT;" };

fn node(number: u8) -> NodeId {
    NodeId::from_bytes([number; 16])
}

fn key(number: u8) -> Key {
    [number; 16]
}

fn with_counters(subject: &Subject) -> &Db {
    subject.db.migrate(&[COUNTERS]).expect("the table is made");
    wait(subject.db.write(|tx| {
        for number in 0..20 {
            tx.execute("INSERT INTO counter (key, n) VALUES (?1, 0)", &[(&key(number)).into()])?;
        }
        Ok::<_, StoreError>(())
    }))
    .expect("the counters are made");
    &subject.db
}

/// Reads, and then writes what it read and one more: two at the same time would count once.
fn count_up(tx: &mut Tx<'_>, number: u8) -> Result<i64, StoreError> {
    let n: i64 = tx.query_one("SELECT n FROM counter WHERE key = ?1", &[(&key(number)).into()], |row| row.get(0))?;
    tx.execute("UPDATE counter SET n = ?2 WHERE key = ?1", &[(&key(number)).into(), (n + 1).into()])?;
    Ok(n)
}

fn counted(db: &Db, number: u8) -> i64 {
    let read = db.read(move |tx| tx.query_one("SELECT n FROM counter WHERE key = ?1", &[(&key(number)).into()], |row| row.get(0)));
    wait(read).expect("a counter is read")
}

/// The order of calls is the order of units of one key, whatever other keys' units stand between them, and whether anybody waits or not.
pub fn units_of_a_key_run_in_the_order_of_the_calls(subject: Subject) {
    let db = with_counters(&subject);
    let answers: Vec<(u8, Answer<i64, StoreError>)> = (0..900_u16)
        .map(|call| {
            let number = u8::try_from(call % 7).expect("it is small");
            (number, db.keyed(key(number)).write(move |tx| count_up(tx, number)))
        })
        .collect();
    let mut expected = [0_i64; 7];
    for (number, answer) in answers {
        let next = &mut expected[usize::from(number)];
        assert_eq!(wait(answer), Ok(*next));
        *next += 1;
    }
}

/// From two nodes, with units of one key and of several that cross: nothing is counted twice, nothing is lost, nothing is refused, and nobody waits for
/// ever.
pub fn keys_keep_units_apart_on_all_nodes(subject: Subject) {
    const ROUNDS: usize = 60;
    let first = with_counters(&subject);
    let second = subject.another();
    let hands: [&[u8]; 6] = [&[1], &[1, 2], &[2, 1], &[3, 2, 1], &[2, 3], &[3]];
    thread::scope(|scope| {
        for db in [first, &second] {
            for hand in hands {
                scope.spawn(move || {
                    let keys: Vec<Key> = hand.iter().map(|number| key(*number)).collect();
                    let answers: Vec<_> = (0..ROUNDS)
                        .map(|_| {
                            db.keyed_many(&keys).write(move |tx| {
                                // In the order of the hand, which is not that of the keys.
                                hand.iter().try_for_each(|number| count_up(tx, *number).map(drop))
                            })
                        })
                        .collect();
                    for answer in answers {
                        assert_eq!(wait(answer), Ok(()));
                    }
                });
            }
        }
    });
    for number in 1..=3 {
        let hands = hands.iter().filter(|hand| hand.contains(&number)).count();
        assert_eq!(counted(first, number), i64::try_from(2 * ROUNDS * hands).expect("it is small"), "counter {number}");
    }
}

/// A unit of one key does not wait for one of another key on another node, only for its own.
pub fn other_keys_do_not_wait(subject: Subject) {
    let first = with_table(&subject);
    if !first.is_shared() {
        // One connection writes: everything waits.
        return;
    }
    let second = subject.another();
    let (started, has_started) = channel();
    let (go_on, may_go_on) = channel::<()>();
    let holding = first.keyed(key(1)).write(super::blocked(started, may_go_on));
    has_started.recv().expect("the unit starts");
    let own = insert(&second.keyed(key(1)), 1);
    // Another connection's of the same node, so that the one above does not stand before it.
    let mut other = key(1);
    other[15] = 2;
    assert_eq!(wait(insert(&second.keyed(other), 2)), Ok(1));
    assert_eq!(wait(insert(&second, 3)), Ok(1));
    assert_eq!(ids(first), [2, 3], "the unit of the key that is held waits");
    drop(go_on);
    assert_eq!((wait(holding), wait(own)), (Ok(()), Ok(1)));
    assert_eq!(ids(first), [1, 2, 3]);
}

/// Of all that claim a key at once, on all nodes, one gets it. Where one process has the store, it owns everything.
pub fn a_claim_has_one_winner(subject: Subject) {
    let first = &subject.db;
    let second = subject.another();
    let claims: Vec<Option<i64>> = thread::scope(|scope| {
        let claiming: Vec<_> = (1..=8_u8)
            .map(|number| {
                let db = if number % 2 == 0 { first } else { &second };
                scope.spawn(move || wait(ownership::claim(db, key(1), node(number))).expect("a claim is answered"))
            })
            .collect();
        claiming.into_iter().map(|thread| thread.join().expect("a thread claims")).collect()
    });
    let winners: Vec<i64> = claims.iter().copied().flatten().collect();
    if first.is_shared() {
        assert_eq!(winners, [1]);
        let winner = claims.iter().position(Option::is_some).and_then(|index| u8::try_from(index + 1).ok()).map(node);
        assert_eq!(wait(ownership::owner(first, key(1))), Ok(Some(ownership::Owned { key: key(1), node: winner, epoch: 1 })));
        assert_eq!(wait(ownership::owner(first, key(2))), Ok(None));
    } else {
        assert_eq!(winners, [0; 8]);
    }
}

/// Every key, whoever has it.
fn every_key(db: &Db) -> Answer<Vec<ownership::Owned>, StoreError> {
    db.read(|tx| {
        tx.query("SELECT key, node, epoch FROM suki_key ORDER BY key", &[], |row| {
            Ok(ownership::Owned { key: row.get(0)?, node: row.get(1)?, epoch: row.get(2)? })
        })
    })
}

/// From whom was seen with the epoch that was seen, and from nobody else; a key that was given back can be claimed.
pub fn a_key_is_taken_over_from_what_was_seen(subject: Subject) {
    let db = &subject.db;
    if !db.is_shared() {
        assert_eq!(wait(ownership::take_over(db, key(1), node(2), node(1), 0)), Ok(None));
        return;
    }
    let take = |by, from, epoch| wait(ownership::take_over(db, key(1), node(by), node(from), epoch)).expect("it is answered");
    assert_eq!(take(2, 1, 0), None, "nobody's");
    assert_eq!(wait(ownership::claim(db, key(1), node(1))), Ok(Some(1)));
    assert_eq!((take(2, 3, 1), take(2, 1, 0), take(2, 1, 2)), (None, None, None));
    assert_eq!(take(2, 1, 1), Some(2));
    assert_eq!(take(3, 1, 1), None, "somebody was faster");
    assert_eq!(wait(ownership::release(db, key(1), node(1), 1)), Ok(false));
    assert_eq!(wait(ownership::release(db, key(1), node(2), 2)), Ok(true));
    assert_eq!(wait(every_key(db)), Ok(vec![ownership::Owned { key: key(1), node: None, epoch: 2 }]));
    assert_eq!(wait(ownership::claim(db, key(1), node(1))), Ok(Some(3)));
}

/// What was queued before the key was lost and what comes after: nothing of it is stored, and nobody else in the group is disturbed.
pub fn who_lost_a_key_stores_nothing(subject: Subject) {
    let first = with_table(&subject);
    let second = subject.another();
    let mine = wait(ownership::claim(first, key(1), node(1))).expect("it is answered").expect("the key is free");
    let owned = first.owned(key(1), node(1), mine);
    assert_eq!(wait(insert(&owned, 1)), Ok(1));
    if !first.is_shared() {
        return;
    }
    assert_eq!(wait(insert(&first.owned(key(1), node(1), mine + 1), 2)), Err(StoreError::NotOwner));
    assert_eq!(wait(insert(&first.owned(key(2), node(1), 0), 2)), Err(StoreError::NotOwner), "a key that nobody owns");
    // The first unit holds the writer of the key, so that the others form one group; and the key is taken over while it does.
    let mut beside = key(1);
    beside[0] = 9;
    let gate = super::Gate::shut(&first.keyed(beside));
    let late = insert(&owned, 3);
    let beside = insert(&first.keyed(key(1)), 4);
    let failing = owned.write::<u64, _>(|_| Err(StoreError::NotFound));
    let theirs = wait(ownership::take_over(&second, key(1), node(2), node(1), mine)).expect("it is answered").expect("the key is the first one's");
    gate.open();
    assert_eq!((wait(late), wait(beside), wait(failing)), (Err(StoreError::NotOwner), Ok(1), Err(StoreError::NotOwner)));
    assert_eq!(wait(insert(&second.owned(key(1), node(2), theirs), 5)), Ok(1));
    assert_eq!(ids(first), [1, 4, 5]);
}

/// What a node asks every few seconds tells the same as all keys do, and is free to take no more than there is.
pub fn a_survey_finds_what_is_free(subject: Subject) {
    let db = &subject.db;
    if !db.is_shared() {
        assert_eq!(wait(ownership::survey(db)), Ok(ownership::Survey::default()));
        assert_eq!(wait(ownership::free(db, vec![node(1)], key(0), 9)), Ok(vec![]));
        return;
    }
    for (owner, keys) in [(1, 10..14), (2, 20..22), (3, 30..31)] {
        for number in keys {
            assert_eq!(wait(ownership::claim(db, key(number), node(owner))), Ok(Some(1)));
        }
    }
    // A key that was only locked is nobody's to take.
    wait(db.keyed(key(99)).write(|_| Ok::<_, StoreError>(()))).expect("it is locked");
    wait(ownership::join(db, node(1), "http://one".into(), Timestamp::from_millis(5))).expect("it is stored");
    let survey = || wait(ownership::survey(db)).expect("it is read");
    assert_eq!((survey().nodes.len(), survey().owners, survey().is_something_free), (1, vec![node(1), node(2), node(3)], false));
    let free = |dead: &[u8], from: u8, limit| {
        let dead = dead.iter().map(|number| node(*number)).collect();
        let found = wait(ownership::free(db, dead, key(from), limit)).expect("it is read");
        found.into_iter().map(|owned| (owned.key[0], owned.node, owned.epoch)).collect::<Vec<_>>()
    };
    assert_eq!(free(&[], 0, 9), []);
    assert_eq!(free(&[2], 21, 9), [(21, Some(node(2)), 1), (20, Some(node(2)), 1)]);
    wait(ownership::release_all(db, node(1))).expect("it is stored");
    assert_eq!((survey().owners, survey().is_something_free), (vec![node(2), node(3)], true));
    assert_eq!(free(&[], 12, 3), [(12, None, 1), (13, None, 1), (10, None, 1)]);
    let counts = wait(ownership::counts(db)).expect("it is read");
    assert_eq!((counts.of, counts.released), ([(node(2), 2), (node(3), 1)].into(), 4));
    let of_node = wait(ownership::of_node(db, node(2))).expect("it is read");
    assert_eq!(of_node.iter().map(|owned| owned.key).collect::<Vec<_>>(), [key(20), key(21)]);
    let of_keys = wait(ownership::of_keys(db, vec![key(30), key(10), key(77)])).expect("it is read");
    assert_eq!(of_keys.into_iter().map(|owned| (owned.key, owned.node)).collect::<BTreeSet<_>>(), [(key(10), None), (key(30), Some(node(3)))].into());
}

/// Each node is known until it leaves, and counts its own beats.
pub fn nodes_beat(subject: Subject) {
    let db = &subject.db;
    let join = |number, address: &str| wait(ownership::join(db, node(number), address.to_owned(), Timestamp::from_millis(5))).expect("it is stored");
    join(1, "http://one");
    join(2, "http://two");
    assert_eq!(wait(ownership::beat(db, node(1), 4)), Ok(true));
    assert_eq!(wait(ownership::beat(db, node(1), 4)), Ok(true));
    if !db.is_shared() {
        assert_eq!(wait(ownership::nodes(db)), Ok(vec![]));
        return;
    }
    assert_eq!(wait(ownership::beat(db, node(3), 0)), Ok(false));
    join(2, "http://elsewhere");
    let known = |number, address: &str, beat, owned| ownership::Node {
        node: node(number),
        address: address.into(),
        beat,
        joined_at: Timestamp::from_millis(5),
        owned: Some(owned),
    };
    assert_eq!(wait(ownership::nodes(db)), Ok(vec![known(1, "http://one", 2, 4), known(2, "http://elsewhere", 0, 0)]));
    wait(ownership::leave(db, node(1))).expect("it is stored");
    assert_eq!(wait(ownership::nodes(db)), Ok(vec![known(2, "http://elsewhere", 0, 0)]));
}
