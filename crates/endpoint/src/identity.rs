//! The keys of a customer, as programs know them: a hash of his set of devices (Cloud API, section 3c: `identity_key_hash`; code 137000).
//!
//! A device has one key for as long as it is one, so the set changes when a device comes, goes, or is registered anew. Who switched
//! `user_identity_change` on is told of each change, and his messages for the former keys fail.
use crate::{Business, Error, agent::Told, contacts, settings, webhooks};
use aws_lc_rs::digest;
use std::sync::atomic::Ordering;
use suki_cloud_api::{
    number::settings::{Change, Settings},
    webhook_message::{System, SystemKind},
};
use suki_protocol::http::Base64;
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, ConversationId, DeviceId, MessageId, Timestamp};

/// How many bytes of the hash programs are given.
const SHOWN_BYTES: usize = 8;

impl Business {
    /// Whether programs are told of customers' keys.
    pub(crate) fn tells_identity(&self) -> bool {
        self.identity.load(Ordering::Relaxed)
    }

    /// Changes the number's settings, and says how they are then.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn change_number_settings(&self, change: Change) -> Result<Settings, Error> {
        let settings = self.change_setting(move |settings: &mut Settings| change.apply(settings)).await?;
        self.identity.store(settings.enable_identity_key_check, Ordering::Relaxed);
        Ok(settings)
    }

    /// The hash of a customer's keys, as his messages tell it; none while none of his devices is known.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn identity_key_hash(&self, contact: AccountId) -> Result<Option<String>, Error> {
        let id = self.id();
        self.db().read(move |tx| Ok(hash(tx, id, contact)?)).await
    }

    /// Notes for which keys a message is, so that its statuses say so.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn note_identity(&self, message: MessageId, hash: String) -> Result<(), Error> {
        let id = self.id();
        let stored = self.db().write(move |tx| {
            let sql = "INSERT INTO message_identity (business, message, hash) VALUES (?1, ?2, ?3) ON CONFLICT (business, message) DO NOTHING";
            tx.execute(sql, &[(&id).into(), (&message).into(), hash.as_str().into()])
        });
        Ok(stored.await.map(drop)?)
    }
}

/// Whether programs are to be told, as it is stored.
///
/// # Errors
/// When the store fails.
pub(crate) fn is_told(tx: &mut Tx<'_>, business: AccountId) -> Result<bool, StoreError> {
    Ok(settings::find::<Settings>(tx, business)?.unwrap_or_default().enable_identity_key_check)
}

/// The hash of a customer's keys.
pub(crate) fn hash(tx: &mut Tx<'_>, business: AccountId, contact: AccountId) -> Result<Option<String>, StoreError> {
    let sql = "SELECT device FROM contact_device WHERE business = ?1 AND contact = ?2 ORDER BY device";
    let devices = tx.query(sql, &[(&business).into(), (&contact).into()], |row| row.get::<DeviceId>(0))?;
    if devices.is_empty() {
        return Ok(None);
    }
    let bytes: Vec<u8> = devices.iter().flat_map(|device| device.to_vec()).collect();
    let hash = digest::digest(&digest::SHA256, &bytes);
    Ok(Some(Base64(hash.as_ref()[..SHOWN_BYTES].to_vec()).to_string()))
}

/// The hash as it stands in contacts of webhooks: for those who wish to be told.
///
/// # Errors
/// When the store fails.
pub(crate) fn told(business: &Business, tx: &mut Tx<'_>, contact: AccountId) -> Result<Option<String>, StoreError> {
    if business.tells_identity() { hash(tx, business.id(), contact) } else { Ok(None) }
}

/// Notes a device of a customer, or that it is his no more. Whether that changes anything.
///
/// # Errors
/// When the store fails.
pub(crate) fn note(tx: &mut Tx<'_>, business: AccountId, contact: AccountId, device: DeviceId, adds: bool) -> Result<bool, StoreError> {
    let params = [(&business).into(), (&contact).into(), (&device).into()];
    let sql = if adds {
        "INSERT INTO contact_device (business, contact, device) VALUES (?1, ?2, ?3) ON CONFLICT (business, contact, device) DO NOTHING"
    } else {
        "DELETE FROM contact_device WHERE business = ?1 AND contact = ?2 AND device = ?3"
    };
    Ok(tx.execute(sql, &params)? > 0)
}

/// A device of a customer comes or goes: whoever wishes to be told of other keys is told.
///
/// # Errors
/// When the store fails.
pub(crate) fn changed(
    business: &Business,
    tx: &mut Tx<'_>,
    (chat, at): (ConversationId, Timestamp),
    contact: AccountId,
    (device, adds): (DeviceId, bool),
    told: &mut Told,
) -> Result<(), Error> {
    let id = business.id();
    let before = hash(tx, id, contact)?;
    if !note(tx, id, contact, device, adds)? || before.is_none() || !business.tells_identity() {
        return Ok(());
    }
    let contact = match contacts::get(tx, id, contact) {
        Err(StoreError::NotFound) => return Ok(()),
        found => business.sight(found?),
    };
    let who = if contact.name.is_empty() { "The customer" } else { &contact.name };
    let system = System {
        kind: SystemKind::CustomerIdentityChanged,
        body: format!("{who} has another set of devices"),
        wa_id: contact.phone.clone(),
        user_id: contact.user_id.clone(),
        identity: hash(tx, id, contact.id)?,
    };
    told.queued.extend(webhooks::system(business, tx, chat, &contact, system, at)?);
    Ok(())
}
