//! Files from one place to another, for a move.
use super::{BlobName, Blobs};
use crate::StoreError;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use std::collections::HashMap;

/// How many files go over at once.
const AT_ONCE: usize = 8;

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Copied {
    /// How many files are there, those included that were there already.
    pub files: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// How many files were there already.
    pub before: u64,
    /// How many there are to be.
    pub of_files: u64,
    /// How many bytes those have.
    pub of_bytes: u64,
}

/// Copies every file that is not there yet with as many bytes, and looks at the end whether all are. May be begun again: names never get other bytes. `told`
/// hears how far it has come.
///
/// # Errors
/// What either place says; [`StoreError::Corrupt`] when files are missing at the end.
pub async fn copy(from: &Blobs, to: &Blobs, told: &mut dyn FnMut(Copied)) -> Result<Copied, StoreError> {
    let mut copied = Copied::default();
    for first in 0..=u8::MAX {
        for (_, bytes) in from.list(first).await? {
            copied.of_files += 1;
            copied.of_bytes += bytes;
        }
    }
    for first in 0..=u8::MAX {
        let wanted = from.list(first).await?;
        let there = by_name(to, first).await?;
        let missing: Vec<_> = wanted.iter().copied().filter(|(name, bytes)| there.get(name) != Some(bytes)).collect();
        for (_, bytes) in wanted.iter().filter(|(name, bytes)| there.get(name) == Some(bytes)) {
            copied.files += 1;
            copied.before += 1;
            copied.bytes += bytes;
        }
        told(copied);
        let mut going = stream::iter(missing.into_iter().map(|(name, _)| one(from, to, name))).buffer_unordered(AT_ONCE);
        while let Some(bytes) = going.try_next().await? {
            copied.files += 1;
            copied.bytes += bytes;
            told(copied);
        }
        drop(going);
        let there = by_name(to, first).await?;
        if wanted.iter().any(|(name, bytes)| there.get(name) != Some(bytes)) {
            return Err(StoreError::Corrupt("a file that was copied is not there as it was sent"));
        }
    }
    Ok(copied)
}

async fn by_name(blobs: &Blobs, first: u8) -> Result<HashMap<BlobName, u64>, StoreError> {
    Ok(blobs.list(first).await?.into_iter().collect())
}

async fn one(from: &Blobs, to: &Blobs, name: BlobName) -> Result<u64, StoreError> {
    let mut bytes = from.read(&name, None).await?.ok_or(StoreError::Corrupt("a file went away while it was copied: its place is in use"))?;
    let mut writing = to.write(&name).await?;
    while let Some(piece) = bytes.try_next().await? {
        writing.push(piece).await?;
    }
    let came = writing.bytes();
    writing.finish().await?;
    Ok(came)
}
