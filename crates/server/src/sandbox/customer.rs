//! One simulated customer: a device like any other, and what its person does.
use super::{SandboxError, record::Kept};
use serde::{Deserialize, Serialize};
use suki_client::{Author, Client, ClientError, Event, Message, auto::Auto};
use suki_types::{ConversationId, Env, Timestamp};
use tokio::sync::{mpsc, watch};

/// The longest delay before he reads or answers, in milliseconds: a week.
const LONGEST_DELAY: i64 = 7 * 86_400_000;

/// What a customer does by himself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// Whether messages are delivered to him, he reads and answers them.
    pub auto: Auto,
    /// How long after a message he reads and answers it, in milliseconds of the sandbox's clock: 0 to 7 days.
    pub delay_millis: i64,
    /// The language he reads, such as `fil` or `pt_BR`; "" for the sender's. It holds from his making, or from the next start of the server.
    pub language: String,
}

impl Behaviour {
    /// # Errors
    /// When a figure is out of its range.
    pub fn check(&self) -> Result<(), SandboxError> {
        let invalid = |text: String| Err(SandboxError::Invalid(text));
        if !(0..=LONGEST_DELAY).contains(&self.delay_millis) {
            return invalid("a delay is 0 milliseconds to 7 days".into());
        }
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if self.language.len() > 16 || !self.language.bytes().all(allowed) {
            return invalid("a language is a code such as fil, en_US or pt-BR".into());
        }
        if self.auto.replies.len() > 20 || self.auto.replies.iter().any(|text| !(1..=1000).contains(&text.chars().count())) {
            return invalid("there are at most 20 replies, of 1 to 1,000 characters each".into());
        }
        Ok(())
    }
}

/// A customer at work. Clones share him; his device stops when he is removed from the sandbox.
#[derive(Clone)]
pub struct Customer {
    pub(super) kept: Kept,
    pub(super) client: Client,
    behaviour: watch::Sender<Behaviour>,
    task: std::sync::Arc<Task>,
}

struct Task(tokio::task::JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Customer {
    pub(super) fn start(kept: Kept, client: Client, events: mpsc::UnboundedReceiver<Event>, env: Env) -> Self {
        let behaviour = watch::Sender::new(kept.behaviour.clone());
        let person =
            Person { client: client.clone(), conversation: kept.conversation, behaviour: behaviour.subscribe(), env, answered: 0, due: Vec::new() };
        let task = std::sync::Arc::new(Task(tokio::spawn(person.live(events))));
        Self { kept, client, behaviour, task }
    }

    pub(super) fn behave(&mut self, behaviour: Behaviour) {
        self.kept.behaviour = behaviour.clone();
        self.behaviour.send_replace(behaviour);
    }

    /// Whether his device and his person are still at work.
    pub fn is_alive(&self) -> bool {
        !self.task.0.is_finished()
    }
}

/// What he has still to do with a message, and when.
struct Due {
    at: Timestamp,
    message: Message,
}

struct Person {
    client: Client,
    conversation: ConversationId,
    behaviour: watch::Receiver<Behaviour>,
    env: Env,
    answered: usize,
    due: Vec<Due>,
}

impl Person {
    async fn live(mut self, mut events: mpsc::UnboundedReceiver<Event>) {
        let mut online = true;
        loop {
            let wanted = self.behaviour.borrow_and_update().auto.deliver;
            if wanted != online {
                let done = if wanted { self.client.go_online().await } else { self.client.go_offline().await };
                if done.is_err() {
                    return;
                }
                online = wanted;
            }
            let next = self.due.first().map(|due| due.at);
            let env = self.env.clone();
            let wait = async move {
                match next {
                    Some(at) => env.clock.wait_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                event = events.recv() => match event {
                    Some(Event::Message(of, message)) if of == self.conversation => self.notice(message),
                    Some(Event::Removed) | None => return,
                    Some(_) => {}
                },
                changed = self.behaviour.changed() => if changed.is_err() { return },
                () = wait => {
                    let due = self.due.remove(0);
                    if self.act(due.message).await == Err(ClientError::Stopped) {
                        return;
                    }
                }
            }
        }
    }

    /// A message came: what is to be done with it is due after the delay.
    fn notice(&mut self, message: Message) {
        if message.author != Author::Business {
            return;
        }
        let at = self.env.now().plus_millis(self.behaviour.borrow().delay_millis);
        let place = self.due.iter().position(|due| due.at > at).unwrap_or(self.due.len());
        self.due.insert(place, Due { at, message });
    }

    async fn act(&mut self, message: Message) -> Result<(), ClientError> {
        let auto = self.behaviour.borrow().auto.clone();
        if auto.read {
            self.client.read(self.conversation, message.id).await?;
        }
        if auto.press
            && let Some(place) = suki_client::first_choice(&message.what)
        {
            self.client.press(self.conversation, message.id, place).await?;
        }
        if let Some(text) = auto.reply(self.answered) {
            self.answered += 1;
            self.client.send_text(self.conversation, text, None).await?;
        }
        Ok(())
    }
}
