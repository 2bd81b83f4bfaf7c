//! The invitation: a link that lets customers come. Whoever has it may try, so that the business can make it anew or take it away.
use super::rows;
use crate::{
    Network, codes,
    operations::call::{self, Wakes},
    rows::Caller,
    session::Answer,
};
use suki_protocol::calls::groups::{GroupLink, Link, LinkChange};
use suki_store::{StoreError, Tx};
use suki_types::ConversationId;

pub(super) fn link(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let fresh = codes::invitation(network.env());
    call::writes::<GroupLink>(network, json, move |tx, asked| {
        let known = rows::owned(tx, &caller, asked.group)?;
        let next = match asked.change {
            LinkChange::Keep if !known.link.is_empty() => return Ok((Link { link: known.link }, Wakes::new())),
            LinkChange::Keep | LinkChange::Reset => fresh.clone(),
            LinkChange::Remove => String::new(),
        };
        set(tx, known.id, &known.link, &next)?;
        Ok((Link { link: next }, Wakes::new()))
    })
}

/// Puts one link in the place of another; "" for none.
pub(super) fn set(tx: &mut Tx<'_>, group: ConversationId, before: &str, next: &str) -> Result<(), StoreError> {
    tx.execute("DELETE FROM group_link WHERE link = ?1", &[before.into()])?;
    if !next.is_empty() {
        tx.execute("INSERT INTO group_link (link, conversation) VALUES (?1, ?2)", &[next.into(), (&group).into()])?;
    }
    tx.execute("UPDATE customer_group SET link = ?2 WHERE conversation = ?1", &[(&group).into(), next.into()])?;
    Ok(())
}
