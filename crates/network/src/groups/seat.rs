//! Customers come into a group and go.
use super::{rows, tell};
use crate::{Network, money, operations::call::Wakes, refusal::Refusal, rows as people};
use suki_protocol::calls::groups::{Change, GroupLeft};
use suki_rules::groups;
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, ConversationId};

/// Gives a customer a place. The caller tells of it.
///
/// # Errors
/// When the group is full.
pub(super) fn take(network: &Network, tx: &mut Tx<'_>, group: &rows::Stored, account: AccountId) -> Result<(), Refusal> {
    let taken = rows::seats(tx, group.id)?;
    if taken.iter().any(|seat| seat.account == account) {
        return Ok(());
    }
    groups::check_participants(network.policy(), taken.len()).map_err(Refusal::rule)?;
    let (id, now) = (ConversationId::new(network.env()), network.now());
    let country = money::country_of(tx, account)?;
    tx.execute(
        "INSERT INTO conversation (conversation, business, customer, opened_at, country, kind) VALUES (?1, ?2, ?3, ?4, ?5, 2)",
        &[(&id).into(), (&group.business).into(), (&account).into(), now.into(), country.code().into()],
    )?;
    tx.execute(
        "INSERT INTO group_seat (conversation, account, seat, joined_at) VALUES (?1, ?2, ?3, ?4)",
        &[(&group.id).into(), (&account).into(), (&id).into(), now.into()],
    )?;
    rows::list_for(tx, account, group.id)?;
    let sql = "DELETE FROM join_request WHERE conversation = ?1 AND account = ?2";
    tx.execute(sql, &[(&group.id).into(), (&account).into()])?;
    Ok(())
}

/// Clears a customer's place: from now on his devices get nothing of the group and send nothing into it. His devices are told, and nobody else.
pub(super) fn clear(network: &Network, tx: &mut Tx<'_>, group: ConversationId, account: AccountId) -> Result<Wakes, Refusal> {
    let sql = "DELETE FROM group_seat WHERE conversation = ?1 AND account = ?2";
    tx.execute(sql, &[(&group).into(), (&account).into()])?;
    rows::unlist_for(tx, account, group)?;
    let devices = people::devices_of(tx, account)?;
    for device in &devices {
        tx.execute("DELETE FROM member WHERE conversation = ?1 AND device = ?2", &[(&group).into(), device.into()])?;
    }
    network.append_notice(tx, devices, Some(group), &GroupLeft { group })
}

/// Takes a customer out of a group, and tells everybody.
pub(super) fn leave(
    network: &Network,
    tx: &mut Tx<'_>,
    group: &rows::Stored,
    accounts: &[AccountId],
    tag: &str,
    removed: bool,
) -> Result<Wakes, Refusal> {
    let mut wakes = Wakes::new();
    let mut participants = Vec::new();
    for account in accounts {
        participants.push(rows::participant(tx, *account)?);
        wakes.extend(clear(network, tx, group.id, *account)?);
    }
    wakes.extend(tell::business(network, tx, group.business, group.id, tag, Change::Left { participants, removed })?);
    wakes.extend(tell::everybody(network, tx, group.id)?);
    Ok(wakes)
}

/// Takes a customer out of all groups of a business, since one of the two has blocked the other.
///
/// # Errors
/// When the store fails or a log is full.
pub(crate) fn leave_all(network: &Network, tx: &mut Tx<'_>, business: AccountId, account: AccountId, removed: bool) -> Result<Wakes, Refusal> {
    let mut wakes = Wakes::new();
    for group in groups_of(tx, business, account)? {
        if let Some(found) = rows::find(tx, group)? {
            wakes.extend(leave(network, tx, &found, &[account], "", removed)?);
        }
    }
    Ok(wakes)
}

fn groups_of(tx: &mut Tx<'_>, business: AccountId, account: AccountId) -> Result<Vec<ConversationId>, StoreError> {
    tx.query(
        "SELECT a.conversation FROM account_conversation a JOIN customer_group g ON g.conversation = a.conversation \
         WHERE a.account = ?1 AND g.business = ?2 ORDER BY a.other",
        &[(&account).into(), (&business).into()],
        |row| row.get(0),
    )
}
