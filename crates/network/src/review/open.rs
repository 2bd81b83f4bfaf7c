//! Opening and closing cases: what the other parts of the network call.
use super::{Case, CaseKind, CaseState, case_from_row};
use aws_lc_rs::digest;
use serde_json::Value as Json;
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, CaseId, Timestamp};

/// The most bytes of a case's detail, as JSON.
const DETAIL_BYTES: usize = 256 * 1024;

/// A case to be opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewCase<'a> {
    /// What is to be decided.
    pub kind: CaseKind,
    /// About whom.
    pub business: AccountId,
    /// What of the business: whoever opens the case finds the thing again by it. At most 256 characters.
    pub subject: &'a str,
    /// All that somebody needs to see who decides.
    pub detail: &'a Json,
}

/// Puts a case into its queue. One of the same kind, business and subject that is open already stays where it is and gets the new detail. An appeal is
/// linked to the newest decision about its subject.
///
/// # Errors
/// When the store fails, or the detail has more than 256 KiB.
pub(crate) fn open(tx: &mut Tx<'_>, now: Timestamp, new: NewCase<'_>) -> Result<CaseId, StoreError> {
    let against = if new.kind == CaseKind::Appeal { newest_decided(tx, new.business, new.subject)? } else { None };
    insert(tx, now, new, against)
}

/// As [`open`], for a second look at the decision `against`: another operator has to decide, where there is one.
///
/// # Errors
/// As [`open`].
pub(crate) fn open_appeal(tx: &mut Tx<'_>, now: Timestamp, new: NewCase<'_>, against: CaseId) -> Result<CaseId, StoreError> {
    insert(tx, now, new, Some(against))
}

fn insert(tx: &mut Tx<'_>, now: Timestamp, new: NewCase<'_>, first: Option<CaseId>) -> Result<CaseId, StoreError> {
    let detail = new.detail.to_string();
    if detail.len() > DETAIL_BYTES || new.subject.chars().count() > 256 {
        return Err(StoreError::Constraint("a review case has at most 256 characters of subject and 256 KiB of detail".into()));
    }
    if let Some(known) = find_open(tx, new.business, new.kind, new.subject)? {
        tx.execute("UPDATE review_case SET detail = ?2 WHERE case_id = ?1", &[(&known).into(), (&detail).into()])?;
        return Ok(known);
    }
    let id = new_id(tx, now, new)?;
    tx.execute(
        "INSERT INTO review_case (case_id, business, kind, subject, detail, opened_at, first) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &[(&id).into(), (&new.business).into(), new.kind.number().into(), new.subject.into(), (&detail).into(), now.into(), first.as_ref().into()],
    )?;
    Ok(id)
}

/// An id that sorts by time. What follows the time comes from the case itself, so that a unit that is run again makes the same one; how many cases the
/// business had keeps two apart that are opened, closed and opened again within a millisecond.
fn new_id(tx: &mut Tx<'_>, now: Timestamp, new: NewCase<'_>) -> Result<CaseId, StoreError> {
    let sql = "SELECT count(*) FROM review_case WHERE business = ?1";
    let before: i64 = tx.query_one(sql, &[(&new.business).into()], |row| row.get(0))?;
    let mut context = digest::Context::new(&digest::SHA256);
    for part in [new.business.as_bytes().as_slice(), &new.kind.number().to_be_bytes(), &before.to_be_bytes(), new.subject.as_bytes()] {
        context.update(part);
    }
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&now.millis().max(0).to_be_bytes()[2..]);
    bytes[6..].copy_from_slice(&context.finish().as_ref()[..10]);
    Ok(CaseId::from_bytes(bytes))
}

fn find_open(tx: &mut Tx<'_>, business: AccountId, kind: CaseKind, subject: &str) -> Result<Option<CaseId>, StoreError> {
    tx.query_opt(
        "SELECT case_id FROM review_case WHERE business = ?1 AND kind = ?2 AND subject = ?3 AND state = 1",
        &[(&business).into(), kind.number().into(), subject.into()],
        |row| row.get(0),
    )
}

/// The newest decision about a subject, of whatever kind.
fn newest_decided(tx: &mut Tx<'_>, business: AccountId, subject: &str) -> Result<Option<CaseId>, StoreError> {
    tx.query_opt(
        "SELECT case_id FROM review_case WHERE business = ?1 AND subject = ?2 AND decided_at > 0 ORDER BY case_id DESC LIMIT 1",
        &[(&business).into(), subject.into()],
        |row| row.get(0),
    )
}

/// Takes a case out of its queue, since nothing is to be decided any more. One that is decided stays so.
///
/// # Errors
/// When the store fails.
pub(crate) fn close(tx: &mut Tx<'_>, case: CaseId) -> Result<(), StoreError> {
    let sql = "UPDATE review_case SET state = ?2, claimed_by = NULL, claimed_until = 0 WHERE case_id = ?1 AND state = 1";
    tx.execute(sql, &[(&case).into(), CaseState::Withdrawn.number().into()])?;
    Ok(())
}

/// As [`close`], by what the case is about. False when none is open.
///
/// # Errors
/// When the store fails.
pub(crate) fn close_subject(tx: &mut Tx<'_>, business: AccountId, kind: CaseKind, subject: &str) -> Result<bool, StoreError> {
    let Some(case) = find_open(tx, business, kind, subject)? else { return Ok(false) };
    close(tx, case)?;
    Ok(true)
}

/// A case by its id.
///
/// # Errors
/// When the store fails.
pub(crate) fn find(tx: &mut Tx<'_>, id: CaseId) -> Result<Option<Case>, StoreError> {
    tx.query_opt(
        "SELECT case_id, business, kind, subject, detail, state, opened_at, first, claimed_by, claimed_until, decided_by, decided_at, reason, code \
         FROM review_case WHERE case_id = ?1",
        &[(&id).into()],
        case_from_row,
    )
}
