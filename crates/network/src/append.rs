//! Appending to the logs of devices: the one way anything reaches a device.
use crate::{
    Network,
    refusal::Refusal,
    wakes::{self, Due, Wakes},
};
use prost::Message as _;
use suki_protocol::{
    calls::Told,
    pb::{self, EntryKind},
};
use suki_store::{
    Tx,
    log::{self, NewEntry},
};
use suki_types::{ConversationId, DeviceId, Timestamp, limits};

/// Stands in the log for "no conversation".
pub(crate) const NO_CONVERSATION: ConversationId = ConversationId::from_bytes([0; 16]);

/// What is to be appended, for whom.
#[derive(Clone, Copy)]
pub(crate) struct Draft<'a> {
    pub device: DeviceId,
    pub kind: EntryKind,
    pub conversation: ConversationId,
    pub message_id: &'a [u8],
    pub from_device: Option<DeviceId>,
    pub payload: &'a [u8],
}

impl Network {
    /// Appends to the logs and says whom to wake once the unit is committed.
    ///
    /// # Errors
    /// When a device's log is full, or the store fails.
    pub(crate) fn append(&self, tx: &mut Tx<'_>, at: Timestamp, drafts: &[Draft<'_>]) -> Result<Wakes, Refusal> {
        if drafts.is_empty() {
            return Ok(Vec::new());
        }
        for draft in drafts {
            self.refuse_full_log(tx, draft.device, self.now())?;
        }
        let entries: Vec<_> = drafts.iter().map(|draft| new_entry(draft, at)).collect();
        let places = log::append(tx, &entries)?;
        let mut wakes = Wakes::with_capacity(drafts.len());
        for (index, draft) in drafts.iter().enumerate() {
            // Where places are known at once no log grows beyond the limit; elsewhere the next append is refused.
            if let Some(place) = places.get(index)
                && place.seq.saturating_sub(place.acked) > limits::LOG_ENTRIES_PER_DEVICE
            {
                return Err(wakes::full(place.seq.saturating_sub(place.acked), self.now()));
            }
            let fresh = (self.bus().node().is_some() || self.bus().is_here(draft.device)).then(|| Box::new(fresh_entry(draft, at)));
            wakes.push((draft.device, Due::Appended { places: places.clone(), index, fresh }));
        }
        Ok(wakes)
    }

    /// The same event to several devices.
    pub(crate) fn append_event(
        &self,
        tx: &mut Tx<'_>,
        devices: impl IntoIterator<Item = DeviceId>,
        conversation: ConversationId,
        event: pb::event::Body,
    ) -> Result<Wakes, Refusal> {
        let payload = pb::Event { body: Some(event) }.encode_to_vec();
        let draft = |device| Draft { device, kind: EntryKind::Event, conversation, message_id: &[], from_device: None, payload: &payload };
        let drafts: Vec<_> = devices.into_iter().map(draft).collect();
        self.append(tx, self.now(), &drafts)
    }

    /// Tells devices something as JSON; `conversation` is the one it is about, if any.
    pub(crate) fn append_notice<T: Told>(
        &self,
        tx: &mut Tx<'_>,
        devices: impl IntoIterator<Item = DeviceId>,
        conversation: Option<ConversationId>,
        told: &T,
    ) -> Result<Wakes, Refusal> {
        let json = serde_json::to_vec(told).map_err(|_| Refusal::malformed("A notice cannot be written"))?;
        let notice = pb::Notice { kind: T::KIND.to_owned(), json };
        self.append_event(tx, devices, conversation.unwrap_or(NO_CONVERSATION), pb::event::Body::Notice(notice))
    }
}

fn new_entry<'a>(draft: &Draft<'a>, at: Timestamp) -> NewEntry<'a> {
    NewEntry {
        device: draft.device,
        at,
        kind: draft.kind.into(),
        conversation: draft.conversation,
        message_id: draft.message_id,
        from_device: draft.from_device,
        payload: draft.payload,
    }
}

/// Without its place.
fn fresh_entry(draft: &Draft<'_>, at: Timestamp) -> pb::Entry {
    pb::Entry {
        seq: 0,
        at: at.millis(),
        kind: draft.kind.into(),
        conversation: wire_conversation(draft.conversation),
        message_id: draft.message_id.to_vec(),
        payload: draft.payload.to_vec(),
        from_device: draft.from_device.map_or_else(Vec::new, DeviceId::to_vec),
    }
}

/// A stored entry as it goes over the wire.
pub(crate) fn wire_entry(stored: log::StoredEntry) -> pb::Entry {
    pb::Entry {
        seq: stored.seq,
        at: stored.at.millis(),
        kind: stored.kind,
        conversation: wire_conversation(stored.conversation),
        message_id: stored.message_id,
        payload: stored.payload,
        from_device: stored.from_device.map_or_else(Vec::new, DeviceId::to_vec),
    }
}

fn wire_conversation(conversation: ConversationId) -> Vec<u8> {
    if conversation == NO_CONVERSATION { Vec::new() } else { conversation.to_vec() }
}
