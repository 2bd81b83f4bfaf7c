//! Sealed files beside messages: stored under random names for whoever knows them, within a daily allowance, and deleted when their time is over. The
//! network has no key of any of them (`suki_protocol::calls::blob` tells the steps).
use crate::{Network, int, operations::call::writes, refusal::Refusal, rows::Caller, session::Answer};
use bytes::Bytes;
use std::ops::Range;
use suki_protocol::{
    calls::{
        Call as _,
        blob::{BeginBlob, BlobTicket},
    },
    http::Base64,
    pb::{AccountKind, RefusalCode},
};
use suki_store::{
    StoreError, Tx,
    blobs::{BlobName, BlobStream, Writing},
};
use suki_types::{AccountId, Timestamp};

const HOUR: i64 = 3_600_000;
const DAY_HOURS: i64 = 24;
/// How long after its time a file is deleted: an upload that ends in its last moment is not in the way.
const GRACE_MILLIS: i64 = HOUR;
/// How many files one unit of the purge takes.
const PER_UNIT: i64 = 100;

/// Why an upload is not taken.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// No ticket has this name and token, or its time is over.
    #[error("no upload is expected under this name and token, or its time is over; begin anew with blob.begin")]
    NoTicket,
    /// The bytes are not as many as were announced.
    #[error("{announced} bytes were announced with blob.begin, and {came} came; send exactly as many, or begin anew")]
    Length {
        /// How many the ticket is for.
        announced: u64,
        /// How many came, or are said to come.
        came: u64,
    },
    /// They cannot be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An upload that is expected.
pub enum Upload {
    /// All of it is here already: the answer to an earlier try was lost.
    Stored,
    /// The bytes may come.
    Expected(Box<Incoming>),
}

/// Bytes on their way into the store. Dropping it leaves nothing behind.
pub struct Incoming {
    network: Network,
    blob: BlobName,
    announced: u64,
    writing: Writing,
}

impl Incoming {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// When there are more than announced, or they cannot be written.
    pub async fn push(&mut self, bytes: Bytes) -> Result<(), BlobError> {
        let came = self.writing.bytes() + bytes.len() as u64;
        if came > self.announced {
            return Err(BlobError::Length { announced: self.announced, came });
        }
        Ok(self.writing.push(bytes).await?)
    }

    /// All bytes came. When this returns they are durable.
    ///
    /// # Errors
    /// When there are fewer than announced, or they cannot be stored.
    pub async fn finish(self) -> Result<(), BlobError> {
        let (announced, came) = (self.announced, self.writing.bytes());
        if came != announced {
            return Err(BlobError::Length { announced, came });
        }
        self.writing.finish().await?;
        let now = self.network.env().now();
        let kept_until = now.plus_millis(self.network.policy().media.carried_kept.millis());
        let blob = self.blob;
        let sql = "UPDATE blob SET stored = 1, expires_at = ?2 WHERE blob = ?1 AND expires_at > ?3";
        let unit = move |tx: &mut Tx<'_>| tx.execute(sql, &[blob.as_slice().into(), kept_until.into(), now.into()]);
        let stored: Result<u64, StoreError> = self.network.db().write(unit).await;
        if stored? == 0 {
            // The ticket's time ended while the bytes came.
            self.network.blobs().remove(&blob).await?;
            return Err(BlobError::NoTicket);
        }
        Ok(())
    }
}

struct Ticket {
    bytes: u64,
    token: Vec<u8>,
    stored: bool,
    expires_at: Timestamp,
}

impl Network {
    /// An upload by its name and the token that `blob.begin` gave; `said` is how many bytes the uploader says will come.
    ///
    /// # Errors
    /// When none is expected, or of another length.
    pub async fn begin_upload(&self, blob: BlobName, token: &str, said: Option<u64>) -> Result<Upload, BlobError> {
        let sql = "SELECT bytes, token, stored, expires_at FROM blob WHERE blob = ?1";
        let found: Result<Option<Ticket>, StoreError> = self
            .db()
            .read(move |tx| {
                tx.query_opt(sql, &[blob.as_slice().into()], |row| {
                    Ok(Ticket { bytes: row.get(0)?, token: row.get(1)?, stored: row.get(2)?, expires_at: row.get(3)? })
                })
            })
            .await;
        let now = self.env().now();
        let ticket = found?.filter(|ticket| ticket.expires_at > now && self.code_matches("blob", token, &ticket.token)).ok_or(BlobError::NoTicket)?;
        if ticket.stored {
            return Ok(Upload::Stored);
        }
        if let Some(came) = said.filter(|said| *said != ticket.bytes) {
            return Err(BlobError::Length { announced: ticket.bytes, came });
        }
        let writing = self.blobs().write(&blob).await?;
        Ok(Upload::Expected(Box::new(Incoming { network: self.clone(), blob, announced: ticket.bytes, writing })))
    }

    /// How many sealed bytes a file has; none when there is no such file.
    ///
    /// # Errors
    /// When that cannot be read.
    pub async fn blob_bytes(&self, blob: &BlobName) -> Result<Option<u64>, StoreError> {
        self.blobs().bytes(blob).await
    }

