//! A network that is played, so that it does exactly what the test says, and an endpoint with one business on it.
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use prost::Message as _;
use std::{sync::Arc, time::Duration};
use suki_e2ee::{Device, NewKeyPackage, Suite};
use suki_endpoint::{
    Business, Endpoint, Parts,
    business::NewBusiness,
    dispatch::{Http, HttpAnswer},
    media::{Linked, Links},
};
use suki_link::{Carrier, FileName, FileStream, Local, MoveError};
use suki_protocol::{
    certificate::{self, Identity},
    http::{Base64, Registered},
    mls,
    pb::{self, AccountKind, EntryKind, RefusalCode, client_frame::Body as Ask, server_frame::Body as Told},
};
use suki_store::Blobs;
use suki_types::{AccountId, ConversationId, DeviceId, Env, MessageId, Phone};
use tokio::sync::mpsc;

/// A network that takes every message but those it is told to refuse.
pub struct Played {
    pub env: Env,
    key: Ed25519KeyPair,
    business: (AccountId, DeviceId),
    customers: Mutex<Vec<Customer>>,
    /// What is refused when it is next submitted, once for each entry.
    pub refuses: Mutex<Vec<(MessageId, RefusalCode)>>,
    pub took: Mutex<Vec<(ConversationId, MessageId)>>,
}

struct Customer {
    chat: ConversationId,
    account: AccountId,
    device: DeviceId,
    package: NewKeyPackage,
}

impl Played {
    pub fn new(env: Env) -> Arc<Self> {
        let key = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a seed is a key");
        let business = (AccountId::new(&env), DeviceId::new(&env));
        let played = Self { env, key, business, customers: Mutex::default(), refuses: Mutex::default(), took: Mutex::default() };
        Arc::new(played)
    }

    fn certificate(&self, account: AccountId, device: DeviceId, kind: AccountKind, signature_key: Vec<u8>) -> Vec<u8> {
        certificate::issue(&self.key, &Identity { account, device, kind, signature_key }, self.env.now())
    }

    /// A customer who has opened a conversation before the endpoint connects.
    pub fn customer(&self) -> ConversationId {
        let (chat, account, device) = (ConversationId::new(&self.env), AccountId::new(&self.env), DeviceId::new(&self.env));
        let seed = self.env.random();
        let certificate = self.certificate(account, device, AccountKind::Person, Device::public_key(&seed));
        let own = Device::from_seed(&seed, certificate, self.key.public_key().as_ref()).expect("a device");
        let package = own.key_packages(Suite::X25519, 1, false).expect("a package").remove(0);
        self.customers.lock().push(Customer { chat, account, device, package });
        chat
    }

    fn connect(self: &Arc<Self>) -> (mpsc::Sender<pb::ClientFrame>, mpsc::Receiver<pb::ServerFrame>) {
        let (out, mut asked) = mpsc::channel::<pb::ClientFrame>(2048);
        let (told, incoming) = mpsc::channel(2048);
        let own = self.clone();
        tokio::spawn(async move {
            let challenge = Told::Challenge(pb::Challenge { nonce: vec![1; 32] });
            told.send(pb::ServerFrame { request: 0, body: Some(challenge) }).await.ok();
            while let Some(frame) = asked.recv().await {
                let ask = frame.body.expect("a frame asks something");
                let begins = matches!(ask, Ask::LogIn(_));
                told.send(pb::ServerFrame { request: frame.request, body: Some(own.answer(ask)) }).await.ok();
                if begins {
                    let entries = Told::Entries(pb::Entries { entries: own.opened() });
                    told.send(pb::ServerFrame { request: 0, body: Some(entries) }).await.ok();
                }
            }
        });
        (out, incoming)
    }

    fn opened(&self) -> Vec<pb::Entry> {
        let opened = |(place, customer): (usize, &Customer)| {
            let conversation = pb::Conversation {
                id: customer.chat.to_vec(),
                business: self.business.0.to_vec(),
                customer: customer.account.to_vec(),
                customer_devices: vec![customer.device.to_vec()],
                ..Default::default()
            };
            let event = pb::Event { body: Some(pb::event::Body::ConversationOpened(conversation)) };
            let kind = EntryKind::Event.into();
            pb::Entry { seq: place as u64 + 1, kind, conversation: customer.chat.to_vec(), payload: event.encode_to_vec(), ..Default::default() }
        };
        self.customers.lock().iter().enumerate().map(opened).collect()
    }

