//! A network, a shop and its customers.
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use prost::Message as _;
use std::{collections::VecDeque, sync::Arc, time::Duration};
use suki_bus::Bus;
use suki_network::{Config, Network, Session};
use suki_protocol::{
    calls::Call,
    http::{Base64, RegisterBusiness, RegisterDevice, RegisterGuest, Registered},
    log_in_bytes,
    pb::{self, EntryKind, RefusalCode, client_frame::Body as Ask, server_frame::Body as Told},
};
use suki_rules::Policy;
use suki_store::{Db, StoreError};
use suki_types::{CommitId, ConversationId, Env, MessageId};
use tempfile::TempDir;

pub struct World {
    pub env: Env,
    pub network: Network,
    pub db: Db,
    folder: TempDir,
}

pub const DAY: i64 = 24 * 3_600_000;

impl World {
    pub async fn new(seed: u64) -> Self {
        Self::with(seed, Config { test_numbers: true, ..Config::default() }).await
    }

    pub async fn with(seed: u64, config: Config) -> Self {
        let (folder, db) = store().await;
        Self::over(seed, config, shipped(), folder, db).await
    }

    /// Under a policy of the test's own.
    pub async fn under(seed: u64, policy: Policy) -> Self {
        let (folder, db) = store().await;
        Self::over(seed, Config { test_numbers: true, ..Config::default() }, policy, folder, db).await
    }

    /// Over SQLite, whatever the engine of the run: for what is said of its files, its plans or its statements.
    pub async fn on_sqlite(seed: u64, config: Config) -> Self {
        let (folder, db) = suki_store::testing::sqlite();
        Self::over(seed, config, shipped(), folder, db).await
    }

    /// Over PostgreSQL.
    pub async fn on_postgres(seed: u64, config: Config) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        // Starting a server blocks.
        let db = tokio::task::spawn_blocking(suki_store::testing::postgres).await.expect("it starts");
        Self::over(seed, config, shipped(), folder, db).await
    }

    /// Several nodes over one PostgreSQL database, each with a bus of this kind.
    pub async fn nodes(env: &Env, buses: Vec<Arc<dyn Bus>>) -> Vec<Self> {
        Self::nodes_with(env, &Config { test_numbers: true, ..Config::default() }, buses).await
    }

    /// The same of this configuration.
    pub async fn nodes_with(env: &Env, config: &Config, buses: Vec<Arc<dyn Bus>>) -> Vec<Self> {
        let url = tokio::task::spawn_blocking(suki_store::testing::postgres_url).await.expect("it starts");
        Self::nodes_at(url, env, config, buses).await
    }

    /// The same over a database of this PostgreSQL server.
    pub async fn nodes_at(url: &str, env: &Env, config: &Config, buses: Vec<Arc<dyn Bus>>) -> Vec<Self> {
        let options = suki_store::testing::postgres_options();
        let mut nodes = Vec::new();
        for bus in buses {
            let (folder, url, options) = (tempfile::tempdir().expect("a temporary folder can be made"), url.to_owned(), options.clone());
            let open = move || Db::open_postgres(&url, options).expect("the test's PostgreSQL answers");
            let db = tokio::task::spawn_blocking(open).await.expect("it starts");
            let config = Config { bus, ..config.clone() };
            nodes.push(Self::opened(env.clone(), config, shipped(), folder, db).await);
        }
        nodes
    }

    async fn over(seed: u64, config: Config, policy: Policy, folder: TempDir, db: Db) -> Self {
        Self::opened(Env::for_tests(seed), config, policy, folder, db).await
    }

    async fn opened(env: Env, config: Config, policy: Policy, folder: TempDir, db: Db) -> Self {
        let network = Network::open(db.clone(), [7; 32], Arc::new(policy), env.clone(), config).await.expect("the network opens");
        Self { env, network, db, folder }
    }

    pub fn advance(&self, millis: i64) {
        self.env.manual_clock().advance(millis);
    }

    /// All that the store has written.
    pub fn bytes_on_disk(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.folder.path()).expect("the store's folder");
        files.flat_map(|file| std::fs::read(file.expect("a file").path()).expect("it can be read")).collect()
    }

    pub async fn shop(&self, slug: &str) -> Device {
        let key = key(&self.env);
        let enrolment = self.network.create_enrolment().await.expect("an enrolment");
        let request = RegisterBusiness {
            enrolment,
            name: format!("Shop {slug}"),
            about: String::new(),
            slug: slug.into(),
            hosted_by: "Tests".into(),
            signature_key: public(&key),
            terms_version: 1,
            test_phone: None,
        };
        let registered = self.network.register_business(request.clone()).await.expect("the shop registers");
        Device::log_in(self, key, registered).await
    }

    pub async fn guest(&self, slug: &str) -> Device {
        let key = key(&self.env);
        let request = RegisterGuest { slug: slug.into(), signature_key: public(&key), device_name: "Browser".into() };
        let registered = self.network.register_guest(request.clone()).await.expect("the guest registers");
        Device::log_in(self, key, registered).await
    }

    /// Another device of the same account.
    pub async fn sibling(&self, device: &mut Device) -> Device {
        let Told::LinkCode(code) = device.ask(Ask::MakeLinkCode(pb::MakeLinkCode {})).await else { panic!("a code") };
        let key = key(&self.env);
        let request = RegisterDevice { code: code.code, signature_key: public(&key), device_name: "Second".into() };
        let registered = self.network.register_device(request.clone()).await.expect("the device registers");
        Device::log_in(self, key, registered).await
    }

    /// A shop and a customer with a conversation whose group is made.
    pub async fn pair(&self) -> (Device, Device, ConversationId) {
        let mut shop = self.shop("kape").await;
        let mut ana = self.guest("kape").await;
        let conversation = self.join(&mut shop, &mut ana).await;
        (shop, ana, conversation)
    }

    pub async fn join(&self, shop: &mut Device, customer: &mut Device) -> ConversationId {
        let conversation = customer.open(shop).await;
        assert_eq!(shop.entry().await.kind(), EntryKind::Event);
        shop.accepted(shop.commit(conversation, 0, &[customer], &[])).await;
        assert_eq!(customer.entry().await.kind(), EntryKind::Welcome);
        conversation
    }
}

