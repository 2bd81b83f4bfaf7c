//! Devices that measure a network: they speak frames with it and do not encrypt.
#![allow(dead_code, reason = "each example uses a part of it")]
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use std::sync::Arc;
use suki_network::{Network, Session};
use suki_protocol::{
    http::{Base64, RegisterBusiness, RegisterGuest, Registered},
    log_in_bytes,
    pb::{self, client_frame::Body as Ask, server_frame::Body as Told},
};
use suki_types::{CommitId, ConversationId, Env};

pub struct Device {
    pub key: Arc<Ed25519KeyPair>,
    pub session: Arc<Session>,
    pub registered: Registered,
    next: u32,
}

impl Device {
    pub async fn log_in(network: &Network, key: Arc<Ed25519KeyPair>, registered: Registered) -> Self {
        let session = Arc::new(network.open_session());
        let Some(Told::Challenge(challenge)) = session.next().await.unwrap().body else { panic!("no challenge") };
        let device = registered.device.to_vec();
        let signature = key.sign(&log_in_bytes(&challenge.nonce, &device)).as_ref().to_vec();
        let mut device_ = Self { key, session, registered, next: 0 };
        device_.ask(Ask::LogIn(pb::LogIn { device, signature })).await;
        device_
    }

    pub fn send(&mut self, body: Ask) -> u32 {
        self.next += 1;
        self.session.receive(pb::ClientFrame { request: self.next, body: Some(body) }).unwrap();
        self.next
    }

    pub async fn ask(&mut self, body: Ask) -> Told {
        let request = self.send(body);
        loop {
            let frame = self.session.next().await.unwrap();
            if frame.request == request {
                return frame.body.unwrap();
            }
        }
    }
}

pub fn mls(conversation: ConversationId, epoch: u64, content_type: u8, data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 1, 0, 2, 16];
    bytes.extend(conversation.as_bytes());
    bytes.extend(epoch.to_be_bytes());
    bytes.push(content_type);
    bytes.extend((0x4000 | data.len() as u16).to_be_bytes());
    bytes.extend(data);
    bytes.resize(400, 0x5a);
    bytes
}

fn key(env: &Env) -> (Arc<Ed25519KeyPair>, Base64) {
    let key = Arc::new(Ed25519KeyPair::from_seed_unchecked(&env.random::<32>()).unwrap());
    let public = Base64(key.public_key().as_ref().to_vec());
    (key, public)
}

pub async fn shop(network: &Network, env: &Env, number: usize) -> Device {
    let (key, signature_key) = key(env);
    let enrolment = network.create_enrolment().await.unwrap();
    let (name, slug) = (format!("Shop {number}"), format!("shop-{number}"));
    let request = RegisterBusiness {
        enrolment,
        name,
        about: String::new(),
        slug,
        hosted_by: "Bench".into(),
        signature_key,
        terms_version: 1,
        test_phone: None,
    };
    Device::log_in(network, key, network.register_business(request.clone()).await.unwrap()).await
}

pub async fn customer(network: &Network, env: &Env, shop: &mut Device, number: usize) -> (Device, ConversationId) {
    let (key, signature_key) = key(env);
    let request = RegisterGuest { slug: format!("shop-{number}"), signature_key, device_name: String::new() };
    let mut device = Device::log_in(network, key, network.register_guest(request.clone()).await.unwrap()).await;
    let open = Ask::OpenConversation(pb::OpenConversation { business: shop.registered.account.to_vec() });
    let Told::Conversation(opened) = device.ask(open).await else { panic!("not opened") };
    let conversation = ConversationId::try_from(&opened.id[..]).unwrap();
    let commit = pb::Commit {
        conversation: opened.id,
        commit_id: CommitId::new(env).to_vec(),
        epoch: 0,
        mls_message: mls(conversation, 0, 3, &[]),
        welcomes: vec![pb::Welcome { device: device.registered.device.to_vec(), mls_message: vec![0, 1, 0, 3, 0] }],
        ..Default::default()
    };
    assert!(matches!(shop.ask(Ask::Commit(commit)).await, Told::Accepted(_)));
    (device, conversation)
}

pub fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}
