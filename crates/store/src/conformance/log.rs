//! The envelope log: places, watermarks, expiry and purge.
use super::{Subject, wait};
use crate::{
    Db, StoreError,
    log::{self, Acknowledged, Mailbox, NewEntry, StoredEntry},
};
use std::{collections::BTreeMap, thread};
use suki_types::{ConversationId, DeviceId, Timestamp};

pub(super) fn device(number: u8) -> DeviceId {
    DeviceId::from_bytes([number; 16])
}

pub(super) fn with_log(subject: &Subject) -> &Db {
    subject.db.migrate(&log::migrations()).expect("the tables are made");
    &subject.db
}

/// Appends one entry for each device, at the time, with the device's number as payload.
fn append(db: &Db, at: i64, devices: &[u8]) -> Vec<u64> {
    let devices = devices.to_vec();
    wait(db.write(move |tx| {
        let payloads: Vec<[u8; 1]> = devices.iter().map(|number| [*number]).collect();
        let entries: Vec<NewEntry<'_>> = payloads
            .iter()
            .map(|payload| NewEntry {
                device: device(payload[0]),
                at: Timestamp::from_millis(at),
                kind: 4,
                conversation: ConversationId::from_bytes([9; 16]),
                message_id: b"an id",
                from_device: (payload[0] % 2 == 0).then(|| device(200)),
                payload,
            })
            .collect();
        log::append(tx, &entries)
    }))
    .expect("entries are appended")
    .all()
    .expect("the places are known after the commit")
    .iter()
    .map(|place| place.seq)
    .collect()
}

pub(super) fn fetch(db: &Db, number: u8, after: u64, limit: usize) -> Vec<StoredEntry> {
    wait(db.read::<_, StoreError>(move |tx| log::fetch(tx, device(number), after, limit))).expect("entries are fetched")
}

pub(super) fn places(db: &Db, number: u8) -> Vec<u64> {
    fetch(db, number, 0, 1000).iter().map(|entry| entry.seq).collect()
}

pub(super) fn acknowledge(db: &Db, number: u8, seq: u64) -> Result<Acknowledged, StoreError> {
    wait(db.write(move |tx| log::acknowledge(tx, device(number), seq)))
}

pub(super) fn mailbox(db: &Db, number: u8) -> Option<Mailbox> {
    wait(db.read::<_, StoreError>(move |tx| log::mailbox(tx, device(number)))).expect("a mailbox is read")
}

fn purge(db: &Db, limit: usize) -> usize {
    wait(db.write::<_, StoreError>(move |tx| log::purge_acknowledged(tx, limit))).expect("a purge passes")
}

/// For each device from 1; what is stored is what was appended.
pub fn places_grow_by_one(subject: Subject) {
    let db = with_log(&subject);
    assert_eq!(append(db, 5, &[]), [0_u64; 0]);
    assert_eq!(mailbox(db, 1), None);
    assert_eq!(append(db, 5, &[1, 2]), [1, 1]);
    assert_eq!(append(db, 6, &[2]), [2]);
    assert_eq!(mailbox(db, 2), Some(Mailbox { last: 2, acked: 0 }));
    let expected = StoredEntry {
        seq: 2,
        at: Timestamp::from_millis(6),
        kind: 4,
        conversation: ConversationId::from_bytes([9; 16]),
        message_id: b"an id".to_vec(),
        from_device: Some(device(200)),
        payload: vec![2],
    };
    assert_eq!(fetch(db, 2, 1, 10), [expected]);
    assert_eq!(fetch(db, 1, 0, 10)[0].from_device, None);
}

/// In one call, mixed with others, not in their order.
pub fn a_batch_may_name_a_device_often(subject: Subject) {
    let db = with_log(&subject);
    append(db, 1, &[3]);
    assert_eq!(append(db, 2, &[3, 1, 3, 2, 1, 3]), [2, 1, 3, 1, 2, 4]);
    assert_eq!(places(db, 3), [1, 2, 3, 4]);
    assert_eq!(places(db, 1), [1, 2]);
}

/// From many threads: no place twice, none left out, and the answers are where the entries stand.
pub fn places_grow_by_one_under_concurrent_appends(subject: Subject) {
    let db = with_log(&subject);
    let answers: Vec<(u8, u64)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..6_u8)
            .map(|thread| {
                scope.spawn(move || {
                    let devices = [1 + thread % 3, 1, 1 + thread % 2];
                    (0..25).flat_map(|at| devices.into_iter().zip(append(db, at, &devices))).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a thread appends")).collect()
    });
    let mut by_device = BTreeMap::<u8, Vec<u64>>::new();
    for (number, seq) in answers {
        by_device.entry(number).or_default().push(seq);
    }
    for (number, mut seqs) in by_device {
        seqs.sort_unstable();
        assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>(), "device {number}");
        assert_eq!(places(db, number), seqs);
        assert_eq!(mailbox(db, number).map(|mailbox| mailbox.last), seqs.last().copied());
    }
}

/// Whatever is asked: nothing at all, what is not there, more than there is.
pub fn fetch_is_bounded_and_in_order(subject: Subject) {
    let db = with_log(&subject);
    append(db, 1, &[1; 10]);
    let seqs = |after, limit| fetch(db, 1, after, limit).iter().map(|entry| entry.seq).collect::<Vec<_>>();
    assert_eq!(seqs(0, 3), [1, 2, 3]);
    assert_eq!(seqs(8, 100), [9, 10]);
    for (after, limit) in [(0, 0), (10, 5), (i64::MAX as u64, 5), (u64::MAX, 5)] {
        assert_eq!(seqs(after, limit), [0_u64; 0]);
    }
    assert_eq!(fetch(db, 2, 0, 5), []);
}

