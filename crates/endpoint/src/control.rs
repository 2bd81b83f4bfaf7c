//! What the endpoint tells devices that is no message: sealed and queued in one unit, shown to nobody.
use crate::{
    Business, Error,
    groups::{self, Slot},
    outbox::Kind,
};
use std::sync::Arc;
use suki_e2ee::content::HeaderParts;
use suki_protocol::pb;
use suki_types::{ConversationId, MessageId};

/// Seals a content and queues it.
///
/// # Errors
/// When the store or MLS fails; the slot has to be forgotten then. [`Error::NotFound`] while the group is not at hand.
pub(crate) async fn send(business: &Arc<Business>, chat: ConversationId, slot: &mut Slot, body: pb::content::Body) -> Result<(), Error> {
    let id = business.id();
    let message_id = MessageId::new(business.env());
    let plain = pb::Content { body: Some(body), ..Default::default() };
    let parts = HeaderParts { kind: pb::MessageKind::Control, ..HeaderParts::session(message_id, business.env().now()) };
    let sealed = suki_e2ee::content::seal(&plain, &parts, &*business.env().entropy)?;
    let group = slot.group.as_mut().ok_or(Error::NotFound("group"))?;
    let payload = group.encrypt(&business.device, &sealed.header, &sealed.plaintext)?;
    let saved = business.export(chat, slot)?;
    let seq = business.outbox.next_seq();
    let (own, bytes) = (business.clone(), payload.clone());
    let stored = business
        .db()
        .write(move |tx| {
            groups::save(tx, id, chat, &saved)?;
            Ok::<_, Error>(own.outbox.insert(tx, seq, chat, message_id, Kind::Control, &bytes)?)
        })
        .await;
    if stored.is_err() {
        slot.forget();
    }
    stored?;
    business.outbox.queue(seq, chat, message_id, Kind::Control, payload);
    Ok(())
}
