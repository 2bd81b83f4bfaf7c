//! What comes: the link's events and the entries of the log, each taken in once.
use super::{Worker, card_of, packs};
use crate::{
    Event,
    groups::GroupThread,
    state::{Conversation, Proof},
    thread::{Author, Message, Status, Thread, What},
};
use prost::Message as _;
use std::collections::BTreeMap;
use suki_e2ee::{Error, Received, content};
use suki_protocol::{
    http::Base64,
    pb::{self, EntryKind, ReceiptStatus, client_frame, content::Body, server_frame},
};
use suki_types::{AccountId, ConversationId, MessageId, Timestamp};

/// How many messages of a conversation can be proven: as many as a person looks back for a report.
const PROOFS: usize = 100;

impl Worker {
    pub(super) async fn hear(&mut self, event: Option<suki_link::LinkEvent>) {
        match event {
            Some(suki_link::LinkEvent::Connected(logged_in)) => self.logged_in(&logged_in).await,
            Some(suki_link::LinkEvent::Entries(entries)) => {
                for entry in entries {
                    // After a reconnect some come again.
                    if entry.seq > self.state.cursor {
                        self.entry(&entry).await;
                        self.state.cursor = entry.seq;
                        self.changed = true;
                    }
                }
            }
            Some(suki_link::LinkEvent::Typing(typing)) => {
                if let Ok(conversation) = ConversationId::try_from(&typing.conversation[..]) {
                    self.tell(Event::Typing(conversation, typing.on));
                }
            }
            Some(suki_link::LinkEvent::Disconnected) => {
                self.connected = false;
                self.tell(Event::Disconnected);
            }
            Some(suki_link::LinkEvent::LogInRefused { removed: true, .. }) => {
                self.disconnect();
                self.tell(Event::Removed);
            }
            Some(suki_link::LinkEvent::LogInRefused { .. }) => {}
            None => self.disconnect(),
        }
    }

    async fn logged_in(&mut self, logged_in: &pb::LoggedIn) {
        self.connected = true;
        self.retry = None;
        if let Some(link) = self.link.as_ref().filter(|_| self.state.cursor > logged_in.acked) {
            link.ack(self.state.cursor);
        }
        if self.top_up(logged_in.key_packages_left).await.is_err() || self.list().await.is_err() {
            // Disconnected again: the next log-in goes on with it.
            return;
        }
        self.want_held();
        self.tell(Event::Connected);
    }

    /// Learns the conversations that were there before this device.
    async fn list(&mut self) -> Result<(), suki_link::LinkError> {
        if self.state.listed {
            return Ok(());
        }
        self.list_all().await?;
        self.state.listed = true;
        self.changed = true;
        Ok(())
    }

    async fn list_all(&mut self) -> Result<(), suki_link::LinkError> {
        let mut after = Vec::new();
        loop {
            let body = client_frame::Body::ListConversations(pb::ListConversations { after, limit: 0 });
            let server_frame::Body::Conversations(page) = self.ask_now(body).await? else { return Ok(()) };
            for conversation in &page.conversations {
                self.know(conversation);
            }
            if page.next.is_empty() {
                return Ok(());
            }
            after = page.next;
        }
    }

    /// Keeps what the network says of a conversation.
    pub(super) fn know(&mut self, conversation: &pb::Conversation) -> Option<ConversationId> {
        let id = ConversationId::try_from(&conversation.id[..]).ok()?;
        let business = AccountId::try_from(&conversation.business[..]).ok()?;
        let customer = match &conversation.group {
            Some(_) => self.device.account(),
            None => AccountId::try_from(&conversation.customer[..]).ok()?,
        };
        let (name, hosted_by) = card_of(conversation);
        self.changed = true;
        if let Some(known) = self.state.conversations.get_mut(&id) {
            (known.thread.name, known.thread.hosted_by) = (name, hosted_by);
            if let (Some(group), Some(card)) = (&mut known.thread.group, &conversation.group) {
                *group = group_of(card, std::mem::take(&mut group.names));
            }
            return Some(id);
        }
        let group = conversation.group.as_ref().map(|card| group_of(card, BTreeMap::new()));
        let thread = Thread { id, business, name, hosted_by, joined: false, group, messages: Vec::new() };
        self.state
            .conversations
            .insert(id, Conversation { thread, customer, group: None, lost: false, read: None, played: Vec::new(), proofs: BTreeMap::new() });
        self.tell(Event::Opened(id));
        self.want_packs(business);
        Some(id)
    }

