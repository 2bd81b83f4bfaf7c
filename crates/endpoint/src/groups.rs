//! MLS state. One group a conversation, loaded from the store, kept in memory beside it and never ahead of it: whoever changes a group holds its slot
//! until the change is committed, and forgets the slot when that fails.
use crate::{Business, Error, customer_groups, history, outbox};
use parking_lot::Mutex;
use std::{collections::HashMap, sync::Arc};
use suki_e2ee::{CommitPolicy, Group, Suite};
use suki_protocol::pb::{self, client_frame::Body as Ask, server_frame::Body as Answer};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, CommitId, ConversationId, DeviceId};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// How many groups stay in memory.
const KEPT: usize = 20_000;
/// After how many lost races in a row the log is taken to hold no commit that this endpoint has not seen.
const CONFLICTS_UNTIL_REJOIN: u32 = 3;
/// How long to wait before a change that failed is tried again, in milliseconds; doubled each time up to the last.
const RETRY_MILLIS: std::ops::RangeInclusive<i64> = 250..=60_000;

/// A group's place in memory.
#[derive(Default)]
pub struct Slot {
    /// The group; none when it has not been made or joined yet.
    pub group: Option<Group>,
    /// What devices that lose their state need of an epoch that a device made, which cannot publish it itself.
    pub publish: Option<pb::PublishGroupInfo>,
    /// The chat's customer.
    customer: Option<AccountId>,
    /// Whether the chat is a group's, with several of them.
    has_several: bool,
    version: i64,
    loaded: bool,
    conflicts: u32,
}

impl Slot {
    /// Makes the next user read the group from the store again: after an error the memory may be ahead of it.
    pub fn forget(&mut self) {
        *self = Self { conflicts: self.conflicts, ..Self::default() };
    }

    /// Who may be in this group and who may change it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such chat.
    pub(crate) fn policy(&self, business: &Business) -> Result<CommitPolicy, Error> {
        let contact = self.customer.ok_or(Error::NotFound("chat"))?;
        Ok(CommitPolicy { business: business.id(), customer: (!self.has_several).then_some(contact) })
    }
}

/// The groups of a business.
#[derive(Default)]
pub struct Groups(Mutex<HashMap<ConversationId, Arc<AsyncMutex<Slot>>>>);

impl Groups {
    fn slot(&self, chat: ConversationId) -> Arc<AsyncMutex<Slot>> {
        let mut slots = self.0.lock();
        if slots.len() >= KEPT && !slots.contains_key(&chat) {
            // Whoever is in use stays; of the others any half may go, since loading one again costs 0.1 ms.
            let mut drop_next = false;
            slots.retain(|_, slot| {
                drop_next = !drop_next;
                drop_next || Arc::strong_count(slot) > 1
            });
        }
        slots.entry(chat).or_default().clone()
    }
}

/// What has to be stored of a group after it was used.
pub struct Saved {
    epoch: u64,
    version: i64,
    cold: Option<Vec<u8>>,
    hot: Vec<u8>,
}

impl Business {
    /// The group of a chat, for whoever wants to use it; others wait.
    ///
    /// # Errors
    /// When the store fails or the state cannot be opened; [`StoreError::NotOwner`] when another node may have changed what is stored.
    pub(crate) async fn slot(&self, chat: ConversationId) -> Result<OwnedMutexGuard<Slot>, Error> {
        let mut slot = self.groups.slot(chat).lock_owned().await;
        if !slot.loaded {
            let business = self.id();
            let (customer, stored, is_lost) = self.db().read(move |tx| Ok::<_, Error>(read(tx, business, chat)?)).await?;
            // Reads are not fenced: the state could be ahead of what this node has read of the log.
            if !self.common().is_heard() {
                return Err(StoreError::NotOwner.into());
            }
            slot.customer = customer;
            slot.has_several = customer.is_some_and(|contact| customer_groups::is_group(chat, contact));
            if is_lost {
                tracing::warn!(business = %business, %chat, "the state of a group is lost; joining it anew");
                let own = self.record().device;
                self.db().write(move |tx| Ok::<_, Error>(note_change(tx, business, chat, own, true)?)).await?;
                self.changes.notify_one();
            }
            if let Some((version, cold, hot)) = stored {
                let vault = self.common().vault();
                let cold = vault.open("mls-group", chat.as_bytes(), &cold)?;
                let hot = vault.open("mls-ratchet", chat.as_bytes(), &hot)?;
                slot.group = Some(Group::import(&self.device, &cold, &hot)?);
                slot.version = version;
            }
            slot.loaded = true;
        }
        Ok(slot)
    }

