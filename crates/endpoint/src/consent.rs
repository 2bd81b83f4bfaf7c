//! What customers let the business do (R4 to R11): the network's ledger decides; here is a copy for the inbox, and the calls that record and export.
//!
//! A customer's device recognises the words that stop. The endpoint reads along, for devices that do not, and passes a word on until the network has it.
use crate::{
    Business, Error,
    agent::Told,
    contacts::{self, Recipient},
    live::{LiveEvent, SharedChat},
    settings::{self, Document},
    webhooks,
};
use parking_lot::RwLock;
use serde::Serialize;
use serde_json::json;
use std::sync::Arc;
use suki_protocol::calls::{
    block_list::{Bar, Barred, BarredPage, ListBarred, Unbar},
    consent::{
        self as told, Consent, ConsentChanged, ExportConsents, Exported, Format, GetConsent, GetWords, RecordConsent, RevokeConsent, State, Who,
        WordRead,
    },
    conversation::OpenConversation,
};
use suki_store::{Row, StoreError, Tx};
use suki_types::{
    AccountId, ConversationId, Timestamp,
    words::{StopWords, Wish},
};

/// The field of the webhook that tells of stops and resumes (Cloud API, section 3c).
const FIELD: &str = "user_preferences";

/// What a contact lets the business do, as the inbox shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Marks {
    /// When the consent that holds was given.
    pub given_at: Option<Timestamp>,
    /// Until when it holds.
    pub until: Option<Timestamp>,
    /// Since when marketing is stopped.
    pub stopped_at: Option<Timestamp>,
    /// Whether he wants only what is important.
    pub important_only: bool,
    /// Whether he keeps the business among his contacts.
    pub saved: bool,
}

fn time(millis: Option<Timestamp>) -> Option<Timestamp> {
    millis.filter(|at| at.millis() != 0)
}

fn millis(time: Option<Timestamp>) -> i64 {
    time.map_or(0, Timestamp::millis)
}

impl Marks {
    /// Five columns from `first` on: consent_at, consent_until, stopped_at, important_only, saved; all null without a row.
    pub(crate) fn from_row(row: &Row<'_>, first: usize) -> Result<Self, StoreError> {
        Ok(Self {
            given_at: time(row.get(first)?),
            until: time(row.get(first + 1)?),
            stopped_at: time(row.get(first + 2)?),
            important_only: row.get::<Option<bool>>(first + 3)?.unwrap_or(false),
            saved: row.get::<Option<bool>>(first + 4)?.unwrap_or(false),
        })
    }
}

/// The network says what a customer lets the business do.
///
/// # Errors
/// When the store fails.
pub(crate) fn changed(business: &Business, tx: &mut Tx<'_>, json: &[u8], chat: Option<ConversationId>, told: &mut Told) -> Result<(), Error> {
    let Ok(changed) = serde_json::from_slice::<ConsentChanged>(json) else {
        tracing::warn!(business = %business.id(), "what the network says of a consent cannot be read");
        return Ok(());
    };
    let id = business.id();
    let sql = "SELECT stopped_at FROM contact_consent WHERE business = ?1 AND contact = ?2";
    let before: Option<i64> = tx.query_opt(sql, &[(&id).into(), (&changed.customer).into()], |row| row.get(0))?;
    keep(tx, id, changed.customer, &changed.state)?;
    let Some(chat) = chat else { return Ok(()) };
    let was_stopped = before.is_some_and(|at| at != 0);
    if was_stopped != changed.state.stopped_at.is_some() {
        told.queued.extend(preference(business, tx, chat, &changed)?);
    }
    if business.live().is_watched() && contacts::get(tx, id, changed.customer).is_ok() {
        told.live.push(LiveEvent::Chat(Box::new(SharedChat::read(tx, id, chat)?)));
    }
    Ok(())
}

/// Keeps what the network says; a word that waits to be passed on stays, unless marketing is stopped by now.
fn keep(tx: &mut Tx<'_>, business: AccountId, contact: AccountId, state: &State) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO contact_consent (business, contact, consent_at, consent_until, stopped_at, important_only, saved)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (business, contact) DO UPDATE SET consent_at = excluded.consent_at, consent_until = excluded.consent_until,
           stopped_at = excluded.stopped_at, important_only = excluded.important_only, saved = excluded.saved,
           word_at = CASE WHEN excluded.stopped_at > 0 THEN 0 ELSE contact_consent.word_at END",
        &[
            (&business).into(),
            (&contact).into(),
            millis(state.consent_at).into(),
            millis(state.consent_until).into(),
            millis(state.stopped_at).into(),
            state.important_only.into(),
            state.saved.into(),
        ],
    )?;
    Ok(())
}

