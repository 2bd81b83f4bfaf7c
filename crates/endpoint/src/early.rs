//! Receipts that come before it is stored that the network has taken their message: its answers are stored a group at a time, and a quick device is quicker.
//! They wait for it, since only it says what the message costs and, in a group, whom it goes to.
use crate::{Business, Error, agent::Told, customer_groups, messages::Status, status};
use parking_lot::Mutex;
use std::{collections::HashSet, sync::Arc};
use suki_protocol::pb::{Receipt, ReceiptStatus};
use suki_store::{Db, StoreError, Tx};
use suki_types::{AccountId, ConversationId, MessageId};

/// The messages that some receipt waits for, so that the store is asked for those alone.
#[derive(Debug, Default)]
pub(crate) struct Early(Mutex<HashSet<MessageId>>);

impl Early {
    /// What is stored of them.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn load(db: &Db, business: AccountId) -> Result<Self, Error> {
        let sql = "SELECT message FROM early_receipt WHERE business = ?1";
        let all: Vec<MessageId> = db.read(move |tx| Ok::<_, Error>(tx.query(sql, &[(&business).into()], |row| row.get(0))?)).await?;
        Ok(Self(Mutex::new(all.into_iter().collect())))
    }

    /// What became of these messages is stored, and so is what came of their receipts.
    pub fn settled(&self, messages: impl Iterator<Item = MessageId>) {
        let mut waiting = self.0.lock();
        if !waiting.is_empty() {
            messages.for_each(|message| _ = waiting.remove(&message));
        }
    }
}

/// Applies at a start what waits for messages that are settled: a node of an older version, which knows nothing of it, may have run the business meanwhile.
pub(crate) async fn catch_up(business: Arc<Business>) {
    let waiting: Vec<MessageId> = business.early.0.lock().iter().copied().collect();
    for message in waiting {
        let own = business.clone();
        match business.db().write(move |tx| settle_if_over(&own, tx, message)).await {
            Ok(None) => {}
            Ok(Some(told)) => {
                business.early.settled([message].into_iter());
                business.common().dispatcher().notify(told.queued);
                told.live.into_iter().for_each(|event| business.live().tell(event));
            }
            Err(error) => tracing::error!(business = %business.id(), %error, "what became of a message is told after the next start"),
        }
    }
}

/// None while it still waits for its message.
fn settle_if_over(business: &Business, tx: &mut Tx<'_>, message: MessageId) -> Result<Option<Told>, Error> {
    let sql = "SELECT chat FROM message WHERE business = ?1 AND id = ?2 AND status <> ?3";
    let chat = tx.query_opt(sql, &[(&business.id()).into(), (&message).into(), (Status::Pending as i64).into()], |row| row.get(0))?;
    let Some(chat) = chat else { return Ok(None) };
    let mut told = Told::default();
    settle(business, tx, chat, message, &mut told)?;
    Ok(Some(told))
}

/// Keeps a receipt for one message, of its chat's customer or of a participant.
///
/// # Errors
/// When the store fails.
pub(crate) fn keep(business: &Business, tx: &mut Tx<'_>, message: MessageId, receipt: &Receipt) -> Result<(), StoreError> {
    let sql = "INSERT INTO early_receipt (business, message, contact, status, at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (business, message, contact, status) DO NOTHING";
    let status = i64::from(receipt.status);
    tx.execute(sql, &[(&business.id()).into(), (&message).into(), (&receipt.account).into(), status.into(), receipt.at.into()])?;
    business.early.0.lock().insert(message);
    Ok(())
}

/// The network has taken a message, or refused it, which is stored in this unit: its receipts are as if they came now, or for nothing.
///
/// # Errors
/// When the store fails.
pub(crate) fn settle(business: &Business, tx: &mut Tx<'_>, chat: ConversationId, message: MessageId, told: &mut Told) -> Result<(), Error> {
    if !business.early.0.lock().contains(&message) {
        return Ok(());
    }
    let id = business.id();
    let sql = "SELECT contact, status, at FROM early_receipt WHERE business = ?1 AND message = ?2 ORDER BY status";
    let receipts = tx.query(sql, &[(&id).into(), (&message).into()], |row| {
        let status = ReceiptStatus::try_from(row.get::<i32>(1)?).map_err(|_| StoreError::Corrupt("receipt"))?;
        Ok(Receipt { account: row.get(0)?, status: status.into(), at: row.get(2)?, message_ids: vec![message.to_vec()] })
    })?;
    tx.execute("DELETE FROM early_receipt WHERE business = ?1 AND message = ?2", &[(&id).into(), (&message).into()])?;
    for receipt in &receipts {
        match AccountId::try_from(&receipt.account[..]) {
            Ok(participant) => customer_groups::receipt(business, tx, chat, participant, receipt, told)?,
            Err(_) => status::receipt(business, tx, chat, receipt, told)?,
        }
    }
    Ok(())
}
