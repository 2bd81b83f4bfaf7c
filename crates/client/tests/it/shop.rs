//! A business's endpoint in its smallest form: makes groups, adds devices, reads and answers.
use crate::world::World;
use prost::Message as _;
use std::collections::HashMap;
use std::sync::Arc;
use suki_e2ee::{
    CommitPolicy, Device, Group, Received, Suite,
    content::{self, HeaderParts},
};
use suki_link::{Identity, Inbox, Link, LinkEvent};
use suki_protocol::{
    http::{Base64, RegisterBusiness},
    pb::{self, EntryKind, client_frame::Body as Ask, server_frame::Body as Told},
};
use suki_types::{AccountId, CommitId, ConversationId, DeviceId, Env, MessageId};
use tokio::sync::{mpsc, oneshot};

enum Order {
    Say(ConversationId, String, oneshot::Sender<MessageId>),
    Read(ConversationId, MessageId),
    Commit(ConversationId, oneshot::Sender<()>),
}

/// A handle on the endpoint's task.
pub struct Shop {
    pub account: AccountId,
    orders: mpsc::Sender<Order>,
    pub heard: mpsc::UnboundedReceiver<(ConversationId, MessageId, String)>,
    pub receipts: mpsc::UnboundedReceiver<pb::Receipt>,
}

impl Shop {
    pub async fn open(world: &World, suite: Suite) -> Self {
        let seed = world.env.random();
        let request = RegisterBusiness {
            enrolment: world.network.create_enrolment().await.expect("an enrolment"),
            name: "Kape ni Ana".into(),
            about: String::new(),
            slug: "kape".into(),
            hosted_by: "Tests".into(),
            signature_key: Base64(Device::public_key(&seed)),
            terms_version: world.network.terms().version,
            test_phone: None,
        };
        let registered = world.network.register_business(request.clone()).await.expect("it registers");
        let device = Device::from_seed(&seed, registered.certificate.0, &registered.network_key.0).expect("its keys fit");
        let signer = device.clone();
        let identity = Identity { device: device.id(), signer: Arc::new(move |bytes| signer.sign(bytes)) };
        let (link, inbox) = Link::start(world.dial(), identity, world.env.clone());
        let (orders, to_do) = mpsc::channel(16);
        let (say, heard) = mpsc::unbounded_channel();
        let (tell, receipts) = mpsc::unbounded_channel();
        let endpoint = Endpoint { device, suite, link, env: world.env.clone(), rooms: HashMap::new(), heard: say, receipts: tell, cursor: 0 };
        tokio::spawn(endpoint.run(inbox, to_do));
        Self { account: registered.account, orders, heard, receipts }
    }

    pub async fn say(&self, conversation: ConversationId, text: &str) -> MessageId {
        let (answer, waiting) = oneshot::channel();
        drop(self.orders.send(Order::Say(conversation, text.into(), answer)).await);
        waiting.await.expect("it is said")
    }

    pub async fn read(&self, conversation: ConversationId, id: MessageId) {
        drop(self.orders.send(Order::Read(conversation, id)).await);
    }

    /// A commit that changes nothing but the epoch.
    pub async fn commit(&self, conversation: ConversationId) {
        let (answer, waiting) = oneshot::channel();
        drop(self.orders.send(Order::Commit(conversation, answer)).await);
        waiting.await.expect("it is done");
    }

    pub async fn hears(&mut self) -> (ConversationId, MessageId, String) {
        let hearing = tokio::time::timeout(std::time::Duration::from_secs(30), self.heard.recv());
        hearing.await.expect("it hears in time").expect("the endpoint runs")
    }
}

struct Room {
    group: Group,
    policy: CommitPolicy,
    texts: Vec<pb::HistoryItem>,
}

struct Endpoint {
    device: Device,
    suite: Suite,
    link: Link,
    env: Env,
    rooms: HashMap<ConversationId, Room>,
    heard: mpsc::UnboundedSender<(ConversationId, MessageId, String)>,
    receipts: mpsc::UnboundedSender<pb::Receipt>,
    cursor: u64,
}

