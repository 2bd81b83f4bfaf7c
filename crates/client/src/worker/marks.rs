//! What is said of a message without writing one: emoji on it, and that it was listened to.
use super::{Answer, Asked, Worker};
use crate::{
    ClientError, Event,
    thread::{Author, Reaction},
};
use suki_protocol::pb::{self, RefusalCode, client_frame, server_frame};
use suki_types::{ConversationId, MessageId, Timestamp};

impl Worker {
    /// A reaction that came, or goes out: the newest of each side stands.
    pub(super) fn reacted(&mut self, conversation: ConversationId, author: Author, at: Timestamp, reaction: &pb::Reaction) {
        let Ok(target) = MessageId::try_from(&reaction.message_id[..]) else { return };
        let Some(known) = self.state.conversations.get_mut(&conversation) else { return };
        let reaction = Reaction { of_business: author == Author::Business, emoji: reaction.emoji.clone(), at };
        if known.thread.react(target, reaction.clone()) {
            self.changed = true;
            self.tell(Event::Reacted(conversation, target, reaction));
        }
    }

    /// A message of the business was listened to: read, too.
    pub(super) fn play(&mut self, conversation: ConversationId, id: MessageId) -> Result<(), ClientError> {
        self.read(conversation, id)?;
        let known = self.state.conversations.get_mut(&conversation).ok_or(ClientError::Unknown)?;
        if !known.played.contains(&id) {
            known.played.push(id);
            self.changed = true;
        }
        Ok(())
    }

    pub(super) fn send_plays(&mut self) {
        if !self.connected || self.retry.is_some() {
            return;
        }
        let mut untold = Vec::new();
        for (conversation, known) in &self.state.conversations {
            untold.extend(known.played.iter().map(|id| (*conversation, *id)));
        }
        for (conversation, id) in untold {
            if self.playing.insert(id) {
                let played = pb::Read { conversation: conversation.to_vec(), message_id: id.to_vec(), played: true };
                self.ask(Asked::Played(conversation, id), client_frame::Body::Read(played));
            }
        }
    }

    /// What did not get through is told again.
    pub(super) fn play_told(&mut self, conversation: ConversationId, id: MessageId, answer: &Answer) {
        self.playing.remove(&id);
        let again = match answer {
            Ok(server_frame::Body::Refused(refused)) => matches!(refused.code(), RefusalCode::Unavailable | RefusalCode::RateLimited),
            Ok(_) => false,
            Err(_) => return,
        };
        if again {
            return self.retry_soon();
        }
        if let Some(known) = self.state.conversations.get_mut(&conversation) {
            known.played.retain(|played| *played != id);
            self.changed = true;
        }
    }
}
