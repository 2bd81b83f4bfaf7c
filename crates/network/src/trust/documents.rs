//! Documents for a verification: uploaded in pieces, seen by whoever decides, and deleted when nobody needs them.
use crate::{Network, operations::call, refusal::Refusal, rows::Caller, session::Answer};
use serde_json::Value;
use suki_protocol::{
    calls::trust::{DocumentStatus, UploadDocument},
    pb::RefusalCode,
};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, Timestamp, limits};

use super::status::check_text;

/// A document of a request that is looked at stays.
pub(super) const IN_USE: Timestamp = Timestamp::from_millis(i64::MAX);
/// An upload that no request names is deleted after a day.
const UNUSED_MILLIS: i64 = 24 * 3_600_000;
/// How many documents one unit deletes.
const PER_UNIT: i64 = 20;

/// What is known of a document without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentInfo {
    /// Its id within the business.
    pub id: u64,
    /// What the business calls it.
    pub name: String,
    /// `application/pdf`, `image/png` or `image/jpeg`.
    pub media_type: String,
    /// Its size.
    pub bytes: u64,
}

/// A document with its bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredDocument {
    /// What it is.
    pub info: DocumentInfo,
    /// All of it.
    pub data: Vec<u8>,
}

/// Without the bytes: they belong in no log.
impl std::fmt::Debug for StoredDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StoredDocument({:?})", self.info)
    }
}

impl Network {
    /// A complete document of a business, for the person who decides.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn document(&self, business: AccountId, id: u64) -> Result<Option<StoredDocument>, StoreError> {
        self.db().read(move |tx| whole(tx, business, id)).await
    }

    /// Deletes documents that nobody needs any more, some at a time, and says how many.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn delete_documents(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut all = 0;
        loop {
            let count = self.db().write(move |tx| delete_some(tx, now)).await?;
            all += count;
            if count < PER_UNIT as u64 {
                return Ok(all);
            }
        }
    }
}

