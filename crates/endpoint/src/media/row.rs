//! What is stored of a file.
use crate::{
    Error,
    business::object_id,
    nodes::{self, Node},
    vault::Vault,
};
use suki_cloud_api::ObjectId;
use suki_e2ee::blob::BlobKey;
use suki_protocol::pb;
use suki_store::{Row, StoreError, Tx, blobs::BlobName};
use suki_types::{AccountId, MessageId, Timestamp};

/// Where a file came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A program or an operator uploaded it.
    Upload,
    /// A program named a link.
    Link,
    /// A customer sent it.
    Received,
}

impl Origin {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Link => "link",
            Self::Received => "received",
        }
    }
    fn of(word: &str) -> Result<Self, StoreError> {
        [Self::Upload, Self::Link, Self::Received].into_iter().find(|one| one.word() == word).ok_or(StoreError::Corrupt("media origin"))
    }
}

/// Whether its bytes are here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Not yet.
    Awaited,
    /// They are.
    Here,
    /// They never will be.
    Failed,
}

impl State {
    fn of(number: i64) -> Result<Self, StoreError> {
        match number {
            0 => Ok(Self::Awaited),
            1 => Ok(Self::Here),
            2 => Ok(Self::Failed),
            _ => Err(StoreError::Corrupt("media state")),
        }
    }
}

/// A file of a business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its id in the Cloud API.
    pub id: ObjectId,
    /// Where it came from.
    pub origin: Origin,
    /// Whether its bytes are here.
    pub state: State,
    /// Its media type, parameters as they were said included.
    pub media_type: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: Vec<u8>,
    /// What it is called, "" if that is not known.
    pub filename: String,
    /// For how long programs may use it.
    pub expires_at: Timestamp,
    /// Why its bytes are not here.
    pub problem: String,
    pub(super) look: Look,
    pub(super) name: Vec<u8>,
    pub(super) key_sealed: Vec<u8>,
    pub(super) blob: Vec<u8>,
    pub(super) renew_at: Timestamp,
    pub(super) link: String,
    pub(super) message: Vec<u8>,
    pub(super) used: bool,
    pub(super) attempts: i64,
    pub(super) next_at: Timestamp,
    pub(super) created_at: Timestamp,
}

/// How a picture looks before it is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Look {
    pub animated: bool,
    pub width: u32,
    pub height: u32,
    /// A ThumbHash, empty without one.
    pub preview: Vec<u8>,
}

const COLUMNS: &str = "SELECT id, origin, state, media_type, bytes, sha256, file, key_sealed, blob, renew_at, filename, animated, width,
    height, preview, link, message, used, problem, attempts, next_at, created_at, expires_at FROM media WHERE business = ?1 AND ";

fn from_row(row: &Row<'_>) -> Result<File, StoreError> {
    Ok(File {
        id: object_id(row.get(0)?)?,
        origin: Origin::of(&row.get::<String>(1)?)?,
        state: State::of(row.get(2)?)?,
        media_type: row.get(3)?,
        bytes: row.get(4)?,
        sha256: row.get(5)?,
        name: row.get(6)?,
        key_sealed: row.get(7)?,
        blob: row.get(8)?,
        renew_at: row.get(9)?,
        filename: row.get(10)?,
        look: Look {
            animated: row.get(11)?,
            width: u32::try_from(row.get::<i64>(12)?).unwrap_or(0),
            height: u32::try_from(row.get::<i64>(13)?).unwrap_or(0),
            preview: row.get(14)?,
        },
        link: row.get(15)?,
        message: row.get(16)?,
        used: row.get(17)?,
        problem: row.get(18)?,
        attempts: row.get(19)?,
        next_at: row.get(20)?,
        created_at: row.get(21)?,
        expires_at: row.get(22)?,
    })
}

impl File {
    /// Width and height of a picture, 0 when they are not known.
    pub fn size(&self) -> (u32, u32) {
        (self.look.width, self.look.height)
    }

    /// Its ThumbHash, empty without one.
    pub fn preview(&self) -> &[u8] {
        &self.look.preview
    }

