//! A file that is being written.
use super::error::failed;
use crate::StoreError;
use bytes::Bytes;
use metrics::counter;
use object_store::{ObjectStore, ObjectStoreExt as _, PutPayloadMut, WriteMultipart, path::Path as Place};
use std::{mem, sync::Arc};
use tokio::runtime::Handle;

/// How many pieces of one file are on their way at once.
const PIECES: usize = 2;

/// A file that is being written. Dropping it leaves nothing behind.
#[derive(Debug)]
pub struct Writing {
    store: Arc<dyn ObjectStore>,
    place: Place,
    piece: usize,
    way: Way,
    bytes: u64,
}

#[derive(Debug)]
enum Way {
    /// So little came yet that one request may take all of it.
    Held(PutPayloadMut),
    /// Piece by piece.
    Pieces { upload: WriteMultipart, remote: bool },
    /// Finished, or given up.
    Over,
}

impl Writing {
    /// One whose place is taken at once.
    pub(super) async fn at_once(store: Arc<dyn ObjectStore>, place: Place, piece: usize) -> Result<Self, StoreError> {
        let upload = begin(&*store, &place, piece).await?;
        Ok(Self { store, place, piece, way: Way::Pieces { upload, remote: false }, bytes: 0 })
    }

    /// One that is held until it is too big for one request.
    pub(super) fn later(store: Arc<dyn ObjectStore>, place: Place, piece: usize) -> Self {
        Self { store, place, piece, way: Way::Held(PutPayloadMut::new()), bytes: 0 }
    }

    /// Takes the next bytes. Waits when the disk or the store is slower than the writer, so that little of a file is in memory.
    ///
    /// # Errors
    /// When they cannot be written.
    pub async fn push(&mut self, bytes: Bytes) -> Result<(), StoreError> {
        self.bytes += bytes.len() as u64;
        if let Way::Held(held) = &mut self.way {
            held.push(bytes);
            if held.content_length() <= self.piece {
                return Ok(());
            }
            let held = mem::take(held);
            let mut upload = begin(&*self.store, &self.place, self.piece).await?;
            held.freeze().into_iter().for_each(|part| upload.put(part));
            self.way = Way::Pieces { upload, remote: true };
            return Ok(());
        }
        match &mut self.way {
            Way::Pieces { upload, .. } => {
                upload.wait_for_capacity(PIECES).await.map_err(|error| failed(&error))?;
                upload.put(bytes);
                Ok(())
            }
            Way::Held(_) | Way::Over => Err(StoreError::Closed),
        }
    }

    /// How many bytes were taken.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Makes the file durable, and seen under its name.
    ///
    /// # Errors
    /// When it cannot be stored; then there is no such file.
    pub async fn finish(mut self) -> Result<(), StoreError> {
        let finished = match mem::replace(&mut self.way, Way::Over) {
            Way::Held(held) => self.store.put(&self.place, held.freeze()).await.map(drop).map_err(|error| failed(&error)),
            Way::Pieces { upload, .. } => upload.finish().await.map(drop).map_err(|error| failed(&error)),
            Way::Over => Err(StoreError::Closed),
        };
        if finished.is_ok() {
            counter!("suki_file_bytes_total", "direction" => "written").increment(self.bytes);
        }
        finished
    }
}

async fn begin(store: &dyn ObjectStore, place: &Place, piece: usize) -> Result<WriteMultipart, StoreError> {
    let upload = store.put_multipart(place).await.map_err(|error| failed(&error))?;
    Ok(WriteMultipart::new_with_chunk_size(upload, piece))
}

impl Drop for Writing {
    /// A folder removes what is not finished by itself; a bucket keeps pieces, unseen, until it is told. What nobody could tell it, since the process was
    /// killed, the bucket's own rule for unfinished uploads removes.
    fn drop(&mut self) {
        if let (Way::Pieces { upload, remote: true }, Ok(runtime)) = (mem::replace(&mut self.way, Way::Over), Handle::try_current()) {
            runtime.spawn(async move {
                if let Err(error) = upload.abort().await {
                    tracing::debug!(error = %failed(&error), "pieces of an upload that was given up stay for a while");
                }
            });
        }
    }
}
