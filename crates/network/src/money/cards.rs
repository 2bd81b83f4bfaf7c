//! Rate cards: the policy's test tariff until the operator imports one, and each imported card from its time on.
use crate::{
    Network,
    audit::{self, Actor},
};
use parking_lot::RwLock;
use std::sync::Arc;
use suki_rules::{
    Policy,
    price::{CardError, RateCard, import_rates, import_tiers, shipped_card},
};
use suki_store::{Db, StoreError, Tx, Value};
use suki_types::{Currency, Timestamp};

/// So many cards may lie ahead and behind; a card a month is forty years.
const MAX_CARDS: i64 = 500;

/// The cards in memory, the one that takes effect first at the front.
#[derive(Debug)]
pub(crate) struct Cards(RwLock<Known>);

#[derive(Debug)]
struct Known {
    cards: Vec<(Timestamp, Arc<RateCard>)>,
    stored: Stored,
}

/// What tells whether the store's cards have changed: how many there are, and when the newest was imported.
type Stored = (u64, Timestamp);

/// A card as the console lists it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CardSummary {
    /// From when on it holds; 0 of the test tariff that comes with the program.
    pub effective_at: Timestamp,
    /// When it was imported; 0 of the test tariff.
    pub imported_at: Timestamp,
    /// By whom; the test tariff's name.
    pub imported_by: String,
    /// Whether it holds now.
    pub in_force: bool,
    /// How many markets it prices.
    pub markets: usize,
}

/// Why a rate card is not imported. Nothing of it is kept.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Places in the files that are wrong.
    #[error("{0}")]
    Rates(CardError),
    /// Places in the file of volume tiers that are wrong.
    #[error("{0}")]
    Tiers(CardError),
    /// It would take effect too soon.
    #[error("a rate card is imported at least {notice} before it takes effect; the earliest time is {} seconds since 1970", earliest.seconds())]
    TooSoon {
        /// How long before.
        notice: String,
        /// The earliest time that is allowed now.
        earliest: Timestamp,
    },
    /// There are too many cards.
    #[error("there are {MAX_CARDS} rate cards already, and no more are kept")]
    TooMany,
    /// The store refuses or fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Cards {
    /// The policy's test tariff alone.
    pub fn shipped(policy: &Policy) -> Self {
        let card = shipped_card(&policy.price.rates).expect("the policy was checked to name a tariff that there is");
        Self(RwLock::new(Known { cards: vec![(Timestamp::from_millis(i64::MIN), Arc::new(card))], stored: (0, Timestamp::default()) }))
    }

    /// The card that holds at a time.
    pub fn at(&self, now: Timestamp) -> Arc<RateCard> {
        let known = self.0.read();
        let holding = known.cards.iter().rev().find(|(from, _)| *from <= now).unwrap_or(&known.cards[0]);
        holding.1.clone()
    }

    /// From when on the card of a time holds; 0 of the test tariff.
    pub fn since(&self, now: Timestamp) -> Timestamp {
        let known = self.0.read();
        let holding = known.cards.iter().rev().find(|(from, _)| *from <= now);
        holding.map_or_else(Timestamp::default, |(from, _)| (*from).max(Timestamp::default()))
    }

    /// The next card after a time, and when it takes effect.
    pub fn after(&self, now: Timestamp) -> Option<(Timestamp, Arc<RateCard>)> {
        self.0.read().cards.iter().find(|(from, _)| *from > now).cloned()
    }

    /// Reads the imported cards anew: another node may have imported one.
    pub async fn load(&self, db: &Db, currency: Currency) -> Result<(), StoreError> {
        let known = self.0.read().stored;
        let found = db.read(move |tx| {
            let stored = stored(tx, currency)?;
            Ok::<_, StoreError>(if stored == known { None } else { Some((stored, read(tx, currency)?)) })
        });
        if let Some((stored, cards)) = found.await? {
            let mut known = self.0.write();
            known.cards.truncate(1);
            known.cards.extend(cards);
            known.stored = stored;
        }
        Ok(())
    }
}

