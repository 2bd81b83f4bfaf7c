//! History for a device that joined later: MLS gives it no past, so the endpoint, which has the conversation, sends it inside the group.
use crate::{
    Business, Error, content, control,
    groups::Slot,
    media,
    messages::{self, Message, Sent, Side},
};
use prost::Message as _;
use std::sync::Arc;
use suki_protocol::pb;
use suki_types::ConversationId;

/// How many of the newest messages a new device gets.
const MESSAGES: usize = 500;
/// How many bytes of them go into one envelope, so that it stays well below the limit of a message.
const BYTES_PER_ENVELOPE: usize = 40_000;

/// Sends the newest messages of a chat to its group. The devices that have them know them by their ids.
///
/// # Errors
/// When the store or MLS fails; the slot has to be forgotten then.
pub(crate) async fn send(business: &Arc<Business>, chat: ConversationId, slot: &mut Slot) -> Result<(), Error> {
    let id = business.id();
    let (page, _) = business.db().read(move |tx| Ok::<_, Error>(messages::page(tx, id, chat, None, MESSAGES)?)).await?;
    for items in envelopes(&page)? {
        control::send(business, chat, slot, pb::content::Body::History(pb::History { items })).await?;
    }
    Ok(())
}

/// A message, and the emoji on it. What cannot be read here is for nobody.
fn items(message: &Message) -> Result<Vec<pb::HistoryItem>, Error> {
    if message.kind == messages::UNSUPPORTED {
        return Ok(Vec::new());
    }
    let mut content = content::of(message)?;
    // It comes by itself when its file is there, or never.
    if content.body.as_mut().is_some_and(media::awaits) {
        return Ok(Vec::new());
    }
    let template_id = if let Sent::Template { template_id, .. } = &message.sent { template_id.clone() } else { String::new() };
    let mut items = vec![pb::HistoryItem {
        message_id: message.id.to_vec(),
        at: message.at.millis(),
        template_id,
        from_business: message.from == Side::Business,
        content: Some(content),
    }];
    items.extend(message.reactions.iter().map(|reaction| {
        let body = pb::content::Body::Reaction(pb::Reaction { message_id: message.id.to_vec(), emoji: reaction.emoji.clone() });
        pb::HistoryItem {
            message_id: reaction.id.to_vec(),
            at: reaction.at.millis(),
            template_id: String::new(),
            from_business: reaction.from == Side::Business,
            content: Some(pb::Content { body: Some(body), ..Default::default() }),
        }
    }));
    Ok(items)
}

/// The messages in stretches that each fit an envelope.
fn envelopes(page: &[Message]) -> Result<Vec<Vec<pb::HistoryItem>>, Error> {
    let mut stretches: Vec<Vec<pb::HistoryItem>> = Vec::new();
    let mut room = 0;
    for item in page.iter().map(items).collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
        let size = item.encoded_len() + 8;
        if size > room {
            stretches.push(Vec::new());
            room = BYTES_PER_ENVELOPE;
        }
        room = room.saturating_sub(size);
        stretches.last_mut().expect("one was just pushed").push(item);
    }
    Ok(stretches)
}
