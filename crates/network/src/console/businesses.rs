//! Businesses, as the platform's operators see them.
use super::{Console, ConsoleError, Operator, operators::Duty, records};
use crate::review::{self, Case};
use suki_store::{Row, StoreError, Tx};
use suki_types::{AccountId, Timestamp};

/// How many businesses a page has, and how many rows one search goes through before it hands back where to go on.
const PAGE: usize = 50;
const SEARCHED: u32 = 2000;
/// The most characters of what is searched for.
const WANTED_CHARS: usize = 100;
/// How many of its cases a business's page shows.
const CASES: u32 = 50;

/// Who a business is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Its id.
    pub id: AccountId,
    /// What it is called.
    pub name: String,
    /// What it says of itself.
    pub about: String,
    /// The name in its link.
    pub slug: String,
    /// Who runs its endpoint.
    pub hosted_by: String,
    /// How far it was checked: plain, checked or confirmed.
    pub trust: &'static str,
    /// When it registered.
    pub since: Timestamp,
}

/// A business, its cases and what was decided about it. How it stands, its trust, its templates and its account have calls of their own.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// Who it is.
    pub card: Card,
    /// Its newest cases.
    pub cases: Vec<Case>,
    /// What was decided about it.
    pub history: records::Page,
}

fn from_row(row: &Row<'_>) -> Result<Card, StoreError> {
    let trust = match row.get::<i64>(5)? {
        2 => "checked",
        3 => "confirmed",
        _ => "plain",
    };
    Ok(Card { id: row.get(0)?, name: row.get(1)?, about: row.get(2)?, slug: row.get(3)?, hosted_by: row.get(4)?, trust, since: row.get(6)? })
}

/// Who a business is.
pub(crate) fn card(tx: &mut Tx<'_>, business: AccountId) -> Result<Option<Card>, StoreError> {
    tx.query_opt(
        "SELECT b.account, b.name, b.about, b.slug, b.hosted_by, b.trust, a.created_at FROM business b \
         JOIN account a ON a.account = b.account WHERE b.account = ?1",
        &[(&business).into()],
        from_row,
    )
}

impl Console {
    /// Businesses, newest first, whose name, link or id has `wanted` in it; all when it is empty. Second: where to go on, while there is more to search.
    ///
    /// # Errors
    /// [`ConsoleError::Invalid`] when `wanted` has more than 100 characters; when the store fails.
    pub async fn businesses(&self, by: &Operator, wanted: &str, cursor: Option<AccountId>) -> Result<(Vec<Card>, Option<AccountId>), ConsoleError> {
        by.must(Duty::Look)?;
        if wanted.chars().count() > WANTED_CHARS {
            return Err(ConsoleError::Invalid(format!("search for at most {WANTED_CHARS} characters")));
        }
        let (wanted, from) = (wanted.trim().to_lowercase(), cursor.unwrap_or(AccountId::from_bytes([0xFF; 16])));
        self.read(move |tx| Ok(search(tx, &wanted, from)?)).await
    }

    /// A business with its cases and history.
    ///
    /// # Errors
    /// [`ConsoleError::NotFound`]; when the store fails.
    pub async fn business(&self, by: &Operator, id: AccountId) -> Result<File, ConsoleError> {
        by.must(Duty::Look)?;
        self.read(move |tx| {
            let card = card(tx, id)?.ok_or(ConsoleError::NotFound("business"))?;
            let cases = review::of_business(tx, id, CASES)?;
            Ok(File { card, cases, history: records::page(tx, Some(id), None)? })
        })
        .await
    }
}

/// Goes through the businesses by their ids, which sort by time: a bounded stretch each call, so that no search holds the store.
fn search(tx: &mut Tx<'_>, wanted: &str, from: AccountId) -> Result<(Vec<Card>, Option<AccountId>), StoreError> {
    let cards = tx.query(
        "SELECT b.account, b.name, b.about, b.slug, b.hosted_by, b.trust, a.created_at FROM business b \
         JOIN account a ON a.account = b.account WHERE b.account < ?1 ORDER BY b.account DESC LIMIT ?2",
        &[(&from).into(), SEARCHED.into()],
        from_row,
    )?;
    let mut next = (cards.len() == SEARCHED as usize).then(|| cards.last().map(|card| card.id)).flatten();
    let fits = |card: &Card| card.name.to_lowercase().contains(wanted) || card.slug.contains(wanted) || card.id.to_string() == wanted;
    let mut found: Vec<Card> = cards.into_iter().filter(fits).collect();
    if found.len() > PAGE {
        found.truncate(PAGE);
        next = found.last().map(|card| card.id);
    }
    Ok((found, next))
}
