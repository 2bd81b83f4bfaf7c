//! Opening a conversation with a business, and listing an account's conversations.
use super::{read_only, refused, write};
use crate::{
    Network, int, money, profiles,
    refusal::{Outcome, Refusal},
    rows::{self, Caller},
    session::Answer,
    trust, usernames,
    wakes::Wakes,
};
use suki_protocol::{
    calls::conversation::ConversationEntered,
    pb::{self, server_frame::Body},
};
use suki_store::Tx;
use suki_types::{AccountId, ConversationId, DeviceId};

/// How many conversations one answer lists at most.
const PER_PAGE: u32 = 200;

pub(super) fn open(network: &Network, caller: Caller, body: &pb::OpenConversation) -> Answer {
    let Ok(business) = AccountId::try_from(&body.business[..]) else {
        return refused(Refusal::malformed("A business's id has 16 bytes"));
    };
    if caller.kind != pb::AccountKind::Person {
        return refused(Refusal::forbidden("Conversations are opened by persons: a customer writes to a business first"));
    }
    let own = network.clone();
    let fresh = ConversationId::new(network.env());
    write(network, move |tx| {
        let known = tx.query_opt(
            "SELECT conversation FROM account_conversation WHERE account = ?1 AND other = ?2",
            &[(&caller.account).into(), (&business).into()],
            |row| row.get::<ConversationId>(0),
        )?;
        if let Some(known) = known {
            return Ok(Outcome::quiet(Body::Conversation(existing(&own, tx, known)?)));
        }
        let (conversation, wakes) = begin(&own, tx, business, caller.account, fresh, Opener::Customer(caller.device))?;
        Ok(Outcome { body: Body::Conversation(conversation), wakes })
    })
}

/// Who begins a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opener {
    /// The customer, by whose device: it gets the answer, and no event.
    Customer(DeviceId),
    /// The business, whose endpoint learns of it by the event.
    Business,
}

/// Makes the conversation of a business and a customer who have none, and tells both sides.
pub(crate) fn begin(
    network: &Network,
    tx: &mut Tx<'_>,
    business: AccountId,
    customer: AccountId,
    id: ConversationId,
    opener: Opener,
) -> Result<(pb::Conversation, Wakes), Refusal> {
    if trust::card::card(network, tx, business)?.is_none() {
        return Err(Refusal::unknown("No business has this id; take it from the business's link"));
    }
    let by = if opener == Opener::Business { 2 } else { 1 };
    let country = money::country_of(tx, customer)?;
    tx.execute(
        "INSERT INTO conversation (conversation, business, customer, opened_at, opened_by, country) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        &[(&id).into(), (&business).into(), (&customer).into(), network.now().into(), by.into(), country.code().into()],
    )?;
    for (account, other) in [(customer, business), (business, customer)] {
        tx.execute(
            "INSERT INTO account_conversation (account, other, conversation) VALUES (?1, ?2, ?3)",
            &[(&account).into(), (&other).into(), (&id).into()],
        )?;
    }
    let greets = matches!(opener, Opener::Customer(_)) && profiles::greets(tx, business)?;
    if greets && let Some(until) = network.policy().window.to_greet(network.now()) {
        tx.execute("UPDATE conversation SET window_until = ?2 WHERE conversation = ?1", &[(&id).into(), until.into()])?;
    }
    let conversation = existing(network, tx, id)?;
    let mut devices = rows::devices_of(tx, business)?;
    devices.extend(rows::devices_of(tx, customer)?);
    devices.retain(|device| opener != Opener::Customer(*device));
    let mut wakes = network.append_event(tx, devices, id, pb::event::Body::ConversationOpened(conversation.clone()))?;
    let business = rows::devices_of(tx, business)?;
    wakes.extend(usernames::introduce(network, tx, customer, id, business.clone())?);
    if greets {
        wakes.extend(network.append_notice(tx, business, Some(id), &ConversationEntered { customer })?);
    }
    Ok((conversation, wakes))
}

fn existing(network: &Network, tx: &mut Tx<'_>, id: ConversationId) -> Result<pb::Conversation, Refusal> {
    rows::conversation(network, tx, id)?.ok_or_else(Refusal::not_yours)
}

pub(super) fn list(network: &Network, caller: Caller, body: &pb::ListConversations) -> Answer {
    let after = match &body.after[..] {
        [] => [0; 16],
        after => match <[u8; 16]>::try_from(after) {
            Ok(after) => after,
            Err(_) => return refused(Refusal::malformed("`after` is the `next` of the page before, 16 bytes, or empty")),
        },
    };
    let limit = if body.limit == 0 { PER_PAGE } else { body.limit.min(PER_PAGE) };
    let own = network.clone();
    read_only(network, move |tx| {
        let page = tx.query(
            "SELECT other, conversation FROM account_conversation WHERE account = ?1 AND other > ?2 ORDER BY other LIMIT ?3",
            &[(&caller.account).into(), (&after).into(), int(u64::from(limit) + 1)],
            |row| Ok((row.get::<AccountId>(0)?, row.get::<ConversationId>(1)?)),
        )?;
        let shown = &page[..page.len().min(limit as usize)];
        let next = if page.len() > shown.len() { shown.last().map_or_else(Vec::new, |(other, _)| other.to_vec()) } else { Vec::new() };
        let conversations = shown.iter().map(|(_, id)| existing(&own, tx, *id)).collect::<Result<_, _>>()?;
        Ok(Outcome::quiet(Body::Conversations(pb::Conversations { conversations, next })))
    })
}