fn stored(tx: &mut Tx<'_>, currency: Currency) -> Result<Stored, StoreError> {
    tx.query_one("SELECT COUNT(*), COALESCE(MAX(imported_at), 0) FROM rate_card WHERE currency = ?1", &[currency.code().into()], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

fn read(tx: &mut Tx<'_>, currency: Currency) -> Result<Vec<(Timestamp, Arc<RateCard>)>, StoreError> {
    tx.query(
        "SELECT effective_at, rates, tiers FROM rate_card WHERE currency = ?1 ORDER BY effective_at LIMIT ?2",
        &[currency.code().into(), Value::Int(MAX_CARDS)],
        |row| {
            let broken = |_| StoreError::Corrupt("a rate card cannot be read");
            let card = parse(&row.get::<String>(1)?, &row.get::<String>(2)?, currency).map_err(broken)?;
            Ok((row.get(0)?, Arc::new(card)))
        },
    )
}

fn parse(rates: &str, tiers: &str, currency: Currency) -> Result<RateCard, ImportError> {
    let card = import_rates(rates, currency).map_err(ImportError::Rates)?;
    if tiers.trim().is_empty() { Ok(card) } else { import_tiers(card, tiers).map_err(ImportError::Tiers) }
}

impl Network {
    /// Imports a rate card that holds from `effective_at` on: the files of its rates and of its volume tiers (empty: none). Of two cards of the same time
    /// the later one holds. `actor` is who imports it.
    ///
    /// # Errors
    /// Every place that is wrong, or that it would take effect before the policy's notice has passed. Nothing is kept then.
    pub async fn import_rate_card(&self, rates: String, tiers: String, effective_at: Timestamp, actor: Actor) -> Result<(), ImportError> {
        let price = &self.policy().price;
        let currency = price.currency;
        parse(&rates, &tiers, currency)?;
        let now = self.now();
        let earliest = now.plus_millis(price.notice.millis());
        if effective_at < earliest {
            return Err(ImportError::TooSoon { notice: price.notice.to_string(), earliest });
        }
        let by = match actor {
            Actor::Console(operator) => operator.to_string(),
            Actor::Business(_) | Actor::System => "system".to_owned(),
        };
        self.db()
            .write(move |tx| {
                if stored(tx, currency)?.0 >= MAX_CARDS.unsigned_abs() {
                    return Err(ImportError::TooMany);
                }
                tx.execute(
                    "INSERT INTO rate_card (currency, effective_at, imported_at, imported_by, rates, tiers) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
                     ON CONFLICT (currency, effective_at) DO UPDATE SET imported_at = ?3, imported_by = ?4, rates = ?5, tiers = ?6",
                    &[currency.code().into(), effective_at.into(), now.into(), (&by).into(), (&rates).into(), (&tiers).into()],
                )?;
                let detail = format!("takes effect at {} seconds since 1970", effective_at.seconds());
                audit::record(tx, now, actor, "rate_card.import", currency.code(), &detail)?;
                Ok(())
            })
            .await?;
        self.reload_rate_cards().await?;
        Ok(())
    }

    /// Every rate card, the newest first, the test tariff last.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn rate_cards(&self) -> Result<Vec<CardSummary>, StoreError> {
        let currency = self.policy().price.currency;
        let now = self.now();
        let mut cards: Vec<CardSummary> = self
            .db()
            .read(move |tx| {
                tx.query(
                    "SELECT effective_at, imported_at, imported_by, rates FROM rate_card WHERE currency = ?1 ORDER BY effective_at LIMIT ?2",
                    &[currency.code().into(), Value::Int(MAX_CARDS)],
                    |row| {
                        let markets = import_rates(&row.get::<String>(3)?, currency).map_or(0, |card| card.markets().count());
                        Ok(CardSummary { effective_at: row.get(0)?, imported_at: row.get(1)?, imported_by: row.get(2)?, in_force: false, markets })
                    },
                )
            })
            .await
            .map_err(|error: StoreError| error)?;
        let name = self.policy().price.rates.clone();
        let zero = Timestamp::from_millis(0);
        let markets = shipped_card(&name).map_or(0, |card| card.markets().count());
        cards.insert(0, CardSummary { effective_at: zero, imported_at: zero, imported_by: name, in_force: false, markets });
        if let Some(holding) = cards.iter_mut().rev().find(|card| card.effective_at <= now) {
            holding.in_force = true;
        }
        cards.reverse();
        Ok(cards)
    }

    /// Reads the cards that the store has and this process has not.
    pub(crate) async fn reload_rate_cards(&self) -> Result<(), StoreError> {
        self.cards().load(self.db(), self.policy().price.currency).await
    }
}