/// An empty store on the engine of the run.
async fn store() -> (TempDir, Db) {
    // Starting a server blocks.
    tokio::task::spawn_blocking(suki_store::testing::store).await.expect("it starts")
}

fn shipped() -> Policy {
    Policy::shipped("meta-2026").expect("it is shipped")
}

pub fn key(env: &Env) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&env.random::<32>()).expect("a seed is a key")
}

pub fn public(key: &Ed25519KeyPair) -> Base64 {
    Base64(key.public_key().as_ref().to_vec())
}

pub struct Device {
    pub key: Ed25519KeyPair,
    pub registered: Registered,
    pub env: Env,
    session: Session,
    next: u32,
    answers: VecDeque<(u32, Told)>,
    entries: VecDeque<pb::Entry>,
    pub typing: VecDeque<pb::Typing>,
    pub ended: bool,
    pub logged_in: pb::LoggedIn,
    pub largest_frame: usize,
    newest: u64,
    db: Db,
}

impl Device {
    pub async fn log_in(world: &World, key: Ed25519KeyPair, registered: Registered) -> Self {
        let mut device = Self {
            key,
            registered,
            env: world.env.clone(),
            session: world.network.open_session(),
            next: 1,
            answers: VecDeque::new(),
            entries: VecDeque::new(),
            typing: VecDeque::new(),
            ended: false,
            logged_in: pb::LoggedIn::default(),
            largest_frame: 0,
            newest: 0,
            db: world.db.clone(),
        };
        device.sign_in().await;
        device
    }

    /// A new connection; the old one is dropped, and what had come over it.
    pub async fn reconnect(&mut self, world: &World) {
        self.session = world.network.open_session();
        self.answers.clear();
        self.entries.clear();
        self.ended = false;
        self.sign_in().await;
    }

    /// Its key, for another connection of the same device beside this one.
    pub fn take_key(&mut self) -> Ed25519KeyPair {
        std::mem::replace(&mut self.key, key(&self.env))
    }

    /// A new connection that is not logged in yet.
    pub fn new_session(&mut self, world: &World) {
        self.session = world.network.open_session();
        self.ended = false;
    }

    async fn sign_in(&mut self) {
        let told = self.try_sign_in().await;
        let Told::LoggedIn(logged_in) = told else { panic!("not logged in: {told:?}") };
        self.newest = logged_in.acked;
        self.logged_in = logged_in;
    }

    pub async fn try_sign_in(&mut self) -> Told {
        let Some(Told::Challenge(challenge)) = self.frame().await.and_then(|frame| frame.body) else { panic!("no challenge") };
        let id = self.registered.device.to_vec();
        let signature = self.key.sign(&log_in_bytes(&challenge.nonce, &id)).as_ref().to_vec();
        self.ask(Ask::LogIn(pb::LogIn { device: id, signature })).await
    }

