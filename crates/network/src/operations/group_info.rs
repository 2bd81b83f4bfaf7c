//! The group's public state: with it a device that lost its own comes back.
use super::{WireFormat, check_handshake, conversation_id, read_only, refused, write};
use crate::{
    Network, int,
    refusal::{Outcome, Refusal},
    rows::{self, Caller},
    session::Answer,
};
use suki_protocol::pb::{self, RefusalCode, server_frame::Body};
use suki_store::{StoreError, Tx};
use suki_types::ConversationId;

pub(super) fn get(network: &Network, caller: Caller, body: &pb::GetGroupInfo) -> Answer {
    let conversation = match conversation_id(&body.conversation) {
        Ok(conversation) => conversation,
        Err(refusal) => return refused(refusal),
    };
    read_only(network, move |tx| {
        let room = rows::room(tx, conversation, &caller)?;
        let stored = tx.query_opt("SELECT epoch, data FROM group_info WHERE conversation = ?1", &[(&conversation).into()], |row| {
            Ok((row.get::<u64>(0)?, row.get::<Vec<u8>>(1)?))
        })?;
        match stored {
            Some((epoch, mls_message)) if epoch == room.epoch => {
                Ok(Outcome::quiet(Body::GroupInfo(pb::GroupInfo { conversation: conversation.to_vec(), epoch, mls_message })))
            }
            _ => Err(Refusal::unknown("The group's info of this epoch is not here yet: the endpoint publishes it after each commit, ask again")),
        }
    })
}

pub(super) fn publish(network: &Network, caller: Caller, body: pb::PublishGroupInfo) -> Answer {
    let checked = check_handshake("The group info", &body.group_info, WireFormat::GroupInfo).and_then(|()| conversation_id(&body.conversation));
    let conversation = match checked {
        Ok(conversation) => conversation,
        Err(refusal) => return refused(refusal),
    };
    write(network, move |tx| {
        let room = rows::room(tx, conversation, &caller)?;
        room.must_be_member(&caller)?;
        if body.epoch != room.epoch {
            let text = format!("The conversation is in epoch {}, the group info is of epoch {}", room.epoch, body.epoch);
            return Err(Refusal::epoch(RefusalCode::StaleEpoch, room.epoch, text));
        }
        store(tx, conversation, body.epoch, &body.group_info)?;
        Ok(Outcome::done(Vec::new()))
    })
}

pub(super) fn store(tx: &mut Tx<'_>, conversation: ConversationId, epoch: u64, data: &[u8]) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO group_info (conversation, epoch, data) VALUES (?1, ?2, ?3) \
         ON CONFLICT (conversation) DO UPDATE SET epoch = excluded.epoch, data = excluded.data",
        &[(&conversation).into(), int(epoch), data.into()],
    )?;
    Ok(())
}
