//! Files: bytes under a name of 32 bytes, written once and as a whole, read in ranges. In a folder, or in a bucket of a store that speaks S3; the handle is
//! all that others know of it.
//!
//! What [`Writing::finish`] has answered is durable: a folder's file and the folder are flushed, a bucket's server has taken all of it. What was begun and not
//! finished is nowhere, whether the writer went away, the disk was full or the process was killed. No conditional write is needed for that: a name is drawn at
//! random for each file and never gets other bytes, so that who tries again writes the same.
mod copy;
mod error;
mod folder;
mod s3;
mod writing;

pub use copy::{Copied, copy};
pub use s3::S3Place;
pub use writing::Writing;

use crate::StoreError;
use bytes::Bytes;
use error::failed;
use futures_util::{StreamExt as _, TryStreamExt as _, stream::BoxStream};
use metrics::counter;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt as _, PutPayload, memory::InMemory, path::Path as Place, prefix::PrefixStore};
use std::{ops::Range, path::Path, sync::Arc};

/// The bytes that go to a folder at once.
const FOLDER_PIECE_BYTES: usize = 1024 * 1024;
/// The bytes that go to a bucket at once, and the most that a file may have to go there in one request. S3 takes no smaller pieces.
const BUCKET_PIECE_BYTES: usize = 5 * 1024 * 1024;
/// What stands in a bucket for a moment when a server starts, to see that it may be written.
const TRIAL: &str = "trial";

/// A file's name: random, since who knows it may have the file.
pub type BlobName = [u8; 32];

/// The bytes of a file, as they are read.
pub type BlobStream = BoxStream<'static, Result<Bytes, StoreError>>;

/// Where files are kept. Cloning it gives another handle on the same place.
#[derive(Debug, Clone)]
pub struct Blobs(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Arc<dyn ObjectStore>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Memory,
    Folder(folder::Folder),
    Bucket(s3::Bucket),
}

impl Blobs {
    /// In a folder, which is made for its owner's eyes alone. One process uses it: what an earlier one did not finish is removed. Blocks.
    ///
    /// # Errors
    /// When the folder cannot be made or read.
    pub fn folder(path: &Path) -> Result<Self, StoreError> {
        Self::in_folder(path, folder::Use::Alone)
    }

    /// In a folder that several nodes use, as on a network file system that keeps what it has flushed. What was not finished goes after a day. Blocks.
    ///
    /// # Errors
    /// When the folder cannot be made, read or written.
    pub fn shared_folder(path: &Path) -> Result<Self, StoreError> {
        Self::in_folder(path, folder::Use::Shared)
    }

    fn in_folder(path: &Path, uses: folder::Use) -> Result<Self, StoreError> {
        let (folder, store) = folder::open(path, uses)?;
        Ok(Self(Arc::new(Inner { store: Arc::new(store), kind: Kind::Folder(folder) })))
    }

    /// In a bucket, below a prefix of its own. Nothing is asked of it yet: [`Blobs::prove`] does.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] with what is wrong in its settings.
    pub fn s3(place: &S3Place, below: &str) -> Result<Self, StoreError> {
        let (bucket, store) = s3::open(place, below)?;
        let store = PrefixStore::new(store, bucket.prefix());
        Ok(Self(Arc::new(Inner { store: Arc::new(store), kind: Kind::Bucket(bucket) })))
    }

    /// In memory, for tests that look at something else.
    pub fn in_memory() -> Self {
        Self(Arc::new(Inner { store: Arc::new(InMemory::new()), kind: Kind::Memory }))
    }

    /// Whether other machines can have these files from here, too.
    pub fn is_shared(&self) -> bool {
        matches!(&self.0.kind, Kind::Bucket(_) | Kind::Folder(folder::Folder { uses: folder::Use::Shared, .. }))
    }

    /// Begins a file.
    ///
    /// # Errors
    /// When nothing can be written.
    pub async fn write(&self, name: &BlobName) -> Result<Writing, StoreError> {
        match &self.0.kind {
            Kind::Bucket(_) => Ok(Writing::later(self.0.store.clone(), place(name), BUCKET_PIECE_BYTES)),
            Kind::Memory | Kind::Folder(_) => Writing::at_once(self.0.store.clone(), place(name), FOLDER_PIECE_BYTES).await,
        }
    }

