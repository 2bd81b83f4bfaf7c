//! The log as a group of units writes it: everything at the group's end where the engine defers it, and to be seen at once by whoever looks.
use super::{
    Subject,
    log::{acknowledge, device, fetch, mailbox, places, with_log},
    wait,
};
use crate::{
    Db, Key, StoreError, Tx,
    log::{self, Acknowledged, Mailbox, NewEntry, Places},
};
use std::{collections::BTreeMap, thread};
use suki_types::{ConversationId, NodeId, Timestamp};

fn node(number: u8) -> NodeId {
    NodeId::from_bytes([number; 16])
}

fn key(number: u8) -> Key {
    [number; 16]
}

/// One entry with this payload.
fn add(tx: &mut Tx<'_>, number: u8, payload: u8) -> Result<Places, StoreError> {
    let (at, conversation) = (Timestamp::from_millis(1), ConversationId::from_bytes([9; 16]));
    log::append(tx, &[NewEntry { device: device(number), at, kind: 1, conversation, message_id: b"id", from_device: None, payload: &[payload] }])
}

fn seq(places: &Places) -> u64 {
    places.get(0).expect("it is known after the commit").seq
}

fn payloads(db: &Db, number: u8) -> Vec<u8> {
    fetch(db, number, 0, 1000).iter().map(|entry| entry.payload[0]).collect()
}

/// Many tasks on two nodes with keys of their own and the same mailboxes, in every order: no place twice, none left out, nothing refused, and of one key
/// the entries stand in the order of the calls.
pub fn places_have_no_gaps_on_two_nodes(subject: Subject) {
    const ENTRIES: u8 = 60;
    let first = with_log(&subject);
    let second = subject.another();
    let answers: Vec<(u8, u64)> = thread::scope(|scope| {
        let tasks: Vec<_> = (0..6_u8)
            .map(|task| {
                let db = if task % 2 == 0 { first } else { &second }.keyed(key(task));
                scope.spawn(move || {
                    let devices = if task < 3 { [1, 2, 3] } else { [3, 2, 1] };
                    let calls: Vec<_> = (0..ENTRIES)
                        .map(|entry| {
                            db.write(move |tx| {
                                devices.map(|number| add(tx, number, task * 40 + entry % 40)).into_iter().collect::<Result<Vec<_>, _>>()
                            })
                        })
                        .collect();
                    let placed = calls.into_iter().flat_map(|call| wait::<Vec<Places>>(call).expect("it is stored"));
                    placed.zip(devices.into_iter().cycle()).map(|(places, number)| (number, seq(&places))).collect::<Vec<_>>()
                })
            })
            .collect();
        tasks.into_iter().flat_map(|task| task.join().expect("a task appends")).collect()
    });
    let mut told = BTreeMap::<u8, Vec<u64>>::new();
    for (number, seq) in answers {
        told.entry(number).or_default().push(seq);
    }
    for (number, mut seqs) in told {
        seqs.sort_unstable();
        assert_eq!(seqs, (1..=6 * u64::from(ENTRIES)).collect::<Vec<_>>(), "device {number}");
        assert_eq!(places(first, number), seqs);
        for task in 0..6 {
            let stand: Vec<u8> = payloads(first, number).into_iter().filter(|payload| payload / 40 == task).map(|payload| payload % 40).collect();
            assert_eq!(stand, (0..ENTRIES).map(|entry| entry % 40).collect::<Vec<_>>(), "device {number}, task {task}");
        }
    }
}

