//! A customer with a device: `suki_client` on the same protocol as the messenger.
use crate::{
    Shop, World,
    wait::{Pace, bounded},
};
use axum::http::Method;
use serde_json::json;
use suki_client::{Author, Client, Credentials, Event, Message, Options, Status, Storage, What};
use suki_e2ee::Device;
use suki_protocol::{
    http::Base64,
    pb::{self, client_frame::Body as Ask, server_frame::Body as Told},
};
use suki_types::{ConversationId, Env, MessageId};
use tokio::sync::mpsc;

/// A customer's device.
pub struct Customer {
    /// The device.
    pub client: Client,
    /// His conversation with the shop.
    pub chat: ConversationId,
    /// His number, digits alone.
    pub phone: String,
    events: mpsc::UnboundedReceiver<Event>,
    env: Env,
}

impl Customer {
    /// A guest who opens the shop's link; he is in the conversation when this returns, and has written nothing.
    ///
    /// # Panics
    /// When he is refused.
    pub async fn guest(world: &World, shop: &Shop) -> Self {
        Self::named(world, shop, "").await
    }

    /// A guest who says what he is called.
    ///
    /// # Panics
    /// When he is refused.
    pub async fn named(world: &World, shop: &Shop, name: &str) -> Self {
        Self::with(world, shop, Options { name: name.into(), ..Options::light() }).await
    }

    /// A guest whose device behaves as he wishes.
    ///
    /// # Panics
    /// When he is refused.
    pub async fn with(world: &World, shop: &Shop, options: Options) -> Self {
        let body = json!({"slug": shop.slug, "device_name": "Phone"});
        let mut customer = Self::register(world, "/v1/guests", body, options).await;
        customer.wait("the connection", |event| (event == Event::Connected).then_some(())).await;
        customer.chat = customer.client.open(shop.id).await.expect("it opens");
        customer.joined().await;
        customer
    }

    /// Another device of the same customer; it is in the conversation when this returns.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn second_device(&self, world: &World) -> Self {
        let told = self.client.request(Ask::MakeLinkCode(pb::MakeLinkCode {})).await;
        let Ok(Told::LinkCode(code)) = told else { panic!("no code: {told:?}") };
        let body = json!({"code": code.code, "device_name": "Tablet"});
        let mut tablet = Self::register(world, "/v1/devices", body, Options::light()).await;
        tablet.chat = tablet.joined().await;
        tablet
    }

    async fn register(world: &World, path: &str, mut body: serde_json::Value, options: Options) -> Self {
        let seed = world.env.random();
        body["signature_key"] = serde_json::to_value(Base64(Device::public_key(&seed))).expect("it is text");
        let answer = world.call(Method::POST, path).json(&body).send().await.expect(200);
        let registered = serde_json::from_value(answer).expect("a registration");
        let credentials = Credentials::new(crate::world::URL, &seed, registered);
        let phone = credentials.phone.as_ref().map(|phone| phone.digits().to_owned()).unwrap_or_default();
        let env = world.env.clone();
        let (client, events) = Client::start(credentials, Storage::Memory, world.dial(), options, env.clone()).expect("it starts");
        Self { client, chat: ConversationId::from_bytes([0; 16]), phone, events, env }
    }

    /// The next event that is wanted; the others are passed over.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn wait<T>(&mut self, what: &str, wanted: impl FnMut(Event) -> Option<T>) -> T {
        self.wait_at(Pace::Slow, what, wanted).await
    }

    /// The same, with the clock as told.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn wait_at<T>(&mut self, pace: Pace, what: &str, mut wanted: impl FnMut(Event) -> Option<T>) -> T {
        let env = self.env.clone();
        bounded(&env, pace, what, async {
            loop {
                let event = self.events.recv().await.expect("the device runs");
                if let Some(found) = wanted(event) {
                    return found;
                }
            }
        })
        .await
    }

    /// Waits until the device is in a group.
    pub async fn joined(&mut self) -> ConversationId {
        self.wait("a group", |event| if let Event::Joined(id) = event { Some(id) } else { None }).await
    }

    /// The next message that this device did not write.
    pub async fn hears(&mut self) -> Message {
        self.wait("a message", |event| match event {
            Event::Message(_, message) if message.author != Author::Me => Some(message),
            _ => None,
        })
        .await
    }

    /// Writes.
    ///
    /// # Panics
    /// When the device refuses the text.
    pub async fn says(&self, text: &str) -> MessageId {
        self.client.send_text(self.chat, text, None).await.expect("it is written")
    }

    /// Sends a file; `said` is what he says of it.
    ///
    /// # Panics
    /// When the network or the device refuses it.
    pub async fn sends(&self, world: &World, bytes: &[u8], said: pb::Media) -> MessageId {
        let media = self.client.put_file(&*world.carrier(), &world.env, bytes, said).await.expect("the network takes it");
        let content = pb::Content { body: Some(pb::content::Body::Media(media)), ..pb::Content::default() };
        self.client.send(self.chat, content, None).await.expect("it is written")
    }

    /// Fetches the file of a message he got.
    ///
    /// # Panics
    /// When the message has none, or the network gives another one.
    pub async fn fetches(&self, world: &World, message: &Message) -> Vec<u8> {
        let What::Rich(rich) = &message.what else { panic!("no file: {message:?}") };
        let Some(pb::content::Body::Media(media)) = rich.body() else { panic!("no file: {message:?}") };
        self.client.fetch_file(&*world.carrier(), &media).await.expect("it is fetched")
    }

    /// Answers a message.
    ///
    /// # Panics
    /// When the device refuses the text.
    pub async fn replies(&self, to: MessageId, text: &str) -> MessageId {
        self.client.send_text(self.chat, text, Some(to)).await.expect("it is written")
    }

    /// Reads up to a message.
    ///
    /// # Panics
    /// When the device does not know it.
    pub async fn reads(&self, message: MessageId) {
        self.client.read(self.chat, message).await.expect("it is known");
    }

    /// Waits until a message of his has come so far.
    pub async fn status(&mut self, id: MessageId, status: Status) {
        self.wait(&format!("{status:?}"), |event| matches!(event, Event::Status(_, one, at) if one == id && at == status).then_some(())).await;
    }

    /// All texts as this device shows them.
    ///
    /// # Panics
    /// When the device does not know the conversation.
    pub async fn texts(&self) -> Vec<String> {
        let thread = self.client.thread(self.chat).await.expect("it is known");
        thread.messages.into_iter().map(|message| message.text).collect()
    }
}
