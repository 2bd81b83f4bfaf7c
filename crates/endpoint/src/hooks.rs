//! Who is told of a business's events: apps by what they subscribed to, and the owner's own endpoints by their filters.
use crate::{Business, Error, business::object_id};
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use suki_cloud_api::ObjectId;
use suki_store::{Db, StoreError, Tx};
use suki_types::{AccountId, ConversationId, MessageId};

/// What happened, as far as it decides who is told and as the log is searched by it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Event<'a> {
    /// The webhook field.
    pub field: &'a str,
    /// Of messages their type, of statuses their word; "" of everything else.
    pub kind: &'a str,
    /// Whether it is a status of a message of the business.
    pub is_status: bool,
    /// The message it is about.
    pub message: Option<MessageId>,
    /// The conversation: what belongs to one is delivered in order.
    pub chat: ConversationId,
}

/// Which events an endpoint of the owner's is told of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// The webhook fields; none: all.
    pub fields: Vec<String>,
    /// Of customers' messages, those of these types; absent: all.
    pub types: Option<Vec<String>>,
    /// Of the statuses of the business's messages, these; absent: all.
    pub statuses: Option<Vec<String>>,
    /// Of what belongs to a conversation, what belongs to these, and nothing else; none: everything.
    pub chats: Vec<ConversationId>,
}

impl Filter {
    fn passes(&self, event: &Event<'_>) -> bool {
        let field = self.fields.is_empty() || self.fields.iter().any(|one| one == event.field);
        let chat = self.chats.is_empty() || self.chats.contains(&event.chat);
        let wanted = if event.is_status { &self.statuses } else { &self.types };
        let kind = event.message.is_none() || wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|one| one == event.kind));
        field && chat && kind
    }
}

/// Who wants to know of a business's events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// The app, or the endpoint.
    pub id: ObjectId,
    listens: Listens,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Listens {
    /// An app as Meta has them: to the fields it subscribed to; to messages also where they go to an address of their own.
    App { fields: Vec<String>, is_overridden: bool, version: u8 },
    /// The owner's own endpoint.
    Endpoint(Filter),
}

impl Hook {
    pub(crate) fn wants(&self, event: &Event<'_>) -> bool {
        match &self.listens {
            Listens::App { fields, is_overridden, .. } => {
                let of_messages = event.field == crate::webhooks::MESSAGES_FIELD;
                (of_messages && *is_overridden) || fields.iter().any(|one| one == event.field)
            }
            Listens::Endpoint(filter) => filter.passes(event),
        }
    }

    /// The version of the Cloud API in whose words it is told: the one in which an app subscribed, the newest of the owner's own endpoints.
    pub(crate) fn version(&self) -> u8 {
        match self.listens {
            Listens::App { version, .. } => version,
            Listens::Endpoint(_) => u8::MAX,
        }
    }

    /// Whether it may be told what an app wrote on its own messages: the app itself, and the owner.
    pub(crate) fn may_know_what_is_of(&self, app: Option<u64>) -> bool {
        match self.listens {
            Listens::App { .. } => app == Some(self.id.number()),
            Listens::Endpoint(_) => true,
        }
    }
}

/// All hooks of a business, kept in memory since every message asks for them.
#[derive(Debug)]
pub struct Hooks {
    business: AccountId,
    all: RwLock<Arc<Vec<Hook>>>,
    last_seq: AtomicI64,
}

impl Hooks {
    /// Reads the hooks of a business.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn load(db: &Db, business: AccountId) -> Result<Self, Error> {
        let (all, last) = db
            .read(move |tx| {
                let sql = "SELECT coalesce(max(seq), 0) FROM delivery WHERE business = ?1";
                let last = tx.query_one(sql, &[(&business).into()], |row| row.get::<i64>(0))?;
                Ok::<_, Error>((read(tx, business)?, last))
            })
            .await?;
        Ok(Self { business, all: RwLock::new(Arc::new(all)), last_seq: AtomicI64::new(last) })
    }

    /// Reads the hooks again, after a change of them was committed.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn reload(&self, db: &Db) -> Result<(), Error> {
        let business = self.business;
        let all = db.read(move |tx| read(tx, business)).await?;
        *self.all.write() = Arc::new(all);
        Ok(())
    }

    /// Whether anybody is told of messages.
    pub(crate) fn is_any(&self) -> bool {
        !self.all.read().is_empty()
    }

    /// Whether any of them wants an event: if not, what it would be told need not be read.
    pub(crate) fn is_wanted(&self, event: &Event<'_>) -> bool {
        self.all().iter().any(|hook| hook.wants(event))
    }

    pub(crate) fn all(&self) -> Arc<Vec<Hook>> {
        self.all.read().clone()
    }

    /// The place of the newest delivery; 0 before the first.
    pub(crate) fn last_seq(&self) -> i64 {
        self.last_seq.load(Ordering::Relaxed)
    }
}

