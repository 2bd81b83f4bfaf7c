//! A network on a clock that stands, and devices on it.
use std::{sync::Arc, time::Duration};
use suki_client::{Client, Credentials, Event, Message, Options, Storage};
use suki_link::{Dial, Local};
use suki_network::{Config, Network};
use suki_protocol::http::{Base64, RegisterDevice, RegisterGuest};
use suki_types::{ConversationId, Env};
use tokio::sync::mpsc;

pub struct World {
    pub env: Env,
    pub network: Network,
    pub folder: tempfile::TempDir,
}

impl World {
    pub async fn new(seed: u64) -> Self {
        let env = Env::for_tests(seed);
        let (folder, db) = suki_store::testing::sqlite();
        let policy = Arc::new(suki_rules::Policy::shipped("meta-2026").expect("it is shipped"));
        let config = Config { test_numbers: true, ..Config::default() };
        let network = Network::open(db, [7; 32], policy, env.clone(), config).await.expect("the network opens");
        Self { env, network, folder }
    }

    pub fn dial(&self) -> Arc<dyn Dial> {
        let network = self.network.clone();
        Arc::new(Local(move || network.connect()))
    }

    pub async fn guest(&self) -> Customer {
        self.guest_with(Storage::Memory, Options::light()).await
    }

    pub async fn guest_with(&self, storage: Storage, options: Options) -> Customer {
        let seed = self.env.random();
        let signature_key = Base64(suki_e2ee::Device::public_key(&seed));
        let request = RegisterGuest { slug: "kape".into(), signature_key, device_name: "Phone".into() };
        let registered = self.network.register_guest(request.clone()).await.expect("he registers");
        self.start(Credentials::new("http://test", &seed, registered), storage, options)
    }

    pub async fn sibling(&self, code: &str) -> Customer {
        let seed = self.env.random();
        let signature_key = Base64(suki_e2ee::Device::public_key(&seed));
        let request = RegisterDevice { code: code.into(), signature_key, device_name: "Tablet".into() };
        let registered = self.network.register_device(request.clone()).await.expect("it registers");
        self.start(Credentials::new("http://test", &seed, registered), Storage::Memory, Options::light())
    }

    fn start(&self, credentials: Credentials, storage: Storage, options: Options) -> Customer {
        let (client, events) = Client::start(credentials, storage, self.dial(), options, self.env.clone()).expect("it starts");
        Customer { client, events, env: self.env.clone() }
    }

    pub fn resume(&self, storage: Storage) -> Customer {
        let dial = self.dial();
        let resumed = Client::resume(storage, |_| Ok(dial), Options::light(), self.env.clone()).expect("its state can be read");
        let (client, events) = resumed.expect("its state is there");
        Customer { client, events, env: self.env.clone() }
    }
}

pub struct Customer {
    pub client: Client,
    pub events: mpsc::UnboundedReceiver<Event>,
    pub env: Env,
}

impl Customer {
    /// The next event that is wanted; the others are passed over. The clock goes on while nothing happens, so that what waits for it runs.
    pub async fn wait<T>(&mut self, mut wanted: impl FnMut(Event) -> Option<T>) -> T {
        let waiting = async {
            loop {
                let event = tokio::select! {
                    biased;
                    event = self.events.recv() => event.expect("the device runs"),
                    () = patience(&self.env) => continue,
                };
                if let Some(found) = wanted(event) {
                    return found;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("the event comes")
    }

    pub async fn joined(&mut self) -> ConversationId {
        self.wait(|event| if let Event::Joined(id) = event { Some(id) } else { None }).await
    }

    pub async fn message(&mut self) -> Message {
        self.wait(|event| match event {
            Event::Message(_, message) if message.author != suki_client::Author::Me => Some(message),
            _ => None,
        })
        .await
    }

    pub async fn texts(&self, conversation: ConversationId) -> Vec<String> {
        let thread = self.client.thread(conversation).await.expect("it is known");
        thread.messages.into_iter().map(|message| message.text).collect()
    }
}

/// Lets a moment of real time pass for other tasks and threads, then moves the clock a little.
async fn patience(env: &Env) {
    tokio::time::timeout(Duration::from_millis(20), std::future::pending::<()>()).await.ok();
    env.manual_clock().advance(250);
}
