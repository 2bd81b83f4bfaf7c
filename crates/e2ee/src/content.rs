//! What an application message says, and the commitment that makes a report of it provable.
//!
//! The header names a commitment: HMAC-SHA256 of the content under a fresh key that stands beside the content. The network sees the
//! commitment pass; who later shows it content and key proves what was said, and nothing else.
use crate::Error;
use aws_lc_rs::hmac;
use prost::Message as _;
use suki_protocol::{content::message_kind, mls, pb};
use suki_types::{Entropy, MessageId, Timestamp, limits};

/// What the sender puts into a header beside the commitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderParts {
    /// The message's id.
    pub message_id: MessageId,
    /// What it claims to be.
    pub kind: pb::MessageKind,
    /// A template's category; "" otherwise.
    pub category: String,
    /// A template's "<id>.<version>"; "" otherwise.
    pub template_id: String,
    /// A template's language, the sender's; "" otherwise.
    pub language: String,
    /// What opened the conversation, of a customer's message; "" otherwise.
    pub entry_point: String,
    /// The sender's clock.
    pub sent_at: Timestamp,
}

impl HeaderParts {
    /// A message within the window, of no template.
    pub fn session(message_id: MessageId, sent_at: Timestamp) -> Self {
        Self {
            message_id,
            kind: pb::MessageKind::Session,
            category: String::new(),
            template_id: String::new(),
            language: String::new(),
            entry_point: String::new(),
            sent_at,
        }
    }
}

/// A header and the plaintext it commits to, as [`crate::Group::encrypt`] takes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedContent {
    /// The additional data.
    pub header: Vec<u8>,
    /// What is encrypted.
    pub plaintext: Vec<u8>,
}

/// Makes header and plaintext of a content.
///
/// # Errors
/// [`Error::Malformed`] when the content breaks a limit: see [`open`].
pub fn seal(content: &pb::Content, parts: &HeaderParts, entropy: &dyn Entropy) -> Result<SealedContent, Error> {
    if content.body.is_none() {
        return Err(Error::Malformed("content"));
    }
    check(content, parts.kind)?;
    let mut commitment_key = vec![0; 32];
    entropy.fill(&mut commitment_key);
    let content = content.encode_to_vec();
    let commitment = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &commitment_key), &content).as_ref().to_vec();
    let header = pb::Header {
        message_id: parts.message_id.to_vec(),
        kind: parts.kind.into(),
        category: parts.category.clone(),
        template_id: parts.template_id.clone(),
        commitment,
        sent_at: parts.sent_at.millis(),
        language: parts.language.clone(),
        entry_point: parts.entry_point.clone(),
    }
    .encode_to_vec();
    mls::header(&header).map_err(|_| Error::Malformed("header"))?;
    let plaintext = pb::Sealed { content, commitment_key }.encode_to_vec();
    if plaintext.len() > limits::MESSAGE_BYTES - limits::HEADER_BYTES {
        return Err(Error::Malformed("content"));
    }
    Ok(SealedContent { header, plaintext })
}

/// Reads header and content of a decrypted message and checks that the one commits to the other.
///
/// # Errors
/// [`Error::Malformed`] when header or content cannot be read or break a limit (a text has 1 to 4,096 characters, a name at most 75, the
/// message answered is named by 16 bytes, a history or an exchange comes as CONTROL, a template as TEMPLATE, a reaction as REACTION, and everything else as SESSION; the rest stands
/// at [`suki_protocol::content::check`]). A content of a kind that is not known here comes as SESSION and without a body;
/// [`Error::Forged`] when the commitment is of another content.
pub fn open(header: &[u8], plaintext: &[u8]) -> Result<(mls::Header, pb::Content), Error> {
    let header = mls::header(header).map_err(|_| Error::Malformed("header"))?;
    let sealed = pb::Sealed::decode(plaintext).map_err(|_| Error::Malformed("content"))?;
    if sealed.commitment_key.len() != 32 {
        return Err(Error::Malformed("commitment key"));
    }
    let key = hmac::Key::new(hmac::HMAC_SHA256, &sealed.commitment_key);
    hmac::verify(&key, &sealed.content, &header.raw.commitment).map_err(|_| Error::Forged("the header's commitment is of another content".into()))?;
    let content = pb::Content::decode(&sealed.content[..]).map_err(|_| Error::Malformed("content"))?;
    check(&content, header.kind)?;
    Ok((header, content))
}

/// Whether a commitment is of this content under this key: what a report shows.
pub fn proves(commitment: &[u8], content: &[u8], commitment_key: &[u8]) -> bool {
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, commitment_key), content, commitment).is_ok()
}

fn check(content: &pb::Content, kind: pb::MessageKind) -> Result<(), Error> {
    let Some(body) = &content.body else {
        // What a newer device says: there is a message, and nothing of it can be read here.
        return if kind == pb::MessageKind::Session { check_rest(content) } else { Err(Error::Malformed("content")) };
    };
    if kind != message_kind(body) {
        return Err(Error::Malformed("message kind"));
    }
    check_body(body)?;
    check_rest(content)
}

fn check_body(body: &pb::content::Body) -> Result<(), Error> {
    match body {
        pb::content::Body::History(history) => history.items.iter().try_for_each(check_item),
        body => suki_protocol::content::check(body).map_err(Error::Malformed),
    }
}

fn check_rest(content: &pb::Content) -> Result<(), Error> {
    if !content.reply_to.is_empty() && content.reply_to.len() != 16 {
        return Err(Error::Malformed("answered message's id"));
    }
    if content.sender_name.chars().count() > limits::NAME_CHARS {
        return Err(Error::Malformed("sender's name"));
    }
    content.referral.as_ref().map_or(Ok(()), |referral| suki_protocol::content::check_referral(referral).map_err(Error::Malformed))
}

fn check_item(item: &pb::HistoryItem) -> Result<(), Error> {
    MessageId::try_from(&item.message_id[..]).map_err(|_| Error::Malformed("history"))?;
    let content = item.content.as_ref().ok_or(Error::Malformed("history"))?;
    match &content.body {
        None | Some(pb::content::Body::History(_)) => Err(Error::Malformed("history")),
        Some(body) => check_body(body).and_then(|()| check_rest(content)),
    }
}
