//! Files in a bucket of a real S3 server: Garage, which scripts/s3 starts (issue "Past one machine", "Media").
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use suki_store::{
    Blobs, StoreError,
    blobs::{BlobName, Proof, S3Place, copy},
    conformance::blobs,
    testing::S3Server,
};

const NAME: BlobName = [0xab; 32];

fn bucket(server: &S3Server, prefix: &str, below: &str) -> Blobs {
    let url = format!("s3://{}/{prefix}", server.bucket());
    Blobs::s3(&S3Place::parse(&url, server.settings()).expect("it is an address"), below).expect("it opens")
}

fn told(error: StoreError) -> String {
    match error {
        StoreError::Unavailable(text) => text,
        other => panic!("{other:?}"),
    }
}

async fn read(blobs: &Blobs) -> Option<Vec<u8>> {
    let pieces: Vec<Bytes> = blobs.read(&NAME, None).await.expect("it can be read")?.try_collect().await.expect("all of it");
    Some(pieces.concat())
}

async fn write(blobs: &Blobs, bytes: &[u8]) -> Result<(), StoreError> {
    let mut writing = blobs.write(&NAME).await?;
    for piece in bytes.chunks(1_000_000) {
        writing.push(Bytes::copy_from_slice(piece)).await?;
    }
    writing.finish().await
}

#[tokio::test]
async fn the_suite_in_a_bucket() {
    let server = S3Server::start();
    blobs::all(&bucket(&server, "suki", "media")).await;
}

/// What one node has stored another has, prefixes are walls, and a restart of the store loses nothing that was acknowledged.
#[tokio::test]
async fn nodes_share_a_bucket_and_what_is_acknowledged_stays() {
    let server = S3Server::start();
    let (one, two) = (bucket(&server, "suki", "media"), bucket(&server, "suki", "media"));
    let content: Vec<u8> = (0..7_000_000_u32).map(|at| (at ^ (at >> 9)) as u8).collect();
    assert!(one.is_shared());
    write(&one, &content).await.expect("it is stored");
    assert!(read(&two).await.expect("it is there") == content);
    for other in [bucket(&server, "suki", "network"), bucket(&server, "suki2", "media"), bucket(&server, "", "media")] {
        assert_eq!(read(&other).await, None);
    }
    // Somebody who reads while the store goes away hears of it, instead of getting half a file.
    let mut reading = two.read(&NAME, None).await.expect("it can be read").expect("it is there");
    let first = reading.try_next().await.expect("it is read").expect("a piece");
    assert!(!first.is_empty() && first.len() < content.len());
    server.stop();
    let broke = reading.try_collect::<Vec<_>>().await.expect_err("the store is gone");
    assert!(told(broke).contains("cannot be reached"));
    assert!(told(two.check().await.expect_err("it is gone")).contains("cannot be reached"));
    assert!(matches!(two.prove().await, Ok(Proof::NotNow(_))), "that may pass");
    assert!(told(write(&one, b"new").await.expect_err("nothing is acknowledged")).contains("cannot be reached"));
    server.start_again();
    assert_eq!(two.check().await, Ok(()));
    assert!(read(&two).await.expect("it is still there") == content);
}

#[tokio::test]
async fn wrong_settings_are_told_at_the_start() {
    let server = S3Server::start();
    let open = |bucket: &str, change: &[(&str, &str)]| {
        let mut settings: Vec<(String, String)> = server.settings().collect();
        for (name, value) in change {
            settings.retain(|(of, _)| of != name);
            settings.push(((*name).to_owned(), (*value).to_owned()));
        }
        Blobs::s3(&S3Place::parse(&format!("s3://{bucket}/suki"), settings).expect("it is an address"), "media").expect("it opens")
    };
    for (bucket, change, words) in [
        ("nobodys", &[][..], "no such bucket"),
        (server.bucket(), &[("AWS_SECRET_ACCESS_KEY", "00000000000000000000000000000000")][..], "denies access"),
        (server.bucket(), &[("AWS_ACCESS_KEY_ID", "GKffffffffffffffffffffffff")][..], "denies access"),
    ] {
        let blobs = open(bucket, change);
        let refused = told(blobs.prove().await.expect_err("it refuses, and will go on to"));
        assert!(refused.contains(words) && !refused.contains("0000") && !refused.contains("abab"), "{refused}");
        assert!(blobs.check().await.is_err());
    }
    let nobody = open(server.bucket(), &[("AWS_ENDPOINT_URL", "http://127.0.0.1:1")]);
    assert!(matches!(nobody.prove().await, Ok(Proof::NotNow(StoreError::Unavailable(text))) if text.contains("cannot be reached")));
}

#[tokio::test]
async fn a_folder_moves_into_a_bucket() {
    let server = S3Server::start();
    let folder = tempfile::tempdir().expect("a folder");
    let (from, to) = (Blobs::folder(folder.path()).expect("it opens"), bucket(&server, "suki", "media"));
    write(&from, &vec![7; 6_000_000]).await.expect("it is stored");
    let copied = copy(&from, &to, &mut |_| ()).await.expect("all goes over");
    assert_eq!((copied.files, copied.bytes, copied.before), (1, 6_000_000, 0));
    assert!(read(&to).await.expect("it is there") == vec![7; 6_000_000]);
    assert_eq!(copy(&from, &to, &mut |_| ()).await.expect("nothing is left to do").before, 1);
}
