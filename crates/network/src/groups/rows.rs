//! The tables of groups.
use super::nobody;
use crate::{int, money::Terms, operations::call::business_only, refusal::Refusal, rows as people, rows::Caller};
use suki_protocol::{
    calls::groups::{Approval, Participant},
    pb,
};
use suki_store::{Row, StoreError, Tx};
use suki_types::{AccountId, ConversationId, Timestamp, limits};

/// A customer's place in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seat {
    pub account: AccountId,
    /// The conversation row that is his.
    pub id: ConversationId,
    pub terms: Terms,
}

/// The places of a group that are taken.
///
/// # Errors
/// When the store fails.
pub(crate) fn seats(tx: &mut Tx<'_>, group: ConversationId) -> Result<Vec<Seat>, StoreError> {
    tx.query(
        "SELECT g.account, g.seat, c.country, c.open_marketing, c.open_utility, c.open_authentication, c.open_service \
         FROM group_seat g JOIN conversation c ON c.conversation = g.seat WHERE g.conversation = ?1 ORDER BY g.account LIMIT ?2",
        &[(&group).into(), int(limits::DEVICES_PER_GROUP as u64)],
        |row| {
            let terms = Terms { country: row.get::<String>(2)?.parse().ok(), open: [row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?] };
            Ok(Seat { account: row.get(0)?, id: row.get(1)?, terms })
        },
    )
}

/// The place of one customer; `None` when he is not in the group.
///
/// # Errors
/// When the store fails.
pub(crate) fn seat_of(tx: &mut Tx<'_>, group: ConversationId, account: AccountId) -> Result<Option<ConversationId>, StoreError> {
    let sql = "SELECT seat FROM group_seat WHERE conversation = ?1 AND account = ?2";
    tx.query_opt(sql, &[(&group).into(), (&account).into()], |row| row.get(0))
}

/// A group, without its people.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub id: ConversationId,
    pub business: AccountId,
    pub subject: String,
    pub description: String,
    pub approval: Approval,
    pub link: String,
    pub created_at: Timestamp,
    pub picture_hash: Vec<u8>,
}

fn stored(row: &Row<'_>) -> Result<Stored, StoreError> {
    Ok(Stored {
        id: row.get(0)?,
        business: row.get(1)?,
        subject: row.get(2)?,
        description: row.get(3)?,
        approval: if row.get(4)? { Approval::ApprovalRequired } else { Approval::AutoApprove },
        link: row.get(5)?,
        created_at: row.get(6)?,
        picture_hash: row.get(7)?,
    })
}

/// A group that is there.
pub(super) fn find(tx: &mut Tx<'_>, group: ConversationId) -> Result<Option<Stored>, StoreError> {
    tx.query_opt(
        "SELECT conversation, business, subject, description, approval, link, created_at, picture_hash FROM customer_group \
         WHERE conversation = ?1 AND deleted_at = 0",
        &[(&group).into()],
        stored,
    )
}

/// A group of the calling business.
///
/// # Errors
/// When the caller is no business, or it has no such group.
pub(super) fn owned(tx: &mut Tx<'_>, caller: &Caller, group: ConversationId) -> Result<Stored, Refusal> {
    business_only(caller)?;
    let found = find(tx, group)?.filter(|found| found.business == caller.account);
    found.ok_or_else(|| Refusal::unknown("This business has no group of this id; list its groups"))
}

/// The group whose link ends so.
///
/// # Errors
/// When there is none, or the link holds no longer.
pub(super) fn by_link(tx: &mut Tx<'_>, link: &str) -> Result<Stored, Refusal> {
    let sql = "SELECT conversation FROM group_link WHERE link = ?1";
    let group = tx.query_opt(sql, &[crate::codes::canonical(link).as_str().into()], |row| row.get::<ConversationId>(0))?;
    let found = match group {
        Some(group) => find(tx, group)?,
        None => None,
    };
    found.ok_or_else(|| Refusal::unknown("This invitation does not hold, or holds no longer; ask the business for a new one"))
}

/// What everybody in a group knows of it.
///
/// # Errors
/// When the store fails.
pub(crate) fn card(tx: &mut Tx<'_>, group: ConversationId) -> Result<Option<pb::GroupCard>, StoreError> {
    let Some(found) = find(tx, group)? else { return Ok(None) };
    let participants = seats(tx, group)?.into_iter().map(|seat| seat.account.to_vec()).collect();
    Ok(Some(pb::GroupCard {
        subject: found.subject,
        description: found.description,
        created_at: found.created_at.millis(),
        participants,
        picture: found.picture_hash,
    }))
}

/// A customer as his group's business sees him.
pub(super) fn participant(tx: &mut Tx<'_>, account: AccountId) -> Result<Participant, StoreError> {
    Ok(Participant { account, phone: people::phone_of(tx, account)?, devices: people::devices_of(tx, account)? })
}

/// Enters a conversation into the list of an account.
pub(super) fn list_for(tx: &mut Tx<'_>, account: AccountId, group: ConversationId) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO account_conversation (account, other, conversation) VALUES (?1, ?2, ?3) ON CONFLICT (account, other) DO NOTHING",
        &[(&account).into(), (&nobody(group)).into(), (&group).into()],
    )?;
    Ok(())
}

/// Takes it out of that list.
pub(super) fn unlist_for(tx: &mut Tx<'_>, account: AccountId, group: ConversationId) -> Result<(), StoreError> {
    let sql = "DELETE FROM account_conversation WHERE account = ?1 AND other = ?2";
    tx.execute(sql, &[(&account).into(), (&nobody(group)).into()])?;
    Ok(())
}
