//! On which node devices are connected, and how far their logs reach.
use super::{Subject, wait};
use crate::{
    Answer, Db, StoreError,
    log::{self, NewEntry, Places, Reach},
};
use suki_types::{ConversationId, DeviceId, NodeId, Timestamp};

const NODE: NodeId = NodeId::from_bytes([7; 16]);
const OTHER: NodeId = NodeId::from_bytes([8; 16]);

fn device(number: u8) -> DeviceId {
    DeviceId::from_bytes([number; 16])
}

fn with_log(subject: &Subject) -> &Db {
    subject.db.migrate(&log::migrations()).expect("the tables are made");
    &subject.db
}

fn append(db: &Db, devices: &[u8]) -> Answer<Places, StoreError> {
    let devices: Vec<DeviceId> = devices.iter().copied().map(device).collect();
    db.write(move |tx| {
        let (at, conversation) = (Timestamp::from_millis(5), ConversationId::from_bytes([9; 16]));
        let entry = |device| NewEntry { device, at, kind: 4, conversation, message_id: b"an id", from_device: None, payload: b"it" };
        log::append(tx, &devices.iter().copied().map(entry).collect::<Vec<_>>())
    })
}

/// Where nodes share a store, who connects learns whom he follows, and an append learns whom to wake; elsewhere nobody notes anything.
pub fn a_device_is_where_it_connected_last(subject: Subject) {
    let db = with_log(&subject);
    let connect = |node| {
        let noted: Answer<_, StoreError> = db.keyed_many(&[]).write(move |tx| log::connected(tx, device(1), node));
        wait(noted).expect("it is noted").before()
    };
    let is_at = || wait(db.read::<_, StoreError>(move |tx| log::node(tx, device(1)))).expect("it is read");
    let shared = |node| db.is_shared().then_some(node);
    assert_eq!((is_at(), connect(NODE), is_at()), (None, None, shared(NODE)));
    assert_eq!((connect(NODE), connect(OTHER), connect(NODE)), (None, shared(NODE), shared(OTHER)));
    let places = wait(append(db, &[1, 2])).expect("they are appended").all().expect("it is committed");
    let nodes: Vec<_> = places.into_iter().map(|place| (place.seq, place.node)).collect();
    assert_eq!(nodes, [(1, shared(NODE)), (1, None)]);
}

/// Those without a log are left out.
pub fn many_logs_are_looked_at_at_once(subject: Subject) {
    let db = with_log(&subject);
    wait(append(db, &[1, 2, 1])).expect("they are appended");
    let noted: Answer<_, StoreError> = db.keyed_many(&[]).write(|tx| log::connected(tx, device(2), NODE));
    wait(noted).expect("it is noted");
    let asked: Vec<_> = (0..200).map(device).collect();
    let mut found = wait(db.read::<_, StoreError>(move |tx| log::reaches(tx, &asked))).expect("they are read");
    found.sort_by_key(|reach| reach.device);
    let node = db.is_shared().then_some(NODE);
    assert_eq!(found, [Reach { device: device(1), last: 2, node: None }, Reach { device: device(2), last: 1, node }]);
}
