//! Getting into groups, staying there, coming back; and the key packages with which others add this device.
use super::Worker;
use crate::{Event, state::KeyPackage, thread::Status};
use suki_e2ee::{Error, Group, NewKeyPackage, Received, Suite};
use suki_link::LinkError;
use suki_protocol::{
    http::Base64,
    pb::{self, RefusalCode, client_frame, server_frame},
};
use suki_types::{CommitId, ConversationId};

/// How many key packages go into one frame: of the larger suite so many fit.
const PACKAGES_PER_FRAME: usize = 40;
/// Another commit may win the epoch just then: so often it is tried again at once.
const TRIES: usize = 5;

impl Worker {
    pub(super) fn welcome(&mut self, conversation: ConversationId, entry: &pb::Entry) {
        let Some(policy) = self.policy(conversation) else { return };
        let mut used = None;
        let packages = &self.state.key_packages;
        let joined = Group::join(&self.device, &entry.payload, &policy, |reference| {
            used = packages.iter().position(|package| package.reference.0 == reference);
            used.map(|place| packages[place].secret.0.clone())
        });
        if let Some(place) = used.filter(|place| !self.state.key_packages[*place].last_resort) {
            self.state.key_packages.remove(place);
        }
        match joined {
            Ok(group) => self.enter(conversation, group),
            Err(error) => {
                // Its key package's secret is gone, or the welcome is not what it should be: in from outside.
                tracing::warn!(%error, "a welcome cannot be used");
                if !self.groups.contains_key(&conversation) {
                    self.lose(conversation);
                }
            }
        }
    }

    fn enter(&mut self, conversation: ConversationId, group: Group) {
        let Some(known) = self.state.conversations.get_mut(&conversation) else { return };
        (known.lost, known.thread.joined) = (false, true);
        // What was encrypted for the lost group would not be understood.
        for outgoing in self.state.outbox.iter_mut().filter(|outgoing| outgoing.conversation == conversation) {
            outgoing.mls_message = None;
        }
        self.groups.insert(conversation, group);
        self.touched.insert(conversation);
        self.changed = true;
        self.tell(Event::Joined(conversation));
    }

    pub(super) fn commit(&mut self, conversation: ConversationId, entry: &pb::Entry) {
        let (Some(policy), Some(group)) = (self.policy(conversation), self.groups.get_mut(&conversation)) else { return };
        self.touched.insert(conversation);
        match group.receive(&self.device, &entry.payload, &policy) {
            Ok(Received::Commit { own_removed: true, .. }) => {
                // Until it is added again it is no member.
                self.groups.remove(&conversation);
                if let Some(known) = self.state.conversations.get_mut(&conversation) {
                    known.thread.joined = false;
                }
            }
            Ok(_) => {}
            // From before this device joined, or came back.
            Err(Error::WrongEpoch { message, group }) if message < group => {}
            Err(error) => {
                tracing::warn!(%error, "a change of the group cannot be followed");
                self.lose(conversation);
            }
        }
    }

    /// The group is of no use any more: the device comes back by an external commit.
    pub(super) fn lose(&mut self, conversation: ConversationId) -> Option<()> {
        let known = self.state.conversations.get_mut(&conversation)?;
        // Who has left a group does not come back by himself.
        let is_over = known.thread.group.as_ref().is_some_and(|group| group.left);
        (known.lost, known.thread.joined) = (!is_over, false);
        self.groups.remove(&conversation);
        self.touched.insert(conversation);
        self.changed = true;
        Some(())
    }

    /// The person is in a group no longer: its keys go, its messages stay.
    pub(super) fn leave(&mut self, conversation: ConversationId) {
        let Some(known) = self.state.conversations.get_mut(&conversation) else { return };
        let Some(group) = known.thread.group.as_mut() else { return };
        group.left = true;
        (known.lost, known.thread.joined) = (false, false);
        self.groups.remove(&conversation);
        self.touched.insert(conversation);
        let waiting: Vec<_> = self.state.outbox.iter().filter(|outgoing| outgoing.conversation == conversation).map(|outgoing| outgoing.id).collect();
        self.state.outbox.retain(|outgoing| outgoing.conversation != conversation);
        for id in waiting {
            self.advance(conversation, id, Status::Failed);
        }
        self.changed = true;
        self.tell(Event::Left(conversation));
    }

