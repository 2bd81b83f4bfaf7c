//! A network, a shop, guests.
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use std::{sync::Arc, time::Duration};
use suki_link::{Identity, Inbox, Link, LinkEvent, Local};
use suki_network::{Config, Network};
use suki_protocol::{
    http::{Base64, RegisterBusiness, RegisterGuest, Registered},
    pb::{self, client_frame::Body as Ask, server_frame::Body as Told},
};
use suki_types::Env;

pub struct World {
    pub env: Env,
    pub network: Network,
    _folder: tempfile::TempDir,
}

impl World {
    pub async fn new(seed: u64) -> Self {
        let env = Env::for_tests(seed);
        let (folder, db) = suki_store::testing::sqlite();
        let policy = Arc::new(suki_rules::Policy::shipped("meta-2026").expect("it is shipped"));
        let network = Network::open(db, [7; 32], policy, env.clone(), Config::default()).await.expect("the network opens");
        Self { env, network, _folder: folder }
    }

    /// Lets half a minute pass, and whoever waited for it run.
    pub async fn tick(&self) {
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        self.env.manual_clock().advance(30_000);
    }

    /// Lets time pass until an event comes.
    pub async fn tick_until(&self, inbox: &mut Inbox, wanted: impl Fn(&LinkEvent) -> bool) {
        let waiting = async {
            loop {
                let event = tokio::select! {
                    biased;
                    event = inbox.next() => event.expect("the link has not ended"),
                    () = self.tick() => continue,
                };
                if wanted(&event) {
                    return;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("the event comes");
    }
}

pub struct Shop {
    key: Arc<Ed25519KeyPair>,
    pub registered: Registered,
}

fn key(env: &Env) -> Arc<Ed25519KeyPair> {
    Arc::new(Ed25519KeyPair::from_seed_unchecked(&env.random::<32>()).expect("a seed is a key"))
}

impl Shop {
    pub async fn register(world: &World) -> Self {
        let key = key(&world.env);
        let request = RegisterBusiness {
            enrolment: world.network.create_enrolment().await.expect("an enrolment"),
            name: "Kape".into(),
            about: String::new(),
            slug: "kape".into(),
            hosted_by: "Tests".into(),
            signature_key: Base64(key.public_key().as_ref().to_vec()),
            terms_version: world.network.terms().version,
            test_phone: None,
        };
        let registered = world.network.register_business(request.clone()).await.expect("it registers");
        Self { key, registered }
    }

    pub async fn guest(&self, world: &World) -> Self {
        let key = key(&world.env);
        let signature_key = Base64(key.public_key().as_ref().to_vec());
        let request = RegisterGuest { slug: "kape".into(), signature_key, device_name: String::new() };
        let registered = world.network.register_guest(request.clone()).await.expect("he registers");
        Self { key, registered }
    }

    pub fn identity(&self) -> Identity {
        let key = self.key.clone();
        Identity { device: self.registered.device, signer: Arc::new(move |bytes| key.sign(bytes).as_ref().to_vec()) }
    }

    pub async fn open_conversation(&self, world: &World, shop: &Self) {
        let network = world.network.clone();
        let (link, mut inbox) = Link::start(Arc::new(Local(move || network.connect())), self.identity(), world.env.clone());
        inbox.next().await;
        let open = Ask::OpenConversation(pb::OpenConversation { business: shop.registered.account.to_vec() });
        assert!(matches!(link.request(open).await, Ok(Told::Conversation(_))));
    }
}
