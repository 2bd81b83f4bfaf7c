//! How far a message to a group came. Each participant has a status of his own that programs are told; the message's own, which the inbox shows, is that
//! of who is least far of those it went to.
use super::tell::{self, Step};
use crate::{
    Business, Error,
    agent::Told,
    early,
    live::LiveEvent,
    messages::{self, Failure, Status},
    money,
    status::{self, Tracked},
};
use suki_protocol::pb;
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, ConversationId, MessageId, Timestamp};

/// The network has taken a message: whom it goes to at which price, and to whom not.
///
/// # Errors
/// When the store fails.
pub(crate) fn taken(
    business: &Business,
    tx: &mut Tx<'_>,
    chat: ConversationId,
    message: MessageId,
    recipients: &[pb::Recipient],
    at: Timestamp,
    told: &mut Told,
) -> Result<(), Error> {
    let Some(tracked) = status::own_message(business, tx, chat, message)? else { return Ok(()) };
    let (mut sent, mut failed) = (Vec::new(), Vec::new());
    for recipient in recipients {
        let Ok(contact) = AccountId::try_from(&recipient.account[..]) else { continue };
        let failure = recipient.refused.as_ref().map(|refused| Failure::new(refused.cloud_api_code, refused.message.clone()));
        let price = recipient.price.as_ref().map(money::stored).unwrap_or_default();
        let fresh = insert(business, tx, message, contact, failure.as_ref(), &price)?;
        let step = Step { contact, failure, price };
        match (fresh, step.failure.is_some()) {
            (false, _) => {}
            (true, false) => sent.push(step),
            (true, true) => failed.push(step),
        }
    }
    told.queued.extend(tell::statuses(business, tx, chat, &tracked, Status::Sent, &sent, at)?);
    told.queued.extend(tell::statuses(business, tx, chat, &tracked, Status::Failed, &failed, at)?);
    summarize(business, tx, chat, message, at, told)
}

fn insert(
    business: &Business,
    tx: &mut Tx<'_>,
    message: MessageId,
    contact: AccountId,
    failure: Option<&Failure>,
    price: &str,
) -> Result<bool, StoreError> {
    let status = if failure.is_some() { Status::Failed } else { Status::Sent };
    let stored = tx.execute(
        "INSERT INTO message_recipient (business, message, contact, status, error_code, error_detail, price) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (business, message, contact) DO NOTHING",
        &[
            (&business.id()).into(),
            (&message).into(),
            (&contact).into(),
            (status as i64).into(),
            i64::from(failure.map_or(0, |failure| failure.code)).into(),
            failure.map_or("", |failure| failure.detail.as_str()).into(),
            price.into(),
        ],
    )?;
    Ok(stored > 0)
}

/// A receipt of one participant.
///
/// # Errors
/// When the store fails.
pub(crate) fn receipt(
    business: &Business,
    tx: &mut Tx<'_>,
    chat: ConversationId,
    contact: AccountId,
    receipt: &pb::Receipt,
    told: &mut Told,
) -> Result<(), Error> {
    let at = Timestamp::from_millis(receipt.at);
    let mut ids = receipt.message_ids.iter().filter_map(|id| MessageId::try_from(&id[..]).ok());
    match receipt.status() {
        pb::ReceiptStatus::Delivered => ids.try_for_each(|id| match status::own_message(business, tx, chat, id)? {
            Some(message) if is_early(business, tx, &message, contact)? => Ok(early::keep(business, tx, id, receipt)?),
            Some(message) => advance(business, tx, chat, &message, contact, Status::Delivered, at, told),
            None => Ok(()),
        }),
        pb::ReceiptStatus::Read | pb::ReceiptStatus::Played => {
            let Some(last) = ids.next_back() else { return Ok(()) };
            // None when it is a participant's.
            let own = status::own_message(business, tx, chat, last)?;
            if let Some(message) = &own
                && is_early(business, tx, message, contact)?
            {
                return Ok(early::keep(business, tx, last, receipt)?);
            }
            for id in unread(business, tx, chat, last, contact)? {
                if let Some(message) = status::own_message(business, tx, chat, id)? {
                    advance(business, tx, chat, &message, contact, Status::Read, at, told)?;
                }
            }
            if receipt.status() == pb::ReceiptStatus::Played
                && let Some(played) = own.filter(|message| message.is_audio)
            {
                advance(business, tx, chat, &played, contact, Status::Played, at, told)?;
            }
            Ok(())
        }
        pb::ReceiptStatus::Unspecified => Ok(()),
    }
}

/// Whether it is not stored yet that a message of the business was taken, and for whom.
fn is_early(business: &Business, tx: &mut Tx<'_>, message: &Tracked, contact: AccountId) -> Result<bool, StoreError> {
    Ok(message.status == Status::Pending && recipient(business, tx, message.id, contact)?.is_none())
}

/// How far a message came with one participant, and at which price.
fn recipient(business: &Business, tx: &mut Tx<'_>, message: MessageId, contact: AccountId) -> Result<Option<(Status, String)>, StoreError> {
    let sql = "SELECT status, price FROM message_recipient WHERE business = ?1 AND message = ?2 AND contact = ?3";
    tx.query_opt(sql, &[(&business.id()).into(), (&message).into(), (&contact).into()], |row| Ok((Status::from_stored(row.get(0)?)?, row.get(1)?)))
}