/// Never back, never beyond the end; a device acknowledges its own log alone.
pub fn a_watermark_moves_forward_only(subject: Subject) {
    let db = with_log(&subject);
    append(db, 1, &[1, 1, 1, 2]);
    assert_eq!(acknowledge(db, 1, 2), Ok(Acknowledged { was: 0, now: 2 }));
    assert_eq!(acknowledge(db, 1, 2), Ok(Acknowledged { was: 2, now: 2 }));
    assert_eq!(acknowledge(db, 1, 1), Ok(Acknowledged { was: 2, now: 2 }));
    for beyond in [4, i64::MAX as u64, u64::MAX] {
        assert_eq!(acknowledge(db, 1, beyond), Err(StoreError::OutOfRange));
    }
    assert_eq!(mailbox(db, 1), Some(Mailbox { last: 3, acked: 2 }));
    assert_eq!(mailbox(db, 2), Some(Mailbox { last: 1, acked: 0 }));
    assert_eq!(acknowledge(db, 7, 0), Ok(Acknowledged { was: 0, now: 0 }));
    assert_eq!(acknowledge(db, 7, 1), Err(StoreError::OutOfRange));
    assert_eq!(mailbox(db, 7), None);
    let went_on = wait(db.write(|tx| {
        assert_eq!(log::acknowledge(tx, device(1), 9), Err(StoreError::OutOfRange));
        log::acknowledge(tx, device(1), 3)
    }));
    assert_eq!(went_on, Ok(Acknowledged { was: 2, now: 3 }));
}

/// What nobody acknowledged, so that its sender can be told; what was is removed without a word.
pub fn expired_entries_are_handed_back(subject: Subject) {
    let db = with_log(&subject);
    append(db, 10, &[1, 2]);
    append(db, 20, &[1]);
    append(db, 30, &[1, 2]);
    acknowledge(db, 1, 1).unwrap();
    let expire = |before, limit| wait(db.write::<_, StoreError>(move |tx| log::expire(tx, Timestamp::from_millis(before), limit))).unwrap();
    assert_eq!(expire(10, 100), log::Expired::default());
    let first = expire(30, 2);
    assert_eq!(first.removed, 2);
    let [unacked] = &first.unacked[..] else { panic!("{first:?}") };
    assert_eq!((unacked.device, unacked.seq, unacked.at, unacked.kind), (device(2), 1, Timestamp::from_millis(10), 4));
    assert_eq!((&unacked.message_id[..], unacked.from_device), (&b"an id"[..], Some(device(200))));
    let second = expire(30, 2);
    assert_eq!((second.removed, second.unacked.len(), second.unacked[0].seq), (1, 1, 2));
    assert_eq!(expire(30, 2).removed, 0);
    assert_eq!((places(db, 1), places(db, 2)), (vec![3], vec![2]));
    assert_eq!(append(db, 40, &[1]), [4], "places are never given again");
    assert_eq!(acknowledge(db, 1, 2), Ok(Acknowledged { was: 1, now: 2 }), "what expired can be acknowledged");
}

/// A device that is away keeps its own entries and holds up nobody's.
pub fn the_purge_takes_what_is_acknowledged(subject: Subject) {
    let db = with_log(&subject);
    append(db, 1, &[1]);
    for _ in 0..20 {
        append(db, 2, &[2, 3]);
    }
    assert_eq!(purge(db, 100), 0);
    acknowledge(db, 2, 20).unwrap();
    acknowledge(db, 3, 15).unwrap();
    let mut removed = 0;
    for _ in 0..40 {
        let now = purge(db, 4);
        assert!(now <= 4, "{now}");
        removed += now;
    }
    assert_eq!(removed, 35);
    assert_eq!((places(db, 1), places(db, 2), places(db, 3)), (vec![1], vec![], vec![16, 17, 18, 19, 20]));
    assert_eq!(append(db, 3, &[2]), [21]);
    assert_eq!(places(db, 2), [21]);
}

/// What is acknowledged after the purge went by is taken when it comes round, also when the newest entries were taken before.
pub fn the_purge_comes_round(subject: Subject) {
    let db = with_log(&subject);
    let drain = || (0..20).map(|_| purge(db, 3)).sum::<usize>();
    append(db, 1, &[1, 2, 1, 2, 1, 2, 1, 2]);
    acknowledge(db, 2, 4).unwrap();
    assert_eq!(drain(), 4);
    acknowledge(db, 1, 4).unwrap();
    assert_eq!(drain(), 4);
    append(db, 2, &[1, 2]);
    acknowledge(db, 1, 5).unwrap();
    acknowledge(db, 2, 5).unwrap();
    assert_eq!(drain(), 2);
    assert_eq!((places(db, 1), places(db, 2)), (vec![], vec![]));
}

/// Neither entries nor a watermark; others keep theirs.
pub fn a_forgotten_device_leaves_nothing(subject: Subject) {
    let db = with_log(&subject);
    append(db, 1, &[1, 2, 1]);
    assert_eq!(wait(db.write(|tx| log::forget(tx, device(1)))), Ok(2));
    assert_eq!(wait(db.write(|tx| log::forget(tx, device(1)))), Ok(0));
    assert_eq!((mailbox(db, 1), places(db, 1)), (None, vec![]));
    assert_eq!(places(db, 2), [1]);
}
