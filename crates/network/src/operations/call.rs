//! Calls: operations by name, dispatched to the subject that their name begins with.
pub(crate) use crate::wakes::Wakes;

use super::{read_only, ready, refused, write};
use crate::{
    Network, admission, blobs, consent, groups, money, moves, profiles,
    refusal::{Outcome, Refusal},
    rows::Caller,
    session::Answer,
    standing, statistics, templates, trust, usernames,
};
use suki_protocol::{
    calls::{Call, JSON_BYTES, rules::GetRules},
    pb::{self, AccountKind, server_frame::Body},
};
use suki_store::Tx;

/// Finds the subject. Each answers `None` for a name that it does not know.
pub(super) fn call(network: &Network, caller: Caller, body: &pb::Call) -> Answer {
    if body.json.len() > JSON_BYTES {
        return refused(Refusal::too_large("The call's JSON", body.json.len(), JSON_BYTES));
    }
    dispatch(network, caller, &body.name, &body.json).unwrap_or_else(|| refused(unknown(&body.name)))
}

fn dispatch(network: &Network, caller: Caller, name: &str, json: &[u8]) -> Option<Answer> {
    let (subject, _) = name.split_once('.')?;
    // An arm for each subject.
    match subject {
        "bill" | "price" => money::call(network, caller, name, json),
        "media" => admission::call(network, caller, name, json),
        "blob" => blobs::call(network, caller, name, json),
        "phone" => moves::call(network, caller, name, json),
        "profile" => profiles::call(network, caller, name, json),
        "username" => usernames::call(network, caller, name, json),
        "stats" => statistics::call(network, caller, name, json),
        "business" if name == GetRules::NAME => admission::call(network, caller, name, json),
        "standing" => standing::call(network, caller, name, json),
        subject if trust::answers(subject) => trust::call(network, caller, name, json),
        "template" | "pack" => templates::call(network, caller, name, json),
        "group" => groups::call(network, caller, name, json),
        "relation" | "settings" | "consent" | "conversation" | "block_list" | "report" => consent::call(network, caller, name, json),
        _ => None,
    }
}

fn unknown(name: &str) -> Refusal {
    let name: String = name.chars().filter(|c| c.is_ascii_graphic()).take(60).collect();
    Refusal::unknown(format!("There is no call {name:?} here; this network may be older than the program that asks"))
}

/// Reads a call's request.
pub(crate) fn request<C: Call>(json: &[u8]) -> Result<C, Refusal> {
    serde_json::from_slice(json).map_err(|error| Refusal::malformed(format!("{} cannot be read: {error}", C::NAME)))
}

/// An answer that is there already.
pub(crate) fn answer<C: Call>(answer: &C::Answer) -> Result<Body, Refusal> {
    let json = serde_json::to_vec(answer).map_err(|_| Refusal::malformed("The answer cannot be written"))?;
    if json.len() > JSON_BYTES {
        return Err(Refusal::too_large("The answer", json.len(), JSON_BYTES));
    }
    Ok(Body::Called(pb::Called { json }))
}

/// A call that only reads: `unit` gets the request and gives the answer.
pub(crate) fn reads<C: Call>(
    network: &Network,
    json: &[u8],
    unit: impl Fn(&mut Tx<'_>, &C) -> Result<C::Answer, Refusal> + Send + 'static,
) -> Answer {
    match request::<C>(json) {
        Err(refusal) => refused(refusal),
        Ok(request) => read_only(network, move |tx| Ok(Outcome::quiet(answer::<C>(&unit(tx, &request)?)?))),
    }
}

/// A call that writes: `unit` gets the request and gives the answer and whom to wake. A refusal takes everything back.
pub(crate) fn writes<C: Call>(
    network: &Network,
    json: &[u8],
    unit: impl Fn(&mut Tx<'_>, &C) -> Result<(C::Answer, Wakes), Refusal> + Send + 'static,
) -> Answer {
    match request::<C>(json) {
        Err(refusal) => refused(refusal),
        Ok(request) => write(network, move |tx| {
            let (given, wakes) = unit(tx, &request)?;
            Ok(Outcome { body: answer::<C>(&given)?, wakes })
        }),
    }
}

/// A call that needs nothing of the store.
pub(crate) fn gives<C: Call>(json: &[u8], make: impl FnOnce(&C) -> Result<C::Answer, Refusal>) -> Answer {
    ready(request::<C>(json).and_then(|request| make(&request)).and_then(|given| answer::<C>(&given)).map(Outcome::quiet))
}

/// An error unless the caller is a business's endpoint.
pub(crate) fn business_only(caller: &Caller) -> Result<(), Refusal> {
    match caller.kind {
        AccountKind::Business => Ok(()),
        _ => Err(Refusal::forbidden("Only a business's endpoint may ask this")),
    }
}

/// An error unless the caller is a person's device.
pub(crate) fn person_only(caller: &Caller) -> Result<(), Refusal> {
    match caller.kind {
        AccountKind::Person => Ok(()),
        _ => Err(Refusal::forbidden("Only a person's device may ask this")),
    }
}
