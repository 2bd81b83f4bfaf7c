//! Files that travel beside a message: `suki-blob/1`. The network stores the sealed bytes under a random name; name and key travel inside the message.
//!
//! A file is cut into segments of [`SEGMENT_BYTES`], the last one shorter. Each is sealed with AES-256-GCM under the file's own key, which seals nothing
//! else: the nonce is four zero bytes and the segment's number as a big-endian `u64`, the additional data one byte, 1 for the last segment and 0 for the
//! others. So nothing can be cut off, appended or swapped without being seen, any segment opens by itself, and memory holds one segment at a time. An
//! empty file is one empty segment.
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use std::{fmt, ops::Range};
use suki_types::Env;

/// The bytes of a file that are sealed together.
pub const SEGMENT_BYTES: usize = 64 * 1024;
/// How many bytes longer a sealed segment is.
pub const TAG_BYTES: usize = 16;
const SEALED_SEGMENT: usize = SEGMENT_BYTES + TAG_BYTES;

/// What a file is sealed with, fresh for every file.
#[derive(Clone, PartialEq, Eq)]
pub struct BlobKey([u8; 32]);

impl BlobKey {
    /// A new one.
    pub fn fresh(env: &Env) -> Self {
        Self(env.random())
    }
    /// The one that a message names.
    ///
    /// # Errors
    /// [`BlobError::Key`] unless it has 32 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BlobError> {
        bytes.try_into().map(Self).map_err(|_| BlobError::Key)
    }
    /// As it stands in a message.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
    fn cipher(&self) -> LessSafeKey {
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &self.0).expect("AES-256 takes 32 bytes"))
    }
}

impl fmt::Debug for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlobKey(…)")
    }
}

/// Why a file does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BlobError {
    /// The key has not 32 bytes.
    #[error("a file's key has 32 bytes")]
    Key,
    /// A segment was changed, is missing, stands in another place, or the key is another file's.
    #[error("the file's bytes are not those that were sealed with this key")]
    Forged,
}

/// How many bytes a file of so many has when it is sealed.
pub fn sealed_bytes(plain: u64) -> u64 {
    plain + TAG_BYTES as u64 * plain.div_ceil(SEGMENT_BYTES as u64).max(1)
}

/// How many bytes a sealed file of so many holds; `None` when no file has this length.
pub fn plain_bytes(sealed: u64) -> Option<u64> {
    let plain = sealed.checked_sub(TAG_BYTES as u64 * sealed.div_ceil(SEALED_SEGMENT as u64))?;
    (sealed_bytes(plain) == sealed).then_some(plain)
}

fn nonce(number: u64) -> Nonce {
    let mut bytes = [0; 12];
    bytes[4..].copy_from_slice(&number.to_be_bytes());
    Nonce::assume_unique_for_key(bytes)
}

/// Seals a file piece by piece.
pub struct Sealer {
    cipher: LessSafeKey,
    number: u64,
    held: Vec<u8>,
}

impl Sealer {
    /// Begins a file. A key seals one file only: the same key for two files betrays both.
    pub fn new(key: &BlobKey) -> Self {
        Self { cipher: key.cipher(), number: 0, held: Vec::with_capacity(SEGMENT_BYTES) }
    }

    /// Takes the next bytes of the file and appends what is sealed by now to `out`.
    pub fn push(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) {
        while !bytes.is_empty() {
            // A full segment waits until it is known not to be the last.
            if self.held.len() == SEGMENT_BYTES {
                self.seal(false, out);
            }
            let (now, later) = bytes.split_at(bytes.len().min(SEGMENT_BYTES - self.held.len()));
            self.held.extend_from_slice(now);
            bytes = later;
        }
    }

    /// Appends the last segment.
    pub fn finish(mut self, out: &mut Vec<u8>) {
        self.seal(true, out);
    }

