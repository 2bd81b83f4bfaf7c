//! A headless customer device on the same protocol as the messenger: for tests, for the load generator and for a chat in a terminal.
//!
//! [`register`] makes a device known to a network, [`Client::start`] connects it and keeps it connected. What it receives is in its state, and
//! its state is stored, before it is acknowledged; what it sends waits in its state until the network has accepted it. So a device that is
//! killed at any moment sees every message once, and its messages arrive once.
pub mod auto;
pub mod chat;
mod choices;
mod exchange;
mod files;
mod groups;
mod locale;
mod person;
pub mod register;
mod relation;
mod say;
mod shop;
mod state;
mod template;
mod thread;
mod worker;

pub use choices::{choices, first_choice};
pub use groups::GroupThread;
pub use locale::ReaderLocale;
pub use register::Credentials;
pub use state::{StateError, Storage};
pub use thread::{Author, Message, Reaction, Rich, Status, Thread, What};

use std::{fmt, sync::Arc};
use suki_e2ee::Suite;
use suki_link::Dial;
use suki_protocol::pb;
use suki_types::{AccountId, ConversationId, Env, MessageId, limits};
use tokio::sync::{mpsc, oneshot};
use worker::{Command, Worker};

/// How a device behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// The suites it offers key packages of.
    pub suites: Vec<Suite>,
    /// How many key packages of each suite it keeps at the network beside the last-resort one, at most [`limits::KEY_PACKAGES`].
    pub key_packages: usize,
    /// It makes new ones when fewer are left.
    pub top_up_below: usize,
    /// How the person wishes to be called, "" to say nothing.
    pub name: String,
    /// How many messages of each conversation it keeps.
    pub kept_messages: usize,
    /// Whether it recognises the words that stop and resume in what its person sends.
    pub stop_words: bool,
    /// The person's language, such as `pl` or `en_US`: templates are shown in it. "" for the sender's.
    pub language: String,
    /// How many minutes the person's clock is ahead of UTC.
    pub utc_offset_minutes: i32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            suites: Suite::ALL.to_vec(),
            key_packages: limits::KEY_PACKAGES,
            top_up_below: 25,
            name: String::new(),
            kept_messages: 10_000,
            stop_words: true,
            language: String::new(),
            utc_offset_minutes: 0,
        }
    }
}

impl Options {
    /// For tests and load: one suite and few key packages, since making them costs time, and no words that stop, which have to be asked for.
    pub fn light() -> Self {
        Self { suites: vec![Suite::X25519], key_packages: 1, top_up_below: 1, kept_messages: 1000, stop_words: false, ..Self::default() }
    }
}

/// What happens to a device. Told after it is stored.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Logged in.
    Connected,
    /// The connection is gone; it will be made again.
    Disconnected,
    /// The device was removed from its account: it will not connect again.
    Removed,
    /// A conversation is known; it can be written in once it is joined.
    Opened(ConversationId),
    /// The device is in the conversation's group.
    Joined(ConversationId),
    /// A message is new: received, or sent by this device or a sibling.
    Message(ConversationId, Message),
    /// An emoji was put on a message, or taken back.
    Reacted(ConversationId, MessageId, Reaction),
    /// What became of a message that this account sent.
    Status(ConversationId, MessageId, Status),
    /// A message was refused for good: the network's code and sentence.
    Failed(ConversationId, MessageId, pb::RefusalCode, String),
    /// The business types, or stops.
    Typing(ConversationId, bool),
    /// A sibling has read up to this message.
    ReadElsewhere(ConversationId, MessageId),
    /// The network knows that the person stopped a business's marketing by a word, or lets it go on.
    Stopped(AccountId, bool),
    /// The business's endpoint answers an [`pb::Exchange`] that this device began, by its id.
    Answer(ConversationId, pb::Exchange),
    /// The person is in a group no longer.
    Left(ConversationId),
    /// A message cannot be decrypted. Only after the device has lost its state, or when somebody forges.
    Unreadable(ConversationId, MessageId),
}

