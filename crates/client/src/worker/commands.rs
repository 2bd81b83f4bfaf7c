//! What the handle asks.
use super::{Asked, Worker};
use crate::{
    ClientError, Event, choices,
    state::Outgoing,
    thread::{Author, Message, Rich, Status, Thread, What},
};
use suki_link::LinkError;
use suki_protocol::{
    calls::report::ReportedMessage,
    pb::{self, client_frame, content::Body, server_frame},
};
use suki_types::{AccountId, ConversationId, MessageId};
use tokio::sync::oneshot;

type Reply<T> = oneshot::Sender<Result<T, ClientError>>;

pub(crate) enum Command {
    Open(AccountId, Reply<ConversationId>),
    Send { conversation: ConversationId, content: Box<pb::Content>, reply_to: Option<MessageId>, answer: Reply<MessageId> },
    Exchange { conversation: ConversationId, kind: String, json: Vec<u8>, answer: Reply<Vec<u8>> },
    Press { conversation: ConversationId, message: MessageId, button: usize, answer: Reply<MessageId> },
    Read(ConversationId, MessageId, Reply<()>),
    Play(ConversationId, MessageId, Reply<()>),
    Typing(ConversationId, bool),
    Request(client_frame::Body, Reply<server_frame::Body>),
    Proofs(ConversationId, Vec<MessageId>, Reply<(AccountId, Vec<ReportedMessage>)>),
    Thread(ConversationId, Reply<Thread>),
    Conversations(oneshot::Sender<Vec<ConversationId>>),
    SafetyNumber(ConversationId, Reply<Option<String>>),
    LoseGroup(ConversationId, Reply<()>),
    Online(bool, oneshot::Sender<()>),
}

/// A refusal as the caller's error.
pub(super) fn result(answer: Result<server_frame::Body, LinkError>) -> Result<server_frame::Body, ClientError> {
    match answer {
        Ok(server_frame::Body::Refused(refused)) => Err(ClientError::Refused(refused.message)),
        Ok(body) => Ok(body),
        Err(LinkError::Away | LinkError::Disconnected) => Err(ClientError::Disconnected),
        Err(LinkError::Ended) => Err(ClientError::Stopped),
    }
}

/// Whoever has stopped waiting needs no answer.
fn reply<T>(whom: oneshot::Sender<T>, answer: T) {
    drop(whom.send(answer));
}

impl Worker {
    pub(super) fn obey(&mut self, command: Command) {
        match command {
            Command::Open(business, whom) => {
                let body = client_frame::Body::OpenConversation(pb::OpenConversation { business: business.to_vec() });
                self.ask(Asked::Open(whom), body);
            }
            Command::Send { conversation, content, reply_to, answer } => {
                let sent = self.write(conversation, *content, reply_to);
                // Stored before it is promised.
                let stored = self.settle();
                reply(answer, stored.map_err(|_| ClientError::Stopped).and(sent));
            }
            Command::Exchange { conversation, kind, json, answer } => self.exchange(conversation, kind, json, answer),
            Command::Press { conversation, message, button, answer } => {
                let sent = self.press(conversation, message, button);
                let stored = self.settle();
                reply(answer, stored.map_err(|_| ClientError::Stopped).and(sent));
            }
            Command::Read(conversation, id, whom) => reply(whom, self.read(conversation, id)),
            Command::Play(conversation, id, whom) => reply(whom, self.play(conversation, id)),
            Command::Typing(conversation, on) => {
                let typing = pb::Typing { conversation: conversation.to_vec(), on, from_account: Vec::new() };
                self.ask(Asked::Typing, client_frame::Body::Typing(typing));
            }
            Command::Request(body, whom) => self.ask(Asked::Other(whom), body),
            Command::Thread(conversation, whom) => {
                let thread = self.state.conversations.get(&conversation).map(|known| known.thread.clone());
                reply(whom, thread.ok_or(ClientError::Unknown));
            }
            Command::Proofs(conversation, messages, whom) => reply(whom, self.proofs(conversation, &messages)),
            Command::Conversations(whom) => reply(whom, self.state.conversations.keys().copied().collect()),
            Command::SafetyNumber(conversation, whom) => {
                let known = self.state.conversations.contains_key(&conversation);
                let number = self.groups.get(&conversation).map(suki_e2ee::Group::safety_number);
                reply(whom, if known { Ok(number) } else { Err(ClientError::Unknown) });
            }
            Command::LoseGroup(conversation, whom) => reply(whom, self.lose(conversation).ok_or(ClientError::Unknown)),
            Command::Online(true, whom) => {
                if self.link.is_none() {
                    self.connect();
                }
                reply(whom, ());
            }
            Command::Online(false, whom) => {
                self.disconnect();
                self.tell(Event::Disconnected);
                reply(whom, ());
            }
        }
    }

