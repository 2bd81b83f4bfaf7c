//! A conversation's group, in memory, as this device sees it.
use crate::{
    CommitPolicy, Device, Error, Suite, configuration,
    crypto::Provider,
    policy,
    storage::{Storage, decode},
};
use openmls::prelude::{
    GroupId, KeyPackage, KeyPackageIn, LeafNodeIndex, LeafNodeParameters, MlsGroup, MlsMessageBodyIn, MlsMessageIn, MlsMessageOut,
    OpenMlsProvider as _, ProtocolVersion, StagedWelcome, Welcome, group_info::VerifiableGroupInfo,
};
use suki_protocol::certificate::Identity;
use suki_types::{ConversationId, DeviceId, limits};
use tls_codec::Deserialize as _;

/// One conversation's MLS group. It is in memory only: [`Group::export`] gives what has to be stored, before anything that an
/// operation returned leaves the device.
pub struct Group {
    pub(crate) mls: MlsGroup,
    pub(crate) provider: Provider,
    pub(crate) conversation: ConversationId,
    /// What the last export wrote as the cold part's message secrets; see [`crate::state`].
    pub(crate) exported: Option<crate::state::Exported>,
}

/// A change of the group, ready for the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The commit, an MLSMessage for every member.
    pub commit: Vec<u8>,
    /// For the devices it adds: one welcome that all of them can read. None when it adds nobody.
    pub welcome: Option<Vec<u8>>,
    /// How to join the new epoch by an external commit: for devices that lose their state.
    pub group_info: Vec<u8>,
    /// The epoch the commit was made in; the group is in the next one once the commit is confirmed.
    pub epoch: u64,
    /// The devices it adds.
    pub added: Vec<DeviceId>,
    /// The devices it removes.
    pub removed: Vec<DeviceId>,
}

/// Reads an MLSMessage (RFC 9420, section 6) of at most `limit` bytes.
pub(crate) fn message_in(bytes: &[u8], limit: usize, what: &'static str) -> Result<MlsMessageIn, Error> {
    if bytes.len() > limit {
        return Err(Error::Malformed(what));
    }
    let mut rest = bytes;
    let message = MlsMessageIn::tls_deserialize(&mut rest).map_err(|_| Error::Malformed(what))?;
    if rest.is_empty() { Ok(message) } else { Err(Error::Malformed(what)) }
}

fn bytes(message: &MlsMessageOut) -> Result<Vec<u8>, Error> {
    message.to_bytes().map_err(Error::mls)
}

fn group_id(conversation: ConversationId) -> GroupId {
    GroupId::from_slice(conversation.as_bytes())
}

fn conversation_of(id: &GroupId) -> Result<ConversationId, Error> {
    ConversationId::try_from(id.as_slice()).map_err(|_| Error::WrongConversation)
}

impl Group {
    fn new(mls: MlsGroup, provider: Provider) -> Result<Self, Error> {
        let conversation = conversation_of(mls.group_id())?;
        Ok(Self { mls, provider, conversation, exported: None })
    }

    /// Reads the group of `conversation` from its storage.
    pub(crate) fn load(provider: Provider, conversation: ConversationId) -> Result<Self, Error> {
        let mls = MlsGroup::load(&provider.storage, &group_id(conversation))?.ok_or(Error::CorruptState)?;
        Ok(Self { mls, provider, conversation, exported: None })
    }

    /// Does one operation wholly or not at all: after an error the group is as it was before.
    pub(crate) fn atomically<T>(&mut self, operation: impl FnOnce(&mut MlsGroup, &Provider) -> Result<T, Error>) -> Result<T, Error> {
        let before = self.provider.storage.snapshot();
        let result = operation(&mut self.mls, &self.provider);
        if result.is_err() {
            self.provider.storage.restore(before);
            self.mls = MlsGroup::load(&self.provider.storage, &group_id(self.conversation))?.ok_or(Error::CorruptState)?;
        }
        result
    }

