//! The loop that reads the business's log: each stretch of entries is decrypted, stored in one unit together with the cursor, told to whoever watches,
//! and only then acknowledged. Entries that come again are known by the cursor and skipped.
use crate::{
    Business, Error,
    business::Window,
    chats,
    exchange::{self, Asked},
    groups::{self, Saved, Slot},
    live::{LiveEvent, SharedChat},
    receive::{self, Effect},
    templates,
    webhooks::Queued,
};
use std::{collections::HashMap, sync::Arc};
use suki_link::{Inbox, LinkEvent};
use suki_protocol::{
    calls::trust::TrustStatus,
    pb::{self, client_frame::Body as Ask},
};
use suki_store::Tx;
use suki_types::{ConversationId, MessageId};
use tokio::sync::OwnedMutexGuard;

/// How long to wait before a stretch that could not be stored is tried again, in milliseconds.
const RETRY_MILLIS: i64 = 1_000;
/// When a stretch has so many entries no more are added to it, so that it does not keep the store from others for long.
const STRETCH: usize = 128;

/// Runs until the link ends.
pub async fn run(business: Arc<Business>, mut inbox: Inbox, mut cursor: u64) {
    let mut waiting = None;
    loop {
        let event = match waiting.take() {
            Some(event) => event,
            None => match inbox.next().await {
                Some(event) => event,
                None => return,
            },
        };
        match event {
            LinkEvent::Connected(logged_in) => connected(&business, &logged_in, cursor).await,
            LinkEvent::Entries(entries) => {
                let (entries, other) = gather(entries, &mut inbox);
                waiting = other;
                let fresh: Vec<pb::Entry> = entries.into_iter().filter(|entry| entry.seq > cursor).collect();
                if let Some(last) = fresh.last().map(|entry| entry.seq) {
                    business.touch();
                    apply_until_stored(&business, &fresh).await;
                    cursor = last;
                }
                business.link.ack(cursor);
            }
            LinkEvent::Typing(typing) => {
                if let Ok(chat) = ConversationId::try_from(&typing.conversation[..]) {
                    business.live().tell(LiveEvent::Typing { chat, operator: None, on: typing.on });
                }
            }
            LinkEvent::Disconnected => business.outbox.disconnected(),
            LinkEvent::LogInRefused { refused, removed } => {
                tracing::error!(business = %business.id(), reason = refused.message, removed, "the network does not let this business in");
            }
        }
    }
}

/// What arrived while the last stretch was stored shares the next unit, and the first event that is something else.
fn gather(mut entries: Vec<pb::Entry>, inbox: &mut Inbox) -> (Vec<pb::Entry>, Option<LinkEvent>) {
    while entries.len() < STRETCH {
        match inbox.try_next() {
            Some(LinkEvent::Entries(more)) => entries.extend(more),
            other => return (entries, other),
        }
    }
    (entries, None)
}

async fn connected(business: &Arc<Business>, logged_in: &pb::LoggedIn, cursor: u64) {
    let window = Window { millis: logged_in.window_millis, business_renews: logged_in.business_renews_window };
    if let Err(error) = business.set_window(window).await {
        tracing::error!(business = %business.id(), %error, "cannot store what the network says of the window");
    }
    if logged_in.acked < cursor {
        business.link.ack(cursor);
    }
    learn_rules(business);
    business.outbox.connected();
    // Later changes come as notices.
    if business.trust().is_none() {
        let learning = business.clone();
        business.spawn(async move { learning.learn_trust().await });
    }
    let sharing = business.clone();
    business.spawn(async move { sharing.share_profile().await });
    business.changes.notify_one();
    let own = business.clone();
    business.spawn(async move {
        if let Err(error) = templates::sync(&own).await {
            tracing::debug!(business = %own.id(), %error, "the templates cannot be read from the network yet");
        }
    });
    let own = business.clone();
    business.spawn(async move { own.connected_for_consent().await });
    let own = business.clone();
    business.spawn(async move { own.learn_standing().await });
}