/// Why something asked of a device was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// There is no connection now.
    #[error("the device is not connected; try again when it is")]
    Disconnected,
    /// The device has been stopped or removed.
    #[error("the device has been stopped")]
    Stopped,
    /// The device does not know the conversation.
    #[error("the device knows no such conversation or message")]
    Unknown,
    /// A text has 1 to 4,096 characters.
    #[error("a text has 1 to 4,096 characters")]
    Text,
    /// What it breaks.
    #[error("the message cannot be sent: not of its form, or beyond its limits: {0}")]
    Content(&'static str),
    /// The business did not answer in time.
    #[error("the business's endpoint does not answer; try again when it is there")]
    Unanswered,
    /// A file was not put or not fetched; why.
    #[error("{0}")]
    File(String),
    /// The network refuses.
    #[error("the network refuses: {0}")]
    Refused(String),
}

/// A device at work. Clones share it; it stops when the last is dropped.
#[derive(Clone)]
pub struct Client {
    commands: mpsc::Sender<Command>,
    credentials: Arc<Credentials>,
    env: Env,
}

impl Client {
    /// Starts a device that has just registered, with nothing in its state but who it is. Has to be called within a Tokio runtime.
    ///
    /// # Errors
    /// When the certificate is not the network's, or the state cannot be stored.
    pub fn start(
        credentials: Credentials,
        storage: Storage,
        dial: Arc<dyn Dial>,
        options: Options,
        env: Env,
    ) -> Result<(Self, mpsc::UnboundedReceiver<Event>), StateError> {
        let state = state::State::new(credentials);
        storage.save(&state)?;
        Self::begin(state, storage, dial, options, env)
    }

    /// Starts a device from what it has stored; `None` when nothing is stored there.
    ///
    /// # Errors
    /// When what is stored cannot be read.
    pub fn resume(
        storage: Storage,
        dial: impl FnOnce(&Credentials) -> Result<Arc<dyn Dial>, StateError>,
        options: Options,
        env: Env,
    ) -> Result<Option<(Self, mpsc::UnboundedReceiver<Event>)>, StateError> {
        let Some(state) = storage.load()? else { return Ok(None) };
        let dial = dial(&state.credentials)?;
        Self::begin(state, storage, dial, options, env).map(Some)
    }

    fn begin(
        state: state::State,
        storage: Storage,
        dial: Arc<dyn Dial>,
        options: Options,
        env: Env,
    ) -> Result<(Self, mpsc::UnboundedReceiver<Event>), StateError> {
        let credentials = Arc::new(state.credentials.clone());
        let (commands, receiver) = mpsc::channel(16);
        let (worker, events) = Worker::new(state, storage, dial, options, env.clone())?;
        tokio::spawn(worker.run(receiver));
        Ok((Self { commands, credentials, env }, events))
    }

    /// Who the device is.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Opens the conversation with a business, or finds the one there is.
    ///
    /// # Errors
    /// When there is no connection, or the network knows no such business.
    pub async fn open(&self, business: AccountId) -> Result<ConversationId, ClientError> {
        self.ask(|answer| Command::Open(business, answer)).await?
    }

    /// Sends a text. It is stored when this returns, and on its way as soon as the device is connected and in the conversation's group.
    ///
    /// # Errors
    /// When the text is too long or empty, or the conversation unknown.
    pub async fn send_text(&self, conversation: ConversationId, text: &str, reply_to: Option<MessageId>) -> Result<MessageId, ClientError> {
        let text = pb::Text { body: text.to_owned(), preview_url: false };
        let content = pb::Content { body: Some(pb::content::Body::Text(text)), ..Default::default() };
        self.send(conversation, content, reply_to).await
    }

