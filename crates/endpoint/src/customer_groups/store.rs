//! The tables of groups.
use super::nobody;
use crate::{
    Business,
    business::object_id,
    contacts,
    messages::Message,
    nodes::{self, Node},
};
use suki_cloud_api::ObjectId;
use suki_protocol::calls::groups::Participant;
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, ConversationId, MessageId, Timestamp};

/// Makes the chat of a group unless it is there. Returns its id in the Cloud API.
pub(super) fn ensure(business: &Business, tx: &mut Tx<'_>, chat: ConversationId, subject: &str, at: Timestamp) -> Result<ObjectId, StoreError> {
    let id = business.id();
    if let Some(known) = id_of(tx, id, chat)? {
        return Ok(known);
    }
    tx.execute(
        "INSERT INTO contact (business, id, name, name_folded, created_at) VALUES (?1, ?2, '', '', ?3) ON CONFLICT (business, id) DO NOTHING",
        &[(&id).into(), (&nobody(chat)).into(), at.into()],
    )?;
    contacts::name(tx, id, nobody(chat), subject)?;
    tx.execute(
        "INSERT INTO chat (business, id, contact, incoming, last_ord, updated_at) VALUES (?1, ?2, ?3, 0, 0, ?4) ON CONFLICT (business, id) DO NOTHING",
        &[(&id).into(), (&chat).into(), (&nobody(chat)).into(), at.into()],
    )?;
    let graph = nodes::name(tx, business.env(), id, Node::Group)?;
    let sql = "INSERT INTO customer_group (business, chat, graph) VALUES (?1, ?2, ?3)";
    tx.execute(sql, &[(&id).into(), (&chat).into(), graph.number().into()])?;
    Ok(graph)
}

/// A group's id in the Cloud API; `None` of a chat that is none.
pub(crate) fn id_of(tx: &mut Tx<'_>, business: AccountId, chat: ConversationId) -> Result<Option<ObjectId>, StoreError> {
    let sql = "SELECT graph FROM customer_group WHERE business = ?1 AND chat = ?2";
    let found = tx.query_opt(sql, &[(&business).into(), (&chat).into()], |row| row.get::<u64>(0))?;
    found.map(object_id).transpose()
}

/// The chat of a group that is not deleted, and how many customers are in it.
pub(crate) fn live(tx: &mut Tx<'_>, business: AccountId, graph: ObjectId) -> Result<Option<(ConversationId, u64)>, StoreError> {
    let sql = "SELECT chat, (SELECT count(*) FROM group_participant p WHERE p.business = g.business AND p.chat = g.chat)
         FROM customer_group g WHERE business = ?1 AND graph = ?2 AND deleted_at = 0";
    tx.query_opt(sql, &[(&business).into(), graph.number().into()], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Every group that is not deleted, with its id in the Cloud API.
pub(super) fn all_live(tx: &mut Tx<'_>, business: AccountId) -> Result<Vec<(ConversationId, ObjectId)>, StoreError> {
    let sql = "SELECT chat, graph FROM customer_group WHERE business = ?1 AND deleted_at = 0 ORDER BY chat";
    tx.query(sql, &[(&business).into()], |row| Ok((row.get(0)?, object_id(row.get(1)?)?)))
}

/// Notes that a customer is in a group; he becomes a contact.
pub(super) fn enter(business: &Business, tx: &mut Tx<'_>, chat: ConversationId, who: &Participant, at: Timestamp) -> Result<(), StoreError> {
    let id = business.id();
    contacts::ensure(tx, id, who.account, &contacts::user_id(business.common().vault(), id, who.account), &who.phone, at)?;
    tx.execute(
        "INSERT INTO group_participant (business, chat, contact, joined_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (business, chat, contact) DO NOTHING",
        &[(&id).into(), (&chat).into(), (&who.account).into(), at.into()],
    )?;
    Ok(())
}

/// Notes that he is not any more.
pub(super) fn leave(tx: &mut Tx<'_>, business: AccountId, chat: ConversationId, who: AccountId) -> Result<(), StoreError> {
    let sql = "DELETE FROM group_participant WHERE business = ?1 AND chat = ?2 AND contact = ?3";
    tx.execute(sql, &[(&business).into(), (&chat).into(), (&who).into()])?;
    Ok(())
}

/// Notes that a group is no more. Its messages stay in the inbox.
pub(super) fn end(tx: &mut Tx<'_>, business: AccountId, chat: ConversationId, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE customer_group SET deleted_at = ?3 WHERE business = ?1 AND chat = ?2 AND deleted_at = 0",
        &[(&business).into(), (&chat).into(), at.into()],
    )?;
    for sql in [
        "DELETE FROM group_participant WHERE business = ?1 AND chat = ?2",
        "DELETE FROM group_change WHERE business = ?1 AND chat = ?2",
        "UPDATE chat SET window_until = NULL WHERE business = ?1 AND id = ?2",
    ] {
        tx.execute(sql, &[(&business).into(), (&chat).into()])?;
    }
    Ok(())
}

/// Notes which participant wrote a message.
///
/// # Errors
/// When the store fails.
pub fn set_author(tx: &mut Tx<'_>, business: AccountId, message: MessageId, contact: AccountId) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO message_author (business, message, contact) VALUES (?1, ?2, ?3) ON CONFLICT (business, message) DO NOTHING",
        &[(&business).into(), (&message).into(), (&contact).into()],
    )?;
    Ok(())
}

/// Names the authors of the messages of a group; those of other chats have none.
///
/// # Errors
/// When the store fails.
pub fn authors(tx: &mut Tx<'_>, business: AccountId, messages: &mut [Message]) -> Result<(), StoreError> {
    for message in messages {
        let sql = "SELECT a.contact FROM message_author a WHERE a.business = ?1 AND a.message = ?2";
        let contact = tx.query_opt(sql, &[(&business).into(), (&message.id).into()], |row| row.get::<AccountId>(0))?;
        message.author = contact.map(|contact| contacts::get(tx, business, contact)).transpose()?;
    }
    Ok(())
}