    /// What has to be stored of the group in this slot, sealed. The slot counts it as stored: forget the slot when storing fails.
    pub(crate) fn export(&self, chat: ConversationId, slot: &mut Slot) -> Result<Saved, Error> {
        let group = slot.group.as_mut().ok_or(Error::NotFound("group"))?;
        let state = group.export()?;
        let vault = self.common().vault();
        let saved = Saved {
            epoch: group.epoch(),
            version: slot.version,
            cold: state.cold.map(|cold| vault.seal("mls-group", chat.as_bytes(), &cold)),
            hot: vault.seal("mls-ratchet", chat.as_bytes(), &state.hot),
        };
        slot.version += 1;
        Ok(saved)
    }
}

fn customer(tx: &mut Tx<'_>, business: AccountId, chat: ConversationId) -> Result<Option<AccountId>, StoreError> {
    // A contact has the id of the account it was first known by.
    let sql = "SELECT contact FROM chat WHERE business = ?1 AND id = ?2";
    tx.query_opt(sql, &[(&business).into(), (&chat).into()], |row| row.get(0))
}

/// The version of a stored group, its cold part and its hot part, both sealed.
type Stored = (i64, Vec<u8>, Vec<u8>);

/// The chat's customer, its group, and whether the group was there and is not any more: every chat has one, or changes noted that will make it.
fn read(tx: &mut Tx<'_>, business: AccountId, chat: ConversationId) -> Result<(Option<AccountId>, Option<Stored>, bool), StoreError> {
    let (customer, stored) = (customer(tx, business, chat)?, load(tx, business, chat)?);
    let sql = "SELECT 1 FROM group_change WHERE business = ?1 AND chat = ?2 LIMIT 1";
    let changes = tx.query_opt(sql, &[(&business).into(), (&chat).into()], |_| Ok(()))?;
    // A group of several has none before the first of them has come.
    let is_lost = customer.is_some_and(|contact| !customer_groups::is_group(chat, contact)) && stored.is_none() && changes.is_none();
    Ok((customer, stored, is_lost))
}