/// A unit that is rolled back takes what it appended, acknowledged and connected with it, whether anybody looked at it meanwhile or not; its group's other
/// units keep theirs, those before it and those behind.
pub fn what_a_failing_unit_appends_is_gone_with_it(subject: Subject) {
    let db = with_log(&subject).keyed(key(1));
    wait(db.write(|tx| add(tx, 1, 1))).expect("it is stored");
    for looks in [false, true] {
        let gate = super::Gate::shut(&db);
        let before = db.write(|tx| add(tx, 1, 2));
        let failing = db.write::<(), _>(move |tx| {
            add(tx, 1, 3)?;
            add(tx, 2, 3)?;
            log::acknowledge(tx, device(1), 1)?;
            log::connected(tx, device(1), node(7))?;
            if looks {
                let seen: Vec<u8> = log::fetch(tx, device(1), 0, 10)?.iter().map(|entry| entry.payload[0]).collect();
                assert_eq!(seen[seen.len() - 2..], [2, 3]);
                add(tx, 1, 4)?;
                assert_eq!(log::mailbox(tx, device(1))?.map(|mailbox| mailbox.acked), Some(1));
            }
            Err(StoreError::NotFound)
        });
        let behind = db.write(|tx| add(tx, 1, 5));
        gate.open();
        let last = if looks { 5 } else { 3 };
        assert_eq!(wait(failing), Err(StoreError::NotFound));
        assert_eq!((seq(&wait(before).expect("it is stored")), seq(&wait(behind).expect("it is stored"))), (last - 1, last));
    }
    assert_eq!(payloads(&db, 1), [1, 2, 5, 2, 5]);
    assert_eq!((mailbox(&db, 1), mailbox(&db, 2)), (Some(Mailbox { last: 5, acked: 0 }), None));
}

