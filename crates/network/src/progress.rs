//! How far the messages of businesses came. Each step is noted in the message's row once; with it the message is counted, and its price booked.
use crate::{
    money::{self, Line, Reached},
    statistics::{self, Counts, Subject},
    templates,
};
use std::collections::BTreeMap;
use suki_rules::price::{Category, PricingType};
use suki_store::{Row, StoreError, Tx, Value};
use suki_types::{AccountId, Amount, ConversationId, Currency, MessageId, Timestamp};

/// By how much the clocks of two nodes may differ, in milliseconds: before a message that was read, everything was that is so much older.
const CLOCKS_MILLIS: i64 = 600_000;
/// How many messages one statement names.
const AT_ONCE: usize = 8;

/// A message whose row was just changed.
struct Moved {
    subject: Subject,
    /// What was booked with the message; `None` of a message without a price, such as one that only devices read.
    reached: Option<Reached>,
    /// Whether a device had it before.
    delivered_before: bool,
}

/// Some of a business's messages have reached a device of the customer.
///
/// # Errors
/// When the store refuses.
pub(crate) fn delivered(
    tx: &mut Tx<'_>,
    business: AccountId,
    conversation: ConversationId,
    messages: &[Vec<u8>],
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut moved = Vec::new();
    let (few, rest) = messages.split_at(if messages.len() == 1 { 1 } else { 0 });
    for message in few {
        moved.extend(tx.query_opt(
            "UPDATE message SET delivered_at = ?3, price_state = CASE WHEN price_state = 1 THEN 2 ELSE price_state END \
             WHERE conversation = ?1 AND message_id = ?2 AND delivered_at = 0 AND of_business = 1 \
             RETURNING conversation, message_id, category, template, country, market, currency, price_category, price_type, price_tier, price, 0",
            &[(&conversation).into(), message.into(), now.into()],
            read_moved,
        )?);
    }
    for some in rest.chunks(AT_ONCE) {
        // Named twice is as good as once.
        let mut params: Vec<Value<'_>> = vec![(&conversation).into(), now.into()];
        params.extend((0..AT_ONCE).filter_map(|place| some.get(place).or(some.last())).map(Value::from));
        moved.extend(tx.query(
            "UPDATE message SET delivered_at = ?2, price_state = CASE WHEN price_state = 1 THEN 2 ELSE price_state END \
             WHERE conversation = ?1 AND message_id IN (?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) AND delivered_at = 0 AND of_business = 1 \
             RETURNING conversation, message_id, category, template, country, market, currency, price_category, price_type, price_tier, price, 0",
            &params,
            read_moved,
        )?);
    }
    note(tx, business, &moved, false, now)
}

/// A business's messages of a conversation, up to the one accepted at `until`, were shown to a person. What was not delivered before is so by this.
///
/// # Errors
/// When the store refuses.
pub(crate) fn read(tx: &mut Tx<'_>, business: AccountId, conversation: ConversationId, until: Timestamp, now: Timestamp) -> Result<(), StoreError> {
    let moved = tx.query(
        "UPDATE message SET read_at = ?3 WHERE conversation = ?1 AND of_business = 1 AND read_at = 0 AND at <= ?2 \
         AND at >= coalesce((SELECT r.at FROM message r WHERE r.conversation = ?1 AND r.of_business = 1 AND r.read_at > 0 AND r.at <= ?2 \
           ORDER BY r.at DESC LIMIT 1), 0) - ?4 \
         RETURNING conversation, message_id, category, template, country, market, currency, price_category, price_type, price_tier, price, \
           delivered_at",
        &[(&conversation).into(), until.into(), now.into(), CLOCKS_MILLIS.into()],
        read_moved,
    )?;
    let late: Vec<_> = moved.iter().filter(|moved| !moved.delivered_before).filter_map(|moved| moved.reached.as_ref()).collect();
    let late: Vec<_> = late.into_iter().map(|reached| reached.message.to_vec()).collect();
    delivered(tx, business, conversation, &late, now)?;
    note(tx, business, &moved, true, now)
}

fn read_moved(row: &Row<'_>) -> Result<Moved, StoreError> {
    let subject = Subject { category: row.get(2)?, template: row.get(3)?, country: row.get(4)? };
    let kind = PricingType::from_number(row.get(8)?);
    let reached = match kind {
        None => None,
        Some(kind) => Some(Reached {
            conversation: row.get(0)?,
            message: MessageId::from_bytes(row.get(1)?),
            line: line(row, kind)?,
            template: subject.template,
            amount: Amount::from_millionths(row.get(10)?),
        }),
    };
    Ok(Moved { subject, reached, delivered_before: row.get::<i64>(11)? != 0 })
}

fn line(row: &Row<'_>, kind: PricingType) -> Result<Line, StoreError> {
    let currency: Currency = row.get::<String>(6)?.parse().map_err(|_| StoreError::Corrupt("a message's currency"))?;
    let category = Category::from_number(row.get(7)?).ok_or(StoreError::Corrupt("a message's category"))?;
    Ok(Line { currency, market: row.get(5)?, country: row.get(4)?, category, kind, tier: row.get(9)? })
}

fn note(tx: &mut Tx<'_>, business: AccountId, moved: &[Moved], was_read: bool, now: Timestamp) -> Result<(), StoreError> {
    let mut counts: BTreeMap<&Subject, u64> = BTreeMap::new();
    // What has no category is read by devices alone and counts nowhere.
    for moved in moved.iter().filter(|moved| moved.subject.category != 0) {
        *counts.entry(&moved.subject).or_default() += 1;
    }
    for (subject, count) in counts {
        let counts = if was_read { Counts { read: count, ..Counts::default() } } else { Counts { delivered: count, ..Counts::default() } };
        statistics::count(tx, business, subject, counts, now)?;
        if was_read && subject.template > 0 {
            templates::read(tx, business, subject.template, count, now)?;
        }
    }
    if was_read {
        return Ok(());
    }
    let reached: Vec<Reached> = moved.iter().filter_map(|moved| moved.reached.clone()).collect();
    money::booked(tx, business, &reached, now)
}