    async fn frame(&mut self) -> Option<pb::ServerFrame> {
        // Never reached when all is well: it turns a test that would hang into one that fails.
        tokio::time::timeout(Duration::from_secs(20), self.session.next()).await.expect("a frame arrives")
    }

    /// Sends without waiting for the answer.
    pub fn send(&mut self, body: Ask) -> u32 {
        let request = self.next;
        self.next += 1;
        self.session.receive(pb::ClientFrame { request, body: Some(body) }).expect("the session is open");
        request
    }

    pub fn send_raw(&mut self, frame: pb::ClientFrame) -> Result<(), suki_network::Closed> {
        self.session.receive(frame)
    }

    pub async fn answer(&mut self, request: u32) -> Told {
        loop {
            if let Some(at) = self.answers.iter().position(|(answered, _)| *answered == request) {
                return self.answers.remove(at).expect("it is there").1;
            }
            assert!(self.pump().await, "the connection ended before the answer");
        }
    }

    pub async fn ask(&mut self, body: Ask) -> Told {
        let request = self.send(body);
        self.answer(request).await
    }

    /// Takes one frame in; false when the connection is over.
    pub async fn pump(&mut self) -> bool {
        let Some(frame) = self.frame().await else {
            self.ended = true;
            return false;
        };
        self.largest_frame = self.largest_frame.max(frame.encoded_len());
        match frame.body.expect("a frame has a body") {
            Told::Entries(entries) => {
                for entry in entries.entries {
                    assert!(entry.seq > self.newest, "entries come in order, once");
                    self.newest = entry.seq;
                    self.entries.push_back(entry);
                }
            }
            Told::Typing(typing) => self.typing.push_back(typing),
            body => self.answers.push_back((frame.request, body)),
        }
        true
    }

    pub async fn entry(&mut self) -> pb::Entry {
        while self.entries.is_empty() {
            assert!(self.pump().await, "the connection ended before the entry");
        }
        self.entries.pop_front().expect("one is there")
    }

    /// What was not taken yet of all that stands in the device's log now.
    pub async fn entries_so_far(&mut self) -> Vec<pb::Entry> {
        let device = self.registered.device;
        let last = self
            .db
            .read(move |tx| tx.query_one("SELECT COALESCE(MAX(seq), 0) FROM entry WHERE device = ?1", &[(&device).into()], |row| row.get::<u64>(0)));
        let last = last.await.map_err(|error: StoreError| error).expect("the store answers");
        while self.newest < last {
            assert!(self.pump().await, "the connection ended before the entry");
        }
        self.entries.drain(..).collect()
    }

    /// Asks by a call, which the network answers.
    pub async fn called<C: Call>(&mut self, call: &C) -> C::Answer {
        self.call(call).await.unwrap_or_else(|refused| panic!("refused: {refused:?}"))
    }

    /// Asks by a call, which the network refuses.
    pub async fn call_refused<C: Call>(&mut self, call: &C, code: RefusalCode) -> pb::Refused {
        self.refused_as(by_name(call), code).await
    }

    pub async fn accepted(&mut self, body: Ask) -> pb::Accepted {
        match self.ask(body).await {
            Told::Accepted(accepted) => accepted,
            other => panic!("not accepted: {other:?}"),
        }
    }

    /// Waits until everything sent before is committed: units run in their order.
    pub async fn accepted_everything(&mut self) {
        let package = pb::KeyPackage { suite: 1, data: vec![0, 1, 0, 5, 0, 1, 0, 1], last_resort: true };
        self.done(Ask::PublishKeyPackages(pb::PublishKeyPackages { packages: vec![package] })).await;
    }

    pub async fn refused(&mut self, body: Ask) -> pb::Refused {
        match self.ask(body).await {
            Told::Refused(refused) => refused,
            other => panic!("not refused: {other:?}"),
        }
    }

    pub async fn refused_as(&mut self, body: Ask, code: RefusalCode) -> pb::Refused {
        let refused = self.refused(body).await;
        assert_eq!(refused.code(), code, "{refused:?}");
        assert!(!refused.message.is_empty());
        refused
    }

    pub async fn done(&mut self, body: Ask) {
        let told = self.ask(body).await;
        assert!(matches!(told, Told::Done(_)), "{told:?}");
    }

    pub async fn ack(&mut self, seq: u64) {
        self.done(Ask::Ack(pb::Ack { seq })).await;
    }

