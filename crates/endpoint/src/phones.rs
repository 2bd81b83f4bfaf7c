//! Which customers' numbers the business sees, and what happens when a customer takes another one (Cloud API, section 3c: numbers are left out when a
//! customer has a username and his number was not seen for 30 days).
//!
//! A number is seen when a message comes from a customer whose number shows, and when a program or the business writes to the number itself. What is not
//! shown any more stays known: whoever knows the number may still write to it, and then sees it again.
use crate::{
    Business, Error,
    agent::Told,
    contacts::{self, AliasKind, Contact},
    live::{LiveEvent, SharedChat},
    notices::Notice,
    webhooks,
};
use serde_json::json;
use std::sync::Arc;
use suki_cloud_api::webhook_message::{System, SystemKind};
use suki_protocol::calls::phone::PhoneChanged;
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, ConversationId, Timestamp};

/// The field of changed user ids.
const FIELD: &str = "user_id_update";
/// That a number was seen is written down again after so many milliseconds, so that not every message writes it.
const NOTED_EVERY_MILLIS: i64 = 3_600_000;
/// Time between two looks for numbers that are to be hidden, in milliseconds.
const EVERY_MILLIS: i64 = 3_600_000;
/// How many one unit hides.
const PER_UNIT: i64 = 200;

/// Looks for numbers that are to be hidden, for as long as the business runs.
pub(crate) async fn run(business: Arc<Business>) {
    loop {
        let now = business.env().now();
        if let Err(error) = business.hide_phones().await {
            tracing::error!(business = %business.id(), %error, "the numbers that are to be hidden cannot be read; trying again");
        }
        business.env().clock.wait_until(now.plus_millis(EVERY_MILLIS)).await;
    }
}

impl Business {
    /// Numbers that were last seen at this moment or before it are hidden, of customers with a username; none are before the network was heard.
    pub(crate) fn phones_since(&self) -> Timestamp {
        let shown = self.rules().map_or(0, |rules| rules.identity.phone_shown_millis);
        if shown == 0 { Timestamp::from_millis(i64::MIN) } else { self.env().now().plus_millis(-shown) }
    }

    /// The contact as the business sees him at this moment.
    pub(crate) fn sight(&self, mut contact: Contact) -> Contact {
        if contact.username.is_some() && contact.phone_seen_at <= self.phones_since() {
            contact.phone = None;
        }
        contact
    }

    /// Somebody writes to a contact's number: from now on it shows.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn sees_phone(&self, contact: Contact) -> Result<Contact, Error> {
        let (id, now) = (self.id(), self.env().now());
        if contact.phone.is_some() && now.since(contact.phone_seen_at) < NOTED_EVERY_MILLIS {
            return Ok(contact);
        }
        self.db()
            .write(move |tx| {
                let sql = "UPDATE contact SET phone_seen_at = ?3, phone_hidden = 0 WHERE business = ?1 AND id = ?2";
                tx.execute(sql, &[(&id).into(), (&contact.id).into(), now.into()])?;
                Ok(contacts::get(tx, id, contact.id)?)
            })
            .await
    }

    /// Hides the numbers whose time has come. Returns how many.
    ///
    /// # Errors
    /// When the store fails; what was hidden before stays hidden.
    pub async fn hide_phones(&self) -> Result<usize, Error> {
        let (id, since) = (self.id(), self.phones_since());
        let mut all = 0;
        loop {
            let count = self.db().write(move |tx| hide(tx, id, since)).await?;
            all += count;
            if count < usize::try_from(PER_UNIT).unwrap_or_default() {
                return Ok(all);
            }
        }
    }
}

fn hide(tx: &mut Tx<'_>, business: AccountId, since: Timestamp) -> Result<usize, Error> {
    let due = tx.query(
        "SELECT c.id FROM contact_alias a JOIN contact c ON c.business = a.business AND c.id = a.contact
         WHERE a.business = ?1 AND a.kind = 'username' AND c.phone_hidden = 0 AND c.phone_seen_at <= ?2 LIMIT ?3",
        &[(&business).into(), since.into(), PER_UNIT.into()],
        |row| row.get::<AccountId>(0),
    )?;
    for contact in &due {
        tx.execute("UPDATE contact SET phone_hidden = 1 WHERE business = ?1 AND id = ?2", &[(&business).into(), contact.into()])?;
    }
    Ok(due.len())
}