    fn press(&mut self, conversation: ConversationId, message: MessageId, button: usize) -> Result<MessageId, ClientError> {
        let known = self.state.conversations.get(&conversation).ok_or(ClientError::Unknown)?;
        let pressed = known.thread.message(message).and_then(|message| choices::pressed(&message.what, button)).ok_or(ClientError::Unknown)?;
        self.write(conversation, pb::Content { body: Some(pressed), ..Default::default() }, Some(message))
    }

    /// Shown at once, unless it is nothing that is shown; encrypted and sent as soon as it can be.
    pub(super) fn write(
        &mut self,
        conversation: ConversationId,
        content: pb::Content,
        reply_to: Option<MessageId>,
    ) -> Result<MessageId, ClientError> {
        let body = content.body.as_ref().ok_or(ClientError::Content("content"))?;
        match body {
            Body::Template(_) | Body::Interactive(_) | Body::History(_) => return Err(ClientError::Content("kind: only businesses send that")),
            body => {
                suki_protocol::content::check(body).map_err(|what| if what == "text" { ClientError::Text } else { ClientError::Content(what) })?
            }
        }
        let (id, at) = (MessageId::new(&self.env), self.now());
        let known = self.state.conversations.get_mut(&conversation).ok_or(ClientError::Unknown)?;
        let in_group = known.thread.group.is_some();
        let (text, what) = (suki_protocol::content::words(body), What::of(&content));
        let rich = (content != plain(&text)).then(|| Rich::new(&content));
        if let Some(what) = what {
            let message =
                Message { id, author: Author::Me, text: text.clone(), what, reply_to, at, status: Some(Status::Pending), reactions: Vec::new() };
            known.thread.insert(message.clone(), self.options.kept_messages);
            if !in_group {
                self.look_for_word(conversation, &text);
            }
            self.tell(Event::Message(conversation, message));
        } else if let Body::Reaction(reaction) = body {
            self.reacted(conversation, Author::Me, at, reaction);
        }
        self.state.outbox.push(Outgoing { conversation, id, text, rich, reply_to, mls_message: None });
        self.changed = true;
        Ok(id)
    }

    /// What proves messages of the business.
    fn proofs(&self, conversation: ConversationId, messages: &[MessageId]) -> Result<(AccountId, Vec<ReportedMessage>), ClientError> {
        let known = self.state.conversations.get(&conversation).ok_or(ClientError::Unknown)?;
        let proof = |id: &MessageId| {
            let proof = known.proofs.get(id).cloned().ok_or(ClientError::Unknown)?;
            Ok(ReportedMessage { message_id: *id, content: proof.content, commitment_key: proof.commitment_key })
        };
        Ok((known.thread.business, messages.iter().map(proof).collect::<Result<_, ClientError>>()?))
    }

    pub(super) fn read(&mut self, conversation: ConversationId, id: MessageId) -> Result<(), ClientError> {
        let known = self.state.conversations.get_mut(&conversation).ok_or(ClientError::Unknown)?;
        let place = |wanted: MessageId| known.thread.messages.iter().position(|message| message.id == wanted);
        let now = known.thread.message(id).filter(|message| !message.author.is_own()).and(place(id)).ok_or(ClientError::Unknown)?;
        let before = known.read.and_then(|(read, _)| place(read));
        if before.is_none_or(|before| now > before) {
            known.read = Some((id, false));
            self.changed = true;
        }
        Ok(())
    }
}

/// A text and nothing else.
fn plain(text: &str) -> pb::Content {
    pb::Content { body: Some(Body::Text(pb::Text { body: text.to_owned(), preview_url: false })), ..Default::default() }
}
