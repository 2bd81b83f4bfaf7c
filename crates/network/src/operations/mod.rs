//! What a logged-in device may ask, a file for each subject.
mod ack;
pub(crate) mod call;
mod commit;
mod conversations;
mod devices;
mod group_info;
mod key_packages;
mod read;
mod submit;
mod typing;

pub(crate) use ack::Seen;
pub(crate) use conversations::{Opener, begin};
pub(crate) use devices::announce;

use crate::{
    Network,
    refusal::{Outcome, Refusal},
    rows::Caller,
    session::Answer,
};
use suki_protocol::pb::{self, client_frame::Body, server_frame};
use suki_store::Tx;
use suki_types::{ConversationId, DeviceId, MessageId, limits};

/// Queues the work of a frame. Nothing is awaited before the unit is queued. `network` is the handle of what the frame is about; `seen` is what the
/// connection knows of its log, for an acknowledgement.
pub(crate) fn dispatch(network: &Network, caller: Caller, body: Body, seen: Seen) -> Answer {
    match body {
        Body::Ack(body) => ack::ack(network, caller, &body, seen),
        Body::Submit(body) => submit::submit(network, caller, body),
        Body::Read(body) => read::read(network, caller, &body),
        Body::Typing(body) => typing::typing(network, caller, &body),
        Body::PublishKeyPackages(body) => key_packages::publish(network, caller, body),
        Body::ClaimKeyPackages(body) => key_packages::claim(network, caller, body),
        Body::OpenConversation(body) => conversations::open(network, caller, &body),
        Body::ListConversations(body) => conversations::list(network, caller, &body),
        Body::Commit(body) => commit::commit(network, caller, body),
        Body::GetGroupInfo(body) => group_info::get(network, caller, &body),
        Body::PublishGroupInfo(body) => group_info::publish(network, caller, body),
        Body::MakeLinkCode(_) => devices::make_link_code(network, caller),
        Body::ListDevices(_) => devices::list(network, caller),
        Body::RemoveDevice(body) => devices::remove(network, caller, &body),
        Body::Call(body) => call::call(network, caller, &body),
        Body::Ping(_) => ready(Ok(Outcome::done(Vec::new()))),
        Body::LogIn(_) => refused(Refusal::malformed("This connection is logged in already")),
    }
}

fn ready(result: Result<Outcome, Refusal>) -> Answer {
    Box::pin(std::future::ready(result))
}

fn refused(refusal: Refusal) -> Answer {
    ready(Err(refusal))
}

/// Queues a unit that writes.
fn write(network: &Network, unit: impl FnMut(&mut Tx<'_>) -> Result<Outcome, Refusal> + Send + 'static) -> Answer {
    Box::pin(network.db().write(unit))
}

/// Queues a unit that reads.
fn read_only(network: &Network, unit: impl FnMut(&mut Tx<'_>) -> Result<Outcome, Refusal> + Send + 'static) -> Answer {
    Box::pin(network.db().read(unit))
}

fn conversation_id(bytes: &[u8]) -> Result<ConversationId, Refusal> {
    ConversationId::try_from(bytes).map_err(|_| Refusal::malformed("A conversation's id has 16 bytes"))
}

fn message_id(bytes: &[u8]) -> Result<MessageId, Refusal> {
    MessageId::try_from(bytes).map_err(|_| Refusal::malformed("A message's id has 16 bytes"))
}

fn device_id(bytes: &[u8]) -> Result<DeviceId, Refusal> {
    DeviceId::try_from(bytes).map_err(|_| Refusal::malformed("A device's id has 16 bytes"))
}

/// Kinds of an `MLSMessage` (RFC 9420, section 6).
#[derive(Clone, Copy)]
enum WireFormat {
    Welcome = 3,
    GroupInfo = 4,
    KeyPackage = 5,
}

/// Checks size and kind of a handshake message that the network only carries.
fn check_handshake(what: &str, bytes: &[u8], format: WireFormat) -> Result<(), Refusal> {
    if bytes.len() > limits::HANDSHAKE_BYTES {
        return Err(Refusal::too_large(what, bytes.len(), limits::HANDSHAKE_BYTES));
    }
    if !bytes.starts_with(&[0, 1, 0, format as u8]) {
        return Err(Refusal::malformed(format!("{what} is not an MLSMessage of version 1.0 and wire format {}", format as u8)));
    }
    Ok(())
}

/// The answer to what was accepted.
fn accepted(message_id: &[u8], at: suki_types::Timestamp, epoch: u64) -> server_frame::Body {
    server_frame::Body::Accepted(pb::Accepted { message_id: message_id.to_vec(), at: at.millis(), epoch, ..Default::default() })
}
