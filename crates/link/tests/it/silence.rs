//! A network that behaves badly: silent, slow to connect, or faster than its receiver.
use std::{
    future::pending,
    sync::{Arc, Mutex},
    time::Duration,
};
use suki_link::{CallError, Dial, Dialing, Identity, Inbox, Link, LinkError, LinkEvent, Wire};
use suki_protocol::{
    calls::rules::{GetRules, Rules},
    pb::{self, client_frame::Body as Ask, server_frame::Body as Told},
};
use suki_types::{DeviceId, Env};
use tokio::{sync::mpsc, task::JoinHandle};

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
    link: Link,
    inbox: Inbox,
}

fn start(stuck: bool) -> Case {
    let env = Env::for_tests(1);
    let fake = Arc::new(Fake { stuck: Mutex::new(stuck), ..Fake::default() });
    let identity = Identity { device: DeviceId::new(&env), signer: Arc::new(|_| vec![0; 64]) };
    let (link, inbox) = Link::start(fake.clone(), identity, env.clone());
    Case { env, fake, link, inbox }
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

impl Case {
    /// Lets time pass, and whoever waited for it run.
    async fn pass(&self, millis: i64) {
        self.env.manual_clock().advance(millis);
        self.rest().await;
    }
}

/// The frame that went out; none when none did.
fn sent(far: &mut Far) -> Option<pb::ClientFrame> {
    far.0.try_recv().ok()
}

fn is_ping(frame: Option<&pb::ClientFrame>) -> bool {
    frame.is_some_and(|frame| matches!(frame.body, Some(Ask::Ping(_))))
}

/// Faults, cut from its clients: whoever is idle asks every 45 seconds, and leaves ten seconds after that.
#[tokio::test]
async fn an_idle_connection_is_asked_every_45_seconds_and_left_after_ten_more() {
    let mut case = start(false);
    let mut far = case.let_in().await;
    let mut rested = 0;
    for _ in 0..3 {
        case.pass(44_999 - rested).await;
        assert_eq!(sent(&mut far), None);
        case.pass(1).await;
        let ping = sent(&mut far);
        assert!(is_ping(ping.as_ref()), "{ping:?}");
        case.pass(9_999).await;
        say(&far, ping.map_or(0, |ping| ping.request), Told::Done(pb::Done {})).await;
        case.rest().await;
        // The next one is due 45 seconds after the last.
        case.pass(1).await;
        assert_eq!(sent(&mut far), None);
        rested = 10_000;
    }
    case.pass(35_000).await;
    assert!(is_ping(sent(&mut far).as_ref()));
    case.pass(9_999).await;
    assert!(case.inbox.try_next().is_none() && sent(&mut far).is_none(), "it waits");
    case.pass(1).await;
    assert_eq!(case.event().await, LinkEvent::Disconnected);
    case.let_in().await;
}

/// Faults, cut from its clients: whoever sent something finds out within twenty seconds.
#[tokio::test]
async fn a_network_that_says_nothing_to_what_was_sent_is_asked_and_then_left() {
    let mut case = start(false);
    let mut far = case.let_in().await;
    case.pass(3_000).await;
    let asked = case.link.request(Ask::ListConversations(pb::ListConversations::default()));
    case.rest().await;
    assert!(sent(&mut far).is_some());
    case.pass(9_999).await;
    assert_eq!(sent(&mut far), None);
    case.pass(1).await;
    assert!(is_ping(sent(&mut far).as_ref()));
    // What else is sent changes nothing.
    drop(case.link.request(Ask::ListConversations(pb::ListConversations::default())));
    case.pass(9_999).await;
    assert_eq!(case.inbox.try_next(), None);
    case.pass(1).await;
    assert_eq!(case.event().await, LinkEvent::Disconnected);
    assert_eq!(asked.await, Err(LinkError::Disconnected));
    case.let_in().await;
}

/// Whatever the network says shows that it is there, though an answer takes long.
#[tokio::test]
async fn a_network_that_says_anything_is_not_left() {
    let mut case = start(false);
    let mut far = case.let_in().await;
    let asked = case.link.request(Ask::ListConversations(pb::ListConversations::default()));
    case.rest().await;
    let request = sent(&mut far).map_or(0, |frame| frame.request);
    case.pass(10_000).await;
    assert!(is_ping(sent(&mut far).as_ref()));
    case.pass(9_999).await;
    say(&far, 0, Told::Typing(pb::Typing::default())).await;
    case.rest().await;
    assert!(matches!(case.event().await, LinkEvent::Typing(_)));
    // Nothing was sent since: nothing is owed until the next ping.
    case.pass(34_999).await;
    assert!(case.inbox.try_next().is_none() && sent(&mut far).is_none(), "it stays");
    say(&far, request, Told::Conversations(pb::Conversations::default())).await;
    assert!(asked.await.is_ok());
    case.pass(2).await;
    assert!(is_ping(sent(&mut far).as_ref()));
}

/// A device that slept has not listened, and the network may have been there all the time.
#[tokio::test]
async fn who_has_slept_asks_anew_before_leaving() {
    let mut case = start(false);
    let mut far = case.let_in().await;
    case.pass(45_000).await;
    assert!(is_ping(sent(&mut far).as_ref()));
    for _ in 0..3 {
        case.pass(3_600_000).await;
        assert!(is_ping(sent(&mut far).as_ref()));
        assert_eq!(case.inbox.try_next(), None);
    }
    case.pass(10_000).await;
    assert_eq!(case.event().await, LinkEvent::Disconnected);
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

impl Case {
    /// A call that goes on beside the test.
    fn calls(&self) -> JoinHandle<Result<Rules, CallError>> {
        let link = self.link.clone();
        tokio::spawn(async move { link.call(&GetRules {}).await })
    }
}

/// Answers the call that comes.
async fn answers(far: &mut Far) {
    let asked = far.0.recv().await.expect("the link goes on");
    assert!(matches!(&asked.body, Some(Ask::Call(call)) if call.name == "business.rules"), "{asked:?}");
    let json = serde_json::to_vec(&Rules::default()).expect("it is JSON");
    say(far, asked.request, Told::Called(pb::Called { json })).await;
}

/// Zero-downtime upgrade: a program that asks the node which has just taken its business over gets its answer.
#[tokio::test]
async fn a_call_waits_for_a_connection_that_is_being_made() {
    let mut case = start(false);
    let early = case.calls();
    let mut far = case.let_in().await;
    answers(&mut far).await;
    early.await.expect("it does not panic").expect("it is answered");
    // And for the next one, after it broke.
    drop(far);
    assert!(matches!(case.event().await, LinkEvent::Disconnected));
    let early = case.calls();
    let mut far = case.let_in().await;
    answers(&mut far).await;
    early.await.expect("it does not panic").expect("it is answered");
}

#[tokio::test]
async fn a_call_does_not_wait_for_long_and_not_for_a_network_that_is_away() {
    let mut case = start(true);
    let early = case.calls();
    case.rest().await;
    case.pass(4_999).await;
    assert!(!early.is_finished());
    case.pass(1).await;
    let is_refused = |answer: Result<Rules, CallError>| matches!(answer, Err(CallError::Link(LinkError::Away)));
    assert!(is_refused(early.await.expect("it does not panic")));
    // From now on nobody waits, until there is a connection.
    assert!(is_refused(case.link.call(&GetRules {}).await));
    case.pass(15_000).await;
    *case.fake.stuck.lock().expect("no test panics with it") = false;
    case.let_in().await;
    // Nor does anybody for a link that has ended.
    let last = case.calls();
    case.rest().await;
    case.link.stop();
    case.rest().await;
    let ended = last.await.expect("it does not panic");
    assert!(matches!(ended, Err(CallError::Link(LinkError::Ended | LinkError::Disconnected))), "{ended:?}");
    assert!(matches!(case.link.call(&GetRules {}).await, Err(CallError::Link(LinkError::Ended))));
}