    /// Makes the group of a conversation with this device as its only member, in epoch 0.
    ///
    /// # Errors
    /// When the library fails.
    pub fn create(device: &Device, suite: Suite, conversation: ConversationId) -> Result<Self, Error> {
        let provider = device.provider(suite, Storage::default());
        let configuration = configuration::create(suite);
        let mls = MlsGroup::new_with_group_id(&provider, device, &configuration, group_id(conversation), device.credential());
        Self::new(mls.map_err(Error::mls)?, provider)
    }

    /// Adds the devices these key packages (an MLSMessage each) are of. The change is pending until [`Group::confirm`] or [`Group::discard`].
    ///
    /// # Errors
    /// When a key package is malformed, of another suite or of a device without a valid certificate, when a device is a member already,
    /// and when another change is pending.
    pub fn add(&mut self, device: &Device, key_packages: &[Vec<u8>]) -> Result<Change, Error> {
        self.is_free()?;
        let members = self.members();
        let mut added = Vec::new();
        let mut packages = Vec::new();
        for bytes in key_packages {
            let (package, identity) = self.key_package(device, bytes)?;
            if members.iter().any(|member| member.device == identity.device) || added.contains(&identity.device) {
                return Err(Error::AlreadyMember(identity.device));
            }
            added.push(identity.device);
            packages.push(package);
        }
        if packages.is_empty() {
            return Err(Error::Malformed("list of key packages"));
        }
        self.change(device, packages, Vec::new(), added, Vec::new())
    }

    fn key_package(&self, device: &Device, bytes: &[u8]) -> Result<(KeyPackage, Identity), Error> {
        const WHAT: &str = "key package";
        let MlsMessageBodyIn::KeyPackage(package) = message_in(bytes, limits::HANDSHAKE_BYTES, WHAT)?.extract() else {
            return Err(Error::Malformed(WHAT));
        };
        let package: KeyPackageIn = package;
        let package = package.validate(self.provider.crypto(), ProtocolVersion::Mls10).map_err(Error::mls)?;
        if package.ciphersuite() != self.mls.ciphersuite() {
            return Err(Error::Refused("key package of another suite than the group's"));
        }
        let leaf = package.leaf_node();
        let identity = device.verify(leaf.credential(), leaf.signature_key().as_slice())?;
        Ok((package, identity))
    }

    /// Removes devices. The change is pending until [`Group::confirm`] or [`Group::discard`].
    ///
    /// # Errors
    /// When a device is not a member, is this one, or when another change is pending.
    pub fn remove(&mut self, device: &Device, devices: &[DeviceId]) -> Result<Change, Error> {
        self.is_free()?;
        let leaves: Vec<(LeafNodeIndex, DeviceId)> =
            self.mls.members().filter_map(|member| Some((member.index, policy::unverified(&member.credential).ok()?.device))).collect();
        let mut removals = Vec::new();
        for id in devices {
            if *id == device.id() {
                return Err(Error::Refused("device's removal of itself"));
            }
            removals.push(leaves.iter().find(|(_, member)| member == id).ok_or(Error::NotMember(*id))?.0);
        }
        if removals.is_empty() {
            return Err(Error::Malformed("list of devices"));
        }
        self.change(device, Vec::new(), removals, Vec::new(), devices.to_vec())
    }

    fn change(
        &mut self,
        device: &Device,
        packages: Vec<KeyPackage>,
        removals: Vec<LeafNodeIndex>,
        added: Vec<DeviceId>,
        removed: Vec<DeviceId>,
    ) -> Result<Change, Error> {
        let epoch = self.epoch();
        self.atomically(|mls, provider| {
            let (commit, welcome, group_info) = mls
                .commit_builder()
                .consume_proposal_store(false)
                .propose_adds(packages)
                .propose_removals(removals)
                .load_psks(provider.storage())
                .map_err(Error::mls)?
                .create_group_info(true)
                .use_ratchet_tree_extension(true)
                .build(provider.rand(), provider.crypto(), device, |_| true)
                .map_err(Error::mls)?
                .stage_commit(provider)
                .map_err(Error::mls)?
                .into_messages();
            let group_info = group_info.ok_or_else(|| Error::mls("a commit came without its group info"))?;
            let welcome = welcome.as_ref().map(bytes).transpose()?;
            Ok(Change { commit: bytes(&commit)?, welcome, group_info: bytes(&group_info)?, epoch, added, removed })
        })
    }

