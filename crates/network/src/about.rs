//! What units are about. All that is decided about a business (what is written in its conversations by either side, receipts, counters, money) is decided
//! one after the other, on whatever node: its units go through one key of the store. What concerns a person's devices has his key.
//!
//! An endpoint's frames are about its own business. What a person's frame is about is looked up before its unit is queued, unless it is known here:
//! which business a conversation belongs to never changes.
use crate::{Network, codes, operations::Seen, rows::Caller};
use parking_lot::Mutex;
use serde::Deserialize;
use std::{collections::HashMap, sync::Arc};
use suki_protocol::{
    mls,
    pb::{AccountKind, Call, EntryKind, client_frame::Body},
};
use suki_store::{Db, Key, StoreError, Tx};
use suki_types::{AccountId, ConversationId, DeviceId};

/// How many conversations are remembered; which of them are forgotten when there are more is left to chance.
const CONVERSATIONS: usize = 200_000;
/// How many of a person's businesses one unit keeps out; beyond them the unit keeps out nobody but those.
const CIRCLE: i64 = 10_000;

/// Which businesses conversations belong to, as far as it was asked here.
#[derive(Debug, Default)]
pub(crate) struct Conversations(Mutex<HashMap<ConversationId, AccountId>>);

impl Conversations {
    fn get(&self, conversation: ConversationId) -> Option<AccountId> {
        self.0.lock().get(&conversation).copied()
    }

    fn note(&self, conversation: ConversationId, business: AccountId) {
        let mut known = self.0.lock();
        if known.len() >= CONVERSATIONS
            && let Some(one) = known.keys().next().copied()
        {
            known.remove(&one);
        }
        known.insert(conversation, business);
    }
}

/// The store for units about some businesses or persons, and these.
pub(crate) struct Kept {
    pub db: Db,
    keys: Vec<Key>,
}

/// What a frame's unit is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum About {
    /// These businesses and persons; nothing in particular without any.
    These(Vec<Key>),
    /// What cannot be told beforehand, and is cold: a name that must be free in the whole network, a choice that holds for all businesses.
    Anything,
    /// The business of a conversation.
    Conversation(ConversationId),
    /// The business of the group that this invitation leads to.
    Invitation(String),
    /// The businesses whose messages stand in a device's log behind the first place up to the second.
    Entries(DeviceId, u64, u64),
    /// A person and every business he has to do with.
    Circle(AccountId),
}

/// What calls of persons name.
#[derive(Debug, Default, Deserialize)]
struct Named {
    #[serde(default)]
    business: Option<AccountId>,
    #[serde(default)]
    conversation: Option<ConversationId>,
    #[serde(default)]
    group: Option<ConversationId>,
    #[serde(default)]
    link: Option<String>,
}

/// Calls of these subjects change nothing but what belongs to the business that they are about. All others may claim names or raise cases, and are cold.
const OF_ONE_BUSINESS: [&str; 14] = [
    "relation",
    "settings",
    "consent",
    "conversation",
    "block_list",
    "report",
    "template",
    "pack",
    "group",
    "blob",
    "bill",
    "price",
    "stats",
    "media",
];

impl About {
    /// What a frame is about.
    pub fn of(caller: &Caller, body: &Body, seen: Seen) -> Self {
        match (caller.kind, body) {
            (_, Body::Call(call)) => Self::call(caller, call),
            (AccountKind::Person, body) => Self::of_person(caller.account, caller.device, body, seen),
            _ => Self::account(caller.account),
        }
    }

    fn account(account: AccountId) -> Self {
        Self::These(vec![*account.as_bytes()])
    }

    fn of_person(account: AccountId, device: DeviceId, body: &Body, seen: Seen) -> Self {
        // What cannot be read is refused whatever it is about.
        let conversation = |bytes: &[u8]| ConversationId::try_from(bytes).map_or(Self::These(Vec::new()), Self::Conversation);
        match body {
            Body::Ack(body) => seen.messages(body.seq).map_or(Self::These(Vec::new()), |(after, until)| Self::Entries(device, after, until)),
            Body::Submit(body) => mls::cleartext(&body.mls_message).map_or(Self::These(Vec::new()), |clear| Self::Conversation(clear.conversation)),
            Body::Read(body) => conversation(&body.conversation),
            Body::Commit(body) => conversation(&body.conversation),
            Body::PublishGroupInfo(body) => conversation(&body.conversation),
            Body::OpenConversation(body) => match AccountId::try_from(&body.business[..]) {
                // His key, too: a device of his that offers its first key packages meanwhile has to learn of the conversation.
                Ok(business) => Self::These(vec![*business.as_bytes(), *account.as_bytes()]),
                Err(_) => Self::These(Vec::new()),
            },
            Body::PublishKeyPackages(_) | Body::MakeLinkCode(_) => Self::account(account),
            Body::RemoveDevice(_) => Self::Circle(account),
            _ => Self::These(Vec::new()),
        }
    }

