//! Reading what the other members send.
use crate::{CommitPolicy, Device, Error, Group, configuration, group::message_in, policy};
use openmls::prelude::{ProcessMessageError, ProcessedMessageContent, ProtocolMessage, ValidationError};
use suki_protocol::{
    certificate::Identity,
    mls::{self, ContentType},
};
use suki_types::{DeviceId, limits};

/// What a message was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// Something for people.
    Application {
        /// The device that sent it.
        sender: Identity,
        /// The additional data, authenticated.
        header: Vec<u8>,
        /// What it said.
        plaintext: Vec<u8>,
    },
    /// A change of the group, allowed by the policy and applied.
    Commit {
        /// The device that made the change.
        sender: Identity,
        /// Who came in. A device that rejoined stands in both lists.
        added: Vec<Identity>,
        /// Who went out.
        removed: Vec<DeviceId>,
        /// Whether this device was removed: the group can no longer be used.
        own_removed: bool,
        /// The group's epoch from now on; after an own removal still the last one.
        epoch: u64,
    },
}

impl Group {
    /// Reads one message of the log: an application message, or a commit, which is applied if the policy allows it. An own pending change
    /// is dropped when another's commit is applied.
    ///
    /// # Errors
    /// See [`Error`]; the group is then as it was before, so that the genuine message can still be read after a forged one.
    pub fn receive(&mut self, device: &Device, message: &[u8], policy: &CommitPolicy) -> Result<Received, Error> {
        if !self.is_active() {
            return Err(Error::Removed);
        }
        let parsed = self.parse(message)?;
        let members: Vec<_> = self.mls.members().collect();
        self.atomically(|group, provider| {
            let processed = group.process_message(provider, parsed).map_err(unreadable)?;
            let sender = processed.sender().clone();
            let credential = processed.credential().clone();
            let header = processed.aad().to_vec();
            match processed.into_content() {
                ProcessedMessageContent::ApplicationMessage(application) => {
                    Ok(Received::Application { sender: policy::unverified(&credential)?, header, plaintext: application.into_bytes() })
                }
                ProcessedMessageContent::StagedCommitMessage(commit) => {
                    let effect = policy.check(device, &sender, &credential, &commit, &members)?;
                    let own_removed = commit.self_removed();
                    group.merge_staged_commit(provider, *commit).map_err(Error::mls)?;
                    let epoch = group.epoch().as_u64();
                    Ok(Received::Commit { sender: effect.sender, added: effect.added, removed: effect.removed, own_removed, epoch })
                }
                ProcessedMessageContent::OwnPrivateMessage | ProcessedMessageContent::OwnPendingCommit => Err(Error::Own),
                _ => Err(Error::Refused("proposal")),
            }
        })
    }

    /// Checks what the cleartext shows, so that what cannot be read costs nothing.
    fn parse(&self, message: &[u8]) -> Result<ProtocolMessage, Error> {
        const WHAT: &str = "message";
        let clear = mls::cleartext(message).map_err(|_| Error::Malformed(WHAT))?;
        if clear.conversation != self.conversation {
            return Err(Error::WrongConversation);
        }
        let now = self.epoch();
        let readable = match clear.content_type {
            ContentType::Application => now.saturating_sub(configuration::PAST_EPOCHS as u64)..=now,
            ContentType::Commit => now..=now,
            ContentType::Proposal => return Err(Error::Refused("proposal")),
        };
        if !readable.contains(&clear.epoch) {
            return Err(Error::WrongEpoch { message: clear.epoch, group: now });
        }
        let limit = if clear.content_type == ContentType::Application { limits::MESSAGE_BYTES } else { limits::HANDSHAKE_BYTES };
        message_in(message, limit, WHAT)?.try_into_protocol_message().map_err(|_| Error::Malformed(WHAT))
    }
}

/// What the library says of a key that is used up; its error types are private, its version is pinned, and a test reads these.
const SPENT: [&str; 2] = ["The requested secret was deleted to preserve forward secrecy.", "Generation is too old to be processed."];

fn unreadable<S: std::fmt::Display>(error: ProcessMessageError<S>) -> Error {
    match error {
        ProcessMessageError::ValidationError(ValidationError::UnableToDecrypt(inner)) if SPENT.contains(&&*inner.to_string()) => Error::Spent,
        ProcessMessageError::GroupStateError(_) => Error::Removed,
        other => Error::Forged(other.to_string()),
    }
}