    fn answer(&self, ask: Ask) -> Told {
        match ask {
            Ask::LogIn(_) => Told::LoggedIn(pb::LoggedIn { window_millis: 86_400_000, ..Default::default() }),
            Ask::ClaimKeyPackages(claim) => {
                let customers = self.customers.lock();
                let customer = customers.iter().find(|one| one.device.to_vec() == claim.device).expect("a device of the customer");
                let package = pb::KeyPackage { suite: Suite::X25519.number().into(), data: customer.package.mls_message.clone(), last_resort: false };
                let packages = vec![pb::ClaimedKeyPackage { device: claim.device, package: Some(package) }];
                Told::KeyPackages(pb::KeyPackages { packages })
            }
            Ask::Commit(commit) => {
                Told::Accepted(pb::Accepted { message_id: commit.commit_id, at: 1, epoch: commit.epoch + 1, ..Default::default() })
            }
            Ask::Submit(submit) => self.submit(&submit.mls_message),
            _ => Told::Done(pb::Done {}),
        }
    }

    fn submit(&self, message: &[u8]) -> Told {
        let cleartext = mls::cleartext(message).expect("an MLS message");
        let id = mls::header(cleartext.authenticated_data).expect("a header").message_id;
        let mut refuses = self.refuses.lock();
        if let Some(place) = refuses.iter().position(|(one, _)| *one == id) {
            let (_, code) = refuses.remove(place);
            return Told::Refused(pb::Refused { code: code.into(), message: "not now".into(), ..Default::default() });
        }
        self.took.lock().push((cleartext.conversation, id));
        Told::Accepted(pb::Accepted { message_id: id.to_vec(), at: self.env.now().millis(), ..Default::default() })
    }

    pub fn took(&self, chat: ConversationId) -> Vec<MessageId> {
        self.took.lock().iter().filter(|(one, _)| *one == chat).map(|(_, id)| *id).collect()
    }
}

struct NoWeb;

impl Http for NoWeb {
    fn get(&self, _: &str) -> HttpAnswer {
        Box::pin(async { Err("there is no web here".to_owned()) })
    }
    fn post(&self, _: &str, _: Vec<(&'static str, String)>, _: Arc<Vec<u8>>) -> HttpAnswer {
        Box::pin(async { Err("there is no web here".to_owned()) })
    }
}

impl Carrier for NoWeb {
    fn put(&self, _: FileName, _: String, _: u64, _: FileStream) -> BoxFuture<'static, Result<(), MoveError>> {
        Box::pin(async { Err(MoveError::Later("there is no network for files here".into())) })
    }
    fn get(&self, _: FileName) -> BoxFuture<'static, Result<FileStream, MoveError>> {
        Box::pin(async { Err(MoveError::Gone) })
    }
}

impl Links for NoWeb {
    fn fetch(&self, _: &str) -> BoxFuture<'static, Result<Linked, String>> {
        Box::pin(async { Err("there is no web here".to_owned()) })
    }
}

/// A business and where it runs, for as long as this is held.
pub struct Shop {
    pub business: Arc<Business>,
    pub endpoint: Endpoint,
    pub folder: tempfile::TempDir,
}

/// An endpoint with one business on the played network; it knows its customers when this returns.
pub async fn shop(played: &Arc<Played>) -> Shop {
    let (folder, db) = suki_store::testing::store();
    let network = played.clone();
    let parts = Parts {
        db,
        key: [9; 32],
        env: played.env.clone(),
        dial: Arc::new(Local(move || network.connect())),
        http: Arc::new(NoWeb),
        files: Blobs::in_memory(),
        carrier: Arc::new(NoWeb),
        links: Arc::new(NoWeb),
        public_url: "http://suki.test".into(),
        suites: vec![Suite::X25519],
        node: None,
    };
    let endpoint = Endpoint::open(parts).await.expect("it opens");
    let new = NewBusiness {
        enrolment: "e".into(),
        name: "Kape".into(),
        about: String::new(),
        slug: "kape".into(),
        hosted_by: "Tests".into(),
        phone: Phone::test(1),
        terms_version: 1,
        owner: None,
    };
    let own = played.clone();
    let register = |request: suki_protocol::http::RegisterBusiness| async move {
        let (account, device) = own.business;
        let certificate = Base64(own.certificate(account, device, AccountKind::Business, request.signature_key.0));
        let network_key = Base64(own.key.public_key().as_ref().to_vec());
        Ok::<_, suki_endpoint::Error>(Registered { account, device, certificate, network_key, phone: None })
    };
    let business = endpoint.create_business(new, register).await.expect("it is made");
    let chats = played.customers.lock().len();
    patiently(played, "the chats", || async {
        let known = business.db().read(|tx| tx.query_one::<i64>("SELECT count(*) FROM mls_group", &[], |row| row.get(0))).await;
        let known: Result<i64, suki_store::StoreError> = known;
        known.expect("the store answers") == chats as i64
    })
    .await;
    Shop { business, endpoint, folder }
}

/// Moves the clock until something holds.
pub async fn patiently<F: Future<Output = bool>>(played: &Played, what: &str, mut holds: impl FnMut() -> F) {
    for _ in 0..2_000 {
        if holds().await {
            return;
        }
        tokio::time::timeout(Duration::from_millis(10), std::future::pending::<()>()).await.ok();
        played.env.manual_clock().advance(100);
    }
    panic!("waited in vain for {what}");
}