    fn is_free(&self) -> Result<(), Error> {
        if !self.mls.is_active() {
            return Err(Error::Removed);
        }
        if self.is_pending() { Err(Error::CommitPending) } else { Ok(()) }
    }

    /// Whether a change waits for [`Group::confirm`] or [`Group::discard`].
    pub fn is_pending(&self) -> bool {
        self.mls.pending_commit().is_some()
    }

    /// The network took the pending change: the group goes to the next epoch. Without a pending change nothing happens.
    ///
    /// # Errors
    /// When the library fails; the change is then still pending.
    pub fn confirm(&mut self) -> Result<(), Error> {
        self.atomically(|mls, provider| mls.merge_pending_commit(provider).map_err(Error::mls))
    }

    /// The network refused the pending change: the group is as it was before. Without a pending change nothing happens.
    ///
    /// # Errors
    /// When the library fails; the change is then still pending.
    pub fn discard(&mut self) -> Result<(), Error> {
        self.atomically(|mls, provider| Ok(mls.clear_pending_commit(&provider.storage)?))
    }

    /// Joins a group by its welcome (an MLSMessage). `find_secret` is asked for the secrets of the key packages the welcome names;
    /// afterwards the one it gave is to be deleted, unless it is the last resort.
    ///
    /// # Errors
    /// When the welcome is malformed or for none of the key packages, and when the policy does not allow one of the members or
    /// the member that made the welcome.
    pub fn join(
        device: &Device,
        welcome: &[u8],
        policy: &CommitPolicy,
        mut find_secret: impl FnMut(&[u8]) -> Option<Vec<u8>>,
    ) -> Result<Self, Error> {
        const WHAT: &str = "welcome";
        let MlsMessageBodyIn::Welcome(welcome) = message_in(welcome, limits::HANDSHAKE_BYTES, WHAT)?.extract() else {
            return Err(Error::Malformed(WHAT));
        };
        let welcome: Welcome = welcome;
        let suite = Suite::from_number(u32::from(welcome.ciphersuite() as u16)).ok_or(Error::Refused("welcome of an unknown suite"))?;
        let provider = device.provider(suite, Storage::default());
        let found = welcome.secrets().iter().find_map(|secrets| {
            let reference = secrets.new_member();
            find_secret(reference.as_slice()).map(|secret| (reference, secret))
        });
        let (reference, secret) = found.ok_or(Error::NoSecret)?;
        provider.storage.lend_key_package(&reference, &secret)?;
        decode::<openmls::prelude::KeyPackageBundle>(&secret).map_err(|_| Error::Malformed("key package's secret"))?;
        let staged = StagedWelcome::build_from_welcome(&provider, &configuration::join(), welcome)
            .map_err(Error::mls)?
            .skip_lifetime_validation()
            .build()
            .map_err(Error::mls)?;
        let sender = staged.welcome_sender().map_err(Error::mls)?;
        let sender = device.verify(sender.credential(), sender.signature_key().as_slice())?;
        policy.may_welcome(&sender)?;
        policy.check_members(device, staged.members())?;
        let mls = staged.into_group(&provider).map_err(Error::mls)?;
        provider.storage.forget_key_packages();
        Self::new(mls, provider)
    }