    /// Sends anything that a customer may say: a file, a place, what he chose. Stored and sent like a text. What stands in `content` of the answered
    /// message and of the sender's name is replaced.
    ///
    /// # Errors
    /// When the content breaks a limit or only businesses send it, or the conversation is unknown.
    pub async fn send(&self, conversation: ConversationId, content: pb::Content, reply_to: Option<MessageId>) -> Result<MessageId, ClientError> {
        let content = Box::new(content);
        self.ask(|answer| Command::Send { conversation, content, reply_to, answer }).await?
    }

    /// Presses what a message offers: the button or row with this place among its [`choices`], from 0.
    ///
    /// # Errors
    /// [`ClientError::Unknown`] when there is no such message, or nothing at this place that answers.
    pub async fn press(&self, conversation: ConversationId, message: MessageId, button: usize) -> Result<MessageId, ClientError> {
        self.ask(|answer| Command::Press { conversation, message, button, answer }).await?
    }

    /// Tells the business that its messages up to this one were seen.
    ///
    /// # Errors
    /// When the conversation or message is unknown.
    pub async fn read(&self, conversation: ConversationId, message: MessageId) -> Result<(), ClientError> {
        self.ask(|answer| Command::Read(conversation, message, answer)).await?
    }

    /// Shows or hides "typing" at the business, if the device is connected.
    ///
    /// # Errors
    /// When the device has been stopped.
    pub async fn typing(&self, conversation: ConversationId, on: bool) -> Result<(), ClientError> {
        self.commands.send(Command::Typing(conversation, on)).await.map_err(|_| ClientError::Stopped)
    }

    /// Asks the network directly, for what has no call of its own: link codes, device lists, removal.
    ///
    /// # Errors
    /// When there is no connection or the network refuses.
    pub async fn request(&self, body: pb::client_frame::Body) -> Result<pb::server_frame::Body, ClientError> {
        self.ask(|answer| Command::Request(body, answer)).await?
    }

    /// A conversation as this device sees it.
    ///
    /// # Errors
    /// When the conversation is unknown.
    pub async fn thread(&self, conversation: ConversationId) -> Result<Thread, ClientError> {
        self.ask(|answer| Command::Thread(conversation, answer)).await?
    }

    /// The conversations this device knows.
    ///
    /// # Errors
    /// When the device has been stopped.
    pub async fn conversations(&self) -> Result<Vec<ConversationId>, ClientError> {
        self.ask(Command::Conversations).await
    }

    /// The 60 digits that both sides of a conversation can compare; `None` before the device has joined.
    ///
    /// # Errors
    /// When the conversation is unknown.
    pub async fn safety_number(&self, conversation: ConversationId) -> Result<Option<String>, ClientError> {
        self.ask(|answer| Command::SafetyNumber(conversation, answer)).await?
    }

    /// Throws away the keys of a conversation, as a browser does that lost its storage: the device comes back by an external commit.
    ///
    /// # Errors
    /// When the conversation is unknown.
    pub async fn lose_group(&self, conversation: ConversationId) -> Result<(), ClientError> {
        self.ask(|answer| Command::LoseGroup(conversation, answer)).await?
    }

    /// Disconnects until [`Client::go_online`].
    ///
    /// # Errors
    /// When the device has been stopped.
    pub async fn go_offline(&self) -> Result<(), ClientError> {
        self.ask(|answer| Command::Online(false, answer)).await
    }

    /// Connects again. A device is online from its start.
    ///
    /// # Errors
    /// When the device has been stopped.
    pub async fn go_online(&self) -> Result<(), ClientError> {
        self.ask(|answer| Command::Online(true, answer)).await
    }

    async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Result<T, ClientError> {
        let (answer, waiting) = oneshot::channel();
        self.commands.send(command(answer)).await.map_err(|_| ClientError::Stopped)?;
        waiting.await.map_err(|_| ClientError::Stopped)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({})", self.credentials.device)
    }
}
