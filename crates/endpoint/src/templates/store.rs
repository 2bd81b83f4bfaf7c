//! What is stored of templates: as the network last told of each.
use serde_json::Value as Json;
use suki_cloud_api::templates::list::Wanted;
use suki_protocol::calls::templates::Template;
use suki_store::{Row, StoreError, Tx, Value};
use suki_template::{Category, Quality, Status, TextLimits};
use suki_types::{AccountId, Timestamp};

/// A page of templates.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// The templates, in the order of their ids.
    pub templates: Vec<Template>,
    /// Whether there are more before the first.
    pub more_before: bool,
    /// Whether there are more after the last.
    pub more_after: bool,
    /// How many the business has, whatever is asked for.
    pub total: u64,
    /// How many it may have; none before the network has said so.
    pub allowed: Option<u64>,
}

fn from_row(row: &Row<'_>) -> Result<Template, StoreError> {
    serde_json::from_str(&row.get::<String>(0)?).map_err(|_| StoreError::Corrupt("template"))
}

/// The template with this id.
///
/// # Errors
/// When the store fails.
pub(super) fn get(tx: &mut Tx<'_>, business: AccountId, id: u64) -> Result<Option<Template>, StoreError> {
    tx.query_opt("SELECT body FROM template WHERE business = ?1 AND id = ?2", &[(&business).into(), id.into()], from_row)
}

/// The template of this name in this language.
///
/// # Errors
/// When the store fails.
pub(super) fn find(tx: &mut Tx<'_>, business: AccountId, name: &str, language: &str) -> Result<Option<Template>, StoreError> {
    let sql = "SELECT body FROM template WHERE business = ?1 AND name = ?2 AND language = ?3";
    tx.query_opt(sql, &[(&business).into(), name.into(), language.into()], from_row)
}