    /// Joins a group by an external commit, from its group info (an MLSMessage): for a device that lost its state. An old leaf of
    /// this device is replaced. The group is in the new epoch at once; when the network refuses the commit, it is to be dropped.
    ///
    /// # Errors
    /// When the group info is malformed, not authentic or of another conversation, and when the policy does not allow a member.
    pub fn rejoin(device: &Device, group_info: &[u8], conversation: ConversationId, policy: &CommitPolicy) -> Result<(Self, Change), Error> {
        const WHAT: &str = "group info";
        let MlsMessageBodyIn::GroupInfo(info) = message_in(group_info, limits::HANDSHAKE_BYTES, WHAT)?.extract() else {
            return Err(Error::Malformed(WHAT));
        };
        let info: VerifiableGroupInfo = info;
        if conversation_of(info.group_id())? != conversation {
            return Err(Error::WrongConversation);
        }
        let epoch = info.epoch().as_u64();
        let suite = Suite::from_number(u32::from(info.ciphersuite() as u16)).ok_or(Error::Refused("group info of an unknown suite"))?;
        let provider = device.provider(suite, Storage::default());
        let leaf = LeafNodeParameters::builder().with_capabilities(configuration::capabilities()).build();
        let (mls, commit) = MlsGroup::external_commit_builder()
            .skip_lifetime_validation()
            .with_config(configuration::join())
            .build_group(&provider, info, device.credential())
            .map_err(Error::mls)?
            .leaf_node_parameters(leaf)
            .load_psks(provider.storage())
            .map_err(Error::mls)?
            .build(provider.rand(), provider.crypto(), device, |_| true)
            .map_err(Error::mls)?
            .finalize(&provider)
            .map_err(Error::mls)?;
        policy.check_members(device, mls.members())?;
        // The library removes the leaf with this device's key, if there is one; its 32 bytes are nowhere else in a group info.
        let replaced = group_info.windows(32).any(|part| part == device.identity().signature_key);
        let commit = bytes(commit.commit())?;
        let group = Self::new(mls, provider)?;
        let group_info = group.group_info(device)?;
        let removed = if replaced { vec![device.id()] } else { Vec::new() };
        Ok((group, Change { commit, welcome: None, group_info, epoch, added: vec![device.id()], removed }))
    }

    /// Encrypts a message with `header` as its additional data, which stays readable and is authenticated.
    ///
    /// # Errors
    /// When header or plaintext are too long, and when this device was removed.
    pub fn encrypt(&mut self, device: &Device, header: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, Error> {
        if !self.mls.is_active() {
            return Err(Error::Removed);
        }
        if header.len() > limits::HEADER_BYTES {
            return Err(Error::Malformed("header"));
        }
        let message = self.atomically(|mls, provider| {
            mls.set_aad(header.to_vec());
            bytes(&mls.create_message(provider, device, plaintext).map_err(Error::mls)?)
        })?;
        if message.len() > limits::MESSAGE_BYTES { Err(Error::Malformed("message")) } else { Ok(message) }
    }

    /// Who is in the group now. Their certificates were checked when they came in.
    pub fn members(&self) -> Vec<Identity> {
        self.mls.members().filter_map(|member| policy::unverified(&member.credential).ok()).collect()
    }

    /// The group's epoch.
    pub fn epoch(&self) -> u64 {
        self.mls.epoch().as_u64()
    }

    /// The group's suite.
    pub fn suite(&self) -> Suite {
        Suite::from_number(u32::from(self.mls.ciphersuite() as u16)).unwrap_or(Suite::X25519)
    }

    /// The conversation this is the group of.
    pub fn conversation(&self) -> ConversationId {
        self.conversation
    }

    /// Whether this device is a member still.
    pub fn is_active(&self) -> bool {
        self.mls.is_active()
    }

    /// How to join the group's present epoch by an external commit.
    ///
    /// # Errors
    /// When the library fails.
    pub fn group_info(&self, device: &Device) -> Result<Vec<u8>, Error> {
        bytes(&self.mls.export_group_info(self.provider.crypto(), device, true).map_err(Error::mls)?)
    }

    /// 60 digits in twelve groups that both sides can compare: the same for everybody who sees the same members with the same keys.
    pub fn safety_number(&self) -> String {
        crate::safety::number(self.conversation, &self.members())
    }
}
