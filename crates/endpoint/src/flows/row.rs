//! What is stored of a flow.
use crate::{Error, business::object_id};
use suki_cloud_api::{
    ObjectId,
    flows::{Category, Status, check::Outline},
};
use suki_store::{Row, StoreError, Tx};
use suki_types::{AccountId, Timestamp};

/// A flow of a business, without its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// Its id.
    pub id: ObjectId,
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub categories: Vec<Category>,
    /// Where it stands.
    pub status: Status,
    /// Where its server is; "" without one.
    pub endpoint: String,
    /// The app whose secret signs what its server is asked.
    pub app: ObjectId,
    /// What its file says of it.
    pub outline: Outline,
    /// Whether it has a file.
    pub has_file: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    pub(super) file: Option<ObjectId>,
    pub(super) preview_salt: i64,
    pub(super) preview_until: Timestamp,
}

const COLUMNS: &str = "SELECT id, name, categories, status, endpoint, app, outline, length(json) > 0, file, preview_salt, preview_until, created_at,
    updated_at FROM flow WHERE business = ?1";

fn from_row(row: &Row<'_>) -> Result<Flow, StoreError> {
    let corrupt = || StoreError::Corrupt("flow");
    let categories = row.get::<String>(2)?;
    Ok(Flow {
        id: object_id(row.get(0)?)?,
        name: row.get(1)?,
        categories: categories
            .split(',')
            .filter(|word| !word.is_empty())
            .map(|word| Category::of(word).ok_or_else(corrupt))
            .collect::<Result<_, _>>()?,
        status: Status::of(&row.get::<String>(3)?).ok_or_else(corrupt)?,
        endpoint: row.get(4)?,
        app: object_id(row.get(5)?)?,
        outline: serde_json::from_str(&row.get::<String>(6)?).map_err(|_| corrupt())?,
        has_file: row.get(7)?,
        file: ObjectId::from_number(row.get(8)?).ok(),
        preview_salt: row.get(9)?,
        preview_until: row.get(10)?,
        created_at: row.get(11)?,
        updated_at: row.get(12)?,
    })
}

fn words(categories: &[Category]) -> String {
    let words: Vec<&str> = categories.iter().map(|one| one.word()).collect();
    words.join(",")
}

fn json(outline: &Outline) -> Result<String, Error> {
    serde_json::to_string(outline).map_err(|error| Error::Internal(error.to_string()))
}

pub(super) fn get(tx: &mut Tx<'_>, business: AccountId, id: ObjectId) -> Result<Option<Flow>, StoreError> {
    tx.query_opt(&format!("{COLUMNS} AND id = ?2"), &[(&business).into(), id.number().into()], from_row)
}

pub(super) fn by_name(tx: &mut Tx<'_>, business: AccountId, name: &str) -> Result<Option<Flow>, StoreError> {
    tx.query_opt(&format!("{COLUMNS} AND name = ?2"), &[(&business).into(), name.into()], from_row)
}

/// Every flow, the newest first: as many as the policy allows.
pub(super) fn all(tx: &mut Tx<'_>, business: AccountId) -> Result<Vec<Flow>, StoreError> {
    tx.query(&format!("{COLUMNS} ORDER BY created_at DESC, id DESC"), &[(&business).into()], from_row)
}

pub(super) fn count(tx: &mut Tx<'_>, business: AccountId) -> Result<u64, StoreError> {
    tx.query_one("SELECT count(*) FROM flow WHERE business = ?1", &[(&business).into()], |row| row.get(0))
}

/// Its file; "" while it has none.
pub(super) fn file(tx: &mut Tx<'_>, business: AccountId, id: ObjectId) -> Result<String, StoreError> {
    let sql = "SELECT json FROM flow WHERE business = ?1 AND id = ?2";
    Ok(tx.query_opt(sql, &[(&business).into(), id.number().into()], |row| row.get(0))?.unwrap_or_default())
}

pub(super) fn insert(tx: &mut Tx<'_>, business: AccountId, flow: &Flow, file: &str) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO flow (business, id, name, categories, status, endpoint, app, json, outline, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        &[
            (&business).into(),
            flow.id.number().into(),
            flow.name.as_str().into(),
            words(&flow.categories).as_str().into(),
            flow.status.word().into(),
            flow.endpoint.as_str().into(),
            flow.app.number().into(),
            file.into(),
            json(&flow.outline)?.as_str().into(),
            flow.created_at.into(),
            flow.updated_at.into(),
        ],
    )?;
    Ok(())
}