fn load(tx: &mut Tx<'_>, business: AccountId, chat: ConversationId) -> Result<Option<Stored>, StoreError> {
    tx.query_opt(
        "SELECT r.version, g.state, r.state FROM mls_group g JOIN mls_ratchet r ON r.business = g.business AND r.chat = g.chat
         WHERE g.business = ?1 AND g.chat = ?2",
        &[(&business).into(), (&chat).into()],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// Stores a group, provided that nobody stored a newer state: two writers from one state would use the same keys twice.
///
/// # Errors
/// When somebody did, or the store fails.
pub fn save(tx: &mut Tx<'_>, business: AccountId, chat: ConversationId, saved: &Saved) -> Result<(), Error> {
    if let Some(cold) = &saved.cold {
        tx.execute(
            "INSERT INTO mls_group (business, chat, epoch, state) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (business, chat) DO UPDATE SET epoch = excluded.epoch, state = excluded.state",
            &[(&business).into(), (&chat).into(), (saved.epoch as i64).into(), cold.into()],
        )?;
    }
    let stored = if saved.version == 0 {
        tx.execute(
            "INSERT INTO mls_ratchet (business, chat, version, state) VALUES (?1, ?2, 1, ?3) ON CONFLICT (business, chat) DO NOTHING",
            &[(&business).into(), (&chat).into(), (&saved.hot).into()],
        )?
    } else {
        tx.execute(
            "UPDATE mls_ratchet SET version = version + 1, state = ?4 WHERE business = ?1 AND chat = ?2 AND version = ?3",
            &[(&business).into(), (&chat).into(), saved.version.into(), (&saved.hot).into()],
        )?
    };
    if stored != 1 {
        return Err(Error::Internal("another writer has changed this group's state".into()));
    }
    Ok(())
}

/// Notes that a device is to be added to or removed from a chat's group. Adding the endpoint's own device means joining anew.
///
/// # Errors
/// When the store fails.
pub fn note_change(tx: &mut Tx<'_>, business: AccountId, chat: ConversationId, device: DeviceId, adds: bool) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO group_change (business, chat, device, adds) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (business, chat, device) DO UPDATE SET adds = excluded.adds",
        &[(&business).into(), (&chat).into(), (&device).into(), adds.into()],
    )?;
    Ok(())
}

/// Makes the noted changes, whenever there are some and the network can be reached. What fails stays noted and is tried again.
pub async fn run_changes(business: Arc<Business>) {
    let mut wait = *RETRY_MILLIS.start();
    let mut failed = false;
    loop {
        if failed {
            let env = business.env();
            let later = env.clock.wait_until(env.now().plus_millis(wait));
            tokio::select! { () = business.changes.notified() => {} () = later => {} }
            wait = (wait * 2).min(*RETRY_MILLIS.end());
        } else {
            wait = *RETRY_MILLIS.start();
            business.changes.notified().await;
        }
        failed = !make_all(&business).await;
    }
}

/// Makes all noted changes. Returns whether none is left.
async fn make_all(business: &Arc<Business>) -> bool {
    let id = business.id();
    let noted = business
        .db()
        .read(move |tx| {
            let sql = "SELECT DISTINCT chat FROM group_change WHERE business = ?1";
            Ok::<_, Error>(tx.query(sql, &[(&id).into()], |row| row.get::<ConversationId>(0))?)
        })
        .await;
    let chats = match noted {
        Ok(chats) => chats,
        Err(error) => {
            tracing::error!(business = %id, %error, "cannot read the changes of groups");
            return false;
        }
    };
    let mut all = true;
    for chat in chats {
        if let Err(error) = change(business, chat).await {
            all = false;
            tracing::debug!(business = %id, %chat, %error, "a change of a group has to wait");
        }
    }
    all
}

/// The devices that are to be added and those that are to be removed.
fn noted(tx: &mut Tx<'_>, business: AccountId, chat: ConversationId) -> Result<(Vec<DeviceId>, Vec<DeviceId>), StoreError> {
    let all = tx.query(
        "SELECT device, adds FROM group_change WHERE business = ?1 AND chat = ?2 ORDER BY device",
        &[(&business).into(), (&chat).into()],
        |row| Ok((row.get::<DeviceId>(0)?, row.get::<bool>(1)?)),
    )?;
    let (adds, removes): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, adds)| *adds);
    Ok((adds.into_iter().map(|(device, _)| device).collect(), removes.into_iter().map(|(device, _)| device).collect()))
}

async fn change(business: &Arc<Business>, chat: ConversationId) -> Result<(), Error> {
    let id = business.id();
    let (adds, removes) = business.db().read(move |tx| Ok::<_, Error>(noted(tx, id, chat)?)).await?;
    let mut slot = business.slot(chat).await?;
    let is_new = slot.group.is_none();
    let done = make(business, chat, &mut slot, &adds, &removes).await;
    if done.is_err() {
        slot.forget();
    }
    let joined = done?;
    // Who comes into a group reads what is written from then on, and nothing of before.
    if !is_new && !joined.is_empty() && !slot.has_several {
        history::send(business, chat, &mut slot).await?;
    }
    outbox::encrypt_waiting(business, chat, &mut slot).await?;
    drop(slot);
    let missing = business.db().read(move |tx| Ok::<_, Error>(noted(tx, id, chat)?.0.len())).await?;
    if missing > 0 {
        return Err(Error::Unavailable("a device has published no key package yet".into()));
    }
    Ok(())
}

