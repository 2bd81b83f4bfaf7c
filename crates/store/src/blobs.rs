//! Files: bytes under a name of 32 bytes, written once and as a whole, read in ranges. In a folder today; the handle is all that others know of it.
//!
//! What [`Writing::finish`] has answered is durable: the file and its folder are flushed. What was begun and not finished is nowhere, whether the writer
//! went away, the disk was full or the process was killed.
use crate::StoreError;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream::BoxStream};
use object_store::{
    GetOptions, GetRange, ObjectStore, ObjectStoreExt as _, WriteMultipart, local::LocalFileSystem, memory::InMemory, path::Path as Place,
};
use std::{fs, io, ops::Range, os::unix::fs::DirBuilderExt as _, path::Path, sync::Arc};

/// The bytes that are written at once.
const PIECE_BYTES: usize = 1024 * 1024;
/// How many pieces of one file wait to be written.
const PIECES: usize = 2;
/// What stands in the name of a file that is still written.
const UNFINISHED: char = '#';

/// A file's name: random, since who knows it may have the file.
pub type BlobName = [u8; 32];

/// The bytes of a file, as they are read.
pub type BlobStream = BoxStream<'static, Result<Bytes, StoreError>>;

/// Where files are kept. Cloning it gives another handle on the same place.
#[derive(Debug, Clone)]
pub struct Blobs(Arc<dyn ObjectStore>);

impl Blobs {
    /// In a folder, which is made for its owner's eyes alone. One process uses it: what an earlier one did not finish is removed. Blocks.
    ///
    /// # Errors
    /// When the folder cannot be made or read.
    pub fn folder(path: &Path) -> Result<Self, StoreError> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| of_io(&error))?;
        remove_unfinished(path).map_err(|error| of_io(&error))?;
        let store = LocalFileSystem::new_with_prefix(path).map_err(|error| failed(&error))?;
        Ok(Self(Arc::new(store.with_fsync(true))))
    }

    /// In memory, for tests that look at something else.
    pub fn in_memory() -> Self {
        Self(Arc::new(InMemory::new()))
    }

    /// Begins a file.
    ///
    /// # Errors
    /// When nothing can be written.
    pub async fn write(&self, name: &BlobName) -> Result<Writing, StoreError> {
        let upload = self.0.put_multipart(&place(name)).await.map_err(|error| failed(&error))?;
        Ok(Writing { upload: WriteMultipart::new_with_chunk_size(upload, PIECE_BYTES), bytes: 0 })
    }

    /// A file's bytes, all or a range of them that lies inside; none when there is no such file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn read(&self, name: &BlobName, range: Option<Range<u64>>) -> Result<Option<BlobStream>, StoreError> {
        let options = GetOptions { range: range.map(GetRange::Bounded), ..GetOptions::default() };
        match self.0.get_opts(&place(name), options).await {
            Ok(found) => Ok(Some(found.into_stream().map(|piece| piece.map_err(|error| failed(&error))).boxed())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    /// How many bytes a file has; none when there is no such file.
    ///
    /// # Errors
    /// When that cannot be read.
    pub async fn bytes(&self, name: &BlobName) -> Result<Option<u64>, StoreError> {
        match self.0.head(&place(name)).await {
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
        match self.0.delete(&place(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(&error)),
        }
    }
}

/// A file that is being written. Dropping it leaves nothing behind.
#[derive(Debug)]
pub struct Writing {
    upload: WriteMultipart,
    bytes: u64,
}

impl Writing {
    /// Takes the next bytes. Waits when the disk is slower than the writer, so that little of a file is in memory.
    ///
    /// # Errors
    /// When they cannot be written.
    pub async fn push(&mut self, bytes: Bytes) -> Result<(), StoreError> {
        self.upload.wait_for_capacity(PIECES).await.map_err(|error| failed(&error))?;
        self.bytes += bytes.len() as u64;
        self.upload.put(bytes);
        Ok(())
    }

    /// How many bytes were taken.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Makes the file durable, and seen under its name.
    ///
    /// # Errors
    /// When it cannot be stored; then there is no such file.
    pub async fn finish(self) -> Result<(), StoreError> {
        self.upload.finish().await.map_err(|error| failed(&error))?;
        Ok(())
    }
}

/// Few files to a folder.
fn place(name: &BlobName) -> Place {
    let name = hex::encode(name);
    Place::from_iter([&name[..2], &name[..]])
}

fn remove_unfinished(folder: &Path) -> io::Result<()> {
    for part in fs::read_dir(folder)? {
        let part = part?;
        if !part.file_type()?.is_dir() {
            continue;
        }
        for file in fs::read_dir(part.path())? {
            let file = file?;
            if file.file_name().to_string_lossy().contains(UNFINISHED) {
                fs::remove_file(file.path())?;
            }
        }
    }
    Ok(())
}

fn failed(error: &object_store::Error) -> StoreError {
    let mut source: Option<&dyn std::error::Error> = Some(error);
    while let Some(one) = source {
        if let Some(io) = one.downcast_ref::<io::Error>() {
            return of_io(io);
        }
        source = one.source();
    }
    StoreError::Unavailable("the files cannot be reached".into())
}

/// Without the path: a file's name opens it.
fn of_io(error: &io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full,
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => StoreError::ReadOnly,
        kind => StoreError::Unavailable(format!("a file cannot be read or written: {kind}")),
    }
}
