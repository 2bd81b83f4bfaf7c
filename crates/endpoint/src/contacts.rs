//! Contacts: a person has an opaque id; phone, business-scoped user id and account are aliases (design, invariant 7).
use crate::{
    Business, Error,
    agent::Told,
    consent::Marks,
    live::{LiveEvent, SharedChat},
    notices::Notice,
    phones,
    vault::Vault,
};
use serde::Serialize;
use suki_protocol::calls::username::UsernameChanged;
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, ConversationId, Phone, Timestamp, limits};

/// What a contact is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AliasKind {
    /// The network's account.
    Account,
    /// A phone number, digits alone.
    Phone,
    /// The business-scoped user id (Cloud API, section 3c: `CC.` and 1 to 128 letters and digits).
    UserId,
    /// The username he took.
    Username,
    /// A business-scoped user id that he had before he took another number.
    FormerUserId,
}

impl AliasKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Phone => "phone",
            Self::UserId => "user_id",
            Self::Username => "username",
            Self::FormerUserId => "former_user_id",
        }
    }
}

/// A contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(into = "Shown")]
pub struct Contact {
    /// Its id: the same as that of the account it was first known by.
    pub id: AccountId,
    /// What he calls himself, "" if he never said.
    pub name: String,
    /// Digits without a plus, while the business sees them.
    pub phone: Option<String>,
    /// What he chose to be found by.
    pub username: Option<String>,
    /// The business-scoped user id.
    pub user_id: String,
    /// What he lets the business do.
    pub consent: Marks,
    /// When a message from or to his number was last seen, within an hour; the beginning of time if none ever was.
    pub phone_seen_at: Timestamp,
}

/// A contact as the inbox shows it: always with a name, and the number as people write it.
#[derive(Serialize)]
struct Shown {
    id: AccountId,
    name: String,
    phone: Option<String>,
    username: Option<String>,
    consent: Marks,
}

impl From<Contact> for Shown {
    fn from(contact: Contact) -> Self {
        let phone = contact.phone.map(|digits| format!("+{digits}"));
        // Who never said his name is known by his number, or by the end of his user id: the same in every language.
        let end = contact.user_id.chars().skip(contact.user_id.chars().count().saturating_sub(6)).collect::<String>();
        let name = if contact.name.is_empty() { phone.clone().unwrap_or_else(|| format!("#{end}")) } else { contact.name };
        Self { id: contact.id, name, phone, username: contact.username, consent: contact.consent }
    }
}

/// The business-scoped user id of an account: the same for one business always, another for every business. `ZZ` is the code of no country;
/// what follows are digits alone, because clients take anything else for the id of a group (pywa 4.5.0).
pub fn user_id(vault: &Vault, business: AccountId, account: AccountId) -> String {
    numbered(vault.pseudonym("user-id", &[&business.as_bytes()[..], &account.as_bytes()[..]].concat()))
}

/// The same after the customer has moved so many times from one number to another.
pub(crate) fn user_id_after(vault: &Vault, business: AccountId, account: AccountId, moves: u32) -> String {
    if moves == 0 {
        return user_id(vault, business, account);
    }
    numbered(vault.pseudonym("moved-user-id", &[&business.as_bytes()[..], &account.as_bytes()[..], &moves.to_be_bytes()[..]].concat()))
}

fn numbered(name: [u8; 20]) -> String {
    let number = name.iter().take(16).fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
    format!("ZZ.{number}")
}

/// Makes the contact of an account unless it is there, and notes its aliases.
///
/// # Errors
/// When the store fails.
pub fn ensure(tx: &mut Tx<'_>, business: AccountId, account: AccountId, user_id: &str, phone: &str, now: Timestamp) -> Result<(), StoreError> {
    let fresh = tx.execute(
        "INSERT INTO contact (business, id, name, name_folded, created_at) VALUES (?1, ?2, '', '', ?3) ON CONFLICT (business, id) DO NOTHING",
        &[(&business).into(), (&account).into(), now.into()],
    )?;
    let account_text = account.to_string();
    // Who moved to another number has another user id since.
    let mut aliases = if fresh > 0 { vec![(AliasKind::Account, account_text.as_str()), (AliasKind::UserId, user_id)] } else { Vec::new() };
    if !phone.is_empty() {
        aliases.push((AliasKind::Phone, phone));
    }
    for (kind, value) in aliases {
        tx.execute(
            "INSERT INTO contact_alias (business, kind, value, contact) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (business, kind, value) DO NOTHING",
            &[(&business).into(), kind.as_str().into(), value.into(), (&account).into()],
        )?;
    }
    Ok(())
}

