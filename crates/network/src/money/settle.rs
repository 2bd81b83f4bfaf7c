//! What becomes of a reserved price: booked when its message reached a device, released when it never did. Never both, never twice.
use super::{
    admit,
    bill::{self, Line},
    ledger::{self, Posting, Step},
};
use crate::{Network, period::Level};
use std::collections::BTreeMap;
use suki_rules::price::{Category, PricingType};
use suki_store::{Row, StoreError, Tx, Value};
use suki_types::{AccountId, Amount, ConversationId, Currency, MessageId, Timestamp};

/// How many reserved prices one unit releases.
const RELEASED_PER_UNIT: i64 = 500;

/// A message that has just reached its first device, with its price.
#[derive(Debug, Clone)]
pub(crate) struct Reached {
    pub conversation: ConversationId,
    pub message: MessageId,
    pub line: Line,
    /// The template's number; 0 for none.
    pub template: u64,
    pub amount: Amount,
}

/// Books what has just been delivered, free messages too: the bill counts them.
///
/// # Errors
/// When the store refuses.
pub(crate) fn booked(tx: &mut Tx<'_>, business: AccountId, reached: &[Reached], now: Timestamp) -> Result<(), StoreError> {
    let mut lines: BTreeMap<(&Line, u64), (u64, Amount)> = BTreeMap::new();
    for message in reached {
        if !message.amount.is_zero() {
            let posting = Posting {
                business,
                conversation: message.conversation,
                subject: message.message.as_bytes(),
                step: Step::Booked,
                amount: message.amount,
                currency: message.line.currency,
            };
            if !ledger::post(tx, &posting, now)? {
                continue;
            }
        }
        let (count, sum) = lines.entry((&message.line, message.template)).or_default();
        *count += 1;
        *sum = sum.checked_add(message.amount).ok_or(StoreError::OutOfRange)?;
    }
    for (line, (count, sum)) in lines {
        bill::add(tx, business, line, count, sum, now)?;
    }
    Ok(())
}

/// A message that never reached a device.
#[derive(Debug, Clone)]
struct Undelivered {
    business: AccountId,
    conversation: ConversationId,
    message: MessageId,
    amount: Amount,
    currency: Currency,
    market: String,
    category: Category,
    kind: PricingType,
    month: Timestamp,
}

/// Releases the price of a message that nobody fetched in time, if it has one and was not delivered meanwhile.
///
/// # Errors
/// When the store refuses.
fn released(tx: &mut Tx<'_>, conversation: ConversationId, message: MessageId, now: Timestamp) -> Result<(), StoreError> {
    let found = tx.query_opt(
        "UPDATE message SET price_state = 3 WHERE conversation = ?1 AND message_id = ?2 AND price_state = 1 AND delivered_at = 0 \
         RETURNING conversation, message_id, (SELECT business FROM conversation c WHERE c.conversation = message.conversation), price, currency, \
           market, price_category, price_type, price_month",
        &[(&conversation).into(), (&message).into()],
        undelivered,
    )?;
    found.map_or(Ok(()), |found| give_back(tx, &found, now))
}

fn undelivered(row: &Row<'_>) -> Result<Undelivered, StoreError> {
    let broken = |_| StoreError::Corrupt("a message's currency");
    Ok(Undelivered {
        conversation: row.get(0)?,
        message: row.get(1)?,
        business: row.get(2)?,
        amount: Amount::from_millionths(row.get(3)?),
        currency: row.get::<String>(4)?.parse().map_err(broken)?,
        market: row.get(5)?,
        category: Category::from_number(row.get(6)?).ok_or(StoreError::Corrupt("a message's category"))?,
        kind: PricingType::from_number(row.get(7)?).ok_or(StoreError::Corrupt("a message's kind of price"))?,
        month: row.get(8)?,
    })
}

fn give_back(tx: &mut Tx<'_>, message: &Undelivered, now: Timestamp) -> Result<(), StoreError> {
    let posting = Posting {
        business: message.business,
        conversation: message.conversation,
        subject: message.message.as_bytes(),
        step: Step::Released,
        amount: message.amount,
        currency: message.currency,
    };
    ledger::post(tx, &posting, now)?;
    // In a month that is over nothing is counted any more, and what was counted in it stands.
    if message.month == Level::Month.start(now) {
        admit::uncount(tx, message.business, message.month, &message.market, message.category, message.kind)?;
    }
    Ok(())
}

impl Network {
    /// Releases what is reserved for messages accepted before `before`: no device keeps them any longer, whether one was addressed or not.
    pub(crate) async fn release_reserved(&self, before: Timestamp) -> Result<usize, StoreError> {
        let mut all = 0;
        loop {
            let now = self.now();
            let due: Vec<Due> = self.db().read(move |tx| due(tx, before)).await?;
            all += due.len();
            let last = due.len() < RELEASED_PER_UNIT as usize;
            let mut by_business: BTreeMap<AccountId, Vec<(ConversationId, MessageId)>> = BTreeMap::new();
            for (business, conversation, message) in due {
                by_business.entry(business).or_default().push((conversation, message));
            }
            for (business, messages) in by_business {
                let unit = move |tx: &mut Tx<'_>| messages.iter().try_for_each(|(conversation, message)| released(tx, *conversation, *message, now));
                let done: Result<(), StoreError> = self.of(business).db().write(unit).await;
                done?;
            }
            if last {
                return Ok(all);
            }
        }
    }
}

type Due = (AccountId, ConversationId, MessageId);

fn due(tx: &mut Tx<'_>, before: Timestamp) -> Result<Vec<Due>, StoreError> {
    tx.query(
        "SELECT c.business, m.conversation, m.message_id FROM message m JOIN conversation c ON c.conversation = m.conversation \
         WHERE m.price_state = 1 AND m.at < ?1 ORDER BY m.at LIMIT ?2",
        &[before.into(), Value::Int(RELEASED_PER_UNIT)],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}
