//! The task that is the device: it owns the state and does one thing at a time.
mod commands;
mod groups;
mod marks;
mod notices;
mod packs;
mod questions;
mod receive;
mod send;
mod words;

pub(crate) use commands::Command;

use crate::{
    Event, Options,
    state::{State, StateError, Storage, StoredGroup, Wished},
    thread::Status,
};
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use std::{
    collections::{HashMap, HashSet},
    future::Future,
    pin::Pin,
    sync::Arc,
};
use suki_e2ee::{CommitPolicy, Device, Group};
use suki_link::{Dial, Identity, Inbox, Link, LinkError};
use suki_protocol::{
    http::Base64,
    pb::{self, client_frame, server_frame},
};
use suki_types::{AccountId, ConversationId, Env, MessageId, Timestamp, Wait};
use tokio::sync::{mpsc, oneshot};

/// What was asked of the network, for when its answer comes.
enum Asked {
    Submit(ConversationId, MessageId),
    Read(ConversationId, MessageId),
    Played(ConversationId, MessageId),
    Open(oneshot::Sender<Result<ConversationId, crate::ClientError>>),
    Packs(packs::Job),
    Other(oneshot::Sender<Result<server_frame::Body, crate::ClientError>>),
    Typing,
    Words,
    Wish(Wished),
}

type Answer = Result<server_frame::Body, LinkError>;
type UnderWay = Pin<Box<dyn Future<Output = (Asked, Answer)> + Send>>;

/// When something has to be tried again that the network cannot do now.
const RETRY_MILLIS: i64 = 1000;

pub(crate) struct Worker {
    env: Env,
    dial: Arc<dyn Dial>,
    device: Device,
    options: Options,
    storage: Storage,
    state: State,
    groups: HashMap<ConversationId, Group>,
    /// Groups that changed since the last save.
    touched: HashSet<ConversationId>,
    link: Option<Link>,
    inbox: Option<Inbox>,
    connected: bool,
    under_way: FuturesUnordered<UnderWay>,
    /// Conversations that have a message under way: one at a time, so that they keep their order.
    sending: HashSet<ConversationId>,
    /// Messages of which the network is being told that they were listened to.
    playing: HashSet<MessageId>,
    retry: Option<Wait>,
    words: words::Known,
    /// Sent before the words were known.
    unread: Vec<(ConversationId, String)>,
    /// Businesses of whom a wish is under way.
    wishing: HashSet<AccountId>,
    packs: packs::Packs,
    /// What was asked of businesses.
    questions: questions::Waiting,
    changed: bool,
    events: mpsc::UnboundedSender<Event>,
    untold: Vec<Event>,
}

impl Worker {
    pub fn new(
        mut state: State,
        storage: Storage,
        dial: Arc<dyn Dial>,
        options: Options,
        env: Env,
    ) -> Result<(Self, mpsc::UnboundedReceiver<Event>), StateError> {
        let device = state.credentials.device()?;
        let mut groups = HashMap::new();
        for (id, conversation) in &mut state.conversations {
            if let Some(stored) = &conversation.group {
                match Group::import(&device, &stored.cold.0, &stored.hot.0) {
                    Ok(group) => drop(groups.insert(*id, group)),
                    // Of another version, or damaged: the device comes back by an external commit.
                    Err(_) => (conversation.group, conversation.lost) = (None, true),
                }
            }
        }
        let (events, receiver) = mpsc::unbounded_channel();
        let worker = Self {
            env,
            dial,
            device,
            options,
            storage,
            state,
            groups,
            touched: HashSet::new(),
            link: None,
            inbox: None,
            connected: false,
            under_way: FuturesUnordered::new(),
            sending: HashSet::new(),
            playing: HashSet::new(),
            retry: None,
            words: words::Known::default(),
            unread: Vec::new(),
            wishing: HashSet::new(),
            packs: packs::Packs::default(),
            questions: questions::Waiting::default(),
            changed: false,
            events,
            untold: Vec::new(),
        };
        Ok((worker, receiver))
    }

