//! A customer follows an invitation, and leaves.
use super::{rows, seat, tell};
use crate::{
    Network, consent,
    operations::call::{self, Wakes, person_only},
    refusal::Refusal,
    rows as people,
    rows::Caller,
    session::Answer,
};
use suki_protocol::calls::{
    Done,
    groups::{Approval, Change, JoinGroup, JoinRequest, Joined, LeaveGroup, Membership},
};
use suki_rules::groups;
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, ConversationId, JoinRequestId};

pub(super) fn join(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    let fresh = JoinRequestId::new(network.env());
    call::writes::<JoinGroup>(network, json, move |tx, asked| {
        person_only(&caller)?;
        let group = rows::by_link(tx, &asked.link)?;
        let joined = |membership| Joined { group: group.id, membership };
        match membership(tx, group.id, caller.account)? {
            Membership::Outside => {}
            known => return Ok((joined(known), Wakes::new())),
        }
        consent::check_group(tx, group.business, caller.account)?;
        if group.approval == Approval::ApprovalRequired {
            return Ok((joined(Membership::Waiting), ask(&own, tx, &group, caller.account, fresh)?));
        }
        seat::take(&own, tx, &group, caller.account)?;
        let participants = vec![rows::participant(tx, caller.account)?];
        let mut wakes = tell::business(&own, tx, group.business, group.id, "", Change::Joined { participants })?;
        wakes.extend(tell::everybody(&own, tx, group.id)?);
        Ok((joined(Membership::Inside), wakes))
    })
}

/// How an account stands to a group.
pub(super) fn membership(tx: &mut Tx<'_>, group: ConversationId, account: AccountId) -> Result<Membership, StoreError> {
    if rows::seat_of(tx, group, account)?.is_some() {
        return Ok(Membership::Inside);
    }
    let sql = "SELECT request FROM join_request WHERE conversation = ?1 AND account = ?2";
    let waits = tx.query_opt(sql, &[(&group).into(), (&account).into()], |row| row.get::<JoinRequestId>(0))?;
    Ok(if waits.is_some() { Membership::Waiting } else { Membership::Outside })
}

/// Notes that somebody wants to be let in.
fn ask(network: &Network, tx: &mut Tx<'_>, group: &rows::Stored, account: AccountId, request: JoinRequestId) -> Result<Wakes, Refusal> {
    let sql = "SELECT count(*) FROM join_request WHERE conversation = ?1";
    let waiting = tx.query_one(sql, &[(&group.id).into()], |row| row.get::<u64>(0))?;
    groups::check_requests(network.policy(), waiting).map_err(Refusal::rule)?;
    let at = network.now();
    tx.execute(
        "INSERT INTO join_request (conversation, account, request, at) VALUES (?1, ?2, ?3, ?4)",
        &[(&group.id).into(), (&account).into(), (&request).into(), at.into()],
    )?;
    let request = JoinRequest { request, account, phone: people::phone_of(tx, account)?, at };
    tell::business(network, tx, group.business, group.id, "", Change::Requested { request })
}

pub(super) fn leave(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::writes::<LeaveGroup>(network, json, move |tx, asked| {
        person_only(&caller)?;
        let not_in = || Refusal::unknown("This account is in no group of this id, and waits at none");
        let group = rows::find(tx, asked.group)?.ok_or_else(not_in)?;
        match membership(tx, group.id, caller.account)? {
            Membership::Inside => Ok((Done {}, seat::leave(&own, tx, &group, &[caller.account], "", false)?)),
            Membership::Waiting => Ok((Done {}, withdraw(&own, tx, &group, caller.account)?)),
            Membership::Outside => Err(not_in()),
        }
    })
}

fn withdraw(network: &Network, tx: &mut Tx<'_>, group: &rows::Stored, account: AccountId) -> Result<Wakes, Refusal> {
    let (request, at) = tx.query_one(
        "DELETE FROM join_request WHERE conversation = ?1 AND account = ?2 RETURNING request, at",
        &[(&group.id).into(), (&account).into()],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let request = JoinRequest { request, account, phone: people::phone_of(tx, account)?, at };
    tell::business(network, tx, group.business, group.id, "", Change::Withdrawn { request })
}
