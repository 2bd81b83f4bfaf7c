//! The tables of templates.
use crate::int;
use suki_protocol::{
    calls::templates::Template,
    template::{Category, Component, Draft, ParameterFormat, Quality, Reason, Status},
};
use suki_store::{Row, StoreError, Tx, Value};
use suki_types::{AccountId, CaseId, Timestamp};

/// A template as it is stored.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub business: AccountId,
    pub id: u64,
    pub name: String,
    pub language: String,
    pub category: Category,
    pub status: Status,
    /// Of the approved text; 0 when none was ever approved.
    pub version: u64,
    pub paused_until: Timestamp,
    pub ttl_millis: i64,
    /// As last proposed, with the platform's texts of one-time codes.
    pub components: Vec<Component>,
    pub format: ParameterFormat,
    pub previous_category: Option<Category>,
    pub allow_category_change: bool,
    pub ttl_seconds: Option<i64>,
    pub quality: Quality,
    pub quality_at: Timestamp,
    pub reason: Reason,
    pub explanation: String,
    pub pauses: u32,
    pub greeting: bool,
    /// The status an appeal is against.
    pub before: Option<Status>,
    pub case: Option<CaseId>,
    /// The category that was announced, and from when on it counts.
    pub announced: Option<(Category, Timestamp)>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Held {
    /// As its business sees it.
    pub fn shown(&self) -> Template {
        Template {
            id: self.id,
            name: self.name.clone(),
            language: self.language.clone(),
            category: self.category,
            previous_category: self.previous_category,
            correct_category: self.announced.map(|(category, _)| category),
            status: self.status,
            version: self.version,
            components: self.components.clone(),
            parameter_format: self.format,
            message_send_ttl_seconds: self.ttl_seconds.or((self.ttl_millis > 0).then_some(self.ttl_millis / 1000)),
            quality: self.quality,
            quality_at: self.quality_at,
            rejected_reason: self.reason,
            explanation: self.explanation.clone(),
            paused_until: self.paused_until,
            greeting: self.greeting,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }

    /// As the business would propose it now.
    pub fn draft(&self) -> Draft {
        Draft {
            name: self.name.clone(),
            language: self.language.clone(),
            category: self.category,
            parameter_format: Some(self.format),
            components: self.components.clone(),
            message_send_ttl_seconds: self.ttl_seconds,
            allow_category_change: Some(self.allow_category_change),
        }
    }

    /// How a review case and the audit log name it.
    pub fn subject(&self) -> String {
        self.id.to_string()
    }
}

const fn format_number(format: ParameterFormat) -> i64 {
    match format {
        ParameterFormat::Positional => 1,
        ParameterFormat::Named => 2,
    }
}

pub(super) fn format_from(number: i64) -> Result<ParameterFormat, StoreError> {
    match number {
        1 => Ok(ParameterFormat::Positional),
        2 => Ok(ParameterFormat::Named),
        _ => Err(StoreError::Corrupt("a template's parameter format")),
    }
}

pub(super) fn category_from(number: i64) -> Result<Category, StoreError> {
    Category::from_number(number).ok_or(StoreError::Corrupt("a template's category"))
}

pub(super) fn components_from(json: &str) -> Result<Vec<Component>, StoreError> {
    serde_json::from_str(json).map_err(|_| StoreError::Corrupt("a template's parts"))
}

pub(super) fn components_json(components: &[Component]) -> Result<String, StoreError> {
    serde_json::to_string(components).map_err(|_| StoreError::Corrupt("a template's parts cannot be written"))
}

/// From the columns in the order of [`load`]'s statement.
pub(super) fn held(row: &Row<'_>) -> Result<Held, StoreError> {
    let status = Status::from_number(row.get(5)?).ok_or(StoreError::Corrupt("a template's status"))?;
    let (previous, seconds, before): (i64, i64, i64) = (row.get(11)?, row.get(13)?, row.get(20)?);
    Ok(Held {
        business: row.get(0)?,
        id: row.get(1)?,
        name: row.get(2)?,
        language: row.get(3)?,
        category: category_from(row.get(4)?)?,
        status,
        version: row.get(6)?,
        paused_until: row.get(7)?,
        ttl_millis: row.get(8)?,
        components: components_from(&row.get::<String>(9)?)?,
        format: format_from(row.get(10)?)?,
        previous_category: Category::from_number(previous),
        allow_category_change: row.get(12)?,
        ttl_seconds: (seconds != 0).then_some(seconds),
        quality: Quality::from_number(row.get(14)?).ok_or(StoreError::Corrupt("a template's quality"))?,
        quality_at: row.get(15)?,
        reason: row.get::<String>(16)?.parse().map_err(|_| StoreError::Corrupt("a template's reason"))?,
        explanation: row.get(17)?,
        pauses: row.get(18)?,
        greeting: row.get(19)?,
        before: Status::from_number(before),
        case: row.get(21)?,
        created_at: row.get(22)?,
        updated_at: row.get(23)?,
        announced: Category::from_number(row.get(24)?).zip(Some(row.get(25)?)),
    })
}

/// A business's template by its id.
pub(super) fn load(tx: &mut Tx<'_>, business: AccountId, id: u64) -> Result<Option<Held>, StoreError> {
    tx.query_opt(
        "SELECT t.business, t.id, t.name, t.language, t.category, t.status, t.version, t.paused_until, t.ttl_millis, l.components, \
         l.parameter_format, l.previous_category, l.allow_category_change, l.ttl_seconds, l.quality, l.quality_at, l.reason, l.explanation, \
         l.pauses, l.greeting, l.before, l.review_case, l.created_at, l.updated_at, l.next_category, l.next_category_at \
         FROM template t JOIN template_life l ON l.business = t.business AND l.id = t.id WHERE t.business = ?1 AND t.id = ?2",
        &[(&business).into(), int(id)],
        held,
    )
}

/// A business's templates of a name, in all languages.
pub(super) fn of_name(tx: &mut Tx<'_>, business: AccountId, name: &str) -> Result<Vec<Held>, StoreError> {
    tx.query(
        "SELECT t.business, t.id, t.name, t.language, t.category, t.status, t.version, t.paused_until, t.ttl_millis, l.components, \
         l.parameter_format, l.previous_category, l.allow_category_change, l.ttl_seconds, l.quality, l.quality_at, l.reason, l.explanation, \
         l.pauses, l.greeting, l.before, l.review_case, l.created_at, l.updated_at, l.next_category, l.next_category_at \
         FROM template t JOIN template_life l ON l.business = t.business AND l.id = t.id WHERE t.business = ?1 AND t.name = ?2 ORDER BY t.language",
        &[(&business).into(), name.into()],
        held,
    )
}

/// A stretch of a business's templates in the order of their ids.
pub(super) fn after(tx: &mut Tx<'_>, business: AccountId, id: u64, limit: u64) -> Result<Vec<Held>, StoreError> {
    tx.query(
        "SELECT t.business, t.id, t.name, t.language, t.category, t.status, t.version, t.paused_until, t.ttl_millis, l.components, \
         l.parameter_format, l.previous_category, l.allow_category_change, l.ttl_seconds, l.quality, l.quality_at, l.reason, l.explanation, \
         l.pauses, l.greeting, l.before, l.review_case, l.created_at, l.updated_at, l.next_category, l.next_category_at \
         FROM template t JOIN template_life l ON l.business = t.business AND l.id = t.id \
         WHERE t.business = ?1 AND t.id > ?2 ORDER BY t.id LIMIT ?3",
        &[(&business).into(), int(id), int(limit)],
        held,
    )
}

/// How many templates a business has, each language counted.
pub(super) fn count(tx: &mut Tx<'_>, business: AccountId) -> Result<u64, StoreError> {
    tx.query_one("SELECT count(*) FROM template WHERE business = ?1", &[(&business).into()], |row| row.get(0))
}

/// Whether the platform has checked the business (R40).
pub(super) fn is_checked(tx: &mut Tx<'_>, business: AccountId) -> Result<bool, StoreError> {
    let trust: Option<i64> = tx.query_opt("SELECT trust FROM business WHERE account = ?1", &[(&business).into()], |row| row.get(0))?;
    Ok(trust.is_some_and(|trust| trust >= 2))
}

/// Stores a new template.
pub(super) fn insert(tx: &mut Tx<'_>, held: &Held) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO template (business, id, name, language, category, status, version, paused_until, ttl_millis) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        &[
            (&held.business).into(),
            int(held.id),
            (&held.name).into(),
            (&held.language).into(),
            held.category.number().into(),
            held.status.number().into(),
            int(held.version),
            held.paused_until.into(),
            held.ttl_millis.into(),
        ],
    )?;
    let components = components_json(&held.components)?;
    tx.execute(
        "INSERT INTO template_life (business, id, components, parameter_format, previous_category, allow_category_change, ttl_seconds, quality, \
         quality_at, reason, explanation, pauses, greeting, before, review_case, created_at, updated_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        &life(held, &components),
    )?;
    Ok(())
}