/// Stores what the network says of a template, unless something newer is there. One that is deleted is removed.
///
/// # Errors
/// When the store fails.
pub(super) fn put(tx: &mut Tx<'_>, business: AccountId, template: &Template) -> Result<(), StoreError> {
    let changed: [Value<'_>; 3] = [(&business).into(), template.id.into(), template.updated_at.into()];
    if template.status == Status::Deleted {
        tx.execute("DELETE FROM template WHERE business = ?1 AND id = ?2 AND changed_at <= ?3", &changed)?;
        return Ok(());
    }
    let body = serde_json::to_string(template).map_err(|_| StoreError::Corrupt("template"))?;
    tx.execute(
        "INSERT INTO template (business, id, name, language, category, status, quality, folded, body, changed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (business, id) DO UPDATE SET category = excluded.category, status = excluded.status, quality = excluded.quality,
            folded = excluded.folded, body = excluded.body, changed_at = excluded.changed_at
         WHERE template.changed_at <= excluded.changed_at",
        &[
            (&business).into(),
            template.id.into(),
            template.name.as_str().into(),
            template.language.as_str().into(),
            template.category.as_str().into(),
            template.status.as_str().into(),
            template.quality.as_str().into(),
            folded(template).as_str().into(),
            body.as_str().into(),
            template.updated_at.into(),
        ],
    )?;
    Ok(())
}

/// The name and all texts in lower case.
fn folded(template: &Template) -> String {
    let mut words = vec![template.name.to_lowercase()];
    let mut waiting: Vec<Json> = template.components.iter().filter_map(|part| serde_json::to_value(part).ok()).collect();
    while let Some(value) = waiting.pop() {
        match value {
            Json::Object(fields) => {
                for (key, value) in fields {
                    match value {
                        Json::String(text) if key == "text" => words.push(text.to_lowercase()),
                        nested => waiting.push(nested),
                    }
                }
            }
            Json::Array(items) => waiting.extend(items),
            _ => {}
        }
    }
    words.join("\n")
}

/// Removes a template.
///
/// # Errors
/// When the store fails.
pub(super) fn remove(tx: &mut Tx<'_>, business: AccountId, id: u64) -> Result<(), StoreError> {
    tx.execute("DELETE FROM template WHERE business = ?1 AND id = ?2", &[(&business).into(), id.into()])?;
    tx.execute("DELETE FROM template_extra WHERE business = ?1 AND template = ?2", &[(&business).into(), id.into()])?;
    Ok(())
}

/// The ids of all templates.
///
/// # Errors
/// When the store fails.
pub(super) fn ids(tx: &mut Tx<'_>, business: AccountId) -> Result<Vec<u64>, StoreError> {
    tx.query("SELECT id FROM template WHERE business = ?1 ORDER BY id", &[(&business).into()], |row| row.get(0))
}

/// Notes how long texts may be, and how many templates there may be when that is known.
///
/// # Errors
/// When the store fails.
pub(super) fn put_limits(tx: &mut Tx<'_>, business: AccountId, limits: &TextLimits, allowed: Option<u64>, now: Timestamp) -> Result<(), StoreError> {
    let limits = serde_json::to_string(limits).map_err(|_| StoreError::Corrupt("template limits"))?;
    tx.execute(
        "INSERT INTO template_sync (business, allowed, limits, synced_at) VALUES (?1, coalesce(?2, 0), ?3, ?4)
         ON CONFLICT (business) DO UPDATE SET limits = excluded.limits, synced_at = excluded.synced_at, allowed = coalesce(?2, template_sync.allowed)",
        &[(&business).into(), allowed.into(), limits.as_str().into(), now.into()],
    )?;
    Ok(())
}

/// How long texts may be, and how many templates there may be; none before the network has said so.
///
/// # Errors
/// When the store fails.
pub(super) fn limits(tx: &mut Tx<'_>, business: AccountId) -> Result<Option<(TextLimits, u64)>, StoreError> {
    tx.query_opt("SELECT limits, allowed FROM template_sync WHERE business = ?1", &[(&business).into()], |row| {
        let limits = serde_json::from_str(&row.get::<String>(0)?).map_err(|_| StoreError::Corrupt("template limits"))?;
        Ok((limits, row.get(1)?))
    })
}

/// A page of templates.
///
/// # Errors
/// When the store fails.
pub(super) fn page(tx: &mut Tx<'_>, business: AccountId, wanted: &Wanted) -> Result<Page, StoreError> {
    let backwards = wanted.page.before.is_some();
    let sql = if backwards {
        "SELECT body FROM template WHERE business = ?1 AND id < ?2 AND (?3 = '' OR language = ?3) AND (?4 = '' OR status IN (?4, ?5, ?6, ?7, ?8, ?9, ?10))
           AND (?11 = '' OR category IN (?11, ?12, ?13)) AND (?14 = '' OR quality IN (?14, ?15, ?16, ?17))
           AND (?18 = '' OR name LIKE ?18 ESCAPE '!') AND (?19 = '' OR folded LIKE ?19 ESCAPE '!')
         ORDER BY id DESC LIMIT ?20"
    } else {
        "SELECT body FROM template WHERE business = ?1 AND id > ?2 AND (?3 = '' OR language = ?3) AND (?4 = '' OR status IN (?4, ?5, ?6, ?7, ?8, ?9, ?10))
           AND (?11 = '' OR category IN (?11, ?12, ?13)) AND (?14 = '' OR quality IN (?14, ?15, ?16, ?17))
           AND (?18 = '' OR name LIKE ?18 ESCAPE '!') AND (?19 = '' OR folded LIKE ?19 ESCAPE '!')
         ORDER BY id LIMIT ?20"
    };
    let from = wanted.page.before.or(wanted.page.after).unwrap_or(0);
    let statuses = words::<7>(wanted.statuses.iter().map(|one: &Status| one.as_str()));
    let categories = words::<3>(wanted.categories.iter().map(|one: &Category| one.as_str()));
    let qualities = words::<4>(wanted.qualities.iter().map(|one: &Quality| one.as_str()));
    let (name, content) = (like(&wanted.name), like(&wanted.name_or_content.to_lowercase()));
    let mut params: Vec<Value<'_>> = vec![(&business).into(), from.into(), wanted.language.as_str().into()];
    params.extend(statuses.iter().chain(&categories).chain(&qualities).map(|word| Value::from(*word)));
    params.extend([Value::from(name.as_str()), content.as_str().into(), (i64::from(wanted.page.limit) + 1).into()]);
    let mut templates = tx.query(sql, &params, from_row)?;
    let limit = wanted.page.limit as usize;
    let more = templates.len() > limit;
    templates.truncate(limit);
    if backwards {
        templates.reverse();
    }
    let total = tx.query_one("SELECT count(*) FROM template WHERE business = ?1", &[(&business).into()], |row| row.get::<u64>(0))?;
    let allowed = limits(tx, business)?.map(|(_, allowed)| allowed).filter(|allowed| *allowed > 0);
    let (more_before, more_after) = if backwards { (more, true) } else { (wanted.page.after.is_some(), more) };
    Ok(Page { templates, more_before, more_after, total, allowed })
}

/// So many places, filled from the front; "" in the others, which is no word of any list.
fn words<'a, const N: usize>(given: impl Iterator<Item = &'a str>) -> [&'a str; N] {
    let mut places = [""; N];
    for (place, word) in places.iter_mut().zip(given) {
        *place = word;
    }
    places
}

/// A pattern for LIKE that finds the text anywhere; "" for "".
fn like(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let escaped: String = text.chars().flat_map(|c| if "%_!".contains(c) { vec!['!', c] } else { vec![c] }).collect();
    format!("%{escaped}%")
}
