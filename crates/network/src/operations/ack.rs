//! Acknowledgement: a watermark, and a DELIVERED receipt to the senders of what it newly covers.
use super::ready;
use crate::{
    Network,
    about::About,
    append::Draft,
    int, progress,
    refusal::{Outcome, Refusal},
    rows::Caller,
    session::Answer,
    standing,
    wakes::Wakes,
};
use prost::Message as _;
use std::collections::BTreeMap;
use suki_protocol::pb::{self, AccountKind, EntryKind, ReceiptStatus, RefusalCode};
use suki_store::{StoreError, Tx, log};
use suki_types::{AccountId, ConversationId, DeviceId, Timestamp};

/// How many entries one unit acknowledges, so that a long log does not hold up everybody else.
const ENTRIES_PER_UNIT: u64 = 1024;
/// How many messages one receipt names.
const MESSAGES_PER_RECEIPT: usize = 256;

/// What one unit has done.
struct Step {
    wakes: Wakes,
    acked: u64,
}

/// What an acknowledgement newly covers of one sender in one conversation: the messages, and when the newest was accepted.
#[derive(Default)]
struct Covered {
    ids: Vec<Vec<u8>>,
    newest: Timestamp,
}

/// What the connection knows of its device's log.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen {
    /// Where the watermark stood, as far as the connection knows: it bounds the work of one unit and nothing else.
    pub acked: u64,
    /// The place of the last message, if everything that is acknowledged went out over this connection.
    pub last_message: Option<u64>,
}

impl Seen {
    /// How far the first unit of an acknowledgement of `seq` goes.
    fn until(&self, seq: u64) -> u64 {
        seq.min(self.acked.saturating_add(ENTRIES_PER_UNIT))
    }

    /// Behind which place up to which the first unit of an acknowledgement of `seq` may find messages; none when there are none.
    pub fn messages(&self, seq: u64) -> Option<(u64, u64)> {
        let until = self.until(seq);
        (until > self.acked && self.last_message.is_none_or(|last| last > self.acked)).then_some((self.acked, until))
    }
}

pub(super) fn ack(network: &Network, caller: Caller, body: &pb::Ack, seen: Seen) -> Answer {
    let seq = body.seq;
    if i64::try_from(seq).is_err() {
        return ready(Err(out_of_range(seq)));
    }
    let first = step(network, caller, seq, seen);
    let network = network.clone();
    Box::pin(async move {
        let mut done = settled(&network, caller, seq, seen, first.await).await?;
        while done.acked < seq {
            network.wake(std::mem::take(&mut done.wakes));
            let seen = Seen { acked: done.acked, ..seen };
            done = settled(&network, caller, seq, seen, step(&network, caller, seq, seen).await).await?;
        }
        Ok(Outcome::done(done.wakes))
    })
}

fn step(network: &Network, caller: Caller, seq: u64, seen: Seen) -> impl Future<Output = Result<Step, Stop>> + Send + use<> {
    let own = network.clone();
    network.db().write(move |tx| acknowledge(&own, tx, &caller, seq, seen))
}

/// Why a unit acknowledged nothing.
enum Stop {
    Refused(Refusal),
    /// It covers messages of businesses that it does not keep out: those behind this place.
    Beyond(u64),
}

impl<E: Into<Refusal>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Refused(error.into())
    }
}

/// What a unit has done; once more, and about the right businesses, if the watermark stood further back than the connection knew.
async fn settled(network: &Network, caller: Caller, seq: u64, seen: Seen, outcome: Result<Step, Stop>) -> Result<Step, Refusal> {
    let mut again = match outcome {
        // The watermark never goes back, so that what is found now covers the next unit.
        Err(Stop::Beyond(was)) => {
            let about = network.find(About::Entries(caller.device, was, seen.until(seq))).await?;
            step(&about, caller, seq, seen).await
        }
        outcome => outcome,
    };
    if matches!(again, Err(Stop::Beyond(_))) {
        again = step(&network.find(About::Anything).await?, caller, seq, seen).await;
    }
    match again {
        Ok(step) => Ok(step),
        Err(Stop::Refused(refusal)) => Err(refusal),
        Err(Stop::Beyond(_)) => Err(Refusal::new(RefusalCode::Unavailable, "The log changes too fast to be acknowledged; try again")),
    }
}