    pub async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        self.open_packs();
        self.connect();
        loop {
            tokio::select! {
                command = commands.recv() => match command {
                    Some(command) => self.obey(command),
                    None => return,
                },
                event = next_event(&mut self.inbox) => self.hear(event).await,
                Some((asked, answer)) = self.under_way.next(), if !self.under_way.is_empty() => self.answered(asked, answer),
                () = alarm(&mut self.retry) => self.retry = None,
                () = self.packs.rings() => {}
            }
            if self.connected {
                self.come_back().await;
            }
            if let Err(error) = self.settle() {
                // What cannot be stored is not acknowledged: stopping here loses nothing.
                tracing::error!(%error, "the device stops");
                return;
            }
        }
    }

    fn connect(&mut self) {
        let device = self.device.clone();
        let identity = Identity { device: device.id(), signer: Arc::new(move |bytes| device.sign(bytes)) };
        let (link, inbox) = Link::start(self.dial.clone(), identity, self.env.clone());
        (self.link, self.inbox) = (Some(link), Some(inbox));
    }

    fn disconnect(&mut self) {
        (self.link, self.inbox, self.connected) = (None, None, false);
        // Their answers will not come over another connection.
        self.under_way.clear();
        self.sending.clear();
        self.playing.clear();
        self.wishing.clear();
        if matches!(self.words, words::Known::Asked) {
            self.words = words::Known::Nothing;
        }
        self.packs_disconnected();
    }

    fn tell(&mut self, event: Event) {
        self.untold.push(event);
    }

    /// Stores, then sends, acknowledges and tells: in this order, so that nothing leaves that is not stored.
    fn settle(&mut self) -> Result<(), StateError> {
        self.encrypt_outbox();
        if self.changed {
            self.save()?;
            self.changed = false;
            if let Some(link) = &self.link {
                link.ack(self.state.cursor);
            }
        }
        self.send_outbox();
        self.send_reads();
        self.send_plays();
        self.send_wishes();
        self.send_packs();
        for event in self.untold.drain(..) {
            // Whoever does not listen needs no telling.
            drop(self.events.send(event));
        }
        Ok(())
    }

    fn save(&mut self) -> Result<(), StateError> {
        if !self.storage.is_lasting() {
            self.touched.clear();
            return Ok(());
        }
        for id in std::mem::take(&mut self.touched) {
            let Some(conversation) = self.state.conversations.get_mut(&id) else { continue };
            let Some(group) = self.groups.get_mut(&id) else {
                conversation.group = None;
                continue;
            };
            let exported = group.export()?;
            let before = conversation.group.take().map(|stored| stored.cold);
            let cold = exported.cold.map(Base64).or(before).ok_or(suki_e2ee::Error::CorruptState)?;
            conversation.group = Some(StoredGroup { cold, hot: Base64(exported.hot) });
        }
        self.storage.save(&self.state)
    }

    fn policy(&self, conversation: ConversationId) -> Option<CommitPolicy> {
        let known = self.state.conversations.get(&conversation)?;
        Some(CommitPolicy { business: known.thread.business, customer: known.thread.group.is_none().then_some(known.customer) })
    }

    /// Sends a request; its answer comes back as what was asked.
    fn ask(&mut self, asked: Asked, body: client_frame::Body) {
        let Some(link) = self.link.as_ref().filter(|_| self.connected) else {
            return self.answered(asked, Err(LinkError::Away));
        };
        let answer = link.request(body);
        self.under_way.push(Box::pin(async move { (asked, answer.await) }));
    }

    /// Asks and waits: for what is rare and has to be done before anything else.
    fn ask_now(&self, body: client_frame::Body) -> impl Future<Output = Answer> + Send + use<> {
        let answer = self.link.as_ref().map(|link| link.request(body));
        async move {
            match answer {
                Some(answer) => answer.await,
                None => Err(LinkError::Away),
            }
        }
    }

    fn answered(&mut self, asked: Asked, answer: Answer) {
        match asked {
            Asked::Submit(conversation, id) => self.submitted(conversation, id, answer),
            Asked::Read(conversation, id) => self.read_told(conversation, id, &answer),
            Asked::Played(conversation, id) => self.play_told(conversation, id, &answer),
            Asked::Open(whom) => {
                let result = commands::result(answer).and_then(|body| match body {
                    server_frame::Body::Conversation(conversation) => {
                        self.know(&conversation).ok_or_else(|| crate::ClientError::Refused("its answer is no conversation".into()))
                    }
                    _ => Err(crate::ClientError::Refused("its answer is no conversation".into())),
                });
                drop(whom.send(result));
            }
            Asked::Packs(job) => self.packs_answered(job, answer),
            Asked::Other(whom) => drop(whom.send(commands::result(answer))),
            Asked::Typing => {}
            Asked::Words => self.words_told(answer),
            Asked::Wish(wished) => self.wish_told(wished, answer),
        }
    }

    fn retry_soon(&mut self) {
        if self.retry.is_none() {
            self.retry = Some(self.env.clock.wait_until(self.env.now().plus_millis(RETRY_MILLIS)));
        }
    }

    fn advance(&mut self, conversation: ConversationId, id: MessageId, status: Status) -> bool {
        let Some(known) = self.state.conversations.get_mut(&conversation) else { return false };
        let moved = known.thread.advance(id, status);
        if moved {
            self.changed = true;
            self.tell(Event::Status(conversation, id, status));
        }
        moved
    }

    fn now(&self) -> Timestamp {
        self.env.now()
    }
}

async fn next_event(inbox: &mut Option<Inbox>) -> Option<suki_link::LinkEvent> {
    match inbox {
        Some(inbox) => inbox.next().await,
        None => std::future::pending().await,
    }
}

async fn alarm(retry: &mut Option<Wait>) {
    match retry {
        Some(wait) => wait.await,
        None => std::future::pending().await,
    }
}

/// What the network says of a conversation.
fn card_of(conversation: &pb::Conversation) -> (String, String) {
    conversation.card.as_ref().map_or_else(Default::default, |card| (card.name.clone(), card.hosted_by.clone()))
}
