//! Reading and writing the network's rows: who has which devices, and what a conversation is.
use crate::{
    Network,
    groups::{self, Seat},
    int,
    money::Terms,
    refusal::Refusal,
    trust,
};
use suki_protocol::pb;
use suki_rules::Chat;
use suki_store::{Row, StoreError, Tx};
use suki_types::{AccountId, ConversationId, DeviceId, MessageId, Phone, Timestamp, limits};

/// Who speaks on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caller {
    pub device: DeviceId,
    pub account: AccountId,
    pub kind: pb::AccountKind,
}

pub(crate) fn insert_account(
    tx: &mut Tx<'_>,
    account: AccountId,
    kind: pb::AccountKind,
    phone: Option<&Phone>,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO account (account, kind, phone, created_at) VALUES (?1, ?2, ?3, ?4)",
        &[(&account).into(), i64::from(i32::from(kind)).into(), phone.map(Phone::digits).into(), now.into()],
    )?;
    if let Some(phone) = phone {
        tx.execute("INSERT INTO phone (phone, account) VALUES (?1, ?2)", &[phone.digits().into(), (&account).into()])?;
    }
    Ok(())
}

/// The phone an account is known by, "" without one.
pub(crate) fn phone_of(tx: &mut Tx<'_>, account: AccountId) -> Result<String, StoreError> {
    let phone = tx.query_opt("SELECT phone FROM account WHERE account = ?1", &[(&account).into()], |row| row.get::<Option<String>>(0))?;
    Ok(phone.flatten().unwrap_or_default())
}

/// Everything a new device of an account needs in the store.
pub(crate) fn insert_device(tx: &mut Tx<'_>, caller: Caller, key: &[u8], name: &str, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO device (device, account, kind, signature_key) VALUES (?1, ?2, ?3, ?4)",
        &[(&caller.device).into(), (&caller.account).into(), i64::from(i32::from(caller.kind)).into(), key.into()],
    )?;
    tx.execute(
        "INSERT INTO account_device (account, device, name, added_at) VALUES (?1, ?2, ?3, ?4)",
        &[(&caller.account).into(), (&caller.device).into(), name.into(), now.into()],
    )?;
    Ok(())
}

/// The devices of an account, at most [`limits::DEVICES_PER_ACCOUNT`].
pub(crate) fn devices_of(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<DeviceId>, StoreError> {
    let most = limits::DEVICES_PER_ACCOUNT as u64;
    tx.query("SELECT device FROM account_device WHERE account = ?1 ORDER BY device LIMIT ?2", &[(&account).into(), int(most)], |row| row.get(0))
}

/// A device that is in a conversation's group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Member {
    pub device: DeviceId,
    pub of_business: bool,
}

/// A conversation, without its people's words.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    pub id: ConversationId,
    pub business: AccountId,
    pub customer: AccountId,
    pub epoch: u64,
    pub chat: Chat,
    pub terms: Terms,
    /// Whether the business wants no messages of the customer.
    pub barred: bool,
    pub members: Vec<Member>,
    /// A group's participants; `None` of a conversation with one customer.
    pub seats: Option<Vec<Seat>>,
}

impl Room {
    /// Whether the caller is on the business's side; an error when he is on neither.
    pub fn side(&self, caller: &Caller) -> Result<bool, Refusal> {
        match caller.account {
            account if account == self.business => Ok(true),
            account if account == self.customer => Ok(false),
            account if self.seat(account).is_some() => Ok(false),
            _ => Err(Refusal::not_yours()),
        }
    }
    /// A participant's place in a group.
    pub fn seat(&self, account: AccountId) -> Option<&Seat> {
        self.seats.iter().flatten().find(|seat| seat.account == account)
    }
    /// The customers: one, or a group's participants.
    pub fn customers(&self) -> Vec<AccountId> {
        match &self.seats {
            Some(seats) => seats.iter().map(|seat| seat.account).collect(),
            None => vec![self.customer],
        }
    }
    /// An error unless the caller's device is in the group.
    pub fn must_be_member(&self, caller: &Caller) -> Result<(), Refusal> {
        if self.members.iter().any(|member| member.device == caller.device) {
            return Ok(());
        }
        Err(Refusal::forbidden("This device is not in the conversation's group yet: wait for its Welcome, or rejoin with an external commit"))
    }
    /// The group's devices but the caller's.
    pub fn others(&self, caller: &Caller) -> impl Iterator<Item = Member> {
        let device = caller.device;
        self.members.iter().copied().filter(move |member| member.device != device)
    }
}

