//! Frames between nodes: written by us, and read as if a stranger had written them.
use crate::Wake;
use bytes::Bytes;
use prost::Message as _;
use suki_types::DeviceId;

/// The types of `bus.proto`.
#[allow(missing_docs, clippy::all)]
pub(super) mod pb {
    include!(concat!(env!("OUT_DIR"), "/suki.bus.v1.rs"));
}

/// The most bytes of one frame. Entries that do not fit stay in the store.
pub const FRAME_BYTES: usize = 64 * 1024;

/// What came in one frame.
#[derive(Debug, PartialEq, Default)]
pub(super) struct Received {
    pub wakes: Vec<(DeviceId, Wake)>,
    pub lost: bool,
    pub probe: Option<u64>,
}

/// A frame with one wake. Whatever it holds, it is no longer than [`FRAME_BYTES`].
pub(super) fn encode(device: DeviceId, wake: Wake) -> Vec<u8> {
    let frame = write(device, wake);
    if frame.encoded_len() <= FRAME_BYTES {
        return frame.encode_to_vec();
    }
    let wakes = frame.wakes.into_iter().map(without_entries).collect();
    pb::Frame { wakes, ..pb::Frame::default() }.encode_to_vec()
}

/// A frame that asks this node itself.
pub(super) fn probe(number: u64) -> Bytes {
    pb::Frame { probe: number, ..pb::Frame::default() }.encode_to_vec().into()
}

/// What stands at the end of a frame when wakes were dropped before it.
pub(super) fn lost() -> Vec<u8> {
    pb::Frame { lost: true, ..pb::Frame::default() }.encode_to_vec()
}

/// Reads a frame; `None` when it is none. A wake of a kind that this program does not know is passed over.
pub(super) fn decode(bytes: Bytes) -> Option<Received> {
    if bytes.len() > FRAME_BYTES {
        return None;
    }
    let frame = pb::Frame::decode(bytes).ok()?;
    let mut wakes = Vec::with_capacity(frame.wakes.len());
    for wake in frame.wakes {
        let device = DeviceId::try_from(&wake.device[..]).ok()?;
        wakes.extend(wake.what.map(|what| (device, read(what))));
    }
    Some(Received { wakes, lost: frame.lost, probe: (frame.probe != 0).then_some(frame.probe) })
}

fn write(device: DeviceId, wake: Wake) -> pb::Frame {
    let what = match wake {
        Wake::Appended { last, fresh } => pb::wake::What::Appended(pb::Appended { last, fresh }),
        Wake::Stored { last } => pb::wake::What::Appended(pb::Appended { last, fresh: Vec::new() }),
        Wake::Typing(typing) => pb::wake::What::Typing(typing),
        Wake::Removed => pb::wake::What::Removed(pb::Removed {}),
        Wake::Replaced => pb::wake::What::Replaced(pb::Replaced {}),
    };
    pb::Frame { wakes: vec![pb::Wake { device: device.to_vec(), what: Some(what) }], ..pb::Frame::default() }
}

fn read(what: pb::wake::What) -> Wake {
    match what {
        pb::wake::What::Appended(pb::Appended { last, fresh }) => Wake::Appended { last, fresh },
        pb::wake::What::Typing(typing) => Wake::Typing(typing),
        pb::wake::What::Removed(_) => Wake::Removed,
        pb::wake::What::Replaced(_) => Wake::Replaced,
    }
}

fn without_entries(mut wake: pb::Wake) -> pb::Wake {
    if let Some(pb::wake::What::Appended(appended)) = &mut wake.what {
        appended.fresh.clear();
    }
    wake
}

#[cfg(test)]
mod tests {
    use super::*;
    use suki_protocol::pb::{Entry, Typing};
    use suki_types::Env;

    fn appended(last: u64, bytes: usize) -> Wake {
        Wake::Appended { last, fresh: vec![Entry { seq: last, payload: vec![7; bytes], ..Entry::default() }] }
    }

    #[test]
    fn frames_after_each_other_are_one_frame() {
        let device = DeviceId::new(&Env::for_tests(1));
        let wakes = [appended(5, 300), Wake::Typing(Typing { on: true, ..Typing::default() }), Wake::Removed, Wake::Replaced];
        let mut bytes: Vec<u8> = wakes.iter().flat_map(|wake| encode(device, wake.clone())).collect();
        bytes.extend(lost());
        let wakes: Vec<_> = wakes.into_iter().map(|wake| (device, wake)).collect();
        assert_eq!(decode(bytes.into()), Some(Received { wakes, lost: true, probe: None }));
        assert_eq!(decode(probe(9)), Some(Received { probe: Some(9), ..Received::default() }));
    }

    #[test]
    fn entries_that_do_not_fit_stay_in_the_store() {
        let device = DeviceId::new(&Env::for_tests(1));
        let small = encode(device, appended(1, FRAME_BYTES - 100));
        assert!(small.len() > FRAME_BYTES - 100 && small.len() <= FRAME_BYTES, "{}", small.len());
        let wakes = vec![(device, Wake::Appended { last: 2, fresh: Vec::new() })];
        assert_eq!(decode(encode(device, appended(2, FRAME_BYTES)).into()), Some(Received { wakes, ..Received::default() }));
    }

    #[test]
    fn what_is_no_frame_is_none() {
        let device = DeviceId::new(&Env::for_tests(1));
        let good = encode(device, appended(1, 40));
        for bad in [vec![255; 40], good[..good.len() - 1].to_vec(), vec![0; FRAME_BYTES + 1], [&[10, 5, 10, 3][..], b"dev"].concat()] {
            assert_eq!(decode(bad.into()), None);
        }
        // A kind of wake that a later program may have: field 15 of the wake.
        let mut later = vec![10, 20, 10, 16];
        later.extend(device.to_vec());
        later.extend([122, 0]);
        assert_eq!(decode(later.into()), Some(Received::default()));
    }

    #[test]
    fn the_wire_is_pinned() {
        // Nodes of two versions stand beside each other: what these bytes mean may never change.
        let device = DeviceId::from_bytes([1; 16]);
        let bytes = encode(device, Wake::Appended { last: 3, fresh: Vec::new() });
        assert_eq!(bytes, [&[10, 22, 10, 16][..], &[1; 16], &[18, 2, 8, 3]].concat());
    }
}
