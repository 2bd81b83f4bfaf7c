//! A customer's device against a server process, and everything that happened to it.
use crate::server::{until, world};
use std::sync::{Arc, Mutex, MutexGuard};
use suki_client::{
    Author, Client, Event, Options, Status, Storage, What,
    register::{Credentials, Registrar},
};
use suki_link::WebSocketDial;
use suki_protocol::pb::{self, content::Body};
use suki_types::{AccountId, ConversationId, MessageId};
use tokio::sync::Notify;

/// What happened to a device, in its order.
#[derive(Default)]
pub struct Diary {
    pub joined: bool,
    /// The business's texts.
    pub heard: Vec<String>,
    /// The business's files.
    pub files: Vec<pb::Media>,
    /// What became of the device's own messages.
    pub statuses: Vec<(MessageId, Status)>,
    /// What must not happen.
    pub wrong: Vec<String>,
    pub disconnects: usize,
}

/// A customer who reads whatever comes.
pub struct Customer {
    pub client: Client,
    pub chat: ConversationId,
    pub phone: String,
    diary: Arc<Mutex<Diary>>,
    /// Told after each event.
    told: Arc<Notify>,
}

impl Customer {
    /// A new guest of the demo shop at this address, in its group.
    pub async fn join(url: &str) -> Self {
        let registrar = Registrar::new(url);
        let card = registrar.link_card("aling-nena").await.expect("the shop is there");
        let credentials = registrar.register_guest("aling-nena", "Phone", &world()).await.expect("a guest may register");
        Self::enter(url, card.business, credentials).await
    }

    /// A person who has registered, in the group of a shop.
    pub async fn enter(url: &str, business: AccountId, credentials: Credentials) -> Self {
        let phone = credentials.phone.as_ref().expect("he has a number").digits().to_owned();
        let dial = Arc::new(WebSocketDial::new(url).expect("it is an address"));
        // A long run compares whole conversations, so none of it may be forgotten.
        let options = Options { kept_messages: 1_000_000, ..Options::light() };
        let (client, mut events) = Client::start(credentials, Storage::Memory, dial, options, world()).expect("it starts");
        let diary = Arc::new(Mutex::new(Diary::default()));
        let told = Arc::new(Notify::new());
        let (own, notes, tell) = (client.clone(), diary.clone(), told.clone());
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                if let Event::Message(chat, message) = &event
                    && message.author == Author::Business
                {
                    // While the server is down the device keeps it and tells later; it fails only when the test is over.
                    let _ = own.read(*chat, message.id).await;
                }
                note(&mut notes.lock().expect("no test panics while it writes"), event);
                tell.notify_waiters();
            }
        });
        let chat = until("the conversation", async || client.open(business).await.ok()).await;
        let customer = Self { client, chat, phone, diary, told };
        until("the shop's group", async || customer.diary().joined.then_some(())).await;
        customer
    }

    /// What has happened to the device.
    pub fn diary(&self) -> MutexGuard<'_, Diary> {
        self.diary.lock().expect("no test panics while it writes")
    }

    /// Writes; the device keeps it until the network has it.
    pub async fn say(&self, text: &str) -> MessageId {
        self.client.send_text(self.chat, text, None).await.expect("it is written")
    }

    /// Waits until a message of the device has come so far.
    pub async fn until_status(&self, id: MessageId, least: Status) {
        let mut seen = 0;
        loop {
            // Made before it looks: what is told from here on wakes it.
            let told = self.told.notified();
            {
                let diary = self.diary();
                if diary.statuses[seen..].iter().any(|(of, status)| *of == id && *status >= least) {
                    return;
                }
                seen = diary.statuses.len();
            }
            told.await;
        }
    }

    /// The device's own messages that the network has acknowledged, in the order of the conversation; `None` while some wait.
    pub async fn acknowledged(&self) -> Option<Vec<String>> {
        let thread = self.client.thread(self.chat).await.expect("it is known");
        let own: Vec<_> = thread.messages.into_iter().filter(|message| message.author == Author::Me).collect();
        let waits = own.iter().any(|message| message.status == Some(Status::Pending));
        (!waits).then(|| own.into_iter().map(|message| message.text).collect())
    }
}

fn note(diary: &mut Diary, event: Event) {
    match event {
        Event::Joined(_) => diary.joined = true,
        Event::Message(_, message) if message.author == Author::Business => {
            if let What::Rich(rich) = &message.what
                && let Some(Body::Media(media)) = rich.body()
            {
                diary.files.push(media);
            }
            diary.heard.push(message.text);
        }
        Event::Status(_, id, status) => diary.statuses.push((id, status)),
        Event::Failed(_, id, code, words) => diary.wrong.push(format!("{id} was refused: {code:?} {words}")),
        Event::Unreadable(_, id) => diary.wrong.push(format!("{id} could not be decrypted")),
        Event::Removed => diary.wrong.push("the device was removed".into()),
        Event::Disconnected => diary.disconnects += 1,
        _ => {}
    }
}