/// Brings the group to what is noted. Returns the devices that joined.
async fn make(
    business: &Arc<Business>,
    chat: ConversationId,
    slot: &mut Slot,
    adds: &[DeviceId],
    removes: &[DeviceId],
) -> Result<Vec<DeviceId>, Error> {
    let own = business.record().device;
    if adds.contains(&own) {
        rejoin(business, chat, slot).await?;
    }
    let others: Vec<DeviceId> = adds.iter().copied().filter(|device| *device != own).collect();
    let packages = claim(business, chat, slot, &others).await?;
    if slot.group.is_none() && adds.is_empty() {
        // Who came and went before the group was made.
        settle(business, chat, removes.iter().map(|device| (*device, false)).collect(), None).await?;
        return Ok(Vec::new());
    }
    if slot.group.is_none() {
        let suite = packages.first().and_then(|(_, package)| Suite::from_number(package.suite));
        let suite = suite.ok_or_else(|| Error::Unavailable("no device of the customer offers a key package".into()))?;
        slot.group = Some(Group::create(&business.device, suite, chat)?);
    }
    let group = slot.group.as_mut().expect("it was just made");
    let members: Vec<DeviceId> = group.members().into_iter().map(|member| member.device).collect();
    // Who left a group of several and is back before his keys were taken out has thrown his own away: out, and in again.
    let is_back = |device: &DeviceId| slot.has_several && others.contains(device) && members.contains(device);
    let leaving: Vec<DeviceId> = members.iter().copied().filter(|device| removes.contains(device) || is_back(device)).collect();
    let packages: Vec<_> = packages.into_iter().filter(|(device, _)| !members.contains(device) || is_back(device)).collect();
    let joined: Vec<DeviceId> = packages.iter().map(|(device, _)| *device).collect();
    if !leaving.is_empty() {
        remove(business, chat, slot, &leaving).await?;
        // Stored before anything else is tried: the network is in the next epoch already.
        let saved = business.export(chat, slot)?;
        settle(business, chat, removes.iter().map(|device| (*device, false)).collect(), Some(saved)).await?;
    }
    if !packages.is_empty() {
        let group = slot.group.as_mut().expect("it is there");
        let epoch = group.epoch();
        let data: Vec<Vec<u8>> = packages.into_iter().map(|(_, package)| package.data).collect();
        let added = group.add(&business.device, &data)?;
        commit(business, chat, slot, epoch, added, &joined, &[]).await?;
    }
    let is_in = |device: &&DeviceId| joined.contains(device) || members.contains(device) && !leaving.contains(device);
    let settled = adds.iter().filter(is_in).map(|device| (*device, true)).chain(removes.iter().map(|device| (*device, false))).collect();
    let saved = business.export(chat, slot)?;
    settle(business, chat, settled, Some(saved)).await?;
    Ok(joined)
}

/// Takes devices out.
async fn remove(business: &Business, chat: ConversationId, slot: &mut Slot, leaving: &[DeviceId]) -> Result<(), Error> {
    let Some(group) = slot.group.as_mut() else { return Ok(()) };
    let epoch = group.epoch();
    let removed = group.remove(&business.device, leaving)?;
    commit(business, chat, slot, epoch, removed, &[], leaving).await
}

/// Stores the group as it is now, and that these changes are made: what was noted meanwhile of the same devices stays.
async fn settle(business: &Business, chat: ConversationId, settled: Vec<(DeviceId, bool)>, saved: Option<Saved>) -> Result<(), Error> {
    let id = business.id();
    business
        .db()
        .write(move |tx| {
            if let Some(saved) = &saved {
                save(tx, id, chat, saved)?;
            }
            for (device, adds) in &settled {
                tx.execute(
                    "DELETE FROM group_change WHERE business = ?1 AND chat = ?2 AND device = ?3 AND adds = ?4",
                    &[(&id).into(), (&chat).into(), device.into(), (*adds).into()],
                )?;
            }
            Ok::<_, Error>(())
        })
        .await
}

/// One key package for each device that is to be added, all of one suite.
async fn claim(business: &Business, chat: ConversationId, slot: &Slot, adds: &[DeviceId]) -> Result<Vec<(DeviceId, pb::KeyPackage)>, Error> {
    let offered: Vec<u32> = match &slot.group {
        Some(group) => vec![group.suite().number().into()],
        // Who comes into a group later has to be able to read it: the suite that every device has.
        None if slot.has_several => business.common().suites.last().map(|suite| suite.number().into()).into_iter().collect(),
        None => business.common().suites.iter().map(|suite| suite.number().into()).collect(),
    };
    let mut found = claim_each(business, chat, adds, &offered).await?;
    let mixed = found.windows(2).any(|pair| pair[0].1.suite != pair[1].1.suite);
    if mixed && let Some(common) = offered.last() {
        found = claim_each(business, chat, adds, &[*common]).await?;
    }
    Ok(found)
}