fn acknowledge(network: &Network, tx: &mut Tx<'_>, caller: &Caller, seq: u64, seen: Seen) -> Result<Step, Stop> {
    if seq > seen.acked + ENTRIES_PER_UNIT && log::mailbox(tx, caller.device)?.is_none_or(|mailbox| seq > mailbox.last) {
        // Refused whole, not after some of its units are done.
        return Err(out_of_range(seq).into());
    }
    let target = seen.until(seq);
    let moved = log::acknowledge(tx, caller.device, target).map_err(|error| match error {
        StoreError::OutOfRange => out_of_range(seq),
        error => error.into(),
    })?;
    let nothing_new = moved.now == moved.was || seen.last_message.is_some_and(|last| last <= moved.was);
    let wakes = if nothing_new { Vec::new() } else { deliver(network, tx, caller, moved.was, moved.now)? };
    Ok(Step { wakes, acked: moved.now })
}

fn out_of_range(seq: u64) -> Refusal {
    Refusal::malformed(format!("This device's log has no entry {seq} yet; acknowledge what was received"))
}

/// Tells the senders of the messages after `after` up to `until`, with one entry for each of their devices and conversation.
fn deliver(network: &Network, tx: &mut Tx<'_>, caller: &Caller, after: u64, until: u64) -> Result<Wakes, Stop> {
    // The kind is looked at here: a comparison with it in the query would make SQLite prepare the query anew each time.
    let entries = tx.query(
        "SELECT kind, conversation, message_id, from_device, at FROM entry WHERE device = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq",
        &[(&caller.device).into(), int(after), int(until)],
        |row| {
            Ok((row.get::<i32>(0)?, row.get::<ConversationId>(1)?, row.get::<Vec<u8>>(2)?, row.get::<Option<DeviceId>>(3)?, row.get::<Timestamp>(4)?))
        },
    )?;
    let mut groups: BTreeMap<(ConversationId, DeviceId), Covered> = BTreeMap::new();
    for (kind, conversation, message, from, sent) in entries {
        if let (true, Some(from)) = (kind == i32::from(EntryKind::Message), from) {
            let covered = groups.entry((conversation, from)).or_default();
            covered.ids.push(message);
            covered.newest = sent.max(covered.newest);
        }
    }
    let at = network.now();
    let mut wakes = Vec::new();
    for ((conversation, from), Covered { ids, newest }) in groups {
        let Sender { account, seat, devices } = sender(tx, from, conversation, caller)?;
        if let (Some(business), AccountKind::Person) = (account, caller.kind) {
            if !network.is_about(business) {
                return Err(Stop::Beyond(after));
            }
            standing::delivered(network.policy(), tx, business, caller.account, newest, at)?;
            progress::delivered(tx, business, seat.unwrap_or(conversation), &ids, at)?;
        }
        let account = if seat.is_some() { caller.account.to_vec() } else { Vec::new() };
        for ids in ids.chunks(MESSAGES_PER_RECEIPT) {
            let receipt =
                pb::Receipt { status: ReceiptStatus::Delivered.into(), message_ids: ids.to_vec(), at: at.millis(), account: account.clone() };
            let receipt = receipt.encode_to_vec();
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

/// Who sent a message that was acknowledged.
#[derive(Default)]
struct Sender {
    /// His account; `None` when it is the caller's own, as what a sibling sent was not delivered to anybody by that, and among the customers of a group,
    /// who learn of each other's messages but not how far theirs came.
    account: Option<AccountId>,
    /// The caller's place, if the conversation is a group.
    seat: Option<ConversationId>,
    /// His devices.
    devices: Vec<DeviceId>,
}

fn sender(tx: &mut Tx<'_>, from: DeviceId, conversation: ConversationId, caller: &Caller) -> Result<Sender, StoreError> {
    let mut sender = Sender::default();
    let devices = tx.query(
        "SELECT s.device, s.account, d.kind, g.seat FROM device d JOIN account_device s ON s.account = d.account \
         LEFT JOIN group_seat g ON g.conversation = ?3 AND g.account = ?2 WHERE d.device = ?1 AND d.account <> ?2",
        &[(&from).into(), (&caller.account).into(), (&conversation).into()],
        |row| {
            let of_person = row.get::<i32>(2)? == i32::from(AccountKind::Person);
            if of_person && caller.kind == AccountKind::Person {
                return Ok(None);
            }
            sender.account = Some(row.get(1)?);
            sender.seat = row.get(3)?;
            row.get(0).map(Some)
        },
    )?;
    sender.devices = devices.into_iter().flatten().collect();
    Ok(sender)
}
