//! What every place of files does, a folder as well as a bucket.
use crate::{Blobs, StoreError, blobs::BlobName};
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use std::ops::Range;

/// A name that begins with `first`.
fn name(first: u8, rest: u8) -> BlobName {
    let mut name = [rest; 32];
    name[0] = first;
    name
}

async fn read(blobs: &Blobs, name: &BlobName, range: Option<Range<u64>>) -> Option<Vec<u8>> {
    let pieces: Vec<Bytes> = blobs.read(name, range).await.expect("it can be read")?.try_collect().await.expect("all of it");
    Some(pieces.concat())
}

fn content(bytes: u32) -> Vec<u8> {
    (0..bytes).map(|at| (at ^ (at >> 8) ^ (at >> 16)) as u8).collect()
}

async fn store(blobs: &Blobs, name: &BlobName, content: &[u8], piece: usize) {
    let mut writing = blobs.write(name).await.expect("it begins");
    for piece in content.chunks(piece) {
        writing.push(Bytes::copy_from_slice(piece)).await.expect("it is taken");
    }
    assert_eq!(writing.bytes(), content.len() as u64);
    writing.finish().await.expect("it is stored");
}

/// The whole suite, over a place without files.
///
/// # Panics
/// When something is not as it should be.
pub async fn all(blobs: &Blobs) {
    a_file_is_read_as_it_was_written(blobs).await;
    a_file_of_many_pieces(blobs).await;
    what_was_not_finished_is_nowhere(blobs).await;
    files_are_listed(blobs).await;
    many_at_once(blobs).await;
    assert_eq!(blobs.check().await, Ok(()));
    assert_eq!(blobs.prove().await, Ok(crate::blobs::Proof::Passed));
    for first in [0xab, 0x0c, 0xc0, 0x77] {
        assert_eq!(blobs.list(first).await, Ok(Vec::new()), "nothing is left, and what the look wrote is no file");
    }
}

async fn a_file_is_read_as_it_was_written(blobs: &Blobs) {
    for bytes in [0, 1, 70_000, 1_048_576, 1_500_000] {
        let (name, content) = (name(0xab, 1), content(bytes));
        assert_eq!((read(blobs, &name, None).await, blobs.bytes(&name).await), (None, Ok(None)));
        store(blobs, &name, &content, 70_000).await;
        assert!(read(blobs, &name, None).await.expect("it is there") == content, "{bytes} bytes");
        assert_eq!(blobs.bytes(&name).await, Ok(Some(bytes.into())));
        if bytes > 0 {
            let last = u64::from(bytes) - 1;
            assert_eq!(read(blobs, &name, Some(last..last + 1)).await.expect("it is there"), &content[last as usize..]);
        }
        blobs.remove(&name).await.expect("it goes");
        blobs.remove(&name).await.expect("a second time, too");
        assert_eq!(read(blobs, &name, None).await, None);
    }
}

/// More than a bucket takes in one request, and ranges across the pieces of writing and of reading.
async fn a_file_of_many_pieces(blobs: &Blobs) {
    let (name, content) = (name(0xab, 2), content(12_000_001));
    let mut writing = blobs.write(&name).await.expect("it begins");
    for piece in content.chunks(700_001) {
        writing.push(Bytes::copy_from_slice(piece)).await.expect("it is taken");
    }
    assert_eq!(read(blobs, &name, None).await, None, "nobody sees it before it is whole");
    writing.finish().await.expect("it is stored");
    assert!(read(blobs, &name, None).await.expect("it is there") == content);
    for range in [0..1, 1_048_575..1_048_577, 5_242_879..5_242_882, 999_999..9_000_002, 12_000_000..12_000_001] {
        let part = read(blobs, &name, Some(range.clone())).await.expect("it is there");
        assert!(part == content[range.start as usize..range.end as usize], "{range:?}");
    }
    assert_eq!(blobs.bytes(&name).await, Ok(Some(12_000_001)));
    // Who tries again writes the same.
    store(blobs, &name, &content, 1_000_000).await;
    assert!(read(blobs, &name, None).await.expect("it is there") == content);
    blobs.remove(&name).await.expect("it goes");
}

async fn what_was_not_finished_is_nowhere(blobs: &Blobs) {
    for bytes in [4, 6_000_000] {
        let name = name(0xab, 3);
        let mut writing = blobs.write(&name).await.expect("it begins");
        writing.push(Bytes::from(content(bytes))).await.expect("it is taken");
        drop(writing);
        assert_eq!((read(blobs, &name, None).await, blobs.bytes(&name).await, blobs.list(0xab).await), (None, Ok(None), Ok(Vec::new())));
    }
}

async fn files_are_listed(blobs: &Blobs) {
    let (one, two, other) = (name(0x0c, 1), name(0x0c, 2), name(0xc0, 1));
    for (name, bytes) in [(two, 2), (one, 1), (other, 3)] {
        store(blobs, &name, &content(bytes), 10).await;
    }
    assert_eq!(blobs.list(0x0c).await, Ok(vec![(one, 1), (two, 2)]));
    assert_eq!(blobs.list(0xc0).await, Ok(vec![(other, 3)]));
    for name in [one, two, other] {
        blobs.remove(&name).await.expect("it goes");
    }
}

async fn many_at_once(blobs: &Blobs) {
    let names: Vec<BlobName> = (0..40).map(|rest| name(0x77, rest)).collect();
    futures_util::future::join_all(names.iter().map(|name| async move { store(blobs, name, &[name[1]; 30_000], 10_000).await })).await;
    let found: Result<Vec<BlobName>, StoreError> = blobs.list(0x77).await.map(|found| found.into_iter().map(|(name, _)| name).collect());
    assert_eq!(found, Ok(names.clone()));
    futures_util::future::join_all(names.iter().map(|name| async move {
        assert!(read(blobs, name, None).await.expect("it is there").iter().all(|byte| *byte == name[1]));
        blobs.remove(name).await.expect("it goes");
    }))
    .await;
}
