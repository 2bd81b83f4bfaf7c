//! Who looks at a group: its business, who is in it, and whoever has its link.
use super::{check_limit, join, rows};
use crate::{
    Network, int,
    operations::call::{self, business_only, person_only},
    refusal::Refusal,
    rows::Caller,
    session::Answer,
    trust,
};
use suki_protocol::{
    calls::groups::{GetGroup, Group, GroupPage, GroupPicture, ListGroups, ListedGroup, Picture, Preview, PreviewGroup},
    http::Base64,
};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, ConversationId, Timestamp};

pub(super) fn get(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::reads::<GetGroup>(network, json, move |tx, asked| {
        let group = rows::owned(tx, &caller, asked.group)?;
        Ok(shown(&own, tx, group)?)
    })
}

/// A group as its business sees it.
pub(super) fn shown(network: &Network, tx: &mut Tx<'_>, group: rows::Stored) -> Result<Group, StoreError> {
    let mut participants = Vec::new();
    for seat in rows::seats(tx, group.id)? {
        participants.push(rows::participant(tx, seat.account)?);
    }
    let sql = "SELECT banned_until FROM standing WHERE business = ?1";
    let banned: Option<Timestamp> = tx.query_opt(sql, &[(&group.business).into()], |row| row.get(0))?;
    Ok(Group {
        group: group.id,
        subject: group.subject,
        description: group.description,
        approval: group.approval,
        created_at: group.created_at,
        link: group.link,
        suspended: banned.is_some_and(|until| network.now() < until),
        participants,
        picture_side: network.policy().groups.picture_side,
    })
}

pub(super) fn list(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    call::reads::<ListGroups>(network, json, move |tx, asked| {
        business_only(&caller)?;
        check_limit(asked.limit)?;
        Ok(page(tx, caller.account, asked)?)
    })
}

fn page(tx: &mut Tx<'_>, business: AccountId, asked: &ListGroups) -> Result<GroupPage, StoreError> {
    let limit = asked.limit as usize;
    let edge = asked.before.or(asked.after).unwrap_or(ConversationId::from_bytes([0; 16]));
    let sql = if asked.before.is_some() {
        "SELECT conversation, subject, created_at FROM customer_group \
         WHERE business = ?1 AND deleted_at = 0 AND conversation < ?2 ORDER BY conversation DESC LIMIT ?3"
    } else {
        "SELECT conversation, subject, created_at FROM customer_group \
         WHERE business = ?1 AND deleted_at = 0 AND conversation > ?2 ORDER BY conversation LIMIT ?3"
    };
    let mut groups = tx.query(sql, &[(&business).into(), (&edge).into(), int(u64::from(asked.limit) + 1)], |row| {
        Ok(ListedGroup { group: row.get(0)?, subject: row.get(1)?, created_at: row.get(2)? })
    })?;
    let more = groups.len() > limit;
    groups.truncate(limit);
    if asked.before.is_some() {
        groups.reverse();
        return Ok(GroupPage { groups, earlier: more, later: true });
    }
    Ok(GroupPage { groups, earlier: asked.after.is_some(), later: more })
}

pub(super) fn picture(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    call::reads::<GroupPicture>(network, json, move |tx, asked| {
        let group = rows::find(tx, asked.group)?.ok_or_else(Refusal::not_yours)?;
        if group.business != caller.account && rows::seat_of(tx, group.id, caller.account)?.is_none() {
            return Err(Refusal::not_yours());
        }
        let sql = "SELECT picture FROM customer_group WHERE conversation = ?1";
        Ok(Picture { jpeg: Base64(tx.query_one(sql, &[(&group.id).into()], |row| row.get(0))?) })
    })
}

pub(super) fn preview(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::reads::<PreviewGroup>(network, json, move |tx, asked| {
        person_only(&caller)?;
        let group = rows::by_link(tx, &asked.link)?;
        let card = trust::card::card(&own, tx, group.business)?.unwrap_or_default();
        let participants = rows::seats(tx, group.id)?.len();
        Ok(Preview {
            group: group.id,
            business: group.business,
            business_name: card.name,
            subject: group.subject,
            description: group.description,
            participants: u32::try_from(participants).unwrap_or(u32::MAX),
            most: own.policy().groups.participants,
            approval: group.approval,
            membership: join::membership(tx, group.id, caller.account)?,
        })
    })
}