impl Endpoint {
    async fn run(mut self, mut inbox: Inbox, mut orders: mpsc::Receiver<Order>) {
        loop {
            tokio::select! {
                biased;
                event = inbox.next() => match event {
                    Some(LinkEvent::Entries(entries)) => {
                        for entry in entries.into_iter() {
                            if entry.seq > self.cursor {
                                self.cursor = entry.seq;
                                self.entry(entry).await;
                            }
                        }
                        self.link.ack(self.cursor);
                    }
                    Some(_) => {}
                    None => return,
                },
                order = orders.recv() => match order {
                    Some(Order::Say(conversation, text, answer)) => drop(answer.send(self.say(conversation, text).await)),
                    Some(Order::Read(conversation, id)) => {
                        let read = Ask::Read(pb::Read { conversation: conversation.to_vec(), message_id: id.to_vec(), played: false });
                        assert!(matches!(self.link.request(read).await, Ok(Told::Done(_))));
                    }
                    Some(Order::Commit(conversation, answer)) => {
                        self.renew(conversation).await;
                        answer.send(()).expect("whoever asked waits");
                    }
                    None => return,
                },
            }
        }
    }

    async fn entry(&mut self, entry: pb::Entry) {
        let conversation = ConversationId::try_from(&entry.conversation[..]).ok();
        match (entry.kind(), conversation) {
            (EntryKind::Event, Some(conversation)) => {
                match pb::Event::decode(&entry.payload[..]).expect("an event").body.expect("it says something") {
                    pb::event::Body::ConversationOpened(opened) => self.create(opened).await,
                    pb::event::Body::DeviceAdded(added) => self.add(conversation, Some(added.device)).await,
                    pb::event::Body::DeviceRemoved(removed) => self.remove(conversation, removed.device).await,
                    pb::event::Body::MessageExpired(_) | pb::event::Body::Notice(_) => {}
                }
            }
            (EntryKind::Message, Some(conversation)) => self.message(conversation, &entry),
            (EntryKind::Commit, Some(conversation)) => {
                let room = self.rooms.get_mut(&conversation).expect("it is known");
                room.group.receive(&self.device, &entry.payload, &room.policy).expect("a commit that is allowed");
            }
            (EntryKind::Receipt, _) => drop(self.receipts.send(pb::Receipt::decode(&entry.payload[..]).expect("a receipt"))),
            _ => {}
        }
    }

    async fn create(&mut self, opened: pb::Conversation) {
        let id = ConversationId::try_from(&opened.id[..]).expect("an id");
        let group = Group::create(&self.device, self.suite, id).expect("a group");
        let policy = CommitPolicy {
            business: AccountId::try_from(&opened.business[..]).expect("an id"),
            customer: Some(AccountId::try_from(&opened.customer[..]).expect("an id")),
        };
        self.rooms.insert(id, Room { group, policy, texts: Vec::new() });
        self.add(id, None).await;
    }

    async fn add(&mut self, conversation: ConversationId, only: Option<Vec<u8>>) {
        let claim = Ask::ClaimKeyPackages(pb::ClaimKeyPackages {
            conversation: conversation.to_vec(),
            suites: vec![self.suite.number().into()],
            device: only.unwrap_or_default(),
        });
        let Ok(Told::KeyPackages(claimed)) = self.link.request(claim).await else { panic!("no key packages") };
        let packages: Vec<Vec<u8>> = claimed.packages.into_iter().filter_map(|claimed| claimed.package).map(|package| package.data).collect();
        if packages.is_empty() {
            return;
        }
        let room = self.rooms.get_mut(&conversation).expect("it is known");
        let added = room.group.add(&self.device, &packages).expect("they can be added");
        let texts = room.texts.clone();
        self.commit(conversation, added).await;
        if !texts.is_empty() {
            let history = pb::content::Body::History(pb::History { items: texts });
            self.send(conversation, history, pb::MessageKind::Control).await;
        }
    }

