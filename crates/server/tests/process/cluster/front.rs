//! What stands before the nodes: a proxy for TCP that gives each new connection to the next node that says it is ready.
//!
//! It leaves connections alone that are open: whether a device finds out that its node is of no more use is the device's and the node's affair.
use super::{
    node::READY,
    world::{FRONT, HERE},
};
use crate::server::pause;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// How long a node may take to answer whether it is ready, and to take a connection.
const PROMPT: Duration = Duration::from_secs(1);
/// How often each is asked.
const EVERY_MILLIS: i64 = 300;

/// The proxy; clones are the same one.
#[derive(Clone)]
pub struct Front(Arc<Shared>);

struct Shared {
    nodes: Vec<(SocketAddr, AtomicBool)>,
    next: AtomicUsize,
}

impl Front {
    /// Listens, and begins to ask the nodes.
    pub async fn open(nodes: &[String]) {
        let listener = TcpListener::bind((HERE, 8080)).await.expect("nobody else is in this world");
        let nodes: Vec<_> = nodes.iter().map(|node| (node.parse().expect("an address"), AtomicBool::new(true))).collect();
        let count = nodes.len();
        let front = Self(Arc::new(Shared { nodes, next: AtomicUsize::new(0) }));
        for node in 0..count {
            tokio::spawn(front.clone().ask(node));
        }
        tokio::spawn(front.listen(listener));
    }

    /// The address people use.
    pub fn url() -> String {
        format!("http://{HERE}:8080")
    }

    /// Whether it gives connections to this node.
    fn trusts(&self, node: usize) -> bool {
        self.0.nodes[node].1.load(Ordering::Relaxed)
    }

    async fn listen(self, listener: TcpListener) {
        while let Ok((client, _)) = listener.accept().await {
            let front = self.clone();
            tokio::spawn(async move { front.carry(client).await });
        }
    }

    async fn carry(self, mut client: TcpStream) {
        let count = self.0.nodes.len();
        let first = self.0.next.fetch_add(1, Ordering::Relaxed);
        for node in (0..count).map(|offset| (first + offset) % count).filter(|&node| self.trusts(node)) {
            if let Ok(Ok(mut server)) = tokio::time::timeout(PROMPT, connect(self.0.nodes[node].0)).await {
                let _ = client.set_nodelay(true);
                // Either side may break off.
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                return;
            }
        }
    }

    async fn ask(self, node: usize) {
        let (address, ready) = &self.0.nodes[node];
        let client = reqwest::Client::builder().timeout(PROMPT).pool_max_idle_per_host(0).local_address(Some(FRONT.parse().expect("an address")));
        let client = client.build().expect("a client");
        loop {
            let is = client.get(format!("http://{address}{READY}")).send().await.is_ok_and(|answer| answer.status() == 200);
            ready.store(is, Ordering::Relaxed);
            pause(EVERY_MILLIS).await;
        }
    }
}

async fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(FRONT.parse().expect("an address"), 0))?;
    socket.set_nodelay(true)?;
    socket.connect(address).await
}