    /// A file's sealed bytes, or a range inside it; none when there is no such file.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn read_blob(&self, blob: &BlobName, range: Option<Range<u64>>) -> Result<Option<BlobStream>, StoreError> {
        self.blobs().read(blob, range).await
    }

    /// Deletes files whose time is over, and uploads that never came: the bytes first, so that none stay without a row. Says how many.
    ///
    /// # Errors
    /// When the store or the files fail; what was deleted stays deleted.
    pub(crate) async fn delete_blobs(&self, now: Timestamp) -> Result<u64, StoreError> {
        let (mut all, before) = (0, now.plus_millis(-GRACE_MILLIS));
        loop {
            let sql = "SELECT blob FROM blob WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2";
            let due: Result<Vec<Vec<u8>>, StoreError> =
                self.db().read(move |tx| tx.query(sql, &[before.into(), PER_UNIT.into()], |row| row.get(0))).await;
            let due = due?;
            for blob in due.iter().filter_map(|blob| BlobName::try_from(&blob[..]).ok()) {
                self.blobs().remove(&blob).await?;
            }
            let count = due.len() as u64;
            let forget = move |tx: &mut Tx<'_>| {
                for blob in &due {
                    tx.execute("DELETE FROM blob WHERE blob = ?1 AND expires_at <= ?2", &[blob.into(), before.into()])?;
                }
                tx.execute("DELETE FROM blob_use WHERE hour < ?1", &[(hour(now) - 2 * DAY_HOURS).into()])
            };
            let forgotten: Result<u64, StoreError> = self.db().write(forget).await;
            forgotten?;
            all += count;
            if count < PER_UNIT as u64 {
                return Ok(all);
            }
        }
    }
}

fn hour(at: Timestamp) -> i64 {
    at.millis().div_euclid(HOUR)
}

/// The calls about files; `None` for any other name.
pub(crate) fn call(network: &Network, caller: Caller, name: &str, json: &[u8]) -> Option<Answer> {
    if name != BeginBlob::NAME {
        return None;
    }
    let own = network.clone();
    Some(writes::<BeginBlob>(network, json, move |tx, asked| Ok((begin(&own, tx, &caller, asked.bytes)?, Vec::new()))))
}

fn begin(network: &Network, tx: &mut Tx<'_>, caller: &Caller, bytes: u64) -> Result<BlobTicket, Refusal> {
    let media = &network.policy().media;
    if !(1..=media.carried_bytes).contains(&bytes) {
        let text = format!(
            "A file has {bytes} bytes when it is sealed; 1 to {} are allowed (policy {}, section media)",
            media.carried_bytes,
            network.policy().name
        );
        return Err(Refusal::new(RefusalCode::TooLarge, text));
    }
    let now = network.now();
    count(network, tx, caller, bytes, now)?;
    let blob: BlobName = network.env().random();
    let token = hex(&network.env().random::<32>());
    let expires_at = now.plus_millis(media.upload_within.millis());
    tx.execute(
        "INSERT INTO blob (blob, account, bytes, token, stored, expires_at) VALUES (?1, ?2, ?3, ?4, 0, ?5)",
        &[blob.as_slice().into(), (&caller.account).into(), int(bytes), (&network.hash_code("blob", &token)).into(), expires_at.into()],
    )?;
    Ok(BlobTicket { blob: Base64(blob.to_vec()), token, expires_at, kept_until: now.plus_millis(media.carried_kept.millis()) })
}

/// Counts against what the account may store in 24 hours.
fn count(network: &Network, tx: &mut Tx<'_>, caller: &Caller, bytes: u64, now: Timestamp) -> Result<(), Refusal> {
    let media = &network.policy().media;
    let most = if caller.kind == AccountKind::Person { media.person_bytes_per_day } else { media.business_bytes_per_day };
    let this_hour = hour(now);
    let used = used(tx, caller.account, this_hour - DAY_HOURS)?;
    if used.saturating_add(bytes) > most {
        let text = format!(
            "This account has stored {used} bytes in the last 24 hours, and {most} are allowed (policy {}, section media); try again later",
            network.policy().name
        );
        return Err(Refusal::rate_limited(text, Timestamp::from_millis((this_hour + 1) * HOUR)));
    }
    tx.execute(
        "INSERT INTO blob_use (account, hour, bytes) VALUES (?1, ?2, ?3) ON CONFLICT (account, hour) DO UPDATE SET bytes = blob_use.bytes + excluded.bytes",
        &[(&caller.account).into(), this_hour.into(), int(bytes)],
    )?;
    Ok(())
}

fn used(tx: &mut Tx<'_>, account: AccountId, after: i64) -> Result<u64, StoreError> {
    let sql = "SELECT CAST(coalesce(sum(bytes), 0) AS BIGINT) FROM blob_use WHERE account = ?1 AND hour > ?2";
    tx.query_one(sql, &[(&account).into(), after.into()], |row| row.get(0))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