    fn seal(&mut self, last: bool, out: &mut Vec<u8>) {
        let tag = self.cipher.seal_in_place_separate_tag(nonce(self.number), Aad::from([u8::from(last)]), &mut self.held);
        out.extend_from_slice(&self.held);
        out.extend_from_slice(tag.expect("AES-GCM seals 64 KiB").as_ref());
        self.held.clear();
        self.number += 1;
    }
}

/// A part of a file, and the sealed bytes one needs for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Which sealed bytes to read.
    pub sealed: Range<u64>,
    first: u64,
    skip: u64,
    take: Option<u64>,
    to_the_end: bool,
}

impl Part {
    /// A whole sealed file of any length.
    pub fn whole() -> Self {
        Self { sealed: 0..u64::MAX, first: 0, skip: 0, take: None, to_the_end: true }
    }

    /// The bytes of `range` out of a file of `plain` bytes; `None` when it is empty or not inside the file.
    pub fn of(range: Range<u64>, plain: u64) -> Option<Self> {
        if range.start >= range.end || range.end > plain {
            return None;
        }
        let (segment, sealed_segment) = (SEGMENT_BYTES as u64, SEALED_SEGMENT as u64);
        let first = range.start / segment;
        let after = range.end.div_ceil(segment);
        let to_the_end = after * segment >= plain;
        let end = if to_the_end { sealed_bytes(plain) } else { after * sealed_segment };
        let take = Some(range.end - range.start);
        Some(Self { sealed: first * sealed_segment..end, first, skip: range.start - first * segment, take, to_the_end })
    }
}

/// Opens a sealed file, or a part of it, piece by piece. Only bytes that are proven to be the file's come out.
pub struct Opener {
    cipher: LessSafeKey,
    number: u64,
    skip: u64,
    take: Option<u64>,
    to_the_end: bool,
    held: Vec<u8>,
}

impl Opener {
    /// Begins a part.
    pub fn new(key: &BlobKey, part: &Part) -> Self {
        let Part { first, skip, take, to_the_end, .. } = *part;
        Self { cipher: key.cipher(), number: first, skip, take, to_the_end, held: Vec::with_capacity(SEALED_SEGMENT) }
    }

    /// Takes the next sealed bytes and appends what is opened by now to `out`.
    ///
    /// # Errors
    /// [`BlobError::Forged`]; nothing of that segment or after it comes out.
    pub fn push(&mut self, mut sealed: &[u8], out: &mut Vec<u8>) -> Result<(), BlobError> {
        while !sealed.is_empty() {
            if self.held.len() == SEALED_SEGMENT {
                self.open(false, out)?;
            }
            let (now, later) = sealed.split_at(sealed.len().min(SEALED_SEGMENT - self.held.len()));
            self.held.extend_from_slice(now);
            sealed = later;
        }
        Ok(())
    }

    /// Appends the last segment of the part.
    ///
    /// # Errors
    /// [`BlobError::Forged`], also when the file was cut off.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), BlobError> {
        self.open(self.to_the_end, out)?;
        if self.take.unwrap_or(0) > 0 { Err(BlobError::Forged) } else { Ok(()) }
    }

    fn open(&mut self, last: bool, out: &mut Vec<u8>) -> Result<(), BlobError> {
        let opened = self.cipher.open_in_place(nonce(self.number), Aad::from([u8::from(last)]), &mut self.held);
        let plain = opened.map_err(|_| BlobError::Forged)?;
        let from = plain.len().min(usize::try_from(self.skip).unwrap_or(usize::MAX));
        let most = self.take.map_or(usize::MAX, |take| usize::try_from(take).unwrap_or(usize::MAX));
        let wanted = &plain[from..];
        let wanted = &wanted[..wanted.len().min(most)];
        out.extend_from_slice(wanted);
        self.skip -= from as u64;
        self.take = self.take.map(|take| take - wanted.len() as u64);
        self.held.clear();
        self.number += 1;
        Ok(())
    }
}