/// Notes what a contact calls himself. Returns whether that is new. Names longer than 75 characters are cut.
///
/// # Errors
/// When the store fails.
pub fn rename(tx: &mut Tx<'_>, business: AccountId, contact: AccountId, name: &str) -> Result<bool, StoreError> {
    let name: String = name.chars().filter(|c| !c.is_control()).take(limits::NAME_CHARS).collect();
    let name = name.trim();
    if name.is_empty() {
        return Ok(false);
    }
    let changed = tx.execute(
        "UPDATE contact SET name = ?3, name_folded = ?4 WHERE business = ?1 AND id = ?2 AND name <> ?3",
        &[(&business).into(), (&contact).into(), name.into(), name.to_lowercase().as_str().into()],
    )?;
    Ok(changed > 0)
}

/// What a notice of the network says of a customer's username. Who had it before has it no more.
///
/// # Errors
/// When the store fails.
pub(crate) fn username_changed(business: &Business, tx: &mut Tx<'_>, notice: &Notice, told: &mut Told) -> Result<(), Error> {
    let id = business.id();
    let Ok(changed) = serde_json::from_slice::<UsernameChanged>(&notice.json) else {
        tracing::warn!(business = %id, "what the network says of a username cannot be read");
        return Ok(());
    };
    let kind = AliasKind::Username.as_str();
    tx.execute(
        "DELETE FROM contact_alias WHERE business = ?1 AND contact = ?2 AND kind = ?3",
        &[(&id).into(), (&changed.customer).into(), kind.into()],
    )?;
    if let Some(username) = &changed.username {
        tx.execute(
            "INSERT INTO contact_alias (business, kind, value, contact) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (business, kind, value) DO UPDATE SET contact = excluded.contact",
            &[(&id).into(), kind.into(), username.as_str().into(), (&changed.customer).into()],
        )?;
    }
    phones::settle(business, tx, changed.customer, changed.username.is_some())?;
    if let Some(chat) = notice.chat.filter(|_| business.live().is_watched()) {
        told.live.push(LiveEvent::Chat(Box::new(SharedChat::read(tx, id, chat)?)));
    }
    Ok(())
}

/// Gives a contact another alias in the place of the one of this kind that he had. Who had it before has it no more.
///
/// # Errors
/// When the store fails.
pub(crate) fn rename_alias(tx: &mut Tx<'_>, business: AccountId, contact: AccountId, kind: AliasKind, value: &str) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM contact_alias WHERE business = ?1 AND contact = ?2 AND kind = ?3",
        &[(&business).into(), (&contact).into(), kind.as_str().into()],
    )?;
    tx.execute(
        "INSERT INTO contact_alias (business, kind, value, contact) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (business, kind, value) DO UPDATE SET contact = excluded.contact",
        &[(&business).into(), kind.as_str().into(), value.into(), (&contact).into()],
    )?;
    Ok(())
}

/// Keeps the user id that a contact has as one that he had: he is still found by it.
///
/// # Errors
/// When the store fails.
pub(crate) fn retire_user_id(tx: &mut Tx<'_>, business: AccountId, contact: AccountId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE contact_alias SET kind = 'former_user_id' WHERE business = ?1 AND contact = ?2 AND kind = 'user_id'",
        &[(&business).into(), (&contact).into()],
    )?;
    Ok(())
}

/// Calls a contact something, whatever he said himself: for the contact that stands for a group.
///
/// # Errors
/// When the store fails.
pub(crate) fn name(tx: &mut Tx<'_>, business: AccountId, contact: AccountId, name: &str) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE contact SET name = ?3, name_folded = ?4 WHERE business = ?1 AND id = ?2",
        &[(&business).into(), (&contact).into(), name.into(), name.to_lowercase().as_str().into()],
    )?;
    Ok(())
}

