//! Giving files out: whole or in part, opened piece by piece.
use super::{File, Origin, State, placeholder, row};
use crate::{Business, Error, messages};
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use std::ops::Range;
use suki_cloud_api::ObjectId;
use suki_e2ee::blob::{Opener, Part};
use suki_store::{StoreError, blobs::BlobStream};
use suki_types::MessageId;

/// A file that is given out.
pub struct Opened {
    /// What it is.
    pub file: File,
    /// The bytes that were asked for.
    pub bytes: BlobStream,
}

impl Business {
    /// A file that programs may fetch, and whose bytes are here; one that a customer just sent is fetched now.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub async fn media(&self, id: ObjectId) -> Result<File, Error> {
        let file = self.file(id).await?.filter(|file| file.expires_at > self.env().now()).ok_or(Error::NotFound("media"))?;
        self.with_bytes(file).await
    }

    /// The n-th file of a message, the first being 0, for people who see the message: as long as the message is there.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such message or file.
    pub async fn file_of(&self, message: MessageId, place: usize) -> Result<File, Error> {
        let business = self.id();
        let file = self
            .db()
            .read(move |tx| {
                let message = messages::get(tx, business, message)?.ok_or(Error::NotFound("message"))?;
                let media = placeholder::all(&message.sent)?.into_iter().nth(place).ok_or(Error::NotFound("file"))?;
                match row::of_message(tx, business, message.id)? {
                    Some(file) => Ok::<_, Error>(Some(file)),
                    None => Ok(row::of_content(tx, business, &media.sha256)?),
                }
            })
            .await?;
        self.with_bytes(file.ok_or(Error::NotFound("file"))?).await
    }

    async fn with_bytes(&self, file: File) -> Result<File, Error> {
        let file = if file.state == State::Awaited && file.origin == Origin::Received { self.fetch_received(file).await? } else { file };
        match file.state {
            State::Here => Ok(file),
            State::Awaited => Err(Error::Unavailable("The file is on its way; try again shortly".into())),
            State::Failed => Err(Error::NotFound("file")),
        }
    }

    /// The bytes of a file, all or a range inside it.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn open_file(&self, file: File, range: Option<Range<u64>>) -> Result<Opened, Error> {
        let bytes = self.stream(&file, range).await?;
        Ok(Opened { file, bytes })
    }

    pub(crate) async fn stream(&self, file: &File, range: Option<Range<u64>>) -> Result<BlobStream, Error> {
        let range = range.unwrap_or(0..file.bytes);
        let part = if file.bytes == 0 { Part::whole() } else { Part::of(range, file.bytes).ok_or(Error::NotFound("part of the file"))? };
        let sealed_range = if file.bytes == 0 { None } else { Some(part.sealed.clone()) };
        let opener = Opener::new(&file.key(self.common().vault())?, &part);
        let sealed =
            self.common().files().blobs.read(&file.place()?, sealed_range).await?.ok_or(StoreError::Corrupt("a file's bytes are missing"))?;
        let damaged = |_| StoreError::Corrupt("a file's bytes are damaged");
        let opened = stream::try_unfold((sealed, Some(opener)), move |(mut sealed, opener)| async move {
            let Some(mut opener) = opener else { return Ok::<_, StoreError>(None) };
            let mut out = Vec::new();
            match sealed.try_next().await? {
                Some(piece) => {
                    opener.push(&piece, &mut out).map_err(damaged)?;
                    Ok(Some((Bytes::from(out), (sealed, Some(opener)))))
                }
                None => {
                    opener.finish(&mut out).map_err(damaged)?;
                    Ok(Some((Bytes::from(out), (sealed, None))))
                }
            }
        });
        Ok(opened.try_filter(|piece| std::future::ready(!piece.is_empty())).boxed())
    }
}
