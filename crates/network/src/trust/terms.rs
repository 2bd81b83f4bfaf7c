//! Terms of service and privacy policy: which version is in force since when, and who accepted it (R26).
use super::status;
use crate::{
    Network,
    audit::{self, Actor},
    operations::call,
    refusal::Refusal,
    rows::Caller,
    session::Answer,
};
use suki_protocol::{
    calls::trust::{AcceptTerms, Document, GetTerms, Terms, TermsStatus},
    pb::RefusalCode,
};
use suki_rules::{Policy, trust};
use suki_store::{Db, StoreError, Tx};
use suki_types::{AccountId, Timestamp, limits};

/// How many businesses one unit tells of new terms.
const PAGE: i64 = 500;

/// Notes since when the policy's terms are in force. When they are new, every business that accepted earlier ones has the policy's grace time from now.
///
/// # Errors
/// When the store fails.
pub(crate) async fn come_into_force(db: &Db, policy: &Policy, now: Timestamp) -> Result<Timestamp, StoreError> {
    let version = i64::from(policy.terms.version);
    let noted = db.write(move |tx| {
        let sql = "INSERT INTO terms (version, in_force_at) VALUES (?1, ?2) ON CONFLICT (version) DO NOTHING";
        let fresh = tx.execute(sql, &[version.into(), now.into()])? > 0;
        let at = tx.query_one("SELECT in_force_at FROM terms WHERE version = ?1", &[version.into()], |row| row.get::<Timestamp>(0))?;
        Ok::<_, StoreError>((fresh, at))
    });
    let (fresh, in_force_at) = noted.await?;
    if fresh {
        let due = trust::terms_due(policy, in_force_at);
        let mut after = AccountId::from_bytes([0; 16]);
        while let Some(last) = db.write(move |tx| give_time(tx, after, version, due)).await? {
            after = last;
        }
    }
    Ok(in_force_at)
}

/// The last business of the page; none when there was none.
fn give_time(tx: &mut Tx<'_>, after: AccountId, version: i64, due: Timestamp) -> Result<Option<AccountId>, StoreError> {
    let sql = "SELECT business FROM standing WHERE business > ?1 ORDER BY business LIMIT ?2";
    let page: Vec<AccountId> = tx.query(sql, &[(&after).into(), PAGE.into()], |row| row.get(0))?;
    for business in &page {
        let sql = "UPDATE standing SET terms_due = ?3 WHERE business = ?1 AND terms_version < ?2";
        tx.execute(sql, &[business.into(), version.into(), due.into()])?;
    }
    Ok(page.last().copied())
}

impl Network {
    /// `GET /v1/terms`: what a business accepts before it registers.
    pub fn terms(&self) -> Terms {
        let terms = &self.policy().terms;
        let text = |title: &str, url: &str, text: &str| Document { title: title.into(), url: url.into(), text: text.trim().into() };
        Terms {
            version: terms.version,
            in_force_at: self.0.terms_in_force_at,
            terms: text(&terms.title, &terms.url, &terms.text),
            privacy: text(&terms.privacy_title, &terms.privacy_url, &terms.privacy_text),
        }
    }
}

pub(super) fn status(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::reads::<GetTerms>(network, json, move |tx, _| {
        call::business_only(&caller)?;
        read(&own, tx, caller.account)
    })
}

pub(super) fn accept(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::writes::<AcceptTerms>(network, json, move |tx, request| {
        call::business_only(&caller)?;
        let by = request.by.trim();
        if !(1..=limits::NAME_CHARS).contains(&by.chars().count()) || by.chars().any(char::is_control) {
            let text = format!("by has 1 to {} characters and no control characters: name who accepts", limits::NAME_CHARS);
            return Err(Refusal::malformed(text));
        }
        let in_force = own.policy().terms.version;
        if request.version != in_force {
            let text = format!("Version {} is not in force, version {in_force} is: read that one and accept it", request.version);
            return Err(Refusal::new(RefusalCode::Conflict, text));
        }
        let now = own.now();
        if note_accepted(tx, caller.account, in_force, by, now)? {
            let subject = format!("{} terms {in_force}", caller.account);
            audit::record(tx, now, Actor::Business(caller.account), "terms.accepted", &subject, "")?;
        }
        let wakes = status::tell(&own, tx, caller.account, None)?;
        Ok((read(&own, tx, caller.account)?, wakes))
    })
}

/// Notes that a business accepted a version; false when it had before.
///
/// # Errors
/// When the store fails.
pub(crate) fn note_accepted(tx: &mut Tx<'_>, business: AccountId, version: u32, by: &str, now: Timestamp) -> Result<bool, StoreError> {
    let fresh = tx.execute(
        "INSERT INTO terms_accepted (business, version, at, accepted_by) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (business, version) DO NOTHING",
        &[(&business).into(), i64::from(version).into(), now.into(), by.into()],
    )?;
    let sql = "UPDATE standing SET terms_version = ?2, terms_due = 0 WHERE business = ?1 AND terms_version <= ?2";
    tx.execute(sql, &[(&business).into(), i64::from(version).into()])?;
    Ok(fresh > 0)
}

fn read(network: &Network, tx: &mut Tx<'_>, business: AccountId) -> Result<TermsStatus, Refusal> {
    let (accepted, due) = accepted(tx, business)?;
    let sql = "SELECT at FROM terms_accepted WHERE business = ?1 AND version = ?2";
    let accepted_at = tx.query_opt(sql, &[(&business).into(), i64::from(accepted).into()], |row| row.get::<Timestamp>(0))?;
    let current = network.terms();
    let due = (accepted < current.version).then_some(due);
    Ok(TermsStatus { current, accepted_version: accepted, accepted_at, due })
}

/// The version that a business has accepted, and until when it has time for a newer one.
///
/// # Errors
/// When the store fails.
pub(super) fn accepted(tx: &mut Tx<'_>, business: AccountId) -> Result<(u32, Timestamp), StoreError> {
    let found = tx.query_opt("SELECT terms_version, terms_due FROM standing WHERE business = ?1", &[(&business).into()], |row| {
        Ok((u32::try_from(row.get::<i64>(0)?).unwrap_or(u32::MAX), row.get::<Timestamp>(1)?))
    })?;
    Ok(found.unwrap_or((0, Timestamp::from_millis(0))))
}
