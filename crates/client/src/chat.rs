//! A chat in a terminal, or a customer without hands: what `suki chat LINK` runs.
//!
//! Line by line: what the business writes is printed with its time and the own messages' ticks as they come; lines that are read are sent. With
//! [`Auto`] the customer acts by himself, for tests and demonstrations.
pub use crate::auto::{Auto, AutoError};
use crate::{
    Author, Client, ClientError, Credentials, Event, Message, StateError, Status, Storage, What, choices, first_choice, register::Registrar,
};
use std::{collections::BTreeSet, path::PathBuf, str::FromStr, sync::Arc};
use suki_link::{Dial, WebSocketDial};
use suki_protocol::pb::content::Body;
use suki_types::{AccountId, ConversationId, Env, MessageId, Timestamp};
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt as _, AsyncWrite, AsyncWriteExt as _},
    sync::mpsc,
};

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// To a business: `https://example.org/c/SLUG`.
    Business {
        /// The network's base address.
        server: String,
        /// The business's name in links.
        slug: String,
    },
    /// Into an account, as its next device: `https://example.org/c/#link=CODE`.
    Account {
        /// The network's base address.
        server: String,
        /// The one-time code.
        code: String,
    },
}

impl FromStr for Link {
    type Err = ChatError;
    fn from_str(text: &str) -> Result<Self, ChatError> {
        let wrong = || ChatError::Link(text.to_owned());
        let (scheme, rest) = text.trim().split_once("://").ok_or_else(wrong)?;
        let (host, path) = rest.split_once("/c/").ok_or_else(wrong)?;
        if !["http", "https"].contains(&scheme) || host.is_empty() || host.contains(['/', '@', '?', '#']) {
            return Err(wrong());
        }
        let server = format!("{scheme}://{host}");
        if let Some(code) = path.split_once("#link=").map(|(_, code)| code).filter(|code| !code.is_empty()) {
            return Ok(Self::Account { server, code: code.to_owned() });
        }
        let slug = path.split(['?', '#', '/']).next().unwrap_or_default();
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if slug.is_empty() || !slug.bytes().all(allowed) {
            return Err(wrong());
        }
        Ok(Self::Business { server, slug: slug.to_owned() })
    }
}

impl Link {
    fn server(&self) -> &str {
        match self {
            Self::Business { server, .. } | Self::Account { server, .. } => server,
        }
    }
}

/// What the caller of a chat decides.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to: `https://example.org/c/SLUG`, or `https://example.org/c/#link=CODE` to be another device of an account.
    pub link: String,
    /// How the customer wishes to be called, "" to say nothing.
    pub name: String,
    /// What he says first.
    pub say: Vec<String>,
    /// What he does by himself. Without it he is online, and reads what is printed.
    pub auto: Option<Auto>,
    /// Where he remembers who he is; without it he is a new guest each time.
    pub state: Option<PathBuf>,
}

/// Why a chat does not go on.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// The link is none.
    #[error("{0:?} is no chat link; it looks like https://example.org/c/NAME")]
    Link(String),
    /// The network refuses, or cannot be reached.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The state cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// The terminal is gone.
    #[error("the terminal cannot be used: {0}")]
    Terminal(#[from] std::io::Error),
    /// The device was removed from its account.
    #[error("this device was removed from its account; start without its state to come as a new guest")]
    Removed,
    /// A linked device finds no conversation.
    #[error("this account has no conversation yet; open one from a business's link")]
    NoConversation,
}

/// Chats over the program's own input and output; see [`run_over`].
///
/// # Errors
/// When the link, the network, the state or the terminal does not allow it.
pub async fn run(options: Options, env: Env) -> Result<(), ChatError> {
    run_over(options, env, tokio::io::BufReader::new(tokio::io::stdin()), tokio::io::stdout()).await
}