/// Tells the programs that marketing is stopped, or may go on.
fn preference(business: &Business, tx: &mut Tx<'_>, chat: ConversationId, changed: &ConsentChanged) -> Result<Vec<webhooks::Queued>, Error> {
    let contact = business.sight(contacts::get(tx, business.id(), changed.customer)?);
    let stopped = changed.state.stopped_at.is_some();
    let detail = if stopped { "User requested to stop marketing messages" } else { "User requested to resume marketing messages" };
    let mut value = json!({
        "contacts": [webhooks::card(&contact)],
        "user_preferences": [{
            "user_id": contact.user_id,
            "detail": detail,
            "category": "marketing_messages",
            "value": if stopped { "stop" } else { "resume" },
            "timestamp": changed.at.seconds(),
        }],
    });
    if let Some(phone) = &contact.phone {
        value["user_preferences"][0]["wa_id"] = phone.as_str().into();
    }
    webhooks::chat_event(business, tx, chat, FIELD, &value)
}

impl Document for told::Words {
    const SUBJECT: &'static str = "stop_words";
}

/// The words that stop, as the network last said them.
#[derive(Debug)]
pub(crate) struct Words(RwLock<Arc<StopWords>>);

impl Words {
    /// As they were told before this process began; none before the first log-in.
    pub fn new(told: Option<&told::Words>) -> Self {
        Self(RwLock::new(Arc::new(told.map(stop_words).unwrap_or_default())))
    }

    fn stops(&self, text: &str) -> bool {
        let words = self.0.read().clone();
        words.recognise(text) == Some(Wish::Stop)
    }
}

fn stop_words(told: &told::Words) -> StopWords {
    StopWords::new(told.stop.iter().map(String::as_str), told.resume.iter().map(String::as_str))
}

/// Notes that a customer has written a word that stops, so that the network is told.
///
/// # Errors
/// When the store fails.
pub(crate) fn read_along(
    business: &Business,
    tx: &mut Tx<'_>,
    contact: AccountId,
    text: &str,
    at: Timestamp,
    told: &mut Told,
) -> Result<(), StoreError> {
    if !business.words.stops(text) {
        return Ok(());
    }
    told.words = true;
    tx.execute(
        "INSERT INTO contact_consent (business, contact, word_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (business, contact) DO UPDATE SET word_at = excluded.word_at WHERE contact_consent.stopped_at = 0",
        &[(&business.id()).into(), (&contact).into(), at.into()],
    )?;
    Ok(())
}

/// How many words are passed on before the store is asked again.
const WORDS_AT_ONCE: i64 = 50;

impl Business {
    /// After a log-in: the words may have changed, and some may wait to be passed on.
    pub(crate) async fn connected_for_consent(self: &Arc<Self>) {
        match self.link.call(&GetWords {}).await {
            Ok(told) => self.keep_words(told).await,
            Err(error) => tracing::warn!(business = %self.id(), %error, "the words that stop are not known"),
        }
        self.pass_words_on().await;
    }

    async fn keep_words(&self, told: told::Words) {
        let words = stop_words(&told);
        if *self.words.0.read().as_ref() == words {
            return;
        }
        *self.words.0.write() = Arc::new(words);
        if let Err(error) = settings::keep(self, told).await {
            tracing::error!(business = %self.id(), %error, "cannot keep the words that stop");
        }
    }

    /// Tells the network of the words that customers wrote. What it does not take now waits for the next log-in.
    pub(crate) async fn pass_words_on(self: &Arc<Self>) {
        let id = self.id();
        let sql = "SELECT contact, word_at FROM contact_consent WHERE business = ?1 AND word_at > 0 LIMIT ?2";
        let unit = move |tx: &mut Tx<'_>| tx.query(sql, &[(&id).into(), WORDS_AT_ONCE.into()], |row| Ok((row.get(0)?, row.get(1)?)));
        loop {
            let waiting: Vec<(AccountId, Timestamp)> = match self.db().read(unit).await {
                Ok(waiting) => waiting,
                Err(error) => return report(self, &error),
            };
            let last = (waiting.len() as i64) < WORDS_AT_ONCE;
            for (customer, at) in waiting {
                if let Err(error) = self.pass_on(customer, at).await {
                    return report(self, &error);
                }
            }
            if last {
                return;
            }
        }
    }

    async fn pass_on(&self, customer: AccountId, at: Timestamp) -> Result<(), Error> {
        let (id, consent) = (self.id(), self.link.call(&WordRead { customer, at }).await?);
        self.db()
            .write(move |tx| {
                keep(tx, id, customer, &consent.state)?;
                let sql = "UPDATE contact_consent SET word_at = 0 WHERE business = ?1 AND contact = ?2 AND word_at = ?3";
                tx.execute(sql, &[(&id).into(), (&customer).into(), at.into()])?;
                Ok(())
            })
            .await
    }

    /// What a customer lets the business do, with the events that say so.
    ///
    /// # Errors
    /// What the network says.
    pub async fn consent(&self, who: Who) -> Result<Consent, Error> {
        self.told(self.link.call(&GetConsent { who }).await?).await
    }

    /// Records that a customer agreed.
    ///
    /// # Errors
    /// What the network says: the wording is too short, the customer has stopped.
    pub async fn record_consent(&self, request: RecordConsent) -> Result<Consent, Error> {
        self.told(self.link.call(&request).await?).await
    }