async fn claim_each(business: &Business, chat: ConversationId, adds: &[DeviceId], suites: &[u32]) -> Result<Vec<(DeviceId, pb::KeyPackage)>, Error> {
    let mut found = Vec::new();
    for device in adds {
        let ask = pb::ClaimKeyPackages { conversation: chat.to_vec(), suites: suites.to_vec(), device: device.to_vec() };
        match business.link.request(Ask::ClaimKeyPackages(ask)).await? {
            Answer::KeyPackages(answer) => {
                found.extend(answer.packages.into_iter().filter_map(|one| Some((DeviceId::try_from(&one.device[..]).ok()?, one.package?))));
            }
            // The device is gone, or has published nothing yet: it comes when it connects next.
            other => tracing::debug!(%chat, %device, ?other, "no key package"),
        }
    }
    Ok(found)
}

/// Offers a commit to the network and takes it when the network does. When another commit won the epoch, the agent reads that first.
async fn commit(
    business: &Business,
    chat: ConversationId,
    slot: &mut Slot,
    epoch: u64,
    change: suki_e2ee::Change,
    joined: &[DeviceId],
    removed: &[DeviceId],
) -> Result<(), Error> {
    let welcome = change.welcome.unwrap_or_default();
    let welcomes = joined.iter().map(|device| pb::Welcome { device: device.to_vec(), mls_message: welcome.clone() }).collect();
    let frame = pb::Commit {
        conversation: chat.to_vec(),
        commit_id: CommitId::new(business.env()).to_vec(),
        epoch,
        mls_message: change.commit,
        welcomes,
        removed: removed.iter().map(|device| device.to_vec()).collect(),
        group_info: change.group_info,
    };
    match business.link.request(Ask::Commit(frame)).await? {
        Answer::Accepted(_) => {
            slot.conflicts = 0;
            Ok(slot.group.as_mut().expect("it made the commit").confirm()?)
        }
        Answer::Refused(refused) if refused.code() == pb::RefusalCode::EpochConflict => Err(recover(business, chat, slot, refused.epoch).await?),
        other => Err(Error::Unavailable(format!("the network did not take the commit: {}", describe(&other)))),
    }
}

/// After a lost race the winning commit is in the log and the agent will apply it. But when it never comes, because this endpoint made the winner itself
/// and stopped before it could store it, or was restored from a backup, only joining anew helps.
async fn recover(business: &Business, chat: ConversationId, slot: &mut Slot, network_epoch: u64) -> Result<Error, Error> {
    slot.conflicts += 1;
    let own_epoch = slot.group.as_ref().map_or(0, Group::epoch);
    if own_epoch >= network_epoch || slot.conflicts < CONFLICTS_UNTIL_REJOIN {
        return Ok(Error::Unavailable("another commit won this epoch".into()));
    }
    // What is stored may be an old group: its version is needed to replace it.
    rejoin(business, chat, slot).await?;
    slot.conflicts = 0;
    let id = business.id();
    let saved = business.export(chat, slot)?;
    business.db().write(move |tx| save(tx, id, chat, &saved)).await?;
    Ok(Error::Unavailable("this endpoint had lost the group and has joined it anew".into()))
}

/// Joins the group of a chat by an external commit, from the newest group info the network has.
pub(crate) async fn rejoin(business: &Business, chat: ConversationId, slot: &mut Slot) -> Result<(), Error> {
    let info = match business.link.request(Ask::GetGroupInfo(pb::GetGroupInfo { conversation: chat.to_vec() })).await? {
        Answer::GroupInfo(info) => info,
        other => return Err(Error::Unavailable(format!("the network has no group info: {}", describe(&other)))),
    };
    let (group, change) = Group::rejoin(&business.device, &info.mls_message, chat, &slot.policy(business)?)?;
    let frame = pb::Commit {
        conversation: chat.to_vec(),
        commit_id: CommitId::new(business.env()).to_vec(),
        epoch: info.epoch,
        mls_message: change.commit,
        group_info: change.group_info,
        ..Default::default()
    };
    match business.link.request(Ask::Commit(frame)).await? {
        Answer::Accepted(_) => {
            slot.group = Some(group);
            Ok(())
        }
        other => Err(Error::Unavailable(format!("the network did not take the external commit: {}", describe(&other)))),
    }
}

/// What an answer says that was not expected, without anything private.
pub(crate) fn describe(answer: &Answer) -> String {
    match answer {
        Answer::Refused(refused) => format!("{:?}: {}", refused.code(), refused.message),
        _ => "an answer to another question".into(),
    }
}