/// What a participant has not read yet of the business's messages up to one of the chat's, whoever wrote that; from now on he has.
fn unread(business: &Business, tx: &mut Tx<'_>, chat: ConversationId, last: MessageId, contact: AccountId) -> Result<Vec<MessageId>, StoreError> {
    let id = business.id();
    let Some(last) = messages::ord_of(tx, id, chat, last)? else { return Ok(Vec::new()) };
    let sql = "SELECT read_ord FROM group_participant WHERE business = ?1 AND chat = ?2 AND contact = ?3";
    let read: i64 = tx.query_opt(sql, &[(&id).into(), (&chat).into(), (&contact).into()], |row| row.get(0))?.unwrap_or(0);
    let settled = settled(business, tx, chat, read, last)?;
    tx.execute(
        "UPDATE group_participant SET read_ord = ?4 WHERE business = ?1 AND chat = ?2 AND contact = ?3 AND read_ord < ?4",
        &[(&id).into(), (&chat).into(), (&contact).into(), settled.into()],
    )?;
    tx.query(
        "SELECT m.id FROM message m
         JOIN message_recipient r ON r.business = m.business AND r.message = m.id AND r.contact = ?3 AND r.status < 3
         WHERE m.business = ?1 AND m.chat = ?2 AND m.ord > ?4 AND m.ord <= ?5 AND m.from_business = 1 AND m.status < 3 ORDER BY m.ord",
        &[(&id).into(), (&chat).into(), (&contact).into(), read.into(), last.into()],
        |row| row.get(0),
    )
}

/// How far between two places of a chat all is known that a participant can have read: to before the first of the business's messages the network has not
/// taken yet, since whom that goes to is not known either.
fn settled(business: &Business, tx: &mut Tx<'_>, chat: ConversationId, after: i64, last: i64) -> Result<i64, StoreError> {
    let sql = "SELECT min(ord) FROM message WHERE business = ?1 AND chat = ?2 AND ord > ?3 AND ord <= ?4 AND from_business = 1 AND status = 0";
    let pending = tx.query_one(sql, &[(&business.id()).into(), (&chat).into(), after.into(), last.into()], |row| row.get::<Option<i64>>(0))?;
    Ok(pending.map_or(last, |pending| pending - 1))
}

#[expect(clippy::too_many_arguments, reason = "how far which message of which chat came with whom")]
fn advance(
    business: &Business,
    tx: &mut Tx<'_>,
    chat: ConversationId,
    message: &Tracked,
    contact: AccountId,
    to: Status,
    at: Timestamp,
    told: &mut Told,
) -> Result<(), Error> {
    let Some((from, price)) = recipient(business, tx, message.id, contact)?.filter(|(from, _)| *from < to) else { return Ok(()) };
    tx.execute(
        "UPDATE message_recipient SET status = ?4 WHERE business = ?1 AND message = ?2 AND contact = ?3",
        &[(&business.id()).into(), (&message.id).into(), (&contact).into(), (to as i64).into()],
    )?;
    for step in status::steps(from, to) {
        let of = [Step { contact, failure: None, price: price.clone() }];
        told.queued.extend(tell::statuses(business, tx, chat, message, step, &of, at)?);
    }
    summarize(business, tx, chat, message.id, at, told)
}

/// Nobody of a participant's devices fetched these messages in time.
///
/// # Errors
/// When the store fails.
pub(crate) fn expired(
    business: &Business,
    tx: &mut Tx<'_>,
    chat: ConversationId,
    contact: AccountId,
    ids: &[Vec<u8>],
    at: Timestamp,
    told: &mut Told,
) -> Result<(), Error> {
    for id in ids.iter().filter_map(|id| MessageId::try_from(&id[..]).ok()) {
        let failure = Failure::new(131_026, "No device of this participant fetched the message within the time the network keeps it.");
        let changed = tx.execute(
            "UPDATE message_recipient SET status = 9, error_code = ?4, error_detail = ?5
             WHERE business = ?1 AND message = ?2 AND contact = ?3 AND status < 2",
            &[(&business.id()).into(), (&id).into(), (&contact).into(), i64::from(failure.code).into(), failure.detail.as_str().into()],
        )?;
        if let (true, Some(tracked)) = (changed > 0, status::own_message(business, tx, chat, id)?) {
            let of = [Step { contact, failure: Some(failure), price: String::new() }];
            told.queued.extend(tell::statuses(business, tx, chat, &tracked, Status::Failed, &of, at)?);
            summarize(business, tx, chat, id, at, told)?;
        }
    }
    Ok(())
}

/// Moves the message's own status to that of the participant who is least far, of those it goes to; it failed when it goes to nobody.
fn summarize(business: &Business, tx: &mut Tx<'_>, chat: ConversationId, message: MessageId, at: Timestamp, told: &mut Told) -> Result<(), Error> {
    let sql = "SELECT min(status) FROM message_recipient WHERE business = ?1 AND message = ?2";
    let least = tx.query_one(sql, &[(&business.id()).into(), (&message).into()], |row| row.get::<Option<i64>>(0))?;
    let Some(least) = least else { return Ok(()) };
    let status = Status::from_stored(least)?;
    let changed = tx.execute(
        "UPDATE message SET status = ?3 WHERE business = ?1 AND id = ?2 AND status < ?3",
        &[(&business.id()).into(), (&message).into(), least.into()],
    )?;
    if changed > 0 {
        told.live.push(LiveEvent::Status { chat, ids: vec![message], status, at, error: None });
    }
    Ok(())
}