    /// Comes back into the groups that were lost.
    pub(super) async fn come_back(&mut self) {
        if self.retry.is_some() {
            return;
        }
        let lost: Vec<ConversationId> = self.state.conversations.iter().filter(|(_, known)| known.lost).map(|(id, _)| *id).collect();
        for conversation in lost {
            match self.rejoin(conversation).await {
                Ok(true) => {}
                Ok(false) => self.retry_soon(),
                Err(_) => return,
            }
        }
    }

    /// False when it has to be tried later.
    async fn rejoin(&mut self, conversation: ConversationId) -> Result<bool, LinkError> {
        let Some(policy) = self.policy(conversation) else { return Ok(true) };
        for _ in 0..TRIES {
            let get = client_frame::Body::GetGroupInfo(pb::GetGroupInfo { conversation: conversation.to_vec() });
            let server_frame::Body::GroupInfo(info) = self.ask_now(get).await? else { return Ok(false) };
            let (group, change) = match Group::rejoin(&self.device, &info.mls_message, conversation, &policy) {
                Ok(joined) => joined,
                Err(error) => {
                    tracing::warn!(%error, "the group's info cannot be used");
                    return Ok(false);
                }
            };
            let commit = client_frame::Body::Commit(pb::Commit {
                conversation: conversation.to_vec(),
                commit_id: CommitId::new(&self.env).to_vec(),
                epoch: change.epoch,
                mls_message: change.commit,
                welcomes: Vec::new(),
                removed: change.removed.iter().map(|device| device.to_vec()).collect(),
                group_info: change.group_info,
            });
            match self.ask_now(commit).await? {
                server_frame::Body::Accepted(_) => {
                    self.enter(conversation, group);
                    return Ok(true);
                }
                server_frame::Body::Refused(refused) if refused.code() == RefusalCode::EpochConflict => {}
                _ => return Ok(false),
            }
        }
        Ok(false)
    }

    /// Makes key packages where few are left, here or at the network, stores their secrets, publishes them.
    pub(super) async fn top_up(&mut self, left_at_network: u32) -> Result<(), LinkError> {
        for suite in self.options.suites.clone() {
            let number = suite.number();
            let ours = self.state.key_packages.iter().filter(|package| package.suite == number && !package.last_resort).count();
            let left = ours.min(left_at_network as usize);
            let has_last_resort = self.state.key_packages.iter().any(|package| package.suite == number && package.last_resort);
            let mut made = Vec::new();
            if left < self.options.top_up_below {
                made.extend(self.make(suite, self.options.key_packages.saturating_sub(left), false));
            }
            if !has_last_resort {
                made.extend(self.make(suite, 1, true));
            }
            self.forget_old_secrets(number);
            if made.is_empty() {
                continue;
            }
            // The secrets are stored before anybody can use the packages.
            self.changed = true;
            if let Err(error) = self.save() {
                tracing::error!(%error, "the secrets of key packages cannot be stored, so none are published");
                return Ok(());
            }
            for packages in made.chunks(PACKAGES_PER_FRAME) {
                let body = client_frame::Body::PublishKeyPackages(pb::PublishKeyPackages { packages: packages.to_vec() });
                if let server_frame::Body::Refused(refused) = self.ask_now(body).await? {
                    tracing::warn!(code = refused.code, "key packages were refused");
                }
            }
        }
        Ok(())
    }

    fn make(&mut self, suite: Suite, count: usize, last_resort: bool) -> Vec<pb::KeyPackage> {
        if count == 0 {
            return Vec::new();
        }
        let made = match self.device.key_packages(suite, count, last_resort) {
            Ok(made) => made,
            Err(error) => {
                tracing::error!(%error, "no key packages can be made");
                return Vec::new();
            }
        };
        let number = suite.number();
        let keep = |NewKeyPackage { reference, mls_message, secret }: NewKeyPackage| {
            self.state.key_packages.push(KeyPackage { suite: number, reference: Base64(reference), secret: Base64(secret), last_resort });
            pb::KeyPackage { suite: number.into(), data: mls_message, last_resort }
        };
        made.into_iter().map(keep).collect()
    }

    /// The network keeps no more than so many of a suite, the newest; twice that covers what was claimed and not yet welcomed.
    fn forget_old_secrets(&mut self, suite: u16) {
        let is_of = |package: &KeyPackage| package.suite == suite && !package.last_resort;
        let count = self.state.key_packages.iter().filter(|package| is_of(package)).count();
        let mut beyond = count.saturating_sub(2 * suki_types::limits::KEY_PACKAGES);
        self.state.key_packages.retain(|package| {
            let old = beyond > 0 && is_of(package);
            beyond -= usize::from(old);
            !old
        });
    }
}
