//! Files are whole or not there.
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use std::{fs, path::Path, time::Duration};
use suki_store::{
    Blobs, StoreError,
    blobs::{BlobName, copy},
    conformance::blobs,
};

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
async fn the_suite_in_memory() {
    blobs::all(&Blobs::in_memory()).await;
}

#[tokio::test]
async fn the_suite_in_a_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    blobs::all(&Blobs::folder(folder.path()).expect("it opens")).await;
}

/// Two nodes with one folder: what one has begun the other does not take away when it starts, and what one has stored the other has.
#[tokio::test]
async fn the_suite_in_a_folder_that_nodes_share() {
    let folder = tempfile::tempdir().expect("a folder");
    let one = Blobs::shared_folder(folder.path()).expect("it opens");
    blobs::all(&one).await;
    let mut writing = one.write(&NAME).await.expect("it begins");
    writing.push(Bytes::from_static(b"whole")).await.expect("it is taken");
    let two = Blobs::shared_folder(folder.path()).expect("it opens, too");
    assert!(one.is_shared() && two.is_shared());
    writing.finish().await.expect("it is stored");
    assert_eq!(read(&two, None).await.as_deref(), Some(&b"whole"[..]));
    // A day later nobody goes on with what was begun.
    let abandoned = folder.path().join("ab").join("cd#1");
    let file = fs::File::create(&abandoned).expect("a file");
    file.set_modified(file.metadata().expect("it is there").modified().expect("a time") - Duration::from_secs(86_401)).expect("it is old");
    fs::write(folder.path().join("ab").join("ce#1"), b"new").expect("a file");
    Blobs::shared_folder(folder.path()).expect("it opens again");
    let left = files(folder.path());
    assert_eq!(left.iter().filter(|name| name.contains('#')).collect::<Vec<_>>(), ["ce#1"], "{left:?}");
}

#[tokio::test]
async fn a_folder_that_is_gone_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("blobs");
    let blobs = Blobs::folder(&path).expect("it opens");
    assert_eq!(blobs.check().await, Ok(()));
    fs::remove_dir_all(&path).expect("it goes");
    assert!(matches!(blobs.check().await, Err(StoreError::Unavailable(text)) if text.contains("not found")));
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

/// What is there already is not sent again, and what is there by half is.
#[tokio::test]
async fn files_move_from_one_place_to_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let (from, to) = (Blobs::folder(folder.path()).expect("it opens"), Blobs::in_memory());
    let store = |blobs: Blobs, first: u8, bytes: usize| async move {
        let mut writing = blobs.write(&[first; 32]).await.expect("it begins");
        writing.push(Bytes::from(vec![first; bytes])).await.expect("it is taken");
        writing.finish().await.expect("it is stored");
    };
    for first in 0..20 {
        store(from.clone(), first, 1000 + usize::from(first)).await;
    }
    store(to.clone(), 3, 1003).await;
    store(to.clone(), 4, 4).await;
    let mut told = 0;
    let copied = copy(&from, &to, &mut |copied| told = copied.files).await.expect("they go");
    assert_eq!((copied.files, copied.bytes, copied.before, told), (20, 20_190, 1, 20));
    let pieces: Vec<Bytes> = to.read(&[4; 32], None).await.expect("it can be read").expect("it is there").try_collect().await.expect("all");
    assert_eq!(pieces.concat(), vec![4; 1004]);
    assert_eq!(copy(&from, &to, &mut |_| ()).await.expect("nothing is left to do").before, 20);
}