/// Stores what has changed of a template.
pub(super) fn update(tx: &mut Tx<'_>, held: &Held) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE template SET category = ?3, status = ?4, version = ?5, paused_until = ?6, ttl_millis = ?7 WHERE business = ?1 AND id = ?2",
        &[
            (&held.business).into(),
            int(held.id),
            held.category.number().into(),
            held.status.number().into(),
            int(held.version),
            held.paused_until.into(),
            held.ttl_millis.into(),
        ],
    )?;
    let components = components_json(&held.components)?;
    tx.execute(
        "UPDATE template_life SET components = ?3, parameter_format = ?4, previous_category = ?5, allow_category_change = ?6, ttl_seconds = ?7, \
         quality = ?8, quality_at = ?9, reason = ?10, explanation = ?11, pauses = ?12, greeting = ?13, before = ?14, review_case = ?15, \
         created_at = ?16, updated_at = ?17 WHERE business = ?1 AND id = ?2",
        &life(held, &components),
    )?;
    Ok(())
}

fn life<'a>(held: &'a Held, components: &'a str) -> [Value<'a>; 17] {
    [
        (&held.business).into(),
        int(held.id),
        components.into(),
        format_number(held.format).into(),
        held.previous_category.map_or(0, Category::number).into(),
        held.allow_category_change.into(),
        held.ttl_seconds.unwrap_or(0).into(),
        held.quality.number().into(),
        held.quality_at.into(),
        held.reason.as_str().into(),
        (&held.explanation).into(),
        held.pauses.into(),
        held.greeting.into(),
        held.before.map_or(0, Status::number).into(),
        held.case.as_ref().into(),
        held.created_at.into(),
        held.updated_at.into(),
    ]
}