    /// Its place in the folder of files.
    pub(super) fn place(&self) -> Result<BlobName, Error> {
        BlobName::try_from(&self.name[..]).map_err(|_| StoreError::Corrupt("media file").into())
    }

    /// What it is sealed with.
    pub(super) fn key(&self, vault: &Vault) -> Result<BlobKey, Error> {
        open_key(vault, self.id, &self.key_sealed)
    }

    /// Whether the network has it, and for long enough that who was away finds it.
    pub(super) fn is_carried(&self, now: Timestamp) -> bool {
        self.state == State::Here && !self.blob.is_empty() && now < self.renew_at
    }

    /// Writes into a message what it says of this file. What the sender says of it himself, such as a caption, stays.
    pub(super) fn describe(&self, vault: &Vault, media: &mut pb::Media) -> Result<(), Error> {
        media.blob.clone_from(&self.blob);
        media.key = self.key(vault)?.as_bytes().to_vec();
        media.sha256.clone_from(&self.sha256);
        media.media_type.clone_from(&self.media_type);
        media.bytes = self.bytes;
        media.animated = self.look.animated;
        (media.width, media.height) = (self.look.width, self.look.height);
        media.preview.clone_from(&self.look.preview);
        if media.filename.is_empty() && media.kind == "document" {
            media.filename.clone_from(&self.filename);
        }
        Ok(())
    }
}

pub(super) fn seal_key(vault: &Vault, id: ObjectId, key: &BlobKey) -> Vec<u8> {
    vault.seal("media", &id.number().to_be_bytes(), key.as_bytes())
}

pub(super) fn open_key(vault: &Vault, id: ObjectId, sealed: &[u8]) -> Result<BlobKey, Error> {
    let key = vault.open("media", &id.number().to_be_bytes(), sealed)?;
    BlobKey::from_bytes(&key).map_err(|_| StoreError::Corrupt("media key").into())
}

pub(super) fn get(tx: &mut Tx<'_>, business: AccountId, id: ObjectId) -> Result<Option<File>, StoreError> {
    tx.query_opt(&format!("{COLUMNS} id = ?2"), &[(&business).into(), id.number().into()], from_row)
}

/// The file that came with a message.
pub(super) fn of_message(tx: &mut Tx<'_>, business: AccountId, message: MessageId) -> Result<Option<File>, StoreError> {
    tx.query_opt(&format!("{COLUMNS} message = ?2 LIMIT 1"), &[(&business).into(), (&message).into()], from_row)
}

/// A file of this content whose bytes are here, or were on their way here.
pub(super) fn of_content(tx: &mut Tx<'_>, business: AccountId, sha256: &[u8]) -> Result<Option<File>, StoreError> {
    tx.query_opt(&format!("{COLUMNS} sha256 = ?2 ORDER BY state = 1 DESC LIMIT 1"), &[(&business).into(), sha256.into()], from_row)
}

/// The newest file that was fetched, or is being fetched, from a link since a time.
pub(super) fn of_link(tx: &mut Tx<'_>, business: AccountId, link_hash: &[u8], since: Timestamp) -> Result<Option<File>, StoreError> {
    let sql = format!("{COLUMNS} link_hash = ?2 AND created_at > ?3 AND state < 2 ORDER BY created_at DESC LIMIT 1");
    tx.query_opt(&sql, &[(&business).into(), link_hash.into(), since.into()], from_row)
}

/// The customers' files that are still to be fetched, those first that are due first.
pub(super) fn awaited(tx: &mut Tx<'_>, business: AccountId, most: i64) -> Result<Vec<File>, StoreError> {
    let sql = format!("{COLUMNS} state = 0 AND origin = 'received' ORDER BY next_at LIMIT ?2");
    tx.query(&sql, &[(&business).into(), most.into()], from_row)
}

/// Files that no message has and no program may use any more.
pub(super) fn unused(tx: &mut Tx<'_>, business: AccountId, now: Timestamp, most: i64) -> Result<Vec<File>, StoreError> {
    let sql = format!("{COLUMNS} used = 0 AND expires_at <= ?2 ORDER BY expires_at LIMIT ?3");
    tx.query(&sql, &[(&business).into(), now.into(), most.into()], from_row)
}