    async fn remove(&mut self, conversation: ConversationId, device: Vec<u8>) {
        let device = DeviceId::try_from(&device[..]).expect("an id");
        let room = self.rooms.get_mut(&conversation).expect("it is known");
        let removed = room.group.remove(&self.device, &[device]).expect("it can be removed");
        self.commit(conversation, removed).await;
    }

    /// An external commit by the endpoint itself: the next epoch, and nothing else changed.
    async fn renew(&mut self, conversation: ConversationId) {
        let room = self.rooms.get_mut(&conversation).expect("it is known");
        let info = room.group.group_info(&self.device).expect("a group info");
        let (group, change) = Group::rejoin(&self.device, &info, conversation, &room.policy).expect("it can come back");
        room.group = group;
        self.commit(conversation, change).await;
    }

    async fn commit(&mut self, conversation: ConversationId, change: suki_e2ee::Change) {
        let welcome = change.welcome.clone();
        let welcomes = change.added.iter().zip(welcome.iter().cycle());
        let commit = Ask::Commit(pb::Commit {
            conversation: conversation.to_vec(),
            commit_id: CommitId::new(&self.env).to_vec(),
            epoch: change.epoch,
            mls_message: change.commit,
            welcomes: welcomes.map(|(device, welcome)| pb::Welcome { device: device.to_vec(), mls_message: welcome.clone() }).collect(),
            removed: change.removed.iter().map(|device| device.to_vec()).collect(),
            group_info: change.group_info,
        });
        let told = self.link.request(commit).await;
        assert!(matches!(told, Ok(Told::Accepted(_))), "{told:?}");
        self.rooms.get_mut(&conversation).expect("it is known").group.confirm().expect("it is confirmed");
    }

    fn message(&mut self, conversation: ConversationId, entry: &pb::Entry) {
        let room = self.rooms.get_mut(&conversation).expect("it is known");
        let received = room.group.receive(&self.device, &entry.payload, &room.policy).expect("a message that can be read");
        let Received::Application { header, plaintext, .. } = received else { panic!("no message") };
        let (header, content) = content::open(&header, &plaintext).expect("it says something");
        let Some(pb::content::Body::Text(text)) = &content.body else { panic!("no text") };
        let heard = (conversation, header.message_id, text.body.clone());
        room.texts.push(pb::HistoryItem {
            message_id: header.message_id.to_vec(),
            at: entry.at,
            from_business: false,
            content: Some(content),
            template_id: String::new(),
        });
        drop(self.heard.send(heard));
    }

    async fn say(&mut self, conversation: ConversationId, text: String) -> MessageId {
        let body = pb::content::Body::Text(pb::Text { body: text, preview_url: false });
        self.send(conversation, body, pb::MessageKind::Session).await
    }

    async fn send(&mut self, conversation: ConversationId, body: pb::content::Body, kind: pb::MessageKind) -> MessageId {
        let id = MessageId::new(&self.env);
        let content = pb::Content { body: Some(body), ..Default::default() };
        let parts = HeaderParts { kind, ..HeaderParts::session(id, self.env.now()) };
        let sealed = content::seal(&content, &parts, &*self.env.entropy).expect("it can be sealed");
        let room = self.rooms.get_mut(&conversation).expect("it is known");
        let mls_message = room.group.encrypt(&self.device, &sealed.header, &sealed.plaintext).expect("it can be encrypted");
        let told = self.link.request(Ask::Submit(pb::Submit { mls_message })).await;
        let Ok(Told::Accepted(accepted)) = told else { panic!("not accepted: {told:?}") };
        if kind == pb::MessageKind::Session {
            let item =
                pb::HistoryItem { message_id: id.to_vec(), at: accepted.at, from_business: true, content: Some(content), template_id: String::new() };
            self.rooms.get_mut(&conversation).expect("it is known").texts.push(item);
        }
        id
    }
}