/// Not waited for: the log is read meanwhile.
fn learn_rules(business: &Arc<Business>) {
    let own = business.clone();
    business.spawn(async move { own.learn_rules().await });
}

/// Storing may fail for a while, when the disk is full: the network keeps the entries, so waiting loses nothing.
async fn apply_until_stored(business: &Arc<Business>, entries: &[pb::Entry]) {
    while let Err(error) = apply(business, entries).await {
        business.common().note_loss(&error);
        tracing::error!(business = %business.id(), %error, "cannot store what arrived; trying again");
        if was_stored(business, entries).await {
            return;
        }
    }
}

/// After a while, whether the stretch was stored all the same: when the store's answer was lost. Then nobody was told what followed from it, and everybody looks
/// for himself.
async fn was_stored(business: &Arc<Business>, entries: &[pb::Entry]) -> bool {
    let (env, last) = (business.env(), entries.last().map_or(0, |entry| entry.seq));
    loop {
        env.clock.wait_until(env.now().plus_millis(RETRY_MILLIS)).await;
        // Who was not heard for long may have lost the business, and another node be reading this; then it is stopped here.
        if !business.common().is_heard() {
            continue;
        }
        match cursor_of(business).await {
            Ok(stored) if stored < last => return false,
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(business = %business.id(), %error, "the store does not say what it has");
                continue;
            }
        }
        look_again(business);
        return true;
    }
}

/// As a unit that writes, which waits for one that may still be under way: else it could be stored between this and the next look at a group.
async fn cursor_of(business: &Arc<Business>) -> Result<u64, Error> {
    let id = business.id();
    let sql = "SELECT log_cursor FROM business WHERE id = ?1";
    business.db().write(move |tx| Ok(tx.query_one(sql, &[(&id).into()], |row| row.get::<u64>(0))?)).await
}

/// Takes up what is stored, as after a crash: what is to be sent, webhooks, changes of groups, files and words, and what the network says. Open inboxes, too.
fn look_again(business: &Arc<Business>) {
    business.live().again();
    business.outbox.look_again();
    business.changes.notify_one();
    business.files.arrivals.notify_one();
    learn_rules(business);
    let own = business.clone();
    business.spawn(async move { own.learn_trust().await });
    pass_words_on(business);
}

/// Not waited for: the log is read meanwhile.
fn pass_words_on(business: &Arc<Business>) {
    let own = business.clone();
    business.spawn(async move { own.pass_words_on().await });
}

/// The slots of the groups that a stretch of entries used, held until it is stored.
pub(crate) type Slots = HashMap<ConversationId, OwnedMutexGuard<Slot>>;

async fn apply(business: &Arc<Business>, entries: &[pb::Entry]) -> Result<(), Error> {
    let mut slots = Slots::new();
    let stored = read_and_store(business, entries, &mut slots).await;
    if stored.is_err() {
        slots.values_mut().for_each(|slot| slot.forget());
    }
    let infos: Vec<pb::PublishGroupInfo> = slots.values_mut().filter_map(|slot| slot.publish.take()).collect();
    drop(slots);
    let told = stored?;
    if let Some(status) = told.trust {
        business.set_trust(status);
    }
    business.common().dispatcher().notify(told.queued);
    told.live.into_iter().for_each(|event| business.live().tell(event));
    infos.into_iter().for_each(|info| business.link.tell(Ask::PublishGroupInfo(info)));
    if told.rules {
        learn_rules(business);
    }
    if told.changes {
        business.changes.notify_one();
    }
    if told.files {
        business.files.arrivals.notify_one();
    }
    exchange::begin(business, told.asked);
    if told.words {
        pass_words_on(business);
    }
    Ok(())
}

