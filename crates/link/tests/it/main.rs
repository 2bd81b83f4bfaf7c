//! The link against a network: in this process, over a WebSocket, and when connections break.
mod silence;
mod world;

use futures_util::{Sink, Stream, StreamExt as _};
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use suki_link::{Dial, DialError, Dialing, Link, LinkError, LinkEvent, Local, WebSocketDial, Wire};
use suki_protocol::pb::{self, client_frame::Body as Ask, server_frame::Body as Told};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};
use world::{Shop, World};

fn ping() -> Ask {
    Ask::Ping(pb::Ping {})
}

#[tokio::test]
async fn requests_are_answered_and_entries_arrive() {
    let world = World::new(1).await;
    let shop = Shop::register(&world).await;
    let network = world.network.clone();
    let (link, mut inbox) = Link::start(Arc::new(Local(move || network.connect())), shop.identity(), world.env.clone());
    assert!(matches!(inbox.next().await, Some(LinkEvent::Connected(_))));
    assert!(matches!(link.request(ping()).await, Ok(Told::Done(_))));
    let guest = shop.guest(&world).await;
    guest.open_conversation(&world, &shop).await;
    let Some(LinkEvent::Entries(entries)) = inbox.next().await else { panic!("no entries") };
    link.ack(entries[0].seq);
    // The acknowledgement went out before this request, which writes as well, so it is durable when this is answered.
    let package = pb::KeyPackage { suite: 1, data: vec![0, 1, 0, 5, 0, 1, 0, 1], last_resort: false };
    let publish = Ask::PublishKeyPackages(pb::PublishKeyPackages { packages: vec![package] });
    assert!(matches!(link.request(publish).await, Ok(Told::Done(_))));
    drop(link);
    while inbox.next().await.is_some() {}
    let network = world.network.clone();
    let (_link, mut inbox) = Link::start(Arc::new(Local(move || network.connect())), shop.identity(), world.env.clone());
    let Some(LinkEvent::Connected(logged_in)) = inbox.next().await else { panic!("not connected") };
    assert_eq!(logged_in.acked, entries[0].seq);
}

#[tokio::test]
async fn more_requests_than_places_wait_their_turn() {
    let world = World::new(2).await;
    let shop = Shop::register(&world).await;
    let network = world.network.clone();
    let (link, mut inbox) = Link::start(Arc::new(Local(move || network.connect())), shop.identity(), world.env.clone());
    inbox.next().await;
    let requests: Vec<_> = (0..3000).map(|_| link.request(ping())).collect();
    for request in requests {
        assert!(matches!(request.await, Ok(Told::Done(_))));
    }
}

/// Gives out its connections and keeps a way to cut them.
struct Cut {
    network: suki_network::Network,
    held: parking_lot::Mutex<Vec<tokio::task::JoinHandle<()>>>,
    refuse: std::sync::atomic::AtomicBool,
}

impl Dial for Cut {
    fn dial(&self) -> Dialing {
        if self.refuse.load(std::sync::atomic::Ordering::SeqCst) {
            return Box::pin(std::future::ready(Err(DialError("cut".into()))));
        }
        let (outgoing, incoming) = self.network.connect();
        Box::pin(std::future::ready({
            let (near_out, mut far_out) = tokio::sync::mpsc::channel(8);
            let (far_in, near_in) = tokio::sync::mpsc::channel(8);
            let mut incoming = incoming;
            self.held.lock().push(tokio::spawn(async move {
                loop {
                    tokio::select! {
                        frame = far_out.recv() => match frame { Some(frame) => drop(outgoing.send(frame).await), None => return },
                        frame = incoming.recv() => match frame { Some(frame) => drop(far_in.send(frame).await), None => return },
                    }
                }
            }));
            Ok(Wire { out: near_out, incoming: near_in })
        }))
    }
}

#[tokio::test]
async fn a_cut_connection_fails_what_is_under_way_and_comes_back() {
    let world = World::new(3).await;
    let shop = Shop::register(&world).await;
    let dial = Arc::new(Cut { network: world.network.clone(), held: Default::default(), refuse: false.into() });
    let (link, mut inbox) = Link::start(dial.clone(), shop.identity(), world.env.clone());
    inbox.next().await;
    dial.refuse.store(true, std::sync::atomic::Ordering::SeqCst);
    let under_way = link.request(ping());
    dial.held.lock().drain(..).for_each(|task| task.abort());
    assert_eq!(under_way.await, Err(LinkError::Disconnected));
    assert!(matches!(inbox.next().await, Some(LinkEvent::Disconnected)));
    assert_eq!(link.request(ping()).await, Err(LinkError::Away));
    // It tries again and again on the clock, and nothing is said until it works.
    for _ in 0..5 {
        world.tick().await;
    }
    dial.refuse.store(false, std::sync::atomic::Ordering::SeqCst);
    world.tick_until(&mut inbox, |event| matches!(event, LinkEvent::Connected(_))).await;
    assert!(matches!(link.request(ping()).await, Ok(Told::Done(_))));
}