    async fn entry(&mut self, entry: &pb::Entry) {
        let conversation = ConversationId::try_from(&entry.conversation[..]).ok();
        let Some(conversation) = conversation else { return self.event(entry) };
        let known = self.state.conversations.contains_key(&conversation);
        if !known && !matches!(entry.kind(), EntryKind::Event) && self.list_all().await.is_err() {
            // The entry is passed over with the conversation unknown; its group is then found missing, and the device comes back into it.
            tracing::warn!("an entry came of a conversation that is not known");
        }
        match entry.kind() {
            EntryKind::Message => self.message(conversation, entry),
            EntryKind::Commit => self.commit(conversation, entry),
            EntryKind::Welcome => self.welcome(conversation, entry),
            EntryKind::Receipt => self.receipt(conversation, entry),
            EntryKind::Event => self.event(entry),
            EntryKind::Unspecified => {}
        }
    }

    fn event(&mut self, entry: &pb::Entry) {
        let Some(body) = pb::Event::decode(&entry.payload[..]).ok().and_then(|event| event.body) else { return };
        match body {
            pb::event::Body::ConversationOpened(conversation) => drop(self.know(&conversation)),
            pb::event::Body::MessageExpired(expired) => {
                let Ok(conversation) = ConversationId::try_from(&entry.conversation[..]) else { return };
                for id in expired.message_ids.iter().filter_map(|id| MessageId::try_from(&id[..]).ok()) {
                    self.advance(conversation, id, Status::Failed);
                }
            }
            pb::event::Body::Notice(notice) => {
                let conversation = ConversationId::try_from(&entry.conversation[..]).ok().filter(|id| id.as_bytes() != &[0; 16]);
                self.notice(conversation, &notice);
            }
            // A device's coming and going is the endpoint's to act on; it shows here as a change of the group.
            pb::event::Body::DeviceAdded(_) | pb::event::Body::DeviceRemoved(_) => {}
        }
    }

    fn message(&mut self, conversation: ConversationId, entry: &pb::Entry) {
        let Ok(id) = MessageId::try_from(&entry.message_id[..]) else { return };
        let (Some(policy), Some(group)) = (self.policy(conversation), self.groups.get_mut(&conversation)) else {
            return self.tell(Event::Unreadable(conversation, id));
        };
        let received = group.receive(&self.device, &entry.payload, &policy);
        self.touched.insert(conversation);
        let opened = received.and_then(|received| match received {
            Received::Application { sender, header, plaintext } => {
                let opened = content::open(&header, &plaintext)?;
                Ok((sender, opened, plaintext))
            }
            Received::Commit { .. } => Err(Error::Malformed("message")),
        });
        match opened {
            Ok((sender, (header, content), plaintext)) if header.message_id == id => {
                let author = self.author(conversation, sender.account, &content.sender_name);
                if author == Author::Business {
                    self.keep_proof(conversation, id, &plaintext);
                }
                let claim = (header.raw.template_id.clone(), header.raw.language.clone());
                self.take(conversation, id, author, Timestamp::from_millis(entry.at), content, claim);
            }
            Err(Error::Spent | Error::Own) => {}
            // From before this device joined, or came back.
            Err(Error::WrongEpoch { message, group }) if message < group => {}
            Err(Error::WrongEpoch { .. }) => {
                self.tell(Event::Unreadable(conversation, id));
                self.lose(conversation);
            }
            Ok(_) | Err(_) => self.tell(Event::Unreadable(conversation, id)),
        }
    }

    /// Who wrote, out of the leaf that signed it; in a group how he calls himself is kept.
    fn author(&mut self, conversation: ConversationId, sender: AccountId, name: &str) -> Author {
        let Some(known) = self.state.conversations.get_mut(&conversation) else { return Author::Business };
        match &mut known.thread.group {
            _ if sender == self.device.account() => Author::Sibling,
            Some(group) if sender != known.thread.business => {
                if !name.is_empty() {
                    group.names.insert(sender, name.to_owned());
                }
                Author::Participant(sender)
            }
            _ => Author::Business,
        }
    }

    /// Keeps what proves that the business sent a message, for a report; of the newest alone.
    fn keep_proof(&mut self, conversation: ConversationId, id: MessageId, plaintext: &[u8]) {
        let (Ok(sealed), Some(known)) = (pb::Sealed::decode(plaintext), self.state.conversations.get_mut(&conversation)) else { return };
        known.proofs.insert(id, Proof { content: Base64(sealed.content), commitment_key: Base64(sealed.commitment_key) });
        while known.proofs.len() > PROOFS {
            known.proofs.pop_first();
        }
    }

