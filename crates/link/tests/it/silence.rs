//! A network that behaves badly: silent, slow to connect, or faster than its receiver.
use std::{
    future::pending,
    sync::{Arc, Mutex},
    time::Duration,
};
use suki_link::{Dial, Dialing, Identity, Inbox, Link, LinkEvent, Wire};
use suki_protocol::pb::{self, client_frame::Body as Ask, server_frame::Body as Told};
use suki_types::{DeviceId, Env};
use tokio::sync::mpsc;

type Far = (mpsc::Receiver<pb::ClientFrame>, mpsc::Sender<pb::ServerFrame>);

/// Hands the far ends of its connections to the test; while `stuck`, dialling never ends.
#[derive(Default)]
struct Fake {
    far: Mutex<Vec<Far>>,
    stuck: Mutex<bool>,
}

impl Dial for Fake {
    fn dial(&self) -> Dialing {
        if *self.stuck.lock().expect("no test panics with it") {
            return Box::pin(pending());
        }
        let (out, to_network) = mpsc::channel(8);
        let (from_network, incoming) = mpsc::channel(8);
        self.far.lock().expect("no test panics with it").push((to_network, from_network));
        Box::pin(std::future::ready(Ok(Wire { out, incoming })))
    }
}

struct Case {
    env: Env,
    fake: Arc<Fake>,
    _link: Link,
    inbox: Inbox,
}

fn start(stuck: bool) -> Case {
    let env = Env::for_tests(1);
    let fake = Arc::new(Fake { stuck: Mutex::new(stuck), ..Fake::default() });
    let identity = Identity { device: DeviceId::new(&env), signer: Arc::new(|_| vec![0; 64]) };
    let (link, inbox) = Link::start(fake.clone(), identity, env.clone());
    Case { env, fake, _link: link, inbox }
}

impl Case {
    /// Waits for the next connection and lets the device in.
    async fn let_in(&mut self) -> Far {
        let mut far = loop {
            self.rest().await;
            if let Some(far) = self.fake.far.lock().expect("no test panics with it").pop() {
                break far;
            }
            self.env.manual_clock().advance(200);
        };
        say(&far, 0, Told::Challenge(pb::Challenge { nonce: vec![1; 32] })).await;
        let log_in = far.0.recv().await.expect("it logs in");
        assert!(matches!(log_in.body, Some(Ask::LogIn(_))));
        say(&far, log_in.request, Told::LoggedIn(pb::LoggedIn::default())).await;
        assert!(matches!(self.event().await, LinkEvent::Connected(_)));
        far
    }

    async fn event(&mut self) -> LinkEvent {
        let event = tokio::time::timeout(Duration::from_secs(20), self.inbox.next());
        event.await.expect("it comes in time").expect("the link goes on")
    }

    /// Lets the other tasks run until they wait.
    async fn rest(&self) {
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
    }
}

async fn say(far: &Far, request: u32, body: Told) {
    far.1.send(pb::ServerFrame { request, body: Some(body) }).await.expect("the link listens");
}

#[tokio::test]
async fn a_connection_that_is_not_made_in_time_is_given_up() {
    let mut case = start(true);
    case.rest().await;
    *case.fake.stuck.lock().expect("no test panics with it") = false;
    case.env.manual_clock().advance(20_000);
    case.let_in().await;
}

#[tokio::test]
async fn a_silent_network_is_pinged_and_then_left() {
    let mut case = start(false);
    let mut far = case.let_in().await;
    case.env.manual_clock().advance(45_000);
    let ping = far.0.recv().await.expect("it pings");
    assert!(matches!(ping.body, Some(Ask::Ping(_))));
    say(&far, ping.request, Told::Done(pb::Done {})).await;
    case.rest().await;
    case.env.manual_clock().advance(45_000);
    assert!(matches!(far.0.recv().await.expect("it pings").body, Some(Ask::Ping(_))));
    case.env.manual_clock().advance(45_000);
    assert_eq!(case.event().await, LinkEvent::Disconnected);
    case.let_in().await;
}

#[tokio::test]
async fn a_receiver_that_does_not_keep_up_makes_the_link_pause_and_loses_nothing() {
    let mut case = start(false);
    let far = case.let_in().await;
    let entry = |seq| pb::Entry { seq, payload: vec![7; 1024 * 1024], ..Default::default() };
    let mut sent = 0;
    while far.1.send(pb::ServerFrame { request: 0, body: Some(Told::Entries(pb::Entries { entries: vec![entry(sent + 1)] })) }).await.is_ok() {
        sent += 1;
        assert!(sent < 100, "the link takes in without end");
    }
    case.env.manual_clock().advance(60_000);
    case.rest().await;
    assert!(case.fake.far.lock().expect("no test panics with it").is_empty(), "it does not connect while its receiver is behind");
    let mut received = 0;
    loop {
        match case.event().await {
            LinkEvent::Entries(entries) => received += entries.len() as u64,
            LinkEvent::Disconnected => break,
            other => panic!("{other:?}"),
        }
    }
    assert!((30..=sent).contains(&received), "{received} of {sent}");
    case.let_in().await;
}