fn head(row: &Row<'_>) -> Result<Room, StoreError> {
    let time = |column| Ok::<_, StoreError>(Some(row.get::<i64>(column)?).filter(|millis| *millis != 0).map(Timestamp::from_millis));
    Ok(Room {
        id: row.get(0)?,
        business: row.get(1)?,
        customer: row.get(2)?,
        epoch: row.get(3)?,
        chat: Chat {
            window_until: time(4)?,
            entry_at: time(5)?,
            entry_until: time(6)?,
            customer_wrote_at: time(7)?,
            business_wrote_at: time(8)?,
            pair_tat: time(9)?,
        },
        // A country that is not known yet is empty.
        terms: Terms { country: row.get::<String>(10)?.parse().ok(), open: [row.get(11)?, row.get(12)?, row.get(13)?, row.get(14)?] },
        barred: row.get::<i64>(15)? != 0,
        members: Vec::new(),
        // Whose they are is read after this row.
        seats: (row.get::<i64>(16)? == GROUP).then(Vec::new),
    })
}

/// What a row of a conversation is: a group.
const GROUP: i64 = 1;

/// The conversation with its group, in one query; and in a second one the participants, if it has several.
///
/// # Errors
/// When there is none of this id, or the caller is on neither side: the same refusal.
pub(crate) fn room(tx: &mut Tx<'_>, id: ConversationId, caller: &Caller) -> Result<Room, Refusal> {
    let mut room = None;
    let members = tx.query(
        "SELECT c.conversation, c.business, c.customer, c.epoch, c.window_until, c.entry_at, c.entry_until, \
           c.customer_wrote_at, c.business_wrote_at, c.pair_tat, c.country, c.open_marketing, c.open_utility, c.open_authentication, c.open_service, \
           c.barred_at, c.kind, \
           m.device, m.of_business \
         FROM conversation c LEFT JOIN member m ON m.conversation = c.conversation WHERE c.conversation = ?1 AND c.kind < 2",
        &[(&id).into()],
        |row| {
            if room.is_none() {
                room = Some(head(row)?);
            }
            let device: Option<DeviceId> = row.get(17)?;
            let of_business: Option<bool> = row.get(18)?;
            Ok(device.zip(of_business).map(|(device, of_business)| Member { device, of_business }))
        },
    )?;
    let mut room = room.ok_or_else(Refusal::not_yours)?;
    room.members = members.into_iter().flatten().collect();
    if room.seats.is_some() {
        room.seats = Some(groups::seats(tx, id)?);
    }
    room.side(caller)?;
    Ok(room)
}

/// A message that was accepted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    pub device: DeviceId,
    pub of_business: bool,
    pub epoch: u64,
    pub at: Timestamp,
}

pub(crate) fn message(tx: &mut Tx<'_>, conversation: ConversationId, id: MessageId) -> Result<Option<Known>, StoreError> {
    tx.query_opt(
        "SELECT device, of_business, epoch, at FROM message WHERE conversation = ?1 AND message_id = ?2",
        &[(&conversation).into(), (&id).into()],
        |row| Ok(Known { device: row.get(0)?, of_business: row.get(1)?, epoch: row.get(2)?, at: row.get(3)? }),
    )
}

/// A conversation as its people see it.
pub(crate) fn conversation(network: &Network, tx: &mut Tx<'_>, id: ConversationId) -> Result<Option<pb::Conversation>, StoreError> {
    let room = tx.query_opt(
        "SELECT conversation, business, customer, epoch, window_until, entry_at, entry_until, customer_wrote_at, \
           business_wrote_at, pair_tat, country, open_marketing, open_utility, open_authentication, open_service, barred_at, kind FROM conversation \
         WHERE conversation = ?1 AND kind < 2",
        &[(&id).into()],
        head,
    )?;
    let Some(room) = room else { return Ok(None) };
    if room.seats.is_some() {
        return group(network, tx, &room);
    }
    Ok(Some(pb::Conversation {
        id: id.to_vec(),
        business: room.business.to_vec(),
        customer: room.customer.to_vec(),
        epoch: room.epoch,
        window_until: room.chat.window_until.map_or(0, Timestamp::millis),
        card: trust::card::card(network, tx, room.business)?.map(Box::new),
        customer_phone: phone_of(tx, room.customer)?,
        customer_devices: devices_of(tx, room.customer)?.into_iter().map(DeviceId::to_vec).collect(),
        group: None,
    }))
}

/// A group as its people see it.
fn group(network: &Network, tx: &mut Tx<'_>, room: &Room) -> Result<Option<pb::Conversation>, StoreError> {
    Ok(Some(pb::Conversation {
        id: room.id.to_vec(),
        business: room.business.to_vec(),
        epoch: room.epoch,
        window_until: room.chat.window_until.map_or(0, Timestamp::millis),
        card: trust::card::card(network, tx, room.business)?.map(Box::new),
        group: groups::card(tx, room.id)?.map(Box::new),
        ..Default::default()
    }))
}
