//! The rows of what holds between a customer and a business.
use super::{Pair, millis, time};
use crate::refusal::Refusal;
use suki_protocol::calls::{consent::State, relation as calls};
use suki_rules::consent::{Choice, Relation};
use suki_store::{Row, StoreError, Tx};
use suki_types::{AccountId, Timestamp};

/// What the store knows of a customer and a business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stored {
    /// The sum of the ledger.
    pub relation: Relation,
    /// What the customer chose for all businesses.
    pub global: Choice,
    /// When he first wrote.
    pub wrote_at: Option<Timestamp>,
}

impl Stored {
    /// What the business may know of it: neither a block, nor that he wants nothing.
    pub fn state(&self) -> State {
        let relation = &self.relation;
        State {
            consent_at: relation.consent_at,
            consent_until: relation.consent_until,
            stopped_at: relation.stopped_at,
            important_only: self.effective() == Choice::Important,
            saved: relation.saved,
            wrote_at: self.wrote_at,
            barred_at: relation.barred_at,
        }
    }

    fn effective(&self) -> Choice {
        match self.relation.choice {
            Choice::AsGlobal => self.global,
            choice => choice,
        }
    }
}

/// As the tables write it: 0 as for all, 1 all, 2 important, 3 none.
pub(super) fn choice_number(choice: Choice) -> i64 {
    match choice {
        Choice::AsGlobal => 0,
        Choice::All => 1,
        Choice::Important => 2,
        Choice::None => 3,
    }
}

pub(super) fn choice_from(number: i64) -> Result<Choice, StoreError> {
    let all = [Choice::AsGlobal, Choice::All, Choice::Important, Choice::None];
    all.into_iter().find(|choice| choice_number(*choice) == number).ok_or(StoreError::Corrupt("a customer's choice"))
}

/// As the calls write it.
pub(super) fn shown(choice: Choice) -> calls::Choice {
    match choice {
        Choice::AsGlobal => calls::Choice::Default,
        Choice::All => calls::Choice::All,
        Choice::Important => calls::Choice::Important,
        Choice::None => calls::Choice::None,
    }
}

/// From the calls.
pub(super) fn meant(choice: calls::Choice) -> Choice {
    match choice {
        calls::Choice::Default => Choice::AsGlobal,
        calls::Choice::All => Choice::All,
        calls::Choice::Important => Choice::Important,
        calls::Choice::None => Choice::None,
    }
}

fn from_row(row: &Row<'_>) -> Result<Stored, StoreError> {
    let relation = Relation {
        choice: choice_from(row.get(0)?)?,
        blocked_at: time(row.get(2)?),
        stopped_at: time(row.get(3)?),
        consent_at: time(row.get(4)?),
        consent_until: time(row.get(5)?),
        saved: row.get(7)?,
        barred_at: time(row.get(8)?),
    };
    Ok(Stored { relation, global: choice_from(row.get(1)?)?, wrote_at: time(row.get(6)?) })
}

/// What holds; of two who have nothing to do with each other: nothing, and his choice for all.
pub(super) fn load(tx: &mut Tx<'_>, pair: Pair) -> Result<Stored, StoreError> {
    let found = tx.query_opt(
        "SELECT choice, global_choice, blocked_at, stopped_at, consent_at, consent_until, wrote_at, saved, barred_at \
         FROM relation WHERE business = ?1 AND customer = ?2",
        &[(&pair.business).into(), (&pair.customer).into()],
        from_row,
    )?;
    match found {
        Some(found) => Ok(found),
        None => Ok(Stored { relation: Relation::default(), global: super::settings::global(tx, pair.customer)?, wrote_at: None }),
    }
}

/// Whether anything is between them.
pub(super) fn exists(tx: &mut Tx<'_>, pair: Pair) -> Result<bool, StoreError> {
    let sql = "SELECT customer FROM relation WHERE business = ?1 AND customer = ?2";
    let found = tx.query_opt(sql, &[(&pair.business).into(), (&pair.customer).into()], |row| row.get::<AccountId>(0))?;
    Ok(found.is_some())
}

/// Stores the sum of the ledger; what others write into the row stays.
pub(super) fn save(tx: &mut Tx<'_>, pair: Pair, stored: &Stored) -> Result<(), StoreError> {
    let relation = &stored.relation;
    tx.execute(
        "INSERT INTO relation (business, customer, choice, global_choice, blocked_at, stopped_at, consent_at, consent_until, saved, barred_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
         ON CONFLICT (business, customer) DO UPDATE SET choice = excluded.choice, blocked_at = excluded.blocked_at, \
         stopped_at = excluded.stopped_at, consent_at = excluded.consent_at, consent_until = excluded.consent_until, saved = excluded.saved, \
         barred_at = excluded.barred_at",
        &[
            (&pair.business).into(),
            (&pair.customer).into(),
            choice_number(relation.choice).into(),
            choice_number(stored.global).into(),
            millis(relation.blocked_at).into(),
            millis(relation.stopped_at).into(),
            millis(relation.consent_at).into(),
            millis(relation.consent_until).into(),
            relation.saved.into(),
            millis(relation.barred_at).into(),
        ],
    )?;
    Ok(())
}

/// An error unless a customer and a business may be in one group.
///
/// # Errors
/// When one of the two has blocked the other.
pub(crate) fn check_group(tx: &mut Tx<'_>, business: AccountId, customer: AccountId) -> Result<(), Refusal> {
    let stored = load(tx, Pair { business, customer })?;
    if stored.relation.blocked_at.is_some() {
        return Err(Refusal::forbidden("You have blocked this business: end that first, then follow its invitation"));
    }
    if stored.relation.barred_at.is_some() {
        return Err(Refusal::forbidden("The business does not take this account into its groups. Write to it on another way"));
    }
    Ok(())
}

/// Whether a customer has blocked a business (R9).
pub(crate) fn is_blocked(tx: &mut Tx<'_>, business: AccountId, customer: AccountId) -> Result<bool, StoreError> {
    let sql = "SELECT blocked_at FROM relation WHERE business = ?1 AND customer = ?2";
    let since: Option<i64> = tx.query_opt(sql, &[(&business).into(), (&customer).into()], |row| row.get(0))?;
    Ok(since.is_some_and(|since| since != 0))
}