    pub async fn open(&mut self, shop: &Device) -> ConversationId {
        let told = self.ask(Ask::OpenConversation(pb::OpenConversation { business: shop.registered.account.to_vec() })).await;
        let Told::Conversation(conversation) = told else { panic!("not opened: {told:?}") };
        ConversationId::try_from(&conversation.id[..]).expect("an id")
    }

    pub fn commit(&self, conversation: ConversationId, epoch: u64, added: &[&Device], removed: &[&Device]) -> Ask {
        let welcomes = added.iter().map(|device| pb::Welcome { device: device.registered.device.to_vec(), mls_message: vec![0, 1, 0, 3, 9] });
        Ask::Commit(pb::Commit {
            conversation: conversation.to_vec(),
            commit_id: CommitId::new(&self.env).to_vec(),
            epoch,
            mls_message: mls(conversation, epoch, 3, &[]),
            welcomes: welcomes.collect(),
            removed: removed.iter().map(|device| device.registered.device.to_vec()).collect(),
            group_info: vec![0, 1, 0, 4, epoch as u8 + 1],
        })
    }

    pub fn text(&self, conversation: ConversationId, epoch: u64) -> (MessageId, Ask) {
        self.message(conversation, epoch, pb::MessageKind::Session)
    }

    pub fn message(&self, conversation: ConversationId, epoch: u64, kind: pb::MessageKind) -> (MessageId, Ask) {
        let id = MessageId::new(&self.env);
        (id, submit(conversation, epoch, &header(id, kind)))
    }
}

pub fn by_name<C: Call>(call: &C) -> Ask {
    Ask::Call(pb::Call { name: C::NAME.into(), json: serde_json::to_vec(call).expect("it can be written") })
}

pub fn header(id: MessageId, kind: pb::MessageKind) -> pb::Header {
    pb::Header { message_id: id.to_vec(), kind: kind.into(), commitment: vec![0; 32], ..Default::default() }
}

pub fn submit(conversation: ConversationId, epoch: u64, header: &pb::Header) -> Ask {
    Ask::Submit(pb::Submit { mls_message: mls(conversation, epoch, 1, &header.encode_to_vec()) })
}

/// Bytes that look like an MLS PrivateMessage to whoever has no key.
pub fn mls(conversation: ConversationId, epoch: u64, content_type: u8, data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 1, 0, 2, 16];
    bytes.extend(conversation.as_bytes());
    bytes.extend(epoch.to_be_bytes());
    bytes.push(content_type);
    bytes.extend((0x4000 | data.len() as u16).to_be_bytes());
    bytes.extend(data);
    bytes.extend([0x5a; 200]);
    bytes
}

/// A PublicMessage with an external commit.
pub fn external(conversation: ConversationId, epoch: u64) -> Vec<u8> {
    let mut bytes = vec![0, 1, 0, 1, 16];
    bytes.extend(conversation.as_bytes());
    bytes.extend(epoch.to_be_bytes());
    bytes.extend([4, 0, 3, 9, 9, 9]);
    bytes
}

pub fn receipt(entry: &pb::Entry) -> pb::Receipt {
    assert_eq!(entry.kind(), EntryKind::Receipt, "{entry:?}");
    pb::Receipt::decode(&entry.payload[..]).expect("a receipt")
}

pub fn event(entry: &pb::Entry) -> pb::event::Body {
    assert_eq!(entry.kind(), EntryKind::Event, "{entry:?}");
    pb::Event::decode(&entry.payload[..]).expect("an event").body.expect("it says something")
}

impl Device {
    /// A call and its answer.
    pub async fn call<C: Call>(&mut self, request: &C) -> Result<C::Answer, pb::Refused> {
        let json = serde_json::to_vec(request).expect("it can be written");
        match self.ask(Ask::Call(pb::Call { name: C::NAME.into(), json })).await {
            Told::Called(called) => Ok(serde_json::from_slice(&called.json).expect("the answer is of its shape")),
            Told::Refused(refused) => Err(refused),
            other => panic!("no answer to a call: {other:?}"),
        }
    }

    /// The notices of a kind among what was not taken yet.
    pub async fn notices<T: suki_protocol::calls::Told>(&mut self) -> Vec<T> {
        let entries = self.entries_so_far().await;
        let events = entries.iter().filter(|entry| entry.kind() == EntryKind::Event).map(event);
        let notices = events.filter_map(|event| match event {
            pb::event::Body::Notice(notice) if notice.kind == T::KIND => Some(notice),
            _ => None,
        });
        notices.map(|notice| serde_json::from_slice(&notice.json).expect("it is of its shape")).collect()
    }
}