/// Name, categories, server, app and status.
pub(super) fn update(tx: &mut Tx<'_>, business: AccountId, flow: &Flow) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE flow SET name = ?3, categories = ?4, status = ?5, endpoint = ?6, app = ?7, updated_at = ?8 WHERE business = ?1 AND id = ?2",
        &[
            (&business).into(),
            flow.id.number().into(),
            flow.name.as_str().into(),
            words(&flow.categories).as_str().into(),
            flow.status.word().into(),
            flow.endpoint.as_str().into(),
            flow.app.number().into(),
            flow.updated_at.into(),
        ],
    )?;
    Ok(())
}

pub(super) fn set_file(tx: &mut Tx<'_>, business: AccountId, flow: &Flow, file: &str) -> Result<(), Error> {
    let sql = "UPDATE flow SET json = ?3, outline = ?4, file = 0, updated_at = ?5 WHERE business = ?1 AND id = ?2";
    let outline = json(&flow.outline)?;
    tx.execute(sql, &[(&business).into(), flow.id.number().into(), file.into(), outline.as_str().into(), flow.updated_at.into()])?;
    Ok(())
}

/// Its file stands among the files, too, from where messages carry it.
pub(super) fn set_media(tx: &mut Tx<'_>, business: AccountId, id: ObjectId, media: ObjectId) -> Result<(), StoreError> {
    let sql = "UPDATE flow SET file = ?3 WHERE business = ?1 AND id = ?2";
    tx.execute(sql, &[(&business).into(), id.number().into(), media.number().into()])?;
    Ok(())
}

pub(super) fn set_preview(tx: &mut Tx<'_>, business: AccountId, flow: &Flow) -> Result<(), StoreError> {
    let sql = "UPDATE flow SET preview_salt = ?3, preview_until = ?4 WHERE business = ?1 AND id = ?2";
    tx.execute(sql, &[(&business).into(), flow.id.number().into(), flow.preview_salt.into(), flow.preview_until.into()])?;
    Ok(())
}

pub(super) fn delete(tx: &mut Tx<'_>, business: AccountId, id: ObjectId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM flow WHERE business = ?1 AND id = ?2", &[(&business).into(), id.number().into()])?;
    tx.execute("DELETE FROM flow_tester WHERE business = ?1 AND flow = ?2", &[(&business).into(), id.number().into()])?;
    Ok(())
}

/// Notes that a draft goes into a chat; answers with how many chats that are now.
pub(super) fn note_tester(tx: &mut Tx<'_>, business: AccountId, id: ObjectId, chat: &suki_types::ConversationId) -> Result<u64, StoreError> {
    let sql = "INSERT INTO flow_tester (business, flow, chat) VALUES (?1, ?2, ?3) ON CONFLICT (business, flow, chat) DO NOTHING";
    tx.execute(sql, &[(&business).into(), id.number().into(), chat.into()])?;
    let sql = "SELECT count(*) FROM flow_tester WHERE business = ?1 AND flow = ?2";
    tx.query_one(sql, &[(&business).into(), id.number().into()], |row| row.get(0))
}

/// Whether a draft was sent into this chat.
pub(super) fn is_tester(tx: &mut Tx<'_>, business: AccountId, id: ObjectId, chat: &suki_types::ConversationId) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM flow_tester WHERE business = ?1 AND flow = ?2 AND chat = ?3";
    Ok(tx.query_opt(sql, &[(&business).into(), id.number().into(), chat.into()], |row| row.get::<i64>(0))?.is_some())
}

/// Counts one more sending within an hour of the clock; answers with how many that are.
pub(super) fn note_sent(tx: &mut Tx<'_>, business: AccountId, id: ObjectId, hour: i64) -> Result<u64, StoreError> {
    let sql = "UPDATE flow SET sent_count = CASE WHEN sent_hour = ?3 THEN sent_count + 1 ELSE 1 END, sent_hour = ?3 WHERE business = ?1 AND id = ?2";
    tx.execute(sql, &[(&business).into(), id.number().into(), hour.into()])?;
    let sql = "SELECT sent_count FROM flow WHERE business = ?1 AND id = ?2";
    tx.query_one(sql, &[(&business).into(), id.number().into()], |row| row.get(0))
}
