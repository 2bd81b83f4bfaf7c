//! What a stored message says on the wire: the same for its first sending, for a second one in a newer epoch, and for a device that joins later.
use crate::{
    Error,
    messages::{Message, Sent},
};
use prost::Message as _;
use suki_e2ee::content::HeaderParts;
use suki_protocol::pb;
use suki_store::StoreError;
use suki_types::{MessageId, Timestamp};

/// A message as it is sealed.
pub(crate) fn of(message: &Message) -> Result<pb::Content, Error> {
    let body = match &message.sent {
        Sent::Text => pb::content::Body::Text(pb::Text { body: message.text.clone(), preview_url: message.preview_url }),
        Sent::Template { content, .. } => {
            let filled = pb::Template::decode(&content[..]).map_err(|_| StoreError::Corrupt("message content"))?;
            pb::content::Body::Template(filled)
        }
        Sent::Rich { content, .. } => {
            let content = pb::Content::decode(&content[..]).map_err(|_| StoreError::Corrupt("message content"))?;
            return Ok(pb::Content { reply_to: reply_to(message), ..content });
        }
        Sent::Button { payload } => pb::content::Body::ButtonReply(pb::ButtonReply { payload: payload.clone(), text: message.text.clone() }),
    };
    Ok(pb::Content { body: Some(body), reply_to: reply_to(message), ..Default::default() })
}

fn reply_to(message: &Message) -> Vec<u8> {
    message.reply_to.as_ref().map(|quote| quote.id.to_vec()).unwrap_or_default()
}

/// The header of a message of the business.
pub(crate) fn header(id: MessageId, sent: &Sent, at: Timestamp) -> Result<HeaderParts, Error> {
    let plain = HeaderParts::session(id, at);
    let Sent::Template { template_id, category, content } = sent else { return Ok(plain) };
    let filled = pb::Template::decode(&content[..]).map_err(|_| StoreError::Corrupt("message content"))?;
    let (category, template_id) = (category.to_ascii_lowercase(), template_id.clone());
    Ok(HeaderParts { kind: pb::MessageKind::Template, category, template_id, language: filled.language, ..plain })
}
