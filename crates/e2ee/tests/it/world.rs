//! A network's key, a business's endpoint and a customer with devices.
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use std::collections::HashMap;
use suki_e2ee::{Change, CommitPolicy, Device, Error, Group, Received, Suite};
use suki_protocol::{
    certificate::{self, Identity},
    pb::AccountKind,
};
use suki_types::{AccountId, ConversationId, DeviceId, Env};

pub struct World {
    pub env: Env,
    pub network: Ed25519KeyPair,
    pub suite: Suite,
    pub policy: CommitPolicy,
    pub conversation: ConversationId,
    pub endpoint: Device,
}

/// A member with its group.
pub struct Member {
    pub device: Device,
    pub group: Group,
}

impl World {
    pub fn new(suite: Suite) -> Self {
        let env = Env::for_tests(11);
        let network = Ed25519KeyPair::from_seed_unchecked(&env.random::<32>()).unwrap();
        let policy = CommitPolicy { business: AccountId::new(&env), customer: Some(AccountId::new(&env)) };
        let conversation = ConversationId::new(&env);
        let endpoint = device(&env, &network, policy.business, AccountKind::Business);
        Self { env, network, suite, policy, conversation, endpoint }
    }

    pub fn phone(&self) -> Device {
        device(&self.env, &self.network, self.policy.customer.unwrap(), AccountKind::Person)
    }

    pub fn stranger(&self) -> Device {
        device(&self.env, &self.network, AccountId::new(&self.env), AccountKind::Person)
    }

    /// The endpoint alone in the conversation's group.
    pub fn shop(&self) -> Member {
        let group = Group::create(&self.endpoint, self.suite, self.conversation).unwrap();
        Member { device: self.endpoint.clone(), group }
    }

    /// The endpoint and one device of the customer.
    pub fn pair(&self) -> (Member, Member) {
        let mut shop = self.shop();
        let phone = self.phone();
        let (change, keys) = shop.offer(&phone, self.suite);
        shop.group.confirm().unwrap();
        let phone = self.join(&phone, &change, &keys).unwrap();
        (shop, phone)
    }

    pub fn join(&self, device: &Device, change: &Change, keys: &HashMap<Vec<u8>, Vec<u8>>) -> Result<Member, Error> {
        let welcome = change.welcome.as_ref().expect("it adds somebody");
        let group = Group::join(device, welcome, &self.policy, |reference| keys.get(reference).cloned())?;
        Ok(Member { device: device.clone(), group })
    }

    /// Adds another device, and lets everybody there already follow.
    pub fn grow(&self, shop: &mut Member, others: &mut [&mut Member]) -> Member {
        let phone = self.phone();
        let (change, keys) = shop.offer(&phone, self.suite);
        shop.group.confirm().unwrap();
        for member in others {
            member.receive(&change.commit, &self.policy).unwrap();
        }
        self.join(&phone, &change, &keys).unwrap()
    }

    /// What another's message said to `member`.
    pub fn text(&self, member: &mut Member, message: &[u8]) -> Result<String, Error> {
        match member.receive(message, &self.policy)? {
            Received::Application { plaintext, .. } => Ok(String::from_utf8(plaintext).unwrap()),
            other => panic!("no application message: {other:?}"),
        }
    }
}

pub fn device(env: &Env, network: &Ed25519KeyPair, account: AccountId, kind: AccountKind) -> Device {
    let seed = env.random::<32>();
    let identity = Identity { account, device: DeviceId::new(env), kind, signature_key: Device::public_key(&seed) };
    let certificate = certificate::issue(network, &identity, env.now());
    Device::from_seed(&seed, certificate, network.public_key().as_ref()).unwrap()
}

impl Member {
    pub fn say(&mut self, text: &str) -> Vec<u8> {
        self.group.encrypt(&self.device, b"header", text.as_bytes()).unwrap()
    }

    pub fn receive(&mut self, message: &[u8], policy: &CommitPolicy) -> Result<Received, Error> {
        self.group.receive(&self.device, message, policy)
    }

    /// A change that adds this device, with the device's key package secrets.
    pub fn offer(&mut self, phone: &Device, suite: Suite) -> (Change, HashMap<Vec<u8>, Vec<u8>>) {
        let package = phone.key_packages(suite, 1, false).unwrap().remove(0);
        let change = self.group.add(&self.device, &[package.mls_message]).unwrap();
        (change, HashMap::from([(package.reference, package.secret)]))
    }
}

/// Runs a scenario on both suites.
pub fn on_both(scenario: impl Fn(World)) {
    Suite::ALL.into_iter().for_each(|suite| scenario(World::new(suite)));
}
