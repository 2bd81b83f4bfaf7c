//! A business makes groups, changes and ends them.
use super::{check_tag, link, nobody, rows, seat, seen, tell};
use crate::{
    Network, codes,
    operations::call::{self, Wakes, business_only},
    refusal::Refusal,
    rows::Caller,
    session::Answer,
};
use aws_lc_rs::digest::{SHA256, digest};
use suki_protocol::{
    calls::{
        Done,
        groups::{Approval, Change, CreateGroup, DeleteGroup, UpdateGroup},
    },
    http::Base64,
    pb::RefusalCode,
};
use suki_rules::groups;
use suki_store::Tx;
use suki_types::{AccountId, ConversationId};

pub(super) fn create(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    let fresh = codes::invitation(network.env());
    call::writes::<CreateGroup>(network, json, move |tx, asked| {
        business_only(&caller)?;
        check_tag(&asked.tag)?;
        if let Some(known) = rows::find(tx, asked.group)?.filter(|known| known.business == caller.account) {
            return Ok((seen::shown(&own, tx, known)?, Wakes::new()));
        }
        check_new(&own, tx, caller.account, asked.group)?;
        let subject = groups::subject(own.policy(), &asked.subject).map_err(Refusal::rule)?;
        let description = groups::description(own.policy(), &asked.description).map_err(Refusal::rule)?;
        store(&own, tx, caller.account, asked, (&subject, &description), &fresh)?;
        let change = Change::Created { subject, description, approval: asked.approval, link: fresh.clone() };
        let wakes = tell::business(&own, tx, caller.account, asked.group, &asked.tag, change)?;
        let made = rows::owned(tx, &caller, asked.group)?;
        Ok((seen::shown(&own, tx, made)?, wakes))
    })
}

/// Whether the business may make one more, under this id.
fn check_new(network: &Network, tx: &mut Tx<'_>, business: AccountId, group: ConversationId) -> Result<(), Refusal> {
    let sql = "SELECT conversation FROM conversation WHERE conversation = ?1";
    if tx.query_opt(sql, &[(&group).into()], |row| row.get::<ConversationId>(0))?.is_some() {
        return Err(Refusal::new(RefusalCode::Conflict, "Another conversation has this id; a group's id is made once"));
    }
    let sql = "SELECT count(*) FROM customer_group WHERE business = ?1 AND deleted_at = 0";
    let all = tx.query_one(sql, &[(&business).into()], |row| row.get::<u64>(0))?;
    let since = network.now().plus_millis(-network.policy().groups.created_within.millis());
    let sql = "SELECT count(*) FROM customer_group WHERE business = ?1 AND created_at > ?2";
    let of_period = tx.query_one(sql, &[(&business).into(), since.into()], |row| row.get::<u64>(0))?;
    groups::check_one_more(network.policy(), all, of_period).map_err(Refusal::rule)
}

fn store(
    network: &Network,
    tx: &mut Tx<'_>,
    business: AccountId,
    asked: &CreateGroup,
    (subject, description): (&str, &str),
    fresh: &str,
) -> Result<(), Refusal> {
    let now = network.now();
    tx.execute(
        "INSERT INTO conversation (conversation, business, customer, opened_at, opened_by, kind) VALUES (?1, ?2, ?3, ?4, 2, 1)",
        &[(&asked.group).into(), (&business).into(), (&nobody(asked.group)).into(), now.into()],
    )?;
    tx.execute(
        "INSERT INTO customer_group (conversation, business, subject, description, approval, link, picture, picture_hash, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, '', ?6, ?6, ?7)",
        &[
            (&asked.group).into(),
            (&business).into(),
            subject.into(),
            description.into(),
            (asked.approval == Approval::ApprovalRequired).into(),
            (&[][..]).into(),
            now.into(),
        ],
    )?;
    rows::list_for(tx, business, asked.group)?;
    link::set(tx, asked.group, "", fresh)?;
    Ok(())
}

pub(super) fn update(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::writes::<UpdateGroup>(network, json, move |tx, asked| {
        check_tag(&asked.tag)?;
        let known = rows::owned(tx, &caller, asked.group)?;
        let policy = own.policy();
        let subject = asked.subject.as_deref().map(|text| groups::subject(policy, text)).transpose().map_err(Refusal::rule)?;
        let description = asked.description.as_deref().map(|text| groups::description(policy, text)).transpose().map_err(Refusal::rule)?;
        let picture = asked.picture.as_ref().map(|picture| set_picture(&own, tx, known.id, &picture.0)).transpose()?;
        tx.execute(
            "UPDATE customer_group SET subject = ?2, description = ?3 WHERE conversation = ?1",
            &[(&known.id).into(), subject.as_ref().unwrap_or(&known.subject).into(), description.as_ref().unwrap_or(&known.description).into()],
        )?;
        let change = Change::Settings { subject, description, picture: picture.map(Base64) };
        let mut wakes = tell::business(&own, tx, caller.account, known.id, &asked.tag, change)?;
        wakes.extend(tell::everybody(&own, tx, known.id)?);
        Ok((Done {}, wakes))
    })
}

/// Stores the picture and answers with its hash; empty for none.
fn set_picture(network: &Network, tx: &mut Tx<'_>, group: ConversationId, jpeg: &[u8]) -> Result<Vec<u8>, Refusal> {
    groups::check_picture(network.policy(), jpeg.len()).map_err(Refusal::rule)?;
    // A JPEG begins with these bytes; what else is in it only devices read.
    if !jpeg.is_empty() && !jpeg.starts_with(&[0xff, 0xd8, 0xff]) {
        return Err(Refusal::malformed("A group's picture is a JPEG"));
    }
    let hash = if jpeg.is_empty() { Vec::new() } else { digest(&SHA256, jpeg).as_ref().to_vec() };
    let sql = "UPDATE customer_group SET picture = ?2, picture_hash = ?3 WHERE conversation = ?1";
    tx.execute(sql, &[(&group).into(), jpeg.into(), (&hash).into()])?;
    Ok(hash)
}

pub(super) fn delete(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::writes::<DeleteGroup>(network, json, move |tx, asked| {
        check_tag(&asked.tag)?;
        let known = rows::owned(tx, &caller, asked.group)?;
        let mut wakes = Wakes::new();
        for place in rows::seats(tx, known.id)? {
            wakes.extend(seat::clear(&own, tx, known.id, place.account)?);
        }
        link::set(tx, known.id, &known.link, "")?;
        tx.execute("DELETE FROM join_request WHERE conversation = ?1", &[(&known.id).into()])?;
        tx.execute("DELETE FROM member WHERE conversation = ?1", &[(&known.id).into()])?;
        tx.execute("DELETE FROM group_info WHERE conversation = ?1", &[(&known.id).into()])?;
        rows::unlist_for(tx, caller.account, known.id)?;
        tx.execute("UPDATE conversation SET kind = 3 WHERE conversation = ?1", &[(&known.id).into()])?;
        let sql = "UPDATE customer_group SET deleted_at = ?2, picture = ?3 WHERE conversation = ?1";
        tx.execute(sql, &[(&known.id).into(), own.now().into(), (&[][..]).into()])?;
        wakes.extend(tell::business(&own, tx, caller.account, known.id, &asked.tag, Change::Deleted)?);
        Ok((Done {}, wakes))
    })
}
