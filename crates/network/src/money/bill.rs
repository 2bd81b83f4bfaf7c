//! Bills: what the ledger comes to, by day, market, category and kind, free messages included; and extra services, apart from messages (R103).
use super::{
    charges,
    ledger::{self, Posting, Step},
};
use crate::{
    Network,
    append::NO_CONVERSATION,
    audit::{self, Actor},
    int,
    period::{Level, month_name},
};
use suki_rules::price::{Category, PricingType, Quote};
use suki_store::{StoreError, Tx, Value};
use suki_types::{AccountId, Amount, Country, Currency, MessageId, Timestamp};

/// The most lines one bill has: months with more countries, categories and tiers than that do not exist.
pub(super) const MAX_LINES: i64 = 20_000;

/// What messages have in common on a bill.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Line {
    pub currency: Currency,
    pub market: String,
    pub country: String,
    pub category: Category,
    pub kind: PricingType,
    pub tier: String,
}

impl Line {
    pub(super) fn of(price: &Quote, country: Country) -> Self {
        Self {
            currency: price.currency,
            market: price.market.name().into(),
            country: country.code().into(),
            category: price.category,
            kind: price.kind,
            tier: price.tier.map(|tier| tier.range()).unwrap_or_default(),
        }
    }
}

/// So many messages of a kind, and what they cost together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sum {
    /// The day's first millisecond, or the month's.
    pub at: Timestamp,
    pub line: Line,
    pub count: u64,
    pub amount: Amount,
}

/// A service that is no message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Extra {
    pub at: Timestamp,
    pub service: String,
    pub amount: Amount,
    pub currency: Currency,
}

/// All of a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bill {
    pub month: Timestamp,
    pub lines: Vec<Sum>,
    pub extras: Vec<Extra>,
    /// What messages under way will cost if they are delivered.
    pub reserved: Amount,
    pub currency: Currency,
}

impl Bill {
    /// What messages and services cost together in the bill's currency.
    pub fn total(&self) -> Amount {
        let messages = self.lines.iter().filter(|sum| sum.line.currency == self.currency).map(|sum| sum.amount);
        messages.chain(self.extras.iter().filter(|extra| extra.currency == self.currency).map(|extra| extra.amount)).sum()
    }
}

/// Adds messages of a template, 0 for none, to the day's line and to the half hour's.
pub(super) fn add(
    tx: &mut Tx<'_>,
    business: AccountId,
    (line, template): (&Line, u64),
    count: u64,
    amount: Amount,
    now: Timestamp,
) -> Result<(), StoreError> {
    charges::add(tx, business, (line, template), count, amount, now)?;
    tx.execute(
        "INSERT INTO bill_line (business, day, currency, market, country, category, kind, tier, count, amount) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (business, day, currency, market, country, category, kind, tier) \
         DO UPDATE SET count = bill_line.count + ?9, amount = bill_line.amount + ?10",
        &[
            (&business).into(),
            Level::Day.start(now).into(),
            line.currency.code().into(),
            (&line.market).into(),
            (&line.country).into(),
            line.category.number().into(),
            line.kind.number().into(),
            (&line.tier).into(),
            int(count),
            amount.millionths().into(),
        ],
    )?;
    Ok(())
}

/// The lines of the days from `from` on and before `to`, in the order of the days.
pub(super) fn days(tx: &mut Tx<'_>, business: AccountId, from: Timestamp, to: Timestamp) -> Result<Vec<Sum>, StoreError> {
    tx.query(
        "SELECT day, currency, market, country, category, kind, tier, count, amount FROM bill_line \
         WHERE business = ?1 AND day >= ?2 AND day < ?3 ORDER BY day LIMIT ?4",
        &[(&business).into(), from.into(), to.into(), Value::Int(MAX_LINES)],
        |row| {
            let broken = || StoreError::Corrupt("a bill's line cannot be read");
            let line = Line {
                currency: row.get::<String>(1)?.parse().map_err(|_| broken())?,
                market: row.get(2)?,
                country: row.get(3)?,
                category: Category::from_number(row.get(4)?).ok_or_else(broken)?,
                kind: PricingType::from_number(row.get(5)?).ok_or_else(broken)?,
                tier: row.get(6)?,
            };
            Ok(Sum { at: row.get(0)?, line, count: row.get(7)?, amount: Amount::from_millionths(row.get(8)?) })
        },
    )
}

