//! What becomes of a message: it only moves forward, and every step between is told in order, so that a program waiting for `sent` sees it even when
//! `read` was the first thing that came.
use crate::{
    Business, Error,
    agent::Told,
    early,
    live::LiveEvent,
    messages::{Failure, Status},
    react, statistics,
    webhooks::{self, StatusChange},
};
use suki_protocol::pb;
use suki_store::{Row, StoreError, Tx};
use suki_types::{ConversationId, MessageId, OperatorId, Timestamp};

/// A message of the business, as far as its statuses need it.
pub(crate) struct Tracked {
    pub id: MessageId,
    pub ord: i64,
    pub status: Status,
    pub app: Option<u64>,
    pub callback_data: String,
    /// The operator who wrote it.
    pub operator: Option<OperatorId>,
    /// What it costs, as [`crate::money`] keeps it.
    pub price: String,
    /// Whether it can be listened to.
    pub is_audio: bool,
    /// The hash of the customer's keys that the program named when it sent the message.
    pub identity: Option<String>,
}

const COLUMNS: &str = "SELECT id, ord, status, app, callback_data, price, kind,
    (SELECT i.hash FROM message_identity i WHERE i.business = message.business AND i.message = message.id), operator
    FROM message WHERE business = ?1 AND ";

fn from_row(row: &Row<'_>) -> Result<Tracked, StoreError> {
    Ok(Tracked {
        id: row.get(0)?,
        ord: row.get(1)?,
        status: Status::from_stored(row.get(2)?)?,
        app: row.get(3)?,
        callback_data: row.get(4)?,
        price: row.get(5)?,
        is_audio: row.get::<String>(6)? == "audio",
        identity: row.get(7)?,
        operator: row.get(8)?,
    })
}

/// The steps from one status to another, the last included.
pub(crate) fn steps(from: Status, to: Status) -> impl Iterator<Item = Status> {
    [Status::Sent, Status::Delivered, Status::Read, Status::Played].into_iter().filter(move |step| *step > from && *step <= to)
}

/// A receipt from the network.
///
/// # Errors
/// When the store fails.
pub(crate) fn receipt(business: &Business, tx: &mut Tx<'_>, chat: ConversationId, receipt: &pb::Receipt, told: &mut Told) -> Result<(), Error> {
    let at = Timestamp::from_millis(receipt.at);
    match receipt.status() {
        pb::ReceiptStatus::Delivered => {
            for id in receipt.message_ids.iter().filter_map(|id| MessageId::try_from(&id[..]).ok()) {
                match own_message(business, tx, chat, id)? {
                    Some(message) if message.status == Status::Pending => early::keep(business, tx, id, receipt)?,
                    Some(message) => advance(business, tx, chat, &[message], Status::Delivered, at, told)?,
                    None => react::advance(business, tx, chat, id, (Status::Delivered, at, None), told)?,
                }
            }
        }
        pb::ReceiptStatus::Read | pb::ReceiptStatus::Played => {
            let last = receipt.message_ids.last().and_then(|id| MessageId::try_from(&id[..]).ok());
            let last = match last {
                Some(id) => own_message(business, tx, chat, id)?,
                None => None,
            };
            match last {
                Some(last) if last.status == Status::Pending => early::keep(business, tx, last.id, receipt)?,
                Some(last) => {
                    let unread = unread(business, tx, chat, last.ord)?;
                    advance(business, tx, chat, &unread, Status::Read, at, told)?;
                    if receipt.status() == pb::ReceiptStatus::Played
                        && let Some(played) = own_message(business, tx, chat, last.id)?.filter(|message| message.is_audio)
                    {
                        advance(business, tx, chat, &[played], Status::Played, at, told)?;
                    }
                }
                None => {}
            }
        }
        pb::ReceiptStatus::Unspecified => {}
    }
    Ok(())
}

/// The messages of a business in a chat, up to a place of it, that were not read before, in their order. Before one that was read everything was.
fn unread(business: &Business, tx: &mut Tx<'_>, chat: ConversationId, up_to: i64) -> Result<Vec<Tracked>, StoreError> {
    let sql = format!(
        "{COLUMNS} chat = ?2 AND from_business = 1 AND status < 3 AND ord <= ?3 AND ord > coalesce((SELECT r.ord FROM message r
           WHERE r.business = ?1 AND r.chat = ?2 AND r.ord <= ?3 AND r.from_business = 1 AND r.status IN (3, 4) ORDER BY r.ord DESC LIMIT 1), 0)
         ORDER BY ord"
    );
    tx.query(&sql, &[(&business.id()).into(), (&chat).into(), up_to.into()], from_row)
}