    /// Records that a customer took his consent back.
    ///
    /// # Errors
    /// What the network says.
    pub async fn revoke_consent(&self, request: RevokeConsent) -> Result<Consent, Error> {
        self.told(self.link.call(&request).await?).await
    }

    /// Keeps what the network answered, if the customer is a contact.
    async fn told(&self, consent: Consent) -> Result<Consent, Error> {
        let id = self.id();
        if let Some(customer) = consent.customer {
            let state = consent.state;
            let unit = move |tx: &mut Tx<'_>| match contacts::get(tx, id, customer) {
                Ok(_) => keep(tx, id, customer, &state),
                Err(StoreError::NotFound) => Ok(()),
                Err(error) => Err(error),
            };
            self.db().write(unit).await?;
        }
        Ok(consent)
    }

    /// A page of the ledger as a file: the pages one after another are the whole. `after` is the `next` of the page before, "" for the first.
    ///
    /// # Errors
    /// What the network says.
    pub async fn export_consents(&self, format: Format, after: String) -> Result<Exported, Error> {
        Ok(self.link.call(&ExportConsents { format, after }).await?)
    }

    /// The chat with a recipient; begun if there is none and the network allows it, because he agreed.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a user id that belongs to no contact; what the network says of consent.
    pub async fn chat_with(&self, recipient: Recipient) -> Result<(contacts::Contact, ConversationId), Error> {
        let (id, wanted) = (self.id(), recipient.clone());
        match self.db().read(move |tx| contacts::find_chat(tx, id, &wanted)).await {
            Err(Error::NotFound("customer")) => {}
            found => return self.addressed(found?, &recipient).await,
        }
        let Recipient::Phone(phone) = &recipient else { return Err(Error::NotFound("customer")) };
        let opened = self.link.call(&OpenConversation { who: Who::Phone(phone.clone()) }).await?;
        let (user_id, now) = (contacts::user_id(self.common().vault(), id, opened.customer), self.env().now());
        let (phone, wanted) = (phone.clone(), recipient.clone());
        let begun = self
            .db()
            .write(move |tx| {
                // The event that begins the group may have come before, or comes later.
                contacts::ensure(tx, id, opened.customer, &user_id, phone.digits(), now)?;
                tx.execute(
                    "INSERT INTO chat (business, id, contact, window_until, incoming, last_ord, updated_at) VALUES (?1, ?2, ?3, NULL, 0, 0, ?4)
                     ON CONFLICT (business, id) DO NOTHING",
                    &[(&id).into(), (&opened.conversation).into(), (&opened.customer).into(), now.into()],
                )?;
                contacts::find_chat(tx, id, &wanted)
            })
            .await?;
        self.addressed(begun, &recipient).await
    }

    /// Whoever writes to a number sees it.
    async fn addressed(
        &self,
        (contact, chat): (contacts::Contact, ConversationId),
        recipient: &Recipient,
    ) -> Result<(contacts::Contact, ConversationId), Error> {
        let contact = match recipient {
            Recipient::Phone(_) => self.sees_phone(contact).await?,
            Recipient::UserId(_) => self.sight(contact),
        };
        Ok((contact, chat))
    }

    /// Puts customers on the list of those whose messages the business does not want, at most 100.
    ///
    /// # Errors
    /// What the network says.
    pub async fn bar(&self, customers: Vec<AccountId>) -> Result<Barred, Error> {
        Ok(self.link.call(&Bar { customers }).await?)
    }

    /// Takes customers off that list, at most 100.
    ///
    /// # Errors
    /// What the network says.
    pub async fn unbar(&self, customers: Vec<AccountId>) -> Result<Barred, Error> {
        Ok(self.link.call(&Unbar { customers }).await?)
    }

    /// A page of that list.
    ///
    /// # Errors
    /// What the network says.
    pub async fn barred(&self, page: ListBarred) -> Result<BarredPage, Error> {
        Ok(self.link.call(&page).await?)
    }

    /// The contact a recipient is.
    ///
    /// # Errors
    /// [`Error::NotFound`] when he is none.
    pub async fn contact_of(&self, recipient: Recipient) -> Result<contacts::Contact, Error> {
        let id = self.id();
        Ok(self.sight(self.db().read(move |tx| contacts::find(tx, id, &recipient)).await?))
    }

    /// A contact by his id.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub async fn contact(&self, contact: AccountId) -> Result<contacts::Contact, Error> {
        let id = self.id();
        let found = self.db().read(move |tx| match contacts::get(tx, id, contact) {
            Err(StoreError::NotFound) => Ok(None),
            found => found.map(Some),
        });
        found.await?.map(|contact| self.sight(contact)).ok_or(Error::NotFound("contact"))
    }
}

fn report(business: &Business, error: &dyn std::fmt::Display) {
    tracing::warn!(business = %business.id(), %error, "a word that stops waits to be passed on");
}