fn read(tx: &mut Tx<'_>, business: AccountId) -> Result<Vec<Hook>, Error> {
    // The gate has two leaves: the app subscribes to the field, and to the account (Cloud API, section 3g).
    let sql = "SELECT w.app, s.fields, coalesce(w.phone_callback_uri, w.override_callback_uri), coalesce(s.version, 23) FROM waba_app w LEFT JOIN subscription s
         ON s.business = w.business AND s.app = w.app AND s.object = 'whatsapp_business_account'
         WHERE w.business = ?1 ORDER BY w.app";
    let mut all = tx.query(sql, &[(&business).into()], |row| {
        let fields = row.get::<Option<String>>(1)?.unwrap_or_default();
        let fields = fields.split(',').filter(|field| !field.is_empty()).map(str::to_owned).collect();
        let listens = Listens::App { fields, is_overridden: row.get::<Option<String>>(2)?.is_some(), version: row.get(3)? };
        Ok(Hook { id: object_id(row.get(0)?)?, listens })
    })?;
    let sql = "SELECT id, filter FROM webhook_endpoint WHERE business = ?1 AND enabled = 1 ORDER BY id";
    all.extend(tx.query(sql, &[(&business).into()], |row| {
        let filter = serde_json::from_str(&row.get::<String>(1)?).map_err(|_| StoreError::Corrupt("webhook filter"))?;
        Ok(Hook { id: object_id(row.get(0)?)?, listens: Listens::Endpoint(filter) })
    })?);
    Ok(all)
}

/// Why a delivery was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(i64)]
pub enum Origin {
    /// Something happened.
    Live = 0,
    /// The owner asked for it again.
    Replay = 1,
    /// The owner tries his receiver.
    Test = 2,
}

/// What is sent, and why.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delivery<'a> {
    /// The exact bytes that are signed.
    pub body: &'a [u8],
    pub origin: Origin,
    /// The delivery it repeats; 0: none.
    pub replay_of: i64,
}

/// Stores a delivery to a hook behind all that it has to be told, and gives its place.
pub(crate) fn store(tx: &mut Tx<'_>, business: &Business, hook: ObjectId, event: &Event<'_>, what: &Delivery<'_>) -> Result<i64, StoreError> {
    let seq = business.hooks.last_seq.fetch_add(1, Ordering::Relaxed) + 1;
    tx.execute(
        "INSERT INTO delivery (business, seq, hook, chat, body, created_at, attempts, next_at, field, kind, message, origin, replay_of)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?6, ?7, ?8, ?9, ?10, ?11)",
        &[
            (&business.id()).into(),
            seq.into(),
            hook.number().into(),
            (&event.chat).into(),
            what.body.into(),
            business.env().now().into(),
            event.field.into(),
            event.kind.into(),
            event.message.as_ref().into(),
            (what.origin as i64).into(),
            what.replay_of.into(),
        ],
    )?;
    Ok(seq)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhooks::NO_CHAT;
    use suki_types::Env;

    fn text(chat: ConversationId) -> Event<'static> {
        let message = Some(MessageId::from_bytes([1; 16]));
        Event { field: "messages", kind: "text", is_status: false, message, chat }
    }

    #[test]
    fn a_filter_passes_what_all_its_parts_pass() {
        let chat = ConversationId::new(&Env::for_tests(1));
        let (message, read) = (text(chat), Event { kind: "read", is_status: true, ..text(chat) });
        let alert = Event { field: "account_alerts", kind: "", message: None, chat: NO_CHAT, ..message };
        let words = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        let all = Filter::default();
        let messages = Filter { fields: vec!["messages".into()], ..Filter::default() };
        let incoming = Filter { statuses: words(&[]), ..Filter::default() };
        let images = Filter { types: words(&["image"]), ..messages.clone() };
        let one = Filter { chats: vec![chat], ..Filter::default() };
        let other = Filter { chats: vec![ConversationId::new(&Env::for_tests(2))], ..Filter::default() };
        for (filter, passed) in [
            (all, [true, true, true]),
            (messages, [true, true, false]),
            (incoming, [true, false, true]),
            (images, [false, true, false]),
            (one, [true, true, false]),
            (other, [false, false, false]),
        ] {
            assert_eq!([message, read, alert].map(|event| filter.passes(&event)), passed, "{filter:?}");
        }
    }

    #[test]
    fn the_callback_data_of_an_app_is_its_own_and_the_owners() {
        let id = ObjectId::from_number(7).expect("an id");
        let app = Hook { id, listens: Listens::App { fields: vec![], is_overridden: true, version: 23 } };
        let own = Hook { id, listens: Listens::Endpoint(Filter::default()) };
        assert!(app.wants(&text(NO_CHAT)) && app.may_know_what_is_of(Some(7)) && !app.may_know_what_is_of(Some(8)) && !app.may_know_what_is_of(None));
        assert!(own.may_know_what_is_of(Some(8)));
    }
}