/// The network has taken a message to one customer, at this time and price. One that is further, or failed, keeps its status.
///
/// # Errors
/// When the store fails.
pub(crate) fn taken(
    business: &Business,
    tx: &mut Tx<'_>,
    chat: ConversationId,
    id: MessageId,
    (at, price): (Timestamp, &str),
    told: &mut Told,
) -> Result<(), Error> {
    let Some(found) = own_message(business, tx, chat, id)? else { return Ok(()) };
    let message = Tracked { price: price.to_owned(), ..found };
    let status = if message.status < Status::Sent { Status::Sent } else { message.status };
    tx.execute(
        "UPDATE message SET at = ?3, price = ?4, status = ?5 WHERE business = ?1 AND id = ?2",
        &[(&business.id()).into(), (&id).into(), at.into(), price.into(), (status as i64).into()],
    )?;
    statistics::sent(tx, business.id(), message.operator, at)?;
    if message.status < status {
        tell(business, tx, chat, &message, status, at, told)?;
        told.live.push(LiveEvent::Status { chat, ids: vec![id], status, at, error: None });
    }
    Ok(())
}

/// Tells each step that a message has come further.
fn tell(
    business: &Business,
    tx: &mut Tx<'_>,
    chat: ConversationId,
    message: &Tracked,
    to: Status,
    at: Timestamp,
    told: &mut Told,
) -> Result<(), Error> {
    for step in steps(message.status, to) {
        told.queued.extend(webhooks::status(business, tx, chat, &StatusChange { message, status: step, at, error: None })?);
    }
    Ok(())
}

/// A message of the business in this chat.
pub(crate) fn own_message(business: &Business, tx: &mut Tx<'_>, chat: ConversationId, id: MessageId) -> Result<Option<Tracked>, StoreError> {
    let sql = format!("{COLUMNS} id = ?2 AND chat = ?3 AND from_business = 1");
    tx.query_opt(&sql, &[(&business.id()).into(), (&id).into(), (&chat).into()], from_row)
}

/// Moves messages forward to a status, and tells each step. Those that are already there, or failed, stay.
///
/// # Errors
/// When the store fails.
pub(crate) fn advance(
    business: &Business,
    tx: &mut Tx<'_>,
    chat: ConversationId,
    messages: &[Tracked],
    to: Status,
    at: Timestamp,
    told: &mut Told,
) -> Result<(), Error> {
    let mut moved = Vec::new();
    for message in messages.iter().filter(|message| message.status < to) {
        // By its id, which is found where the newest are: the chat's place in the other index is another page for each chat.
        tx.execute(
            "UPDATE message SET status = ?3 WHERE business = ?1 AND id = ?2 AND status < ?3",
            &[(&business.id()).into(), (&message.id).into(), (to as i64).into()],
        )?;
        tell(business, tx, chat, message, to, at, told)?;
        moved.push(message.id);
    }
    if !moved.is_empty() {
        told.live.push(LiveEvent::Status { chat, ids: moved, status: to, at, error: None });
    }
    Ok(())
}

/// A message failed for good. One that was already sent stays as it is.
///
/// # Errors
/// When the store fails.
pub(crate) fn fail(
    business: &Business,
    tx: &mut Tx<'_>,
    chat: ConversationId,
    id: MessageId,
    failure: Failure,
    at: Timestamp,
    told: &mut Told,
) -> Result<(), Error> {
    let Some(message) = own_message(business, tx, chat, id)? else { return react::fail(business, tx, chat, id, (&failure, at), told) };
    if message.status >= Status::Delivered {
        return Ok(());
    }
    tx.execute(
        "UPDATE message SET status = 9, error_code = ?4, error_detail = ?5 WHERE business = ?1 AND chat = ?2 AND ord = ?3",
        &[(&business.id()).into(), (&chat).into(), message.ord.into(), i64::from(failure.code).into(), failure.detail.as_str().into()],
    )?;
    let change = StatusChange { message: &message, status: Status::Failed, at, error: Some(&failure) };
    told.queued.extend(webhooks::status(business, tx, chat, &change)?);
    told.live.push(LiveEvent::Status { chat, ids: vec![id], status: Status::Failed, at, error: Some(failure) });
    Ok(())
}

/// Nobody fetched these messages within the time the network keeps them (30 days).
///
/// # Errors
/// When the store fails.
pub(crate) fn expired(
    business: &Business,
    tx: &mut Tx<'_>,
    chat: ConversationId,
    ids: &[Vec<u8>],
    at: Timestamp,
    told: &mut Told,
) -> Result<(), Error> {
    for id in ids.iter().filter_map(|id| MessageId::try_from(&id[..]).ok()) {
        let failure = Failure::new(131_026, "No device of the customer fetched the message within the time the network keeps it.");
        fail(business, tx, chat, id, failure, at, told)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_between_is_told_and_none_back() {
        assert_eq!(steps(Status::Pending, Status::Read).collect::<Vec<_>>(), [Status::Sent, Status::Delivered, Status::Read]);
        assert_eq!(steps(Status::Sent, Status::Delivered).collect::<Vec<_>>(), [Status::Delivered]);
        assert_eq!(steps(Status::Delivered, Status::Played).collect::<Vec<_>>(), [Status::Read, Status::Played]);
        assert_eq!(steps(Status::Read, Status::Delivered).count(), 0);
        assert_eq!(steps(Status::Failed, Status::Read).count(), 0);
    }
}