#[tokio::test]
async fn a_removed_device_is_told_and_the_link_ends() {
    let world = World::new(4).await;
    let shop = Shop::register(&world).await;
    let guest = shop.guest(&world).await;
    let network = world.network.clone();
    let (link, mut inbox) = Link::start(Arc::new(Local(move || network.connect())), guest.identity(), world.env.clone());
    inbox.next().await;
    let remove = Ask::RemoveDevice(pb::RemoveDevice { device: guest.registered.device.to_vec() });
    // The connection may end before the answer is out.
    drop(link.request(remove).await);
    world.tick_until(&mut inbox, |event| matches!(event, LinkEvent::LogInRefused { removed: true, .. })).await;
    assert!(inbox.try_next().is_none());
    assert_eq!(link.request(ping()).await, Err(LinkError::Ended));
}

#[tokio::test]
async fn a_stranger_is_told_why_he_is_not_let_in() {
    let world = World::new(5).await;
    let shop = Shop::register(&world).await;
    let mut identity = shop.identity();
    identity.signer = Arc::new(|_| vec![0; 64]);
    let network = world.network.clone();
    let (_link, mut inbox) = Link::start(Arc::new(Local(move || network.connect())), identity, world.env.clone());
    let Some(LinkEvent::LogInRefused { refused, removed: false }) = inbox.next().await else { panic!("let in") };
    assert_eq!(refused.code(), pb::RefusalCode::Forbidden);
    // Once, however often it is tried.
    for _ in 0..20 {
        world.tick().await;
    }
    assert!(inbox.try_next().is_none());
}

/// A server's side of a WebSocket as binary messages.
struct Binary(WebSocketStream<TcpStream>);

impl Stream for Binary {
    type Item = Result<bytes::Bytes, tokio_tungstenite::tungstenite::Error>;
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match std::task::ready!(self.0.poll_next_unpin(context)) {
                Some(Ok(Message::Binary(bytes))) => return Poll::Ready(Some(Ok(bytes))),
                Some(Ok(Message::Close(_))) | None => return Poll::Ready(None),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            }
        }
    }
}

impl Sink<bytes::Bytes> for Binary {
    type Error = tokio_tungstenite::tungstenite::Error;
    fn poll_ready(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Pin::new(&mut self.0).poll_ready(context)
    }
    fn start_send(mut self: Pin<&mut Self>, bytes: bytes::Bytes) -> Result<(), Self::Error> {
        Pin::new(&mut self.0).start_send(Message::Binary(bytes))
    }
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Pin::new(&mut self.0).poll_flush(context)
    }
    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Pin::new(&mut self.0).poll_close(context)
    }
}

async fn serve(world: &World) -> (String, tokio::task::JoinHandle<suki_network::socket::Ended>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let (network, env) = (world.network.clone(), world.env.clone());
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a connection");
        let mut socket = Binary(tokio_tungstenite::accept_async(stream).await.expect("a handshake"));
        suki_network::socket::run(network.open_session(), &mut socket, &env).await
    });
    (address, server)
}

#[tokio::test]
async fn frames_travel_over_a_websocket() {
    let world = World::new(6).await;
    let shop = Shop::register(&world).await;
    let (address, server) = serve(&world).await;
    let dial = Arc::new(WebSocketDial::new(&address).expect("an address"));
    let (link, mut inbox) = Link::start(dial, shop.identity(), world.env.clone());
    assert!(matches!(inbox.next().await, Some(LinkEvent::Connected(_))));
    let requests: Vec<_> = (0..900).map(|_| link.request(ping())).collect();
    for request in requests {
        assert!(matches!(request.await, Ok(Told::Done(_))));
    }
    let guest = shop.guest(&world).await;
    guest.open_conversation(&world, &shop).await;
    assert!(matches!(inbox.next().await, Some(LinkEvent::Entries(_))));
    drop(link);
    assert_eq!(server.await.expect("it ends"), suki_network::socket::Ended::ByDevice);
    assert_eq!(world.network.connections(), 0);
}

#[tokio::test]
async fn what_is_no_frame_ends_the_connection() {
    use futures_util::SinkExt as _;
    let world = World::new(7).await;
    for bad in [vec![0xff; 40], vec![0; suki_types::limits::FRAME_BYTES + 1]] {
        let (address, server) = serve(&world).await;
        let (mut socket, _) = tokio_tungstenite::connect_async(address.replace("http", "ws")).await.expect("a connection");
        socket.send(Message::Binary(bad.into())).await.expect("it is sent");
        assert_eq!(server.await.expect("it ends"), suki_network::socket::Ended::BadFrame);
    }
}

#[tokio::test]
async fn an_address_where_nobody_listens_is_tried_again() {
    let world = World::new(8).await;
    let shop = Shop::register(&world).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let dial = WebSocketDial::new(&address).expect("an address");
    assert!(dial.dial().await.is_err());
    let (link, _inbox) = Link::start(Arc::new(dial), shop.identity(), world.env.clone());
    assert_eq!(link.request(ping()).await, Err(LinkError::Away));
    assert!(!link.is_connected());
}