/// Chats until the input ends; with [`Auto`], until it is dropped.
///
/// # Errors
/// When the link, the network, the state or the terminal does not allow it.
pub async fn run_over<I, O>(options: Options, env: Env, input: I, output: O) -> Result<(), ChatError>
where
    I: AsyncBufRead + Unpin,
    O: AsyncWrite + Unpin,
{
    let link: Link = options.link.parse()?;
    let registrar = Registrar::new(link.server());
    let business = match &link {
        Link::Business { slug, .. } => Some(registrar.link_card(slug).await?.business),
        Link::Account { .. } => None,
    };
    let storage = options.state.clone().map_or(Storage::Memory, Storage::File);
    let behaviour = crate::Options { name: options.name.clone(), key_packages: 10, top_up_below: 5, ..crate::Options::default() };
    let resumed = Client::resume(storage.clone(), dial, behaviour.clone(), env.clone())?;
    let (client, events) = match resumed {
        Some(resumed) => resumed,
        None => {
            let credentials = match &link {
                Link::Business { slug, .. } => registrar.register_guest(slug, "Terminal", &env).await?,
                Link::Account { code, .. } => registrar.register_device(code, "Terminal", &env).await?,
            };
            let dial = dial(&credentials)?;
            Client::start(credentials, storage, dial, behaviour, env)?
        }
    };
    Chat::new(client, events, output).talk(business, options.say, options.auto, input).await
}

fn dial(credentials: &Credentials) -> Result<Arc<dyn Dial>, StateError> {
    Ok(Arc::new(WebSocketDial::new(&credentials.server)?))
}

/// A chat over a device that runs already.
pub struct Chat<O> {
    client: Client,
    events: mpsc::UnboundedReceiver<Event>,
    output: O,
    name: String,
    /// Own messages that the network does not have yet.
    pending: BTreeSet<MessageId>,
    /// How many messages were answered without hands.
    answered: usize,
}

impl<O: AsyncWrite + Unpin> Chat<O> {
    /// `events` are those that came with the device.
    pub fn new(client: Client, events: mpsc::UnboundedReceiver<Event>, output: O) -> Self {
        Self { client, events, output, name: String::new(), pending: BTreeSet::new(), answered: 0 }
    }

    /// Chats until the input ends; with `auto`, until it is dropped.
    ///
    /// # Errors
    /// When the network or the terminal does not allow it.
    pub async fn talk<I>(mut self, business: Option<AccountId>, say: Vec<String>, auto: Option<Auto>, input: I) -> Result<(), ChatError>
    where
        I: AsyncBufRead + Unpin,
    {
        let conversation = self.begin(business).await?;
        for text in say {
            self.say(conversation, &text).await?;
        }
        let offline = auto.as_ref().is_some_and(|auto| !auto.deliver);
        let mut lines = input.lines();
        let mut more = true;
        loop {
            if self.pending.is_empty() {
                if offline {
                    self.client.go_offline().await?;
                    return std::future::pending().await;
                }
                if !more && auto.is_none() {
                    return Ok(());
                }
            }
            tokio::select! {
                event = self.events.recv() => self.event(conversation, event.ok_or(ClientError::Stopped)?, auto.as_ref()).await?,
                line = lines.next_line(), if more => match line? {
                    Some(line) if line.trim().is_empty() => {}
                    Some(line) => self.say(conversation, &line).await?,
                    None => more = false,
                },
            }
        }
    }

    /// Opens the conversation and waits until it can be written in.
    async fn begin(&mut self, business: Option<AccountId>) -> Result<ConversationId, ChatError> {
        let mut conversation = None;
        loop {
            match self.events.recv().await.ok_or(ClientError::Stopped)? {
                Event::Connected => {
                    conversation = match business {
                        Some(business) => match self.client.open(business).await {
                            Ok(conversation) => Some(conversation),
                            Err(ClientError::Disconnected) => None,
                            Err(error) => return Err(error.into()),
                        },
                        None => Some(*self.client.conversations().await?.first().ok_or(ChatError::NoConversation)?),
                    };
                }
                Event::Removed => return Err(ChatError::Removed),
                _ => {}
            }
            if let Some(conversation) = conversation {
                let thread = self.client.thread(conversation).await?;
                if thread.joined {
                    self.name = printable(&thread.name);
                    let hosted_by = printable(&thread.hosted_by);
                    self.print(&format!("{}: encrypted between this device and their inbox, hosted by {hosted_by}. Times are UTC.", self.name))
                        .await?;
                    return Ok(conversation);
                }
            }
        }
    }

