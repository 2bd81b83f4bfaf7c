//! What was delivered and what it cost, by period and by what is asked: days out of the bill's lines; half hours and templates out of a table of their own,
//! which is kept for a shorter time.
use super::bill::Line;
use crate::{
    int,
    period::{DAY, HALF_HOUR, Level},
    refusal::Refusal,
};
use std::collections::BTreeMap;
use suki_protocol::calls::{
    money::{Charge, ChargeDimension as By, Charged, Charges, GetCharges},
    statistics::Granularity,
};
use suki_rules::price::{Category, PricingType};
use suki_store::{Row, Split, StoreError, Tx, Value};
use suki_types::{AccountId, Amount, Timestamp};

/// The table, by weeks.
pub(crate) const SPLIT: Split = Split { table: "charge", part_millis: 7 * DAY };
/// The longest time one call may ask for, in milliseconds: two years.
const MAX_SPAN: i64 = 2 * 366 * DAY;
/// The most points of an answer, so that it fits into a frame.
const MAX_POINTS: usize = 900;
/// The most rows that one answer is made of.
const MAX_ROWS: i64 = 20_000;

/// Adds messages of a template, 0 for none, to the half hour's.
pub(super) fn add(
    tx: &mut Tx<'_>,
    business: AccountId,
    (line, template): (&Line, u64),
    count: u64,
    amount: Amount,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO charge (business, at, template, currency, market, country, category, kind, tier, count, amount) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) \
         ON CONFLICT (business, at, template, currency, market, country, category, kind, tier) \
         DO UPDATE SET count = charge.count + ?10, amount = charge.amount + ?11",
        &[
            (&business).into(),
            Level::HalfHour.start(now).into(),
            int(template),
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

/// Forgets some half hours before a moment; says how many rows they had.
///
/// # Errors
/// When the store refuses.
pub(crate) fn forget(tx: &mut Tx<'_>, business: AccountId, before: Timestamp, most: i64) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM charge WHERE business = ?1 AND at < (SELECT COALESCE(MAX(at), 0) FROM \
         (SELECT at FROM charge WHERE business = ?1 AND at < ?2 ORDER BY at LIMIT ?3) old) + 1",
        &[(&business).into(), before.into(), Value::Int(most)],
    )
}

/// What points are told apart by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    at: Timestamp,
    country: String,
    category: Option<Category>,
    kind: Option<PricingType>,
    tier: String,
    template: u64,
    currency: String,
}

/// A sum of rows that are alike.
struct Sum {
    key: Key,
    count: u64,
    amount: Amount,
}

/// Answers `bill.charges`.
pub(super) fn charges(tx: &mut Tx<'_>, business: AccountId, asked: &GetCharges, now: Timestamp) -> Result<Charges, Refusal> {
    let level = match asked.granularity {
        Granularity::HalfHour => Level::HalfHour,
        Granularity::Day => Level::Day,
        Granularity::Month => Level::Month,
        Granularity::Total => return Err(Refusal::malformed("Charges are told by half an hour, a day or a month")),
    };
    let (from, end) = (level.start(asked.from), asked.to.min(Level::Month.next(now)));
    if end <= from {
        return Ok(Charges { points: Vec::new(), next: None });
    }
    let start = level.start(end);
    let to = if start == end { end } else { level.next(end) };
    if to.since(from) > MAX_SPAN {
        return Err(Refusal::malformed("Ask for at most two years at once"));
    }
    let sums = sums(tx, business, (from, to), level, asked)?;
    let cut = (sums.len() as i64 == MAX_ROWS).then(|| sums.last().map(|sum| level.start(sum.key.at))).flatten();
    let mut points: BTreeMap<Key, (u64, Amount)> = BTreeMap::new();
    for sum in sums.into_iter().filter(|sum| counts(&asked.of, &sum.key)) {
        let (count, amount) = points.entry(merged(sum.key, level, &asked.by)).or_default();
        *count += sum.count;
        *amount = amount.checked_add(sum.amount).ok_or(StoreError::OutOfRange)?;
    }
    let full = points.keys().nth(MAX_POINTS).map(|key| key.at);
    let next = [cut, full].into_iter().flatten().min();
    if next.is_some_and(|next| next <= from || Some(next) == points.keys().next().map(|key| key.at)) {
        let text = format!("One period has more than {MAX_POINTS} points: tell less apart, or ask for shorter periods");
        return Err(Refusal::malformed(text));
    }
    let told = points.into_iter().filter(|(key, _)| next.is_none_or(|next| key.at < next));
    Ok(Charges { points: told.map(|(key, (count, amount))| charge(key, count, amount)).collect(), next })
}