/// Stores the category that a template will have, or that it will have no other.
pub(super) fn announce(tx: &mut Tx<'_>, held: &Held) -> Result<(), StoreError> {
    let (category, at) = held.announced.map_or((0, 0), |(category, at)| (category.number(), at.millis()));
    tx.execute(
        "UPDATE template_life SET next_category = ?3, next_category_at = ?4 WHERE business = ?1 AND id = ?2",
        &[(&held.business).into(), int(held.id), category.into(), at.into()],
    )?;
    Ok(())
}

/// Takes a template away; its approved texts stay for messages that are under way.
pub(super) fn remove(tx: &mut Tx<'_>, held: &Held, now: Timestamp) -> Result<(), StoreError> {
    let key = [(&held.business).into(), int(held.id)];
    tx.execute("DELETE FROM template WHERE business = ?1 AND id = ?2", &key)?;
    tx.execute("DELETE FROM template_life WHERE business = ?1 AND id = ?2", &key)?;
    tx.execute("DELETE FROM template_feedback WHERE business = ?1 AND id = ?2", &key)?;
    supersede(tx, held, now)
}

/// The approved text so far is the newest no longer.
fn supersede(tx: &mut Tx<'_>, held: &Held, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE template_text SET superseded_at = ?3 WHERE business = ?1 AND id = ?2 AND superseded_at = 0",
        &[(&held.business).into(), int(held.id), now.into()],
    )?;
    Ok(())
}

