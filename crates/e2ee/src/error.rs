//! What can go wrong, as far as a caller acts on it.
use suki_protocol::certificate::CertificateError;
use suki_types::DeviceId;

/// Why an operation on a group was refused. The group is then as it was before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes are not what they should be: cut short, too long, or not of this protocol.
    #[error("the {0} cannot be read: it is cut short, too long or not of this protocol")]
    Malformed(&'static str),
    /// The message belongs to another conversation.
    #[error("the message belongs to another conversation")]
    WrongConversation,
    /// The message was made in an epoch whose keys this group does not have: a commit that is already applied or lost its race, an
    /// application message more than two epochs old, or anything from an epoch still to come.
    #[error("the message is of epoch {message}, the group is in epoch {group}; read the log in order, or rejoin when messages are missing")]
    WrongEpoch {
        /// The message's epoch.
        message: u64,
        /// The group's epoch.
        group: u64,
    },
    /// The message's key is used up: it was read before, or is too far behind its sender's later messages.
    #[error("the message was read before, or is too old to be read")]
    Spent,
    /// Nobody in the group made these bytes: wrong key, changed on the way, or a wrong signature.
    #[error("the message is not authentic: {0}")]
    Forged(String),
    /// The sender's message is authentic, but it may not do this.
    #[error("a {0} is not accepted here")]
    Refused(&'static str),
    /// A member, or somebody about to become one, has no certificate of this network for its key.
    #[error("a device's certificate does not count: {0}")]
    Untrusted(#[from] CertificateError),
    /// The certificate is valid, but for another key than the one it came with.
    #[error("a device's certificate is for another key than the one it came with")]
    WrongKey,
    /// An own commit waits for the network's answer.
    #[error("an earlier change of the group waits for the network's answer; confirm or discard it first")]
    CommitPending,
    /// This device is no longer a member.
    #[error("this device was removed from the group")]
    Removed,
    /// The device is not a member, so it cannot be removed.
    #[error("{0} is not a member of the group")]
    NotMember(DeviceId),
    /// The device is a member already, so it cannot be added.
    #[error("{0} is a member of the group already")]
    AlreadyMember(DeviceId),
    /// The welcome is for a key package whose secret is not here.
    #[error("the welcome is for none of this device's key packages")]
    NoSecret,
    /// The message was made by this device itself.
    #[error("the message is this device's own")]
    Own,
    /// The stored state cannot be read, or its two parts are not of one time; rejoin by an external commit.
    #[error("the stored state of the group cannot be read; rejoin the group")]
    CorruptState,
    /// The MLS library refused; the text names no secret.
    #[error("MLS: {0}")]
    Mls(String),
}

impl Error {
    /// A refusal of the MLS library that no caller branches on.
    pub(crate) fn mls(error: impl std::fmt::Display) -> Self {
        Self::Mls(error.to_string())
    }
}
