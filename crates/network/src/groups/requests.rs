//! The business lets customers in, or does not, and takes customers out.
use super::{check_limit, check_list, check_tag, rows, seat, tell};
use crate::{
    Network, int,
    operations::call::{self, Wakes},
    refusal::Refusal,
    rows::Caller,
    session::Answer,
};
use suki_protocol::{
    calls::groups::{AnswerJoinRequests, Answered, Change, JoinRequest, JoinRequestPage, ListJoinRequests, NotDone, RemoveParticipants},
    pb::RefusalCode,
};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, ConversationId, JoinRequestId};

/// The Cloud API code of somebody who is not in the group.
const NOT_IN: i32 = 131_212;
/// The Cloud API code of a request that is not there.
const NO_REQUEST: i32 = 131_213;

pub(super) fn list(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    call::reads::<ListJoinRequests>(network, json, move |tx, asked| {
        let group = rows::owned(tx, &caller, asked.group)?;
        check_limit(asked.limit)?;
        Ok(page(tx, group.id, asked)?)
    })
}

fn page(tx: &mut Tx<'_>, group: ConversationId, asked: &ListJoinRequests) -> Result<JoinRequestPage, StoreError> {
    let limit = asked.limit as usize;
    let edge = asked.before.or(asked.after).unwrap_or(JoinRequestId::from_bytes([0; 16]));
    let sql = if asked.before.is_some() {
        "SELECT r.request, r.account, r.at, COALESCE(a.phone, '') FROM join_request r JOIN account a ON a.account = r.account \
         WHERE r.conversation = ?1 AND r.request < ?2 ORDER BY r.request DESC LIMIT ?3"
    } else {
        "SELECT r.request, r.account, r.at, COALESCE(a.phone, '') FROM join_request r JOIN account a ON a.account = r.account \
         WHERE r.conversation = ?1 AND r.request > ?2 ORDER BY r.request LIMIT ?3"
    };
    let mut requests = tx.query(sql, &[(&group).into(), (&edge).into(), int(u64::from(asked.limit) + 1)], |row| {
        Ok(JoinRequest { request: row.get(0)?, account: row.get(1)?, at: row.get(2)?, phone: row.get(3)? })
    })?;
    let more = requests.len() > limit;
    requests.truncate(limit);
    if asked.before.is_some() {
        requests.reverse();
        return Ok(JoinRequestPage { requests, earlier: more, later: true });
    }
    Ok(JoinRequestPage { requests, earlier: asked.after.is_some(), later: more })
}

pub(super) fn answer(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::writes::<AnswerJoinRequests>(network, json, move |tx, asked| {
        check_tag(&asked.tag)?;
        check_list(asked.requests.len())?;
        let group = rows::owned(tx, &caller, asked.group)?;
        let mut answer = Answered { done: Vec::new(), failed: Vec::new() };
        let mut participants = Vec::new();
        for request in &asked.requests {
            let Some(account) = account_of(tx, group.id, *request)? else {
                let message = "Nobody waits at this group with this request; list its requests".into();
                answer.failed.push(NotDone { of: *request, code: NO_REQUEST, message });
                continue;
            };
            match decide(&own, tx, &group, account, asked.approve) {
                Ok(()) => answer.done.push(*request),
                Err(Refusal(refused)) if refused.code() == RefusalCode::Rule => {
                    answer.failed.push(NotDone { of: *request, code: refused.cloud_api_code, message: refused.message });
                    continue;
                }
                Err(other) => return Err(other),
            }
            if asked.approve {
                participants.push(rows::participant(tx, account)?);
            }
        }
        if participants.is_empty() {
            return Ok((answer, Wakes::new()));
        }
        let mut wakes = tell::business(&own, tx, group.business, group.id, &asked.tag, Change::Joined { participants })?;
        wakes.extend(tell::everybody(&own, tx, group.id)?);
        Ok((answer, wakes))
    })
}

fn account_of(tx: &mut Tx<'_>, group: ConversationId, request: JoinRequestId) -> Result<Option<AccountId>, StoreError> {
    let sql = "SELECT account FROM join_request WHERE conversation = ?1 AND request = ?2";
    tx.query_opt(sql, &[(&group).into(), (&request).into()], |row| row.get(0))
}

fn decide(network: &Network, tx: &mut Tx<'_>, group: &rows::Stored, account: AccountId, approve: bool) -> Result<(), Refusal> {
    if approve {
        return seat::take(network, tx, group, account);
    }
    let sql = "DELETE FROM join_request WHERE conversation = ?1 AND account = ?2";
    tx.execute(sql, &[(&group.id).into(), (&account).into()])?;
    Ok(())
}

pub(super) fn remove(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::writes::<RemoveParticipants>(network, json, move |tx, asked| {
        check_tag(&asked.tag)?;
        check_list(asked.accounts.len())?;
        let group = rows::owned(tx, &caller, asked.group)?;
        let mut answer = Answered { done: Vec::new(), failed: Vec::new() };
        for account in &asked.accounts {
            if !answer.done.contains(account) && rows::seat_of(tx, group.id, *account)?.is_some() {
                answer.done.push(*account);
            } else {
                let message = "This customer is not in the group; look at its participants".into();
                answer.failed.push(NotDone { of: *account, code: NOT_IN, message });
            }
        }
        if answer.done.is_empty() {
            return Ok((answer, Wakes::new()));
        }
        let wakes = seat::leave(&own, tx, &group, &answer.done, &asked.tag, true)?;
        Ok((answer, wakes))
    })
}