fn delete_some(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StoreError> {
    let sql = "SELECT business, id FROM document WHERE delete_at <= ?1 ORDER BY delete_at LIMIT ?2";
    let due: Vec<(AccountId, u64)> = tx.query(sql, &[now.into(), PER_UNIT.into()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (business, id) in &due {
        tx.execute("DELETE FROM document_part WHERE business = ?1 AND id = ?2", &[business.into(), (*id).into()])?;
        tx.execute("DELETE FROM document WHERE business = ?1 AND id = ?2", &[business.into(), (*id).into()])?;
    }
    Ok(due.len() as u64)
}

fn whole(tx: &mut Tx<'_>, business: AccountId, id: u64) -> Result<Option<StoredDocument>, StoreError> {
    let sql = "SELECT id, name, media_type, bytes FROM document WHERE business = ?1 AND id = ?2 AND complete = 1";
    let info = tx.query_opt(sql, &[(&business).into(), id.into()], |row| {
        Ok(DocumentInfo { id: row.get(0)?, name: row.get(1)?, media_type: row.get(2)?, bytes: row.get(3)? })
    })?;
    let Some(info) = info else { return Ok(None) };
    let sql = "SELECT data FROM document_part WHERE business = ?1 AND id = ?2 ORDER BY part";
    let parts: Vec<Vec<u8>> = tx.query(sql, &[(&business).into(), id.into()], |row| row.get(0))?;
    Ok(Some(StoredDocument { info, data: parts.concat() }))
}

/// What a file is, by its first bytes: what it is called says nothing.
fn media_type(first: &[u8]) -> Option<&'static str> {
    let known: [(&[u8], &str); 3] = [(b"%PDF-", "application/pdf"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg")];
    known.into_iter().find(|(magic, _)| first.starts_with(magic)).map(|(_, kind)| kind)
}

pub(super) fn upload(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let now = network.now();
    call::writes::<UploadDocument>(network, json, move |tx, piece| {
        call::business_only(&caller)?;
        check_text("name", &piece.name, 1, 120)?;
        let size = piece.data.0.len();
        if size == 0 || size > limits::DOCUMENT_PART_BYTES {
            let most = limits::DOCUMENT_PART_BYTES;
            return Err(Refusal::malformed(format!("A piece has 1 to {most} bytes, this one has {size}: cut the document into more pieces")));
        }
        let document = match piece.id {
            None => begin(tx, caller.account, piece, now)?,
            Some(id) => add(tx, caller.account, id, piece)?,
        };
        Ok((document, Vec::new()))
    })
}

fn begin(tx: &mut Tx<'_>, business: AccountId, piece: &UploadDocument, now: Timestamp) -> Result<DocumentStatus, Refusal> {
    if piece.part != 0 {
        return Err(Refusal::malformed("The first piece has the number 0 and no id; its answer names the id for the others"));
    }
    let media_type = media_type(&piece.data.0)
        .ok_or_else(|| Refusal::malformed("The document is no PDF, PNG or JPEG by its first bytes; only these can be shown to who decides"))?;
    let known = list(tx, business)?;
    if known.len() >= limits::DOCUMENTS {
        let text = format!("{} documents are here, the most that is allowed; those that no request names are deleted after a day", known.len());
        return Err(Refusal::new(RefusalCode::Conflict, text));
    }
    let id = known.iter().map(|document| document.id).max().unwrap_or(0) + 1;
    tx.execute(
        "INSERT INTO document (business, id, name, media_type, parts, bytes, complete, delete_at) VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7)",
        &[
            (&business).into(),
            id.into(),
            piece.name.trim().into(),
            media_type.into(),
            piece.data.0.len().into(),
            piece.last.into(),
            now.plus_millis(UNUSED_MILLIS).into(),
        ],
    )?;
    store_part(tx, business, id, piece)?;
    Ok(DocumentStatus { id, name: piece.name.trim().into(), media_type: media_type.into(), bytes: piece.data.0.len() as u64, complete: piece.last })
}

fn add(tx: &mut Tx<'_>, business: AccountId, id: u64, piece: &UploadDocument) -> Result<DocumentStatus, Refusal> {
    let sql = "SELECT name, media_type, parts, bytes, complete FROM document WHERE business = ?1 AND id = ?2";
    let found = tx.query_opt(sql, &[(&business).into(), id.into()], |row| {
        let document = DocumentStatus { id, name: row.get(0)?, media_type: row.get(1)?, bytes: row.get(3)?, complete: row.get(4)? };
        Ok((document, row.get::<u64>(2)?))
    })?;
    let (mut document, parts) =
        found.ok_or_else(|| Refusal::unknown("The business has no document of this id; send its first piece without an id"))?;
    if u64::from(piece.part) < parts {
        // It came before, and its answer was lost.
        return Ok(document);
    }
    if document.complete || u64::from(piece.part) > parts {
        let text = format!("Piece {} does not follow: {parts} have come{}", piece.part, if document.complete { ", and that was all" } else { "" });
        return Err(Refusal::new(RefusalCode::Conflict, text));
    }
    document.bytes += piece.data.0.len() as u64;
    document.complete = piece.last;
    if document.bytes > limits::DOCUMENT_BYTES as u64 {
        return Err(Refusal::malformed(format!("A document has at most {} bytes: upload a smaller picture, or fewer pages", limits::DOCUMENT_BYTES)));
    }
    tx.execute(
        "UPDATE document SET parts = parts + 1, bytes = ?3, complete = ?4 WHERE business = ?1 AND id = ?2",
        &[(&business).into(), id.into(), document.bytes.into(), document.complete.into()],
    )?;
    store_part(tx, business, id, piece)?;
    Ok(document)
}

fn store_part(tx: &mut Tx<'_>, business: AccountId, id: u64, piece: &UploadDocument) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO document_part (business, id, part, data) VALUES (?1, ?2, ?3, ?4)",
        &[(&business).into(), id.into(), i64::from(piece.part).into(), (&piece.data.0).into()],
    )?;
    Ok(())
}

/// The documents that are there, oldest first.
pub(super) fn list(tx: &mut Tx<'_>, business: AccountId) -> Result<Vec<DocumentStatus>, StoreError> {
    let sql = "SELECT id, name, media_type, bytes, complete FROM document WHERE business = ?1 ORDER BY id LIMIT ?2";
    tx.query(sql, &[(&business).into(), limits::DOCUMENTS.into()], |row| {
        Ok(DocumentStatus { id: row.get(0)?, name: row.get(1)?, media_type: row.get(2)?, bytes: row.get(3)?, complete: row.get(4)? })
    })
}

/// Until when the documents that a request names are kept.
pub(super) fn keep_until(tx: &mut Tx<'_>, business: AccountId, detail: &Value, until: Timestamp) -> Result<(), StoreError> {
    let named = detail["documents"].as_array().into_iter().flatten();
    for id in named.filter_map(|document| document["id"].as_u64()) {
        let sql = "UPDATE document SET delete_at = ?3 WHERE business = ?1 AND id = ?2";
        tx.execute(sql, &[(&business).into(), id.into(), until.into()])?;
    }
    Ok(())
}
