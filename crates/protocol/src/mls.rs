//! The cleartext of an MLS message (RFC 9420, section 6): what the network may read without any key.
use crate::pb;
use prost::Message as _;
use suki_types::{ConversationId, MessageId, limits};

/// What an MLS message carries, as its cleartext says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentType {
    /// Something for people.
    Application,
    /// A change somebody suggests.
    Proposal,
    /// A change of the group.
    Commit,
}

/// The cleartext of an MLS PrivateMessage or PublicMessage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleartext<'a> {
    /// The group; our group ids are conversation ids.
    pub conversation: ConversationId,
    /// The epoch it was made in.
    pub epoch: u64,
    /// What it carries.
    pub content_type: ContentType,
    /// A PublicMessage by somebody who is not a member yet: an external commit.
    pub external: bool,
    /// The additional data: a [`pb::Header`] on application messages.
    pub authenticated_data: &'a [u8],
}

/// Why bytes are not an MLS message this wire takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MlsError {
    /// The bytes end before the message does.
    #[error("the MLS message is cut short")]
    Short,
    /// A field has a value that RFC 9420 or this wire does not allow.
    #[error("the MLS message's {0} is not one this server takes")]
    Field(&'static str),
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], MlsError> {
        let (head, tail) = self.0.split_at_checked(count).ok_or(MlsError::Short)?;
        self.0 = tail;
        Ok(head)
    }
    fn number(&mut self, bytes: usize) -> Result<u64, MlsError> {
        Ok(self.take(bytes)?.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }
    /// A vector with a variable-size length (RFC 9420, section 2.1.2): the two top bits say how many bytes the length has.
    fn vector(&mut self) -> Result<&'a [u8], MlsError> {
        let first = self.number(1)?;
        let length = match first >> 6 {
            0 => first,
            1 => (first & 0x3f) << 8 | self.number(1)?,
            2 => (first & 0x3f) << 24 | self.number(3)?,
            _ => return Err(MlsError::Field("length")),
        };
        self.take(usize::try_from(length).map_err(|_| MlsError::Short)?)
    }
}

const VERSION_MLS10: u64 = 1;
const PUBLIC_MESSAGE: u64 = 1;
const PRIVATE_MESSAGE: u64 = 2;
const SENDER_NEW_MEMBER_COMMIT: u64 = 4;

/// Reads the cleartext of an MLS message that belongs to a group.
///
/// # Errors
/// When the bytes are no PrivateMessage, nor a PublicMessage with an external commit, of a conversation of ours.
pub fn cleartext(message: &[u8]) -> Result<Cleartext<'_>, MlsError> {
    let mut reader = Reader(message);
    if reader.number(2)? != VERSION_MLS10 {
        return Err(MlsError::Field("version"));
    }
    let wire_format = reader.number(2)?;
    let group = reader.vector()?;
    let conversation = ConversationId::try_from(group).map_err(|_| MlsError::Field("group id"))?;
    let epoch = reader.number(8)?;
    let external = match wire_format {
        PRIVATE_MESSAGE => false,
        PUBLIC_MESSAGE => {
            if reader.number(1)? != SENDER_NEW_MEMBER_COMMIT {
                return Err(MlsError::Field("sender"));
            }
            true
        }
        _ => return Err(MlsError::Field("wire format")),
    };
    // In a PublicMessage the additional data comes before the content type, in a PrivateMessage after it.
    let (content_type, authenticated_data) = if external {
        let data = reader.vector()?;
        (reader.number(1)?, data)
    } else {
        (reader.number(1)?, reader.vector()?)
    };
    let content_type = match content_type {
        1 => ContentType::Application,
        2 => ContentType::Proposal,
        3 => ContentType::Commit,
        _ => return Err(MlsError::Field("content type")),
    };
    if external && content_type != ContentType::Commit {
        return Err(MlsError::Field("content type"));
    }
    if authenticated_data.len() > limits::HEADER_BYTES {
        return Err(MlsError::Field("additional data"));
    }
    Ok(Cleartext { conversation, epoch, content_type, external, authenticated_data })
}

/// An application message's header, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// The id its sender gave it.
    pub message_id: MessageId,
    /// What it claims to be; the receiving device checks the content against it.
    pub kind: pb::MessageKind,
    /// The header as it stands.
    pub raw: pb::Header,
}

/// Reads and checks the header of an application message.
///
/// # Errors
/// When the additional data is no header, has no message id, an unknown kind or a commitment that is not 32 bytes.
pub fn header(authenticated_data: &[u8]) -> Result<Header, MlsError> {
    let raw = pb::Header::decode(authenticated_data).map_err(|_| MlsError::Field("header"))?;
    let message_id = MessageId::try_from(&raw.message_id[..]).map_err(|_| MlsError::Field("message id"))?;
    let kind = match raw.kind() {
        pb::MessageKind::Unspecified => return Err(MlsError::Field("message kind")),
        kind => kind,
    };
    if raw.commitment.len() != 32 {
        return Err(MlsError::Field("commitment"));
    }
    if raw.category.len() > 32 || raw.template_id.len() > 600 {
        return Err(MlsError::Field("template"));
    }
    Ok(Header { message_id, kind, raw })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(wire_format: u8, rest: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 1, 0, wire_format, 16];
        bytes.extend([7; 16]);
        bytes.extend([0, 0, 0, 0, 0, 0, 0, 9]);
        bytes.extend(rest);
        bytes
    }

    #[test]
    fn a_private_message_shows_its_cleartext() {
        let bytes = message(2, &[1, 3, b'a', b'a', b'd', 0, 0]);
        let clear = cleartext(&bytes).expect("it is one");
        assert_eq!((clear.epoch, clear.content_type, clear.external), (9, ContentType::Application, false));
        assert_eq!(clear.authenticated_data, b"aad");
        assert_eq!(clear.conversation.as_bytes(), &[7; 16]);
    }

    #[test]
    fn of_public_messages_only_external_commits_pass() {
        assert!(cleartext(&message(1, &[4, 0, 3, 0])).expect("it is one").external);
        for (sender, content) in [(1, 3), (2, 3), (3, 3), (4, 1), (4, 2), (9, 3)] {
            assert!(cleartext(&message(1, &[sender, 0, content, 0])).is_err(), "{sender} {content}");
        }
    }

    #[test]
    fn every_cut_is_refused() {
        let bytes = message(2, &[1, 3, b'a', b'a', b'd']);
        (0..bytes.len()).for_each(|end| assert!(cleartext(&bytes[..end]).is_err(), "{end}"));
    }

    #[test]
    fn a_header_needs_its_parts() {
        let good = pb::Header { message_id: vec![1; 16], kind: 1, commitment: vec![0; 32], ..Default::default() };
        assert!(header(&good.encode_to_vec()).is_ok());
        for bad in [
            pb::Header { message_id: vec![1; 15], ..good.clone() },
            pb::Header { kind: 0, ..good.clone() },
            pb::Header { kind: 99, ..good.clone() },
            pb::Header { commitment: vec![0; 31], ..good.clone() },
        ] {
            assert!(header(&bad.encode_to_vec()).is_err(), "{bad:?}");
        }
        assert!(header(&[0xff, 0xff, 0xff]).is_err());
    }
}