/// Stores the parts as the next approved text, and counts the version up.
pub(super) fn publish(tx: &mut Tx<'_>, held: &mut Held, now: Timestamp) -> Result<(), StoreError> {
    supersede(tx, held, now)?;
    held.version += 1;
    let components = components_json(&held.components)?;
    tx.execute(
        "INSERT INTO template_text (business, id, version, name, language, category, parameter_format, components) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        &[
            (&held.business).into(),
            int(held.id),
            int(held.version),
            (&held.name).into(),
            (&held.language).into(),
            held.category.number().into(),
            format_number(held.format).into(),
            (&components).into(),
        ],
    )?;
    Ok(())
}

/// The newest approved text counts as another category from now on.
pub(super) fn recategorise(tx: &mut Tx<'_>, held: &Held) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE template_text SET category = ?3 WHERE business = ?1 AND id = ?2 AND superseded_at = 0",
        &[(&held.business).into(), int(held.id), held.category.number().into()],
    )?;
    Ok(())
}

/// The pack of a name has changed: its serial grows.
pub(super) fn touch_pack(tx: &mut Tx<'_>, business: AccountId, name: &str) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO template_pack (business, name, serial) VALUES (?1, ?2, 1) \
         ON CONFLICT (business, name) DO UPDATE SET serial = template_pack.serial + 1",
        &[(&business).into(), name.into()],
    )?;
    Ok(())
}

/// What happened to a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Created = 1,
    EditedApproved = 2,
    Appealed = 3,
    Approved = 4,
    Rejected = 5,
    Paused = 6,
    Disabled = 7,
    SentAgain = 8,
    Deleted = 9,
    Recategorised = 10,
    Edited = 11,
}

/// Notes what happened, in its order.
pub(super) fn note(tx: &mut Tx<'_>, held: &Held, change: Change, now: Timestamp) -> Result<(), StoreError> {
    let sql = "SELECT COALESCE(MAX(seq), 0) FROM template_change WHERE business = ?1 AND id = ?2";
    let last: u64 = tx.query_one(sql, &[(&held.business).into(), int(held.id)], |row| row.get(0))?;
    tx.execute(
        "INSERT INTO template_change (business, id, seq, kind, at) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[(&held.business).into(), int(held.id), int(last + 1), (change as i64).into(), now.into()],
    )?;
    Ok(())
}

/// When something happened to a template since then, oldest first.
pub(super) fn times(tx: &mut Tx<'_>, held: &Held, change: Change, since: Timestamp) -> Result<Vec<Timestamp>, StoreError> {
    tx.query(
        "SELECT at FROM template_change WHERE business = ?1 AND id = ?2 AND kind = ?3 AND at > ?4 ORDER BY seq",
        &[(&held.business).into(), int(held.id), (change as i64).into(), since.into()],
        |row| row.get(0),
    )
}

/// How many templates a business has created since then, and when the first of them; those count too that are deleted again.
pub(super) fn created(tx: &mut Tx<'_>, business: AccountId, since: Timestamp) -> Result<(u64, Timestamp), StoreError> {
    tx.query_one(
        "SELECT count(*), COALESCE(MIN(at), 0) FROM template_change WHERE business = ?1 AND kind = ?2 AND at > ?3",
        &[(&business).into(), (Change::Created as i64).into(), since.into()],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Until when a name cannot be used; `None` when it is free.
pub(super) fn name_blocked_until(tx: &mut Tx<'_>, business: AccountId, name: &str) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT until FROM template_name_block WHERE business = ?1 AND name = ?2";
    tx.query_opt(sql, &[(&business).into(), name.into()], |row| row.get(0))
}

/// Keeps a name from being used until then, or longer if it is already.
pub(super) fn block_name(tx: &mut Tx<'_>, business: AccountId, name: &str, until: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO template_name_block (business, name, until) VALUES (?1, ?2, ?3) ON CONFLICT (business, name) DO UPDATE SET until = excluded.until",
        &[(&business).into(), name.into(), until.into()],
    )?;
    Ok(())
}