/// When this fails, with the first entry or the last, the groups in memory may be ahead of the store.
async fn read_and_store(business: &Arc<Business>, entries: &[pb::Entry], slots: &mut Slots) -> Result<Told, Error> {
    let mut effects = Vec::with_capacity(entries.len());
    for entry in entries {
        receive::read(business, entry, slots, &mut effects).await?;
    }
    store(business, entries, slots, effects).await
}

/// What others are told once it is stored.
#[derive(Default)]
pub(crate) struct Told {
    pub queued: Vec<Queued>,
    pub live: Vec<LiveEvent>,
    pub changes: bool,
    /// The rules in force for this business may be others now.
    pub rules: bool,
    pub trust: Option<TrustStatus>,
    /// Files of customers are to be fetched.
    pub files: bool,
    /// Words that stop wait to be passed on.
    pub words: bool,
    /// What customers' devices ask.
    pub asked: Vec<Asked>,
}

async fn store(business: &Arc<Business>, entries: &[pb::Entry], slots: &mut Slots, effects: Vec<Effect>) -> Result<Told, Error> {
    let mut saved: Vec<(ConversationId, Saved)> = Vec::new();
    for (chat, slot) in slots.iter_mut().filter(|(_, slot)| slot.group.is_some()) {
        saved.push((*chat, business.export(*chat, slot)?));
    }
    let id = business.id();
    let last = entries.last().map_or(0, |entry| entry.seq);
    let own = business.clone();
    business
        .db()
        .write(move |tx| {
            let mut told = Told::default();
            for effect in &effects {
                receive::apply(&own, tx, effect, &mut told)?;
            }
            for (chat, saved) in &saved {
                groups::save(tx, id, *chat, saved)?;
            }
            tx.execute("UPDATE business SET log_cursor = ?2 WHERE id = ?1 AND log_cursor < ?2", &[(&id).into(), (last as i64).into()])?;
            Ok::<_, Error>(told)
        })
        .await
}

impl Business {
    /// An operator, or a program, has read a chat up to a message: the customer is told by the network.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the chat has no such message.
    pub async fn mark_read(self: &Arc<Self>, chat: ConversationId, operator: Option<suki_types::OperatorId>, up_to: MessageId) -> Result<(), Error> {
        let own = self.clone();
        let item = self.outbox.next_seq();
        let (unread, newest) = self
            .db()
            .write(move |tx| {
                let (unread, newest) = chats::mark_seen(tx, own.id(), chat, operator, up_to)?;
                if let Some(newest) = newest {
                    own.outbox.insert_read(tx, item, chat, newest)?;
                }
                Ok::<_, Error>((unread, newest))
            })
            .await?;
        if let Some(newest) = newest {
            self.outbox.queue_read(item, chat, newest);
        }
        if let Some(operator) = operator {
            self.live().tell(LiveEvent::Read { operator, chat, unread });
        }
        Ok(())
    }

    /// Somebody writes in the name of the business, or has stopped: the customer and the colleagues see it, nobody stores it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such chat.
    pub async fn typing(&self, chat: ConversationId, operator: Option<crate::messages::OperatorName>, on: bool) -> Result<(), Error> {
        let id = self.id();
        self.db().read(move |tx| SharedChat::read(tx, id, chat)).await?;
        if operator.is_some() {
            self.live().tell(LiveEvent::Typing { chat, operator, on });
        }
        self.link.tell(Ask::Typing(pb::Typing { conversation: chat.to_vec(), on, from_account: Vec::new() }));
        Ok(())
    }

    /// The chat that one of its messages stands in.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the business has no such message.
    pub async fn chat_of(&self, message: MessageId) -> Result<ConversationId, Error> {
        let id = self.id();
        self.db().read(move |tx| chat_of(tx, id, message)).await
    }
}

fn chat_of(tx: &mut Tx<'_>, business: suki_types::AccountId, message: MessageId) -> Result<ConversationId, Error> {
    tx.query_opt("SELECT chat FROM message WHERE business = ?1 AND id = ?2", &[(&business).into(), (&message).into()], |row| row.get(0))?
        .ok_or(Error::NotFound("message"))
}
