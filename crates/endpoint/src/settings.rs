//! What was set of a business's number and account, and what the network said of it last: small documents that are read and changed whole, one for each
//! subject.
use crate::{Business, Error};
use serde::{Serialize, de::DeserializeOwned};
use suki_cloud_api::{
    account::AccountSettings,
    number::{automation::Automation, commerce::Commerce, compliance::Compliance, encryption_key::EncryptionKey, settings::Settings},
};
use suki_store::{StoreError, Tx};
use suki_types::AccountId;

/// A document.
pub trait Document: Serialize + DeserializeOwned + Send + 'static {
    /// The name it is stored under.
    const SUBJECT: &'static str;
}

/// One that is set; its default is what holds until something is.
pub trait Setting: Document + Default {}

impl<D: Document + Default> Setting for D {}

impl Document for AccountSettings {
    const SUBJECT: &'static str = "account";
}
impl Document for Automation {
    const SUBJECT: &'static str = "conversational_automation";
}
impl Document for Commerce {
    const SUBJECT: &'static str = "commerce";
}
impl Document for Compliance {
    const SUBJECT: &'static str = "compliance";
}
impl Document for EncryptionKey {
    const SUBJECT: &'static str = "encryption_key";
}
impl Document for Settings {
    const SUBJECT: &'static str = "settings";
}

/// What was set; none as long as nothing was.
///
/// # Errors
/// When the store fails, or holds what this program cannot read.
pub(crate) fn find<D: Document>(tx: &mut Tx<'_>, business: AccountId) -> Result<Option<D>, StoreError> {
    let sql = "SELECT json FROM setting WHERE business = ?1 AND subject = ?2";
    let json = tx.query_opt(sql, &[(&business).into(), D::SUBJECT.into()], |row| row.get::<String>(0))?;
    json.map(|json| serde_json::from_str(&json).map_err(|_| StoreError::Corrupt("setting"))).transpose()
}

/// Sets it.
///
/// # Errors
/// When the store fails.
pub(crate) fn store<D: Document>(tx: &mut Tx<'_>, business: AccountId, document: &D) -> Result<(), Error> {
    let json = serde_json::to_string(document).map_err(|error| Error::Internal(error.to_string()))?;
    let sql = "INSERT INTO setting (business, subject, json) VALUES (?1, ?2, ?3) ON CONFLICT (business, subject) DO UPDATE SET json = excluded.json";
    tx.execute(sql, &[(&business).into(), D::SUBJECT.into(), json.as_str().into()])?;
    Ok(())
}

/// What the network said, as it was kept. What another version of this program wrote and this one cannot read is asked for again.
///
/// # Errors
/// When the store fails.
pub(crate) fn kept<D: Document>(tx: &mut Tx<'_>, business: AccountId) -> Result<Option<D>, StoreError> {
    match find(tx, business) {
        Err(StoreError::Corrupt(_)) => Ok(None),
        other => other,
    }
}

/// Keeps what the network says: it is known when the business starts again, whether or not the network can be asked then.
///
/// # Errors
/// When the store fails.
pub(crate) async fn keep<D: Document + Sync>(business: &Business, document: D) -> Result<(), Error> {
    let id = business.id();
    business.db().write(move |tx| store(tx, id, &document)).await
}

impl Business {
    /// What was set, or the default.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn setting<S: Setting>(&self) -> Result<S, Error> {
        let business = self.id();
        Ok(self.db().read(move |tx| Ok::<_, Error>(find(tx, business)?)).await?.unwrap_or_default())
    }

    /// Changes it, and says how it is then.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn change_setting<S: Setting>(&self, change: impl Fn(&mut S) + Send + 'static) -> Result<S, Error> {
        let business = self.id();
        self.db()
            .write(move |tx| {
                let mut setting: S = find(tx, business)?.unwrap_or_default();
                change(&mut setting);
                store(tx, business, &setting)?;
                Ok(setting)
            })
            .await
    }
}
