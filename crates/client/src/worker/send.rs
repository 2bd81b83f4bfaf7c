//! The outbox: encrypted once, stored, sent until the network answers.
use super::{Answer, Asked, Worker};
use crate::{Event, thread::Status};
use suki_e2ee::content::{self, HeaderParts};
use suki_protocol::{
    http::Base64,
    pb::{self, RefusalCode, client_frame, server_frame},
};
use suki_types::{ConversationId, MessageId, Timestamp};

impl Worker {
    /// Encrypts the next message of each conversation that can take one. Only the next, so that a change of the group meanwhile costs one message
    /// at most a second encryption.
    pub(super) fn encrypt_outbox(&mut self) {
        let now = self.now();
        let mut seen = std::collections::HashSet::new();
        for place in 0..self.state.outbox.len() {
            let outgoing = &self.state.outbox[place];
            if !seen.insert(outgoing.conversation) || outgoing.mls_message.is_some() {
                continue;
            }
            let Some(group) = self.groups.get_mut(&outgoing.conversation) else { continue };
            let said = match &outgoing.rich {
                Some(rich) => rich.content(),
                None => {
                    let text = pb::Text { body: outgoing.text.clone(), preview_url: false };
                    pb::Content { body: Some(pb::content::Body::Text(text)), ..Default::default() }
                }
            };
            let kind = said.body.as_ref().map_or(pb::MessageKind::Session, suki_protocol::content::message_kind);
            let reply_to = outgoing.reply_to.map_or_else(Vec::new, MessageId::to_vec);
            let entry_point = said.referral.as_ref().map(entry_point).unwrap_or_default();
            let what = pb::Content { reply_to, sender_name: self.options.name.clone(), ..said };
            let parts = HeaderParts { kind, entry_point, ..HeaderParts::session(outgoing.id, now) };
            let sealed = content::seal(&what, &parts, &*self.env.entropy);
            let encrypted = sealed.and_then(|sealed| group.encrypt(&self.device, &sealed.header, &sealed.plaintext));
            match encrypted {
                Ok(bytes) => {
                    self.touched.insert(outgoing.conversation);
                    self.state.outbox[place].mls_message = Some(Base64(bytes));
                    self.changed = true;
                }
                // The group cannot be used as it is: it comes back by an external commit, and the message waits.
                Err(error) => {
                    tracing::warn!(%error, "a message cannot be encrypted");
                    let conversation = outgoing.conversation;
                    self.lose(conversation);
                }
            }
        }
    }

    pub(super) fn send_outbox(&mut self) {
        if !self.connected || self.retry.is_some() {
            return;
        }
        let mut ready = Vec::new();
        for outgoing in &self.state.outbox {
            let Some(bytes) = &outgoing.mls_message else { continue };
            if self.groups.contains_key(&outgoing.conversation) && self.sending.insert(outgoing.conversation) {
                ready.push((outgoing.conversation, outgoing.id, bytes.0.clone()));
            }
        }
        for (conversation, id, mls_message) in ready {
            self.ask(Asked::Submit(conversation, id), client_frame::Body::Submit(pb::Submit { mls_message }));
        }
    }

    pub(super) fn submitted(&mut self, conversation: ConversationId, id: MessageId, answer: Answer) {
        self.sending.remove(&conversation);
        match answer {
            Ok(server_frame::Body::Accepted(accepted)) => self.accepted(conversation, id, Timestamp::from_millis(accepted.at)),
            Ok(server_frame::Body::Refused(refused)) => self.refused(conversation, id, refused),
            Ok(_) => tracing::warn!("the network answered a message with something else"),
            // The same bytes go out again after the next log-in.
            Err(_) => {}
        }
    }

    fn accepted(&mut self, conversation: ConversationId, id: MessageId, at: Timestamp) {
        self.state.outbox.retain(|outgoing| outgoing.id != id);
        self.changed = true;
        let Some(known) = self.state.conversations.get_mut(&conversation) else { return };
        if known.thread.settle(id, at) {
            self.tell(Event::Status(conversation, id, Status::Sent));
        }
    }

    fn refused(&mut self, conversation: ConversationId, id: MessageId, refused: pb::Refused) {
        match refused.code() {
            // The log brings the change of the group, or has brought it: encrypted again, under the same id.
            RefusalCode::StaleEpoch => {
                self.forget_bytes(id);
                self.retry_soon();
            }
            RefusalCode::Unavailable | RefusalCode::RateLimited | RefusalCode::NotLoggedIn => self.retry_soon(),
            // The device was taken out of the group, or its place there is not what it thinks: it comes back.
            RefusalCode::Forbidden if refused.rule.is_empty() => {
                self.forget_bytes(id);
                self.lose(conversation);
                self.retry_soon();
            }
            code => {
                self.state.outbox.retain(|outgoing| outgoing.id != id);
                self.changed = true;
                if self.advance(conversation, id, Status::Failed) {
                    self.tell(Event::Failed(conversation, id, code, refused.message));
                }
            }
        }
    }

    fn forget_bytes(&mut self, id: MessageId) {
        for outgoing in self.state.outbox.iter_mut().filter(|outgoing| outgoing.id == id) {
            outgoing.mls_message = None;
            self.changed = true;
        }
    }

    pub(super) fn send_reads(&mut self) {
        if !self.connected {
            return;
        }
        let mut untold = Vec::new();
        for (conversation, known) in &mut self.state.conversations {
            if let Some((id, told @ false)) = &mut known.read {
                *told = true;
                untold.push((*conversation, *id));
            }
        }
        for (conversation, id) in untold {
            let read = pb::Read { conversation: conversation.to_vec(), message_id: id.to_vec(), played: false };
            self.ask(Asked::Read(conversation, id), client_frame::Body::Read(read));
        }
    }

    /// A read mark that did not get through is told again.
    pub(super) fn read_told(&mut self, conversation: ConversationId, id: MessageId, answer: &Answer) {
        let again = match answer {
            Ok(server_frame::Body::Refused(refused)) => {
                let later = matches!(refused.code(), RefusalCode::Unavailable | RefusalCode::RateLimited);
                if later {
                    self.retry_soon();
                }
                later
            }
            Ok(_) => false,
            Err(_) => true,
        };
        if let Some(known) = self.state.conversations.get_mut(&conversation).filter(|known| again && known.read == Some((id, true))) {
            known.read = Some((id, false));
        }
    }
}

/// What opened the conversation, as far as the network may know it.
fn entry_point(referral: &pb::Referral) -> String {
    match referral.source_type.as_str() {
        "post" => "page",
        other => other,
    }
    .into()
}
