//! The ledger: double entry in whole millionths. A row moves an amount from one account of a business to another, so that they always add up to nought.
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, Amount, ConversationId, Currency, Timestamp};

/// Where amounts stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Account {
    /// What the business owes.
    Owed = 1,
    /// What messages under way will cost if they are delivered.
    Reserved = 2,
    /// The platform's earnings from messages, those reserved included.
    Messages = 3,
    /// The platform's earnings from extra services.
    Services = 4,
}

/// What happened to a price. Each happens to a message at most once, and of booking and releasing only one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The message was admitted.
    Reserved = 1,
    /// It was delivered, or it is charged on acceptance.
    Booked = 2,
    /// It never was.
    Released = 3,
    /// An extra service was charged.
    Service = 4,
}

impl Step {
    const fn accounts(self) -> (Account, Account) {
        match self {
            Self::Reserved => (Account::Reserved, Account::Messages),
            Self::Booked => (Account::Owed, Account::Reserved),
            Self::Released => (Account::Messages, Account::Reserved),
            Self::Service => (Account::Owed, Account::Services),
        }
    }
}

/// A movement.
#[derive(Debug, Clone, Copy)]
pub(super) struct Posting<'a> {
    pub business: AccountId,
    /// The message's; zeros of an extra service.
    pub conversation: ConversationId,
    /// The message's id, or the extra service's.
    pub subject: &'a [u8],
    pub step: Step,
    pub amount: Amount,
    pub currency: Currency,
}

/// Writes a movement; false when this one was written before, and nothing is written again.
pub(super) fn post(tx: &mut Tx<'_>, posting: &Posting<'_>, now: Timestamp) -> Result<bool, StoreError> {
    let (debit, credit) = posting.step.accounts();
    let written = tx.execute(
        "INSERT INTO ledger_entry (business, conversation, message_id, step, at, debit, credit, amount, currency) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (business, conversation, message_id, step) DO NOTHING",
        &[
            (&posting.business).into(),
            (&posting.conversation).into(),
            posting.subject.into(),
            (posting.step as i64).into(),
            now.into(),
            (debit as i64).into(),
            (credit as i64).into(),
            posting.amount.millionths().into(),
            posting.currency.code().into(),
        ],
    )?;
    if written == 0 {
        return Ok(false);
    }
    let reserved = match (debit, credit) {
        (Account::Reserved, _) => posting.amount.millionths(),
        (_, Account::Reserved) => -posting.amount.millionths(),
        _ => return Ok(true),
    };
    tx.execute(
        "INSERT INTO reserved (business, currency, amount) VALUES (?1, ?2, ?3) \
         ON CONFLICT (business, currency) DO UPDATE SET amount = reserved.amount + ?3",
        &[(&posting.business).into(), posting.currency.code().into(), reserved.into()],
    )?;
    Ok(true)
}
