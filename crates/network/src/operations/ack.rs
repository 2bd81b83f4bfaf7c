//! Acknowledgement: a watermark, and a DELIVERED receipt to the senders of what it newly covers.
use super::ready;
use crate::{
    Network,
    append::Draft,
    int,
    refusal::{Outcome, Refusal},
    rows::Caller,
    session::Answer,
};
use prost::Message as _;
use std::collections::BTreeMap;
use suki_bus::Wake;
use suki_protocol::pb::{self, EntryKind, ReceiptStatus};
use suki_store::{StoreError, Tx, log};
use suki_types::{ConversationId, DeviceId};

/// How many entries one unit acknowledges, so that a long log does not hold up everybody else.
const ENTRIES_PER_UNIT: u64 = 1024;
/// How many messages one receipt names.
const MESSAGES_PER_RECEIPT: usize = 256;

/// What one unit has done.
struct Step {
    wakes: Vec<(DeviceId, Wake)>,
    more: bool,
}

pub(super) fn ack(network: &Network, caller: Caller, body: &pb::Ack) -> Answer {
    let seq = body.seq;
    if i64::try_from(seq).is_err() {
        return ready(Err(out_of_range(seq)));
    }
    let first = step(network, caller, seq);
    let network = network.clone();
    Box::pin(async move {
        let mut done = first.await?;
        while done.more {
            network.wake(std::mem::take(&mut done.wakes));
            done = step(&network, caller, seq).await?;
        }
        Ok(Outcome::done(done.wakes))
    })
}

fn step(network: &Network, caller: Caller, seq: u64) -> impl Future<Output = Result<Step, Refusal>> + Send + use<> {
    let own = network.clone();
    network.db().write(move |tx| acknowledge(&own, tx, &caller, seq))
}

fn acknowledge(network: &Network, tx: &mut Tx<'_>, caller: &Caller, seq: u64) -> Result<Step, Refusal> {
    let Some(mailbox) = log::mailbox(tx, caller.device)?.filter(|mailbox| seq <= mailbox.last) else {
        return if seq == 0 { Ok(Step { wakes: Vec::new(), more: false }) } else { Err(out_of_range(seq)) };
    };
    if seq <= mailbox.acked {
        return Ok(Step { wakes: Vec::new(), more: false });
    }
    let target = seq.min(mailbox.acked + ENTRIES_PER_UNIT);
    let wakes = deliver(network, tx, caller, mailbox.acked, target)?;
    log::acknowledge(tx, caller.device, target).map_err(|error| match error {
        StoreError::OutOfRange => out_of_range(seq),
        error => error.into(),
    })?;
    Ok(Step { wakes, more: target < seq })
}

fn out_of_range(seq: u64) -> Refusal {
    Refusal::malformed(format!("This device's log has no entry {seq} yet; acknowledge what was received"))
}

/// Tells the senders of the messages after `after` up to `until`, with one entry for each of their devices and conversation.
fn deliver(network: &Network, tx: &mut Tx<'_>, caller: &Caller, after: u64, until: u64) -> Result<Vec<(DeviceId, Wake)>, Refusal> {
    let kind = i64::from(i32::from(EntryKind::Message));
    let messages = tx.query(
        "SELECT conversation, message_id, from_device FROM entry WHERE device = ?1 AND seq > ?2 AND seq <= ?3 AND kind = ?4 ORDER BY seq",
        &[(&caller.device).into(), int(after), int(until), kind.into()],
        |row| Ok((row.get::<ConversationId>(0)?, row.get::<Vec<u8>>(1)?, row.get::<Option<DeviceId>>(2)?)),
    )?;
    let mut groups: BTreeMap<(ConversationId, DeviceId), Vec<Vec<u8>>> = BTreeMap::new();
    for (conversation, message, from) in messages {
        if let Some(from) = from {
            groups.entry((conversation, from)).or_default().push(message);
        }
    }
    let at = network.now();
    let mut wakes = Vec::new();
    for ((conversation, from), ids) in groups {
        let devices = siblings(tx, from, caller)?;
        for ids in ids.chunks(MESSAGES_PER_RECEIPT) {
            let receipt = pb::Receipt { status: ReceiptStatus::Delivered.into(), message_ids: ids.to_vec(), at: at.millis() }.encode_to_vec();
            let drafts: Vec<_> = devices
                .iter()
                .map(|device| Draft {
                    device: *device,
                    kind: EntryKind::Receipt,
                    conversation,
                    message_id: &[],
                    from_device: Some(caller.device),
                    payload: &receipt,
                })
                .collect();
            wakes.extend(network.append(tx, at, &drafts)?);
        }
    }
    Ok(wakes)
}

/// The devices of the sender's account. None when it is the caller's own: what a sibling sent was not delivered to anybody by that.
fn siblings(tx: &mut Tx<'_>, from: DeviceId, caller: &Caller) -> Result<Vec<DeviceId>, StoreError> {
    tx.query(
        "SELECT s.device FROM device d JOIN account_device s ON s.account = d.account WHERE d.device = ?1 AND d.account <> ?2",
        &[(&from).into(), (&caller.account).into()],
        |row| row.get(0),
    )
}
