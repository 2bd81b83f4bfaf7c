//! The audit log as people read it: with the names of who did what.
use super::{
    Console, ConsoleError, Operator, businesses,
    operators::{self, Duty},
};
use crate::audit::{self, Actor, Head, Record, Verified};
use std::collections::HashMap;
use suki_store::{StoreError, Tx};
use suki_types::AccountId;

/// How many records a page has.
const PAGE: u32 = 50;

/// A page of the log, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// The records.
    pub records: Vec<Record>,
    /// The names of those who made them, by the record's place.
    pub names: HashMap<i64, String>,
    /// Where the next page begins.
    pub next: Option<i64>,
}

/// A page of the records before `before`, of one business or all.
pub(crate) fn page(tx: &mut Tx<'_>, business: Option<AccountId>, before: Option<i64>) -> Result<Page, StoreError> {
    let records = audit::list(tx, business, before, PAGE)?;
    let mut names = HashMap::new();
    for record in &records {
        let name = match record.actor {
            Actor::System => None,
            Actor::Console(operator) => operators::find(tx, operator)?.map(|operator| operator.name),
            Actor::Business(business) => businesses::card(tx, business)?.map(|card| card.name),
        };
        names.extend(name.map(|name| (record.seq, name)));
    }
    let next = (records.len() == PAGE as usize).then(|| records.last().map(|record| record.seq)).flatten();
    Ok(Page { records, names, next })
}

impl Console {
    /// A page of the log.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn records(&self, by: &Operator, business: Option<AccountId>, before: Option<i64>) -> Result<Page, ConsoleError> {
        by.must(Duty::Look)?;
        self.read(move |tx| Ok(page(tx, business, before)?)).await
    }

    /// Walks through the whole log; with `known`, a head that was written down earlier, also finds one whose hashes were all computed anew.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn verify(&self, by: &Operator, known: Option<Head>) -> Result<Verified, ConsoleError> {
        by.must(Duty::Look)?;
        Ok(self.network().verify_audit(known).await?)
    }
}