/// A month's bill; its lines are sums over its days and over countries, in the order of market, category and kind.
pub(super) fn bill(tx: &mut Tx<'_>, business: AccountId, month: Timestamp, currency: Currency) -> Result<Bill, StoreError> {
    let next = Level::Month.next(month);
    let mut sums: std::collections::BTreeMap<Line, (u64, Amount)> = std::collections::BTreeMap::new();
    for day in days(tx, business, month, next)? {
        let (count, amount) = sums.entry(Line { country: String::new(), ..day.line }).or_default();
        *count += day.count;
        *amount = amount.checked_add(day.amount).ok_or(StoreError::OutOfRange)?;
    }
    let lines = sums.into_iter().map(|(line, (count, amount))| Sum { at: month, line, count, amount }).collect();
    let extras = tx.query(
        "SELECT at, service, amount, currency FROM extra_charge WHERE business = ?1 AND at >= ?2 AND at < ?3 ORDER BY at LIMIT ?4",
        &[(&business).into(), month.into(), next.into(), Value::Int(MAX_LINES)],
        |row| {
            let currency = row.get::<String>(3)?.parse().map_err(|_| StoreError::Corrupt("a charge's currency"))?;
            Ok(Extra { at: row.get(0)?, service: row.get(1)?, amount: Amount::from_millionths(row.get(2)?), currency })
        },
    )?;
    Ok(Bill { month, lines, extras, reserved: reserved(tx, business, currency)?, currency })
}

/// What is reserved now.
fn reserved(tx: &mut Tx<'_>, business: AccountId, currency: Currency) -> Result<Amount, StoreError> {
    let sql = "SELECT amount FROM reserved WHERE business = ?1 AND currency = ?2";
    let sum = tx.query_opt(sql, &[(&business).into(), currency.code().into()], |row| row.get(0))?;
    Ok(Amount::from_millionths(sum.unwrap_or(0)))
}

/// Why a service is not charged.
#[derive(Debug, thiserror::Error)]
pub enum ExtraChargeError {
    /// A name or an amount that makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// The store refuses or fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Network {
    /// Charges a business for a service that is no message, such as a partner's monthly fee (R102, R103), in the currency of bills.
    /// The same `id` is charged once: `false` when it was charged before. `actor` is who charges it.
    ///
    /// # Errors
    /// When the name has not 1 to 100 characters or the amount is not above nothing; when the store fails.
    pub async fn charge_service(
        &self,
        business: AccountId,
        id: MessageId,
        service: String,
        amount: Amount,
        actor: Actor,
    ) -> Result<bool, ExtraChargeError> {
        let length = service.chars().count();
        if !(1..=100).contains(&length) || service.chars().any(char::is_control) {
            return Err(ExtraChargeError::Invalid(format!(
                "the service's name has {length} characters: 1 to 100 are allowed, and no control characters"
            )));
        }
        if amount <= Amount::ZERO {
            return Err(ExtraChargeError::Invalid("a service costs more than nothing".into()));
        }
        let currency = self.policy().price.currency;
        let now = self.now();
        let unit = move |tx: &mut Tx<'_>| {
            let posting = Posting { business, conversation: NO_CONVERSATION, subject: id.as_bytes(), step: Step::Service, amount, currency };
            if !ledger::post(tx, &posting, now)? {
                return Ok(false);
            }
            tx.execute(
                "INSERT INTO extra_charge (business, at, id, service, amount, currency) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                &[(&business).into(), now.into(), (&id).into(), (&service).into(), amount.millionths().into(), currency.code().into()],
            )?;
            let detail = format!("{service}, {}, month {}", amount.display(currency), month_name(now));
            audit::record(tx, now, actor, "service.charge", &business.to_string(), &detail)?;
            Ok::<_, StoreError>(true)
        };
        Ok(self.of(business).db().write(unit).await?)
    }
}
