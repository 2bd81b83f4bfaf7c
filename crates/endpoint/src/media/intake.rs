//! A file on its way in: measured, hashed, sealed and written piece by piece, so that none is ever in memory as a whole.
use super::{FileKind, kind};
use crate::{Common, Error};
use aws_lc_rs::digest;
use bytes::Bytes;
use suki_cloud_api::ApiError;
use suki_e2ee::blob::{BlobKey, Sealer};
use suki_store::blobs::{BlobName, Writing};

/// A file that is being taken in. Dropping it leaves nothing behind.
pub struct Intake {
    name: BlobName,
    key: BlobKey,
    writing: Writing,
    sealer: Sealer,
    digest: digest::Context,
    head: Vec<u8>,
    bytes: u64,
    most: u64,
}

/// A file that was taken in: durable, and named by nothing yet.
pub struct Taken {
    pub(super) name: BlobName,
    pub(super) key: BlobKey,
    pub(super) bytes: u64,
    pub(super) sha256: Vec<u8>,
    pub(super) head: Vec<u8>,
}

impl Intake {
    /// Begins a file of at most so many bytes.
    pub(super) async fn begin(common: &Common, most: u64) -> Result<Self, Error> {
        let env = common.env();
        let (name, key) = (env.random(), BlobKey::fresh(env));
        let writing = common.files().blobs.write(&name).await?;
        let (sealer, digest) = (Sealer::new(&key), digest::Context::new(&digest::SHA256));
        Ok(Self { name, key, writing, sealer, digest, head: Vec::new(), bytes: 0, most })
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// 131053 when there are too many, and what the disk says.
    pub async fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.bytes += bytes.len() as u64;
        if self.bytes > self.most {
            let text = format!("The file has more than {} bytes, the most that is allowed. Make it smaller and send it again", self.most);
            return Err(Error::Refused(ApiError::from_number(kind::UPLOAD, text)));
        }
        self.digest.update(bytes);
        let room = kind::HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend_from_slice(&bytes[..bytes.len().min(room)]);
        let mut sealed = Vec::with_capacity(bytes.len() + 64);
        self.sealer.push(bytes, &mut sealed);
        if !sealed.is_empty() {
            self.writing.push(Bytes::from(sealed)).await?;
        }
        Ok(())
    }

    /// How many bytes came.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// All bytes came. When this returns they are durable.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn finish(mut self) -> Result<Taken, Error> {
        let mut sealed = Vec::new();
        self.sealer.finish(&mut sealed);
        self.writing.push(Bytes::from(sealed)).await?;
        self.writing.finish().await?;
        Ok(Taken { name: self.name, key: self.key, bytes: self.bytes, sha256: self.digest.finish().as_ref().to_vec(), head: self.head })
    }
}

impl Taken {
    /// The type of the file: what is said of it, where its bytes do not belie that.
    ///
    /// # Errors
    /// 131053 when they do.
    pub(super) fn media_type(&self, said: &str) -> Result<String, Error> {
        let essence = kind::essence(said);
        let nothing_said = matches!(essence.as_str(), "" | "application/octet-stream" | "binary/octet-stream");
        if nothing_said && let Some(seen) = kind::recognised(&self.head) {
            return Ok(seen.to_owned());
        }
        if !kind::agrees(&essence, &self.head) {
            let seen = kind::recognised(&self.head).map(|seen| format!(", but of {seen}")).unwrap_or_default();
            let text = format!("The file's bytes are not those of {essence:?}{seen}. Send it with the type that it has");
            return Err(Error::Refused(ApiError::from_number(kind::UPLOAD, text)));
        }
        Ok(if nothing_said { "application/octet-stream".into() } else { said.trim().chars().take(255).collect() })
    }

    pub(super) fn moves(&self, media_type: &str) -> bool {
        kind::moves(&kind::essence(media_type), &self.head)
    }

    pub(super) fn is_image(&self, media_type: &str) -> bool {
        matches!(kind::essence(media_type).as_str(), "image/jpeg" | "image/png" | "image/webp") && self.bytes > 0
    }
}

/// What a file is sent as, by its type: for who does not say it himself.
pub fn kind_of(media_type: &str) -> FileKind {
    match kind::essence(media_type).split_once('/') {
        Some(("image", "webp")) => FileKind::Sticker,
        Some(("image", _)) => FileKind::Image,
        Some(("video", _)) => FileKind::Video,
        Some(("audio", _)) => FileKind::Audio,
        _ => FileKind::Document,
    }
}