    /// A file's bytes, all or a range of them that lies inside; none when there is no such file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn read(&self, name: &BlobName, range: Option<Range<u64>>) -> Result<Option<BlobStream>, StoreError> {
        let counted = counter!("suki_file_bytes_total", "direction" => "read");
        let stream = self.stream(name, range).await?;
        Ok(stream.map(|stream| stream.inspect_ok(move |piece| counted.increment(piece.len() as u64)).boxed()))
    }

    async fn stream(&self, name: &BlobName, range: Option<Range<u64>>) -> Result<Option<BlobStream>, StoreError> {
        if let Kind::Bucket(_) = &self.0.kind {
            return s3::read(self.0.store.clone(), place(name), range).await;
        }
        let options = GetOptions { range: range.map(GetRange::Bounded), ..GetOptions::default() };
        match self.0.store.get_opts(&place(name), options).await {
            Ok(found) => Ok(Some(found.into_stream().map_err(|error| failed(&error)).boxed())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    /// How many bytes a file has; none when there is no such file.
    ///
    /// # Errors
    /// When that cannot be read.
    pub async fn bytes(&self, name: &BlobName) -> Result<Option<u64>, StoreError> {
        match self.0.store.head(&place(name)).await {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Removes a file. One that is not there counts as removed.
    ///
    /// # Errors
    /// When it is there and cannot be removed.
    pub async fn remove(&self, name: &BlobName) -> Result<(), StoreError> {
        match self.0.store.delete(&place(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(&error)),
        }
    }

    /// The files whose names begin with this byte, in the order of their names, each with how many bytes it has. What is not finished is not among them.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn list(&self, first: u8) -> Result<Vec<(BlobName, u64)>, StoreError> {
        let shelf = Place::from(hex::encode([first]));
        let mut listed = self.0.store.list(Some(&shelf));
        let mut found = Vec::new();
        while let Some(one) = listed.try_next().await.map_err(|error| failed(&error))? {
            let mut name = BlobName::default();
            if one.location.filename().is_some_and(|text| hex::decode_to_slice(text, &mut name).is_ok()) {
                found.push((name, one.size));
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    /// Whether files can be had and stored now, as cheaply as that can be found out: a small file that comes and goes in a folder, one page of one name in a
    /// bucket.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::ReadOnly`], or [`StoreError::Unavailable`] with the reason: the store is not reached, or it denies access.
    pub async fn check(&self) -> Result<(), StoreError> {
        match &self.0.kind {
            Kind::Memory => Ok(()),
            Kind::Folder(folder) => folder.check().await,
            Kind::Bucket(bucket) => bucket.check().await,
        }
    }

    /// Writes, reads, lists and removes something small: for the start of a server, so that wrong settings are told then and not with the first file.
    ///
    /// # Errors
    /// When the place is there and refuses: wrong credentials, no such bucket. That will not mend itself.
    pub async fn prove(&self) -> Result<Proof, StoreError> {
        let Kind::Bucket(bucket) = &self.0.kind else { return Ok(self.check().await.map_or_else(Proof::NotNow, |()| Proof::Passed)) };
        match self.prove_bucket(bucket).await {
            Ok(()) => Ok(Proof::Passed),
            Err(error) if error::will_stay(&error) => Err(failed(&error)),
            Err(error) => Ok(Proof::NotNow(failed(&error))),
        }
    }

    async fn prove_bucket(&self, bucket: &s3::Bucket) -> Result<(), object_store::Error> {
        bucket.look().await?;
        let (store, trial) = (&self.0.store, Place::from(TRIAL));
        store.put(&trial, PutPayload::from_static(b"This may be removed.")).await?;
        // A node that starts at the same time may remove it in between.
        let gone_is_fine = |error| if matches!(error, object_store::Error::NotFound { .. }) { Ok(()) } else { Err(error) };
        match store.get(&trial).await {
            Ok(found) => found.bytes().await.map(drop),
            Err(error) => Err(error),
        }
        .or_else(gone_is_fine)?;
        store.delete(&trial).await.or_else(gone_is_fine)
    }
}

/// How a place was found at the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// Files can be stored, fetched and removed.
    Passed,
    /// Not now, for this reason; later perhaps.
    NotNow(StoreError),
}

/// Few files to a folder.
fn place(name: &BlobName) -> Place {
    let name = hex::encode(name);
    Place::from_iter([&name[..2], &name[..]])
}