    fn call(caller: &Caller, call: &Call) -> Self {
        let subject = call.name.split_once('.').map_or("", |(subject, _)| subject);
        if !OF_ONE_BUSINESS.contains(&subject) {
            return Self::Anything;
        }
        if caller.kind == AccountKind::Business {
            return Self::account(caller.account);
        }
        match serde_json::from_slice(&call.json).unwrap_or_default() {
            Named { business: Some(business), .. } => Self::account(business),
            Named { conversation: Some(id), .. } | Named { group: Some(id), .. } => Self::Conversation(id),
            Named { link: Some(link), .. } => Self::Invitation(link),
            _ => Self::Anything,
        }
    }
}

impl Network {
    /// A handle whose units are about these businesses or persons: on all nodes they run one after the other with all others that are about one of them.
    /// Without any nobody is kept out.
    pub(crate) fn about(&self, keys: &[Key]) -> Self {
        // Where one thread writes everything, everything runs one after the other.
        if !self.0.db.is_shared() {
            return self.clone();
        }
        let kept = Kept { db: self.0.db.keyed_many(keys), keys: keys.to_vec() };
        Self(self.0.clone(), Some(Arc::new(kept)))
    }

    /// Whether units of this handle may decide about a business.
    pub(crate) fn is_about(&self, business: AccountId) -> bool {
        self.1.as_ref().is_none_or(|kept| kept.keys.contains(business.as_bytes()))
    }

    /// A handle whose units are about one business.
    pub(crate) fn of(&self, business: AccountId) -> Self {
        self.about(&[*business.as_bytes()])
    }

    /// The handle for a unit about this, if it needs no asking.
    pub(crate) fn known(&self, about: &About) -> Option<Self> {
        match about {
            _ if !self.0.db.is_shared() => Some(self.clone()),
            About::Anything => Some(Self(self.0.clone(), None)),
            About::These(keys) => Some(self.about(keys)),
            About::Conversation(conversation) => self.0.conversations.get(*conversation).map(|business| self.of(business)),
            About::Invitation(_) | About::Entries(..) | About::Circle(_) => None,
        }
    }

    /// The handle for a unit about this. What nobody knows is about nothing in particular: its unit finds that out, too.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(crate) async fn find(&self, about: About) -> Result<Self, StoreError> {
        if let Some(known) = self.known(&about) {
            return Ok(known);
        }
        let asked = about.clone();
        let found: Vec<AccountId> = self.0.db.read(move |tx| look(tx, &asked)).await?;
        if let (About::Conversation(conversation), [business]) = (about, &found[..]) {
            self.0.conversations.note(conversation, *business);
        }
        let keys: Vec<Key> = found.iter().map(|account| *account.as_bytes()).collect();
        Ok(self.about(&keys))
    }
}

fn look(tx: &mut Tx<'_>, about: &About) -> Result<Vec<AccountId>, StoreError> {
    match about {
        About::These(_) | About::Anything => Ok(Vec::new()),
        About::Conversation(conversation) => {
            tx.query("SELECT business FROM conversation WHERE conversation = ?1", &[conversation.into()], |row| row.get(0))
        }
        About::Invitation(link) => tx.query(
            "SELECT c.business FROM group_link l JOIN conversation c ON c.conversation = l.conversation WHERE l.link = ?1",
            &[codes::canonical(link).as_str().into()],
            |row| row.get(0),
        ),
        About::Entries(device, after, until) => tx.query(
            "SELECT DISTINCT c.business FROM entry e JOIN conversation c ON c.conversation = e.conversation \
             WHERE e.device = ?1 AND e.seq > ?2 AND e.seq <= ?3 AND e.kind = ?4",
            &[device.into(), crate::int(*after), crate::int(*until), i64::from(i32::from(EntryKind::Message)).into()],
            |row| row.get(0),
        ),
        About::Circle(account) => {
            let sql = "SELECT DISTINCT c.business FROM account_conversation a JOIN conversation c ON c.conversation = a.conversation \
                       WHERE a.account = ?1 LIMIT ?2";
            let mut found: Vec<AccountId> = tx.query(sql, &[account.into(), CIRCLE.into()], |row| row.get(0))?;
            found.push(*account);
            Ok(found)
        }
    }
}
