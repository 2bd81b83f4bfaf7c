//! What the objects of a message may hold. Within them a text that is too long and a list with too few or too many items are 131009; of a text message
//! and of captions the length is 100, as Meta answers.
use crate::{ApiError, ObjectId, params::Object};
use std::{collections::HashSet, ops::RangeInclusive};

/// A text of at most `most` characters; a blank one is absent.
pub(super) fn optional(object: &Object<'_>, name: &str, most: usize) -> Result<Option<String>, ApiError> {
    let Some(text) = object.scalar(name)?.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    match text.chars().count() {
        count if count > most => Err(ApiError::invalid_value(format!("{} has {count} characters; at most {most} are allowed", object.path(name)))),
        _ => Ok(Some(text.into_owned())),
    }
}

/// A text that has to be there.
pub(super) fn required(object: &Object<'_>, name: &str, most: usize) -> Result<String, ApiError> {
    optional(object, name, most)?.ok_or_else(|| ApiError::missing(&object.path(name)))
}

/// An object that has to be there.
pub(super) fn object<'a>(parent: &'a Object<'_>, name: &str) -> Result<Object<'a>, ApiError> {
    parent.object(name)?.ok_or_else(|| ApiError::missing(&parent.path(name)))
}

/// A list that has to be there, with so many items.
pub(super) fn list(parent: &Object<'_>, name: &str, allowed: RangeInclusive<usize>) -> Result<Vec<Object<'static>>, ApiError> {
    let items = parent.list(name, usize::MAX)?.ok_or_else(|| ApiError::missing(&parent.path(name)))?;
    count(&parent.path(name), items.len(), allowed)?;
    Ok(items)
}

/// Whether there are as many as allowed.
pub(super) fn count(path: &str, found: usize, allowed: RangeInclusive<usize>) -> Result<(), ApiError> {
    if allowed.contains(&found) {
        return Ok(());
    }
    let (least, most) = (allowed.start(), allowed.end());
    Err(ApiError::invalid_value(format!("{path} has {found} items; {least} to {most} are allowed")))
}

/// The id of an object, as text or as a number.
pub(super) fn object_id(object: &Object<'_>, name: &str) -> Result<Option<ObjectId>, ApiError> {
    let Some(text) = object.scalar(name)?.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    text.trim().parse().map(Some).map_err(|error| ApiError::invalid_value(format!("{}: {error}", object.path(name))))
}

/// A text that is one of these words, in capitals or not.
pub(super) fn word(object: &Object<'_>, name: &str, words: &[&'static str]) -> Result<Option<&'static str>, ApiError> {
    let Some(text) = object.text(name)?.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    let found = words.iter().find(|word| word.eq_ignore_ascii_case(text.trim())).copied();
    let wrong = || ApiError::invalid_value(format!("{} must be one of {}", object.path(name), words.join(", ")));
    found.map(Some).ok_or_else(wrong)
}

/// Whether no id stands twice: what is pressed is known by it.
pub(super) fn distinct<'a>(path: &str, ids: impl IntoIterator<Item = &'a str>) -> Result<(), ApiError> {
    let mut seen = HashSet::new();
    let mut ids = ids.into_iter();
    if ids.all(|id| seen.insert(id)) { Ok(()) } else { Err(ApiError::invalid_value(format!("{path}: two of them have the same id"))) }
}
