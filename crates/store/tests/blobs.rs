//! Files are whole or not there.
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use std::{fs, path::Path};
use suki_store::{Blobs, blobs::BlobName};

const NAME: BlobName = [0xab; 32];

async fn read(blobs: &Blobs, range: Option<std::ops::Range<u64>>) -> Option<Vec<u8>> {
    let pieces: Vec<Bytes> = blobs.read(&NAME, range).await.expect("it can be read")?.try_collect().await.expect("all of it");
    Some(pieces.concat())
}

fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for part in fs::read_dir(folder).expect("the folder") {
        for file in fs::read_dir(part.expect("a part").path()).expect("a part") {
            found.push(file.expect("a file").file_name().to_string_lossy().into_owned());
        }
    }
    found
}

#[tokio::test]
async fn a_file_is_read_as_it_was_written() {
    let folder = tempfile::tempdir().expect("a folder");
    for blobs in [Blobs::folder(folder.path()).expect("it opens"), Blobs::in_memory()] {
        assert_eq!((read(&blobs, None).await, blobs.bytes(&NAME).await.expect("an answer")), (None, None));
        let content: Vec<u8> = (0..3_000_000_u32).map(|at| at as u8).collect();
        let mut writing = blobs.write(&NAME).await.expect("it begins");
        for piece in content.chunks(70_000) {
            writing.push(Bytes::copy_from_slice(piece)).await.expect("it is taken");
        }
        assert_eq!((writing.bytes(), read(&blobs, None).await), (3_000_000, None), "nobody sees it before it is whole");
        writing.finish().await.expect("it is stored");
        assert_eq!(read(&blobs, None).await.expect("it is there"), content);
        assert_eq!(read(&blobs, Some(999_999..1_000_002)).await.expect("it is there"), &content[999_999..1_000_002]);
        assert_eq!(blobs.bytes(&NAME).await.expect("an answer"), Some(3_000_000));
        blobs.remove(&NAME).await.expect("it goes");
        blobs.remove(&NAME).await.expect("a second time, too");
        assert_eq!(read(&blobs, None).await, None);
    }
}

#[tokio::test]
async fn what_was_not_finished_is_nowhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let blobs = Blobs::folder(folder.path()).expect("it opens");
    let mut writing = blobs.write(&NAME).await.expect("it begins");
    writing.push(Bytes::from_static(b"half")).await.expect("it is taken");
    let staged = files(folder.path());
    assert_eq!(staged.len(), 1);
    // As after kill -9: the writer did not come to remove it.
    std::mem::forget(writing);
    assert_eq!(read(&blobs, None).await, None);
    drop(blobs);
    Blobs::folder(folder.path()).expect("it opens again");
    assert_eq!(files(folder.path()), Vec::<String>::new());
}

#[cfg(unix)]
#[tokio::test]
async fn the_folder_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("blobs");
    Blobs::folder(&path).expect("it opens");
    assert_eq!(fs::metadata(&path).expect("it is there").permissions().mode() & 0o777, 0o700);
}