/// Whatever a unit does to the log, the log's functions show it to the same unit and to those behind it in its group.
pub fn a_unit_sees_its_own_appends(subject: Subject) {
    let db = with_log(&subject).keyed(key(1));
    let gate = super::Gate::shut(&db);
    let first = db.write(|tx| {
        add(tx, 1, 1)?;
        assert_eq!(log::mailbox(tx, device(1))?, Some(Mailbox { last: 1, acked: 0 }));
        add(tx, 1, 2)?;
        assert_eq!(log::acknowledge(tx, device(1), 3), Err(StoreError::OutOfRange));
        assert_eq!(log::acknowledge(tx, device(1), 1)?, Acknowledged { was: 0, now: 1 });
        add(tx, 1, 3)
    });
    let second = db.write(|tx| {
        assert_eq!(log::fetch(tx, device(1), 1, 10)?.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(log::acknowledge(tx, device(1), 2)?, Acknowledged { was: 1, now: 2 });
        log::acknowledge(tx, device(1), 3)
    });
    let third = db.write(|tx| {
        add(tx, 1, 4)?;
        log::forget(tx, device(1))
    });
    gate.open();
    assert_eq!(seq(&wait(first).expect("it is stored")), 3);
    assert_eq!((wait(second), wait(third)), (Ok(Acknowledged { was: 2, now: 3 }), Ok(4)));
    assert_eq!((mailbox(&db, 1), payloads(&db, 1)), (None, vec![]));
}

/// From two nodes with different keys: each stretch of the log is acknowledged once, so that its senders are told once.
pub fn a_stretch_is_acknowledged_once(subject: Subject) {
    const ENTRIES: u64 = 120;
    let first = with_log(&subject);
    let second = subject.another();
    wait(first.write(|tx| (0..ENTRIES).try_for_each(|_| add(tx, 1, 1).map(drop)))).expect("they are stored");
    let moves: Vec<Acknowledged> = thread::scope(|scope| {
        let tasks: Vec<_> = (0..4_u8)
            .map(|task| {
                let db = if task % 2 == 0 { first } else { &second }.keyed(key(task));
                scope.spawn(move || {
                    let calls: Vec<_> = (1..=ENTRIES).map(|seq| db.write(move |tx| log::acknowledge(tx, device(1), seq))).collect();
                    calls.into_iter().map(|call| wait(call).expect("it is stored")).collect::<Vec<_>>()
                })
            })
            .collect();
        tasks.into_iter().flat_map(|task| task.join().expect("a task acknowledges")).collect()
    });
    let mut covered: Vec<u64> = moves.iter().flat_map(|moved| moved.was + 1..=moved.now).collect();
    covered.sort_unstable();
    assert_eq!(covered, (1..=ENTRIES).collect::<Vec<_>>());
    assert_eq!(mailbox(first, 1), Some(Mailbox { last: ENTRIES, acked: ENTRIES }));
    assert_eq!(acknowledge(first, 1, ENTRIES), Ok(Acknowledged { was: ENTRIES, now: ENTRIES }));
}

/// Whoever knows where the watermark stood need not have it read; whoever is wrong about it is told what is right.
pub fn a_watermark_may_be_known(subject: Subject) {
    let db = with_log(&subject).keyed(key(1));
    wait(db.write(|tx| (0..5).try_for_each(|_| add(tx, 1, 1).map(drop)))).expect("they are stored");
    let from = |was, seq| wait(db.write(move |tx| log::acknowledge_from(tx, device(1), was, seq)));
    assert_eq!(from(0, 2), Ok(Acknowledged { was: 0, now: 2 }));
    assert_eq!(from(0, 3), Ok(Acknowledged { was: 2, now: 3 }), "it stood further");
    assert_eq!(from(4, 5), Ok(Acknowledged { was: 3, now: 5 }), "it did not stand there yet");
    assert_eq!(from(5, 5), Ok(Acknowledged { was: 5, now: 5 }));
    assert_eq!(from(9, 4), Ok(Acknowledged { was: 5, now: 5 }));
    for beyond in [6, i64::MAX as u64, u64::MAX] {
        assert_eq!(from(5, beyond), Err(StoreError::OutOfRange));
    }
    let gate = super::Gate::shut(&db);
    let nobody = db.write(|tx| log::acknowledge_from(tx, device(2), 0, 1));
    let appended = db.write(|tx| {
        add(tx, 1, 1)?;
        add(tx, 1, 1)?;
        log::acknowledge_from(tx, device(1), 5, 6)
    });
    let further = db.write(|tx| log::acknowledge_from(tx, device(1), 6, 7));
    gate.open();
    assert_eq!(wait(nobody), Err(StoreError::OutOfRange));
    assert_eq!((wait(appended), wait(further)), (Ok(Acknowledged { was: 5, now: 6 }), Ok(Acknowledged { was: 6, now: 7 })));
    assert_eq!((mailbox(&db, 1), mailbox(&db, 2)), (Some(Mailbox { last: 7, acked: 7 }), None));
}

/// Each is told who was there before, places say who is there now, and a log that nobody wrote to is none.
pub fn a_connection_is_noted(subject: Subject) {
    let db = with_log(&subject);
    let connect = |number| wait(db.write(move |tx| log::connected(tx, device(1), node(number)))).expect("it is stored").before();
    let append = || wait(db.write(|tx| add(tx, 1, 1))).expect("it is stored").get(0).expect("it is known");
    assert_eq!((append().node, connect(1)), (None, None));
    if !db.is_shared() {
        assert_eq!((append().node, connect(2)), (None, None), "one node has the store to itself");
        return;
    }
    assert_eq!((append().node, connect(1), connect(2)), (Some(node(1)), None, Some(node(1))));
    assert_eq!((append().node, append().seq), (Some(node(2)), 4));
    let gate = super::Gate::shut(db);
    let twice = [3, 4].map(|number| db.write(move |tx| log::connected(tx, device(1), node(number))));
    gate.open();
    let before = twice.map(|answer| wait(answer).expect("it is stored").before());
    assert_eq!((before, append().node), ([Some(node(2)), Some(node(3))], Some(node(4))));
    assert_eq!(mailbox(db, 1), Some(Mailbox { last: 5, acked: 0 }));
}

/// Units about anything append to a mailbox that keyed units of another node write to all the time.
pub fn a_busy_mailbox_takes_entries_of_all_kinds(subject: Subject) {
    const ENTRIES: u64 = 150;
    let first = with_log(&subject);
    let second = subject.another();
    thread::scope(|scope| {
        for db in [first.clone(), second.keyed(key(1)), second.keyed(key(2))] {
            scope.spawn(move || {
                for _ in 0..ENTRIES {
                    wait(db.write(|tx| add(tx, 1, 1))).expect("it is stored");
                }
            });
        }
    });
    assert_eq!(places(first, 1), (1..=3 * ENTRIES).collect::<Vec<_>>());
}