pub(super) fn insert(tx: &mut Tx<'_>, business: AccountId, file: &File, link_hash: &[u8]) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO media (business, id, origin, state, media_type, bytes, sha256, file, key_sealed, blob, renew_at, filename, animated, width, height,
            preview, link, link_hash, message, used, next_at, created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23)",
        &[
            (&business).into(),
            file.id.number().into(),
            file.origin.word().into(),
            (file.state as i64).into(),
            file.media_type.as_str().into(),
            file.bytes.into(),
            (&file.sha256).into(),
            (&file.name).into(),
            (&file.key_sealed).into(),
            (&file.blob).into(),
            file.renew_at.into(),
            file.filename.as_str().into(),
            file.look.animated.into(),
            i64::from(file.look.width).into(),
            i64::from(file.look.height).into(),
            (&file.look.preview).into(),
            file.link.as_str().into(),
            link_hash.into(),
            (&file.message).into(),
            file.used.into(),
            file.next_at.into(),
            file.created_at.into(),
            file.expires_at.into(),
        ],
    )?;
    nodes::insert(tx, business, Node::Media, file.id)
}

/// Stores that the bytes came: of a link, or of a customer.
pub(super) fn arrived(tx: &mut Tx<'_>, business: AccountId, file: &File) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE media SET state = 1, media_type = ?3, bytes = ?4, sha256 = ?5, file = ?6, key_sealed = ?7, filename = ?8, animated = ?9, width = ?10,
            height = ?11, preview = ?12, problem = '' WHERE business = ?1 AND id = ?2",
        &[
            (&business).into(),
            file.id.number().into(),
            file.media_type.as_str().into(),
            file.bytes.into(),
            (&file.sha256).into(),
            (&file.name).into(),
            (&file.key_sealed).into(),
            file.filename.as_str().into(),
            file.look.animated.into(),
            i64::from(file.look.width).into(),
            i64::from(file.look.height).into(),
            (&file.look.preview).into(),
        ],
    )?;
    Ok(())
}

pub(super) fn failed(tx: &mut Tx<'_>, business: AccountId, id: ObjectId, problem: &str) -> Result<(), StoreError> {
    let sql = "UPDATE media SET state = 2, problem = ?3 WHERE business = ?1 AND id = ?2";
    tx.execute(sql, &[(&business).into(), id.number().into(), problem.into()])?;
    Ok(())
}

/// Stores when a file is fetched again.
pub(super) fn later(tx: &mut Tx<'_>, business: AccountId, id: ObjectId, attempts: i64, next_at: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE media SET attempts = ?3, next_at = ?4 WHERE business = ?1 AND id = ?2";
    tx.execute(sql, &[(&business).into(), id.number().into(), attempts.into(), next_at.into()])?;
    Ok(())
}

/// Stores where the network has a file.
pub(super) fn carried(tx: &mut Tx<'_>, business: AccountId, id: ObjectId, blob: &[u8], renew_at: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE media SET blob = ?3, renew_at = ?4 WHERE business = ?1 AND id = ?2";
    tx.execute(sql, &[(&business).into(), id.number().into(), blob.into(), renew_at.into()])?;
    Ok(())
}

/// A message has it: it stays as long as the history.
pub(super) fn used(tx: &mut Tx<'_>, business: AccountId, id: ObjectId) -> Result<(), StoreError> {
    tx.execute("UPDATE media SET used = 1 WHERE business = ?1 AND id = ?2", &[(&business).into(), id.number().into()])?;
    Ok(())
}

/// No program may use it any more.
pub(super) fn withdraw(tx: &mut Tx<'_>, business: AccountId, id: ObjectId, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE media SET expires_at = ?3 WHERE business = ?1 AND id = ?2 AND expires_at > ?3";
    tx.execute(sql, &[(&business).into(), id.number().into(), now.into()])?;
    Ok(())
}

pub(super) fn remove(tx: &mut Tx<'_>, business: AccountId, id: ObjectId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM media WHERE business = ?1 AND id = ?2", &[(&business).into(), id.number().into()])?;
    nodes::remove(tx, id)
}