/// A message came from a customer: if his number shows, it was seen; if its time was over before, it stays hidden.
///
/// # Errors
/// When the store fails.
pub(crate) fn wrote(business: &Business, tx: &mut Tx<'_>, contact: AccountId, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE contact SET
           phone_hidden = CASE WHEN phone_seen_at <= ?5 AND EXISTS (SELECT 1 FROM contact_alias a
             WHERE a.business = ?1 AND a.contact = ?2 AND a.kind = 'username') THEN 1 ELSE 0 END,
           phone_seen_at = CASE WHEN phone_seen_at <= ?5 AND EXISTS (SELECT 1 FROM contact_alias a
             WHERE a.business = ?1 AND a.contact = ?2 AND a.kind = 'username') THEN phone_seen_at ELSE ?3 END
         WHERE business = ?1 AND id = ?2 AND phone_hidden = 0 AND phone_seen_at < ?4",
        &[(&business.id()).into(), (&contact).into(), at.into(), at.plus_millis(-NOTED_EVERY_MILLIS).into(), business.phones_since().into()],
    )?;
    Ok(())
}

/// A customer has a username from now on, or none any more: whether his number shows is settled anew.
///
/// # Errors
/// When the store fails.
pub(crate) fn settle(business: &Business, tx: &mut Tx<'_>, contact: AccountId, has_username: bool) -> Result<(), StoreError> {
    let id = business.id();
    if has_username {
        let sql = "UPDATE contact SET phone_hidden = 1 WHERE business = ?1 AND id = ?2 AND phone_seen_at <= ?3";
        tx.execute(sql, &[(&id).into(), (&contact).into(), business.phones_since().into()])?;
    } else {
        tx.execute("UPDATE contact SET phone_hidden = 0 WHERE business = ?1 AND id = ?2", &[(&id).into(), (&contact).into()])?;
    }
    Ok(())
}

/// What a notice of the network says of a customer's new number: the contact stays, with another number and another business-scoped user id. Programs
/// are told by a system message, which names the new number only to who saw the one before.
///
/// # Errors
/// When the store fails.
pub(crate) fn moved(business: &Business, tx: &mut Tx<'_>, notice: &Notice, told: &mut Told) -> Result<(), Error> {
    let id = business.id();
    let (Ok(changed), Some(chat)) = (serde_json::from_slice::<PhoneChanged>(&notice.json), notice.chat) else {
        tracing::warn!(business = %id, "what the network says of a number cannot be read");
        return Ok(());
    };
    let before = match contacts::get(tx, id, changed.customer) {
        Err(StoreError::NotFound) => return Ok(()),
        found => business.sight(found?),
    };
    if contacts::by_alias(tx, id, AliasKind::Phone, changed.phone.digits())? == Some(changed.customer) {
        return Ok(());
    }
    contacts::rename_alias(tx, id, changed.customer, AliasKind::Phone, changed.phone.digits())?;
    let user_id = contacts::user_id_after(business.common().vault(), id, changed.customer, changed.moves);
    if user_id != before.user_id {
        contacts::retire_user_id(tx, id, changed.customer)?;
        contacts::rename_alias(tx, id, changed.customer, AliasKind::UserId, &user_id)?;
    }
    if before.phone.is_some() {
        let sql = "UPDATE contact SET phone_seen_at = ?3 WHERE business = ?1 AND id = ?2";
        tx.execute(sql, &[(&id).into(), (&changed.customer).into(), notice.at.into()])?;
    }
    let after = business.sight(contacts::get(tx, id, changed.customer)?);
    if user_id != before.user_id {
        tell(business, tx, (chat, notice.at), &before, &after, told)?;
    }
    if business.live().is_watched() {
        told.live.push(LiveEvent::Chat(Box::new(SharedChat::read(tx, id, chat)?)));
    }
    Ok(())
}

fn tell(
    business: &Business,
    tx: &mut Tx<'_>,
    (chat, at): (ConversationId, Timestamp),
    before: &Contact,
    after: &Contact,
    told: &mut Told,
) -> Result<(), Error> {
    let who = if after.name.is_empty() { "The customer" } else { &after.name };
    let (kind, body) = match (&before.phone, &after.phone) {
        (Some(former), Some(now)) => (SystemKind::UserChangedNumber, format!("{who} changed from {former} to {now}")),
        _ => (SystemKind::UserChangedUserId, format!("{who} is known by another user id")),
    };
    let system = System { kind, body, wa_id: after.phone.clone(), user_id: after.user_id.clone(), identity: None };
    told.queued.extend(webhooks::system(business, tx, chat, before, system, at)?);
    let mut update = json!({
        "detail": "The customer's business-scoped user id has changed, since he has another number",
        "user_id": {"previous": before.user_id, "current": after.user_id},
        "timestamp": at.seconds(),
    });
    if let Some(phone) = &after.phone {
        update["wa_id"] = phone.as_str().into();
    }
    let value = json!({"contacts": [webhooks::card(after)], "user_id_update": [update]});
    told.queued.extend(webhooks::chat_event(business, tx, chat, FIELD, &value)?);
    Ok(())
}