    /// `claim` is what the header says of a template: its id and its language.
    fn take(&mut self, conversation: ConversationId, id: MessageId, author: Author, at: Timestamp, content: pb::Content, claim: (String, String)) {
        let reply_to = MessageId::try_from(&content.reply_to[..]).ok();
        let of_business = author == Author::Business;
        match &content.body {
            Some(Body::Template(template)) if of_business => {
                let Some(business) = self.state.conversations.get(&conversation).map(|known| known.thread.business) else { return };
                return self.take_template(packs::held(conversation, business, id, at, claim, template, reply_to));
            }
            Some(Body::History(_)) if of_business => {
                let Some(Body::History(history)) = content.body else { return };
                return history.items.into_iter().for_each(|item| self.history(conversation, item));
            }
            Some(Body::Reaction(reaction)) => return self.reacted(conversation, author, at, reaction),
            Some(Body::Exchange(exchange)) if of_business && exchange.answer => {
                self.exchanged(exchange);
                return self.tell(Event::Answer(conversation, exchange.clone()));
            }
            // Only businesses offer things to press, and only customers press them.
            Some(Body::Interactive(_)) if !of_business => return,
            Some(Body::InteractiveReply(_) | Body::ButtonReply(_) | Body::Order(_)) if of_business => return,
            _ => {}
        }
        let (Some(what), Some(text)) = (What::of(&content), content.body.as_ref().map(suki_protocol::content::words)) else { return };
        let status = author.is_own().then_some(Status::Sent);
        self.put(conversation, Message { id, author, text, what, reply_to, at, status, reactions: Vec::new() });
    }

    fn history(&mut self, conversation: ConversationId, item: pb::HistoryItem) {
        let (Ok(id), Some(content)) = (MessageId::try_from(&item.message_id[..]), item.content) else { return };
        if matches!(content.body, Some(Body::History(_))) || self.is_known(conversation, id) {
            return;
        }
        let author = if item.from_business { Author::Business } else { Author::Sibling };
        let language = if let Some(Body::Template(template)) = &content.body { template.language.clone() } else { String::new() };
        self.take(conversation, id, author, Timestamp::from_millis(item.at), content, (item.template_id, language));
    }

    fn is_known(&self, conversation: ConversationId, id: MessageId) -> bool {
        let shown = self.state.conversations.get(&conversation).is_some_and(|known| known.thread.message(id).is_some());
        shown || self.state.held.iter().any(|held| held.id == id)
    }

    fn put(&mut self, conversation: ConversationId, message: Message) {
        let Some(known) = self.state.conversations.get_mut(&conversation) else { return };
        if known.thread.insert(message.clone(), self.options.kept_messages) {
            self.tell(Event::Message(conversation, message));
        }
    }

    /// Shows a message that was not shown yet, or not as it should be.
    pub(super) fn replace(&mut self, conversation: ConversationId, message: Message) {
        let Some(known) = self.state.conversations.get_mut(&conversation) else { return };
        if known.thread.replace(message.clone(), self.options.kept_messages) {
            self.changed = true;
            self.tell(Event::Message(conversation, message));
        }
    }

    fn receipt(&mut self, conversation: ConversationId, entry: &pb::Entry) {
        let Ok(receipt) = pb::Receipt::decode(&entry.payload[..]) else { return };
        let ids: Vec<MessageId> = receipt.message_ids.iter().filter_map(|id| MessageId::try_from(&id[..]).ok()).collect();
        match receipt.status() {
            ReceiptStatus::Delivered => {
                for id in ids {
                    self.advance(conversation, id, Status::Delivered);
                }
            }
            ReceiptStatus::Read | ReceiptStatus::Played => {
                let Some(last) = ids.last().copied() else { return };
                let Some(known) = self.state.conversations.get_mut(&conversation) else { return };
                if known.thread.message(last).is_some_and(|message| !message.author.is_own()) {
                    known.read = Some((last, true));
                    return self.tell(Event::ReadElsewhere(conversation, last));
                }
                for id in known.thread.own_up_to(last) {
                    self.advance(conversation, id, Status::Read);
                }
            }
            ReceiptStatus::Unspecified => {}
        }
    }
}

/// A group as the network describes it; who is described a group is in it.
fn group_of(card: &pb::GroupCard, names: BTreeMap<AccountId, String>) -> GroupThread {
    GroupThread {
        subject: card.subject.clone(),
        description: card.description.clone(),
        participants: card.participants.iter().filter_map(|account| AccountId::try_from(&account[..]).ok()).collect(),
        names,
        left: false,
    }
}
