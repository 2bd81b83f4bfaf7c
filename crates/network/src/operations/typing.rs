//! Somebody types: passed on to who is connected, stored nowhere.
use super::{conversation_id, read_only, refused};
use crate::{Network, consent, refusal::Outcome, rows, rows::Caller, session::Answer};
use suki_bus::Wake;
use suki_protocol::pb;

pub(super) fn typing(network: &Network, caller: Caller, body: &pb::Typing) -> Answer {
    let conversation = match conversation_id(&body.conversation) {
        Ok(conversation) => conversation,
        Err(refusal) => return refused(refusal),
    };
    let signal = pb::Typing { conversation: conversation.to_vec(), on: body.on, from_account: caller.account.to_vec() };
    let whole = network.clone();
    read_only(network, move |tx| {
        let room = rows::room(tx, conversation, &caller)?;
        room.must_be_member(&caller)?;
        let of_business = room.side(&caller)?;
        // Between the two nothing passes any more, and nobody is told so (R9).
        if consent::is_blocked(tx, room.business, room.customer)? {
            return Ok(Outcome::done(Vec::new()));
        }
        // In a group the other customers see it too.
        let own = if room.seats.is_some() { rows::devices_of(tx, caller.account)? } else { Vec::new() };
        let in_group = |device| room.seats.is_some() && !own.contains(&device);
        let others = room.others(&caller).filter(|member| member.of_business != of_business || in_group(member.device));
        let others: Vec<_> = others.map(|member| member.device).collect();
        let wakes = others.into_iter().map(|device| whole.signal(tx, device, Wake::Typing(signal.clone())));
        Ok(Outcome::done(wakes.collect::<Result<_, _>>()?))
    })
}