/// The rows, summed up as far as the answer and its conditions allow, in the order of time.
fn sums(tx: &mut Tx<'_>, business: AccountId, (from, to): (Timestamp, Timestamp), level: Level, asked: &GetCharges) -> Result<Vec<Sum>, StoreError> {
    let apart = |by: By, is_filtered: bool| Value::from(is_filtered || asked.by.contains(&by));
    let of = &asked.of;
    let by_template = asked.by.contains(&By::Template) || !of.templates.is_empty();
    let mut params: Vec<Value<'_>> = vec![
        (&business).into(),
        from.into(),
        to.into(),
        apart(By::Country, !of.countries.is_empty()),
        apart(By::Category, !of.categories.is_empty()),
        apart(By::Kind, !of.kinds.is_empty()),
        apart(By::Tier, false),
        Value::Int(MAX_ROWS),
    ];
    if !by_template && level != Level::HalfHour {
        return tx.query(
            "SELECT day, CASE WHEN CAST(?4 AS BIGINT) = 1 THEN country ELSE '' END, CASE WHEN CAST(?5 AS BIGINT) = 1 THEN category ELSE 0 END, \
               CASE WHEN CAST(?6 AS BIGINT) = 1 THEN kind ELSE 0 END, CASE WHEN CAST(?7 AS BIGINT) = 1 THEN tier ELSE '' END, \
               CAST(0 AS BIGINT), currency, CAST(SUM(count) AS BIGINT), CAST(SUM(amount) AS BIGINT) FROM bill_line \
             WHERE business = ?1 AND day >= ?2 AND day < ?3 GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7 LIMIT ?8",
            &params,
            sum,
        );
    }
    params.extend([Value::from(by_template), Value::Int(if level == Level::HalfHour { HALF_HOUR } else { DAY })]);
    tx.query(
        "SELECT at - at % CAST(?10 AS BIGINT), CASE WHEN CAST(?4 AS BIGINT) = 1 THEN country ELSE '' END, \
           CASE WHEN CAST(?5 AS BIGINT) = 1 THEN category ELSE 0 END, CASE WHEN CAST(?6 AS BIGINT) = 1 THEN kind ELSE 0 END, \
           CASE WHEN CAST(?7 AS BIGINT) = 1 THEN tier ELSE '' END, CASE WHEN CAST(?9 AS BIGINT) = 1 THEN template ELSE 0 END, \
           currency, CAST(SUM(count) AS BIGINT), CAST(SUM(amount) AS BIGINT) FROM charge \
         WHERE business = ?1 AND at >= ?2 AND at < ?3 GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7 LIMIT ?8",
        &params,
        sum,
    )
}

fn sum(row: &Row<'_>) -> Result<Sum, StoreError> {
    let key = Key {
        at: row.get(0)?,
        country: row.get(1)?,
        category: Category::from_number(row.get(2)?),
        kind: PricingType::from_number(row.get(3)?),
        tier: row.get(4)?,
        template: row.get(5)?,
        currency: row.get(6)?,
    };
    Ok(Sum { key, count: row.get(7)?, amount: Amount::from_millionths(row.get(8)?) })
}

/// Whether what is asked for has this in it.
fn counts(of: &Charged, key: &Key) -> bool {
    let is_among = |words: &[String], word: Option<&str>| words.is_empty() || word.is_some_and(|word| words.iter().any(|one| one == word));
    (of.countries.is_empty() || of.countries.iter().any(|country| country.code() == key.country))
        && is_among(&of.categories, key.category.map(Category::word))
        && is_among(&of.kinds, key.kind.map(PricingType::word))
        && (of.templates.is_empty() || of.templates.contains(&key.template))
}

/// The point it belongs to.
fn merged(key: Key, level: Level, by: &[By]) -> Key {
    Key {
        at: level.start(key.at),
        country: if by.contains(&By::Country) { key.country } else { String::new() },
        category: key.category.filter(|_| by.contains(&By::Category)),
        kind: key.kind.filter(|_| by.contains(&By::Kind)),
        tier: if by.contains(&By::Tier) { key.tier } else { String::new() },
        template: if by.contains(&By::Template) { key.template } else { 0 },
        currency: key.currency,
    }
}

fn charge(key: Key, count: u64, amount: Amount) -> Charge {
    Charge {
        at: key.at,
        country: key.country,
        category: key.category.map_or("", Category::word).into(),
        kind: key.kind.map_or("", PricingType::word).into(),
        tier: key.tier,
        template: key.template,
        count,
        amount,
        currency: key.currency,
    }
}