/// The contact with this id.
///
/// # Errors
/// [`StoreError::NotFound`] when there is none.
pub fn get(tx: &mut Tx<'_>, business: AccountId, contact: AccountId) -> Result<Contact, StoreError> {
    let (name, consent, phone_seen_at, is_hidden) = tx.query_one(
        "SELECT c.name, s.consent_at, s.consent_until, s.stopped_at, s.important_only, s.saved, c.phone_seen_at, c.phone_hidden FROM contact c
         LEFT JOIN contact_consent s ON s.business = c.business AND s.contact = c.id WHERE c.business = ?1 AND c.id = ?2",
        &[(&business).into(), (&contact).into()],
        |row| Ok((row.get::<String>(0)?, Marks::from_row(row, 1)?, row.get::<Timestamp>(6)?, row.get::<bool>(7)?)),
    )?;
    let aliases =
        tx.query("SELECT kind, value FROM contact_alias WHERE business = ?1 AND contact = ?2", &[(&business).into(), (&contact).into()], |row| {
            Ok((row.get::<String>(0)?, row.get::<String>(1)?))
        })?;
    let find = |kind: AliasKind| aliases.iter().find(|(k, _)| k == kind.as_str()).map(|(_, value)| value.clone());
    Ok(Contact {
        id: contact,
        name,
        phone: if is_hidden { None } else { find(AliasKind::Phone) },
        username: find(AliasKind::Username),
        user_id: find(AliasKind::UserId).unwrap_or_default(),
        consent,
        phone_seen_at,
    })
}

/// Whom a Cloud API request means by `to` (a phone number) or `recipient` (a business-scoped user id).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// By phone.
    Phone(Phone),
    /// By business-scoped user id.
    UserId(String),
}

/// Who a recipient is, if anybody. By a user id that he had before he is known as well.
///
/// # Errors
/// When the store fails.
pub(crate) fn account_of(tx: &mut Tx<'_>, business: AccountId, recipient: &Recipient) -> Result<Option<AccountId>, StoreError> {
    match recipient {
        Recipient::Phone(phone) => by_alias(tx, business, AliasKind::Phone, phone.digits()),
        Recipient::UserId(id) => match by_alias(tx, business, AliasKind::UserId, id)? {
            None => by_alias(tx, business, AliasKind::FormerUserId, id),
            found => Ok(found),
        },
    }
}

/// Who is known by an alias, if anybody.
///
/// # Errors
/// When the store fails.
pub(crate) fn by_alias(tx: &mut Tx<'_>, business: AccountId, kind: AliasKind, value: &str) -> Result<Option<AccountId>, StoreError> {
    let sql = "SELECT contact FROM contact_alias WHERE business = ?1 AND kind = ?2 AND value = ?3";
    tx.query_opt(sql, &[(&business).into(), kind.as_str().into(), value.into()], |row| row.get(0))
}

/// The contact a recipient is.
///
/// # Errors
/// [`Error::NotFound`] when he is none.
pub fn find(tx: &mut Tx<'_>, business: AccountId, recipient: &Recipient) -> Result<Contact, Error> {
    let found = account_of(tx, business, recipient)?;
    Ok(get(tx, business, found.ok_or(Error::NotFound("customer"))?)?)
}

/// The chat with a recipient, if he is a customer of this business.
///
/// # Errors
/// [`Error::NotFound`] when he is not.
pub fn find_chat(tx: &mut Tx<'_>, business: AccountId, recipient: &Recipient) -> Result<(Contact, ConversationId), Error> {
    let contact = account_of(tx, business, recipient)?.ok_or(Error::NotFound("customer"))?;
    let sql = "SELECT id FROM chat WHERE business = ?1 AND contact = ?2";
    let chat = tx.query_opt(sql, &[(&business).into(), (&contact).into()], |row| row.get(0))?;
    Ok((get(tx, business, contact)?, chat.ok_or(Error::NotFound("customer"))?))
}