    async fn say(&mut self, conversation: ConversationId, line: &str) -> Result<(), ChatError> {
        let sent = match Typed::of(line) {
            Typed::Text(text) => self.client.send_text(conversation, text, None).await,
            Typed::Press(number) => match self.newest(conversation, |message| !choices(&message.what).is_empty()).await? {
                Some(message) => self.client.press(conversation, message, number.wrapping_sub(1)).await,
                None => Err(ClientError::Unknown),
            },
            Typed::React(emoji) => match self.newest(conversation, |_| true).await? {
                Some(message) => self.client.react(conversation, message, emoji).await,
                None => Err(ClientError::Unknown),
            },
        };
        match sent {
            Ok(id) => {
                // A reaction stands in no line, so no tick says that it is under way.
                if self.client.thread(conversation).await?.message(id).is_some_and(|message| message.status == Some(Status::Pending)) {
                    self.pending.insert(id);
                }
                Ok(())
            }
            Err(error @ (ClientError::Text | ClientError::Unknown | ClientError::Content(_))) => {
                self.print(&format!("       not sent: {error}")).await
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The newest message of the business that is such.
    async fn newest(&self, conversation: ConversationId, is_such: impl Fn(&Message) -> bool) -> Result<Option<MessageId>, ChatError> {
        let thread = self.client.thread(conversation).await?;
        let found = thread.messages.iter().rev().find(|message| message.author == Author::Business && is_such(message));
        Ok(found.map(|message| message.id))
    }

    async fn event(&mut self, conversation: ConversationId, event: Event, auto: Option<&Auto>) -> Result<(), ChatError> {
        match event {
            Event::Message(of, message) if of == conversation => self.message(conversation, message, auto).await,
            Event::Status(of, id, status) if of == conversation => {
                if status != Status::Pending {
                    self.pending.remove(&id);
                }
                let thread = self.client.thread(conversation).await?;
                let Some(message) = thread.message(id) else { return Ok(()) };
                let line = format!("       {} {}", ticks(status), in_words(message));
                self.print(&line).await
            }
            Event::Reacted(of, id, reaction) if of == conversation => {
                let thread = self.client.thread(conversation).await?;
                let Some(message) = thread.message(id) else { return Ok(()) };
                let who = if reaction.of_business { self.name.clone() } else { "you".into() };
                let emoji = if reaction.emoji.is_empty() { "took it back".into() } else { printable(&reaction.emoji) };
                self.print(&format!("       {who}: {emoji} on: {}", in_words(message))).await
            }
            Event::Failed(of, _, _, why) if of == conversation => self.print(&format!("       {}", printable(&why))).await,
            Event::Typing(of, true) if of == conversation => self.print(&format!("       {} types…", self.name.clone())).await,
            Event::Disconnected => self.print("       not connected; trying again").await,
            Event::Removed => Err(ChatError::Removed),
            _ => Ok(()),
        }
    }

    /// How another customer of a group calls himself.
    async fn participant(&self, conversation: ConversationId, account: AccountId) -> Result<String, ChatError> {
        let thread = self.client.thread(conversation).await?;
        Ok(thread.group.and_then(|group| group.name(account).map(printable)).unwrap_or_else(|| "somebody".to_owned()))
    }

    async fn message(&mut self, conversation: ConversationId, message: Message, auto: Option<&Auto>) -> Result<(), ChatError> {
        let who = match message.author {
            Author::Business => self.name.clone(),
            Author::Me | Author::Sibling => "you".to_owned(),
            Author::Participant(account) => self.participant(conversation, account).await?,
        };
        self.print(&format!("{}  {who}: {}", time(message.at), in_words(&message))).await?;
        for (place, label) in choices(&message.what).iter().enumerate().filter(|(_, label)| !label.is_empty()) {
            self.print(&format!("       /press {}  {}", place + 1, printable(label))).await?;
        }
        if message.author != Author::Business {
            return Ok(());
        }
        if auto.is_none_or(|auto| auto.read) {
            self.client.read(conversation, message.id).await?;
        }
        if auto.is_some_and(|auto| auto.press)
            && let Some(place) = first_choice(&message.what)
        {
            self.say(conversation, &format!("/press {}", place + 1)).await?;
        }
        if let Some(reply) = auto.and_then(|auto| auto.reply(self.answered)) {
            self.answered += 1;
            self.say(conversation, reply).await?;
        }
        Ok(())
    }

    async fn print(&mut self, line: &str) -> Result<(), ChatError> {
        self.output.write_all(line.as_bytes()).await?;
        self.output.write_all(b"\n").await?;
        Ok(self.output.flush().await?)
    }
}

/// What a line says.
#[derive(Debug, PartialEq, Eq)]
enum Typed<'a> {
    /// Words.
    Text(&'a str),
    /// `/press 2`: the choice with this number on the newest message that offers some.
    Press(usize),
    /// `/react 👍`: an emoji on the newest message; without one the former is taken back.
    React(&'a str),
}

impl<'a> Typed<'a> {
    fn of(line: &'a str) -> Self {
        let (word, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        match (word, rest.trim().parse()) {
            ("/press", Ok(number)) => Self::Press(number),
            ("/react", _) => Self::React(rest.trim()),
            _ => Self::Text(line),
        }
    }
}

/// A message in one line: what is more than words has its kind before it.
fn in_words(message: &Message) -> String {
    let words = printable(&message.text);
    let What::Rich(rich) = &message.what else { return words };
    match rich.body() {
        Some(Body::Location(place)) => format!("[location {} {}] {words}", place.latitude, place.longitude),
        Some(Body::Order(order)) => format!("[order of {} products] {words}", order.items.len()),
        Some(Body::Text(_) | Body::InteractiveReply(_) | Body::ButtonReply(_)) | None => words,
        Some(body) => format!("[{}] {words}", suki_protocol::content::kind(&body).unwrap_or("message")),
    }
}

/// Whoever writes must not drive the terminal: control characters, escape sequences among them, become a mark.
fn printable(text: &str) -> String {
    let hidden = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .map(|c| {
            if c == '\n' {
                ' '
            } else if hidden(c) {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}

fn ticks(status: Status) -> &'static str {
    match status {
        Status::Pending => "…",
        Status::Sent => "✓ sent:",
        Status::Delivered => "✓✓ delivered:",
        Status::Read => "✓✓ read:",
        Status::Failed => "✗ not sent:",
    }
}

/// Hours and minutes of the day, UTC.
fn time(at: Timestamp) -> String {
    let minutes = at.seconds().div_euclid(60).rem_euclid(24 * 60);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_businesses_and_accounts() {
        let business = |server: &str, slug: &str| Link::Business { server: server.into(), slug: slug.into() };
        assert_eq!("http://127.0.0.1:8080/c/demo".parse::<Link>().expect("a link"), business("http://127.0.0.1:8080", "demo"));
        assert_eq!("https://suki.example/c/kape-1?text=hi#x".parse::<Link>().expect("a link"), business("https://suki.example", "kape-1"));
        let account = Link::Account { server: "https://suki.example".into(), code: "AB-CD".into() };
        assert_eq!("https://suki.example/c/#link=AB-CD".parse::<Link>().expect("a link"), account);
        for wrong in ["", "suki.example/c/x", "ftp://a/c/x", "https://a/c/", "https://a/b", "https://user@a/c/x", "https://a/c/../x"] {
            assert!(wrong.parse::<Link>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_line_presses_reacts_or_says() {
        for (line, typed) in [
            ("/press 2", Typed::Press(2)),
            ("/react 👍", Typed::React("👍")),
            ("/react", Typed::React("")),
            ("/press it", Typed::Text("/press it")),
            ("hello /press 2", Typed::Text("hello /press 2")),
        ] {
            assert_eq!(Typed::of(line), typed, "{line}");
        }
    }

    #[test]
    fn nobody_drives_the_terminal_from_afar() {
        assert_eq!(printable("a\u{1b}[2Jb\nc\u{202e}d"), "a\u{fffd}[2Jb c\u{fffd}d");
        assert_eq!(time(Timestamp::from_millis(1_767_225_600_000 + 61 * 60_000)), "01:01");
    }
}
